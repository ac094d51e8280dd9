// Tables as Python sees them: columns as numpy arrays, and a pandas frame for who has it.
#pragma once
#include <memory>

#include "bindings/python/door.hpp"
#include "core/base/table.hpp"

namespace retwin::python {

using TablePointer = std::shared_ptr<const Table>;

/// Column -> array; numbers are views that keep the table alive, all else is copied.
py::dict arrays_of(const TablePointer& table);

}  // namespace retwin::python

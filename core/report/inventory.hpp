// What there is to run and to refer to: plants, variants, library documents, and what the registry knows.
#pragma once
#include <string>
#include <vector>

#include "core/base/table.hpp"
#include "core/registry.hpp"

namespace retwin {

/// One row per thing, kind by kind. @param folders of the library; plants and what-ifs stand beside them
Table inventory_table(const std::vector<std::string>& folders, const Registry& registry);

}  // namespace retwin

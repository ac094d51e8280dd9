// What the texts of an emission factor are worth: value, range, gases, dates.
#pragma once
#include "core/scenario/library/factors.hpp"

namespace retwin {

/// Works out the figures of a factor whose fields have been read. @param place of its entry @return false after a problem
bool read_factor(Library& library, const std::string& path, const Place& place, Problems& problems, EmissionFactor& factor);

}  // namespace retwin

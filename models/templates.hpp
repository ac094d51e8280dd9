// Plants to begin with: shipped ones, written under a name of one's own.
#pragma once
#include <string>
#include <vector>

namespace retwin {

std::vector<std::string> template_names();

/// Writes a commented scenario that runs, in which the commands name the file. @returns the plant that it is
/// @throws InputError: unknown_name (no such template), file (there is such a file, it cannot be written, the shipped plants are not found)
std::string write_template(const std::string& path, const std::string& name);

}  // namespace retwin

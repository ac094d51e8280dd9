// Files that a command reads and leaves: looked at before it starts, so that none is lost and none destroyed.
#pragma once
#include <functional>
#include <initializer_list>
#include <string>
#include <vector>

#include "core/base/writable.hpp"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace retwin::cli {

/// All files that are written where one name is given.
using Written = std::function<std::vector<std::string>(const std::string& name)>;

/// Says of an option of a subcommand that it names files to read, or a file or folder to write.
/// @param unnamed what is written where the option is not given
CLI::Option* reads(CLI::App& app, CLI::Option* option);
CLI::Option* writes(CLI::App& app, CLI::Option* option, Written all = {}, std::string unnamed = {});
/// For Written: the file, and those that have its name with these endings instead of its own.
std::vector<std::string> beside(const std::string& path, std::initializer_list<const char*> endings);

/// Of the options of a subcommand as they were given: that no name is empty, that nothing written is an input or another thing written.
/// @throws CLI::ValidationError
void check_files(const CLI::App& app);

}  // namespace retwin::cli

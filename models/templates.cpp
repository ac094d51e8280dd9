// The shipped plants that make a good beginning, and their copies.
#include "models/templates.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <map>

#include "core/base/files.hpp"
#include "core/base/problem.hpp"
#include "core/scenario/library/file_library.hpp"

namespace retwin {
namespace fs = std::filesystem;
namespace {

const std::map<std::string, std::string> plants{{"line", "twelve"}, {"recycling", "demo"}};  // template -> plant

/// Beside the library.
fs::path shipped(const std::string& plant) {
  for (const std::string& library : default_library_folders())
    if (fs::path file = fs::path(library).parent_path() / "plants" / (plant + ".yaml"); fs::exists(file)) return file;
  refuse(Code::file, plant, "this plant, which comes with the program, is not beside its library", "RETWIN_LIBRARY names the library's folder");
}

}  // namespace

std::vector<std::string> template_names() {
  std::vector<std::string> names;
  for (const auto& [name, plant] : plants) names.push_back(name);
  return names;
}

std::string write_template(const std::string& path, const std::string& name) {
  const auto found = plants.find(name);
  if (found == plants.end()) refuse(Code::unknown_name, name, "there is no such template", fmt::format("there are {}", fmt::join(template_names(), ", ")));
  if (fs::exists(path)) refuse(Code::file, path, "there is such a file already", "name another one");
  Problems problems;
  std::string text = read_file(shipped(found->second).string(), std::size_t{1} << 20, problems).value_or("");
  problems.throw_if_errors();
  const std::string own = "scenarios/plants/" + found->second + ".yaml";
  for (std::size_t at = text.find(own); at != std::string::npos; at = text.find(own, at + path.size())) text.replace(at, own.size(), path);
  write_file(path, text);
  return found->second;
}

}  // namespace retwin

// Finds what there is, in the folders of the library and in the registry.
#include "core/report/inventory.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "core/scenario/document/document.hpp"
#include "core/scenario/explain.hpp"

namespace retwin {
namespace fs = std::filesystem;
namespace {

using Lines = std::vector<std::pair<std::string, std::string>>;

/// What a scenario says about itself.
std::string doc_of(const fs::path& path) {
  Problems ignored;
  const std::optional<Node> document = read_yaml_file(path.string(), ignored);
  for (const char* key : {"doc", "name"})
    if (const Node* text = document ? document->find(key) : nullptr; text && text->is_scalar()) return text->text;
  return {};
}

/// Files *.yaml beneath a folder, by their path within it without the ending.
std::map<std::string, fs::path> documents(const fs::path& folder) {
  std::map<std::string, fs::path> found;
  std::error_code ignored;
  for (fs::recursive_directory_iterator it(folder, ignored), end; it != end; it.increment(ignored))
    if (it->path().extension() == ".yaml")
      found.emplace(it->path().lexically_relative(folder).replace_extension().string(), it->path());
  return found;
}

Lines scenarios(const std::vector<std::string>& libraries, const char* kind) {
  Lines lines;
  std::set<fs::path> seen;
  for (const std::string& library : libraries) {
    const fs::path folder = fs::path(library).parent_path() / kind;
    if (!seen.insert(folder).second) continue;
    for (const auto& [name, path] : documents(folder)) {
      const std::string shown = path.lexically_proximate(fs::current_path()).string();
      lines.emplace_back(shown.starts_with("..") ? path.string() : shown, doc_of(path));
    }
  }
  return lines;
}

Lines library(const std::vector<std::string>& folders) {
  std::map<std::string, std::string> by_folder;
  std::set<std::string> names;
  for (const std::string& folder : folders)
    for (const auto& [name, path] : documents(folder)) names.insert(name);
  for (const std::string& name : names) {
    const auto slash = name.rfind('/');
    std::string& list = by_folder[slash == std::string::npos ? "." : name.substr(0, slash)];
    list += (list.empty() ? "" : ", ") + name.substr(slash == std::string::npos ? 0 : slash + 1);
  }
  return {by_folder.begin(), by_folder.end()};
}

}  // namespace

Table inventory_table(const std::vector<std::string>& folders, const Registry& registry) {
  Table table({text_column("kind"), text_column("name", "a plant or what-if by its path, all else by what scenarios call it"),
               text_column("doc", "what it is; of a folder of the library what stands in it")});
  const auto add = [&](const char* kind, const Lines& lines) {
    for (const auto& [name, doc] : lines) table.row({kind, name, doc});
  };
  add("Plants", scenarios(folders, "plants"));
  add("What-ifs", scenarios(folders, "what-if"));
  add("Library", library(folders));
  for (const char* kind : {"Unit operations", "Kinds of lots", "KPIs", "Exporters", "Log readers"})
    for (const Explainable& one : explainable(registry))
      if (one.group == kind) table.row({kind, one.name, one.doc});
  return table;
}

}  // namespace retwin

// `retwin list`: what there is to run and to refer to.
#include <CLI/CLI.hpp>
#include <filesystem>
#include <map>
#include <set>

#include "bindings/cli/command.hpp"
#include "core/base/table.hpp"
#include "core/scenario/document/document.hpp"
#include "core/scenario/explain.hpp"

namespace retwin::cli {
namespace fs = std::filesystem;
namespace {

using Lines = std::vector<std::pair<std::string, std::string>>;

std::string block(const char* title, const Lines& lines) {
  if (lines.empty()) return {};
  Table table({text_column("name").as(title), text_column("doc").as(" ").to_the_left()});
  for (const auto& [name, doc] : lines) table.row({name, doc});
  return table.text() + "\n";
}

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

void list(const std::vector<std::string>& given) {
  const std::vector<std::string> folders = library_folders(given);
  std::map<std::string, Lines> kinds;
  for (const Explainable& kind : explainable(registry())) kinds[kind.group].emplace_back(kind.name, kind.doc);
  std::string out = block("Plants", scenarios(folders, "plants")) + block("What-ifs", scenarios(folders, "what-if")) +
                    block("Library", library(folders));
  for (const char* kind : {"Unit operations", "Kinds of lots", "KPIs", "Exporters", "Log readers"}) out += block(kind, kinds[kind]);
  if (!out.empty()) out.pop_back();
  print(out);
}

}  // namespace

std::function<void()> declare_list(CLI::App& app) {
  auto folders = std::make_shared<std::vector<std::string>>();
  declare_library(app, *folders);
  return [folders] { list(*folders); };
}

}  // namespace retwin::cli

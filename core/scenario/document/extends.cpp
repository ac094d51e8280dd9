// Files that extend others: what is repeated in a variant is only what differs.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "core/scenario/document/document.hpp"

namespace retwin {
namespace {

/// Hidden for files outside the folder of the first of the chain.
Excerpts excerpts_of(const std::string& file, const std::string& first) {
  const auto folder = std::filesystem::path(first).parent_path();
  const auto inside = std::filesystem::path(file).lexically_relative(folder);
  return inside.empty() || *inside.begin() == ".." ? Excerpts::hidden : Excerpts::shown;
}

std::optional<Node> resolve(const std::string& path, const Place& from, std::vector<std::string>& chain, const ShortFor& short_for,
                            Problems& problems) {
  std::error_code error;
  const std::string identity = std::filesystem::weakly_canonical(path, error).string();
  if (std::find(chain.begin(), chain.end(), identity) != chain.end()) {
    problems.error(Code::conflict, from, "extends", fmt::format("{} extends itself", path), "remove one extends of the circle");
    return std::nullopt;
  }
  chain.push_back(identity);
  std::optional<Node> over = read_yaml_file(path, problems, from, excerpts_of(identity, chain.front()));
  if (over && chain.size() > 1 && !over->is_map()) {
    problems.error(Code::type, over->place, "", fmt::format("a scenario is a map, this is a {}", kind_name(over->kind)),
                   fmt::format("{} extends it in line {}", from.file, from.line));
    return std::nullopt;
  }
  const Node* extends = over ? over->find("extends") : nullptr;
  if (extends == nullptr) return over;
  if (!extends->is_scalar() || extends->text.empty()) {
    problems.error(Code::type, extends->place, "extends", "the name of a file is needed",
                   "write for instance extends: base.yaml");
    return std::nullopt;
  }
  const auto base_path = std::filesystem::path(path).parent_path() / extends->text;
  std::optional<Node> base = resolve(base_path.string(), extends->place, chain, short_for, problems);
  if (!base) return std::nullopt;
  const Node* given = over->find("set");
  const Node changes = given != nullptr ? *given : Node();
  over->erase("extends");
  over->erase("set");
  merge(*base, *over);
  if (!changes.is_map() && !changes.is_null()) {
    problems.error(Code::type, changes.place, "set", "a map of paths is needed",
                   "write for instance set: {stations.press.duration: 3 min}");
    return std::nullopt;
  }
  for (const Node::Entry& change : changes.entries) override_path(*base, change.key, change.value, problems, short_for);
  return base;
}

bool is_index(std::string_view key) {
  return !key.empty() && std::all_of(key.begin(), key.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// Makes the maps that shorthands on the way down the path are short for.
void write_out(Node& document, std::string_view path, const ShortFor& short_for) {
  Node* node = &document;
  for (std::size_t begin = 0, dot; node != nullptr; begin = dot + 1) {
    dot = path.find('.', begin);
    const std::string_view key = path.substr(begin, dot - begin);
    if (begin > 0 && (node->is_scalar() || (node->is_list() && !is_index(key)))) {
      const std::string field = short_for(document, std::string(path.substr(0, begin - 1)));
      if (field.empty()) return;
      Node whole = Node::map(node->place);
      whole.entries.push_back({field, node->place, *node});
      *node = std::move(whole);
    }
    if (dot == std::string_view::npos || !node->is_map()) return;
    node = node->find(key);
  }
}

}  // namespace

void override_path(Node& document, std::string_view path, const Node& value, Problems& problems, const ShortFor& short_for) {
  const std::size_t dot = path.find('.'), second = dot == std::string_view::npos ? dot : path.find('.', dot + 1);
  const Node* section = document.find(path.substr(0, dot));
  if (second != std::string_view::npos && section != nullptr && section->is_map()) {
    const std::string name(path.substr(dot + 1, second - dot - 1));
    if (section->find(name) == nullptr && !name.empty()) {
      const std::string near = nearest(name, section->keys());
      problems.error(Code::override_path, value.place, std::string(path), fmt::format("there is no {}", path.substr(0, second)),
                     near.empty() ? std::string("the path must lead to something that exists") : fmt::format("did you mean {}?", near));
      return;
    }
  }
  if (short_for) write_out(document, path, short_for);
  set_path(document, path, value, problems);
}

std::optional<Node> resolve_extends(const std::string& path, Problems& problems, const ShortFor& short_for) {
  std::vector<std::string> chain;
  return resolve(path, {}, chain, short_for, problems);
}

}  // namespace retwin

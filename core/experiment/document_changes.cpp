// Maps are compared key by key, lists of equal length item by item, everything else as text.
#include "core/experiment/document_changes.hpp"

#include <algorithm>
#include <initializer_list>
#include <string_view>

#include "core/base/text.hpp"

namespace retwin {
namespace {

constexpr std::size_t longest_shown = 40;

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> all) {
  return std::find(all.begin(), all.end(), text) != all.end();
}

std::vector<std::string> parts_of(const std::string& path) {
  std::vector<std::string> parts{""};
  for (const char c : path)
    if (c == '.') parts.emplace_back();
    else parts.back() += c;
  return parts;
}

std::string value_text(const Node* node) {
  if (!node || node->is_null()) return {};
  return node->is_scalar() ? node->text : canonical(*node);
}

/// @param whole one of them has nothing there
std::string kind_of(const std::string& path, bool whole) {
  const std::vector<std::string> parts = parts_of(path);
  if (parts[0] == "run") return "run";
  if (whole && parts.size() == 2 &&
      is_one_of(parts[0], {"stations", "sources", "resources", "sinks", "calendars", "attributes", "plans"}))
    return parts[0].substr(0, parts[0].size() - 1);
  if (parts.size() > 2 && is_one_of(parts[0], {"stations", "sources", "initial"}) && parts[2] == "to") return "route";
  return "parameter";
}

void compare_nodes(const Node* base, const Node* variant, const std::string& path, std::vector<DocumentChange>& out) {
  if (is_one_of(path, {"name", "label", "extends", "set", "run.seed", "run.replications"})) return;
  const auto beneath = [&](const std::string& key) { return path.empty() ? key : path + "." + key; };
  if (base && variant && base->is_map() && variant->is_map()) {
    for (const Node::Entry& entry : base->entries) compare_nodes(&entry.value, variant->find(entry.key), beneath(entry.key), out);
    for (const Node::Entry& entry : variant->entries)
      if (!base->find(entry.key)) compare_nodes(nullptr, &entry.value, beneath(entry.key), out);
    return;
  }
  if (base && variant && base->is_list() && variant->is_list() && base->items.size() == variant->items.size()) {
    for (std::size_t k = 0; k < base->items.size(); ++k) compare_nodes(&base->items[k], &variant->items[k], beneath(std::to_string(k)), out);
    return;
  }
  const std::string before = value_text(base), after = value_text(variant);
  if (before == after) return;
  out.push_back({kind_of(path, before.empty() || after.empty()), path, before, after, variant ? variant->place : base->place});
}

std::string shown(const std::string& text) {
  if (text.size() <= longest_shown) return text.empty() ? "-" : one_line(text);
  std::size_t end = longest_shown;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;  // not within a character
  return one_line(text.substr(0, end)) + " ...";
}

}  // namespace

std::vector<DocumentChange> changes_between(const Node& base, const Node& variant) {
  std::vector<DocumentChange> out;
  compare_nodes(&base, &variant, "", out);
  return out;
}

std::vector<DocumentChange> changed_files(const std::map<std::string, std::string>& base,
                                          const std::map<std::string, std::string>& variant) {
  std::vector<DocumentChange> out;
  const auto add = [&](const std::string& name, const std::string& before, const std::string& after) {
    if (before != after) out.push_back({"file", name, before, after, {}});
  };
  for (const auto& [name, sha256] : base) add(name, sha256, variant.count(name) > 0 ? variant.at(name) : "");
  for (const auto& [name, sha256] : variant)
    if (base.count(name) == 0) add(name, "", sha256);
  return out;
}

Table changes_table(const std::vector<DocumentChange>& changes) {
  Table table(
      {text_column("kind", "what differs: a station, source, ... that only one has; a route, a parameter, the run, a file").as("Differs"),
       text_column("path", "where in the scenario; of a file its name").as("path").to_the_left(),
       text_column("before", "as the base says it; of a file its SHA-256").for_programs(),
       text_column("after", "as the variant says it").for_programs(), text_column("file", "where the variant says so").for_programs(),
       integer_column("line", "in that file").for_programs(), shown_column("base").to_the_left(), shown_column("variant").to_the_left()});
  for (const DocumentChange& c : changes)
    table.row({c.kind, c.path, c.before, c.after, c.place.file, c.place.line > 0 ? std::int64_t{c.place.line} : Table::missing,
               shown(c.before), shown(c.after)});
  return table;
}

}  // namespace retwin

// The document tree: look-up, merging of overrides, overrides by path, canonical text.
#include "core/base/node.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <utility>

#include "core/base/yaml_text.hpp"

namespace retwin {
namespace {

bool plain_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || std::string_view(" _./%+*^()<>=-").find(c) != std::string_view::npos;
}

/// Whether a scalar can be written in a flow map without quotes and be read back as it is.
bool unquoted(std::string_view text) {
  if (text.empty() || text.back() == ' ') return false;
  const bool negative = text.size() > 1 && text[0] == '-';  // a number: in quotes it would be a text
  if (std::isalnum(static_cast<unsigned char>(text[0])) == 0 && !(negative && std::isdigit(static_cast<unsigned char>(text[1])) != 0))
    return false;
  for (const char* nothing : {"null", "Null", "NULL"}) {
    if (text == nothing) return false;
  }
  const auto open = std::count(text.begin(), text.end(), '('), close = std::count(text.begin(), text.end(), ')');
  return open == close && std::all_of(text.begin(), text.end(), plain_character);
}

void write_scalar(std::string& out, std::string_view text, bool quote) {
  out += !quote && unquoted(text) ? std::string(text) : yaml_quoted(text);
}

void write(std::string& out, const Node& node) {
  const char* separator = "";
  switch (node.kind) {
    case Node::Kind::null: out += '~'; return;
    case Node::Kind::scalar: write_scalar(out, node.text, node.quoted); return;
    case Node::Kind::list:
      out += '[';
      for (const Node& item : node.items) {
        out += separator;
        write(out, item);
        separator = ", ";
      }
      out += ']';
      return;
    case Node::Kind::map:
      out += '{';
      for (const Node::Entry& entry : node.entries) {
        out += separator;
        write_scalar(out, entry.key, false);
        out += ": ";
        write(out, entry.value);
        separator = ", ";
      }
      out += '}';
      return;
  }
}

std::vector<std::string_view> split(std::string_view path) {
  std::vector<std::string_view> parts;
  for (std::size_t start = 0;;) {
    const std::size_t dot = path.find('.', start);
    parts.push_back(path.substr(start, dot - start));
    if (dot == std::string_view::npos) return parts;
    start = dot + 1;
  }
}

/// One step down a path; null (with the reason in `why`) where it leads nowhere.
Node* step(Node& node, std::string_view key, const std::string& so_far, std::string& why) {
  if (node.is_map() || node.is_null()) {
    Node& child = node.at(key);
    return &child;
  }
  if (node.is_list()) {
    std::size_t index = 0;
    const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), index);
    if (error == std::errc() && end == key.data() + key.size() && index < node.items.size()) return &node.items[index];
    why = fmt::format("{} has {} items; '{}' is not the index of one", so_far, node.items.size(), key);
    return nullptr;
  }
  why = fmt::format("{} is a text; it has no '{}'", so_far, key);
  return nullptr;
}

}  // namespace

const Node* Node::find(std::string_view key) const {
  const auto found = std::find_if(entries.begin(), entries.end(), [&](const Entry& e) { return e.key == key; });
  return found == entries.end() ? nullptr : &found->value;
}

Node* Node::find(std::string_view key) { return const_cast<Node*>(std::as_const(*this).find(key)); }

Node& Node::at(std::string_view key) {
  RETWIN_CHECK(is_map() || is_null());
  kind = Kind::map;
  if (Node* found = find(key)) return *found;
  entries.push_back({std::string(key), place, Node()});
  return entries.back().value;
}

void Node::erase(std::string_view key) {
  std::erase_if(entries, [&](const Entry& e) { return e.key == key; });
}

std::vector<std::string> Node::keys() const {
  std::vector<std::string> out;
  for (const Entry& entry : entries) out.push_back(entry.key);
  return out;
}

Node Node::scalar(std::string text, Place place) {
  Node node;
  node.kind = Kind::scalar;
  node.text = std::move(text);
  node.place = std::move(place);
  return node;
}

Node Node::map(Place place) {
  Node node;
  node.kind = Kind::map;
  node.place = std::move(place);
  return node;
}

Node Node::list(Place place) {
  Node node;
  node.kind = Kind::list;
  node.place = std::move(place);
  return node;
}

std::string_view kind_name(Node::Kind kind) {
  switch (kind) {
    case Node::Kind::scalar: return "text";
    case Node::Kind::list: return "list";
    case Node::Kind::map: return "map";
    case Node::Kind::null: break;
  }
  return "nothing";
}

void merge(Node& base, const Node& over) {
  if (!base.is_map() || !over.is_map()) {
    base = over;
    return;
  }
  for (const Node::Entry& entry : over.entries) {
    if (entry.value.is_null()) {
      base.erase(entry.key);
    } else if (Node* present = base.find(entry.key)) {
      merge(*present, entry.value);
    } else {
      base.entries.push_back(entry);
    }
  }
}

void set_path(Node& root, std::string_view path, const Node& value, Problems& problems) {
  const std::vector<std::string_view> parts = split(path);
  const auto refuse = [&](const std::string& why) {
    problems.error(Code::override_path, value.place, std::string(path), why, "paths read like stations.press.duration");
  };
  if (std::any_of(parts.begin(), parts.end(), [](std::string_view part) { return part.empty(); }) || parts.size() > 64) {
    return refuse("this is not a path");
  }
  Node* node = &root;
  std::string so_far, why;
  for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
    // Removing something must not make the maps on the way to it.
    const bool absent = value.is_null() && (node->is_null() || (node->is_map() && node->find(parts[i]) == nullptr));
    if (absent) return refuse("there is nothing to remove");
    if (node->is_null()) node->place = value.place;
    node = step(*node, parts[i], so_far.empty() ? "the document" : so_far, why);
    if (node == nullptr) return refuse(why);
    so_far += (so_far.empty() ? "" : ".") + std::string(parts[i]);
  }
  const std::string_view last = parts.back();
  if (value.is_null() && (node->is_map() || node->is_null())) {
    if (node->find(last) == nullptr) return refuse("there is nothing to remove");
    return node->erase(last);
  }
  const bool known = node->is_map() && node->find(last) != nullptr;
  Node* target = step(*node, last, so_far.empty() ? "the document" : so_far, why);
  if (target == nullptr) return refuse(why);
  *target = value;
  if (node->is_map() && !known) node->entries.back().place = value.place;
}

std::string canonical(const Node& node) {
  std::string out;
  write(out, node);
  return out;
}

}  // namespace retwin

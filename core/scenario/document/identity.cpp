// What identifies a document: its text with the keys of maps in order of name, where their order says nothing.
#include <algorithm>
#include <string_view>

#include "core/scenario/document/document.hpp"

namespace retwin {
namespace {

/// Maps whose order has a meaning, by the key they stand under and the key around that: the first part of an assembly leads, and
/// of two changed paths the later one may lie within the earlier one. In lists the order always counts.
struct Ordered {
  std::string_view around, key;
};
constexpr Ordered ordered_maps[] = {{"batch", "parts"}, {"changes", "set"}};

void sort_maps(Node& node, std::string_view around, std::string_view key) {
  for (Node& item : node.items) sort_maps(item, around, key);
  for (Node::Entry& entry : node.entries) sort_maps(entry.value, key, entry.key);
  const bool ordered = std::any_of(std::begin(ordered_maps), std::end(ordered_maps),
                                   [&](const Ordered& o) { return o.around == around && o.key == key; });
  if (ordered) return;
  std::stable_sort(node.entries.begin(), node.entries.end(),
                   [](const Node::Entry& a, const Node::Entry& b) { return a.key < b.key; });
}

}  // namespace

std::string identity(const Node& document) {
  Node sorted = document;
  sort_maps(sorted, {}, {});
  return canonical(sorted);
}

}  // namespace retwin

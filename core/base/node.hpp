// A document as a tree of values with their places in the file, independent of the syntax it was written in.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "core/base/problem.hpp"

namespace retwin {

/// A value of a document: nothing, a scalar, a list or a map (order of the file kept).
class Node {
 public:
  enum class Kind { null, scalar, list, map };
  struct Entry;

  Kind kind = Kind::null;
  std::string text;           ///< of a scalar
  bool quoted = false;        ///< a scalar in quotes is never a number
  Place place;                ///< where the value starts
  std::vector<Node> items;    ///< of a list
  std::vector<Entry> entries; ///< of a map

  bool is_null() const { return kind == Kind::null; }
  bool is_scalar() const { return kind == Kind::scalar; }
  bool is_list() const { return kind == Kind::list; }
  bool is_map() const { return kind == Kind::map; }

  /// The value under `key` of a map, or null pointer.
  const Node* find(std::string_view key) const;
  Node* find(std::string_view key);
  /// The value under `key`, made (as null) if absent; a null node becomes a map.
  Node& at(std::string_view key);
  void erase(std::string_view key);
  std::vector<std::string> keys() const;

  static Node scalar(std::string text, Place place = {});
  static Node map(Place place = {});
  static Node list(Place place = {});
};

struct Node::Entry {
  std::string key;
  Place place;  ///< of the key
  Node value;
};

/// "map", "list", "text" or "nothing", for messages.
std::string_view kind_name(Node::Kind kind);

/// Merges `over` into `base`: maps key by key, everything else replaced; a null value removes the key.
void merge(Node& base, const Node& over);

/// Sets the value at a path such as "stations.shred_1.throughput" or "changes.0.at".
/// An override may add a key to a map (the fields' reader judges it); a list index must exist.
/// Problem: override_path.
void set_path(Node& root, std::string_view path, const Node& value, Problems& problems);

/// Canonical text of the tree without places (for hashes and for writing back as YAML flow syntax).
std::string canonical(const Node& node);

}  // namespace retwin

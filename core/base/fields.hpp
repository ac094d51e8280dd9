// Fields of a specification, said once: one `fields()` function reads, converts, checks, documents and emits the schema.
#pragma once
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/node.hpp"
#include "core/base/problem.hpp"
#include "core/base/units.hpp"

namespace retwin {

/// Admitted values, in SI.
struct Range {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  bool low_open = false;
  static Range any() { return {}; }
  static Range positive() { return {0, std::numeric_limits<double>::infinity(), true}; }
  static Range non_negative() { return {0}; }
  static Range share() { return {0, 1}; }
};

/// A text with its place, for names that are looked up later.
struct Located {
  std::string text;
  Place place;
  bool empty() const { return text.empty(); }
};

/// A value with a syntax of its own (distribution, route, ...).
class Value {
 public:
  virtual ~Value() = default;
  virtual void read(const Node& node, const std::string& path, Problems& problems) = 0;
  virtual bool given() const = 0;          ///< false: absent, keeps its default
  virtual std::string type() const = 0;    ///< for `explain`, e.g. "distribution of a time"
  virtual std::string schema() const = 0;  ///< JSON Schema as JSON text
  virtual std::string text() const = 0;    ///< current value for `explain`, empty if none
};

/// Visitor of the fields of a specification. The reader, the schema writer and `explain` implement it.
/// A field keeps the value it has when the file does not mention it; `required` fields are reported missing (code missing).
class Fields {
 public:
  virtual ~Fields() = default;
  /// Number with a unit, stored in SI.
  virtual void quantity(const char* name, double& value, const Dimension& dimension, Range range, const char* doc) = 0;
  virtual void quantity(const char* name, std::optional<double>& value, const Dimension& dimension, Range range,
                        const char* doc) = 0;
  /// Whole number; `unlimited` is written as "unlimited" and stored as max.
  virtual void count(const char* name, std::int64_t& value, Range range, const char* doc) = 0;
  virtual void count(const char* name, std::optional<std::int64_t>& value, Range range, const char* doc) = 0;
  virtual void flag(const char* name, bool& value, const char* doc) = 0;
  virtual void text(const char* name, std::string& value, const char* doc) = 0;
  virtual void name(const char* name, Located& value, const char* doc) = 0;
  virtual void names(const char* name, std::vector<Located>& value, const char* doc) = 0;
  virtual void choice_index(const char* name, int& value, std::span<const char* const> choices, const char* doc) = 0;
  virtual void value(const char* name, Value& value, const char* doc) = 0;
  /// A map from names chosen by the user to numbers with a unit, in the order of the file; stored in SI.
  virtual void quantities(const char* name, std::vector<std::pair<Located, double>>& values, const Dimension& dimension, Range range,
                          const char* doc) = 0;
  /// A nested map; `given`, if not null, says whether the file had it.
  virtual void object(const char* name, const std::function<void(Fields&)>& body, const char* doc, bool* given = nullptr) = 0;
  /// A map from names chosen by the user to nested maps; `element` is called with the reader of each entry (for schema and
  /// explain: once, with the key "*"). A scalar or list entry reaches the body as a map with the single key `shorthand`.
  virtual void map(const char* name, const std::function<void(const std::string& key, const Place& place, Fields&)>& element,
                   const char* doc, const char* shorthand = nullptr) = 0;
  /// A list of maps, likewise.
  virtual void list(const char* name, const std::function<void(std::size_t index, const Place& place, Fields&)>& element,
                    const char* doc) = 0;
  /// Further fields of the same map that depend on the word that its field `key` has: `of` visits those of one word. The reader asks
  /// for those of `value`, which it has read; the schema for those of each of `values`, and admits words beside these, with no fields
  /// of their own, if `open`.
  virtual void variants(const char* key, const std::string& value, const std::vector<std::string>& values, bool open,
                        const std::function<void(const std::string& word, Fields&)>& of) = 0;
  /// Marks the field visited next as required.
  virtual Fields& required() = 0;
  /// The node being read (null for schema and explain), its path, and where to report problems.
  virtual const Node* node() const = 0;
  virtual const std::string& path() const = 0;
  virtual Problems* problems() = 0;

  /// Shares by name, each from 0 to 100 %.
  void shares(const char* name, std::vector<std::pair<Located, double>>& values, const char* doc) {
    quantities(name, values, dimension::none, Range::share(), doc);
  }

  template <class Enum>
  void choice(const char* name, Enum& value, std::span<const char* const> choices, const char* doc) {
    int index = static_cast<int>(value);
    choice_index(name, index, choices, doc);
    value = static_cast<Enum>(index);
  }
};

/// Owners of parts of one map, for instance a station and its unit operation: each visits its own fields.
using Bodies = std::initializer_list<std::function<void(Fields&)>>;

/// Reads a node through `body`; every key that no field asked for is a problem (unknown_key, with the nearest name).
/// Never throws for what is in the node; all problems are collected.
void read_fields(const Node& node, const std::string& path, Problems& problems, const std::function<void(Fields&)>& body);
/// Likewise through several bodies that share the map; a key is unknown only if none of them asked for it.
void read_fields(const Node& node, const std::string& path, Problems& problems, Bodies bodies);
/// A scalar or list that stands for a map with one field: at `resources.crew`, `crew: 2` is short for {count: 2}.
struct Shorthand {
  std::string path, field;
};
/// All shorthands that a node uses; what else is wrong with it is ignored.
std::vector<Shorthand> shorthands(const Node& node, const std::function<void(Fields&)>& body);
/// JSON Schema (draft 2020-12, an object schema as JSON text) of the same fields. Where fields depend on a word (`variants`) it is a
/// `oneOf` by that word.
std::string schema_of(const std::function<void(Fields&)>& body);
std::string schema_of(Bodies bodies);
/// A table of name, type and unit, default, meaning, as text for a terminal.
std::string explain_fields(const std::function<void(Fields&)>& body);
std::string explain_fields(Bodies bodies);

}  // namespace retwin

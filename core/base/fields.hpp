// Fields of a specification, said once: one `fields()` function reads, converts, checks, writes, documents and emits the schema.
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

class Fields;

/// A value with a syntax of its own (distribution, route, ...).
class Value {
 public:
  virtual ~Value() = default;
  virtual void read(const Node& node, const std::string& path, Problems& problems) = 0;
  virtual Node write() const = 0;          ///< what `read` makes the same value of; only asked for if it is given
  virtual bool given() const = 0;          ///< false: absent, keeps its default
  virtual std::string type() const = 0;    ///< for `explain`, e.g. "distribution of a time"
  virtual std::string schema() const = 0;  ///< JSON Schema as JSON text
  virtual std::string text() const = 0;    ///< current value for `explain`, empty if none
};

/// The entries of a map or list that a file may have.
class Entries {
 public:
  virtual ~Entries() = default;
  virtual std::size_t size() const = 0;
  virtual std::string key(std::size_t k) const = 0;  ///< of a map
  virtual void visit(std::size_t k, Fields& f) = 0;
  virtual void visit_blank(Fields& f) = 0;  ///< one of which nothing is said
  virtual void clear() = 0;
  /// One more, and visits it. @param key empty in a list
  virtual void add(const std::string& key, const Place& place, Fields& f) = 0;
};

/// A number that has a name chosen by the user.
struct NamedNumber {
  std::string name;
  Place place;
  double value = 0;
};

/// Visitor of the fields of a specification. The reader, the writer, the schema writer and `explain` implement it.
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
  /// A map from names chosen by the user to nested maps. A scalar or list entry reaches its fields as a map with the single key
  /// `shorthand`.
  virtual void map(const char* name, Entries& entries, const char* doc, const char* shorthand = nullptr) = 0;
  /// A list of maps, likewise.
  virtual void list(const char* name, Entries& entries, const char* doc) = 0;
  /// Further fields of the same map that depend on the word that its field `key` has: `own` visits those of the word as it is,
  /// `fresh` those that a word would have, nothing being said of them. The schema asks for those of each of `words`, and admits words
  /// beside these, with no fields of their own, if `open`.
  virtual void variants(const char* key, const std::vector<std::string>& words, bool open, const std::string& word,
                        const std::function<void(Fields&)>& own,
                        const std::function<void(const std::string& word, Fields&)>& fresh) = 0;
  /// Marks the field visited next as required.
  virtual Fields& required() = 0;
  /// The node being read (null for who does not read), its path, and where to report problems.
  virtual const Node* node() const = 0;
  virtual const std::string& path() const = 0;
  virtual Problems* problems() = 0;

  /// Shares by name, each from 0 to 100 %.
  void shares(const char* name, std::vector<std::pair<Located, double>>& values, const char* doc) {
    quantities(name, values, dimension::none, Range::share(), doc);
  }

  /// The entries of a map in a vector of specifications with `name` and `place` (of themselves or of their `spec`).
  template <class T, class Visit>
  void map(const char* name, std::vector<T>& entries, const Visit& visit, const char* doc, const char* shorthand = nullptr,
           const T& blank = {});
  /// Those of a list; `place` may be missing.
  template <class T, class Visit>
  void list(const char* name, std::vector<T>& entries, const Visit& visit, const char* doc);
  /// What is only read: `element` is called with the reader of each entry (for schema and explain: once, with the key "*").
  void map(const char* name, const std::function<void(const std::string& key, const Place& place, Fields&)>& element, const char* doc,
           const char* shorthand = nullptr);
  /// Numbers by name, each short for a map with the one field `field`; in order of name, for that of the file must not matter.
  void numbers(const char* name, std::vector<NamedNumber>& values, const char* field, Range range, const char* field_doc,
               const char* doc);
  /// The fields of what a word makes, held by `held`; `make(word, problems)` may have none (null).
  template <class T, class Make>
  void variants(const char* key, const std::vector<std::string>& words, bool open, const std::string& word, std::shared_ptr<T>& held,
                const Make& make) {
    variants(
        key, words, open, word,
        [&](Fields& f) {
          if (f.node() != nullptr || !held) held = make(word, f.problems());
          if (held) held->fields(f);
        },
        [&](const std::string& other, Fields& f) {
          if (const std::shared_ptr<T> made = make(other, nullptr)) made->fields(f);
        });
  }

  template <class Enum>
  void choice(const char* name, Enum& value, std::span<const char* const> choices, const char* doc) {
    int index = static_cast<int>(value);
    choice_index(name, index, choices, doc);
    value = static_cast<Enum>(index);
  }
};

/// Entries in a vector of specifications, each visited by `visit(T&, Fields&)`.
template <class T, class Visit>
class EntriesOf final : public Entries {
 public:
  EntriesOf(std::vector<T>& entries, const Visit& visit, T blank = {}) : entries_(entries), visit_(visit), blank_(std::move(blank)) {}
  std::size_t size() const override { return entries_.size(); }
  std::string key(std::size_t k) const override {
    if constexpr (requires { entries_[k].spec.name; }) return entries_[k].spec.name;
    else if constexpr (requires { entries_[k].name; }) return entries_[k].name;
    else return {};
  }
  void visit(std::size_t k, Fields& f) override { visit_(entries_[k], f); }
  void visit_blank(Fields& f) override {
    T one = blank_;
    visit_(one, f);
  }
  void clear() override { entries_.clear(); }
  void add(const std::string& key, const Place& place, Fields& f) override {
    T& one = entries_.emplace_back(blank_);
    if constexpr (requires { one.spec.place; }) one.spec.place = place;
    else if constexpr (requires { one.place; }) one.place = place;
    if constexpr (requires { one.spec.name; }) one.spec.name = key;
    else if constexpr (requires { one.name; }) one.name = key;
    visit_(one, f);
  }

 private:
  std::vector<T>& entries_;
  const Visit& visit_;
  T blank_;
};

template <class T, class Visit>
void Fields::map(const char* name, std::vector<T>& entries, const Visit& visit, const char* doc, const char* shorthand, const T& blank) {
  EntriesOf<T, Visit> all(entries, visit, blank);
  map(name, all, doc, shorthand);
}
template <class T, class Visit>
void Fields::list(const char* name, std::vector<T>& entries, const Visit& visit, const char* doc) {
  EntriesOf<T, Visit> all(entries, visit);
  list(name, all, doc);
}

/// Owners of parts of one map, for instance a station and its unit operation: each visits its own fields.
using Bodies = std::initializer_list<std::function<void(Fields&)>>;

/// Reads a node through `body`; every key that no field asked for is a problem (unknown_key, with the nearest name).
/// Never throws for what is in the node; all problems are collected.
void read_fields(const Node& node, const std::string& path, Problems& problems, const std::function<void(Fields&)>& body);
/// Likewise through several bodies that share the map; a key is unknown only if none of them asked for it.
void read_fields(const Node& node, const std::string& path, Problems& problems, Bodies bodies);
/// The map that `read_fields` reads the same values from, in the order of the fields, each number in a unit that people write and
/// exact to the last bit. What is as in `blank`, the same fields of which nothing is said, is left out, but not what is required.
/// Neither are kept: places, comments, notations (a shorthand, the unit), and values that were given and are the default.
Node write_fields(Bodies bodies, Bodies blank);
/// Likewise with every field, given or not.
Node write_fields(Bodies bodies);
template <class Spec>
Node written(Spec spec) {
  Spec blank;
  return write_fields({[&](Fields& f) { spec.fields(f); }}, {[&](Fields& f) { blank.fields(f); }});
}
/// A scalar that is read as a text: in quotes if it could be a number.
Node text_node(const std::string& text);
/// A scalar that is read as this number.
Node quantity_node(double value, const Dimension& dimension);
/// As a plain number or in per cent, whichever is shorter.
Node share_node(double value);
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

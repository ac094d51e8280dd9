// The reader of fields: converts, range-checks, and reports every problem of a node at once.
#include "core/base/fields.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <utility>

namespace retwin {
namespace {

constexpr double largest_count = 9007199254740992.0;  // 2^53: every whole number up to it is a double

std::string joined_path(const std::string& path, std::string_view name) {
  return path.empty() ? std::string(name) : fmt::format("{}.{}", path, name);
}

std::string with_unit(double value, const Dimension& dimension) {
  const std::string unit = si_unit(dimension);
  return fmt::format("{}{}{}", value, unit.empty() ? "" : " ", unit);
}

std::string admitted(const Range& range, const Dimension& dimension) {
  const bool low = std::isfinite(range.low), high = std::isfinite(range.high);
  if (low && high) return fmt::format("from {} to {}", with_unit(range.low, dimension), with_unit(range.high, dimension));
  if (high) return fmt::format("at most {}", with_unit(range.high, dimension));
  return fmt::format("{} {}", range.low_open ? "more than" : "at least", with_unit(range.low, dimension));
}

bool inside(const Range& range, double value) {
  return (range.low_open ? value > range.low : value >= range.low) && value <= range.high;
}

/// Why a key is no name, null if it is one. What begins like a formula would be one in a spreadsheet that opens a table of ours.
const char* no_name(std::string_view key) {
  constexpr std::size_t longest = 200;  // [bytes]
  if (key.empty() || key.find_first_of(". \t\r\n") != std::string_view::npos) return "no dots and no blanks in names";
  if (std::string_view("=+-@").find(key[0]) != std::string_view::npos) return "a name does not begin with = + - @";
  return key.size() > longest ? "at most 200 bytes" : nullptr;
}

class Reader final : public Fields {
 public:
  /// @param shorthands where those met are listed, may be null
  Reader(const Node& node, std::string path, Problems& problems, std::vector<Shorthand>* shorthands = nullptr)
      : node_(node), path_(std::move(path)), problems_(problems), shorthands_(shorthands) {
    usable_ = node.is_map() || node.is_null();
    if (!usable_) {
      problems_.error(Code::type, node.place, path_, fmt::format("a {} where a map is needed", kind_name(node.kind)),
                      "write the fields as {name: value, ...} or one to a line");
    }
  }

  void quantity(const char* name, double& value, const Dimension& dimension, Range range, const char*) override {
    if (const Node* node = take(name)) read_quantity(name, *node, dimension, range, value);
  }
  void quantity(const char* name, std::optional<double>& value, const Dimension& dimension, Range range, const char*) override {
    double number = 0;
    const Node* node = take(name);
    if (node != nullptr && read_quantity(name, *node, dimension, range, number)) value = number;
  }
  void count(const char* name, std::int64_t& value, Range range, const char*) override {
    if (const Node* node = take(name)) read_count(name, *node, range, value);
  }
  void count(const char* name, std::optional<std::int64_t>& value, Range range, const char*) override {
    std::int64_t number = 0;
    const Node* node = take(name);
    if (node != nullptr && read_count(name, *node, range, number)) value = number;
  }
  void flag(const char* name, bool& value, const char*) override {
    const Node* node = take(name);
    if (node == nullptr || !need(name, *node, Node::Kind::scalar, "true or false")) return;
    if (node->text == "true" || node->text == "false") value = node->text == "true";
    else refuse(Code::type, name, *node, fmt::format("\"{}\" is neither true nor false", node->text), "write true or false");
  }
  void text(const char* name, std::string& value, const char*) override {
    const Node* node = take(name);
    if (node != nullptr && need(name, *node, Node::Kind::scalar, "text")) value = node->text;
  }
  void name(const char* name, Located& value, const char*) override {
    const Node* node = take(name);
    if (node != nullptr && need_name(name, *node)) value = {node->text, node->place};
  }
  void names(const char* name, std::vector<Located>& value, const char*) override {
    const Node* node = take(name);
    if (node == nullptr) return;
    if (node->is_scalar()) {
      if (need_name(name, *node)) value = {{node->text, node->place}};
      return;
    }
    if (!need(name, *node, Node::Kind::list, "a name or a list of names")) return;
    std::vector<Located> read;
    for (const Node& item : node->items) {
      if (need_name(name, item)) read.push_back({item.text, item.place});
    }
    value = std::move(read);
  }
  void choice_index(const char* name, int& value, std::span<const char* const> choices, const char*) override {
    const Node* node = take(name);
    if (node == nullptr || !need(name, *node, Node::Kind::scalar, "one of a few words")) return;
    const auto found = std::find_if(choices.begin(), choices.end(), [&](const char* c) { return node->text == c; });
    if (found != choices.end()) {
      value = static_cast<int>(found - choices.begin());
      return;
    }
    const std::string near = nearest(node->text, {choices.begin(), choices.end()});
    refuse(Code::unknown_name, name, *node, fmt::format("\"{}\" is not a choice", node->text),
           fmt::format("{}one of: {}", near.empty() ? "" : "did you mean " + near + "? ", fmt::join(choices, ", ")));
  }
  void value(const char* name, Value& value, const char*) override {
    if (const Node* node = take(name)) value.read(*node, joined_path(path_, name), problems_);
  }

  void quantities(const char* name, std::vector<std::pair<Located, double>>& values, const Dimension& dimension, Range range,
                  const char*) override {
    const Node* node = take(name);
    if (node == nullptr || !need(name, *node, Node::Kind::map, "a map from names to numbers")) return;
    values.clear();
    for (const Node::Entry& entry : node->entries) {
      double number = 0;
      if (read_quantity((std::string(name) + "." + entry.key).c_str(), entry.value, dimension, range, number))
        values.push_back({{entry.key, entry.place}, number});
    }
  }
  void variants(const char*, const std::vector<std::string>&, bool, const std::string&, const std::function<void(Fields&)>& own,
                const std::function<void(const std::string&, Fields&)>&) override {
    own(*this);
  }

  void object(const char* name, const std::function<void(Fields&)>& body, const char*, bool* given) override {
    const Node* node = take(name);
    if (given != nullptr) *given = node != nullptr;
    if (node != nullptr) read_within(*node, joined_path(path_, name), body);
  }
  void map(const char* name, Entries& entries, const char*, const char* shorthand) override {
    const Node* node = take(name);
    if (node == nullptr || node->is_null() || !need(name, *node, Node::Kind::map, "a map of names", "write {name: ...}")) return;
    entries.clear();
    for (const Node::Entry& entry : node->entries) {
      const std::string path = joined_path(joined_path(path_, name), entry.key);
      if (const char* why = no_name(entry.key); why != nullptr) {
        problems_.error(Code::syntax, entry.place, path, fmt::format("\"{}\" cannot be a name", entry.key), why);
        continue;
      }
      const bool brief = shorthand != nullptr && (entry.value.is_scalar() || entry.value.is_list());
      if (brief) {
        Node& whole = made_.emplace_back(Node::map(entry.value.place));
        whole.entries.push_back({shorthand, entry.value.place, entry.value});
        if (shorthands_ != nullptr) shorthands_->push_back({path, shorthand});
      }
      read_within(brief ? made_.back() : entry.value, path, [&](Fields& fields) { entries.add(entry.key, entry.place, fields); });
    }
  }
  void list(const char* name, Entries& entries, const char*) override {
    const Node* node = take(name);
    if (node == nullptr || !need(name, *node, Node::Kind::list, "a list")) return;
    entries.clear();
    for (std::size_t i = 0; i < node->items.size(); ++i) {
      const Node& item = node->items[i];
      read_within(item, joined_path(joined_path(path_, name), std::to_string(i)),
                  [&](Fields& fields) { entries.add({}, item.place, fields); });
    }
  }

  Fields& required() override {
    required_ = true;
    return *this;
  }
  const Node* node() const override { return &node_; }
  const std::string& path() const override { return path_; }
  Problems* problems() override { return &problems_; }

  /// Reports the keys that nobody asked for.
  void finish() {
    if (!usable_) return;
    std::vector<std::string> left;  // a name that the map has already is not what was meant
    std::copy_if(asked_.begin(), asked_.end(), std::back_inserter(left),
                 [&](const std::string& a) { return node_.find(a) == nullptr; });
    for (const Node::Entry& entry : node_.entries) {
      if (std::find(asked_.begin(), asked_.end(), entry.key) != asked_.end()) continue;
      const std::string near = nearest(entry.key, left), present = nearest(entry.key, asked_);
      const bool hidden = entry.place.line > 0 && entry.place.excerpt.empty();  // the file is none that may be shown
      problems_.error(Code::unknown_key, entry.place, hidden ? path_ : joined_path(path_, entry.key),
                      hidden ? "nothing is called like this key here" : fmt::format("nothing is called \"{}\" here", entry.key),
                      !near.empty()      ? fmt::format("did you mean {}?", near)
                      : !present.empty() ? fmt::format("did you mean {}, which is given already?", present)
                                         : std::string());
    }
  }

 private:
  void read_within(const Node& node, std::string path, const std::function<void(Fields&)>& body) {
    Reader reader(node, std::move(path), problems_, shorthands_);
    body(reader);
    reader.finish();
  }

  /// The value of a field, null if the file does not mention it; remembers that the name was asked for.
  const Node* take(const char* name) {
    const bool required = std::exchange(required_, false);
    if (std::find(asked_.begin(), asked_.end(), name) == asked_.end()) asked_.emplace_back(name);
    const Node* node = node_.find(name);
    if (node == nullptr && required && usable_) {
      problems_.error(Code::missing, node_.place, joined_path(path_, name), fmt::format("{} is missing", name),
                      fmt::format("add {}: ...", name));
    }
    return node;
  }

  void refuse(Code code, const char* name, const Node& node, std::string message, std::string hint) {
    problems_.error(code, node.place, joined_path(path_, name), std::move(message), std::move(hint));
  }

  bool need(const char* name, const Node& node, Node::Kind kind, std::string_view what, std::string hint = {}) {
    if (node.kind == kind) return true;
    refuse(Code::type, name, node, fmt::format("{}{} where {} is needed", node.is_null() ? "" : "a ", kind_name(node.kind), what),
           std::move(hint));
    return false;
  }

  /// A scalar that is not empty: an empty name would read as none given.
  bool need_name(const char* name, const Node& node) {
    if (!need(name, node, Node::Kind::scalar, "a name")) return false;
    if (!node.text.empty()) return true;
    refuse(Code::type, name, node, "an empty text where a name is needed", fmt::format("leave {} out if none is meant", name));
    return false;
  }

  static std::string unit_hint(std::string_view number, const Dimension& dimension) {
    const std::string unit = example_unit(dimension);
    return fmt::format("write for instance {}{}{}", number, unit.starts_with("1/") || unit.empty() ? "" : " ",
                       unit.starts_with("1/") ? unit.substr(1) : unit);
  }

  /// The number of a scalar, checked for its dimension; a quoted one must have a unit, or it would be a text.
  std::optional<double> number_of(const char* name, const Node& node, const Dimension& dimension) {
    if (!need(name, node, Node::Kind::scalar, describe(dimension))) return std::nullopt;
    Refusal why;
    const auto quantity = parse_quantity(node.text, why);
    if (!quantity) {
      const bool number = why.message != "not a number";
      refuse(why.out_of_range ? Code::range : number ? Code::unit : Code::type, name, node,
             fmt::format("\"{}\": {}; {} is needed", node.text, why.message, describe(dimension)),
             why.hint.empty() ? unit_hint("3", dimension) : why.hint);
      return std::nullopt;
    }
    if (quantity->dimension != dimension) {
      const std::string number = node.text.substr(0, node.text.find_first_not_of("0123456789.eE+-"));
      refuse(Code::unit, name, node,
             fmt::format("\"{}\" is {}; {} is needed", node.text, describe(quantity->dimension), describe(dimension)),
             unit_hint(number.empty() ? "3" : number, dimension));
      return std::nullopt;
    }
    if (node.quoted && dimension.none() && node.text.find('%') == std::string::npos) {
      refuse(Code::type, name, node, fmt::format("\"{}\" in quotes is a text; a number is needed", node.text),
             "write it without quotes");
      return std::nullopt;
    }
    return quantity->value;
  }

  bool in_range(const char* name, const Node& node, double number, const Range& range, const Dimension& dimension) {
    if (inside(range, number)) return true;
    refuse(Code::range, name, node, fmt::format("\"{}\" is out of range; admitted: {}", node.text, admitted(range, dimension)),
           {});
    return false;
  }

  bool read_quantity(const char* name, const Node& node, const Dimension& dimension, const Range& range, double& value) {
    const auto number = number_of(name, node, dimension);
    if (!number || !in_range(name, node, *number, range, dimension)) return false;
    value = *number;
    return true;
  }

  bool read_count(const char* name, const Node& node, const Range& range, std::int64_t& value) {
    if (node.is_scalar() && node.text == "unlimited") {
      if (!in_range(name, node, std::numeric_limits<double>::infinity(), range, {})) return false;
      value = std::numeric_limits<std::int64_t>::max();
      return true;
    }
    const auto number = number_of(name, node, {});
    if (!number) return false;
    if (*number != std::round(*number) || std::abs(*number) > largest_count) {
      refuse(Code::type, name, node, fmt::format("\"{}\" is not a whole number", node.text),
             "write a whole number, or unlimited");
      return false;
    }
    if (!in_range(name, node, *number, range, {})) return false;
    value = static_cast<std::int64_t>(*number);
    return true;
  }

  const Node& node_;
  std::string path_;
  Problems& problems_;
  std::vector<Shorthand>* shorthands_;
  std::vector<std::string> asked_;
  std::deque<Node> made_;  ///< maps that stand for a shorthand
  bool usable_ = true;
  bool required_ = false;
};

/// Entries that are read and not kept.
class ReadOnly final : public Entries {
 public:
  using Element = std::function<void(const std::string& key, const Place& place, Fields&)>;
  explicit ReadOnly(const Element& element) : element_(element) {}
  std::size_t size() const override { return 0; }
  std::string key(std::size_t) const override { return {}; }
  void visit(std::size_t, Fields&) override {}
  void visit_blank(Fields& f) override { element_("*", {}, f); }
  void clear() override {}
  void add(const std::string& key, const Place& place, Fields& f) override { element_(key, place, f); }

 private:
  const Element& element_;
};

}  // namespace

void Fields::map(const char* name, const std::function<void(const std::string& key, const Place& place, Fields&)>& element, const char* doc,
                 const char* shorthand) {
  ReadOnly entries(element);
  map(name, entries, doc, shorthand);
}

void Fields::numbers(const char* name, std::vector<NamedNumber>& values, const char* field, Range range, const char* field_doc,
                     const char* doc) {
  const auto number = [&](NamedNumber& one, Fields& f) { f.required().quantity(field, one.value, dimension::none, range, field_doc); };
  map(name, values, number, doc, field);
  std::stable_sort(values.begin(), values.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
}

void read_fields(const Node& node, const std::string& path, Problems& problems, Bodies bodies) {
  Reader reader(node, path, problems);
  for (const auto& body : bodies) body(reader);
  reader.finish();
}

void read_fields(const Node& node, const std::string& path, Problems& problems, const std::function<void(Fields&)>& body) {
  read_fields(node, path, problems, Bodies{body});
}

std::vector<Shorthand> shorthands(const Node& node, const std::function<void(Fields&)>& body) {
  std::vector<Shorthand> met;
  Problems ignored;
  Reader reader(node, {}, ignored, &met);
  body(reader);
  return met;
}

}  // namespace retwin

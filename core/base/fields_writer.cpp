// The writer of fields: the map that the reader would read the same values from.
#include <algorithm>
#include <utility>

#include "core/base/fields.hpp"

namespace retwin {
namespace {

class Writer final : public Fields {
 public:
  /// @param blank the same map of which nothing is said; null: every field is written
  explicit Writer(const Node* blank) : blank_(blank) {}

  void quantity(const char* name, double& value, const Dimension& dimension, Range range, const char*) override {
    add(name, number(value, dimension, range));
  }
  void quantity(const char* name, std::optional<double>& value, const Dimension& dimension, Range range, const char*) override {
    if (value) add(name, number(*value, dimension, range));
  }
  void count(const char* name, std::int64_t& value, Range, const char*) override { add(name, whole(value)); }
  void count(const char* name, std::optional<std::int64_t>& value, Range, const char*) override {
    if (value) add(name, whole(*value));
  }
  void flag(const char* name, bool& value, const char*) override { add(name, Node::scalar(value ? "true" : "false")); }
  void text(const char* name, std::string& value, const char*) override { add(name, text_node(value)); }
  void name(const char* name, Located& value, const char*) override {
    if (!value.empty()) add(name, text_node(value.text));
  }
  void names(const char* name, std::vector<Located>& value, const char*) override {
    Node list = Node::list();
    for (const Located& one : value) list.items.push_back(text_node(one.text));
    if (required_ || !value.empty() || (blank_ != nullptr && blank_->find(name) != nullptr)) add(name, list.items.size() == 1 ? list.items[0] : list);
  }
  void choice_index(const char* name, int& value, std::span<const char* const> choices, const char*) override {
    if (value >= 0 && static_cast<std::size_t>(value) < choices.size())
      add(name, Node::scalar(choices[static_cast<std::size_t>(value)]));
  }
  void value(const char* name, Value& value, const char*) override {
    if (value.given()) add(name, value.write());
  }
  void quantities(const char* name, std::vector<std::pair<Located, double>>& values, const Dimension& dimension, Range range,
                  const char*) override {
    Node map = Node::map();
    for (const auto& [key, value] : values) map.entries.push_back({key.text, {}, number(value, dimension, range)});
    add(name, std::move(map));
  }
  void object(const char* name, const std::function<void(Fields&)>& body, const char*, bool* given) override {
    const Node* blank = blank_ == nullptr ? nullptr : blank_->find(name);
    Writer inner(blank == nullptr ? blank_ == nullptr ? nullptr : &nothing_ : blank);
    body(inner);
    const bool said = given == nullptr ? !inner.node_.entries.empty() : *given;
    const bool required = std::exchange(required_, false);
    if (said || required || blank_ == nullptr) node_.at(name) = std::move(inner.node_);
  }
  void map(const char* name, Entries& entries, const char*, const char* shorthand) override {
    Node map = Node::map();
    Writer blank(nullptr);
    entries.visit_blank(blank);
    for (std::size_t k = 0; k < entries.size(); ++k) {
      Writer inner(&blank.node_);
      entries.visit(k, inner);
      map.entries.push_back({entries.key(k), {}, shorthand == nullptr ? inner.node_ : shortened(inner.node_, blank.node_, shorthand)});
    }
    add(name, std::move(map));
  }
  void list(const char* name, Entries& entries, const char*) override {
    Node list = Node::list();
    Writer blank(nullptr);
    entries.visit_blank(blank);
    for (std::size_t k = 0; k < entries.size(); ++k) {
      Writer inner(&blank.node_);
      entries.visit(k, inner);
      list.items.push_back(std::move(inner.node_));
    }
    add(name, std::move(list));
  }
  void variants(const char*, const std::vector<std::string>&, bool, const std::string& word, const std::function<void(Fields&)>& own,
                const std::function<void(const std::string&, Fields&)>& fresh) override {
    Writer blank(nullptr);
    fresh(word, blank);
    const Node* before = blank_ == nullptr ? nullptr : std::exchange(blank_, &blank.node_);
    own(*this);
    blank_ = before;
  }

  Fields& required() override {
    required_ = true;
    return *this;
  }
  const Node* node() const override { return nullptr; }
  const std::string& path() const override { return path_; }
  Problems* problems() override { return nullptr; }
  Node take() { return std::move(node_); }

 private:
  static Node whole(std::int64_t value) {
    return Node::scalar(value == std::numeric_limits<std::int64_t>::max() ? "unlimited" : std::to_string(value));
  }
  static Node number(double value, const Dimension& dimension, const Range& range) {
    return dimension.none() && range.low == 0 && range.high == 1 ? share_node(value) : quantity_node(value, dimension);
  }
  /// An entry of which only one field is said, that which it may be short for. @param blank the default of that field
  static Node shortened(const Node& entry, const Node& blank, const char* shorthand) {
    const Node* only = entry.entries.empty() ? blank.find(shorthand) : entry.entries.size() == 1 ? entry.find(shorthand) : nullptr;
    return only == nullptr || !(only->is_scalar() || only->is_list()) ? entry : *only;
  }
  void add(const char* name, Node value) {
    const bool required = std::exchange(required_, false);
    const Node* initial = blank_ == nullptr ? nullptr : blank_->find(name);
    const bool empty = value.is_map() && value.entries.empty() && initial == nullptr;
    const bool as_ever = initial != nullptr ? canonical(*initial) == canonical(value) : (value.is_list() ? value.items.empty() : empty);
    if (blank_ == nullptr || required || !as_ever) node_.at(name) = std::move(value);
  }

  const Node* blank_;
  Node node_ = Node::map(), nothing_ = Node::map();
  std::string path_;
  bool required_ = false;
};

}  // namespace

Node text_node(const std::string& text) {
  Node node = Node::scalar(text);
  node.quoted = parse_quantity(text).has_value();
  return node;
}
Node quantity_node(double value, const Dimension& dimension) { return Node::scalar(quantity_text(value, dimension)); }
Node share_node(double value) { return Node::scalar(share_text(value)); }

Node write_fields(Bodies bodies) {
  Writer writer(nullptr);
  for (const auto& body : bodies) body(writer);
  return writer.take();
}

Node write_fields(Bodies bodies, Bodies blank) {
  const Node initial = write_fields(blank);
  Writer writer(&initial);
  for (const auto& body : bodies) body(writer);
  return writer.take();
}

}  // namespace retwin

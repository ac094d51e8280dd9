// The other two readings of fields: JSON Schema for editors, and a table for people.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/base/fields.hpp"

namespace retwin {
namespace {

using Json = nlohmann::ordered_json;

std::string limit_text(double value) { return std::isinf(value) ? "unlimited" : fmt::format("{:.6g}", value); }

/// A value in the unit people write, e.g. "10 min".
std::string in_example_unit(double value, const Dimension& dimension) {
  const std::string unit = example_unit(dimension);
  const auto factor = parse_unit(unit);
  const std::string number = limit_text(factor ? value / factor->value : value);
  return unit.empty() || std::isinf(value) ? number : fmt::format("{} {}", number, unit);
}

std::string bounds(const Range& range, const Dimension& dimension) {
  const bool low = std::isfinite(range.low), high = std::isfinite(range.high);
  const auto limit = [&](double value) { return value == 0 ? std::string("0") : in_example_unit(value, dimension); };
  if (low && high) return fmt::format("{} to {}", limit(range.low), limit(range.high));
  if (low) return fmt::format("{} {}", range.low_open ? ">" : ">=", limit(range.low));
  return high ? fmt::format("<= {}", limit(range.high)) : std::string();
}

/// What schema and explain have in common: there is no file.
class Description : public Fields {
 public:
  Fields& required() override {
    required_ = true;
    return *this;
  }
  const Node* node() const override { return nullptr; }
  const std::string& path() const override { return path_; }
  Problems* problems() override { return nullptr; }

 protected:
  bool take_required() { return std::exchange(required_, false); }
  std::string path_;

 private:
  bool required_ = false;
};

/// Schemas of values that many fields have, said once: `$defs`, by the kind of value.
class SharedSchemas {
 public:
  /// A reference to a schema. @param kind in words
  Json reference(const std::string& kind, Json schema) {
    std::string name = kind;
    for (char& c : name)
      if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
    const std::string plain = name;
    for (int k = 2; all_.contains(name) && all_[name] != schema; ++k) name = fmt::format("{}_{}", plain, k);
    all_[name] = std::move(schema);
    return {{"$ref", "#/$defs/" + name}};
  }
  const Json& all() const { return all_; }

 private:
  Json all_ = Json::object();
};

class SchemaWriter final : public Description {
 public:
  explicit SchemaWriter(SharedSchemas& shared) : shared_(&shared) {}
  void quantity(const char* name, double& value, const Dimension& dimension, Range range, const char* doc) override {
    Json schema = quantity_schema(dimension, range);
    if (dimension.none() && std::isfinite(value)) schema["default"] = value;
    else if (std::isfinite(value)) schema["default"] = in_example_unit(value, dimension);
    add(name, std::move(schema), doc, example_unit(dimension));
  }
  void quantity(const char* name, std::optional<double>&, const Dimension& dimension, Range range, const char* doc) override {
    add(name, quantity_schema(dimension, range), doc, example_unit(dimension));
  }
  void count(const char* name, std::int64_t& value, Range range, const char* doc) override {
    Json schema = count_schema(range);
    if (value == std::numeric_limits<std::int64_t>::max()) schema["default"] = "unlimited";
    else schema["default"] = value;
    add(name, std::move(schema), doc);
  }
  void count(const char* name, std::optional<std::int64_t>&, Range range, const char* doc) override {
    add(name, count_schema(range), doc);
  }
  void flag(const char* name, bool& value, const char* doc) override {
    add(name, {{"type", "boolean"}, {"default", value}}, doc);
  }
  void text(const char* name, std::string& value, const char* doc) override {
    Json schema = {{"type", Json::array({"string", "number"})}};
    if (!value.empty()) schema["default"] = value;
    add(name, std::move(schema), doc);
  }
  void name(const char* name, Located& value, const char* doc) override { text(name, value.text, doc); }
  void names(const char* name, std::vector<Located>&, const char* doc) override {
    const Json one = {{"type", Json::array({"string", "number"})}};
    add(name, {{"anyOf", Json::array({one, Json{{"type", "array"}, {"items", one}}})}}, doc);
  }
  void choice_index(const char* name, int& value, std::span<const char* const> choices, const char* doc) override {
    Json schema = {{"enum", Json::array()}};
    for (const char* choice : choices) schema["enum"].push_back(choice);
    const auto index = static_cast<std::size_t>(value);
    if (value >= 0 && index < choices.size()) schema["default"] = choices[index];
    add(name, std::move(schema), doc);
  }
  void value(const char* name, Value& value, const char* doc) override {
    add(name, shared_->reference(value.type(), Json::parse(value.schema())), doc);
  }
  void quantities(const char* name, std::vector<std::pair<Located, double>>&, const Dimension& dimension, Range range,
                  const char* doc) override {
    add(name, {{"type", "object"}, {"additionalProperties", quantity_schema(dimension, range)}}, doc, example_unit(dimension));
  }
  void variants(const char* key, const std::vector<std::string>& words, bool open, const std::string&, const std::function<void(Fields&)>&,
                const std::function<void(const std::string& word, Fields&)>& fresh) override {
    key_ = key;
    open_ = open;
    for (const std::string& word : words) {
      SchemaWriter inner(*shared_);
      fresh(word, inner);
      variants_.emplace_back(word, std::move(inner));
    }
  }
  void object(const char* name, const std::function<void(Fields&)>& body, const char* doc, bool*) override {
    SchemaWriter inner(*shared_);
    body(inner);
    add(name, inner.object_schema(), doc);
  }
  void map(const char* name, Entries& entries, const char* doc, const char* shorthand) override {
    SchemaWriter inner(*shared_);
    entries.visit_blank(inner);
    Json entry = inner.object_schema();
    if (shorthand != nullptr && inner.properties_.contains(shorthand)) {
      entry = {{"anyOf", Json::array({Json(entry), inner.properties_[shorthand]})}};
    }
    add(name, {{"type", "object"}, {"additionalProperties", std::move(entry)}}, doc);
  }
  void list(const char* name, Entries& entries, const char* doc) override {
    SchemaWriter inner(*shared_);
    entries.visit_blank(inner);
    add(name, {{"type", "array"}, {"items", inner.object_schema()}}, doc);
  }

  Json object_schema() const {
    if (variants_.empty()) return closed(properties_, required_names_);
    // words without fields of their own share one alternative; whoever leaves the word out means one of them
    Json plain = Json::array(), all = Json::array(), alternatives = Json::array();
    for (const auto& [word, own] : variants_) {
      all.push_back(word);
      if (own.properties_.empty()) plain.push_back(word);
    }
    Json properties = properties_;
    if (open_) properties[key_]["not"] = {{"enum", all}};
    else properties[key_] = {{"enum", plain}, {"description", properties_[key_]["description"]}};
    alternatives.push_back(closed(properties, required_names_));
    for (const auto& [word, own] : variants_) {
      if (own.properties_.empty() && !open_) continue;
      properties = properties_;
      for (const auto& [name, schema] : own.properties_.items()) properties[name] = schema;
      properties[key_] = {{"const", word}, {"description", properties_[key_]["description"]}};
      std::vector<std::string> needed = required_names_;
      needed.emplace_back(key_);
      needed.insert(needed.end(), own.required_names_.begin(), own.required_names_.end());
      alternatives.push_back(closed(properties, needed));
    }
    return {{"oneOf", std::move(alternatives)}};
  }

 private:
  static Json closed(const Json& properties, const std::vector<std::string>& needed) {
    Json schema = {{"type", "object"}, {"properties", properties}};
    if (!needed.empty()) schema["required"] = needed;
    schema["additionalProperties"] = false;
    return schema;
  }
  static void limit(Json& schema, const Range& range) {
    if (std::isfinite(range.low)) schema[range.low_open ? "exclusiveMinimum" : "minimum"] = range.low;
    if (std::isfinite(range.high)) schema["maximum"] = range.high;
  }
  static Json quantity_schema(const Dimension& dimension, const Range& range) {
    if (!dimension.none()) {  // a text that begins with a number and goes on with a unit; a bare number is refused
      return {
          {"type", "string"}, {"pattern", "^[-+]?[0-9.].*[A-Za-z%]"}, {"examples", Json::array({in_example_unit(1, dimension)})}};
    }
    Json schema = {{"type", Json::array({"number", "string"})}};
    limit(schema, range);
    return schema;
  }
  static Json count_schema(const Range& range) {
    Json number = {{"type", "integer"}};
    limit(number, range);
    return {{"anyOf", Json::array({std::move(number), Json{{"const", "unlimited"}}})}};
  }
  void add(const char* name, Json schema, const char* doc, const std::string& unit = {}) {
    schema["description"] = unit.empty() ? std::string(doc) : fmt::format("{} [{}]", doc, unit);
    properties_[name] = std::move(schema);
    const bool listed = std::find(required_names_.begin(), required_names_.end(), name) != required_names_.end();
    if (take_required() && !listed) required_names_.emplace_back(name);
  }

  SharedSchemas* shared_;
  Json properties_ = Json::object();
  std::vector<std::string> required_names_;
  std::string key_;  ///< of the variants
  bool open_ = false;
  std::vector<std::pair<std::string, SchemaWriter>> variants_;
};

struct Row {
  std::string name, type, initial, meaning;
};

class Explainer final : public Description {
 public:
  Explainer(std::vector<Row>& rows, std::string prefix) : rows_(rows), prefix_(std::move(prefix)) {}

  void quantity(const char* name, double& value, const Dimension& dimension, Range range, const char* doc) override {
    add(name, quantity_type(dimension), in_example_unit(value, dimension), doc, bounds(range, dimension));
  }
  void quantity(const char* name, std::optional<double>& value, const Dimension& dimension, Range range,
                const char* doc) override {
    add(name, quantity_type(dimension), value ? in_example_unit(*value, dimension) : "-", doc, bounds(range, dimension));
  }
  void count(const char* name, std::int64_t& value, Range range, const char* doc) override {
    add(name, "count", count_text(value), doc, bounds(range, {}));
  }
  void count(const char* name, std::optional<std::int64_t>& value, Range range, const char* doc) override {
    add(name, "count", value ? count_text(*value) : "-", doc, bounds(range, {}));
  }
  void flag(const char* name, bool& value, const char* doc) override { add(name, "true | false", value ? "true" : "false", doc); }
  void text(const char* name, std::string& value, const char* doc) override { add(name, "text", value, doc); }
  void name(const char* name, Located& value, const char* doc) override { add(name, "name", value.text, doc); }
  void names(const char* name, std::vector<Located>& value, const char* doc) override {
    std::string all;
    for (const Located& one : value) all += (all.empty() ? "" : ", ") + one.text;
    add(name, "names", all, doc);
  }
  void choice_index(const char* name, int& value, std::span<const char* const> choices, const char* doc) override {
    const auto index = static_cast<std::size_t>(value);
    add(name, fmt::format("{}", fmt::join(choices, " | ")), value >= 0 && index < choices.size() ? choices[index] : "", doc);
  }
  void value(const char* name, Value& value, const char* doc) override { add(name, value.type(), value.text(), doc); }
  void quantities(const char* name, std::vector<std::pair<Located, double>>&, const Dimension& dimension, Range range,
                  const char* doc) override {
    add(name, "by name: " + quantity_type(dimension), "", doc, bounds(range, dimension));
  }
  void variants(const char*, const std::vector<std::string>&, bool, const std::string&, const std::function<void(Fields&)>&,
                const std::function<void(const std::string&, Fields&)>&) override {}  // each has an explanation of its own
  void object(const char* name, const std::function<void(Fields&)>& body, const char* doc, bool*) override {
    add(name, "map", "", doc);
    Explainer inner(rows_, prefix_ + name + ".");
    body(inner);
  }
  void map(const char* name, Entries& entries, const char* doc, const char* shorthand) override {
    add(name, shorthand == nullptr ? "map of names" : fmt::format("map of names (short: {})", shorthand), "", doc);
    Explainer inner(rows_, prefix_ + name + ".*.");
    entries.visit_blank(inner);
  }
  void list(const char* name, Entries& entries, const char* doc) override {
    add(name, "list", "", doc);
    Explainer inner(rows_, prefix_ + name + ".0.");
    entries.visit_blank(inner);
  }

 private:
  static std::string quantity_type(const Dimension& dimension) {
    if (dimension.none()) return "number";
    std::string what = describe(dimension);
    for (const std::string_view article : {"a ", "an "}) {
      if (what.starts_with(article)) what.erase(0, article.size());
    }
    return fmt::format("{} [{}]", what, example_unit(dimension));
  }
  static std::string count_text(std::int64_t value) {
    return value == std::numeric_limits<std::int64_t>::max() ? "unlimited" : std::to_string(value);
  }
  void add(const char* name, std::string type, std::string initial, const char* doc, const std::string& limits = {}) {
    if (take_required()) initial = "required";
    if (initial.empty()) initial = "-";
    rows_.push_back(
        {prefix_ + name, std::move(type), std::move(initial), limits.empty() ? doc : fmt::format("{} ({})", doc, limits)});
  }

  std::vector<Row>& rows_;
  std::string prefix_;
};

}  // namespace

std::string schema_of(Bodies bodies) {
  SharedSchemas shared;
  SchemaWriter writer(shared);
  for (const auto& body : bodies) body(writer);
  Json schema = {{"$schema", "https://json-schema.org/draft/2020-12/schema"}};
  schema.update(writer.object_schema());
  if (!shared.all().empty()) schema["$defs"] = shared.all();
  return schema.dump(2, ' ', false, Json::error_handler_t::replace);
}

std::string schema_of(const std::function<void(Fields&)>& body) { return schema_of(Bodies{body}); }

std::string explain_fields(Bodies bodies) {
  std::vector<Row> rows = {{"name", "type", "default", "meaning"}};
  Explainer explainer(rows, "");
  for (const auto& body : bodies) body(explainer);
  std::size_t name = 0, type = 0, initial = 0;
  for (const Row& row : rows) {
    name = std::max(name, row.name.size());
    type = std::max(type, std::min<std::size_t>(row.type.size(), 40));
    initial = std::max(initial, std::min<std::size_t>(row.initial.size(), 24));
  }
  std::string out;
  for (const Row& row : rows) {
    out += fmt::format("{:<{}}  {:<{}}  {:<{}}  {}\n", row.name, name, row.type, type, row.initial, initial, row.meaning);
  }
  return out;
}

std::string explain_fields(const std::function<void(Fields&)>& body) { return explain_fields(Bodies{body}); }

}  // namespace retwin

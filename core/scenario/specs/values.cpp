// Reading and writing of values with a syntax of their own; every problem is reported with its place, nothing is thrown.
#include "core/scenario/specs/values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <tuple>

#include "core/scenario/specs/value_parts.hpp"

namespace retwin {

Located located(const Node& node) { return {node.text, node.place}; }
Located located(const Node::Entry& entry) { return {entry.key, entry.place}; }

void wrong_kind(const Node& node, const std::string& path, const char* wanted, const char* hint, Problems& problems) {
  problems.error(Code::type, node.place, path, std::string(wanted) + " is needed here, this is a " + std::string(kind_name(node.kind)),
                 hint);
}

std::optional<double> share_of(const Node& node) {
  if (!node.is_scalar() || node.quoted) return std::nullopt;
  const auto q = parse_quantity(node.text);
  if (!q || !q->dimension.none()) return std::nullopt;
  return q->value;
}

bool has_shares(const Node& node) {
  return node.is_map() && !node.entries.empty() &&
         std::all_of(node.entries.begin(), node.entries.end(), [](const auto& e) { return share_of(e.value).has_value(); });
}

bool check_share(double share, const Node& node, const std::string& path, Problems& problems) {
  if (share >= 0 && share <= 1) return true;
  problems.error(Code::range, node.place, path, "a share lies between 0 and 100 %");
  return false;
}

std::optional<double> quantity_of(const Node& node, const Dimension& dimension, const std::string& path, Problems& problems) {
  if (!node.is_scalar()) {
    wrong_kind(node, path, "a number with a unit", "", problems);
    return std::nullopt;
  }
  std::string why;
  const auto q = parse_quantity(node.text, &why);
  if (!q) {
    problems.error(Code::unit, node.place, path, why, "write for instance 1 " + example_unit(dimension));
    return std::nullopt;
  }
  if (!(q->dimension == dimension)) {
    problems.error(Code::unit, node.place, path,
                   "\"" + node.text + "\" is " + describe(q->dimension) + "; " + describe(dimension) + " is needed",
                   dimension.none() ? "write a plain number" : "write for instance " + node.text + " " + example_unit(dimension));
    return std::nullopt;
  }
  return q->value;
}

namespace {

constexpr double most_units = 1e9;  ///< of a resource, or parts of a kind

Node numbers_node(const std::vector<std::pair<Located, double>>& numbers) {
  Node map = Node::map();
  for (const auto& [name, number] : numbers) map.entries.push_back({name.text, {}, quantity_node(number, dimension::none)});
  return map;
}

}  // namespace

void NeedsValue::read(const Node& node, const std::string& path, Problems& problems) {
  needs_.clear();
  if (!node.is_map()) return wrong_kind(node, path, "a map", "write {technician: 1}", problems);
  for (const Node::Entry& entry : node.entries) {
    const auto count = quantity_of(entry.value, dimension::none, path + "." + entry.key, problems);
    if (count && !(*count > 0 && *count <= most_units))
      problems.error(Code::range, entry.value.place, path + "." + entry.key, *count > 0 ? "at most 1e9 are admitted" : "more than 0 are needed");
    else if (count)
      needs_.emplace_back(located(entry), *count);
  }
}

Node NeedsValue::write() const { return numbers_node(needs_); }

void BufferValue::read(const Node& node, const std::string& path, Problems& problems) {
  given_ = true;
  const auto set = [&](const Node& value, const std::string& at) {
    if (!value.is_scalar()) return wrong_kind(value, at, "a number of places or a mass", "write 20, 60 t, 15 m3 or unlimited", problems);
    if (value.text == "unlimited") {
      places_ = unlimited;
      return;
    }
    std::string why;
    const auto q = parse_quantity(value.text, &why);
    if (!q) return problems.error(Code::unit, value.place, at, why, "write 20, 60 t, 15 m3 or unlimited");
    if (q->value < 0) return problems.error(Code::range, value.place, at, "a buffer cannot be negative", "write 0 for none");
    if (q->dimension.none()) {
      if (q->value != std::floor(q->value) || q->value > 1e9)
        return problems.error(Code::range, value.place, at, "places are a whole number");
      places_ = static_cast<Index>(q->value);
    } else if (q->dimension == dimension::mass) {
      kg_ = q->value;
    } else if (q->dimension == dimension::volume) {
      m3_ = q->value;
    } else {
      problems.error(Code::unit, value.place, at,
                     "\"" + value.text + "\" is " + describe(q->dimension) + "; a number of places or a mass is needed", "write 20 or 60 t");
    }
  };
  if (!node.is_map()) return set(node, path);
  for (const Node::Entry& entry : node.entries) {
    const std::string at = path + "." + entry.key;
    if (entry.key == "count" || entry.key == "mass" || entry.key == "volume") {
      set(entry.value, at);
    } else if (entry.key == "mixed") {
      if (entry.value.text != "true" && entry.value.text != "false")
        problems.error(Code::type, entry.value.place, at, "true or false is needed");
      mixed_ = entry.value.text == "true";
    } else {
      problems.error(Code::unknown_key, entry.place, at, "no such key: " + entry.key, "a buffer has count, mass, volume and mixed");
    }
  }
}

Node BufferValue::write() const {
  Node map = Node::map();
  if (places_ != unlimited) map.at("count") = Node::scalar(std::to_string(places_));
  if (kg_ >= 0) map.at("mass") = quantity_node(kg_, dimension::mass);
  if (m3_ >= 0) map.at("volume") = quantity_node(m3_, dimension::volume);
  if (map.entries.size() == 1 && !mixed_) return map.entries[0].value;
  if (mixed_) map.at("mixed") = Node::scalar("true");
  return map.entries.empty() ? Node::scalar("unlimited") : map;
}

void ReplicationsValue::read(const Node& node, const std::string& path, Problems& problems) {
  constexpr double most = 1e6;
  const char* const hint = "write auto, or a number from 1 to a million";
  if (!node.is_scalar()) return wrong_kind(node, path, "auto or a number", hint, problems);
  given_ = true;
  count_ = 0;
  if (node.text == "auto") return;
  const auto q = parse_quantity(node.text);
  if (!q || !q->dimension.none()) return problems.error(Code::type, node.place, path, "\"" + node.text + "\" is no number of replications", hint);
  if (!(q->value >= 1 && q->value <= most) || q->value != std::floor(q->value))
    return problems.error(Code::range, node.place, path, "there cannot be " + node.text + " replications", hint);
  count_ = static_cast<std::int64_t>(q->value);
}

Node ReplicationsValue::write() const { return Node::scalar(count_ == 0 ? "auto" : std::to_string(count_)); }

void WarmupValue::read(const Node& node, const std::string& path, Problems& problems) {
  const char* const hint = "write auto, or a time, e.g. 2 weeks";
  if (!node.is_scalar()) return wrong_kind(node, path, "auto or a time", hint, problems);
  given_ = true;
  s_ = 0;
  found_ = node.text == "auto";
  if (found_) return;
  const std::size_t dot = path.rfind('.');
  const std::string name = dot == std::string::npos ? path : path.substr(dot + 1);
  Node settings;
  settings.kind = Node::Kind::map;
  settings.entries.push_back({name, node.place, node});
  read_fields(settings, dot == std::string::npos ? "" : path.substr(0, dot), problems,
              [&](Fields& f) { f.quantity(name.c_str(), s_, dimension::time, Range::non_negative(), ""); });
}

Node WarmupValue::write() const { return found_ ? Node::scalar("auto") : quantity_node(s_, dimension::time); }

void DispatchValue::read(const Node& node, const std::string& path, Problems& problems) {
  given_ = true;
  const char* hint = "write fifo, lifo, random, campaign, {smallest: expression} or {largest: expression}";
  if (node.is_scalar()) {
    if (node.text == "fifo") {
      rule_ = Dispatch::fifo;
    } else if (node.text == "lifo") {
      rule_ = Dispatch::lifo;
    } else if (node.text == "random") {
      rule_ = Dispatch::random;
    } else if (node.text == "campaign") {
      rule_ = Dispatch::campaign;
    } else {
      problems.error(Code::unknown_name, node.place, path, "no such dispatch rule: " + node.text, hint);
    }
    return;
  }
  if (node.is_map() && node.entries.size() == 1 && node.entries[0].value.is_scalar() &&
      (node.entries[0].key == "smallest" || node.entries[0].key == "largest")) {
    rule_ = Dispatch::smallest;
    key_ = located(node.entries[0].value);
    if (node.entries[0].key == "largest") key_.text = "-(" + key_.text + ")";
    return;
  }
  wrong_kind(node, path, "a dispatch rule", hint, problems);
}

Node DispatchValue::write() const {
  if (rule_ == Dispatch::smallest) {
    Node map = Node::map();
    map.at("smallest") = text_node(key_.text);
    return map;
  }
  return Node::scalar(rule_ == Dispatch::lifo ? "lifo" : rule_ == Dispatch::random ? "random" : rule_ == Dispatch::campaign ? "campaign" : "fifo");
}

void ConsumesValue::read(const Node& node, const std::string& path, Problems& problems) {
  uses_.clear();
  if (!node.is_map()) return wrong_kind(node, path, "a map of flows", "write {natural_gas: 67 m3/t}", problems);
  for (const Node::Entry& entry : node.entries) {
    Use use;
    use.flow = located(entry);
    bool first = true;
    const auto add = [&](const Node& value, const std::string& how, const std::string& at) {
      std::string why;
      const auto q = value.is_scalar() ? parse_quantity(value.text, &why) : std::nullopt;
      if (!q) return problems.error(Code::unit, value.place, at, why.empty() ? "an amount with a unit is needed" : why, "write 67 m3/t, 10 m3/h or 5 kg");
      const bool bare = how.empty();
      // of the amounts that are metered only an energy has a time in it
      const auto metered = [](const Dimension& d) { return d.exponent[2] == 0 || d == dimension::energy; };
      const bool rate = bare ? metered(q->dimension * dimension::time) : how == "working" || how == "idle" || how == "off";
      // "kg/t" has no dimension left: per mass of feed
      const bool per_mass = bare ? !rate && (q->dimension.none() || q->dimension.exponent[1] == -1 ||
                                             q->dimension == dimension::specific_energy)
                                 : how == "per_mass";
      Dimension amount = q->dimension;
      if (rate) amount = amount * dimension::time;
      if (per_mass) amount = amount * dimension::mass;
      if (!metered(amount))
        return problems.error(Code::unit, value.place, at, "\"" + value.text + "\" is " + describe(q->dimension) + ": no amount " +
                                  (rate ? "by time" : per_mass ? "per mass" : "per job"),
                              rate ? "write for instance 10 m3/h or 5 kW" : per_mass ? "write for instance 67 m3/t" : "write for instance 5 kg or 3 kWh");
      if (!first && !(amount == use.dimension))
        return problems.error(Code::unit, value.place, at, "this is " + describe(amount) + ", the amount before was " + describe(use.dimension));
      use.dimension = amount;
      first = false;
      (per_mass ? use.per_kg : !rate ? use.per_job : how == "idle" ? use.idle : how == "off" ? use.off : use.working) += q->value;
    };
    if (entry.value.is_map()) {
      for (const Node::Entry& part : entry.value.entries) {
        const std::string at = path + "." + entry.key + "." + part.key;
        static constexpr std::string_view known[] = {"per_mass", "per_job", "working", "idle", "off"};
        if (std::find(std::begin(known), std::end(known), part.key) != std::end(known)) {
          add(part.value, part.key, at);
        } else {
          problems.error(Code::unknown_key, part.place, at, "no such key: " + part.key, "use per_mass, per_job, working, idle, off");
        }
      }
    } else {
      add(entry.value, "", path + "." + entry.key);
    }
    uses_.push_back(use);
  }
  std::stable_sort(uses_.begin(), uses_.end(), [](const Use& a, const Use& b) { return a.flow.text < b.flow.text; });
}

Node ConsumesValue::write() const {
  Node map = Node::map();
  for (const Use& use : uses_) {
    const Dimension by_time = use.dimension / dimension::time;
    Node parts = Node::map();
    for (const auto& [how, amount, of] : {std::tuple{"per_mass", use.per_kg, use.dimension / dimension::mass}, {"per_job", use.per_job, use.dimension},
                                          {"working", use.working, by_time}, {"idle", use.idle, by_time}, {"off", use.off, by_time}})
      if (amount != 0) parts.at(how) = quantity_node(amount, of);
    if (parts.entries.empty()) parts.at("per_job") = quantity_node(0, use.dimension);
    map.entries.push_back({use.flow.text, {}, std::move(parts)});
  }
  return map;
}

void AttributesValue::read(const Node& node, const std::string& path, Problems& problems) {
  entries_.clear();
  if (!node.is_map()) return wrong_kind(node, path, "a map of attributes", "write {weight: 3 kg, grade: {A: 60 %, B: 40 %}}", problems);
  for (const Node::Entry& item : node.entries) {
    const std::string at = path + "." + item.key;
    const Node& value = item.value;
    Entry entry;
    entry.name = located(item);
    if (has_shares(value)) {
      double sum = 0;
      bool sound = true;
      for (const Node::Entry& e : value.entries) {
        entry.categories.emplace_back(e.key, *share_of(e.value));
        sound = check_share(entry.categories.back().second, e.value, at + "." + e.key, problems) && sound;
        sum += entry.categories.back().second;
      }
      if (std::abs(sum - 1) > 1e-9) {
        problems.error(Code::probability, value.place, at, "the shares sum to " + fmt::format("{:.9g}", sum) + ", not to 1", "make them sum to 100 %");
        sound = false;
      }
      if (!sound)  // so that what follows goes on
        for (auto& [name, share] : entry.categories) share = 1.0 / static_cast<double>(entry.categories.size());
      std::stable_sort(entry.categories.begin(), entry.categories.end());  // the order of declaration must not matter
    } else if (value.is_scalar() && (value.quoted || !parse_quantity(value.text))) {
      entry.categories.emplace_back(value.text, 1.0);
    } else {
      // the dimension is that of the first quantity inside
      const Node* probe = &value;
      while (probe->is_map() && !probe->entries.empty()) probe = &probe->entries.front().value;
      if (probe->is_list() && !probe->items.empty()) probe = &probe->items.front();
      if (probe->is_scalar())
        if (const auto q = parse_quantity(probe->text)) entry.dimension = q->dimension;
      DistributionValue distribution(entry.dimension);
      distribution.read(value, at, problems);
      entry.distribution = distribution.distribution();
    }
    entries_.push_back(entry);
  }
  std::stable_sort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) { return a.name.text < b.name.text; });
}

Node AttributesValue::write() const {
  Node map = Node::map();
  for (const Entry& entry : entries_) {
    Node& value = map.at(entry.name.text);
    if (entry.distribution) {
      DistributionValue numeric(entry.dimension);
      numeric.set(*entry.distribution);
      value = numeric.write();
    } else if (entry.categories.size() == 1) {
      value = text_node(entry.categories[0].first);
    } else {
      for (const auto& [name, share] : entry.categories) value.at(name) = share_node(share);
    }
  }
  return map;
}

void ShiftsValue::read(const Node& node, const std::string& path, Problems& problems) {
  shifts_.clear();
  if (node.is_scalar()) {
    shifts_.emplace_back(located(node), -1.0);
    return;
  }
  if (!node.is_map()) return wrong_kind(node, path, "the name of a calendar", "write two_shift or {day: 4, night: 2}", problems);
  for (const Node::Entry& entry : node.entries) {
    const auto count = quantity_of(entry.value, dimension::none, path + "." + entry.key, problems);
    if (count && *count < 0) problems.error(Code::range, entry.value.place, path + "." + entry.key, "units cannot be negative");
    if (count) shifts_.emplace_back(located(entry), *count);
  }
  std::stable_sort(shifts_.begin(), shifts_.end(), [](const auto& a, const auto& b) { return a.first.text < b.first.text; });
}

Node ShiftsValue::write() const {
  if (shifts_.size() == 1 && shifts_[0].second < 0) return text_node(shifts_[0].first.text);
  return numbers_node(shifts_);
}

void TableValue::read(const Node& node, const std::string& path, Problems& problems) {
  cells_.clear();
  if (!node.is_map()) return wrong_kind(node, path, "a table", "write {A: {B: 30 m}}", problems);
  for (const Node::Entry& row : node.entries) {
    if (!row.value.is_map()) {
      wrong_kind(row.value, path + "." + row.key, "a map", "write {B: 30 m}", problems);
      continue;
    }
    for (const Node::Entry& column : row.value.entries) {
      const auto value = quantity_of(column.value, dimension_, path + "." + row.key + "." + column.key, problems);
      if (value && *value < 0) problems.error(Code::range, column.value.place, path + "." + row.key + "." + column.key, "it cannot be negative");
      if (value) cells_.push_back({located(row), located(column), *value});
    }
  }
}

Node TableValue::write() const {
  Node map = Node::map();
  for (const Cell& cell : cells_) map.at(cell.row.text).at(cell.column.text) = quantity_node(cell.value, dimension_);
  return map;
}

std::string NeedsValue::schema() const { return R"({"type": "object", "additionalProperties": {"type": "number", "exclusiveMinimum": 0}})"; }
std::string BufferValue::schema() const {
  return R"({"oneOf": [{"type": "integer", "minimum": 0}, {"type": "string"}, {"type": "object", "additionalProperties": false, "properties": {"count": {}, "mass": {}, "volume": {}, "mixed": {"type": "boolean"}}}]})";
}
std::string DispatchValue::schema() const {
  return R"({"oneOf": [{"enum": ["fifo", "lifo", "campaign"]}, {"type": "object", "additionalProperties": false, "properties": {"smallest": {}, "largest": {}}}]})";
}
std::string ConsumesValue::schema() const { return R"({"type": "object"})"; }
std::string AttributesValue::schema() const { return R"({"type": "object"})"; }
std::string ShiftsValue::schema() const { return R"({"oneOf": [{"type": "string"}, {"type": "object", "additionalProperties": {"type": "number"}}]})"; }
std::string TableValue::schema() const { return R"({"type": "object", "additionalProperties": {"type": "object"}})"; }

}  // namespace retwin

// Reading of values with a syntax of their own; every problem is reported with its place, nothing is thrown.
#include "core/scenario/specs/values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace retwin {
namespace {

constexpr double most_units = 1e9;  ///< of a resource, or parts of a kind

const char* const name_or_map = R"({"type": ["string", "number", "object", "array"]})";

Located located(const Node& node) { return {node.text, node.place}; }
Located located(const Node::Entry& entry) { return {entry.key, entry.place}; }

void wrong_kind(const Node& node, const std::string& path, const char* wanted, const char* hint, Problems& problems) {
  problems.error(Code::type, node.place, path, std::string(wanted) + " is needed here, this is a " + std::string(kind_name(node.kind)),
                 hint);
}

// A plain number or a percentage.
std::optional<double> share_of(const Node& node) {
  if (!node.is_scalar() || node.quoted) return std::nullopt;
  const auto q = parse_quantity(node.text);
  if (!q || !q->dimension.none()) return std::nullopt;
  return q->value;
}

/// Reports a share that is none; false then.
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

// "press" or "agv -> press"
void read_target(const Node& node, const std::string& path, RouteSpec::Option& option, Problems& problems) {
  if (!node.is_scalar() || node.text.empty()) {
    wrong_kind(node, path, "the name of a station or sink", "", problems);
    return;
  }
  const auto arrow = node.text.find("->");
  const auto trim = [](std::string s) {
    const auto first = s.find_first_not_of(" \t"), last = s.find_last_not_of(" \t");
    return first == std::string::npos ? std::string() : s.substr(first, last - first + 1);
  };
  if (arrow == std::string::npos) {
    option.target = located(node);
    return;
  }
  option.via = {trim(node.text.substr(0, arrow)), node.place};
  option.target = {trim(node.text.substr(arrow + 2)), node.place};
  if (option.via.empty() || option.target.empty())
    problems.error(Code::route, node.place, path, "a transport and a target are needed around \"->\"", "write agv -> press");
}

struct Rule {
  const char* key;
  RouteKind kind;
};
constexpr Rule rules[] = {{"shortest", RouteKind::shortest}, {"fastest", RouteKind::fastest}, {"cyclic", RouteKind::cyclic},
                          {"overflow", RouteKind::overflow}};

RouteSpec read_route(const Node& node, const std::string& path, Problems& problems);

bool by_name(const RouteSpec::Option& a, const RouteSpec::Option& b) {
  return a.target.text != b.target.text ? a.target.text < b.target.text : a.via.text < b.via.text;
}

RouteSpec read_shares(const Node& node, const std::string& path, Problems& problems) {
  RouteSpec route;
  route.kind = RouteKind::probability;
  route.place = node.place;
  double sum = 0;
  for (const Node::Entry& entry : node.entries) {
    RouteSpec::Option option;
    Node target = Node::scalar(entry.key, entry.place);
    read_target(target, path, option, problems);
    option.share = share_of(entry.value).value_or(0);
    check_share(option.share, entry.value, path + "." + entry.key, problems);
    sum += option.share;
    route.options.push_back(option);
  }
  if (std::abs(sum - 1) > 1e-9)
    problems.error(Code::probability, node.place, path, "the shares sum to " + fmt::format("{:.9g}", sum) + ", not to 1",
                   "make them sum to 100 %");
  // the order of declaration must not matter: shares are laid out by name
  std::stable_sort(route.options.begin(), route.options.end(), by_name);
  double cumulative = 0;
  for (auto& option : route.options) option.share = cumulative += option.share;
  return route;
}

RouteSpec read_rule(const Node& node, const Node& choices, RouteKind kind, const std::string& path, Problems& problems) {
  RouteSpec route;
  route.kind = kind;
  route.place = node.place;
  if (choices.is_list()) {
    for (const Node& item : choices.items) {
      RouteSpec::Option option;
      read_target(item, path, option, problems);
      route.options.push_back(option);
    }
  } else if (choices.is_map() && kind == RouteKind::fastest) {
    for (const Node::Entry& entry : choices.entries) {
      RouteSpec::Option option;
      read_target(Node::scalar(entry.key, entry.place), path, option, problems);
      option.believed_s = quantity_of(entry.value, dimension::time, path + "." + entry.key, problems);
      route.options.push_back(option);
    }
    std::stable_sort(route.options.begin(), route.options.end(), by_name);  // of equals the faster is first, whatever its name
    std::stable_sort(route.options.begin(), route.options.end(), [](const auto& a, const auto& b) { return a.believed_s < b.believed_s; });
  } else {
    wrong_kind(choices, path, "a list of names", "write [a, b]", problems);
  }
  if (route.options.empty()) problems.error(Code::route, choices.place, path, "at least one target is needed");
  return route;
}

RouteSpec read_cases(const Node& node, const std::string& path, Problems& problems) {
  RouteSpec route;
  route.kind = RouteKind::cases;
  route.place = node.place;
  for (std::size_t k = 0; k < node.items.size(); ++k) {
    const Node& item = node.items[k];
    RouteSpec::Option option;
    const std::string at = path + "." + std::to_string(k);
    if (!item.is_map() || !item.find("to")) {
      problems.error(Code::route, item.place, at, "a case needs `to`", "write {when: label.grade == A, to: name}");
      continue;
    }
    for (const Node::Entry& entry : item.entries) {
      if (entry.key == "to") {
        read_target(entry.value, at + ".to", option, problems);
      } else if (entry.key == "when") {
        option.when = located(entry.value);
      } else {
        problems.error(Code::unknown_key, entry.place, at, "no such key: " + entry.key, "a case has `when` and `to`");
      }
    }
    route.options.push_back(option);
  }
  if (route.options.empty()) {
    problems.error(Code::route, node.place, path, "at least one case is needed");
  } else if (!route.options.back().when.empty()) {
    problems.error(Code::route, node.place, path, "the last case must have no `when`, or lots may have nowhere to go",
                   "add {to: name} as the last case");
  }
  return route;
}

RouteSpec read_route(const Node& node, const std::string& path, Problems& problems) {
  RouteSpec route;
  route.place = node.place;
  if (node.is_scalar()) {
    route.options.emplace_back();
    read_target(node, path, route.options.back(), problems);
    return route;
  }
  if (node.is_list()) return read_cases(node, path, problems);
  if (node.is_map() && node.entries.size() == 1) {
    for (const Rule& rule : rules)
      if (node.entries[0].key == rule.key) return read_rule(node, node.entries[0].value, rule.kind, path, problems);
  }
  if (node.is_map() && !node.entries.empty() &&
      std::all_of(node.entries.begin(), node.entries.end(), [](const auto& e) { return share_of(e.value).has_value(); }))
    return read_shares(node, path, problems);
  wrong_kind(node, path, "a route", "write a name, {a: 60 %, b: 40 %} or [{when: ..., to: a}, {to: b}]", problems);
  return route;
}

}  // namespace

void RoutesValue::read(const Node& node, const std::string& path, Problems& problems) {
  ports_.clear();
  const bool rule = node.is_map() && node.entries.size() == 1 &&
                    std::any_of(std::begin(rules), std::end(rules), [&](const Rule& r) { return node.entries[0].key == r.key; });
  const bool shares = node.is_map() && !node.entries.empty() &&
                      std::all_of(node.entries.begin(), node.entries.end(), [](const auto& e) { return share_of(e.value).has_value(); });
  if (node.is_map() && !rule && !shares) {
    if (node.entries.empty()) wrong_kind(node, path, "a route", "write a name", problems);
    for (const Node::Entry& entry : node.entries)
      ports_.emplace_back(located(entry), read_route(entry.value, path + "." + entry.key, problems));
    return;
  }
  ports_.emplace_back(Located{"", node.place}, read_route(node, path, problems));
}

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

void DispatchValue::read(const Node& node, const std::string& path, Problems& problems) {
  given_ = true;
  const char* hint = "write fifo, lifo, campaign, {smallest: expression} or {largest: expression}";
  if (node.is_scalar()) {
    if (node.text == "fifo") {
      rule_ = Dispatch::fifo;
    } else if (node.text == "lifo") {
      rule_ = Dispatch::lifo;
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

void AttributesValue::read(const Node& node, const std::string& path, Problems& problems) {
  entries_.clear();
  if (!node.is_map()) return wrong_kind(node, path, "a map of attributes", "write {weight: 3 kg, grade: {A: 60 %, B: 40 %}}", problems);
  for (const Node::Entry& item : node.entries) {
    const std::string at = path + "." + item.key;
    const Node& value = item.value;
    Entry entry;
    entry.name = located(item);
    const bool shares = value.is_map() && !value.entries.empty() &&
                        std::all_of(value.entries.begin(), value.entries.end(), [](const auto& e) { return share_of(e.value).has_value(); });
    if (shares) {
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

std::string RoutesValue::schema() const { return name_or_map; }
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

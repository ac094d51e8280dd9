// Reading and writing of routes: a name, shares, cases, or a rule of choice, alone or by port.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/scenario/specs/value_parts.hpp"
#include "core/scenario/specs/values.hpp"

namespace retwin {
namespace {

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
constexpr Rule route_rules[] = {{"shortest", RouteKind::shortest}, {"fastest", RouteKind::fastest}, {"cyclic", RouteKind::cyclic},
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
    for (const Rule& rule : route_rules)
      if (node.entries[0].key == rule.key) return read_rule(node, node.entries[0].value, rule.kind, path, problems);
  }
  if (has_shares(node)) return read_shares(node, path, problems);
  wrong_kind(node, path, "a route", "write a name, {a: 60 %, b: 40 %} or [{when: ..., to: a}, {to: b}]", problems);
  return route;
}

std::string target_text(const RouteSpec::Option& option) {
  return option.via.empty() ? option.target.text : option.via.text + " -> " + option.target.text;
}

Node route_node(const RouteSpec& route) {
  if (route.kind == RouteKind::single) return text_node(target_text(route.options.at(0)));
  Node list = Node::list(), map = Node::map();
  bool by_name = route.kind == RouteKind::probability;
  for (const RouteSpec::Option& option : route.options) by_name = by_name || option.believed_s.has_value();
  for (const RouteSpec::Option& option : route.options) {
    const Node target = text_node(target_text(option));
    if (route.kind == RouteKind::cases) {
      Node& item = list.items.emplace_back(Node::map());
      if (!option.when.empty()) item.at("when") = text_node(option.when.text);
      item.at("to") = target;
    } else if (by_name) {
      map.entries.push_back({target.text, {}, option.believed_s ? quantity_node(*option.believed_s, dimension::time) : share_node(option.share)});
    } else {
      list.items.push_back(target);
    }
  }
  if (route.kind == RouteKind::probability) return map;
  if (route.kind == RouteKind::cases) return list;
  Node ruled = Node::map();
  for (const Rule& rule : route_rules)
    if (rule.kind == route.kind) ruled.at(rule.key) = by_name ? map : list;
  return ruled;
}

}  // namespace

void RoutesValue::read(const Node& node, const std::string& path, Problems& problems) {
  ports_.clear();
  const bool rule = node.is_map() && node.entries.size() == 1 &&
                    std::any_of(std::begin(route_rules), std::end(route_rules), [&](const Rule& r) { return node.entries[0].key == r.key; });
  if (node.is_map() && !rule && !has_shares(node)) {
    if (node.entries.empty()) wrong_kind(node, path, "a route", "write a name", problems);
    for (const Node::Entry& entry : node.entries)
      ports_.emplace_back(located(entry), read_route(entry.value, path + "." + entry.key, problems));
    return;
  }
  ports_.emplace_back(Located{"", node.place}, read_route(node, path, problems));
}

Node RoutesValue::write() const {
  if (ports_.size() == 1 && ports_[0].first.empty()) return route_node(ports_[0].second);
  Node map = Node::map();
  for (const auto& [port, route] : ports_) map.entries.push_back({port.text, {}, route_node(route)});
  return map;
}

void RoutesValue::set(const std::string& target) {
  RouteSpec route;
  route.options.emplace_back().target.text = target;
  set(std::move(route));
}

std::string RoutesValue::schema() const { return R"({"type": ["string", "number", "object", "array"]})"; }

}  // namespace retwin

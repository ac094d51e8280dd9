// Concurrency, plans of cases and routing: small plants of known truth, three logs with their models, and what must not pass.
#include "core/telemetry/cases/case_plans.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "core/base/random.hpp"
#include "core/stats/proportions.hpp"
#include "core/telemetry/cases/routing.hpp"
#include "core/telemetry/log/clean.hpp"
#include "core/telemetry/readers/csv_log.hpp"

namespace retwin::case_plans_test {

namespace {

/// Writes the cases of a small plant.
class Cases {
 public:
  explicit Cases(std::uint64_t seed = 1) : draws_{replication_key(seed, 0), stream_id("cases"), 0} {}
  double uniform() { return draws_.uniform(draw_++); }
  bool chance(double p) { return uniform() < p; }
  double duration() { return 10 + 100 * uniform(); }
  void begin() { log.lots.number(std::to_string(log.lots.size())); }
  void at(const std::string& activity, double start, double end, const std::string& resource = "") {
    LogEvent e;
    e.lot = log.lots.size() - 1;
    e.activity = log.activities.number(activity);
    e.resource = log.resources.number(resource.empty() ? activity + "'s" : resource);
    e.row = static_cast<std::uint32_t>(log.events.size() + 1);
    e.start_s = start, e.end_s = end;
    log.events.push_back(e);
  }
  /// One after the other, each as the one before ends; returns the end.
  double chain(const std::vector<std::string>& activities, double start, const std::string& resource = "") {
    for (const std::string& activity : activities) {
      const double end = start + duration();
      at(activity, start, end, resource);
      start = end;
    }
    return start;
  }
  /// Branches at the same time, each on resources of its own that are free after a while.
  double parallel(const std::vector<std::vector<std::string>>& branches, double start) {
    double end = start;
    for (const auto& branch : branches) end = std::max(end, chain(branch, start + (chance(0.5) ? 0 : duration())));
    return end;
  }
  /// Branches on one resource, a step of any branch at a time.
  double in_turns(const std::vector<std::vector<std::string>>& branches, double start) {
    std::vector<std::size_t> turns, next(branches.size());
    for (std::size_t b = 0; b < branches.size(); ++b) turns.insert(turns.end(), branches[b].size(), b);
    for (std::size_t i = turns.size(); i > 1; --i)
      std::swap(turns[i - 1], turns[static_cast<std::size_t>(uniform() * double(i))]);
    for (const std::size_t b : turns) start = chain({branches[b][next[b]++]}, start, "one");
    return start;
  }
  EventLog log;

 private:
  Draws draws_;
  std::uint64_t draw_ = 0;
};

using Pairs = std::set<std::pair<std::string, std::string>>;

/// All of one branch with all of the others, by name.
Pairs across(const std::vector<std::vector<std::string>>& branches) {
  Pairs pairs;
  for (std::size_t i = 0; i < branches.size(); ++i)
    for (std::size_t j = i + 1; j < branches.size(); ++j)
      for (const std::string& a : branches[i])
        for (const std::string& b : branches[j]) pairs.insert(std::minmax(a, b));
  return pairs;
}

Pairs names(const EventLog& log, const Concurrency& concurrent) {
  Pairs pairs;
  for (const auto& [a, b] : concurrent.pairs()) {
    CHECK(concurrent(a, b));
    CHECK(concurrent(b, a));
    pairs.insert(std::minmax(log.activities[a], log.activities[b]));
  }
  return pairs;
}

/// The concurrent pairs of so many cases, each written by `write`.
Pairs found(int cases, const std::function<void(Cases&)>& write, std::uint64_t seed = 1) {
  Cases made(seed);
  for (int i = 0; i < cases; ++i) {
    made.begin();
    write(made);
  }
  put_in_order(made.log);
  return names(made.log, discover_concurrency(made.log));
}

/// Steps as text: activity<numbers of those before>.
std::string text(const EventLog& log, const std::vector<CasePlan::Step>& steps) {
  std::string result;
  for (const CasePlan::Step& step : steps) {
    result += (result.empty() ? "" : " ") + log.activities[step.activity];
    for (const std::uint32_t before : step.after) result += "<" + std::to_string(before);
  }
  return result;
}

}  // namespace

TEST_CASE("concurrency: sequences and choices show none") {
  CHECK(found(200, [](Cases& c) { c.chain({"a", "b", "c"}, 0); }).empty());
  CHECK(found(200, [](Cases& c) { c.chain({"a", c.chance(0.5) ? "b" : "c", "d"}, 0); }).empty());
  CHECK(found(0, [](Cases&) {}).empty());
  CHECK(found(1, [](Cases& c) { c.parallel({{"a"}, {"b"}}, 0); }).empty());  // one case tells nothing
}

TEST_CASE("concurrency: parallel branches, with chains, at once or in turns on one resource") {
  const std::vector<std::vector<std::string>> two = {{"a"}, {"b"}}, chains = {{"a1", "a2"}, {"b1", "b2", "b3"}},
                                              three = {{"a1", "a2"}, {"b1", "b2"}, {"c"}};
  for (const auto& branches : {two, chains, three}) {
    CAPTURE(branches.size());
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
      CHECK(found(300, [&](Cases& c) { c.chain({"e"}, c.parallel(branches, c.chain({"s"}, 0))); }, seed) == across(branches));
      CHECK(found(300, [&](Cases& c) { c.chain({"e"}, c.in_turns(branches, c.chain({"s"}, 0))); }, seed) == across(branches));
    }
  }
  // Control: always in the same order on one resource, there is nothing to see.
  CHECK(found(300, [](Cases& c) { c.chain({"s", "a1", "b1", "a2", "b2", "e"}, 0, "one"); }).empty());
}

TEST_CASE("concurrency: loops are not taken for it, blocks in loops are found") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    CAPTURE(seed);
    CHECK(found(300, [](Cases& c) {
            double t = c.chain({"s"}, 0);
            do t = c.chain({"a", "b"}, t, "one");
            while (c.chance(0.5));
          }, seed).empty());
    CHECK(found(300, [](Cases& c) {  // rework: a, then b and a again
            double t = c.chain({"s", "a"}, 0, "one");
            while (c.chance(0.4)) t = c.chain({"b", "a"}, t, "one");
          }, seed).empty());
    CHECK(found(300, [](Cases& c) {  // a choice of two kinds of rework
            double t = c.chain({"s", "k"}, 0, "one");
            while (c.chance(0.5)) t = c.chain({c.chance(0.3) ? "a" : "b", "k"}, t, "one");
          }, seed).empty());
    CHECK(found(300, [](Cases& c) {  // a choice of branches in a loop
            double t = 0;
            do t = c.chain({c.chance(0.5) ? "a" : "b", "c"}, t, "one");
            while (c.chance(0.5));
          }, seed).empty());
    CHECK(found(300, [](Cases& c) {  // entered and left anywhere
            bool a = c.chance(0.5);
            for (double t = c.chain({"s"}, 0, "one"); c.chance(0.7); a = !a) t = c.chain({a ? "a" : "b"}, t, "one");
          }, seed).empty());
    for (const bool at_once : {false, true})
      CHECK(found(300, [&](Cases& c) {
              double t = c.chain({"s"}, 0);
              const std::vector<std::vector<std::string>> branches = {{"a1", "a2"}, {"b"}};
              do t = c.chain({"k"}, at_once ? c.parallel(branches, t) : c.in_turns(branches, t));
              while (c.chance(0.4));
            }, seed) == across({{"a1", "a2"}, {"b"}}));
  }
}

TEST_CASE("concurrency: a branch that a queue holds up nearly always") {
  for (const bool waits : {false, true}) {  // b waits for a, c: it begins as c ends in the same cases in which it would overlap
    CAPTURE(waits);
    Cases cases;
    for (int k = 0; k < 600; ++k) {
      cases.begin();
      const double split = cases.chain({"first"}, 0), end = cases.chain({"a", "c"}, split);
      const double b = k % 100 == 0 ? (waits ? end : split) : end + 20 + cases.duration();
      cases.at("b", b, b + 300);
      cases.chain({"last"}, b + 300);
    }
    put_in_order(cases.log);
    const Concurrency found = discover_concurrency(cases.log);
    const auto number = [&](const char* name) { return cases.log.activities.find(name); };
    CHECK(found(number("a"), number("b")) == !waits);
    CHECK(found(number("c"), number("b")) == !waits);
    CHECK(!found(number("first"), number("b")));
    CHECK(!found(number("last"), number("b")));
  }
}

TEST_CASE("concurrency: noise is not taken for it") {
  const auto swapped = [](double share) {
    return [share](Cases& c) {
      const bool turned = c.chance(share);
      c.chain({"s", turned ? "b" : "a", turned ? "a" : "b", "e"}, 0, "one");
    };
  };
  CHECK(found(1000, swapped(0.01)).empty());
  CHECK(found(1000, swapped(0.1)) == across({{"a"}, {"b"}}));
  // Clocks that disagree by a moment: the next always begins before the last ends.
  CHECK(found(200, [](Cases& c) { c.at("a", 0, 30), c.at("b", 28, 60), c.at("c", 57, 80); }).empty());
  CHECK(found(200, [](Cases& c) { c.at("a", 0, 30), c.at("b", 10, 60), c.at("c", 60, 80); }) == across({{"a"}, {"b"}}));
  // A sequence in either order hands over at once; parallel work of two resources does not.
  const auto either = [](const char* resource) {
    return [resource](Cases& c) { c.chance(0.5) ? c.chain({"a", "b"}, 0, resource) : c.chain({"b", "a"}, 0, resource); };
  };
  CHECK(found(200, either("")).empty());
  CHECK(found(200, either("one")) == across({{"a"}, {"b"}}));
  // A choice in a loop, the next sometimes begun before the last has ended.
  CHECK(found(300, [](Cases& c) {
          double t = c.chain({"s"}, 0, "one");
          do t = c.chain({c.chance(0.5) ? "a" : "b"}, t - (c.chance(0.1) ? 30 : 0), "one");
          while (c.chance(0.6));
        }).empty());
  // Parts of a lot that move on while others are still worked on.
  for (const int parts : {2, 3, 6})
    CHECK(found(200, [parts](Cases& c) {
            for (int part = 0; part < parts; ++part) {
              const double t = 100 * part, late = c.chance(0.05) ? 60 : 0;
              c.at("a", t, t + 100 + late), c.at("b", t + 100, t + 200);
            }
          }).empty());
}

TEST_CASE("plans: what a step waits for, and when it could have begun") {
  Cases c;
  c.begin();
  c.at("s", 0, 10), c.at("a", 10, 40), c.at("b", 12, 20), c.at("b2", 25, 30), c.at("e", 45, 50), c.at("e", 50, 50);
  const auto n = [&](const char* name) { return c.log.activities.find(name); };
  const Concurrency concurrent({{n("b"), n("a")}, {n("a"), n("b2")}});
  CHECK_FALSE(concurrent(n("a"), n("a")));
  CHECK_FALSE(concurrent(n("s"), n("e")));
  CHECK_FALSE(concurrent(1000, n("a")));
  CHECK(concurrent.pairs().size() == 2);
  const std::vector<CasePlan> plans = case_plans(c.log, concurrent);
  REQUIRE(plans.size() == 1);
  CHECK(text(c.log, plans[0].steps) == "s a<0 b<0 b2<2 e<1<3 e<4");
  CHECK(std::isnan(enabled_s(c.log, plans[0], 0)));
  CHECK(enabled_s(c.log, plans[0], 1) == 10);
  CHECK(enabled_s(c.log, plans[0], 4) == 40);
  CHECK(enabled_s(c.log, plans[0], 5) == 50);
  CHECK(text(c.log, case_plans(c.log, {})[0].steps) == "s a<0 b<0 b2<2 e<1<3 e<4");  // they overlap anyway
  c.log.events[1].end_s = 12;                                                         // now a ends before b begins
  CHECK(text(c.log, case_plans(c.log, concurrent)[0].steps) == "s a<0 b<0 b2<2 e<1<3 e<4");
  CHECK(text(c.log, case_plans(c.log, {})[0].steps) == "s a<0 b<1 b2<2 e<3 e<4");
}

TEST_CASE("plans: the reduction keeps exactly what nothing else implies") {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    Cases c(seed);
    c.begin();
    const std::size_t n = seed * 10;
    for (std::size_t i = 0; i < n; ++i) {
      const double start = std::floor(c.uniform() * double(n));
      c.at(std::string(1, static_cast<char>('a' + int(c.uniform() * 8))), start, start + std::floor(c.uniform() * 6));
    }
    put_in_order(c.log);
    std::vector<std::pair<std::uint32_t, std::uint32_t>> pairs;
    for (std::uint32_t a = 0; a < c.log.activities.size(); ++a)
      for (std::uint32_t b = 0; b < a; ++b)
        if (c.chance(0.1 * double(seed % 8))) pairs.emplace_back(a, b);
    const Concurrency concurrent(pairs);
    const CasePlan plan = case_plans(c.log, concurrent).at(0);
    // Waiting and what follows from it, plainly.
    std::vector<std::vector<bool>> waits(n, std::vector<bool>(n)), follows = waits;
    for (std::size_t f = 0; f < n; ++f)
      for (std::size_t e = 0; e < f; ++e) {
        const LogEvent &x = c.log.events[e], &y = c.log.events[f];
        waits[f][e] = x.end_s <= y.start_s && !concurrent(x.activity, y.activity);
        if (!waits[f][e]) continue;
        follows[f][e] = true;
        for (std::size_t d = 0; d < e; ++d) follows[f][d] = follows[f][d] || follows[e][d];
      }
    bool right = plan.steps.size() == n;
    for (std::size_t f = 0; f < n && right; ++f) {
      std::vector<std::uint32_t> after;
      for (std::uint32_t e = 0; e < f; ++e) {
        bool implied = !waits[f][e];
        for (std::size_t d = e + 1; d < f; ++d) implied = implied || (waits[f][d] && follows[d][e]);
        if (!implied) after.push_back(e);
      }
      right = after == plan.steps[f].after && plan.steps[f].event == f;
    }
    CAPTURE(seed);
    CHECK(right);
  }
}

TEST_CASE("variants: the same plan whatever the order in which concurrent steps happened") {
  Cases c;
  const std::vector<std::vector<std::string>> branches = {{"a1", "a2"}, {"b1", "b2"}, {"c"}};
  for (int i = 0; i < 300; ++i) {
    c.begin();
    const double t = c.in_turns(branches, c.chain({"s"}, 0));
    c.chain({i % 3 == 0 ? "e" : "f"}, t);
  }
  put_in_order(c.log);
  const std::vector<PlanVariant> variants = plan_variants(case_plans(c.log, discover_concurrency(c.log)));
  REQUIRE(variants.size() == 2);
  CHECK(variants[0].lots.size() == 200);
  CHECK(variants[1].lots.size() == 100);
  CHECK(variants[1].lots.front() == 0);
  for (const CasePlan::Step& step : variants[1].steps) {
    CHECK(c.log.events[step.event].lot == 0);
    CHECK(c.log.events[step.event].activity == step.activity);
  }
  CHECK(plan_variants(case_plans(c.log, {})).size() > 30);  // control: sequences differ
}

TEST_CASE("variants: steps of one activity are told apart by what follows them") {
  const auto variants = [](const std::vector<std::vector<CasePlan::Step>>& plans) {
    std::vector<CasePlan> all;
    for (const auto& steps : plans) all.push_back({static_cast<std::uint32_t>(all.size()), steps});
    return plan_variants(all).size();
  };
  using Steps = std::vector<CasePlan::Step>;
  const Steps first = {{0, 7, {}}, {1, 7, {}}, {2, 3, {0}}}, second = {{0, 7, {}}, {1, 7, {}}, {2, 3, {1}}},
              both = {{0, 7, {}}, {1, 7, {}}, {2, 3, {0, 1}}};
  CHECK(variants({first, second}) == 1);
  CHECK(variants({first, second, both}) == 2);
  const Steps later = {{0, 9, {}}, {1, 7, {0}}, {2, 7, {0}}, {3, 3, {1}}},
              sooner = {{0, 9, {}}, {1, 7, {0}}, {2, 7, {0}}, {3, 3, {2}}};
  CHECK(variants({later, sooner}) == 1);
  CHECK(variants({}) == 0);
}

TEST_CASE("routing: choices, splits, joins, ends and rework with their shares") {
  Cases c;
  for (int i = 0; i < 400; ++i) {
    c.begin();
    double t = c.chain({"s"}, 0);
    if (i % 4 == 0) c.chain({"x"}, t);
    else {
      do t = c.chain({"k"}, c.parallel({{"a"}, {"b"}}, t));
      while (i % 8 == 1 && c.log.events.size() % 2 == 0);
    }
  }
  put_in_order(c.log);
  const auto n = [&](const char* name) { return c.log.activities.find(name); };
  const std::vector<CasePlan> plans = case_plans(c.log, discover_concurrency(c.log));
  const std::vector<RoutingPoint> points = routing(c.log, plans, 0.99);
  REQUIRE(points.size() == 6);
  CHECK(points[0].after == Names::absent);
  CHECK(points[0].options.at(0).next == std::vector<std::uint32_t>{n("s")});
  const RoutingPoint& s = points[1];
  CHECK(s.after == n("s"));
  CHECK(s.count == 400);
  REQUIRE(s.options.size() == 2);
  std::vector<std::uint32_t> split = {n("a"), n("b")};
  std::sort(split.begin(), split.end());
  CHECK(s.options[0].next == split);
  CHECK(s.options[0].count == 300);
  CHECK(s.options[0].share.estimate == 0.75);
  CHECK(s.options[0].share.contains(0.75));
  CHECK_FALSE(s.options[0].share.contains(0.6));
  // Two options here and two after k hold together.
  const std::vector<std::uint64_t> counts = {300, 100};
  const Bounds alone = dirichlet_intervals(counts, 1 - 0.01 / 4, false)[0];
  CHECK(s.options[0].share.low == doctest::Approx(alone.low).epsilon(1e-12));
  CHECK(s.options[0].share.high == doctest::Approx(alone.high).epsilon(1e-12));
  CHECK(s.options[0].share.level == 0.99);
  CHECK(s.options[1].next == std::vector<std::uint32_t>{n("x")});
  const auto point = [&](const char* name) {
    return *std::find_if(points.begin(), points.end(), [&](const RoutingPoint& p) { return p.after == n(name); });
  };
  CHECK(point("a").options.size() == 1);
  CHECK(point("a").options[0].next == std::vector<std::uint32_t>{n("k")});
  CHECK(point("x").options[0].next.empty());
  // More options, wider intervals: they hold together.
  const double one = routing(c.log, plans, 0.5)[1].options[0].share.high;
  CHECK(one < s.options[0].share.high);
  for (const Repetition& r : repetitions(c.log, plans)) {
    CHECK((r.activity == n("a") || r.activity == n("b") || r.activity == n("k")));
    CHECK(r.cases == 300);
    CHECK(r.repeated > 0);
    CHECK(r.executions > r.cases);
    CHECK(r.share.contains(double(r.repeated) / 300));
  }
  CHECK(routing(c.log, {}).empty());
  CHECK(repetitions(c.log, {}).empty());
}

namespace {

/// A model: tasks, gateways and flows, with probabilities. As much of BPMN as the models of the logs use.
struct Model {
  struct Node {
    std::string kind, name;
    std::vector<std::pair<std::string, double>> out;  ///< target, probability
    int in = 0;
  };
  std::map<std::string, Node> nodes;
  using Ways = std::map<std::set<std::string>, double>;  ///< sets of next tasks, with probabilities

  bool is_task(const std::string& id) const { return nodes.at(id).kind.ends_with("ask"); }
  Ways ways(const std::string& id) const {
    const Node& node = nodes.at(id);
    if (is_task(id)) return {{{node.name}, 1}};
    if (node.kind == "endEvent") return {{{}, 1}};
    return onward(node);
  }
  Ways onward(const Node& node) const {
    if (node.kind != "parallelGateway") {
      Ways mixed;
      for (const auto& [target, p] : node.out)
        for (const auto& [next, q] : ways(target)) mixed[next] += p * q;
      return mixed;
    }
    Ways all = {{{}, 1}};
    for (const auto& [target, p] : node.out) {
      Ways product;
      for (const auto& [left, q] : all)
        for (const auto& [right, r] : ways(target)) {
          std::set<std::string> joined = left;
          joined.insert(right.begin(), right.end());
          product[joined] += q * r;
        }
      all = product;
    }
    return all;
  }
  void tasks_of_branch(const std::string& id, std::set<std::string>& seen, std::vector<std::string>& tasks) const {
    const Node& node = nodes.at(id);
    if ((node.kind == "parallelGateway" && node.in > 1) || !seen.insert(id).second) return;
    if (is_task(id)) tasks.push_back(node.name);
    for (const auto& [target, p] : node.out) tasks_of_branch(target, seen, tasks);
  }
  Pairs concurrent() const {
    Pairs pairs;
    for (const auto& [id, node] : nodes) {
      if (node.kind != "parallelGateway" || node.out.size() < 2) continue;
      std::vector<std::vector<std::string>> branches;
      for (const auto& [target, p] : node.out) {
        std::set<std::string> seen;
        tasks_of_branch(target, seen, branches.emplace_back());
      }
      pairs.merge(across(branches));
    }
    return pairs;
  }
};

std::string attribute(const std::string& tag, const std::string& name) {
  std::size_t at = tag.find(name + "=\"");
  while (at != std::string::npos && tag[at - 1] > ' ') at = tag.find(name + "=\"", at + 1);
  if (at == std::string::npos) return "";
  const std::size_t begin = at + name.size() + 2;
  std::string value = tag.substr(begin, tag.find('"', begin) - begin);
  for (std::size_t escape = 0; (escape = value.find("&#39;")) != std::string::npos;) value.replace(escape, 5, "'");
  return value;
}

Model read_model(const std::string& stem) {
  std::ifstream graph(stem + ".bpmn"), parameters(stem + ".json");
  const std::string all((std::istreambuf_iterator<char>(graph)), std::istreambuf_iterator<char>());
  std::map<std::string, double> probability;
  const nlohmann::json read = nlohmann::json::parse(parameters);
  for (const auto& gateway : read["gateway_branching_probabilities"])
    for (const auto& path : gateway["probabilities"]) probability[path["path_id"]] = std::stod(path["value"].get<std::string>());
  Model model;
  std::vector<std::string> flows;
  for (std::size_t at = all.find('<'); at != std::string::npos; at = all.find('<', at + 1)) {
    const std::string tag = all.substr(at, all.find('>', at) - at);
    const std::string kind = tag.substr(1, tag.find_first_of(" />\n", 1) - 1);
    if (kind == "sequenceFlow") flows.push_back(tag);
    else if (kind.ends_with("ask") || kind.ends_with("Gateway") || kind.ends_with("Event"))
      model.nodes[attribute(tag, "id")] = {kind, attribute(tag, "name"), {}, 0};
  }
  for (const std::string& flow : flows) {
    const auto known = probability.find(attribute(flow, "id"));
    const std::string source = attribute(flow, "sourceRef"), target = attribute(flow, "targetRef");
    const bool choice = model.nodes.at(source).kind == "exclusiveGateway";
    model.nodes[source].out.emplace_back(target, choice && known != probability.end() ? known->second : 1);
    ++model.nodes.at(target).in;
  }
  return model;
}

EventLog first_cases(const EventLog& log, double share) {
  std::vector<std::pair<double, std::uint32_t>> order;
  const auto lots = log.by_lot();
  for (std::uint32_t lot = 0; lot < lots.size(); ++lot) order.emplace_back(log.events[lots[lot].front()].start_s, lot);
  std::sort(order.begin(), order.end());
  std::vector<bool> keep(lots.size());
  for (std::size_t i = 0; i < std::size_t(std::lround(share * double(order.size()))); ++i) keep[order[i].second] = true;
  return log.of_lots(keep);
}

/// Tasks after which the options are not those of the model, or their intervals miss its probabilities.
std::set<std::string> misses(const EventLog& log, const Model& model, const std::vector<RoutingPoint>& points, double shift) {
  std::set<std::string> missed;
  for (const auto& [id, node] : model.nodes) {
    if (!model.is_task(id) && node.kind != "startEvent") continue;
    const std::uint32_t after = node.kind == "startEvent" ? Names::absent : log.activities.find(node.name);
    const auto point = std::find_if(points.begin(), points.end(), [&](const RoutingPoint& p) { return p.after == after; });
    if (point == points.end()) {
      missed.insert(node.name);
      continue;
    }
    Model::Ways truth = model.onward(node);
    bool good = point->options.size() == truth.size();
    for (const RoutingOption& option : point->options) {
      std::set<std::string> next;
      for (const std::uint32_t a : option.next) next.insert(log.activities[a]);
      const auto known = truth.find(next);
      good = good && next.size() == option.next.size() && known != truth.end() &&
             option.share.contains(truth.size() > 1 ? known->second * (1 + shift) : 1);
    }
    if (!good) missed.insert(node.name);
  }
  return missed;
}

}  // namespace

TEST_CASE("logs with known models: every concurrent pair, choices inside simultaneous 99 % intervals") {
  const std::string folder = RETWIN_SOURCE_DIR "/../shared/logs/known_truth/";
  if (!std::filesystem::exists(folder)) {
    MESSAGE("skipped: no event logs at ", folder);
    return;
  }
  // Two logs do not agree with their models at one gateway each, evenly over the whole log. Loan_Application: 313 of 1,313 checks
  // return the application, for a probability of .2 (3.5 standard deviations); Procure_to_Pay: 339 of 1,000 cases take the short
  // way, for .4 (3.9 standard deviations). No choice of intervals can mend that; both are checked against the counts instead.
  const struct {
    const char* name;
    std::size_t pairs, choices;  ///< tasks before a choice
    const char *biased, *way;
    std::uint64_t counted, of;
  } logs[] = {{"Confidential", 15, 2, "", "", 0, 0},
              {"Loan_Application", 7, 6, "Check application form completeness", "Return application back to applicant", 313,
               1313},
              {"Procure_to_Pay", 0, 4, "Create Purchase Requisition", "Create Request for Quotation Requester", 339, 1000}};
  for (const auto& known : logs) {
    EventLog whole = read_csv_log(folder + known.name + ".csv.gz");
    clean(whole);
    const Model model = read_model(folder + known.name);
    CHECK(model.concurrent().size() == known.pairs);
    for (const double share : {1.0, 2.0 / 3, 0.5, 0.2}) {
      CAPTURE(known.name);
      CAPTURE(share);
      const EventLog log = first_cases(whole, share);
      const Concurrency concurrent = discover_concurrency(log);
      CHECK(names(log, concurrent) == model.concurrent());
      const std::vector<CasePlan> plans = case_plans(log, concurrent);
      const std::vector<RoutingPoint> points = routing(log, plans, 0.99);
      std::set<std::string> missed = misses(log, model, points, 0);
      missed.erase(known.biased);
      CHECK(missed.empty());
      for (const RoutingPoint& p : points)
        if (share == 1 && known.of > 0 && p.after == log.activities.find(known.biased)) {
          CHECK(p.count == known.of);
          CHECK(std::any_of(p.options.begin(), p.options.end(), [&](const RoutingOption& option) {
            return option.count == known.counted && option.next == std::vector<std::uint32_t>{log.activities.find(known.way)};
          }));
        }
      // Controls: other probabilities; branches taken for sequences.
      if (share == 1) CHECK(misses(log, model, points, 0.3).size() == known.choices);
      if (known.pairs > 0) {
        CHECK(misses(log, model, routing(log, case_plans(log, {}), 0.99), 0).size() > 2);
        CHECK(plan_variants(plans).size() < plan_variants(case_plans(log, {})).size());
      }
    }
  }
}

}  // namespace retwin::case_plans_test

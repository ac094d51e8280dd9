// A line whose log is known: the state at any time, windows foretold from it, the rule at a split, copies and cut rows of a log.
#include <doctest/doctest.h>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/telemetry/lines/discovery.hpp"
#include "core/telemetry/lines/routing.hpp"
#include "core/telemetry/lines/state.hpp"
#include "core/telemetry/lines/validation.hpp"
#include "core/telemetry/log/clean.hpp"
#include "core/telemetry/readers/start_pairs.hpp"
#include "core/telemetry/tables/timestamps.hpp"
#include "core/telemetry/writers/simulated_log.hpp"
#include "tests/laws/plants.hpp"

namespace retwin::line_validation_test {
using namespace plants;

namespace {

/// Twelve pallets, two unequal machines in the middle; `rule` is the route from the press to them.
std::string line(const std::string& rule) {
  return R"(
run: {start: 2026-01-05, duration: 30 min, terminating: true}
initial: [{station: load, count: 12}]
stations:
  load:   {duration: {normal: {mean: 11 s, sd: 0.1 s}}, changeover: 1.2 s, to: way1}
  press:  {duration: {normal: {mean: 17 s, sd: 0.1 s}}, changeover: 0.8 s, to: )" +
         rule + R"(}
  mill_a: {duration: {normal: {mean: 38 s, sd: 0.1 s}}, changeover: 1.5 s, to: way3}
  mill_b: {duration: {normal: {mean: 45 s, sd: 0.1 s}}, changeover: 1.5 s, to: way3}
  test:   {duration: {normal: {mean: 18 s, sd: 0.1 s}}, changeover: 1 s, completes: parts, to: way4}
  way1: {unit: delay, duration: 7 s, to: press}
  way2: {unit: delay, duration: 8 s, to: mill_a}
  way3: {unit: delay, duration: 6 s, to: test}
  way4: {unit: delay, duration: 9 s, to: load}
sinks: [parts]
)";
}

const std::string in_turn = "{cyclic: [way2 -> mill_a, way2 -> mill_b]}",
                  shortest = "{shortest: [way2 -> mill_a, way2 -> mill_b]}",
                  fastest = "{fastest: {way2 -> mill_a: 38 s, way2 -> mill_b: 45 s}}",
                  by_chance = "{way2 -> mill_a: 50 %, way2 -> mill_b: 50 %}";

/// The machines' rows of a simulation, times in whole milliseconds, cut at both ends.
EventLog logged(const std::string& plant, std::uint64_t seed, double from_s = 137.4, double until_s = 1037.4) {
  SimulatedLogOptions options;
  options.seed = seed;
  options.until_s = until_s + 100;
  EventLog log = simulate_log(compile(plant), options);
  const double zero = std::floor(log.first_s() / 86400) * 86400;
  std::vector<LogEvent> events;
  for (LogEvent e : log.events) {
    const double first = e.start_s - zero, last = e.end_s - zero;
    if (log.activities[e.activity].starts_with("way") || last < from_s || first > until_s) continue;
    e.start_s = std::round(e.start_s * 1e3) / 1e3, e.end_s = std::round(e.end_s * 1e3) / 1e3;
    if (first < from_s) e.start_s = e.end_s;
    if (last <= until_s) events.push_back(e);
    else log.unfinished.push_back(e), log.unfinished.back().end_s = std::nan("");
  }
  log.events = std::move(events);
  return log;
}

const LineRule& rule_of(const LineFindings& found) {
  REQUIRE(found.splits.size() == 1);
  return found.splits[0].rules.front();
}

}  // namespace

TEST_CASE("the rule at a split is told from the decisions of a log") {
  for (const std::uint64_t seed : {1u, 2u, 3u}) {
    CAPTURE(seed);
    for (const auto& [text, kind] : {std::pair(in_turn, LineRuleKind::cyclic), std::pair(fastest, LineRuleKind::fastest)}) {
      const LineFindings found = find_line(logged(line(text), seed));
      REQUIRE(found.line);
      CHECK(rule_of(found).kind == kind);
      CHECK(rule_of(found).agreement() > 0.95);
    }
    CHECK(rule_of(find_line(logged(line(by_chance), seed))).kind == LineRuleKind::shares);
  }
}

TEST_CASE("windows of its own log are foretold, with the learned line and with the true one; with a wrong one they are not") {
  for (const std::string& rule : {in_turn, fastest}) {
    const EventLog log = logged(line(rule), 1);
    const LineFindings found = find_line(log);
    const Scenario learned = compile(line_scenario(found, log, log.first_s())), truth = compile(line(rule));
    REQUIRE(is_line_of(learned, log));
    for (const Scenario* scenario : {&learned, &truth}) {
      const LineValidation v = validate_line(*scenario, log);
      REQUIRE(v.windows.size() >= 2);
      for (const LineWindow& w : v.windows) {
        CHECK(w.all.share() > 0.97);
        CHECK(std::abs(w.made.twin - w.made.log) <= 0.5);
        for (const LineCount& zone : w.zones) CHECK(std::abs(zone.twin - zone.log) <= 1);
      }
    }
    std::string slow = line(rule);
    slow.replace(slow.find("mean: 17 s"), 10, "mean: 22 s");
    CHECK(validate_line(compile(slow), log).all.share() < 0.8);
    LineValidationOptions strict;
    strict.tolerance_s = 0.001;
    CHECK(validate_line(learned, log, strict).all.share() < 0.5);
  }
  const EventLog log = logged(line(in_turn), 1);
  CHECK(validate_line(compile(line(by_chance)), log).all.share() < 0.9);
}

TEST_CASE("the state of a log at a time: as many parts as pallets, at work with what is left, and bound for where they went") {
  const EventLog log = logged(line(in_turn), 2);
  const Scenario truth = compile(line(in_turn));
  const LineMap map(*truth.plant, log);
  CHECK(map.zones().size() == 4);
  for (double at_s = std::ceil(log.first_s()) + 60; at_s < log.last_s(); at_s += 97) {
    const std::vector<LinePart> parts = line_state(*truth.plant, map, log, at_s);
    CHECK(parts.size() == 12);
    for (const LogEvent& e : log.events) {
      if (!(e.start_s < e.end_s && e.start_s <= at_s && e.end_s > at_s)) continue;
      const auto found = std::find_if(parts.begin(), parts.end(), [&](const LinePart& p) { return p.label == log.lots[e.lot]; });
      REQUIRE(found != parts.end());
      CHECK(found->station == map.station_of(e));
      CHECK(std::abs(found->remaining_s - (e.end_s - at_s)) < 1);
    }
  }
  const Scenario now = scenario_at(truth, map, log, log.last_s());  // parts at work then are known from starts without an end
  std::size_t at_work = 0;
  for (const InitialLots& lots : now.plant->initial) at_work += lots.remaining_s && map.is_machine(lots.station) ? 1 : 0;
  CHECK(at_work >= log.unfinished.size());
  CHECK(now.plant->initial.size() == 12);
  CHECK_THROWS_AS(
      LineMap(*compile("run: {start: 2026-01-05, duration: 1 h, terminating: true}\nsources: {s: {every: 1 min, to: x}}\n"
                       "stations: {x: {duration: 10 s, to: out}}\nsinks: [out]\n")
                   .plant,
              log),
      InputError);
}

TEST_CASE("parts that wait when a log ends stand before the machine that they go to, not before one that has taken up later parts") {
  std::string unequal = line(in_turn);  // the slow machine has a queue, the other none
  unequal.replace(unequal.find("38 s"), 4, "12 s");
  const Scenario truth = compile(unequal);
  std::size_t parts = 0, wrong = 0;
  for (const std::uint64_t seed : {1u, 2u, 3u, 4u}) {
    const EventLog whole = logged(unequal, seed);
    const LineMap map(*truth.plant, whole);
    for (double at_s = std::ceil(whole.first_s()) + 300; at_s < whole.last_s() - 200; at_s += 53) {
      const auto goal = [](const LinePart& part) { return part.bound_for == none ? part.station : part.bound_for; };
      const std::vector<LinePart> then = line_state(*truth.plant, map, whole, at_s), now = line_state(*truth.plant, map, whole.until(at_s), at_s);
      for (const LinePart& part : now) {
        const auto same = std::find_if(then.begin(), then.end(), [&](const LinePart& p) { return p.label == part.label; });
        if (part.label.empty() || same == then.end()) continue;
        ++parts;
        wrong += goal(part) != goal(*same) ? 1 : 0;
      }
    }
  }
  MESSAGE(wrong, " of ", parts, " parts before another machine");
  CHECK(parts > 300);
  CHECK(static_cast<double>(wrong) < 0.04 * static_cast<double>(parts));
}

TEST_CASE("where the log says where a part goes, it goes there") {
  const Scenario truth = compile(line(in_turn));
  EventLog log = logged(line(in_turn), 1);
  const LineMap map(*truth.plant, log);
  log.columns.push_back({"queue", false, {}, std::vector<double>(log.events.size(), std::nan("")), true});
  LogColumn& queue = log.columns.back();
  std::size_t there = 0;
  for (std::size_t k = 0; k < log.events.size(); ++k)  // against all turns and lengths: to the first machine, always
    if (log.activities[log.events[k].activity] == "press") queue.values[k] = queue.categories.number("mill_a");
  for (double at_s = std::ceil(log.first_s()) + 300; at_s < log.last_s(); at_s += 53) {
    const EventLog known = log.until(at_s);
    for (const LinePart& part : line_state(*truth.plant, map, known, at_s)) {
      const auto last = std::find_if(known.events.rbegin(), known.events.rend(), [&](const LogEvent& e) { return known.lots[e.lot] == part.label; });
      const bool begun = std::any_of(known.unfinished.begin(), known.unfinished.end(), [&](const LogEvent& e) { return known.lots[e.lot] == part.label; });
      if (part.label.empty() || begun || last == known.events.rend() || known.activities[last->activity] != "press") continue;
      ++there;
      CHECK((part.bound_for == none ? part.station : part.bound_for) == truth.plant->find_station("mill_a"));
    }
  }
  CHECK(there > 10);
}

TEST_CASE("windows that begin early: a part that the log has not seen yet has waited the longest") {
  const EventLog log = logged(line(in_turn), 1);
  const Scenario truth = compile(line(in_turn));
  for (int k = 0; k < 8; ++k) {
    CAPTURE(k);
    LineValidationOptions options;
    options.from_s = std::ceil(log.first_s()) + 15 * k;
    const LineValidation v = validate_line(truth, log, options);
    CHECK(v.windows.front().all.share() > 0.95);
  }
}

TEST_CASE("names of a log that YAML would read otherwise") {
  CHECK(line_name("done: {yes} # no") == "done_yes_no");
  CHECK(line_name("Machine 1") == "Machine_1");
  CHECK(line_name("mill / mill_a") == "mill_mill_a");
}

TEST_CASE("a change in few but nearly constant services is seen, and none where there is none") {
  std::string changing = line(in_turn);
  changing += "changes: [{at: 8 min, set: {stations.mill_a.duration: {normal: {mean: 49 s, sd: 0.1 s}}}}]\n";
  for (const std::uint64_t seed : {1u, 2u, 3u}) {
    for (const LineStation& s : find_line(logged(changing, seed)).stations) {
      REQUIRE_MESSAGE(s.drifts.size() == (s.name == "mill_a" ? 1u : 0u), s.name);
      if (s.drifts.empty()) continue;
      CHECK(std::abs(s.now_s() - 49) < 0.2);
      CHECK(s.drifts[0].alarmed_after <= 3);
    }
    for (const LineStation& s : find_line(logged(line(in_turn), seed)).stations) CHECK(s.drifts.empty());
  }
}

TEST_CASE("a change stands between the last start before it and the first after it") {
  EventLog log;
  const auto work = [&](int part, const char* machine, double start_s, double end_s) {
    LogEvent event;
    event.lot = log.lots.number(std::to_string(part));
    event.activity = log.activities.number(machine);
    event.resource = log.resources.number(machine);
    event.row = static_cast<std::uint32_t>(log.events.size() + 1);
    event.start_s = start_s, event.end_s = end_s;
    log.events.push_back(event);
  };
  double at = 0, last_old = 0, first_new = 0;
  for (int k = 0; k < 40; ++k) {
    const double service = (k < 18 ? 80 : 25) + k % 3;
    if (k == 17) last_old = at;
    if (k == 18) first_new = at;
    work(k, "press", at, at + 10);
    work(k, "oven", at + 14, at + 14 + service);
    at += 20 + service;
  }
  put_in_order(log);
  const LineFindings line = find_line(log);
  for (const LineStation& s : line.stations) {
    if (s.name != "oven") continue;
    REQUIRE(s.drifts.size() == 1);
    CHECK(s.drifts[0].time_s == doctest::Approx((last_old + first_new) / 2 + 14));
  }
}

TEST_CASE("of rules that explain a log alike the one that has to know least is taken, and the others are kept beside it") {
  std::string alike = line(in_turn);  // parts come so slowly that only the last machine is at work: the shortest queue would do the same
  alike.replace(alike.find("11 s"), 4, "27 s");
  for (const std::uint64_t seed : {1u, 2u, 3u}) {
    const LineFindings found = find_line(logged(alike, seed));
    CHECK(rule_of(found).kind == LineRuleKind::cyclic);
    const std::vector<LineRule>& all = found.splits[0].rules;
    CHECK(std::any_of(all.begin(), all.end(), [](const LineRule& r) { return r.kind == LineRuleKind::shortest && r.agreement() > 0.95; }));
    CHECK(found.splits[0].note.find("would do about as well") != std::string::npos);
  }
}

TEST_CASE("starts and finishes: copies are copies, a start whose finish is lost waits for no other one") {
  StartPairs pairs;
  const auto row = [](std::uint32_t activity, double time_s) {
    LogRow r;
    r.event.activity = activity;
    r.event.start_s = r.event.end_s = time_s;
    return r;
  };
  CHECK(pairs.start(row(0, 1)));
  CHECK_FALSE(pairs.start(row(0, 1)));
  LogRow end = row(0, 2);
  CHECK(pairs.finish(end));
  CHECK(end.event.start_s == 1);
  LogRow copy = row(0, 2);
  CHECK_FALSE(pairs.finish(copy));
  CHECK(pairs.start(row(0, 3)));  // its finish is lost: the lot is elsewhere, and comes again
  CHECK(pairs.start(row(1, 4)));
  LogRow elsewhere = row(1, 5);
  CHECK(pairs.finish(elsewhere));
  CHECK(pairs.start(row(0, 6)));
  LogRow again = row(0, 7);
  CHECK(pairs.finish(again));
  CHECK(again.event.start_s == 6);
  CHECK(pairs.unfinished().size() == 1);
  CHECK(parse_stamp("08:00:12.5") == 8 * 3600 + 12.5);
  CHECK(std::isnan(parse_stamp("08:61:12")));
}

TEST_CASE("whatever the ways of its parts, a line that was found is a scenario that loads") {
  /// One part after the other, each over these machines, ten seconds between them.
  const auto log_of = [](const std::vector<std::string>& orders) {
    EventLog log;
    double now_s = 0;
    for (std::size_t k = 0; k < 70; ++k) {
      for (const char machine : orders[k % orders.size()]) {
        LogEvent e;
        e.lot = log.lots.number("p" + std::to_string(k));
        e.activity = log.activities.number(std::string(1, machine));
        e.resource = log.resources.number(std::string(1, machine));
        e.row = static_cast<std::uint32_t>(log.events.size() + 1);
        e.start_s = now_s, e.end_s = now_s + 30;
        log.events.push_back(e);
        now_s += 40;
      }
    }
    return log;
  };
  // shares of 3, 2 and 2 in 7; the machine with which parts begin and end, and nothing else leads to the other one
  const std::vector<std::vector<std::string>> both = {{"abcd", "abcd", "abcd", "acd", "acd", "ad", "ad"}, {"aba", "aba", "a"}};
  for (const std::vector<std::string>& orders : both) {
    const EventLog log = log_of(orders);
    const LineFindings found = find_line(log);
    CAPTURE(found.note);
    REQUIRE(found.line);
    CHECK_NOTHROW(compile(line_scenario(found, log, 1000)));
  }
}

}  // namespace retwin::line_validation_test

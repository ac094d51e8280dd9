// Cases that a log cuts at its ends: recognised, not counted for what is not seen of them, and continued as others went on.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <vector>

#include "core/telemetry/calibration/calibration.hpp"
#include "core/telemetry/cases/open_cases.hpp"
#include "core/telemetry/cases/routing.hpp"
#include "core/telemetry/log/clean.hpp"
#include "tests/unit/known_truth.hpp"

namespace retwin::open_cases_test {

namespace {

constexpr double hour = 3600;

void add(EventLog& log, const std::string& lot, const std::string& activity, double start_h, double end_h) {
  LogEvent event;
  event.lot = log.lots.number(lot);
  event.activity = log.activities.number(activity);
  event.row = static_cast<std::uint32_t>(log.events.size() + 1);
  event.start_s = start_h * hour, event.end_s = end_h * hour;
  log.events.push_back(event);
}

/// Every hour a case of a, then k or l in turn, each some hours after the other; l sometimes ends it, else comes z.
EventLog cases() {
  EventLog log;
  for (int i = 0; i < 400; ++i) {
    const std::string lot = std::to_string(i);
    double t = i;
    add(log, lot, "a", t, t + 0.5);
    t += 3 + i % 7;
    add(log, lot, i % 2 ? "k" : "l", t, t + 0.5);
    if (i % 4 == 0) continue;
    t += 2 + i % 11;
    add(log, lot, "z", t, t + 0.5);
  }
  put_in_order(log);
  return log;
}

EventLog between(const EventLog& log, double from_h, double to_h) {
  EventLog result = log;
  std::erase_if(result.events, [&](const LogEvent& e) { return e.end_s > to_h * hour || e.start_s < from_h * hour; });
  return result;
}

std::vector<CasePlan> marked(const EventLog& log) {
  std::vector<CasePlan> plans = case_plans(log, {});
  mark_open_cases(log, log.last_s(), plans);
  mark_begun_cases(log, log.first_s(), plans);
  return plans;
}

std::set<std::uint32_t> lots(const std::vector<CasePlan>& plans, bool CasePlan::*mark) {
  std::set<std::uint32_t> result;
  for (const CasePlan& plan : plans)
    if (plan.*mark) result.insert(plan.lot);
  return result;
}

}  // namespace

TEST_CASE("cases open at the end of a log, or begun before it, are told from whole ones") {
  const EventLog all = cases(), part = between(all, 100, 300);
  std::set<std::uint32_t> open, begun, unsure;  // by what was cut off
  for (const LogEvent& e : all.events) {
    const bool here = e.end_s <= 300 * hour && e.start_s >= 100 * hour;
    if (!here && e.end_s > 300 * hour) open.insert(e.lot);
    if (!here && e.start_s < 100 * hour) begun.insert(e.lot);
  }
  for (const CasePlan& plan : case_plans(part, {}))
    if (part.events[plan.steps.back().event].activity == all.activities.find("l")) unsure.insert(plan.lot);
  const std::vector<CasePlan> plans = marked(part);
  const std::set<std::uint32_t> found_open = lots(plans, &CasePlan::open), found_begun = lots(plans, &CasePlan::begun);
  CHECK(found_open.size() > 5);
  CHECK(found_begun.size() > 5);
  for (const CasePlan& plan : plans) {
    // An l half of the time ends a case: which of the latest do is anybody's guess, but none older than any wait
    if (unsure.contains(plan.lot)) CHECK_FALSE((plan.open && part.events[plan.steps.back().event].end_s < (300 - 13) * hour));
    else CHECK(plan.open == open.contains(plan.lot));
    CHECK(plan.begun == begun.contains(plan.lot));
  }
  CHECK(lots(marked(all), &CasePlan::begun).empty());
  CHECK(lots(marked(all), &CasePlan::open).empty());
}

TEST_CASE("what was cut off is not taken for the end of a case") {
  const EventLog all = cases(), part = between(all, 0, 300);
  const auto ends_after_a = [&](const std::vector<CasePlan>& plans) {
    std::uint64_t n = 0;
    for (const RoutingPoint& p : routing(part, plans))
      if (p.after == all.activities.find("a"))
        for (const RoutingOption& option : p.options) n += option.next.empty() ? option.count : 0;
    return n;
  };
  CHECK(ends_after_a(marked(part)) == 0);
  CHECK(ends_after_a(case_plans(part, {})) > 0);  // control: without the marks
}

TEST_CASE("an open case goes on as one that had done the same, else as one that had done the same last") {
  EventLog log;
  for (int i = 0; i < 30; ++i) {  // s, then b and c at once, then d
    const std::string lot = "whole" + std::to_string(i);
    const double t = 10.0 * i;
    add(log, lot, "s", t, t + 1);
    add(log, lot, "b", t + 1, t + 3);
    add(log, lot, "c", t + 1 + 0.1 * (i % 2), t + 4);
    add(log, lot, "d", t + 5, t + 6);
  }
  add(log, "x", "s", 300, 301);
  add(log, "x", "c", 301, 304);
  add(log, "y", "s", 300, 301);
  add(log, "y", "q", 301, 302);  // never seen elsewhere
  add(log, "y", "c", 303, 304);
  put_in_order(log);
  const auto n = [&](const char* name) { return log.activities.find(name); };
  const Concurrency parallel({{n("b"), n("c")}});
  std::vector<CasePlan> plans = case_plans(log, parallel);
  mark_open_cases(log, log.last_s(), plans);
  mark_begun_cases(log, log.first_s(), plans);
  const auto plan = [&](const char* lot) {
    return *std::find_if(plans.begin(), plans.end(), [&](const CasePlan& p) { return p.lot == log.lots.find(lot); });
  };
  CHECK(lots(plans, &CasePlan::open) == std::set<std::uint32_t>{log.lots.find("x"), log.lots.find("y")});
  const Continuations rest(log, plans, log.last_s());
  const CasePlan x = rest.continued(plan("x"), {replication_key(1, 0), 2, 3});
  REQUIRE(x.steps.size() == 4);
  CHECK(x.steps[2].activity == n("b"));
  CHECK(x.steps[2].after == std::vector<std::uint32_t>{0});
  CHECK(x.steps[3].activity == n("d"));
  CHECK(x.steps[3].after == std::vector<std::uint32_t>{1, 2});
  const CasePlan y = rest.continued(plan("y"), {replication_key(1, 0), 2, 3});
  REQUIRE(y.steps.size() == 4);
  CHECK(y.steps[3].activity == n("d"));
  CHECK(y.steps[3].after == std::vector<std::uint32_t>{2});
  // control: where nobody went on there is nothing to go on with
  const Continuations nothing(log, {plan("x"), plan("y")}, log.last_s());
  CHECK(nothing.continued(plan("y"), {1, 2, 3}).steps.size() == plan("y").steps.size());
}

TEST_CASE("a log cut in mid-operation: the loan applications open then are recognised and no gateway leads nowhere") {
  if (!known_truth::there("Loan_Application")) return;
  const EventLog all = known_truth::log("Loan_Application");
  const double cut_s = all.first_s() + 0.6 * (all.last_s() - all.first_s());
  EventLog part = all;
  std::set<std::uint32_t> open;
  std::vector<bool> seen(all.lots.size(), false);
  for (const LogEvent& e : all.events) (e.end_s > cut_s ? open.insert(e.lot), false : true) ? seen[e.lot] = true : false;
  std::erase_if(part.events, [&](const LogEvent& e) { return e.end_s > cut_s; });
  std::erase_if(open, [&](std::uint32_t lot) { return !seen[lot]; });
  CHECK(open.size() > 50);
  std::vector<CasePlan> plans = case_plans(part, discover_concurrency(part));
  mark_open_cases(part, part.last_s(), plans);
  mark_begun_cases(part, part.first_s(), plans);
  const std::set<std::uint32_t> found = lots(plans, &CasePlan::open);
  std::vector<std::uint32_t> wrong;
  std::set_symmetric_difference(open.begin(), open.end(), found.begin(), found.end(), std::back_inserter(wrong));
  CHECK(wrong.size() <= open.size() / 20);
  const Calibration learned = calibrate(part);
  std::size_t still_open = 0;  // plans that stop where nobody stops
  std::set<std::uint32_t> lasts;
  for (const CasePlan& plan : case_plans(all, {})) lasts.insert(plan.steps.back().activity);
  for (const CasePlan& plan : learned.plans) still_open += lasts.contains(plan.steps.back().activity) ? 0 : 1;
  CHECK(still_open <= 1);
}

TEST_CASE("what two logs both tell is there once, beside what neither has seen end") {
  EventLog first, second;
  add(first, "1", "a", 0, 1);
  add(first, "2", "a", 1, 2);
  add(second, "2", "a", 1, 2);  // again
  add(second, "2", "b", 2, 3);
  add(second, "3", "a", 2, 3);
  second.unfinished = {second.events.back()};
  second.unfinished[0].end_s = std::nan("");
  const EventLog both = first.followed_by(second);
  CHECK(both.events.size() == 4);
  REQUIRE(both.unfinished.size() == 1);
  CHECK(both.lots[both.unfinished[0].lot] == "3");
  CHECK(first.followed_by(first).events.size() == first.events.size());
}

}  // namespace retwin::open_cases_test

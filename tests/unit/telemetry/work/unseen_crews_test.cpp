// Crews that a log does not name, found from work that begins as other work ends; none where nothing shows one.
#include "core/telemetry/work/unseen_crews.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <queue>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include "core/telemetry/calibration/calibration.hpp"

namespace retwin::unseen_crews_test {

namespace {

struct Task {
  std::string name, crew;
  double mean_s;
};

/// Lots that pass through tasks one after the other; each crew of some units takes them first come, first served. Nobody is named.
EventLog make_log(const std::vector<Task>& tasks, const std::map<std::string, int>& units, double every_s, double round_s = 1e-3,
                  const std::string& named = "") {
  std::mt19937_64 random(7);
  const auto draw = [&](double mean) {  // between a half and three halves, by the clock's resolution
    const double u = static_cast<double>(random() >> 11) * 0x1p-53;
    return round_s * std::max(1.0, std::round(mean * (0.5 + u) / round_s));
  };
  std::map<std::string, std::vector<double>> free;
  for (const auto& [crew, n] : units) free[crew].assign(static_cast<std::size_t>(n), 0.0);
  EventLog log;
  std::priority_queue<std::tuple<double, int, std::size_t>, std::vector<std::tuple<double, int, std::size_t>>, std::greater<>> due;
  double arrival = 0;
  for (int lot = 0; lot < 400; ++lot) due.push({arrival += draw(every_s), lot, 0});
  while (!due.empty()) {
    const auto [now, lot, step] = due.top();
    due.pop();
    const Task& task = tasks[step];
    auto& unit = *std::min_element(free[task.crew].begin(), free[task.crew].end());
    LogEvent event;
    event.lot = log.lots.number(std::to_string(lot));
    event.activity = log.activities.number(task.name);
    if (task.crew == named) event.resource = log.resources.number(named);
    event.start_s = std::max(now, unit);
    event.end_s = unit = event.start_s + draw(task.mean_s);
    log.events.push_back(event);
    if (step + 1 < tasks.size()) due.push({event.end_s, lot, step + 1});
  }
  std::stable_sort(log.events.begin(), log.events.end(),
                   [](const LogEvent& a, const LogEvent& b) { return a.start_s < b.start_s; });
  return log;
}

std::vector<UnseenCrew> crews_of(const EventLog& log) {
  return find_unseen_crews(log, case_plans(log, discover_concurrency(log)));
}

const std::vector<Task> tasks{{"sort", "hands", 400}, {"open", "benches", 1700}, {"test", "hands", 450}, {"pack", "line", 800}};

}  // namespace

TEST_CASE("work that begins as other work ends shows a crew that no resource is named for, over all it does") {
  for (const double round_s : {1e-3, 60.0}) {
    CAPTURE(round_s);
    const EventLog log = make_log(tasks, {{"hands", 1}, {"benches", 2}, {"line", 1}}, 950, round_s);
    const std::vector<UnseenCrew> crews = crews_of(log);
    REQUIRE(crews.size() == 3);
    for (const UnseenCrew& crew : crews) {
      const bool benches = log.activities[crew.activities.front()] == "open";
      CHECK(crew.units == (benches ? 2 : 1));
      CHECK(crew.activities.size() == (log.activities[crew.activities.front()] == "sort" ? 2 : 1));
      CHECK(crew.at_limit > 0.98);
    }
  }
}

TEST_CASE("no crew is inferred where nothing is short, where waiting follows no limit, or where somebody is named") {
  CHECK(crews_of(make_log(tasks, {{"hands", 9}, {"benches", 9}, {"line", 9}}, 950)).empty());
  EventLog log = make_log(tasks, {{"hands", 1}, {"benches", 2}, {"line", 1}}, 950);
  std::mt19937_64 random(1);
  for (LogEvent& event : log.events) {  // control: begun some time after the others ended
    const double late = static_cast<double>(random() % 300);
    event.start_s += late, event.end_s += late;
  }
  std::stable_sort(log.events.begin(), log.events.end(),
                   [](const LogEvent& a, const LogEvent& b) { return a.start_s < b.start_s; });
  CHECK(crews_of(log).empty());
  const EventLog named = make_log(tasks, {{"hands", 1}, {"benches", 2}, {"line", 1}}, 950, 1e-3, "hands");
  for (const UnseenCrew& crew : crews_of(named)) CHECK(named.activities[crew.activities.front()] != "sort");
  CHECK(crews_of(named).size() == 2);
}

TEST_CASE("a calibration without resources has crews where they show, and no delays in their place") {
  const Calibration c = calibrate(make_log(tasks, {{"hands", 1}, {"benches", 2}, {"line", 1}}, 950));
  REQUIRE(c.pools.size() == 3);
  for (const CalibratedPool& pool : c.pools) CHECK(pool.pool.units == (pool.pool.name == "open" ? 2 : 1));
  CHECK(c.pools.front().pool.name == "sort and others");
  CHECK(c.delays.empty());
  const Calibration idle = calibrate(make_log(tasks, {{"hands", 9}, {"benches", 9}, {"line", 9}}, 950));
  for (const CalibratedPool& pool : idle.pools) CHECK_FALSE(pool.pool.finite());
}

}  // namespace retwin::unseen_crews_test

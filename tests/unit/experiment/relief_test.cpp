// Reliefs: candidates of a plant, what they change, the same draws with and without; verdicts of lines whose limit is known.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "core/base/constants.hpp"
#include "core/experiment/trials.hpp"
#include "core/experiment/verdict.hpp"
#include "core/report/verdict_report.hpp"
#include "tests/unit/small_plant.hpp"

namespace retwin::relief_test {

namespace {

/// a 1 s, b 2 s with two places before it, c 1 s; one lot in so many seconds.
Scenario line(double every_s) {
  Plant p = small::plant(
      {small::station("a", Distribution::exponential(1), 1, unlimited), small::station("b", Distribution::exponential(2), 2, 2),
       small::station("c", Distribution::exponential(1), 3, 4)},
      {small::source("in", Distribution::exponential(every_s), 0)});
  Scenario scenario = small::scenario(small::ready(p), 8000, 500, 1);
  scenario.objective = "plant.throughput";
  return scenario;
}

const Candidate& named(const std::vector<Candidate>& all, const std::string& path) {
  const auto found = std::find_if(all.begin(), all.end(), [&](const Candidate& c) { return c.path == path; });
  REQUIRE(found != all.end());
  return *found;
}

}  // namespace

TEST_CASE("candidates of a line: its servers and bounded buffers, and what relief makes of them") {
  const Scenario scenario = line(1.5);
  const std::vector<Candidate> all = candidates(*scenario.plant);
  CHECK(all.size() == 5);  // three stations, two buffers
  const Relief more{named(all, "stations.b.servers"), Extent::unit}, room{named(all, "stations.b.buffer"), Extent::large};
  CHECK(change_text(*scenario.plant, more) == "servers 1 -> 2");
  CHECK(relief_text(*scenario.plant, room) == "b: buffer 2 -> 20 places");
  CHECK_FALSE(applies(*scenario.plant, {more.candidate, Extent::large}));  // twice as many is the unit step
  const Scenario other = relieved(scenario, std::vector<Relief>{more, room});
  const Station& b = other.plant->stations[other.plant->find_station("b")];
  CHECK(b.servers == 2);
  CHECK(b.buffer_places == 20);
  CHECK(other.plant->n_servers == scenario.plant->n_servers + 1);
  CHECK(other.plant->parameter_hash != scenario.plant->parameter_hash);
  CHECK(scenario.plant->stations[scenario.plant->find_station("b")].servers == 1);  // the plant itself stays as it is
}

TEST_CASE("demand and calendars") {
  const Scenario scenario = line(1.5);
  const Scenario more = relieved(scenario, std::vector<Relief>{{demand(), Extent::unit}});
  CHECK(more.plant->sources[0].every.mean() == doctest::Approx(1.5 / 1.25));
  CHECK_FALSE(has_demand(*small::ready(small::plant({small::station("a", Distribution::constant(1), 1)}, {small::saturated("in", 0)}))));

  Plant p = *scenario.plant;
  p.calendars = {ShiftCalendar(100, {{10, 50}}, 0)};
  p.calendar_names = {"day"};
  p.stations[0].calendar = 0;
  Scenario shifts = scenario;
  shifts.plant = small::ready(p);
  const Candidate day = named(candidates(*shifts.plant), "calendars.day");
  const Scenario longer = relieved(shifts, std::vector<Relief>{{day, Extent::unit}}), always = relieved(shifts, std::vector<Relief>{{day, Extent::full}});
  CHECK(longer.plant->calendars[0].on_time(0, 8000) == doctest::Approx(1.1 * shifts.plant->calendars[0].on_time(0, 8000)));
  CHECK(always.plant->calendars[0].always());
}

TEST_CASE("a relief that changes nothing of what happens gives the same figures to the last bit") {
  const Scenario scenario = line(4);
  Trials trials(scenario, {});
  const std::size_t room = trials.variant({{named(candidates(*scenario.plant), "stations.c.buffer"), Extent::large}});
  CHECK(room == trials.variant({{named(candidates(*scenario.plant), "stations.c.buffer"), Extent::large}}));
  const std::size_t servers = trials.variant({{named(candidates(*scenario.plant), "stations.b.servers"), Extent::unit}});
  trials.run({0, room, servers}, 0, 2);
  const std::vector<double> now = trials.objective(0, 0, 2);
  CHECK(now.size() == 2);
  CHECK(now[0] != now[1]);  // negative control: other luck, other figures
  CHECK(std::abs(trials.objective(servers, 0, 2)[0] / now[0] - 1) < 0.01);
}

TEST_CASE("the slow station of a line is all it takes, and one more of it brings what the next one lets through") {
  const Scenario scenario = line(1.5);
  VerdictOptions how;
  how.replications = 4;
  const Verdict one = find_verdict(scenario, how);
  CHECK_FALSE(one.demand_limits);
  REQUIRE(one.members.size() == 1);
  CHECK(one.members[0].relief.candidate.path == "stations.b.servers");
  REQUIRE_FALSE(one.steps.empty());
  CHECK(one.steps[0].text == "b: servers 1 -> 2");
  CHECK(one.steps[0].gains());
  CHECK(one.steps[0].relative.mean == doctest::Approx(2 / 1.5 - 1).epsilon(0.25));
  CHECK_FALSE(one.demand.gains());
  how.jobs = 2;
  const Verdict two = find_verdict(scenario, how);
  CHECK(two.all.absolute.mean == one.all.absolute.mean);
  CHECK(two.steps[0].absolute.half_width == one.steps[0].absolute.half_width);
}

TEST_CASE("where lots are few demand limits, and more of them bring as much more") {
  VerdictOptions how;
  how.replications = 4;
  const Verdict verdict = find_verdict(line(5), how);
  CHECK(verdict.demand_limits);
  CHECK(verdict.members.empty());
  CHECK(verdict.demand.relative.mean == doctest::Approx(0.25).epsilon(0.15));
}

namespace {

/// A year of a plant that makes a lot in 1000 s; the middle station takes so long.
Scenario slow_line(double b_s) {
  Plant p = small::plant({small::station("a", Distribution::exponential(600), 1, unlimited), small::station("b", Distribution::exponential(b_s), 2, unlimited),
                          small::station("c", Distribution::exponential(600), 3, unlimited)},
                         {small::source("in", Distribution::exponential(1000), 0)});
  Scenario scenario = small::scenario(small::ready(p), 58 * week_s, 8 * week_s, 1);
  scenario.objective = "plant.throughput";
  return scenario;
}

}  // namespace

TEST_CASE("where work is short, what is gained at most still comes from whole runs; that demand limits is said only if it is shown") {
  VerdictOptions how;
  how.effort = 1e-3;  // select in 16 to 20 weeks
  const Verdict overload = find_verdict(slow_line(1100), how);
  CHECK_FALSE(overload.demand_limits);
  CHECK_FALSE(overload.undecided);
  REQUIRE(overload.members.size() == 1);
  CHECK(overload.members[0].relief.candidate.path == "stations.b.servers");
  CHECK(overload.end_s > overload.steps_end_s);
  CHECK(std::abs(overload.all.relative.mean - 0.1) < overload.all.relative.half_width + 0.01);  // 1100 / 1000
  const Verdict idle = find_verdict(slow_line(600), how);  // negative control
  CHECK(idle.demand_limits);
  CHECK_FALSE(idle.undecided);
  how.effort = 1e-9;
  how.replications = 2;
  const Verdict hasty = find_verdict(slow_line(1020), how);  // 2 % that two runs of 16 weeks cannot show
  CHECK(hasty.shortened);
  CHECK_FALSE(hasty.demand_limits);
  CHECK(hasty.undecided);
  CHECK(verdict_sentence(hasty).starts_with("What limits it is not decided"));
}

TEST_CASE("replications of a block are forgotten where their length changes, those of others are not") {
  const Scenario scenario = slow_line(1100);
  Trials trials(scenario, {});
  trials.run({0}, 0, 1);
  trials.run({0}, Trials::first_fresh, 1);
  const double whole = trials.objective(0, 0, 1)[0];
  trials.set_length(Trials::first_selecting, trials.shortest_s());
  CHECK(trials.span(0).end_s == 16 * week_s);
  CHECK(trials.span(0).begin_s == 8 * week_s);
  CHECK(trials.span(Trials::first_fresh).begin_s == 29 * week_s);
  CHECK_THROWS(trials.objective(0, 0, 1));
  CHECK(trials.objective(0, Trials::first_fresh, 1)[0] > 0);
  trials.run({0}, 0, 1);
  CHECK(trials.objective(0, 0, 1)[0] != whole);
}

TEST_CASE("an objective that is no figure is refused") {
  Scenario scenario = line(5);
  scenario.objective = "plant.throughputt";
  CHECK_THROWS_AS(find_verdict(scenario, {}), InputError);
}

}  // namespace retwin::relief_test

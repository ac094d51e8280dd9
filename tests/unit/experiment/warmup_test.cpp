// Warm-ups that are found, and that are too short: a step by hand, a queue that fills from empty with a known relaxation time, and series without a transient.
#include "core/experiment/warmup.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "core/experiment/compare.hpp"
#include "core/experiment/replications.hpp"
#include "core/stats/intervals.hpp"
#include "tests/laws/plants.hpp"

namespace retwin::warmup_test {
using namespace plants;

namespace {

/// M/M/1 at 90 %: from empty it relaxes with a time constant of 1 / (mu (1 - sqrt(rho))^2) = 379.7 services (Morse 1955; Cohen 1982): 6.33 h.
std::string queue(const std::string& warmup, int seed = 1) {
  return "run: {duration: 60 h, warmup: " + warmup +
         ", replications: 200, seed: " + std::to_string(seed) + "}\nobjective: plant.wip\nsources: {in: {every: {exponential: 1 min}, to: desk}}\n"
         "stations: {desk: {duration: {exponential: 0.9 min}, to: done}}\nsinks: [done]\n";
}

/// Of five seeds those that are told.
int told(const std::string& warmup) {
  int n = 0;
  for (int seed = 1; seed <= 5; ++seed)
    for (const Problem& problem : run_replications(compile(queue(warmup, seed))).warnings) n += problem.path == "run.warmup";
  return n;
}

}  // namespace

TEST_CASE("MSER cuts a step where it is, and nothing of a level series") {
  std::vector<double> step(40, 10), level(40, 10);
  for (std::size_t k = 0; k < 40; ++k) step[k] = level[k] = 10 + (k % 2 == 0 ? 0.1 : -0.1);
  for (std::size_t k = 0; k < 6; ++k) step[k] -= 5;
  CHECK(mser(step) == 6);
  CHECK(mser(level) == 0);
}

TEST_CASE("a warm-up that is found: whole weeks where these count; half, and a doubt, of a late step; none, and a doubt, of few periods") {
  const Scenario plain = compile(queue("auto"));  // 200 periods of 0.3 h
  CHECK(plain.run.finds_warmup);
  std::vector<double> means(200, 10);
  for (std::size_t k = 0; k < 200; ++k) means[k] += k % 2 == 0 ? 0.1 : -0.1;
  CHECK(found_warmup(plain, means).warmup_s == 0);
  CHECK_FALSE(found_warmup(plain, means).doubt);
  for (std::size_t k = 0; k < 40; ++k) means[k] -= 5;
  CHECK(found_warmup(plain, means).warmup_s == doctest::Approx(12 * 3600));
  CHECK_FALSE(found_warmup(plain, means).doubt);
  for (std::size_t k = 40; k < 120; ++k) means[k] -= 5;
  const FoundWarmup late = found_warmup(plain, means);
  CHECK(late.warmup_s == doctest::Approx(30 * 3600));
  REQUIRE(late.doubt);
  CHECK(late.doubt->path == "run.warmup");
  CHECK(late.doubt->place.file == "test.yaml");
  CHECK(late.doubt->message.find("second half") != std::string::npos);
  CHECK(late.doubt->hint.find("3 d") != std::string::npos);  // twice 36 h
  const FoundWarmup few = found_warmup(plain, std::span(means).first(9));
  CHECK(few.warmup_s == 0);
  REQUIRE(few.doubt);
  CHECK(few.doubt->message.find("9 periods") != std::string::npos);

  const Scenario shifts = compile(
      "run: {duration: 40 weeks, warmup: auto}\nsources: {in: {every: 1 h, to: desk}}\n"
      "stations: {desk: {duration: 10 min, calendar: cont, to: done}}\ncalendars: {cont: {weekly: [\"Mon-Fri 06:00-22:00\"]}}\nsinks: [done]\n");
  std::vector<double> weeks(40, 10);
  for (std::size_t k = 0; k < 40; ++k) weeks[k] += (k < 3 ? -5 : 0) + (k % 2 == 0 ? 0.1 : -0.1);
  CHECK(found_warmup(shifts, weeks).warmup_s == 3 * week);
}

TEST_CASE("M/M/1 at .8 from 400 in line: the warm-up that is found removes the bias, none does not") {
  const auto held = [](const std::string& warmup) {
    int n = 0;
    for (int seed = 1; seed <= 10; ++seed) {
      const Results results = run_replications(compile(
          "run: {duration: 500 h, warmup: " + warmup + ", replications: 10, seed: " + std::to_string(seed) +
          "}\nobjective: plant.wip\nsources: {in: {every: {exponential: 75 s}, to: desk}}\n"
          "stations: {desk: {duration: {exponential: 60 s}, to: done}}\nsinks: [done]\ninitial: [{station: desk, count: 400}]\n"));
      n += results.find("plant.wip")->interval.contains(4);  // rho / (1 - rho)
      CHECK(results.found_warmup == (warmup == "auto"));
      if (warmup != "auto") continue;
      CHECK(results.begin_s >= 20 * hour);  // 400 in line take 33 h to serve out, at .2 of the rate
      CHECK(results.begin_s <= 100 * hour);
      CHECK(results.warnings.empty());
    }
    return n;
  };
  CHECK(held("auto") >= 8);
  CHECK(held("0 h") == 0);
}

TEST_CASE("a warm-up that is found is as good as the same one stated: the same figures") {
  const Results found = run_replications(compile(queue("auto")));
  Scenario stated = compile(queue("0 h"));
  stated.run.warmup_s = found.begin_s;
  const Results same = run_replications(stated);
  CHECK(found.begin_s > 0);
  CHECK(found.warmed_up);
  CHECK(found.digests == same.digests);
  CHECK(found.values == same.values);
}

TEST_CASE("variants are compared after the longest warm-up that any of them takes") {
  const auto contender = [](int there) {
    Contender made;
    made.document = parse("run: {duration: 500 h, warmup: auto, replications: 10}\nobjective: plant.wip\nsources: {in: {every: {exponential: 75 s}, to: desk}}\n"
                          "stations: {desk: {duration: {exponential: 60 s}, to: done}}\nsinks: [done]\ninitial: [{station: desk, count: " + std::to_string(there) + "}]\n");
    made.scenario = std::make_shared<const Scenario>(compile(made.document));
    made.label = std::to_string(there);
    return made;
  };
  const Contender base = contender(4), full = contender(400);
  const double alone_s = find_warmup(*base.scenario).warmup_s, longer_s = find_warmup(*full.scenario).warmup_s;
  CHECK(alone_s < longer_s);
  PairedRuns runs({base, full}, 1, 10, {});
  const Comparison both = compare(runs, {10, {}});
  CHECK(both.begin_s == longer_s);
  CHECK(both.found_warmup);
  CHECK_THROWS_AS(PairedRuns({base, [&] {
                               Contender stated = full;
                               stated.scenario = std::make_shared<const Scenario>(with_warmup(*full.scenario, 60));
                               return stated;
                             }()}, 1, 10, {}),
                  InputError);
}

TEST_CASE("fewer than ten periods say nothing of a stated warm-up, and that is told; a plant that changes on the way settles nowhere") {
  Scenario scenario = compile(queue("20 h"));
  const std::optional<Problem> few = short_warmup(scenario, std::vector<double>(9, 1.0));
  REQUIRE(few);
  CHECK(few->hint.find("at least 10") != std::string::npos);
  CHECK_FALSE(short_warmup(scenario, std::vector<double>(10, 1.0)));
  const std::string changing = "changes: [{at: 1 h, set: {stations.desk.duration: 30 s}}]\n";
  CHECK(problems_of(queue("2 h") + changing).empty());
  REQUIRE(problems_of(queue("auto") + changing).size() == 1);
  CHECK(problems_of(queue("auto") + changing)[0].path == "run.warmup");
}

TEST_CASE("a comparison grows until the change of the objective is as precise as the base asks, or to the most it may") {
  const auto replications = [](const std::string& settings, std::size_t said = 0) {
    const auto contender = [&](const char* duration) {
      Contender made;
      made.document = parse("run: {duration: 4 h, " + settings + "}\nsources: {in: {every: {exponential: 75 s}, to: desk}}\nstations: {desk: {duration: {exponential: " +
                            duration + "}, to: done}}\nsinks: [done]\n");
      made.scenario = std::make_shared<const Scenario>(compile(made.document));
      made.label = duration;
      return made;
    };
    const Contender base = contender("60 s");
    const CompareOptions options{said, {}};
    PairedRuns runs({base, contender("90 s")}, 1, most_replications(options, *base.scenario), {});
    const Comparison made = compare(runs, options);
    const Interval& change = made.variants[0].figures[0].relative;
    return std::pair(made.variants[0].replications, change.half_width);
  };
  CHECK(replications("precision: 50 %").first == 10);
  const auto [n, half_width] = replications("precision: 2 %, max_replications: 200");
  CHECK(n > 10);
  CHECK(n < 200);
  CHECK(half_width <= 0.02);
  CHECK(replications("precision: 0.01 %, max_replications: 17").first == 17);
  CHECK(replications("replications: 12").first == 12);  // a stated number is no question
  CHECK(replications("precision: 50 %", 14).first == 14);
}

TEST_CASE("a step after the warm-up is told, with the bias it makes; one within it, or of less than 1 %, is not") {
  Scenario scenario = compile(queue("20 h"));
  scenario.run.duration_s = 200 * 3600.0;  // periods of an hour
  scenario.run.warmup_s = 20 * 3600.0;
  std::vector<double> means;
  for (std::size_t k = 0; k < 200; ++k) means.push_back((k < 40 ? 5 : 10) + (k % 2 == 0 ? 0.1 : -0.1));
  const std::optional<Problem> told = short_warmup(scenario, means);
  REQUIRE(told);
  CHECK(told->message.find("-5.6 %") != std::string::npos);  // 20 of 180 hours at half
  CHECK(told->hint.find("1 d 16:00:00") != std::string::npos);
  scenario.run.warmup_s = 40 * 3600.0;
  CHECK_FALSE(short_warmup(scenario, means));
  scenario.run.warmup_s = 20 * 3600.0;
  for (std::size_t k = 0; k < 40; ++k) means[k] = means[160 + k % 2] * 0.95;
  CHECK_FALSE(short_warmup(scenario, means));  // 0.6 %
}

TEST_CASE("a queue at 90 % from empty: a quarter of an hour of warm-up is too short, five times its relaxation is enough") {
  CHECK(told("0.3 h") >= 4);
  CHECK(told("30 h") == 0);  // negative control
}

TEST_CASE("looking at periods changes nothing of what is simulated") {
  const Scenario with = compile(queue("2 h")), without = compile(queue("0 h"));
  const Results a = run_replications(with), b = run_replications(without);
  CHECK(a.digests == b.digests);
}

}  // namespace retwin::warmup_test

// Warm-ups that are too short: a step by hand, a queue that fills from empty with a known relaxation time, and series without a transient.
#include "core/experiment/warmup.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "core/experiment/replications.hpp"
#include "tests/laws/plants.hpp"

using namespace retwin;
using namespace retwin::plants;

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

TEST_CASE("MSER cuts a step where it is, nothing of a level series, and says nothing of a late step or of few periods") {
  std::vector<double> step(40, 10), level(40, 10);
  for (std::size_t k = 0; k < 40; ++k) step[k] = level[k] = 10 + (k % 2 == 0 ? 0.1 : -0.1);
  for (std::size_t k = 0; k < 6; ++k) step[k] -= 5;
  CHECK(warmup_cut(step) == std::size_t{6});
  CHECK(warmup_cut(level) == std::size_t{0});
  std::vector<double> late = level;
  for (std::size_t k = 0; k < 28; ++k) late[k] -= 5;
  CHECK_FALSE(warmup_cut(late));
  CHECK_FALSE(warmup_cut(std::vector<double>(9, 1.0)));
  CHECK(warmup_cut(std::vector<double>(10, 1.0)) == std::size_t{0});
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

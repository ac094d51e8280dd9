// Setups by hand: what a machine is set for, and what a failure does to it.
#include <doctest/doctest.h>

#include "tests/laws/plants.hpp"

namespace retwin::setups_test {
using namespace plants;

TEST_CASE("a machine stays set for a job that was scrapped") {
  Run r(R"(
attributes: {k: {categories: [A, B]}}
initial:
  - {station: m, attributes: {k: A}}
  - {station: m, count: 2, attributes: {k: B}}
stations: {m: {duration: 10 min, setup: {by: k, time: 20 min}, fails: {f: {every: 35 min, repair: 5 min, job: scrap}}, to: out}}
sinks: [out, scrap]
)", 200 * minute);
  CHECK(r.left("out") == Times{10, 50});
  CHECK(r.left("scrap") == Times{35});
}

TEST_CASE("a setup that a failure interrupts is resumed, with `restart` begun anew, never scrapped") {
  const auto ends = [](const std::string& job) {
    return Run("attributes: {k: {categories: [A, B]}}\ninitial: [{station: m, attributes: {k: A}}, {station: m, attributes: {k: B}}]\n"
               "stations: {m: {duration: 10 min, setup: {by: k, time: 20 min}, fails: {f: {every: 25 min, repair: 5 min, job: " +
                   job + "}}, to: out}}\nsinks: [out, scrap]\n",
               54 * minute)
        .left("out");
  };
  CHECK(ends("resume") == Times{10, 45});  // set up 10-25 and 30-35
  CHECK(ends("scrap") == Times{10, 45});
  CHECK(ends("restart") == Times{10});     // set up 10-25 and 30-50; its work ends after the failure of 55
}

TEST_CASE("gaps and a diagonal of the setup matrix are told") {
  const auto told = [](const std::string& setup, Code code, const std::string& path, const std::string& text) {
    const Scenario s = compile("attributes: {k: {categories: [A, B, C]}}\nsources: {s: {every: 1 h, attributes: {k: {A: 50 %, B: 50 %}}, to: m}}\n"
                               "stations: {m: {duration: 10 min, setup: {by: k, " + setup + "}, to: out}}\nsinks: [out]\n");
    for (const Problem& p : s.warnings)
      if (p.code == code && p.path == path && p.message.find(text) != std::string::npos) return true;
    return false;
  };
  const std::string at = "stations.m.setup.matrix", full = "A: {B: 1 min, C: 1 min}, B: {A: 1 min, C: 1 min}, C: {A: 1 min, B: 1 min}";
  CHECK(told("matrix: {A: {B: 5 min}}", Code::missing, at, "A to C, B to A"));
  CHECK(!told("time: 3 min, matrix: {A: {B: 5 min}}", Code::missing, at, ""));
  CHECK(!told("matrix: {" + full + "}", Code::missing, at, ""));
  CHECK(told("time: 3 min, matrix: {A: {A: 5 min, B: 5 min}}", Code::conflict, at, "from A to A"));
  CHECK(!told("time: 3 min, matrix: {A: {A: 0 min, B: 5 min}}", Code::conflict, at, ""));
  CHECK(told("first: true, matrix: {" + full + "}", Code::missing, "stations.m.setup.first", ""));
}

}  // namespace retwin::setups_test

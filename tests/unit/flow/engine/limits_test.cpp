// What a run may use: lots at a time, events; a run that has stopped cannot go on.
#include <doctest/doctest.h>

#include "core/base/whole.hpp"
#include "tests/laws/plants.hpp"

namespace retwin::limits_test {
using namespace plants;

namespace {

/// Message and station of the error that a run of a scenario ends with.
std::pair<std::string, std::string> stopped(const std::string& text, double until_s) {
  try {
    Run(text, until_s);
  } catch (const RunError& error) {
    return {error.what(), error.station()};
  }
  return {};
}

}  // namespace

TEST_CASE("more lots than are admitted end the run, and tell where they are") {
  const std::string plant = "run: {duration: 1 d, most_lots: 50}\nsources: {s: {every: 10 min, to: press}}\n"
                            "stations: {press: {duration: 20 min, to: done}}\nsinks: [done]\n";
  CHECK(stopped(plant, 16 * hour) == std::pair<std::string, std::string>());
  CHECK(stopped(plant, day) == std::pair<std::string, std::string>("more than 50 lots at a time; run.most_lots admits no more", "press"));
}

TEST_CASE("lots that come at once, as split, unloaded or lost ones, are lots") {
  const auto tells = [](const std::string& text) { return stopped(text, day).first.starts_with("more than"); };
  const std::string rest = "sinks: [done]\nrun: {duration: 1 d, most_lots: 1000}\n";
  CHECK(tells("sources: {s: {every: 10 min, batch: 1e9, when_full: lose, to: press}}\nstations: {press: {duration: 20 min, buffer: 0, to: done}}\n" + rest));
  CHECK(tells("sources: {s: {every: 10 min, to: press}}\nstations: {press: {unit: split, count: 5000, duration: 20 min, to: done}}\n" + rest));
  CHECK(tells("sources: {s: {every: 10 min, load: {lot: part, count: 1e12}, to: dock}}\nstations: {dock: {unit: unload, duration: 20 min, to: done}}\n" + rest));
}

TEST_CASE("events without end are foretold, counted, or stand still") {
  const auto machine = [](const char* failure, const char* limit) {
    return std::string("run: {duration: 8 weeks, most_events: ") + limit + "}\nsources: {s: {every: 10 min, to: press}}\nstations: {press: {duration: 5 min, fails: {x: {" +
           failure + "}}, to: done}}\nsinks: [done]\n";
  };
  CHECK(stopped(machine("every: 1 s, repair: 1 s", "1e6"), 8 * week).first.starts_with("more than"));
  const char* const circle = "run: {duration: 8 weeks}\nsources: {s: {at: [0 s], to: a}}\nstations: {a: {duration: 0 s, to: b}, b: {duration: 0 s, to: [{when: visits < 1e12, to: a}, {to: done}]}}\nsinks: [done]\n";
  CHECK(stopped(circle, 8 * week).first.starts_with("time stands still"));
}

TEST_CASE("arrivals that would take for ever are refused before the run") {
  const auto refused = [](const std::string& source) {
    return has(problems_of("run: {duration: 8 weeks}\nsources: {s: {" + source + ", to: press}}\nstations: {press: {duration: 5 min, to: done}}\nsinks: [done]\n"),
               Code::range, "sources.s");
  };
  CHECK(refused("every: 1e-12 s"));
  CHECK(refused("rate: 1e15/s"));
  CHECK(refused("profile: {rate: 1e15/week}"));
  CHECK_FALSE(refused("every: 1 s"));
  CHECK_FALSE(refused("every: 1e-12 s, limit: 1000"));
  CHECK_FALSE(refused("every: 1e-12 s, until: 1e-6 s"));
}

TEST_CASE("a simulation that was stopped by an error does not go on") {
  const Scenario scenario = compile("run: {duration: 1 d, most_lots: 10}\nsources: {s: {every: 10 min, to: press}}\n"
                                    "stations: {press: {duration: 20 min, to: done}}\nsinks: [done]\n");
  Simulation s = start(scenario);
  s.advance(hour);
  Simulation copy = s;
  CHECK_THROWS_AS(s.advance(day), RunError);
  CHECK(s.stopped());
  CHECK_THROWS_WITH_AS(s.advance(day), doctest::Contains("cannot go on"), RunError);
  copy.advance(2 * hour);
  CHECK_FALSE(copy.stopped());
  struct Broken : Observer {
    void lot_made(const Birth&) override { throw std::logic_error("of an observer"); }
  } broken;
  CHECK_THROWS_AS(copy.advance(3 * hour, &broken), std::logic_error);
  CHECK_THROWS_AS(copy.advance(4 * hour), RunError);
}

TEST_CASE("the way from a double to a whole number has no undefined behaviour") {
  constexpr double inf = std::numeric_limits<double>::infinity();
  CHECK(whole(3.7) == 3);
  CHECK(whole(-1) == 0);
  CHECK(whole(std::nan("")) == 0);
  CHECK(whole(inf) == 0xffffffffu);
  CHECK(whole(1e20, 5) == 5);
  CHECK(whole(-inf) == 0);
}

}  // namespace retwin::limits_test

// Lots that give up waiting, a random order of service, and conditions on the plant's state: by hand, and closed forms of queues.
#include <doctest/doctest.h>

#include <cmath>

#include "core/flow/state/snapshot.hpp"
#include "tests/laws/plants.hpp"

namespace retwin::patience_test {

using namespace plants;

namespace {

struct Sample {
  double sum = 0, squares = 0;
  int n = 0;
  void add(double x) {
    sum += x;
    squares += x * x;
    ++n;
  }
  double mean() const { return sum / n; }
  /// Of a 99.9 % interval of the mean, by Student's t for 19 degrees of freedom: 3.883.
  double half_width() const { return 3.883 * std::sqrt((squares / n - mean() * mean()) / (n - 1)); }
};

/// The value lies in the interval, which is narrow enough to say something.
void check_in(const Sample& sample, double exact, double narrow) {
  CHECK(std::abs(sample.mean() - exact) <= sample.half_width());
  CHECK(sample.half_width() < narrow * exact);
}

}  // namespace

TEST_CASE("who waits longer than his patience goes, and leaves room") {
  // Jobs of 10 min; lots come at 0, 1, 2, 3 min, with patience for 8 min. The second gives up at 9 min; the third is begun at 10 min, the very instant at which
  // it would give up; the fourth gives up at 11 min.
  const std::string text = "run: {duration: 10 h, terminating: true}\nsources: {in: {at: [0 min, 1 min, 2 min, 3 min], to: desk}}\n"
                           "stations: {desk: {duration: 10 min, patience: 8 min, given_up: lost, to: out}}\nsinks: [out, lost]\n";
  Run run(text, 10 * hour, 1, hour);
  const auto at = [&](const char* sink) {
    std::vector<double> times;
    for (const auto& lot : run.recorder.ended[run.simulation.plant().sink_node(run.sink(sink))]) times.push_back(lot.at / minute);
    return times;
  };
  const auto out = at("out"), lost = at("lost");
  REQUIRE(out.size() == 2);
  REQUIRE(lost.size() == 2);
  CHECK(out[0] == doctest::Approx(10));
  CHECK(out[1] == doctest::Approx(20));
  CHECK(lost[0] == doctest::Approx(9));
  CHECK(lost[1] == doctest::Approx(11));
  CHECK(run.simulation.state().accounts.stations[run.station("desk")].gave_up == lost.size());
}

TEST_CASE("copied, saved, and in another plant on the way: patience holds") {
  const std::string text = "run: {duration: 100 h, terminating: true}\nsources: {in: {every: {exponential: 5 min}, to: desk}}\n"
                           "stations: {desk: {duration: {exponential: 6 min}, patience: {exponential: 9 min}, given_up: lost, to: out}}\nsinks: [out, lost]\n";
  const Scenario scenario = compile(text);
  Simulation whole = start(scenario), half = start(scenario);
  whole.advance(100 * hour);
  half.advance(33 * hour);
  Simulation copy = half;
  copy.advance(100 * hour);
  CHECK(state_digest(copy.state(), copy.plant()) == state_digest(whole.state(), whole.plant()));
  Simulation loaded(scenario.plant, load_state(save_state(half.state(), *scenario.plant), *scenario.plant, "x.state"));
  loaded.advance(100 * hour);
  CHECK(state_digest(loaded.state(), loaded.plant()) == state_digest(whole.state(), whole.plant()));
  std::string patient = text;
  patient.erase(patient.find("patience:"), std::string("patience: {exponential: 9 min}, given_up: lost, ").size());
  const Scenario without = compile(patient);
  Simulation onwards(without.plant, rebase(half.state(), structure_of(*scenario.plant), *without.plant));
  onwards.advance(100 * hour);
  CHECK(onwards.state().accounts.stations[0].gave_up == half.state().accounts.stations[0].gave_up);
  Simulation again(scenario.plant, rebase(onwards.state(), structure_of(*without.plant), *scenario.plant));
  again.advance(130 * hour);
  CHECK(again.state().accounts.stations[0].gave_up > onwards.state().accounts.stations[0].gave_up);
}

TEST_CASE("M/M/1+M: the share that gives up") {
  // Births of 1 a minute, deaths of 1 + (n - 1) / 2 a minute.
  double p = 1, all = 1, gone = 0;
  for (int n = 1; n < 200; ++n) {
    p *= 1 / (1 + (n - 1) / 2.0);
    all += p;
    gone += p * (n - 1) / 2.0;
  }
  const std::string text = "run: {duration: 100 d}\nsources: {in: {every: {exponential: 1 min}, to: desk}}\n"
                           "stations: {desk: {duration: {exponential: 1 min}, patience: {exponential: 2 min}, given_up: lost, to: out}}\nsinks: [out, lost]\n";
  const Scenario scenario = compile(text);
  Sample share;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Simulation s = start(scenario, seed);
    s.advance(40 * day);
    share.add(static_cast<double>(s.state().accounts.stations[0].gave_up) / static_cast<double>(s.state().sources[0].ordinal));
  }
  check_in(share, gone / all, 0.01);
}

TEST_CASE("a random order of service: waits of the same mean, and a second moment of 2 / (2 - rho) times that of the order of arrival") {
  // J. F. C. Kingman, On queues in which customers are served in random order, Mathematical Proceedings of the Cambridge Philosophical Society 58 (1962).
  struct Waits : Observer {
    double sum = 0, squares = 0, n = 0;
    void lot_ended(double, const Lot& lot, Index, std::span<const double>) override {
      sum += lot.waited;
      squares += lot.waited * lot.waited;
      ++n;
    }
  };
  const std::string text = "run: {duration: 100 d}\nsources: {in: {every: {exponential: 2 min}, to: desk}}\n"
                           "stations: {desk: {duration: {exponential: 1 min}, dispatch: random, to: out}}\nsinks: [out]\n";
  const Scenario scenario = compile(text);
  constexpr double rho = 0.5, mean = rho / (1 - rho), second = 2 * rho / ((1 - rho) * (1 - rho)) * 2 / (2 - rho);
  Sample first, squared;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Simulation s = start(scenario, seed);
    Waits waits;
    s.advance(500 * day, &waits);
    first.add(waits.sum / waits.n / minute);
    squared.add(waits.squares / waits.n / minute / minute);
  }
  check_in(first, mean, 0.02);
  check_in(squared, second, 0.03);
}

TEST_CASE("of the free servers one that is set up") {
  const auto ends = [](const std::string& how) {
    // A and B set up the two servers; the A that comes after them finds both free, that which did B for longer.
    Run run("run: {duration: 20 h, terminating: true}\nsources: {b: {at: [0 min], attributes: {grade: B}, to: m}, a: {at: [1 min, 60 min], attributes: {grade: A}, to: m}}\n"
            "stations: {m: {servers: 2, duration: 10 min, setup: {by: grade, time: 5 min" + how + "}, to: out}}\nsinks: [out]\n",
            20 * hour, 1, hour);
    return run.recorder.ended[run.simulation.plant().sink_node(run.sink("out"))].back().at / minute;
  };
  CHECK(ends("") == doctest::Approx(75));
  CHECK(ends(", ready_first: true") == doctest::Approx(70));
}

TEST_CASE("Erlang C: the share that has to wait") {
  const std::string text = "run: {duration: 100 d}\nsources: {in: {every: {exponential: 1 min}, to: desk}}\nstations: {desk: {servers: 3, duration: {exponential: 2 min}, to: out}}\nsinks: [out]\n";
  constexpr double a = 2, c = 3, top = a * a * a / 6 * c / (c - a), exact = top / (1 + a + a * a / 2 + top);
  const Scenario scenario = compile(text);
  Sample share;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Simulation s = start(scenario, seed);
    s.advance(90 * day);
    const StationAccount& account = s.state().accounts.stations[0];
    share.add(static_cast<double>(account.had_to_wait) / static_cast<double>(account.left_queue));
  }
  check_in(share, exact, 0.01);
}

TEST_CASE("the earliest due date goes first, not the smallest allowance") {
  // While the first is worked on, one comes at 1 min with 30 min to go, one at 20 min with 20 min to go: due at 31 and at 40 min.
  const auto second = [](const std::string& dispatch) {
    Run run("run: {duration: 10 h, terminating: true}\nsources: {z: {at: [0 min], due: 5 h, to: m}, a: {at: [1 min], due: 30 min, to: m}, b: {at: [20 min], due: 20 min, to: m}}\n"
            "stations: {m: {duration: 25 min, dispatch: {smallest: " + dispatch + "}, to: out}}\nsinks: [out]\n",
            10 * hour, 1, hour);
    return run.recorder.ended[run.simulation.plant().sink_node(run.sink("out"))][1].lot;
  };
  CHECK(second("due - age") != second("due"));
}

TEST_CASE("conditions on the plant's state: routes, arrivals, the time of day") {
  const auto left = [](const std::string& text, const char* sink) {
    Run run(text, 20 * hour, 1, hour);
    return run.recorder.ended[run.simulation.plant().sink_node(run.sink(sink))].size();
  };
  // Five at once: one is begun at a, then the queue of a fills up to two; the others go to b.
  const std::string route = "run: {duration: 20 h, terminating: true}\nsources: {in: {at: [0 s, 1 s, 2 s, 3 s, 4 s], to: choose}}\n"
                            "stations: {choose: {duration: 0 s, to: [{when: queue.a < 2, to: a}, {to: b}]}, a: {duration: 1 h, to: from_a}, b: {duration: 1 h, to: from_b}}\nsinks: [from_a, from_b]\n";
  CHECK(left(route, "from_a") == 3);
  CHECK(left(route, "from_b") == 2);
  // The same as balking: who sees one waiting goes away.
  const std::string balk = "run: {duration: 20 h, terminating: true}\nsources: {in: {at: [0 s, 1 s, 2 s, 3 s, 4 s], admit: content.a < 3, to: a}}\nstations: {a: {duration: 1 h, to: out}}\nsinks: [out]\n";
  CHECK(left(balk, "out") == 3);
  const std::string hours = "run: {duration: 20 h, terminating: true}\nsources: {in: {every: 1 h, to: choose}}\n"
                            "stations: {choose: {duration: 0 s, to: [{when: time_of_day < 8 h, to: early}, {to: late}]}}\nsinks: [early, late]\n";
  CHECK(left(hours, "early") == 7);
  CHECK(left(hours, "late") == 13);
  CHECK(has(problems_of("run: {duration: 1 h}\nsources: {in: {every: 1 h, admit: queue.b < 3, to: a}}\nstations: {a: {duration: 1 h, to: out}}\nsinks: [out]\n"), Code::expression, "sources.in.admit"));
}

}  // namespace retwin::patience_test

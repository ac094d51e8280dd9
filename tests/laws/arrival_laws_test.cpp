// Laws of arrivals: whatever changes, when, and however it comes into force, what comes from then on follows the new parameters.
#include <doctest/doctest.h>

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>

#include "core/flow/engine/arrivals.hpp"
#include "core/flow/state/snapshot.hpp"
#include "tests/laws/plants.hpp"

namespace retwin::arrival_laws_test {
using namespace plants;

namespace {

constexpr double horizon_s = 20 * hour;  // after a change

/// How many lots come between two times, on the average.
using Cumulated = std::function<double(double begin_s, double end_s)>;

/// Arrivals as a scenario writes them, and what they are to be from a time on.
struct Written {
  std::string how;
  enum Kind { poisson, regular, intervals, times, always } kind = poisson;
  Cumulated mean = {};             ///< poisson, intervals
  double every_s = 0, cv = 0;      ///< regular; coefficient of variation of intervals
  std::vector<double> rows = {};   ///< times: until the end of all runs
  double from_s = 0, until_s = 1e12, limit = 1e12;
};

Cumulated at_rate(double per_h) {
  return [per_h](double begin, double end) { return per_h / hour * (end - begin); };
}

std::vector<double> repeated(std::initializer_list<double> minutes, double period_s) {
  std::vector<double> out;
  for (double cycle = 0; cycle < 3 * day; cycle += period_s)
    for (const double m : minutes) out.push_back(cycle + m * minute);
  return out;
}

/// 840 a day on Monday and Tuesday: 75 % in 00-12 and 25 % in 06-18, which overlap.
double two_days(double begin, double end) {
  const auto until = [](double t) {
    const double d = std::floor(t / day), h = (t - d * day) / hour;
    const double today = 840 * (0.75 * std::min(h, 12.0) / 12 + 0.25 * std::clamp(h - 6, 0.0, 12.0) / 12);
    return std::min(d, 2.0) * 840 + (d < 2 ? today : 0);
  };
  return until(end) - until(begin);
}

/// A table in a file, for as long as the tests run.
class Table {
 public:
  Table() : path_((std::filesystem::temp_directory_path() / ("retwin_arrivals_" + std::to_string(::getpid()) + ".csv")).string()) {
    std::ofstream out(path_);
    out << "time [h]\n";
    for (double h = 0.25; h < 40; h += 0.75) out << h << "\n", rows_.push_back(h * hour);
  }
  ~Table() { std::filesystem::remove(path_); }
  const std::string& path() const { return path_; }
  const std::vector<double>& rows() const { return rows_; }

 private:
  std::string path_;
  std::vector<double> rows_;
};

const std::vector<Written>& all_kinds() {
  static const Table table;
  static const std::vector<Written> all = {
      {"rate: 20/h", Written::poisson, at_rate(20)},
      {"rate: 40/h", Written::poisson, at_rate(40)},
      {"rate: 0.01/h", Written::poisson, at_rate(0.01)},
      {"rate: 20/h, from: 9 h", Written::poisson, at_rate(20), 0, 0, {}, 9 * hour},
      {"rate: 20/h, until: 10 h", Written::poisson, at_rate(20), 0, 0, {}, 0, 10 * hour},
      {"rate: 20/h, limit: 100", Written::poisson, at_rate(20), 0, 0, {}, 0, 1e12, 100},
      {"rate: 20/h, limit: 300", Written::poisson, at_rate(20), 0, 0, {}, 0, 1e12, 300},
      {"every: 3 min", Written::regular, {}, 180},
      {"every: 90 s, first: 1 h", Written::regular, {}, 90},
      {"every: 3 min, until: 2 h", Written::regular, {}, 180, 0, {}, 0, 2 * hour},
      {"every: 3 min, until: 12 h", Written::regular, {}, 180, 0, {}, 0, 12 * hour},
      {"every: 8 h", Written::regular, {}, 8 * hour},
      {"every: {erlang: {k: 4, mean: 4 min}}", Written::intervals, at_rate(15), 0, 0.5},
      {"profile: {rate: 3360/week}", Written::poisson, at_rate(20)},
      {"profile: {rate: 6720/week}", Written::poisson, at_rate(40)},
      {"profile: {rate: 1680/week, days: {Mon: 50 %, Tue: 50 %}, hours: {00-12: 75 %, 06-18: 25 %}}", Written::poisson, two_days},
      {"at: [10 min, 30 min, 30 min, 50 min], repeat: 1 h", Written::times, {}, 0, 0, repeated({10, 30, 30, 50}, hour)},
      {"at: [5 min, 30 min, 90 min, 7 h, 25 h]", Written::times, {}, 0, 0, {300, 1800, 5400, 7 * hour, 25 * hour}},
      {"trace: " + table.path(), Written::times, {}, 0, 0, table.rows()},
      {"trace: " + table.path() + ", until: 11 h, limit: 9", Written::times, {}, 0, 0, table.rows(), 0, 11 * hour, 9},
      {"blocks: [{day: Mon-Sun, at: [1 h, 3 h, 3 h, 9 h 30 min, 20 h]}]", Written::times, {}, 0, 0, repeated({60, 180, 180, 570, 1200}, day)},
      {"saturated: true", Written::always, {}, 60},
      {"saturated: true, from: 8 h, until: 12 h", Written::always, {}, 60, 0, {}, 8 * hour, 12 * hour},
      {"saturated: true, limit: 150", Written::always, {}, 60, 0, {}, 0, 1e12, 150},
  };
  return all;
}

std::string plant(const std::string& how, const std::string& more = "") {
  return "sources: {s: {" + how + ", to: a}" + (more.empty() ? "" : ", t: {every: 1 h, to: aside}") +
         "}\nstations: {a: {duration: 1 min, to: out}" + more + "}\nsinks: [out]\n";
}
const std::string aside = ", aside: {duration: 1 min, to: out}";

// --- judging ---------------------------------------------------------------------------------------------------------------------

/// What a run has shown: when lots were made before a change and from it on, and how many waited for the station then.
struct Seen {
  double at_s = 0;
  std::vector<double> before, after;
  double queued = 0;
};

/// What is wrong with the arrivals after a change, by the law that they are to follow; empty: nothing.
std::string judge(const Written& law, const Seen& seen) {
  const double begin = std::max(seen.at_s, law.from_s), end = std::min(seen.at_s + horizon_s, law.until_s);
  const double left = std::max(0.0, law.limit - static_cast<double>(seen.before.size()));
  const double count = static_cast<double>(seen.after.size());
  if (!seen.after.empty() && (seen.after.front() < begin || seen.after.back() > end || (seen.after.back() == end && end == law.until_s)))
    return "a lot comes before from or change, or not before until";
  const bool piled = std::adjacent_find(seen.after.begin(), seen.after.end()) != seen.after.end();
  const auto within = [&](double low, double high) {
    low = std::min(std::floor(low), left), high = std::min(std::ceil(high), left);
    if (piled) return std::string("lots pile up at one instant");
    return count >= low && count <= high ? std::string() : "there are " + std::to_string(count) + " lots, not " + std::to_string(low) + " to " + std::to_string(high);
  };
  const double length = std::max(0.0, end - begin);
  if (length == 0 && law.kind != Written::times) return within(0, 0);
  switch (law.kind) {
    case Written::poisson:
    case Written::intervals: {  // 5 standard deviations and a little: about one in a million
      const double mean = law.mean(begin, end), spread = 5 * (law.kind == Written::poisson ? 1 : law.cv) * std::sqrt(mean) + 3;
      return within(std::max(0.0, mean - spread), mean + spread);
    }
    case Written::regular: {
      for (std::size_t k = 1; k < seen.after.size(); ++k)
        if (std::abs(seen.after[k] - seen.after[k - 1] - law.every_s) > 1e-6) return "an interval is not the one that is written";
      return within(length / law.every_s - 1, length / law.every_s + 1);
    }
    case Written::times: {
      const auto now = std::count(seen.before.begin(), seen.before.end(), seen.at_s);  // came before the change
      std::vector<double> expected;
      for (const double row : law.rows)
        if (row >= begin && row <= seen.at_s + horizon_s && row < law.until_s) expected.push_back(row);
      const auto twice = std::min(now, std::count(expected.begin(), expected.end(), seen.at_s));
      expected.erase(expected.begin(), expected.begin() + twice);
      if (static_cast<double>(expected.size()) > left) expected.resize(static_cast<std::size_t>(left));
      const auto near = [](double a, double b) { return std::abs(a - b) < 1e-6; };
      return std::equal(expected.begin(), expected.end(), seen.after.begin(), seen.after.end(), near) ? "" : "the times are not those of the table";
    }
    case Written::always: {  // a server that never pauses, once what waited for it is done
      const double lots = std::max(0.0, (end - std::max(begin, seen.at_s + seen.queued * law.every_s)) / law.every_s);
      return within(lots - 1, lots + 1);
    }
  }
  return "?";
}

// --- ways for a change to come into force ----------------------------------------------------------------------------------------

std::vector<double> made(const Recorder& recorder, const Plant& plant) {
  std::vector<double> out;
  const std::uint64_t stream = plant.sources[plant.find_source("s")].stream;
  for (const Recorder::Entry& e : recorder.made)
    if (e.lot - stream < 1000000) out.push_back(e.at);
  return out;
}

Seen goes_on(double at_s, const Recorder& past, Simulation further) {
  Recorder recorder(further);
  const Plant& plant = further.plant();
  Seen seen{at_s, made(past, plant), {}, static_cast<double>(further.state().stations[plant.find_station("a")].queued)};
  const std::uint64_t until_now = further.state().accounts.sources[plant.find_source("s")].made;
  further.advance(at_s + horizon_s, &recorder);
  seen.after = made(recorder, plant);
  seen.after.insert(seen.after.begin(), until_now - seen.before.size(), at_s);  // by the change itself, which nobody observes
  return seen;
}

enum Way { change, copy, saved, rebased, n_ways };

Seen run(const Scenario& old, const std::string& next, double at_s, Way way) {
  const Scenario to = way == change ? compile(plant(next)) : compile(plant(next, way == rebased ? aside : ""));
  std::vector<PlantChange> changes;
  if (way == change) changes.push_back({at_s, to.plant});
  Simulation s(old.plant, 5, 0, changes);
  Recorder past(s);
  s.advance(at_s, &past);
  if (way == change) return goes_on(at_s, past, s);
  State state = s.state();
  if (way == saved) state = load_state(save_state(state, *old.plant), *to.plant, "now.state");
  if (way == rebased) state = rebase(state, structure_of(*old.plant), *to.plant);
  return goes_on(at_s, past, Simulation(to.plant, state));
}

constexpr double moments[] = {1.5 * hour, 7 * hour, 13.27 * hour};

}  // namespace

TEST_CASE("after any change of arrivals, of any kind, at any time, they follow the new parameters") {
  int turn = 0;
  for (const Written& old : all_kinds()) {
    const Scenario from = compile(plant(old.how));
    for (const Written& next : all_kinds()) {
      for (const double at_s : moments) {
        const Way way = static_cast<Way>(turn++ % n_ways);
        CAPTURE(old.how);
        CAPTURE(next.how);
        CAPTURE(at_s);
        CAPTURE(static_cast<int>(way));
        CHECK(judge(next, run(from, next.how, at_s, way)) == "");
      }
    }
    ++turn;
  }
}

TEST_CASE("arrivals that nothing changes go on as they were, whatever else changes") {
  for (const Written& kind : all_kinds()) {
    const Scenario from = compile(plant(kind.how));
    for (const double at_s : moments) {
      CAPTURE(kind.how);
      CAPTURE(at_s);
      Simulation s(from.plant, 5);
      Recorder past(s);
      s.advance(at_s, &past);
      CHECK(state_digest(rebase(s.state(), structure_of(*from.plant), *from.plant), *from.plant) == state_digest(s.state(), *from.plant));
      const std::vector<double> as_it_was = goes_on(at_s, past, s).after;
      for (const Way way : {change, copy, saved, rebased}) CHECK(run(from, kind.how, at_s, way).after == as_it_was);
    }
  }
}

TEST_CASE("however often parameters change, intervals that are longer than that end at the rate of each time") {
  const std::string changes = [] {
    std::string out;
    for (int k = 1; k < 200; ++k) out += (k > 1 ? ", " : "") + std::string("{at: ") + std::to_string(k) + " h, set: {sources.s.every: " + (k % 2 ? "16 h" : "8 h") + "}}";
    return out;
  }();
  Run r(plant("every: 8 h") + "run: {duration: 200 h, terminating: true}\nchanges: [" + changes + "]\n", 200 * hour);
  CHECK(r.source_account("s").made >= 17);  // 100 h at 1/8 and 100 h at 1/16: 18.75
  CHECK(r.source_account("s").made <= 20);
}

TEST_CASE("control: a stale arrival, one that piles up, that is lost or comes twice is caught") {
  const Written& slow = all_kinds()[2];
  const Written& fast = all_kinds()[0];
  const Scenario from = compile(plant(slow.how)), to = compile(plant(fast.how));
  Simulation s(from.plant, 5);
  Recorder past(s);
  s.advance(hour, &past);
  State stale = s.state();
  CHECK(judge(fast, goes_on(hour, past, Simulation(to.plant, stale))) == "");
  stale.sources[0].law = arrival_law(*to.plant, to.plant->sources[0]);  // as if nothing had changed
  CHECK(judge(fast, goes_on(hour, past, Simulation(to.plant, stale))) != "");

  for (const Written& kind : all_kinds()) {
    if (kind.limit < 1e12 || kind.until_s < 1e12 || kind.how == slow.how || kind.how == "every: 8 h") continue;
    CAPTURE(kind.how);
    Seen seen = run(compile(plant(kind.how)), kind.how, 7 * hour, copy);
    CHECK(judge(kind, seen) == "");
    Seen late = seen, twice = seen, lost = seen, early = seen;
    if (kind.kind != Written::times) late.after.insert(late.after.begin(), 1, late.after.front());
    else late.after.front() += 1;
    CHECK(judge(kind, late) != "");
    twice.after.clear();
    for (const double t : seen.after) twice.after.insert(twice.after.end(), {t, t + 0.5});
    CHECK(judge(kind, twice) != "");
    lost.after.resize(lost.after.size() / 2);
    CHECK(judge(kind, lost) != "");
    early.after.insert(early.after.begin(), early.at_s - 1);
    CHECK(judge(kind, early) != "");
  }
}

}  // namespace retwin::arrival_laws_test

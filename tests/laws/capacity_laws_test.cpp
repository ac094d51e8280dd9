// What check says a plant can do is what a run does that is never short of lots: setups, calendars, holidays, batches, crews.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "core/graph/capacity.hpp"
#include "tests/laws/plants.hpp"

namespace retwin::capacity_laws_test {
using namespace plants;

namespace {

constexpr double from_s = 4 * week, until_s = 22 * week;

/// What a station may have; the text without one of its features is the negative control.
struct Features {
  std::string arrival = "saturated: true", attributes, station, resources, calendars, more_stations;
  std::string text() const {
    return "run: {start: 2026-01-05, duration: 22 weeks, warmup: 4 weeks}\n" + calendars + resources + "sources: {s: {" + arrival + attributes +
           ", to: m}}\nstations:\n  m: {" + station + ", to: " + (more_stations.empty() ? "out" : "n") + "}\n" + more_stations + "sinks: [out]\n";
  }
};

class Draw {
 public:
  explicit Draw(unsigned number) : random_(number) {}
  unsigned below(unsigned n) { return static_cast<unsigned>(random_() % n); }
  bool chance(unsigned percent) { return below(100) < percent; }
  std::string pick(std::initializer_list<const char*> list) { return *(list.begin() + below(static_cast<unsigned>(list.size()))); }

 private:
  std::mt19937 random_;
};

/// @param leave_out a feature that is drawn and then left out: 1 setups, 2 calendar, 3 batch, 4 crew; 0: none
struct Drawn {
  std::string text;
  bool has[5] = {};
  bool alone = true;  ///< no second station that shares the crew and may block the first
};
Drawn draw_plant(unsigned number, int leave_out) {
  Draw draw(number);
  Features f;
  Drawn out;
  const auto use = [&](int feature, unsigned percent) {
    out.has[feature] = draw.chance(percent);
    return out.has[feature] && feature != leave_out;
  };
  f.attributes = ", attributes: {k: " + draw.pick({"{A: 50 %, B: 50 %}", "{A: 70 %, B: 20 %, C: 10 %}", "{A: 90 %, B: 10 %}"}) + "}";
  f.calendars =
      "calendars:\n  day: {weekly: [\"Mon-Fri 06:00-22:00\"], breaks: [\"09:00-09:30\", \"18:00-18:30\"]}\n"
      "  off: {weekly: [\"Mon-Sun 00:00-24:00\"], holidays: [\"2026-03-02..2026-05-10\"]}\n"
      "  some: {weekly: [\"Mon-Sat 06:00-14:00\"], holidays: [\"2026-04-03..2026-04-19\"]}\n";
  constexpr std::pair<const char*, unsigned> times[] = {
      {"10 min", 600}, {"{exponential: 12 min}", 720}, {"{triangular: {low: 5 min, mode: 9 min, high: 22 min}}", 720}, {"25 min", 1500}};
  const auto& [duration, mean_s] = times[draw.below(4)];
  const std::string time = duration;
  const std::string buffer = draw.pick({"6", "12", "30"});
  const std::string calendar = draw.pick({"day", "off", "some"});
  const std::string setup = draw.pick({"setup: {by: k, time: 7 min}", "setup: {by: k, time: {exponential: 5 min}}",
                                       "setup: {by: k, time: 8 min}, dispatch: campaign, campaign: {longest: 3 h}",
                                       "setup: {by: k, time: 8 min}, dispatch: campaign"});
  const std::string batch = draw.pick({"batch: {count: 4}", "batch: {count: 3, longest_wait: 30 min}", "batch: {count: 6, least: 2}"});
  const std::string servers = std::to_string(1 + draw.below(3)), crew = draw.pick({"1", "2"}), shifts = draw.pick({"", ", shifts: day", ", shifts: off"});
  const bool fails = draw.chance(30), delay = draw.chance(12);
  out.alone = delay || !draw.chance(30);
  std::string more;
  if (use(1, 45)) more += ", " + setup;
  if (use(2, 50)) more += ", calendar: " + calendar;
  const bool batched = use(3, 30);  // into a large buffer: servers that are free at one time find enough for all of them
  if (batched) {
    for (const std::string part : {", dispatch: campaign", ", campaign: {longest: 3 h}"})  // it picks lots, not batches
      if (const std::size_t at = more.find(part); at != std::string::npos) more.erase(at, part.size());
    more += ", " + batch;
  }
  if (use(4, 35)) more += ", needs: {crew: 1}";
  f.station = "duration: " + time + ", buffer: " + (batched ? "30" : buffer) + ", servers: " + servers + more;
  if (delay && out.has[4] && leave_out != 4)  // servers without number, as many as the crew
    f.station = "duration: " + time + ", buffer: " + buffer + ", servers: unlimited, needs: {crew: 1}",
    f.arrival = "every: " + std::to_string(mean_s * 95 / 100 / (crew == "1" ? 1 : 2)) + " s";  // a little more than a crew around the clock can do
  if (fails && !delay) f.station += ", fails: {x: {every: {exponential: 6 h}, clock: working, repair: 30 min}}";
  f.resources = "resources: {crew: {count: " + crew + shifts + "}}\n";
  if (!out.alone) f.more_stations = "  n: {duration: 2 min, servers: 8, buffer: 20" + std::string(out.has[4] ? ", needs: {crew: 1}" : "") + ", to: out}\n";
  out.text = f.text();
  return out;
}

Capacity static_of(const Scenario& scenario) {
  CapacityInput input;
  input.from_s = from_s;
  input.until_s = until_s;
  return static_capacity(*scenario.plant, process_graph(*scenario.plant), input);
}

/// Lots that reach the sink within the window [1/s].
double shown_by(const Scenario& scenario, unsigned seed) {
  Simulation simulation = start(scenario, seed);
  simulation.advance(from_s);
  const auto before = simulation.state().accounts.sinks[0].lots;
  simulation.advance(until_s);
  return static_cast<double>(simulation.state().accounts.sinks[0].lots - before) / (until_s - from_s);
}

constexpr double tolerance = 0.08;        // mean times where luck decides: a crew that waits for a setup, a campaign at a shift's end
constexpr double tolerance_of_two = 0.2;  // blocking, and work that is put off until the other station is off

}  // namespace

TEST_CASE("law: static capacity is what a run does that is never short of lots") {
  unsigned features = 0;
  for (unsigned number = 1; number <= 24; ++number) {
    const Drawn drawn = draw_plant(number, 0);
    const Scenario scenario = compile(drawn.text);
    const Capacity capacity = static_of(scenario);
    const double shown = shown_by(scenario, number);
    CAPTURE(drawn.text);
    CHECK(std::isfinite(capacity.capacity));
    CHECK(std::abs(shown / capacity.capacity - 1) < (drawn.alone ? tolerance : tolerance_of_two));
    features += static_cast<unsigned>(std::count(drawn.has + 1, drawn.has + 5, true));
  }
  CHECK(features > 24);
}

TEST_CASE("negative control: a capacity that leaves out setups, calendars, batches or crews is found out") {
  for (const int leave_out : {1, 2, 3}) {
    unsigned found = 0, looked_at = 0;
    for (unsigned number = 1; number <= 40 && looked_at < 4; ++number) {
      const Drawn drawn = draw_plant(number, 0);
      if (!drawn.has[leave_out] || drawn.has[4]) continue;  // a crew may be what limits, with the feature and without
      ++looked_at;
      const double wrong = static_of(compile(draw_plant(number, leave_out).text)).capacity;
      const double shown = shown_by(compile(drawn.text), number);
      found += std::abs(shown / wrong - 1) > tolerance ? 1 : 0;
    }
    CAPTURE(leave_out);
    CHECK(looked_at >= 3);
    CHECK(found * 3 >= looked_at * 2);
  }
}

}  // namespace retwin::capacity_laws_test

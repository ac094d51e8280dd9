// A given plant calibrated from its own log: every kind of parameter comes back, and the scenario that is written has it.
#include "core/telemetry/given/plant.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>

#include "core/base/files.hpp"
#include "core/telemetry/readers/csv_log.hpp"
#include "core/telemetry/writers/log_writer.hpp"
#include "tests/laws/plants.hpp"

namespace retwin::plant_calibration_test {
using namespace plants;
namespace fs = std::filesystem;

namespace {

const char* const plant_text = R"(
name: all kinds
run: {duration: 26 weeks, terminating: true}
calendars: {day: {weekly: ["Mon-Fri 08:00-12:00", "Mon-Fri 13:00-17:00"]}}
sources:
  feed: {every: {exponential: 20 min}, attributes: {size: {uniform: {low: 1, high: 5}}}, to: cut}
  post: {profile: {rate: 60/week, days: {Mon: 50 %, Thu: 50 %}, hours: {08-10: 50 %, 14-16: 50 %}}, to: sort}
  late: {every: 9000 d, to: never}
attributes: {size: {}}
stations:
  cut:   {duration: 2 min + 1 min * size, buffer: 1000,
          fails: {jam: {every: {exponential: 5 h}, clock: working, repair: 20 min}}, to: sort}
  sort:  {duration: {lognormal: {mean: 6 min, sd: 2 min}}, servers: 4, calendar: day, buffer: 20000,
          to: {soak: 60 %, mill: 30 %, good: 10 %}}
  soak:  {phases: [{name: load, duration: 10 min, needs: {crew: 1}},
                   {name: wait, duration: {triangular: {low: 2 h, mode: 3 h, high: 4 h}}, attended: false}],
          servers: 8, batch: {count: 4}, buffer: 5000, to: mill}
  mill:  {duration: {gamma: {mean: 9 min, sd: 4 min}}, servers: 2, buffer: 5000,
          fails: {stop: {every: {exponential: 30 h}, clock: working, repair: {exponential: 40 min}}}, to: dry}
  dry:   {duration: 7 min, servers: 2, buffer: 5000,
          fails: {stop: {every: {exponential: 30 h}, clock: working, repair: 1 h}}, to: good}
  never: {duration: 1 h, to: good}
resources: {crew: {count: 3, shifts: day}}
sinks: [good]
)";

struct Folder {
  fs::path path = fs::temp_directory_path() / ("retwin_plant_calibration_test_" + std::to_string(::getpid()));
  Folder() { fs::create_directories(path); }
  ~Folder() { fs::remove_all(path); }
  std::string operator/(const std::string& name) const { return (path / name).string(); }
};

/// A log of the plant in `folder`, with changes that its calibration does not know.
EventLog log_of(const Folder& folder, const std::vector<Override>& hidden, std::uint64_t seed) {
  const Scenario scenario = load_scenario(folder / "plant.yaml", registry(), hidden);
  LogWriter writer(*scenario.plant, folder / "log.csv");
  Simulation simulation(scenario.plant, seed, 0, scenario.changes);
  simulation.advance(scenario.run.duration_s, &writer);
  writer.commit();
  LogMapping mapping;
  mapping.numeric = calibration_columns(*scenario.plant);
  return read_csv_log(folder / "log.csv", mapping);
}

const LearnedParameter* find(const PlantCalibration& c, const std::string& path) {
  for (const LearnedParameter& p : c.parameters)
    if (p.path == path) return &p;
  return nullptr;
}
std::string why_not(const PlantCalibration& c, const std::string& path) {
  for (const auto& [what, why] : c.left_out)
    if (what == path) return why;
  return {};
}

/// Within four half-widths of the truth (a miss by chance: 1 in 10^14), and not wider than this share of the truth.
void check_near(const PlantCalibration& c, const std::string& path, double truth, double widest) {
  CAPTURE(path);
  const LearnedParameter* p = find(c, path);
  REQUIRE(p != nullptr);
  CAPTURE(p->value);
  CHECK(std::abs(p->value - truth) <= 2 * (p->interval.high - p->interval.low) + 1e-9 * truth);
  CHECK(p->interval.high - p->interval.low <= 2 * widest * truth);
  CHECK(p->interval.contains(p->value));
}

}  // namespace

TEST_CASE("a plant as it is: every kind of parameter is found again, from the log alone") {
  Folder folder;
  write_file(folder / "plant.yaml", plant_text);
  EventLog log = log_of(folder, {}, 1);
  const PlantCalibration c = calibrate_plant(folder / "plant.yaml", log, registry());
  check_near(c, "sources.feed.every.mean", 1200, 0.03);
  check_near(c, "sources.post.profile.rate", 60.0 / week, 0.06);
  check_near(c, "stations.cut.duration.factor", 1, 1e-5);  // computed from the lot: nothing is left to chance
  check_near(c, "stations.sort.duration.mean", 360, 0.02);
  check_near(c, "stations.soak.phases.factor", 1, 0.02);
  check_near(c, "stations.mill.duration.mean", 540, 0.03);
  check_near(c, "stations.dry.duration.mean", 420, 1e-6);  // the median: breakdowns do not touch it
  check_near(c, "stations.sort.to.soak", 0.6, 0.03);
  check_near(c, "stations.sort.to.mill", 0.3, 0.06);
  check_near(c, "stations.sort.to.good", 0.1, 0.12);
  CHECK(why_not(c, "stations.never") == "the log has no operation there");
  // a log of weeks before the run of the plant says the same: calendars repeat by the week
  for (LogEvent& event : log.events) event.start_s -= 52 * week, event.end_s -= 52 * week;
  const PlantCalibration before = calibrate_plant(folder / "plant.yaml", log, registry());
  REQUIRE(before.parameters.size() == c.parameters.size());
  for (std::size_t k = 0; k < c.parameters.size(); ++k)
    CHECK_MESSAGE(before.parameters[k].value == doctest::Approx(c.parameters[k].value).epsilon(1e-6), c.parameters[k].path);
  // and so does one whose stamps name a zone: shifts are those of the plant's clocks
  log.zone_s = 8 * 3600;
  log.move(-log.zone_s);
  const PlantCalibration zoned = calibrate_plant(folder / "plant.yaml", log, registry());
  REQUIRE(zoned.parameters.size() == c.parameters.size());
  for (std::size_t k = 0; k < c.parameters.size(); ++k)
    CHECK_MESSAGE(zoned.parameters[k].value == doctest::Approx(c.parameters[k].value).epsilon(1e-6), c.parameters[k].path);
}

TEST_CASE("hidden changes: the parameters follow, those of the plant are excluded, and the scenario says so") {
  Folder folder;
  write_file(folder / "plant.yaml", plant_text);
  const std::vector<Override> hidden = {{"stations.cut.duration", "1.1 * (2 min + 1 min * size)", ""},
                                        {"stations.sort.duration", "{gamma: {mean: 7 min, sd: 3 min}}", ""},
                                        {"stations.soak.phases.1.duration", "{triangular: {low: 2 h, mode: 4 h, high: 6 h}}", ""},
                                        {"stations.mill.duration", "{gamma: {mean: 8 min, sd: 3 min}}", ""},
                                        {"stations.sort.to", "{soak: 50 %, mill: 30 %, good: 20 %}", ""},
                                        {"sources.feed.every", "{exponential: 25 min}", ""},
                                        {"sources.post.profile.rate", "80/week", ""}};
  const PlantCalibration c = calibrate_plant(folder / "plant.yaml", log_of(folder, hidden, 2), registry());
  const std::pair<const char*, double> truths[] = {{"stations.cut.duration.factor", 1.1},
                                                   {"stations.sort.duration.mean", 420},
                                                   {"stations.soak.phases.factor", 250.0 / 190},
                                                   {"stations.mill.duration.mean", 480},
                                                   {"stations.sort.to.soak", 0.5},
                                                   {"stations.sort.to.good", 0.2},
                                                   {"sources.feed.every.mean", 1500},
                                                   {"sources.post.profile.rate", 80 / week}};
  for (const auto& [path, truth] : truths) {
    check_near(c, path, truth, 0.1);
    CHECK_MESSAGE(!find(c, path)->interval.contains(find(c, path)->given), path);
  }
  write_calibration(c, folder / "calibrated.yaml");
  const Scenario calibrated = load_scenario(folder / "calibrated.yaml", registry());
  const Plant& plant = *calibrated.plant;
  const auto mean = [&](const char* station, std::size_t phase) {
    return plant.stations[plant.find_station(station)].phases[phase].duration.distribution->mean();
  };
  CHECK(mean("sort", 0) == doctest::Approx(420).epsilon(0.02));
  CHECK(mean("mill", 0) == doctest::Approx(480).epsilon(0.04));
  CHECK(mean("soak", 0) + mean("soak", 1) == doctest::Approx(15000).epsilon(0.03));
  CHECK(mean("dry", 0) == doctest::Approx(420).epsilon(1e-6));
  CHECK(plant.sources[plant.find_source("feed")].every.mean() == doctest::Approx(1500).epsilon(0.05));
  CHECK(plant.stations[plant.find_station("never")].phases[0].duration.distribution->mean() == 3600);
  CHECK(fs::exists(folder / "calibrated_parameters.csv"));
  // calibrated from the same log, the calibrated plant is left as it is
  const PlantCalibration again = calibrate_plant(folder / "calibrated.yaml", log_of(folder, hidden, 2), registry());
  for (const auto& entry : truths)
    CHECK_MESSAGE(find(again, entry.first)->interval.contains(find(again, entry.first)->given), entry.first);
}

TEST_CASE("draws: scenarios that scatter as the intervals say") {
  Folder folder;
  write_file(folder / "plant.yaml", plant_text);
  const PlantCalibration c = calibrate_plant(folder / "plant.yaml", log_of(folder, {}, 5), registry());
  write_calibration(c, folder / "calibrated.yaml");
  constexpr std::uint64_t n = 60;
  write_draws(c, folder / "calibrated.yaml", n, 1);
  Tally sort, soak, feed;
  for (std::uint64_t k = 1; k <= n; ++k) {
    const auto plant = load_scenario(folder / ("calibrated_" + std::to_string(k) + ".yaml"), registry()).plant;
    const Station& station = plant->stations[plant->find_station("sort")];
    sort.add(station.phases[0].duration.distribution->mean());
    for (const RouteOption& option : station.routes[0].options)
      if (plant->node_name(option.target) == "good") soak.add(option.share);  // the first in order of names: not cumulated
    feed.add(plant->sources[plant->find_source("feed")].every.mean());
  }
  const std::pair<const Tally*, const char*> drawn[] = {
      {&sort, "stations.sort.duration.mean"}, {&soak, "stations.sort.to.good"}, {&feed, "sources.feed.every.mean"}};
  for (const auto& [tally, path] : drawn) {
    CAPTURE(path);
    const LearnedParameter* p = find(c, path);
    const double sd = (p->interval.high - p->interval.low) / (2 * 1.96);
    CHECK(std::abs(tally->mean() - p->value) < 4 * sd / std::sqrt(static_cast<double>(n)));
    CHECK(tally->sd() / sd > 0.6);  // chi-square of 59 degrees beyond four standard deviations
    CHECK(tally->sd() / sd < 1.4);
  }
}

/// The states of all servers, as a log of machines.
struct StateKeeper : Observer {
  explicit StateKeeper(const Plant& p) : plant(p), since(p.n_servers, 0.0) { log.source = "states of a simulation"; }
  void state_changed(double now, Index station, Index server, ServerState from, ServerState) override {
    StateRecord record;
    record.machine =
        log.machines.number(plant.stations[station].name + "#" + std::to_string(server - plant.hot[station].first_server));
    record.state = log.states.number(server_state_names[static_cast<std::size_t>(from)]);
    record.from_s = since[server];
    record.to_s = since[server] = now;
    log.records.push_back(record);
  }
  const Plant& plant;
  std::vector<double> since;
  StateLog log;
};

TEST_CASE("breakdowns and repairs from the states of machines; without them they stand") {
  Folder folder;
  write_file(folder / "plant.yaml", plant_text);
  const std::vector<Override> hidden = {{"stations.mill.fails.stop.every", "{exponential: 20 h}", ""},
                                        {"stations.mill.fails.stop.repair", "{exponential: 70 min}", ""}};
  const EventLog log = log_of(folder, hidden, 6);
  CHECK(find(calibrate_plant(folder / "plant.yaml", log, registry()), "stations.mill.fails.stop.every.mean") == nullptr);
  const Scenario scenario = load_scenario(folder / "plant.yaml", registry(), hidden);
  StateKeeper keeper(*scenario.plant);
  Simulation simulation(scenario.plant, 6, 0, scenario.changes);
  simulation.advance(scenario.run.duration_s, &keeper);
  PlantCalibrationOptions options;
  options.states = &keeper.log;
  const PlantCalibration c = calibrate_plant(folder / "plant.yaml", log, registry(), options);
  check_near(c, "stations.mill.fails.stop.every.mean", 20 * hour, 0.4);
  check_near(c, "stations.mill.fails.stop.repair.mean", 70 * minute, 0.4);
  check_near(c, "stations.dry.fails.stop.every.mean", 30 * hour, 0.5);
  check_near(c, "stations.dry.fails.stop.repair.mean", 60 * minute, 0.01);
  CHECK(!find(c, "stations.mill.fails.stop.repair.mean")->interval.contains(40 * minute));
  write_calibration(c, folder / "calibrated.yaml");
  const auto plant = load_scenario(folder / "calibrated.yaml", registry()).plant;
  CHECK(plant->stations[plant->find_station("mill")].failures[0].repair.distribution->mean() ==
        doctest::Approx(70 * minute).epsilon(0.3));
}

TEST_CASE("one observation per batch, whole works only") {
  Folder folder;
  write_file(folder / "plant.yaml", R"(
run: {duration: 2 weeks, terminating: true}
sources: {feed: {every: 1 min, to: oven}}
stations: {oven: {duration: {exponential: 30 h}, servers: 1000, batch: {count: 6}, buffer: 100000, to: out}}
sinks: [out]
)");
  const EventLog log = log_of(folder, {}, 3);
  const PlantCalibration c = calibrate_plant(folder / "plant.yaml", log, registry());
  const LearnedParameter* p = find(c, "stations.oven.duration.mean");
  REQUIRE(p != nullptr);
  CHECK(p->n < log.events.size() / 12);  // those at the end, when long works have not ended, are left out
  CHECK(p->n > 100);
  double plain = 0;
  for (const LogEvent& e : log.events) plain += (e.end_s - e.start_s) / static_cast<double>(log.events.size());
  CHECK(plain < 0.97 * 30 * hour);  // control: the mean of all that ended within the log is too small
  check_near(c, "stations.oven.duration.mean", 30 * hour, 0.08);
}

TEST_CASE("a log of another plant is refused, strange activities are told") {
  Folder folder;
  write_file(folder / "plant.yaml", plant_text);
  EventLog log = log_of(folder, {}, 4);
  Names renamed;
  for (const std::string& name : log.activities.all()) renamed.number(name == "mill" ? "mil" : name);
  log.activities = renamed;
  const PlantCalibration c = calibrate_plant(folder / "plant.yaml", log, registry());
  CHECK(why_not(c, "mil").find("did you mean mill?") != std::string::npos);
  CHECK(why_not(c, "stations.mill") == "the log has no operation there");
  CHECK(why_not(c, "stations.sort.to").find("no route leads") != std::string::npos);
  Names strange;
  for (const std::string& name : log.activities.all()) strange.number("x " + name);
  log.activities = strange;
  try {
    calibrate_plant(folder / "plant.yaml", log, registry());
    FAIL("accepted");
  } catch (const InputError& error) {
    CHECK(error.problems().front().code == Code::unknown_name);
  }
}

TEST_CASE("of pools that stand in for one another only the hours of the one that did the work count") {
  Folder folder;
  write_file(folder / "plant.yaml", R"(
name: two crews
run: {start: 2026-01-05, duration: 8 weeks, replications: 1, terminating: true}
attributes: {size: {}}
calendars: {early: ["Mon-Fri 08:00-16:00"], late: ["Mon-Fri 12:00-20:00"]}
sources: {feed: {every: {exponential: 40 min}, attributes: {size: {uniform: {low: 1, high: 9}}}, to: saw}}
stations:
  saw:  {servers: 5, duration: 2 min + 3 min * size, needs: {crew: 1}, buffer: 1000, to: pack}
  pack: {servers: 5, duration: {lognormal: {mean: 12 min, sd: 5 min}}, needs: {crew: 1}, buffer: 1000, to: done}
resources:
  anna: {count: 3, shifts: early, qualifications: [crew]}
  bert: {count: 3, shifts: late, qualifications: [crew]}
sinks: [done]
)");
  EventLog log = log_of(folder, {}, 3);
  const PlantCalibration c = calibrate_plant(folder / "plant.yaml", log, registry());
  check_near(c, "stations.saw.duration.factor", 1, 1e-3);
  check_near(c, "stations.pack.duration.mean", 720, 0.05);
  log.resources = {};
  log.resources.number("somebody");
  for (LogEvent& event : log.events) event.resource = 0;
  const PlantCalibration other = calibrate_plant(folder / "plant.yaml", log, registry());
  for (const char* station : {"stations.saw", "stations.pack"})
    CHECK(why_not(other, station) == "several pools do it, each in its hours, and the log does not name them as resources");
}

}  // namespace retwin::plant_calibration_test

// Law of measured plants: of random plants with hidden shares, uses and powers, the intervals learned from noisy flows, analyses and meters
// hold the truth as often as they say.
#include <doctest/doctest.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fmt/format.h>
#include <map>

#include "core/base/files.hpp"
#include "core/telemetry/given/plant.hpp"
#include "tests/laws/plants.hpp"
#include "tests/unit/normal_stream.hpp"

namespace retwin::measured_laws_test {
using namespace plants;

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t n_components = 4, n_ports = 4;
const std::array<const char*, n_components> components = {"Cu", "Al", "PP", "DMC"};
const std::array<const char*, n_ports> ports = {"black_mass", "Cu", "Al", "residue"};

const char* const plant_text = R"(
name: shred and sort
run: {duration: 1 d, terminating: true}
sources: {feed: {lot: cell, chemistry: {LFP: 100 %}, mass: 2 kg, every: 1 min, to: shred}}
stations:
  shred: {unit: shred, duration: 10 s, vapour: 50 %, dust: 1 %, nitrogen: 30 m3/t, power: 50 kW, idle_power: 5 kW, to: {fragments: sort, vapour: stack, dust: filter}}
  sort:
    unit: sorting_train
    matrix: partition/mechanical
    duration: 10 s
    power: 90 kW
    idle_power: 9 kW
    consumes: {oil: 2 kg/t, water: {per_mass: 0.1 m3/t}}
    rows: {Cu: {black_mass: 25 %, Cu: 25 %, Al: 25 %, residue: 25 %}, Al: {black_mass: 25 %, Cu: 25 %, Al: 25 %, residue: 25 %}, PP: {black_mass: 25 %, Cu: 25 %, Al: 25 %, residue: 25 %}, DMC: {black_mass: 25 %, Cu: 25 %, Al: 25 %, residue: 25 %}}
    to: {black_mass: powder, Cu: copper, Al: aluminium, residue: residue, offgas: stack}
sinks: [powder, copper, aluminium, residue, stack, filter]
)";

struct Folder {
  std::filesystem::path path = std::filesystem::temp_directory_path() / ("retwin_measured_laws_" + std::to_string(::getpid()));
  Folder() {
    std::filesystem::create_directories(path);
    write_file((path / "plant.yaml").string(), plant_text);
  }
  ~Folder() { std::filesystem::remove_all(path); }
};

/// A uniform number from a stream of its own.
class Uniform {
 public:
  explicit Uniform(std::uint64_t seed) : random_(seed) {}
  double operator()(double low, double high) { return low + (high - low) * static_cast<double>(random_() >> 11) * 0x1.0p-53; }

 private:
  std::mt19937_64 random_;
};

using Masses = std::array<double, n_components + 1>;  ///< of each component, and of the rest

/// What is hidden in one plant, by path, and its true flows.
struct Hidden {
  std::map<std::string, double> truth;
  std::map<std::string, Masses> streams;
  std::vector<MeasuredStream> uses;
  std::vector<MeterReading> readings;
};

double sum(const Masses& masses) {
  double all = 0;
  for (const double kg : masses) all += kg;
  return all;
}

Hidden hide(std::uint64_t seed) {
  Uniform random(seed);
  Hidden h;
  const auto hidden = [&](const std::string& path, double low, double high) { return h.truth["stations." + path] = random(low, high); };
  Masses feed{random(8e3, 2e4), random(6e3, 2e4), random(4e3, 1e4), random(4e3, 1e4), random(4e4, 6e4)};
  const double vapour = hidden("shred.vapour", 0.3, 0.8), dust = hidden("shred.dust", 0.01, 0.05);
  Masses fragments = feed, vapours{}, dusts{};
  for (std::size_t c = 0; c < feed.size(); ++c) {
    (c == 3 ? vapours : dusts)[c] = (c == 3 ? vapour : dust) * feed[c];
    fragments[c] = feed[c] - vapours[c] - dusts[c];
  }
  h.streams = {{"feed", feed}, {"fragments", fragments}, {"vapour", vapours}, {"dust", dusts}};
  for (const char* port : ports) h.streams[port] = {};
  for (std::size_t c = 0; c < feed.size(); ++c) {
    std::array<double, n_ports> share{};
    double all = 0;
    for (double& s : share) all += s = random(0.05, 1);
    for (std::size_t p = 0; p < n_ports; ++p) {
      h.streams[ports[p]][c] = fragments[c] * share[p] / all;
      if (c < n_components) h.truth[fmt::format("stations.sort.rows.{}.{}", components[c], ports[p])] = share[p] / all;
    }
  }
  const auto use = [&](const char* flow, const char* station, const Dimension& dimension, double rate, const char* stream) {
    h.uses.push_back({flow, "", station, "", flow, rate * sum(h.streams[stream]), nan, dimension});
  };
  use("nitrogen", "shred", dimension::volume, hidden("shred.nitrogen", 0.02, 0.06), "feed");
  use("oil", "sort", dimension::mass, hidden("sort.consumes.oil", 1e-3, 4e-3), "fragments");
  use("water", "sort", dimension::volume, hidden("sort.consumes.water.per_mass", 5e-5, 2e-4), "fragments");
  for (const std::string station : {"shred", "sort"}) {
    const double power = hidden(station + ".power", 4e4, 1e5), idle = hidden(station + ".idle_power", 4e3, 2e4);
    for (int k = 0; k < 4; ++k) {
      MeterReading reading;
      reading.machine = station;
      const double working = random(4, 20) * hour;
      reading.state_s = {working, 24 * hour - working, 0, 0};
      reading.has_states = true;
      reading.energy_J = power * working + idle * reading.state_s[1];
      h.readings.push_back(reading);
    }
  }
  return h;
}

/// Measured with errors whose spread is `told` times what is stated.
Measurements measure(const Hidden& hidden, std::uint64_t seed, double told) {
  Normal normal(seed);
  Uniform random(seed + 1);
  Measurements m;
  m.flow_file = {"flows.csv", "f"}, m.assay_file = {"assays.csv", "a"}, m.meter_file = {"meters.csv", "m"};
  const auto seen = [&](double truth, double sd, double& sd_told) {
    sd_told = sd / told;
    return truth + sd * normal();
  };
  const std::map<std::string, std::array<std::string, 2>> ends = {{"feed", {"feed", "shred"}}, {"fragments", {"shred", "sort"}}, {"vapour", {"shred", ""}}, {"dust", {"shred", "filter"}},
                                                                  {"black_mass", {"sort", "powder"}}, {"Cu", {"sort", "copper"}}, {"Al", {"sort", ""}}, {"residue", {"sort", ""}}};
  const std::size_t no_scale = static_cast<std::size_t>(random(0, 2 * n_ports)), no_analysis = static_cast<std::size_t>(random(0, 2 * n_ports));
  for (const auto& [name, masses] : hidden.streams) {
    MeasuredStream stream{name, ends.at(name)[0], ends.at(name)[1], "", ""};
    stream.dimension = dimension::mass;
    const auto port = static_cast<std::size_t>(std::find(ports.begin(), ports.end(), name) - ports.begin());
    if (port != no_scale) stream.value = seen(sum(masses), 0.01 * sum(masses), stream.sd);
    else stream.dimension = {};
    if (name == "vapour" || name == "dust") stream.port = name;
    m.streams.push_back(stream);
    for (std::size_t c = 0; c < n_components; ++c) {
      const double w = masses[c] / sum(masses);
      if (port == no_analysis && c == 1) continue;
      Analysis a{name, components[c]};
      a.fraction = seen(w, 0.03 * w + 1e-5, a.sd);
      m.analyses.push_back(a);
    }
  }
  for (MeasuredStream use : hidden.uses) {
    use.value = seen(use.value, 0.02 * use.value, use.sd);
    m.streams.push_back(use);
  }
  for (MeterReading reading : hidden.readings) {
    reading.energy_J = seen(reading.energy_J, 0.01 * reading.energy_J, reading.sd_J);
    m.readings.push_back(reading);
  }
  return m;
}

struct Coverage {
  std::size_t parameters = 0, held = 0;
  double share() const { return static_cast<double>(held) / static_cast<double>(parameters); }
};

PlantCalibration learn(const Folder& folder, const Measurements& measured) {
  PlantCalibrationOptions options;
  options.libraries = {RETWIN_SOURCE_DIR "/scenarios/library"};
  options.measured = &measured;
  return calibrate_plant((folder.path / "plant.yaml").string(), std::nullopt, registry(), options);
}

Coverage cover(const Folder& folder, double told, unsigned plants) {
  Coverage coverage;
  for (unsigned k = 1; k <= plants; ++k) {
    const Hidden hidden = hide(k);
    const PlantCalibration c = learn(folder, measure(hidden, 1000 + k, told));
    CAPTURE(k);
    CHECK(c.flows.imbalance < 1e-9);
    for (const LearnedParameter& p : c.parameters) {
      CAPTURE(p.path);
      const auto truth = hidden.truth.find(p.path);
      REQUIRE(truth != hidden.truth.end());
      CHECK(p.interval.low >= 0);
      if (p.path.find("rows") == std::string::npos && p.path.find("power") == std::string::npos && !p.unit.empty()) CHECK(p.interval.low > 0);  // what may be none at all
      if (p.unit.empty()) CHECK(p.interval.high <= 1);
      ++coverage.parameters;
      coverage.held += p.interval.contains(truth->second);
    }
    std::map<std::string, double> rows;
    for (const LearnedParameter& p : c.parameters)
      if (const auto at = p.path.find(".rows."); at != std::string::npos) rows[p.path.substr(0, p.path.rfind('.'))] += p.value;
    for (const auto& [path, all] : rows) CHECK(all == doctest::Approx(1).epsilon(1e-12));
  }
  return coverage;
}

/// Masses that reach the sinks.
class AtSinks : public Observer {
 public:
  void lot_ended(double, const Lot&, Index node, std::span<const double> kg) override {
    std::vector<double>& all = masses[node];
    all.resize(std::max(all.size(), kg.size()));
    for (std::size_t c = 0; c < kg.size(); ++c) all[c] += kg[c];
  }
  std::map<Index, std::vector<double>> masses;
};

}  // namespace

TEST_CASE("intervals learned from flows, analyses and meters hold the truth as often as they say") {
  const Folder folder;
  const unsigned plants = plants_to_try("RETWIN_MEASURED_PLANTS", 50);
  const Coverage honest = cover(folder, 1, plants);
  MESSAGE(fmt::format("{} of {} intervals hold the truth: {:.2f} %", honest.held, honest.parameters, 100 * honest.share()));
  CHECK(honest.parameters > 20 * plants);
  CHECK(honest.share() > 0.93);
  CHECK(honest.share() < 0.97);
}

TEST_CASE("control: with errors twice as large as stated they do not") {
  const Folder folder;
  const Coverage told = cover(folder, 2, 20);
  MESSAGE(fmt::format("{} of {} intervals hold the truth: {:.2f} %", told.held, told.parameters, 100 * told.share()));
  CHECK(told.share() < 0.85);
}

TEST_CASE("a flow that hardly anything tells takes only the balances about it along") {
  // neither feed nor dust nor vapour are weighed, and what is in the dust is what is in the solids of the feed
  const Folder folder;
  const Hidden hidden = hide(335);
  const PlantCalibration c = learn(folder, measure(hidden, 1335, 1));
  std::string why;
  std::size_t rows = 0;
  for (const auto& [what, reason] : c.left_out)
    if (what == "stations.shred" && reason.find("hardly tells") != std::string::npos) why = reason;
  for (const LearnedParameter& p : c.parameters) {
    CHECK(p.path.find("shred.dust") == std::string::npos);
    rows += p.path.find(".rows.") != std::string::npos;
  }
  CHECK_FALSE(why.empty());
  CHECK(rows == n_components * n_ports);
}

TEST_CASE("the scenario that is written runs with the shares that were learned") {
  const Folder folder;
  const PlantCalibration c = learn(folder, measure(hide(7), 77, 1));
  write_calibration(c, (folder.path / "cal.yaml").string());
  const Scenario scenario = load_scenario((folder.path / "cal.yaml").string(), registry(), {}, {RETWIN_SOURCE_DIR "/scenarios/library"});
  Simulation simulation(scenario.plant, 1, 0, scenario.changes);
  AtSinks sinks;
  simulation.advance(6 * hour, &sinks);
  const Plant& plant = *scenario.plant;
  const std::map<std::string, std::string> sink_of = {{"black_mass", "powder"}, {"Cu", "copper"}, {"Al", "aluminium"}, {"residue", "residue"}};
  std::size_t checked = 0;
  for (const char* component : components) {
    const auto k = static_cast<std::size_t>(plant.substances.component(component));
    double all = 0;
    for (const auto& [port, sink] : sink_of) all += sinks.masses[plant.sink_node(plant.find_sink(sink))].at(k);
    for (const auto& [port, sink] : sink_of)
      for (const LearnedParameter& p : c.parameters) {
        if (p.path != fmt::format("stations.sort.rows.{}.{}", component, port)) continue;
        REQUIRE(all > 0);
        CHECK(sinks.masses[plant.sink_node(plant.find_sink(sink))].at(k) / all == doctest::Approx(p.value).epsilon(1e-5));
        ++checked;
      }
  }
  CHECK(checked == n_components * n_ports);
  const Station& shred = plant.stations[plant.find_station("shred")];
  for (const LearnedParameter& p : c.parameters)
    if (p.path == "stations.shred.power") CHECK(shred.power_W[static_cast<std::size_t>(ServerState::working)] == doctest::Approx(p.value).epsilon(1e-8));
}

TEST_CASE("a meter reading that contradicts the others is set aside and named; chance alone sets hardly any aside") {
  const Folder folder;
  const unsigned plants = plants_to_try("RETWIN_MEASURED_PLANTS", 50);
  for (const bool stated : {true, false}) {
    unsigned named = 0, alarms = 0, held = 0;
    for (unsigned k = 1; k <= plants; ++k) {
      Normal normal(k);
      Uniform random(k + 500);
      Measurements m;
      m.meter_file = {"meters.csv", "m"};
      for (int i = 0; i < 12; ++i) {
        MeterReading reading;
        reading.machine = "shred", reading.has_states = true;
        reading.place.line = i + 2;
        const double working = random(4, 20) * hour;
        reading.state_s = {working, 24 * hour - working, 0, 0};
        const double energy = 6e4 * working + 6e3 * reading.state_s[1];
        reading.energy_J = energy * (1 + 0.01 * normal());
        if (stated) reading.sd_J = 0.01 * energy;
        m.readings.push_back(reading);
      }
      alarms += learn(folder, m).set_aside.empty() ? 0 : 1;
      const auto wrong = static_cast<std::size_t>(random(0, 12));
      m.readings[wrong].energy_J *= k % 2 == 0 ? 10 : 0.5;
      const PlantCalibration c = learn(folder, m);
      named += c.set_aside.size() == 1 && c.set_aside[0].starts_with("shred in line " + std::to_string(wrong + 2) + " of meters.csv") ? 1 : 0;
      for (const LearnedParameter& p : c.parameters)
        held += p.interval.contains(p.path == "stations.shred.power" ? 6e4 : 6e3) ? 1 : 0;
    }
    CAPTURE(stated);
    CHECK(named == plants);
    CHECK(alarms <= 1 + plants / 50);
    CHECK(held >= 2 * plants * 9 / 10);
  }
}

}  // namespace retwin::measured_laws_test

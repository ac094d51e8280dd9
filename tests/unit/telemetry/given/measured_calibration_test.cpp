// A given plant taught by flows, analyses and meters: cases computed by hand, what is left out and why, how files are read.
#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fmt/format.h>
#include <map>
#include <numeric>

#include "core/base/files.hpp"
#include "core/flow/matter/taught_by_flows.hpp"
#include "core/telemetry/given/plant.hpp"
#include "core/telemetry/readers/state_log.hpp"
#include "tests/laws/plants.hpp"
#include "tests/laws/test_binder.hpp"

namespace retwin::measured_calibration_test {
using namespace plants;
using namespace testing;
namespace fs = std::filesystem;

namespace {

const char* const plant_text = R"(
name: press and sort
run: {duration: 2 d, warmup: 0 s}
sources: {feed: {lot: cell, chemistry: {LFP: 100 %}, mass: 2 kg, every: 2 min, to: hold}}
stations:
  hold:  {duration: 10 s, to: press}
  press: {duration: 1 min, power: 12 kW, consumes: {oil: 2 kg/t, air: {per_mass: 3 m3/t, idle: 1 m3/h}}, to: sort}
  sort:  {unit: cut_sort, duration: 10 s, power: 5 kW, idle_power: 1 kW,
          rows: {Cu: {Cu: 90 %, residue: 10 %}}, to: {Cu: copper, Al: metal, steel: metal, residue: waste}}
sinks: [copper, metal, waste]
)";

struct Folder {
  fs::path path = fs::temp_directory_path() / ("retwin_measured_test_" + std::to_string(::getpid()));
  Folder() { fs::create_directories(path); }
  ~Folder() { fs::remove_all(path); }
  std::string file(const std::string& name, const std::string& text) const {
    if (text.empty()) return {};
    write_file((path / name).string(), text);
    return (path / name).string();
  }
};

PlantCalibration learn(const std::string& flows, const std::string& assays, const std::string& meters = {}, const std::string& states = {}) {
  const Folder folder;
  const std::string plant = folder.file("plant.yaml", plant_text);
  Problems problems;
  const Measurements measured = read_measurements(folder.file("flows.csv", flows), folder.file("assays.csv", assays), folder.file("meters.csv", meters), problems);
  problems.throw_if_errors();
  PlantCalibrationOptions options;
  options.libraries = {RETWIN_SOURCE_DIR "/scenarios/library"};
  options.measured = &measured;
  std::optional<StateLog> log;
  if (!states.empty()) options.states = &log.emplace(read_state_log(folder.file("states.csv", states)));
  return calibrate_plant(plant, std::nullopt, registry(), options);
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

const std::string exact_flows = "stream,from,to,flow,measured,sd\nin,press,sort,,100 t,1 %\nCu,sort,copper,,60 t,1 %\nresidue,sort,waste,,40 t,1 %\n";
const std::string exact_assays = "stream,component,fraction [%],sd [%]\nin,Cu,30,0.3\nCu,Cu,40,0.3\nresidue,Cu,15,0.3\nin,PP,50,0.3\nCu,PP,20,0.3\nresidue,PP,95,0.3\n";

}  // namespace

TEST_CASE("exact flows and analyses of two components give their shares") {
  const PlantCalibration c = learn(exact_flows, exact_assays);
  for (const auto& [path, share] : std::map<std::string, double>{{"Cu.Cu", 0.8}, {"Cu.residue", 0.2}, {"PP.Cu", 0.24}, {"PP.residue", 0.76}}) {
    CAPTURE(path);
    const LearnedParameter* p = find(c, "stations.sort.rows." + path);
    // PP goes to plastics in the library's matrix, of which no stream is listed
    if (path.starts_with("PP")) CHECK(why_not(c, "stations.sort.rows.PP") == "no stream of port plastics is listed");
    else {
      REQUIRE(p != nullptr);
      CHECK(p->value == doctest::Approx(share).epsilon(1e-12));
      CHECK(p->interval.contains(share));
      CHECK(p->n == 3);
      CHECK(p->source.ends_with("flows.csv"));
    }
  }
  CHECK(c.patches.size() == 1);
  CHECK(c.patches[0].value.find("Cu")->text == "80.000000 %");
}

TEST_CASE("the spread of a share is that of its quotient") {
  // without the feed and with flows as good as exact: share = a / (a + b), a = 24, b = 6, each with a spread of 1 % of its flow
  const PlantCalibration c = learn("stream,from,to,measured,sd\nin,press,sort,,\nCu,sort,copper,60 t,1e-6 t\nresidue,sort,waste,40 t,1e-6 t\n",
                                   "stream,component,fraction [%],sd [%]\nCu,Cu,40,1\nresidue,Cu,15,1\n");
  const LearnedParameter* p = find(c, "stations.sort.rows.Cu.Cu");
  REQUIRE(p != nullptr);
  CHECK(p->value == doctest::Approx(0.8).epsilon(1e-9));
  const double spread = std::hypot(6 * 0.6, 24 * 0.4) / (30 * 30);  // a and b are known to 0.6 and 0.4 t
  CHECK(p->interval.high - p->value == doctest::Approx(1.959964 * spread).epsilon(1e-5));
}

TEST_CASE("samples without a spread have that of their mean by Student") {
  const PlantCalibration c = learn("stream,from,to,measured,sd\nin,press,sort,,\nCu,sort,copper,60 t,1e-6 t\nresidue,sort,waste,40 t,1e-6 t\n",
                                   "stream;component;fraction [%];sd [%]\nCu;Cu;39,5;\nCu;Cu;40,5;\nCu;Cu;40;\nresidue;Cu;15;0,0001\n");
  const LearnedParameter* p = find(c, "stations.sort.rows.Cu.Cu");
  REQUIRE(p != nullptr);
  CHECK(p->n == 4);
  const double half = 4.302653 * 0.5 / std::sqrt(3.0) / 100;  // of the fraction, two degrees of freedom
  CHECK(p->interval.high - p->value == doctest::Approx(6.0 * 60 * half / (30 * 30)).epsilon(1e-4));
}

TEST_CASE("uses per mass are amounts over what came in") {
  const PlantCalibration c = learn("stream,from,to,flow,measured,sd\nin,hold,press,,100 t,1 %\nout,press,sort,,100 t,1 %\noil,,press,oil,300 kg,2 %\nair,,press,air,400 m3,2 %\n", {});
  const LearnedParameter* oil = find(c, "stations.press.consumes.oil");
  REQUIRE(oil != nullptr);
  CHECK(oil->value == doctest::Approx(0.003));
  // the feed is known twice, to 1 % each
  CHECK(oil->interval.high == doctest::Approx(0.003 * (1 + 1.959964 * std::hypot(0.02, 0.01 / std::sqrt(2.0)))).epsilon(1e-6));
  CHECK(why_not(c, "stations.press.air").find("by time or by job") != std::string::npos);
  CHECK(why_not(c, "stations.sort") == "no stream out of it was measured");
}

TEST_CASE("what no measurement tells is left out") {
  const auto why = [](const char* flows, const char* assays, const char* path) { return why_not(learn(flows, assays), path); };
  const std::string head = "stream,from,to,port,measured,sd\n";
  CHECK(why("stream,from,to,measured,sd\nCu,sort,copper,60 t,1 %\n", "stream,component,fraction,sd\nCu,Cu,0.4,0.01\n", "stations.sort") == "no stream into it was measured");
  CHECK(why((head + "in,press,sort,,100 t,1 %\nCu,sort,copper,,60 t,1 %\nrest,sort,waste,,40 t,1 %\n").c_str(), "", "stations.sort") == "no component was analysed in any stream");
  CHECK(why((head + "in,press,sort,,100 t,1 %\nx,sort,metal,,60 t,1 %\n").c_str(), "stream,component,fraction,sd\nx,Cu,0.4,0.01\n", "stations.sort") ==
        "by which port x leaves is not told: name it in a column port");
  CHECK(why((head + "in,press,sort,,100 t,1 %\nCu,sort,copper,,60 t,1 %\nrest,sort,waste,,40 t,1 %\n").c_str(), "stream,component,fraction,sd\nCu,Cu,0.4,0.01\n", "stations.sort.rows.Cu") ==
        "what of it leaves in rest follows from no measurement");
  CHECK(why((head + "in,press,sort,,100 t,1 %\nCu,sort,copper,,60 t,1 %\nrest,sort,waste,,40 t,1 %\n").c_str(),
            "stream,component,fraction,sd\nin,Cu,0.0001,0.01\nCu,Cu,0.0001,0.01\nrest,Cu,0.0001,0.01\n", "stations.sort.rows.Cu")
            .starts_with("hardly any of it came"));
}

TEST_CASE("powers are those that solve the energies; a log of states tells the times") {
  // 8 h at 20 kW and 2 h at 3 kW; 5 h each
  const PlantCalibration c = learn({}, {}, "station;Energy [kWh];sd [kWh];working [h];idle [h]\nsort;166;1,5;8;2\nsort;115;1;5;5\n");
  REQUIRE(find(c, "stations.sort.power") != nullptr);
  CHECK(find(c, "stations.sort.power")->value == doctest::Approx(20e3));
  CHECK(find(c, "stations.sort.idle_power")->value == doctest::Approx(3e3));
  // P = (5 E1 - 2 E2) / 30
  CHECK(find(c, "stations.sort.power")->interval.high == doctest::Approx(20e3 + 1.959964e3 * std::hypot(5 * 1.5, 2.0) / 30).epsilon(1e-6));
  const PlantCalibration logged = learn({}, {}, "machine,kWh,sd [%],start,end\nsort,166,1,2026-01-05 00:00:00,2026-01-05 10:00:00\nsort,115,1,2026-01-05 10:00:00,2026-01-05 20:00:00\n",
                                        "machine,state,start,end\nsort,working,2026-01-05 00:00:00,2026-01-05 08:00:00\nsort,idle,2026-01-05 08:00:00,2026-01-05 15:00:00\n"
                                        "sort,working,2026-01-05 15:00:00,2026-01-05 20:00:00\n");
  REQUIRE(find(logged, "stations.sort.power") != nullptr);
  CHECK(find(logged, "stations.sort.power")->value == doctest::Approx(20e3));
  CHECK(find(logged, "stations.sort.idle_power")->value == doctest::Approx(3e3));
}

TEST_CASE("an interval that the log of states does not cover is none") {
  const PlantCalibration c = learn({}, {}, "machine,kWh,sd [%],start,end\nsort,166,1,2026-01-05 00:00:00,2026-01-05 10:00:00\nsort,999,1,2026-01-05 10:00:00,2026-01-05 20:00:00\n",
                                   "machine,state,start,end\nsort,working,2026-01-05 00:00:00,2026-01-05 10:00:00\nsort,idle,2026-01-05 15:00:00,2026-01-05 20:00:00\n");
  REQUIRE(find(c, "stations.sort.power") != nullptr);
  CHECK(find(c, "stations.sort.power")->value == doctest::Approx(16.6e3));
  CHECK(find(c, "stations.sort.power")->n == 1);
}

TEST_CASE("times from runs of the plant tell one power, not two") {
  // a lot every two minutes, a minute each: half of the time
  const char* const meters = "station,energy [kWh],sd [kWh],start,end\npress,60,1,2026-01-05 00:00:00,2026-01-05 08:00:00\nsort,20,1,2026-01-05 00:00:00,2026-01-05 08:00:00\n";
  const PlantCalibration c = learn({}, {}, meters);
  REQUIRE(find(c, "stations.press.power") != nullptr);
  CHECK(find(c, "stations.press.power")->value == doctest::Approx(15e3).epsilon(1e-2));
  CHECK(find(c, "stations.press.power")->method.find("runs of the plant") != std::string::npos);
  CHECK(why_not(c, "stations.sort.power").find("give every interval the same") != std::string::npos);
  const PlantCalibration one = learn({}, {}, "station,energy [kWh],sd [kWh],working [h],idle [h]\nsort,20,1,4,4\n");
  CHECK(why_not(one, "stations.sort.power") == "the intervals do not tell it from the power in other states");
}

TEST_CASE("without stated spreads the residuals give them; two intervals leave none") {
  const std::string head = "station,energy [kWh],working [h],idle [h]\n";
  const PlantCalibration two = learn({}, {}, head + "sort,166,8,2\nsort,115,5,5\n");
  CHECK(why_not(two, "stations.sort.power") == "too few intervals, whose spread is not stated");
  const PlantCalibration four = learn({}, {}, head + "sort,166,8,2\nsort,114,5,5\nsort,183,9,1\nsort,64,2,8\n");
  REQUIRE(find(four, "stations.sort.power") != nullptr);
  CHECK(find(four, "stations.sort.power")->interval.contains(20e3));
  CHECK(find(four, "stations.sort.power")->method.ends_with("Student"));
}

TEST_CASE("every unit that can be taught says so of what it does") {
  // a job of each with known matter: what leaves by each port is the share that is told, and what is kept leaves
  TestBinder binder;
  const Substances& substances = binder.substances();
  std::vector<double> kg(substances.size());
  for (std::size_t c = 0; c < kg.size(); ++c) kg[c] = 1 + 0.1 * static_cast<double>(c % 7);
  kg[static_cast<std::size_t>(substances.component("H2O"))] = 1000;  // more than moist solids take
  std::size_t taught = 0;
  for (const auto& [name, maker] : binder.registry().unit_operations) {
    CAPTURE(name);
    const auto operation = binder.operation(name);
    const auto* teaches = dynamic_cast<const TaughtByFlows*>(operation.get());
    if (teaches == nullptr) continue;
    ++taught;
    const Teachable says = teaches->teachable();
    TestBench bench(binder);
    std::map<int, std::vector<double>> out;
    const std::vector<PortInfo> ports = operation->ports();
    for (std::uint64_t seed = 1; seed <= 20; ++seed)  // a batch may be off specification, as a whole
      for (const auto& [port, lots] : bench.run(*operation, {{"fragments", {}, kg}}, seed))
        for (const TestLot& lot : lots) {
          int p = 0;
          while (ports[static_cast<std::size_t>(p)].name != port) ++p;
          out[p].resize(kg.size());
          for (std::size_t c = 0; c < kg.size(); ++c) out[p][c] += lot.kg[c];
        }
    double of_all = 0;
    for (std::size_t c = 0; c < kg.size(); ++c) {
      double all = 0;
      for (const auto& [port, masses] : out) all += masses[c];
      of_all += all;
      if (!says.kept.empty() && says.kept[c]) CHECK(all == doctest::Approx(20 * kg[c]).epsilon(1e-9));
    }
    if (!says.adds_matter) CHECK(of_all == doctest::Approx(20 * std::accumulate(kg.begin(), kg.end(), 0.0)).epsilon(1e-9));
    for (const PortShares& row : says.shares) {
      CAPTURE(row.path);
      double all = 0;
      std::vector<double> by_port;
      for (const int port : row.ports) {
        by_port.push_back(0);
        for (const int c : row.components)
          if (out.contains(port)) by_port.back() += out[port][static_cast<std::size_t>(c)];
        all += by_port.back();
      }
      if (name == "filter_press") by_port[1] += by_port[2];  // cakes to be leached again
      for (std::size_t p = 0; p < (name == "filter_press" ? 2 : by_port.size()); ++p) CHECK(by_port[p] / all == doctest::Approx(row.given[p]).epsilon(1e-9));
    }
    for (const FeedUse& use : says.uses) CHECK(bench.metered[use.flow] == doctest::Approx(20 * use.given * std::accumulate(kg.begin(), kg.end(), 0.0)).epsilon(1e-9));
  }
  CHECK(taught == 6);
}

}  // namespace retwin::measured_calibration_test

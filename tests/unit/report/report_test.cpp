// Reports: numbers with the digits they mean, the same bytes from one thread or two, CSV that reads back.
#include <doctest/doctest.h>

#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>

#include "core/base/files.hpp"
#include "core/report/report.hpp"
#include "tests/unit/small_plant.hpp"

namespace retwin::report_test {

namespace {

Scenario press_line() {
  Plant p = small::plant({small::station("a_press", Distribution::exponential(40), 1, 5),
                          small::station("b_saw", Distribution::exponential(50), 2, 5)},
                         {small::saturated("in", 0)}, {"steel"});
  p.sources[0].maker = std::make_shared<small::Weighed>(std::vector<double>{20});
  p.stations[0].power_W[static_cast<std::size_t>(ServerState::working)] = 5000;
  p.stations[0].energy_J_per_job = 10;
  p.stations[1].energy_J_per_job = 10;
  Scenario s = small::scenario(small::ready(p), 3 * 604800.0, 604800, 4);
  s.name = "press line";
  s.inputs["steel"] = "abc";
  s.reporting.functional_units.push_back({"steel", {"out"}, {}, "what leaves", {}});
  s.reporting.factors.push_back({0, 0.6 / 3.6e6, "grid", "table", 2, true});
  s.warnings.push_back({Code::window, Severity::warning, {}, "run.duration", "not whole weeks", ""});
  return s;
}

const Results& results_of(const Scenario& scenario) {
  static const Results results = run_replications(scenario);
  return results;
}

}  // namespace

TEST_CASE("numbers with the digits they mean") {
  CHECK(readable(1234567.0) == "1,234,567");
  CHECK(readable(0.98549) == "0.9855");
  CHECK(readable(12.3456) == "12.35");
  CHECK(readable(-45678.9) == "-45,679");
  CHECK(readable(0.0) == "0");
  CHECK(readable(1e-7) == "1e-07");
  CHECK(readable(std::numeric_limits<double>::quiet_NaN()) == "-");
  CHECK(readable(Interval{1590.26, 11.7, 0.95, 5}) == "1,590 ± 12");
  CHECK(readable(Interval{0.98549, 0.00123, 0.95, 5}) == "0.9855 ± 0.0012");
  CHECK(readable(Interval{35763.6, 340.0, 0.95, 5}) == "35,764 ± 340");
  CHECK(readable(Interval{3.25, std::numeric_limits<double>::quiet_NaN(), 0.95, 1}) == "3.250");
}

TEST_CASE("result.json: all figures, no clock, the same bytes whatever the threads") {
  const Scenario scenario = press_line();
  const std::string text = result_json(scenario, results_of(scenario));
  RunOptions options;
  options.jobs = 2;
  CHECK(result_json(scenario, run_replications(scenario, options)) == text);
  Scenario other = scenario;  // negative control: another seed gives other bytes
  other.run.seed = 2;
  CHECK(result_json(other, run_replications(other)) != text);

  const auto json = nlohmann::json::parse(text);
  CHECK(json["run"]["seed"] == 1);
  CHECK(json["run"]["replications"] == 4);
  CHECK(json["run"]["window_begin_s"] == 604800.0);
  CHECK(json["scenario"]["hash"] == "0123");
  CHECK(json["inputs"]["steel"] == "abc");
  CHECK(json["kpis"].size() == results_of(scenario).kpis.size());
  CHECK(json["kpis"]["stations.a_press.utilisation"]["n"] == 4);
  CHECK(json["kpis"]["stations.b_saw.utilisation"]["mean"].get<double>() > 0.8);
  CHECK(json["kpis"]["per.steel.carbon"]["estimate"] == true);
  CHECK(json["bottleneck"]["station"] == "b_saw");
  CHECK(json["warnings"][0]["code"] == "window");
  CHECK_FALSE(json.contains("performance"));
  const auto speed = nlohmann::json::parse(performance_json(results_of(scenario).performance));
  CHECK(speed["events"].get<std::uint64_t>() > 1000);
}

TEST_CASE("what was not observed is null and empty, not a number") {
  Scenario scenario = press_line();
  scenario.run.warmup_s = 0;
  scenario.run.duration_s = 1;
  scenario.run.replications = 1;
  const Results results = run_replications(scenario);
  const auto json = nlohmann::json::parse(result_json(scenario, results));
  CHECK(json["kpis"]["sinks.out.cycle_time.mean"]["mean"].is_null());
  CHECK(json["kpis"]["sinks.out.cycle_time.mean"]["half_width"].is_null());
  CHECK(kpis_table(scenario, results).csv().find(",nan") == std::string::npos);
  CHECK(text_report(scenario, results).find(" nan") == std::string::npos);
}

TEST_CASE("CSV tables read back, columns name their unit") {
  const Scenario scenario = press_line();
  Problems problems;
  CsvReader stations = CsvReader::from_text(stations_table(scenario, results_of(scenario)).csv(), "stations", problems);
  for (const char* column : {"station", "utilisation", "utilisation_half_width", "throughput_per_h", "waiting_s",
                             "electricity_kWh", "kg_in", "rate_per_s"})
    CHECK_MESSAGE(stations.column(column) >= 0, column);
  REQUIRE(stations.next());
  CHECK(stations.cell(0) == "a_press");
  CHECK(std::stod(stations.cell(stations.column("utilisation"))) ==
        results_of(scenario).find("stations.a_press.utilisation")->interval.mean);
  CsvReader buffers = CsvReader::from_text(buffers_table(scenario, results_of(scenario)).csv(), "buffers", problems);
  REQUIRE(buffers.next());
  CHECK(buffers.cell(buffers.column("room_lots")) == "5");
  CHECK(buffers.cell(buffers.column("mean_mass_t")).empty());
  CsvReader kpis = CsvReader::from_text(kpis_table(scenario, results_of(scenario)).csv(), "kpis", problems);
  std::size_t rows = 0;
  while (kpis.next()) ++rows;
  CHECK(rows == results_of(scenario).kpis.size());
  CHECK(problems.all().empty());
}

TEST_CASE("the first screen answers what is asked first") {
  const Scenario scenario = press_line();
  const std::string text = text_report(scenario, results_of(scenario));
  const auto at = [&](const char* part) { return text.find(part); };
  CHECK(at("press line: 2 weeks after 1 week of warm-up, 4 replications, seed 1") == 0);
  CHECK(at("b_saw is the first suspect") != std::string::npos);
  CHECK(at("per t of ") != std::string::npos);
  CHECK(at("steel: what leaves; kg CO2e/t: grid ") != std::string::npos);
  CHECK(at("* rests on estimates, say the files: factor grid") != std::string::npos);
  CHECK(at("warning [window] run.duration: not whole weeks") != std::string::npos);
  CHECK(at("Out of the plant") < at("What limits it"));
  CHECK(at("What limits it") < at("Energy and carbon"));
  CHECK(at("Energy and carbon") < at("Stations, the busiest first"));
}

TEST_CASE("every exporter writes its file, whole") {
  const Scenario scenario = press_line();
  const std::string folder = "report_test_out/deep";
  Registry registry;
  register_reports(registry);
  registry.exporters.push_back({"other", "other.txt", "of other plants", [](const auto&, const auto&) { return "x"; }, {}, [](const auto&) { return false; }});
  write_reports(folder, scenario, results_of(scenario), registry.exporters);
  CHECK_FALSE(std::filesystem::exists(folder + "/other.txt"));
  registry.exporters.pop_back();
  CHECK(registry.exporter("stations") != nullptr);
  CHECK(registry.exporter("station") == nullptr);
  CHECK_FALSE(std::filesystem::exists(folder + "/due.csv"));  // no lot of this plant is ever due
  for (const Exporter& exporter : registry.exporters) {
    if ((exporter.applies && !exporter.applies(scenario)) || exporter.name == "leaving") continue;  // nothing is there at the beginning
    Problems problems;
    const auto text = read_file(folder + "/" + exporter.file, 1 << 24, problems);
    REQUIRE(text);
    CHECK(*text == exporter.text(scenario, results_of(scenario)));
  }
  std::filesystem::remove_all("report_test_out");
}

}  // namespace retwin::report_test

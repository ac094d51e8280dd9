// Going on: states that are carried over to another plant, and windows across changes of parameters.
#include <doctest/doctest.h>

#include <unistd.h>

#include <filesystem>

#include "core/base/files.hpp"
#include "core/experiment/going_on.hpp"
#include "tests/laws/plants.hpp"

namespace retwin::going_on_test {
using namespace plants;

namespace {

std::string line(const std::string& more) {
  const std::string target = more.empty() ? "out" : "b";
  return "sources: {s: {every: 10 min, to: a}}\nstations: {a: {duration: 5 min, power: 1 kW, to: " + target + "}" + more +
         "}\nsinks: [out]\n";
}
const std::string then_b = ", b: {duration: 1 min, to: out}";

LoadedState noon(const Scenario& scenario) {
  Simulation simulation(scenario.plant, 1);
  simulation.advance(12 * hour);
  return {simulation.state(), structure_of(*scenario.plant)};
}

}  // namespace

TEST_CASE("a window across changes counts each piece with the parameters in force, however it is advanced") {
  const std::string changes = "changes: [{at: 5 h, set: {stations.a.power: 3 kW}}, {at: 8 h, set: {stations.a.power: 0 kW}}]\n";
  const Scenario scenario = compile(line("") + "run: {duration: 10 h, terminating: true}\n" + changes);
  const auto electricity = [&](int pieces, bool follow) {
    Simulation simulation(scenario.plant, 1, 0, scenario.changes);
    Window window(*scenario.plant, read(simulation.plant(), simulation.state()));
    for (int k = 1; k <= pieces; ++k) advance(simulation, scenario.changes, 10 * hour * k / pieces, follow ? &window : nullptr);
    window.extend(simulation.plant(), read(simulation.plant(), simulation.state()));
    return window.electricity(0) / 3.6e6;
  };
  const double whole = electricity(1, true);
  CHECK(whole == doctest::Approx(29.0 / 12 + 3 * 18.0 / 12));  // jobs of 5 min: 29 until 5 h, 18 until 8 h
  for (const int pieces : {2, 5, 7, 10}) CHECK(electricity(pieces, true) == doctest::Approx(whole));
  CHECK(electricity(1, false) == doctest::Approx(0));  // the control: all at the last power
}

TEST_CASE("a state fits a plant of the same structure as it is, and another by name, with a warning") {
  const Scenario one = compile(line("")), two = compile(line(then_b));
  const CarriedState same = carry_over(noon(one), *compile("run: {seed: 2}\n" + line("")).plant);
  CHECK_FALSE(same.warning);
  CHECK(same.state.now == 12 * hour);
  const CarriedState other = carry_over(noon(one), *two.plant, "noon");
  REQUIRE(other.warning);
  CHECK(other.warning->severity == Severity::warning);
  CHECK(other.warning->code == Code::structure);
  CHECK(other.warning->place.file == "noon");
  CHECK(other.warning->message.find("stations.b") != std::string::npos);
  Simulation further(two.plant, other.state);
  further.advance(13 * hour);
  CHECK(further.state().accounts.sinks[0].lots == 77);
}

TEST_CASE("what cannot be carried over is told with the file it came from") {
  const Scenario full = compile("sources: {s: {every: 1 min, to: c}}\nstations: {c: {duration: 5 min, to: out}}\nsinks: [out]\n");
  const Scenario empty = compile(line(""));
  const auto file_of = [](const auto& work) {
    try {
      work();
    } catch (const InputError& error) {
      CHECK(error.problems().front().code == Code::structure);
      return error.problems().front().place.file;
    }
    return std::string("nothing was thrown");
  };
  CHECK(file_of([&] { carry_over(noon(full), *empty.plant, "noon.state"); }) == "noon.state");
  const auto path = (std::filesystem::temp_directory_path() / ("retwin_going_on_" + std::to_string(::getpid()))).string();
  write_file(path, save_state(noon(full).state, *full.plant));
  CHECK(file_of([&] { read_state_for(*empty.plant, path); }) == path);
  CHECK_FALSE(read_state_for(*full.plant, path).warning);
  std::filesystem::remove(path);
  CHECK_THROWS_AS(read_state_for(*full.plant, path), InputError);
}

}  // namespace retwin::going_on_test

// Life-cycle matrices: the textbook's two processes, random systems against a dense solve, and what is refused.
#include "models/carbon/life_cycle.hpp"

#include <doctest/doctest.h>

#include <Eigen/Dense>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <random>

namespace retwin::life_cycle_test {

namespace {

ProcessSystem random_system(std::size_t n, unsigned seed) {
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> uniform(0, 1);
  ProcessSystem system;
  for (std::size_t k = 0; k < n; ++k) {
    system.processes.push_back("p" + std::to_string(k));
    system.technosphere.push_back({k, k, 1});
    for (int inputs = 0; inputs < 4; ++inputs)  // each takes less than half a unit in all, loops included
      system.technosphere.push_back({static_cast<std::size_t>(uniform(random) * static_cast<double>(n)), k, -0.12 * uniform(random)});
    system.biosphere.push_back({k % 3, k, uniform(random)});
  }
  system.units.assign(n, "kg");
  system.flows = {"CO2", "CH4", "N2O"};
  system.weights = {1, 27.9, 273};
  return system;
}

double relative(double a, double b) { return std::abs(a - b) / std::max(std::abs(b), 1e-300); }

}  // namespace

TEST_CASE("the textbook's electricity and fuel, by hand") {
  // Heijungs and Suh: 10 kWh of electricity take 2 L of fuel, of which 100 L come from 50 L of crude oil; a unit of each process here is
  // one kWh and one litre: .2 L a kWh; emissions .1 kg CO2 a kWh and .1 kg a litre. 1000 kWh: 1000 x .1 + 200 x .1 = 120 kg.
  ProcessSystem system;
  system.processes = {"electricity", "fuel"};
  system.units = {"kWh", "L"};
  system.flows = {"CO2"};
  system.weights = {1};
  system.technosphere = {{0, 0, 1}, {1, 0, -0.2}, {1, 1, 1}};
  system.biosphere = {{0, 0, 0.1}, {0, 1, 0.1}};
  const LifeCycle cycle(system);
  const Impact impact = cycle.of({1000, 0});
  CHECK(impact.kg == doctest::Approx(120).epsilon(1e-12));
  CHECK(impact.scaling[1] == doctest::Approx(200).epsilon(1e-12));
  REQUIRE(impact.by_process.size() == 2);
  CHECK(impact.by_process[0].first == 0);
  CHECK(impact.by_process[0].second == doctest::Approx(100));
  CHECK(cycle.intensities()[0] == doctest::Approx(0.12).epsilon(1e-12));
}

TEST_CASE("random systems of 5 to 2,000 processes are solved as a dense solver does, and forwards as backwards") {
  double worst = 0, worst_way = 0;
  for (const auto& [n, repeat] : {std::pair<std::size_t, unsigned>{5, 40}, {50, 10}, {300, 3}, {2000, 1}})
    for (unsigned seed = 0; seed < repeat; ++seed) {
      const ProcessSystem system = random_system(n, seed + 1000 * static_cast<unsigned>(n));
      Eigen::MatrixXd A = Eigen::MatrixXd::Zero(static_cast<Eigen::Index>(n), static_cast<Eigen::Index>(n));
      for (const Exchange& e : system.technosphere) A(static_cast<Eigen::Index>(e.row), static_cast<Eigen::Index>(e.column)) += e.amount;
      Eigen::VectorXd direct = Eigen::VectorXd::Zero(static_cast<Eigen::Index>(n));
      for (const Exchange& e : system.biosphere) direct[static_cast<Eigen::Index>(e.column)] += system.weights[e.row] * e.amount;
      std::vector<double> demand(n);
      for (std::size_t k = 0; k < n; ++k) demand[k] = k % 7 == 0 ? 1.0 + static_cast<double>(k) : 0;
      const Eigen::VectorXd s = A.partialPivLu().solve(Eigen::Map<const Eigen::VectorXd>(demand.data(), static_cast<Eigen::Index>(n)));
      const LifeCycle cycle(system);
      const Impact impact = cycle.of(demand);
      worst = std::max(worst, relative(impact.kg, direct.dot(s)));
      double sum = 0, backwards = 0;
      for (const auto& [process, kg] : impact.by_process) sum += kg;
      const std::vector<double> h = cycle.intensities();
      for (std::size_t k = 0; k < n; ++k) backwards += h[k] * demand[k];
      worst_way = std::max({worst_way, relative(sum, impact.kg), relative(backwards, impact.kg)});
    }
  MESSAGE("worst difference from the dense solve " << worst << ", between the two ways " << worst_way);
  CHECK(worst < 1e-10);
  CHECK(worst_way < 1e-10);
}

TEST_CASE("a singular technosphere is refused, and one that is singular but for rounding") {
  ProcessSystem system = random_system(2, 1);
  system.technosphere = {{0, 0, 1}, {1, 0, -1}, {1, 1, 1}, {0, 1, -1}};  // each takes all of the other
  CHECK_THROWS_AS(LifeCycle{system}, InputError);
  system.technosphere[3].amount = -1 + 1e-15;
  CHECK_THROWS_AS(LifeCycle{system}, InputError);
  system.technosphere[3].amount = -0.5;
  CHECK_NOTHROW(LifeCycle{system});
}

TEST_CASE("files of a system are read, and all that is wrong with them is told") {
  namespace fs = std::filesystem;
  const fs::path folder = fs::temp_directory_path() / "retwin_life_cycle_test";
  fs::create_directories(folder);
  const auto write = [&](const char* name, const char* text) { std::ofstream(folder / name) << text; };
  write("processes.csv", "process,unit\nelectricity,kWh\nfuel,L\n");
  write("technosphere.csv", "process,input,amount\nelectricity,fuel,0.2\n");
  write("biosphere.csv", "process,flow,amount\nelectricity,CO2,0.1\nfuel,CO2,0.1\n");
  write("weights.csv", "flow,kg_CO2e\nCO2,1\n");
  Problems none;
  CHECK(LifeCycle(ProcessSystem::read(folder.string(), none)).of({1000, 0}).kg == doctest::Approx(120));
  CHECK(none.all().empty());

  write("technosphere.csv", "process,input,amount\nelectricity,petrol,0.2\nelectricity,fuel,much\n");
  write("biosphere.csv", "process,flow,amount\nfuel,CH4,1\n");
  Problems some;
  ProcessSystem::read(folder.string(), some);
  CHECK(some.all().size() == 3);  // no such process, no number, no weight
  fs::remove_all(folder);
}

}  // namespace retwin::life_cycle_test

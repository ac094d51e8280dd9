// Replications without a number, growth that is told, the figure that counts.
#include "core/experiment/steady.hpp"

#include <doctest/doctest.h>

#include "core/base/problem.hpp"
#include "core/experiment/objective.hpp"
#include "tests/laws/plants.hpp"

namespace retwin::steady_test {
using namespace plants;

namespace {

std::string queue(const std::string& run, double every_s) {
  return "run: {" + run + "}\nsources: {in: {every: {exponential: " + std::to_string(every_s) +
         " s}, to: desk}}\nstations: {desk: {duration: {exponential: 60 s}, to: done}}\nsinks: [done]\n";
}

}  // namespace

TEST_CASE("without a number: ten replications, and by half more until what counts is known") {
  const Scenario calm = compile(queue("duration: 1 week", 80));
  CHECK(calm.run.replications == 0);
  const Results ten = run_replications(calm);
  CHECK(ten.replications == 10);
  CHECK(ten.precise);
  CHECK(ten.find("plant.throughput")->interval.relative() <= 0.02);

  const Scenario restless = compile(queue("duration: 6 h, precision: 1 %", 80));
  const Results more = run_replications(restless);
  CHECK(more.replications > 10);
  CHECK(more.precise == (more.find("plant.throughput")->interval.relative() <= 0.01));

  const Scenario few = compile(queue("duration: 6 h, precision: 0.01 %, max_replications: 12", 80));
  const Results stopped = run_replications(few);
  CHECK(stopped.replications == 12);
  CHECK_FALSE(stopped.precise);
  CHECK(stopped.tasks.back().replication == 11);

  const Scenario three = compile(queue("duration: 6 h, replications: 3", 80));
  CHECK(run_replications(three).replications == 3);
}

TEST_CASE("the first replications are the same whether more are added or not") {
  const Results auto_made = run_replications(compile(queue("duration: 6 h, precision: 0.01 %, max_replications: 14", 80)));
  const Results told = run_replications(compile(queue("duration: 6 h, replications: 14", 80)));
  REQUIRE(auto_made.digests.size() == 14);
  std::size_t same = 0;
  for (std::size_t k = 0; k < 14; ++k) same += auto_made.values[0][k] == told.values[0][k];
  CHECK(same == 14);
}

TEST_CASE("a plant that fills up is told where; a steady one, and one with an end of its own, are not") {
  const auto grows = [](const std::string& run, double every_s) {
    const Scenario scenario = compile(queue(run, every_s));
    return growth(scenario, run_replications(scenario));
  };
  CHECK_FALSE(grows("duration: 3 weeks, warmup: 1 week", 75));
  CHECK_FALSE(grows("duration: 3 weeks, terminating: true", 50));
  const auto full = grows("duration: 3 weeks, warmup: 1 week", 50);  // 12,096 come a week, 10,080 leave
  REQUIRE(full);
  CHECK(full->station == "desk");
  CHECK(full->lots_per_week == doctest::Approx(2016).epsilon(0.05));
  CHECK(full->share.mean == doctest::Approx(1.0 / 6).epsilon(0.05));
  CHECK(full->text().find("lots a week at desk") != std::string::npos);
}

TEST_CASE("what counts: the mass of products, without masses their number; what is no figure is refused") {
  const Scenario lots = compile(queue("duration: 1 d", 80));
  CHECK(lots.objective == "plant.throughput");
  const Scenario mass = compile("sources: {in: {every: 1 h, lot: pack, model: {LFP_car: 100 %}, to: store}}\nstations: {store: {duration: 1 min, to: out}}\nsinks: [out]\n");
  CHECK(mass.objective == "plant.product_mass");
  for (const Scenario* scenario : {&lots, &mass}) check_figure(*scenario, scenario->objective, {});
  CHECK_THROWS_AS(check_figure(lots, "plant.thruput", {}), InputError);
  CHECK(figure_paths(lots).size() == run_replications(compile(queue("duration: 1 d, replications: 1", 80))).kpis.size());
}

TEST_CASE("products are what reaches sinks of that role, or of none") {
  const std::string flow = "run: {duration: 10 h, replications: 1}\nsources: {in: {every: 1 h, to: part}}\n"
      "stations: {part: {duration: 1 min, to: {good: 50 %, gas: 50 %}}}\nsinks: ";
  const auto products = [&](const std::string& sinks) { return run_replications(compile(flow + sinks)).find("plant.product_lots")->interval.mean; };
  const double good = products("{good: product, gas: emission}"), other = products("{good: , gas: emission}"), all = products("{good: waste, gas: emission}");
  CHECK(good == other);
  CHECK(good < all);
}

}  // namespace retwin::steady_test

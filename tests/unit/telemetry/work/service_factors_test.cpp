// What services depend on, setups and batches: found where they are, and nowhere else.
#include "core/telemetry/work/service_factors.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <random>

namespace retwin::service_factors_test {

namespace {

/// Lots one after another on two machines, every one waiting; services 60 s +- 3 s, and what a test adds.
struct Shop {
  EventLog log;
  std::vector<double> service, enabled;
  std::mt19937_64 random{7};
  std::normal_distribution<double> noise{0, 3};

  template <class Service, class Gap>
  explicit Shop(std::size_t n, Service&& service_of, Gap&& gap_of) {
    log.columns = {{"product", false, {}, {}}, {"pieces", true, {}, {}}};
    log.activities.number("cut");
    const char* const products[] = {"A", "B", "C"};
    double free[2] = {0, 0}, last[2] = {-1, -1};
    for (std::size_t k = 0; k < n; ++k) {
      const std::size_t machine = free[0] <= free[1] ? 0 : 1;
      const double product = log.columns[0].categories.number(products[random() % 3]),
                   pieces = 1 + static_cast<double>(random() % 9);
      const double start = free[machine] + gap_of(last[machine] >= 0 && last[machine] != product);
      const double takes = 60 + noise(random) + service_of(machine, product, pieces);
      log.events.push_back({log.lots.number(std::to_string(k)), 0, log.resources.number(machine == 0 ? "saw 1" : "saw 2"),
                            static_cast<std::uint32_t>(k + 1), start, start + takes});
      log.columns[0].values.push_back(product);
      log.columns[1].values.push_back(pieces);
      service.push_back(takes);
      enabled.push_back(0);
      free[machine] = start + takes;
      last[machine] = product;
    }
  }
  ServiceFactors found() const { return find_service_factors(log, service, enabled); }
};

double none(std::size_t, double, double) { return 0; }
double no_gap(bool) { return 0; }

}  // namespace

TEST_CASE("services that depend on nothing: nothing is found") {
  const ServiceFactors found = Shop(600, none, no_gap).found();
  CHECK(found.factors.empty());
  CHECK(found.setups.empty());
  CHECK(found.batches.empty());
}

TEST_CASE("a slower machine, a product, a quantity, each with its size") {
  const ServiceFactors machine = Shop(
                                     600, [](std::size_t m, double, double) { return m == 1 ? 10.0 : 0.0; }, no_gap)
                                     .found();
  REQUIRE(machine.factors.size() == 1);
  CHECK(machine.factors[0].factor == "resource");
  CHECK(machine.factors[0].levels[0].name == "saw 1");
  CHECK(machine.factors[0].levels[1].mean_s.contains(70));
  const ServiceFactors product = Shop(
                                     600, [](std::size_t, double p, double) { return 5 * p; }, no_gap)
                                     .found();
  REQUIRE(product.factors.size() == 1);
  CHECK(product.factors[0].factor == "product");
  CHECK(product.factors[0].levels.size() == 3);
  const ServiceFactors pieces = Shop(
                                    600, [](std::size_t, double, double q) { return 4 * q; }, no_gap)
                                    .found();
  REQUIRE(pieces.factors.size() == 1);
  CHECK(pieces.factors[0].factor == "pieces");
  CHECK(pieces.factors[0].slope.contains(4));
  CHECK(pieces.factors[0].explained > 0.8);
}

TEST_CASE("a setup where the product changes, told from the changeover that always comes") {
  const ServiceFactors found = Shop(600, none, [](bool change) { return change ? 95.0 : 5.0; }).found();
  REQUIRE(found.setups.size() == 1);
  CHECK(found.setups[0].factor == "product");
  CHECK(found.setups[0].difference_s.mean == doctest::Approx(90).epsilon(0.02));
  CHECK(Shop(600, none, [](bool) { return 5.0; }).found().setups.empty());
}

TEST_CASE("lots that go together are a batch") {
  Shop shop(300, none, no_gap);
  for (std::size_t k = 0; k + 2 < 300; k += 3)
    for (std::size_t i = k + 1; i < k + 3; ++i) {
      shop.log.events[i].start_s = shop.log.events[k].start_s;
      shop.log.events[i].end_s = shop.log.events[k].end_s;
      shop.log.events[i].resource = shop.log.events[k].resource;
    }
  const ServiceFactors found = shop.found();
  REQUIRE(found.batches.size() == 1);
  CHECK(found.batches[0].mean == 3);
  CHECK(found.batches[0].largest == 3);
}

}  // namespace retwin::service_factors_test

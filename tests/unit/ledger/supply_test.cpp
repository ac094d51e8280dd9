// Market-based and hourly electricity by hand.
#include "core/ledger/supply.hpp"

#include <doctest/doctest.h>

#include <cmath>

namespace retwin::supply_test {

namespace {

/// Two days of a kilojoule in each quarter hour, but none from noon on.
QuarterHours mornings() {
  QuarterHours quarters;
  for (int q = 0; q < 192; ++q) quarters.J.push_back(q % 96 < 48 ? 1000 : 0);
  return quarters;
}

}  // namespace

TEST_CASE("hourly factors weigh the hours in which electricity is used") {
  Electricity electricity;
  for (int hour = 0; hour < 24; ++hour) electricity.hourly_kg_per_J.push_back(hour < 6 ? 1 : hour < 12 ? 3 : 100);
  ElectricityAccount account = electricity_account(electricity, mornings(), 5, 0, 365 * 86400);
  CHECK(account.hourly_kg_per_J == doctest::Approx(2));
  CHECK(std::isnan(account.market_kg_per_J));
  QuarterHours later = mornings();
  later.begin_s = 6 * 3600;  // used from six to six
  CHECK(electricity_account(electricity, later, 5, 0, 365 * 86400).hourly_kg_per_J == doctest::Approx((3 + 100) / 2.0));

  electricity.hourly_kg_per_J.assign(8760, 0);
  electricity.hourly_kg_per_J[31 * 24 + 2] = 24;  // an hour of the first of February
  CHECK(electricity_account(electricity, mornings(), 5, 31, 365 * 86400).hourly_kg_per_J == doctest::Approx(1));
  CHECK(electricity_account(electricity, mornings(), 5, 30, 365 * 86400).hourly_kg_per_J == doctest::Approx(1));  // its second day
  CHECK(electricity_account(electricity, mornings(), 5, 32, 365 * 86400).hourly_kg_per_J == 0);
}

TEST_CASE("a roof covers what is used while it shines, contracts their share, certificates what is left of the year's") {
  Electricity electricity;
  Supply roof{"roof", "", 0.5, 0, 0, {}, false};
  for (int hour = 0; hour < 24; ++hour) roof.power_W.push_back(hour >= 9 && hour < 15 ? 0.4 * 1000 / 900 : 0);  // .4 of a quarter's use
  electricity.supplies = {Supply{"contract", "", 2, 0.3, 0, {}, false}, roof, Supply{"certificates", "", 0, 0, 365.0 / 2 * 5000, {}, false}};
  const ElectricityAccount account = electricity_account(electricity, mornings(), 5, 0, 365 * 86400);
  // 96 quarters of 1 kJ; roof: 12 quarters a day before noon x .4; contract .3 of all; certificates 5 kJ for two days of 365
  CHECK(account.J == doctest::Approx(96000));
  CHECK(account.supplied_J[1] == doctest::Approx(24 * 400));
  CHECK(account.supplied_J[0] == doctest::Approx(0.3 * 96000));
  CHECK(account.supplied_J[2] == doctest::Approx(5000));
  const double residual = 96000 - 9600 - 28800 - 5000;
  CHECK(account.residual_J == doctest::Approx(residual));
  CHECK(account.market_kg_per_J == doctest::Approx((0.5 * 9600 + 2 * 28800 + 5 * residual) / 96000));
  electricity.residual_kg_per_J = 7;
  CHECK(electricity_account(electricity, mornings(), 5, 0, 365 * 86400).market_kg_per_J == doctest::Approx((0.5 * 9600 + 2 * 28800 + 7 * residual) / 96000));

  electricity.supplies[2].J_per_year = 1e9;  // more than is used: no credit for what is not
  CHECK(electricity_account(electricity, mornings(), 5, 0, 365 * 86400).residual_J == doctest::Approx(0));
}

}  // namespace retwin::supply_test

// Goes through the quarter hours once.
#include "core/ledger/supply.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/base/constants.hpp"
#include "core/flow/state/state.hpp"

namespace retwin {

ElectricityAccount electricity_account(const Electricity& electricity, const QuarterHours& quarters, double location_kg_per_J, int day_of_year,
                                       double year_s) {
  ElectricityAccount account;
  account.supplied_J.assign(electricity.supplies.size(), 0.0);
  double hourly_kg = 0;
  for (std::size_t q = 0; q < quarters.J.size(); ++q) {
    const double J = quarters.J[q];
    const auto hour = static_cast<std::size_t>(std::floor((quarters.begin_s + (static_cast<double>(q) + 0.5) * quarter_s) / hour_s)) +
                      static_cast<std::size_t>(day_of_year) * 24;
    const auto at = [&](const std::vector<double>& hours) { return hours[hour % hours.size()]; };
    double left = J;
    const auto take = [&](std::size_t k, double most) {
      const double taken = std::min(left, most);
      account.supplied_J[k] += taken;
      left -= taken;
    };
    for (std::size_t k = 0; k < electricity.supplies.size(); ++k)
      if (!electricity.supplies[k].power_W.empty()) take(k, at(electricity.supplies[k].power_W) * quarter_s);
    for (std::size_t k = 0; k < electricity.supplies.size(); ++k)
      if (electricity.supplies[k].share > 0) take(k, electricity.supplies[k].share * J);
    account.J += J;
    account.residual_J += left;
    if (!electricity.hourly_kg_per_J.empty()) hourly_kg += J * at(electricity.hourly_kg_per_J);
  }
  const double years = static_cast<double>(quarters.J.size()) * quarter_s / year_s;
  double market_kg = 0;
  for (std::size_t k = 0; k < electricity.supplies.size(); ++k) {
    const Supply& supply = electricity.supplies[k];
    const double taken = std::min(account.residual_J, supply.J_per_year * years);
    account.supplied_J[k] += taken;
    account.residual_J -= taken;
    market_kg += account.supplied_J[k] * supply.kg_per_J;
  }
  market_kg += account.residual_J * electricity.residual_kg_per_J.value_or(location_kg_per_J);
  const double none_told = std::numeric_limits<double>::quiet_NaN();
  account.market_kg_per_J = electricity.supplies.empty() && !electricity.residual_kg_per_J ? none_told : market_kg / account.J;
  account.hourly_kg_per_J = electricity.hourly_kg_per_J.empty() ? none_told : hourly_kg / account.J;
  return account;
}

}  // namespace retwin

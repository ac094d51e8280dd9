// Electricity as it is bought, and by the hour: mean factors beside the one of the grid.
#pragma once
#include <vector>

#include "core/ledger/reporting.hpp"

namespace retwin {

/// Electric energy by whole quarter hours of the calendar.
struct QuarterHours {
  double begin_s = 0;     ///< of the first, after 00:00 of the first day of the plant's clock
  std::vector<double> J;
  std::vector<std::vector<double>> utilities;  ///< mean of what each gives itself in each quarter hour [1/s]
};

/// Of the electricity in the quarter hours.
struct ElectricityAccount {
  double J = 0;
  std::vector<double> supplied_J;  ///< by supply
  double residual_J = 0;           ///< covered by none
  double market_kg_per_J = 0;      ///< mean; NaN: no supplies
  double hourly_kg_per_J = 0;      ///< mean; NaN: no hourly factors
};

/// Roofs and the like (power by the hour) come first, as far as it is used in that quarter hour; contracts take their share of each
/// quarter hour; certificates then cover what is left over the whole time, hour for hour or not.
/// @param location_kg_per_J of the grid, for what is covered by nothing if the residual mix is not given
/// @param day_of_year of the first day, 0 = January 1st; hours of a year of 8760 go round
ElectricityAccount electricity_account(const Electricity& electricity, const QuarterHours& quarters, double location_kg_per_J, int day_of_year,
                                       double year_s);

}  // namespace retwin

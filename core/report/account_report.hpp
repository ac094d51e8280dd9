// Reports of rules on masses and of money.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "core/report/report.hpp"

namespace retwin {

/// One row per rule and target: value, margin, and whether it is kept. @param day only targets in force on it (days since 1970-01-01)
Table compliance_table(const Scenario& scenario, const Results& results, std::optional<long> day);
Table compliance_table(const Scenario& scenario, const Results& results);
/// Whether every rule is kept on that day: the interval lies on its side of the target. Those whose first target is still coming count.
bool complies(const Scenario& scenario, const Results& results, long day);
/// @throws InputError (range) where more came out than went in: then the lists of a rule are wrong
void refuse_more_out_than_in(const Scenario& scenario, const Results& results);
std::string compliance_text(const Scenario& scenario, const Results& results, std::optional<long> day);

/// One row per price that counts: what it comes to.
Table cost_table(const Scenario& scenario, const Results& results);
/// One row per price, with all that its file says of it.
Table prices_table(const Scenario& scenario, const Results& results);
/// Cost, revenue and margin, and per tonne; what has no price.
std::string money_text(const Scenario& scenario, const Results& results);

bool has_rules(const Scenario& scenario);
bool has_prices(const Scenario& scenario);

}  // namespace retwin

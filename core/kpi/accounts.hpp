// Figures of tanks, of rules on masses and of money. Private to core/kpi and the reports.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "core/kpi/kpi.hpp"
#include "core/kpi/use.hpp"
#include "core/ledger/rules_and_prices.hpp"

namespace retwin {

/// What each tank holds and gives, and what is dissolved in it.
void tank_kpis(const KpiInput& in, KpiList& out);

/// How much of each utility is taken, and when there is not enough.
void utility_kpis(const KpiInput& in, KpiList& out);

/// Computers, links and tasks of the digital layer.
void digital_kpis(const KpiInput& in, KpiList& out);

/// Per rule: value, target on the first day of the run, margin in points.
void compliance_kpis(const KpiInput& in, KpiList& out);

/// What one price comes to in the window, by the groups that bear or earn it.
struct Paid {
  const PriceLine* line = nullptr;
  std::vector<std::pair<std::string, double>> groups;  ///< [CNY]
  bool estimate = false;
  double total() const {
    double sum = 0;
    for (const auto& [group, CNY] : groups) sum += CNY;
    return sum;
  }
};
/// @param groups from use_by_group
std::vector<Paid> paid(const KpiInput& in, const Groups& groups);
/// What a sink earns in the window [CNY].
double earned(const KpiInput& in, Index sink);
/// Cost, revenue and margin in a reporting year; cost by kind, by group and by price.
void money_kpis(const KpiInput& in, KpiList& out);
/// The same per tonne. @param share of what a group pays and earns that falls to the functional unit
void money_per_unit(const std::vector<Paid>& all, const std::function<double(const std::string& group)>& share, double tonnes,
                    const std::string& at, KpiList& out);

}  // namespace retwin

// Key figures as pure functions of a window: one flat list in a fixed order, each with the path under which everyone knows it.
#pragma once
#include <cmath>
#include <string>
#include <vector>

#include "core/ledger/reporting.hpp"
#include "core/ledger/supply.hpp"
#include "core/ledger/window.hpp"
#include "core/registry.hpp"

namespace retwin {

/// One figure in the unit in which users read it.
struct Kpi {
  std::string path;  ///< "stations.press.utilisation"
  double value = 0;  ///< NaN where nothing was observed
  std::string unit;  ///< "1" for counts and shares
  std::string doc;
  bool ratio = false;  ///< over replications: ratio of the sums of numerator and denominator, not a mean of ratios
  double numerator = 0, denominator = 0;
  bool estimate = false;  ///< rests on a figure that its file marks as an estimate
};

/// Whether two values are the same, NaN and NaN among them.
inline bool same_value(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }

/// What a figure is computed from.
struct KpiInput {
  const Window& window;
  const Reporting& reporting;
  double year_s;  ///< production time of a reporting year
  /// Electricity of the stations; null where quarter hours were not read.
  const QuarterHours* quarters = nullptr;
  const std::vector<StockReadings>* stocks = nullptr;  ///< of Reporting::stocks; null where they were not read
};

/// Collects figures.
class KpiList {
 public:
  void add(std::string path, double value, std::string unit, std::string doc);
  /// numerator / denominator, both sums over the window.
  void ratio(std::string path, double numerator, double denominator, std::string unit, std::string doc, bool estimate = false);
  std::vector<Kpi> take() { return std::move(all_); }
  const std::vector<Kpi>& all() const { return all_; }

 private:
  std::vector<Kpi> all_;
};

/// All figures: plant, sinks, sources, stations, resources, flows, per functional unit, then `more`, see Registry. The paths and their order
/// depend on the plant and the reporting only.
/// @throws InputError (unknown-name) if a functional unit names what does not exist
std::vector<Kpi> compute_kpis(const KpiInput& input, const std::vector<KpiMaker>& more = {});

/// The unit in which amounts of a flow are shown, and the factor from SI to it: kWh, kg, m3, t km.
struct UserUnit {
  std::string name;
  double factor = 1;
};
/// The same by time: kW, kg/h, m3/h.
UserUnit rate_unit(const Dimension& dimension);
UserUnit user_unit(const Dimension& dimension);

/// Time on duty of all people in the window [h].
double labour_hours(const Window& window);
bool has_people(const Plant& plant);

/// Figures per functional unit: electricity, flows and carbon, itemised by factor and scope.
void functional_unit_kpis(const KpiInput& input, KpiList& out);

}  // namespace retwin

// The elements that a recycler is after as a table: what leaves in products, what elsewhere, what is recovered.
#include <limits>
#include <string>

#include "core/experiment/replications.hpp"
#include "core/registry.hpp"

namespace retwin {
namespace {

const std::string elements_at = "elements.", recovery = ".recovery";

Table elements(const Scenario&, const Results& results) {
  Table table({text_column("element"), number_column("to_products", "t/a", "leaves in products in a reporting year"),
               number_column("to_others", "t/a", "leaves otherwise in a reporting year"),
               number_column("recovery", "1", "share that leaves in products").as("recovery", shown_percent),
               number_column("half_width", "1", "of the confidence interval of the recovery").as("half-width", shown_percent)});
  for (const KpiSummary& summary : results.kpis) {
    const std::string& path = summary.kpi.path;
    if (!path.starts_with(elements_at) || !path.ends_with(recovery)) continue;
    const std::string element = path.substr(elements_at.size(), path.size() - elements_at.size() - recovery.size());
    const auto mean = [&](const char* what) {
      const KpiSummary* found = results.find(elements_at + element + what);
      return found ? found->interval.mean : std::numeric_limits<double>::quiet_NaN();
    };
    table.row({element, mean(".to_products"), mean(".to_others"), summary.interval.mean, summary.interval.half_width});
  }
  return table;
}

}  // namespace

Exporter make_elements_exporter() {
  return table_exporter("elements", "one row per element that is to be recovered", elements,
                        [](const Scenario& scenario) { return scenario.plant->n_components > 0; });
}

}  // namespace retwin

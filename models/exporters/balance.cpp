// The balance of every element as a table: one row per element and place.
#include <cmath>
#include <string>

#include "core/experiment/replications.hpp"
#include "core/registry.hpp"

namespace retwin {
namespace {

const std::string balance_at = "balance.", error = ".error", made = ".from_nothing";

Table balance(const Scenario&, const Results& results) {
  Table table({text_column("element"), text_column("place", "sources, reagents, a sink, or the stock that grows"),
               number_column("mass", "t/a", "of the element in a reporting year"),
               number_column("share", "1", "of what sources and reagents bring").as("share", shown_percent),
               number_column("half_width", "t/a", "of the confidence interval of the mass").as("half-width")});
  double in = 0;
  for (const KpiSummary& summary : results.kpis) {
    const std::string& path = summary.kpi.path;
    if (!path.starts_with(balance_at) || path.ends_with(error) || path.ends_with(made)) continue;
    const std::size_t dot = path.find('.', balance_at.size());
    const std::string element = path.substr(balance_at.size(), dot - balance_at.size()), place = path.substr(dot + 1);
    if (place == "sources") {
      const KpiSummary* reagents = results.find(balance_at + element + ".reagents");
      in = summary.interval.mean + (reagents ? reagents->interval.mean : 0);
    }
    if (in == 0 || (place.starts_with("sinks.") && std::abs(summary.interval.mean) < 1e-12 * in)) continue;
    table.row({element, place, summary.interval.mean, summary.interval.mean / in, summary.interval.half_width});
  }
  return table;
}

}  // namespace

Exporter make_balance_exporter() {
  return table_exporter("balance", "one row per element and place: what comes in, where it leaves, what stays", balance,
                        [](const Scenario& scenario) { return scenario.plant->n_components > 0; });
}

}  // namespace retwin

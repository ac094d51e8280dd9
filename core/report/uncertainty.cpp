// Reweighs the contributions of factors, replication by replication.
#include "core/report/uncertainty.hpp"

#include <algorithm>
#include <cmath>

#include "core/base/random.hpp"
#include "core/base/readable.hpp"
#include "core/report/report.hpp"
#include "core/stats/distribution.hpp"

namespace retwin {
namespace {

constexpr std::size_t n_draws = 20000;

/// Ends of a factor; one that is not told is the value.
double low(const Factor& factor) { return std::isnan(factor.about.low) ? factor.kgCO2e_per_unit : factor.about.low; }
double high(const Factor& factor) { return std::isnan(factor.about.high) ? factor.kgCO2e_per_unit : factor.about.high; }
bool ranges(const Factor& factor) { return low(factor) < high(factor) && factor.kgCO2e_per_unit > 0; }

/// Of the factor over its value; the mean is not 1 where the range is lopsided.
Distribution relative(const Factor& factor) {
  const double value = factor.kgCO2e_per_unit, least = low(factor) / value, most = high(factor) / value;
  if (factor.about.distribution == "uniform") return Distribution::uniform(least, most);
  if (factor.about.distribution == "lognormal") {  // low and high are 2.5 and 97.5 %
    const double sigma = std::log(most / least) / (2 * 1.959964), average = std::sqrt(least * most) * std::exp(sigma * sigma / 2);
    return Distribution::lognormal(average, average * std::sqrt(std::exp(sigma * sigma) - 1));
  }
  return Distribution::triangular(least, 1, most);
}

const std::vector<double>* values_of(const Results& results, const std::string& path) {
  for (std::size_t k = 0; k < results.kpis.size(); ++k)
    if (results.kpis[k].kpi.path == path) return &results.values[k];
  return nullptr;
}

double mean(const std::vector<double>& values) {
  double sum = 0;
  std::size_t n = 0;
  for (const double x : values)
    if (std::isfinite(x)) sum += x, ++n;
  return n > 0 ? sum / static_cast<double>(n) : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace

std::vector<CarbonUncertainty> carbon_uncertainty(const Scenario& scenario, const Results& results) {
  std::vector<CarbonUncertainty> all;
  for (const FunctionalUnit& unit : scenario.reporting.functional_units) {
    const std::string at = "per." + unit.name + ".carbon";
    const std::vector<double>* totals = values_of(results, at);
    if (totals == nullptr || !std::isfinite(mean(*totals))) continue;
    CarbonUncertainty one{unit.name, mean(*totals), 0, 0, {}};
    struct Swinging {
      Distribution relative;
      const std::vector<double>* values;
    };
    std::vector<Swinging> parts;
    for (const Factor& factor : scenario.reporting.factors) {
      const std::vector<double>* values = values_of(results, at + "." + factor.name);
      if (!ranges(factor) || factor.credit() || values == nullptr || !(std::abs(mean(*values)) > 0)) continue;
      const double part = mean(*values), value = factor.kgCO2e_per_unit;
      one.swings.push_back({factor.name, part, one.mean + part * (low(factor) / value - 1), one.mean + part * (high(factor) / value - 1)});
      parts.push_back({relative(factor), values});
    }
    std::stable_sort(one.swings.begin(), one.swings.end(), [](const Swing& a, const Swing& b) { return a.high - a.low > b.high - b.low; });
    std::vector<double> drawn;
    for (std::size_t k = 0; k < n_draws; ++k) {
      const std::size_t replication = k % totals->size();
      double total = (*totals)[replication];
      const Draws draws{scenario.run.seed, stream_id("uncertainty"), k};
      for (std::size_t p = 0; p < parts.size(); ++p)
        if (const double part = (*parts[p].values)[replication]; std::isfinite(part)) total += part * (parts[p].relative.sample(draws.uniform(p)) - 1);
      if (std::isfinite(total)) drawn.push_back(total);
    }
    std::sort(drawn.begin(), drawn.end());
    const auto quantile = [&](double p) { return drawn[static_cast<std::size_t>(p * static_cast<double>(drawn.size() - 1))]; };
    one.low = quantile(0.025);
    one.high = quantile(0.975);
    all.push_back(std::move(one));
  }
  return all;
}

Table uncertainty_table(const Scenario& scenario, const Results& results) {
  const Show figure = [](double value) { return std::isnan(value) ? std::string() : readable(value); };
  const std::string unit = "kg CO2e/t";
  Table table({text_column("unit", "functional unit").as("Uncertainty"), text_column("factor", "all: drawn together, 95 % of the totals; else alone at its ends").to_the_left(),
               number_column("contribution", unit, "mean over the replications").as("contribution", figure),
               number_column("low", unit, "the total then").as("total low", figure), number_column("high", unit, "the total then").as("total high", figure)});
  for (const CarbonUncertainty& one : carbon_uncertainty(scenario, results)) {
    table.row({one.unit, "all", one.mean, one.low, one.high});
    for (const Swing& swing : one.swings) table.row({one.unit, swing.factor, swing.mean, swing.low, swing.high});
  }
  return table;
}

}  // namespace retwin

// The table of lots that were in the plant at the beginning: when each will leave, over the replications.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "core/base/constants.hpp"
#include "core/report/report.hpp"
#include "core/stats/intervals.hpp"

namespace retwin {
namespace {

constexpr double tail = 0.05;

std::string lots_percent(double share) { return fmt::format("{:.3g} %", 100 * share); }

/// What became of one lot in all replications.
struct Fate {
  std::vector<double> at_s;              ///< in order, where it left
  std::map<std::string, std::size_t> by;  ///< how often, by where

  Fate(const Plant& plant, const Results& results, std::size_t lot) {
    const std::size_t nodes = plant.n_stations() + plant.sinks.size();
    for (const std::vector<Departure>& one : results.departures) {
      const Departure& departure = one.at(lot);
      if (std::isnan(departure.at_s)) continue;
      at_s.push_back(departure.at_s);
      const Index node = departure.node;
      ++by[node < plant.n_stations() ? "used up at " + plant.stations[node].name
           : node < nodes            ? plant.node_name(node)
                                     : "lost by " + plant.sources[node - nodes].name];
    }
    std::sort(at_s.begin(), at_s.end());
  }
  /// So many of a hundred are earlier, of less than twenty none.
  double early() const { return at_s.empty() ? std::nan("") : at_s[beyond()]; }
  double late() const { return at_s.empty() ? std::nan("") : at_s[at_s.size() - 1 - beyond()]; }
  std::string where(std::size_t replications) const {
    std::vector<std::pair<std::string, std::size_t>> all(by.begin(), by.end());
    std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
    std::string text;
    for (const auto& [name, n] : all)
      text += (text.empty() ? "" : ", ") + name + (n == replications ? "" : " " + lots_percent(static_cast<double>(n) / static_cast<double>(replications)));
    return text;
  }

 private:
  std::size_t beyond() const { return static_cast<std::size_t>(tail * static_cast<double>(at_s.size())); }
};

}  // namespace

Table leaving_table(const Scenario& scenario, const Results& results) {
  const Plant& plant = *scenario.plant;
  const char* hours = "after the beginning";
  const auto date = [](const char* name, const char* doc, const char* head) { return time_column(name, doc).as(head); };
  Table table({text_column("lot", "that was in the plant at the beginning").as("Lot"), text_column("kind").as("kind").to_the_left(),
               text_column("at", "station that it was in or before; none: outside, or on its way").as("at").to_the_left(),
               date("leaves", "mean over the replications in which it leaves", "leaves"),
               date("early", "5 % of these are earlier (of less than 20: the earliest)", "5 %"),
               date("late", "5 % of these are later (of less than 20: the latest)", "95 %"),
               number_column("leaves_h", "h", hours).for_programs(), number_column("early_h", "h", hours).for_programs(),
               number_column("late_h", "h", hours).for_programs(),
               text_column("by", "sinks, with the share of the replications where not all; used up: others were made of it there").as("by").to_the_left(),
               number_column("still_in", "1", "share of the replications at whose end it is still there").as("still in", lots_percent)});
  const double clock_s = static_cast<double>(scenario.run.day0) * day_s + scenario.run.clock0_s;
  const std::size_t n = results.departures.size();
  const double start_s = results.tasks.empty() ? 0 : results.tasks.front().end_s - scenario.run.duration_s;
  for (std::size_t k = 0; k < results.there.size(); ++k) {
    const LotThere& lot = results.there[k];
    const Fate fate(plant, results, k);
    const double mean = retwin::mean(fate.at_s), early = fate.early(), late = fate.late();
    table.row({fmt::format("{:016x}", lot.id), plant.kinds[lot.kind].name, lot.station == none ? "" : plant.stations[lot.station].name,
               clock_s + mean, clock_s + early, clock_s + late, (mean - start_s) / hour_s, (early - start_s) / hour_s, (late - start_s) / hour_s,
               fate.where(n), 1 - static_cast<double>(fate.at_s.size()) / static_cast<double>(n)});
  }
  return table;
}

}  // namespace retwin

// Growth of a plant over the replications: what is told of it, and when.
#include "core/experiment/steady.hpp"

#include <fmt/format.h>

#include <cmath>

namespace retwin {
namespace {

constexpr double least_share = 0.01, both_sides = 0.98;  // one-sided 99 %

}  // namespace

std::optional<Growth> growth(const Scenario& scenario, const Results& results) {
  if (scenario.run.terminating || results.replications < 2) return std::nullopt;
  Growth out;
  double most = 0;
  for (std::size_t k = 0; k < results.kpis.size(); ++k) {
    const Kpi& kpi = results.kpis[k].kpi;
    if (kpi.path == "plant.growth") {
      out.share = student_interval(results.values[k], both_sides);
      if (!(out.share.mean > least_share) || !(out.share.low() > 0)) return std::nullopt;
    } else if (kpi.path.starts_with("stations.") && kpi.path.ends_with(".growth")) {
      const double here = results.kpis[k].interval.mean;
      if (!(here > most)) continue;
      most = here;
      out.station = kpi.path.substr(9, kpi.path.size() - 9 - 7);
    }
  }
  if (!std::isfinite(out.share.mean)) return std::nullopt;
  out.lots_per_week = most;
  return out;
}

std::string Growth::text() const {
  const std::string share_text = fmt::format("{:.2g} % of what comes in stays", 100 * share.mean);
  if (station.empty()) return "not in a steady state: " + share_text;
  return fmt::format("not in a steady state: + {:.3g} lots a week at {}; {}", lots_per_week, station, share_text);
}

}  // namespace retwin

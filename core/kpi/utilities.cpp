// Utilities: how much of them is taken, and how long there was not enough.
#include <algorithm>
#include <cmath>
#include <limits>

#include "core/kpi/accounts.hpp"

namespace retwin {

void utility_kpis(const KpiInput& in, KpiList& out) {
  const Window& w = in.window;
  const Plant& plant = w.plant();
  for (std::size_t k = 0; k < plant.utilities.size(); ++k) {
    const std::string at = "utilities." + plant.utilities[k].name + ".";
    const auto of = [&](LevelIntegral UtilityAccount::*level) { return w.average([&](const Reading& r) { return r.accounts.utilities[k].*level; }); };
    const double taken = of(&UtilityAccount::taken), offered = of(&UtilityAccount::offered);
    const UserUnit unit = rate_unit(plant.flows[plant.utilities[k].flow].dimension);
    out.add(at + "taken", taken * unit.factor, unit.name, "mean of what is drawn, counted or not");
    out.add(at + "offered", offered * unit.factor, unit.name, "mean capacity, outages counted");
    out.ratio(at + "utilisation", taken, offered, "1", "share of the capacity that is drawn");
    if (plant.utilities[k].storage.amount > 0) {
      const UserUnit amount = user_unit(plant.flows[plant.utilities[k].flow].dimension);
      out.add(at + "kept", w.change([&](const Reading& r) { return r.accounts.utilities[k].kept; }) / w.length_s() * amount.factor, amount.name, "mean of what it keeps");
      out.add(at + "given", w.change([&](const Reading& r) { return r.accounts.utilities[k].given; }) * amount.factor, amount.name, "drawn from what it keeps, in the window");
    }
    const Index input = static_cast<Index>(plant.digital.devices.size() + k);
    if (plant.standing[input].station != none) {
      const UserUnit used = rate_unit(plant.flows[plant.standing[input].flow].dimension);
      out.add(at + "input", w.average([&](const Reading& r) { return r.accounts.standing[input]; }) * used.factor, used.name, "mean of what it uses itself: " + plant.flows[plant.standing[input].flow].name);
    }
    if (const double fed = of(&UtilityAccount::fed); fed > 0) out.add(at + "fed", fed * unit.factor, unit.name, "mean of what jobs give to it");
    if (in.quarters != nullptr && k < in.quarters->utilities.size()) {
      const std::vector<double>& quarters = in.quarters->utilities[k];
      const double limit = plant.utilities[k].limit;
      double peak = std::numeric_limits<double>::quiet_NaN(), beyond = 0, excess = 0;
      for (const double mean : quarters) {
        peak = std::isnan(peak) ? mean : std::max(peak, mean);
        beyond += limit > 0 && mean > limit ? 1 : 0;
        excess = std::max(excess, mean - limit);
      }
      out.add(at + "peak", peak * unit.factor, unit.name, "largest mean over a quarter hour of the calendar of what it gives itself: what its store and jobs give is not counted");
      if (limit > 0) {
        out.ratio(at + "beyond_limit", beyond, static_cast<double>(quarters.size()), "1", "share of the quarter hours whose mean exceeds its limit");
        out.add(at + "excess", excess * unit.factor, unit.name, "by which the highest quarter hour exceeds its limit");
      }
    }
    out.add(at + "full", of(&UtilityAccount::full), "1", "share of the time in which all of it is drawn and somebody wants more");
  }
}

}  // namespace retwin

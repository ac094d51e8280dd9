// Utilities: how much of them is taken, and how long there was not enough.
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
    out.add(at + "full", of(&UtilityAccount::full), "1", "share of the time in which all of it is drawn and somebody wants more");
  }
}

}  // namespace retwin

// Tanks: what they hold over time, what is drawn, made and let out, and how concentrated each element gets.
#include <algorithm>

#include "core/base/constants.hpp"
#include "core/kpi/accounts.hpp"

namespace retwin {
namespace {

void add(const KpiInput& in, std::size_t index, KpiList& out) {
  const Window& w = in.window;
  const Plant& plant = w.plant();
  const Tank& tank = plant.tanks[index];
  const std::string at = "tanks." + tank.name + ".", what = plant.substances.components[static_cast<std::size_t>(tank.component)];
  const auto level = [&](std::size_t k) {
    return w.end().accounts.tank_levels[tank.first_level + k] - w.begin().accounts.tank_levels[tank.first_level + k];
  };
  const auto yearly = [&](const std::string& name, double TankAccount::*of, const std::string& doc) {
    const double kg = w.change([&](const Reading& r) { return r.accounts.tanks[index].*of; });
    out.add(at + name, kg / tonne_kg * in.year_s / w.length_s(), "t/a", doc + " in a reporting year");
  };
  const std::size_t n = plant.n_components;
  std::vector<double> drawn_kg(n);  // what came and did not stay
  for (std::size_t c = 0; c < n; ++c)
    drawn_kg[c] = std::max(0.0, w.change([&](const Reading& r) { return r.accounts.tank_kg[index * n + c] - r.tank_kg[index * n + c]; }));
  const double dosed_kg = w.change([&](const Reading& r) { return r.accounts.tanks[index].drawn_kg + r.accounts.tanks[index].fresh_kg; });
  const LevelTimes mass = level(0);
  out.add(at + "mass.mean", mass.integral() / w.length_s() / tonne_kg, "t", "mean mass in the tank");
  out.add(at + "mass.max", mass.maximum() / tonne_kg, "t", "most mass in it for any time, to 0.4 %");
  yearly("drawn", &TankAccount::drawn_kg, what + " that is drawn from it");
  yearly("fresh", &TankAccount::fresh_kg, what + " that is dosed and that it lacks: make-up");
  yearly("bled", &TankAccount::bled_kg, "mass that is let out");
  for (std::size_t k = 0; k < tank.elements.size(); ++k) {
    const std::string& element = plant.substances.elements[tank.elements[k]];
    const LevelTimes held = level(k + 1);
    double of_element = 0;
    for (std::size_t c = 0; c < n; ++c) of_element += drawn_kg[c] * plant.substances.fraction[c * plant.substances.elements.size() + tank.elements[k]];
    out.ratio(at + element + ".dosed", of_element * 1e6, dosed_kg, "mg/kg", "element per " + what + " that is dosed, drawn and make-up together");
    out.ratio(at + element + ".mean", held.integral(), held.total_s(), "mg/kg", "mean content of the element over time, while the tank holds anything, little or much");
    out.add(at + element + ".max", held.maximum(), "mg/kg", "highest content of it for any time, to 0.4 %");
  }
}

}  // namespace

void tank_kpis(const KpiInput& in, KpiList& out) {
  for (std::size_t k = 0; k < in.window.plant().tanks.size(); ++k) add(in, k, out);
}

}  // namespace retwin

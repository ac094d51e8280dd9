// The balance of every element over the window: what came in, what reagents brought, where it left, what stayed.
#include <cmath>
#include <string>

#include "core/kpi/kpi.hpp"
#include "core/registry.hpp"

namespace retwin {
namespace {

void add_balance(const KpiInput& in, std::size_t element, KpiList& out) {
  const Window& w = in.window;
  const Plant& plant = w.plant();
  const Substances& s = plant.substances;
  const auto element_kg = [&](auto component_kg) {
    double kg = 0;
    for (std::size_t c = 0; c < s.size(); ++c) kg += component_kg(c) * s.fraction[c * s.elements.size() + element];
    return kg;
  };
  const double per_year = in.year_s / w.length_s() / 1000;
  const std::string at = "balance." + s.elements[element] + ".";
  const auto tell = [&](const std::string& what, double kg, const char* doc) { out.add(at + what, kg * per_year, "t/a", doc); };

  double sources = element_kg([&](std::size_t c) { return w.change([&](const Reading& r) { return r.accounts.initial_kg[c]; }); });
  for (Index source = 0; source < plant.sources.size(); ++source) sources += element_kg([&](std::size_t c) { return w.source_kg(source, c); });
  double reagents = 0, made = 0;
  for (Index station = 0; station < plant.n_stations(); ++station) {
    reagents += element_kg([&](std::size_t c) { return w.created_kg(station, c); });
    made += element_kg([&](std::size_t c) {
      return w.change([&](const Reading& r) { return r.accounts.transmuted_kg[station * plant.n_components + c]; });
    });
  }
  const double stock = element_kg([&](std::size_t c) { return w.end().stock_kg[c] - w.begin().stock_kg[c]; });
  tell("sources", sources, "mass of the element that comes in with lots, in a reporting year");
  tell("reagents", reagents, "mass of the element that comes in with reagents, air and water, in a reporting year");
  double left = 0;
  for (Index sink = 0; sink < plant.sinks.size(); ++sink) {
    if (plant.sinks[sink].tank != none) continue;
    const double kg = element_kg([&](std::size_t c) { return w.sink_kg(sink, c); });
    left += kg;
    tell("sinks." + plant.sinks[sink].name, kg, "mass of the element that leaves there in a reporting year");
  }
  tell("stock", stock, "mass of the element by which the stock grows, in a reporting year");
  const double through = sources + reagents + std::abs(made);
  out.add(at + "error", through > 0 ? (sources + reagents + made - left - stock) / through : 0, "1",
          "what came in less what left and stayed, relative to what came in: 0 but for rounding");
  out.add(at + "from_nothing", through > 0 ? made / through : 0, "1",
          "what reactions made of the element, relative to what came in: 0 but for rounding");
}

void all_balances(const KpiInput& in, KpiList& out) {
  const Plant& plant = in.window.plant();
  if (plant.n_components == 0) return;
  for (std::size_t element = 0; element < plant.substances.elements.size(); ++element) add_balance(in, element, out);
}

}  // namespace

KpiEntry make_balance_kpi() { return {"balance of every element: sources, reagents, each sink, stock, and its error", all_balances}; }

}  // namespace retwin

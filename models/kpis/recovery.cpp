// Where the elements go that a recycler is after: into products, or elsewhere.
#include <string>

#include "core/kpi/kpi.hpp"
#include "core/registry.hpp"

namespace retwin {
namespace {

/// Those whose recovery Regulation (EU) 2023/1542, Annex XII part C asks for, but lead, which no chemistry here has; and manganese.
constexpr const char* elements[] = {"Co", "Cu", "Li", "Mn", "Ni"};

double share(const Substances& s, std::size_t component, std::size_t element) {
  return s.fraction[component * s.elements.size() + element];
}

/// Of one element.
void add_recovery(const KpiInput& in, std::size_t element, KpiList& out) {
  const Window& w = in.window;
  const Substances& s = w.plant().substances;
  double products = 0, others = 0;  // [kg]
  for (Index sink = 0; sink < w.plant().sinks.size(); ++sink)
    for (std::size_t c = 0; c < s.size(); ++c)
      (w.plant().sinks[sink].role == "product" ? products : others) += w.sink_kg(sink, c) * share(s, c, element);
  const double per_year = in.year_s / w.length_s() / 1000;
  const std::string at = "elements." + s.elements[element] + ".";
  out.add(at + "to_products", products * per_year, "t/a", "mass of the element that leaves in products in a reporting year");
  out.add(at + "to_others", others * per_year, "t/a", "mass of the element that leaves otherwise in a reporting year");
  out.ratio(at + "recovery", products, products + others, "1", "share of the element leaving the plant that leaves in products");
}

void all_recoveries(const KpiInput& in, KpiList& out) {
  const Substances& s = in.window.plant().substances;
  if (in.window.plant().n_components == 0) return;
  for (const char* symbol : elements)
    for (std::size_t e = 0; e < s.elements.size(); ++e) {
      bool there = false;
      for (std::size_t c = 0; c < s.size(); ++c) there = there || share(s, c, e) > 0;
      if (s.elements[e] == symbol && there) add_recovery(in, e, out);
    }
}

}  // namespace

KpiEntry make_recovery_kpi() { return {"masses of Co, Cu, Li, Mn, Ni that leave in products and otherwise, and their recovery", all_recoveries}; }

}  // namespace retwin

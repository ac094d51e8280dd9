// Impurity removal from leach liquor: copper on iron powder, fluoride and phosphate on lime, then aluminium and iron as hydroxides with
// caustic soda. Simplification: lime beyond what fluoride and phosphate take leaves as lime, not as gypsum.
#include <algorithm>

#include "core/registry.hpp"
#include "models/materials/reaction.hpp"
#include "models/stations/figures.hpp"

namespace retwin {

namespace {

class Purify final : public UnitOperation {
  enum : std::size_t { iron, lime, fluoride_removal, base_strength, moisture };

 public:
  void fields(Fields& f) override { figures_.fields(f); }
  std::vector<PortInfo> ports() const override {
    return {{"liquor", "purified liquor"}, {"sludge", "copper, aluminium and iron sludge, fluorite and phosphate", true}};
  }
  void bind(Binder& binder) override {
    figures_.bind(binder);
    const Components components(binder);
    for (std::size_t k = 0; k < n_agents; ++k) {
      agents_[k] = components[names[k]];
      if (agents_[k] < 0) return;
      molar_[k] = components.molar_mass(agents_[k]);
    }
    cement_ = Reaction::named(components, "copper_cementation");
    fix_fluoride_ = Reaction::named(components, "fluoride_precipitation");
    fix_phosphate_ = Reaction::named(components, "phosphate_precipitation");
    neutralise_ = Reaction::named(components, "acid_neutralisation");
    neutralise_fluoride_ = Reaction::named(components, "fluoride_neutralisation");
    hydrolyse_ = Reaction::named(components, "aluminium_hydrolysis");
    oxidise_ = Reaction::named(components, "iron_oxidation");
    solids_ = components.mask([&](int c) { return components.phase(c) == Phase::solid; });
    lime_flow_ = binder.flow("lime", dimension::mass);
    iron_flow_ = binder.flow("iron_powder", dimension::mass);
    base_flow_ = binder.flow("NaOH", dimension::mass);
    liquor_ = binder.kind("liquor", true);
    sludge_ = binder.kind("sludge", true);
  }
  void process(Job& job) const override {
    Material tank = take_all(job);
    const auto mol = [&](Agent a) { return tank[agents_[a]] / molar_[a]; };
    dose(job, tank, agents_[Fe], figures_[iron] * mol(CuSO4) * molar_[Fe], iron_flow_);
    cement_.apply(job, tank);
    // 1/2 mol of lime per mol HF and 3/2 per mol H3PO4
    const double fluoride = mol(HF) * figures_[fluoride_removal], phosphate = mol(H3PO4) * figures_[fluoride_removal];
    dose(job, tank, agents_[CaO], figures_[lime] * (fluoride / 2 + phosphate * 1.5) * molar_[CaO], lime_flow_);
    fix_fluoride_.apply(job, tank, fluoride / 2);
    fix_phosphate_.apply(job, tank, phosphate / 2);
    // caustic soda for the free acid, 1 mol per mol HF, 6 per mol Al2(SO4)3, 2 per mol FeSO4; a quarter mol of oxygen from air per mol of iron
    const double base = 2 * mol(H2SO4) + mol(HF) + 6 * mol(Al_sulphate) + 2 * mol(FeSO4) - mol(NaOH);
    if (base > 0) {
      dose(job, tank, agents_[NaOH], base * molar_[NaOH], base_flow_);
      dose(job, tank, agents_[H2O], base * molar_[NaOH] * (1 / figures_[base_strength] - 1), -1);  // it comes with the caustic soda
    }
    if (mol(FeSO4) > 4 * mol(O2)) dose(job, tank, agents_[O2], (mol(FeSO4) / 4 - mol(O2)) * molar_[O2], -1);
    neutralise_.apply(job, tank);
    neutralise_fluoride_.apply(job, tank);
    hydrolyse_.apply(job, tank);
    oxidise_.apply(job, tank);
    Material sludge = tank.extract(solids_);
    const double water = tank[agents_[H2O]];
    const double wet = sludge.mass() * figures_[moisture] / (1 - figures_[moisture]);
    if (water > 0) sludge.absorb(tank.extract(std::min(1.0, wet / water)));  // with its share of the solutes: not washed
    emit(job, sludge_, 1, std::move(sludge));
    emit(job, liquor_, 0, std::move(tank));
  }

 private:
  enum Agent : std::size_t { Fe, CuSO4, FeSO4, Al_sulphate, H2SO4, NaOH, O2, H2O, CaO, HF, H3PO4, n_agents };
  static constexpr const char* names[n_agents] = {"Fe", "CuSO4", "FeSO4", "Al_sulphate", "H2SO4", "NaOH", "O2",
                                                  "H2O", "CaO", "HF_solution", "H3PO4"};
  Figures figures_{"recipes/purify",
                   {{"iron", dimension::none, {0, 10}, "iron powder per copper [mol/mol]"},
                    {"lime", dimension::none, {0, 10}, "lime per stoichiometric need of the fluoride and phosphate removed"},
                    {"fluoride_removal", dimension::none, Range::share(), "share of the fluoride and phosphate that lime takes out"},
                    {"base_strength", dimension::none, {0.01, 1}, "NaOH in the caustic soda by mass"},
                    {"moisture", dimension::none, {0, 0.95}, "water in the sludge by mass"}}};
  Reaction cement_, fix_fluoride_, fix_phosphate_, neutralise_, neutralise_fluoride_, hydrolyse_, oxidise_;
  std::vector<double> solids_;
  int agents_[n_agents] = {};
  double molar_[n_agents] = {};
  int iron_flow_ = 0, lime_flow_ = 0, base_flow_ = 0, liquor_ = 0, sludge_ = 0;
};

}  // namespace

Maker<UnitOperation> make_purify() {
  return {"Removes copper, fluoride, phosphate, aluminium and iron from leach liquor as sludge.", "", [] { return std::make_unique<Purify>(); }};
}

}  // namespace retwin

// Leaching of black mass in sulphuric acid and hydrogen peroxide: everything (oxides) or lithium alone (phosphates).
#include "core/registry.hpp"
#include "models/materials/reaction.hpp"
#include "models/stations/figures.hpp"

namespace retwin {

namespace {

enum : std::size_t { oxide, phosphate, aluminium, copper, acid, peroxide, solids };
constexpr double water_density = 1000;  // [kg/m3]

class Leach final : public UnitOperation {
 public:
  void fields(Fields& f) override { figures_.fields(f); }
  std::vector<PortInfo> ports() const override {
    return {{"slurry", "leach liquor with undissolved solids"}, {"vent", "oxygen and hydrogen"}};
  }
  void bind(Binder& binder) override {
    figures_.bind(binder);
    const Components components(binder);
    H2O_ = components["H2O"], H2SO4_ = components["H2SO4"], H2O2_ = components["H2O2"];
    const int Al = components["Al"], Cu = components["Cu"];
    if (H2O_ < 0 || H2SO4_ < 0 || H2O2_ < 0 || Al < 0 || Cu < 0) return;
    H2SO4_molar_ = components.molar_mass(H2SO4_), H2O2_molar_ = components.molar_mass(H2O2_);
    steps_.clear();
    for (int c : components.cathodes()) {
      add(components, c, Reaction::oxide_leach(components, c), figures_[oxide]);
      add(components, c, Reaction::phosphate_leach(components, c), figures_[phosphate]);
    }
    add(components, Al, Reaction::named(components, "aluminium_dissolution"), figures_[aluminium]);
    add(components, Cu, Reaction::named(components, "copper_dissolution"), figures_[copper]);
    foils_ = {{components["Al_module"], Al}, {components["Cu_module"], Cu}};
    decay_ = Reaction::named(components, "peroxide_decomposition");
    to_vent_ = components.mask([&](int c) { return components.phase(c) == Phase::gas; });
    water_flow_ = binder.flow("process_water", dimension::mass);
    acid_flow_ = binder.flow("H2SO4", dimension::mass);
    peroxide_flow_ = binder.flow("H2O2", dimension::mass);
    slurry_ = binder.kind("slurry", true);
    vent_ = binder.kind("vent", true);
  }
  void process(Job& job) const override {
    Material tank = take_all(job);
    for (const auto& [part, foil] : foils_) {  // once milled, fines of module parts are not told apart from foil
      const double kg = tank[part];
      if (kg == 0) continue;
      job.transmute(tank, part, -kg);
      job.transmute(tank, foil, kg);
    }
    const double feed_kg = tank.mass() - tank[H2O_];
    double acid_mol = 0, peroxide_mol = 0;
    for (const Step& step : steps_) {
      const double mol = extent(step, tank);
      acid_mol -= step.reaction.coefficient(H2SO4_) * mol;
      peroxide_mol -= step.reaction.coefficient(H2O2_) * mol;
    }
    dose(job, tank, H2O_, feed_kg / figures_[solids] * water_density, water_flow_);
    dose(job, tank, H2SO4_, figures_[acid] * acid_mol * H2SO4_molar_, acid_flow_);
    dose(job, tank, H2O2_, figures_[peroxide] * peroxide_mol * H2O2_molar_, peroxide_flow_);
    for (const Step& step : steps_) step.reaction.apply(job, tank, extent(step, tank));
    decay_.apply(job, tank);
    emit(job, vent_, 1, tank.extract(to_vent_));
    emit(job, slurry_, 0, std::move(tank));
  }

 private:
  /// Dissolution of one component.
  struct Step {
    int component;
    double kg;  // per mol of reaction
    double share;
    Reaction reaction;
  };
  void add(const Components& components, int component, Reaction reaction, double share) {
    if (reaction.empty() || share == 0) return;
    const double kg = -reaction.coefficient(component) * components.molar_mass(component);
    steps_.push_back({component, kg, share, std::move(reaction)});
  }
  static double extent(const Step& step, const Material& tank) { return tank[step.component] / step.kg * step.share; }

  Figures figures_{
      "recipes/leach_nmc",
      {{"oxide_extraction", dimension::none, Range::share(), "share of oxide cathode material that dissolves"},
       {"phosphate_extraction", dimension::none, Range::share(), "share of LFP that gives up its lithium"},
       {"aluminium_extraction", dimension::none, Range::share(), "share of aluminium metal that dissolves"},
       {"copper_extraction", dimension::none, Range::share(), "share of copper metal that dissolves"},
       {"acid", dimension::none, {0, 10}, "H2SO4 per stoichiometric need of what dissolves"},
       {"peroxide", dimension::none, {0, 20}, "H2O2 per stoichiometric need of what dissolves"},
       {"solids", dimension::mass / dimension::volume, Range::positive(), "mass of black mass per volume of water"}}};
  std::vector<Step> steps_;
  std::vector<std::pair<int, int>> foils_;
  Reaction decay_;
  std::vector<double> to_vent_;
  int H2O_ = 0, H2SO4_ = 0, H2O2_ = 0;
  double H2SO4_molar_ = 0, H2O2_molar_ = 0;
  int water_flow_ = 0, acid_flow_ = 0, peroxide_flow_ = 0, slurry_ = 0, vent_ = 0;
};

}  // namespace

Maker<UnitOperation> make_leach() {
  return {"Dissolves black mass in acid and peroxide: oxides wholly, iron phosphate only in its lithium, by the recipe.",
          "{recipe: recipes/leach_nmc}", [] { return std::make_unique<Leach>(); }};
}

}  // namespace retwin

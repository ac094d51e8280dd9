// Leaching of black mass in sulphuric acid and hydrogen peroxide: oxides wholly, or phosphates in their lithium alone.
//
// Who gets the acid first: aluminium, the electrolyte salt and its fluoride, phosphate, then the oxides. How much of an oxide's metal
// dissolves rests on what reduces it, r = n(reductant) / n(need), peroxide or the metals that dissolve beside it:
//   Ni, Co, Mn: min(1, .36 + .70 r)    Li: .817 + .183 of the way from there to 1    (50 degC; own fit to 913 leaching measurements,
// LIB-Leaching-Toolkit 2025, RMSE .08); lithium goes ahead of the metal by exchange for protons. Acid that does not reach slows both
// down alike. Simplifications: no kinetics (the phases of the station last long enough), one temperature, iron(II) reduces nothing,
// hydrogen fluoride stays in solution.
#include <algorithm>

#include "core/registry.hpp"
#include "models/materials/reaction.hpp"
#include "models/stations/figures.hpp"

namespace retwin {

namespace {

constexpr double unreduced = 0.36, per_reductant = 0.70, lithium_unreduced = 0.817;

class Leach final : public UnitOperation {
  enum : std::size_t {
    oxide, phosphate, phosphate_whole, aluminium, copper, fluoride, metal_reduction, acid, peroxide, peroxide_strength, solids, hydrogen_limit
  };

 public:
  void fields(Fields& f) override { figures_.fields(f); }
  std::vector<PortInfo> ports() const override {
    return {{"slurry", "leach liquor with undissolved solids"}, {"vent", "oxygen and hydrogen"}};
  }
  void bind(Binder& binder) override {
    figures_.bind(binder);
    const Components components(binder);
    H2O_ = components["H2O"], H2SO4_ = components["H2SO4"], H2O2_ = components["H2O2"], H2_ = components["H2"], O2_ = components["O2"];
    const int Al = components["Al"], Cu = components["Cu"], LiF = components["LiF"], LiPF6 = components["LiPF6"];
    for (const int c : {H2O_, H2SO4_, H2O2_, H2_, O2_, Al, Cu, LiF, LiPF6})
      if (c < 0) return;
    H2SO4_molar_ = components.molar_mass(H2SO4_), H2O2_molar_ = components.molar_mass(H2O2_);
    H2_molar_ = components.molar_mass(H2_), O2_molar_ = components.molar_mass(O2_);
    steps_.clear();
    oxides_.clear();
    add(components, Al, Reaction::named(components, "aluminium_dissolution"), figures_[aluminium]);
    add(components, LiPF6, Reaction::named(components, "salt_hydrolysis"), 1);
    add(components, LiF, Reaction::named(components, "fluoride_dissolution"), figures_[fluoride]);
    for (int c = 0; c < static_cast<int>(components.size()); ++c) {
      add(components, c, Reaction::phosphate_leach(components, c), figures_[phosphate]);
      add(components, c, Reaction::phosphate_dissolution(components, c), figures_[phosphate_whole]);
      add_oxide(components, c);
    }
    copper_ = step(components, Cu, Reaction::named(components, "copper_dissolution"), figures_[copper]);
    foils_ = {{components["Al_module"], Al}, {components["Cu_module"], Cu}};
    decay_ = Reaction::named(components, "peroxide_decomposition");
    to_vent_ = components.mask([&](int c) { return components.phase(c) == Phase::gas; });
    water_flow_ = binder.flow("process_water", dimension::mass);
    acid_flow_ = binder.flow("H2SO4", dimension::mass);
    peroxide_flow_ = binder.flow("H2O2", dimension::mass);
    air_flow_ = binder.flow("dilution_air", dimension::volume);
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
    std::vector<double> mol;  // of each step, of what the feed holds
    double acid_mol = 0, peroxide_mol = 0;
    const auto needs = [&](const Step& step) {
      mol.push_back(tank[step.component] / step.kg * step.share);
      acid_mol -= step.reaction.coefficient(H2SO4_) * mol.back();
      peroxide_mol -= step.reaction.coefficient(H2O2_) * mol.back();
    };
    for (const Step& step : steps_) needs(step);
    needs(copper_);
    for (const Oxide& one : oxides_) needs(one);
    dose(job, tank, H2O_, feed_kg / figures_[solids] * water_density, water_flow_);
    dose(job, tank, H2SO4_, figures_[acid] * acid_mol * H2SO4_molar_, acid_flow_);
    const double peroxide_kg = figures_[peroxide] * peroxide_mol * H2O2_molar_;
    dose(job, tank, H2O2_, peroxide_kg, peroxide_flow_);
    dose(job, tank, H2O_, peroxide_kg * (1 / figures_[peroxide_strength] - 1), -1);  // it comes with the peroxide
    for (std::size_t k = 0; k < steps_.size(); ++k) steps_[k].reaction.apply(job, tank, mol[k]);
    dissolve_oxides(job, tank, mol[steps_.size()], std::span(mol).subspan(steps_.size() + 1));
    decay_.apply(job, tank);
    const double hydrogen_mol = tank[H2_] / H2_molar_, oxygen_mol = tank[O2_] / O2_molar_;
    job.meter(air_flow_, std::max(0.0, hydrogen_mol / figures_[hydrogen_limit] - hydrogen_mol - oxygen_mol) * molar_volume);
    emit(job, vent_, 1, tank.extract(to_vent_));
    emit(job, slurry_, 0, std::move(tank));
  }

 private:
  /// Dissolution of one component.
  struct Step {
    int component = 0;
    double kg = 1;  // per mol of reaction
    double share = 0;
    Reaction reaction;
  };
  /// With the reaction of peroxide; the others beside it.
  struct Oxide : Step {
    Reaction by_hydrogen, by_itself, exchange;
    double acid, hydrogen, lithium_acid;  // per mol: of the first three, and of the exchange
  };
  static Step step(const Components& components, int component, Reaction reaction, double share) {
    const double kg = -reaction.coefficient(component) * components.molar_mass(component);
    return {component, kg > 0 ? kg : 1, reaction.empty() ? 0 : share, std::move(reaction)};
  }
  void add(const Components& components, int component, Reaction reaction, double share) {
    if (!reaction.empty() && share > 0) steps_.push_back(step(components, component, std::move(reaction), share));
  }
  void add_oxide(const Components& components, int component) {
    const std::string& group = components.group(component);
    const Reaction whole = Reaction::oxide_leach(components, component);
    if (whole.empty() || figures_[oxide] == 0 || (group != "cathode" && group != "delithiated")) return;
    Oxide made{step(components, component, whole, figures_[oxide]),
               Reaction::oxide_leach(components, component, Reaction::Reductant::hydrogen),
               Reaction::oxide_leach(components, component, Reaction::Reductant::nothing),
               Reaction::lithium_exchange(components, component), 0, 0, 0};
    made.acid = -whole.coefficient(H2SO4_);
    made.hydrogen = -whole.coefficient(H2O2_);
    made.lithium_acid = made.exchange.empty() ? 0 : -made.exchange.coefficient(H2SO4_);
    oxides_.push_back(std::move(made));
  }
  /// @param mol of each oxide that the acid reaches
  void dissolve_oxides(Job& job, Material& tank, double copper_mol, std::span<const double> mol) const {
    double need = 0;  // of hydrogen or peroxide, if all of it dissolved
    for (std::size_t k = 0; k < oxides_.size(); ++k) need += mol[k] * oxides_[k].hydrogen;
    const double from_aluminium = tank[H2_] / H2_molar_ * figures_[metal_reduction];
    const double from_copper = copper_.reaction.apply(job, tank, std::min(copper_mol, std::max(0.0, need - from_aluminium)));
    const double hydrogen = from_aluminium + from_copper, peroxide_mol = tank[H2O2_] / H2O2_molar_;
    const double metal = need > 0 ? std::min(1.0, unreduced + per_reductant * (hydrogen + peroxide_mol) / need) : 1;
    const double lithium = lithium_unreduced + (1 - lithium_unreduced) * (metal - unreduced) / (1 - unreduced);
    const double ahead = std::max(0.0, lithium - metal);
    double acid_mol = 0;
    for (std::size_t k = 0; k < oxides_.size(); ++k) acid_mol += mol[k] * (oxides_[k].acid * metal + oxides_[k].lithium_acid * ahead);
    const double reached = acid_mol > 0 ? std::min(1.0, tank[H2SO4_] / H2SO4_molar_ / acid_mol) : 0;
    const double reduced = need * metal * reached;  // hydrogen or peroxide that could be taken up
    const double by_hydrogen = reduced > 0 ? std::min(1.0, hydrogen / reduced) : 0;
    const double by_peroxide = reduced > 0 ? std::min(1 - by_hydrogen, peroxide_mol / reduced) : 0;
    for (std::size_t k = 0; k < oxides_.size(); ++k) {
      const Oxide& one = oxides_[k];
      const double whole = mol[k] * metal * reached;
      one.by_hydrogen.apply(job, tank, whole * by_hydrogen);
      one.reaction.apply(job, tank, whole * by_peroxide);
      one.by_itself.apply(job, tank, whole * std::max(0.0, 1 - by_hydrogen - by_peroxide));
      one.exchange.apply(job, tank, mol[k] * ahead * reached);
    }
  }

  Figures figures_{
      "recipes/leach_nmc",
      {{"oxide_extraction", dimension::none, Range::share(), "share of oxide cathode material that acid and reductant reach"},
       {"phosphate_extraction", dimension::none, Range::share(), "share of LFP that gives up its lithium and leaves its iron phosphate"},
       {"phosphate_dissolution", dimension::none, Range::share(), "share of LFP that dissolves as a whole, iron and phosphate with it"},
       {"aluminium_extraction", dimension::none, Range::share(), "share of aluminium metal that dissolves"},
       {"copper_extraction", dimension::none, Range::share(), "share of copper metal that dissolves where there is oxide to reduce"},
       {"fluoride_extraction", dimension::none, Range::share(), "share of lithium fluoride that dissolves"},
       {"metal_reduction", dimension::none, Range::share(), "share of the dissolving aluminium that reduces oxide; the rest gives hydrogen"},
       {"acid", dimension::none, {0, 10}, "H2SO4 per stoichiometric need of what dissolves"},
       {"peroxide", dimension::none, {0, 20}, "H2O2 per stoichiometric need of what dissolves, without what the metals reduce"},
       {"peroxide_strength", dimension::none, {0.01, 1}, "H2O2 in the peroxide by mass"},
       {"solids", dimension::mass / dimension::volume, Range::positive(), "mass of black mass per volume of water"},
       {"hydrogen_limit", dimension::none, {0.0001, 1}, "hydrogen in the vent by volume; dilution_air is metered for it"}}};
  std::vector<Step> steps_;
  std::vector<Oxide> oxides_;
  Step copper_;
  std::vector<std::pair<int, int>> foils_;
  Reaction decay_;
  std::vector<double> to_vent_;
  int H2O_ = 0, H2SO4_ = 0, H2O2_ = 0, H2_ = 0, O2_ = 0;
  double H2SO4_molar_ = 0, H2O2_molar_ = 0, H2_molar_ = 0, O2_molar_ = 0;
  int water_flow_ = 0, acid_flow_ = 0, peroxide_flow_ = 0, air_flow_ = 0, slurry_ = 0, vent_ = 0;
};

}  // namespace

Maker<UnitOperation> make_leach() {
  return {"Dissolves black mass in acid and peroxide: oxides wholly, iron phosphate only in its lithium, by the recipe.",
          "{recipe: recipes/leach_nmc}", [] { return std::make_unique<Leach>(); }};
}

}  // namespace retwin

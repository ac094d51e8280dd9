// Precipitation of nickel, cobalt and manganese as hydroxides from sulphate liquor: the other way to a product than crystallising sulphates.
#include <algorithm>

#include "core/registry.hpp"
#include "models/materials/reaction.hpp"
#include "models/stations/figures.hpp"

namespace retwin {

namespace {

class Hydroxide final : public UnitOperation {
  enum : std::size_t { base, base_strength, moisture };

 public:
  void fields(Fields& f) override { figures_.fields(f); }
  std::vector<PortInfo> ports() const override {
    return {{"hydroxide", "moist hydroxides"}, {"liquor", "sodium sulphate and what is left of the metals"}};
  }
  void bind(Binder& binder) override {
    figures_.bind(binder);
    const Components components(binder);
    H2O_ = components["H2O"], NaOH_ = components["NaOH"], H2SO4_ = components["H2SO4"];
    if (H2O_ < 0 || NaOH_ < 0 || H2SO4_ < 0) return;
    NaOH_molar_ = components.molar_mass(NaOH_), H2SO4_molar_ = components.molar_mass(H2SO4_);
    metals_.clear();
    for (const char* symbol : {"Mn", "Co", "Ni"}) {
      const int sulphate = components[std::string(symbol) + "SO4"];
      if (sulphate < 0) return;
      metals_.push_back({sulphate, components.molar_mass(sulphate), Reaction::named(components, std::string("hydroxide_") + symbol)});
    }
    neutralise_ = Reaction::named(components, "acid_neutralisation");
    solids_ = components.mask([&](int c) { return components.phase(c) == Phase::solid; });
    base_flow_ = binder.flow("NaOH", dimension::mass);
    hydroxide_ = binder.kind("hydroxide", true);
    liquor_ = binder.kind("liquor", true);
  }
  void process(Job& job) const override {
    Material tank = take_all(job);
    double mol = 0;
    for (const Metal& metal : metals_) mol += tank[metal.sulphate] / metal.molar_mass;
    const double base_mol = figures_[base] * 2 * mol + 2 * tank[H2SO4_] / H2SO4_molar_ - tank[NaOH_] / NaOH_molar_;
    if (base_mol > 0) {
      dose(job, tank, NaOH_, base_mol * NaOH_molar_, base_flow_);
      dose(job, tank, H2O_, base_mol * NaOH_molar_ * (1 / figures_[base_strength] - 1), -1);  // it comes with the caustic soda
    }
    neutralise_.apply(job, tank);
    for (const Metal& metal : metals_) metal.precipitation.apply(job, tank);
    Material cake = tank.extract(solids_);
    const double wet_kg = cake.mass() * figures_[moisture] / (1 - figures_[moisture]);
    if (tank[H2O_] > 0) cake.absorb(tank.extract(std::min(1.0, wet_kg / tank[H2O_])));
    emit(job, hydroxide_, 0, std::move(cake));
    emit(job, liquor_, 1, std::move(tank));
  }

 private:
  struct Metal {
    int sulphate;
    double molar_mass;
    Reaction precipitation;
  };
  Figures figures_{"recipes/hydroxide",
                   {{"base", dimension::none, {0, 10}, "NaOH per stoichiometric need of the metals, 2 mol per mol"},
                    {"base_strength", dimension::none, {0.01, 1}, "NaOH in the caustic soda by mass"},
                    {"moisture", dimension::none, {0, 0.95}, "water in the moist hydroxide by mass"}}};
  std::vector<Metal> metals_;
  Reaction neutralise_;
  std::vector<double> solids_;
  int H2O_ = 0, NaOH_ = 0, H2SO4_ = 0;
  double NaOH_molar_ = 0, H2SO4_molar_ = 0;
  int base_flow_ = 0, hydroxide_ = 0, liquor_ = 0;
};

}  // namespace

Maker<UnitOperation> make_hydroxide() {
  return {"Precipitates nickel, cobalt and manganese as hydroxides with caustic soda.", "", [] { return std::make_unique<Hydroxide>(); }};
}

}  // namespace retwin

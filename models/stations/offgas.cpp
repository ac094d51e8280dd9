// Off-gas treatment: thermal oxidation of organics, dry sorption of fluorine and phosphorus on lime.
#include "core/registry.hpp"
#include "models/materials/reaction.hpp"
#include "models/stations/figures.hpp"

namespace retwin {

namespace {

enum : std::size_t { lime, water };

class Offgas final : public UnitOperation {
 public:
  void fields(Fields& f) override { figures_.fields(f); }
  std::vector<PortInfo> ports() const override {
    return {{"stack", "CO2 and water vapour"}, {"sludge", "calcium fluoride, phosphate, lime and dust"}};
  }
  void bind(Binder& binder) override {
    figures_.bind(binder);
    const Components components(binder);
    O2_ = components["O2"], CO2_ = components["CO2"], CaO_ = components["CaO"], H2O_ = components["H2O"], HF_ = components["HF"];
    LiPF6_ = components["LiPF6"];
    if (O2_ < 0 || CO2_ < 0 || CaO_ < 0 || H2O_ < 0 || HF_ < 0 || LiPF6_ < 0) return;
    O2_molar_ = components.molar_mass(O2_), CaO_molar_ = components.molar_mass(CaO_);
    fuels_.clear();
    for (int c = 0; c < static_cast<int>(components.size()); ++c) {
      if (c == CO2_) continue;
      if (Reaction burn = Reaction::combustion(components, c); !burn.empty())
        fuels_.push_back({c, components.molar_mass(c), burn});
    }
    HF_molar_ = components.molar_mass(HF_), LiPF6_molar_ = components.molar_mass(LiPF6_);
    fix_fluoride_ = Reaction::named(components, "fluoride_fixation");
    fix_salt_ = Reaction::named(components, "salt_fixation");
    to_stack_ = components.mask([&](int c) { return c == CO2_ || c == H2O_ || components.group(c) == "gas"; });
    lime_flow_ = binder.flow("lime", dimension::mass);
    water_flow_ = binder.flow("tap_water", dimension::mass);
    CO2_flow_ = binder.flow("CO2_direct", dimension::mass);
    stack_ = binder.kind("flue_gas", true);
    sludge_ = binder.kind("sludge", true);
  }
  void process(Job& job) const override {
    Material gas = take_all(job);
    const double kg = gas.mass(), CO2_before = gas[CO2_];
    for (const Fuel& fuel : fuels_) {
      const double mol = gas[fuel.component] / fuel.molar_mass;
      if (mol <= 0) continue;
      dose(job, gas, O2_, -fuel.burn.coefficient(O2_) * mol * O2_molar_, -1);  // air is not metered
      fuel.burn.apply(job, gas);
    }
    job.meter(CO2_flow_, gas[CO2_] - CO2_before);
    // lime by stoichiometry: 1 mol CaO for 2 mol HF, 4 for 1 mol LiPF6
    const double stoichiometric = gas[HF_] / HF_molar_ / 2 + gas[LiPF6_] / LiPF6_molar_ * 4;
    dose(job, gas, CaO_, figures_[lime] * stoichiometric * CaO_molar_, lime_flow_);
    dose(job, gas, H2O_, figures_[water] * kg, water_flow_);
    fix_fluoride_.apply(job, gas);
    fix_salt_.apply(job, gas);
    emit(job, stack_, 0, gas.extract(to_stack_));
    emit(job, sludge_, 1, std::move(gas));
  }

 private:
  struct Fuel {
    int component;
    double molar_mass;
    Reaction burn;
  };
  Figures figures_{"recipes/offgas",
                   {{"lime", dimension::none, {1, 10}, "lime per stoichiometric need of the fluorine and phosphorus in the gas"},
                    {"water", dimension::none, Range::non_negative(), "quench and scrubber water per mass of gas"}}};
  std::vector<Fuel> fuels_;
  Reaction fix_fluoride_, fix_salt_;
  std::vector<double> to_stack_;
  int O2_ = 0, CO2_ = 0, CaO_ = 0, H2O_ = 0, HF_ = 0, LiPF6_ = 0;
  double O2_molar_ = 0, CaO_molar_ = 0, HF_molar_ = 0, LiPF6_molar_ = 0;
  int lime_flow_ = 0, water_flow_ = 0, CO2_flow_ = 0, stack_ = 0, sludge_ = 0;
};

}  // namespace

Maker<UnitOperation> make_offgas() {
  return {"Burns organic vapour and fixes fluorine and phosphorus on lime; carbon dioxide is metered as CO2_direct.", "",
          [] { return std::make_unique<Offgas>(); }};
}

}  // namespace retwin

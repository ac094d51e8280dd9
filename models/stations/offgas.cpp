// Off-gas treatment: thermal oxidation of organics, dry sorption of fluorine and phosphorus on lime. What the lime does not catch leaves by
// the stack. Simplification: of the flue gas that of the burnt organics alone is counted, with its excess air, not that of the fuel.
#include <algorithm>

#include "core/registry.hpp"
#include "models/materials/reaction.hpp"
#include "models/stations/figures.hpp"

namespace retwin {

namespace {

constexpr double oxygen_in_air = 0.2095;    // by volume

class Offgas final : public UnitOperation {
  enum : std::size_t { lime, removal, water, excess_air };

 public:
  void fields(Fields& f) override { figures_.fields(f); }
  std::vector<PortInfo> ports() const override {
    return {{"stack", "CO2, water vapour and what slips through"}, {"sludge", "calcium fluoride, phosphate, lime and dust"}};
  }
  void bind(Binder& binder) override {
    figures_.bind(binder);
    const Components components(binder);
    O2_ = components["O2"], CO2_ = components["CO2"], CaO_ = components["CaO"], H2O_ = components["H2O"], HF_ = components["HF"];
    PF5_ = components["PF5"];
    if (O2_ < 0 || CO2_ < 0 || CaO_ < 0 || H2O_ < 0 || HF_ < 0 || PF5_ < 0) return;
    O2_molar_ = components.molar_mass(O2_), CaO_molar_ = components.molar_mass(CaO_);
    fuels_.clear();
    for (int c = 0; c < static_cast<int>(components.size()); ++c) {
      if (c == CO2_) continue;
      if (Reaction burn = Reaction::combustion(components, c); !burn.empty())
        fuels_.push_back({c, components.molar_mass(c), burn});
    }
    HF_molar_ = components.molar_mass(HF_), PF5_molar_ = components.molar_mass(PF5_);
    CO2_molar_ = components.molar_mass(CO2_), H2O_molar_ = components.molar_mass(H2O_);
    dissociate_ = Reaction::named(components, "salt_dissociation");
    fix_fluoride_ = Reaction::named(components, "fluoride_fixation");
    fix_pentafluoride_ = Reaction::named(components, "pentafluoride_fixation");
    to_stack_ = components.mask([&](int c) { return c == CO2_ || c == H2O_ || components.group(c) == "gas"; });
    lime_flow_ = binder.flow("lime", dimension::mass);
    water_flow_ = binder.flow("tap_water", dimension::mass);
    CO2_flow_ = binder.flow("CO2_direct", dimension::mass);
    flue_gas_flow_ = binder.flow("flue_gas", dimension::volume);
    stack_ = binder.kind("flue_gas", true);
    sludge_ = binder.kind("sludge", true);
  }
  void process(Job& job) const override {
    Material gas = take_all(job);
    const double kg = gas.mass(), CO2_before = gas[CO2_];
    double oxygen_mol = 0;
    dissociate_.apply(job, gas);
    for (const Fuel& fuel : fuels_) {
      const double mol = gas[fuel.component] / fuel.molar_mass;
      if (mol <= 0) continue;
      dose(job, gas, O2_, -fuel.burn.coefficient(O2_) * mol * O2_molar_, -1);  // air is not metered
      oxygen_mol -= fuel.burn.coefficient(O2_) * mol;
      fuel.burn.apply(job, gas);
    }
    job.meter(CO2_flow_, gas[CO2_] - CO2_before);
    // lime by stoichiometry: 1 mol CaO for 2 mol HF, 4 for 1 mol PF5
    const double HF_mol = gas[HF_] / HF_molar_, PF5_mol = gas[PF5_] / PF5_molar_;
    dose(job, gas, CaO_, figures_[lime] * (HF_mol / 2 + PF5_mol * 4) * CaO_molar_, lime_flow_);
    dose(job, gas, H2O_, figures_[water] * kg, water_flow_);
    const double air_mol = oxygen_mol / oxygen_in_air * (1 + figures_[excess_air]);
    job.meter(flue_gas_flow_, (gas[CO2_] / CO2_molar_ + gas[H2O_] / H2O_molar_ + air_mol - oxygen_mol) * molar_volume);
    const double caught = figures_[removal] * std::min(1.0, figures_[lime]);
    fix_pentafluoride_.apply(job, gas, caught * PF5_mol / 2);
    fix_fluoride_.apply(job, gas, caught * HF_mol / 2);
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
                   {{"lime", dimension::none, {0, 10}, "lime per stoichiometric need of the fluorine and phosphorus in the gas"},
                    {"removal", dimension::none, Range::share(), "share of the fluorine and phosphorus that enough lime catches"},
                    {"water", dimension::none, Range::non_negative(), "quench and scrubber water per mass of gas"},
                    {"excess_air", dimension::none, Range::non_negative(), "air beyond what burns the organics"}}};
  std::vector<Fuel> fuels_;
  Reaction dissociate_, fix_fluoride_, fix_pentafluoride_;
  std::vector<double> to_stack_;
  int O2_ = 0, CO2_ = 0, CaO_ = 0, H2O_ = 0, HF_ = 0, PF5_ = 0;
  double O2_molar_ = 0, CaO_molar_ = 0, HF_molar_ = 0, PF5_molar_ = 0, CO2_molar_ = 0, H2O_molar_ = 0;
  int lime_flow_ = 0, water_flow_ = 0, CO2_flow_ = 0, flue_gas_flow_ = 0, stack_ = 0, sludge_ = 0;
};

}  // namespace

Maker<UnitOperation> make_offgas() {
  return {"Burns organic vapour and fixes fluorine and phosphorus on lime; carbon dioxide is metered as CO2_direct.", "",
          [] { return std::make_unique<Offgas>(); }};
}

}  // namespace retwin

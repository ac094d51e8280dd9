// EverBatt's account of hydrometallurgical recycling as one station: what its relations ask for per mass of cells, and what it displaces.
// Source: EverBatt 2023 (Argonne; BatPaC 5.0, GREET 2022), relations of preprocessing and of hydrometallurgy with the rounded molar masses
// they are written in. Nothing is turned into anything: the lot passes, and its flows are metered. For comparison with plants whose matter
// is balanced; its base counts hydroxide products, its peroxide none for iron phosphate.
#include "core/registry.hpp"
#include "models/materials/components.hpp"

namespace retwin {

namespace {

constexpr double MJ = 1e6, kWh = 3.6e6;
constexpr double powder = 0.95, rest = 0.05;              // of powders, and of foils and binder, into the black mass
constexpr double recovered_metal = 0.98, recovered_lithium = 0.90, recovered_foil = 0.90;

class Everbatt final : public UnitOperation {
 public:
  std::vector<PortInfo> ports() const override { return {{"out", "the lots as they came"}}; }
  void bind(Binder& binder) override {
    const Components components(binder);
    parts_.clear();
    for (int c = 0; c < static_cast<int>(components.size()); ++c) {
      const std::string& group = components.group(c);
      const std::string& name = components.name(c);
      Part part;
      part.component = static_cast<std::size_t>(c);
      const bool is_powder = group == "cathode" || group == "anode" || group == "additive";
      const bool is_rest = group == "binder" || group == "copper" || group == "aluminium";
      part.black_mass = is_powder ? powder : is_rest ? rest : 0;
      const auto share = [&](const char* element) { return components.share(c, element); };
      if (group == "cathode") part.Li = share("Li"), part.Ni = share("Ni"), part.Co = share("Co"), part.Mn = share("Mn");
      if (group == "electrolyte_salt" || name == "PVDF") part.F = share("F"), part.P = share("P");
      if (group == "polymer" || group == "solvent" || group == "binder") part.burnt = share("C");
      part.Cu = group == "copper" ? 1 : 0;
      part.Al = group == "aluminium" ? 1 : 0;
      parts_.push_back(part);
    }
    for (std::size_t f = 0; f < n_flows; ++f) flows_[f] = binder.flow(names[f], dimensions(f));
  }
  void process(Job& job) const override {
    double feed = 0, black_mass = 0, Li = 0, metal = 0, Ni = 0, Co = 0, Mn = 0, F = 0, P = 0, F_black = 0, burnt = 0, Cu = 0, Al = 0;
    for (int i = 0; i < job.inputs(); ++i) {
      const std::span<const double> kg = job.masses(i);
      feed += job.mass(i);
      for (const Part& part : parts_) {
        const double m = kg.empty() ? 0 : kg[part.component];
        black_mass += part.black_mass * m;
        Li += part.black_mass * part.Li * m, Ni += part.black_mass * part.Ni * m, Co += part.black_mass * part.Co * m;
        Mn += part.black_mass * part.Mn * m, F += part.F * m, P += part.P * m, F_black += part.black_mass * part.F * m;
        burnt += part.burnt * m, Cu += part.Cu * m, Al += part.Al * m;
      }
      job.pass(i, 0);
    }
    metal = Co / 59 + Ni / 59 + Mn / 55;
    const double carbonate = Li / 14 * 74;
    const double amounts[n_flows] = {
        /* electricity */ 0.2 * MJ * feed + 0.25 * kWh * black_mass,
        /* diesel */ 0.6 * MJ * (feed + black_mass),
        /* gas_heat */ 2 * MJ * feed + MJ * (black_mass + 4 * carbonate),
        /* CO2_direct */ burnt * 44 / 12,
        /* lime */ F / 38 * 56 + P / 62 * 168 + F_black / 38 * 56,
        /* H2SO4 */ Li / 14 * 98 + metal * 98 * 2,
        /* H2O2 */ metal / 2 * 34,
        /* NaOH */ metal * 4 * 40,
        /* Na2CO3 */ Li / 14 * 106,
        /* process_water */ 0.38 * feed + 7.6 * black_mass,
        /* displaced_Ni */ recovered_metal * Ni,
        /* displaced_Co */ recovered_metal * Co,
        /* displaced_MnSO4 */ recovered_metal * Mn / 55 * 151,
        /* displaced_Li2CO3 */ recovered_lithium * carbonate,
        /* displaced_Cu */ recovered_foil * Cu,
        /* displaced_Al */ recovered_foil * Al,
    };
    for (std::size_t f = 0; f < n_flows; ++f) job.meter(flows_[f], amounts[f]);
  }

 private:
  static constexpr std::size_t n_flows = 16, n_energies = 3;
  static constexpr const char* names[n_flows] = {"electricity", "diesel", "gas_heat", "CO2_direct", "lime", "H2SO4", "H2O2", "NaOH", "Na2CO3", "process_water",
                                                 "displaced_Ni", "displaced_Co", "displaced_MnSO4", "displaced_Li2CO3", "displaced_Cu", "displaced_Al"};
  static const Dimension& dimensions(std::size_t flow) { return flow < n_energies ? dimension::energy : dimension::mass; }
  /// What a component counts as [kg/kg].
  struct Part {
    std::size_t component = 0;
    double black_mass = 0, Li = 0, Ni = 0, Co = 0, Mn = 0, F = 0, P = 0, burnt = 0, Cu = 0, Al = 0;
  };
  std::vector<Part> parts_;
  int flows_[n_flows] = {};
};

}  // namespace

Maker<UnitOperation> make_everbatt() {
  return {"Meters what EverBatt's relations ask for per mass of cells and what the products displace; the lots pass as they are.", "",
          [] { return std::make_unique<Everbatt>(); }};
}

}  // namespace retwin

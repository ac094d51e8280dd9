// Evaporative crystallisation of nickel, cobalt or manganese sulphate hydrate from strip liquor: the salt of which there is most
// crystallises, the others stay in the mother liquor. Crystals leave the centrifuge wet with mother liquor, which is all their impurity.
#include <algorithm>

#include "core/registry.hpp"
#include "models/materials/reaction.hpp"
#include "models/stations/figures.hpp"

namespace retwin {

namespace {

class Crystallise final : public UnitOperation {
  enum : std::size_t { mother_liquor, purge, moisture, off_spec, steam, boiler_gas };

 public:
  void fields(Fields& f) override { figures_.fields(f); }
  std::vector<PortInfo> ports() const override {
    return {{"salt", "crystals, one kind of lot per salt"},
            {"mother_liquor", "what does not crystallise", true},
            {"condensate", "evaporated water"},
            {"off_spec", "crystals to be dissolved again", true},
            {"purge", "mother liquor that takes the impurities away", true}};
  }
  void bind(Binder& binder) override {
    figures_.bind(binder);
    const Components components(binder);
    H2O_ = components["H2O"];
    salts_.clear();
    for (const auto& [symbol, hydrate] : {std::pair{"Ni", "NiSO4_6H2O"}, {"Co", "CoSO4_7H2O"}, {"Mn", "MnSO4_H2O"}}) {
      Salt salt;
      salt.forward = Reaction::named(components, std::string("crystallise_") + symbol);
      salt.hydrate = components[hydrate];
      if (H2O_ < 0 || salt.hydrate < 0 || salt.forward.empty()) return;
      salt.molar_mass = components.molar_mass(salt.hydrate);
      salt.water_kg = -salt.forward.coefficient(H2O_) * components.molar_mass(H2O_);
      salt.sulphate = components[std::string(symbol) + "SO4"];
      salt.sulphate_kg = components.molar_mass(salt.sulphate);
      salt.kind = binder.kind(hydrate, true);
      salts_.push_back(salt);
    }
    water_flow_ = binder.flow("process_water", dimension::mass);
    steam_flow_ = binder.flow("steam", dimension::mass);
    gas_flow_ = binder.flow("natural_gas", dimension::volume);
    liquor_ = binder.kind("strip_liquor", true);
    condensate_ = binder.kind("condensate", true);
  }
  void process(Job& job) const override {
    Material tank = take_all(job);
    for (const Salt& salt : salts_) {  // crystals that come back dissolve first
      const double mol = tank[salt.hydrate] / salt.molar_mass;
      if (mol == 0) continue;
      job.transmute(tank, salt.hydrate, -tank[salt.hydrate]);
      job.transmute(tank, salt.sulphate, mol * salt.sulphate_kg);
      job.transmute(tank, H2O_, mol * salt.water_kg);
    }
    Material left = tank.extract(figures_[mother_liquor]);
    const auto mol = [&](const Salt& salt) { return tank[salt.sulphate] / salt.sulphate_kg; };
    const Salt& salt = *std::max_element(salts_.begin(), salts_.end(), [&](const Salt& a, const Salt& b) { return mol(a) < mol(b); });
    const double need = mol(salt) * salt.water_kg;
    if (need > tank[H2O_]) dose(job, tank, H2O_, need - tank[H2O_], water_flow_);
    salt.forward.apply(job, tank);
    const auto all_of = [&](int component) {
      std::vector<double> shares(tank.masses().size());
      shares[static_cast<std::size_t>(component)] = 1;
      return tank.extract(shares);
    };
    Material crystals = all_of(salt.hydrate), vapour = all_of(H2O_);
    const double steam_kg = figures_[steam] * vapour.mass();
    job.meter(steam_flow_, steam_kg);
    job.meter(gas_flow_, figures_[boiler_gas] * steam_kg);
    emit(job, condensate_, 2, std::move(vapour));
    left.absorb(std::move(tank));  // impurities stay in the mother liquor
    const double wet_kg = crystals.mass() * figures_[moisture] / (1 - figures_[moisture]);
    if (left[H2O_] > 0) crystals.absorb(left.extract(std::min(1.0, wet_kg / left[H2O_])));
    emit(job, salt.kind, job.uniform(0) < figures_[off_spec] ? 3 : 0, std::move(crystals));
    emit(job, liquor_, 4, left.extract(figures_[purge]));
    emit(job, liquor_, 1, std::move(left));
  }

 private:
  struct Salt {
    Reaction forward;
    int hydrate = 0, sulphate = 0, kind = 0;
    double molar_mass = 0, water_kg = 0, sulphate_kg = 0;
  };
  Figures figures_{"recipes/crystallise",
                   {{"mother_liquor", dimension::none, {0, 0.95}, "share of the feed that leaves as mother liquor"},
                    {"purge", dimension::none, Range::share(), "share of the mother liquor that leaves by its own port"},
                    {"moisture", dimension::none, {0, 0.5}, "water of mother liquor in the wet crystals by mass, that of crystallisation aside"},
                    {"off_spec", dimension::none, Range::share(), "share of the batches that must be dissolved again"},
                    {"steam", dimension::none, Range::non_negative(), "steam per mass of water evaporated"},
                    {"boiler_gas", dimension::volume / dimension::mass, Range::non_negative(), "natural gas per mass of steam"}}};
  std::vector<Salt> salts_;
  int H2O_ = 0, water_flow_ = 0, steam_flow_ = 0, gas_flow_ = 0, liquor_ = 0, condensate_ = 0;
};

}  // namespace

Maker<UnitOperation> make_crystallise() {
  return {"Crystallises nickel, cobalt or manganese sulphate; part stays as mother liquor, part is off specification.", "",
          [] { return std::make_unique<Crystallise>(); }};
}

}  // namespace retwin

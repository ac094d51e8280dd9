// Evaporative crystallisation of nickel, cobalt or manganese sulphate hydrate from strip liquor.
#include <algorithm>

#include "core/registry.hpp"
#include "models/materials/reaction.hpp"
#include "models/stations/figures.hpp"

namespace retwin {

namespace {

enum : std::size_t { mother_liquor, off_spec };

class Crystallise final : public UnitOperation {
 public:
  void fields(Fields& f) override { figures_.fields(f); }
  std::vector<PortInfo> ports() const override {
    return {{"salt", "crystals, one kind of lot per salt"},
            {"mother_liquor", "what does not crystallise", true},
            {"condensate", "evaporated water"},
            {"off_spec", "crystals to be dissolved again", true}};
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
    double need = 0;
    for (const Salt& salt : salts_) need += tank[salt.sulphate] / salt.sulphate_kg * salt.water_kg;
    if (need > tank[H2O_]) dose(job, tank, H2O_, need - tank[H2O_], water_flow_);
    std::vector<double> shares(tank.masses().size());
    const bool bad = job.uniform(0) < figures_[off_spec];
    for (const Salt& salt : salts_) {
      salt.forward.apply(job, tank);
      shares[static_cast<std::size_t>(salt.hydrate)] = 1;
      emit(job, salt.kind, bad ? 3 : 0, tank.extract(shares));
      shares[static_cast<std::size_t>(salt.hydrate)] = 0;
    }
    shares[static_cast<std::size_t>(H2O_)] = 1;
    emit(job, condensate_, 2, tank.extract(shares));
    left.absorb(std::move(tank));  // impurities stay in the mother liquor
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
                    {"off_spec", dimension::none, Range::share(), "share of the batches that must be dissolved again"}}};
  std::vector<Salt> salts_;
  int H2O_ = 0, water_flow_ = 0, liquor_ = 0, condensate_ = 0;
};

}  // namespace

Maker<UnitOperation> make_crystallise() {
  return {"Crystallises nickel, cobalt or manganese sulphate; part stays as mother liquor, part is off specification.", "",
          [] { return std::make_unique<Crystallise>(); }};
}

}  // namespace retwin

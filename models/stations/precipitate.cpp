// Precipitation of lithium carbonate from lithium liquor with soda. The washed carbonate leaves the centrifuge with mother liquor, which is
// all its impurity.
#include "core/registry.hpp"
#include "models/materials/reaction.hpp"
#include "models/stations/figures.hpp"

namespace retwin {

namespace {

class Precipitate final : public UnitOperation {
  enum : std::size_t { soda, yield, moisture, washed, off_spec };

 public:
  void fields(Fields& f) override { figures_.fields(f); }
  std::vector<PortInfo> ports() const override {
    return {{"carbonate", "lithium carbonate"},
            {"mother_liquor", "sodium sulphate and the rest of the lithium"},
            {"vent", "carbon dioxide from free acid", true},
            {"off_spec", "carbonate to be washed again", true}};
  }
  void bind(Binder& binder) override {
    figures_.bind(binder);
    const Components components(binder);
    Na2CO3_ = components["Na2CO3"], Li2SO4_ = components["Li2SO4"], Li2CO3_ = components["Li2CO3"], CO2_ = components["CO2"];
    H2O_ = components["H2O"];
    if (Na2CO3_ < 0 || Li2SO4_ < 0 || Li2CO3_ < 0 || CO2_ < 0 || H2O_ < 0) return;
    Na2CO3_molar_ = components.molar_mass(Na2CO3_), Li2SO4_molar_ = components.molar_mass(Li2SO4_);
    precipitate_ = Reaction::named(components, "carbonate_precipitation");
    neutralise_ = Reaction::named(components, "carbonate_neutralisation");
    to_product_ = components.mask([&](int c) { return c == Li2CO3_; });
    to_vent_ = components.mask([&](int c) { return components.phase(c) == Phase::gas; });
    soda_flow_ = binder.flow("Na2CO3", dimension::mass);
    CO2_flow_ = binder.flow("CO2_direct", dimension::mass);
    carbonate_ = binder.kind("Li2CO3", true);
    liquor_ = binder.kind("liquor", true);
    vent_ = binder.kind("vent", true);
  }
  void process(Job& job) const override {
    Material tank = take_all(job);
    const double lithium = tank[Li2SO4_] / Li2SO4_molar_, CO2_before = tank[CO2_];
    // carbonate that the mother liquor brought back through the evaporator counts
    dose(job, tank, Na2CO3_, figures_[soda] * lithium * Na2CO3_molar_ - tank[Na2CO3_], soda_flow_);
    neutralise_.apply(job, tank);  // free acid takes its part of the soda first
    job.meter(CO2_flow_, tank[CO2_] - CO2_before);
    precipitate_.apply(job, tank, figures_[yield] * lithium);
    emit(job, vent_, 2, tank.extract(to_vent_));
    Material carbonate = tank.extract(to_product_);
    // wet with mother liquor, of whose solutes the wash has removed its share
    const double water = tank[H2O_], wet_kg = carbonate.mass() * figures_[moisture] / (1 - figures_[moisture]);
    if (water > 0) {
      const double kept = std::min(1.0, wet_kg / water);
      std::vector<double> wet(tank.masses().size(), kept * (1 - figures_[washed]));
      wet[static_cast<std::size_t>(H2O_)] = kept;
      carbonate.absorb(tank.extract(wet));
    }
    emit(job, carbonate_, job.uniform(0) < figures_[off_spec] ? 3 : 0, std::move(carbonate));
    emit(job, liquor_, 1, std::move(tank));
  }

 private:
  Figures figures_{"recipes/precipitate",
                   {{"soda", dimension::none, {0, 10}, "Na2CO3 in the tank per stoichiometric need of the lithium in the feed"},
                    {"yield", dimension::none, Range::share(), "share of the lithium that precipitates in one pass"},
                    {"moisture", dimension::none, {0, 0.5}, "water in the wet carbonate by mass"},
                    {"washed", dimension::none, Range::share(), "share of the solutes in that water that washing removes"},
                    {"off_spec", dimension::none, Range::share(), "share of the batches that must be washed again"}}};
  Reaction precipitate_, neutralise_;
  std::vector<double> to_product_, to_vent_;
  int Na2CO3_ = 0, Li2SO4_ = 0, Li2CO3_ = 0, CO2_ = 0, H2O_ = 0;
  double Na2CO3_molar_ = 0, Li2SO4_molar_ = 0;
  int soda_flow_ = 0, CO2_flow_ = 0, carbonate_ = 0, liquor_ = 0, vent_ = 0;
};

}  // namespace

Maker<UnitOperation> make_precipitate() {
  return {"Precipitates lithium carbonate with soda; the mother liquor keeps the rest of the lithium.", "",
          [] { return std::make_unique<Precipitate>(); }};
}

}  // namespace retwin

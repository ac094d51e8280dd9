// Waste-water treatment: most of the water is reused, with what is dissolved as far as it is not kept out; solids leave as sludge, the rest
// is discharged.
#include <algorithm>

#include "core/flow/matter/taught_by_flows.hpp"
#include "core/registry.hpp"
#include "models/materials/components.hpp"
#include "models/stations/figures.hpp"
#include "models/stations/water_rate.hpp"

namespace retwin {

namespace {

class Wastewater final : public UnitOperation, public TaughtByFlows {
  enum : std::size_t { reuse, sludge_moisture, solute_rejection };

 public:
  void fields(Fields& f) override {
    figures_.fields(f);
    rate_.fields(f, "water treated per time; gives the duration if the station has none");
  }
  std::vector<PortInfo> ports() const override {
    return {{"reuse", "water, with the solutes that are not kept out"}, {"discharge", "water with the other solutes"}, {"sludge", "solids", true}};
  }
  void bind(Binder& binder) override {
    figures_.bind(binder);
    const Components components(binder);
    H2O_ = components["H2O"];
    solids_ = components.mask([&](int c) { return components.phase(c) == Phase::solid; });
    reused_.assign(solids_.size(), figures_[reuse] * (1 - figures_[solute_rejection]));
    if (H2O_ >= 0) reused_[static_cast<std::size_t>(H2O_)] = figures_[reuse];
    discharge_flow_ = binder.flow("waste_water", dimension::mass);
    water_ = binder.kind("condensate", true);
    discharge_ = binder.kind("waste_water", true);
    sludge_ = binder.kind("sludge", true);
  }
  bool has_duration() const override { return rate_.given(); }
  double duration_s(const Job& job) const override { return rate_.duration_s(job, H2O_); }
  /// Of the water that the sludge does not take.
  Teachable teachable() const override {
    const double share = figures_[reuse];
    return {{{"reuse", {H2O_}, {0, 1}, {share, 1 - share}, true}}, {}, std::vector<bool>(reused_.size(), true)};
  }
  void process(Job& job) const override {
    Material water = take_all(job);
    Material sludge = water.extract(solids_);
    if (water[H2O_] > 0) {
      const double wet = sludge.mass() * figures_[sludge_moisture] / (1 - figures_[sludge_moisture]);
      sludge.absorb(water.extract(std::min(1.0, wet / water[H2O_])));
    }
    emit(job, sludge_, 2, std::move(sludge));
    emit(job, water_, 0, water.extract(reused_));
    job.meter(discharge_flow_, water[H2O_]);  // what is treated here uses electricity, which is metered; others treat what is discharged
    emit(job, discharge_, 1, std::move(water));
  }

 private:
  Figures figures_{"recipes/wastewater",
                   {{"reuse", dimension::none, Range::share(), "share of the water that is reused"},
                    {"sludge_moisture", dimension::none, {0, 0.95}, "water in the sludge by mass"},
                    {"solute_rejection", dimension::none, Range::share(), "by how much less of solutes there is in the reused water than in what is treated: 1 - cp/cf"}}};
  WaterRate rate_;
  std::vector<double> solids_, reused_;
  int H2O_ = 0, discharge_flow_ = 0, water_ = 0, discharge_ = 0, sludge_ = 0;
};

}  // namespace

Maker<UnitOperation> make_wastewater() {
  return {"Cleans process water for reuse; what is discharged is metered as waste_water.", "{rate: 4 m3/h}",
          [] { return std::make_unique<Wastewater>(); }};
}

}  // namespace retwin

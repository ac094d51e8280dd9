// Drying and packing of product salts: what is dissolved in their moisture crystallises, the rest of the water leaves.
#include "core/registry.hpp"
#include "models/materials/reaction.hpp"
#include "models/stations/figures.hpp"

namespace retwin {

namespace {

class DryPack final : public UnitOperation {
 public:
  std::vector<PortInfo> ports() const override { return {{"out", "dry product"}, {"vapour", "moisture driven off", true}}; }
  void bind(Binder& binder) override {
    const Components components(binder);
    crystallise_.clear();
    for (const char* salt : {"crystallise_Ni", "crystallise_Co", "crystallise_Mn"}) crystallise_.push_back(Reaction::named(components, salt));
    moisture_ = components.mask([&](int c) { return components.name(c) == "H2O"; });
    vapour_ = binder.kind("vapour", true);
  }
  void process(Job& job) const override {
    Material vapour = job.nothing();
    for (int i = 0; i < job.inputs(); ++i) {
      Material wet = job.take(i);
      for (const Reaction& salt : crystallise_) salt.apply(job, wet);
      vapour.absorb(wet.extract(moisture_));
      job.pass_with(i, 0, std::move(wet));
    }
    emit(job, vapour_, 1, std::move(vapour));
  }

 private:
  std::vector<Reaction> crystallise_;
  std::vector<double> moisture_;
  int vapour_ = 0;
};

}  // namespace

Maker<UnitOperation> make_dry_pack() {
  return {"Dries a salt and packs it; free water leaves as vapour.", "", [] { return std::make_unique<DryPack>(); }};
}

}  // namespace retwin

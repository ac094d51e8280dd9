// Drying and packing of product salts.
#include "core/registry.hpp"
#include "models/materials/components.hpp"
#include "models/stations/figures.hpp"

namespace retwin {

namespace {

class DryPack final : public UnitOperation {
 public:
  std::vector<PortInfo> ports() const override { return {{"out", "dry product"}, {"vapour", "moisture driven off", true}}; }
  void bind(Binder& binder) override {
    const Components components(binder);
    moisture_ = components.mask([&](int c) { return components.name(c) == "H2O"; });
    vapour_ = binder.kind("vapour", true);
  }
  void process(Job& job) const override {
    Material vapour = job.nothing();
    for (int i = 0; i < job.inputs(); ++i) {
      Material salt = job.take(i);
      vapour.absorb(salt.extract(moisture_));
      job.pass_with(i, 0, std::move(salt));
    }
    emit(job, vapour_, 1, std::move(vapour));
  }

 private:
  std::vector<double> moisture_;
  int vapour_ = 0;
};

}  // namespace

Maker<UnitOperation> make_dry_pack() {
  return {"Dries a salt and packs it; free water leaves as vapour.", "", [] { return std::make_unique<DryPack>(); }};
}

}  // namespace retwin

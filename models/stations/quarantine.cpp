// Quarantine of packs believed to be damaged: time and measurement tell which of them are.
#include "core/registry.hpp"
#include "models/stations/battery.hpp"
#include "models/stations/figures.hpp"

namespace retwin {

namespace {

class Quarantine final : public UnitOperation {
 public:
  void fields(Fields& f) override { figures_.fields(f); }
  std::vector<PortInfo> ports() const override {
    return {{"confirmed", "damaged indeed"}, {"cleared", "a false alarm"}, {"hot", "damaged and warming up", true}};
  }
  void bind(Binder& binder) override {
    figures_.bind(binder);
    damaged_ = binder.attribute("damaged", dimension::none, true);
    label_ = binder.attribute("label.damaged", dimension::none);
  }
  void process(Job& job) const override {
    for (int i = 0; i < job.inputs(); ++i) {
      const bool damaged = job.attribute(i, damaged_) > 0.5;
      job.set_attribute(i, label_, damaged ? 1 : 0);
      job.pass(i, !damaged ? 1 : job.uniform(static_cast<std::uint64_t>(i)) < figures_[0] ? 2 : 0);
    }
  }

 private:
  Figures figures_{"recipes/second_life", {{"hot", dimension::none, Range::share(), "share of the damaged packs that warm up"}}};
  int damaged_ = 0, label_ = 0;
};

}  // namespace

Maker<UnitOperation> make_quarantine() {
  return {"Watches packs that are believed to be damaged, confirms or clears them.", "",
          [] { return std::make_unique<Quarantine>(); }};
}

}  // namespace retwin

// Discharge through an inverter: the energy left in a pack goes back to the grid.
#include <algorithm>

#include "core/registry.hpp"
#include "models/stations/figures.hpp"

namespace retwin {

namespace {

constexpr double rebound_soc = 0.05;  // charge that shows again after a rebound, own estimate

class RegenDischarge final : public UnitOperation {
  enum : std::size_t { efficiency, rebound };

 public:
  void fields(Fields& f) override { figures_.fields(f); }
  std::vector<PortInfo> ports() const override { return {{"done", "discharged"}, {"rebound", "the voltage came back", true}}; }
  void bind(Binder& binder) override {
    figures_.bind(binder);
    soh_ = binder.attribute("soh", dimension::none, true);
    soc_ = binder.attribute("soc", dimension::none, true);
    capacity_ = binder.attribute("capacity", dimension::energy);
    returned_ = binder.flow("electricity_returned", dimension::energy);
  }
  void process(Job& job) const override {
    for (int i = 0; i < job.inputs(); ++i) {
      const bool again = job.uniform(static_cast<std::uint64_t>(i)) < figures_[rebound];
      const double left = again ? std::min(rebound_soc, job.attribute(i, soc_)) : 0;
      const double energy = job.attribute(i, capacity_) * job.attribute(i, soh_) * (job.attribute(i, soc_) - left);
      job.meter(returned_, energy * figures_[efficiency]);
      job.set_attribute(i, soc_, left);
      job.pass(i, again ? 1 : 0);
    }
  }

 private:
  Figures figures_{"recipes/second_life",
                   {{"regeneration", dimension::none, Range::share(), "energy to the grid per energy stored"},
                    {"rebound", dimension::none, Range::share(), "share of packs whose voltage comes back"}}};
  int soh_ = 0, soc_ = 0, capacity_ = 0, returned_ = 0;
};

}  // namespace

Maker<UnitOperation> make_regen_discharge() {
  return {"Discharges packs into the grid; the energy returned is metered as electricity_returned.", "",
          [] { return std::make_unique<RegenDischarge>(); }};
}

}  // namespace retwin

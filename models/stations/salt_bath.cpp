// Discharge of batteries in brine, which is exhausted bit by bit.
#include <algorithm>

#include "core/flow/matter/taught_by_flows.hpp"
#include "core/registry.hpp"
#include "models/materials/components.hpp"
#include "models/stations/figures.hpp"

namespace retwin {

namespace {

class SaltBath final : public UnitOperation, public TaughtByFlows {
  enum : std::size_t { salt, water };  // figures
  enum : std::size_t { bathed };       // memory

 public:
  void fields(Fields& f) override {
    f.flag("bleed", bleed_, "the brine that is replaced leaves through the port `brine`; else it is only metered");
    f.quantity("soak", soak_s_, dimension::time, Range::positive(), "time of a batch in fresh brine, in place of duration or phases");
    f.quantity("capacity", capacity_kg_, dimension::mass, Range::positive(), "batteries after which the brine is exhausted");
    f.quantity("slowdown", slowdown_, dimension::none, {1, 1e6}, "how many times longer a batch takes in exhausted brine");
    figures_.fields(f);
  }
  bool has_duration() const override { return soak_s_ > 0; }
  /// In proportion to what has been bathed since the brine was renewed, up to exhaustion. That it is linear is an assumption.
  double duration_s(const Job& job) const override {
    const double exhausted = capacity_kg_ > 0 ? std::min(1.0, job.memory()[bathed] / capacity_kg_) : 0;
    return soak_s_ * (1 + (slowdown_ - 1) * exhausted);
  }
  std::vector<MemoryField> memory() const override {
    return {{"bathed", dimension::mass, 0, "batteries since the brine was renewed"}};
  }
  std::vector<PortInfo> ports() const override {
    std::vector<PortInfo> out{{"out", "discharged batteries"}};
    if (bleed_) out.push_back({"brine", "spent brine"});
    return out;
  }
  void bind(Binder& binder) override {
    figures_.bind(binder);
    if (slowdown_ > 1 && capacity_kg_ <= 0)
      binder.problems().error(Code::missing, binder.place(), binder.path(), "when is the brine exhausted?", "add capacity: 50 t");
    soc_ = binder.attribute("soc", dimension::none, true);
    NaCl_flow_ = binder.flow("NaCl", dimension::mass);
    water_flow_ = binder.flow("tap_water", dimension::mass);
    if (!bleed_) return;
    NaCl_ = binder.component("NaCl");
    H2O_ = binder.component("H2O");
    brine_kind_ = binder.kind("brine", true);
  }
  Teachable teachable() const override {
    return {{}, {{"salt", "NaCl", dimension::mass, figures_[salt]}, {"water", "tap_water", dimension::mass, figures_[water]}}, {}, bleed_};
  }
  void process(Job& job) const override {
    double kg = 0;
    for (int i = 0; i < job.inputs(); ++i) {
      kg += job.mass(i);
      job.set_attribute(i, soc_, 0);
      job.pass(i, 0);
    }
    job.memory()[bathed] += kg;
    if (!bleed_) {
      job.meter(NaCl_flow_, kg * figures_[salt]);
      job.meter(water_flow_, kg * figures_[water]);
      return;
    }
    Material brine = job.nothing();
    dose(job, brine, NaCl_, kg * figures_[salt], NaCl_flow_);
    dose(job, brine, H2O_, kg * figures_[water], water_flow_);
    emit(job, brine_kind_, 1, std::move(brine));
  }

 private:
  Figures figures_{"recipes/salt_bath",
                   {{"salt", dimension::none, Range::non_negative(), "NaCl per mass of batteries"},
                    {"water", dimension::none, Range::non_negative(), "water per mass of batteries"}}};
  bool bleed_ = false;
  double soak_s_ = 0, capacity_kg_ = 0, slowdown_ = 1;
  int soc_ = 0, NaCl_flow_ = 0, water_flow_ = 0, NaCl_ = 0, H2O_ = 0, brine_kind_ = 0;
};

}  // namespace

Maker<UnitOperation> make_salt_bath() {
  return {"Discharges batteries in brine; salt and water are made up per mass of batteries, and the brine is exhausted until work renews it.", "{bleed: true}",
          [] { return std::make_unique<SaltBath>(); }};
}

}  // namespace retwin

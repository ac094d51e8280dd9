// Discharge of batteries in brine.
#include "core/registry.hpp"
#include "models/materials/components.hpp"
#include "models/stations/figures.hpp"

namespace retwin {

namespace {

enum : std::size_t { salt, water };

class SaltBath final : public UnitOperation {
 public:
  void fields(Fields& f) override {
    f.flag("bleed", bleed_, "the brine that is replaced leaves through the port `brine`; else it is only metered");
    figures_.fields(f);
  }
  std::vector<PortInfo> ports() const override {
    std::vector<PortInfo> out{{"out", "discharged batteries"}};
    if (bleed_) out.push_back({"brine", "spent brine"});
    return out;
  }
  void bind(Binder& binder) override {
    figures_.bind(binder);
    soc_ = binder.attribute("soc", dimension::none, true);
    NaCl_flow_ = binder.flow("NaCl", dimension::mass);
    water_flow_ = binder.flow("tap_water", dimension::mass);
    if (!bleed_) return;
    NaCl_ = binder.component("NaCl");
    H2O_ = binder.component("H2O");
    brine_kind_ = binder.kind("brine", true);
  }
  void process(Job& job) const override {
    double kg = 0;
    for (int i = 0; i < job.inputs(); ++i) {
      kg += job.mass(i);
      job.set_attribute(i, soc_, 0);
      job.pass(i, 0);
    }
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
  int soc_ = 0, NaCl_flow_ = 0, water_flow_ = 0, NaCl_ = 0, H2O_ = 0, brine_kind_ = 0;
};

}  // namespace

Maker<UnitOperation> make_salt_bath() {
  return {"Discharges batteries in brine; salt and water are made up per mass of batteries.", "{bleed: true}",
          [] { return std::make_unique<SaltBath>(); }};
}

}  // namespace retwin

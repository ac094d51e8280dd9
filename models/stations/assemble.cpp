// Matching, welding and boxing modules into a second-life unit.
#include <algorithm>

#include "core/registry.hpp"
#include "models/stations/figures.hpp"

namespace retwin {

namespace {

class Assemble final : public UnitOperation {
 public:
  std::vector<PortInfo> ports() const override { return {{"out", "one unit of all that came in"}}; }
  void bind(Binder& binder) override {
    soh_ = binder.attribute("soh", dimension::none, true);
    label_soh_ = binder.attribute("label.soh", dimension::none);
    capacity_ = binder.attribute("capacity", dimension::energy);
    modules_ = binder.attribute("modules", dimension::none);
    kind_ = binder.kind("unit");
  }
  void process(Job& job) const override {
    if (job.inputs() == 0) return;
    double soh = job.attribute(0, soh_), label = job.attribute(0, label_soh_), capacity = 0, modules = 0;
    for (int i = 0; i < job.inputs(); ++i) {
      soh = std::min(soh, job.attribute(i, soh_));  // the weakest module limits the string
      label = std::min(label, job.attribute(i, label_soh_));
      capacity += job.attribute(i, capacity_);
      modules += job.attribute(i, modules_);
    }
    const int unit = job.make(kind_, 0, take_all(job));
    job.set_output(unit, soh_, soh);
    job.set_output(unit, label_soh_, label);
    job.set_output(unit, capacity_, capacity);
    job.set_output(unit, modules_, modules);
  }

 private:
  int soh_ = 0, label_soh_ = 0, capacity_ = 0, modules_ = 0, kind_ = 0;
};

}  // namespace

Maker<UnitOperation> make_assemble() {
  return {"Joins all modules of a batch into one second-life unit, as good as its weakest module.", "",
          [] { return std::make_unique<Assemble>(); }};
}

}  // namespace retwin

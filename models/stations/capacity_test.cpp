// Full charge and discharge on a test channel: measures the state of health and grades.
#include <algorithm>

#include "core/registry.hpp"
#include "models/stations/figures.hpp"

namespace retwin {

namespace {

class CapacityTest final : public UnitOperation {
 public:
  void fields(Fields& f) override {
    figures_.fields(f);
    grades_.fields(f, "grades", "share of the batteries by output port; sums to 100 %");
  }
  std::vector<PortInfo> ports() const override { return grades_.ports("batteries of this grade, discharged"); }
  void bind(Binder& binder) override {
    figures_.bind(binder);
    grades_.check(binder, "grades");
    error_ = Distribution::normal(0, std::max(figures_[0], 1e-12));
    soh_ = binder.attribute("soh", dimension::none, true);
    soc_ = binder.attribute("soc", dimension::none, true);
    label_soh_ = binder.attribute("label.soh", dimension::none);
  }
  void process(Job& job) const override {
    for (int i = 0; i < job.inputs(); ++i) {
      const auto n = static_cast<std::uint64_t>(i) * 2;
      job.set_attribute(i, label_soh_, std::clamp(job.attribute(i, soh_) + job.sample(error_, n), 0.0, 1.1));
      job.set_attribute(i, soc_, 0);  // the recipe ends discharged
      job.pass(i, grades_.pick(job.uniform(n + 1)));
    }
  }

 private:
  Figures figures_{"recipes/second_life",
                   {{"test_error", dimension::none, Range::share(), "standard deviation of the measured state of health"}}};
  Shares grades_{{{"pass", {}, 1}}};
  Distribution error_;
  int soh_ = 0, soc_ = 0, label_soh_ = 0;
};

}  // namespace

Maker<UnitOperation> make_capacity_test() {
  return {"Measures the capacity of batteries on a test channel and grades them; they end discharged.",
          "{grades: {pass: 85 %, spread: 12 %, fail: 3 %}}", [] { return std::make_unique<CapacityTest>(); }};
}

}  // namespace retwin

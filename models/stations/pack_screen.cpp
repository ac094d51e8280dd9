// First look at packs for a second life: as a whole, by modules, or not at all.
#include "core/registry.hpp"
#include "models/stations/figures.hpp"

namespace retwin {

namespace {

class PackScreen final : public UnitOperation {
 public:
  void fields(Fields& f) override {
    f.quantity("whole_above", whole_above_, dimension::none, Range::share(), "least label.soh for use as a whole pack");
    f.quantity("readable", readable_, dimension::none, Range::share(), "share of packs of a known model whose data can be read");
    f.quantity("reject", reject_, dimension::none, Range::share(), "share of packs found unfit");
  }
  std::vector<PortInfo> ports() const override {
    return {{"whole", "for use as a whole pack"}, {"module", "for use by modules"}, {"reject", "to recycling", reject_ == 0}};
  }
  void bind(Binder& binder) override { label_soh_ = binder.attribute("label.soh", dimension::none); }
  void process(Job& job) const override {
    for (int i = 0; i < job.inputs(); ++i) {
      const auto n = static_cast<std::uint64_t>(i) * 2;
      if (job.uniform(n) < reject_) job.pass(i, 2);
      else job.pass(i, job.attribute(i, label_soh_) >= whole_above_ && job.uniform(n + 1) < readable_ ? 0 : 1);
    }
  }

 private:
  double whole_above_ = 0.80, readable_ = 0.80, reject_ = 0.02;  // own estimates, reference plant sizing
  int label_soh_ = 0;
};

}  // namespace

Maker<UnitOperation> make_pack_screen() {
  return {"Screens packs for a second life: whole, by modules, or reject.", "", [] { return std::make_unique<PackScreen>(); }};
}

}  // namespace retwin

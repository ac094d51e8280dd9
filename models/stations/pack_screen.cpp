// First look at packs for a second life: as a whole, by modules, or not at all.
#include <algorithm>
#include <map>

#include "core/registry.hpp"
#include "models/materials/components.hpp"
#include "models/stations/figures.hpp"

namespace retwin {

namespace {

class PackScreen final : public UnitOperation {
 public:
  void fields(Fields& f) override {
    f.numbers("whole_above", whole_above_, "soh", Range::share(), "least believed state of health",
              "least label.soh for use as a whole pack by believed chemistry; `other` serves those not named; default 80 %");
    f.quantity("readable", readable_, dimension::none, Range::share(), "share of packs of a known model whose data can be read");
    f.quantity("reject", reject_, dimension::none, Range::share(), "share of packs found unfit");
  }
  std::vector<PortInfo> ports() const override {
    return {{"whole", "for use as a whole pack"}, {"module", "for use by modules"}, {"reject", "to recycling", reject_ == 0}};
  }
  void bind(Binder& binder) override {
    const Components components(binder);
    label_soh_ = binder.attribute("label.soh", dimension::none);
    label_chemistry_ = binder.category("label.chemistry", components.chemistries());
    const std::vector<std::string>& known = binder.categories(label_chemistry_);
    double others = 0.80;  // own estimate, reference plant sizing
    for (const NamedNumber& above : whole_above_)
      if (above.name == "other") others = above.value;
    threshold_.assign(known.size(), others);
    for (const auto& [name, place, soh] : whole_above_) {
      if (name == "other") continue;
      const auto at = std::find(known.begin(), known.end(), name);
      if (at != known.end()) threshold_[static_cast<std::size_t>(at - known.begin())] = soh;
      else
        binder.problems().error(Code::unknown_name, place, binder.path() + ".whole_above." + name,
                                "no such chemistry: " + name, nearest(name, known));
    }
  }
  void process(Job& job) const override {
    for (int i = 0; i < job.inputs(); ++i) {
      const auto n = static_cast<std::uint64_t>(i) * 2;
      if (job.uniform(n) < reject_) job.pass(i, 2);
      else job.pass(i, job.attribute(i, label_soh_) >= threshold(job.attribute(i, label_chemistry_)) && job.uniform(n + 1) < readable_ ? 0 : 1);
    }
  }

 private:
  /// A pack of unknown chemistry is used by modules.
  double threshold(double chemistry) const {
    return chemistry < 0 || chemistry >= static_cast<double>(threshold_.size()) ? 2.0 : threshold_[static_cast<std::size_t>(chemistry)];
  }

  std::vector<NamedNumber> whole_above_;
  std::vector<double> threshold_;
  double readable_ = 0.80, reject_ = 0.02;  // own estimates, reference plant sizing
  int label_soh_ = 0, label_chemistry_ = 0;
};

}  // namespace

Maker<UnitOperation> make_pack_screen() {
  return {"Screens packs for a second life: whole, by modules, or reject.", "", [] { return std::make_unique<PackScreen>(); }};
}

}  // namespace retwin

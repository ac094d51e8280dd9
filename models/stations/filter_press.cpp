// Filter press: washed cake and filtrate; coarse metal grains are held on a wet screen before it.
#include <algorithm>

#include "core/flow/matter/taught_by_flows.hpp"
#include "core/registry.hpp"
#include "models/materials/components.hpp"
#include "models/stations/figures.hpp"

namespace retwin {

namespace {

class FilterPress final : public UnitOperation, public TaughtByFlows {
  enum : std::size_t { wash, moisture, wash_efficiency, metal_removal };

 public:
  void fields(Fields& f) override {
    figures_.fields(f);
    f.quantity("off_spec", off_spec_, dimension::none, Range::share(), "share of the cakes that must be leached again");
  }
  std::vector<PortInfo> ports() const override {
    return {{"filtrate", "clear liquor with the wash water"},
            {"cake", "washed, moist solids"},
            {"sludge", "metal grains", true},
            {"off_spec", "cake to be leached again", off_spec_ == 0}};
  }
  void bind(Binder& binder) override {
    figures_.bind(binder);
    const Components components(binder);
    H2O_ = components["H2O"];
    solids_ = components.mask([&](int c) { return components.phase(c) == Phase::solid; });
    metals_ = components.mask([&](int c) {
      const std::string& group = components.group(c);
      return components.phase(c) == Phase::solid && (group == "copper" || group == "aluminium" || group == "steel");
    });
    const double removed = figures_[metal_removal];
    teachable_ = {{{"metal_removal", {}, {2, 1, 3}, {removed, 1 - removed, 0}, true}}, {}, {}, true};  // wash water may bring what is dissolved
    for (std::size_t c = 0; c < metals_.size(); ++c) {
      teachable_.kept.push_back(solids_[c] > 0);
      if (metals_[c] > 0) teachable_.shares[0].components.push_back(static_cast<int>(c));
    }
    for (double& share : metals_) share *= removed;
    water_flow_ = binder.flow("process_water", dimension::mass);
    filtrate_ = binder.kind("liquor", true);
    cake_ = binder.kind("cake", true);
    sludge_ = binder.kind("sludge", true);
  }
  Teachable teachable() const override { return teachable_; }
  void process(Job& job) const override {
    Material liquor = take_all(job);
    emit(job, sludge_, 2, liquor.extract(metals_));
    Material cake = liquor.extract(solids_);
    const double dry = cake.mass();
    dose(job, liquor, H2O_, figures_[wash] * dry, water_flow_);
    // the moisture is liquor, of whose solutes the wash has removed its efficiency
    const double water = liquor[H2O_];
    const double kept = water > 0 ? std::min(1.0, dry * figures_[moisture] / (1 - figures_[moisture]) / water) : 0;
    std::vector<double> moist(liquor.masses().size(), kept * (1 - figures_[wash_efficiency]));
    if (H2O_ >= 0) moist[static_cast<std::size_t>(H2O_)] = kept;
    cake.absorb(liquor.extract(moist));
    emit(job, cake_, job.uniform(0) < off_spec_ ? 3 : 1, std::move(cake));
    emit(job, filtrate_, 0, std::move(liquor));
  }

 private:
  Figures figures_{
      "recipes/filter_nmc",
      {{"wash", dimension::none, Range::non_negative(), "wash water per mass of dry cake"},
       {"moisture", dimension::none, {0, 0.95}, "water in the moist cake by mass"},
       {"wash_efficiency", dimension::none, Range::share(), "share of the solutes in the moisture that the wash removes"},
       {"metal_removal", dimension::none, Range::share(), "share of metal grains held on the screen"}}};
  double off_spec_ = 0;
  std::vector<double> solids_, metals_;
  Teachable teachable_;
  int H2O_ = 0, water_flow_ = 0, filtrate_ = 0, cake_ = 0, sludge_ = 0;
};

}  // namespace

Maker<UnitOperation> make_filter_press() {
  return {"Separates a slurry into washed cake and liquor; metal grains leave as sludge.",
          "{recipe: recipes/filter_nmc, off_spec: 2 %}", [] { return std::make_unique<FilterPress>(); }};
}

}  // namespace retwin

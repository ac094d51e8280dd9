// Shredding of batteries under nitrogen.
#include "core/flow/matter/taught_by_flows.hpp"
#include "core/registry.hpp"
#include "models/materials/components.hpp"
#include "models/stations/figures.hpp"

namespace retwin {

namespace {

class Shred final : public UnitOperation, public TaughtByFlows {
 public:
  void fields(Fields& f) override {
    f.quantity("vapour", vapour_, dimension::none, Range::share(), "share of the electrolyte solvents that evaporates");
    f.quantity("dust", dust_, dimension::none, Range::share(), "share of the solids that leaves as dust");
    f.quantity("nitrogen", nitrogen_, dimension::volume / dimension::mass, Range::non_negative(),
               "nitrogen for inerting per mass of feed");
  }
  std::vector<PortInfo> ports() const override {
    return {{"fragments", "shredded batteries"}, {"vapour", "solvent vapour", vapour_ == 0}, {"dust", "dust", dust_ == 0}};
  }
  void bind(Binder& binder) override {
    const Components components(binder);
    to_vapour_ = components.mask([&](int c) { return components.group(c) == "solvent"; });
    to_dust_ = components.mask([&](int c) { return components.phase(c) == Phase::solid; });
    teachable_ = {{}, {{"nitrogen", "nitrogen", dimension::volume, nitrogen_}}, std::vector<bool>(components.size(), true)};
    const auto teach = [&](const char* path, int port, double share, auto chosen) {
      PortShares taught{path, {}, {port, 0}, {share, 1 - share}, true};
      for (std::size_t c = 0; c < components.size(); ++c)
        if (chosen(c)) taught.components.push_back(static_cast<int>(c));
      teachable_.shares.push_back(std::move(taught));
    };
    teach("vapour", 1, vapour_, [&](std::size_t c) { return to_vapour_[c] > 0; });
    teach("dust", 2, dust_, [&](std::size_t c) { return to_dust_[c] > 0 && !(to_vapour_[c] > 0); });
    for (double& share : to_vapour_) share *= vapour_;
    for (double& share : to_dust_) share *= dust_;
    nitrogen_flow_ = binder.flow("nitrogen", dimension::volume);
    fragments_ = binder.kind("fragments", true);
    gas_ = binder.kind("gas", true);
    dust_kind_ = binder.kind("dust", true);
  }
  Teachable teachable() const override { return teachable_; }
  void process(Job& job) const override {
    Material feed = take_all(job);
    if (nitrogen_ > 0) job.meter(nitrogen_flow_, nitrogen_ * feed.mass());
    emit(job, gas_, 1, feed.extract(to_vapour_));
    emit(job, dust_kind_, 2, feed.extract(to_dust_));
    emit(job, fragments_, 0, std::move(feed));
  }

 private:
  double vapour_ = 0, dust_ = 0, nitrogen_ = 0;
  std::vector<double> to_vapour_, to_dust_;
  Teachable teachable_;
  int nitrogen_flow_ = 0, fragments_ = 0, gas_ = 0, dust_kind_ = 0;
};

}  // namespace

Maker<UnitOperation> make_shred() {
  return {"Shreds batteries under nitrogen into fragments; part of the electrolyte may evaporate.",
          "{vapour: 50 %, dust: 0.5 %, nitrogen: 40 Nm3/t}", [] { return std::make_unique<Shred>(); }};
}

}  // namespace retwin

// Concentration of lithium liquor and crystallisation of sodium sulphate by membranes and mechanical vapour recompression.
#include <algorithm>

#include "core/registry.hpp"
#include "models/materials/components.hpp"
#include "models/stations/figures.hpp"

namespace retwin {

namespace {

enum : std::size_t { lithium, sodium_sulphate, lithium_loss, permeate };
constexpr double water_density = 1000;  // [kg/m3]

class Evaporate final : public UnitOperation {
 public:
  void fields(Fields& f) override {
    figures_.fields(f);
    f.quantity("rate", rate_, dimension::mass_rate, Range::positive(),
               "water evaporated per time; gives the duration if the station has none");
  }
  std::vector<PortInfo> ports() const override {
    return {{"liquor", "lithium liquor"},
            {"salt", "sodium sulphate"},
            {"condensate", "distilled water"},
            {"permeate", "water from the membranes", true}};
  }
  void bind(Binder& binder) override {
    figures_.bind(binder);
    const Components components(binder);
    H2O_ = components["H2O"], Na2SO4_ = components["Na2SO4"], Li2SO4_ = components["Li2SO4"];
    if (H2O_ < 0 || Na2SO4_ < 0 || Li2SO4_ < 0) return;
    lithium_share_ = components.share(Li2SO4_, "Li");
    salts_ = components.mask(
        [&](int c) { return c != Li2SO4_ && components.name(c) != "H2SO4" && components.phase(c) == Phase::dissolved; });
    solids_ = components.mask([&](int c) { return components.phase(c) == Phase::solid; });
    liquor_ = binder.kind("lithium_liquor", true);
    salt_ = binder.kind("Na2SO4", true);
    condensate_ = binder.kind("condensate", true);
    permeate_ = binder.kind("permeate", true);
  }
  bool has_duration() const override { return rate_ > 0; }
  double duration_s(const Job& job) const override {
    if (!rate_) return -1;
    double water = 0, lithium_sulphate = 0;
    for (int i = 0; i < job.inputs(); ++i) {
      if (job.masses(i).empty()) continue;
      water += job.masses(i)[static_cast<std::size_t>(H2O_)];
      lithium_sulphate += job.masses(i)[static_cast<std::size_t>(Li2SO4_)];
    }
    return std::max(0.0, water - left(lithium_sulphate)) * (1 - figures_[permeate]) / *rate_;
  }
  void process(Job& job) const override {
    Material feed = take_all(job);
    const double stays = std::min(feed[H2O_], left(feed[Li2SO4_]));
    const double removed = feed[H2O_] - stays;
    const auto water = [&](double kg) {
      std::vector<double> shares(feed.masses().size());
      if (feed[H2O_] > 0) shares[static_cast<std::size_t>(H2O_)] = std::min(1.0, kg / feed[H2O_]);
      return feed.extract(shares);
    };
    emit(job, permeate_, 3, water(removed * figures_[permeate]));
    emit(job, condensate_, 2, water(removed * (1 - figures_[permeate])));
    // what exceeds the solubility of sodium sulphate crystallises; other salts go with it in the same proportion
    const double dissolved = std::min(feed[Na2SO4_], stays / water_density * figures_[sodium_sulphate]);
    const double share = feed[Na2SO4_] > 0 ? 1 - dissolved / feed[Na2SO4_] : stays > 0 ? 0 : 1;
    std::vector<double> shares = solids_;
    for (std::size_t c = 0; c < shares.size(); ++c) shares[c] += salts_[c] * share;
    shares[static_cast<std::size_t>(Li2SO4_)] = figures_[lithium_loss];
    emit(job, salt_, 1, feed.extract(shares));
    emit(job, liquor_, 0, std::move(feed));
  }

 private:
  /// Water that stays with the lithium [kg].
  double left(double lithium_sulphate_kg) const {
    return lithium_sulphate_kg * lithium_share_ / figures_[lithium] * water_density;
  }

  Figures figures_{
      "recipes/evaporate",
      {{"lithium", dimension::mass / dimension::volume, Range::positive(), "lithium in the liquor per volume of water"},
       {"sodium_sulphate", dimension::mass / dimension::volume, Range::non_negative(),
        "Na2SO4 that stays dissolved per volume of water"},
       {"lithium_loss", dimension::none, Range::share(), "share of the lithium that leaves with the sodium sulphate"},
       {"permeate", dimension::none, Range::share(), "share of the water removed that membranes take, not the evaporator"}}};
  std::optional<double> rate_;
  std::vector<double> salts_, solids_;
  double lithium_share_ = 0;
  int H2O_ = 0, Na2SO4_ = 0, Li2SO4_ = 0, liquor_ = 0, salt_ = 0, condensate_ = 0, permeate_ = 0;
};

}  // namespace

Maker<UnitOperation> make_evaporate() {
  return {"Removes water until the lithium has its concentration; sodium sulphate crystallises.", "{rate: 4 t/h}",
          [] { return std::make_unique<Evaporate>(); }};
}

}  // namespace retwin

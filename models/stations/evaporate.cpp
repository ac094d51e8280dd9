// Concentration of lithium liquor and crystallisation of sodium sulphate by membranes and mechanical vapour recompression. Soda that comes
// back with a mother liquor is acidified before, or it would leave with the salt; the crystals take liquor along, which is all the lithium
// and all the impurity that they carry; its water leaves in the dryer behind the centrifuge.
#include <algorithm>

#include "core/registry.hpp"
#include "models/materials/reaction.hpp"
#include "models/stations/figures.hpp"

namespace retwin {

namespace {

class Evaporate final : public UnitOperation {
  enum : std::size_t { lithium, sodium_sulphate, entrainment, permeate, membrane_energy, steam, boiler_gas, solute_rejection };

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
            {"permeate", "water from the membranes", true},
            {"vent", "carbon dioxide of acidified soda", true}};
  }
  void bind(Binder& binder) override {
    figures_.bind(binder);
    const Components components(binder);
    H2O_ = components["H2O"], Na2SO4_ = components["Na2SO4"], Li2SO4_ = components["Li2SO4"];
    H2SO4_ = components["H2SO4"], Na2CO3_ = components["Na2CO3"], CO2_ = components["CO2"];
    if (H2O_ < 0 || Na2SO4_ < 0 || Li2SO4_ < 0 || H2SO4_ < 0 || Na2CO3_ < 0 || CO2_ < 0) return;
    acid_per_soda_ = components.molar_mass(H2SO4_) / components.molar_mass(Na2CO3_);
    acidify_ = Reaction::named(components, "carbonate_neutralisation");
    lithium_share_ = components.share(Li2SO4_, "Li");
    solutes_ = components.mask([&](int c) { return components.phase(c) == Phase::dissolved; });
    dry_ = components.mask([&](int c) { return c == H2O_; });
    to_vent_ = components.mask([&](int c) { return components.phase(c) == Phase::gas; });
    solids_ = components.mask([&](int c) { return components.phase(c) == Phase::solid; });
    acid_flow_ = binder.flow("H2SO4", dimension::mass);
    CO2_flow_ = binder.flow("CO2_direct", dimension::mass);
    electricity_flow_ = binder.flow("electricity", dimension::energy);
    steam_flow_ = binder.flow("steam", dimension::mass);
    gas_flow_ = binder.flow("natural_gas", dimension::volume);
    liquor_ = binder.kind("lithium_liquor", true);
    vent_ = binder.kind("vent", true);
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
    const double CO2_before = feed[CO2_];
    dose(job, feed, H2SO4_, feed[Na2CO3_] * acid_per_soda_ - feed[H2SO4_], acid_flow_);
    acidify_.apply(job, feed);
    job.meter(CO2_flow_, feed[CO2_] - CO2_before);
    emit(job, vent_, 4, feed.extract(to_vent_));
    const double stays = std::min(feed[H2O_], left(feed[Li2SO4_]));
    const double removed = feed[H2O_] - stays;
    const auto water = [&](double kg) {
      std::vector<double> shares(feed.masses().size());
      if (feed[H2O_] > 0) shares[static_cast<std::size_t>(H2O_)] = std::min(1.0, kg / feed[H2O_]);
      return feed.extract(shares);
    };
    // what exceeds the solubility of sodium sulphate crystallises; where no water stays, everything does
    const double by_membrane = removed * figures_[permeate], evaporated = removed - by_membrane;
    job.meter(electricity_flow_, figures_[membrane_energy] * by_membrane);
    std::vector<double> through = solutes_;  // what the membranes do not keep back of what is dissolved
    for (double& share : through) share *= feed[H2O_] > 0 ? by_membrane / feed[H2O_] * (1 - figures_[solute_rejection]) : 0;
    if (feed[H2O_] > 0) through[static_cast<std::size_t>(H2O_)] = std::min(1.0, by_membrane / feed[H2O_]);
    emit(job, permeate_, 3, feed.extract(through));
    Material vapour = water(evaporated);
    std::vector<double> shares = solids_;
    if (stays > 0) {
      const double dissolved = std::min(feed[Na2SO4_], stays / water_density * figures_[sodium_sulphate]);
      if (feed[Na2SO4_] > 0) shares[static_cast<std::size_t>(Na2SO4_)] = 1 - dissolved / feed[Na2SO4_];
    } else {
      for (std::size_t c = 0; c < shares.size(); ++c) shares[c] += solutes_[c];
    }
    Material salt = feed.extract(shares);
    if (feed[H2O_] > 0) salt.absorb(feed.extract(std::min(1.0, figures_[entrainment] * salt.mass() / feed.mass())));
    vapour.absorb(salt.extract(dry_));
    job.meter(steam_flow_, figures_[steam] * vapour.mass());
    job.meter(gas_flow_, figures_[boiler_gas] * figures_[steam] * vapour.mass());
    emit(job, condensate_, 2, std::move(vapour));
    emit(job, salt_, 1, std::move(salt));
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
       {"entrainment", dimension::none, {0, 0.5}, "liquor that the crystals take along, per mass of crystals"},
       {"permeate", dimension::none, Range::share(), "share of the water removed that membranes take, not the evaporator"},
       {"membrane_energy", dimension::energy / dimension::mass, Range::non_negative(), "electricity per mass of permeate"},
       {"steam", dimension::none, Range::non_negative(), "steam per mass of water evaporated, for starting and losses"},
       {"boiler_gas", dimension::volume / dimension::mass, Range::non_negative(), "natural gas per mass of steam"},
       {"solute_rejection", dimension::none, Range::share(), "by how much less of solutes there is in the permeate than in what is fed: 1 - cp/cf"}}};
  std::optional<double> rate_;
  Reaction acidify_;
  std::vector<double> solutes_, solids_, dry_, to_vent_;
  double lithium_share_ = 0, acid_per_soda_ = 0;
  int H2O_ = 0, Na2SO4_ = 0, Li2SO4_ = 0, H2SO4_ = 0, Na2CO3_ = 0, CO2_ = 0;
  int acid_flow_ = 0, CO2_flow_ = 0, electricity_flow_ = 0, steam_flow_ = 0, gas_flow_ = 0;
  int liquor_ = 0, salt_ = 0, condensate_ = 0, permeate_ = 0, vent_ = 0;
};

}  // namespace

Maker<UnitOperation> make_evaporate() {
  return {"Removes water until the lithium has its concentration; sodium sulphate crystallises.", "{rate: 4 t/h}",
          [] { return std::make_unique<Evaporate>(); }};
}

}  // namespace retwin

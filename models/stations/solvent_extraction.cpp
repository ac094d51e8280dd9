// Solvent extraction of manganese, cobalt and nickel one after the other, each stripped into its own liquor. The base here saponifies the
// extractant; that of a hydroxide product is dosed where the hydroxide is made (unit hydroxide), without strip acid for it.
#include <algorithm>

#include "core/registry.hpp"
#include "models/materials/reaction.hpp"
#include "models/stations/figures.hpp"
#include "models/stations/water_rate.hpp"

namespace retwin {

namespace {

class SolventExtraction final : public UnitOperation {
  enum : std::size_t { base, strip, recovery, co_extraction, base_strength, strip_metal };

 public:
  void fields(Fields& f) override {
    figures_.fields(f);
    rate_.fields(f, "water of the feed per time; gives the duration if the station has none");
  }
  std::vector<PortInfo> ports() const override {
    return {{"raffinate", "lithium and sodium sulphate"},
            {"Mn", "manganese strip liquor", true},
            {"Co", "cobalt strip liquor", true},
            {"Ni", "nickel strip liquor", true}};
  }
  void bind(Binder& binder) override {
    figures_.bind(binder);
    const Components components(binder);
    H2O_ = components["H2O"], NaOH_ = components["NaOH"], H2SO4_ = components["H2SO4"];
    if (H2O_ < 0 || NaOH_ < 0 || H2SO4_ < 0) return;
    NaOH_molar_ = components.molar_mass(NaOH_), H2SO4_molar_ = components.molar_mass(H2SO4_);
    metals_.clear();
    for (const char* symbol : {"Mn", "Co", "Ni"}) {
      const int sulphate = components[std::string(symbol) + "SO4"];
      if (sulphate < 0) return;
      metals_.push_back({sulphate, components.molar_mass(sulphate), components.share(sulphate, symbol)});
    }
    exchange_ = Reaction::named(components, "extract_and_strip");
    water_flow_ = binder.flow("process_water", dimension::mass);
    base_flow_ = binder.flow("NaOH", dimension::mass);
    acid_flow_ = binder.flow("H2SO4", dimension::mass);
    liquor_ = binder.kind("liquor", true);
    strip_liquor_ = binder.kind("strip_liquor", true);
  }
  bool has_duration() const override { return rate_.given(); }
  double duration_s(const Job& job) const override { return rate_.duration_s(job, H2O_); }
  void process(Job& job) const override {
    Material feed = take_all(job);
    std::vector<double> shares(feed.masses().size());
    double mol = 0;
    for (std::size_t m = 0; m < metals_.size(); ++m) {
      const Metal& metal = metals_[m];
      shares[static_cast<std::size_t>(metal.sulphate)] = figures_[recovery];
      for (std::size_t later = m + 1; later < metals_.size(); ++later)
        shares[static_cast<std::size_t>(metals_[later].sulphate)] = figures_[co_extraction];
      Material out = feed.extract(shares);
      std::fill(shares.begin(), shares.end(), 0.0);
      const double kg = out[metal.sulphate];
      for (const Metal& each : metals_) mol += out[each.sulphate] / each.molar_mass;
      dose(job, out, H2O_, kg * metal.share / figures_[strip_metal] * water_density, water_flow_);
      emit(job, strip_liquor_, static_cast<int>(m) + 1, std::move(out));
    }
    // The extractant is saponified with NaOH and gives its sodium to the aqueous phase for the metal; the strip acid replaces the
    // sulphate that goes with that sodium. Over all 2 NaOH + H2SO4 -> Na2SO4 + 2 H2O per metal. Base beyond 2 mol is met by free acid
    // of the feed, then by scrub acid.
    const double base_mol = std::max(figures_[base] * mol, 2 * mol + 2 * feed[H2SO4_] / H2SO4_molar_);
    const double have_mol = feed[NaOH_] / NaOH_molar_;
    if (base_mol > have_mol) {
      const double kg = (base_mol - have_mol) * NaOH_molar_;
      dose(job, feed, NaOH_, kg, base_flow_);
      dose(job, feed, H2O_, kg * (1 / figures_[base_strength] - 1), water_flow_);
    }
    const double acid_mol = std::max(figures_[strip] * mol, feed[NaOH_] / NaOH_molar_ / 2) - feed[H2SO4_] / H2SO4_molar_;
    if (acid_mol > 0) dose(job, feed, H2SO4_, acid_mol * H2SO4_molar_, acid_flow_);
    exchange_.apply(job, feed);
    emit(job, liquor_, 0, std::move(feed));
  }

 private:
  struct Metal {
    int sulphate;
    double molar_mass;
    double share;  // of the metal in its sulphate
  };
  Figures figures_{
      "recipes/solvent_extraction",
      {{"base", dimension::none, {2, 2.5}, "NaOH per metal extracted [mol/mol]; a hydroxide product takes its own 2 in the unit hydroxide"},
       {"strip", dimension::none, {1, 10}, "H2SO4 per metal stripped [mol/mol]"},
       {"recovery", dimension::none, Range::share(), "share of each metal that reaches its strip liquor"},
       {"co_extraction", dimension::none, Range::share(), "share of each metal that goes with one extracted before it"},
       {"base_strength", dimension::none, {0.01, 1}, "NaOH in the caustic soda by mass"},
       {"strip_metal", dimension::mass / dimension::volume, Range::positive(), "metal in the strip liquor per volume of water"}}};
  WaterRate rate_;
  std::vector<Metal> metals_;
  Reaction exchange_;
  int H2O_ = 0, NaOH_ = 0, H2SO4_ = 0;
  double NaOH_molar_ = 0, H2SO4_molar_ = 0;
  int water_flow_ = 0, base_flow_ = 0, acid_flow_ = 0, liquor_ = 0, strip_liquor_ = 0;
};

}  // namespace

Maker<UnitOperation> make_solvent_extraction() {
  return {"Extracts manganese, cobalt and nickel from purified liquor into strip liquors; lithium stays in the raffinate.",
          "{rate: 4 m3/h}", [] { return std::make_unique<SolventExtraction>(); }};
}

}  // namespace retwin

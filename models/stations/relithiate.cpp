// Direct regeneration of cathode material: sheets of one chemistry are stripped of foil and binder and given back the lithium that ageing
// took. The library's cathodes are whole, so that the lithium missing from an aged one is in no mass: the lithium carbonate that would
// replace it is dosed by the state of health, and leaves with the liquor (a simplification; new scrap needs none).
#include <algorithm>

#include "core/registry.hpp"
#include "models/stations/battery.hpp"
#include "models/stations/figures.hpp"

namespace retwin {

namespace {

class Relithiate final : public UnitOperation {
  enum : std::size_t { recovery, least_purity, lithium_excess, water };
  enum : int { cathode, foil, residue, liquor, reject };

 public:
  void fields(Fields& f) override { figures_.fields(f); }
  std::vector<PortInfo> ports() const override {
    return {{"cathode", "regenerated cathode material of one chemistry"},
            {"foil", "aluminium foil"},
            {"residue", "binder, carbon and cathode material that is lost"},
            {"liquor", "wash water with what is left of the lithium salt"},
            {"reject", "sheets of which too little is of one chemistry", true}};
  }
  void bind(Binder& binder) override {
    figures_.bind(binder);
    const Components components(binder);
    soh_ = binder.attribute("soh", dimension::none, true);
    cathodes_ = components.cathodes();
    of_foil_ = components.mask([&](int c) { return components.group(c) == "aluminium"; });
    lithium_kg_.clear();
    kinds_.clear();
    for (const int c : cathodes_) lithium_kg_.push_back(components.share(c, "Li"));
    Li2CO3_ = components["Li2CO3"];
    H2O_ = components["H2O"];
    carbonate_per_Li_ = 1 / components.share(Li2CO3_, "Li");
    salt_flow_ = binder.flow("Li2CO3", dimension::mass);
    water_flow_ = binder.flow("process_water", dimension::mass);
    for (const std::string& chemistry : components.chemistries()) kinds_.push_back(binder.kind("cathode_" + chemistry, true));
    foil_kind_ = binder.kind("foil", true);
    residue_kind_ = binder.kind("residue", true);
    liquor_kind_ = binder.kind("liquor", true);
  }
  void process(Job& job) const override {
    double all = 0, missing_Li = 0;
    std::vector<double> of(cathodes_.size());
    for (int i = 0; i < job.inputs(); ++i)
      for (std::size_t k = 0; k < cathodes_.size(); ++k) {
        const double kg = job.masses(i)[static_cast<std::size_t>(cathodes_[k])];
        of[k] += kg;
        all += kg;
        missing_Li += kg * lithium_kg_[k] * std::clamp(1 - job.attribute(i, soh_), 0.0, 1.0);
      }
    const auto main = static_cast<std::size_t>(std::max_element(of.begin(), of.end()) - of.begin());
    if (!(all > 0) || of[main] < figures_[least_purity] * all) {
      for (int i = 0; i < job.inputs(); ++i) job.pass(i, reject);
      return;
    }
    Material sheets = take_all(job);
    emit(job, foil_kind_, foil, sheets.extract(of_foil_));
    std::vector<double> regained(sheets.masses().size());
    for (const int c : cathodes_) regained[static_cast<std::size_t>(c)] = figures_[recovery];
    emit(job, kinds_[main], cathode, sheets.extract(regained));
    Material wash = job.nothing();
    dose(job, wash, H2O_, figures_[water] * all, water_flow_);
    dose(job, wash, Li2CO3_, missing_Li * (1 + figures_[lithium_excess]) * carbonate_per_Li_, salt_flow_);
    emit(job, liquor_kind_, liquor, std::move(wash));
    emit(job, residue_kind_, residue, std::move(sheets));
  }

 private:
  Figures figures_{"recipes/relithiate",
                   {{"recovery", dimension::none, Range::share(), "share of the cathode material that is regained"},
                    {"least_purity", dimension::none, Range::share(), "least share of one chemistry in the cathode material"},
                    {"lithium_excess", dimension::none, Range::non_negative(), "lithium dosed beyond what is missing"},
                    {"water", dimension::none, Range::non_negative(), "wash water per mass of cathode material"}}};
  std::vector<int> cathodes_, kinds_;
  std::vector<double> of_foil_, lithium_kg_;
  double carbonate_per_Li_ = 0;
  int soh_ = 0, Li2CO3_ = 0, H2O_ = 0, salt_flow_ = 0, water_flow_ = 0, foil_kind_ = 0, residue_kind_ = 0, liquor_kind_ = 0;
};

}  // namespace

Maker<UnitOperation> make_relithiate() {
  return {"Regenerates cathode material of sorted sheets directly: foil and binder off, lithium back.", "",
          [] { return std::make_unique<Relithiate>(); }};
}

}  // namespace retwin

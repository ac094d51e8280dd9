// Triage of packs by camera and records: a classifier that routes by what it believes, while the lot keeps what it is.
#include <algorithm>
#include <map>

#include "core/registry.hpp"
#include "models/stations/battery.hpp"
#include "models/stations/dismantling.hpp"
#include "models/stations/figures.hpp"

namespace retwin {

namespace {

class VisionTriage final : public UnitOperation {
  enum : std::size_t { wrong_label, changes_chemistry, damage_missed, false_alarm, soh_error, soc_error };

 public:
  void fields(Fields& f) override {
    f.text("models", models_, "library document of the models that are told apart");
    f.text("recipes", recipes_document_, "library document, e.g. packs/dismantling, that says by model, damage and charge how a pack is taken apart: label.recipe, label.tools, label.work (time), label.crew, label.soc");
    figures_.fields(f);
    f.numbers("second_life", second_life_, "soh", Range::share(), "least believed state of health",
              "least label.soh for a second life by believed chemistry; `other` serves those not named; "
              "without it lots are only sorted into safe and damaged");
  }

  std::vector<PortInfo> ports() const override {
    if (second_life_.empty()) return {{"safe", "believed to be intact"}, {"damaged", "believed to be damaged"}};
    return {{"echelon", "believed fit for a second life"}, {"recycle", "to be recycled"}, {"damaged", "believed to be damaged"}};
  }

  void bind(Binder& binder) override {
    figures_.bind(binder);
    const Components components(binder);
    battery_.bind(components, models_);
    error_ = Distribution::normal(0, figures_[soh_error] > 0 ? figures_[soh_error] : 1e-12);
    const std::vector<std::string> chemistries = components.chemistries();
    double others = 2.0;
    for (const NamedNumber& least : second_life_)
      if (least.name == "other") others = least.value;
    threshold_.assign(chemistries.size(), others);
    for (const auto& [name, place, soh] : second_life_) {
      if (name == "other") continue;
      const int index = battery_.chemistry_index(name);
      if (index >= 0) threshold_[static_cast<std::size_t>(index)] = soh;
      else
        binder.problems().error(Code::unknown_name, place, binder.path() + ".second_life." + name,
                                "no such chemistry: " + name, nearest(name, chemistries));
    }
    make_confusion(chemistries.size());
    if (!recipes_document_.empty()) recipes_.bind(binder, battery_, recipes_document_);
  }

  void process(Job& job) const override {
    for (int i = 0; i < job.inputs(); ++i) {
      const auto draw = [&](std::uint64_t n) { return job.uniform(static_cast<std::uint64_t>(i) * 8 + n); };
      const bool damaged = job.attribute(i, battery_.damaged) > 0.5;
      const bool believed = damaged ? draw(0) >= figures_[damage_missed] : draw(0) < figures_[false_alarm];
      int chemistry = static_cast<int>(job.attribute(i, battery_.chemistry));
      int model = static_cast<int>(job.attribute(i, battery_.model));
      if (draw(1) < figures_[wrong_label]) mistake(chemistry, model, draw(2) < figures_[changes_chemistry], draw(3));
      const double soh = std::clamp(job.attribute(i, battery_.soh) + error_.sample(draw(4)), 0.0, 1.1);

      job.set_attribute(i, battery_.label_damaged, believed ? 1 : 0);
      job.set_attribute(i, battery_.label_chemistry, chemistry);
      job.set_attribute(i, battery_.label_model, model);
      job.set_attribute(i, battery_.label_family, battery_.family(chemistry));
      job.set_attribute(i, battery_.label_soh, soh);
      job.set_attribute(i, battery_.label_bms_dead, job.attribute(i, battery_.bms_dead));  // a plug in the socket tells for sure
      if (!recipes_.empty()) {  // of a battery whose electronics are dead nobody knows the charge: it is taken for full
        const bool dead = job.attribute(i, battery_.bms_dead) > 0.5;
        const double read = job.attribute(i, battery_.soc) + figures_[soc_error] * standard_.sample(draw(5));
        recipes_.label(job, i, model, believed, dead ? 1 : std::clamp(read, 0.0, 1.0));
      }
      job.pass(i, port(believed, chemistry, soh));
    }
  }

 private:
  int port(bool damaged, int chemistry, double soh) const {
    if (second_life_.empty()) return damaged ? 1 : 0;
    if (damaged) return 2;
    const bool known = chemistry >= 0 && chemistry < static_cast<int>(threshold_.size());
    return known && soh >= threshold_[static_cast<std::size_t>(chemistry)] ? 0 : 1;
  }

  /// For every model those it may be taken for, of the same and of another chemistry; without models, other chemistries.
  void make_confusion(std::size_t chemistries) {
    const std::size_t listed = battery_.models.size() - chemistries;
    of_.clear();
    for (const PackModel& m : battery_.models) of_.push_back(battery_.chemistry_index(m.chemistry));
    same_.assign(of_.size(), {});
    different_.assign(of_.size(), {});
    for (std::size_t a = 0; a < of_.size(); ++a) {
      const bool generic = a >= listed;
      for (std::size_t b = generic ? listed : 0; b < (generic ? of_.size() : listed); ++b)
        if (a != b) (of_[a] == of_[b] ? same_ : different_)[a].push_back(static_cast<int>(b));
    }
  }

  void mistake(int& chemistry, int& model, bool other_chemistry, double uniform) const {
    if (model < 0 || model >= static_cast<int>(of_.size())) return;
    const auto m = static_cast<std::size_t>(model);
    const std::vector<int>& pool = other_chemistry ? different_[m] : same_[m];
    if (pool.empty()) return;  // no other model of the chemistry: nothing to be mistaken about
    model = pool[std::min(pool.size() - 1, static_cast<std::size_t>(uniform * static_cast<double>(pool.size())))];
    chemistry = of_[static_cast<std::size_t>(model)];
  }

  Figures figures_{"recipes/second_life",
                   {{"wrong_label", dimension::none, Range::share(), "share of packs whose model is misread"},
                    {"changes_chemistry", dimension::none, Range::share(), "share of those that are taken for another chemistry"},
                    {"damage_missed", dimension::none, Range::share(), "share of damaged packs taken for intact"},
                    {"false_alarm", dimension::none, Range::share(), "share of intact packs taken for damaged"},
                    {"soh_error", dimension::none, Range::share(), "standard deviation of the error of label.soh"},
                    {"soc_error", dimension::none, Range::share(), "standard deviation of the error of label.soc"}}};
  std::string models_ = "packs/models_cn";
  std::vector<NamedNumber> second_life_;
  Battery battery_;
  Distribution error_, standard_ = Distribution::normal(0, 1);
  std::string recipes_document_;
  DismantlingRecipes recipes_;
  std::vector<double> threshold_;
  std::vector<int> of_;                             // chemistry of a model
  std::vector<std::vector<int>> same_, different_;  // models it may be taken for
};

}  // namespace

Maker<UnitOperation> make_vision_triage() {
  return {"Recognises model, damage and state of health of packs, with errors, and routes by what it believes.",
          "{second_life: {LFP: 70 %, other: 75 %}}", [] { return std::make_unique<VisionTriage>(); }};
}

}  // namespace retwin

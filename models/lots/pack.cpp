// Packs as they come to the gate: model, age, state of health and charge, damage, and what they are made of.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/registry.hpp"
#include "core/stats/distribution_value.hpp"
#include "models/stations/battery.hpp"

namespace retwin {

namespace {

constexpr const char* share_names[] = {"mass", "count"};
constexpr double year_s = 365.25 * 86400;
constexpr double least_of_mean = 0.1;  // a pack weighs at least this much of its model's mean, however large the spread

class PackMaker final : public LotMaker {
 public:
  PackMaker() {
    soh_.set(Distribution::normal(0.75, 0.05).truncated(0.5, 0.95));  // 70-80 % at retirement, common practice
    soc_.set(Distribution::triangular(0.05, 0.25, 0.5));              // own estimate
  }
  void fields(Fields& f) override {
    f.text("models", models_, "library document of the pack models");
    const auto mix = [&f](const char* name, std::vector<NamedNumber>& of, const char* doc) {
      f.numbers(name, of, "share", Range::share(), "share of the packs", doc);
    };
    mix("model", model_, "share of each pack model");
    mix("chemistry", chemistry_, "share of each chemistry, where no models are given");
    f.choice("shares", shares_, share_names, "the shares count mass or packs");
    f.choice("bill", bill_, bill_names, "bill of materials of cells and packs; by_vintage: 2023 for packs built from 2022 on");
    f.quantity("year", year_, dimension::none, Range::positive(), "calendar year of arrival, for the vintage");
    f.value("soh", soh_, "true state of health");
    f.value("soc", soc_, "state of charge");
    f.value("mass", mass_, "mass of a pack, in place of the model's");
    f.quantity("damaged", damaged_, dimension::none, Range::share(), "share of packs that are damaged");
    f.quantity("bms_dead", bms_dead_, dimension::none, Range::share(), "share of packs whose BMS does not answer");
    f.quantity("youngest", youngest_s_, dimension::time, Range::non_negative(), "shortest time in service");
    f.quantity("oldest", oldest_s_, dimension::time, Range::positive(), "longest time in service");
  }

  void bind(Binder& binder) override {
    const Components components(binder);
    battery_.bind(components, models_);
    choose_models(binder);
    recipes_.clear();
    if (youngest_s_ > oldest_s_)
      return binder.problems().error(Code::range, binder.place(), binder.path() + ".oldest",
                                     fmt::format("the longest time in service is shorter than the shortest, {}", format_duration(youngest_s_)),
                                     "give youngest as well");

    for (const PackModel* m : chosen_) {
      Recipe r;
      r.chemistry = battery_.chemistry_index(m->chemistry);
      r.model = static_cast<int>(m - battery_.models.data());
      r.shares[0] = read_pack(components, m->chemistry, bill_ == Bill::y2023 ? Bill::y2023 : Bill::y2019);
      if (bill_ == Bill::by_vintage) r.shares[1] = read_pack(components, m->chemistry, Bill::y2023);
      r.mass = mass_.given()       ? *mass_.distribution()
               : m->mass_sd_kg > 0 ? Distribution::normal(m->mass_kg, m->mass_sd_kg)
                                         .truncated(std::max(least_of_mean * m->mass_kg, m->mass_kg - 3 * m->mass_sd_kg),
                                                    m->mass_kg + 3 * m->mass_sd_kg)
                                   : Distribution::constant(m->mass_kg);
      r.life = m->life_scale_s > 0 ? Distribution::weibull(m->life_shape, m->life_scale_s).truncated(youngest_s_, oldest_s_)
                                   : Distribution::uniform(youngest_s_, oldest_s_);
      r.energy_J = m->energy_J;
      r.modules = static_cast<double>(m->modules);
      recipes_.push_back(r);
    }
    if (!components.cathodes().empty()) binder.component(components.name(components.cathodes()[0]));  // packs carry masses
  }

  void make(NewLot& lot) const override {
    if (recipes_.empty()) return;
    const auto draw = [&](std::uint64_t n) { return lot.draws.uniform(Job::draw_offset + n); };
    const auto set = [&](int slot, double value) { lot.attributes[static_cast<std::size_t>(slot)] = value; };
    const std::size_t k =
        static_cast<std::size_t>(std::lower_bound(cumulative_.begin(), cumulative_.end(), draw(0)) - cumulative_.begin());
    const Recipe& r = recipes_[std::min(k, recipes_.size() - 1)];
    const double age = r.life.sample(draw(1));
    const double vintage = std::floor(year_ - age / year_s);
    set(battery_.chemistry, r.chemistry);
    set(battery_.model, r.model);
    set(battery_.soh, soh_.distribution()->sample(draw(2)));
    set(battery_.soc, soc_.distribution()->sample(draw(3)));
    set(battery_.damaged, draw(4) < damaged_ ? 1 : 0);
    set(battery_.bms_dead, draw(5) < bms_dead_ ? 1 : 0);
    set(battery_.capacity, r.energy_J);
    set(battery_.modules, r.modules);
    set(battery_.in_service, age);
    set(battery_.vintage, vintage);
    set(battery_.label_chemistry, -1);  // nobody has looked yet
    set(battery_.label_model, -1);
    set(battery_.label_family, -1);
    const std::vector<double>& shares = r.shares[!r.shares[1].empty() && vintage >= 2022 ? 1 : 0];
    const double mass = r.mass.sample(draw(6));
    for (std::size_t c = 0; c < lot.kg.size(); ++c) lot.kg[c] = mass * shares[c];
  }

 private:
  struct Recipe {
    int chemistry = 0, model = 0;
    std::vector<double> shares[2];  // of the bill; of the 2023 bill where the vintage decides
    Distribution mass, life;
    double energy_J = 0, modules = 1;
  };

  /// Finds the models of the mix and turns shares of mass into shares of count.
  void choose_models(Binder& binder) {
    chosen_.clear();
    cumulative_.clear();
    Problems& problems = binder.problems();
    if (!model_.empty() && !chemistry_.empty())
      problems.error(Code::conflict, chemistry_[0].place, binder.path() + ".chemistry",
                     "give the models or the chemistries, not both");
    if (model_.empty() && chemistry_.empty())
      problems.error(Code::missing, binder.place(), binder.path() + ".chemistry", "the packs have no chemistry",
                     "write chemistry: {LFP: 60 %, NMC622: 40 %}, or model: {...}");
    const bool by_model = !model_.empty();
    double sum = 0, weight = 0;
    for (const NamedNumber& s : by_model ? model_ : chemistry_) {
      const std::string name = by_model ? s.name : s.name + "_pack";
      const auto found =
          std::find_if(battery_.models.begin(), battery_.models.end(), [&](const PackModel& m) { return m.name == name; });
      sum += s.value;
      if (found == battery_.models.end()) {
        std::vector<std::string> names;
        for (const PackModel& m : battery_.models) names.push_back(by_model ? m.name : m.chemistry);
        const std::string near = nearest(s.name, names);
        problems.error(Code::unknown_name, s.place,
                       fmt::format("{}.{}.{}", binder.path(), by_model ? "model" : "chemistry", s.name),
                       fmt::format("no such {}: {}", by_model ? "model" : "chemistry", s.name),
                       near.empty() ? "" : "did you mean " + near + "?");
        continue;
      }
      const double mean = mass_.given() ? mass_.distribution()->mean() : found->mass_kg;
      weight += shares_ == 0 ? s.value / mean : s.value;
      chosen_.push_back(&*found);
      cumulative_.push_back(weight);
    }
    if ((by_model || !chemistry_.empty()) && std::abs(sum - 1) > 1e-6)
      problems.error(Code::probability, (by_model ? model_ : chemistry_)[0].place,
                     binder.path() + (by_model ? ".model" : ".chemistry"), fmt::format("the shares sum to {}, not to 1", sum));
    for (double& c : cumulative_) c /= weight;
  }

  std::string models_ = "packs/models_cn";
  std::vector<NamedNumber> model_, chemistry_;
  int shares_ = 0;
  Bill bill_ = Bill::y2019;
  double year_ = 2026, damaged_ = 0.05, bms_dead_ = 0.08;  // own estimates
  double youngest_s_ = 3 * year_s, oldest_s_ = 12 * year_s;
  DistributionValue soh_{dimension::none, false, Range::share()}, soc_{dimension::none, false, Range::share()};
  DistributionValue mass_{dimension::mass, false, Range::positive()};
  Battery battery_;
  std::vector<const PackModel*> chosen_;
  std::vector<double> cumulative_;
  std::vector<Recipe> recipes_;
};

}  // namespace

Maker<LotMaker> make_pack_lot() {
  return {"A retired battery pack with model, age, state of health and charge, damage and masses.",
          "{chemistry: {LFP: 60 %, NMC622: 40 %}}", [] { return std::make_unique<PackMaker>(); }};
}

}  // namespace retwin

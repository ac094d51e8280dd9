// Modules, cells and black mass of a given chemistry, for plants that begin in the middle of the chain; and empty trucks.
#include <algorithm>
#include <span>
#include <cmath>

#include <fmt/format.h>

#include "core/registry.hpp"
#include "core/stats/distribution_value.hpp"
#include "models/stations/battery.hpp"
#include "models/stations/partition.hpp"
#include "models/stations/streams.hpp"

namespace retwin {

namespace {

enum class Level { module, cell, black_mass, cathode_sheet };
constexpr const char* kinds[] = {"module", "cell", "black_mass", "cathode_sheet"};
bool bulk(Level level) { return level == Level::black_mass || level == Level::cathode_sheet; }

class PieceMaker final : public LotMaker {
 public:
  explicit PieceMaker(Level level) : level_(level) {
    soh_.set(Distribution::normal(0.75, 0.05).truncated(0.5, 0.95));
    soc_.set(Distribution::constant(0));
  }
  void fields(Fields& f) override {
    f.required().numbers("chemistry", mix_, "share", Range::share(), "share of the lots", "share of each chemistry, by count");
    f.choice("bill", bill_, std::span(bill_names).first(2), "bill of materials");  // pieces have no vintage
    f.value("mass", mass_, "mass of a lot");
    if (level_ == Level::black_mass) return;
    f.value("soh", soh_, "true state of health");
    f.value("soc", soc_, "state of charge");
  }

  void bind(Binder& binder) override {
    const Components components(binder);
    battery_.bind(components, "packs/models_cn");
    binder.kind(kinds[static_cast<int>(level_)], bulk(level_));
    recipes_.clear();
    cumulative_.clear();
    double sum = 0;
    for (const NamedNumber& s : mix_) {
      const int chemistry = battery_.chemistry_index(s.name);
      sum += s.value;
      if (chemistry < 0) {
        const std::string near = nearest(s.name, components.chemistries());
        binder.problems().error(Code::unknown_name, s.place, binder.path() + ".chemistry." + s.name,
                                "no such chemistry: " + s.name, near.empty() ? "" : "did you mean " + near + "?");
        continue;
      }
      recipes_.push_back(recipe(components, s.name, chemistry));
      cumulative_.push_back(sum);
    }
    if (!mix_.empty() && std::abs(sum - 1) > 1e-6)
      binder.problems().error(Code::probability, mix_[0].place, binder.path() + ".chemistry",
                              fmt::format("the shares sum to {}, not to 1", sum));
    if (!components.cathodes().empty()) binder.component(components.name(components.cathodes()[0]));
  }

  void make(NewLot& lot) const override {
    if (recipes_.empty()) return;
    const auto draw = [&](std::uint64_t n) { return lot.draws.uniform(Job::draw_offset + n); };
    const auto set = [&](int slot, double value) { lot.attributes[static_cast<std::size_t>(slot)] = value; };
    const auto k =
        static_cast<std::size_t>(std::lower_bound(cumulative_.begin(), cumulative_.end(), draw(0)) - cumulative_.begin());
    const Recipe& r = recipes_[std::min(k, recipes_.size() - 1)];
    const double mass = r.mass.sample(draw(1));
    set(battery_.chemistry, r.chemistry);
    set(battery_.label_chemistry, r.chemistry);  // bought as such
    set(battery_.label_family, battery_.family(r.chemistry));
    set(battery_.model, -1);
    set(battery_.label_model, -1);
    set(battery_.soh, soh_.distribution()->sample(draw(2)));
    set(battery_.soc, soc_.distribution()->sample(draw(3)));
    set(battery_.capacity, mass * r.energy_J_per_kg);
    set(battery_.modules, 1);
    for (std::size_t c = 0; c < lot.kg.size(); ++c) lot.kg[c] = mass * r.shares[c];
  }

 private:
  struct Recipe {
    int chemistry = 0;
    std::vector<double> shares;
    Distribution mass;
    double energy_J_per_kg = 0;
  };

  Recipe recipe(const Components& components, const std::string& name, int chemistry) const {
    const Bill bill = bill_ == Bill::y2023 ? Bill::y2023 : Bill::y2019;
    const CellBill cell = read_cell(components, name, bill);
    Recipe r{chemistry, cell.shares, Distribution::constant(cell.mass_kg), 0};
    double cells = 1;
    if (level_ == Level::module) {
      r.shares = read_pack(components, name, bill);
      double all = 0, of_cells = 0;
      for (std::size_t c = 0; c < r.shares.size(); ++c) {
        const PackPart part = components.part(static_cast<int>(c));
        if (part == PackPart::pack || part == PackPart::no_part) r.shares[c] = 0;
        all += r.shares[c];
        of_cells += part == PackPart::cell ? r.shares[c] : 0;
      }
      for (double& share : r.shares) share /= all;
      cells = of_cells / all;
      r.mass = Distribution::constant(25);
    } else if (level_ == Level::black_mass) {
      Partition partition;
      partition.bind(components, "partition/thermomech", sorting_streams());
      partition.react(r.shares);
      double all = 0;
      for (std::size_t c = 0; c < r.shares.size(); ++c) all += r.shares[c] *= partition.to(0)[c];
      for (double& share : r.shares) share /= all;
      cells = 0;
      r.mass = Distribution::constant(1000);
    }
    if (level_ == Level::cathode_sheet) {  // all aluminium of a cell is taken for its foil
      double all = 0;
      for (std::size_t c = 0; c < r.shares.size(); ++c) {
        const std::string& name_of = components.name(static_cast<int>(c));
        const bool cathode = std::find(components.cathodes().begin(), components.cathodes().end(), static_cast<int>(c)) != components.cathodes().end();
        if (!cathode && name_of != "Al" && name_of != "PVDF" && name_of != "carbon_black") r.shares[c] = 0;
        all += r.shares[c];
      }
      for (double& share : r.shares) share /= all;
      cells = 0;
      r.mass = Distribution::constant(500);
    }
    if (mass_.given()) r.mass = *mass_.distribution();
    r.energy_J_per_kg = cells * read_specific_energy(components, name);
    return r;
  }

  Level level_;
  std::vector<NamedNumber> mix_;
  Bill bill_ = Bill::y2019;
  DistributionValue mass_{dimension::mass, false, Range::positive()};
  DistributionValue soh_{dimension::none, false, Range::share()}, soc_{dimension::none, false, Range::share()};
  Battery battery_;
  std::vector<double> cumulative_;
  std::vector<Recipe> recipes_;
};

/// A carrier without matter of its own; the engine fills and empties it.
class TruckMaker final : public LotMaker {};

Maker<LotMaker> piece(const char* doc, Level level) {
  return {doc, "{chemistry: {LFP: 50 %, NMC811: 50 %}}", [level] { return std::make_unique<PieceMaker>(level); }};
}

}  // namespace

Maker<LotMaker> make_module_lot() { return piece("A discharged battery module of a chemistry.", Level::module); }
Maker<LotMaker> make_cell_lot() { return piece("A discharged battery cell of a chemistry.", Level::cell); }
Maker<LotMaker> make_black_mass_lot() { return piece("A portion of black mass of a chemistry (bulk).", Level::black_mass); }
Maker<LotMaker> make_cathode_sheet_lot() { return piece("A portion of cathode sheets of a chemistry, sorted from cells or left over in making them (bulk).", Level::cathode_sheet); }
Maker<LotMaker> make_truck_lot() {
  return {"An empty carrier; what it brings is said by the source's `load`.", "", [] { return std::make_unique<TruckMaker>(); }};
}

}  // namespace retwin

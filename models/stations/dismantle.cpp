// Dismantling: packs into modules and hardware, or modules into cells and hardware.
#include <algorithm>
#include <cmath>

#include "core/registry.hpp"
#include "models/stations/battery.hpp"
#include "models/stations/figures.hpp"

namespace retwin {

namespace {

constexpr const char* levels[] = {"modules", "cells"};
enum class Into { modules, cells };

class Dismantle final : public UnitOperation {
 public:
  void fields(Fields& f) override {
    f.choice("into", into_, levels, "packs into modules, or modules into cells");
    f.flag("drain_coolant", drain_, "the coolant leaves through a port of its own, not with the hardware");
    f.text("models", models_, "library document of the pack models");
    figures_.fields(f);
  }
  std::vector<PortInfo> ports() const override {
    std::vector<PortInfo> out{
        into_ == Into::modules ? PortInfo{"modules", "the modules, one by one"} : PortInfo{"cells", "the cells, one by one"},
        {"hardware", "what was around them"}};
    if (drain_) out.push_back({"coolant", "drained coolant"});
    return out;
  }
  void bind(Binder& binder) override {
    figures_.bind(binder);
    const Components components(binder);
    battery_.bind(components, models_);
    spread_ = Distribution::normal(0, std::max(figures_[0], 1e-12));
    const PackPart around = into_ == Into::modules ? PackPart::pack : PackPart::module;
    coolant_ = components.mask([&](int c) { return drain_ && components.group(c) == "coolant"; });
    hardware_ =
        components.mask([&](int c) { return components.part(c) == around && !(drain_ && components.group(c) == "coolant"); });
    cell_kg_.clear();
    for (const std::string& chemistry : components.chemistries())
      cell_kg_.push_back(read_cell(components, chemistry, Bill::y2019).mass_kg);
    child_kind_ = binder.kind(into_ == Into::modules ? "module" : "cell");
    hardware_kind_ = binder.kind("hardware", true);
    coolant_kind_ = binder.kind("coolant", true);
  }
  void process(Job& job) const override {
    std::uint64_t draw = 0;
    for (int i = 0; i < job.inputs(); ++i) {
      Material rest = job.take(i);
      Material hardware = rest.extract(hardware_);
      Material coolant = rest.extract(coolant_);
      const int n = children(job, i, rest);
      const double capacity = job.attribute(i, battery_.capacity) / n, soh = job.attribute(i, battery_.soh);
      for (int k = 0; k < n; ++k) {
        const int child = job.make(child_kind_, 0, rest.extract(k + 1 == n ? 1.0 : 1.0 / (n - k)), i);
        job.set_output(child, battery_.modules, 1);
        job.set_output(child, battery_.capacity, capacity);
        job.set_output(child, battery_.soh, std::clamp(soh + job.sample(spread_, draw++), 0.0, 1.0));
      }
      emit(job, hardware_kind_, 1, std::move(hardware), i);
      emit(job, coolant_kind_, 2, std::move(coolant), i);
      job.end(i);
    }
  }

 private:
  int children(const Job& job, int i, const Material& battery) const {
    if (into_ == Into::modules) return std::max(1, static_cast<int>(std::lround(job.attribute(i, battery_.modules))));
    const auto chemistry = static_cast<std::size_t>(std::max(0.0, job.attribute(i, battery_.chemistry)));
    const double cell = chemistry < cell_kg_.size() ? cell_kg_[chemistry] : 0;
    return cell > 0 ? std::clamp(static_cast<int>(std::lround(battery.mass() / cell)), 1, 1000) : 1;
  }

  Figures figures_{
      "recipes/second_life",
      {{"soh_spread", dimension::none, Range::share(), "standard deviation of the state of health within a battery"}}};
  Into into_ = Into::modules;
  bool drain_ = false;
  std::string models_ = "packs/models_cn";
  Battery battery_;
  Distribution spread_;
  std::vector<double> hardware_, coolant_, cell_kg_;
  int child_kind_ = 0, hardware_kind_ = 0, coolant_kind_ = 0;
};

}  // namespace

Maker<UnitOperation> make_dismantle() {
  return {"Takes packs apart into modules and hardware, or modules into cells and hardware.", "{drain_coolant: true}",
          [] { return std::make_unique<Dismantle>(); }};
}

}  // namespace retwin

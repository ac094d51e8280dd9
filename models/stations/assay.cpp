// Weighs and analyses: what is known of a lot afterwards stands in its attributes, apart from what is true, and decides where it goes.
// Errors are relative and independent from figure to figure: one of the sample, one of the analysis. A bias is not looked for.
#include <algorithm>
#include <cmath>

#include "core/flow/matter/specification.hpp"
#include "core/registry.hpp"
#include "models/stations/figures.hpp"

namespace retwin {

namespace {

class Assay final : public UnitOperation {
  enum : std::size_t { weighing, sampling, analysis };
  enum : int { on_spec, off_spec };

 public:
  void fields(Fields& f) override {
    f.required().text("spec", document_, "document of the library with the limits, e.g. specs/black_mass_nmc");
    figures_.fields(f);
  }
  std::vector<PortInfo> ports() const override {
    return {{"on_spec", "lots that are held to meet the specification"}, {"off_spec", "lots that are held to fail it"}};
  }
  void bind(Binder& binder) override {
    figures_.bind(binder);
    const Substances& substances = binder.substances();
    if (substances.size() > 0) binder.component(substances.components.front());  // lots carry masses
    spec_ = read_specification(binder, document_);
    known_kg_ = binder.attribute("assay.kg", dimension::mass);
    for (const Limit& limit : spec_.limits) known_.push_back(binder.attribute("assay." + limit.word(), dimension::none));
  }
  void process(Job& job) const override {
    for (int i = 0; i < job.inputs(); ++i) {
      std::uint64_t n = static_cast<std::uint64_t>(i) * (1 + 2 * known_.size());
      const auto error = [&](std::size_t figure) { return figures_[figure] * standard_.sample(job.uniform(n++)); };
      job.set_attribute(i, known_kg_, std::max(0.0, job.mass(i) * (1 + error(weighing))));
      bool met = true;
      for (std::size_t k = 0; k < known_.size(); ++k) {
        const double sample = error(sampling), reading = error(analysis);
        const double truth = spec_.limits[k].share(job.masses(i));  // nan of nothing, which is read as 0
        const double share = std::clamp((std::isnan(truth) ? 0 : truth) * (1 + sample) * (1 + reading), 0.0, 1.0);
        job.set_attribute(i, known_[k], share);
        met = met && spec_.limits[k].admits(share);
      }
      job.pass(i, met ? on_spec : off_spec);
    }
  }

 private:
  Figures figures_{"recipes/assay",
                   {{"weighing", dimension::none, Range::share(), "relative standard deviation of the weighed mass"},
                    {"sampling", dimension::none, Range::share(), "relative standard deviation of a share in the sample"},
                    {"analysis", dimension::none, Range::share(), "relative standard deviation of its analysis"}}};
  std::string document_;
  Specification spec_;
  Distribution standard_ = Distribution::normal(0, 1);
  int known_kg_ = 0;
  std::vector<int> known_;
};

}  // namespace

Maker<UnitOperation> make_assay() {
  return {"Weighs and analyses lots with errors, and routes by what it finds against a specification.", "{spec: specs/black_mass_nmc}",
          [] { return std::make_unique<Assay>(); }};
}

}  // namespace retwin

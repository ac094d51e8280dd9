// Inspection, holding, refurbishing, final test: every lot goes on unchanged through a port drawn from declared shares.
#include "core/registry.hpp"
#include "models/stations/figures.hpp"

namespace retwin {

namespace {

class Grade final : public UnitOperation {
 public:
  explicit Grade(std::vector<NamedNumber> defaults) : grades_(std::move(defaults)) {}
  void fields(Fields& f) override { grades_.fields(f, "grades", "share of the lots by output port; sums to 100 %"); }
  std::vector<PortInfo> ports() const override { return grades_.ports("lots of this grade"); }
  void bind(Binder& binder) override { grades_.check(binder, "grades"); }
  void process(Job& job) const override {
    for (int i = 0; i < job.inputs(); ++i) job.pass(i, grades_.pick(job.uniform(static_cast<std::uint64_t>(i))));
  }

 private:
  Shares grades_;
};

Maker<UnitOperation> graded(const char* doc, const char* example, std::vector<NamedNumber> defaults) {
  return {doc, example, [defaults] { return std::make_unique<Grade>(defaults); }};
}

}  // namespace

Maker<UnitOperation> make_inspect() { return graded("Looks at a lot and lets it go on as it is.", "", {{"out", {}, 1}}); }

Maker<UnitOperation> make_hold() {
  return graded("Keeps a lot for a time (self-discharge storage, cooling); some may drift.", "{grades: {ok: 98 %, drift: 2 %}}",
                {{"out", {}, 1}});
}

Maker<UnitOperation> make_refurbish() {
  return graded("Replaces covers, seals and labels of a battery for its second life.", "", {{"out", {}, 1}});
}

Maker<UnitOperation> make_final_test() {
  return graded("Last electrical and safety test of a second-life battery.", "{grades: {ok: 97 %, rework: 2.4 %, scrap: 0.6 %}}",
                {{"ok", {}, 0.97}, {"rework", {}, 0.024}, {"scrap", {}, 0.006}});
}

}  // namespace retwin

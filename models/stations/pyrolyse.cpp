// Pyrolysis of fragments: solvents, binder, polymers and the fluorine of the electrolyte salt leave as gas; its lithium stays as LiF.
#include "core/registry.hpp"
#include "models/stations/figures.hpp"
#include "models/stations/partition.hpp"
#include "models/stations/streams.hpp"

namespace retwin {

namespace {

class Pyrolyse final : public UnitOperation {
 public:
  void fields(Fields& f) override { f.text("matrix", matrix_, "library document whose off-gas column says what leaves as gas"); }
  std::vector<PortInfo> ports() const override { return {{"char", "fragments without organics"}, {"gas", "pyrolysis gas"}}; }
  void bind(Binder& binder) override {
    const Components components(binder);
    partition_.bind(components, matrix_, sorting_streams());
    char_ = binder.kind("char", true);
    gas_ = binder.kind("gas", true);
  }
  void process(Job& job) const override {
    Material feed = take_all(job);
    partition_.react(job, feed);
    emit(job, gas_, 1, feed.extract(partition_.to(offgas_stream)));
    emit(job, char_, 0, std::move(feed));
  }

 private:
  std::string matrix_ = "partition/thermomech";
  Partition partition_;
  int char_ = 0, gas_ = 0;
};

}  // namespace

Maker<UnitOperation> make_pyrolyse() {
  return {
      "Drives solvents, binder and polymers out of fragments by heat; the shares are the off-gas column of a partition matrix.",
      "", [] { return std::make_unique<Pyrolyse>(); }};
}

}  // namespace retwin

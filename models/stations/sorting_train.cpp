// A whole sorting train (mill, sieves, magnet, air, density) as one partition matrix.
#include "core/registry.hpp"
#include "models/stations/figures.hpp"
#include "models/stations/partition.hpp"
#include "models/stations/streams.hpp"

namespace retwin {

namespace {

class SortingTrain final : public UnitOperation, public TaughtByFlows {
 public:
  void fields(Fields& f) override {
    f.text("matrix", matrix_, "library document with the partition matrix: partition/thermomech, partition/mechanical");
    partition_.rows(f, sorting_streams());
    f.flag("after_pyrolysis", after_pyrolysis_,
           "what the matrix counts as off-gas has already left: the other shares are scaled to 1");
    f.flag("residue_is_waste", waste_, "the residue is metered as hazardous_waste");
    f.quantity("off_spec", off_spec_, dimension::none, Range::share(), "share of the batches that must be sorted again");
  }
  std::vector<PortInfo> ports() const override {
    return {{"black_mass", "cathode and anode powder"},
            {"Cu", "copper concentrate"},
            {"Al", "aluminium concentrate"},
            {"steel", "steel", true},
            {"plastics", "plastics", true},
            {"residue", "residue"},
            {"offgas", "gas and vapour", true},
            {"off_spec", "to be sorted again", off_spec_ == 0}};
  }
  void bind(Binder& binder) override {
    const Components components(binder);
    partition_.bind(components, matrix_, sorting_streams());
    if (after_pyrolysis_) partition_.without(offgas_stream);
    const char* kinds[] = {"black_mass", "copper", "aluminium", "steel_scrap", "plastics", "residue", "gas"};
    kinds_.clear();
    for (const char* kind : kinds) kinds_.push_back(binder.kind(kind, true));
    again_ = binder.kind("char", true);
    if (waste_) waste_flow_ = binder.flow("hazardous_waste", dimension::mass);
  }
  Teachable teachable() const override { return partition_.teachable(); }
  void process(Job& job) const override {
    Material feed = take_all(job);
    if (job.uniform(0) < off_spec_) {
      emit(job, again_, static_cast<int>(kinds_.size()), std::move(feed));
      return;
    }
    partition_.react(job, feed);
    std::vector<Material> streams = partition_.split(job, std::move(feed));
    if (waste_) job.meter(waste_flow_, streams[residue_stream].mass());
    for (std::size_t s = 0; s < streams.size(); ++s) emit(job, kinds_[s], static_cast<int>(s), std::move(streams[s]));
  }

 private:
  std::string matrix_ = "partition/thermomech";
  bool after_pyrolysis_ = false, waste_ = true;
  double off_spec_ = 0;
  Partition partition_;
  std::vector<int> kinds_;
  int again_ = 0, waste_flow_ = 0;
};

}  // namespace

Maker<UnitOperation> make_sorting_train() {
  return {"Sorts fragments into black mass, copper, aluminium, steel, plastics, residue and off-gas by a partition matrix.",
          "{matrix: partition/thermomech, off_spec: 2 %}", [] { return std::make_unique<SortingTrain>(); }};
}

}  // namespace retwin

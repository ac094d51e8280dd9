// Cutting and sorting of pack hardware into metals, electronics and plastics.
#include "core/registry.hpp"
#include "models/stations/figures.hpp"
#include "models/stations/partition.hpp"

namespace retwin {

namespace {

const std::vector<std::string> streams = {"Al", "steel", "Cu", "electronics", "plastics", "residue"};

class CutSort final : public UnitOperation, public TaughtByFlows {
 public:
  void fields(Fields& f) override {
    f.text("matrix", matrix_, "library document with the partition matrix");
    partition_.rows(f, streams);
  }
  std::vector<PortInfo> ports() const override {
    return {{"Al", "aluminium scrap"},      {"steel", "steel scrap", true},
            {"Cu", "copper harness", true}, {"electronics", "BMS and electronics", true},
            {"plastics", "plastics", true}, {"residue", "anything else", true}};
  }
  void bind(Binder& binder) override {
    partition_.bind(Components(binder), matrix_, streams);
    const char* kinds[] = {"aluminium_scrap", "steel_scrap", "copper_scrap", "electronics_scrap", "plastics", "residue"};
    kinds_.clear();
    for (const char* kind : kinds) kinds_.push_back(binder.kind(kind, true));
  }
  Teachable teachable() const override { return partition_.teachable(); }
  void process(Job& job) const override {
    std::vector<Material> parts = partition_.split(job, take_all(job));
    for (std::size_t s = 0; s < parts.size(); ++s) emit(job, kinds_[s], static_cast<int>(s), std::move(parts[s]));
  }

 private:
  std::string matrix_ = "partition/hardware";
  Partition partition_;
  std::vector<int> kinds_;
};

}  // namespace

Maker<UnitOperation> make_cut_sort() {
  return {"Cuts and sorts pack hardware into aluminium, steel, copper, electronics and plastics.", "",
          [] { return std::make_unique<CutSort>(); }};
}

}  // namespace retwin

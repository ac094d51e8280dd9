// Counts by an observer which kinds of jobs the stations with setups begin.
#pragma once
#include <vector>

#include "core/flow/engine/observer.hpp"

namespace retwin {

class KindsSeen : public Observer {
 public:
  explicit KindsSeen(const Plant& plant) : plant_(plant), counts_(plant.stations.size()) {}
  void job_started(const JobRecord& job) override {
    const int by = plant_.stations[job.station].setup.by;
    if (by < 0) return;
    const auto slot = static_cast<std::size_t>(by);
    std::vector<double>& counts = counts_[job.station];
    counts.resize(plant_.attributes[slot].categories.size() + 1);
    const double kind = job.attributes_of(0)[slot] + 1;
    if (kind >= 0 && kind < static_cast<double>(counts.size())) ++counts[static_cast<std::size_t>(kind)];
  }
  /// Per station with setups: jobs of each kind, "unknown" first; empty where none has begun.
  const std::vector<std::vector<double>>& shares() const { return counts_; }

 private:
  const Plant& plant_;
  std::vector<std::vector<double>> counts_;
};

}  // namespace retwin

// A rate of water through a station, which may give the duration of its jobs.
#pragma once
#include <optional>

#include "core/flow/matter/unit_operation.hpp"
#include "models/materials/reaction.hpp"

namespace retwin {

class WaterRate {
 public:
  void fields(Fields& f, const char* doc) { f.quantity("rate", rate_, dimension::volume_rate, Range::positive(), doc); }
  bool given() const { return rate_.has_value(); }
  /// Water of all inputs over the rate; negative if there is none. @param H2O index of the component
  double duration_s(const Job& job, int H2O) const {
    if (!rate_) return -1;
    double kg = 0;
    for (int i = 0; i < job.inputs(); ++i) kg += job.masses(i).empty() ? 0 : job.masses(i)[static_cast<std::size_t>(H2O)];
    return kg / water_density / *rate_;
  }

 private:
  std::optional<double> rate_;  ///< [m3/s]
};

}  // namespace retwin

// Totals that sweeps carry: what uses of flows at stations add up to, in a few columns.
#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/flow/plant/plant.hpp"
#include "core/ledger/reporting.hpp"

namespace retwin {

inline constexpr std::size_t most_totals = 24;

/// Scope x stage: a stage is a group of stations, those for which there is no column left share the last one. What is avoided
/// elsewhere has columns of its own and is no part of the sum.
class Totals {
 public:
  Totals(const Plant& plant, const Reporting& reporting);
  /// Of one column: every use of the flow at any station counts as it is.
  static Totals of_flow(const Plant& plant, Index flow);

  std::size_t size() const { return names_.size(); }
  const std::vector<std::string>& names() const { return names_; }  ///< "scope1.intake"
  bool counts(std::size_t column) const { return counts_[column]; }
  int scope(std::size_t column) const { return static_cast<int>(column / stages_) < scopes_counted_ ? scopes_[column / stages_] : 0; }
  /// Adds a use of a flow [SI unit] to all columns that it counts in. @param station beyond all: of a group of no station
  void add(Index station, Index flow, double amount, double* columns) const {
    for (const auto& [scope, factor] : factors_[flow]) columns[scope * stages_ + stage_[station]] += factor * amount;
  }
  /// The place among stations of a group, for what belongs to no station.
  Index place_of_group(const std::string& group) const;
  double sum(std::span<const double> columns) const {
    double sum = 0;
    for (std::size_t c = 0; c < size(); ++c) sum += counts_[c] ? columns[c] : 0;
    return sum;
  }

 private:
  Totals() = default;
  std::vector<std::string> names_;
  std::vector<bool> counts_;
  std::size_t stages_ = 1;
  int scopes_counted_ = 0;
  std::vector<int> scopes_;
  std::vector<std::vector<std::pair<std::size_t, double>>> factors_;  ///< by flow: number of the scope, and per unit
  std::vector<std::size_t> stage_;        ///< by station, then by stage
  std::vector<std::string> stage_names_;
};

}  // namespace retwin

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

/// A flow that something uses: a station, a sink or a source (see Plant::sink_node) or, beyond all, an auxiliary load.
struct Activity {
  Index place = 0, flow = 0;
  double per_unit = 0;  ///< emissions, credits aside [kg CO2e per SI unit of the flow]
};

/// What is added up along the edges of a ledger.
enum class Measure { carbon, money };

class Totals {
 public:
  /// Scope x stage: a stage is a group of stations; those for which there is no column left share the last one. What is avoided
  /// elsewhere has columns of its own and is no part of the sum.
  /// Of money: for flows, people, lots that come and go; what is earned is no part of the sum. @param paid see EdgeSummary::paid
  Totals(const Plant& plant, const Reporting& reporting, Measure of = Measure::carbon, const std::vector<std::string>& paid = {});
  /// A column for each of these. @param paid how many
  Totals(const Plant& plant, const Reporting& reporting, std::span<const Activity> activities, std::size_t paid);
  static constexpr int bought = 1, people = 2, lots = 3;  ///< scopes of money
  std::size_t paid(const std::string& price) const;       ///< its place in EdgeSummary::paid
  /// Beyond sources.
  static Index place_of_auxiliary(const Plant& plant, Index auxiliary) { return plant.source_node(static_cast<Index>(plant.sources.size())) + auxiliary; }
  /// The stage that it counts in: the group of a station, of those that fill a sink if it is one, of a source or load as it is said; "": none.
  static std::string stage_of(const Plant& plant, const Reporting& reporting, Index place);
  static std::string name_of(const Plant& plant, const Reporting& reporting, Index place);
  /// All that emits: in the order of places and flows.
  static std::vector<Activity> activities(const Plant& plant, const Reporting& reporting);

  std::size_t size() const { return names_.size(); }
  const std::vector<std::string>& names() const { return names_; }  ///< "scope1.intake", "press.electricity"
  int scope(std::size_t column) const { return scopes_[column]; }   ///< 0: it is no part of the sum
  /// Adds a use of a flow [SI unit] to all columns that it counts in.
  void add(Index place, Index flow, double amount, double* columns) const {
    for (const auto& [column, factor] : uses_[place * flows_ + flow]) columns[column] += factor * amount;
  }
  double sum(std::span<const double> columns) const {
    double sum = 0;
    for (std::size_t c = 0; c < size(); ++c) sum += scopes_[c] > 0 ? columns[c] : 0;
    return sum;
  }

 private:
  void of_emissions(const Plant& plant, const Reporting& reporting);
  void of_money(const Plant& plant, const Reporting& reporting);
  std::size_t flows_ = 0;  ///< those of the plant, and what is paid for lots and people
  std::vector<std::string> paid_;
  std::vector<std::string> names_;
  std::vector<int> scopes_;
  std::vector<std::vector<std::pair<std::size_t, double>>> uses_;  ///< place x flow: column, and per unit
};

}  // namespace retwin

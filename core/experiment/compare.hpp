// Variants against a base: what differs in the scenarios, and what that does to the figures.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/experiment/document_changes.hpp"
#include "core/experiment/gate.hpp"
#include "core/experiment/headlines.hpp"
#include "core/experiment/paired_runs.hpp"

namespace retwin {

/// One figure of a variant beside that of the base.
struct FigureChange {
  Kpi kpi;                 ///< path, unit, doc
  bool headline = false;   ///< tested together with the other headline figures
  Interval base, variant;  ///< [unit]
  Interval difference;     ///< variant less base, paired [unit]
  Interval relative;       ///< as a share of the base [1]; NaN where that is 0
  double p_value = 1;      ///< two-sided, of no difference; of this figure alone
  double p_adjusted = 1;   ///< of headline figures: Holm's, over those of all variants; else NaN
  double reduction = 1;    ///< see variance_reduction
  /// Whether a difference is shown: Holm's where it is a headline figure, else that of the figure alone.
  bool shown(double alpha) const;
};

/// A reduction that a variant claims against the base, see Claim.
struct ClaimedReduction {
  std::string name, unit, additionality;
  double leakage = 0;
  Interval per_tonne;  ///< emissions of the base less those of the variant, paired [kg CO2e/t]
  Interval volume;     ///< over the variant's mass, less leakage [t CO2e/a]
  bool estimate = false;  ///< by its leakage, or figures that are one
};

struct VariantComparison {
  std::string label, file;
  bool identical = false;  ///< all replications came to the same
  std::size_t replications = 0;
  std::vector<DocumentChange> changes;
  std::vector<FigureChange> figures;   ///< headline first, in their order; then the rest as the base has them
  std::vector<std::string> sentences;  ///< one per headline figure
  std::vector<Judged> gate;
  std::vector<ClaimedReduction> claims;
};

struct Comparison {
  std::string label, file;  ///< of the base
  std::string objective;
  std::uint64_t seed = 0;
  double begin_s = 0, end_s = 0;  ///< the window
  bool found_warmup = false;      ///< by `warmup: auto`
  double level = 0.95;            ///< of the intervals; 1 - level is the error of Holm's tests
  std::vector<VariantComparison> variants;
  bool passed() const;  ///< every condition of the gate, by every variant
};

struct CompareOptions {
  std::size_t replications = 0;      ///< 0: as the base says, at least gate_first; with a gate: the count of its last look, 0: gate_most
  std::vector<std::string> fail_if;  ///< conditions of the gate, see condition_of
};

/// Refuses a base whose objective is 0 in all its replications. @throws InputError (range)
void check_produced(const FigureRows& figures, const Contender& base);

/// How many replications there can be at most.
std::size_t most_replications(const CompareOptions& options, const Scenario& base);

/// Runs as many replications as are asked for, or, with `replications: auto` of the base, as many (at least gate_first, then by half more)
/// until the change of the objective of every variant is known to its `precision`, or, with a gate, as it takes to decide; then compares each variant with the first contender.
/// @throws InputError also if the objective is never produced by the base @throws RunError
Comparison compare(PairedRuns& runs, const CompareOptions& options);

}  // namespace retwin

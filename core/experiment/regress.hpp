// Regressions: scenarios as they are now against their kept figures, each figure within a margin.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "core/experiment/baseline.hpp"
#include "core/experiment/document_changes.hpp"
#include "core/experiment/gate.hpp"

namespace retwin {

/// How much worse a figure may be.
struct Margin {
  std::string path;  ///< of the figure, or "products"
  double share = 0.01;
};
constexpr double default_margin = 0.01;
/// "plant.cycle_time=5 %" @throws InputError (syntax, range)
Margin margin_of(const std::string& text);

struct RegressOptions {
  std::string folder;                 ///< of the kept figures
  std::vector<Margin> margins;        ///< beside guarded_figures at default_margin
  std::optional<std::uint64_t> seed;  ///< default: that of the scenario
  std::size_t replications = 0;       ///< 0: kept are kept_by_default; judged are as many as it takes, at most gate_most
  LocalOptions how;
};
constexpr std::size_t kept_by_default = 20;

/// What became of one scenario.
struct Regressed {
  std::string scenario, baseline;       ///< files
  std::string against;                  ///< what it was judged against, in words
  std::string kept_by;                  ///< version of retwin
  std::vector<DocumentChange> changes;  ///< since the figures were kept
  std::vector<Judged> judged;
  bool ok() const;
  bool identical() const;
};

/// Judges a scenario: with the seed of its kept figures against these, replication by replication; with another seed against the kept
/// scenario, run again. With more replications than are kept the latter is done for the rest, if the program still gives the kept figures.
/// @throws InputError (conflict: the figures of another plant or window; missing: a figure that was not kept) @throws RunError
Regressed regress(const Contender& now, const RegressOptions& options, const Registry& registry);

/// Runs a scenario for the figures to keep; nothing is written. @throws InputError (conflict: what is there belongs to another plant)
Baseline figures_to_keep(const Contender& now, const RegressOptions& options);

/// Refuses margins of figures that none of the scenarios has, and scenarios whose kept figures would be in one file. @throws InputError
void check_regress(const std::vector<Contender>& all, const RegressOptions& options);

}  // namespace retwin

// What is recorded of scenarios that are compared, so that a page plays their first replications beside each other.
#pragma once
#include <memory>
#include <vector>

#include "core/experiment/paired_runs.hpp"
#include "core/ledger/moves.hpp"
#include "core/report/page/page.hpp"

namespace retwin {

/// Listens to the first replication of each contender; they have the same luck. It stays where it is, as the runs do, while replications go on.
class ComparedReplays {
 public:
  /// @param runs none made yet @param replay_s how much is played, from the end of the warm-up on
  ComparedReplays(PairedRuns& runs, double replay_s);
  const Scenario& base() const { return *runs_.contenders().front().scenario; }
  /// Adds the part "replays": a page for each contender, with its plant, means of its stations, map and moves; of one that is run in
  /// the place of another only its title and the number of that one. Once: it listens no longer.
  void add_to(Page& page);

 private:
  /// Of all contenders together: as much as two pages hold.
  static constexpr std::uint64_t most_records = 2 * MovesCollector::most_records;
  PairedRuns& runs_;
  std::vector<std::unique_ptr<MovesCollector>> moves_;  ///< null: in the place of another
};

}  // namespace retwin

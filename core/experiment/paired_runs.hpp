// Scenarios that are compared: run with the same luck, replication by replication, as far as somebody wants to know.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/base/node.hpp"
#include "core/experiment/executor.hpp"
#include "core/experiment/figures.hpp"
#include "core/stats/paired.hpp"

namespace retwin {

/// One of the scenarios.
struct Contender {
  std::string label;  ///< what it is called: `label:`, else its file, else what was set
  std::shared_ptr<const Scenario> scenario;
  Node document;  ///< resolved, with what was set
  Task origin;    ///< file, overrides, libraries
};

/// Reads one. @param libraries folders given for library documents @param set text of what makes it a variant of a file, empty for the file
/// @throws InputError
Contender read_contender(const std::string& path, const std::vector<Override>& overrides, const std::vector<std::string>& libraries,
                         const Registry& registry, const std::string& set = {});

/// Gives those that are called the same other names: their files, then numbers.
void tell_apart(std::vector<Contender>& all);

/// Replications of contenders, made when they are first wanted. The first contender is the base: one seed for all, so that replication
/// r of each has the same luck, stream by stream. A scenario that occurs twice is run once. Where warm-ups are to be found, the longest
/// of them is that of all these.
class PairedRuns {
 public:
  /// @param seed of all @param most replications there can ever be @param how jobs, progress, poll
  /// @throws InputError (window) if the contenders do not measure over the same time; RunError where a warm-up is to be found
  PairedRuns(std::vector<Contender> contenders, std::uint64_t seed, std::size_t most, LocalOptions how);

  const std::vector<Contender>& contenders() const { return contenders_; }
  bool found_warmup() const { return found_warmup_; }
  const std::vector<Problem>& warnings() const { return warnings_; }  ///< about what was found
  std::uint64_t seed() const { return seed_; }
  /// Sees to it that contenders have so many replications. @throws RunError of the first that failed, with its label and number
  void reach(const std::vector<std::size_t>& contenders, std::size_t replications);
  /// How many a contender has.
  std::size_t replications(std::size_t contender) const { return made(contender).count; }
  /// The first contender of the same scenario: whoever is run in its place.
  std::size_t same_as(std::size_t contender) const { return same_as_.at(contender); }
  /// Who listens to replications that are still to be made; may give null. Called from the thread of the replication.
  using Listener = std::function<std::unique_ptr<Observer>(std::size_t contender, std::int64_t replication)>;
  void listen(Listener listener) { listener_ = std::move(listener); }
  const FigureRows& figures(std::size_t contender) const { return made(contender).figures; }
  const std::string& digest(std::size_t contender, std::size_t replication) const { return made(contender).digests.at(replication); }
  std::vector<Task> tasks(std::size_t contender, std::size_t replications) const;
  /// Whether the first replications of two came to the same, figure by figure.
  bool identical(std::size_t a, std::size_t b, std::size_t replications) const;

 private:
  struct Made {
    FigureRows figures;
    std::vector<std::string> digests;
    std::size_t count = 0;
  };
  const Made& made(std::size_t contender) const { return made_.at(same_as_.at(contender)); }
  void find_warmups();
  void run(const std::vector<Task>& tasks, const std::vector<std::size_t>& of);

  std::vector<Contender> contenders_;
  std::uint64_t seed_;
  LocalOptions how_;
  Listener listener_;
  bool found_warmup_ = false;
  std::vector<Problem> warnings_;
  std::vector<std::size_t> same_as_;  ///< per contender: the first one of the same scenario
  std::vector<Made> made_;
};

/// Sums of a figure over the first replications of two, empty if one of them does not have it. Values that differ by rounding only
/// (1e-12) are the same.
PairedSums paired_sums(const FigureRows& base, const FigureRows& variant, const std::string& path, std::size_t replications);
/// Likewise, of a figure as both have it.
PairedSums paired_sums(const FigureRows::Path& base, const FigureRows::Path& variant, std::size_t replications);

}  // namespace retwin

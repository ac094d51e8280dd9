// Competing systems, what is observed of them, and what a procedure that selects one of them says.
#pragma once
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>
#include <vector>

namespace retwin {

/// Observations of competing systems. Replication r of each may have the same luck (common random numbers).
class Contest {
 public:
  virtual ~Contest() = default;
  virtual std::size_t systems() const = 0;
  /// Sees to it that each system has at least so many replications, by number of the system; 0 asks nothing of one. One batch: may run in
  /// parallel.
  virtual void reach(const std::vector<std::size_t>& replications) = 0;
  /// Of a replication that was reached. What is not finite takes the system out of the contest.
  virtual double value(std::size_t system, std::size_t replication) const = 0;
};

enum class Standing : std::uint8_t {
  best,    ///< the one selected
  open,    ///< neither selected nor beaten
  beaten,  ///< by `other`
  same,    ///< gave the very values of `other` in all replications of the first stage: judged as one with it
  failed,  ///< has a value that is not finite, in its last replication
  unseen   ///< has less than two replications, where nothing was asked of it
};

/// What became of one system.
struct Entrant {
  Standing standing = Standing::open;
  std::size_t other = 0;
  std::size_t replications = 0;                                                                           ///< it was judged by
  double mean = std::numeric_limits<double>::quiet_NaN(), sd = std::numeric_limits<double>::quiet_NaN();  ///< of these
};

/// Why a procedure ended.
enum class Ending : std::uint8_t {
  one_left,   ///< all others are beaten, the same or failed
  sampled,    ///< each has the replications that the guarantee needs
  tie,        ///< those left have the same mean after the replications that the guarantee needs
  confident,  ///< the stated chance is as large as was asked for
  exhausted,  ///< no more replications were allowed
  nobody      ///< no system can be observed
};
std::string_view ending_text(Ending ending);

struct Selected {
  std::optional<std::size_t> best;  ///< nothing if no system can be observed
  Ending ending = Ending::nobody;
  bool decided = false;  ///< with the confidence that was asked for
  /// That the selected one is the best: the confidence, where the procedure guarantees it, else the stated chance (chances_of_best).
  double chance = std::numeric_limits<double>::quiet_NaN();
  std::size_t needed = 0;        ///< replications of a system until the decision: that it took, else at most; 0 if not known
  std::size_t observations = 0;  ///< that were made, of all systems
  std::vector<Entrant> entrants;
};

/// A system by its first n replications: open, or failed at the first value that is not finite.
Entrant observed(const Contest& contest, std::size_t system, std::size_t n);

/// The first stage of a procedure: so many replications of each system; those that failed or are the same as an earlier one are out.
class Opening {
 public:
  Opening(Contest& contest, std::size_t first);
  const std::vector<std::size_t>& open() const { return open_; }
  Selected selected;

 private:
  std::vector<std::size_t> open_;
};

}  // namespace retwin

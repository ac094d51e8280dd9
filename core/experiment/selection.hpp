// Selection: which of all reliefs are enough together, found with few replications.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/experiment/trials.hpp"

namespace retwin {

/// Searches among the candidates of a plant for a set that keeps `enough` of what all of them gain together, and that none can be left out of.
class Selection {
 public:
  static constexpr double enough = 0.95;  ///< of the gain of all
  /// @param scores how loaded each candidate is @param n replications that select, two or more, from the first of their block; has run `all` in them
  Selection(Trials& trials, const std::vector<Candidate>& candidates, std::vector<double> scores, std::int64_t n);
  /// The set, by number of the candidate, most loaded first. @param few replications that show whether a smaller one is enough
  std::vector<std::size_t> run(std::int64_t few);
  int tests() const { return tests_; }
  std::int64_t replications() const { return n_; }

 private:
  struct Lacking {
    double mean, error;
  };
  Lacking lacking_of(std::size_t some, std::int64_t n) const;
  std::size_t variant(const std::vector<std::size_t>& which);
  bool keeps(const std::vector<std::size_t>& kept);
  bool hardly_missed(const std::vector<std::size_t>& rest);
  void shorten(const std::vector<std::size_t>& order);
  void drop(std::vector<std::size_t> group, bool needed);
  std::vector<std::size_t> doubtful();

  Trials& trials_;
  const std::vector<Candidate>& candidates_;
  std::vector<double> scores_;
  std::size_t all_ = 0;
  std::int64_t n_;
  int tests_ = 0;
  std::vector<std::size_t> kept_;
};

}  // namespace retwin

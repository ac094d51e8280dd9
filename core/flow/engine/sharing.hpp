// How users share what has a capacity by time: max-min fair, with weights, bounds and priorities, over several utilities at once.
#pragma once
#include <cstddef>
#include <span>
#include <vector>

#include "core/flow/plant/plant.hpp"

namespace retwin {

/// What a user takes of a utility, for each unit of its own rate.
struct Take {
  Index utility = 0;  ///< its number among the capacities
  double per_rate = 0;
};

/// Somebody who wants as high a rate as he is given.
struct Sharer {
  double bound = 0;   ///< highest rate; infinite only where he takes of something
  double share = 1;   ///< his rate at a common level of 1, see fair_share()
  int priority = 0;   ///< the larger is served first, and the others of what is left
  std::span<const Take> takes;
};

/// The rate of a user at a common level of 1: so much that he takes the share `weight` of the capacity of that utility of which he needs the largest
/// part (his dominant share: Ghodsi, Zaharia, Hindman, Konwinski, Shenker & Stoica, Dominant resource fairness, NSDI 2011; of a single utility
/// plainly the max-min fair amount). @param capacities as designed, so that an outage changes nothing in who is due how much
double fair_share(double weight, std::span<const Take> takes, std::span<const double> capacities);

/// Water filling: the level rises for all users of a priority together; who reaches his bound stays there, and so does everybody who takes of a utility
/// that is full (Bertsekas & Gallager, Data Networks, 1992, section 6.5.2). n log n for n users, and once their takes for each utility that is full.
class Sharing {
 public:
  /// Rates of the users, in their order. @param capacities what there is to share now
  const std::vector<double>& operator()(std::span<const double> capacities, std::span<const Sharer> users);

 private:
  void fill(std::vector<std::size_t>& users);
  void fix(std::size_t user, double rate);
  double level() const;

  std::span<const Sharer> users_;
  std::vector<double> left_, load_;  ///< by utility: what is left of it, and what is taken of it at a level of 1 by those who can still rise
  std::vector<std::size_t> rising_;  ///< by utility: how many they are
  std::vector<double> rates_;
  std::vector<std::size_t> order_, rest_;
  std::vector<char> fixed_;
};

}  // namespace retwin

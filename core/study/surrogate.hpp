// A Gaussian process through what was found at a few points: what the response would be elsewhere, and where to look next.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "core/study/designs.hpp"
#include "core/study/effects.hpp"

namespace retwin {

/// What a Gaussian process says about the response at a point, without the noise of finding it.
struct Predicted {
  double mean = 0;
  double variance = 0;
};

/// What the likelihood is highest for.
struct Hyperparameters {
  std::vector<double> lengths;  ///< of each dimension, in unit cubes; a long one: the decision does not matter
  double mean = 0;              ///< of the process
  double variance = 0;          ///< of the process
  double nugget = 0;            ///< variance of noise beyond what the responses tell of
  double log_likelihood = 0;
};

struct SurrogateOptions {
  bool nugget = false;     ///< estimate noise beyond that of the responses, equal everywhere
  int starts = 6;          ///< of the search for the hyperparameters
  std::uint64_t seed = 1;  ///< of its starts
};

/// Moves a point of the unit cube, in place, to the nearest that a plant can have: whole numbers, choices.
using Snap = std::function<void(std::span<double> point)>;

class Surrogate;
/// What must be above 0 where a point is to be had.
using Conditions = std::vector<Surrogate>;

/// The chance that all of them hold at a point.
double chance_to_hold(const Conditions& conditions, std::span<const double> x);

/// Where to look next.
struct Proposal {
  std::vector<double> at;
  double improvement = 0;  ///< expected there; 0 where less than a double can say
};

/// Gaussian process in the unit cube: a constant mean, a Matern kernel of smoothness 5/2 with a length for each dimension, noise of
/// known variance at each point (Rasmussen & Williams, Gaussian Processes for Machine Learning, 2006, (2.25), (2.26), (4.17); the
/// mean by generalised least squares, its error counted, (2.42)). Hyperparameters of the highest likelihood (5.8), (5.9), found by a
/// quasi-Newton search from several starts: on at most 100 of the points, the best of these then on all.
/// Of n points: n^3 once for each step of the search, n^2 for each prediction; good up to about a thousand.
class Surrogate {
 public:
  /// @param points one or more, distinct or not @param responses finite; without errors they are taken for exact
  Surrogate(Points points, const Responses& responses, const SurrogateOptions& options = {});
  Predicted predict(std::span<const double> x) const;
  const Hyperparameters& hyperparameters() const;
  /// What the others say about each point, by the same hyperparameters, its own noise in the variance (Dubrule, Mathematical Geology
  /// 15, 1983): a response further off than a few deviations does not belong to the model. NaN of a single point.
  std::vector<Predicted> left_out() const;
  /// The point with the lowest prediction among those it was made from: what to recommend, when responses are noisy.
  std::size_t best() const;

  /// Where so many draws of the whole response are lowest among the candidates, each another one, after the one whose prediction is lowest.
  /// With conditions, drawn likewise, among those that keep them all; where none does, where the worst of them, in its own deviations, is best.
  /// @return positions of the candidates, at most as many as there are
  std::vector<std::size_t> draw_lowest(const Points& candidates, std::size_t draws, std::uint64_t seed, const Conditions& conditions = {}) const;

  /// By how much the response at x is expected to be below `best`, where it is (Jones, Schonlau & Welch, J. Global Optimization 13, 1998).
  double expected_improvement(std::span<const double> x, double best) const;
  /// The point where the lowest response is expected to fall by most, below the lowest prediction of the points so far (with noise
  /// the lowest response would be one that was lucky; Picheny, Wagner & Ginsbourger, Structural and Multidisciplinary Optimization
  /// 48, 2013). With noise the improvement is worth the share 1 - tau / sqrt(s^2 + tau^2) of it, where s^2 is the variance of the
  /// prediction and tau^2 that of the noise, on average of the points (augmented expected improvement: Huang, Allen, Notz & Zeng,
  /// J. Global Optimization 34, 2006): what is known well is not asked for again and again.
  /// The best of scrambled points of Sobol and of steps around the best point, then searched along the axes from the best few. With
  /// noise it may be a point that is known: then more replications of it are what helps most.
  /// Where noise matters, a third of all points should be a design, or the search settles too early (measured in surrogate_test.cpp).
  /// With conditions the improvement is worth the chance that all of them hold (Schonlau, Welch & Jones, in: New Developments and
  /// Applications in Experimental Design, IMS Lecture Notes 34, 1998), and that below which it counts is of points that are expected to keep them;
  /// where there is none yet, that chance alone is wanted.
  /// @param seed of the points: another one for each proposal @param candidates how many
  Proposal propose(std::uint64_t seed, const Snap& snap = {}, const Conditions& conditions = {}, std::size_t candidates = 1024) const;

 private:
  struct Fitted;
  /// The point with the lowest prediction among those that are expected to keep the conditions.
  std::optional<std::size_t> best_of(const Conditions& conditions) const;
  std::shared_ptr<const Fitted> fitted_;
};

}  // namespace retwin

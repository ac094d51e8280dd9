// What studies say: every point with its intervals, what matters, which point is best, which are worth looking at.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/stats/intervals.hpp"
#include "core/study/contest.hpp"
#include "core/study/effects.hpp"
#include "core/study/runs.hpp"

namespace retwin {

/// A point with what is known of it.
struct PointAnswer {
  Point point;
  std::int64_t first = 0;             ///< number of the first of its replications
  std::size_t replications = 0;
  std::string error;                  ///< why it cannot be run
  std::vector<Interval> responses;    ///< in the order of the study, in their units
  std::vector<bool> constraints;      ///< whether they hold, by the means
  bool feasible() const;
};
/// By its replications from `first` on.
PointAnswer answer_of(const StudyRuns& runs, const Point& point, std::int64_t first = 0, double level = 0.95);

/// A decision at one of its values, or in one part of its range.
struct LevelAnswer {
  std::size_t decision = 0, response = 0;
  std::string level;
  LevelEffect effect;
};

struct SweepAnswer {
  std::vector<PointAnswer> points;
  std::vector<LevelAnswer> effects;      ///< none where a single value stands at each decision
  std::vector<SobolIndices> indices;     ///< per response, of `points: {indices: ...}`
};

/// The part of a study that one of several processes does: replications whose number in the list is `index` (from 0) modulo `of`.
struct Shard {
  std::int64_t index = 0, of = 1;
};
/// Runs the replications of a shard, all of them by default. @throws InputError (range)
void run_sweep(StudyRuns& runs, const std::vector<Point>& points, const Shard& shard = {});
/// From what is on file.
SweepAnswer sweep_of(const StudyRuns& runs, const std::vector<Point>& points);

struct PointSelection {
  std::vector<PointAnswer> points;
  Selected selected;  ///< its entrants in the order of `points`
};
/// What is to be told where an objective has no value anywhere.
std::string why_without_value(const std::vector<PointAnswer>& points);
/// Finds the best of the points by the first objective, among those that keep the constraints. @throws InputError (missing, range)
PointSelection select_best(StudyRuns& runs, const std::vector<Point>& points, int jobs);

/// How an optimisation went, step by step.
struct Step {
  std::string phase;
  std::int64_t spent = 0;  ///< replications so far
  std::string point;
  double objective = 0;    ///< of the best so far
};

struct Optimum {
  std::vector<PointAnswer> front;  ///< the best point; of several objectives those that none beats in all of them
  std::int64_t spent = 0;          ///< replications
  std::int64_t points = 0;
  double chance = 0;               ///< of one objective: that the best is the best of those that were left at the end; NaN where none of them kept the
                                   ///< conditions, and the best lies further inside
  std::vector<Step> steps;
  std::vector<PointAnswer> rivals; ///< those that were left at the end, best first
};
/// @param progress told the share of the budget that is spent
Optimum optimise(StudyRuns& runs, const std::function<void(double)>& progress = {});

}  // namespace retwin

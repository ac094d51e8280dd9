// Sweeps: all points with the same luck, and what that says about the decisions.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/base/constants.hpp"
#include "core/study/answers.hpp"

namespace retwin {
namespace {

constexpr std::size_t parts_of_range = 4, most_levels = 50;

/// Levels of a decision in the table of effects: its values, or parts of its range.
std::size_t levels_of(const Study& study, const Decision& decision) {
  if (decision.kind == Decision::Kind::whole) return std::min(decision.count(), most_levels);
  if (decision.count() != 0) return decision.count();
  return study.points.factorial > 0 ? static_cast<std::size_t>(study.points.factorial) : parts_of_range;
}

std::string level_name(const Study& study, const Decision& decision, std::size_t level, std::size_t levels) {
  if (decision.count() == levels) return decision.text(decision.at(middle_of(level, levels)));
  const auto n = static_cast<double>(levels);
  if (study.points.factorial > 0 && decision.count() == 0) return decision.text(decision.low + (decision.high - decision.low) * static_cast<double>(level) / (n - 1));
  if (decision.kind == Decision::Kind::whole) {  // those whose middle lies in this part
    const auto all = static_cast<double>(decision.count()), from = static_cast<double>(level) / n, to = static_cast<double>(level + 1) / n;
    return decision.text(decision.low + std::ceil(from * all - 0.5)) + " to " + decision.text(decision.low + std::ceil(to * all - 0.5) - 1);
  }
  const double width = (decision.high - decision.low) / n, low = decision.low + width * static_cast<double>(level);
  return decision.text(low) + " to " + decision.text(low + width);
}

}  // namespace

bool PointAnswer::feasible() const {
  return error.empty() && std::all_of(constraints.begin(), constraints.end(), [](bool holds) { return holds; });
}

PointAnswer answer_of(const StudyRuns& runs, const Point& point, std::int64_t first, double level) {
  PointAnswer made;
  made.point = point;
  made.first = first;
  made.error = runs.error(point);
  const auto rows = runs.figures(point, first);
  made.replications = rows.size();
  const Study& study = runs.study();
  for (const Response& response : study.responses) {
    if (rows.empty()) {
      made.responses.push_back({nan, nan, level, 0});
      continue;
    }
    const PointEstimate found = estimate(study, response, point, rows);
    Interval interval = student_interval(found.each, level);
    interval.mean = found.mean;
    made.responses.push_back(interval);
  }
  for (const Response& constraint : study.constraints) made.constraints.push_back(!rows.empty() && estimate(study, constraint, point, rows).mean != 0);
  return made;
}

void run_sweep(StudyRuns& runs, const std::vector<Point>& points, const Shard& shard) {
  std::vector<Wanted> wanted;
  const std::int64_t n = runs.study().replications;
  for (std::size_t k = 0; k < points.size(); ++k) {
    if (shard.of == 1) {
      wanted.push_back({points[k], n, 0});
      continue;
    }
    for (std::int64_t r = 0; r < n; ++r)
      if ((static_cast<std::int64_t>(k) * n + r) % shard.of == shard.index) wanted.push_back({points[k], 1, r});
  }
  runs.reach(wanted);
}

SweepAnswer sweep_of(const StudyRuns& runs, const std::vector<Point>& points) {
  const Study& study = runs.study();
  SweepAnswer made;
  for (const Point& point : points) made.points.push_back(answer_of(runs, point));
  const bool all_known = std::all_of(made.points.begin(), made.points.end(), [&](const PointAnswer& p) {
    return p.error.empty() && p.replications == static_cast<std::size_t>(study.replications);
  });
  if (!all_known) return made;
  Points cube{study.space.size(), {}};
  for (const Point& point : points) cube.add(study.space.coordinates(point));
  std::vector<std::size_t> levels;
  for (const Decision& decision : study.space.decisions) levels.push_back(levels_of(study, decision));
  for (std::size_t r = 0; r < study.responses.size(); ++r) {
    std::vector<std::vector<double>> by_point;
    for (const Point& point : points) by_point.push_back(runs.estimate(point, study.responses[r]).each);
    const Responses responses = responses_of(by_point);
    if (study.points.indices > 0) made.indices.push_back(sobol_indices(study.space.size(), responses));
    for (const LevelEffect& effect : main_effects(cube, levels, responses))
      made.effects.push_back({effect.decision, r, level_name(study, study.space.decisions[effect.decision], effect.level, levels[effect.decision]), effect});
  }
  return made;
}

}  // namespace retwin

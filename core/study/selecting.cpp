// The best of the points of a study.
#include <algorithm>
#include <cmath>

#include "core/base/constants.hpp"
#include "core/study/allocation.hpp"
#include "core/study/answers.hpp"
#include "core/study/point_contest.hpp"
#include "core/study/ranking.hpp"

namespace retwin {

PointContest::PointContest(StudyRuns& runs, std::vector<Point> points, std::int64_t first, std::function<void(std::int64_t)> spent)
    : runs_(runs), points_(std::move(points)), first_(first), spent_(std::move(spent)), reached_(points_.size(), 0) {}

void PointContest::reach(const std::vector<std::size_t>& replications) {
  std::vector<Wanted> wanted;
  std::int64_t more = 0;
  for (std::size_t k = 0; k < points_.size(); ++k) {
    const auto n = static_cast<std::int64_t>(replications.at(k));
    if (n <= reached_[k]) continue;
    wanted.push_back({points_[k], n - reached_[k], first_ + reached_[k]});
    more += n - reached_[k];
    reached_[k] = n;
  }
  runs_.reach(wanted);
  if (spent_) spent_(more);
}

double PointContest::value(std::size_t system, std::size_t replication) const {
  const Study& study = runs_.study();
  const auto r = first_ + static_cast<std::int64_t>(replication);
  return runs_.value(points_[system], study.responses[study.objectives.front().response], r);
}

std::string why_without_value(const std::vector<PointAnswer>& points) {
  for (const PointAnswer& answer : points)
    if (!answer.error.empty()) return answer.error;
  return "nothing of it is observed in the time of a run: make that longer, or ask for another figure";
}

PointSelection select_best(StudyRuns& runs, const std::vector<Point>& points, int jobs) {
  const Study& study = runs.study();
  Place place;
  place.file = study.path;
  if (study.objectives.size() != 1) refuse(Code::missing, place, "select needs one objective", "write maximise: or minimise: with a figure or an expression");
  if (study.select.procedure == 0 && !(study.indifference > 0))
    refuse(Code::missing, place, "select: indifference is missing", "say which difference does not matter, e.g. select: {indifference: 0.1 kg/h}");
  PointContest contest(runs, points, 0);
  const auto first = static_cast<std::size_t>(study.select.first);
  const auto budget = static_cast<std::size_t>(study.select.budget);
  if (budget < first * points.size())
    refuse(Code::range, place, "the budget is less than the first replications of all points", "give select: {budget: ...} more, or fewer points");
  PointSelection made;
  if (study.select.procedure == 0) {
    RankingOptions options;
    options.confidence = study.select.confidence;
    options.indifference = study.indifference;
    options.first = first;
    options.most = budget / points.size();
    options.maximise = study.objectives.front().maximise;
    options.at_once = static_cast<std::size_t>(4 * std::max(1, jobs));
    made.selected = select_sequentially(contest, options);
  } else {
    AllocationOptions options;
    options.budget = budget;
    options.first = first;
    options.increment = std::max<std::size_t>(20, budget / 100);
    options.confidence = study.select.confidence;
    options.all = true;
    options.maximise = study.objectives.front().maximise;
    options.seed = study.seed;
    made.selected = select_with_budget(contest, options);
  }
  for (const Point& point : points) made.points.push_back(answer_of(runs, point));
  if (!made.selected.best) refuse(Code::range, place, "the objective has no value at any of the points", why_without_value(made.points));
  return made;
}

}  // namespace retwin

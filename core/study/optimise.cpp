// Optimisation: a search over all points, one nearby, and a selection among the last with fresh luck.
#include <algorithm>
#include <cmath>

#include "core/study/allocation.hpp"
#include "core/study/point_contest.hpp"
#include "core/study/search.hpp"

namespace retwin {
namespace {

constexpr std::int64_t fresh = 1'000'000;        ///< number of the first replication that has chosen nothing
constexpr std::size_t most_rivals = 24, most_front = 40;
constexpr std::int64_t cheap_points = 150;       ///< a budget for fewer points than so many goes to a surrogate

bool by_surrogate(const Study& study) {
  if (study.objectives.size() > 1) return false;
  if (study.optimise.method != 0) return study.optimise.method == 2;
  return study.optimise.budget / std::max<std::int64_t>(1, study.optimise.first) < cheap_points;
}

/// Points that may be the best: by what is known of them, not worse than the first beyond doubt.
std::vector<Point> rivals(const Search& search) {
  std::vector<Point> all;
  const auto ranked = search.ranked();
  for (const Search::Seen* one : ranked) {
    if (all.size() == most_rivals || (!all.empty() && !one->feasible)) break;
    const double doubt = 3 * std::sqrt(one->error * one->error + ranked.front()->error * ranked.front()->error);
    if (!all.empty() && std::isfinite(doubt) && one->losses.front() - ranked.front()->losses.front() > doubt) continue;
    all.push_back(one->point);
  }
  return all;
}

void select_among(Search& search, Optimum& made) {
  const Study& study = search.study();
  std::vector<Point> left = rivals(search);
  if (left.empty()) return;
  const std::int64_t rest = std::max<std::int64_t>(0, search.budget() - search.spent());
  const std::int64_t opening = std::max<std::int64_t>(5, std::min<std::int64_t>(20, study.optimise.first));
  const auto most = static_cast<std::size_t>(std::max<std::int64_t>(1, rest / opening));
  if (left.size() > most) left.resize(most);
  PointContest contest(search.runs(), left, fresh, [&](std::int64_t more) { search.spend(more); });
  AllocationOptions options;
  options.first = static_cast<std::size_t>(opening);
  options.budget = std::max<std::size_t>(static_cast<std::size_t>(rest), options.first * left.size());
  options.increment = std::max<std::size_t>(20, options.budget / 50);
  options.confidence = study.optimise.confidence;
  options.maximise = study.objectives.front().maximise;
  options.seed = study.seed;
  const Selected selected = select_with_budget(contest, options);
  for (const Point& point : left) made.rivals.push_back(answer_of(search.runs(), point, fresh));
  made.chance = selected.chance;
  if (!selected.best) return;
  std::rotate(made.rivals.begin(), made.rivals.begin() + static_cast<std::ptrdiff_t>(*selected.best),
              made.rivals.begin() + static_cast<std::ptrdiff_t>(*selected.best) + 1);
  made.front = {made.rivals.front()};
}

/// Points that none beats in all objectives.
std::vector<std::size_t> not_beaten(const std::vector<std::vector<double>>& losses) {
  std::vector<std::size_t> kept;
  for (std::size_t a = 0; a < losses.size(); ++a) {
    const bool beaten = std::any_of(losses.begin(), losses.end(), [&](const std::vector<double>& other) {
      bool somewhere = false;
      for (std::size_t k = 0; k < other.size(); ++k) {
        if (other[k] > losses[a][k]) return false;
        somewhere = somewhere || other[k] < losses[a][k];
      }
      return somewhere;
    });
    if (!beaten) kept.push_back(a);
  }
  return kept;
}

/// The front by what the search has seen, run again with fresh luck: what was only lucky falls out.
void settle_front(Search& search, Optimum& made) {
  std::vector<const Search::Seen*> feasible;
  std::vector<std::vector<double>> losses;
  for (const Search::Seen* one : search.ranked())
    if (one->feasible) feasible.push_back(one), losses.push_back(one->losses);
  std::vector<std::size_t> front = not_beaten(losses);
  std::sort(front.begin(), front.end(), [&](std::size_t a, std::size_t b) { return losses[a] < losses[b]; });
  std::vector<Point> points;
  const std::size_t kept = std::min(front.size(), most_front);
  for (std::size_t k = 0; k < kept; ++k) points.push_back(feasible[front[kept == 1 ? 0 : k * (front.size() - 1) / (kept - 1)]]->point);
  if (points.empty()) return;
  const std::int64_t rest = std::max<std::int64_t>(search.budget() - search.spent(), 0);
  const std::int64_t each = std::max<std::int64_t>(search.study().optimise.first, rest / static_cast<std::int64_t>(points.size()));
  std::vector<Wanted> wanted;
  for (const Point& point : points) wanted.push_back({point, each, fresh});
  search.runs().reach(wanted);
  search.spend(each * static_cast<std::int64_t>(points.size()));
  std::vector<PointAnswer> answers;
  losses.clear();
  for (const Point& point : points) {
    PointAnswer answer = answer_of(search.runs(), point, fresh);
    if (!answer.feasible()) continue;
    std::vector<double> loss;
    for (const Objective& o : search.study().objectives) loss.push_back((o.maximise ? -1 : 1) * answer.responses[o.response].mean);
    losses.push_back(std::move(loss));
    answers.push_back(std::move(answer));
  }
  for (const std::size_t k : not_beaten(losses)) made.front.push_back(answers[k]);
  made.rivals = std::move(answers);
}

}  // namespace

Optimum optimise(StudyRuns& runs, const std::function<void(double)>& progress) {
  const Study& study = runs.study();
  Place place;
  place.file = study.path;
  if (study.objectives.empty()) refuse(Code::missing, place, "optimise needs an objective", "write maximise: or minimise: with a figure or an expression");
  if (study.optimise.method == 2 && study.objectives.size() > 1) refuse(Code::conflict, place, "a surrogate has one objective", "use method: evolution");
  Search search(runs, progress);
  Optimum made;
  if (study.objectives.size() > 1) {
    evolve(search, 0.6);
    settle_front(search, made);
  } else {
    if (by_surrogate(study)) {
      search_by_surrogate(search, 0.6);
      search_nearby(search, 0.7);
    } else {
      evolve(search, 0.3);
      search_nearby(search, 0.6);
    }
    select_among(search, made);
  }
  if (made.front.empty()) {
    const bool any_value = !search.ranked().empty();
    std::vector<PointAnswer> looked_at;
    for (const Search::Seen* one : search.all()) looked_at.push_back(answer_of(runs, one->point));
    refuse(Code::range, place, any_value ? "no point that was looked at keeps the conditions" : "the objective has no value at any of the points",
           any_value ? "loosen subject_to, or give the search more room" : why_without_value(looked_at));
  }
  made.spent = search.spent();
  made.points = static_cast<std::int64_t>(search.all().size());
  made.steps = std::move(search.steps);
  return made;
}

}  // namespace retwin

// Optimisation: a search over all points, one nearby, and a selection among the last with fresh luck.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <utility>

#include "core/base/constants.hpp"
#include "core/study/chances.hpp"
#include "core/study/pareto.hpp"
#include "core/study/point_contest.hpp"
#include "core/study/search.hpp"
#include "core/study/surrogate.hpp"

namespace retwin {
namespace {

constexpr std::int64_t fresh = 1'000'000;        ///< number of the first replication that has chosen nothing
constexpr std::size_t most_rivals = 24, last_ones = 3, most_front = 40, most_smoothed = 150;
constexpr int most_retreats = 4;
constexpr std::int64_t cheap_points = 150;       ///< a budget for fewer points than so many goes to a surrogate

bool by_surrogate(const Study& study) {
  if (study.objectives.size() > 1) return false;
  if (study.optimise.method != 0) return study.optimise.method == 2;
  return study.optimise.budget / std::max<std::int64_t>(1, study.optimise.first) < cheap_points;
}

/// By means smoothed by a Gaussian process of them all, so that neighbours tell about one another.
void smooth(const Space& space, const std::vector<const Search::Seen*>& all, std::vector<Expected>& order) {
  const bool noisy = std::all_of(all.begin(), all.end(), [](const Search::Seen* one) { return std::isfinite(one->error) && one->error > 0; });
  if (!noisy || all.size() < 4 * (space.size() + 2)) return;
  Points points{space.size(), {}};
  Responses responses;
  for (const Search::Seen* one : all) {
    points.add(space.coordinates(one->point));
    responses.mean.push_back(one->losses.front());
    responses.error.push_back(one->error);
  }
  const Surrogate surrogate(points, responses);
  for (std::size_t k = 0; k < order.size(); ++k) order[k].loss.mean = surrogate.predict(points[k]).mean;
  std::stable_sort(order.begin(), order.end(), [](const Expected& x, const Expected& y) { return x.loss.mean < y.loss.mean; });
}

/// Feasible points in the order of what is expected of them; first those that will hardly break a condition with other luck. What was lucky in
/// the search is so still: the expectation counts for nothing more.
std::vector<Expected> expected_order(const Search& search) {
  std::vector<const Search::Seen*> all = search.ranked();
  std::vector<Margins> margins;
  const Space& space = search.study().space;
  for (const Search::Seen* one : all)
    if (std::all_of(one->margins.begin(), one->margins.end(), [](double m) { return std::isfinite(m); })) margins.push_back({space.coordinates(one->point), one->margins});
  std::erase_if(all, [](const Search::Seen* one) { return !one->feasible; });
  if (all.size() > most_smoothed) all.resize(most_smoothed);
  std::vector<Expected> order;
  for (const Search::Seen* one : all) order.push_back({one->point, {one->losses.front(), infinity}});
  if (!knows_distances(space)) return order;
  smooth(space, all, order);
  if (margins.size() > most_smoothed) margins.resize(most_smoothed);
  const Conditions conditions = conditions_of(margins, search.study().seed);
  std::stable_partition(order.begin(), order.end(), [&](const Expected& one) { return chance_to_hold(conditions, space.coordinates(one.point)) >= surely; });
  return order;
}

/// Losses of those that are left: by n replications of fresh luck and by what was expected before, each weighted with its precision. What
/// the luck did to all alike is taken out first.
std::vector<double> posterior_losses(const PointContest& contest, const std::vector<std::size_t>& left, const std::vector<Expected>& expected,
                                     std::size_t n, bool maximise) {
  std::vector<std::vector<double>> figures;
  for (const std::size_t k : left) {
    figures.emplace_back();
    for (std::size_t r = 0; r < n; ++r) figures.back().push_back((maximise ? -1 : 1) * contest.value(k, r));
  }
  const Responses fresh_ones = responses_of(figures);
  double common = 0;
  for (std::size_t i = 0; i < left.size(); ++i) common += (fresh_ones.mean[i] - expected[left[i]].loss.mean) / static_cast<double>(left.size());
  std::vector<double> out;
  for (std::size_t i = 0; i < left.size(); ++i) {
    const Predicted& before = expected[left[i]].loss;
    const double weight = before.variance > 0 ? fresh_ones.variance(i) / before.variance : 0;  // of the expectation against 1
    out.push_back((fresh_ones.mean[i] + weight * (before.mean + common)) / (1 + weight));
  }
  return out;
}

std::int64_t rounds_of(std::size_t rivals) {
  std::int64_t rounds = 1;
  for (std::size_t k = rivals; k > last_ones; k = (k + 1) / 2) ++rounds;
  return rounds;
}

/// How many rivals can be seen twice in the first of their rounds, and once more in each of the others.
std::size_t affordable_rivals(std::int64_t budget) {
  std::size_t k = most_rivals;
  while (k > 1 && budget < 2 * rounds_of(k) * static_cast<std::int64_t>(k)) --k;
  return k;
}

/// Rivals with the same fresh luck, round by round; after each the worse half falls out (sequential halving: Karnin, Koren & Somekh, Almost
/// optimal exploration in multi-armed bandits, ICML 2013). @return those of the last round, best first, and how often they were seen
std::pair<std::vector<std::size_t>, std::size_t> halve(PointContest& contest, std::int64_t budget, const std::vector<Expected>& expected, bool maximise) {
  std::vector<std::size_t> left(contest.systems());
  std::iota(left.begin(), left.end(), std::size_t{0});
  const std::int64_t rounds = rounds_of(left.size());
  std::size_t n = 0;
  for (;;) {
    n += static_cast<std::size_t>(std::max<std::int64_t>(n == 0 ? 2 : 1, budget / rounds / static_cast<std::int64_t>(left.size())));
    std::vector<std::size_t> wanted(contest.systems(), 0);
    for (const std::size_t k : left) wanted[k] = n;
    contest.reach(wanted);
    const auto open = std::stable_partition(left.begin(), left.end(), [&](std::size_t k) { return observed(contest, k, n).standing == Standing::open; });
    const std::vector<std::size_t> closed(open, left.end());
    left.erase(open, left.end());
    const std::vector<double> losses = posterior_losses(contest, left, expected, n, maximise);
    std::vector<std::size_t> order(left.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t x, std::size_t y) { return losses[x] < losses[y]; });
    for (std::size_t& k : order) k = left[k];
    left = std::move(order);
    left.insert(left.end(), closed.begin(), closed.end());
    if (left.size() <= last_ones) return {left, n};
    left.resize((left.size() + 1) / 2);
  }
}

/// @param expected best first
void select_among(Search& search, std::vector<Expected> expected, Optimum& made) {
  const Study& study = search.study();
  if (expected.empty()) return;
  const std::int64_t rest = std::max<std::int64_t>(0, search.budget() - search.spent());
  const bool conditions = !study.constraints.empty();
  const std::int64_t for_contest = conditions ? rest * 3 / 5 : rest;  // the rest is for points further inside
  expected.resize(std::min(expected.size(), affordable_rivals(for_contest)));
  std::vector<Point> points;
  for (const Expected& one : expected) points.push_back(one.point);
  PointContest contest(search.runs(), points, fresh, [&](std::int64_t more) { search.spend(more); });
  const bool maximise = study.objectives.front().maximise;
  const auto [left, n] = halve(contest, for_contest, expected, maximise);
  ChanceOptions options;
  options.maximise = maximise;
  options.seed = study.seed;
  made.chance = left.size() == 1 ? 1 : chances_of_best(contest, left, std::vector<std::size_t>(left.size(), n), options).front();
  for (const std::size_t k : left) made.rivals.push_back(answer_of(search.runs(), points[k], fresh));
  made.front = {made.rivals.front()};
  if (!made.front.front().feasible()) made.front.clear();
  const auto each = static_cast<std::int64_t>(std::max<std::size_t>(2, std::min<std::size_t>(n, static_cast<std::size_t>(rest) / 10)));
  std::vector<Point> broken;
  for (const std::size_t k : left) broken.push_back(points[k]);
  for (int attempts = 0; attempts < most_retreats && made.front.empty() && conditions && search.spent() + each + study.optimise.first <= search.budget(); ++attempts) {
    const std::optional<Point> next = further_inside(search, broken, fresh);
    if (!next || std::find(broken.begin(), broken.end(), *next) != broken.end()) break;
    search.runs().reach({{*next, each, fresh}});
    search.spend(each);
    search.note("further inside");
    broken.push_back(*next);
    const PointAnswer answer = answer_of(search.runs(), *next, fresh);
    if (!answer.feasible()) continue;
    made.front = {answer};
    made.rivals.insert(made.rivals.begin(), answer);
    made.chance = nan;  // it had no rivals
  }
}

/// Points that none beats in all objectives.
std::vector<std::size_t> not_beaten(const std::vector<std::vector<double>>& losses) {
  if (losses.empty()) return {};
  return pareto_front(losses, std::vector<Sense>(losses.front().size(), Sense::minimise));
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
  const std::int64_t rest = std::max<std::int64_t>(search.budget() - search.spent(), 0);
  const auto affordable = static_cast<std::size_t>(std::max<std::int64_t>(1, rest / search.study().optimise.first));
  const std::size_t kept = std::min({front.size(), most_front, affordable});
  for (std::size_t k = 0; k < kept; ++k) points.push_back(feasible[front[kept == 1 ? 0 : k * (front.size() - 1) / (kept - 1)]]->point);
  if (points.empty()) return;
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
  const auto opening = static_cast<std::int64_t>(std::max<std::size_t>(8, 3 * study.space.size()));
  if (opening * study.optimise.first * 10 > 8 * study.optimise.budget)
    refuse(Code::range, place, "the budget is too small for a first look at " + std::to_string(opening) + " points", "give optimise: {budget: ...} more, or first: less");
  Search search(runs, progress);
  Optimum made;
  if (study.objectives.size() > 1) {
    evolve(search, 0.6);
    settle_front(search, made);
  } else {
    std::vector<Expected> best;
    if (by_surrogate(study)) {
      search_by_surrogate(search, 0.6);
      search_nearby(search, 0.7);
    } else {
      evolve(search, 0.2);
      if (knows_distances(study.space)) best = search_in_region(search, 0.65);
      else search_nearby(search, 0.5);
    }
    select_among(search, best.empty() ? expected_order(search) : std::move(best), made);
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

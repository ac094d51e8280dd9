// The middle phase: a model of what is known near the best point says where to look next, in a region that shrinks around it.
#include <algorithm>
#include <cmath>

#include "core/base/constants.hpp"
#include "core/base/random.hpp"
#include "core/stats/tally.hpp"
#include "core/study/search.hpp"

namespace retwin {
namespace {

constexpr std::int64_t own_luck = 2'000'000, longest_luck = 10'000;  ///< numbers of replications: so many are kept for each point
constexpr std::int64_t looks_per_decision = 60;
constexpr std::size_t most_modelled = 150, most_candidates = 400;
constexpr double first_width = 0.4, least_width = 1.0 / 256, shrinks = 1.3;  ///< of the region, of the unit cube
constexpr double prior_freedom = 4;  ///< of the variance of all points, in that of one

/// A point with its own luck.
struct Tried {
  Point point;
  std::vector<double> at;  ///< in the unit cube
  std::int64_t first = 0, replications = 0;
  bool feasible = false, known = false;  ///< known: it has a loss
  std::vector<double> margins;
  double loss = 0, variance = 0;  ///< of a replication
};

/// Points near the best, each with luck of its own: what is lucky at one is not so at its neighbours, and a model of them all sees
/// through it. (With the same luck for all, the best point would be the best for that luck.)
class Region {
 public:
  explicit Region(Search& search) : search_(search), space_(search.study().space) {}

  /// So many more replications at each of the points.
  void look(const std::vector<Point>& points, std::int64_t replications) {
    std::vector<Wanted> wanted;
    std::vector<std::size_t> looked_at;
    for (const Point& point : points) {
      auto known = std::find_if(tried_.begin(), tried_.end(), [&](const Tried& one) { return one.point == point; });
      if (known == tried_.end()) {
        const auto number = static_cast<std::int64_t>(tried_.size());
        known = tried_.insert(tried_.end(), {point, space_.coordinates(point), own_luck + longest_luck * number, 0, false, false, {}, 0, 0});
      }
      wanted.push_back({point, replications, known->first + known->replications});
      known->replications += replications;
      looked_at.push_back(static_cast<std::size_t>(known - tried_.begin()));
    }
    search_.runs().reach(wanted);
    search_.spend(replications * static_cast<std::int64_t>(points.size()));
    for (const std::size_t k : looked_at) judge(tried_[k]);
  }
  bool full(const Point& point, std::int64_t more) const {
    return std::any_of(tried_.begin(), tried_.end(), [&](const Tried& one) { return one.point == point && (!one.known || one.replications + more > longest_luck); });
  }
  struct Model {
    Surrogate losses;
    Conditions conditions;
  };
  /// A model of the points nearest to the centre. The centre moves to the best of them by it; they are put in its order.
  Model model(Point& centre) {
    const std::vector<double> here = space_.coordinates(centre);
    std::vector<std::pair<double, const Tried*>> near;
    for (const Tried& one : tried_) near.emplace_back(squared_distance(one.at, here), &one);
    std::stable_sort(near.begin(), near.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    if (near.size() > most_modelled) near.resize(most_modelled);
    const double common = common_variance(near);
    Points points{space_.size(), {}};
    Responses responses;
    std::vector<Margins> margins;
    double worst = -infinity;
    for (const auto& [_, one] : near)
      if (one->known) worst = std::max(worst, one->loss);
    for (const auto& [_, one] : near) {
      points.add(one->at);
      responses.mean.push_back(one->known ? one->loss : std::isfinite(worst) ? worst : 0);
      if (one->known) margins.push_back({one->at, one->margins});
      const auto freedom = static_cast<double>(one->replications - 1);
      const double variance = (freedom > 0 ? freedom * one->variance : 0) + prior_freedom * common;
      responses.error.push_back(std::sqrt(variance / (freedom + prior_freedom) / static_cast<double>(one->replications)));
    }
    SurrogateOptions options;
    options.nugget = true;
    options.starts = 3;
    options.seed = search_.study().seed;
    Model made{Surrogate(std::move(points), responses, options), conditions_of(margins, options.seed)};
    order_.clear();
    for (const auto& [_, one] : near)
      if (one->feasible) order_.push_back({one->point, made.losses.predict(one->at)});
    std::stable_sort(order_.begin(), order_.end(), [](const Expected& a, const Expected& b) { return a.loss.mean < b.loss.mean; });
    std::stable_partition(order_.begin(), order_.end(), [&](const Expected& one) { return chance_to_hold(made.conditions, space_.coordinates(one.point)) >= surely; });
    if (!order_.empty()) centre = order_.front().point;
    return made;
  }
  const std::vector<Expected>& order() const { return order_; }

 private:
  static double squared_distance(const std::vector<double>& a, const std::vector<double>& b) {
    double sum = 0;
    for (std::size_t k = 0; k < a.size(); ++k) sum += (a[k] - b[k]) * (a[k] - b[k]);
    return sum;
  }
  static double common_variance(const std::vector<std::pair<double, const Tried*>>& near) {
    double sum = 0, freedom = 0;
    for (const auto& [_, one] : near) {
      if (!one->known || one->replications < 2) continue;
      sum += static_cast<double>(one->replications - 1) * one->variance;
      freedom += static_cast<double>(one->replications - 1);
    }
    return freedom > 0 ? sum / freedom : 0;
  }
  void judge(Tried& one) const {
    const Study& study = search_.study();
    const Objective& objective = study.objectives.front();
    const PointAnswer answer = answer_of(search_.runs(), one.point, one.first);
    one.known = std::isfinite(answer.responses[objective.response].mean);
    one.margins.clear();
    for (const Response& margin : study.margins) one.margins.push_back(search_.runs().estimate(one.point, margin, one.first).mean);
    one.known = one.known && std::all_of(one.margins.begin(), one.margins.end(), [](double m) { return std::isfinite(m); });
    one.feasible = one.known && answer.feasible();
    if (!one.known) return;
    one.loss = (objective.maximise ? -1 : 1) * answer.responses[objective.response].mean;
    Tally each;
    for (const double value : search_.runs().estimate(one.point, study.responses[objective.response], one.first).each) each.add(value);
    one.variance = each.count() > 1 ? each.variance() : 0;
  }

  Search& search_;
  const Space& space_;
  std::vector<Tried> tried_;
  std::vector<Expected> order_;
};

/// Points of a box around the centre that are admitted; the box is wider where the response changes little.
std::vector<Point> box(const Space& space, const Point& centre, const std::vector<double>& lengths, double width, std::uint64_t seed) {
  double mean = 0;
  for (const double length : lengths) mean += std::log(length) / static_cast<double>(lengths.size());
  const std::vector<double> middle = space.coordinates(centre);
  const Points units = sobol_points(2 * most_candidates, space.size(), seed);
  std::vector<Point> out;
  for (std::size_t k = 0; k < units.size() && out.size() < most_candidates; ++k) {
    std::vector<double> at = middle;
    for (std::size_t j = 0; j < at.size(); ++j) {
      const Decision& decision = space.decisions[j];
      double wide = width * std::clamp(lengths[j] / std::exp(mean), 0.25, 4.0);
      if (decision.kind == Decision::Kind::whole) wide = std::max(wide, 3.0 / static_cast<double>(decision.count()));
      at[j] = std::clamp(at[j] + wide * (units[k][j] - 0.5), 0.0, std::nextafter(1.0, 0.0));
    }
    Point point = space.at(at);
    if (space.admits(point) && std::find(out.begin(), out.end(), point) == out.end()) out.push_back(std::move(point));
  }
  return out;
}

}  // namespace

bool knows_distances(const Space& space) {
  return std::all_of(space.decisions.begin(), space.decisions.end(),
                     [](const Decision& d) { return d.kind == Decision::Kind::real || d.kind == Decision::Kind::whole; });
}

std::vector<Expected> search_in_region(Search& search, double share) {
  const Study& study = search.study();
  const Space& space = study.space;
  const auto ranked = search.ranked();
  const auto d = static_cast<std::int64_t>(space.size());
  const auto end = static_cast<std::int64_t>(share * static_cast<double>(search.budget()));
  const std::int64_t n = std::max(study.optimise.first, std::min(longest_luck, (end - search.spent()) / (looks_per_decision * (d + 1))));
  const auto together = static_cast<std::size_t>(std::max<std::int64_t>(4, 2 * d));
  std::vector<Point> next;
  for (std::size_t k = 0; k < ranked.size() && next.size() < static_cast<std::size_t>(4 * (d + 1)); ++k) next.push_back(ranked[k]->point);
  if (next.empty()) return {};
  Region region(search);
  Point centre = next.front();
  double width = first_width;
  for (std::uint64_t round = 1; search.spent() + n * static_cast<std::int64_t>(next.size()) <= end; ++round) {
    region.look(next, n);
    const Point before = centre;
    const Region::Model model = region.model(centre);
    if (!region.order().empty()) search.note("region", centre, region.order().front().loss.mean);
    if (centre == before && round > 1) width = std::max(least_width, width / shrinks);
    std::vector<Point> points = box(space, centre, model.losses.hyperparameters().lengths, width, mix64(study.seed) + round);
    std::erase_if(points, [&](const Point& point) { return region.full(point, n); });
    if (points.empty()) break;
    Points at{space.size(), {}};
    for (const Point& point : points) at.add(space.coordinates(point));
    next.clear();
    for (const std::size_t k : model.losses.draw_lowest(at, together, mix64(study.seed) + round, model.conditions)) next.push_back(points[k]);
  }
  return region.order();
}

}  // namespace retwin

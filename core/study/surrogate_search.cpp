// The search for few and dear points.
#include <algorithm>
#include <cmath>

#include "core/base/constants.hpp"
#include "core/stats/tally.hpp"
#include "core/study/search.hpp"
#include "core/study/surrogate.hpp"

namespace retwin {
namespace {

constexpr std::size_t most_evaluated = 400;

/// Losses of the points that a process can go through, with their errors, and by how much they keep the conditions.
struct Known {
  Points points;
  Responses responses;
  std::vector<Margins> margins;
};

Known known(const Search& search) {
  const Space& space = search.study().space;
  Known made{{space.size(), {}}, {}, {}};
  double worst = -infinity;
  for (const Search::Seen* one : search.all())
    if (!one->losses.empty() && std::isfinite(one->losses.front())) worst = std::max(worst, one->losses.front());
  for (const Search::Seen* one : search.all()) {
    if (one->losses.empty()) continue;
    const double loss = one->losses.front();
    made.points.add(space.coordinates(one->point));
    made.responses.mean.push_back(std::isfinite(loss) ? loss : std::isfinite(worst) ? worst : search.penalty());
    made.responses.error.push_back(std::isfinite(one->error) ? one->error : 0);
    if (!one->margins.empty() && std::all_of(one->margins.begin(), one->margins.end(), [](double m) { return std::isfinite(m); }))
      made.margins.push_back({space.coordinates(one->point), one->margins});
  }
  return made;
}

Proposal propose(const Search& search, const Known& now, std::uint64_t number) {
  const Space& space = search.study().space;
  const Snap snap = [&](std::span<double> at) {
    for (std::size_t k = 0; k < at.size(); ++k) at[k] = space.decisions[k].coordinate(space.decisions[k].at(at[k]));
  };
  SurrogateOptions options;
  options.nugget = true;
  options.seed = search.study().seed;
  return Surrogate(now.points, now.responses, options).propose(search.study().seed + number, snap, conditions_of(now.margins, options.seed));
}

/// What the luck of fresh replications did to a condition at some points, on average, less a standard error.
double moved_by_luck(const Search& search, const std::vector<const Search::Seen*>& points, std::size_t condition, std::int64_t luck) {
  const Response& margin = search.study().margins[condition];
  double moved = 0, error = 0;
  for (const Search::Seen* one : points) {
    const PointEstimate then = search.runs().estimate(one->point, margin, luck);
    moved += (then.mean - one->margins[condition]) / static_cast<double>(points.size());
    Tally each;
    for (const double value : then.each) each.add(value);
    if (each.count() > 1) error = std::max(error, each.sd() / std::sqrt(static_cast<double>(each.count())));
  }
  return moved - error;
}

}  // namespace

void search_by_surrogate(Search& search, double share) {
  const Study& study = search.study();
  const Space& space = study.space;
  const std::int64_t first = study.optimise.first;
  const Points opening = sobol_points(std::max<std::size_t>(8, 3 * space.size()), space.size(), study.seed);
  std::vector<Point> points;
  for (std::size_t k = 0; k < opening.size(); ++k) points.push_back(space.at({opening[k].begin(), opening[k].end()}));
  search.look(points, first);
  search.note("opening");
  for (std::uint64_t number = 1; !search.over(share) && search.all().size() < most_evaluated; ++number) {
    const Proposal next = propose(search, known(search), number);
    const Point point = space.at(next.at);
    const std::size_t before = search.all().size();
    const std::int64_t spent = search.spent();
    const Search::Seen* seen = search.look({point}, first).front();
    if (search.all().size() == before && search.spent() == spent) {
      if (!seen->feasible) return;
      search.look({point}, 2 * seen->replications);  // known: more of it is what helps most
    }
    search.note("surrogate");
  }
}

std::optional<Point> further_inside(Search& search, const std::vector<Point>& broken, std::int64_t luck) {
  const Space& space = search.study().space;
  if (!knows_distances(space) || broken.empty()) return std::nullopt;
  if (!search.affords(broken, search.study().optimise.first, 1)) return std::nullopt;
  std::vector<const Search::Seen*> those = search.look(broken, search.study().optimise.first);
  std::erase_if(those, [](const Search::Seen* one) { return one->margins.empty(); });
  Known now = known(search);
  if (those.empty() || now.margins.empty()) return std::nullopt;
  for (std::size_t c = 0; c < now.margins.front().of.size(); ++c) {
    const double moved = moved_by_luck(search, those, c, luck);
    for (Margins& one : now.margins) one.of[c] += moved;
  }
  return space.at(propose(search, now, 1000 + broken.size()).at);
}

}  // namespace retwin

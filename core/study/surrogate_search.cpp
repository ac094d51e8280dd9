// The search for few and dear points.
#include <algorithm>
#include <cmath>

#include "core/study/search.hpp"
#include "core/study/surrogate.hpp"

namespace retwin {
namespace {

constexpr std::size_t most_evaluated = 400;

/// Losses of the points that a process can go through, with their errors.
struct Known {
  Points points;
  Responses responses;
};

Known known(const Search& search) {
  const Space& space = search.study().space;
  Known made{{space.size(), {}}, {}};
  const double penalty = search.penalty();
  double worst = -infinity;
  for (const Search::Seen* one : search.all())
    if (!one->losses.empty() && one->feasible) worst = std::max(worst, one->losses.front());
  for (const Search::Seen* one : search.all()) {
    if (one->losses.empty()) continue;
    made.points.add(space.coordinates(one->point));
    const double loss = one->losses.front();
    made.responses.mean.push_back(one->feasible ? loss : std::isfinite(worst) ? worst : penalty);
    made.responses.error.push_back(std::isfinite(one->error) ? one->error : 0);
  }
  return made;
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
  const Snap snap = [&](std::span<double> at) {
    for (std::size_t k = 0; k < at.size(); ++k) at[k] = space.decisions[k].coordinate(space.decisions[k].at(at[k]));
  };
  for (std::uint64_t number = 1; !search.over(share) && search.all().size() < most_evaluated; ++number) {
    const Known now = known(search);
    SurrogateOptions options;
    options.nugget = true;
    options.seed = study.seed;
    const Surrogate surrogate(now.points, now.responses, options);
    const Proposal next = surrogate.propose(study.seed + number, snap);
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

}  // namespace retwin

// Who takes part after the first stage: systems that can be observed, each once.
#include "core/study/contest.hpp"

#include <algorithm>
#include <cmath>

#include "core/base/problem.hpp"
#include "core/stats/tally.hpp"

namespace retwin {
namespace {

bool same_values(const Contest& contest, std::size_t a, std::size_t b, std::size_t n) {
  for (std::size_t r = 0; r < n; ++r)
    if (contest.value(a, r) != contest.value(b, r)) return false;
  return true;
}

}  // namespace

Entrant observed(const Contest& contest, std::size_t system, std::size_t n) {
  Entrant made;
  Tally tally;
  while (made.replications < n) {
    const double value = contest.value(system, made.replications++);
    if (!std::isfinite(value)) {
      made.standing = Standing::failed;
      return made;
    }
    tally.add(value);
  }
  made.mean = tally.mean();
  made.sd = tally.sd();
  return made;
}

std::string_view ending_text(Ending ending) {
  switch (ending) {
    case Ending::one_left: return "no other is left";
    case Ending::sampled: return "each has the replications that the guarantee needs";
    case Ending::tie: return "those left have the same mean";
    case Ending::confident: return "the chance is as large as was asked for";
    case Ending::exhausted: return "no more replications were allowed";
    case Ending::nobody: break;
  }
  return "no system can be observed";
}

Opening::Opening(Contest& contest, std::size_t first) {
  RETWIN_CHECK(first >= 2);
  contest.reach(std::vector<std::size_t>(contest.systems(), first));
  selected.observations = contest.systems() * first;
  for (std::size_t system = 0; system < contest.systems(); ++system) {
    Entrant entrant = observed(contest, system, first);
    const auto same =
        std::find_if(open_.begin(), open_.end(), [&](std::size_t other) { return same_values(contest, system, other, first); });
    if (entrant.standing == Standing::open && same != open_.end()) {
      entrant.standing = Standing::same;
      entrant.other = *same;
    }
    if (entrant.standing == Standing::open) open_.push_back(system);
    selected.entrants.push_back(entrant);
  }
}

}  // namespace retwin

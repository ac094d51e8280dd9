// The most loaded that are enough, by halving; then those among them that are not needed, least missed first.
#include "core/experiment/selection.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/stats/intervals.hpp"

namespace retwin {
namespace {

constexpr double unsure = 0.02;  // of the gain of all: so near to `enough` more replications are asked
constexpr double clear_lack = 0.05;  // of the gain of all: so far below `enough` chance is no excuse
constexpr double loaded = 1;     // the work asked of it is what it has
constexpr double error_level = 0.95;  // of an interval that a standard error is taken from

}  // namespace

Selection::Selection(Trials& trials, const std::vector<Candidate>& candidates, std::vector<double> scores, std::int64_t n)
    : trials_(trials), candidates_(candidates), scores_(std::move(scores)), n_(n) {
  std::vector<std::size_t> everyone;
  for (std::size_t k = 0; k < candidates.size(); ++k) everyone.push_back(k);
  all_ = variant(everyone);
}

std::size_t Selection::variant(const std::vector<std::size_t>& which) {
  std::vector<Relief> reliefs;
  for (const std::size_t k : which) reliefs.push_back({candidates_[k], Extent::full});
  return trials_.variant(std::move(reliefs));
}

/// Whether these alone keep enough of the gain of all. While that is close, or not told from chance, more replications are run; where it
/// stays so, the fewer are believed, unless they keep much less.
bool Selection::keeps(const std::vector<std::size_t>& kept) {
  if (kept.empty()) return false;
  const std::size_t some = variant(kept);
  const double from = 0.15 + 0.35 * (1 - std::pow(0.95, ++tests_));
  trials_.stage(from, from + 0.01);
  for (std::int64_t n = n_;; n += n_) {
    trials_.run({0, all_, some}, 0, n);
    const Lacking lacking = lacking_of(some, n);
    if (std::abs(lacking.mean) > std::max(unsure, lacking.error) || n >= 3 * n_) return lacking.mean <= std::min(lacking.error, clear_lack);
  }
}

/// How much less than enough a variant gains, relative to what all gain, and its standard error: in the first replications.
Selection::Lacking Selection::lacking_of(std::size_t some, std::int64_t n) const {
  const std::vector<double> now = trials_.objective(0, 0, n), most = trials_.objective(all_, 0, n), left = trials_.objective(some, 0, n);
  std::vector<double> lacking;
  for (std::size_t k = 0; k < now.size(); ++k) lacking.push_back(enough * (most[k] - now[k]) - (left[k] - now[k]));
  const double gained = mean(most) - mean(now);
  return {mean(lacking) / gained, student_interval(lacking, error_level).half_width / student_quantile(0.5 + error_level / 2, static_cast<double>(n - 1)) / gained};
}

/// Whether one that is left out is as good as not missed, though the set without it is just short of `enough`, as the set is or nearly is.
bool Selection::hardly_missed(const std::vector<std::size_t>& rest) {
  const double now = mean(trials_.objective(0, 0, n_)), most = mean(trials_.objective(all_, 0, n_)) - now;
  trials_.run({variant(kept_), variant(rest)}, 0, n_);
  const double with = mean(trials_.objective(variant(kept_), 0, n_)) - now, left = mean(trials_.objective(variant(rest), 0, n_)) - now;
  return left >= (enough - unsure) * most && with - left <= unsure / 2 * most;
}

/// Keeps the fewest of the first that are enough: those who are asked for more than they have, then by halves.
void Selection::shorten(const std::vector<std::size_t>& order) {
  const auto first = [&](std::size_t n) { return std::vector<std::size_t>(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(n)); };
  const auto overloaded = std::find_if(order.begin(), order.end(), [&](std::size_t k) { return scores_[k] < loaded; });
  std::size_t too_few = 0, enough_of = order.size(), next = static_cast<std::size_t>(overloaded - order.begin());
  if (next == 0 || next == order.size()) next = order.size() / 2;
  while (enough_of - too_few > 1) {
    (keeps(first(next)) ? enough_of : too_few) = next;
    next = too_few + (enough_of - too_few) / 2;
  }
  kept_ = first(enough_of);
}

/// Takes what is not needed of a group out of what is kept, halves at a time. @param needed it is known that some of it is
void Selection::drop(std::vector<std::size_t> group, bool needed) {
  if (group.empty()) return;
  if (!needed) {
    std::vector<std::size_t> rest;
    for (const std::size_t k : kept_)
      if (std::find(group.begin(), group.end(), k) == group.end()) rest.push_back(k);
    if (keeps(rest) || (group.size() == 1 && !rest.empty() && hardly_missed(rest))) {
      kept_ = std::move(rest);
      return;
    }
  }
  if (group.size() == 1) return;
  const auto middle = group.begin() + static_cast<std::ptrdiff_t>(group.size() / 2);
  const std::vector<std::size_t> low(group.begin(), middle), high(middle, group.end());
  const std::size_t before = kept_.size();
  drop(low, false);
  drop(high, before - kept_.size() == low.size());
}

/// Of what is kept those who can each be left out, who is missed least first; the others are needed whatever else is left out.
std::vector<std::size_t> Selection::doubtful() {
  std::vector<std::size_t> variants{0, all_}, each;
  for (const std::size_t k : kept_) {
    std::vector<std::size_t> rest;
    for (const std::size_t other : kept_)
      if (other != k) rest.push_back(other);
    each.push_back(variant(rest));
  }
  variants.insert(variants.end(), each.begin(), each.end());
  trials_.run(variants, 0, n_);
  std::vector<std::pair<Lacking, std::size_t>> left;
  for (std::size_t k = 0; k < kept_.size(); ++k) left.emplace_back(lacking_of(each[k], n_), kept_[k]);
  std::stable_sort(left.begin(), left.end(), [](const auto& a, const auto& b) { return a.first.mean < b.first.mean; });
  std::vector<std::size_t> out;
  for (const auto& [lacking, k] : left)
    if (lacking.mean <= std::max(unsure, std::min(lacking.error, clear_lack))) out.push_back(k);
  return out;
}

std::vector<std::size_t> Selection::run(std::int64_t few) {
  std::vector<std::size_t> order;
  for (std::size_t k = 0; k < candidates_.size(); ++k) order.push_back(k);
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return scores_[a] > scores_[b]; });
  trials_.run({0, all_}, 0, n_);
  shorten(order);
  drop(doubtful(), false);
  if (n_ < few && kept_.size() > 1) {  // so few may have kept some by luck
    n_ = few;
    drop(doubtful(), false);
  }
  return kept_;
}

}  // namespace retwin

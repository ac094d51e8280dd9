// Targets of each system for a larger budget, and how far they are met with the next step.
#include "core/study/allocation.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/base/problem.hpp"
#include "core/study/chances.hpp"

namespace retwin {
namespace {

std::size_t best_mean(const std::vector<Entrant>& entrants, bool maximise) {
  const auto found = std::max_element(entrants.begin(), entrants.end(), [&](const Entrant& a, const Entrant& b) {
    return maximise ? a.mean < b.mean : a.mean > b.mean;
  });
  return static_cast<std::size_t>(found - entrants.begin());
}

double squared_error(const Entrant& entrant) { return entrant.sd * entrant.sd / static_cast<double>(entrant.replications); }

/// `step` observations more, to those that are furthest below their shares of the whole: in proportion to what they lack.
std::vector<std::size_t> next_counts(const std::vector<Entrant>& entrants, const std::vector<double>& shares, std::size_t step) {
  std::vector<std::size_t> counts;
  for (const Entrant& entrant : entrants) counts.push_back(entrant.replications);
  const double whole = static_cast<double>(std::accumulate(counts.begin(), counts.end(), step));
  std::vector<double> lack;
  for (std::size_t i = 0; i < counts.size(); ++i)
    lack.push_back(std::max(0.0, shares[i] * whole - static_cast<double>(counts[i])));
  const double scale = static_cast<double>(step) / std::accumulate(lack.begin(), lack.end(), 0.0);
  for (std::size_t i = 0; i < counts.size(); ++i) {
    lack[i] *= scale;
    const auto given = std::min(step, static_cast<std::size_t>(lack[i]));
    counts[i] += given;
    lack[i] -= static_cast<double>(given);
  }
  const std::size_t target = static_cast<std::size_t>(whole);
  for (std::size_t left = target - std::accumulate(counts.begin(), counts.end(), std::size_t{0}); left > 0; --left) {
    const auto most = std::max_element(lack.begin(), lack.end());
    ++counts[static_cast<std::size_t>(most - lack.begin())];
    *most -= 1;
  }
  return counts;
}

/// One contest: the first stage, then step by step.
class Budgeted {
 public:
  Budgeted(Contest& contest, const AllocationOptions& options)
      : contest_(contest), options_(options), opening_(contest, options.first), open_(opening_.open()) {
    for (const std::size_t i : open_) entrants_.push_back(opening_.selected.entrants[i]);
  }

  Selected run() {
    while (open_.size() > 1 && !confident() && selected().observations < options_.budget && varies()) step();
    finish();
    return std::move(selected());
  }

 private:
  Selected& selected() { return opening_.selected; }
  bool varies() const {
    return std::any_of(entrants_.begin(), entrants_.end(), [](const Entrant& entrant) { return entrant.sd > 0; });
  }
  double chance() const {
    std::vector<std::size_t> counts;
    for (const Entrant& entrant : entrants_) counts.push_back(entrant.replications);
    const ChanceOptions how{options_.maximise, options_.common, options_.indifference, options_.draws, options_.seed};
    return chances_of_best(contest_, open_, counts, how)[best_mean(entrants_, options_.maximise)];
  }
  bool confident() const { return !options_.all && chance() >= options_.confidence; }

  void step() {
    const std::size_t more = std::min(options_.increment, options_.budget - selected().observations);
    const std::vector<std::size_t> counts = next_counts(entrants_, optimal_shares(entrants_, options_.maximise), more);
    std::vector<std::size_t> wanted(contest_.systems());
    for (std::size_t i = 0; i < open_.size(); ++i) wanted[open_[i]] = counts[i];
    contest_.reach(wanted);
    selected().observations += more;
    for (std::size_t i = 0; i < open_.size(); ++i)
      if (counts[i] > entrants_[i].replications) entrants_[i] = observed(contest_, open_[i], counts[i]);
    keep_observable();
  }

  void keep_observable() {
    for (std::size_t i = open_.size(); i-- > 0;) {
      if (entrants_[i].standing != Standing::failed) continue;
      selected().entrants[open_[i]] = entrants_[i];
      open_.erase(open_.begin() + static_cast<std::ptrdiff_t>(i));
      entrants_.erase(entrants_.begin() + static_cast<std::ptrdiff_t>(i));
    }
  }

  void finish() {
    if (open_.empty()) return;
    for (std::size_t i = 0; i < open_.size(); ++i) selected().entrants[open_[i]] = entrants_[i];
    const std::size_t best = open_[best_mean(entrants_, options_.maximise)];
    selected().best = best;
    selected().chance = chance();
    selected().decided = open_.size() == 1 || selected().chance >= options_.confidence;
    selected().ending = open_.size() == 1 ? Ending::one_left : selected().decided ? Ending::confident : Ending::exhausted;
    selected().entrants[best].standing = Standing::best;
  }

  Contest& contest_;
  const AllocationOptions& options_;
  Opening opening_;
  std::vector<std::size_t> open_;
  std::vector<Entrant> entrants_;  ///< of those that are open
};

}  // namespace

std::vector<double> optimal_shares(const std::vector<Entrant>& entrants, bool maximise) {
  constexpr double least_distance = 0.1;  // of its standard error
  const std::size_t best = best_mean(entrants, maximise);
  std::vector<double> shares(entrants.size());
  double squares = 0;
  for (std::size_t i = 0; i < entrants.size(); ++i) {
    if (i == best || !(entrants[i].sd > 0)) continue;
    const double error = std::sqrt(squared_error(entrants[i]) + squared_error(entrants[best]));
    const double distance = std::max(std::abs(entrants[i].mean - entrants[best].mean), least_distance * error);
    shares[i] = std::pow(entrants[i].sd / distance, 2);
    squares += std::pow(shares[i] / entrants[i].sd, 2);
  }
  // where none of the others varies, the best alone is not known
  shares[best] = squares > 0 ? entrants[best].sd * std::sqrt(squares) : 1;
  const double sum = std::accumulate(shares.begin(), shares.end(), 0.0);
  for (double& share : shares) share /= sum;
  return shares;
}

Selected select_with_budget(Contest& contest, const AllocationOptions& options) {
  RETWIN_CHECK(options.first >= 2 && options.increment >= 1 && options.confidence > 0 && options.confidence < 1);
  RETWIN_CHECK(options.budget >= options.first * contest.systems());
  return Budgeted(contest, options).run();
}

}  // namespace retwin

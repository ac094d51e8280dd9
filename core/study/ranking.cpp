// The procedure of Kim and Nelson: sums of differences between bounds that come together.
#include "core/study/ranking.hpp"

#include <algorithm>
#include <cmath>

#include "core/base/problem.hpp"
#include "core/stats/tally.hpp"
#include "core/study/chances.hpp"
#include "core/study/comparisons.hpp"

namespace retwin {
namespace {

/// One contest by the procedure of Kim and Nelson.
class Sequential {
 public:
  Sequential(Contest& contest, const RankingOptions& options)
      : contest_(contest), options_(options), opening_(contest, options.first), open_(opening_.open()), n_(options.first) {
    const double degrees = static_cast<double>(options.first - 1);
    h2_ = degrees * (std::pow(2 * error_of_one(options, contest.systems()), -2 / degrees) - 1);
    const std::size_t k = contest.systems();
    variance_.assign(k * k, 0);
    tallies_.resize(k);
    for (const std::size_t i : open_) {
      for (std::size_t r = 0; r < n_; ++r) tallies_[i].add(contest.value(i, r));
      for (const std::size_t j : open_)
        if (j < i) variance_[i * k + j] = variance_[j * k + i] = paired(contest, i, j, n_).variance();
    }
  }

  Selected run() {
    eliminate();
    while (open_.size() > 1 && n_ < options_.most && n_ < needed()) {
      const std::size_t step = std::max<std::size_t>(1, (options_.at_once + open_.size() - 1) / open_.size());
      const std::size_t until = std::min(options_.most, n_ + step);
      std::vector<std::size_t> wanted(contest_.systems());
      for (const std::size_t i : open_) wanted[i] = until;
      selected().observations += open_.size() * (until - n_);
      contest_.reach(wanted);
      while (n_ < until && open_.size() > 1) add();
    }
    finish();
    return std::move(selected());
  }

 private:
  Selected& selected() { return opening_.selected; }
  double variance(std::size_t i, std::size_t j) const { return variance_[i * contest_.systems() + j]; }

  /// Replications until the bounds of all that are open have come together.
  std::size_t needed() const {
    double largest = 0;
    for (const std::size_t i : open_)
      for (const std::size_t j : open_) largest = std::max(largest, variance(i, j));
    const double most = std::min(std::floor(h2_ * largest / (options_.indifference * options_.indifference)), 1e15);
    return std::max(options_.first, static_cast<std::size_t>(std::max(most, 0.0)) + 1);
  }

  /// The next replication of those that are open, which may be one less at once if it fails.
  void add() {
    for (const std::size_t i : open_) {
      const double value = contest_.value(i, n_);
      if (std::isfinite(value)) {
        tallies_[i].add(value);
      } else {
        selected().entrants[i].standing = Standing::failed;
      }
    }
    ++n_;
    for (const std::size_t i : open_)
      if (selected().entrants[i].standing == Standing::failed) selected().entrants[i].replications = n_;
    keep_open();
    eliminate();
  }

  bool beats(std::size_t winner, std::size_t loser) const {
    const double n = static_cast<double>(n_), delta = options_.indifference;
    const double ahead = n * (tallies_[winner].mean() - tallies_[loser].mean()) * (options_.maximise ? 1 : -1);
    return ahead > std::max(0.0, h2_ * variance(winner, loser) / (2 * delta) - n * delta / 2);
  }

  /// All at once: who is beaten now may still have beaten another.
  void eliminate() {
    for (const std::size_t i : open_) {
      const auto winner = std::find_if(open_.begin(), open_.end(), [&](std::size_t j) { return j != i && beats(j, i); });
      if (winner == open_.end()) continue;
      note(i);
      selected().entrants[i].standing = Standing::beaten;
      selected().entrants[i].other = *winner;
    }
    keep_open();
  }

  void keep_open() {
    std::erase_if(open_, [&](std::size_t i) { return selected().entrants[i].standing != Standing::open; });
  }

  void note(std::size_t i) {
    selected().entrants[i].replications = n_;
    selected().entrants[i].mean = tallies_[i].mean();
    selected().entrants[i].sd = tallies_[i].sd();
  }

  void finish() {
    if (open_.empty()) return;
    const double sign = options_.maximise ? 1 : -1;
    const auto best = std::max_element(open_.begin(), open_.end(), [&](std::size_t a, std::size_t b) {
      return sign * tallies_[a].mean() < sign * tallies_[b].mean();
    });
    for (const std::size_t i : open_) note(i);
    selected().best = *best;
    selected().decided = open_.size() == 1 || n_ >= needed();
    selected().needed = selected().decided ? n_ : needed();
    selected().ending = open_.size() == 1 ? Ending::one_left : selected().decided ? Ending::tie : Ending::exhausted;
    selected().chance = options_.confidence;
    if (!selected().decided) {
      const ChanceOptions how{options_.maximise, options_.common, options_.indifference, options_.draws};
      const std::vector<double> chances = chances_of_best(contest_, open_, std::vector<std::size_t>(open_.size(), n_), how);
      selected().chance = chances[static_cast<std::size_t>(best - open_.begin())];
    }
    selected().entrants[*best].standing = Standing::best;
  }

  Contest& contest_;
  const RankingOptions& options_;
  Opening opening_;
  std::vector<std::size_t> open_;
  std::size_t n_;
  double h2_ = 0;
  std::vector<double> variance_;  ///< of the differences of each pair, in the first stage
  std::vector<Tally> tallies_;
};

}  // namespace

Selected select_sequentially(Contest& contest, const RankingOptions& options) {
  check(options);
  RETWIN_CHECK(options.indifference > 0);
  return Sequential(contest, options).run();
}

}  // namespace retwin

// Changes from one kind to another at random, or as a station walked through job after job shows them.
#include "core/graph/setups.hpp"

#include <algorithm>
#include <cmath>
#include <deque>
#include <numeric>
#include <queue>

namespace retwin {
namespace {

constexpr std::size_t walked_jobs = 20000, deepest_buffer = 2000;

double mean(const Distribution& distribution) { return std::max(0.0, distribution.mean()); }

/// As the engine has it: the entry of the matrix, else the time for any change.
double change_s(const Setup& setup, std::size_t from, std::size_t to) {
  if (from == to) return 0;
  const auto n = static_cast<std::size_t>(std::sqrt(static_cast<double>(setup.matrix.size())) + 0.5);
  if (from < n && to < n && setup.matrix[from * n + to]) return mean(*setup.matrix[from * n + to]);
  return setup.time ? mean(*setup.time) : 0;
}

/// Kinds one after the other, drawn by their shares.
class Kinds {
 public:
  explicit Kinds(const std::vector<double>& mix) {
    double sum = 0;
    for (const double share : mix) cumulated_.push_back(sum += share);
  }
  std::size_t next() {
    const double u = Draws{0, 1, ++drawn_}.uniform(0) * cumulated_.back();
    const auto at = std::upper_bound(cumulated_.begin(), cumulated_.end(), u);
    return static_cast<std::size_t>(std::min(at, cumulated_.end() - 1) - cumulated_.begin());
  }

 private:
  std::vector<double> cumulated_;
  std::uint64_t drawn_ = 0;
};

/// A buffer that is filled up before each job, and who is next by the rule of the station.
class BufferWalk {
 public:
  BufferWalk(const Station& station, const std::vector<double>& mix, double job_s)
      : station_(station), kinds_(mix), waiting_(mix.size()), job_s_(job_s) {
    const bool counted = station.batch.rule == BatchRule::count && station.batch.count != unlimited;
    lots_ = counted ? std::min<std::size_t>(station.batch.count, deepest_buffer / (2 * mix.size())) : 1;
    by_kind_ = station.batch.by >= 0 && lots_ > 1;
    const std::size_t places = station.buffer_places == unlimited ? deepest_buffer : station.buffer_places;
    depth_ = std::clamp<std::size_t>(places, by_kind_ ? lots_ * mix.size() : lots_, deepest_buffer);
  }

  double run() {
    std::priority_queue<std::pair<double, std::size_t>, std::vector<std::pair<double, std::size_t>>, std::greater<>> free;
    const std::size_t servers = std::min<std::size_t>(station_.servers, walked_jobs / 10);
    for (std::size_t v = 0; v < servers; ++v) free.emplace(0, v);
    std::vector<std::size_t> set_to(servers, waiting_.size());
    double setups_s = 0;
    for (std::size_t k = 0; k < walked_jobs; ++k) {
      const auto [now, server] = free.top();
      free.pop();
      const std::size_t kind = take(now);
      const double setup_s = set_to[server] < waiting_.size() ? change_s(station_.setup, set_to[server], kind) : 0;
      set_to[server] = kind;
      setups_s += setup_s;
      free.emplace(now + setup_s + job_s_, server);
    }
    return setups_s / walked_jobs;
  }

 private:
  std::size_t take(double now) {
    while (queue_.size() < depth_) {
      queue_.push_back(kinds_.next());
      ++waiting_[queue_.back()];
    }
    const bool campaign = station_.dispatch == Dispatch::campaign;
    const bool over = station_.campaign_s > 0 && now >= campaign_since_ + station_.campaign_s;
    const auto enough = [&](std::size_t kind) { return !by_kind_ || waiting_[kind] >= lots_; };
    std::size_t chosen = waiting_.size();
    for (const std::size_t kind : queue_) {
      if (!enough(kind)) continue;
      if (chosen == waiting_.size()) chosen = kind;
      if (campaign && (kind == campaign_) != over) {
        chosen = kind;
        break;
      }
      if (!campaign) break;
    }
    if (campaign && chosen != campaign_) {
      campaign_ = chosen;
      campaign_since_ = now;
    }
    remove(chosen);
    return chosen;
  }
  void remove(std::size_t kind) {
    std::size_t left = lots_;
    const bool first_alone = !by_kind_;  // the kind of a batch of all sorts is that of its first lot
    for (auto it = queue_.begin(); it != queue_.end() && left > 0;) {
      if (*it == kind || (first_alone && left < lots_)) {
        --waiting_[*it];
        it = queue_.erase(it);
        --left;
      } else {
        ++it;
      }
    }
  }

  const Station& station_;
  Kinds kinds_;
  std::vector<std::size_t> waiting_;
  double job_s_;
  std::size_t lots_ = 1, depth_ = 1;
  bool by_kind_ = false;
  std::deque<std::size_t> queue_;
  std::size_t campaign_ = std::size_t(-1);
  double campaign_since_ = 0;
};

}  // namespace

double setup_per_job(const Station& station, const std::vector<double>& mix, double job_s) {
  const double all = std::accumulate(mix.begin(), mix.end(), 0.0);
  if (!(all > 0)) return 0;
  const bool single = station.batch.rule == BatchRule::single, by_kind = station.batch.by >= 0;
  const bool campaign = station.dispatch == Dispatch::campaign && (single || by_kind);  // a batch of all sorts knows of none
  if (campaign && station.campaign_s <= 0 && station.buffer_places == unlimited) return 0;
  if (campaign || (by_kind && station.batch.rule == BatchRule::count)) return BufferWalk(station, mix, job_s).run();
  double sum = 0;
  for (std::size_t a = 0; a < mix.size(); ++a)
    for (std::size_t b = 0; b < mix.size(); ++b) sum += mix[a] / all * mix[b] / all * change_s(station.setup, a, b);
  return sum;
}

}  // namespace retwin

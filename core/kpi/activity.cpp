// The sweep over active periods that finds momentary and shifting bottlenecks.
#include <algorithm>
#include <limits>
#include <optional>

#include "core/kpi/bottleneck.hpp"

namespace retwin {

ActivitySweep::ActivitySweep(const Plant& plant, double begin_s)
    : plant_(plant), begin_(begin_s), end_(begin_s), shares_(plant.stations.size()), position_(begin_s) {}

void ActivitySweep::take(State& state) {
  merge_log(state);
  const std::vector<Period> running = look_at_running(state);
  double frontier = state.now;  // what happened before it is known to the end
  for (const Period& period : running) frontier = std::min(frontier, period.begin);
  prune(running);
  settle(frontier);
  end_ = state.now;
}

void ActivitySweep::finish(State& state) {
  merge_log(state);
  const std::vector<Period> running = look_at_running(state);
  std::erase_if(open_, [](const Period& period) { return period.goes_on; });
  open_.insert(open_.end(), running.begin(), running.end());
  end_ = state.now;
  prune({});
  settle(std::numeric_limits<double>::infinity());
  for (const Period& period : open_) count(period);
  open_.clear();
}

void ActivitySweep::count(const Period& period) {
  shares_[period.station].active_s += period.length();
  shares_[period.station].periods += 1;
}

// Ended periods by station, in order of their ends, that another may go on with.
class ActivitySweep::Ended {
 public:
  explicit Ended(std::size_t stations) : of_(stations) {}
  void add(Index station, double end, std::size_t period) {
    std::vector<Entry>& list = of_[station];
    const auto at = std::upper_bound(list.begin(), list.end(), end, [](double t, const Entry& e) { return t < e.end; });
    list.insert(at, {end, period, false});
  }
  /// The one that ended then, the last of several, if nobody has taken it yet.
  std::optional<std::size_t> take(Index station, double end) {
    std::vector<Entry>& list = of_[station];
    const auto at = std::upper_bound(list.begin(), list.end(), end, [](double t, const Entry& e) { return t < e.end; });
    if (at == list.begin() || (at - 1)->end != end || (at - 1)->taken) return std::nullopt;
    (at - 1)->taken = true;
    return (at - 1)->period;
  }

 private:
  struct Entry {
    double end;
    std::size_t period;
    bool taken;
  };
  std::vector<std::vector<Entry>> of_;
};

// The log comes in order of the ends; a period that begins where another of its station ended goes on with it.
void ActivitySweep::merge_log(State& state) {
  Ended ended(plant_.stations.size());
  for (std::size_t i = 0; i < open_.size(); ++i)
    if (open_[i].goes_on) ended.add(open_[i].station, open_[i].end, i);
  for (const ActivePeriod& logged : state.activity) {
    const Period period{std::max(begin_, logged.begin), logged.end, logged.station};
    const std::optional<std::size_t> before = ended.take(period.station, period.begin);
    if (before) {
      open_[*before].end = period.end;
    } else {
      open_.push_back(period);
    }
    ended.add(period.station, period.end, before.value_or(open_.size() - 1));
  }
  state.activity.clear();
}

std::vector<ActivitySweep::Period> ActivitySweep::look_at_running(const State& state) {
  Ended ended(plant_.stations.size());
  for (std::size_t i = 0; i < open_.size(); ++i) {
    open_[i].goes_on = false;
    ended.add(open_[i].station, open_[i].end, i);
  }
  std::vector<Period> running;
  for (std::size_t v = 0; v < state.servers.size(); ++v) {
    const Server& server = state.servers[v];
    if (!is_active(server.shown)) continue;
    Period period{std::max(begin_, server.active_since), state.now, state.server_station[v]};
    if (const std::optional<std::size_t> before = ended.take(period.station, server.active_since)) {
      open_[*before].goes_on = true;
      period.begin = open_[*before].begin;
    }
    running.push_back(period);
  }
  return running;
}

// Most periods lie within one that is logged soon after: they go before the rest is put in order.
void ActivitySweep::prune_recent() {
  Period outer{std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()};
  std::size_t kept = open_.size();
  for (std::size_t i = open_.size(); i-- > 0;) {
    const Period period = open_[i];
    const bool within = period.begin >= outer.begin && period.end <= outer.end && (period.begin > outer.begin || period.end < outer.end);
    if (within && !period.goes_on) {
      count(period);
      continue;
    }
    if (!period.goes_on && period.begin < outer.begin) outer = period;
    open_[--kept] = period;
  }
  open_.erase(open_.begin(), open_.begin() + static_cast<std::ptrdiff_t>(kept));
}

// A period within a longer one is never the longest. What remains begins and ends in the same order.
void ActivitySweep::prune(const std::vector<Period>& running) {
  const auto earlier = [](const Period& a, const Period& b) {
    return a.begin != b.begin ? a.begin < b.begin : a.end != b.end ? a.end > b.end : a.station < b.station;
  };
  prune_recent();
  std::sort(open_.begin(), open_.end(), earlier);
  double runs_since = std::numeric_limits<double>::infinity(), reach = -std::numeric_limits<double>::infinity();
  for (const Period& period : running) runs_since = std::min(runs_since, period.begin);
  std::vector<Period> kept;
  for (const Period& period : open_) {
    const bool within = period.end <= reach || period.begin >= runs_since;
    if (period.goes_on) {
      kept.push_back(period);
    } else if (within) {
      count(period);
    } else {
      kept.push_back(period);
      reach = period.end;
    }
  }
  open_.swap(kept);
}

// Goes from bottleneck to bottleneck as far as everything that was active there is known to its end.
void ActivitySweep::settle(double frontier) {
  std::size_t head = 0;  // first period that has not ended; the ends are in order
  const auto longest_at = [&](double time) {
    while (head < open_.size() && open_[head].end <= time) ++head;
    const Period* longest = nullptr;
    for (std::size_t i = head; i < open_.size() && open_[i].begin <= time; ++i)
      if (!longest || open_[i].length() > longest->length()) longest = &open_[i];
    return longest;
  };
  while ((current_.station == none ? position_ : current_.end) < frontier) {
    if (current_.station == none) {
      const Period* next = longest_at(position_);
      if (next) {
        current_ = *next;
      } else {
        position_ = head < open_.size() ? std::min(frontier, open_[head].begin) : frontier;
      }
      continue;
    }
    const Period* next = longest_at(current_.end);
    const bool shifts = next && next->station != current_.station;  // else it stays with the station
    const double overlap = shifts ? std::max(next->begin, position_) : current_.end;
    shares_[current_.station].sole_s += overlap - position_;
    if (shifts) {
      shares_[current_.station].shifting_s += current_.end - overlap;
      shares_[next->station].shifting_s += current_.end - overlap;
    }
    position_ = current_.end;
    current_ = next ? *next : Period{};
  }
  std::size_t past = 0;
  while (past < open_.size() && open_[past].end <= position_ && !open_[past].goes_on) count(open_[past++]);
  open_.erase(open_.begin(), open_.begin() + static_cast<std::ptrdiff_t>(past));
}

}  // namespace retwin

// The check of what a loaded state says of utilities: every pull is of one job, at its place, and shares where it should.
#include <cmath>
#include <limits>
#include <unordered_map>
#include <vector>

#include "core/base/whole.hpp"
#include "core/flow/state/layout.hpp"
#include "core/flow/state/sound.hpp"

namespace retwin {
namespace {

bool share_or_amount(double x) { return x >= 0 && is_figure(x); }

class PullInspection {
 public:
  PullInspection(const State& s, const Layout& is) : s_(s), is_(is), found_(s.pulls.size(), 0), shares_(s.pulls.size(), 0) {
    for (const Event& event : s.calendar.events()) events_.emplace(event.order, event);
  }

  std::string run() {
    for (Index k = s_.free_pull; k != none; k = s_.pulls[k].next)
      if (!take(k)) return "a pull is free and is not";
    for (std::size_t c = 0; c < s_.circles.size(); ++c)
      if (!circle(static_cast<Index>(c))) return "those who share utilities are others";
    for (Index v = 0; v < s_.server_pulls.size(); ++v)
      if (!server(v)) return "a server draws what it does not need";
    for (std::size_t k = 0; k < found_.size(); ++k)
      if (found_[k] == 0) return "a pull is nobody's";
    for (const DrawnAmount& drawn : s_.drawn)
      if (!is_figure(drawn.amount) || !is_figure(drawn.rate) || !time(drawn.since)) return "what a server has drawn is no amount";
    for (std::size_t k = 0; k < s_.outages.size(); ++k) {
      const OutageState& outage = s_.outages[k];
      if (outage.there > 1 || outage.ordinal >> 40 != 0 || (outage.there != 0 && outage.pending == 0) ||
          (outage.pending != 0 && !due(outage.pending, static_cast<Index>(k), EventKind::outage)))
        return "an outage waits for another event";
    }
    for (std::size_t u = 0; u < s_.stores.size(); ++u) {
      const StoreState& store = s_.stores[u];
      if (!share_or_amount(store.level) || !is_figure(store.rate) || !share_or_amount(store.gives) || !share_or_amount(store.takes) || !time(store.since) || (store.pending != 0 && !due(store.pending, static_cast<Index>(u), EventKind::store_end)))
        return "what a utility keeps is no amount, or waits for another event";
    }
    for (const double fed : s_.fed)
      if (!share_or_amount(fed)) return "what is given to a utility is no amount";
    for (const double wanted : s_.wanted)
      if (!is_figure(wanted)) return "what is wanted of a utility is no amount";
    for (const UtilityAccount& a : s_.accounts.utilities) {
      if (!is_figure(a.given) || !is_figure(a.kept)) return "an account of a utility is none";
      for (const LevelIntegral* level : {&a.taken, &a.offered, &a.full, &a.fed, &a.made})
        if (!share_or_amount(level->level()) || !is_figure(level->value(s_.now))) return "an account of a utility is none";
    }
    return {};
  }

 private:
  bool time(double s) const { return s >= 0 && s <= s_.now; }
  bool take(Index k) { return k < s_.pulls.size() && found_[k]++ == 0; }
  bool due(std::uint64_t order, Index index, EventKind kind) const {
    const auto event = events_.find(order);
    return event != events_.end() && event->second.index == index && event->second.kind == kind;
  }

  bool circle(Index c) {
    const CircleState& circle = s_.circles[c];
    Index last = none;
    for (Index k = circle.users.head; k != none; k = s_.pulls[k].in_circle) {
      if (k >= s_.pulls.size() || shares_[k] != 0 || s_.pulls[k].active != 1) return false;
      shares_[k] = c + 1;
      last = k;
    }
    return last == circle.users.tail && (circle.pending == 0 || due(circle.pending, c, EventKind::pull_end)) && !std::isnan(circle.end) && circle.ample <= 1;
  }

  bool server(Index v) {
    const Server& server = s_.servers[v];
    const ServerPulls& pulls = s_.server_pulls[v];
    if (!share_or_amount(pulls.ahead_s)) return false;
    if (pulls.first == none) return true;
    if (server.stage != Stage::work) return false;
    const std::vector<LaidDraw>& draws = is_.stations[s_.server_station[v]].draws[server.phase];
    if (draws.empty()) return false;
    std::vector<Index> circles;  // by item
    const LaidDraw* along = &draws.front();
    for (auto draw = draws.rbegin(); draw != draws.rend(); ++draw)
      if (draw->gives) along = &*draw;
    for (auto draw = draws.rbegin(); draw != draws.rend(); ++draw)
      if (!draw->needed && !draw->gives) along = &*draw;
    circles.push_back(is_.circle_of[along->utility]);
    for (const LaidDraw& draw : draws)
      if (draw.needed) circles.push_back(is_.circle_of[draw.utility]);
    std::size_t item = 0;
    for (Index k = pulls.first; k != none; k = s_.pulls[k].next, ++item) {
      if (!take(k) || item >= circles.size()) return false;
      const Pull& pull = s_.pulls[k];
      if (pull.server != v || pull.item != item || pull.active > 1 || !share_or_amount(pull.left) || !share_or_amount(pull.rate) || !(pull.bound > 0) || !time(pull.since) || std::isnan(pull.end)) return false;
      if (shares_[k] != (pull.active != 0 ? circles[item] + 1 : 0) || (pull.active == 0 && pull.rate != 0)) return false;
      if (pull.active != 0 && (server.pending == 0 || server.conditions != 0)) return false;
    }
    return item == circles.size();
  }

  const State& s_;
  const Layout& is_;
  std::vector<std::uint8_t> found_;
  std::vector<Index> shares_;  ///< circle in which it was found, and 1; 0: none
  std::unordered_map<std::uint64_t, Event> events_;
};

}  // namespace

std::string wrong_pull(const State& state, const Layout& layout) { return PullInspection(state, layout).run(); }

bool draws_now(const State& s, Index server) {
  if (s.server_pulls.empty()) return false;
  std::size_t steps = 0;
  for (Index k = s.server_pulls[server].first; k != none && k < s.pulls.size() && steps <= s.pulls.size(); k = s.pulls[k].next, ++steps)
    if (s.pulls[k].active != 0) return true;
  return false;
}

}  // namespace retwin

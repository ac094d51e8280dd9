// What jobs draw, carried over to another plant. Where a station draws the same, its jobs go on drawing; where it does not, what is left of their work
// goes on, and draws what the new plant says.
#include <algorithm>

#include "core/flow/rebase/rebase.hpp"

namespace retwin {

void Rebase::move_utilities() {
  outages_.assign(old_.outages.size(), none);
  Index first = 0;
  for (std::size_t u = 0; u < maps_.utilities.size(); ++u) {
    const std::vector<std::string>& names = from_.of("utility")[u]->list("outages");
    for (Index k = 0; k < names.size(); ++k) {
      if (maps_.utilities[u] == none) continue;
      const Utility& there = to_.utilities[maps_.utilities[u]];
      for (Index to = 0; to < there.outages.size(); ++to)
        if (there.outages[to].name == names[k]) outages_[first + k] = there.first_outage + to;
      if (outages_[first + k] != none) new_.outages[outages_[first + k]] = old_.outages[first + k];
    }
    first += static_cast<Index>(names.size());
    if (maps_.utilities[u] == none) continue;
    StoreState& store = new_.stores[maps_.utilities[u]] = old_.stores[u];
    settle_store(old_, u, old_.accounts);
    store = {};
    store.level = old_.stores[u].at(old_.now);
    store.since = old_.now;

  }
  const std::size_t n = maps_.utilities.size(), there = to_.utilities.size();
  for (Index v = 0; v < old_.server_pulls.size(); ++v) {
    const Index to = servers_[v];
    if (to == none) continue;
    for (std::size_t u = 0; u < n; ++u) {
      DrawnAmount drawn = old_.drawn[v * n + u];
      drawn.set(old_.now, drawn.rate);
      if (maps_.utilities[u] != none && there > 0) new_.drawn[to * there + maps_.utilities[u]] = drawn;
      else refuse("utility", old_name("utility", u), "is gone", "job", "that has drawn of it", drawn.amount > 0 ? 1 : 0);
    }
    if (old_.server_pulls[v].first == none) continue;
    Server& server = new_.servers[to];
    if (there == 0) {  // what is left goes on without
      const Pull& work = old_.pulls[old_.server_pulls[v].first];
      server.remaining = std::max(0.0, work.left - work.rate * (old_.now - work.since));
      continue;
    }
    const Index station = old_.server_station[v];
    const bool same = maps_.old_stations[station].entry->list("draws") == maps_.new_stations[maps_.stations[station]].entry->list("draws");
    Index* link = &new_.server_pulls[to].first;
    new_.server_pulls[to].ahead_s = old_.server_pulls[v].ahead_s;
    new_.pulls.resize(old_.pulls.size());
    for (Index k = old_.server_pulls[v].first; k != none; k = same ? old_.pulls[k].next : none) {
      Pull& pull = new_.pulls[k] = old_.pulls[k];
      pull.server = to;
      pull.next = pull.in_circle = none;
      *link = k;
      link = &pull.next;
      if (same) continue;
      pull.left = std::max(0.0, pull.left - pull.rate * (old_.now - pull.since));
      pull.since = old_.now;
      pull.rate = 0;
      pull.active = 0;
    }
    if (!same)
      for (std::size_t u = 0; u < there; ++u) new_.drawn[to * there + u].set(old_.now, 0);
  }
  for (const CircleState& circle : old_.circles)  // in the order in which they came
    for (Index k = circle.users.head; k != none; k = old_.pulls[k].in_circle) {
      if (k >= new_.pulls.size() || new_.pulls[k].server == none || new_.pulls[k].active == 0) continue;
      const Pull& pull = new_.pulls[k];
      const std::vector<Draw>& draws = to_.stations[new_.server_station[pull.server]].phases[new_.servers[pull.server].phase].draws;
      const Draw* of = &draws.front();
      Index item = 0;
      for (const Draw& draw : draws)
        if (pull.item > 0 && draw.needed() && ++item == pull.item) of = &draw;
      if (pull.item == 0)
        if (const auto along = main_draw(draws); along != draws.end()) of = &*along;
      new_.circles[to_.utilities[of->utility].circle].users.push_back(new_.pulls, k);
    }
  for (Index k = 0; k < new_.pulls.size(); ++k) {  // the others are free
    if (new_.pulls[k].server != none) continue;
    new_.pulls[k] = {};
    new_.pulls[k].next = new_.free_pull;
    new_.free_pull = k;
  }
}

}  // namespace retwin

// Carries the lots of a state over to another plant: where they are and are bound for, their kinds, attributes and masses.
#include <algorithm>

#include "core/flow/rebase/rebase.hpp"

namespace retwin {

/// Every live lot with where it is and the index of that station or source.
template <class F>
void Rebase::for_lots(F&& f) const {
  for (Index i = 0; i < old_.stations.size(); ++i)
    for (Index lot = old_.stations[i].queue.head; lot != none; lot = old_.lots[lot].next) f(lot, At::queue, i);
  for (Index v = 0; v < old_.servers.size(); ++v) {
    const Index i = old_.server_station[v];
    Index lot = old_.servers[v].job;
    for (Index k = 0; k < old_.servers[v].jobs_lots && lot != none; ++k, lot = old_.lots[lot].next) f(lot, At::job, i);
    for (Index p = 0; p < maps_.old_stations[i].ports; ++p)
      for (lot = old_.outputs[old_.server_port[v] + p].head; lot != none; lot = old_.lots[lot].next) f(lot, At::output, i);
  }
  for (Index k = 0; k < old_.sources.size(); ++k)
    for (Index lot = old_.sources[k].line.head; lot != none; lot = old_.lots[lot].next) f(lot, At::source, k);
}

// --- what saturated sources offer ------------------------------------------------------------------------------------------------

// A lot that a saturated source holds out is not in the plant yet. Where it has nowhere to go it is taken back.
void Rebase::withdraw_offers() {
  for (Index k = 0; k < old_.sources.size(); ++k) {
    if (old_.sources[k].offered == 0) continue;
    const Index lot = old_.sources[k].line.head;
    const Lot& offer = old_.lots[lot];
    const bool arrives = (offer.choice != none || maps_.node(offer.target) != none) && (offer.goal == none || maps_.node(offer.goal) != none);
    if (maps_.sources[k] == none || !arrives || maps_.kinds[offer.kind] == none) withdraw(lot, k);
  }
}

void Rebase::withdraw(Index lot, Index source) {
  Lot& l = old_.lots[lot];
  if (l.choice != none) {  // alone in its line: a source holds out one
    old_.routes[l.choice] = {old_.routes[l.choice].turn, {}, 0};
  } else if (l.target < old_.stations.size()) {
    withdraw_from_line(old_, l.target, lot);
  }
  if (l.goal < old_.stations.size()) --old_.stations[l.goal].inbound;
  SourceState& state = old_.sources[source];
  state.line = {};
  state.waiting = state.offered = 0;
  --state.ordinal;
  l.id = 0;
  l.next = old_.free_lot;
  old_.free_lot = lot;
  --old_.live_lots;
}

// --- places ----------------------------------------------------------------------------------------------------------------------

void Rebase::move_lots() {
  new_.lots = old_.lots;
  new_.free_lot = old_.free_lot;
  new_.live_lots = old_.live_lots;
  live_.assign(old_.lots.size(), 0);
  const auto plans = [](const Structure& structure) {
    std::string text;
    for (const Structure::Entry* plan : structure.of("plan")) text += Structure{{*plan}}.text();
    return text;
  };
  const bool same_plans = plans(from_) == plans(there_);
  if (same_plans) new_.steps = old_.steps;
  if (!same_plans) new_.steps.assign(new_.lots.size() * to_.most_steps, 0);
  const auto bound_for = [&](Index node) {
    const bool sink = node >= old_.stations.size();
    const char* kind = sink ? "sink" : "station";
    refuse(kind, old_name(kind, sink ? node - old_.stations.size() : node), "is gone", "lot", "on the way to it");
  };
  for_lots([&](Index lot, At at, Index place) {
    live_[lot] = 1;
    const Lot& was = old_.lots[lot];
    if (at != At::source && maps_.stations[place] == none)
      refuse("station", maps_.old_stations[place].entry->name, "is gone", "lot", "in it");
    if (!same_plans && (was.plan_of != none || (at != At::source && maps_.old_stations[place].entry->value("special") == "plan")))
      refuse("plan", "", "of the saved state differs from those of this plant", "lot", "on one");
    if (was.goal != none && maps_.node(was.goal) == none) bound_for(was.goal);
    move_lot(lot);
  });
  for (const Server& server : old_.servers) {
    const bool promised = (server.flags & flag_reserved) != 0 && server.job != none;
    if (promised && maps_.node(old_.lots[server.job].target) == none) bound_for(old_.lots[server.job].target);
  }
}

// What a lot keeps of an earlier stay (target and holder of one that is in a buffer) may be gone without harm.
void Rebase::move_lot(Index lot) {
  const Lot& was = old_.lots[lot];
  Lot& is = new_.lots[lot];
  is.kind = maps_.kinds[was.kind];
  if (is.kind == none) refuse("kind", old_name("kind", was.kind), "is gone", "lot", "of it");
  is.target = maps_.node(was.target);
  is.goal = maps_.node(was.goal);
  is.origin = maps_.origin(was.origin);
  is.choice = maps_.route(was.choice, to_);
  const Index source = was.holder & ~source_holder;
  if (was.holder == none || !(was.holder & source_holder)) {
    is.holder = server(was.holder);
  } else {
    is.holder = source < maps_.sources.size() && maps_.sources[source] != none ? maps_.sources[source] | source_holder : none;
  }
  const Index n_sources = static_cast<Index>(to_.sources.size());  // stands for lots that were there at the start
  is.source =
      static_cast<std::uint16_t>(was.source < maps_.sources.size() ? std::min(maps_.sources[was.source], n_sources) : n_sources);
}

// --- contents --------------------------------------------------------------------------------------------------------------------

void Rebase::move_attributes() {
  const std::size_t n = maps_.attributes.size(), n_new = to_.attributes.size();
  new_.attributes.clear();
  for (std::size_t lot = 0; lot < old_.lots.size(); ++lot)
    new_.attributes.insert(new_.attributes.end(), to_.blank.begin(), to_.blank.end());
  for (std::size_t a = 0; a < n; ++a) {
    const Index to = maps_.attributes[a];
    if (to == none) continue;
    const bool categorical = !maps_.categories[a].empty();
    const bool changed = categorical != !to_.attributes[to].categories.empty();
    const bool contents = to_.contents_slot >= 0 && to == static_cast<Index>(to_.contents_slot);
    for (std::size_t lot = 0; lot < old_.lots.size(); ++lot) {
      const double value = old_.attributes[lot * n + a];
      new_.attributes[lot * n_new + to] = categorical ? moved_category(a, value, live_[lot]) : value;
      if (!live_[lot]) continue;
      if (changed)
        refuse("attribute", old_name("attribute", a), "has categories in one plant and none in the other", "lot", "in the plant");
      const Index source = old_.lots[lot].source;
      if (contents && value > 0 && source < maps_.sources.size() && maps_.sources[source] == none)
        refuse("source", maps_.old_sources[source]->name, "is gone", "carrier", "of it still loaded");
    }
  }
}

double Rebase::moved_category(std::size_t attribute, double value, bool live) {
  const IndexMap& categories = maps_.categories[attribute];
  if (!(value >= 0 && value < static_cast<double>(categories.size()))) return value;
  const std::size_t category = static_cast<std::size_t>(value);
  if (categories[category] != none) return categories[category];
  const Structure::Entry& entry = *from_.of("attribute")[attribute];
  if (live) refuse("attribute", entry.name, "has no category " + entry.list("categories")[category], "lot", "of it");
  return 0;
}

void Rebase::move_masses() {
  const std::size_t n = maps_.components.size(), n_new = to_.n_components;
  new_.kg.assign(old_.lots.size() * n_new, 0);
  for (std::size_t c = 0; c < n; ++c)
    for (std::size_t lot = 0; lot < old_.lots.size(); ++lot) {
      const double kg = old_.kg[lot * n + c];
      if (maps_.components[c] != none) {
        new_.kg[lot * n_new + maps_.components[c]] = kg;
      } else if (live_[lot]) {
        refuse("component", old_name("component", c), "is gone", "kilogram", "in the plant", kg);
      }
    }
}

// Of a tank that is gone, what it held must be nothing; one that is new begins empty.
void Rebase::move_tanks() {
  const std::size_t n = maps_.components.size();
  for (TankState& tank : new_.tanks) tank.since_s = old_.now;
  for (std::size_t i = 0; i < maps_.tanks.size(); ++i) {
    const Index to = maps_.tanks[i];
    if (to == none) {
      refuse("tank", old_name("tank", i), "is gone", "kilogram", "in it", old_.tanks[i].kg);
      continue;
    }
    new_.tanks[to] = old_.tanks[i];
    for (std::size_t c = 0; c < n; ++c) {
      const double kg = old_.tank_kg[i * n + c];
      if (maps_.components[c] != none) new_.tank_kg[to * to_.n_components + maps_.components[c]] = kg;
      else refuse("component", old_name("component", c), "is gone", "kilogram", "in a tank", kg);
    }
  }
}

// Waiting lots by batch key; counted again where the keys are others.
void Rebase::move_keys(Index i) {
  const StationLayout& layout = maps_.old_stations[i];
  const StationLayout& there = maps_.new_stations[maps_.stations[i]];
  const int by = to_.stations[maps_.stations[i]].batch.by;
  bool same = layout.keys == there.keys && layout.entry->list("batch") == there.entry->list("batch");
  for (std::size_t a = 0; same && a < maps_.attributes.size(); ++a) {
    if (by < 0 || maps_.attributes[a] != static_cast<Index>(by)) continue;
    for (std::size_t c = 0; c < maps_.categories[a].size(); ++c) same = same && maps_.categories[a][c] == c;
  }
  if (same) {
    std::copy_n(old_.key_count.begin() + layout.first_key, layout.keys, new_.key_count.begin() + there.first_key);
    std::copy_n(old_.key_kg.begin() + layout.first_key, layout.keys, new_.key_kg.begin() + there.first_key);
    return;
  }
  for (Index lot = old_.stations[i].queue.head; lot != none && there.keys > 0; lot = old_.lots[lot].next) {
    const double value = by < 0 ? -1 : new_.attributes[lot * to_.attributes.size() + static_cast<std::size_t>(by)];
    const auto key = static_cast<std::size_t>(std::clamp(value + 1, 0.0, static_cast<double>(there.keys - 1)));
    ++new_.key_count[there.first_key + key];
    new_.key_kg[there.first_key + key] += old_.lots[lot].mass;
  }
}

}  // namespace retwin

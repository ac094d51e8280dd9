// Carries a state over to a plant of another structure, by name: servers and stations, sources, pools, calendars and events.
#include "core/flow/rebase/rebase.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/problem.hpp"
#include "core/flow/engine/engine.hpp"
#include "core/flow/engine/simulation.hpp"

namespace retwin {

State rebase(const State& state, const Structure& from, const Plant& to) { return Rebase(state, from, to).run(); }

Rebase::Rebase(const State& old, const Structure& from, const Plant& to)
    : old_(old), from_(from), to_(to), there_(structure_of(to)), maps_(from_, there_), new_(initial_state(to, 0)) {
  RETWIN_CHECK(old_.stations.size() == maps_.stations.size() && old_.servers.size() >= maps_.old_servers() &&
               old_.sources.size() == maps_.sources.size() && old_.pools.size() == maps_.pools.size() &&
               old_.attributes.size() == old_.lots.size() * maps_.attributes.size() &&
               old_.kg.size() == old_.lots.size() * maps_.components.size());
  old_.calendar.settle();
}

State Rebase::run() {
  new_.key = old_.key;
  new_.log_activity = old_.log_activity;
  if (!old_.started) return std::move(new_);
  new_.now = old_.now;
  new_.order = old_.order;
  new_.started = true;
  withdraw_offers();
  map_servers();
  move_lots();
  move_attributes();
  move_masses();
  move_tanks();
  clocks_.assign(old_.clocks.size(), none);
  for (Index i = 0; i < maps_.stations.size(); ++i) move_station(i);
  move_sources();
  move_pools();
  move_utilities();
  move_digital();
  move_calendars();
  throw_if_refused();
  move_events();
  new_.accounts = rebase_accounts(old_.accounts, maps_, std::move(new_.accounts));
  for (ActivePeriod period : old_.activity)
    if ((period.station = maps_.stations[period.station]) != none) new_.activity.push_back(period);
  Engine(to_, new_, nullptr, nullptr).adopt(new_servers_);
  return std::move(new_);
}

void Rebase::refuse(const char* kind, const std::string& name, const std::string& what, const std::string& noun,
                    const std::string& rest, double amount) {
  if (amount > 0) refused_[{path_of(kind, name), fmt::format("{} {} {}", kind, name, what), noun, rest}] += amount;
}

void Rebase::throw_if_refused() const {
  Problems problems;
  for (const auto& [text, amount] : refused_) {
    const auto& [path, what, noun, rest] = text;
    const std::string with = noun.empty() ? "" : fmt::format(", with {:.6g} {}{} {}", amount, noun, amount == 1 ? "" : "s", rest);
    const Index station = path.starts_with("stations.") ? to_.find_station(path.substr(9)) : none;
    problems.error(
        Code::structure, station == none ? Place{} : to_.stations[station].place, path, what + with,
        problems.all().empty() ? "keep the name in the new plant, or let the old one run until nothing depends on it" : "");
  }
  problems.throw_if_errors();
}

// --- servers and stations --------------------------------------------------------------------------------------------------------

void Rebase::map_servers() {
  servers_.assign(old_.servers.size(), none);
  std::vector<std::uint8_t> taken(new_.servers.size(), 0);
  for (Index v = 0; v < old_.servers.size(); ++v) {
    const StationLayout& layout = maps_.old_stations[old_.server_station[v]];
    const Index to = maps_.stations[old_.server_station[v]];
    if (to == none) continue;
    if (v < maps_.old_servers() && v - layout.first_server < maps_.new_stations[to].servers) {
      servers_[v] = maps_.new_stations[to].first_server + v - layout.first_server;
      taken[servers_[v]] = 1;
    } else if (to_.stations[to].unlimited_servers) {  // added as needed
      servers_[v] = static_cast<Index>(new_.servers.size());
      new_.servers.emplace_back();
      new_.server_station.push_back(to);
      new_.server_port.push_back(static_cast<Index>(new_.outputs.size()));
      if (!to_.utilities.empty()) {
        new_.server_pulls.emplace_back();
        new_.drawn.resize(new_.drawn.size() + to_.utilities.size());
      }
      if (!to_.digital.tasks.empty()) new_.awaited.push_back(0);
      new_.outputs.resize(new_.outputs.size() + to_.stations[to].ports.size());
    }
  }
  for (Index v = 0; v < taken.size(); ++v) {
    if (taken[v]) continue;
    new_.servers[v].since = old_.now;
    new_servers_.push_back(v);
  }
}

void Rebase::move_station(Index i) {
  const StationLayout& layout = maps_.old_stations[i];
  const Index to = maps_.stations[i];
  const auto move = [&](Index v) {
    if (servers_[v] == none) {
      drop_server(v, i, v - layout.first_server + 1);
    } else {
      move_server(v, i);
      move_outputs(v, i);
    }
  };
  for (Index v = layout.first_server; v < layout.first_server + layout.servers; ++v) move(v);
  for (Index v = maps_.old_servers(); v < old_.servers.size(); ++v)
    if (old_.server_station[v] == i) move(v);
  StationState st = old_.stations[i];
  if (to == none) {
    for (Index lot = st.line.head; lot != none; lot = old_.lots[lot].wait_next)
      refuse("station", layout.entry->name, "is gone", "lot", "waiting to enter it");
    return;
  }
  for (Index port = 0; port < layout.ports; ++port)
    if (maps_.ports[i][port] != none) new_.routes[to_.route_of_port(to, maps_.ports[i][port])] = old_.routes[layout.first_port + port];
  const auto relink = [&](Fifo<&Server::next>& servers) {
    Index count = 0;
    for (Index v = std::exchange(servers, {}).head; v != none; v = old_.servers[v].next) {
      if (servers_[v] == none) continue;
      servers.push_back(new_.servers, servers_[v]);
      ++count;
    }
    return count;
  };
  st.idle = relink(st.idlers);
  relink(st.finished);
  st.campaign_key = moved_key(st.campaign_key, i);
  new_.stations[to] = st;
  move_clocks(i);
  move_memory(i);
  move_keys(i);
}

void Rebase::drop_server(Index from, Index i, Index number) {
  const Server& server = old_.servers[from];
  const std::string& station = maps_.old_stations[i].entry->name;
  const bool holds = server.grant != none || server.repair_grant != none || (server.flags & flag_waiting);
  if (maps_.stations[i] != none) {
    if (server.stage != Stage::idle || holds)
      refuse("station", station,
             fmt::format("has no server {} any more, but that is {}", number,
                         server_state_names[static_cast<std::size_t>(server.shown)]));
  } else if (server.stage == Stage::changeover || (server.stage == Stage::idle && holds)) {
    refuse("station", station, "is gone", "server", "in repair or changing over");
  }
  old_.accounts.stations[i].time_in[static_cast<std::size_t>(server.shown)] += old_.now - server.since;
}

void Rebase::move_server(Index from, Index i) {
  const Structure::Entry& entry = *maps_.old_stations[i].entry;
  const Structure::Entry& there = *maps_.new_stations[maps_.stations[i]].entry;
  const Server& was = old_.servers[from];
  Server& is = new_.servers[servers_[from]] = was;
  is.next = server(was.next);
  is.key = moved_key(was.key, i);
  is.due_modes = 0;
  if (was.place >= std::max<std::size_t>(1, there.number("places"))) is.place = 0;
  const auto moved = [](const IndexMap& map, std::uint16_t old) {
    return old < map.size() && map[old] != none ? static_cast<std::uint16_t>(map[old]) : std::uint16_t{0};
  };
  const auto gone = [](const IndexMap& map, std::uint16_t old) { return old < map.size() && map[old] == none; };
  const IndexMap& phases = maps_.phases[i];
  const IndexMap& modes = maps_.modes[i];
  is.phase = moved(phases, was.phase);
  is.failed_mode = moved(modes, was.failed_mode);
  for (std::uint16_t m = 0; m < modes.size(); ++m)
    if ((was.due_modes >> m & 1u) && modes[m] != none) is.due_modes = static_cast<std::uint16_t>(is.due_modes | 1u << modes[m]);
  if (was.stage == Stage::work && gone(phases, was.phase))
    refuse("station", entry.name, "has no phase " + entry.list("phases")[was.phase], "job", "in it");
  if ((was.conditions & (condition_down | condition_maintenance)) && gone(modes, was.failed_mode))
    refuse("station", entry.name, "has no failure mode " + entry.list("failures")[was.failed_mode], "server", "down by it");
  if (was.stage == Stage::setup && there.list("setup").empty())
    refuse("station", entry.name, "has no setup", "server", "being set up");
  if (was.stage == Stage::reserve && there.list("blocks").empty())
    refuse("station", entry.name, "does not block before service", "server", "waiting for a place");
}

void Rebase::move_outputs(Index from, Index i) {
  const Structure::Entry& entry = *maps_.old_stations[i].entry;
  for (Index p = 0; p < maps_.old_stations[i].ports; ++p) {
    const std::size_t slot = old_.server_port[from] + p;
    const Index to = maps_.ports[i][p];
    for (Index lot = old_.outputs[slot].head; lot != none; lot = old_.lots[lot].next) {
      new_.lots[lot].port = static_cast<std::uint16_t>(to);
      if (to == none) refuse("station", entry.name, "has no port " + entry.list("ports")[p], "lot", "waiting to leave by it");
    }
    if (to == none) continue;
    new_.outputs[new_.server_port[servers_[from]] + to] = old_.outputs[slot];
  }
}

void Rebase::move_clocks(Index i) {
  const StationLayout& layout = maps_.old_stations[i];
  const StationLayout& there = maps_.new_stations[maps_.stations[i]];
  for (Index v = 0; v < std::min(layout.servers, there.servers); ++v)
    for (Index m = 0; m < layout.modes; ++m) {
      if (maps_.modes[i][m] == none) continue;
      const ClockState& was = old_.clocks[layout.first_clock + v * layout.modes + m];
      clocks_[layout.first_clock + v * layout.modes + m] = there.first_clock + v * there.modes + maps_.modes[i][m];
      ClockState& is = new_.clocks[there.first_clock + v * there.modes + maps_.modes[i][m]];
      is.left = was.left;
      is.ordinal = was.ordinal;
      is.pending = was.pending;
    }
}

// By name; what is new begins as it would at the start.
void Rebase::move_memory(Index i) {
  const StationLayout& layout = maps_.old_stations[i];
  const StationLayout& there = maps_.new_stations[maps_.stations[i]];
  const auto old_names = layout.entry->list("memory"), new_names = there.entry->list("memory");
  for (std::size_t f = 0; f < layout.memory; ++f) {
    const auto found = std::find(new_names.begin(), new_names.end(), old_names[f]);
    const auto to = static_cast<std::size_t>(found - new_names.begin());
    bool lost = false;
    for (std::size_t v = 0; v < layout.servers; ++v) {
      const double value = old_.memory[layout.first_memory + v * layout.memory + f];
      if (found == new_names.end()) lost = lost || value != 0;
      else if (v < there.servers) new_.memory[there.first_memory + v * there.memory + to] = value;
    }
    if (lost) refuse("station", layout.entry->name, "remembers " + old_names[f] + " in the state, but not in the plant");
  }
}

// Of a server or a campaign: the category of the setup (else the batch) attribute plus one, 0 if it has none.
Index Rebase::moved_key(std::uint32_t key, Index i) const {
  const auto attribute = [](const Structure::Entry& entry) {
    return entry.list("setup").empty() ? entry.value("batch") : entry.value("setup");
  };
  const std::string by = attribute(*maps_.old_stations[i].entry);
  if (by != attribute(*maps_.new_stations[maps_.stations[i]].entry)) return none;
  if (key == none || key == 0) return key;
  for (std::size_t a = 0; a < maps_.attributes.size(); ++a) {
    const IndexMap& categories = maps_.categories[a];
    if (categories.empty() || key > categories.size() || old_name("attribute", a) != by) continue;
    return categories[key - 1] == none ? none : categories[key - 1] + 1;
  }
  return key;
}

// --- sources, pools, calendars, events -------------------------------------------------------------------------------------------

// A source that is new has the state of one that has not begun.
void Rebase::move_sources() {
  for (std::size_t k = 0; k < maps_.sources.size(); ++k) {
    const SourceState& was = old_.sources[k];
    if (maps_.sources[k] == none) {
      refuse("source", maps_.old_sources[k]->name, "is gone", "lot", "waiting at it", was.waiting);
    } else {
      new_.sources[maps_.sources[k]] = was;
      new_.routes[to_.route_of_source(maps_.sources[k])] = old_.routes[maps_.old_ports() + k];
    }
  }
}

void Rebase::move_pools() {
  for (std::size_t k = 0; k < maps_.pools.size(); ++k) {
    if (maps_.pools[k] == none) {
      refuse("pool", old_name("pool", k), "is gone", "unit", "in use", old_.pools[k].taken);
    } else {
      new_.pools[maps_.pools[k]] = old_.pools[k];
    }
  }
  new_.free_grant = old_.free_grant;
  new_.grants = old_.grants;
  for (Grant& grant : new_.grants)
    if (grant.pool != none) grant.pool = maps_.pools[grant.pool];
  for (Request request : old_.requests)
    if ((request.server = server(request.server)) != none) new_.requests.push_back(request);
}

void Rebase::move_calendars() {
  for (std::size_t c = 0; c < to_.calendars.size(); ++c) new_.calendar_on[c] = to_.calendars[c].on(old_.now) ? 1 : 0;
  for (std::size_t c = 0; c < maps_.calendars.size(); ++c) {
    if (maps_.calendars[c] == none) continue;
    new_.calendar_on[maps_.calendars[c]] = old_.calendar_on[c];
    new_.calendar_event[maps_.calendars[c]] = old_.calendar_event[c];
  }
}

void Rebase::move_events() {
  const auto moved = [&](const Event& event) {
    switch (event.kind) {
      case EventKind::service_end:
      case EventKind::failure:
      case EventKind::repair_end:
      case EventKind::changeover_end: return servers_[event.index];
      case EventKind::arrival: return maps_.sources[event.index];
      case EventKind::clock_failure: return clocks_[event.index];
      case EventKind::shift: return maps_.calendars[event.index];
      case EventKind::batch_wait:
      case EventKind::headway: return maps_.stations[event.index];
      case EventKind::pull_end: return none;  // utilities are shared anew at once
      case EventKind::outage: return outages_[event.index];
      case EventKind::store_end: return none;  // likewise
      case EventKind::step_end: return none;   // likewise the devices of the digital layer
      case EventKind::give_up: return to_.patience ? event.index : none;
      case EventKind::task_due: return maps_.tasks[event.index];
    }
    return none;
  };
  for (Event event : old_.calendar.events())
    if ((event.index = moved(event)) != none) new_.calendar.push(event);
}

}  // namespace retwin

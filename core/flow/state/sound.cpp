// The check of a loaded state: each list is walked once, each link followed once, each thing found at one place only.
#include "core/flow/state/sound.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "core/base/whole.hpp"
#include "core/flow/state/layout.hpp"

namespace retwin {
namespace {

constexpr std::size_t most_options = 100;  // of a route that lead to one station
constexpr double slack = 1e-6;  // relative, of sums that were kept step by step

bool number(double x) { return is_figure(x); }
bool amount(double x) { return x >= 0 && is_figure(x); }
bool near(double a, double b) { return std::abs(a - b) <= slack * (1 + std::abs(a) + std::abs(b)); }
bool numbers(const std::vector<double>& list) { return std::all_of(list.begin(), list.end(), number); }

class Inspection {
 public:
  Inspection(const State& s, const Layout& is)
      : s_(s), is_(is), n_stations_(is.stations.size()), place_(s.lots.size(), Place::nowhere), granted_(s.grants.size(), 0) {}

  std::string run() {
    const bool sound = clock() && free_lots() && servers() && stations() && sources() && all_found() && events() && lots() && plans() &&
                       grants() && requests() && clocks() && keys();
    if (!sound) return wrong_;
    if (const std::string wrong = wrong_account(s_); !wrong.empty()) return wrong;
    const std::string pull = wrong_pull(s_, is_);
    return pull.empty() ? wrong_task(s_, is_) : pull;
  }

 private:
  enum class Place : std::uint8_t { nowhere, free, queue, job, output, outside };

  bool fail(const char* what) {
    wrong_ = what;
    return false;
  }
  bool is_lot(Index lot) const { return lot < s_.lots.size(); }
  bool is_node(Index node) const { return node == none || node < is_.nodes(); }
  const LaidStation& station_of(Index server) const { return is_.stations[s_.server_station[server]]; }

  bool clock() {
    if (!amount(s_.now) || s_.order == 0 || s_.order >> 62 != 0) return fail("its time or order is none");
    return s_.started || (s_.lots.empty() && s_.calendar.events().empty() && s_.requests.empty() && s_.grants.empty())
               ? true
               : fail("something is there before the start");
  }

  /// Follows a list of lots to its end; each is at one place only, so that no list runs in a circle.
  bool walk(Index first, Place place, Index& count, Index& last) {
    count = 0;
    last = none;
    for (Index lot = first; lot != none; lot = s_.lots[lot].next) {
      if (!is_lot(lot) || place_[lot] != Place::nowhere) return fail("a list of lots leads nowhere, or a lot is at two places");
      place_[lot] = place;
      last = lot;
      ++count;
    }
    return true;
  }

  bool free_lots() {
    Index count = 0, last = none;
    return walk(s_.free_lot, Place::free, count, last);
  }

  // --- servers

  bool servers() {
    std::size_t slot = 0;
    for (Index v = 0; v < s_.servers.size(); ++v) {
      const LaidStation& station = station_of(v);
      const bool own = v >= station.first_server && v - station.first_server < station.servers;
      if (v < is_.servers ? !own : !station.unlimited) return fail("a server is of another station");
      if (s_.server_port[v] != slot) return fail("the ports of the servers are mixed up");
      slot += station.ports;
      if (!server(v, station)) return false;
    }
    return true;
  }

  bool server(Index v, const LaidStation& station) {
    const Server& server = s_.servers[v];
    if (static_cast<std::size_t>(server.shown) >= n_server_states || static_cast<std::size_t>(server.base) >= n_server_states ||
        server.stage > Stage::changeover || server.conditions > 7 || server.flags > 31)
      return fail("a server is in no known state");
    if (server.phase >= station.phases || server.failed_mode >= std::max<std::size_t>(1, station.modes) ||
        server.due_modes >> station.modes != 0 || server.place >= station.places)
      return fail("a server has no such phase, failure or place");
    if (stopped(server) && station.modes == 0) return fail("a server without failure modes is down");
    for (const double x : {server.since, server.active_since, server.work_start, server.duration, server.remaining, server.done_before})
      if (!number(x)) return fail("a time of a server is no number");
    Index count = 0, last = none, outputs = 0;
    if (!walk(server.job, Place::job, count, last)) return false;
    if (server.job != none && count != server.jobs_lots) return fail("the lots of a job are miscounted");
    if (server.job != none && station.plan && (count != 1 || s_.lots[server.job].holder != v)) return fail("a lot on a plan is kept by nobody");
    for (std::size_t port = 0; port < station.ports; ++port) {
      const std::size_t slot = s_.server_port[v] + port;
      if (!walk(s_.outputs[slot].head, Place::output, count, last)) return false;
      if (last != s_.outputs[slot].tail) return fail("the outputs of a server do not end where they should");
      outputs += count;
      for (Index lot = s_.outputs[slot].head; lot != none; lot = s_.lots[lot].next)
        if (s_.lots[lot].port != port || s_.lots[lot].holder != v) return fail("an output is held by another server");
    }
    if (outputs != server.outputs) return fail("the outputs of a server are miscounted");
    return stage(server) && grants_of(server.grant) && grants_of(server.repair_grant);
  }

  bool stage(const Server& server) {
    const bool job = server.job != none;
    switch (server.stage) {
      case Stage::idle:
      case Stage::changeover: return !job && server.outputs == 0 ? true : fail("an idle server has a job");
      case Stage::reserve:
      case Stage::setup:
      case Stage::work: return job && server.outputs == 0 ? true : fail("a server works on nothing");
      case Stage::finished: return job == (server.outputs == 0) ? true : fail("a server that is done holds nothing");
    }
    return false;
  }
  static bool stopped(const Server& server) { return (server.conditions & (condition_down | condition_maintenance)) != 0; }

  bool grants_of(Index head) {
    for (Index grant = head; grant != none; grant = s_.grants[grant].next) {
      if (grant >= s_.grants.size() || granted_[grant]++ != 0) return fail("resources are granted twice, or to nobody");
      const Grant& g = s_.grants[grant];
      if (g.pool >= s_.pools.size() || !amount(g.count) || !(g.speed > 0 && number(g.speed))) return fail("a grant is of no resource");
    }
    return true;
  }

  // --- stations

  bool stations() {
    std::vector<std::uint8_t> idle(s_.servers.size(), 0), listed(s_.servers.size(), 0);
    std::vector<std::uint8_t> waits(s_.lots.size(), 0);
    for (Index i = 0; i < n_stations_; ++i) {
      const StationState& st = s_.stations[i];
      Index count = 0, last = none;
      if (!walk(st.queue.head, Place::queue, count, last)) return false;
      if (count != st.queued || last != st.queue.tail) return fail("a queue is miscounted");
      double kg = 0;
      for (Index lot = st.queue.head; lot != none; lot = s_.lots[lot].next) kg += s_.lots[lot].mass;
      if (!number(st.queued_kg) || !near(kg, st.queued_kg)) return fail("the mass of a queue is another");
      if (!chain(st.idlers, i, idle, count)) return false;
      if (count != st.idle) return fail("idle servers are miscounted");
      if (!chain(st.finished, i, listed, count)) return false;
      if (!line(st.line, i, none, waits, count)) return false;
      if (count > st.blocked || st.blocked > s_.lots.size() * most_options) return fail("those who wait to enter a station are miscounted");
      if (!line(st.offers, i, none, waits, count)) return false;
      if (st.reserved > s_.servers.size() || st.batches >> 62 != 0 || st.merged >> 62 != 0) return fail("a station has promised too much");
      if (!number(st.next_start) || !number(st.campaign_since)) return fail("a time of a station is no number");
    }
    for (Index r = 0; r < s_.routes.size(); ++r) {
      const RouteState& route = s_.routes[r];
      Index count = 0;
      if (!line(route.line, none, r, waits, count)) return false;
      if (count != route.waiting) return fail("those who wait for one of several stations are miscounted");
      choosing_ += count;
    }
    for (Index v = 0; v < s_.servers.size(); ++v) {
      const Server& server = s_.servers[v];
      if ((idle[v] != 0) != (s_.started && server.stage == Stage::idle && server.conditions == 0)) return fail("a server is idle and is not");
      if ((listed[v] != 0) != ((server.flags & flag_listed) != 0) || (listed[v] != 0 && server.stage != Stage::finished))
        return fail("a server is done and is not");
    }
    return true;
  }

  /// A list of servers of a station.
  bool chain(const Fifo<&Server::next>& servers, Index station, std::vector<std::uint8_t>& seen, Index& count) {
    Index last = none;
    count = 0;
    for (Index v = servers.head; v != none; v = s_.servers[v].next) {
      if (v >= s_.servers.size() || s_.server_station[v] != station || seen[v]++ != 0) return fail("a list of servers leads nowhere");
      last = v;
      ++count;
    }
    return last == servers.tail ? true : fail("a list of servers does not end where it should");
  }

  /// A line of lots that wait to enter a station, or the first of several that a route leads to: each is the first of a port, the job of
  /// a server that is done, or the first outside.
  bool line(const Fifo<&Lot::wait_next>& lots, Index station, Index route, std::vector<std::uint8_t>& waits, Index& count) {
    Index last = none;
    count = 0;
    for (Index lot = lots.head; lot != none; lot = s_.lots[lot].wait_next) {
      if (!is_lot(lot) || waits[lot]++ != 0 || s_.lots[lot].target != station || s_.lots[lot].choice != route) return fail("a line of waiting lots leads nowhere");
      const Index holder = s_.lots[lot].holder, source = holder & ~source_holder;
      const bool outside = holder != none && (holder & source_holder) != 0;
      if (outside ? source >= s_.sources.size() || s_.sources[source].line.head != lot : !offers(holder, lot))
        return fail("who waits to enter a station is held by nobody");
      last = lot;
      ++count;
    }
    return last == lots.tail ? true : fail("a line of waiting lots does not end where it should");
  }
  bool offers(Index server, Index lot) const {
    if (server >= s_.servers.size()) return false;
    const Server& holder = s_.servers[server];
    if (holder.outputs == 0) return holder.job == lot && (holder.stage == Stage::finished || holder.stage == Stage::reserve);
    const std::uint16_t port = s_.lots[lot].port;
    return port < station_of(server).ports && s_.outputs[s_.server_port[server] + port].head == lot;
  }

  bool sources() {
    for (Index k = 0; k < s_.sources.size(); ++k) {
      const SourceState& source = s_.sources[k];
      Index count = 0, last = none;
      if (!walk(source.line.head, Place::outside, count, last)) return false;
      if (count != source.waiting || last != source.line.tail) return fail("those who wait outside are miscounted");
      for (Index lot = source.line.head; lot != none; lot = s_.lots[lot].next)
        if (s_.lots[lot].holder != (source_holder | k)) return fail("who waits outside is of another source");
      if (source.ordinal >> 62 != 0 || source.arrivals >> 62 != 0 || source.row >> 62 != 0 || source.offered > source.waiting || source.offered > 1)
        return fail("a source has made too many lots");
      const bool never = source.next_s == std::numeric_limits<double>::infinity();
      if (!(never || number(source.next_s)) || std::isnan(source.interval_s) || !number(source.last_s)) return fail("a time of a source is no number");
    }
    return true;
  }

  bool all_found() {
    return std::find(place_.begin(), place_.end(), Place::nowhere) == place_.end() ? true : fail("a lot is nowhere");
  }

  // --- events

  bool events() {
    const std::vector<Event>& heap = s_.calendar.events();
    for (std::size_t k = 0; k < heap.size(); ++k) {
      const Event& event = heap[k];
      if (!(event.time() >= s_.now) || event.order >= s_.order || event.order == 0) return fail("an event is at no time");
      const Event& parent = heap[k == 0 ? 0 : (k - 1) / 2];
      if (std::pair(parent.time_bits, parent.order) > std::pair(event.time_bits, event.order)) return fail("events are out of order");
      if (event.index >= things(event.kind)) return fail("an event is of nothing");
      if (!events_.emplace(event.order, event).second) return fail("two events are one");
    }
    for (Index v = 0; v < s_.servers.size(); ++v)
      if (const Server& server = s_.servers[v]; server.pending != 0 && !is_due(server.pending, v, kinds_of(server)) && !draws_now(s_, v) && !waits_now(s_, v))
        return fail("a server waits for another event");
    for (Index k = 0; k < s_.sources.size(); ++k)
      if (const std::uint64_t order = s_.sources[k].pending; events_.contains(order) && !is_due(order, k, bit(EventKind::arrival)))
        return fail("a source waits for another event");  // one that has ended may still name its last arrival
    for (Index i = 0; i < n_stations_; ++i)
      if ((s_.stations[i].wait_event != 0 && !is_due(s_.stations[i].wait_event, i, bit(EventKind::batch_wait))) ||
          (s_.stations[i].headway_event != 0 && !is_due(s_.stations[i].headway_event, i, bit(EventKind::headway))))
        return fail("a station waits for another event");
    for (Index lot = 0; lot < s_.patience.size(); ++lot)
      if (s_.patience[lot] != 0 && (place_[lot] != Place::queue || !is_due(s_.patience[lot], lot, bit(EventKind::give_up)))) return fail("a lot gives up at no time");
    for (Index c = 0; c < s_.calendar_event.size(); ++c)
      if (s_.calendar_on[c] > 1 || (s_.calendar_event[c] != 0 && !is_due(s_.calendar_event[c], c, bit(EventKind::shift))))
        return fail("a calendar waits for another event");
    return true;
  }

  static unsigned bit(EventKind kind) { return 1u << static_cast<unsigned>(kind); }
  /// What may be under way at a server.
  static unsigned kinds_of(const Server& server) {
    if (stopped(server)) return bit(EventKind::repair_end);
    if (server.stage == Stage::changeover) return bit(EventKind::changeover_end);
    return server.stage == Stage::setup || server.stage == Stage::work ? bit(EventKind::service_end) | bit(EventKind::failure) : 0;
  }
  bool is_due(std::uint64_t order, Index index, unsigned kinds) const {
    const auto event = events_.find(order);
    return event != events_.end() && event->second.index == index && (kinds & bit(event->second.kind)) != 0;
  }
  std::size_t things(EventKind kind) const {
    switch (kind) {
      case EventKind::service_end:
      case EventKind::failure:
      case EventKind::repair_end:
      case EventKind::changeover_end: return s_.servers.size();
      case EventKind::arrival: return s_.sources.size();
      case EventKind::clock_failure: return s_.clocks.size();
      case EventKind::shift: return s_.calendar_on.size();
      case EventKind::batch_wait:
      case EventKind::headway: return n_stations_;
      case EventKind::pull_end: return s_.circles.size();
      case EventKind::outage: return s_.outages.size();
      case EventKind::store_end: return s_.stores.size();
      case EventKind::step_end: return s_.accounts.devices.empty() ? 0 : 1;
      case EventKind::give_up: return s_.lots.size();
      case EventKind::task_due: return s_.task_clocks.size();
    }
    return 0;
  }

  // --- lots

  bool lots() {
    std::size_t alive = 0, choosing = 0;
    const std::size_t n = is_.categories.size();
    for (Index index = 0; index < s_.lots.size(); ++index) {
      if (place_[index] == Place::free) continue;
      const Lot& lot = s_.lots[index];
      alive += stands_for_step(lot, index) ? 0 : 1;
      choosing += lot.choice == none ? 0 : 1;
      if (lot.kind >= is_.kinds || lot.source > is_.sources || !is_node(lot.target) || !is_node(lot.goal) ||
          !(lot.origin == none || lot.origin < is_.nodes() + is_.sources))
        return fail("a lot is of no kind, of no source, or bound for nowhere");
      const bool outside = lot.holder != none && (lot.holder & source_holder) != 0;
      if (lot.holder != none && (outside ? (lot.holder & ~source_holder) >= s_.sources.size() : lot.holder >= s_.servers.size()))
        return fail("a lot is held by nobody");
      if (!number(lot.entered) || !number(lot.waited) || !number(lot.born) || !amount(lot.mass)) return fail("a time or mass of a lot is no number");
      for (std::size_t c = 0; c < is_.components; ++c)
        if (!amount(s_.kg[index * is_.components + c])) return fail("a mass of a lot is no number");
      for (std::size_t a = 0; a < n; ++a) {
        const double value = s_.attributes[index * n + a], categories = static_cast<double>(is_.categories[a]);
        const bool known = categories > 0 ? value >= -1 && value < categories && value == std::floor(value) : number(value);
        if (!known && !std::isnan(value))  // what nobody has looked at yet is no number
          return fail("an attribute of a lot has no such value");
      }
    }
    if (choosing != choosing_) return fail("a lot waits for one of several stations, and in no line");
    return alive == s_.live_lots ? true : fail("the lots are miscounted");
  }

  // --- plans: a lot on one has each step done, begun, or waiting for so many; lots that stand for steps belong to one that is kept

  bool plans() {
    std::vector<std::uint8_t> on_plan(s_.lots.size(), 0);
    for (Index v = 0; v < s_.servers.size(); ++v)
      if (station_of(v).plan && s_.servers[v].stage == Stage::work) on_plan[s_.servers[v].job] = 1;
    for (Index index = 0; index < s_.lots.size(); ++index) {
      const Lot& lot = s_.lots[index];
      if (place_[index] == Place::free || lot.plan_of == none) continue;
      if (!is_lot(lot.plan_of) || place_[lot.plan_of] == Place::free || !is_.plan_slot) return fail("a lot is on no plan");
      if (lot.plan_of != index && on_plan[lot.plan_of] == 0) return fail("a lot stands for a step of nothing");
      on_plan[lot.plan_of] = 1;
    }
    for (Index index = 0; index < s_.lots.size(); ++index)
      if (on_plan[index] != 0 && !plan(index)) return false;
    for (Index index = 0; index < s_.lots.size(); ++index) {
      const Lot& lot = s_.lots[index];
      if (place_[index] == Place::free || lot.plan_of == none) continue;
      const LaidPlan& plan = plan_of(lot.plan_of);
      if (lot.step >= plan.at.size()) return fail("a lot is at no step of its plan");
      if (lot.plan_of == index && place_[index] == Place::output && lot.target == none) {  // it has not been told its next one yet
        const std::uint8_t* steps = s_.steps.data() + index * is_.most_steps;
        if (std::find(steps, steps + plan.at.size(), 0) == steps + plan.at.size()) return fail("a lot has no step to go to");
      } else if (step(lot.plan_of, lot.step) != step_begun) {
        return fail("a lot is at no step of its plan");
      }
    }
    return true;
  }
  const LaidPlan& plan_of(Index lot) const {
    const double category = s_.attributes[lot * is_.categories.size() + *is_.plan_slot];
    return is_.plans[category > 0 ? static_cast<std::size_t>(category) : 0];
  }
  std::uint8_t step(Index lot, std::size_t k) const { return s_.steps[lot * is_.most_steps + k]; }
  bool plan(Index lot) {
    if (!is_.plan_slot || is_.plans.empty()) return fail("a lot is on no plan");
    const LaidPlan& plan = plan_of(lot);
    for (std::size_t k = 0; k < plan.at.size(); ++k) {
      const auto left = std::count_if(plan.after[k].begin(), plan.after[k].end(), [&](Index b) { return step(lot, b) != step_done; });
      const std::uint8_t is = step(lot, k);
      if (is == step_done || is == step_begun ? left != 0 : is != left) return fail("the steps of a plan are miscounted");
    }
    return true;
  }

  // --- resources and failures

  bool grants() {
    std::vector<double> taken(s_.pools.size(), 0);
    for (std::size_t g = 0; g < granted_.size(); ++g)
      if (granted_[g] != 0) taken[s_.grants[g].pool] += s_.grants[g].count;
    for (Index grant = s_.free_grant; grant != none; grant = s_.grants[grant].next)
      if (grant >= s_.grants.size() || granted_[grant]++ != 0) return fail("a grant is free and is not");
    if (std::find(granted_.begin(), granted_.end(), 0) != granted_.end()) return fail("a grant is nobody's");
    for (std::size_t k = 0; k < s_.pools.size(); ++k) {
      const PoolState& pool = s_.pools[k];
      if (!amount(pool.capacity) || !near(pool.taken, taken[k]) || !near(pool.use.level(), taken[k])) return fail("a resource is miscounted");
      if (!number(pool.use.value(s_.now)) || !number(pool.offered.value(s_.now))) return fail("the use of a resource is no number");
    }
    return true;
  }

  bool requests() {
    std::vector<std::uint8_t> asks(s_.servers.size(), 0);
    const Request* before = nullptr;
    for (const Request& request : s_.requests) {
      if (request.server >= s_.servers.size() || asks[request.server]++ != 0) return fail("a request is of nobody");
      const Server& server = s_.servers[request.server];
      if (!stopped(server) && server.stage != Stage::work && server.stage != Stage::setup && server.stage != Stage::changeover)
        return fail("who needs nothing asks for a resource");
      if (!number(request.since) || request.priority < -2000 || request.priority > 2000) return fail("a request has no time or priority");
      if (request.resumes > 1 || (before && rank(*before) > rank(request))) return fail("requests are out of order");
      before = &request;
    }
    for (std::size_t v = 0; v < asks.size(); ++v)
      if ((asks[v] != 0) != ((s_.servers[v].flags & flag_waiting) != 0)) return fail("who waits for a resource has not asked for it");
    return true;
  }

  static std::tuple<int, int, std::uint64_t> rank(const Request& request) { return {-request.priority, -request.resumes, request.order}; }

  bool clocks() {
    for (const LaidStation& station : is_.stations)
      for (std::size_t v = 0; v < station.servers; ++v)
        for (std::size_t m = 0; m < station.modes; ++m) {
          const std::size_t index = station.first_clock + v * station.modes + m;
          const ClockState& clock = s_.clocks[index];
          const bool has_one = v == 0 || !station.whole_station[m];
          if (clock.mode != m || clock.server != (has_one ? static_cast<Index>(station.first_server + v) : none))
            return fail("a failure is of another server");
          if (!number(clock.left) || clock.ordinal >> 40 != 0) return fail("the time of a failure is no number");
          if (clock.pending != 0 && !is_due(clock.pending, static_cast<Index>(index), bit(EventKind::clock_failure)))
            return fail("a failure waits for another event");
        }
    return true;
  }

  /// Waiting lots by batch key.
  bool keys() {
    std::vector<std::uint32_t> count(s_.key_count.size(), 0);
    for (Index i = 0; i < n_stations_; ++i) {
      const LaidStation& station = is_.stations[i];
      for (Index lot = s_.stations[i].queue.head; lot != none && station.keys > 0; lot = s_.lots[lot].next)
        ++count[station.first_key + (station.batch_by ? whole(s_.attributes[lot * is_.categories.size() + *station.batch_by] + 1) : 0)];
    }
    if (count != s_.key_count || !numbers(s_.key_kg)) return fail("waiting lots of a kind are miscounted");
    return numbers(s_.memory) ? true : fail("what a server remembers is no number");
  }

  const State& s_;
  const Layout& is_;
  std::size_t n_stations_;
  std::size_t choosing_ = 0;              ///< lots in the lines of routes
  std::vector<Place> place_;              ///< of every lot
  std::vector<std::uint8_t> granted_;     ///< of every grant: found
  std::unordered_map<std::uint64_t, Event> events_;  ///< by order
  std::string wrong_;
};

}  // namespace

std::string contradiction(const State& state, const Structure& structure) {
  const std::optional<Layout> layout = lay_out(structure);
  if (!layout) return "its structure contradicts itself";
  if (!lengths_agree(state, *layout)) return "its lists are of other lengths than its structure says";
  return Inspection(state, *layout).run();
}

}  // namespace retwin

// Parts of a line from the operations before and after a time.
#include "core/telemetry/lines/state.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <optional>

#include "core/base/constants.hpp"
#include "core/base/files.hpp"
#include "core/base/problem.hpp"
#include "core/base/random.hpp"
#include "core/base/units.hpp"
#include "core/flow/plant/changed.hpp"

namespace retwin {
namespace {

constexpr double instant_s = 1e-3;  // left of work that is due, and of what is over already

double changeover_s(const Station& station) {
  return station.changeover.distribution ? station.changeover.distribution->mean() : 0;
}

/// Collects the parts one by one.
class StateFinder {
 public:
  StateFinder(const Plant& plant, const LineMap& map, const EventLog& log, double at_s)
      : plant_(plant), map_(map), log_(log), at_s_(at_s) {}
  std::vector<LinePart> find();

 private:
  void see_machines();
  void place_labelled(const std::vector<std::uint32_t>& own, const LogEvent* unfinished);
  void place_on_way(std::string label, const LineWay& way, double end_s);
  const LineWay* way_of(Index station, const LogEvent& now, const LogEvent* next) const;
  std::string destination_of(const LogEvent& event) const;
  void see_ways();
  void place_before(const std::string& label, const LogEvent& next);
  /// Of a part that waits and has not been seen: before the log, and the longer the sooner its turn comes.
  double since_before(double left_s) const { return log_.first_s() - 1 / (1 + left_s); }
  void keep_order();
  void place_unlabelled();
  void block();

  const Plant& plant_;
  const LineMap& map_;
  const EventLog& log_;
  double at_s_;
  struct Unseen {
    std::size_t number;  // among the parts
    Index machine;
    double start_s;
    bool waits;
  };
  std::vector<LinePart> parts_;
  std::vector<Unseen> unseen_;
  std::vector<double> laps_;            // ends at machines from where labels do not go on
  std::vector<double> machine_before_;  // by event: end of the operation before it on its machine
  std::vector<double> last_start_;      // by station, up to the time
  std::map<std::pair<Index, Index>, double> taken_up_;  // by where a part left and where it has begun: when the last of these left
};

void StateFinder::see_machines() {
  last_start_.assign(plant_.stations.size(), -std::numeric_limits<double>::infinity());
  machine_before_.resize(log_.events.size());
  std::map<std::pair<std::uint32_t, std::uint32_t>, double> ended;
  for (std::uint32_t k = 0; k < log_.events.size(); ++k) {
    const LogEvent& e = log_.events[k];
    const auto [at, first] = ended.try_emplace({e.activity, e.resource}, -std::numeric_limits<double>::infinity());
    machine_before_[k] = at->second;
    at->second = std::max(at->second, e.end_s);
    const Index s = map_.station_of(e);
    if (s != none && e.start_s <= at_s_) last_start_[s] = std::max(last_start_[s], e.start_s);
  }
}

/// First in, first out: whoever left a machine before a part that has begun at another one is not on its way there.
void StateFinder::see_ways() {
  const auto see = [&](const LogEvent& left, const LogEvent& begun) {
    if (begun.start_s > at_s_ || left.end_s > begun.start_s) return;
    double& last = taken_up_.try_emplace({map_.station_of(left), map_.station_of(begun)}, left.end_s).first->second;
    last = std::max(last, left.end_s);
  };
  std::map<std::uint32_t, const LogEvent*> last;
  for (const std::vector<std::uint32_t>& own : log_.by_lot())
    for (std::size_t k = 0; k < own.size(); ++k) {
      if (k > 0) see(log_.events[own[k - 1]], log_.events[own[k]]);
      last[log_.events[own[k]].lot] = &log_.events[own[k]];
    }
  for (const LogEvent& e : log_.unfinished)
    if (const auto before = last.find(e.lot); before != last.end()) see(*before->second, e);
}

/// Where the log says that a part goes; empty if it does not.
std::string StateFinder::destination_of(const LogEvent& event) const {
  const auto k = static_cast<std::size_t>(&event - log_.events.data());
  for (const LogColumn& column : log_.columns)
    if (column.destination && k < column.values.size() && !std::isnan(column.values[k]))
      return line_name(column.categories[static_cast<std::uint32_t>(column.values[k])]);
  return {};
}

/// To the machine of the next operation, or the one that is named; else the only way that is left to it, or the one on which fewest parts
/// are.
const LineWay* StateFinder::way_of(Index station, const LogEvent& now, const LogEvent* next) const {
  if (const std::string named = next == nullptr ? destination_of(now) : std::string(); !named.empty())
    for (const LineWay* way : map_.ways_from(station))
      if (way->to != none && plant_.stations[way->to].name == named) return way;
  if (next != nullptr)
    if (const LineWay* way = map_.way(station, map_.station_of(*next))) return way;
  const LineWay* best = nullptr;
  std::ptrdiff_t fewest = 0;
  for (const LineWay* way : map_.ways_from(station)) {
    if (way->to == none && next == nullptr) return nullptr;
    if (const auto later = taken_up_.find({station, way->to}); later != taken_up_.end() && later->second > now.end_s) continue;
    const auto there = std::count_if(parts_.begin(), parts_.end(), [&](const LinePart& p) {
      return way->to != none && (p.station == way->to || p.bound_for == way->to);
    });
    if (best == nullptr || there < fewest) best = way, fewest = there;
  }
  return best;
}

void StateFinder::place_on_way(std::string label, const LineWay& way, double end_s) {
  double passed_s = at_s_ - end_s, since_s = end_s;
  for (const Index station : way.over) {
    const double takes_s = plant_.stations[station].mean_s;
    if (passed_s < takes_s) {
      parts_.push_back({std::move(label), station, since_s, std::max(instant_s, takes_s - passed_s), way.to, way.from, false});
      return;
    }
    passed_s -= takes_s, since_s += takes_s;
  }
  if (way.to != none) parts_.push_back({std::move(label), way.to, since_s, nan, none, way.from, false});
}

void StateFinder::place_labelled(const std::vector<std::uint32_t>& own, const LogEvent* unfinished) {
  const LogEvent *now = nullptr, *next = nullptr;
  for (const std::uint32_t k : own) {
    const LogEvent& e = log_.events[k];
    if (map_.station_of(e) == none) continue;
    if (e.start_s <= at_s_) now = &e;
    else if (next == nullptr) next = &e;
  }
  const bool at_work = unfinished != nullptr && (now == nullptr || unfinished->start_s >= now->end_s);
  if (at_work) now = unfinished;
  if (now == nullptr) {
    if (next != nullptr) place_before(log_.lots[next->lot], *next);
    return;
  }
  const std::string& label = log_.lots[now->lot];
  const Index s = map_.station_of(*now);
  if (at_work || now->end_s > at_s_) {
    const double left_s = plant_.stations[s].mean_s - (at_s_ - now->start_s);
    parts_.push_back({label, s, now->start_s, std::max(instant_s, left_s), none, none, false});
    return;
  }
  const bool lap_ends = plant_.stations[s].special == Special::lap && !map_.labels_kept();
  if (lap_ends) laps_.push_back(now->end_s);
  else if (const LineWay* way = way_of(s, *now, next)) place_on_way(label, *way, now->end_s);
}

/// A part that the log has not seen yet waits for its first machine, or comes just in time if that is known to be free before.
void StateFinder::place_before(const std::string& label, const LogEvent& next) {
  const Index s = map_.station_of(next);
  const auto k = static_cast<std::size_t>(&next - log_.events.data());
  if (next.start_s == next.end_s && next.end_s - at_s_ < plant_.stations[s].mean_s) {  // at work, its start is not known
    parts_.push_back({label, s, at_s_ - 1, std::max(instant_s, next.end_s - at_s_), none, none, false});
    return;
  }
  if (s == map_.entry() && (!plant_.sources.empty() || !map_.labels_kept())) return;  // from outside, or without a label yet
  const LineWay* way = nullptr;
  for (const LineWay& w : map_.ways())
    if (w.to == s && (way == nullptr || w.transport_s < way->transport_s)) way = &w;
  const double free_s = std::max(machine_before_[k] + changeover_s(plant_.stations[s]), at_s_);
  const double left_s = next.start_s - at_s_;
  const bool waits = way == nullptr || way->over.empty() || std::isinf(machine_before_[k]) || next.start_s < free_s + 2 ||
                     left_s > way->transport_s;
  if (waits) parts_.push_back({label, s, since_before(left_s), nan, none, none, false});
  else place_on_way(label, *way, next.start_s - way->transport_s);
  unseen_.push_back({parts_.size() - 1, s, next.start_s, waits});
}

/// Parts that the log has not seen yet come in the order in which they begin: one before a part that waits does so too.
void StateFinder::keep_order() {
  for (Unseen& part : unseen_)
    for (const Unseen& other : unseen_) {
      if (part.waits || !other.waits || other.machine != part.machine || other.start_s < part.start_s) continue;
      LinePart& moved = parts_[part.number];
      moved.station = part.machine;
      moved.since_s = since_before(part.start_s - at_s_);
      moved.remaining_s = nan;
      moved.bound_for = none;
    }
}

/// Pallets of a closed line that carry no label yet: the last ones that ended a lap, and what is missing still.
void StateFinder::place_unlabelled() {
  if (!plant_.sources.empty()) return;
  std::size_t pallets = 0;
  for (const InitialLots& lots : plant_.initial) pallets += lots.count;
  const Index entry = map_.entry();
  const LineWay* back = nullptr;
  for (const LineWay& way : map_.ways())
    if (way.to == entry && plant_.stations[way.from].special == Special::lap) back = &way;
  std::sort(laps_.begin(), laps_.end(), std::greater<>());
  for (std::size_t k = 0; parts_.size() < pallets; ++k) {
    if (back != nullptr && k < laps_.size()) place_on_way({}, *back, laps_[k]);
    else if (entry != none) parts_.push_back({{}, entry, at_s_ - 86400, nan, none, none, false});
    else return;
  }
}

/// Where there is no room for a part that waits, it is on the way still; and where there is none on the way, at its machine.
void StateFinder::block() {
  for (std::size_t round = 0; round < plant_.stations.size(); ++round) {
    bool moved = false;
    for (Index s = 0; s < plant_.stations.size(); ++s) {
      const Station& station = plant_.stations[s];
      if (station.unlimited_servers || station.buffer_places == unlimited) continue;
      const bool machine = map_.is_machine(s);
      std::vector<LinePart*> there;
      for (LinePart& part : parts_)
        if (part.station == s && (!machine || std::isnan(part.remaining_s))) there.push_back(&part);
      std::size_t room = station.buffer_places + (machine ? 0 : station.servers);
      if (machine) {
        const auto busy = static_cast<std::size_t>(std::count_if(parts_.begin(), parts_.end(), [&](const LinePart& part) {
          return part.station == s && !std::isnan(part.remaining_s);
        }));
        room += station.servers - std::min<std::size_t>(station.servers, busy);
      }
      std::stable_sort(there.begin(), there.end(), [](const LinePart* a, const LinePart* b) { return a->since_s < b->since_s; });
      for (std::size_t k = room; k < there.size(); ++k) {
        LinePart& part = *there[k];
        const LineWay* way = nullptr;  // by which it came
        std::size_t at = 0;
        const Index goal = machine ? s : part.bound_for;
        for (const LineWay& w : map_.ways()) {
          const auto over = std::find(w.over.begin(), w.over.end(), s);
          if (w.to != goal || (!machine && over == w.over.end()) || (part.from != none && w.from != part.from)) continue;
          way = &w, at = static_cast<std::size_t>(over - w.over.begin());
        }
        if (way == nullptr) continue;
        part.bound_for = goal;
        part.remaining_s = instant_s;
        part.finished = at == 0;
        part.station = at == 0 ? way->from : way->over[at - 1];
        moved = true;
      }
    }
    if (!moved) return;
  }
}

std::vector<LinePart> StateFinder::find() {
  see_machines();
  see_ways();
  std::map<std::uint32_t, const LogEvent*> unfinished;
  for (const LogEvent& e : log_.unfinished)
    if (const Index s = map_.station_of(e); s != none && e.start_s <= at_s_ && e.start_s >= last_start_[s])
      unfinished[e.lot] = &e;
  const std::vector<std::vector<std::uint32_t>> by_lot = log_.by_lot();
  for (std::uint32_t lot = 0; lot < by_lot.size(); ++lot) {
    const auto open = unfinished.find(lot);
    place_labelled(by_lot[lot], open == unfinished.end() ? nullptr : open->second);
  }
  keep_order();
  place_unlabelled();
  block();
  std::stable_sort(parts_.begin(), parts_.end(), [](const LinePart& a, const LinePart& b) { return a.since_s < b.since_s; });
  return std::move(parts_);
}

}  // namespace

std::vector<LinePart> line_state(const Plant& plant, const LineMap& map, const EventLog& log, double at_s) {
  return StateFinder(plant, map, log, at_s).find();
}

std::map<Index, std::size_t> line_turns(const Plant& plant, const LineMap& map, const EventLog& log, double at_s) {
  std::map<Index, std::pair<double, Index>> last,
      next;  // by machine: the end before and behind the time, and where that part went
  for (const std::vector<std::uint32_t>& own : log.by_lot())
    for (std::size_t k = 0; k + 1 < own.size(); ++k) {
      const LogEvent& e = log.events[own[k]];
      const Index from = map.station_of(e), to = map.station_of(log.events[own[k + 1]]);
      if (from == none) continue;
      auto& taken = e.end_s > at_s ? next : last;
      std::pair<double, Index>& found = taken.try_emplace(from, e.end_s, to).first->second;
      if (e.end_s > at_s ? e.end_s < found.first : e.end_s >= found.first) found = {e.end_s, to};
    }
  for (const auto& [from, taken] : next) last.try_emplace(from, -std::numeric_limits<double>::infinity(), taken.second);
  std::map<Index, std::size_t> turns;
  for (const auto& [from, taken] : last) {
    const LineWay* way = map.way(from, taken.second);
    std::vector<Index> chain{from};
    if (way != nullptr) chain.insert(chain.end(), way->over.begin(), way->over.end());
    for (const Index station : chain)
      for (const Route& route : plant.stations[station].routes) {
        if (route.kind != RouteKind::cyclic) continue;
        for (std::size_t k = 0; k < route.options.size(); ++k) {
          const Index target = route.options[k].target;
          const bool on_way = way != nullptr && std::find(way->over.begin(), way->over.end(), target) != way->over.end();
          if (target == taken.second || on_way)
            turns[station] = (k + (std::isfinite(taken.first) ? 1 : 0)) % route.options.size();
        }
      }
  }
  return turns;
}

namespace {

/// The label as the attribute `part` of a scenario that routes by it.
std::optional<AttributeDraw> part_attribute(const Plant& plant, const std::string& label) {
  for (std::size_t slot = 0; slot < plant.attributes.size(); ++slot) {
    const Attribute& attribute = plant.attributes[slot];
    if (attribute.name != "part") continue;
    double value = number_of(label).value_or(0);
    if (!attribute.categories.empty()) {
      const auto found = std::find(attribute.categories.begin(), attribute.categories.end(), line_name(label));
      if (found == attribute.categories.end()) return std::nullopt;
      value = static_cast<double>(found - attribute.categories.begin());
    }
    return AttributeDraw{static_cast<int>(slot), Distribution::constant(value), 0};
  }
  return std::nullopt;
}

}  // namespace

double start_of(const Plant& plant) { return static_cast<double>(plant.day0) * 86400 + plant.clock0_s; }

void check_state_time(const EventLog& log, double at_s, double last_s) {
  const double first_s = std::floor(log.first_s());
  last_s = std::ceil(last_s / 60) * 60;  // the minute in which the log ends
  if (at_s >= first_s && at_s <= last_s) return;
  const auto text = [](double time_s) { return format_time(0, time_s).substr(0, 19); };
  Place place;
  place.file = log.source;
  throw InputError(
      {{Code::range,
        Severity::error,
        place,
        {},
        fmt::format("where parts were at {} cannot be told: the log is of {} to {}", text(at_s), text(first_s), text(last_s)),
        "give a time between them"}});
}

Scenario scenario_at(const Scenario& scenario, const LineMap& map, const EventLog& log, double at_s,
                     std::vector<LinePart>* parts) {
  check_state_time(log, at_s, log.last_s());
  at_s = std::floor(at_s);
  Scenario result = scenario;
  const double passed_s = at_s - start_of(*scenario.plant);
  std::shared_ptr<const Plant> base = scenario.plant;
  result.changes.clear();
  for (const PlantChange& change : scenario.changes) {
    if (change.at_s <= passed_s) base = change.plant;
    else result.changes.push_back({change.at_s - passed_s, change.plant});
  }
  const std::vector<LinePart> found = line_state(*base, map, log, at_s);
  const std::map<Index, std::size_t> turns = line_turns(*base, map, log, at_s);
  std::uint64_t what = identity(stream_id("state of a log"), std::bit_cast<std::uint64_t>(at_s));
  for (const auto& [station, turn] : turns) what = identity(identity(what, station), turn);
  const auto move = [&](Plant& plant) {
    plant.day0 = static_cast<long>(std::floor(at_s / 86400));
    plant.clock0_s = at_s - static_cast<double>(plant.day0) * 86400;
    for (const auto& [station, turn] : turns)
      for (Route& route : plant.stations[station].routes)
        if (route.kind == RouteKind::cyclic)
          std::rotate(route.options.begin(), route.options.begin() + static_cast<std::ptrdiff_t>(turn), route.options.end());
  };
  const auto place = [&](Plant& plant) {
    move(plant);
    const InitialLots usual = plant.initial.empty() ? InitialLots() : plant.initial.front();
    plant.initial.clear();
    for (const LinePart& part : found) {
      InitialLots lots;
      lots.station = part.station;
      lots.kind = usual.kind;
      lots.maker = usual.maker;
      lots.stream = usual.stream + plant.initial.size();
      if (!std::isnan(part.remaining_s)) lots.remaining_s = part.remaining_s;
      lots.bound_for = part.finished ? none : part.bound_for;
      if (const auto value = part_attribute(plant, part.label)) lots.attributes.push_back(*value);
      plant.initial.push_back(std::move(lots));
    }
  };
  result.plant = changed(*base, what, place);
  for (PlantChange& change : result.changes) change.plant = changed(*change.plant, what, move);
  result.run.day0 = result.plant->day0;
  result.run.clock0_s = result.plant->clock0_s;
  result.run.warmup_s = 0;
  result.run.finds_warmup = false;
  result.run.terminating = true;
  if (parts != nullptr) *parts = found;
  return result;
}

}  // namespace retwin

// The steps in their order; services, shares, clocks, and whether it is a line at all.
#include "core/telemetry/lines/discovery.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <span>
#include <utility>

#include "core/stats/intervals.hpp"
#include "core/stats/proportions.hpp"
#include "core/stats/tally.hpp"
#include "core/telemetry/lines/finder.hpp"
#include "core/telemetry/lines/routing.hpp"

namespace retwin {
namespace {
constexpr std::size_t fewest_transports = 3;  // observations of a transport that is believed

/// A change is somewhere between the last start before it and the first one after it: in the middle.
void place_in_the_middle(std::vector<Drift>& drifts, const std::vector<double>& starts_s) {
  std::size_t at = 0;
  for (Drift& drift : drifts) {
    at += drift.n_before;
    if (at > 0 && at < starts_s.size()) drift.time_s = (starts_s[at - 1] + starts_s[at]) / 2;
  }
}

}  // namespace

void LineFinder::find_services() {
  std::vector<std::uint32_t> order(log_.events.size());
  std::iota(order.begin(), order.end(), 0u);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return log_.events[a].start_s < log_.events[b].start_s; });
  std::vector<std::vector<double>> starts(found_.stations.size());
  for (const std::uint32_t k : order) {
    if (!visits_[k].whole) continue;
    found_.stations[visits_[k].station].services_s.push_back(log_.events[k].end_s - log_.events[k].start_s);
    starts[visits_[k].station].push_back(log_.events[k].start_s);
  }
  DriftOptions options;
  options.level /= static_cast<double>(std::max<std::size_t>(1, found_.stations.size()));
  for (std::size_t s = 0; s < found_.stations.size(); ++s) {
    LineStation& station = found_.stations[s];
    const LineTime service = line_time(station.services_s);
    station.service = service.mean;
    station.sd = service.sd;
    station.drifts = find_drift(DriftKind::service, station.name, starts[s], station.services_s, "s", options);
    place_in_the_middle(station.drifts, starts[s]);
  }
}

void LineFinder::find_shares() {
  for (std::uint32_t s = 0; s < found_.stations.size(); ++s) {
    std::vector<std::uint64_t> counts;
    for (const LineLink& link : found_.links)
      if (link.from == s) counts.push_back(link.n);
    if (counts.empty()) continue;
    const std::vector<Bounds> shares = counts.size() > 1 ? dirichlet_intervals(counts) : std::vector<Bounds>{{1, 1, 1}};
    std::size_t k = 0;
    for (LineLink& link : found_.links)
      if (link.from == s) link.share = shares[k++];
  }
}

/// No transport takes less than no time: then two clocks disagree.
void LineFinder::find_clocks() {
  for (LineLink& link : found_.links) {
    const double transport = link.transport.mean.estimate;
    if (link.transport.n < fewest_transports || !(transport < -std::max(0.1, found_.resolution_s))) continue;
    link.clock_s = -transport;
    found_.notes.push_back(
        fmt::format("{} -> {}: parts start {:.2f} s before they ended, all alike (sd {:.2f} s): the clock of {} is behind that "
                    "of {} by at least this, and the ways behind it seem as much longer.",
                    found_.stations[link.from].name, found_.stations[link.to].name, link.clock_s, link.transport.sd,
                    found_.stations[link.to].name, found_.stations[link.from].name));
  }
}

LineFindings LineFinder::refused() const {
  LineFindings other;
  other.note = found_.note;
  return other;
}

/// Whether there are surely ways between stations: several activities, and lots that must have several operations.
bool LineFinder::goes_on() const {
  const std::vector<LogEvent>& all = log_.events;
  return all.size() > log_.lots.size() &&
         std::any_of(all.begin(), all.end(), [&](const LogEvent& e) { return e.activity != all.front().activity; });
}

bool LineFinder::has_own_activities() {
  if (own_activity_ < 0.95)
    found_.note =
        fmt::format("no line: {:.0f} % of the work of resources is another activity than their own", 100 * (1 - own_activity_));
  return found_.note.empty();
}

/// Whether machines do one activity, one part at a time, in a chain.
bool LineFinder::has_its_form() {
  const double stations = static_cast<double>(found_.stations.size()),
               rare = 0.02 * static_cast<double>(log_.events.size()) / stations;
  const auto ways =
      std::count_if(found_.links.begin(), found_.links.end(), [&](const LineLink& l) { return static_cast<double>(l.n) > rare; });
  if (found_.stations.size() < 2 || found_.links.empty()) found_.note = "no line: parts do not go from one station to another";
  else if (!has_own_activities()) return false;
  else if (overlaps_ > 0.05)
    found_.note =
        fmt::format("no line: {:.0f} % of the starts are before the end of the work before on the same machine", 100 * overlaps_);
  else if (at_two_places_ > 0.02)
    found_.note = fmt::format("no line: {:.0f} % of the operations begin while the one before of the same lot goes on",
                              100 * at_two_places_);
  else if (static_cast<double>(ways) > 2 * stations) found_.note = "no line: too many ways between stations";
  return found_.note.empty();
}

void LineFinder::judge() {
  double starts = 0, explained = 0;
  for (const LineVisit& v : visits_) {
    if (v.link == Names::absent || std::isnan(v.delay_s) || std::isnan(v.gap_s)) continue;
    starts += 1;
    const LineTime &changeover = found_.stations[v.station].changeover, &transport = found_.links[v.link].transport;
    const bool by_part = transport.n > 0 && v.delay_s <= beyond(transport),
               by_machine = changeover.n > 0 && v.gap_s <= beyond(changeover);
    explained += by_part || by_machine || !v.room ? 1 : 0;
  }
  found_.explained = starts > 0 ? explained / starts : 0;
  found_.line = found_.explained >= 0.5;
  found_.note = fmt::format("{}transports and changeovers explain {:.0f} % of the starts{}",
                            found_.line ? "" : "no line: ", 100 * found_.explained, found_.line ? "" : " only");
}

/// Stations in order of the flow from the first one, links and zones with them.
void LineFinder::put_in_order() {
  const std::size_t n = found_.stations.size();
  std::vector<std::uint32_t> order, place(n, Names::absent);
  const auto visit = [&](std::uint32_t s) {
    if (place[s] != Names::absent) return;
    place[s] = static_cast<std::uint32_t>(order.size());
    order.push_back(s);
  };
  visit(entry_);
  std::stable_sort(found_.links.begin(), found_.links.end(), [](const LineLink& a, const LineLink& b) { return a.n > b.n; });
  std::uint32_t next = 0;
  for (std::size_t k = 0; order.size() < n; ++k) {
    if (k == order.size()) {
      while (place[next] != Names::absent) ++next;
      visit(next);
    }
    for (const LineLink& link : found_.links)
      if (link.from == order[k]) visit(link.to);
  }
  std::vector<LineStation> stations;
  for (const std::uint32_t s : order) stations.push_back(std::move(found_.stations[s]));
  found_.stations = std::move(stations);
  for (LineLink& link : found_.links) link.from = place[link.from], link.to = place[link.to];
  std::stable_sort(found_.links.begin(), found_.links.end(),
                   [](const LineLink& a, const LineLink& b) { return std::pair(a.from, a.to) < std::pair(b.from, b.to); });
  for (LineZone& zone : found_.zones)
    for (std::vector<std::uint32_t>* side : {&zone.from, &zone.to}) {
      for (std::uint32_t& s : *side) s = place[s];
      std::sort(side->begin(), side->end());
    }
  std::sort(found_.zones.begin(), found_.zones.end(), [](const LineZone& a, const LineZone& b) { return a.from < b.from; });
}

LineFindings LineFinder::find() {
  if (log_.events.empty()) return std::move(found_);
  find_own_activity();
  if (goes_on() && !has_own_activities()) return refused();  // the rest would cost much where many do everything
  visits_.resize(log_.events.size());
  find_resolution();
  find_machines();
  order_machines();
  order_parts();
  if (!has_its_form()) return refused();
  find_zones();
  count_zones();
  find_times();
  find_unblocking();
  find_times();
  find_loop();
  find_times();
  find_rooms();
  find_times();
  find_blocking();
  find_services();
  find_shares();
  find_clocks();
  judge();
  put_in_order();
  found_.splits = find_splits(found_, log_);
  return std::move(found_);
}

LineFindings find_line(const EventLog& log) { return LineFinder(log).find(); }

std::uint32_t LineFindings::station_of(const LogEvent& event) const {
  for (std::uint32_t s = 0; s < stations.size(); ++s) {
    if (stations[s].activity != event.activity) continue;
    const std::vector<std::uint32_t>& own = stations[s].resources;
    if (event.resource == Names::absent ? own.empty() : std::find(own.begin(), own.end(), event.resource) != own.end()) return s;
  }
  return Names::absent;
}

}  // namespace retwin

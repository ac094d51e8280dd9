// Transports and changeovers told apart, who was blocked, and pallets that come round again.
#include "core/telemetry/line_finder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/stats/intervals.hpp"
#include "core/stats/tally.hpp"

namespace retwin {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr std::uint32_t none = Names::absent;
constexpr double tight = 0.1;      // what nearly constant times may spread, relative
constexpr std::size_t fewest = 3;  // observations of a time that is believed

double spread(std::vector<double> values) {
  if (values.size() < 2) return 0;
  std::sort(values.begin(), values.end());
  const auto at = [&](double p) { return values[static_cast<std::size_t>(p * static_cast<double>(values.size() - 1) + 0.5)]; };
  return (at(0.75) - at(0.25)) / 1.349;
}

}  // namespace

LineTime line_time(const std::vector<double>& values) {
  LineTime time;
  time.n = values.size();
  if (values.empty()) return time;
  const Interval interval = student_interval(values);
  time.mean = {interval.mean, interval.low(), interval.high()};
  Tally tally;
  for (const double x : values) tally.add(x);
  time.sd = values.size() > 1 ? tally.sd() : 0;
  return time;
}

std::vector<double> LineFinder::shortest(std::vector<double> values) const {
  std::sort(values.begin(), values.end());
  const std::size_t enough = std::clamp<std::size_t>(values.size() / 50, fewest, 10);
  for (std::size_t first = 0; first < values.size(); ++first) {
    const double last = values[first] + std::max(step(), tight * std::abs(values[first]));
    const auto end = std::upper_bound(values.begin(), values.end(), last);
    if (static_cast<std::size_t>(end - values.begin()) - first >= enough)
      return {values.begin() + static_cast<std::ptrdiff_t>(first), end};
  }
  return {};
}

// --- times

std::vector<double> LineFinder::delays_of(std::uint32_t link, bool free_only) const {
  std::vector<double> values;
  for (const std::uint32_t k : of_link_[link]) {
    const LineVisit& v = visits_[k];
    if (std::isnan(v.delay_s)) continue;
    const LineTime& changeover = found_.stations[v.station].changeover;
    if (!free_only || std::isnan(v.gap_s) || (changeover.n > 0 && v.gap_s > beyond(changeover))) values.push_back(v.delay_s);
  }
  return values;
}

std::vector<double> LineFinder::gaps_of(std::uint32_t station, bool waited_only) const {
  std::vector<double> with_room, values;
  for (const std::uint32_t k : of_station_[station]) {
    const LineVisit& v = visits_[k];
    if (std::isnan(v.gap_s) || (waited_only && !waited(v))) continue;
    values.push_back(v.gap_s);
    if (v.room) with_room.push_back(v.gap_s);
  }
  return with_room.size() >= fewest ? with_room : values;
}

/// The shortest delays stand for the transports, which tells who waited and so the changeovers, which tells which machines were
/// free and so the transports again.
void LineFinder::find_times() {
  of_link_.assign(found_.links.size(), {});
  of_station_.assign(found_.stations.size(), {});
  for (std::uint32_t k = 0; k < visits_.size(); ++k) {
    of_station_[visits_[k].station].push_back(k);
    if (visits_[k].link != none) of_link_[visits_[k].link].push_back(k);
  }
  for (std::uint32_t l = 0; l < found_.links.size(); ++l) found_.links[l].transport = line_time(shortest(delays_of(l, false)));
  for (int round = 0; round < 2; ++round) {
    for (std::uint32_t s = 0; s < found_.stations.size(); ++s) {
      LineTime& changeover = found_.stations[s].changeover;
      changeover = line_time(shortest(gaps_of(s, true)));
      if (changeover.n > 0) continue;
      changeover = line_time(shortest(gaps_of(s, false)));
      changeover.at_most = true;
    }
    for (std::uint32_t l = 0; l < found_.links.size(); ++l) {
      LineLink& link = found_.links[l];
      std::vector<double> free = delays_of(l, true);
      if (free.size() >= fewest) free = shortest(std::move(free));
      link.transport = line_time(free.empty() ? shortest(delays_of(l, false)) : free);
      // without a part that surely found the machine free: the delay is the transport if it varies less than what the machine did
      if (free.empty()) link.transport.at_most = !(spread(delays_of(l, false)) < spread(gaps_of(link.to, false)));
    }
  }
}

void LineFinder::find_blocking() {
  for (LineZone& zone : found_.zones) {
    for (const LineVisit& v : visits_) {
      if (std::find(zone.from.begin(), zone.from.end(), v.station) == zone.from.end()) continue;
      const LineTime& changeover = found_.stations[v.station].changeover;
      if (v.room || !changeover.known() || !(v.gap_s > beyond(changeover)) || !waited(v)) continue;
      ++zone.blocked;
      zone.blocked_s += v.gap_s - changeover.mean.estimate;
    }
    if (zone.blocked >= fewest && zone.most > zone.from.size()) zone.room = zone.most - 1;
  }
}

// --- the loop

bool LineFinder::find_labelled_loop() {
  std::size_t again = 0, lots = 0;
  for (const std::vector<std::uint32_t>& own : by_lot_) {
    std::map<std::uint32_t, std::size_t> visits;
    for (const std::uint32_t k : own) ++visits[visits_[k].station];
    if (visits.size() < 2 && own.size() < 2) continue;
    ++lots;
    std::size_t repeated = 0;
    for (const auto& [station, n] : visits) repeated += n > 1 ? 1 : 0;
    again += 2 * repeated > visits.size() ? 1 : 0;  // most of its stations, not a piece of rework
  }
  if (lots < 2 || again * 5 < lots * 4) return false;
  // a pallet is back before it could have gone round once more; labels that come again later are those of another run
  std::vector<Tally> services(found_.stations.size());
  for (std::uint32_t k = 0; k < visits_.size(); ++k)
    services[visits_[k].station].add(log_.events[k].end_s - log_.events[k].start_s);
  double lap_s = 0, back_s = std::numeric_limits<double>::infinity();
  for (const Tally& service : services) lap_s += service.mean();
  for (const LineLink& link : found_.links) {
    if (link.transport.n == 0) continue;
    if (link.to == entry_) back_s = std::min(back_s, link.transport.mean.estimate);
    else lap_s += std::max(0.0, link.transport.mean.estimate);
  }
  if (back_s > lap_s) {
    found_.notes.push_back(
        fmt::format("The same labels come again, at the earliest after {:.3g} s: several runs in one log?", back_s));
    return false;
  }
  found_.loop.closed = true;
  found_.loop.pallets = lots;
  found_.loop.note = "the same labels come round again";
  return true;
}

/// Most parts inside after a start.
std::size_t LineFinder::parts_at_once(const std::vector<std::uint32_t>& starts, const std::vector<double>& ends,
                                      std::size_t inside) const {
  std::size_t most = inside;
  for (std::size_t k = 0; k < starts.size(); ++k) {
    const auto out = std::upper_bound(ends.begin(), ends.end(), log_.events[starts[k]].start_s) - ends.begin();
    const std::size_t in = inside + k + 1;
    most = std::max(most, in - std::min(in, static_cast<std::size_t>(out)));
  }
  return most;
}

/// The k-th start takes the pallet of the end that came `pallets` parts before it.
void LineFinder::match_return(const std::vector<std::uint32_t>& starts, const std::vector<double>& ends, std::size_t inside,
                              std::size_t pallets) {
  for (std::size_t k = 0; k < starts.size(); ++k) {
    LineVisit& visit = visits_[starts[k]];
    visit.delay_s = nan;
    if (k + inside < pallets || k + inside - pallets >= ends.size() || !visit.whole) continue;
    visit.delay_s = log_.events[starts[k]].start_s - ends[k + inside - pallets];
  }
}

void LineFinder::find_unlabelled_loop() {
  std::vector<std::size_t> last(found_.stations.size());
  for (const auto& own : by_lot_)
    if (!own.empty()) ++last[visits_[own.back()].station];
  const auto exit = static_cast<std::uint32_t>(std::max_element(last.begin(), last.end()) - last.begin());
  if (exit == entry_) return;
  std::vector<std::uint32_t> starts;
  std::vector<double> ends;
  std::size_t inside = 0;
  for (const auto& own : by_lot_) {
    if (own.empty()) continue;
    if (visits_[own[0]].station == entry_) starts.push_back(own[0]);
    else ++inside;
    if (visits_[own.back()].station == exit) ends.push_back(log_.events[own.back()].end_s);
  }
  if (starts.size() < 10 || ends.size() < 10) return;
  std::sort(ends.begin(), ends.end());
  std::sort(starts.begin(), starts.end(),
            [&](std::uint32_t a, std::uint32_t b) { return log_.events[a].start_s < log_.events[b].start_s; });
  const std::size_t least = parts_at_once(starts, ends, inside);
  LineLink back;
  back.from = exit, back.to = entry_, back.unlabelled = true;
  const auto link = static_cast<std::uint32_t>(found_.links.size());
  // with the right number the parts that found the first machine free came at a constant lag after an end
  double best = std::numeric_limits<double>::infinity();
  std::size_t pallets = least, matched = 0;
  std::vector<double> between;
  for (std::size_t k = 1; k < starts.size(); ++k)
    between.push_back(log_.events[starts[k]].start_s - log_.events[starts[k - 1]].start_s);
  for (std::size_t n = least; n <= 2 * least + 5; ++n) {
    match_return(starts, ends, inside, n);
    std::vector<double> lags;
    for (const std::uint32_t k : starts)
      if (!std::isnan(visits_[k].delay_s) && visits_[k].room && visits_[k].gap_s > beyond(found_.stations[entry_].changeover))
        lags.push_back(visits_[k].delay_s);
    if (lags.size() < 10) continue;
    const double width = spread(lags);
    if (width < 0.8 * best) best = width, pallets = n, matched = lags.size();
  }
  match_return(starts, ends, inside, pallets);
  const double usual = spread(between);
  if (matched > 0 && best < std::max(0.5 * step(), 0.02 * usual) && best < 0.5 * usual) {
    found_.loop = {true, pallets, false,
                   fmt::format("{} starts at the first station came at a constant lag after an end at the last one", matched)};
    back.n = matched;
    found_.links.push_back(back);
    for (const std::uint32_t k : starts)
      if (!std::isnan(visits_[k].delay_s)) visits_[k].link = link;
    return;
  }
  for (const std::uint32_t k : starts) visits_[k].delay_s = nan;
  found_.loop.pallets = least;
  found_.loop.at_least = true;
  found_.loop.note = "no start at the first station is seen to wait for an end at the last one";
}

void LineFinder::find_loop() {
  if (found_.stations.size() < 2) return;
  if (find_labelled_loop()) return;
  find_unlabelled_loop();
}

}  // namespace retwin

// Transports and changeovers told apart, who was blocked, and pallets that come round again.
#include "core/telemetry/lines/finder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>

#include "core/base/constants.hpp"
#include "core/stats/intervals.hpp"
#include "core/stats/tally.hpp"

namespace retwin {
namespace {

constexpr double tight = 0.1;            // what nearly constant times may spread, relative
constexpr std::size_t fewest_times = 3;  // observations of a time that is believed
constexpr std::size_t fewest_alike = 5;  // unless they agree closely

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
  time.mean = bounds_of(values);
  Tally tally;
  for (const double x : values) tally.add(x);
  time.sd = values.size() > 1 ? tally.sd() : 0;
  return time;
}

std::vector<double> LineFinder::shortest(std::vector<double> values) const {
  std::sort(values.begin(), values.end());
  const std::size_t enough = std::clamp<std::size_t>(values.size() / 50, fewest_times, 10);
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
    const bool free = std::isnan(v.gap_s) || (v.room && !v.unblocked && changeover.n > 0 && v.gap_s > beyond(changeover));
    if (!free_only || free) values.push_back(v.delay_s);
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
  return with_room.size() >= fewest_times ? with_room : values;
}

/// The shortest gaps before parts that surely waited. If these are few, it is the gap that one of them agrees with, or that varies
/// far less than the delays of the parts do.
LineTime LineFinder::find_changeover(std::uint32_t station) const {
  if (!unblocked_.empty() && !unblocked_[station].empty()) return line_time(unblocked_[station]);
  const std::vector<double> few = gaps_of(station, true), all = gaps_of(station, false);
  LineTime changeover = line_time(shortest(few));
  if (changeover.n > 0) return changeover;
  changeover = line_time(shortest(all));
  const auto near = [&](double gap) { return std::abs(gap - changeover.mean.estimate) <= step(); };
  if (changeover.n > 0 && std::any_of(few.begin(), few.end(), near)) return changeover;
  if (!few.empty()) {
    const double least = *std::min_element(few.begin(), few.end());
    std::vector<double> alike;
    std::copy_if(few.begin(), few.end(), std::back_inserter(alike), [&](double gap) { return gap <= least + step(); });
    changeover = line_time(alike);
    changeover.at_most = changeover.n < 2;
    return changeover;
  }
  std::vector<double> delays;
  for (const std::uint32_t k : of_station_[station])
    if (!std::isnan(visits_[k].delay_s)) delays.push_back(visits_[k].delay_s);
  changeover.at_most = !(changeover.n >= 2 * fewest_times && spread(all) < std::min(step(), tight * spread(delays)));
  return changeover;
}

/// The shortest delays stand for the transports, which tells who waited and so the changeovers, which tells which machines were
/// free and so the transports again.
void LineFinder::find_times() {
  of_link_.assign(found_.links.size(), {});
  of_station_.assign(found_.stations.size(), {});
  for (std::uint32_t k = 0; k < visits_.size(); ++k) {
    of_station_[visits_[k].station].push_back(k);
    if (visits_[k].link != Names::absent) of_link_[visits_[k].link].push_back(k);
  }
  for (std::uint32_t l = 0; l < found_.links.size(); ++l) found_.links[l].transport = line_time(shortest(delays_of(l, false)));
  for (int round = 0; round < 2; ++round) {
    for (std::uint32_t s = 0; s < found_.stations.size(); ++s) found_.stations[s].changeover = find_changeover(s);
    for (std::uint32_t l = 0; l < found_.links.size(); ++l) {
      LineLink& link = found_.links[l];
      std::vector<double> free = delays_of(l, true);
      if (free.size() >= fewest_times) free = shortest(std::move(free));
      if (free.size() < fewest_alike && spread(free) > step() / 2) free.clear();
      std::vector<double> all = delays_of(l, false);
      std::sort(all.begin(), all.end());
      if (!free.empty() && all.size() > 1 && all[1] < line_time(free).mean.estimate - step()) free.clear();  // others came sooner
      link.transport = line_time(free.empty() ? shortest(all) : free);
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
    if (zone.blocked >= fewest_times && zone.most > zone.from.size()) zone.room = zone.most - 1;
  }
}

/// Parts that lie before each station after each end: those that ended at a station before it and have not begun there.
std::vector<std::size_t> LineFinder::parts_before() const {
  std::vector<std::vector<double>> ends(found_.stations.size()), starts = ends;
  for (std::uint32_t k = 0; k < visits_.size(); ++k) {
    const LineVisit& v = visits_[k];
    starts[v.station].push_back(log_.events[k].start_s);
    ends[v.station].push_back(v.part_before == Names::absent ? -std::numeric_limits<double>::infinity()
                                                             : log_.events[v.part_before].end_s);
  }
  for (std::size_t s = 0; s < ends.size(); ++s) {
    std::sort(ends[s].begin(), ends[s].end());
    std::sort(starts[s].begin(), starts[s].end());
  }
  std::vector<std::size_t> before(visits_.size());
  for (std::uint32_t k = 0; k < visits_.size(); ++k) {
    if (visits_[k].part_before == Names::absent) continue;
    const std::uint32_t s = visits_[k].station;
    const double now_s = log_.events[visits_[k].part_before].end_s;
    const auto came = std::upper_bound(ends[s].begin(), ends[s].end(), now_s) - ends[s].begin();
    const auto went = std::upper_bound(starts[s].begin(), starts[s].end(), now_s) - starts[s].begin();
    before[visits_[k].part_before] = static_cast<std::size_t>(std::max<std::ptrdiff_t>(0, came - went));
  }
  return before;
}

/// A machine that is blocked most of the time shows its changeover after the start that makes room: much the same each time,
/// while the gap since its own part varies with the machine that blocks it.
void LineFinder::find_unblocking() {
  unblocked_.assign(found_.stations.size(), {});
  std::vector<std::uint32_t> next(visits_.size(), Names::absent);
  std::vector<std::vector<double>> starts(found_.stations.size());
  for (std::uint32_t k = 0; k < visits_.size(); ++k) {
    if (visits_[k].part_before != Names::absent) next[visits_[k].part_before] = k;
    starts[visits_[k].station].push_back(log_.events[k].start_s);
  }
  for (std::vector<double>& own : starts) std::sort(own.begin(), own.end());
  for (std::uint32_t s = 0; s < found_.stations.size(); ++s) {
    std::vector<std::pair<double, std::uint32_t>> lags;
    for (const std::uint32_t k : of_station_[s]) {
      const LineVisit& v = visits_[k];
      if (std::isnan(v.gap_s) || next[v.machine_before] == Names::absent) continue;
      const std::vector<double>& behind = starts[visits_[next[v.machine_before]].station];
      const auto after = std::upper_bound(behind.begin(), behind.end(), log_.events[k].start_s);
      if (after == behind.begin()) continue;
      const double lag_s = log_.events[k].start_s - *(after - 1);
      if (lag_s < v.gap_s) lags.emplace_back(lag_s, k);
    }
    const LineTime& changeover = found_.stations[s].changeover;
    const double close = step() / 5;
    std::vector<std::uint32_t> known;  // with the changeover seen already
    for (const auto& [lag_s, k] : lags)
      if (std::abs(lag_s - changeover.mean.estimate) <= close && visits_[k].gap_s > beyond(changeover)) known.push_back(k);
    if (changeover.n >= 2 * fewest_times && known.size() >= fewest_times) {
      for (const std::uint32_t k : known) visits_[k].unblocked = true;
      continue;
    }
    std::sort(lags.begin(), lags.end());
    std::size_t first = 0, most = 0;  // lags that agree
    for (std::size_t a = 0, b = 0; a < lags.size(); ++a) {
      while (b < lags.size() && lags[b].first <= lags[a].first + close) ++b;
      if (b - a > most) most = b - a, first = a;
    }
    if (most < 2 * fewest_times || 3 * most < of_station_[s].size()) continue;
    std::vector<double> alike, gaps;
    for (std::size_t k = first; k < first + most; ++k) {
      alike.push_back(lags[k].first);
      gaps.push_back(visits_[lags[k].second].gap_s);
    }
    if (!(line_time(alike).sd < tight * line_time(gaps).sd)) continue;
    for (std::size_t k = first; k < first + most; ++k) visits_[lags[k].second].unblocked = true;
    unblocked_[s] = std::move(alike);
  }
}

/// Where a machine stood although its next part was there, so many parts, the one it had just finished left out, fill what lies
/// before the next station; unless machines went on at once with as many there.
void LineFinder::find_rooms() {
  const std::vector<std::size_t> before = parts_before();
  std::vector<std::uint32_t> next(visits_.size(), Names::absent);
  for (std::uint32_t k = 0; k < visits_.size(); ++k)
    if (visits_[k].part_before != Names::absent) next[visits_[k].part_before] = k;
  std::vector<std::map<std::size_t, std::size_t>> blocked(found_.stations.size()), went_on(found_.stations.size());
  const auto behind = [&](const LineVisit& v) {
    return v.machine_before == Names::absent || next[v.machine_before] == Names::absent ? Names::absent : visits_[next[v.machine_before]].station;
  };
  for (const LineVisit& v : visits_) {
    const LineTime& changeover = found_.stations[v.station].changeover;
    const std::uint32_t s = behind(v);
    if (s == Names::absent || changeover.n == 0 || !(waited(v) || v.unblocked)) continue;
    ++(v.unblocked || v.gap_s > beyond(changeover) ? blocked : went_on)[s][before[v.machine_before]];
  }
  for (std::uint32_t s = 0; s < found_.stations.size(); ++s) {
    std::size_t full = 0, most = 0, all = 0, against = 0;
    for (const auto& [parts, n] : blocked[s]) {
      all += n;
      if (n > most) most = n, full = parts;
    }
    for (const auto& [parts, n] : went_on[s]) against += parts >= full ? n : 0;
    if (most < fewest_times || 2 * most < all || 5 * against > all) continue;
    found_.stations[s].room = std::max<std::size_t>(1, full - std::min<std::size_t>(full, 1));
  }
  for (LineVisit& v : visits_)
    if (const std::uint32_t s = behind(v); s != Names::absent && found_.stations[s].room > 0)
      v.room = before[v.machine_before] <= found_.stations[s].room;
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
  constexpr std::size_t fewest_lags = 10;
  if (starts.size() < fewest_lags || ends.size() < fewest_lags) return;
  std::sort(ends.begin(), ends.end());
  std::sort(starts.begin(), starts.end(),
            [&](std::uint32_t a, std::uint32_t b) { return log_.events[a].start_s < log_.events[b].start_s; });
  const std::size_t least = parts_at_once(starts, ends, inside);
  LineLink back;
  back.from = exit, back.to = entry_, back.unlabelled = true;
  const auto link = static_cast<std::uint32_t>(found_.links.size());
  // With the right number the parts that found the first machine free came at a constant lag after an end. In a line that repeats itself
  // so they do with further numbers too, a period and its parts more each time: the smallest that fits is taken.
  std::vector<double> between;
  for (std::size_t k = 1; k < starts.size(); ++k)
    between.push_back(log_.events[starts[k]].start_s - log_.events[starts[k - 1]].start_s);
  const double usual = spread(between), most_width = std::min(std::max(0.5 * step(), 0.02 * usual), 0.5 * usual);
  for (std::size_t pallets = least; pallets <= 2 * least + 5; ++pallets) {
    match_return(starts, ends, inside, pallets);
    std::vector<double> lags;
    for (const std::uint32_t k : starts)
      if (!std::isnan(visits_[k].delay_s) && visits_[k].room && visits_[k].gap_s > beyond(found_.stations[entry_].changeover))
        lags.push_back(visits_[k].delay_s);
    if (lags.size() < fewest_lags || !(spread(lags) < most_width)) continue;
    found_.loop = {true, pallets, false,
                   fmt::format("{} starts at the first station came at a constant lag after an end at the last one", lags.size())};
    back.n = lags.size();
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

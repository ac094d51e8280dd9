// A discovered line as a scenario file: its stations, the ways between them, and where its parts were at a time.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>

#include "core/base/units.hpp"
#include "core/stats/fit.hpp"
#include "core/telemetry/line_discovery.hpp"
#include "core/telemetry/replay.hpp"

namespace retwin {
namespace {

constexpr double day_s = 86400;

class LineWriter {
 public:
  LineWriter(const LineFindings& line, const EventLog& log, double at_s) : line_(line), log_(log), at_s_(std::floor(at_s)) {
    find_exit();
  }
  std::string text();

 private:
  void find_exit();
  std::string name(std::uint32_t station) const;
  std::string way(std::uint32_t station) const { return "from_" + name(station); }
  std::vector<const LineLink*> links_from(std::uint32_t station) const;
  bool parallel(const std::vector<const LineLink*>& links) const;
  double transport_s(const LineLink& link) const;
  std::string duration(const LineStation& station) const;
  std::string station_text(std::uint32_t station) const;
  std::string ways_text(std::uint32_t station) const;
  std::string initial_text() const;
  std::uint32_t station_of(const LogEvent& event) const;

  const LineFindings& line_;
  const EventLog& log_;
  double at_s_;
  std::uint32_t exit_ = 0;
};

/// The station before the first one in a loop, else the one at which most parts end.
void LineWriter::find_exit() {
  std::size_t most = 0;
  if (line_.loop.closed) {
    for (const LineLink& link : line_.links)
      if (link.to == 0 && link.n > most) most = link.n, exit_ = link.from;
    return;
  }
  std::vector<std::size_t> last(line_.stations.size());
  for (const std::vector<std::uint32_t>& own : log_.by_lot())
    if (!own.empty()) ++last[station_of(log_.events[own.back()])];
  exit_ = static_cast<std::uint32_t>(std::max_element(last.begin(), last.end()) - last.begin());
}

std::uint32_t LineWriter::station_of(const LogEvent& event) const {
  for (std::uint32_t s = 0; s < line_.stations.size(); ++s) {
    const LineStation& station = line_.stations[s];
    const bool named = std::find(station.resources.begin(), station.resources.end(), event.resource) != station.resources.end();
    if (station.activity == event.activity && (named || (event.resource == Names::absent && station.resources.empty()))) return s;
  }
  return 0;
}

std::string LineWriter::name(std::uint32_t station) const {
  std::string result = scenario_name(line_.stations[station].name);
  for (std::size_t at = result.find("_/_"); at != std::string::npos; at = result.find("_/_")) result.replace(at, 3, "_");
  return result;
}

/// Links of a station that are no accidents.
std::vector<const LineLink*> LineWriter::links_from(std::uint32_t station) const {
  std::vector<const LineLink*> result;
  for (const LineLink& link : line_.links)
    if (link.from == station && (link.unlabelled || link.share.estimate >= 0.02) && (station != exit_ || line_.loop.closed))
      result.push_back(&link);
  return result;
}

/// Where it was never seen without waiting: the usual one of the other ways, if that is shorter.
double LineWriter::transport_s(const LineLink& link) const {
  std::vector<double> known;
  for (const LineLink& other : line_.links)
    if (other.transport.known()) known.push_back(other.transport.mean.estimate);
  double seen = link.transport.n > 0 ? link.transport.mean.estimate : std::numeric_limits<double>::infinity();
  if (!link.transport.known() && !known.empty()) {
    std::sort(known.begin(), known.end());
    seen = std::min(seen, known[known.size() / 2]);
  }
  double clock_s = 0;  // a clock that is behind takes from the way to its machine and adds to the way from there
  for (const LineLink& before : line_.links)
    if (before.to == link.from) clock_s = std::max(clock_s, before.clock_s);
  return std::isfinite(seen) ? std::max(0.0, seen - clock_s) : 0;
}

/// Whether links lead to machines that stand in for one another: of one activity, or with the same stations behind them.
bool LineWriter::parallel(const std::vector<const LineLink*>& links) const {
  const auto behind = [&](std::uint32_t station) {
    std::vector<std::uint32_t> to;
    for (const LineLink* link : links_from(station)) to.push_back(link->to);
    std::sort(to.begin(), to.end());
    return to;
  };
  const std::uint32_t first = links[0]->to;
  return std::all_of(links.begin(), links.end(), [&](const LineLink* link) {
    return line_.stations[link->to].activity == line_.stations[first].activity ||
           (link->to != exit_ && !behind(link->to).empty() && behind(link->to) == behind(first));
  });
}

/// Services after the last change before the time.
std::string LineWriter::duration(const LineStation& station) const {
  std::size_t from = 0, at = 0;
  for (const Drift& drift : station.drifts) {
    at += drift.n_before;
    if (drift.time_s <= at_s_) from = at;
  }
  std::vector<double> values = station.services_s;
  if (from < values.size()) values.erase(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(from));
  return values.empty() ? "0 s" : scenario_text(fit_best(values), "s");
}

std::string LineWriter::station_text(std::uint32_t s) const {
  const LineStation& station = line_.stations[s];
  std::string text =
      fmt::format("  {}:\n    duration: {}  # n = {}, mean {:.6g} s ({:.6g} ... {:.6g})\n", name(s), duration(station),
                  station.services_s.size(), station.service.estimate, station.service.low, station.service.high);
  if (station.resources.size() > 1) text += fmt::format("    servers: {}\n", station.resources.size());
  const LineTime& c = station.changeover;
  if (c.known() && c.mean.estimate > 0)
    text += fmt::format("    changeover: {:.6g} s  # n = {}, sd {:.3g} s\n", c.mean.estimate, c.n, c.sd);
  else if (c.n > 0) text += fmt::format("    # a changeover is not seen by itself; it takes at most {:.6g} s\n", c.mean.estimate);
  for (const LineZone& zone : line_.zones)
    if (zone.room > 0 && zone.to.size() == 1 && zone.to[0] == s) text += "    buffer: 0  # places are those of the way\n";
  if (s == exit_ && line_.loop.closed) text += "    completes: parts\n";
  const std::vector<const LineLink*> links = links_from(s);
  std::string to = links.empty() ? "parts" : way(s);
  if (links.size() > 1 && !parallel(links)) {
    to = "{";
    for (const LineLink* link : links)
      to += fmt::format("{}{}_to_{}: {:.6g}", to.size() > 1 ? ", " : "", way(s), name(link->to), link->share.estimate);
    to += "}";
  }
  return text + "    to: " + to + "\n";
}

std::string LineWriter::ways_text(std::uint32_t s) const {
  const std::vector<const LineLink*> links = links_from(s);
  if (links.empty()) return {};
  std::string room, text;
  for (const LineZone& zone : line_.zones)
    if (zone.room > 0 && zone.from == std::vector<std::uint32_t>{s}) room = fmt::format("servers: {}, ", zone.room);
  const auto line = [&](const std::string& called, const LineLink& link, double duration_s, const std::string& to) {
    text += fmt::format("  {}: {{unit: delay, {}duration: {:.6g} s, to: {}}}  # n = {}, sd {:.3g} s{}\n", called, room,
                        duration_s, to, link.transport.n, link.transport.sd,
                        link.transport.known() ? ""
                                               : fmt::format("; never seen without waiting, at most {:.6g} s: that of other ways",
                                                             link.transport.mean.estimate));
  };
  if (links.size() == 1) {
    line(way(s), *links[0], transport_s(*links[0]), name(links[0]->to));
  } else if (parallel(links)) {
    std::string to;
    double total_s = 0;
    for (const LineLink* link : links) to += (to.empty() ? "" : ", ") + name(link->to), total_s += transport_s(*link);
    line(way(s), *links[0], total_s / static_cast<double>(links.size()), "{shortest: [" + to + "]}");
  } else {
    for (const LineLink* link : links) line(way(s) + "_to_" + name(link->to), *link, transport_s(*link), name(link->to));
  }
  return text;
}

/// Parts at work with what is left of the usual service, parts on their way, and parts that wait, in the order in which they came;
/// their labels are the attribute `part`.
std::string LineWriter::initial_text() const {
  std::vector<std::pair<double, std::string>> rows;  // since when they are there
  const bool numbers = std::all_of(log_.lots.all().begin(), log_.lots.all().end(), [](const std::string& label) {
    return !label.empty() && label.size() < 10 && label.find_first_not_of("0123456789") == std::string::npos;
  });
  const auto place = [&](double since_s, const std::string& where, double remaining_s, const std::string& label) {
    const std::string part = label.empty() ? (numbers ? "-1" : "none") : numbers ? label : scenario_name(label);
    const std::string left = remaining_s > 0 ? fmt::format(", remaining: {:.6g} s", remaining_s) : "";
    rows.emplace_back(since_s, fmt::format("  - {{station: {}{}, attributes: {{part: {}}}}}\n", where, left, part));
  };
  for (const std::vector<std::uint32_t>& own : log_.by_lot()) {
    const LogEvent *now = nullptr, *next = nullptr;
    for (const std::uint32_t k : own) {
      if (log_.events[k].start_s <= at_s_) now = &log_.events[k];
      else if (next == nullptr) next = &log_.events[k];
    }
    if (now == nullptr) continue;  // not in yet
    const std::string& label = log_.lots[now->lot];
    const std::uint32_t s = station_of(*now);
    if (now->end_s > at_s_) {
      place(now->start_s, name(s), std::max(1e-3, line_.stations[s].now_s() - (at_s_ - now->start_s)), label);
      continue;
    }
    const std::vector<const LineLink*> links = links_from(s);
    if (links.empty() || (s == exit_ && links[0]->unlabelled)) continue;  // left, or a pallet without a label
    const LineLink* link = links[0];
    for (const LineLink* other : links)
      if (next != nullptr && other->to == station_of(*next)) link = other;
    const double left_s = transport_s(*link) - (at_s_ - now->end_s);
    if (left_s > 0)
      place(now->end_s, links.size() > 1 && !parallel(links) ? way(s) + "_to_" + name(link->to) : way(s), left_s, label);
    else place(now->end_s, name(link->to), 0, label);
  }
  for (; line_.loop.closed && rows.size() < line_.loop.pallets;) place(at_s_, name(0), 0, "");
  if (rows.empty()) return {};
  std::stable_sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::string text = "initial:\n";
  for (const auto& row : rows) text += row.second;
  return text;
}

std::string LineWriter::text() {
  const double day = std::floor(at_s_ / day_s), second = at_s_ - day * day_s;
  std::string start = format_time(static_cast<long>(day), second).substr(0, 19);
  std::replace(start.begin(), start.end(), 'T', ' ');
  std::string out = fmt::format("# A line, learned from {} (SHA-256 {}), as it stood at {}; {}.\n", log_.source,
                                log_.sha256.empty() ? "unknown" : log_.sha256, start, line_.note);
  for (const std::string& note : line_.notes) out += "# " + note + "\n";
  if (line_.loop.closed) out += fmt::format("# {} pallets in a closed loop: {}\n", line_.loop.pallets, line_.loop.note);
  out += fmt::format("name: \"line of {}\"\n", scenario_name(std::filesystem::path(log_.source).filename().string()));
  out += fmt::format("run: {{start: {}, duration: 1 h, terminating: true}}\n", start);
  if (!line_.loop.closed) {
    std::vector<double> starts, between;
    for (const std::vector<std::uint32_t>& own : log_.by_lot())
      if (!own.empty() && station_of(log_.events[own[0]]) == 0) starts.push_back(log_.events[own[0]].start_s);
    std::sort(starts.begin(), starts.end());
    for (std::size_t k = 1; k < starts.size(); ++k) between.push_back(starts[k] - starts[k - 1]);
    out += fmt::format("sources: {{parts_in: {{every: {}, to: {}}}}}\n",
                       between.empty() ? "1 h" : scenario_text(fit_best(between), "s"), name(0));
  }
  out += "stations:\n";
  for (std::uint32_t s = 0; s < line_.stations.size(); ++s) out += station_text(s);
  for (std::uint32_t s = 0; s < line_.stations.size(); ++s) out += ways_text(s);
  return out + initial_text() + "sinks: {parts: product}\n";
}

}  // namespace

std::string line_scenario(const LineFindings& line, const EventLog& log, double at_s) {
  return LineWriter(line, log, at_s).text();
}

}  // namespace retwin

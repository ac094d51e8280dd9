// A discovered line as a scenario file: its stations, the ways between them, and where its parts were at a time.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <map>
#include <numeric>
#include <optional>

#include "core/base/text.hpp"
#include "core/base/yaml_text.hpp"
#include "core/base/units.hpp"
#include "core/scenario/document/document.hpp"
#include "core/stats/fit.hpp"
#include "core/telemetry/lines/discovery.hpp"
#include "core/telemetry/lines/routing.hpp"
#include "core/telemetry/lines/state.hpp"
#include "core/telemetry/log/names.hpp"

namespace retwin {
namespace {

constexpr double day_s = 86400;
constexpr std::uint32_t none_of_them = Names::absent;
constexpr double rare_share = 0.02;  // links of less are accidents

class LineWriter {
 public:
  LineWriter(const LineFindings& line, const EventLog& log, double at_s) : line_(line), log_(log), at_s_(std::floor(at_s)) {
    find_exit();
    find_reached();
  }
  std::string text();

 private:
  void find_exit();
  void find_reached();
  std::string name(std::uint32_t station) const;
  std::string way(std::uint32_t station) const { return "from_" + name(station); }
  std::string way_to(const LineLink& link) const;
  std::vector<const LineLink*> links_from(std::uint32_t station) const;
  const LineSplit* split_at(std::uint32_t station) const;
  double transport_s(const LineLink& link) const;
  std::string duration(const LineStation& station, double at_s) const;
  std::string station_text(std::uint32_t station) const;
  std::string route_text(std::uint32_t station) const;
  std::string rule_text(const LineSplit& split, bool with_ways) const;
  std::string by_part_text(const LineRule& rule, const std::vector<std::string>& targets) const;
  std::size_t room_of(const LineLink& link) const;
  std::string ways_text() const;
  std::string changes_text() const;
  std::string lines_without_parts() const;
  std::string initial_text(const Plant& plant) const;
  bool labels_are_numbers() const;
  std::string part_text(const std::string& label) const;
  std::string category(const std::string& part) const;

  const LineFindings& line_;
  const EventLog& log_;
  double at_s_;
  std::uint32_t exit_ = 0;
  std::vector<std::uint32_t> reached_;        // stations to which parts come by links that are no accidents, in order
  std::map<std::string, std::size_t> turns_;  // by station with a cyclic route: the option that is next
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
    if (const std::uint32_t s = own.empty() ? none_of_them : line_.station_of(log_.events[own.back()]); s != none_of_them)
      ++last[s];
  exit_ = static_cast<std::uint32_t>(std::max_element(last.begin(), last.end()) - last.begin());
}

void LineWriter::find_reached() {
  reached_ = {0};
  for (std::size_t k = 0; k < reached_.size(); ++k)
    for (const LineLink* link : links_from(reached_[k]))
      if (std::find(reached_.begin(), reached_.end(), link->to) == reached_.end()) reached_.push_back(link->to);
  std::sort(reached_.begin(), reached_.end());
}

std::string LineWriter::name(std::uint32_t station) const {
  const std::string result = line_name(line_.stations[station].name);
  const auto same = [&](const LineStation& other) { return line_name(other.name) == result; };
  const auto before = std::count_if(line_.stations.begin(), line_.stations.begin() + station, same);
  return before == 0 ? result : fmt::format("{}_{}", result, before + 1);
}

/// Links of a station that are no accidents.
std::vector<const LineLink*> LineWriter::links_from(std::uint32_t station) const {
  std::vector<const LineLink*> result;
  for (const LineLink& link : line_.links)
    if (link.from == station && (link.unlabelled || link.share.estimate >= rare_share) && (station != exit_ || line_.loop.closed))
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

const LineSplit* LineWriter::split_at(std::uint32_t station) const {
  for (const LineSplit& split : line_.splits)
    if (split.from == station && links_from(station).size() > 1) return &split;
  return nullptr;
}

/// The transport of a link: one for all links of a station that leads to machines alike, unless their times differ or each has
/// room of its own; one for all links into a station that has.
std::string LineWriter::way_to(const LineLink& link) const {
  const std::vector<const LineLink*> links = links_from(link.from);
  const LineSplit* split = split_at(link.from);
  if (links.size() == 1 || split == nullptr) {
    const auto into = std::count_if(line_.links.begin(), line_.links.end(), [&](const LineLink& other) {
      return other.to == link.to && other.share.estimate >= rare_share && links_from(other.from).size() == 1;
    });
    if (links.size() == 1 && into > 1 && line_.stations[link.to].room > 0) return "before_" + name(link.to);
    return links.size() == 1 ? way(link.from) : way(link.from) + "_to_" + name(link.to);
  }
  const auto [least, most] = std::minmax_element(
      links.begin(), links.end(), [&](const LineLink* a, const LineLink* b) { return transport_s(*a) < transport_s(*b); });
  const bool own_room =
      std::any_of(links.begin(), links.end(), [&](const LineLink* l) { return line_.stations[l->to].room > 0; });
  const bool alike = split->rules.front().on_arrival || (!own_room && transport_s(**most) - transport_s(**least) < 1);
  return alike ? way(link.from) : way(link.from) + "_to_" + name(link.to);
}

/// Places of a way, if it was ever seen full.
std::size_t LineWriter::room_of(const LineLink& link) const {
  if (const std::size_t room = line_.stations[link.to].room; room > 0 && way_to(link) != way(link.from)) return room;
  if (const std::size_t room = line_.stations[link.to].room; room > 0 && links_from(link.from).size() == 1) return room;
  for (const LineZone& zone : line_.zones)
    if (zone.room > 0 && zone.from == std::vector<std::uint32_t>{link.from} && way_to(link) == way(link.from)) return zone.room;
  return 0;
}

/// Services that hold at a time.
std::string LineWriter::duration(const LineStation& station, double at_s) const {
  std::size_t from = 0, until = station.services_s.size(), at = 0;
  for (const Drift& drift : station.drifts) {
    at += drift.n_before;
    if (drift.time_s <= at_s) from = at;
    else until = std::min(until, at);
  }
  const auto begin = station.services_s.begin();
  const std::vector<double> values(begin + static_cast<std::ptrdiff_t>(std::min(from, until)),
                                   begin + static_cast<std::ptrdiff_t>(until));
  return values.empty() ? "0 s" : scenario_text(fit_best(values), "s");
}

std::string LineWriter::station_text(std::uint32_t s) const {
  const LineStation& station = line_.stations[s];
  std::string text =
      fmt::format("  {}:\n    duration: {}  # n = {}, mean {:.6g} s ({:.6g} ... {:.6g})\n", name(s), duration(station, at_s_),
                  station.services_s.size(), station.service.estimate, station.service.low, station.service.high);
  if (station.resources.size() > 1) text += fmt::format("    servers: {}\n", station.resources.size());
  const LineTime& c = station.changeover;
  if (c.known() && c.mean.estimate > 0)
    text += fmt::format("    changeover: {:.6g} s  # n = {}, sd {:.3g} s\n", c.mean.estimate, c.n, c.sd);
  else if (c.n > 0) text += fmt::format("    # a changeover is not seen by itself; it takes at most {:.6g} s\n", c.mean.estimate);
  for (const LineLink& link : line_.links) {
    const std::vector<const LineLink*> links = links_from(link.from);
    if (link.to != s || std::find(links.begin(), links.end(), &link) == links.end() || room_of(link) == 0) continue;
    text += "    buffer: 0  # places are those of the way\n";
    break;
  }
  if (s == exit_ && line_.loop.closed) text += "    completes: parts\n";
  return text + route_text(s);
}

std::string LineWriter::route_text(std::uint32_t s) const {
  const std::vector<const LineLink*> links = links_from(s);
  if (links.empty()) return "    to: parts\n";
  if (const LineSplit* split = split_at(s)) {
    const LineRule& rule = split->rules.front();
    std::string text;
    for (std::size_t k = 0; k < split->rules.size() && k < 6; ++k)
      text += fmt::format("{}{} {} of {}", k == 0 ? "    # agreement of rules with the log's decisions: " : ", ",
                          words(split->rules[k]), split->rules[k].agreeing, split->rules[k].decisions);
    if (!split->note.empty()) text += "\n    " + yaml_comment(split->note);
    return text + "\n    to: " + (rule.on_arrival ? way(s) : rule_text(*split, true)) + "\n";
  }
  if (links.size() == 1) return "    to: " + way_to(*links[0]) + "\n";
  std::string to;
  double sum = 0;
  for (const LineLink* link : links) sum += link->share.estimate;
  for (const LineLink* link : links)
    to += fmt::format("{}{}: {:.12g}", to.empty() ? "" : ", ", way_to(*link), link->share.estimate / sum);
  return "    to: {" + to + "}\n";
}

/// `{cyclic: [a, b]}` and so on; with the ways, "way -> a".
std::string LineWriter::rule_text(const LineSplit& split, bool with_ways) const {
  const LineRule& rule = split.rules.front();
  std::vector<std::string> targets;
  std::vector<double> shares;
  for (const std::uint32_t to : rule.to)
    for (const LineLink& link : line_.links) {
      if (link.from != split.from || link.to != to) continue;
      targets.push_back((with_ways ? way_to(link) + " -> " : "") + name(to));
      shares.push_back(link.share.estimate);
    }
  std::string text;
  const double sum = std::accumulate(shares.begin(), shares.end(), 0.0);
  for (std::size_t k = 0; k < targets.size(); ++k) {
    std::string value;
    if (rule.kind == LineRuleKind::fastest) value = fmt::format(": {:.6g} s", rule.believed_s[k]);
    if (rule.kind == LineRuleKind::shares) value = fmt::format(": {:.12g}", shares[k] / sum);
    text += (text.empty() ? "" : ", ") + targets[k] + value;
  }
  if (rule.kind == LineRuleKind::cyclic) {
    const auto turn = turns_.find(with_ways ? name(split.from) : way(split.from));
    std::rotate(targets.begin(), targets.begin() + static_cast<std::ptrdiff_t>(turn == turns_.end() ? 0 : turn->second),
                targets.end());
    return fmt::format("{{cyclic: [{}]}}", fmt::join(targets, ", "));
  }
  if (rule.kind == LineRuleKind::shortest) return "{shortest: [" + text + "]}";
  if (rule.kind == LineRuleKind::fastest) return "{fastest: {" + text + "}}";
  if (rule.kind == LineRuleKind::by_part) return by_part_text(rule, targets);
  return "{" + text + "}";
}

/// A value of the attribute `part` in an expression: in quotes if it is a category.
std::string LineWriter::category(const std::string& part) const { return labels_are_numbers() ? part : "'" + part + "'"; }

/// Cases of the parts that went to each machine but the last one.
std::string LineWriter::by_part_text(const LineRule& rule, const std::vector<std::string>& targets) const {
  std::vector<std::map<std::string, bool>> parts(rule.to.size());
  for (const LogEvent& e : log_.events)
    for (std::size_t k = 0; k < rule.to.size(); ++k)
      if (line_.station_of(e) == rule.to[k]) parts[k][part_text(log_.lots[e.lot])] = true;
  std::string text = "[";
  for (std::size_t k = 0; k + 1 < targets.size(); ++k)
    for (const auto& [part, there] : parts[k]) text += fmt::format("{{when: part == {}, to: {}}}, ", category(part), targets[k]);
  return text + "{to: " + targets.back() + "}]";
}

std::string LineWriter::ways_text() const {
  std::vector<std::pair<std::string, std::vector<const LineLink*>>> ways;
  for (const std::uint32_t s : reached_)
    for (const LineLink* link : links_from(s)) {
      const std::string called = way_to(*link);
      auto at = std::find_if(ways.begin(), ways.end(), [&](const auto& way) { return way.first == called; });
      if (at == ways.end()) at = ways.insert(at, {called, {}});
      at->second.push_back(link);
    }
  std::string text;
  for (const auto& [called, own] : ways) {
    double total_s = 0;
    for (const LineLink* link : own) total_s += transport_s(*link);
    const LineSplit* split = split_at(own[0]->from);
    const bool on_arrival = split != nullptr && split->rules.front().on_arrival;
    const LineTime& t = own[0]->transport;
    const std::size_t room = room_of(*own[0]);
    text += fmt::format(
        "  {}: {{unit: delay, {}duration: {:.6g} s, to: {}}}  # n = {}, sd {:.3g} s{}\n", called,
        room > 0 ? fmt::format("servers: {}, buffer: 0, ", room) : "", total_s / static_cast<double>(own.size()),
        on_arrival ? rule_text(*split, false) : name(own[0]->to), t.n, t.sd,
        t.known() ? "" : fmt::format("; never seen without waiting, at most {:.6g} s: that of other ways", t.mean.estimate));
  }
  return text;
}

/// What changed after the time at which the scenario begins.
std::string LineWriter::changes_text() const {
  std::string text;
  for (const std::uint32_t s : reached_)
    for (const Drift& drift : line_.stations[s].drifts)
      if (drift.time_s > at_s_)
        text += fmt::format("  - {{at: {:.6g} s, set: {{stations.{}.duration: {}}}}}\n",
                            std::max(0.0, drift.time_s - drift.after - 1 - at_s_), name(s),
                            duration(line_.stations[s], drift.time_s));
  return text.empty() ? text : "changes:\n" + text;
}

bool LineWriter::labels_are_numbers() const {
  return std::all_of(log_.lots.all().begin(), log_.lots.all().end(), [](const std::string& label) {
    return !label.empty() && label.size() < 10 && label.find_first_not_of("0123456789") == std::string::npos;
  });
}

/// A label as a value of the attribute `part`.
std::string LineWriter::part_text(const std::string& label) const {
  const bool numbers = labels_are_numbers();
  return label.empty() ? (numbers ? "-1" : "none") : numbers ? label : line_name(label);
}

std::string LineWriter::initial_text(const Plant& plant) const {
  const std::vector<LinePart> parts = line_state(plant, LineMap(plant, log_), log_, at_s_);
  std::string text = parts.empty() ? "" : "initial:\n";
  for (const LinePart& part : parts)
    text += fmt::format("  - {{station: {}{}{}, attributes: {{part: {}}}}}\n", plant.stations[part.station].name,
                        std::isnan(part.remaining_s) ? "" : fmt::format(", remaining: {:.6g} s", part.remaining_s),
                        part.bound_for == none || part.finished ? "" : ", to: " + plant.stations[part.bound_for].name,
                        part_text(part.label));
  return text;
}

std::string LineWriter::lines_without_parts() const {
  const double day = std::floor(at_s_ / day_s), second = at_s_ - day * day_s;
  std::string start = format_time(static_cast<long>(day), second).substr(0, 19);
  std::replace(start.begin(), start.end(), 'T', ' ');
  std::string out;
  const auto tell = [&out](const std::string& line) { out += yaml_comment(line) + "\n"; };
  tell(fmt::format("A line, learned from {} (SHA-256 {}), as it stood at {}; {}.", log_.source,
                   log_.sha256.empty() ? "unknown" : log_.sha256, start, line_.note));
  for (const std::string& note : line_.notes) tell(note);
  if (line_.loop.closed) tell(fmt::format("{} pallets in a closed loop: {}", line_.loop.pallets, line_.loop.note));
  out += fmt::format("name: {}\n", yaml_quoted("line of " + one_line(std::filesystem::path(log_.source).filename().string())));
  out += fmt::format("run: {{start: {}, duration: 1 h, terminating: true}}\n", start);
  if (!line_.loop.closed) {
    std::vector<double> starts, between;
    for (const std::vector<std::uint32_t>& own : log_.by_lot())
      if (!own.empty() && line_.station_of(log_.events[own[0]]) == 0) starts.push_back(log_.events[own[0]].start_s);
    std::sort(starts.begin(), starts.end());
    for (std::size_t k = 1; k < starts.size(); ++k) between.push_back(starts[k] - starts[k - 1]);
    out += fmt::format("sources: {{parts_in: {{every: {}, to: {}}}}}\n",
                       between.empty() ? "1 h" : scenario_text(fit_best(between), "s"), name(0));
  }
  out += "stations:\n";
  for (std::uint32_t s = 0; s < line_.stations.size(); ++s)
    if (std::find(reached_.begin(), reached_.end(), s) == reached_.end())
      out += fmt::format("  # {} is left out: no usual way leads to it\n", name(s));
  for (const std::uint32_t s : reached_) out += station_text(s);
  return out + ways_text() + changes_text() + "sinks: {parts: product}\n";
}

/// The scenario is compiled without its parts, so that they are placed as they are for any scenario of a line.
std::string LineWriter::text() {
  std::string trial = lines_without_parts();
  const bool by_part = std::any_of(line_.splits.begin(), line_.splits.end(), [](const LineSplit& s) {
    return !s.rules.empty() && s.rules.front().kind == LineRuleKind::by_part;
  });
  std::string parts;
  if (line_.loop.closed && !by_part) trial += fmt::format("initial: [{{station: {}, count: {}}}]\n", name(0), line_.loop.pallets);
  for (std::uint32_t lot = 0; line_.loop.closed && by_part && lot < log_.lots.size(); ++lot)
    parts +=
        fmt::format("{}{{station: {}, attributes: {{part: {}}}}}", parts.empty() ? "" : ", ", name(0), part_text(log_.lots[lot]));
  if (!parts.empty()) trial += "initial: [" + parts + "]\n";
  Problems problems;
  const std::optional<Node> document = read_yaml(trial, log_.source, problems);
  problems.throw_if_errors();
  const Scenario scenario = compile_scenario(*document, log_.source, {});
  const std::map<Index, std::size_t> turns = line_turns(*scenario.plant, LineMap(*scenario.plant, log_), log_, at_s_);
  for (const auto& [station, turn] : turns) turns_[scenario.plant->stations[station].name] = turn;
  return lines_without_parts() + initial_text(*scenario.plant);
}

}  // namespace

std::string line_scenario(const LineFindings& line, const EventLog& log, double at_s) {
  return LineWriter(line, log, at_s).text();
}

}  // namespace retwin

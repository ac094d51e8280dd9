// A discovered line as a scenario file: its stations, the ways between them, and where its parts were at a time.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <map>

#include "core/base/files.hpp"
#include "core/base/constants.hpp"
#include "core/base/text.hpp"
#include "core/base/units.hpp"
#include "core/base/yaml_writer.hpp"
#include "core/scenario/specs/sections.hpp"
#include "core/stats/fit.hpp"
#include "core/telemetry/lines/discovery.hpp"
#include "core/telemetry/lines/routing.hpp"
#include "core/telemetry/lines/state.hpp"
#include "core/telemetry/log/learned_parameter.hpp"
#include "core/telemetry/log/names.hpp"

namespace retwin {
namespace {

constexpr std::uint32_t none_of_them = Names::absent;
constexpr double rare_share = 0.02;  // links of less are accidents
constexpr const char* sink = "parts";

class LineMaker {
 public:
  LineMaker(const LineFindings& line, const EventLog& log, double at_s) : line_(line), log_(log), at_s_(std::floor(at_s)) {
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
  Distribution duration(const LineStation& station, double at_s) const;
  std::size_t room_of(const LineLink& link) const;
  bool labels_are_numbers() const;
  std::string part_text(const std::string& label) const;
  std::string category(const std::string& part) const;
  AttributesValue part(const std::string& label) const;
  RouteSpec rule_route(const LineSplit& split, bool with_ways) const;
  RouteSpec by_part_route(const LineRule& rule, const std::vector<RouteSpec::Option>& targets) const;
  // what is said, in `specs_`, `head_` and `remarks_`
  void say_without_parts();
  void say_head();
  void say_arrivals();
  void say_station(std::uint32_t station);
  void say_route(std::uint32_t station, StationSpec& spec);
  void say_ways();
  void say_changes();
  void say_parts(const Plant& plant);
  Node document() const { return write_scenario(head_, specs_, {}); }

  const LineFindings& line_;
  const EventLog& log_;
  double at_s_;
  std::uint32_t exit_ = 0;
  std::vector<std::uint32_t> reached_;        // stations to which parts come by links that are no accidents, in order
  std::map<std::string, std::size_t> turns_;  // by station with a cyclic route: the option that is next
  Specs specs_;
  HeadSpec head_;
  Remarks remarks_;
};

/// The station before the first one in a loop, else the one at which most parts end.
void LineMaker::find_exit() {
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

void LineMaker::find_reached() {
  reached_ = {0};
  for (std::size_t k = 0; k < reached_.size(); ++k)
    for (const LineLink* link : links_from(reached_[k]))
      if (std::find(reached_.begin(), reached_.end(), link->to) == reached_.end()) reached_.push_back(link->to);
  std::sort(reached_.begin(), reached_.end());
}

std::string LineMaker::name(std::uint32_t station) const {
  const std::string result = line_name(line_.stations[station].name);
  const auto same = [&](const LineStation& other) { return line_name(other.name) == result; };
  const auto before = std::count_if(line_.stations.begin(), line_.stations.begin() + station, same);
  return before == 0 ? result : fmt::format("{}_{}", result, before + 1);
}

/// Links of a station that are no accidents.
std::vector<const LineLink*> LineMaker::links_from(std::uint32_t station) const {
  std::vector<const LineLink*> result;
  for (const LineLink& link : line_.links)
    if (link.from == station && (link.unlabelled || link.share.estimate >= rare_share) && (station != exit_ || line_.loop.closed))
      result.push_back(&link);
  return result;
}

/// Where it was never seen without waiting: the usual one of the other ways, if that is shorter.
double LineMaker::transport_s(const LineLink& link) const {
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

const LineSplit* LineMaker::split_at(std::uint32_t station) const {
  for (const LineSplit& split : line_.splits)
    if (split.from == station && links_from(station).size() > 1) return &split;
  return nullptr;
}

/// The transport of a link: one for all links of a station that leads to machines alike, unless their times differ or each has
/// room of its own; one for all links into a station that has.
std::string LineMaker::way_to(const LineLink& link) const {
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
std::size_t LineMaker::room_of(const LineLink& link) const {
  if (const std::size_t room = line_.stations[link.to].room; room > 0 && way_to(link) != way(link.from)) return room;
  if (const std::size_t room = line_.stations[link.to].room; room > 0 && links_from(link.from).size() == 1) return room;
  for (const LineZone& zone : line_.zones)
    if (zone.room > 0 && zone.from == std::vector<std::uint32_t>{link.from} && way_to(link) == way(link.from)) return zone.room;
  return 0;
}

/// Services that hold at a time.
Distribution LineMaker::duration(const LineStation& station, double at_s) const {
  std::size_t from = 0, until = station.services_s.size(), at = 0;
  for (const Drift& drift : station.drifts) {
    at += drift.n_before;
    if (drift.time_s <= at_s) from = at;
    else until = std::min(until, at);
  }
  const auto begin = station.services_s.begin();
  const std::vector<double> values(begin + static_cast<std::ptrdiff_t>(std::min(from, until)),
                                   begin + static_cast<std::ptrdiff_t>(until));
  return values.empty() ? Distribution::constant(0) : scenario_distribution(fit_best(values));
}

void LineMaker::say_station(std::uint32_t s) {
  const LineStation& station = line_.stations[s];
  StationSpec& spec = specs_.stations.emplace_back().spec;
  spec.name = name(s);
  const std::string path = "stations." + spec.name;
  spec.duration.set(duration(station, at_s_));
  remarks_[path + ".duration"] = fmt::format("n = {}, mean {:.6g} s{}", station.services_s.size(),
                                             station.service.estimate, bounds_text(station.service, 6));
  if (station.resources.size() > 1) spec.servers = static_cast<std::int64_t>(station.resources.size());
  const LineTime& c = station.changeover;
  if (c.known() && c.mean.estimate > 0) {
    spec.changeover.set(Distribution::constant(to_digits(c.mean.estimate, 6)));
    remarks_[path + ".changeover"] = fmt::format("n = {}, sd {:.3g} s", c.n, c.sd);
  } else if (c.n > 0) {
    remarks_[path] = fmt::format("a changeover is not seen by itself; it takes at most {:.6g} s", c.mean.estimate);
  }
  for (const LineLink& link : line_.links) {
    const std::vector<const LineLink*> links = links_from(link.from);
    if (link.to != s || std::find(links.begin(), links.end(), &link) == links.end() || room_of(link) == 0) continue;
    spec.buffer.set_places(0);
    remarks_[path + ".buffer"] = "places are those of the way";
    break;
  }
  if (s == exit_ && line_.loop.closed) spec.completes.text = sink;
  say_route(s, spec);
}

void LineMaker::say_route(std::uint32_t s, StationSpec& spec) {
  const std::vector<const LineLink*> links = links_from(s);
  if (links.empty()) return spec.to.set(sink);
  if (const LineSplit* split = split_at(s)) {
    std::string& said = remarks_["stations." + spec.name + ".to"];
    for (std::size_t k = 0; k < split->rules.size() && k < 6; ++k)
      said += fmt::format("{}{} {} of {}", k == 0 ? "agreement of rules with the log's decisions: " : ", ", words(split->rules[k]),
                          split->rules[k].agreeing, split->rules[k].decisions);
    if (!split->note.empty()) said += "\n" + one_line(split->note);
    return split->rules.front().on_arrival ? spec.to.set(way(s)) : spec.to.set(rule_route(*split, true));
  }
  if (links.size() == 1) return spec.to.set(way_to(*links[0]));
  RouteSpec route;
  route.kind = RouteKind::probability;
  double sum = 0;
  for (const LineLink* link : links) sum += link->share.estimate;
  for (const LineLink* link : links) {
    RouteSpec::Option& option = route.options.emplace_back();
    option.target.text = way_to(*link);
    option.share = to_digits(link->share.estimate / sum, 12);
  }
  spec.to.set(std::move(route));
}

/// @param with_ways the way to each machine is named
RouteSpec LineMaker::rule_route(const LineSplit& split, bool with_ways) const {
  const LineRule& rule = split.rules.front();
  RouteSpec route;
  double sum = 0;
  for (std::size_t k = 0; k < rule.to.size(); ++k)
    for (const LineLink& link : line_.links) {
      if (link.from != split.from || link.to != rule.to[k]) continue;
      RouteSpec::Option& option = route.options.emplace_back();
      if (with_ways) option.via.text = way_to(link);
      option.target.text = name(rule.to[k]);
      option.share = link.share.estimate;
      if (rule.kind == LineRuleKind::fastest) option.believed_s = to_digits(rule.believed_s[k], 6);
      sum += option.share;
    }
  for (RouteSpec::Option& option : route.options) option.share = to_digits(option.share / sum, 12);
  switch (rule.kind) {
    case LineRuleKind::cyclic: {
      route.kind = RouteKind::cyclic;
      const auto turn = turns_.find(with_ways ? name(split.from) : way(split.from));
      const std::size_t next = turn == turns_.end() ? 0 : turn->second;
      std::rotate(route.options.begin(), route.options.begin() + static_cast<std::ptrdiff_t>(next), route.options.end());
      return route;
    }
    case LineRuleKind::shortest: route.kind = RouteKind::shortest; return route;
    case LineRuleKind::fastest: route.kind = RouteKind::fastest; return route;
    case LineRuleKind::by_part: return by_part_route(rule, route.options);
    default: route.kind = RouteKind::probability; return route;
  }
}

/// A value of the attribute `part` in an expression: in quotes if it is a category.
std::string LineMaker::category(const std::string& part) const { return labels_are_numbers() ? part : "'" + part + "'"; }

/// Cases of the parts that went to each machine but the last one.
RouteSpec LineMaker::by_part_route(const LineRule& rule, const std::vector<RouteSpec::Option>& targets) const {
  std::vector<std::map<std::string, bool>> parts(rule.to.size());
  for (const LogEvent& e : log_.events)
    for (std::size_t k = 0; k < rule.to.size(); ++k)
      if (line_.station_of(e) == rule.to[k]) parts[k][part_text(log_.lots[e.lot])] = true;
  RouteSpec route;
  route.kind = RouteKind::cases;
  const auto add = [&](const RouteSpec::Option& target, const std::string& when) {
    RouteSpec::Option& option = route.options.emplace_back();
    option.target = target.target, option.via = target.via;
    option.when.text = when;
  };
  for (std::size_t k = 0; k + 1 < targets.size(); ++k)
    for (const auto& [part, there] : parts[k]) add(targets[k], "part == " + category(part));
  add(targets.back(), "");
  return route;
}

void LineMaker::say_ways() {
  std::vector<std::pair<std::string, std::vector<const LineLink*>>> ways;
  for (const std::uint32_t s : reached_)
    for (const LineLink* link : links_from(s)) {
      const std::string called = way_to(*link);
      auto at = std::find_if(ways.begin(), ways.end(), [&](const auto& way) { return way.first == called; });
      if (at == ways.end()) at = ways.insert(at, {called, {}});
      at->second.push_back(link);
    }
  for (const auto& [called, own] : ways) {
    double total_s = 0;
    for (const LineLink* link : own) total_s += transport_s(*link);
    const LineSplit* split = split_at(own[0]->from);
    StationSpec& spec = specs_.stations.emplace_back().spec;
    spec.name = called;
    spec.unit = "delay";
    if (const std::size_t room = room_of(*own[0]); room > 0) {
      spec.servers = static_cast<std::int64_t>(room);
      spec.buffer.set_places(0);
    }
    spec.duration.set(Distribution::constant(to_digits(total_s / static_cast<double>(own.size()), 6)));
    if (split != nullptr && split->rules.front().on_arrival) spec.to.set(rule_route(*split, false));
    else spec.to.set(name(own[0]->to));
    const LineTime& t = own[0]->transport;
    remarks_["stations." + called] =
        fmt::format("n = {}, sd {:.3g} s{}", t.n, t.sd,
                    t.known() ? "" : fmt::format("; never seen without waiting, at most {:.6g} s: that of other ways", t.mean.estimate));
  }
}

/// What changed after the time at which the scenario begins.
void LineMaker::say_changes() {
  for (const std::uint32_t s : reached_)
    for (const Drift& drift : line_.stations[s].drifts) {
      if (drift.time_s <= at_s_) continue;
      DistributionValue changed(dimension::time);
      changed.set(duration(line_.stations[s], drift.time_s));
      ChangeSpec& change = head_.changes.emplace_back();
      change.at_s = to_digits(std::max(0.0, drift.time_s - at_s_), 6);
      Node values = Node::map();
      values.entries.push_back({"stations." + name(s) + ".duration", {}, changed.write()});
      change.set.set(std::move(values));
    }
}

bool LineMaker::labels_are_numbers() const {
  return std::all_of(log_.lots.all().begin(), log_.lots.all().end(), [](const std::string& label) {
    return !label.empty() && label.size() < 10 && label.find_first_not_of("0123456789") == std::string::npos;
  });
}

/// A label as a value of the attribute `part`.
std::string LineMaker::part_text(const std::string& label) const {
  const bool numbers = labels_are_numbers();
  return label.empty() ? (numbers ? "-1" : "none") : numbers ? label : line_name(label);
}

AttributesValue LineMaker::part(const std::string& label) const {
  AttributesValue::Entry entry{{"part", {}}, {}, {}, {}};
  const std::string text = part_text(label);
  if (labels_are_numbers()) entry.distribution = Distribution::constant(number_of(text).value_or(-1));
  else entry.categories = {{text, 1.0}};
  AttributesValue attributes;
  attributes.add(std::move(entry));
  return attributes;
}

void LineMaker::say_parts(const Plant& plant) {
  for (const LinePart& found : line_state(plant, LineMap(plant, log_), log_, at_s_)) {
    InitialSpec& spec = specs_.initial.emplace_back().spec;
    spec.station.text = plant.stations[found.station].name;
    if (!std::isnan(found.remaining_s)) spec.remaining_s = to_digits(found.remaining_s, 6);
    if (found.bound_for != none && !found.finished) spec.to.text = plant.stations[found.bound_for].name;
    spec.attributes = part(found.label);
  }
}

void LineMaker::say_head() {
  const double day = std::floor(at_s_ / day_s), second = at_s_ - day * day_s;
  std::string start = format_time(static_cast<long>(day), second).substr(0, 19);
  std::replace(start.begin(), start.end(), 'T', ' ');
  std::string& head = remarks_[""];
  const auto tell = [&head](const std::string& line) { head += one_line(line) + "\n"; };
  tell(fmt::format("A line, learned from {} (SHA-256 {}), as it stood at {}; {}.", log_.source,
                   log_.sha256.empty() ? "unknown" : log_.sha256, start, line_.note));
  for (const std::string& note : line_.notes) tell(note);
  if (line_.loop.closed) tell(fmt::format("{} pallets in a closed loop: {}", line_.loop.pallets, line_.loop.note));
  specs_.name = "line of " + one_line(std::filesystem::path(log_.source).filename().string());
  specs_.run.start.text = start;
  specs_.run.duration_s = 3600;
  specs_.run.terminating = true;
}

void LineMaker::say_arrivals() {
  std::vector<double> starts, between;
  for (const std::vector<std::uint32_t>& own : log_.by_lot())
    if (!own.empty() && line_.station_of(log_.events[own[0]]) == 0) starts.push_back(log_.events[own[0]].start_s);
  std::sort(starts.begin(), starts.end());
  for (std::size_t k = 1; k < starts.size(); ++k) between.push_back(starts[k] - starts[k - 1]);
  SourceSpec& spec = specs_.sources.emplace_back().spec;
  spec.name = "parts_in";
  spec.every.set(between.empty() ? Distribution::constant(3600) : scenario_distribution(fit_best(between)));
  spec.to.set(name(0));
}

void LineMaker::say_without_parts() {
  specs_ = {}, head_ = {}, remarks_ = {};
  say_head();
  if (!line_.loop.closed) say_arrivals();
  for (std::uint32_t s = 0; s < line_.stations.size(); ++s)
    if (std::find(reached_.begin(), reached_.end(), s) == reached_.end())
      remarks_["stations"] += fmt::format("{} is left out: no usual way leads to it\n", name(s));
  for (const std::uint32_t s : reached_) say_station(s);
  say_ways();
  say_changes();
  specs_.sinks.push_back({sink, {}, "product"});
}

/// The scenario is compiled without its parts, so that they are placed as they are for any scenario of a line.
std::string LineMaker::text() {
  say_without_parts();
  const bool by_part = std::any_of(line_.splits.begin(), line_.splits.end(), [](const LineSplit& s) {
    return !s.rules.empty() && s.rules.front().kind == LineRuleKind::by_part;
  });
  const auto at_the_first = [this] {
    InitialSpec& spec = specs_.initial.emplace_back().spec;
    spec.station.text = name(0);
    return &spec;
  };
  if (line_.loop.closed && !by_part) at_the_first()->count = static_cast<std::int64_t>(line_.loop.pallets);
  for (std::uint32_t lot = 0; line_.loop.closed && by_part && lot < log_.lots.size(); ++lot)
    at_the_first()->attributes = part(log_.lots[lot]);
  const Scenario scenario = compile_scenario(document(), log_.source, {});
  const std::map<Index, std::size_t> turns = line_turns(*scenario.plant, LineMap(*scenario.plant, log_), log_, at_s_);
  for (const auto& [station, turn] : turns) turns_[scenario.plant->stations[station].name] = turn;
  say_without_parts();
  say_parts(*scenario.plant);
  return yaml_text(document(), remarks_);
}

}  // namespace

std::string line_scenario(const LineFindings& line, const EventLog& log, double at_s) {
  return LineMaker(line, log, at_s).text();
}

}  // namespace retwin

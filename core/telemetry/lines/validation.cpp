// Windows of a log against simulations from its own states.
#include "core/telemetry/lines/validation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <map>

#include "core/base/random.hpp"
#include "core/base/units.hpp"
#include "core/flow/plant/changed.hpp"
#include "core/telemetry/lines/state.hpp"
#include "core/telemetry/log/names.hpp"

namespace retwin {
namespace {

constexpr double least_window_s = 60;  // shorter ones tell little

struct LineEvent {
  double time_s;
  bool finish;
  std::string label;
};
using Sequences = std::vector<std::vector<LineEvent>>;  // by station

/// What happened in a window: sequences, parts made, and how the contents of the zones changed.
struct Course {
  explicit Course(const Plant& plant, const LineMap& map)
      : sequences(plant.stations.size()), change(map.zones().size()), map_(map) {}
  void add(Index station, double time_s, bool finish, const std::string& label) {
    sequences[station].push_back({time_s, finish, label});
    const Index zone = finish ? map_.zone_behind(station) : map_.zone_before(station);
    if (zone != none) change[zone] += finish ? 1 : -1;
    const std::vector<const LineWay*> ways = map_.ways_from(station);
    const bool last =
        std::any_of(ways.begin(), ways.end(), [&](const LineWay* w) { return w->to == none || w->to == map_.entry(); });
    if (finish && last) ++made;
  }
  Sequences sequences;
  std::vector<double> change;
  double made = 0;

 private:
  const LineMap& map_;
};

/// Tells the course of a simulation. A part keeps its label from lap to lap.
class CourseObserver : public Observer {
 public:
  CourseObserver(const Plant& plant, const LineMap& map, const std::vector<LinePart>& parts, std::vector<std::string> new_labels)
      : course(plant, map), plant_(plant), map_(map), new_labels_(std::move(new_labels)) {
    for (const LinePart& part : parts)
      initial_.push_back({part.label, part.finished, !part.finished && map.is_machine(part.station) && !std::isnan(part.remaining_s)});
  }
  void lot_made(const Birth& birth) override {
    if (birth.origin == Origin::initial && next_initial_ < initial_.size()) {
      parts_[birth.lot.id] = initial_[next_initial_++];
    } else if (birth.origin == Origin::lap) {
      parts_[birth.lot.id] = parts_[birth.ancestors.front().lot];
    }
  }
  void lot_ended(double, const Lot& lot, Index, std::span<const double>) override { parts_.erase(lot.id); }
  void job_started(const JobRecord& job) override {
    if (!map_.is_machine(job.station)) return;
    if (jobs_.size() <= job.server) jobs_.resize(job.server + std::size_t{1});
    jobs_[job.server] = job.inputs.front().id;
  }
  void work_began(double now, Index station, Index server, std::uint16_t) override {
    if (server >= jobs_.size() || jobs_[server] == 0) return;
    Part& part = parts_[std::exchange(jobs_[server], 0)];
    if (part.at_work || part.finished) {  // since before the window
      part.at_work = false;
      return;
    }
    if (station == map_.entry() && (part.label.empty() || !plant_.sources.empty()))
      part.label = next_new_ < new_labels_.size() ? new_labels_[next_new_++] : fmt::format("(new {})", ++beyond_);
    course.add(station, now, false, part.label);
  }
  void job_finished(const JobRecord& job) override {
    if (!map_.is_machine(job.station)) return;
    Part& part = parts_[job.inputs.front().id];
    if (part.finished) part.finished = false;
    else course.add(job.station, job.now, true, part.label);
    if (plant_.stations[job.station].special == Special::lap && !map_.labels_kept()) part.label.clear();
  }
  Course course;

 private:
  struct Part {
    std::string label;
    bool finished = false, at_work = false;
  };
  const Plant& plant_;
  const LineMap& map_;
  std::vector<std::string> new_labels_;
  std::vector<Part> initial_;  // in the order in which they are put in place
  std::size_t next_initial_ = 0, next_new_ = 0, beyond_ = 0;
  std::unordered_map<std::uint64_t, Part> parts_;  // by lot
  std::vector<std::uint64_t> jobs_;                // by server: the lot that is taken up, 0: none
};

/// Longest common subsequence of events that match within the tolerance.
double common_events(const std::vector<LineEvent>& a, const std::vector<LineEvent>& b, double tolerance_s) {
  std::vector<std::uint32_t> before(b.size() + 1), now(b.size() + 1);
  for (const LineEvent& x : a) {
    for (std::size_t k = 0; k < b.size(); ++k) {
      const LineEvent& y = b[k];
      const bool same = x.finish == y.finish && std::abs(x.time_s - y.time_s) <= tolerance_s && x.label == y.label;
      now[k + 1] = same ? before[k] + 1 : std::max(before[k + 1], now[k]);
    }
    std::swap(before, now);
  }
  return before.back();
}

class WindowComparison {
 public:
  WindowComparison(const Scenario& scenario, const EventLog& log, const LineValidationOptions& options)
      : scenario_(scenario), log_(log), options_(options), map_(*scenario.plant, log) {
    for (Index s = 0; s < scenario.plant->n_stations(); ++s)
      if (map_.is_machine(s)) machines_.push_back(s);
  }
  LineValidation run();

 private:
  Course course_of_log(double begin_s, double end_s) const;
  std::vector<std::pair<double, std::string>> new_parts(double begin_s, double end_s) const;
  LineWindow compare(double begin_s, double end_s) const;
  std::vector<double> content(const std::vector<LinePart>& parts) const;
  [[noreturn]] void refuse(const std::string& what, const std::string& hint) const;
  void tell_unknown(LineValidation& result) const;

  const Scenario& scenario_;
  const EventLog& log_;
  LineValidationOptions options_;
  LineMap map_;
  std::vector<Index> machines_;
};

/// An operation whose start is not known (start = end) has a finish only; one without an end has a start only.
Course WindowComparison::course_of_log(double begin_s, double end_s) const {
  Course course(*scenario_.plant, map_);
  const auto inside = [&](double t) { return t > begin_s && t <= end_s; };
  for (const std::vector<LogEvent>* events : {&log_.events, &log_.unfinished})
    for (const LogEvent& e : *events) {
      const Index s = map_.station_of(e);
      if (s == none) continue;
      const std::string& label = log_.lots[e.lot];
      if (inside(e.start_s) && e.start_s != e.end_s) course.add(s, e.start_s - begin_s, false, label);
      if (inside(e.end_s)) course.add(s, e.end_s - begin_s, true, label);
    }
  for (std::vector<LineEvent>& sequence : course.sequences)
    std::stable_sort(sequence.begin(), sequence.end(), [](const LineEvent& a, const LineEvent& b) {
      return std::pair(a.time_s, !a.finish) < std::pair(b.time_s, !b.finish);  // at one instant a part goes before the next comes
    });
  return course;
}

/// Labels that first appear at the first machine, in order.
std::vector<std::pair<double, std::string>> WindowComparison::new_parts(double begin_s, double end_s) const {
  std::vector<std::pair<double, std::string>> parts;
  std::vector<double> first(log_.lots.size(), std::numeric_limits<double>::infinity());
  std::vector<Index> where(log_.lots.size(), none);
  for (const std::vector<LogEvent>* events : {&log_.events, &log_.unfinished})
    for (const LogEvent& e : *events)
      if (e.start_s < first[e.lot]) {
        first[e.lot] = e.start_s;
        where[e.lot] = e.start_s == e.end_s ? none : map_.station_of(e);  // begun before the log was
      }
  for (std::uint32_t lot = 0; lot < first.size(); ++lot)
    if (first[lot] > begin_s && first[lot] <= end_s && where[lot] == map_.entry())
      parts.emplace_back(first[lot] - begin_s, log_.lots[lot]);
  std::sort(parts.begin(), parts.end());
  return parts;
}

std::vector<double> WindowComparison::content(const std::vector<LinePart>& parts) const {
  std::vector<double> result(map_.zones().size());
  for (const LinePart& part : parts) {
    Index zone = none;
    if (map_.is_machine(part.station)) {
      if (part.finished) zone = map_.zone_behind(part.station);
      else if (std::isnan(part.remaining_s)) zone = map_.zone_before(part.station);
    } else if (part.bound_for != none) {
      zone = map_.zone_before(part.bound_for);
    }
    if (zone != none) ++result[zone];
  }
  return result;
}

/// The scenario's only source brings parts at these times.
void set_arrivals(Scenario& scenario, const std::vector<std::pair<double, std::string>>& parts) {
  if (scenario.plant->sources.size() != 1) return;
  std::uint64_t what = stream_id("parts of a log");
  for (const auto& [time_s, label] : parts) what = identity(what, std::bit_cast<std::uint64_t>(time_s));
  scenario.plant = changed(*scenario.plant, what, [&](Plant& plant) {
    Source& source = plant.sources[0];
    source.arrivals = Arrivals::timetable;
    source.rows.clear();
    for (const auto& [time_s, label] : parts) source.rows.push_back({time_s, {}});
  });
}

LineWindow WindowComparison::compare(double begin_s, double end_s) const {
  LineWindow window;
  window.begin_s = begin_s, window.end_s = end_s;
  window.stations.resize(machines_.size());
  std::vector<LinePart> parts;
  Scenario now = scenario_at(scenario_, map_, log_, begin_s, &parts);
  const auto new_labels = new_parts(begin_s, end_s);
  set_arrivals(now, new_labels);
  std::vector<std::string> labels;
  for (const auto& [time_s, label] : new_labels) labels.push_back(label);
  const Course real = course_of_log(begin_s, end_s);
  std::vector<double> twin = content(parts);
  window.made.log = real.made;
  for (std::size_t z = 0; z < twin.size(); ++z) window.zones.push_back({twin[z] + real.change[z], twin[z]});
  const double n = static_cast<double>(options_.replications);
  for (std::uint64_t r = 0; r < options_.replications; ++r) {
    CourseObserver observer(*now.plant, map_, parts, labels);
    Simulation simulation(now.plant, options_.seed, r, now.changes);
    try {
      simulation.advance(end_s - begin_s, &observer);
    } catch (const RunError& error) {
      window.note = error.what();  // what it did until then counts
    }
    for (std::size_t m = 0; m < machines_.size(); ++m) {
      const auto &a = real.sequences[machines_[m]], &b = observer.course.sequences[machines_[m]];
      const LineAgreement found{common_events(a, b, options_.tolerance_s), static_cast<double>(std::max(a.size(), b.size()))};
      window.stations[m].add(found);
      window.all.add(found);
    }
    window.made.twin += observer.course.made / n;
    for (std::size_t z = 0; z < twin.size(); ++z) window.zones[z].twin += observer.course.change[z] / n;
  }
  return window;
}

LineValidation WindowComparison::run() {
  LineValidation result;
  result.log = log_.source;
  result.scenario = scenario_.path;
  result.tolerance_s = options_.tolerance_s;
  result.replications = options_.replications;
  for (const Index s : machines_) result.stations.push_back(scenario_.plant->stations[s].name);
  result.zones = map_.zones();
  result.of_station.resize(machines_.size());
  tell_unknown(result);
  const double first_s = std::floor(log_.first_s()), last_s = log_.last_s(), start_s = start_of(*scenario_.plant);
  double begin_s = std::floor(options_.from_s);  // states are told at whole seconds
  if (std::isnan(begin_s)) {
    const bool inside = start_s >= first_s && start_s + std::min(options_.window_s, least_window_s) <= last_s;
    begin_s = inside ? start_s : first_s;
    if (inside) options_.window_s = std::min(options_.window_s, last_s - start_s);
    else if (start_s > first_s)
      result.notes.push_back(
          "Nothing of the log lies behind the scenario's start: windows from the beginning of the log, with what held at the "
          "start "
          "of the scenario. Learn it with --state-at the beginning of the log, and it has the changes in between.");
  }
  if (begin_s < first_s)
    refuse(fmt::format("the log begins at {} only", format_time(0, first_s).substr(0, 19)), "let windows begin there, or later");
  for (; begin_s + options_.window_s <= last_s + 1; begin_s += options_.window_s) {
    result.windows.push_back(compare(begin_s, std::min(begin_s + options_.window_s, last_s)));
    const LineWindow& window = result.windows.back();
    if (!window.note.empty()) result.notes.push_back(window.note);
    for (std::size_t m = 0; m < machines_.size(); ++m) result.of_station[m].add(window.stations[m]);
    result.all.add(window.all);
    result.made.log += window.made.log, result.made.twin += window.made.twin;
  }
  if (!result.windows.empty()) return result;
  refuse(fmt::format("the log ends before the first window of {:.6g} s does", options_.window_s),
         "let windows begin earlier, or be shorter");
}

[[noreturn]] void WindowComparison::refuse(const std::string& what, const std::string& hint) const {
  Place place;
  place.file = log_.source;
  throw InputError({{Code::trace, Severity::error, place, {}, what, hint}});
}

/// Places of the log at which the scenario has no station.
void WindowComparison::tell_unknown(LineValidation& result) const {
  std::map<std::string, std::size_t> unknown;
  for (const LogEvent& e : log_.events)
    if (map_.station_of(e) == none) ++unknown[log_.activities[e.activity]];
  for (const auto& [name, n] : unknown)
    result.notes.push_back(fmt::format("There is no station for {} operations of {}: they are passed over.", n, name));
}

}  // namespace

bool is_line_of(const Scenario& scenario, const EventLog& log) {
  for (const char* source : {source_of_history, source_of_cases})
    if (scenario.plant->find_source(source) != none) return false;
  try {
    LineMap(*scenario.plant, log);
    return true;
  } catch (const InputError&) {
    return false;
  }
}

LineValidation validate_line(const Scenario& scenario, const EventLog& log, const LineValidationOptions& options) {
  return WindowComparison(scenario, log, options).run();
}

}  // namespace retwin

// Looks for changes in an event log and in a state log, and watches the operations as they came in.
#include "core/report/drift_search.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <numeric>

namespace retwin {
namespace {

/// Services in order of their ends. Instants are no services where ends without a start were made such.
std::vector<double> services(const EventLog& log) {
  const bool instants = std::any_of(log.findings.begin(), log.findings.end(),
                                    [](const LogFinding& f) { return f.fault == LogFault::missing_start; });
  std::vector<double> result;
  for (const LogEvent& event : log.events) {
    const double service_s = event.end_s - event.start_s;
    result.push_back(instants && !(service_s > 0) ? std::numeric_limits<double>::quiet_NaN() : service_s);
  }
  return result;
}

/// The watch sees what ends after the reference, or, without one, all: each subject then learns from its own first operations.
void watch(const EventLog& log, const std::vector<double>& service_s, double share, const DriftOptions& how,
           DriftReport& report) {
  std::vector<std::uint32_t> order(log.events.size());
  std::iota(order.begin(), order.end(), 0u);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return log.events[a].end_s < log.events[b].end_s; });
  const auto cut = static_cast<std::size_t>(share * static_cast<double>(order.size()));
  DriftMonitor monitor(how);
  report.reference = fmt::format("the first {} operations of each subject", how.reference);
  if (cut > 0) {
    std::vector<bool> before(log.events.size(), false);
    for (std::size_t k = 0; k < cut; ++k) before[order[k]] = true;
    EventLog first = log;
    first.events.clear();
    first.columns.clear();
    std::vector<double> first_s;
    for (std::size_t k = 0; k < log.events.size(); ++k)
      if (before[k]) first.events.push_back(log.events[k]), first_s.push_back(service_s[k]);
    monitor = DriftMonitor(first, first_s, how);
    report.reference = fmt::format("the first {} operations", cut);
  }
  for (std::size_t k = cut; k < order.size(); ++k) {
    const LogEvent& event = log.events[order[k]];
    const std::string resource = event.resource == Names::absent ? std::string() : log.resources[event.resource];
    if (auto alarm = monitor.add(log.activities[event.activity], resource, event.end_s, service_s[order[k]]))
      report.alarms.push_back(*alarm);
    ++report.watched;
  }
}

std::vector<std::string>& notes(DriftReport& report, DriftKind kind) {
  return report.looked[static_cast<std::size_t>(kind)].notes;
}

void append(std::vector<DriftSeries>& to, std::vector<DriftSeries> more) {
  std::move(more.begin(), more.end(), std::back_inserter(to));
}

/// The series of an event log; its services are watched too.
std::vector<DriftSeries> look_in_log(const DriftSources& from, const DriftOptions& how, DriftReport& report) {
  const EventLog& log = *from.log;
  report.log = log.source;
  const std::vector<double> service_s = services(log);
  std::vector<DriftSeries> series = service_series(log, service_s);
  series.push_back(arrival_series(log));
  std::vector<DriftSeries> ways = route_series(log, how);
  notes(report, DriftKind::yield)
      .push_back(ways.empty() ? "no activity has several next ones" : fmt::format("{} ways on from activities", ways.size()));
  append(series, std::move(ways));
  append(series, yield_series(log, from.columns, notes(report, DriftKind::yield)));
  append(series, energy_series(log, from.columns, notes(report, DriftKind::energy)));
  watch(log, service_s, from.reference, how, report);
  return series;
}

/// The series of a state log.
std::vector<DriftSeries> look_in_states(const MachineStates& machines, DriftReport& report) {
  std::vector<DriftSeries> series = machines.drift_series();
  const bool energies = std::any_of(series.begin(), series.end(), [](const DriftSeries& s) { return s.kind == DriftKind::energy; });
  if (!energies) notes(report, DriftKind::energy).push_back(machines.log.source + " has no energies; --meters FILE gives them");
  for (const std::string& note : machines.notes) notes(report, DriftKind::energy).push_back(note);
  std::size_t failures = 0;
  for (const MachineFigures& m : machines.machines)
    for (const FailureFigures& f : m.failures) failures += f.count;
  notes(report, DriftKind::failure_rate).push_back(fmt::format("{} failures of {} machines", failures, machines.machines.size()));
  if (report.log.empty()) report.log = machines.log.source;
  return series;
}

}  // namespace

DriftReport search_drifts(const DriftSources& from, const DriftOptions& how) {
  DriftReport report;
  std::vector<DriftSeries> series;
  if (from.log != nullptr) series = look_in_log(from, how, report);
  if (from.states != nullptr) append(series, look_in_states(*from.states, report));
  else notes(report, DriftKind::failure_rate).push_back("no state log is given (--states)");
  report.count(series, fewest_of_step);
  report.drifts = find_drifts(series, how);
  return report;
}

}  // namespace retwin

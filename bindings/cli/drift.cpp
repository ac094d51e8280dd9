// `retwin drift`: what changed in an event log or a state log, and when a watch over it would have said so.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <memory>
#include <numeric>

#include "bindings/cli/command.hpp"
#include "bindings/cli/log_options.hpp"
#include "bindings/cli/outputs.hpp"
#include "bindings/cli/state_options.hpp"
#include "core/report/drift_report.hpp"
#include "core/telemetry/drift/series.hpp"

namespace retwin::cli {
namespace {

struct Options {
  LogOptions log;
  StateOptions states;
  DriftColumns columns;
  std::string reference, format = "table", level = "1 %";
};

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
std::vector<DriftSeries> look_in_log(Options& options, const DriftOptions& how, DriftReport& report) {
  const double share = options.reference.empty() ? 0 : share_of(options.reference, "--reference");
  options.columns.energy_unit = options.states.mapping.energy_unit;
  ask_for(options.columns, options.log.read.mapping);
  const EventLog log = options.log.load();
  report.log = log.source;
  const std::vector<double> service_s = services(log);
  std::vector<DriftSeries> series = service_series(log, service_s);
  series.push_back(arrival_series(log));
  std::vector<DriftSeries> ways = route_series(log, how);
  notes(report, DriftKind::yield)
      .push_back(ways.empty() ? "no activity has several next ones" : fmt::format("{} ways on from activities", ways.size()));
  append(series, std::move(ways));
  append(series, yield_series(log, options.columns, notes(report, DriftKind::yield)));
  append(series, energy_series(log, options.columns, notes(report, DriftKind::energy)));
  watch(log, service_s, share, how, report);
  return series;
}

/// The series of a state log. Without an event log beside it, names of columns are about it.
std::vector<DriftSeries> look_in_states(Options& options, DriftReport& report) {
  StateOptions& states = options.states;
  if (options.log.path.empty()) {
    states.mapping.from = options.log.read.mapping.start;
    states.mapping.to = options.log.read.mapping.end;
    states.mapping.energy = options.columns.energy;
    report.log = states.path;
  }
  const MachineStates machines = states.learn();
  if (!machines.log.findings.empty()) tell(fmt::format("{}: found\n{}", states.path, text(machines.log.findings)));
  std::vector<DriftSeries> series = machines.drift_series();
  const bool energies = std::any_of(series.begin(), series.end(), [](const DriftSeries& s) { return s.kind == DriftKind::energy; });
  if (!energies) notes(report, DriftKind::energy).push_back(states.path + " has no energies; --meters FILE gives them");
  for (const std::string& note : machines.notes) notes(report, DriftKind::energy).push_back(note);
  std::size_t failures = 0;
  for (const MachineFigures& m : machines.machines)
    for (const FailureFigures& f : m.failures) failures += f.count;
  notes(report, DriftKind::failure_rate).push_back(fmt::format("{} failures of {} machines", failures, machines.machines.size()));
  return series;
}

void find_in(Options& options, const CLI::App& app) {
  refuse_units_alone(app);
  if (options.log.path.empty())
    refuse_options(app, {"--lot", "--activity", "--resource", "--stamp", "--lifecycle", "--reader", "--reference",
                         "--rejected", "--good", "--made", "--weight"}, "LOG");
  if (options.states.path.empty())
    refuse_options(app, {"--machine", "--state", "--working", "--setup", "--idle", "--planned", "--jam", "--failure"}, "--states");
  DriftOptions how;
  how.level = share_of(options.level, "--level");
  DriftReport report;
  std::vector<DriftSeries> series;
  if (!options.log.path.empty()) series = look_in_log(options, how, report);
  if (!options.states.path.empty()) append(series, look_in_states(options, report));
  else notes(report, DriftKind::failure_rate).push_back("no state log is given (--states)");
  report.count(series, fewest_of_step);
  report.drifts = find_drifts(series, how);
  print(options.format == "json" ? json_report(report) : text_report(report));
}

}  // namespace

std::function<void()> declare_drift(CLI::App& app) {
  auto options = std::make_shared<Options>();
  options->log.declare(app, false);
  reads(app, app.add_option("--states", options->states.path,
                            "state log, in which failures, repairs and powers are looked at; LOG may then be left out"))
      ->type_name("FILE");
  options->states.declare(app);
  DriftColumns& c = options->columns;
  struct Row {
    const char* flag;
    std::string* name;
    const char* doc;
  };
  const Row rows[] = {{"--rejected", &c.rejected, "column with the rejects of an operation, as amounts or words"},
                      {"--good", &c.good, "column with the amount that was good"},
                      {"--made", &c.made, "column with the amount that was made"},
                      {"--energy", &c.energy, "column with the energy of an operation or a state"},
                      {"--weight", &c.mass, "column with the mass of an operation, for energy per mass"}};
  for (const Row& row : rows) app.add_option(row.flag, *row.name, row.doc)->type_name("COLUMN")->group("Columns of the log");
  app.parse_complete_callback([options] {
    if (options->log.path.empty() && options->states.path.empty()) throw CLI::RequiredError("LOG or --states");
    for (const auto& [flag, value] : {std::pair("--meters", &options->states.meters), {"--mass", &options->states.masses}})
      if (!value->empty() && options->states.path.empty()) throw CLI::RequiresError(flag, "--states");
  });
  app.add_option(
         "--reference", options->reference,
         "share of the operations, the first ones, that the watch takes for steady; default: the first 8 of each machine")
      ->type_name("SHARE");
  app.add_option("--level", options->level, "chance of any change being reported where there is none; default: 1 %")
      ->type_name("SHARE");
  app.add_option("--format", options->format, "table or json, on standard output")
      ->type_name("FORMAT")
      ->check(CLI::IsMember({"table", "json"}).description(""));
  return [options, &app] { find_in(*options, app); };
}

}  // namespace retwin::cli

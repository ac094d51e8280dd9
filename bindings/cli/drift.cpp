// `retwin drift`: what changed in an event log, and when a watch over it would have said so.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <numeric>

#include "bindings/cli/command.hpp"
#include "bindings/cli/log_options.hpp"
#include "core/report/drift_report.hpp"

namespace retwin::cli {
namespace {

struct Options {
  LogOptions log;
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
  report.reference = fmt::format("the first {} operations of each subject", how.fewest);
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

void find_in(Options& options) {
  DriftOptions how;
  how.level = share_of(options.level, "--level");
  const double share = options.reference.empty() ? 0 : share_of(options.reference, "--reference");
  const EventLog log = options.log.load();
  const std::vector<double> service_s = services(log);
  DriftReport report;
  report.log = log.source;
  report.drifts = find_drifts(log, service_s, how);
  watch(log, service_s, share, how, report);
  print(options.format == "json" ? json_report(report) : text_report(report));
}

}  // namespace

std::function<void()> declare_drift(CLI::App& app) {
  auto options = std::make_shared<Options>();
  options->log.declare(app);
  app.add_option(
         "--reference", options->reference,
         "share of the operations, the first ones, that the watch takes for steady; default: the first 20 of each machine")
      ->type_name("SHARE");
  app.add_option("--level", options->level, "chance of any change being reported where there is none; default: 1 %")
      ->type_name("SHARE");
  app.add_option("--format", options->format, "table or json, on standard output")
      ->type_name("FORMAT")
      ->check(CLI::IsMember({"table", "json"}).description(""));
  return [options] { find_in(*options); };
}

}  // namespace retwin::cli

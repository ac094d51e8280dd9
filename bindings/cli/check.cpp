// `retwin check`: all problems of a scenario, and what the plant could do at best.
#include <CLI/CLI.hpp>

#include "bindings/cli/command.hpp"
#include "core/experiment/objective.hpp"
#include "core/experiment/pilot.hpp"
#include "core/report/capacity_report.hpp"

namespace retwin::cli {
namespace {

void check(const ScenarioOptions& options) {
  const Scenario scenario = load(options);
  check_objective(scenario);
  print(capacity_text(scenario, capacity_of(scenario, process_graph(*scenario.plant))));
}

}  // namespace

std::function<void()> declare_check(CLI::App& app) {
  auto options = std::make_shared<ScenarioOptions>();
  options->declare(app);
  options->declare_run_settings(app);
  return [options] { check(*options); };
}

}  // namespace retwin::cli

// `retwin bottleneck`: what limits a plant, shown by relieving it.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <string>
#include <thread>

#include "bindings/cli/command.hpp"
#include "bindings/cli/progress.hpp"
#include "bindings/cli/verdict.hpp"
#include "bindings/cli/web_page.hpp"
#include "core/report/verdict_report.hpp"

namespace retwin::cli {
namespace {

struct BottleneckArguments {
  ScenarioOptions scenario;
  std::int64_t replications = 0;
  int jobs = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  std::string report, format = "table";
};

void bottleneck(const BottleneckArguments& options) {
  const Scenario scenario = load(options.scenario);
  check_report(options.report);
  const Verdict verdict = verdict_of(scenario, options.replications, options.jobs);
  if (!options.report.empty()) write_page(options.report, page_of_verdict(scenario, verdict));
  print(options.format == "json" ? verdict_json(scenario, verdict) : verdict_text(scenario, verdict));
}

}  // namespace

Verdict verdict_of(const Scenario& scenario, std::int64_t replications, int jobs) {
  VerdictOptions how;
  how.replications = replications;
  how.jobs = jobs;
  Progress progress;
  how.progress = [&](double done) { progress.show(done); };
  if (progress.visible())
    how.tell = [&](const std::string& line) {
      progress.wipe();
      tell(line + "\n");
    };
  return find_verdict(scenario, how);
}

std::function<void()> declare_bottleneck(CLI::App& app) {
  auto options = std::make_shared<BottleneckArguments>();
  options->scenario.declare(app);
  app.add_option("--replications", options->replications, "fresh replications of every figure, at least 2; default: 4 to 30, by how long the plant takes")
      ->type_name("N")
      ->check(CLI::Range(2, 10000).description(""));
  options->scenario.declare_setting(app, "--seed");
  app.add_option("--jobs", options->jobs, "threads; default: all cores")->type_name("N")->check(CLI::Range(1, 1024).description(""));
  declare_report(app, options->report);
  app.add_option("--format", options->format, "table or json, on standard output")
      ->type_name("FORMAT")
      ->check(CLI::IsMember({"table", "json"}).description(""));
  return [options] { bottleneck(*options); };
}

}  // namespace retwin::cli

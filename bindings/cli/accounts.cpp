// `retwin balance`, `comply` and `cost`: elements, rules on masses and money, from replications of a scenario.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <functional>
#include <memory>
#include <thread>

#include "bindings/cli/command.hpp"
#include "bindings/cli/outputs.hpp"
#include "bindings/cli/progress.hpp"
#include "core/base/problem.hpp"
#include "core/experiment/ledger_run.hpp"
#include "core/report/account_report.hpp"
#include "core/report/footprint_report.hpp"

namespace retwin::cli {
namespace {

struct AccountArguments {
  ScenarioOptions scenario;
  int jobs = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  std::string date, ledger, table, format = "table";
  bool fail = false, prices = false;

  void declare(CLI::App& app) {
    scenario.declare(app);
    scenario.declare_run_settings(app);
    app.add_option("--jobs", jobs, "threads for the replications; default: all cores")->type_name("N")->check(CLI::Range(1, 1024).description(""));
    app.add_option("--format", format, "table, json or csv, on standard output")
        ->type_name("FORMAT")
        ->check(CLI::IsMember({"table", "json", "csv"}).description(""));
  }
};

Results run_of(const AccountArguments& options, const Scenario& scenario) {
  RunOptions run;
  run.jobs = options.jobs;
  run.origin.scenario = options.scenario.path;
  run.origin.overrides = options.scenario.overrides;
  run.origin.libraries = options.scenario.libraries;
  Progress progress;
  run.progress = [&progress](double done) { progress.show(done); };
  return run_replications(scenario, run);
}

void show(const AccountArguments& options, const Table& table, const std::function<std::string()>& text) {
  print(options.format == "json" ? table.json() : options.format == "csv" ? table.csv() : text());
}

void comply(const AccountArguments& options) {
  const Scenario scenario = load(options.scenario);
  std::optional<long> day;
  if (!options.date.empty()) {
    day = parse_date(options.date);
    if (!day) refuse(Code::syntax, "--date", "\"" + options.date + "\" is no day", "write 2027-12-31");
  }
  if (!has_rules(scenario))
    refuse(Code::missing, scenario.path, "the scenario names no rules", "write for instance compliance: {ni: {kind: recovery, elements: [Ni], at_least: {2027-12-31: 90 %}, out: ..., in: ...}}");
  const Results results = run_of(options, scenario);
  refuse_more_out_than_in(scenario, results);
  show(options, compliance_table(scenario, results, day), [&] { return compliance_text(scenario, results, day); });
  if (options.fail && !complies(scenario, results, day.value_or(scenario.plant->day0))) throw NotPassed{};
}

/// What each battery costs and earns, and what each product bears, by the ledger of a run.
void cost_of_lots(const AccountArguments& options, const Scenario& scenario) {
  const Ledger source = options.ledger.empty() ? ledger_of_run(scenario) : read_ledger(options.ledger, *scenario.plant);
  const Plant& plant = *scenario.plant;
  const Footprints all = footprints(plant, scenario.reporting, *source.edges, source.summary, Measure::money, scenario.run.year_s);
  const Table table = options.table == "batteries" ? origins_table(all, plant) : options.table == "products" ? products_table(all, plant)
                      : options.table == "running" ? running_table(all, plant) : footprint_sum_table(all);
  show(options, table, [&] { return options.table.empty() ? footprint_text(all, plant) : table.text(); });
}

void cost(const AccountArguments& options) {
  const Scenario scenario = load(options.scenario);
  if (!has_prices(scenario))
    refuse(Code::missing, scenario.path, "the scenario states no prices", "name a set: price_sets: [...], or write prices: {power: {flow: electricity, value: 0.65 CNY/kWh}}");
  if (!options.ledger.empty() || !options.table.empty()) return cost_of_lots(options, scenario);
  const Results results = run_of(options, scenario);
  const Table table = options.prices ? prices_table(scenario, results) : cost_table(scenario, results);
  show(options, table, [&] { return options.prices ? table.text() : money_text(scenario, results) + "\n" + table.text(); });
}

void balance(const AccountArguments& options) {
  const Scenario scenario = load(options.scenario);
  const Exporter* const exporter = registry().exporter("balance");
  if (exporter->applies && !exporter->applies(scenario))
    refuse(Code::conflict, scenario.path, "the lots of this plant have no masses, so that there is no balance", "give the lots of a source a chemistry");
  const Table table = exporter->table(scenario, run_of(options, scenario));
  show(options, table, [&] { return table.text(); });
}

}  // namespace

std::function<void()> declare_balance(CLI::App& app) {
  auto options = std::make_shared<AccountArguments>();
  options->declare(app);
  return [options] { balance(*options); };
}

std::function<void()> declare_comply(CLI::App& app) {
  auto options = std::make_shared<AccountArguments>();
  options->declare(app);
  app.add_option("--date", options->date, "only the targets in force on this day, e.g. 2027-12-31; default: all")->type_name("DAY");
  app.add_flag("--fail", options->fail, "exit code 4 unless every target in force on that day (default: the first of the run) is shown to be kept");
  return [options] { comply(*options); };
}

std::function<void()> declare_cost(CLI::App& app) {
  auto options = std::make_shared<AccountArguments>();
  options->declare(app);
  app.add_flag("--prices", options->prices, "what each price rests on, in place of what it comes to");
  CLI::Option* ledger = reads(app, app.add_option("--ledger", options->ledger, "that `run --ledger` has written: what each battery costs and earns, by its matter"))->type_name("FILE");
  CLI::Option* table = app.add_option("--table", options->table, "a table of lots in place of the report: sum, batteries, products, running; without --ledger one run of the plant is made for it")
                           ->type_name("NAME")
                           ->check(CLI::IsMember({"sum", "batteries", "products", "running"}).description(""));
  for (const char* other : {"--prices", "--replications", "--precision", "--max-replications", "--warmup", "--jobs"})
    for (CLI::Option* option : {ledger, table}) option->excludes(app.get_option(other));
  for (const char* other : {"--seed", "--duration"}) ledger->excludes(app.get_option(other));
  return [options] { cost(*options); };
}

}  // namespace retwin::cli

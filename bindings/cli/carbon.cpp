// `retwin carbon`: the footprint of every battery and of every product, from the ledger of a run.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "bindings/cli/command.hpp"
#include "bindings/cli/outputs.hpp"
#include "bindings/cli/web_page.hpp"
#include "core/base/problem.hpp"
#include "core/experiment/ledger_run.hpp"
#include "core/report/footprint_report.hpp"
#include "models/carbon/ledger_report.hpp"

namespace retwin::cli {
namespace {

struct CarbonArguments {
  ScenarioOptions scenario;
  std::string ledger, battery, product, background, report, format = "table", table;
};

Ledger ledger_of(const CarbonArguments& options, const Scenario& scenario) {
  return options.ledger.empty() ? ledger_of_run(scenario) : read_ledger(options.ledger, *scenario.plant);
}

std::uint64_t identity_of(const std::string& text, const char* flag) {
  const bool hex = !text.empty() && text.size() <= 16 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (!hex) refuse(Code::syntax, flag, "\"" + text + "\" is no lot", "lots are called by 16 hexadecimal digits, as --table batteries and --table products do");
  return std::stoull(text, nullptr, 16);
}

using Json = nlohmann::ordered_json;

/// What was asked for, on standard output, and all of it on the page.
std::string shown(const CarbonArguments& options, const Scenario& scenario, const LedgerReport& report) {
  const NamedTables& tables = report.tables;
  if (!options.report.empty()) write_page(options.report, page_of_footprints(scenario, report.text(), tables));
  if (options.format == "json" && options.table.empty()) {
    Json all;
    for (const auto& [name, table] : tables) all[name] = Json::parse(table().json());
    return all.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
  }
  if (options.format == "table" && options.table.empty()) return report.text();
  const auto found = std::find_if(tables.begin(), tables.end(), [&](const auto& t) { return t.first == options.table; });
  if (!options.table.empty() && found == tables.end())
    refuse(Code::conflict, "command line", "--table " + options.table + " is not of what was asked for", "leave out --table, or --battery and --product");
  const Table table = options.table.empty() ? tables.front().second() : found->second();
  return options.format == "json" ? table.json() : options.format == "csv" ? table.csv() : table.text();
}

std::string of_lot(const CarbonArguments& options, const Scenario& scenario, const Ledger& source) {
  const bool battery = !options.battery.empty();
  const std::uint64_t lot = battery ? identity_of(options.battery, "--battery") : identity_of(options.product, "--product");
  const LedgerReport report = report_of_lot(scenario, source, lot, battery);
  if (report.tables.empty())
    refuse(Code::unknown_name, battery ? "--battery" : "--product", "no lot " + lot_text(lot) + (battery ? " came from outside" : " reached a sink") + ", or it has no footprint",
           battery ? "see --table batteries" : "see --table products");
  return shown(options, scenario, report);
}

/// What the plant used of flows that are products of a background system, carried through its matrices.
std::string of_background(const CarbonArguments& options, const Scenario& scenario, const Ledger& source) {
  const Background made = background_of(options.background, scenario, source.summary);
  if (made.beyond) tell(*made.beyond);
  return shown(options, scenario, report_of_background(made));
}

void carbon(const CarbonArguments& options) {
  const Scenario scenario = load(options.scenario);
  if (scenario.reporting.factors.empty())
    refuse(Code::missing, scenario.path, "the plant has no emission factors, so that nothing has a footprint", "name a file of factors: factors: [...]");
  check_report(options.report);
  const Ledger source = ledger_of(options, scenario);
  if (!options.background.empty()) return print(of_background(options, scenario, source));
  if (!options.battery.empty() || !options.product.empty()) return print(of_lot(options, scenario, source));
  const Footprints all = footprints(*scenario.plant, scenario.reporting, *source.edges, source.summary);
  print(shown(options, scenario, report_of_all(scenario, source.summary, all)));
}

}  // namespace

std::function<void()> declare_carbon(CLI::App& app) {
  auto options = std::make_shared<CarbonArguments>();
  options->scenario.declare(app);
  options->scenario.declare_setting(app, "--seed");
  options->scenario.declare_setting(app, "--duration");
  reads(app, app.add_option("--ledger", options->ledger, "that `run --ledger` has written; default: one run of the plant is made for it"))
      ->type_name("FILE")
      ->excludes(app.get_option("--seed"))
      ->excludes(app.get_option("--duration"));
  app.add_option("--battery", options->battery, "one lot from outside: activity by activity what its matter caused")->type_name("LOT");
  app.add_option("--product", options->product, "one lot at a sink: activity by activity what it bears, and the lots that it is made of")
      ->type_name("LOT")
      ->excludes(app.get_option("--battery"));
  app.add_option("--background", options->background, "folder of a background system (processes.csv, technosphere.csv, biosphere.csv, weights.csv): what the flows used cause there")
      ->type_name("FOLDER")
      ->excludes(app.get_option("--battery"))
      ->excludes(app.get_option("--product"));
  declare_report(app, options->report);
  app.add_option("--format", options->format, "table, json or csv, on standard output; csv: one table, by default the sum or the items")
      ->type_name("FORMAT")
      ->check(CLI::IsMember({"table", "json", "csv"}).description(""));
  app.add_option("--table", options->table, "one table in place of the report: sum, batteries, products, running, activities, spread (footprints over lots), rules (products by other rules of allocation); of one lot: items, origins; of a background: background, processes")
      ->type_name("NAME")
      ->check(CLI::IsMember({"sum", "batteries", "products", "running", "activities", "spread", "rules", "items", "origins", "background", "processes"}).description(""));
  return [options] { carbon(*options); };
}

}  // namespace retwin::cli

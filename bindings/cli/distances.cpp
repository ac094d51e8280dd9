// `retwin distances`: how far one event log is from another.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "bindings/cli/command.hpp"
#include "bindings/cli/log_options.hpp"
#include "bindings/cli/outputs.hpp"
#include "core/base/files.hpp"
#include "core/base/table_json.hpp"
#include "core/telemetry/validation/distances.hpp"

namespace retwin::cli {
namespace {

using Json = nlohmann::ordered_json;

struct DistancesArguments {
  LogOptions log;
  std::string simulated, format = "table";
  double zone_h = 0;
};

struct Distance {
  const char* name;
  const char* what;
  double LogDistances::*value;
};
constexpr Distance rows[] = {{"NGD2", "pairs of activities [1]", &LogDistances::ngd2},
                             {"NGD", "triples of activities [1]", &LogDistances::ngd},
                             {"AEDD", "events over time [h]", &LogDistances::aedd},
                             {"CADD", "arrivals over time [h]", &LogDistances::cadd},
                             {"CEDD", "events over the hours of a day [h]", &LogDistances::cedd},
                             {"REDD", "events since the case began [h]", &LogDistances::redd},
                             {"CTDD", "durations of cases [h]", &LogDistances::ctdd}};

void compare(DistancesArguments& options) {
  options.log.read.clean.drop_duplicates = false;  // equal rows count as often as they stand there
  const EventLog real = options.log.load();
  const LogDistances d = distances(real, options.log.load_other(options.simulated), options.zone_h * 3600);
  Table table({text_column("distance").as("Distance"), shown_column("of"), number_column("value").as("value", number_text)});
  for (const Distance& row : rows) table.row({row.name, row.what, d.*row.value});
  if (options.format != "json") return print(table.text());
  Json json;
  for (std::size_t r = 0; r < table.rows(); ++r) json[table.texts(0)[r]] = json_cell<Json>(table.at(r, 2));
  print(json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

}  // namespace

std::function<void()> declare_distances(CLI::App& app) {
  auto options = std::make_shared<DistancesArguments>();
  reads(app, app.add_option("REAL", options->log.path, "event log: delimited text, .xes, or OCEL 2.0; texts also with .gz"))->required();
  reads(app, app.add_option("SIMULATED", options->simulated, "event log; where it has not the columns that are named, those that are recognised count"))->required();
  options->log.declare_columns(app, false);
  app.add_option("--zone", options->zone_h, "offset of the plant's clock from that of the stamps [h]; default: 0")
      ->type_name("HOURS");
  app.add_option("--format", options->format, "table or json, on standard output")
      ->type_name("FORMAT")
      ->check(CLI::IsMember({"table", "json"}).description(""));
  return [options] { compare(*options); };
}

}  // namespace retwin::cli

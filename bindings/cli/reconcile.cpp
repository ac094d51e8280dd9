// `retwin reconcile`: measured flows made to obey the balances.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "bindings/cli/command.hpp"
#include "bindings/cli/outputs.hpp"
#include "core/base/files.hpp"
#include "core/base/problem.hpp"
#include "core/base/table_json.hpp"
#include "core/report/report.hpp"
#include "core/telemetry/balances/flow_tables.hpp"

namespace retwin::cli {
namespace {

struct ReconcileArguments {
  std::string path, format = "table";
  double alpha = 0.05;
};

struct Answer {
  std::string name;
  FlowNetwork network;
  Reconciliation all;  ///< with every measurement
  Screening screened;  ///< without those found wrong
};

using Json = nlohmann::ordered_json;

std::string cell(double x) { return std::isnan(x) ? "-" : fmt::format("{:.6g}", x); }

/// One row per stream.
Table streams_of(const Answer& a) {
  const auto column = [](const char* name, const char* head, const Show& show = cell) { return number_column(name).as(head, show); };
  Table table({text_column("stream").as("Stream"), column("measured", "measured"), column("reconciled", "reconciled"),
               column("variance", "sd", [](double x) { return cell(std::sqrt(x)); }),
               column("adjustment", "adjusted by", [](double x) { return cell(-x); }), column("measurement_test_z", "z"),
               column("without_gross_errors", "without gross errors",
                      a.screened.errors.empty() ? [](double) { return std::string("-"); } : Show(cell)),
               text_column("class").as(" ")});
  for (std::size_t k = 0; k < a.network.streams.size(); ++k)
    table.row({a.network.streams[k].name, a.network.streams[k].measured, a.all.value[k], a.all.variance[k], a.all.adjustment[k],
               a.all.z[k], a.screened.result.value[k], flow_class_names[static_cast<std::size_t>(a.all.kind[k])]});
  return table;
}

std::string table_of(const Answer& a, double alpha) {
  std::string out = fmt::format("{}: {} streams, {} units, {} independent balances\n", a.name, a.network.streams.size(),
                                a.network.units.size(), a.all.rank);
  out += "\n" + streams_of(a).text();
  out += fmt::format("\nGlobal test: {} with {} degrees of freedom, p = {}\n", cell(a.all.statistic), a.all.degrees_of_freedom,
                     cell(a.all.p_value));
  for (const GrossError& error : a.screened.errors) {
    out += fmt::format("Gross error: {} by {} (z = {}, critical {})", a.network.streams[error.stream].name, cell(error.bias),
                       cell(error.z), cell(error.critical));
    for (const std::size_t k : error.alike) out += fmt::format("; it may as well be {}", a.network.streams[k].name);
    out += "\n";
  }
  for (const std::size_t s : a.screened.held)
    out += fmt::format("{} would be {}, below 0 by more than chance: held at 0\n", a.network.streams[s].name, cell(a.all.value[s]));
  if (a.screened.errors.empty()) out += fmt::format("No gross error at {} %\n", number_text(100 * alpha));
  Table shares = Table::for_people({"Split at", "stream", "share", "sd"});
  for (std::size_t u = 0; u < a.network.units.size(); ++u) {
    const std::vector<StreamSplit> parts = splits(a.network, a.screened.result, u);
    if (parts.size() < 2) continue;
    for (const StreamSplit& part : parts)
      shares.row({a.network.units[u], a.network.streams[part.stream].name, cell(part.share.value),
                  cell(std::sqrt(part.share.variance))});
  }
  if (!shares.empty()) out += "\n" + shares.text();
  return out;
}

/// Numbers, null where there is none.
Json numbers(const std::vector<double>& values) {
  Json list = Json::array();
  for (const double x : values) list.push_back(json_cell<Json>(x));
  return list;
}

Json json_of(const Answer& a) {
  const Table streams = streams_of(a);
  Json json{{"problem", a.name}};
  json["streams"] = json_column<Json>(streams, "stream");
  json["units"] = a.network.units;
  json["rank"] = a.all.rank;
  for (const char* name : {"reconciled", "variance", "adjustment", "measurement_test_z", "class"})
    json[name] = json_column<Json>(streams, name);
  json["balance_residual_of_measured"] = numbers(a.all.residual);
  json["balance_residual_after"] = numbers(a.all.reconciled_residual);
  json["global_test_statistic"] = a.all.statistic;
  json["global_test_dof"] = a.all.degrees_of_freedom;
  json["global_test_p"] = json_cell<Json>(a.all.p_value);
  json["gross_errors"] = Json::array();
  for (const GrossError& error : a.screened.errors)
    json["gross_errors"].push_back(
        {{"stream", a.network.streams[error.stream].name}, {"z", error.z}, {"critical", error.critical}, {"bias", error.bias}});
  json["held_at_zero"] = Json::array();
  for (const std::size_t s : a.screened.held) json["held_at_zero"].push_back(a.network.streams[s].name);
  json["without_gross_errors"] = json_column<Json>(streams, "without_gross_errors");
  return json;
}

void reconcile_all(const ReconcileArguments& options) {
  std::string out;
  Json list = Json::array();
  Problems problems;
  for (NamedNetwork& named : read_flow_networks(options.path)) {
    Answer answer{named.name, std::move(named.network), {}, {}};
    try {
      answer.all = reconcile(answer.network);
      answer.screened = screen_gross_errors(answer.network, options.alpha);
    } catch (const std::invalid_argument& wrong) {
      Place place;
      place.file = options.path;
      problems.error(Code::range, place, answer.name, wrong.what(), "see `retwin reconcile --help` for the form of the file");
      continue;
    }
    out += (out.empty() ? "" : "\n") + table_of(answer, options.alpha);
    list.push_back(json_of(answer));
  }
  problems.throw_if_errors();
  const Json& json = list.size() == 1 ? list[0] : list;
  print(options.format == "json" ? json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n" : out);
}

}  // namespace

std::function<void()> declare_reconcile(CLI::App& app) {
  auto options = std::make_shared<ReconcileArguments>();
  reads(app, app.add_option("FLOWS", options->path,
                            "CSV with columns stream, from, to (units; empty: the outside), measured (empty: unmeasured), sd or "
                            "variance; or .json with measured, variance, incidence"))
      ->required();
  app.add_option("--alpha", options->alpha, "chance of calling a good measurement wrong; default: 0.05")
      ->type_name("P")
      ->check(CLI::Range(1e-9, 0.5).description(""));
  app.add_option("--format", options->format, "table or json, on standard output")
      ->type_name("FORMAT")
      ->check(CLI::IsMember({"table", "json"}).description(""));
  return [options] { reconcile_all(*options); };
}

}  // namespace retwin::cli

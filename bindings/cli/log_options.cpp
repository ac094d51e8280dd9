// Options of event logs.
#include "bindings/cli/log_options.hpp"

#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <cmath>
#include <optional>

#include "bindings/cli/command.hpp"
#include "bindings/cli/outputs.hpp"
#include "core/base/files.hpp"
#include "core/base/units.hpp"

namespace retwin::cli {

void LogOptions::declare(CLI::App& app, bool required) {
  reads(app, app.add_option("LOG", path, "event log: delimited text, .xes, or OCEL 2.0 (.sqlite, .json); texts also with .gz"))
      ->required(required);
  declare_columns(app);
}

void LogOptions::declare_columns(CLI::App& app, bool resources) {
  struct Row {
    const char* flag;
    std::string* name;
    const char* doc;
  };
  LogMapping& m = read.mapping;
  const Row rows[] = {{"--lot", &m.lot, "column that names the lot or case (in OCEL: the type of the objects that are lots)"},
                      {"--activity", &m.activity, "column that names the activity or station"},
                      {"--resource", &m.resource, "column that names the resource (in OCEL: the type of the objects that are resources)"},
                      {"--start", &m.start, "column with the start"},
                      {"--end", &m.end, "column with the end"},
                      {"--stamp", &m.stamp, "column with the time, where starts and finishes have rows of their own"},
                      {"--lifecycle", &m.lifecycle, "column that says whether a row is a start or a finish"}};
  for (const Row& row : rows)
    if (resources || row.name != &m.resource) app.add_option(row.flag, *row.name, row.doc)->type_name("COLUMN")->group("Columns of the log");
  app.add_option("--time-format", read.stamps.format, "how times are written, as in strptime, e.g. \"%d.%m.%Y %H:%M:%S\"; default: recognised")
      ->type_name("FORMAT")
      ->group("Columns of the log");
  app.add_option_function<std::string>(
         "--time-unit",
         [this](const std::string& unit) {
           if (unit == "d") read.stamps.numbers = NumberStamps::days;
           else read.stamps.unit_s = unit == "ns" ? 1e-9 : unit == "us" ? 1e-6 : unit == "ms" ? 1e-3 : unit == "s" ? 1 : unit == "min" ? 60 : 3600;
         },
         "unit of times that are plain numbers, since 1970; d: days as spreadsheets count them; default: recognised")
      ->type_name("UNIT")
      ->check(CLI::IsMember({"ns", "us", "ms", "s", "min", "h", "d"}).description(""))
      ->group("Columns of the log");
  std::vector<std::string> names;
  for (const auto& [name, reader] : registry().readers) names.push_back(name);
  app.add_option("--reader", read.reader, fmt::format("format of the log: {}; default: by its name and first bytes", fmt::join(names, ", ")))
      ->type_name("NAME")
      ->check(CLI::IsMember(names).description(""))
      ->group("Columns of the log");
}

void LogOptions::declare_further_columns(CLI::App& app) {
  app.add_option("--quantity", read.mapping.numeric, "further column with numbers that services may depend on; may be repeated")
      ->type_name("COLUMN")
      ->allow_extra_args(false)
      ->group("Columns of the log");
  app.add_option("--attribute", read.mapping.categorical,
                 "further column with categories that services or setups may depend on; may be repeated")
      ->type_name("COLUMN")
      ->allow_extra_args(false)
      ->group("Columns of the log");
}

EventLog LogOptions::load(const std::string& file) const {
  EventLog log = read_log(file, read, registry().readers);
  if (!log.findings.empty()) tell(fmt::format("{}: found\n{}", file, text(log.findings)));
  return log;
}

EventLog LogOptions::load_other(const std::string& file) const {
  try {
    return load(file);
  } catch (const InputError& error) {
    const auto unknown = [](const Problem& problem) { return problem.code == Code::unknown_name; };
    if (!std::all_of(error.problems().begin(), error.problems().end(), unknown)) throw;
    LogOptions plain = *this;
    plain.read.mapping = {};
    return plain.load(file);
  }
}

void declare_window(CLI::App& app, std::string& rule, const std::string& what) {
  app.add_option("--window", rule, what + " became of cases open at the end of the log: auto, complete, dropped, cut")
      ->type_name("RULE")
      ->check(CLI::IsMember({"auto", "complete", "dropped", "cut"}).description(""));
}

double share_of(const std::string& text, const char* option) {
  std::string_view number = text;
  const bool percent = number.ends_with('%');
  if (percent) number = number.substr(0, number.find_last_not_of(" %") + 1);
  const std::size_t slash = number.find('/');
  const double over = slash == std::string_view::npos ? 1 : number_of(number.substr(slash + 1)).value_or(NAN);
  const double value = number_of(number.substr(0, slash)).value_or(NAN) / over / (percent ? 100 : 1);
  if (value > 0 && value <= 1) return value;
  Place place;
  place.file = "command line";
  throw InputError({{Code::range, Severity::error, place, option, fmt::format("{} is no share between 0 and 1", text),
                     "write 2/3, 0.66 or 66 %"}});
}

double time_of(const std::string& text, const char* option, double zone_s) {
  const double time_s = parse_stamp(text, DateOrder::month_first, zone_s);
  if (!std::isnan(time_s)) return time_s;
  Place place;
  place.file = "command line";
  throw InputError({{Code::range, Severity::error, place, option, fmt::format("{} is no time", text),
                     "write for instance \"2026-01-05 08:15:00\""}});
}

double duration_of(const std::string& text, const char* option, double least_s) {
  const std::optional<Quantity> value = parse_quantity(text);
  const bool time = value && value->dimension == dimension::time;
  if (time && value->value >= least_s) return value->value;
  Place place;
  place.file = "command line";
  throw InputError({{time ? Code::range : Code::unit, Severity::error, place, option,
                     time ? fmt::format("{} is less than {:g} s", text, least_s) : fmt::format("{} is no time", text),
                     "write for instance 5 min"}});
}

}  // namespace retwin::cli

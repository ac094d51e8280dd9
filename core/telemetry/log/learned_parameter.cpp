// Learned parameters as a table.
#include "core/telemetry/log/learned_parameter.hpp"

#include <fmt/format.h>

#include "core/base/files.hpp"

namespace retwin {

double to_digits(double value, int digits) { return number_of(fmt::format("{:.{}g}", value, digits)).value_or(value); }

Table parameters_table(const std::vector<LearnedParameter>& parameters, const std::string& log, const std::string& sha256) {
  Table table({text_column("parameter", "path in the scenario"), number_column("value"), text_column("unit", "of value, low, high, given"),
               number_column("low", {}, "of its interval"), number_column("high", {}, "of its interval"),
               number_column("level", "1", "of its interval"), integer_column("n", "observations"), text_column("method"),
               text_column("log", "that it was learned from"), text_column("log SHA-256"),
               number_column("given", {}, "by the plant that was calibrated")});
  for (const LearnedParameter& p : parameters)
    table.row({p.path, p.value, p.unit, p.interval.low, p.interval.high, p.interval.level, p.n, p.method, p.source.empty() ? log : p.source,
               p.source.empty() ? sha256 : p.sha256, p.given});
  return table;
}

}  // namespace retwin

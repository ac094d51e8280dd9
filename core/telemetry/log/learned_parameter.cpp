// Learned parameters as CSV.
#include "core/telemetry/log/learned_parameter.hpp"

#include <fmt/format.h>

#include <cstdint>

#include "core/base/files.hpp"

namespace retwin {

double to_digits(double value, int digits) { return number_of(fmt::format("{:.{}g}", value, digits)).value_or(value); }

std::string parameters_table(const std::vector<LearnedParameter>& parameters, const std::string& log, const std::string& sha256) {
  CsvWriter table({"parameter", "value", "unit", "low", "high", "level", "n", "method", "log", "log SHA-256", "given"});
  for (const LearnedParameter& p : parameters)
    table.cell(p.path)
        .cell(p.value)
        .cell(p.unit)
        .cell(p.interval.low)
        .cell(p.interval.high)
        .cell(p.interval.level)
        .cell(static_cast<std::int64_t>(p.n))
        .cell(p.method)
        .cell(log)
        .cell(sha256)
        .cell(p.given)
        .end_row();
  return table.text();
}

}  // namespace retwin

// Compiling electricity as it is bought and by the hour, and what products displace.
#include <fmt/format.h>

#include <cmath>
#include <filesystem>

#include "core/base/files.hpp"
#include "core/scenario/compile/compiler.hpp"

namespace retwin {
namespace {

Dimension carbon_per(const Dimension& of) { return parse_unit("kgCO2e").value_or(Quantity{}).dimension / of; }

}  // namespace

/// kg CO2e per SI unit of something.
std::optional<double> Compiler::emission_per(const Located& written, const Dimension& of, const std::string& path) {
  std::string why;
  const std::optional<Quantity> value = parse_quantity(written.text, &why);
  const bool fits = value && value->dimension == carbon_per(of);
  if (fits && value->value >= 0) return value->value;
  problems_.error(fits ? Code::range : Code::unit, written.place, path,
                  fmt::format("\"{}\": {}", written.text, fits ? "it is below 0" : value ? "this is no emission per " + describe(of) : why),
                  of == dimension::energy ? "write for instance 0.62 kg CO2e/kWh" : "write for instance 5.2 kg CO2e/kg");
  return std::nullopt;
}

void Compiler::add_displaced(Reporting& out) {
  for (const SinkSpec& spec : specs_.sinks) {
    if (!spec.displaces.given || spec.displaces.value.empty()) continue;
    const std::string path = "sinks." + spec.name + ".displaces";
    const DisplacesSpec& what = spec.displaces;
    if (plant_->n_components == 0) problems_.error(Code::conflict, what.value.place, path, "the lots of this plant have no masses", "give the lots of a source a chemistry, or leave displaces out");
    out.displaced.push_back({find_sink(spec.name), emission_per(what.value, dimension::mass, path + ".value").value_or(0), what.quality, what.allocation, what.source,
                             what.estimate || what.source.empty()});
  }
}

/// A column with a unit of that dimension, of as many rows as a day or a year has hours.
std::vector<double> Compiler::by_the_hour(const Located& file, const std::string& path, const Dimension& dimension) {
  namespace fs = std::filesystem;
  const fs::path at = fs::path(file.text).is_absolute() ? fs::path(file.text) : fs::path(file_).parent_path() / file.text;
  const std::size_t before = problems_.all().size();
  CsvReader csv = library_.table(file, at.string(), problems_);
  int column = -1;
  double factor = 1;
  for (std::size_t k = 0; k < csv.columns().size() && column < 0; ++k) {
    const std::string& title = csv.columns()[k];
    const std::size_t open = title.find('[');
    const auto unit = open == std::string::npos ? std::optional<Quantity>() : parse_unit(title.substr(open + 1, title.rfind(']') - open - 1));
    if (unit && unit->dimension == dimension) column = static_cast<int>(k), factor = unit->value;
  }
  if (problems_.all().size() > before) return {};
  const Place head{at.string(), 1, 1, 1, ""};
  if (column < 0) {
    problems_.error(Code::trace, head, path, "no column has a fitting unit", fmt::format("name one with its unit, e.g. {}", dimension == dimension::power ? "power [kW]" : "factor [kg CO2e/kWh]"));
    return {};
  }
  std::vector<double> hours;
  const int number = csv.column("hour");
  while (csv.next()) {
    if (number >= 0 && number_of(csv.cell(number)) != static_cast<double>(hours.size()) && hours.size() < 8760) {
      problems_.error(Code::trace, csv.place(number), path, fmt::format("this row is hour {}, not \"{}\"", hours.size(), csv.cell(number)), "rows are in their order, from hour 0 on");
      return {};
    }
    const std::optional<double> value = number_of(csv.cell(column));
    if (!value || !(*value >= 0)) problems_.error(Code::trace, csv.place(column), path, fmt::format("\"{}\" is no number from 0 on", csv.cell(column)));
    hours.push_back(value.value_or(0) * factor);
  }
  if (hours.size() != 24 && hours.size() != 8760)
    problems_.error(Code::trace, head, path, fmt::format("it has {} rows", hours.size()), "24, for the hours of a day, or 8760, for those of a year");
  return hours;
}

void Compiler::add_electricity(Reporting& out) {
  const ElectricitySpec& spec = specs_.electricity;
  double shares = 0;
  for (const SupplySpec& from : spec.supplies) {
    const std::string path = "electricity.supplies." + from.name;
    Supply supply{from.name, from.source, emission_per(from.value, dimension::energy, path + ".value").value_or(0), from.share, from.energy_J, {}, from.estimate || from.source.empty()};
    if (!from.power.empty()) supply.power_W = by_the_hour(from.power, path + ".power", dimension::power);
    const int ways = (from.share > 0 ? 1 : 0) + (from.energy_J > 0 ? 1 : 0) + (from.power.empty() ? 0 : 1);
    if (ways != 1) problems_.error(ways == 0 ? Code::missing : Code::conflict, from.place, path, "a supply is a share, an energy or a power by the hour", "give one of share, energy and power");
    shares += from.share;
    out.electricity.supplies.push_back(std::move(supply));
  }
  if (shares > 1 + 1e-9)
    problems_.error(Code::probability, spec.supplies.front().place, "electricity.supplies", fmt::format("the shares sum to {:.6g}, above 1", shares), "contracts cover at most all of the use");
  if (!spec.residual.empty()) out.electricity.residual_kg_per_J = emission_per(spec.residual, dimension::energy, "electricity.residual");
  out.electricity.residual_source = spec.residual_source;
  if (!spec.hourly.empty()) out.electricity.hourly_kg_per_J = by_the_hour(spec.hourly, "electricity.hourly", carbon_per(dimension::energy));
  if (out.electricity.told() && out.factors.empty())
    problems_.error(Code::missing, spec.supplies.empty() ? Place() : spec.supplies.front().place, "electricity", "there is no location-based account beside which it could stand",
                    "name factors: factors: [...]");
}

}  // namespace retwin

// Streams from tables, matrices from JSON.
#include "core/telemetry/balances/flow_tables.hpp"

#include <fmt/format.h>

#include <cmath>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "core/base/constants.hpp"
#include "core/base/files.hpp"
#include "core/base/problem.hpp"

namespace retwin {
namespace {

using Json = nlohmann::json;
constexpr std::size_t most_bytes = 64u << 20;

/// The column called so, with or without a unit in brackets behind it; negative: there is none.
int column_of(const CsvReader& csv, const std::string& name) {
  for (std::size_t k = 0; k < csv.columns().size(); ++k)
    if (csv.columns()[k] == name || csv.columns()[k].rfind(name + " [", 0) == 0) return static_cast<int>(k);
  return -1;
}

/// A cell's number; nan where it is empty.
double cell_number(const CsvReader& csv, int column, const char* what, Problems& problems) {
  if (column < 0 || csv.cell(column).empty()) return nan;
  const std::optional<double> value = number_of(csv.cell(column));
  if (!value) problems.error(Code::type, csv.place(column), what, fmt::format("\"{}\" is no number", csv.cell(column)));
  return value.value_or(nan);
}

FlowNetwork read_table(const std::string& path, Problems& problems) {
  FlowNetwork network;
  CsvReader csv(path, problems);
  const int stream = column_of(csv, "stream"), from = column_of(csv, "from"), to = column_of(csv, "to"),
            measured = column_of(csv, "measured");
  const int sd = column_of(csv, "sd"), variance = column_of(csv, "variance");
  if (problems.all().empty() && (stream < 0 || from < 0 || to < 0 || measured < 0 || (sd < 0) == (variance < 0)))
    problems.error(Code::missing, {path, 1, 1, 1, ""}, "columns",
                   "the columns stream, from, to, measured and either sd or variance are needed",
                   "a row per stream; from or to is empty at the edge of the plant");
  if (!problems.all().empty()) return network;
  std::map<std::string, std::size_t> units;
  struct End {
    std::size_t unit, stream;
    double sign;
  };
  std::vector<End> ends;
  const auto join = [&](const std::string& unit, double sign) {
    if (unit.empty()) return;
    const auto [it, fresh] = units.emplace(unit, network.units.size());
    if (fresh) network.units.push_back(unit);
    ends.push_back({it->second, network.streams.size(), sign});
  };
  while (csv.next()) {
    FlowStream flow;
    flow.name = csv.cell(stream);
    flow.measured = cell_number(csv, measured, "measured", problems);
    const double spread = cell_number(csv, sd >= 0 ? sd : variance, sd >= 0 ? "sd" : "variance", problems);
    flow.variance = sd >= 0 ? spread * spread : spread;
    if (csv.cell(from).empty() && csv.cell(to).empty())
      problems.error(Code::missing, csv.place(from), flow.name, "the stream neither leaves nor enters a unit",
                     "name the unit in from or to");
    if (!std::isnan(flow.measured) && !(flow.variance > 0))
      problems.error(Code::range, csv.place(sd >= 0 ? sd : variance), flow.name, "a measured stream needs a spread above 0",
                     "how far is the meter usually off? for instance 2 % of its reading");
    join(csv.cell(from), -1);
    join(csv.cell(to), 1);
    network.streams.push_back(std::move(flow));
  }
  network.incidence.assign(network.units.size(), std::vector<double>(network.streams.size(), 0));
  for (const End& end : ends) network.incidence[end.unit][end.stream] += end.sign;
  return network;
}

std::string name_at(const Json& json, const char* key, std::size_t k, const char* prefix) {
  const auto names = json.find(key);
  if (names != json.end() && names->is_array() && k < names->size() && (*names)[k].is_string())
    return (*names)[k].get<std::string>();
  return fmt::format("{}{}", prefix, k + 1);
}

double number_or_nan(const Json& value) { return value.is_null() ? nan : value.get<double>(); }

NamedNetwork read_matrix(const Json& json, std::size_t ordinal) {
  NamedNetwork named;
  const auto problem = json.find("problem");
  named.name =
      problem != json.end() && problem->is_string() ? problem->get<std::string>() : fmt::format("network {}", ordinal + 1);
  const Json& measured = json.at("measured");
  const Json& variance = json.at("variance");
  for (std::size_t k = 0; k < measured.size(); ++k)
    named.network.streams.push_back(
        {name_at(json, "streams", k, "F"), number_or_nan(measured.at(k)), number_or_nan(variance.at(k))});
  for (const Json& row : json.at("incidence")) {
    named.network.units.push_back(name_at(json, "units", named.network.units.size(), "U"));
    named.network.incidence.push_back(row.get<std::vector<double>>());
  }
  return named;
}

std::vector<NamedNetwork> read_matrices(const std::string& path, Problems& problems) {
  std::vector<NamedNetwork> networks;
  const std::optional<std::string> text = read_file(path, most_bytes, problems);
  if (!text) return networks;
  try {
    const Json json = Json::parse(*text);
    if (json.is_array()) {
      for (const Json& one : json) networks.push_back(read_matrix(one, networks.size()));
    } else {
      networks.push_back(read_matrix(json, 0));
    }
  } catch (const Json::exception& error) {
    problems.error(Code::syntax, {path, 0, 0, 0, ""}, networks.empty() ? "" : fmt::format("network {}", networks.size() + 1),
                   error.what(),
                   "an object needs measured, variance (as many as there are streams) and incidence (a row per unit)");
  }
  return networks;
}

// Beyond any plant; within, the squares of measured / sd stay numbers.
constexpr double largest = 1e30, smallest_sd = 1e-30;

void check_sizes(const std::string& path, const FlowNetwork& network, Problems& problems) {
  for (const FlowStream& flow : network.streams) {
    if (std::isnan(flow.measured)) continue;
    const double sd = std::sqrt(flow.variance);
    if (!(std::abs(flow.measured) <= largest) || sd > largest || (sd > 0 && sd < smallest_sd))
      problems.error(Code::range, {path, 0, 0, 0, ""}, flow.name,
                     fmt::format("measured {:.3g} with a spread of {:.3g} is beyond any plant", flow.measured, sd),
                     "is the unit right?");
  }
}

}  // namespace

std::vector<NamedNetwork> read_flow_networks(const std::string& path) {
  Problems problems;
  std::vector<NamedNetwork> networks;
  const std::filesystem::path file(path);
  if (file.extension() == ".json") networks = read_matrices(path, problems);
  else networks.push_back({file.stem().string(), read_table(path, problems)});
  for (const NamedNetwork& named : networks) check_sizes(path, named.network, problems);
  problems.throw_if_errors();
  return networks;
}

}  // namespace retwin

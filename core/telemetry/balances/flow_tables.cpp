// Streams from tables, matrices from JSON.
#include "core/telemetry/balances/flow_tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "core/base/constants.hpp"
#include "core/base/files.hpp"
#include "core/base/problem.hpp"
#include "core/telemetry/tables/records.hpp"

namespace retwin {
namespace {

using Json = nlohmann::json;
constexpr std::size_t most_bytes = 64u << 20;

/// A table of streams: delimited text of any of the usual kinds, with decimal points or commas.
class StreamTable {
 public:
  StreamTable(const std::string& path, Problems& problems) : problems_(problems), records_(open_records(path)) {}

  FlowNetwork read() {
    const std::size_t stream = column("stream"), from = column("from"), to = column("to"), measured = column("measured"), sd = column("sd"), variance = column("variance");
    if (stream == none || from == none || to == none || measured == none || (sd == none) == (variance == none)) {
      problems_.error(Code::missing, {records_->path(), 1, 1, 1, ""}, "columns", "the columns stream, from, to, measured and either sd or variance are needed",
                      "a row per stream; from or to is empty at the edge of the plant");
      return {};
    }
    const std::size_t spread_column = sd != none ? sd : variance;
    while (records_->next()) {
      FlowStream flow;
      flow.name = records_->cell(stream);
      if (!records_->whole()) {
        problems_.error(Code::syntax, place(stream), flow.name, records_->shape(), "a row per stream, with as many cells as the header");
        continue;
      }
      flow.measured = number(measured, "measured");
      const double spread = number(spread_column, sd != none ? "sd" : "variance");
      flow.variance = sd != none ? spread * spread : spread;
      if (records_->cell(from).empty() && records_->cell(to).empty())
        problems_.error(Code::missing, place(from), flow.name, "the stream neither leaves nor enters a unit", "name the unit in from or to");
      if (!std::isnan(flow.measured) && !(spread > 0))
        problems_.error(Code::range, place(spread_column), flow.name, "a measured stream needs a spread above 0", "how far is the meter usually off? for instance 2 % of its reading");
      join(std::string(records_->cell(from)), -1);
      join(std::string(records_->cell(to)), 1);
      network_.streams.push_back(std::move(flow));
    }
    network_.incidence.assign(network_.units.size(), std::vector<double>(network_.streams.size(), 0));
    for (const End& end : ends_) network_.incidence[end.unit][end.stream] += end.sign;
    return std::move(network_);
  }

 private:
  static constexpr std::size_t none = static_cast<std::size_t>(-1);
  struct End {
    std::size_t unit, stream;
    double sign;
  };

  /// The column called so, with or without a unit in brackets behind it.
  std::size_t column(const std::string& name) const {
    const std::vector<std::string>& header = records_->header();
    for (std::size_t k = 0; k < header.size(); ++k)
      if (header[k] == name || header[k].starts_with(name + " [")) return k;
    return none;
  }
  /// Of a cell, where nothing is quoted before it.
  Place place(std::size_t column) const {
    const auto& cells = records_->cells();
    const std::ptrdiff_t at = column < cells.size() ? cells[column].data() - cells.front().data() : 0;
    return {records_->path(), static_cast<int>(records_->line()), static_cast<int>(at >= 0 && at < 1000 ? at : 0) + 1, 1, ""};
  }
  /// Of a cell; nan where it is empty. Where commas do not part cells they are decimal ones.
  double number(std::size_t column, const char* what) {
    std::string cell(records_->cell(column));
    if (cell.empty()) return nan;
    if (records_->delimiter() != ',') std::replace(cell.begin(), cell.end(), ',', '.');
    const std::optional<double> value = number_of(cell);
    if (!value) problems_.error(Code::type, place(column), what, fmt::format("\"{}\" is no number", cell));
    return value.value_or(nan);
  }
  void join(const std::string& unit, double sign) {
    if (unit.empty()) return;
    const auto [it, fresh] = units_.emplace(unit, network_.units.size());
    if (fresh) network_.units.push_back(unit);
    ends_.push_back({it->second, network_.streams.size(), sign});
  }

  Problems& problems_;
  std::unique_ptr<Records> records_;
  FlowNetwork network_;
  std::map<std::string, std::size_t> units_;
  std::vector<End> ends_;
};

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
constexpr double largest_flow = 1e30, smallest_sd = 1e-30;

void check_sizes(const std::string& path, const FlowNetwork& network, Problems& problems) {
  for (const FlowStream& flow : network.streams) {
    if (std::isnan(flow.measured)) continue;
    const double sd = std::sqrt(flow.variance);
    if (!(std::abs(flow.measured) <= largest_flow) || sd > largest_flow || (sd > 0 && sd < smallest_sd))
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
  else networks.push_back({file.stem().string(), StreamTable(path, problems).read()});
  for (const NamedNetwork& named : networks) check_sizes(path, named.network, problems);
  problems.throw_if_errors();
  return networks;
}

}  // namespace retwin

// A calibrated plant as files: the scenario that extends it, and a table of every parameter.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "core/base/files.hpp"
#include "core/base/node.hpp"
#include "core/base/text.hpp"
#include "core/base/yaml_text.hpp"
#include "core/base/yaml_writer.hpp"
#include "core/base/random.hpp"
#include "core/scenario/specs/sections.hpp"
#include "core/stats/distribution.hpp"
#include "core/telemetry/given/parts.hpp"
#include "core/telemetry/given/plant.hpp"

namespace retwin {
namespace {

/// The plant as a file in `folder` names it.
std::string relative_to(const std::filesystem::path& folder, const std::string& plant) {
  namespace fs = std::filesystem;
  std::error_code error;
  const fs::path near = fs::relative(fs::absolute(plant), fs::absolute(folder.empty() ? fs::path(".") : folder), error);
  return error || near.empty() ? fs::absolute(plant).string() : near.generic_string();
}

double normal_quantile(double p) { return Distribution::normal(0, 1).quantile(p); }

/// A parameter drawn, over its estimate.
double drawn_factor(const LearnedParameter& p, const Draws& draws) {
  if (!(p.value > 0) || !(p.interval.high > p.interval.low)) return 1;
  const double z = normal_quantile(0.5 + p.interval.level / 2);
  const double sd = p.interval.low > 0 ? std::log(p.interval.high / p.interval.low) / (2 * z) : std::log(p.interval.high / p.value) / z;
  return std::exp(sd * normal_quantile(draws.uniform(0)));
}

Node drawn_shares(const PlantCalibration& c, const PlantPatch& patch, const Draws& draws) {
  std::vector<std::string> names;
  std::vector<double> shares;
  double sum = 0;
  for (const std::size_t k : patch.parameters) {
    const LearnedParameter& p = c.parameters[k];
    const double count = p.value * static_cast<double>(p.n) + 0.5;
    names.push_back(p.path.substr(patch.path.size() + 1));
    shares.push_back(Distribution::gamma(count, std::sqrt(count)).quantile(draws.uniform(shares.size())));
    sum += shares.back();
  }
  for (double& share : shares) share /= sum;
  return shares_node(names, shares);
}

/// Of a patch from flows or meters: parameters lognormal, shares then made to sum to 1.
Node drawn_measured(const PlantCalibration& c, const PlantPatch& patch, std::uint64_t key) {
  std::vector<std::string> names;
  std::vector<double> values;
  double sum = 0;
  for (const std::size_t k : patch.parameters) {
    const LearnedParameter& p = c.parameters[k];
    values.push_back(p.value * drawn_factor(p, {key, stream_id(p.path)}));
    sum += values.back();
    if (patch.value.is_map()) names.push_back(p.path.substr(patch.path.size() + 1));
  }
  if (patch.value.is_map()) {
    for (double& share : values) share /= sum;
    return shares_node(names, values);
  }
  const std::optional<Quantity> given = parse_quantity(patch.value.text);
  const bool share = c.parameters[patch.parameters[0]].unit.empty();
  return quantity_node(share ? std::min(1.0, values[0]) : values[0], given ? given->dimension : Dimension{});
}

/// The value of a patch with its parameters drawn.
Node drawn(const PlantCalibration& c, const PlantPatch& patch, std::uint64_t key) {
  if (patch.measured) return drawn_measured(c, patch, key);
  const LearnedParameter& p = c.parameters[patch.parameters[0]];
  const Draws draws{key, stream_id(p.path)};
  if (patch.parameters.size() > 1) return drawn_shares(c, patch, draws);
  const bool rate = p.unit == "1/s" || p.unit == "kg/s";
  const double factor = drawn_factor(p, draws);
  return scaled(patch.value, rate ? 1 / factor : factor);
}

/// A scenario that sets values of the one it extends. @param name empty: that of the other one
std::string variant(const std::string& extends, const std::string& name, Node values, const Remarks& remarks) {
  HeadSpec head;
  Specs specs;
  head.extends.text = extends;
  if (!values.entries.empty()) head.set.set(std::move(values));
  specs.name = name;
  return yaml_text(write_scenario(std::move(head), std::move(specs), {}), remarks);
}

}  // namespace

Node shares_node(const std::vector<std::string>& names, const std::vector<double>& shares) {
  Node map = Node::map();
  double rest = 100;
  for (std::size_t k = 0; k < shares.size(); ++k) {
    const double percent = k + 1 < shares.size() ? std::round(1e8 * shares[k]) / 1e6 : std::max(0.0, rest);
    rest -= percent;
    map.entries.push_back({names[k], {}, Node::scalar(fmt::format("{:.6f} %", percent))});
  }
  return map;
}

void write_draws(const PlantCalibration& c, const std::string& path, std::uint64_t draws, std::uint64_t seed) {
  const std::filesystem::path file(path);
  const std::string stem = file.stem().string();
  for (std::uint64_t k = 1; k <= draws; ++k) {
    Node values = Node::map();
    for (const PlantPatch& patch : c.patches) values.entries.push_back({patch.path, {}, drawn(c, patch, replication_key(seed, k))});
    const std::string head = one_line(
        fmt::format("Parameters of {} drawn from what its log leaves open: draw {} of {}.", file.filename().string(), k, draws));
    write_file((file.parent_path() / fmt::format("{}_{}.yaml", stem, k)).string(),
               variant(file.filename().string(), "", std::move(values), {{"", head}}));
  }
}

void write_calibration(const PlantCalibration& c, const std::string& path) {
  namespace fs = std::filesystem;
  const fs::path file(path);
  const std::string stem = file.stem().string();
  Node values = Node::map();
  Remarks remarks;
  std::string& head = remarks[""];
  if (!c.log.empty())
    head = one_line(fmt::format("Calibrated from {} (SHA-256 {}): {} lots, {} operations.", c.log, c.sha256.empty() ? "unknown" : c.sha256, c.lots, c.operations)) + "\n";
  for (const MeasuredFile& from : c.measured)
    head += one_line(fmt::format("{} {} (SHA-256 {})", head.empty() ? "Calibrated from" : "and", from.path, from.sha256)) + "\n";
  head += one_line(fmt::format("Every parameter with its interval, number of observations and method: {}_parameters.csv", stem));
  for (const PlantPatch& patch : c.patches) {
    values.entries.push_back({patch.path, {}, patch.value});
    remarks["set." + patch.path] = one_line(patch.note);
  }
  std::string text = variant(nameable(relative_to(file.parent_path(), c.plant_path)), c.plant_name + ", calibrated", std::move(values), remarks);
  for (const auto& [what, why] : c.left_out) text += yaml_comment(fmt::format("as in the plant: {}: {}", what, why)) + "\n";
  for (const std::string& wrong : c.set_aside) text += yaml_comment("set aside: " + wrong) + "\n";
  std::vector<std::string> inputs{c.plant_path};
  if (!c.log.empty()) inputs.push_back(c.log);
  for (const MeasuredFile& from : c.measured) inputs.push_back(from.path);
  FileSet set(inputs);
  write_file((file.parent_path() / (stem + "_parameters.csv")).string(), parameters_table(c.parameters, c.log, c.sha256).csv());
  write_file(path, text);
  set.commit();
}

}  // namespace retwin

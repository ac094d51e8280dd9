// A calibrated plant as files: the scenario that extends it, and a table of every parameter.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <optional>

#include "core/base/files.hpp"
#include "core/base/node.hpp"
#include "core/base/yaml_text.hpp"
#include "core/base/random.hpp"
#include "core/scenario/document/document.hpp"
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

std::string line(const std::string& path, const std::string& text, const std::string& note) {
  return fmt::format("  {}: {}{}{}\n", yaml_quoted(path), text, note.empty() ? "" : "  ", note.empty() ? "" : yaml_comment(note));
}

double normal_quantile(double p) { return Distribution::normal(0, 1).quantile(p); }

/// A parameter drawn, over its estimate.
double drawn_factor(const LearnedParameter& p, const Draws& draws) {
  if (!(p.interval.low > 0) || !(p.interval.high > p.interval.low)) return 1;
  const double sd = std::log(p.interval.high / p.interval.low) / (2 * normal_quantile(0.5 + p.interval.level / 2));
  return std::exp(sd * normal_quantile(draws.uniform(0)));
}

std::string drawn_shares(const PlantCalibration& c, const PlantPatch& patch, const Draws& draws) {
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
  return shares_text(names, shares);
}

/// The text of a patch with its parameters drawn.
std::string drawn(const PlantCalibration& c, const PlantPatch& patch, std::uint64_t key) {
  const LearnedParameter& p = c.parameters[patch.parameters[0]];
  const Draws draws{key, stream_id(p.path)};
  if (patch.parameters.size() > 1) return drawn_shares(c, patch, draws);
  Problems problems;
  const std::optional<Node> node = read_yaml(patch.text, patch.path, problems);
  RETWIN_CHECK(node.has_value());
  const bool rate = p.unit == "1/s" || p.unit == "kg/s";
  const double factor = drawn_factor(p, draws);
  return canonical(scaled(*node, rate ? 1 / factor : factor));
}

}  // namespace

std::string shares_text(const std::vector<std::string>& names, const std::vector<double>& shares) {
  std::string text;
  double rest = 100;
  for (std::size_t k = 0; k < shares.size(); ++k) {
    const double percent = k + 1 < shares.size() ? std::round(1e8 * shares[k]) / 1e6 : std::max(0.0, rest);
    rest -= percent;
    text += fmt::format("{}{}: {:.6f} %", text.empty() ? "" : ", ", yaml_quoted(names[k]), percent);
  }
  return "{" + text + "}";
}

void write_draws(const PlantCalibration& c, const std::string& path, std::uint64_t draws, std::uint64_t seed) {
  const std::filesystem::path file(path);
  const std::string stem = file.stem().string();
  for (std::uint64_t k = 1; k <= draws; ++k) {
    std::string text = yaml_comment(fmt::format("Parameters of {} drawn from what its log leaves open: draw {} of {}.",
                                           file.filename().string(), k, draws)) + "\n";
    text += fmt::format("extends: {}\n", yaml_quoted(file.filename().string()));
    if (!c.patches.empty()) text += "set:\n";
    for (const PlantPatch& patch : c.patches) text += line(patch.path, drawn(c, patch, replication_key(seed, k)), "");
    write_file((file.parent_path() / fmt::format("{}_{}.yaml", stem, k)).string(), text);
  }
}

void write_calibration(const PlantCalibration& c, const std::string& path) {
  namespace fs = std::filesystem;
  const fs::path file(path);
  const std::string stem = file.stem().string();
  std::string text = yaml_comment(fmt::format("Calibrated from {} (SHA-256 {}): {} lots, {} operations.", c.log,
                                         c.sha256.empty() ? "unknown" : c.sha256, c.lots, c.operations)) + "\n";
  text += yaml_comment(fmt::format("Every parameter with its interval, number of observations and method: {}_parameters.csv", stem)) + "\n";
  text += fmt::format("extends: {}\nname: {}\n", yaml_file_name(relative_to(file.parent_path(), c.plant_path)),
                      yaml_quoted(c.plant_name + ", calibrated"));
  if (!c.patches.empty()) text += "set:\n";
  for (const PlantPatch& patch : c.patches) text += line(patch.path, patch.text, patch.note);
  for (const auto& [what, why] : c.left_out) text += yaml_comment(fmt::format("as in the plant: {}: {}", what, why)) + "\n";
  FileSet set({c.log, c.plant_path});
  write_file((file.parent_path() / (stem + "_parameters.csv")).string(), parameters_table(c.parameters, c.log, c.sha256));
  write_file(path, text);
  set.commit();
}

}  // namespace retwin

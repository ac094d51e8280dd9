// Distributions fitted to observed values: the choice between families, and what is written of it.
#include "core/stats/fit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>
#include <string_view>

#include "core/base/interruption.hpp"
#include "core/base/random.hpp"
#include "core/stats/distribution_value.hpp"
#include "core/stats/fit_families.hpp"
#include "core/stats/tally.hpp"

namespace retwin {

namespace {

constexpr double bare_mention = 2;  // of BIC
constexpr std::size_t fewest_for_mixtures = 30, most_discrete = 20, most_taken_as_they_are = 4;

/// Everything that can be said of the values before a family is chosen.
struct Sample {
  std::vector<double> sorted;
  Cells cells;
};

Sample sample_of(std::vector<double> values, const FitOptions& options) {
  if (values.empty()) throw std::invalid_argument("no values to fit");
  if (!std::all_of(values.begin(), values.end(), [](double x) { return std::isfinite(x); })) {
    throw std::invalid_argument("values to fit must be finite");
  }
  std::sort(values.begin(), values.end());
  const double resolution = options.resolution >= 0 ? options.resolution : detect_resolution(values);
  Cells cells = gather(values, resolution, options.most_cells);
  return {std::move(values), std::move(cells)};
}

/// Evenly spaced order statistics, ends included.
std::vector<double> thinned(const std::vector<double>& sorted, std::size_t most) {
  if (sorted.size() <= most || most < 2) return sorted;
  std::vector<double> out(most);
  for (std::size_t i = 0; i < most; ++i) out[i] = sorted[i * (sorted.size() - 1) / (most - 1)];
  return out;
}

/// Means of as many stretches of equal length.
std::vector<double> gathered(const std::vector<double>& sorted, std::size_t most) {
  if (sorted.size() <= most || most < 1) return sorted;
  std::vector<double> out(most, 0);
  for (std::size_t i = 0; i < most; ++i) {
    const std::size_t from = i * sorted.size() / most, to = (i + 1) * sorted.size() / most;
    out[i] = std::accumulate(sorted.begin() + static_cast<std::ptrdiff_t>(from), sorted.begin() + static_cast<std::ptrdiff_t>(to), 0.0) / static_cast<double>(to - from);
  }
  return out;
}

/// The values as steps, each with its weight: where a curve through them, on which the outermost count half, has another mean or deviation.
FitPart steps(const Sample& sample, const FitOptions& options) {
  FitPart part{1, "discrete", {}};
  const std::vector<double> table = gathered(sample.sorted, options.table);
  const double weight = 1 / static_cast<double>(table.size());
  std::string last;
  for (const double x : table) {
    const std::string printed = fmt::format("{:.9g}", x);  // as scenarios do: no value twice
    if (printed == last) part.parameters.back().second += weight;
    else part.parameters.emplace_back("value", x), part.parameters.emplace_back("weight", weight);
    last = printed;
  }
  return part;
}

Distribution distribution_of(const FitPart& discrete) {
  std::vector<double> values, weights;
  for (const auto& [name, value] : discrete.parameters) (name == "value" ? values : weights).push_back(value);
  return Distribution::discrete(values, weights);
}

/// Whether a distribution has the mean (to 1 %) and the standard deviation (to 5 %) of the values, rounded as these are; or as nearly as
/// values so spread can tell: to so many standard errors, that of the deviation by their fourth moment, at least that of a normal one.
bool keeps_moments(const Distribution& distribution, const Sample& sample, double errors) {
  constexpr double of_mean = 0.01, of_sd = 0.05, of_normal = 3;
  constexpr std::size_t points = 2000;
  Tally values, curve;
  for (const double x : sample.sorted) values.add(x);
  const double step = sample.cells.resolution;
  for (std::size_t k = 0; k < points; ++k) {
    const double x = distribution.quantile((static_cast<double>(k) + 0.5) / static_cast<double>(points));
    curve.add(step > 0 ? step * std::round(x / step) : x);
  }
  const double n = static_cast<double>(sample.sorted.size()), mean = values.mean(), sd = values.sd();
  if (!(sd > 0)) return true;
  double fourth = 0;
  for (const double x : sample.sorted) fourth += std::pow((x - mean) / sd, 4) / n;
  const double off_mean = std::abs(curve.mean() - mean), off_sd = std::abs(curve.sd() / sd - 1);
  return off_mean <= std::max(of_mean * std::abs(mean), errors * sd / std::sqrt(n)) &&
         off_sd <= std::max(of_sd, errors * std::sqrt((std::max(of_normal, fourth) - 1) / (4 * n)));
}

Fit empirical_fit(const Sample& sample, const FitOptions& options, std::string note = {}) {
  constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
  FitPart part{1, "empirical", {}};
  const std::vector<double> table = thinned(sample.sorted, options.table);
  for (const double x : table) part.parameters.emplace_back("value", x);
  Distribution curve = Distribution::empirical(table);
  if (sample.sorted.size() > 1 && !keeps_moments(curve, sample, 0)) part = steps(sample, options), curve = distribution_of(part);
  Fit fit = weighed(sample.cells, curve, "empirical", {part}, static_cast<int>(table.size()), unknown);
  measure(sample.cells, fit);
  fit.note = std::move(note);
  return fit;
}

Fit constant_fit(const Sample& sample, double value, std::string note) {
  Fit fit = weighed(sample.cells, Distribution::constant(value), "constant", {{1, "constant", {{"value", value}}}}, 1, 0);
  fit.ks = 0, fit.ks_p = 1, fit.anderson_darling = 0;  // each value is the constant, as far as can be known
  fit.note = std::move(note);
  return fit;
}

/// Whether all values can be one value, known to the resolution.
bool agree(const Sample& sample) {
  const double low = sample.sorted.front(), high = sample.sorted.back(), range = high - low;
  const double size = std::max(std::abs(low), std::abs(high));
  return range <= 1e-9 * size || (range <= 1.01 * sample.cells.resolution && range <= 0.05 * size);
}

/// The only fit where there is no choice.
std::optional<Fit> without_choice(const Sample& sample, const FitOptions& options) {
  const auto n = sample.sorted.size();
  if (agree(sample)) {
    const double range = sample.sorted.back() - sample.sorted.front();
    const double value = range == 0 ? sample.sorted[0] : sample.cells.mean;
    return constant_fit(sample, value, n == 1 ? "one value" : "all values agree within the resolution");
  }
  if (n < options.fewest) return empirical_fit(sample, options, fmt::format("{} values are too few to choose a family", n));
  return std::nullopt;
}

std::optional<Fit> discrete_fit(const Sample& sample) {
  std::vector<double> values, weights;
  const auto printed = [](double x) { return fmt::format("{:.9g}", x); };  // as scenario_text does: no value twice
  for (const double x : sample.sorted) {
    if (values.empty() || (x > values.back() && (x > values.back() * (1 + 1e-8) || printed(x) != printed(values.back())))) {
      if (values.size() == most_discrete || 5 * values.size() >= sample.sorted.size()) return std::nullopt;
      values.push_back(x);
      weights.push_back(0);
    }
    weights.back() += 1 / static_cast<double>(sample.sorted.size());
  }
  FitPart part{1, "discrete", {}};
  double likelihood = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    likelihood += sample.cells.n * weights[i] * std::log(weights[i]);
    part.parameters.emplace_back("value", values[i]);
    part.parameters.emplace_back("weight", weights[i]);
  }
  const int parameters = 2 * static_cast<int>(values.size()) - 1;
  Fit fit = weighed(sample.cells, Distribution::discrete(values, weights), "discrete", {part}, parameters, likelihood);
  fit.ks = 0, fit.ks_p = 1, fit.anderson_darling = 0;
  return fit;
}

/// A value that repeats, mixed with the family that fits the others best.
std::optional<Fit> with_atom(const Sample& sample) {
  const Cells& cells = sample.cells;
  const auto heaviest = std::max_element(cells.count.begin(), cells.count.end());
  const double together = *heaviest, rest = cells.n - together;
  if (together < std::max(5.0, 0.02 * cells.n) || rest < 10) return std::nullopt;
  const auto at = static_cast<std::size_t>(heaviest - cells.count.begin());
  const Cells others = without(cells, at);
  if (others.x.size() < 3) return std::nullopt;
  std::optional<Curve> best;
  const FitFamily* family = nullptr;
  double least = std::numeric_limits<double>::infinity(), likelihood = 0;
  for (const FitFamily& candidate : fit_families()) {
    const std::optional<Curve> curve = most_likely(candidate, others);
    if (!curve) continue;
    const double own = log_likelihood(others, *curve);
    const double bic = (candidate.n_parameters + candidate.ends) * std::log(others.n) - 2 * own;
    if (bic < least - (family == nullptr ? 0 : bare_mention)) best = curve, family = &candidate, least = bic, likelihood = own;
  }
  if (!best) return std::nullopt;
  // weight of the atom that is most likely when the rest has probability `in` in its cell
  const double in = std::exp(best->log_cell(cells, at));
  const double weight = (together / cells.n - in) / (1 - in);
  if (!(weight > 0 && weight < 1)) return std::nullopt;
  likelihood += together * std::log(weight + (1 - weight) * in) + rest * std::log(1 - weight);
  const double value = cells.x[at];
  return weighed(cells, Distribution::mixture({Distribution::constant(value), best->distribution}, {weight, 1 - weight}),
                 std::string("constant + ") + family->name, {{weight, "constant", {{"value", value}}}, best->part(1 - weight)},
                 family->n_parameters + 2, likelihood, family->ends);
}

/// Families without the empirical distribution and without distances, best first.
std::vector<Fit> ranked(const Sample& sample, const FitOptions& options) {
  std::vector<Fit> fits;
  for (const FitFamily& family : fit_families()) {
    check_interruption();
    if (auto fit = fit_to(family, sample.cells)) fits.push_back(std::move(*fit));
  }
  if (auto fit = discrete_fit(sample)) fits.push_back(std::move(*fit));
  if (options.mixtures && sample.sorted.size() >= fewest_for_mixtures) {
    if (auto fit = with_atom(sample)) fits.push_back(std::move(*fit));
    for (Fit& fit : fit_mixtures(sample.cells)) fits.push_back(std::move(fit));
  }
  std::stable_sort(fits.begin(), fits.end(), [](const Fit& a, const Fit& b) { return a.bic < b.bic; });
  if (!fits.empty()) {
    auto first = fits.begin();
    for (auto fit = fits.begin(); fit != fits.end() && fit->bic < fits.front().bic + bare_mention; ++fit) {
      if (fit->n_parameters < first->n_parameters) first = fit;
    }
    // a curve has as much freedom as so few different values have weights: it would say nothing, or something else between them
    const auto few = std::find_if(fits.begin(), fits.end(), [](const Fit& fit) {
      return fit.family == "discrete" && fit.parts[0].parameters.size() <= 2 * most_taken_as_they_are;
    });
    if (few != fits.end()) first = few;
    std::rotate(fits.begin(), first, first + 1);
  }
  return fits;
}

bool good_enough(const Fit& fit, const Sample& sample, const FitOptions& options) {
  return (fit.ks <= options.largest_ks || fit.ks_p >= options.smallest_p) && keeps_moments(fit.distribution, sample, 2.5);
}

constexpr const char* none_near = "no family is near enough";

}  // namespace

std::vector<std::pair<std::string, double>> Fit::parameters() const {
  if (parts.size() == 1) return parts[0].parameters;
  std::vector<std::pair<std::string, double>> out;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    out.emplace_back(fmt::format("{}.weight", i + 1), parts[i].weight);
    for (const auto& [name, value] : parts[i].parameters) out.emplace_back(fmt::format("{}.{}", i + 1, name), value);
  }
  return out;
}

std::vector<Fit> fit_all(std::vector<double> values, const FitOptions& options) {
  const Sample sample = sample_of(std::move(values), options);
  if (auto only = without_choice(sample, options)) return {std::move(*only)};
  std::vector<Fit> fits = ranked(sample, options);
  for (Fit& fit : fits) measure(sample.cells, fit);
  const bool good = !fits.empty() && good_enough(fits[0], sample, options);
  fits.insert(good ? fits.end() : fits.begin(), empirical_fit(sample, options, good ? "" : none_near));
  return fits;
}

Fit fit_best(std::vector<double> values, const FitOptions& options) {
  const Sample sample = sample_of(std::move(values), options);
  if (auto only = without_choice(sample, options)) return std::move(*only);
  std::vector<Fit> fits = ranked(sample, options);
  if (fits.empty()) return empirical_fit(sample, options, none_near);
  measure(sample.cells, fits[0]);  // the others need none
  return good_enough(fits[0], sample, options) ? std::move(fits[0]) : empirical_fit(sample, options, none_near);
}

Fit fit_family(std::vector<double> values, const std::string& family, const FitOptions& options) {
  const Sample sample = sample_of(std::move(values), options);
  if (agree(sample)) return *without_choice(sample, options);
  const std::string_view searched = family == "truncated normal" ? "normal" : std::string_view(family);
  std::optional<Fit> fit;
  for (const FitFamily& candidate : fit_families()) {
    if (candidate.name == searched) fit = fit_to(candidate, sample.cells);
  }
  if (family == "discrete") fit = discrete_fit(sample);
  if (family.starts_with("constant + ")) fit = with_atom(sample);
  if (family.starts_with("two ")) {
    for (Fit& mixture : fit_mixtures(sample.cells)) {
      if (mixture.family == family) fit = std::move(mixture);
    }
  }
  if (!fit) return empirical_fit(sample, options);
  measure(sample.cells, *fit);
  return std::move(*fit);
}

std::vector<Distribution> bootstrap_fits(const std::vector<double>& values, std::size_t n, std::uint64_t seed,
                                         const FitOptions& options) {
  const std::string family = fit_best(values, options).family;
  FitOptions same = options;
  if (same.resolution < 0) same.resolution = detect_resolution(values);
  const Draws draws{replication_key(seed, 0), stream_id("bootstrap"), 0};
  std::vector<Distribution> out;
  std::vector<double> resample(values.size());
  std::uint64_t draw = 0;
  for (std::size_t i = 0; i < n; ++i) {
    for (double& x : resample) {
      const auto at = static_cast<std::size_t>(draws.uniform(draw++) * static_cast<double>(values.size()));
      x = values[std::min(at, values.size() - 1)];
    }
    out.push_back(fit_family(resample, family, same).distribution);
  }
  return out;
}

std::vector<std::pair<double, double>> qq(const Distribution& distribution, std::vector<double> values, std::size_t n) {
  std::vector<std::pair<double, double>> out;
  if (values.empty()) return out;
  std::sort(values.begin(), values.end());
  const Distribution observed = Distribution::empirical(std::move(values));
  for (std::size_t i = 0; i < n; ++i) {
    const double p = (static_cast<double>(i) + 0.5) / static_cast<double>(n);
    out.emplace_back(distribution.quantile(p), observed.quantile(p));
  }
  return out;
}

Node scenario_node(const Fit& fit, const std::string& unit) {
  const auto number = [](double x) { return Node::scalar(fmt::format("{:.9g}", x)); };
  const auto quantity = [&](double x) { return unit.empty() ? number(x) : Node::scalar(fmt::format("{:.9g} {}", x, unit)); };
  const auto put = [&](Node& map, const FitPart& part) {
    Node& body = map.at(part.key);
    body = part.key == "empirical" ? Node::list() : Node::map();
    for (const auto& [name, value] : part.parameters) {
      if (body.is_list()) body.items.push_back(quantity(value));
      else if (part.key == "discrete" && name == "value") body.at(quantity(value).text);
      else if (part.key == "discrete") body.entries.back().value = number(value);
      else body.at(name) = name == "shape" ? number(value) : quantity(value);
    }
  };
  Node node = Node::map();
  if (fit.parts.size() == 1) {
    put(node, fit.parts[0]);
    return node;
  }
  Node parts = Node::list();
  for (const FitPart& part : fit.parts) {
    Node& map = parts.items.emplace_back(Node::map());
    map.at("weight") = number(part.weight);
    put(map, part);
  }
  node.at("mixture") = std::move(parts);
  return node;
}

Distribution scenario_distribution(const Fit& fit) {
  DistributionValue value(dimension::none);
  Problems problems;
  value.read(scenario_node(fit, ""), "", problems);
  return value.distribution() ? *value.distribution() : fit.distribution;  // numbers beyond any plant
}

std::string parameter_unit(const std::string& parameter, const std::string& unit) {
  return parameter.ends_with("shape") || parameter.ends_with("weight") ? "1" : unit;
}

std::string scenario_text(const Fit& fit, const std::string& unit) { return canonical(scenario_node(fit, unit)); }

}  // namespace retwin

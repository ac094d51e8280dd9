// Lives of which some are censored: fits, likelihood intervals and the Kaplan-Meier estimate.
#include "core/stats/survival.hpp"

#include <algorithm>
#include <boost/math/special_functions/erf.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <boost/math/tools/minima.hpp>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <stdexcept>

#include "core/base/constants.hpp"
#include "core/stats/fit_families.hpp"
#include "core/stats/intervals.hpp"

namespace retwin {

namespace {

bool is_censored(const Lives& lives, std::size_t i) { return !lives.censored.empty() && lives.censored[i]; }

void check(const Lives& lives) {
  if (lives.values.empty()) throw std::invalid_argument("no lives to fit");
  if (!lives.censored.empty() && lives.censored.size() != lives.values.size()) {
    throw std::invalid_argument("as many marks as lives are needed");
  }
  if (!std::all_of(lives.values.begin(), lives.values.end(), [](double x) { return x >= 0 && std::isfinite(x); })) {
    throw std::invalid_argument("lives must be finite and not negative");
  }
}

std::vector<std::size_t> ascending(const Lives& lives) {
  std::vector<std::size_t> order(lives.values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t i, std::size_t j) { return lives.values[i] < lives.values[j]; });
  return order;
}

/// Cells of the ended lives, with the others among them.
Cells cells_of(const Lives& lives, const FitOptions& options) {
  std::vector<double> ended;
  for (std::size_t i = 0; i < lives.values.size(); ++i) {
    if (!is_censored(lives, i)) ended.push_back(lives.values[i]);
  }
  std::sort(ended.begin(), ended.end());
  Cells cells;
  if (!ended.empty()) {
    cells = gather(ended, options.resolution >= 0 ? options.resolution : detect_resolution(ended), options.most_cells);
  }
  std::vector<double> x, count, censored;
  const auto add = [&](double at, double n, double cut) {
    if (x.empty() || at > x.back()) x.push_back(at), count.push_back(0), censored.push_back(0);
    count.back() += n;
    censored.back() += cut;
  };
  std::size_t next = 0;
  for (const std::size_t i : ascending(lives)) {
    if (!is_censored(lives, i)) continue;
    for (; next < cells.x.size() && cells.x[next] <= lives.values[i]; ++next) add(cells.x[next], cells.count[next], 0);
    add(lives.values[i], 0, 1);
  }
  for (; next < cells.x.size(); ++next) add(cells.x[next], cells.count[next], 0);
  cells.x = std::move(x), cells.count = std::move(count), cells.censored = std::move(censored);
  take_logarithms(cells);
  return cells;
}

double ended_of(const Cells& cells) { return std::accumulate(cells.count.begin(), cells.count.end(), 0.0); }

double total_of(const Cells& cells) {
  double total = 0;
  for (std::size_t i = 0; i < cells.x.size(); ++i) total += (cells.count[i] + cells.censored[i]) * cells.x[i];
  return total;
}

/// A positive family of this mean and shape, as likely as the lives make it.
double likelihood_of(const PositiveFamily& family, const Cells& cells, double mean, double shape) {
  std::optional<Curve> curve = family.curve(mean, shape);
  return curve ? log_likelihood(cells, curve->finish()) : -infinity;
}

/// Largest log-likelihood at this mean over the shape, searched about `shape`, which it replaces.
double profile(const PositiveFamily& family, const Cells& cells, double mean, double& shape) {
  if (family.size == 1) return likelihood_of(family, cells, mean, 1);
  std::uintmax_t rounds = 60;
  const double about = std::log(shape);
  const auto [at, least] = boost::math::tools::brent_find_minima(
      [&](double s) {
        const double likelihood = likelihood_of(family, cells, mean, std::exp(s));
        return likelihood > -infinity ? -likelihood : 1e300;
      },
      about - 2, about + 2, 26, rounds);
  shape = std::exp(at);
  return -least;
}

struct Peak {
  double mean = 0, shape = 1, log_likelihood = -infinity;
};

Peak peak_of(const PositiveFamily& family, const Cells& cells) {
  const double start = total_of(cells) / ended_of(cells);
  if (!(start > 0)) return {};
  Peak peak;
  peak.shape = family.first_shape(1, std::clamp(cells.sd / cells.mean, 0.05, 2.0));
  std::uintmax_t rounds = 80;
  const auto [at, least] = boost::math::tools::brent_find_minima(
      [&](double m) {
        double shape = peak.shape;
        const double likelihood = profile(family, cells, std::exp(m), shape);
        return likelihood > -infinity ? -likelihood : 1e300;
      },
      std::log(start) - 3, std::log(start) + 3, 26, rounds);
  peak.mean = std::exp(at);
  peak.log_likelihood = profile(family, cells, peak.mean, peak.shape);
  return least < 1e300 ? peak : Peak{};
}

std::optional<Fit> fit_positive(const PositiveFamily& family, const Lives& lives, const Cells& cells) {
  const Peak peak = peak_of(family, cells);
  std::optional<Curve> curve;
  if (peak.log_likelihood > -infinity) curve = family.curve(peak.mean, peak.shape);
  if (!curve) return std::nullopt;
  Fit fit;
  fit.distribution = curve->distribution;
  fit.family = family.key;
  fit.parts = {curve->part()};
  fit.n_parameters = family.size;
  fit.n = lives.values.size();
  fit.cell = cells.width;
  fit.log_likelihood = peak.log_likelihood;
  fit.aic = 2 * family.size - 2 * peak.log_likelihood;
  fit.bic = family.size * std::log(std::max(1.0, ended_of(cells))) - 2 * peak.log_likelihood;
  double before = 1;
  fit.ks = 0;
  for (const SurvivalStep& step : kaplan_meier(lives)) {
    const double half = cells.width / 2;
    fit.ks = std::max({fit.ks, std::abs(1 - fit.distribution.cdf(step.time - half) - before),
                       std::abs(1 - fit.distribution.cdf(step.time + half) - step.survival.estimate)});
    before = step.survival.estimate;
  }
  return fit;
}

Fit without_ends(const Lives& lives, const Cells& cells) {
  const double total = total_of(cells), mean = total / std::log(2.0);
  Fit fit;
  fit.family = total > 0 ? "exponential" : "constant";
  fit.distribution = total > 0 ? Distribution::exponential(mean) : Distribution::constant(0);
  fit.parts = {{1, fit.family, {{total > 0 ? "mean" : "value", total > 0 ? mean : 0}}}};
  fit.n_parameters = 1;
  fit.n = lives.values.size();
  fit.note = "no life has ended: the mean for which that has a chance of one half";
  return fit;
}

}  // namespace

std::vector<Fit> fit_lives(const Lives& lives, const FitOptions& options) {
  check(lives);
  const Cells cells = cells_of(lives, options);
  const double ended = ended_of(cells);
  if (ended == 0) return {without_ends(lives, cells)};
  std::vector<Fit> fits;
  for (const PositiveFamily& family : positive_families()) {
    if (family.size > 1 && !(ended >= 2 && cells.sd > 0)) continue;
    if (auto fit = fit_positive(family, lives, cells)) fits.push_back(std::move(*fit));
  }
  if (fits.empty()) return {without_ends({{0}, {true}}, {})};  // all lives are 0
  std::stable_sort(fits.begin(), fits.end(), [](const Fit& a, const Fit& b) { return a.bic < b.bic; });
  const auto simple = std::find_if(fits.begin(), fits.end(), [](const Fit& fit) { return fit.n_parameters == 1; });
  if (simple != fits.end() && simple->bic < fits.front().bic + 2) std::rotate(fits.begin(), simple, simple + 1);
  return fits;
}

Bounds mean_interval(const Lives& lives, const std::string& name, double level, const FitOptions& options) {
  check(lives);
  const auto families = positive_families();
  const auto family = std::find_if(families.begin(), families.end(), [&](const PositiveFamily& f) { return f.key == name; });
  if (family == families.end()) throw std::invalid_argument("no such family for lives: " + name);
  const Cells cells = cells_of(lives, options);
  if (ended_of(cells) == 0) return {infinity, -total_of(cells) / std::log(1 - level), infinity, level};
  const Peak peak = peak_of(*family, cells);
  if (!(peak.log_likelihood > -infinity)) return {cells.mean, cells.mean, cells.mean, level};
  const double drop = boost::math::gamma_p_inv(0.5, level);  // half of chi-square's quantile with one degree of freedom
  // outwards in growing steps of the logarithm until the profile has dropped, then halving
  const auto limit = [&](double direction) {
    double inside = std::log(peak.mean), step = direction * 0.02, shape = peak.shape;
    const auto dropped = [&](double at) { return peak.log_likelihood - profile(*family, cells, std::exp(at), shape) > drop; };
    double outside = inside + step;
    while (!dropped(outside)) {
      if (std::abs(outside - std::log(peak.mean)) > 20) return direction > 0 ? infinity : 0.0;
      inside = outside;
      outside += step *= 1.5;
    }
    for (int i = 0; i < 30; ++i) {
      const double middle = (inside + outside) / 2;
      (dropped(middle) ? outside : inside) = middle;
    }
    return std::exp((inside + outside) / 2);
  };
  return {peak.mean, limit(-1), limit(1), level};
}

std::vector<SurvivalStep> kaplan_meier(const Lives& lives, double level) {
  check(lives);
  const double z = -std::sqrt(2.0) * boost::math::erfc_inv(1 + level);  // standard normal's quantile at (1 + level) / 2
  const std::vector<std::size_t> order = ascending(lives);
  std::vector<SurvivalStep> steps;
  double survival = 1, variance = 0;  // of log S
  for (std::size_t i = 0; i < order.size();) {
    SurvivalStep step;
    step.time = lives.values[order[i]];
    step.at_risk = order.size() - i;
    for (; i < order.size() && lives.values[order[i]] == step.time; ++i) step.ended += is_censored(lives, order[i]) ? 0 : 1;
    if (step.ended == 0) continue;
    const double risk = static_cast<double>(step.at_risk), ends = static_cast<double>(step.ended);
    survival *= 1 - ends / risk;
    step.survival.level = level;
    step.survival.estimate = survival;
    if (step.ended < step.at_risk) {
      variance += ends / (risk * (risk - ends));
      const double factor = std::exp(z * std::sqrt(variance) / std::abs(std::log(survival)));
      step.survival.low = std::pow(survival, factor);
      step.survival.high = std::pow(survival, 1 / factor);
    }
    steps.push_back(step);
  }
  return steps;
}

}  // namespace retwin

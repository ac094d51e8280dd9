// The families that are fitted: their densities, and the search variables that keep every point of the search valid.
#include "core/stats/fit_families.hpp"

#include <algorithm>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>
#include <utility>

#include "core/base/constants.hpp"
#include "core/base/problem.hpp"
#include "core/stats/simplex.hpp"

namespace retwin {

namespace {

constexpr double half_log_two_pi = 0.91893853320467274178;
constexpr double least_shape = 0.05,
                 largest_shape = 1e5;  // beyond, a scenario file would refuse it or nothing is random any more
using Constants = std::array<double, 4>;

bool in_range(double mean, double shape) {
  return mean > 1e-100 && mean < 1e100 && shape >= least_shape && shape <= largest_shape;
}

/// A curve with the logarithm of the density as a function of the constants and of x from the origin.
template <class Density>
Curve made(const char* key, Distribution distribution, double scale, Density, Constants c) {
  Curve curve;
  curve.key = key;
  curve.distribution = std::move(distribution);
  curve.scale = scale;
  curve.c = c;
  curve.log_densities = [](const Curve& of, const Cells& cells, std::size_t first, std::span<double> out) {
    const Constants own = of.c;
    const double origin = of.origin, *const x = cells.x.data() + first, *const log_x = cells.log_x.data() + first;
    for (std::size_t i = 0; i < out.size(); ++i) {
      const double from = x[i] - origin;
      if constexpr (std::is_invocable_v<Density, const Constants&, double, double>)
        out[i] = Density()(own, from, origin == 0 ? log_x[i] : std::log(from));
      else out[i] = Density()(own, from);
    }
  };
  return curve;
}

std::optional<Curve> exponential(double mean, double) {
  if (!in_range(mean, 1)) return std::nullopt;
  Curve curve = made("exponential", Distribution::exponential(mean), mean,
                     [](const Constants& c, double x) { return c[0] - x * c[1]; }, {-std::log(mean), 1 / mean});
  curve.named = {{{"mean", mean}}};
  return curve;
}

std::optional<Curve> gamma(double mean, double shape) {
  if (!in_range(mean, shape)) return std::nullopt;
  const double scale = mean / shape;
  Curve curve = made("gamma", Distribution::gamma(mean, mean / std::sqrt(shape)), mean / std::max(1.0, std::sqrt(shape)),
                     [](const Constants& c, double x, double log_x) { return c[0] + c[1] * log_x - x * c[2]; },
                     {-boost::math::lgamma(shape) - shape * std::log(scale), shape - 1, 1 / scale});
  curve.named = {{{"mean", mean}, {"sd", mean / std::sqrt(shape)}}};
  return curve;
}

std::optional<Curve> weibull(double mean, double shape) {
  if (!in_range(mean, shape) || shape > 1000) return std::nullopt;
  const double scale = mean / std::tgamma(1 + 1 / shape);
  Curve curve = made("weibull", Distribution::weibull(shape, scale), mean / std::max(1.0, shape),
                     [](const Constants& c, double, double log_x) {
                       const double power = c[1] * (log_x - c[2]);  // shape log(x / scale)
                       return c[0] + power - log_x - std::exp(power);
                     },
                     {std::log(shape), shape, std::log(scale)});
  curve.named = {{{"shape", shape}, {"scale", scale}}};
  return curve;
}

/// Shape: standard deviation of the logarithm.
std::optional<Curve> lognormal(double mean, double shape) {
  if (!in_range(mean, 1) || !(shape >= 1e-5 && shape <= 5)) return std::nullopt;
  const double sd = mean * std::sqrt(std::expm1(shape * shape)), middle = std::log(mean) - shape * shape / 2;
  Curve curve = made("lognormal", Distribution::lognormal(mean, sd), std::exp(middle) * std::min(1.0, shape),
                     [](const Constants& c, double, double log_x) {
                       const double away = log_x - c[1];
                       return c[0] - log_x - away * away * c[2];
                     },
                     {-std::log(shape) - half_log_two_pi, middle, 1 / (2 * shape * shape)});
  curve.named = {{{"mean", mean}, {"sd", sd}}};
  return curve;
}

const PositiveFamily positive_table[] = {
    {"exponential", 1, exponential, [](double, double) { return 1.0; }},
    {"gamma", 2, gamma, [](double mean, double sd) { return std::clamp((mean / sd) * (mean / sd), 0.06, 9e4); }},
    {"weibull", 2, weibull, [](double mean, double sd) { return std::clamp(std::pow(mean / sd, 1.086), 0.06, 900.0); }},
    {"lognormal", 2, lognormal,
     [](double mean, double sd) { return std::clamp(std::sqrt(std::log1p((sd / mean) * (sd / mean))), 1e-4, 4.0); }},
};

/// Least shift to look at: not below 0 for values that never are.
double least_shift(const Cells& cells) { return cells.non_negative() ? 0 : cells.min() - 10 * cells.sd; }
/// The smallest value may lie anywhere in its cell, so the shift is below the cell's end.
double most_shift(const Cells& cells) { return cells.min() + cells.width / 2; }

// Search variables of the positive families: log mean (from the shift), log shape, logit of the shift between its limits, log of
// what the upper end exceeds the lower end of the largest value's cell by.
std::vector<double> start_positive(const FitFamily& family, const Cells& cells) {
  const PositiveFamily& base = positive_family(family.key);
  const double low = least_shift(cells), high = most_shift(cells);
  double shift = 0;
  if (family.shifted) {
    shift = base.size == 1 ? high - std::min(cells.width, (high - low) / 2) : cells.min() - 0.2 * cells.sd;
    if (shift <= low) shift = (low + high) / 2;
  }
  const double mean = std::max(cells.mean - shift, cells.width / 4);
  std::vector<double> at{std::log(mean)};
  if (base.size == 2) at.push_back(std::log(base.first_shape(mean, cells.sd)));
  if (family.shifted) at.push_back(std::log((shift - low) / (high - shift)));
  if (family.cut) at.push_back(std::log(cells.width));
  return at;
}

std::optional<Curve> curve_positive(const FitFamily& family, const Cells& cells, const std::vector<double>& at) {
  const PositiveFamily& base = positive_family(family.key);
  std::size_t next = 0;
  const double mean = std::exp(at[next++]), shape = base.size == 2 ? std::exp(at[next++]) : 1;
  std::optional<Curve> curve = base.curve(mean, shape);
  if (!curve) return curve;
  const auto parameters = static_cast<std::size_t>(base.size);
  if (family.shifted) {
    const double low = least_shift(cells), high = most_shift(cells);
    curve->origin = high - (high - low) / (1 + std::exp(at[next++]));
    curve->distribution = curve->distribution.shifted(curve->origin);
    curve->named[parameters] = {"shift", curve->origin};
  }
  if (family.cut) {
    const double over = std::exp(at[next]), end = cells.max() - cells.width / 2 + over;
    if (mean > 100 * (cells.max() - curve->origin) || over > cells.max() - curve->origin) return std::nullopt;
    const double inside = curve->distribution.probability(curve->origin, end);
    if (!(inside > 0)) return std::nullopt;
    curve->distribution = curve->distribution.truncated(curve->origin, end);
    curve->c[0] -= std::log(inside);
    curve->named[parameters + 1] = {"max", end};
  }
  curve->finish();
  return curve;
}

std::vector<double> start_normal(const FitFamily&, const Cells&) { return {0, 0}; }
std::optional<Curve> curve_normal(const FitFamily&, const Cells& cells, const std::vector<double>& at) {
  return normal_curve(cells.mean + at[0] * cells.sd, cells.sd * std::exp(at[1]), cells.non_negative());
}

/// Ends: logarithms of what they exceed the inner ends of the outermost cells by.
double low_end(const Cells& cells, double at) {
  const double low = cells.min() + cells.width / 2 - std::exp(at);
  return cells.non_negative() ? std::max(low, 0.0) : low;
}
double high_end(const Cells& cells, double at) { return cells.max() - cells.width / 2 + std::exp(at); }

std::vector<double> start_uniform(const FitFamily&, const Cells& cells) { return {std::log(cells.width), std::log(cells.width)}; }
std::optional<Curve> curve_uniform(const FitFamily&, const Cells& cells, const std::vector<double>& at) {
  const double low = low_end(cells, at[0]), high = high_end(cells, at[1]);
  if (!(low < high) || !std::isfinite(high - low)) return std::nullopt;
  Curve curve = made("uniform", Distribution::uniform(low, high), high - low, [](const Constants& c, double) { return c[0]; },
                     {-std::log(high - low)});
  curve.named = {{{"low", low}, {"high", high}}};
  return curve.finish();
}

std::vector<double> start_triangular(const FitFamily&, const Cells& cells) {
  const double share = (3 * cells.mean - 2 * cells.min() - cells.max()) / (cells.max() - cells.min());
  const double mode = std::clamp(share, 0.05, 0.95), over = std::log(cells.width / 2 + cells.sd / 10);
  return {over, over, std::log(mode / (1 - mode))};
}
std::optional<Curve> curve_triangular(const FitFamily&, const Cells& cells, const std::vector<double>& at) {
  const double low = low_end(cells, at[0]), high = high_end(cells, at[1]);
  if (!(low < high) || !(high - low < 10 * (cells.max() - cells.min() + cells.width))) return std::nullopt;
  const double mode = low + (high - low) / (1 + std::exp(-at[2]));
  Curve curve = made("triangular", Distribution::triangular(low, mode, high), (high - low) / 4,
                     [](const Constants& c, double x) {  // of x from the mode
                       return c[0] + std::log(x < 0 ? 1 + x * c[1] : 1 - x * c[2]);
                     },
                     {std::log(2 / (high - low)), 1 / (mode - low), 1 / (high - mode)});
  curve.origin = mode;
  curve.named = {{{"low", low}, {"mode", mode}, {"high", high}}};
  return curve.finish();
}

bool positive(const Cells& cells) { return cells.non_negative() && cells.max() > cells.width / 2; }
bool can_shift(const Cells& cells) { return most_shift(cells) - least_shift(cells) > cells.width + 1e-3 * cells.sd; }
bool any(const Cells&) { return true; }

// In the order of preference where likelihood and number of parameters do not tell.
const FitFamily family_table[] = {
    {"exponential", "exponential", false, false, 1, 0, positive, start_positive, curve_positive},
    {"normal", nullptr, false, false, 2, 0, any, start_normal, curve_normal},
    {"gamma", "gamma", false, false, 2, 0, positive, start_positive, curve_positive},
    {"lognormal", "lognormal", false, false, 2, 0, positive, start_positive, curve_positive},
    {"weibull", "weibull", false, false, 2, 0, positive, start_positive, curve_positive},
    {"uniform", nullptr, false, false, 2, 2, any, start_uniform, curve_uniform},
    {"shifted exponential", "exponential", true, false, 2, 1, can_shift, start_positive, curve_positive},
    {"triangular", nullptr, false, false, 3, 0, any, start_triangular, curve_triangular},
    {"shifted truncated exponential", "exponential", true, true, 3, 2, can_shift, start_positive, curve_positive},
    {"shifted gamma", "gamma", true, false, 3, 1, can_shift, start_positive, curve_positive},
    {"shifted lognormal", "lognormal", true, false, 3, 1, can_shift, start_positive, curve_positive},
    {"shifted weibull", "weibull", true, false, 3, 1, can_shift, start_positive, curve_positive},
};

}  // namespace

std::span<const PositiveFamily> positive_families() { return positive_table; }

const PositiveFamily& positive_family(const char* key) {
  const auto* const at = std::find_if(std::begin(positive_table), std::end(positive_table),
                                      [key](const PositiveFamily& family) { return std::strcmp(family.key, key) == 0; });
  RETWIN_CHECK(at != std::end(positive_table));
  return *at;
}

std::span<const FitFamily> fit_families() { return family_table; }

std::optional<Curve> normal_curve(double mean, double sd, bool non_negative) {
  if (!(sd > 0) || !std::isfinite(sd) || !std::isfinite(mean)) return std::nullopt;
  Curve curve =
      made("normal", Distribution::normal(mean, sd), sd, [](const Constants& c, double x) { return c[0] - x * x * c[1]; },
           {-std::log(sd) - half_log_two_pi, 1 / (2 * sd * sd)});
  curve.origin = mean;
  curve.named = {{{"mean", mean}, {"sd", sd}}};
  if (non_negative) {
    const double inside = curve.distribution.probability(0, infinity);
    if (!(inside > 1e-3)) return std::nullopt;  // the far tail of a normal is an exponential
    curve.distribution = curve.distribution.truncated(0, infinity);
    curve.c[0] -= std::log(inside);
    curve.named[2] = {"min", 0};
  }
  return curve.finish();
}

std::optional<Curve> most_likely(const FitFamily& family, const Cells& cells) {
  if (!family.applies(cells)) return std::nullopt;
  const auto minus = [&](const std::vector<double>& at) {
    const std::optional<Curve> curve = family.curve(family, cells, at);
    const double likelihood = curve ? log_likelihood(cells, *curve) : -infinity;
    return likelihood > -infinity ? -likelihood : infinity;
  };
  std::vector<double> at = family.start(family, cells);
  const bool searched = family.n_parameters > 1 || cells.width > 0.05 * cells.spread || !cells.censored.empty();
  if (searched) {
    // once more from where it ended, as a simplex may collapse early
    simplex_minimise(minus, at, 0.4, 1e-4, 250);
    simplex_minimise(minus, at, 0.1, 1e-6, 250);
  }
  std::optional<Curve> curve = family.curve(family, cells, at);
  if (!curve || !(log_likelihood(cells, *curve) > -infinity)) return std::nullopt;
  return curve;
}

std::optional<Fit> fit_to(const FitFamily& family, const Cells& cells) {
  const std::optional<Curve> curve = most_likely(family, cells);
  if (!curve) return std::nullopt;
  std::string name = family.name;
  if (name == "normal" && curve->distribution.low() == 0 && curve->named[0].value < 4 * curve->named[1].value) {
    name = "truncated normal";
  }
  return weighed(cells, curve->distribution, name, {curve->part()}, family.n_parameters, log_likelihood(cells, *curve),
                 family.ends);
}

}  // namespace retwin

// Distributions fitted to observed values: maximum likelihood of every family, and the choice between them.
#pragma once
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/base/node.hpp"
#include "core/stats/distribution.hpp"

namespace retwin {

/// One term of a fitted distribution, as a scenario file names it: {weibull: {shape: 2, scale: 30 min}}.
struct FitPart {
  double weight = 1;
  std::string key;  ///< of the family in scenario files
  std::vector<std::pair<std::string, double>> parameters;
};

/// A distribution fitted to values, and how well it fits. [unit of the values]
struct Fit {
  Distribution distribution;
  std::string family;          ///< e.g. "shifted exponential", "constant + gamma", "two lognormals", "empirical"
  std::vector<FitPart> parts;  ///< one, or those of a mixture; a mixture's weights sum to 1
  int n_parameters = 0;
  std::size_t n = 0;
  /// Of the values known to within `cell` (see FitOptions); comparable between the fits of one call only. NaN for "empirical".
  double log_likelihood = std::numeric_limits<double>::quiet_NaN();
  double aic = std::numeric_limits<double>::quiet_NaN();  ///< Akaike, IEEE Trans. Autom. Control 19, 1974
  double bic = std::numeric_limits<double>::quiet_NaN();  ///< Schwarz, Annals of Statistics 6, 1978; see fit_all
  /// Largest distance to the distribution function of the values. Values of one cell are spread evenly over its probability.
  double ks = std::numeric_limits<double>::quiet_NaN();
  /// Of Kolmogorov's test; too large, as the parameters were fitted to the same values.
  double ks_p = std::numeric_limits<double>::quiet_NaN();
  double anderson_darling = std::numeric_limits<double>::quiet_NaN();
  double cell = 0;   ///< width of the cells of the likelihood
  std::string note;  ///< why there was no choice, if there was none
  /// (name, value) of every parameter; of a mixture with the number of the part, "1.weight", "1.mean", ...
  std::vector<std::pair<std::string, double>> parameters() const;
};

/// How to fit.
struct FitOptions {
  /// Values were rounded to multiples of this; negative: the largest of 900, 300, 60, 10, 5, 1, .1, ... 1e-6 that divides all.
  double resolution = -1;
  std::size_t fewest = 10;   ///< values needed for a choice; fewer are taken as they are
  double largest_ks = 0.05;  ///< a family is good enough if its KS distance is at most this ...
  double smallest_p = 0.05;  ///< ... or the p-value at least this; if the best is not, the empirical distribution comes first
  bool mixtures = true;      ///< try two-component mixtures (from 30 values on)
  /// More different values are gathered in cells; the spread (see fit_all) has a quarter as many.
  std::size_t most_cells = 4000;
  std::size_t table = 1001;  ///< most values kept by the empirical distribution (evenly spaced order statistics beyond)
};

/// Fits every family that can have produced the values; best first.
///
/// Families: constant, discrete (at most 20 values, each five times on average), exponential, gamma, lognormal, weibull (each
/// also shifted), shifted truncated exponential, normal (truncated at 0 if no value is negative), uniform, triangular, constant +
/// one of these where a value repeats, two exponentials, lognormals or normals; and the empirical distribution.
///
/// Likelihood: the probability of the cell in which each value is known to lie, as wide as the resolution, but at least 1/1000 of
/// the spread (the smaller of sd and interquartile range / 1.349). So ties and zeros give no infinite likelihoods, a shift cannot
/// buy likelihood from the smallest value alone, and discrete and continuous families compare. More than 4,000 different values
/// are gathered in such cells: cost and memory beyond sorting do not grow with the number of values. With fewer and wider cells
/// (most_cells, not below some 800, or the densest are taken for values that repeat) parameters move by the square of the cell,
/// some 1e-6 of the spread, but for shifts and ends, which are known to a cell.
///
/// Order: BIC, in which a parameter counts twice if it is an end where the density is cut off (a shift, the ends of a uniform):
/// such an end is known to 1/n, not to 1/sqrt(n), and the criterion's log(n) / 2 is the logarithm of that. Yet among those within
/// 2 of the best (Kass & Raftery, JASA 90, 1995: "not worth more than a bare mention") the one with the fewest parameters comes
/// first; the empirical distribution is last, or first if the best family is not good enough: by its distance, or because its mean or
/// standard deviation, rounded as the values are, is another one than theirs (1 %, 5 %, or two and a half standard errors, if these are more).
/// The empirical distribution is a curve through the values, or the values as steps where a curve has another mean or deviation (1 %, 5 %).
///
/// Without a choice (note says so): constant if the values agree within the resolution (and 5 %); below `fewest` values
/// empirical. At most four different values (each five times on average) are taken as they are, whatever the criterion: discrete.
/// @throws std::invalid_argument if there is no value or one is not finite.
std::vector<Fit> fit_all(std::vector<double> values, const FitOptions& options = {});
/// The first of fit_all.
Fit fit_best(std::vector<double> values, const FitOptions& options = {});
/// One family by its name in fit_all ("gamma", "shifted weibull", ...), whatever the others say; empirical if it cannot be
/// fitted.
Fit fit_family(std::vector<double> values, const std::string& family, const FitOptions& options = {});

/// The family that fits best, fitted again to resamples with replacement: what the data leave open about it. Resamples repeat the
/// smallest value often, so that the spread of a shift is understated (Efron & Tibshirani, An Introduction to the Bootstrap,
/// 1993).
std::vector<Distribution> bootstrap_fits(const std::vector<double>& values, std::size_t n, std::uint64_t seed = 1,
                                         const FitOptions& options = {});

/// (fitted, observed) quantiles at (i + 1/2) / n for a quantile-quantile plot.
std::vector<std::pair<double, double>> qq(const Distribution& distribution, std::vector<double> values, std::size_t n = 100);

/// The fit as a scenario file has it, to nine digits, numbers with this unit: {exponential: {mean: 60 s, shift: 600 s}}.
Node scenario_node(const Fit& fit, const std::string& unit);
/// The distribution that is read of it. @param unit that of SI
Distribution scenario_distribution(const Fit& fit);
/// The same as text, in flow style.
std::string scenario_text(const Fit& fit, const std::string& unit);
/// Unit of a parameter of a fit to values in `unit`: shapes and weights have none, "1".
std::string parameter_unit(const std::string& parameter, const std::string& unit);

/// The step to which values were rounded, 0 if none is seen.
double detect_resolution(std::span<const double> values);

}  // namespace retwin

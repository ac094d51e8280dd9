// Distributions by inversion: one uniform number in, one value out, the same on every machine.
#pragma once
#include <cmath>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace retwin {

enum class Family : std::uint8_t {
  constant,
  exponential,
  uniform,
  triangular,
  normal,
  lognormal,
  gamma,
  weibull,
  beta,
  poisson,
  empirical,
  discrete,
  mixture
};

/// A distribution as a value: family, up to four parameters, optional shift and truncation. Immutable once made, cheap to copy
/// (tables are shared) and safe to share between threads.
/// Parameters are those of the variable itself (mean, sd), converted once. Sampling is by inversion: own closed forms, else
/// Boost.Math quantiles. Makers RETWIN_CHECK their parameters; files are checked before, by DistributionValue.
class Distribution {
 public:
  Distribution() = default;  ///< constant 0
  static Distribution constant(double value);
  static Distribution exponential(double mean);
  static Distribution uniform(double low, double high);
  static Distribution triangular(double low, double mode, double high);
  static Distribution normal(double mean, double sd);
  static Distribution lognormal(double mean, double sd);  ///< mean and sd of the variable itself
  static Distribution gamma(double mean, double sd);
  static Distribution erlang(int k, double mean);  ///< gamma of integer shape; mean of the whole
  static Distribution weibull(double shape, double scale);
  static Distribution beta(double alpha, double beta, double low, double high);
  static Distribution poisson(double mean);
  /// Linear between the sorted values, smallest and largest value being the ends; so its mean is that of the midpoints, not
  /// exactly that of the values.
  static Distribution empirical(std::vector<double> values);
  static Distribution discrete(std::vector<double> values, std::vector<double> weights);
  /// Part by weight. One uniform is enough: it picks the part and, rescaled, samples it.
  static Distribution mixture(std::vector<Distribution> parts, std::vector<double> weights);
  /// Two exponentials with balanced means and this squared coefficient of variation (>= 1):
  /// p = (1 + sqrt((scv - 1) / (scv + 1))) / 2, rates 2p/mean and 2(1-p)/mean (Tijms, A First Course in Stochastic Models, 2003).
  static Distribution hyperexponential(double mean, double scv);

  Distribution shifted(double by) const { return transformed(by, 1); }
  /// Conditioned on [low, high] (inversion of the conditional distribution, no rejection); probability(low, high) must not be 0.
  Distribution truncated(double low, double high) const;
  /// Multiplied by a factor >= 0; 0 gives the constant 0.
  Distribution scaled(double factor) const { return transformed(0, factor); }

  /// Value at the uniform u in (0, 1).
  double sample(double u) const {
    if (plain_) {
      if (family_ == Family::exponential) return -a_ * std::log(u);
      if (family_ == Family::constant) return a_;
    }
    return sample_general(u);
  }
  double mean() const;  ///< closed form; after truncation of a continuous family by numerical integration of the quantile
  double sd() const;    ///< likewise
  double quantile(double p) const;  ///< increasing in p (the exponential samples with the reflected uniform); ends for 0 and 1
  double cdf(double x) const;       ///< probability of at most x
  double probability(double low, double high) const;  ///< of a value in [low, high], ends included
  double low() const;                                 ///< smallest possible value, -inf if none
  double high() const;                                ///< largest possible value, inf if none
  bool is_constant() const { return family_ == Family::constant; }
  Family family() const { return family_; }
  /// neither shifted nor truncated, and exponential or constant: the two that the engine samples inline
  bool plain() const { return plain_; }
  double first_parameter() const { return a_; }
  /// What a maker would need, each parameter by its name in scenario files.
  struct Recipe {
    const char* family = "";
    std::vector<std::pair<const char*, double>> parameters;
    std::vector<double> values;   ///< empirical, discrete
    std::vector<double> weights;  ///< discrete, mixture
    std::vector<Distribution> parts;
    std::optional<double> shift, min, max;
  };
  Recipe recipe() const;
  std::string text() const;  ///< e.g. "lognormal(mean 7200, sd 1500)" in SI

 private:
  struct Table;
  /// Probabilities on both sides of a point, each accurate in its own tail.
  struct Tails {
    double below;  ///< at most x (or less than x, if strict)
    double above;  ///< 1 - below
  };
  struct Moments {
    double mean, sd;
  };
  static Distribution make(Family family, double a, double b = 0, double c = 0, double d = 0);
  Distribution transformed(double by, double factor) const;
  double sample_general(double u) const;
  double value_at(double p, double q) const;       // p + q = 1
  double base_quantile(double p, double q) const;  // before truncation, scale and shift; likewise below
  Tails base_tails(double x, bool strict) const;
  double base_low() const;
  double base_high() const;
  Moments base_moments() const;
  Moments empirical_moments() const;
  Moments poisson_moments() const;
  Moments integrated_moments() const;
  Tails tails(double x, bool strict) const;
  double inside(Tails low, Tails high) const;

  Family family_ = Family::constant;
  bool plain_ = true;
  bool cut_ = false;                           // truncated
  double a_ = 0, b_ = 0, c_ = 0, d_ = 0;       // parameters of the family, see distribution.cpp
  double shift_ = 0, scale_ = 1;               // value = shift + scale * base
  double cut_low_ = 0, cut_high_ = 0;          // truncation in terms of the base ...
  double below_ = 0, above_ = 0, inside_ = 1;  // ... and its probabilities
  std::shared_ptr<const Table> table_;
};

}  // namespace retwin

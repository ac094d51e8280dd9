// Values gathered in cells, and the likelihood and distances of a distribution there (private to core/stats).
#pragma once
#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "core/stats/fit.hpp"

namespace retwin {

/// Sorted values with their counts; each is known to lie within width / 2.
struct Cells {
  std::vector<double> x;         ///< ascending
  std::vector<double> count;     ///< observed there
  std::vector<double> censored;  ///< known only to exceed x; empty if there are none
  double resolution = 0, width = 0;
  double n = 0, mean = 0, sd = 0, spread = 0;
  double min() const { return x.front(); }
  double max() const { return x.back(); }
  bool non_negative() const { return x.front() >= 0; }
};
/// @param sorted ascending, at least one
Cells gather(std::span<const double> sorted, double resolution);
/// Without the cell at index `leave_out`; at least one must remain.
Cells without(const Cells& cells, std::size_t leave_out);
/// Count, mean, sd and spread from x and count.
void summarise(Cells& cells);

/// A distribution of one family with its density, ready for many evaluations.
struct Curve {
  struct Named {
    const char* name;
    double value;
  };
  Distribution distribution;
  double (*log_density)(const std::array<double, 4>& c, double x) = nullptr;  ///< of x - origin
  std::array<double, 4> c{};                                                  ///< constants of the density
  double origin = 0;
  double scale = 0;              ///< on which the density changes
  std::array<Named, 4> named{};  ///< parameters, as many as have a name
  const char* key = nullptr;
  FitPart part(double weight = 1) const;
  /// Logarithm of the probability of the cell of width w around x: by the density where it is smooth (midpoint rule), else by the
  /// distribution function.
  double log_cell(double x, double w) const {
    if (w <= 0.05 * scale && x - low_ >= 8 * w && high_ - x >= 8 * w) return log_density(c, x - origin) + std::log(w);
    return log_cell_exactly(x, w);
  }
  /// Keeps the ends of the distribution; call once it is made.
  Curve& finish() {
    low_ = distribution.low();
    high_ = distribution.high();
    return *this;
  }

 private:
  double log_cell_exactly(double x, double w) const;
  double low_ = 0, high_ = 0;
};

double log_likelihood(const Cells& cells, const Curve& curve);

/// Fit with the distances of its distribution to the cells and the criteria that follow from the likelihood.
/// @param ends how many of the parameters are ends, see fit_all
Fit judged(const Cells& cells, Distribution distribution, std::string family, std::vector<FitPart> parts, int n_parameters,
           double log_likelihood, int ends = 0);

/// Two-component mixtures by expectation and maximisation, those that the values admit.
std::vector<Fit> fit_mixtures(const Cells& cells);

}  // namespace retwin

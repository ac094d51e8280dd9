// Values gathered in cells, and the likelihood and distances of a distribution there (private to core/stats).
#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "core/stats/fit.hpp"

namespace retwin {

/// Sorted values with their counts; each is known to lie within width / 2.
struct Cells {
  std::vector<double> x;         ///< ascending
  std::vector<double> log_x;     ///< see take_logarithms
  std::vector<double> count;     ///< observed there
  std::vector<double> censored;  ///< known only to exceed x; empty if there are none
  double resolution = 0, width = 0;
  double n = 0, mean = 0, sd = 0, spread = 0;
  double min() const { return x.front(); }
  double max() const { return x.back(); }
  bool non_negative() const { return x.front() >= 0; }
};
/// @param sorted ascending, at least one
/// @param most see FitOptions::most_cells
Cells gather(std::span<const double> sorted, double resolution, std::size_t most);
/// Without the cell at index `leave_out`; at least one must remain.
Cells without(const Cells& cells, std::size_t leave_out);
/// Count, mean, sd and spread from x and count.
void summarise(Cells& cells);
/// Logarithms of x, once for all densities that need them; nan where x is negative.
void take_logarithms(Cells& cells);

/// A distribution of one family with its density, ready for many evaluations.
struct Curve {
  struct Named {
    const char* name;
    double value;
  };
  Distribution distribution;
  /// Logarithm of the density at the cells [first, first + size of out).
  void (*log_densities)(const Curve& curve, const Cells& cells, std::size_t first, std::span<double> out) = nullptr;
  std::array<double, 4> c{};  ///< constants of the density of x - origin
  double origin = 0;
  double scale = 0;              ///< on which the density changes
  std::array<Named, 4> named{};  ///< parameters, as many as have a name
  const char* key = nullptr;
  FitPart part(double weight = 1) const;
  /// Logarithm of the probability of each cell in its turn: by the density where it is smooth (midpoint rule), else by the
  /// distribution function. Ends as soon as `use`, of the number of the cell and that logarithm, returns false.
  template <class Use>
  void each_log_cell(const Cells& cells, Use use) const;
  double log_cell(const Cells& cells, std::size_t cell) const;
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

template <class Use>
void Curve::each_log_cell(const Cells& cells, Use use) const {
  const double w = cells.width, log_w = std::log(w);
  const auto begin = cells.x.begin(), end = cells.x.end();
  auto from = begin, to = begin;  // where the density is smooth
  if (w <= 0.05 * scale) {
    from = std::partition_point(begin, end, [&](double x) { return !(x - low_ >= 8 * w); });
    to = std::partition_point(from, end, [&](double x) { return high_ - x >= 8 * w; });
  }
  const auto first = static_cast<std::size_t>(from - begin), last = static_cast<std::size_t>(to - begin);
  for (std::size_t i = 0; i < first; ++i)
    if (!use(i, log_cell_exactly(cells.x[i], w))) return;
  std::array<double, 256> some;
  for (std::size_t i = first; i < last;) {
    const std::span<double> out(some.data(), std::min(some.size(), last - i));
    log_densities(*this, cells, i, out);
    for (const double log_density : out)
      if (!use(i++, log_density + log_w)) return;
  }
  for (std::size_t i = last; i < cells.x.size(); ++i)
    if (!use(i, log_cell_exactly(cells.x[i], w))) return;
}

double log_likelihood(const Cells& cells, const Curve& curve);

/// Fit with the criteria that follow from the likelihood, without distances.
/// @param ends how many of the parameters are ends, see fit_all
Fit weighed(const Cells& cells, Distribution distribution, std::string family, std::vector<FitPart> parts, int n_parameters,
            double log_likelihood, int ends = 0);

/// Distances of its distribution to the cells, unless they are known.
void measure(const Cells& cells, Fit& fit);

/// Two-component mixtures by expectation and maximisation, those that the values admit.
std::vector<Fit> fit_mixtures(const Cells& cells);

}  // namespace retwin

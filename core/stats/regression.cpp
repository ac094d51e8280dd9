// Least squares with intercept.
#include "core/stats/regression.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <boost/math/special_functions/beta.hpp>
#include <cmath>
#include <stdexcept>

namespace retwin {

namespace {

using Eigen::Index;

void check(std::span<const double> y, const std::vector<std::vector<double>>& predictors) {
  const auto finite = [](double x) { return std::isfinite(x); };
  bool good = !y.empty() && std::all_of(y.begin(), y.end(), finite);
  for (const auto& column : predictors) {
    good = good && column.size() == y.size() && std::all_of(column.begin(), column.end(), finite);
  }
  if (!good) throw std::invalid_argument("a regression needs finite values, as many of each predictor as of the outcome");
}

/// Upper tail of F with these degrees of freedom.
double f_tail(double f, double above, double below) {
  return f < std::numeric_limits<double>::infinity() ? boost::math::ibeta(below / 2, above / 2, below / (below + above * f)) : 0;
}

}  // namespace

double Regression::predict(std::span<const double> predictors) const {
  double out = coefficients.at(0).estimate();
  for (std::size_t j = 0; j < predictors.size(); ++j) out += coefficients.at(j + 1).estimate() * predictors[j];
  return out;
}

Regression regress(std::span<const double> y, const std::vector<std::vector<double>>& predictors, double level) {
  check(y, predictors);
  const auto n = static_cast<Index>(y.size()), p = static_cast<Index>(predictors.size());
  // centred and scaled, so that large offsets cost no digits and the rank does not depend on units
  const Eigen::Map<const Eigen::VectorXd> outcome(y.data(), n);
  const double middle = outcome.mean();
  const Eigen::VectorXd centred = outcome.array() - middle;
  Eigen::MatrixXd x(n, p);
  Eigen::VectorXd offset(p), size(p);
  for (Index j = 0; j < p; ++j) {
    const Eigen::Map<const Eigen::VectorXd> column(predictors[static_cast<std::size_t>(j)].data(), n);
    offset[j] = column.mean();
    x.col(j) = column.array() - offset[j];
    const bool constant = x.col(j).norm() <= 1e-12 * column.norm();
    size[j] = constant ? 1 : x.col(j).norm();
    x.col(j) = constant ? Eigen::VectorXd::Zero(n) : Eigen::VectorXd(x.col(j) / size[j]);
  }
  Regression out;
  out.n = y.size();
  Eigen::VectorXd slopes = Eigen::VectorXd::Zero(p);
  Eigen::MatrixXd inverse = Eigen::MatrixXd::Zero(p, p);
  Index rank = 0;
  if (p > 0) {
    Eigen::CompleteOrthogonalDecomposition<Eigen::MatrixXd> decomposition(p, p);
    decomposition.setThreshold(1e-10);
    decomposition.compute(x);
    rank = decomposition.rank();
    slopes = decomposition.solve(centred);
    if (rank == p) {  // x = Q T P', so the inverse of x'x is P T^-1 T^-1' P'; a pseudoinverse of x would take n x n numbers
      Eigen::MatrixXd factor = Eigen::MatrixXd::Identity(p, p);
      decomposition.matrixT().topLeftCorner(p, p).triangularView<Eigen::Upper>().solveInPlace(factor);
      factor = decomposition.colsPermutation() * factor;
      inverse = factor * factor.transpose();
    }
  }
  out.rank = static_cast<std::size_t>(rank) + 1;
  const double residual = (centred - x * slopes).squaredNorm(), total = centred.squaredNorm();
  const double freedom = static_cast<double>(n - 1 - rank), explained = static_cast<double>(rank);
  const double variance = freedom > 0 ? residual / freedom : std::numeric_limits<double>::quiet_NaN();
  const bool unique = rank == p && freedom > 0;
  const double quantile = freedom > 0 ? student_quantile((1 + level) / 2, freedom) : 0;
  const auto coefficient = [&](double estimate, double leverage) {
    Coefficient c;
    c.interval = {estimate, std::numeric_limits<double>::quiet_NaN(), level, out.n};
    if (!unique) return c;
    c.standard_error = std::sqrt(variance * leverage);
    c.interval.half_width = quantile * c.standard_error;
    c.t = estimate / c.standard_error;
    c.p_value = c.standard_error > 0 ? f_tail(c.t * c.t, 1, freedom) : (estimate == 0 ? 1 : 0);
    return c;
  };
  const Eigen::VectorXd unscaled = slopes.cwiseQuotient(size), means = offset.cwiseQuotient(size);
  out.coefficients.push_back(coefficient(middle - unscaled.dot(offset), 1 / static_cast<double>(n) + means.dot(inverse * means)));
  for (Index j = 0; j < p; ++j) out.coefficients.push_back(coefficient(unscaled[j], inverse(j, j) / (size[j] * size[j])));
  out.residual_sd = std::sqrt(variance);
  if (total > 0) out.r2 = 1 - residual / total;
  if (total > 0 && freedom > 0) {
    out.adjusted_r2 = 1 - variance / (total / static_cast<double>(n - 1));
    if (rank > 0) {
      out.f = (total - residual) / explained / variance;
      out.f_p_value = f_tail(std::max(0.0, out.f), explained, freedom);
    }
  }
  return out;
}

}  // namespace retwin

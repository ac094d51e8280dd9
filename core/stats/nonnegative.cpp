// Least squares with coefficients that cannot be negative, by active sets.
#include "core/stats/nonnegative.hpp"

#include <fmt/format.h>

#include <Eigen/QR>
#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

#include "core/base/constants.hpp"

namespace retwin {
namespace {

using Matrix = Eigen::MatrixXd;
using Vector = Eigen::VectorXd;
using Index = Eigen::Index;

constexpr double negligible = 1e-10;  // of a column of length 1

void check(const std::vector<std::vector<double>>& rows, const std::vector<double>& targets) {
  std::string wrong;
  const auto say = [&](const std::string& line) { wrong += "\n  " + line; };
  const auto finite = [](double x) { return std::isfinite(x); };
  if (rows.empty()) say("there are no rows");
  if (!rows.empty() && rows.front().empty()) say("there are no columns");
  if (targets.size() != rows.size()) say(fmt::format("{} targets are given for {} rows", targets.size(), rows.size()));
  const auto odd = std::count_if(rows.begin(), rows.end(), [&](const auto& row) { return row.size() != rows.front().size(); });
  if (odd > 0) say(fmt::format("{} rows have another length than the first", odd));
  const auto bad =
      std::count_if(rows.begin(), rows.end(), [&](const auto& r) { return !std::all_of(r.begin(), r.end(), finite); });
  if (bad > 0) say(fmt::format("{} rows have a value that is not finite", bad));
  if (!std::all_of(targets.begin(), targets.end(), finite)) say("a target is not finite");
  if (!wrong.empty()) throw std::invalid_argument("no least squares:" + wrong);
}

/// Columns of `a` in the list.
Matrix columns(const Matrix& a, const std::vector<Index>& list) {
  Matrix out(a.rows(), static_cast<Index>(list.size()));
  for (std::size_t i = 0; i < list.size(); ++i) out.col(static_cast<Index>(i)) = a.col(list[i]);
  return out;
}

/// Least squares over the columns in the list, which should not depend on one another.
struct Solution {
  Vector x;
  bool independent;
};
Solution solve(const Matrix& a, const Vector& b, const std::vector<Index>& list) {
  Eigen::ColPivHouseholderQR<Matrix> qr;
  qr.setThreshold(negligible);
  qr.compute(columns(a, list));
  return {qr.solve(b), qr.rank() == static_cast<Index>(list.size())};
}

/// From x towards s until the first coefficients reach 0; these leave the free ones.
void step_to_boundary(std::vector<Index>& free, const Vector& s, Vector& x) {
  const auto reached = [&](std::size_t i) { return x(free[i]) / (x(free[i]) - s(static_cast<Index>(i))); };
  double step = 1;
  for (std::size_t i = 0; i < free.size(); ++i)
    if (s(static_cast<Index>(i)) <= 0) step = std::min(step, reached(i));
  std::vector<Index> left;
  for (std::size_t i = 0; i < free.size(); ++i) {
    const bool stops = s(static_cast<Index>(i)) <= 0 && !(reached(i) > step);
    double& value = x(free[i]);
    value = stops ? 0 : value + step * (s(static_cast<Index>(i)) - value);
    if (!stops) left.push_back(free[i]);
  }
  free = left;
}

/// Lawson & Hanson's algorithm NNLS; columns of length 1 (or 0). Returns the columns that are free, x their values.
std::vector<Index> active_sets(const Matrix& a, const Vector& b, Vector& x) {
  std::vector<Index> free;
  x = Vector::Zero(a.cols());
  const double tolerance = 1e-12 * b.norm();
  std::vector<bool> barred(static_cast<std::size_t>(a.cols()));
  // each round lowers the sum of squares, so that no set of columns returns; the bound is against rounding
  for (Index round = 0; round < 30 * a.cols(); ++round) {
    const Vector gradient = a.transpose() * (b - a * x);
    Index best = -1;
    for (Index j = 0; j < a.cols(); ++j) {
      const bool may = !barred[static_cast<std::size_t>(j)] && std::find(free.begin(), free.end(), j) == free.end();
      if (may && gradient(j) > tolerance && (best < 0 || gradient(j) > gradient(best))) best = j;
    }
    if (best < 0) break;
    free.push_back(best);
    Solution s = solve(a, b, free);
    if (!s.independent || s.x(s.x.size() - 1) <= 0) {  // says nothing new, or its gradient was rounding
      free.pop_back();
      barred[static_cast<std::size_t>(best)] = true;
      continue;
    }
    while (!free.empty() && s.x.minCoeff() <= 0) {
      step_to_boundary(free, s.x, x);
      if (!free.empty()) s = solve(a, b, free);
    }
    for (std::size_t i = 0; i < free.size(); ++i) x(free[i]) = s.x(static_cast<Index>(i));
    std::fill(barred.begin(), barred.end(), false);
  }
  return free;
}

/// Columns that no combination of columns equal to 0 moves.
std::vector<bool> independent(const Matrix& a) {
  std::vector<bool> out(static_cast<std::size_t>(a.cols()));
  const Eigen::ColPivHouseholderQR<Matrix> qr(a.transpose());
  const Index rank = (qr.matrixR().diagonal().cwiseAbs().array() > negligible).count();
  const Matrix q = qr.householderQ();
  for (Index j = 0; j < a.cols(); ++j) out[static_cast<std::size_t>(j)] = q.row(j).tail(q.cols() - rank).norm() < 1e-6;
  return out;
}

}  // namespace

NonnegativeFit nonnegative_least_squares(const std::vector<std::vector<double>>& rows, const std::vector<double>& targets) {
  check(rows, targets);
  const auto n = static_cast<Index>(rows.size()), p = static_cast<Index>(rows.front().size());
  Matrix a(n, p);
  for (Index i = 0; i < n; ++i) a.row(i) = Eigen::Map<const Eigen::RowVectorXd>(rows[static_cast<std::size_t>(i)].data(), p);
  const Vector b = Eigen::Map<const Vector>(targets.data(), n);
  Vector scale = a.colwise().stableNorm();
  for (Index j = 0; j < p; ++j)
    if (scale(j) > 0) a.col(j) /= scale(j);

  // rotated so that only the first p rows count; the rest of b is out of reach
  const Eigen::HouseholderQR<Matrix> qr(a);
  const Index m = std::min(n, p);
  const Matrix r = qr.matrixQR().topRows(m).triangularView<Eigen::Upper>();
  const Vector rotated = (qr.householderQ().transpose() * b).head(m);
  Vector x;
  const std::vector<Index> free = active_sets(r, rotated, x);

  NonnegativeFit fit;
  fit.identified = independent(r);
  fit.residual_squares = (b - a * x).squaredNorm();
  const double about_mean = (b.array() - b.mean()).matrix().squaredNorm();
  if (about_mean > 0) fit.r2 = 1 - fit.residual_squares / about_mean;
  fit.degrees_of_freedom = static_cast<std::size_t>(n) - free.size();
  if (fit.degrees_of_freedom > 0) fit.residual_sd = std::sqrt(fit.residual_squares / static_cast<double>(fit.degrees_of_freedom));
  fit.values.assign(static_cast<std::size_t>(p), 0);
  fit.standard_errors.assign(static_cast<std::size_t>(p), nan);
  if (free.empty()) return fit;
  const auto k = static_cast<Index>(free.size());
  const Matrix of_free = Eigen::HouseholderQR<Matrix>(columns(r, free)).matrixQR().topRows(k);
  const Matrix inverse = of_free.triangularView<Eigen::Upper>().solve(Matrix::Identity(k, k));
  for (Index i = 0; i < k; ++i) {
    const Index j = free[static_cast<std::size_t>(i)];
    fit.values[static_cast<std::size_t>(j)] = x(j) / scale(j);
    if (fit.identified[static_cast<std::size_t>(j)])
      fit.standard_errors[static_cast<std::size_t>(j)] = fit.residual_sd * inverse.row(i).norm() / scale(j);
  }
  return fit;
}

}  // namespace retwin

// Data reconciliation: projection of unmeasured streams, weighted least squares, tests and serial elimination.
#include "core/telemetry/balances/reconciliation.hpp"

#include <fmt/format.h>

#include <Eigen/QR>
#include <algorithm>
#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/normal.hpp>
#include <cmath>
#include <numeric>
#include <set>
#include <stdexcept>

#include "core/base/constants.hpp"

namespace retwin {

const char* const flow_class_names[4] = {"redundant", "nonredundant", "observable", "unobservable"};

namespace {

using Real = long double;  // 64 bits of mantissa: standard deviations may differ by 1e6 without loss in the result
using Matrix = Eigen::Matrix<Real, Eigen::Dynamic, Eigen::Dynamic>;
using Vector = Eigen::Matrix<Real, Eigen::Dynamic, 1>;
using Index = Eigen::Index;

constexpr Real negligible = 1e-11L;  // against 1: below the rounding of given coefficients, far above ours

std::size_t at(Index i) { return static_cast<std::size_t>(i); }
Index index(std::size_t i) { return static_cast<Index>(i); }

/// Everything wrong with a network, one line each.
void check(const FlowNetwork& network) {
  std::string wrong;
  const auto say = [&](const std::string& line) { wrong += "\n  " + line; };
  if (network.streams.empty()) say("there are no streams");
  std::set<std::string> names;
  for (const FlowStream& stream : network.streams) {
    if (!names.insert(stream.name).second) say(fmt::format("stream \"{}\" is given twice", stream.name));
    if (std::isinf(stream.measured)) say(fmt::format("stream \"{}\": the measurement is infinite", stream.name));
    if (!std::isnan(stream.measured) && !(stream.variance > 0 && std::isfinite(stream.variance)))
      say(fmt::format("stream \"{}\": the variance of a measurement must be positive and finite, not {}", stream.name,
                      stream.variance));
  }
  if (network.incidence.size() != network.units.size())
    say(fmt::format("{} balances are given for {} units", network.incidence.size(), network.units.size()));
  for (std::size_t unit = 0; unit < network.incidence.size(); ++unit) {
    const std::vector<double>& row = network.incidence[unit];
    const std::string name = unit < network.units.size() ? network.units[unit] : std::to_string(unit);
    if (row.size() != network.streams.size())
      say(fmt::format("unit \"{}\": {} coefficients are given for {} streams", name, row.size(), network.streams.size()));
    if (!std::all_of(row.begin(), row.end(), [](double c) { return std::isfinite(c); }))
      say(fmt::format("unit \"{}\": a coefficient is not finite", name));
  }
  if (!wrong.empty()) throw std::invalid_argument("the flow network cannot be reconciled:" + wrong);
}

/// Balances with the largest coefficient of each scaled to 1.
Matrix balances(const FlowNetwork& network) {
  Matrix a(index(network.incidence.size()), index(network.streams.size()));
  for (Index unit = 0; unit < a.rows(); ++unit) {
    for (Index s = 0; s < a.cols(); ++s) a(unit, s) = network.incidence[at(unit)][at(s)];
    const Real largest = a.row(unit).cwiseAbs().maxCoeff();
    if (largest > 0) a.row(unit) /= largest;
  }
  return (a.cwiseAbs().array() < negligible).select(Matrix::Zero(a.rows(), a.cols()), a);
}

/// Orthonormal columns: the first `rank` span the columns of a matrix with coefficients about 1 (what is far below counts as
/// none, also if there is nothing else), the others what is orthogonal to them.
struct Basis {
  Matrix q;
  Index rank = 0;
  explicit Basis(const Matrix& a) {
    if (a.cols() == 0 || a.rows() == 0) {
      q = Matrix::Identity(a.rows(), a.rows());
      return;
    }
    const Eigen::ColPivHouseholderQR<Matrix> qr(a);
    q = qr.householderQ();
    rank = (qr.matrixR().diagonal().cwiseAbs().array() > negligible).count();
  }
  auto rest() const { return q.rightCols(q.cols() - rank); }
};

/// The measured streams of a network reconciled; vectors are over these.
struct Measured {
  Vector value, adjustment, z;
  Matrix factor;
  std::vector<bool> redundant;
  Index degrees_of_freedom = 0;
  Real statistic = 0;
};

/// Independent balances equivalent to `g`, each with a stream of its own, taken in the order of the streams.
Matrix row_reduced(Matrix g) {
  Index rank = 0;
  for (Index s = 0; s < g.cols() && rank < g.rows(); ++s) {
    Index pivot = 0;
    if (g.col(s).tail(g.rows() - rank).cwiseAbs().maxCoeff(&pivot) <= negligible) continue;
    g.row(rank).swap(g.row(rank + pivot));
    g.row(rank) /= Real(g(rank, s));
    for (Index other = 0; other < g.rows(); ++other)
      if (other != rank) g.row(other) -= Real(g(other, s)) * g.row(rank);
    ++rank;
  }
  g.conservativeResize(rank, Eigen::NoChange);
  return (g.cwiseAbs().array() < negligible).select(Matrix::Zero(g.rows(), g.cols()), g);
}

/// `g`: balances among the measured streams. With standard deviations S the adjustment is S a, a the shortest vector for which
/// g (y - S a) = 0.
Measured solve(const Matrix& g, const Vector& y, const Vector& sd) {
  Measured m;
  const Index n = y.size();
  const Matrix b = row_reduced(g);  // the coarse streams, which come first, on their own: that keeps the fine ones accurate
  for (Index s = 0; s < n; ++s) m.redundant.push_back((b.col(s).array() != 0).any());
  m.degrees_of_freedom = b.rows();
  m.adjustment = Vector::Zero(n);
  m.z = Vector::Constant(n, nan);
  Matrix rest = Matrix::Identity(n, n);
  if (b.rows() > 0) {
    const Matrix k = sd.asDiagonal() * b.transpose();
    const Eigen::ColPivHouseholderQR<Matrix> qr(k);
    const Matrix q = qr.householderQ();
    const Index r = b.rows();
    const Vector imbalance = qr.colsPermutation().transpose() * (b * y);
    const Vector w = qr.matrixR().topLeftCorner(r, r).triangularView<Eigen::Upper>().transpose().solve(imbalance);
    m.statistic = w.squaredNorm();
    const Matrix range = q.leftCols(r);
    const Vector a = range * w;
    for (Index s = 0; s < n; ++s) {
      if (!m.redundant[at(s)]) continue;
      m.adjustment(s) = sd(s) * a(s);
      m.z(s) = std::abs(a(s)) / range.row(s).norm();
    }
    rest = q.rightCols(n - r);
  }
  m.value = y - m.adjustment;
  m.factor = sd.asDiagonal() * rest;
  return m;
}

std::vector<double> numbers(const Vector& row) {
  std::vector<double> out(at(row.size()));
  for (Index i = 0; i < row.size(); ++i) out[at(i)] = static_cast<double>(row(i));
  return out;
}

/// Balance of each unit as given; nan where a value is nan.
std::vector<double> residuals(const FlowNetwork& network, const std::vector<double>& values) {
  std::vector<double> out;
  for (const std::vector<double>& row : network.incidence) {
    Real sum = 0;
    for (std::size_t s = 0; s < row.size(); ++s)
      if (row[s] != 0) sum += static_cast<Real>(row[s]) * values[s];
    out.push_back(static_cast<double>(sum));
  }
  return out;
}

double global_p_value(double statistic, std::size_t degrees_of_freedom) {
  if (degrees_of_freedom == 0) return nan;
  if (!std::isfinite(statistic)) return 0;
  return boost::math::cdf(complement(boost::math::chi_squared(static_cast<double>(degrees_of_freedom)), statistic));
}

/// Value and variance of (numerator . flows) / (denominator . flows).
FlowRatio ratio(const Reconciliation& flows, const std::vector<double>& numerator, const std::vector<double>& denominator) {
  double above = 0, below = 0;
  for (std::size_t s = 0; s < flows.value.size(); ++s) {
    if (numerator[s] == 0 && denominator[s] == 0) continue;
    if (flows.kind[s] == FlowClass::unobservable) return {};
    above += numerator[s] * flows.value[s];
    below += denominator[s] * flows.value[s];
  }
  if (below == 0) return {};
  const double value = above / below;
  std::vector<double> spread;
  for (std::size_t s = 0; s < flows.value.size(); ++s) {
    const double slope = (numerator[s] - value * denominator[s]) / below;
    if (slope == 0) continue;
    spread.resize(flows.factor[s].size());
    for (std::size_t k = 0; k < spread.size(); ++k) spread[k] += slope * flows.factor[s][k];
  }
  return {value, std::inner_product(spread.begin(), spread.end(), spread.begin(), 0.0)};
}

}  // namespace

double largest_by_chance(double alpha, std::size_t m) {
  const double each = -std::expm1(std::log1p(-alpha) / static_cast<double>(m));
  return boost::math::quantile(complement(boost::math::normal(), each / 2));
}

double Reconciliation::covariance(std::size_t i, std::size_t j) const {
  if (kind.at(i) == FlowClass::unobservable || kind.at(j) == FlowClass::unobservable) return nan;
  return std::inner_product(factor[i].begin(), factor[i].end(), factor[j].begin(), 0.0);
}

Reconciliation reconcile(const FlowNetwork& network) {
  check(network);
  const Matrix a = balances(network);
  std::vector<std::size_t> known, unknown;
  for (std::size_t s = 0; s < network.streams.size(); ++s)
    (std::isnan(network.streams[s].measured) ? unknown : known).push_back(s);
  // from coarse to fine: then the factorisation is accurate row by row (Cox & Higham 1998, on weighted least squares)
  std::stable_sort(known.begin(), known.end(),
                   [&](auto s, auto t) { return network.streams[s].variance > network.streams[t].variance; });
  Matrix of_known(a.rows(), index(known.size())), of_unknown(a.rows(), index(unknown.size()));
  Vector y(index(known.size())), sd(index(known.size()));
  for (std::size_t k = 0; k < known.size(); ++k) {
    const FlowStream& stream = network.streams[known[k]];
    of_known.col(index(k)) = a.col(index(known[k]));
    y(index(k)) = stream.measured;
    sd(index(k)) = std::sqrt(static_cast<Real>(stream.variance));
  }
  for (std::size_t u = 0; u < unknown.size(); ++u) of_unknown.col(index(u)) = a.col(index(unknown[u]));

  const Basis projection(of_unknown);
  const Measured m = solve(projection.rest().transpose() * of_known, y, sd);

  const std::size_t n = network.streams.size();
  Reconciliation r;
  r.value = r.variance = r.adjustment = r.z = std::vector<double>(n, nan);
  r.kind.assign(n, FlowClass::unobservable);
  r.factor.resize(n);
  r.rank = static_cast<std::size_t>(Basis(a).rank);
  r.degrees_of_freedom = static_cast<std::size_t>(m.degrees_of_freedom);
  r.statistic = static_cast<double>(m.statistic);
  r.p_value = global_p_value(r.statistic, r.degrees_of_freedom);
  const auto put = [&](std::size_t s, FlowClass kind, Real value, const Vector& factor) {
    r.kind[s] = kind;
    r.value[s] = static_cast<double>(value);
    r.variance[s] = static_cast<double>(factor.squaredNorm());
    r.factor[s] = numbers(factor);
  };
  for (std::size_t k = 0; k < known.size(); ++k) {
    const Index i = index(k);
    put(known[k], m.redundant[k] ? FlowClass::redundant : FlowClass::nonredundant, m.value(i), m.factor.row(i).transpose());
    r.adjustment[known[k]] = static_cast<double>(m.adjustment(i));
    r.z[known[k]] = static_cast<double>(m.z(i));
  }
  if (!unknown.empty() && a.rows() > 0) {
    // the shortest solution; a stream is observable if no solution of the homogeneous balances moves it
    Eigen::CompleteOrthogonalDecomposition<Matrix> inverse;
    inverse.setThreshold(negligible);
    inverse.compute(of_unknown);
    Matrix known_side(a.rows(), 1 + m.factor.cols());  // what the known flows bring, and its spread
    known_side.col(0) = of_known * m.value;
    known_side.rightCols(m.factor.cols()) = of_known * m.factor;
    const Matrix estimate = -inverse.solve(known_side);
    const Matrix free = Basis(of_unknown.transpose()).rest();
    for (std::size_t u = 0; u < unknown.size(); ++u) {
      const Index i = index(u);
      if (free.row(i).norm() > negligible * 100) continue;
      put(unknown[u], FlowClass::observable, estimate(i, 0), estimate.row(i).tail(m.factor.cols()).transpose());
    }
  }
  std::vector<double> measured;
  for (const FlowStream& stream : network.streams) measured.push_back(stream.measured);
  r.residual = residuals(network, measured);
  r.reconciled_residual = residuals(network, r.value);
  return r;
}

/// The stream that is most below 0, if it is so by more than chance; none: the number of streams.
std::size_t below_zero(const Reconciliation& r, const std::vector<std::size_t>& held, double critical) {
  std::size_t worst = r.value.size();
  double most = critical;
  for (std::size_t s = 0; s < r.value.size(); ++s) {
    const double sd = std::sqrt(r.variance[s]);
    if (!(r.value[s] < 0) || !(sd > 0) || std::find(held.begin(), held.end(), s) != held.end() || !(-r.value[s] / sd > most)) continue;
    most = -r.value[s] / sd;
    worst = s;
  }
  return worst;
}

/// Spread of what is held: against it all measurements are vague.
double variance_of_held(const FlowNetwork& network) {
  double least = 1;
  bool any = false;
  for (const FlowStream& stream : network.streams)
    if (!std::isnan(stream.measured)) least = any ? std::min(least, stream.variance) : stream.variance, any = true;
  constexpr double part = 1e-8;
  return part * least;
}

Screening screen_gross_errors(const FlowNetwork& network, double alpha) {
  if (!(alpha > 0 && alpha < 1)) throw std::invalid_argument("the significance of a test lies between 0 and 1");
  FlowNetwork left = network;
  Screening screening;
  for (;;) {
    Reconciliation& r = screening.result = reconcile(left);
    if (const std::size_t s = below_zero(r, screening.held, boost::math::quantile(boost::math::normal(), 1 - alpha)); s < r.value.size()) {
      if (!std::isnan(left.streams[s].measured)) {
        GrossError error;
        error.stream = s;
        error.z = -r.value[s] / std::sqrt(r.variance[s]);
        error.critical = boost::math::quantile(boost::math::normal(), 1 - alpha);
        error.statistic = r.statistic;
        screening.errors.push_back(error);
      }
      left.streams[s].measured = 0;
      left.streams[s].variance = variance_of_held(network);
      screening.held.push_back(s);
      continue;
    }
    std::vector<std::size_t> tested;
    for (std::size_t s = 0; s < r.z.size(); ++s)
      if (r.kind[s] == FlowClass::redundant && std::find(screening.held.begin(), screening.held.end(), s) == screening.held.end()) tested.push_back(s);
    if (tested.empty()) break;
    const auto largest = *std::max_element(tested.begin(), tested.end(), [&](auto s, auto t) { return r.z[s] < r.z[t]; });
    GrossError error;
    error.critical = largest_by_chance(alpha, tested.size());
    if (!(r.z[largest] > error.critical)) break;
    for (const std::size_t s : tested)
      if (r.z[s] >= r.z[largest] * (1 - 1e-9)) error.alike.push_back(s);
    error.stream = error.alike.front();
    error.alike.erase(error.alike.begin());
    error.z = r.z[error.stream];
    error.statistic = r.statistic;
    left.streams[error.stream].measured = nan;
    screening.errors.push_back(error);
  }
  for (GrossError& error : screening.errors) {
    error.bias = network.streams[error.stream].measured - screening.result.value[error.stream];
    error.bias_variance = network.streams[error.stream].variance + screening.result.variance[error.stream];
  }
  return screening;
}

FlowRatio flow_ratio(const Reconciliation& flows, const std::vector<std::size_t>& products,
                     const std::vector<std::size_t>& feeds) {
  std::vector<double> numerator(flows.value.size()), denominator(flows.value.size());
  const auto count = [&](const std::vector<std::size_t>& streams, std::vector<double>& weights) {
    for (const std::size_t s : streams) {
      if (s >= weights.size()) throw std::invalid_argument(fmt::format("there is no stream {}", s));
      weights[s] += 1;
    }
  };
  count(products, numerator);
  count(feeds, denominator);
  return ratio(flows, numerator, denominator);
}

std::vector<StreamSplit> splits(const FlowNetwork& network, const Reconciliation& flows, std::size_t unit) {
  if (unit >= network.incidence.size()) throw std::invalid_argument(fmt::format("there is no unit {}", unit));
  const std::vector<double>& row = network.incidence[unit];
  if (row.size() != flows.value.size()) throw std::invalid_argument("the flows are those of another network");
  std::vector<double> inlets(row.size());
  std::transform(row.begin(), row.end(), inlets.begin(), [](double c) { return std::max(c, 0.0); });
  std::vector<StreamSplit> out;
  for (std::size_t s = 0; s < row.size(); ++s) {
    if (!(row[s] < 0)) continue;
    std::vector<double> outlet(row.size());
    outlet[s] = -row[s];
    out.push_back({s, ratio(flows, outlet, inlets)});
  }
  return out;
}

}  // namespace retwin

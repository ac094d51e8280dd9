// Is a log still explained by the laws and shares of a twin?
#include <fmt/format.h>

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <numeric>
#include <stdexcept>

#include "core/stats/fit.hpp"
#include "core/stats/intervals.hpp"
#include "core/stats/tally.hpp"
#include "core/telemetry/drift/drift.hpp"

namespace retwin {

namespace {

/// Observations that count, where the law was itself fitted to some.
double effective(double n, std::size_t fitted_to) {
  const double m = static_cast<double>(fitted_to);
  return fitted_to == 0 ? n : n * m / (n + m);
}

Explained against_constant(const ObservedValues& of, const std::vector<double>& values, const ExplainedOptions& options) {
  Tally tally;
  for (const double x : values) tally.add(x);
  const double value = of.law.mean(), n = static_cast<double>(values.size()), resolution = detect_resolution(values);
  const double beyond = std::max(0.0, std::abs(tally.mean() - value) - options.tolerance * std::abs(value));
  const double spread = std::max(tally.sd(), resolution / std::sqrt(12.0));
  const double error = std::max(spread / std::sqrt(effective(n, of.fitted_to)), 1e-12 * std::abs(value) + 1e-300);
  const double t = beyond / error;
  const boost::math::students_t_distribution<double> law(n - 1);
  const double p = std::min(1.0, 2 * boost::math::cdf(boost::math::complement(law, t)));
  return {
      of.what, t,
      p,       p,
      true,    fmt::format("t of the mean {:.6g} beyond {:g} of the constant {:.6g}", tally.mean(), options.tolerance, value)};
}

/// Values spread evenly over the probability of their cells. The number of impossible ones is counted.
std::vector<double> transform(const Distribution& law, std::vector<double> values, std::size_t& impossible) {
  std::sort(values.begin(), values.end());
  const double half = detect_resolution(values) / 2;
  std::vector<double> out;
  for (std::size_t i = 0, j = 0; i < values.size(); i = j) {
    while (j < values.size() && values[j] == values[i]) ++j;
    const double low = values[i] - half, high = values[i] + half, inside = law.probability(low, high);
    const double below = half > 0 ? law.cdf(low) : law.cdf(low) - inside;
    const bool outside = high < law.low() || low > law.high() || (half > 0 && !(inside > 0));
    if (outside) impossible += j - i;
    for (std::size_t k = i; k < j; ++k) {
      const double part = (static_cast<double>(k - i) + 0.5) / static_cast<double>(j - i);
      out.push_back(std::clamp(below + inside * part, 0.0, 1.0));
    }
  }
  return out;
}

Explained against_law(const ObservedValues& of, const std::vector<double>& values, const ExplainedOptions& options) {
  std::size_t impossible = 0;
  std::vector<double> u = transform(of.law, values, impossible);
  const double n = static_cast<double>(u.size());
  const double distance = ks_one_sample(u, [](double x) { return std::clamp(x, 0.0, 1.0); }).statistic;
  const double p = kolmogorov_test(distance, effective(n, of.fitted_to)).p_value;
  Explained out{of.what, distance, p, p, true, fmt::format("Kolmogorov distance of {} values", u.size())};
  if (impossible > 0) out.note += fmt::format("; {} of them the law does not allow", impossible);
  if (distance <= options.least_distance) out.p_value = 1, out.note += "; too small to matter";
  return out;
}

Explained against_shares(const ObservedCounts& of, const ExplainedOptions& options) {
  if (of.counts.size() != of.shares.size()) throw std::invalid_argument("as many shares as counts are needed");
  const double n = std::accumulate(of.counts.begin(), of.counts.end(), 0.0);
  const double whole = std::accumulate(of.shares.begin(), of.shares.end(), 0.0);
  Explained out{of.what, 0, 1, 1, true, fmt::format("chi-square of {} counts", n)};
  if (n < static_cast<double>(options.fewest) || !(whole > 0)) {
    out.note = fmt::format("{} observations say nothing", n);
    return out;
  }
  std::vector<double> observed, expected;
  double few_observed = 0, few_expected = 0, impossible = 0;
  for (std::size_t i = 0; i < of.counts.size(); ++i) {
    const double e = n * of.shares[i] / whole;
    if (!(e > 0)) impossible += of.counts[i];
    if (e >= 5) {
      observed.push_back(of.counts[i]), expected.push_back(e);
    } else {
      few_observed += of.counts[i], few_expected += e;
    }
  }
  if (few_expected > 0) observed.push_back(few_observed), expected.push_back(few_expected);
  // counts that were fitted scatter as well: as if there were fewer observations
  const double fewer = effective(n, of.fitted_to) / n;
  for (std::size_t i = 0; i < observed.size(); ++i) observed[i] = expected[i] * fewer + (observed[i] - expected[i]) * fewer;
  for (double& e : expected) e *= fewer;
  if (observed.size() > 1) {
    const TestResult test = chi_square(observed, expected);
    out.statistic = test.statistic, out.p_value = test.p_value;
  }
  if (impossible > 0) out.p_value = 0, out.note += fmt::format("; {} went where the twin sends none", impossible);
  return out;
}

}  // namespace

std::vector<Explained> still_explained(const std::vector<ObservedValues>& values, const std::vector<ObservedCounts>& counts,
                                       const ExplainedOptions& options) {
  std::vector<Explained> out;
  for (const ObservedValues& of : values) {
    std::vector<double> finite;
    std::copy_if(of.values.begin(), of.values.end(), std::back_inserter(finite), [](double x) { return std::isfinite(x); });
    if (finite.size() < std::max<std::size_t>(2, options.fewest)) {
      out.push_back({of.what, 0, 1, 1, true, fmt::format("{} observations say nothing", finite.size())});
    } else {
      out.push_back(of.law.is_constant() ? against_constant(of, finite, options) : against_law(of, finite, options));
    }
  }
  for (const ObservedCounts& of : counts) out.push_back(against_shares(of, options));

  std::vector<Explained*> order;
  for (Explained& one : out) order.push_back(&one);
  std::stable_sort(order.begin(), order.end(), [](const Explained* a, const Explained* b) { return a->p_value < b->p_value; });
  double adjusted = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    adjusted = std::min(1.0, std::max(adjusted, order[i]->p_value * static_cast<double>(order.size() - i)));
    order[i]->adjusted_p = adjusted;
    order[i]->explained = adjusted >= options.level;
  }
  return out;
}

}  // namespace retwin

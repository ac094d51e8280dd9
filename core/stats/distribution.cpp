// Distributions: making them, shifting, scaling, truncating and describing them.
//
// Parameters kept: constant a; exponential a = mean; uniform a, b = ends; triangular a, b, c = low, mode, high; normal a = mean,
// b = sd; lognormal a, b = mean and sd, c, d = mu and sigma of the logarithm; gamma and weibull a = shape, b = scale, gamma c, d = mean and sd
// (of an Erlang 0); beta a, b = alpha, beta, c, d = ends; poisson a = mean. Constants, uniforms and tables absorb shift and scale.
#include "core/stats/distribution.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "core/base/problem.hpp"
#include "core/stats/distribution_table.hpp"

namespace retwin {

namespace {

std::vector<double> cumulative_shares(const std::vector<double>& weights) {
  std::vector<double> sums(weights.size());
  std::partial_sum(weights.begin(), weights.end(), sums.begin());
  const double total = sums.empty() ? 0 : sums.back();
  RETWIN_CHECK(total > 0 && std::isfinite(total));
  RETWIN_CHECK(std::none_of(weights.begin(), weights.end(), [](double w) { return !(w >= 0); }));
  for (double& sum : sums) sum /= total;
  // whatever follows the last positive weight is never reached, so 1 it is from there on
  for (std::size_t i = weights.size(); i-- > 0;) {
    sums[i] = 1;
    if (weights[i] > 0) break;
  }
  return sums;
}

bool all_finite(const std::vector<double>& values) {
  return std::all_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
}

}  // namespace

Distribution Distribution::make(Family family, double a, double b, double c, double d) {
  RETWIN_CHECK(std::isfinite(a) && std::isfinite(b) && std::isfinite(c) && std::isfinite(d));
  Distribution made;
  made.family_ = family;
  made.plain_ = family == Family::constant || family == Family::exponential;
  made.a_ = a;
  made.b_ = b;
  made.c_ = c;
  made.d_ = d;
  return made;
}

Distribution Distribution::constant(double value) { return make(Family::constant, value); }

Distribution Distribution::exponential(double mean) {
  RETWIN_CHECK(mean > 0);
  return make(Family::exponential, mean);
}

Distribution Distribution::uniform(double low, double high) {
  RETWIN_CHECK(low <= high);
  return low == high ? constant(low) : make(Family::uniform, low, high);
}

Distribution Distribution::triangular(double low, double mode, double high) {
  RETWIN_CHECK(low <= mode && mode <= high);
  return low == high ? constant(low) : make(Family::triangular, low, mode, high);
}

Distribution Distribution::normal(double mean, double sd) {
  RETWIN_CHECK(sd >= 0);
  return sd == 0 ? constant(mean) : make(Family::normal, mean, sd);
}

Distribution Distribution::lognormal(double mean, double sd) {
  RETWIN_CHECK(mean > 0 && sd >= 0);
  const double variance = std::log1p((sd / mean) * (sd / mean));  // of the logarithm
  return variance == 0 ? constant(mean) : make(Family::lognormal, mean, sd, std::log(mean) - variance / 2, std::sqrt(variance));
}

Distribution Distribution::gamma(double mean, double sd) {
  RETWIN_CHECK(mean > 0 && sd >= 0);
  return sd == 0 ? constant(mean) : make(Family::gamma, (mean / sd) * (mean / sd), sd * (sd / mean), mean, sd);
}

Distribution Distribution::erlang(int k, double mean) {
  RETWIN_CHECK(k >= 1 && mean > 0);
  return k == 1 ? exponential(mean) : make(Family::gamma, k, mean / k, mean);
}

Distribution Distribution::weibull(double shape, double scale) {
  RETWIN_CHECK(shape > 0 && scale > 0);
  return make(Family::weibull, shape, scale);
}

Distribution Distribution::beta(double alpha, double beta, double low, double high) {
  RETWIN_CHECK(alpha > 0 && beta > 0 && low <= high);
  return low == high ? constant(low) : make(Family::beta, alpha, beta, low, high);
}

Distribution Distribution::poisson(double mean) {
  RETWIN_CHECK(mean >= 0);
  return mean == 0 ? constant(0) : make(Family::poisson, mean);
}

Distribution Distribution::empirical(std::vector<double> values) {
  RETWIN_CHECK(!values.empty() && all_finite(values));
  std::sort(values.begin(), values.end());
  if (values.front() == values.back()) return constant(values.front());
  Distribution made = make(Family::empirical, 0);
  made.table_ = std::make_shared<const Table>(Table{std::move(values), {}, {}, {}});
  return made;
}

Distribution Distribution::discrete(std::vector<double> values, std::vector<double> weights) {
  RETWIN_CHECK(!values.empty() && values.size() == weights.size() && all_finite(values));
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t i, std::size_t j) { return values[i] < values[j]; });
  Table table;
  std::vector<double> sorted_weights;
  for (const std::size_t i : order) {
    if (weights[i] == 0) continue;
    if (!table.values.empty() && table.values.back() == values[i]) {
      sorted_weights.back() += weights[i];
    } else {
      table.values.push_back(values[i]);
      sorted_weights.push_back(weights[i]);
    }
  }
  table.cumulative = cumulative_shares(sorted_weights);
  table.weights = std::move(sorted_weights);
  if (table.values.size() == 1) return constant(table.values[0]);
  Distribution made = make(Family::discrete, 0);
  made.table_ = std::make_shared<const Table>(std::move(table));
  return made;
}

Distribution Distribution::mixture(std::vector<Distribution> parts, std::vector<double> weights) {
  RETWIN_CHECK(!parts.empty() && parts.size() == weights.size());
  std::vector<double> sums = cumulative_shares(weights);
  Table table{{}, std::move(sums), std::move(parts), std::move(weights)};
  if (table.parts.size() == 1) return table.parts[0];
  Distribution made = make(Family::mixture, 0);
  made.table_ = std::make_shared<const Table>(std::move(table));
  return made;
}

Distribution Distribution::hyperexponential(double mean, double scv) {
  RETWIN_CHECK(mean > 0 && scv >= 1);
  const double p = (1 + std::sqrt((scv - 1) / (scv + 1))) / 2;
  if (p == 0.5) return exponential(mean);
  const double q = 1 / ((scv + 1) * 2 * p);  // 1 - p, without cancellation
  return mixture({exponential(mean / (2 * p)), exponential(mean / (2 * q))}, {p, q});
}

Distribution Distribution::transformed(double by, double factor) const {
  RETWIN_CHECK(std::isfinite(by) && std::isfinite(factor) && factor >= 0);
  if (factor == 0) return constant(by);
  Distribution out = *this;
  switch (family_) {
    case Family::constant: out.a_ = by + factor * a_; return out;
    case Family::uniform: out.a_ = by + factor * a_, out.b_ = by + factor * b_; return out;
    case Family::discrete:
    case Family::mixture: {
      auto table = std::make_shared<Table>(*table_);
      for (double& value : table->values) value = by + factor * value;
      for (Distribution& part : table->parts) part = part.transformed(by, factor);
      out.table_ = std::move(table);
      return out;
    }
    case Family::exponential:
      if (plain_) {
        out.a_ *= factor;
        out.shift_ = by;
        out.plain_ = by == 0;
        return out;
      }
      [[fallthrough]];
    default:
      out.scale_ *= factor;
      out.shift_ = by + factor * shift_;
      return out;
  }
}

Distribution Distribution::truncated(double low, double high) const {
  RETWIN_CHECK(low <= high && probability(low, high) > 0);
  if (low <= this->low() && this->high() <= high) return *this;
  if (low == high) return constant(low);
  switch (family_) {
    case Family::constant: return *this;
    case Family::uniform: return uniform(std::max(low, a_), std::min(high, b_));
    case Family::discrete: {
      std::vector<double> weights(table_->values.size());
      for (std::size_t i = 0; i < weights.size(); ++i) {
        const bool in = low <= table_->values[i] && table_->values[i] <= high;
        weights[i] = in ? table_->weight(i) : 0;
      }
      return discrete(table_->values, std::move(weights));
    }
    case Family::mixture: {
      std::vector<Distribution> parts;
      std::vector<double> weights;
      for (std::size_t i = 0; i < table_->parts.size(); ++i) {
        const double weight = table_->weight(i) * table_->parts[i].probability(low, high);
        if (!(weight > 0)) continue;
        parts.push_back(table_->parts[i].truncated(low, high));
        weights.push_back(weight);
      }
      return mixture(std::move(parts), std::move(weights));
    }
    default: break;
  }
  Distribution out = *this;
  out.plain_ = false;
  out.cut_ = true;
  out.cut_low_ = std::max((low - shift_) / scale_, cut_ ? cut_low_ : base_low());
  out.cut_high_ = std::min((high - shift_) / scale_, cut_ ? cut_high_ : base_high());
  const Tails at_low = base_tails(out.cut_low_, true);
  const Tails at_high = base_tails(out.cut_high_, false);
  out.below_ = at_low.below;
  out.above_ = at_high.above;
  out.inside_ = inside(at_low, at_high);
  return out;
}

double Distribution::inside(Tails low, Tails high) const {
  return std::max(0.0, low.below > 0.5 ? low.above - high.above : high.below - low.below);
}

double Distribution::low() const { return cut_ ? shift_ + scale_ * cut_low_ : shift_ + scale_ * base_low(); }

double Distribution::high() const { return cut_ ? shift_ + scale_ * cut_high_ : shift_ + scale_ * base_high(); }

double Distribution::cdf(double x) const { return tails(x, false).below; }

double Distribution::probability(double low, double high) const { return inside(tails(low, true), tails(high, false)); }

Distribution::Recipe Distribution::recipe() const {
  static constexpr const char* names[] = {"constant", "exponential", "uniform", "triangular", "normal",   "lognormal", "gamma",
                                          "weibull",  "beta",        "poisson", "empirical",  "discrete", "mixture"};
  Recipe r;
  r.family = names[static_cast<std::size_t>(family_)];
  switch (family_) {
    case Family::constant: r.parameters = {{"value", a_}}; break;
    case Family::uniform: r.parameters = {{"low", a_}, {"high", b_}}; break;
    case Family::exponential: r.parameters = {{"mean", scale_ * a_}}; break;
    case Family::poisson: r.parameters = {{"mean", a_}}; break;
    case Family::triangular: r.parameters = {{"low", scale_ * a_}, {"mode", scale_ * b_}, {"high", scale_ * c_}}; break;
    case Family::weibull: r.parameters = {{"shape", a_}, {"scale", scale_ * b_}}; break;
    case Family::beta: r.parameters = {{"alpha", a_}, {"beta", b_}, {"low", scale_ * c_}, {"high", scale_ * d_}}; break;
    case Family::normal:
    case Family::lognormal: r.parameters = {{"mean", scale_ * a_}, {"sd", scale_ * b_}}; break;
    case Family::gamma:
      r.parameters = {{"mean", scale_ * c_}, {"sd", scale_ * d_}};
      if (d_ > 0) break;
      r.family = "erlang";
      r.parameters = {{"k", a_}, {"mean", scale_ * c_}};
      break;
    default:
      r.values = table_->values;
      r.weights = table_->weights;
      r.parts = table_->parts;
      if (scale_ != 1)
        for (double& value : r.values) value *= scale_;
  }
  if (shift_ != 0) r.shift = shift_;
  /// The end that truncates to the same, to the last bit: adding the shift has rounded.
  const auto end = [this](double cut) {
    const double near = shift_ + scale_ * cut;
    for (const double other : {near, std::nextafter(near, -INFINITY), std::nextafter(near, INFINITY)})
      if ((other - shift_) / scale_ == cut) return other;
    return near;
  };
  if (cut_ && cut_low_ > base_low()) r.min = end(cut_low_);
  if (cut_ && cut_high_ < base_high()) r.max = end(cut_high_);
  return r;
}

std::string Distribution::text() const {
  if (is_constant()) return fmt::format("{:.6g}", a_);
  Recipe r = recipe();
  if (!r.values.empty()) r.parameters = {{"mean", mean()}, {"sd", sd()}};
  if (family_ == Family::poisson && scale_ != 1) r.parameters.emplace_back("times", scale_);
  for (const auto& [name, end] : {std::pair{"shift", r.shift}, {"min", r.min}, {"max", r.max}})
    if (end) r.parameters.emplace_back(name, *end);
  std::string out = r.values.empty() ? "" : fmt::format("{} values", r.values.size());
  for (std::size_t i = 0; i < r.parts.size(); ++i)
    out += fmt::format("{}{:.6g}: {}", i == 0 ? "" : ", ", table_->weight(i), r.parts[i].text());
  for (const auto& [name, value] : r.parameters) out += fmt::format("{}{} {:.6g}", out.empty() ? "" : ", ", name, value);
  return fmt::format("{}({})", r.family, out);
}

}  // namespace retwin

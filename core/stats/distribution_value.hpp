// A distribution (or a plain quantity, or an expression over the lot) as it is written in a scenario file.
#pragma once
#include <optional>

#include "core/base/fields.hpp"
#include "core/stats/distribution.hpp"

namespace retwin {

/// Written as a quantity ("2 h": constant), a map {family: {parameter: quantity, ...}}, or - where `expressions` is set - any
/// other text: an expression, compiled later against the lot's attributes.
/// Families: constant(value), exponential(mean | rate | bare quantity), uniform(low, high), triangular(low, mode, high),
/// normal(mean, sd), lognormal(mean, sd), gamma(mean, sd | mean, shape), erlang(k, mean), weibull(shape, scale | shape, mean),
/// beta(alpha, beta, low, high), poisson(mean), hyperexponential(mean, scv: balanced means | means, weights),
/// empirical(list of values), discrete({value: weight} or {values, weights}), mixture([{weight, <family>}, ...]).
/// Every family takes `shift`, `min`, `max` (shifted first, then truncated), among its parameters or beside its name.
///
/// Values outside the admitted range are a problem, with one exception: a normal, which has no ends of its own, is truncated to
/// the range (a normal duration at 0). Its mean and sd are those before truncation; a warning says so if that moves the mean by
/// more than 1 %.
class DistributionValue : public Value {
 public:
  DistributionValue(Dimension dimension, bool expressions = false, Range range = Range::any())
      : dimension_(dimension), expressions_(expressions), range_(range) {}
  void read(const Node& node, const std::string& path, Problems& problems) override;
  Node write() const override;
  bool given() const override { return distribution_.has_value() || !expression_.empty(); }
  std::string type() const override;
  std::string schema() const override;
  std::string text() const override;

  const std::optional<Distribution>& distribution() const { return distribution_; }
  const Located& expression() const { return expression_; }  ///< empty if it is a distribution
  const Dimension& dimension() const { return dimension_; }
  void set(Distribution distribution) { distribution_ = std::move(distribution), expression_ = {}; }
  void set(Located expression) { distribution_.reset(), expression_ = std::move(expression); }

 private:
  /// Keeps the distribution if its values are admitted.
  void accept(Distribution distribution, const Node& node, const std::string& path, Problems& problems);

  Dimension dimension_;
  bool expressions_;
  Range range_;
  std::optional<Distribution> distribution_;
  Located expression_;
};

/// The families and what each can be given, for people.
std::string explain_distributions();

}  // namespace retwin

// The families of distributions as scenario files know them: fields, alternatives and makers (private to core/stats).
#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/fields.hpp"
#include "core/stats/distribution.hpp"

namespace retwin {

/// Where the parameters of a family are, and where its problems go.
struct FamilyReport {
  const Node& node;
  const std::string& path;
  Problems& problems;

  /// Reports a problem with one parameter; always empty.
  std::nullopt_t refuse(Code code, const std::string& key, std::string message, std::string hint = {}) const;
  /// Whether exactly one of two alternatives is given.
  bool either(const char* first, bool has_first, const char* second, bool has_second) const;
};

/// One number of the document, read as the field its path ends with.
std::optional<double> read_number(const Node& node, const std::string& path, const Dimension& dimension, Range range,
                                  Problems& problems);

/// A list of quantities, or of weights: shares in percent must make up 100 %.
class QuantityList : public Value {
 public:
  explicit QuantityList(Dimension dimension, Range range = Range::any()) : dimension_(dimension), range_(range) {}
  void read(const Node& node, const std::string& path, Problems& problems) override;
  void add(const Node& node, const std::string& path, Problems& problems);
  void set(std::vector<double> numbers) { numbers_ = std::move(numbers); }
  Node write() const override;
  bool given() const override { return !numbers_.empty(); }
  std::string type() const override { return "list, each " + describe(dimension_); }
  std::string schema() const override { return R"({"type": "array", "items": {"type": ["string", "number"]}, "minItems": 1})"; }
  std::string text() const override { return given() ? std::to_string(numbers_.size()) + " values" : ""; }

  const std::vector<double>& numbers() const { return numbers_; }
  double sum() const {
    double total = 0;
    for (const double number : numbers_) total += number;
    return total;
  }
  bool all_percent() const { return all_percent_; }

 private:
  Dimension dimension_;
  Range range_;
  std::vector<double> numbers_;
  bool all_percent_ = false;
};

/// Parts of a mixture: maps of a weight and a distribution.
class PartList : public Value {
 public:
  PartList(Dimension dimension, Range range)
      : weights(dimension::none, Range::non_negative()), dimension_(dimension), range_(range) {}
  void read(const Node& node, const std::string& path, Problems& problems) override;
  Node write() const override;
  bool given() const override { return !parts.empty(); }
  std::string type() const override { return "list of {weight, family}"; }
  std::string schema() const override {
    return R"({"type": "array", "items": {"type": "object", "required": ["weight"]}, "minItems": 1})";
  }
  std::string text() const override { return given() ? std::to_string(parts.size()) + " parts" : ""; }

  std::vector<Distribution> parts;
  QuantityList weights;

 private:
  Dimension dimension_;
  Range range_;
};

/// Everything a family may be given.
struct FamilyDraft {
  FamilyDraft(Dimension of, Range range)
      : dimension(of),
        values(of),
        means(of, Range::positive()),
        weights(dimension::none, Range::non_negative()),
        parts(of, range) {}
  Dimension dimension;
  std::optional<double> value, mean, sd, rate, low, mode, high, shape, scale, alpha, beta, scv, shift, min, max;
  std::optional<std::int64_t> k;
  QuantityList values, means, weights;
  PartList parts;

  std::vector<std::pair<std::string_view, std::optional<double>*>> numbers() {
    return {{"value", &value}, {"mean", &mean}, {"sd", &sd},       {"rate", &rate},   {"low", &low},
            {"mode", &mode},   {"high", &high}, {"shape", &shape}, {"scale", &scale}, {"alpha", &alpha},
            {"beta", &beta},   {"scv", &scv},   {"shift", &shift}, {"min", &min},     {"max", &max}};
  }
};

/// One family, said once.
struct FamilyEntry {
  const char* name;
  const char* shorthand;  ///< the parameter that stands alone ("exponential: 20 min"), null if none does
  void (*declare)(Fields&, FamilyDraft&);
  std::optional<Distribution> (*build)(const FamilyDraft&, const FamilyReport&);  ///< empty after a problem
};

std::span<const FamilyEntry> distribution_families();

/// The map {family: parameters} that is read as this distribution, also for a constant.
Node family_node(const Distribution& distribution, const Dimension& dimension, Range range);

}  // namespace retwin

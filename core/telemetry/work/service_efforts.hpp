// What of the services of an activity follows from the lot or who did it, as factors that a scenario can compute.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/scenario/specs/specs.hpp"
#include "core/telemetry/log/learned_parameter.hpp"
#include "core/telemetry/work/service_factors.hpp"

namespace retwin {

/// A factor of services: a straight line over a quantity, or a number by category. Means are 1 over what was learned from.
struct EffortTerm {
  std::string column;                         ///< of the log, or "resource"
  double gain = 0;                            ///< share of the gamma deviance that it explains in cases left out [0 ... 1]
  double constant = 1, slope = 0, least = 0;  ///< quantities: max(least, constant + slope * x)
  double usual = 0;                           ///< quantities: stands for a missing one
  Bounds per_unit;                            ///< quantities: the slope; from the weighted squares, Student
  struct Level {
    std::uint32_t number = 0;  ///< of the category, or of the resource
    std::string name;
    double factor = 1;
    std::size_t n = 0;
    Bounds mean;  ///< of the services, relative to the mean of all; Student
  };
  bool numeric = true;
  std::vector<Level> levels;  ///< of categories, in order of their numbers; others have the factor 1
  /// @param x quantity, or number of a category; nan where it is missing
  double factor(double x) const;
};

/// The services of an activity are drawn, then multiplied by all terms.
struct ServiceEffort {
  std::uint32_t activity = 0;
  std::vector<EffortTerm> terms;
  std::size_t n = 0;
};

/// Terms of activities for which `factors` found something, one after the other, the most telling first: each has to explain
/// services of cases it was not learned from (ten groups of cases, gamma quasi-likelihood with means by line or category:
/// McCullagh & Nelder, Generalized Linear Models, 1989, ch. 8-9): at least 2 % of the deviance, and more than chance does.
/// Means of categories are drawn towards 1 as far as they are uncertain (one-way random effects).
/// @param service_s by event, nan or 0 where it is not to count
std::vector<ServiceEffort> find_service_efforts(const EventLog& log, std::span<const double> service_s,
                                                const ServiceFactors& factors);

/// The efforts of a log as a scenario writes them: attributes of steps, and expressions over them.
class Efforts {
 public:
  Efforts() = default;
  /// @param also columns of categories that are attributes too, with all their values
  Efforts(const EventLog& log, std::vector<ServiceEffort> efforts, const std::vector<std::string>& also = {});
  const std::vector<ServiceEffort>& all() const { return efforts_; }
  double of_event(const EventLog& log, std::size_t event) const;  ///< 1 for activities without
  std::string expression(std::uint32_t activity) const;           ///< empty for activities without
  struct Attribute {
    std::string name, column;
    bool numeric = true;
    double usual = 0;
    std::vector<std::string> categories;  ///< the last one stands for all others
  };
  /// Attributes that the expressions read.
  const std::vector<Attribute>& attributes() const { return attributes_; }
  /// The attribute that a column has become; empty if it has not.
  std::string attribute_of(const std::string& column) const;
  /// The section `attributes` of a scenario.
  std::vector<AttributeSpec> attribute_specs() const;
  void add_parameters(const EventLog& log, std::vector<LearnedParameter>& parameters) const;
  /// The cell of an attribute in the row of a step that repeats an event.
  std::string cell(const EventLog& log, std::size_t event, const Attribute& attribute) const;

 private:
  const ServiceEffort* find(std::uint32_t activity) const;
  std::vector<ServiceEffort> efforts_;
  std::vector<Attribute> attributes_;
};

}  // namespace retwin

// What a product must be made of: limits on shares of its mass, from a document of the library.
#pragma once
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "core/flow/matter/unit_operation.hpp"

namespace retwin {

/// A share of mass and what it may be.
struct Limit {
  std::string name;              ///< an element, a component, or several joined by +
  std::vector<double> part, of;  ///< [kg/kg] by component: the share is (part . kg) / (of . kg)
  double least = -std::numeric_limits<double>::infinity(), most = std::numeric_limits<double>::infinity();
  double share(std::span<const double> kg) const;  ///< nan of nothing
  std::string word() const;      ///< the name as a part of other names: Ni_Co
  bool admits(double share) const { return !(share < least) && !(share > most); }
};

struct Specification {
  std::string name, doc, source, confidence;
  std::int64_t year = 0;
  std::vector<Limit> limits;
  bool estimate() const { return confidence == "estimate" || confidence == "recalled"; }
  bool met(std::span<const double> kg) const;
};

/// A document such as specs/X: {source, year, confidence, without: [H2O], limits: {Ag+Au: {least: 99.5 %}, Na: {most:
/// 0.025 %}, H2O: {most: 0.25 %, of: all}}}. Shares are of the mass without the components of `without` (dry
/// matter), or of all. A name that is both an element and a component is the element. Problems have the code library.
Specification read_specification(Binder& binder, const std::string& document);

}  // namespace retwin

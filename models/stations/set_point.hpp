// A set-point of a machine: a value, or an expression over what is known of the lot that is worked on.
#pragma once
#include <string>
#include <vector>

#include "core/base/expression.hpp"
#include "core/stats/distribution_value.hpp"
#include "models/materials/components.hpp"

namespace retwin {

/// Written as a quantity ("0.5 mm"), an expression ("0.3 mm + 4 mm * assay.Al"), or a distribution: then the machine wanders from lot to
/// lot. An expression may use what can be known of a lot: its `mass`; what an assay found (`assay.kg`, and shares by the names of their
/// limits, `assay.Al`, `assay.Ni_Co`; 0 of a lot that none has seen); what triage believes (`label.chemistry`, `label.family`,
/// `label.soh`, `label.damaged`). What it gives is held within the range of the machine.
class SetPoint {
 public:
  SetPoint(Dimension dimension, Range range, double preset) : range_(range), value_(dimension, true, range) {
    value_.set(Distribution::constant(preset));
  }
  void fields(Fields& f, const char* name, const char* doc) { f.value(name, value_, doc); }
  /// Problems have the code expression, unit, or range (of an expression that is constant).
  void bind(const Components& components, const char* name);
  /// For a lot of a job [SI]. @param draw of the job, used where it is a distribution
  double of(const Job& job, int input, std::uint64_t draw) const;

 private:
  struct Read {
    int attribute;  ///< slot, or `mass`
    static constexpr int mass = -1;
  };
  class Known;
  Range range_;
  DistributionValue value_;
  std::optional<Expression> expression_;
  std::vector<Read> reads_;  ///< by slot of the expression
};

}  // namespace retwin

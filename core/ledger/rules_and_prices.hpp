// What rules ask of the masses of a window, and what is paid for what it uses, brings in and sends out.
#pragma once
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "core/base/problem.hpp"
#include "core/flow/plant/plant.hpp"

namespace retwin {

/// Places whose mass counts, and how much of each component.
struct Counted {
  std::vector<std::string> of;  ///< as of a functional unit
  std::vector<double> share;    ///< by component: 1 whole, 0 not at all, else the mass fraction of the elements that count
};

/// Where a figure comes from.
struct Provenance {
  std::string set, source, region, confidence, document, note;
  std::int64_t year = 0;
  bool estimate = false;
};

/// A rule on the ratio of two masses.
struct MassRule {
  struct Target {
    std::string date;  ///< as written
    long day = 0;      ///< from which it holds, days since 1970-01-01
    double share = 0;
  };
  std::string name, rule, kind, doc;
  bool at_most = false;
  std::vector<Target> targets;  ///< in the order of their days; at least one
  std::vector<Counted> out, in;
  Provenance about;
  Place place;

  /// That in force on a day; before the first one, that. @param coming set to whether it is not in force yet
  const Target& on(long day, bool* coming = nullptr) const {
    const Target* found = &targets.front();
    for (const Target& target : targets)
      if (target.day <= day) found = &target;
    if (coming) *coming = found->day > day;
    return *found;
  }
};

/// A price and what it is paid for.
struct PriceLine {
  enum class Of { flow, labour, source, sink, fixed };
  std::string name, kind;
  bool revenue = false;
  Of of = Of::flow;
  Index index = none;          ///< of the flow, pool, source or sink
  double per_unit = 0;         ///< [CNY per SI unit of the flow, s on duty, kg; of fixed: per reporting year]
  double per_lot = 0;          ///< [CNY]
  std::vector<double> share;   ///< of a source or sink, by component: how much of its mass is paid for
  std::optional<ShiftCalendar> during;  ///< of labour: only time in which this is on, e.g. nights; empty: any time
  std::string group;           ///< who bears it, of labour and fixed; else who uses, brings or makes it
  double low = std::numeric_limits<double>::quiet_NaN(), high = low;  ///< as the price
  std::string price;           ///< as written
  Provenance about;
};

/// Of a price of labour: time on duty [s] of its pool from a to b that is paid by it. The pool is that of the plant as it is compiled:
/// a change of its units during a run is not followed where `during` is given.
double paid_duty_s(const Plant& plant, const PriceLine& line, double a, double b);

/// Less emissions than a baseline has, claimed as a credit: told by a comparison with it, never netted with what is emitted.
struct Claim {
  std::string name, unit;     ///< functional unit whose tonne is compared
  std::string additionality;  ///< why it would not have been done anyway
  double leakage = 0;         ///< share of it that arises elsewhere instead
  Provenance about;           ///< of the leakage
};

/// Rules, prices and claims of a plant.
struct RulesAndPrices {
  std::vector<MassRule> rules;
  std::vector<PriceLine> prices;
  std::vector<Claim> claims;
};

}  // namespace retwin

// A gate: what a change of a plant must not do to its figures, shown replication by replication, or not passed.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/problem.hpp"
#include "core/base/table.hpp"
#include "core/kpi/kpi.hpp"
#include "core/scenario/scenario.hpp"
#include "core/stats/paired.hpp"

namespace retwin {

/// "products < -1 %": what fails.
struct GateCondition {
  std::string text;      ///< as it was written
  std::string path;      ///< of the figure
  bool below = true;     ///< fails below the limit, else above
  double limit = 0;      ///< of the change: a share of the base, or in the unit of the figure
  bool relative = true;  ///< a share of the base
};

/// Reads `FIGURE < CHANGE` or `FIGURE > CHANGE`: a path or "products" (the objective); a change in % of the base or, with its unit, of
/// the figure itself (a figure without a unit takes a bare number). @param place for problems
/// @throws InputError (syntax, unknown_name, unit)
GateCondition condition_of(const std::string& text, const Scenario& base, const Place& place);

constexpr double gate_alpha = 0.01;                      ///< chance to pass what is at its limit, per condition
constexpr std::size_t gate_first = 10, gate_most = 160;  ///< replications of the first and the last look

/// When a gate is looked at, and how far from its limit a change must be.
struct Looks {
  std::vector<std::size_t> counts;  ///< replications, growing
  std::vector<double> critical;     ///< in standard errors, one-sided
};
/// Looks at 10, 20, 40, 80, 160 up to `most`, which is the last one; the chance to pass what is at the limit is `alpha` in all, spent
/// like Pocock's bounds, see student_bounds.
Looks looks_up_to(std::size_t most, double alpha = gate_alpha);

enum class GateVerdict : std::uint8_t { identical, passed, failed, not_shown };
/// "identical", "passed", "failed", "not shown".
const char* verdict_name(GateVerdict verdict);

/// What became of one condition.
struct Judged {
  GateCondition condition;
  GateVerdict verdict = GateVerdict::not_shown;
  std::size_t n = 0;  ///< replications looked at
  Interval change;    ///< share of the base, or unit of the figure; at the critical value of the last look
  std::string unit;   ///< of `change`: "%" (the values are shares) or that of the figure
  std::string why;    ///< not shown: what is missing
  bool ok() const { return verdict == GateVerdict::identical || verdict == GateVerdict::passed; }
};

/// Two scenarios as a gate sees them.
struct Pairs {
  std::function<void(std::size_t n)> reach;      ///< sees to it that there are so many replications
  std::function<bool(std::size_t n)> identical;  ///< whether the first n came to the same
  std::function<PairedSums(const std::string& path, std::size_t n)> sums;
  std::function<std::string(const std::string& path)> unit;
};

/// Looks until each condition is decided, or at the last count: passed where the change is beyond doubt on the right side of the limit,
/// failed where it is beyond doubt on the wrong one, not shown where neither can be said (which is not passed). Two that come to the same
/// in all replications of a look are identical at once.
std::vector<Judged> pass_gate(const std::vector<GateCondition>& conditions, const Looks& looks, const Pairs& pairs);

/// One row per condition. @param subject what is judged, e.g. a variant's label, one per entry @param head what people read above it
Table gate_table(const std::vector<std::pair<std::string, Judged>>& all, const std::string& head);

/// "products < -1 %: passed, +0.1 % [-0.3, 0.4] after 20 replications".
std::string sentence(const Judged& judged);

}  // namespace retwin

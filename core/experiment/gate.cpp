// Conditions as text; looks, each with the critical value that its share of the error allows.
#include "core/experiment/gate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "core/base/constants.hpp"
#include "core/base/files.hpp"
#include "core/experiment/objective.hpp"
#include "core/experiment/shown_change.hpp"
#include "core/stats/sequential.hpp"

namespace retwin {
namespace {

constexpr const char* how_to_write = "write for instance \"products < -1 %\" or \"plant.cycle_time > 0.5 h\"";

std::string trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(" \t") - first + 1));
}

/// How a change lies to its limit.
std::optional<GateVerdict> verdict_of(const GateCondition& c, const Interval& change) {
  if (!std::isfinite(change.mean) || !std::isfinite(change.half_width)) return std::nullopt;
  if (c.below ? change.low() > c.limit : change.high() < c.limit) return GateVerdict::passed;
  if (change.half_width == 0 && change.mean == c.limit) return GateVerdict::passed;  // at the limit, and nothing varies
  if (c.below ? change.high() < c.limit : change.low() > c.limit) return GateVerdict::failed;
  return std::nullopt;
}

std::string why_not(const GateCondition& c, const PairedSums& sums, const Interval& change, bool last) {
  if (sums.size() == 0) return "the figure is in none of the replications of both";
  if (c.relative && std::isnan(change.mean))
    return "the figure of the base is 0: a share of it says nothing; give a limit in the unit of the figure";
  if (std::isnan(change.half_width)) return "the spread is not known";
  return last ? "undecided at the last look" : "";
}

void look(Judged& judged, const Pairs& pairs, double critical, bool last) {
  const GateCondition& c = judged.condition;
  const PairedSums sums = pairs.sums(c.path, judged.n);
  const Estimate change = c.relative ? relative_change(sums) : paired_change(sums);
  const double half_width = change.error == 0 ? 0 : change.n < 2 || std::isinf(critical) ? nan : critical * change.error;
  judged.change = {change.value, half_width, judged.change.level, change.n};
  const std::optional<GateVerdict> verdict = verdict_of(c, judged.change);
  judged.verdict = verdict.value_or(GateVerdict::not_shown);
  judged.why = verdict ? "" : why_not(c, sums, judged.change, last);
}

}  // namespace

GateCondition condition_of(const std::string& text, const Scenario& base, const Place& place) {
  const std::size_t sign = text.find_first_of("<>");
  if (sign == std::string::npos) refuse(Code::syntax, place, fmt::format("\"{}\" has neither < nor >", text), how_to_write);
  GateCondition c;
  c.text = trimmed(text);
  c.below = text[sign] == '<';
  const std::string name = trimmed(std::string_view(text).substr(0, sign)), right = trimmed(std::string_view(text).substr(sign + 1));
  c.path = name == "products" ? base.objective : name;
  check_figure(base, c.path, place);
  const std::size_t end = std::min(right.find_first_not_of("+-0123456789.eE"), right.size());
  const std::string digits =
      trimmed(right.substr(right.empty() || right[0] != '+' ? 0 : 1, end - (right.empty() || right[0] != '+' ? 0 : 1)));
  const std::string unit = trimmed(right.substr(end)), own = figure_unit(base, c.path);
  const std::optional<double> number = number_of(digits);
  if (!number) refuse(Code::syntax, place, fmt::format("\"{}\" is no change of a figure", right), how_to_write);
  c.limit = *number;
  c.relative = unit == "%";
  if (c.relative) c.limit /= 100;
  else if (unit != own && !(unit.empty() && own == "1"))
    refuse(Code::unit, place, fmt::format("\"{}\": {} is measured in {}", right, c.path, own == "1" ? "no unit" : own),
           own == "1" ? "write a number, or % of the base" : fmt::format("write {} {}, or % of the base", digits, own));
  return c;
}

Looks looks_up_to(std::size_t most, double alpha) {
  Looks looks;
  for (std::size_t n = gate_first; n < most; n *= 2) looks.counts.push_back(n);
  looks.counts.push_back(most);
  looks.critical = student_bounds(Spending::pocock, alpha, looks.counts);
  return looks;
}

const char* verdict_name(GateVerdict verdict) {
  constexpr const char* names[] = {"identical", "passed", "failed", "not shown"};
  return names[static_cast<std::size_t>(verdict)];
}

std::vector<Judged> pass_gate(const std::vector<GateCondition>& conditions, const Looks& looks, const Pairs& pairs) {
  std::vector<Judged> all;
  for (const GateCondition& condition : conditions) all.push_back({condition, GateVerdict::not_shown, 0, {}, {}, {}});
  for (std::size_t k = 0; k < looks.counts.size(); ++k) {
    const std::size_t n = looks.counts[k];
    pairs.reach(n);
    const bool same = pairs.identical(n), last = k + 1 == looks.counts.size();
    bool open = false;
    for (Judged& judged : all) {
      if (judged.verdict != GateVerdict::not_shown) continue;
      judged.n = n;
      judged.unit = judged.condition.relative ? "%" : pairs.unit(judged.condition.path);
      if (same) {
        judged.verdict = GateVerdict::identical;
        judged.change = {0, 0, 1, n};
        judged.why.clear();
      } else {
        look(judged, pairs, looks.critical[k], last);
      }
      open = open || judged.verdict == GateVerdict::not_shown;
    }
    if (!open) break;
  }
  return all;
}

std::string sentence(const Judged& j) {
  const std::string counts = j.verdict == GateVerdict::not_shown ? ", which counts as failed" : "";
  const std::string found = fmt::format("{}: {}{}", j.condition.text, verdict_name(j.verdict), counts);
  const std::string after = fmt::format("after {} replications", j.n);
  if (j.verdict == GateVerdict::identical) return fmt::format("{} in {} replications", found, j.n);
  const std::string measured = std::isnan(j.change.mean) ? after : fmt::format("{} {}", shown_change(j.change, j.unit), after);
  return fmt::format("{}, {}{}", found, measured, j.why.empty() ? "" : "; " + j.why);
}

Table gate_table(const std::vector<std::pair<std::string, Judged>>& all, const std::string& head) {
  Table table({text_column("subject", "what was judged").as(head), text_column("condition", "what fails").as("fails if").to_the_left(),
               text_column("figure", "path of the figure").for_programs(),
               text_column("verdict", "identical, passed, failed, or not shown (which is not passed)").as("verdict").to_the_left(),
               flag_column("ok", "identical or passed").for_programs(),
               number_column("change", "", "change against the base: a share of it, or in the unit of the figure").for_programs(),
               number_column("low", "", "lower end of its interval, at the critical value of the last look").for_programs(),
               number_column("high", "", "upper end").for_programs(), text_column("unit", "of the change").for_programs(),
               shown_column("change").to_the_left(), integer_column("n", "replications at the last look").as("n"),
               text_column("why", "what is missing where nothing was shown").as("").to_the_left()});
  for (const auto& [subject, j] : all)
    table.row({subject, j.condition.text, j.condition.path, verdict_name(j.verdict), j.ok(), j.change.mean, j.change.low(),
               j.change.high(), j.unit == "%" ? "1" : j.unit, shown_change(j.change, j.unit), j.n, j.why});
  return table;
}

}  // namespace retwin

// Paired figures of each variant, Holm over the headline figures of all, and sentences about them.
#include "core/experiment/compare.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "core/base/constants.hpp"
#include "core/base/readable.hpp"
#include "core/experiment/headlines.hpp"
#include "core/experiment/objective.hpp"
#include "core/experiment/replications.hpp"
#include "core/experiment/shown_change.hpp"
#include "core/ledger/rules_and_prices.hpp"
#include "core/stats/multiple.hpp"

namespace retwin {
namespace {

FigureChange change_of(const Kpi& kpi, const PairedSums& sums, double level) {
  FigureChange made;
  made.kpi = kpi;
  made.base = base_figure(sums).interval(level);
  made.variant = variant_figure(sums).interval(level);
  const Estimate difference = paired_change(sums);
  made.difference = difference.interval(level);
  made.relative = relative_change(sums).interval(level);
  made.p_value = difference.p_value();
  made.p_adjusted = nan;
  made.reduction = variance_reduction(sums);
  return made;
}

std::vector<FigureChange> changes_of(const FigureRows& base, const FigureRows& variant, std::size_t n,
                                     const std::vector<std::string>& headlines, double level) {
  const std::vector<FigureRows::Path> of_base = base.by_path(), of_variant = variant.by_path();
  std::unordered_map<std::string, const FigureRows::Path*> known;
  for (const FigureRows::Path& path : of_variant) known.emplace(path.kpi->path, &path);
  std::vector<FigureChange> all;
  for (const FigureRows::Path& path : of_base) {
    const auto other = known.find(path.kpi->path);
    if (other == known.end()) continue;
    all.push_back(change_of(*path.kpi, paired_sums(path, *other->second, n), level));
    const bool any = all.back().base.mean != 0 || all.back().variant.mean != 0;  // what is not there at all is no test
    all.back().headline = any && std::find(headlines.begin(), headlines.end(), path.kpi->path) != headlines.end();
  }
  const auto rank = [&](const FigureChange& c) { return std::find(headlines.begin(), headlines.end(), c.kpi.path) - headlines.begin(); };
  std::stable_sort(all.begin(), all.end(), [&](const FigureChange& a, const FigureChange& b) { return rank(a) < rank(b); });
  return all;
}

void adjust(std::vector<VariantComparison>& variants) {
  std::vector<double> p_values;
  std::vector<FigureChange*> tested;
  for (VariantComparison& variant : variants)
    for (FigureChange& figure : variant.figures)
      if (figure.headline) tested.push_back(&figure), p_values.push_back(figure.p_value);
  const std::vector<double> adjusted = holm(p_values);
  for (std::size_t k = 0; k < tested.size(); ++k) tested[k]->p_adjusted = adjusted[k];
}

std::string sentence_of(const FigureChange& f, const std::string& objective, double alpha) {
  const std::string name = figure_name(f.kpi.path, objective);
  const bool relative = share_says(f.base, f.relative);
  const Interval& change = relative ? f.relative : f.difference;
  const std::string unit = relative ? "%" : f.kpi.unit;
  if (std::isnan(change.mean)) return name + " not observed";
  if (change.n < 2) return fmt::format("{} {}, from one replication", name, shown_change(change, unit));
  if (change.mean == 0 && change.half_width == 0) return name + " unchanged in every replication";
  if (f.shown(alpha)) return fmt::format("{} {}", name, shown_change(change, unit));
  return fmt::format("{} unchanged within {}", name, shown_within(change, unit));
}

Pairs pairs_of(PairedRuns& runs, std::size_t variant) {
  Pairs pairs;
  pairs.reach = [&runs, variant](std::size_t n) { runs.reach({0, variant}, n); };
  pairs.identical = [&runs, variant](std::size_t n) { return runs.identical(0, variant, n); };
  pairs.sums = [&runs, variant](const std::string& path, std::size_t n) {
    return paired_sums(runs.figures(0), runs.figures(variant), path, n);
  };
  pairs.unit = [&runs](const std::string& path) { return figure_unit(*runs.contenders().front().scenario, path); };
  return pairs;
}

}  // namespace

namespace {

std::vector<double> values_of(const FigureRows& figures, const std::string& path, std::size_t n, bool& estimate) {
  std::vector<double> values;
  for (const FigureRows::Path& of : figures.by_path()) {
    if (of.kpi->path != path) continue;
    estimate = estimate || of.kpi->estimate;
    for (std::size_t r = 0; r < n; ++r) values.push_back(of.values[r] != nullptr ? of.values[r]->value : nan);
  }
  return values;
}

/// Of a variant. @throws InputError (unknown-name): the base has no such functional unit
std::vector<ClaimedReduction> claims_of(const PairedRuns& runs, std::size_t variant, std::size_t n, double level) {
  std::vector<ClaimedReduction> all;
  const Scenario& scenario = *runs.contenders()[variant].scenario;
  if (!scenario.reporting.accounts) return all;
  for (const Claim& claim : scenario.reporting.accounts->claims) {
    ClaimedReduction one{claim.name, claim.unit, claim.additionality, claim.leakage, {}, {}, claim.leakage != 0 && claim.about.estimate};
    const std::string at = "per." + claim.unit + ".";
    const std::vector<double> before = values_of(runs.figures(0), at + "carbon", n, one.estimate), after = values_of(runs.figures(variant), at + "carbon", n, one.estimate),
                              tonnes = values_of(runs.figures(variant), at + "mass_per_year", n, one.estimate);
    if (before.empty() || after.empty())
      refuse(Code::unknown_name, scenario.path, fmt::format("claims.{}: the baseline {} tells no emissions per {}", claim.name, runs.contenders()[0].label, claim.unit),
             "compare with a plant that has the functional unit and factors");
    constexpr double kg = 1000;
    std::vector<double> volume;
    for (std::size_t r = 0; r < n; ++r) volume.push_back((before[r] - after[r]) * tonnes[r] / kg * (1 - claim.leakage));
    one.per_tonne = paired_difference(before, after, level);
    one.volume = student_interval(volume, level);
    all.push_back(std::move(one));
  }
  return all;
}

/// Whether the change of the objective is known as precisely as the base asks, of every variant.
bool precise(const PairedRuns& runs, std::size_t n) {
  const Scenario& base = *runs.contenders().front().scenario;
  for (std::size_t k = 1; k < runs.contenders().size(); ++k) {
    const PairedSums sums = paired_sums(runs.figures(0), runs.figures(k), base.objective, n);
    if (relative_change(sums).interval(base.run.confidence).half_width > base.run.precision) return false;
  }
  return true;
}

/// So many as make it precise, as `auto` of a run does.
std::size_t reach_precision(PairedRuns& runs, const std::vector<std::size_t>& all, std::size_t most) {
  for (std::size_t n = std::min(gate_first, most);; n = std::min(most, n + (n + 1) / 2)) {
    runs.reach(all, n);
    if (n >= most || precise(runs, n)) return n;
  }
}

}  // namespace

bool FigureChange::shown(double alpha) const { return (headline ? p_adjusted : p_value) < alpha; }

bool Comparison::passed() const {
  return std::all_of(variants.begin(), variants.end(), [](const VariantComparison& v) {
    return std::all_of(v.gate.begin(), v.gate.end(), [](const Judged& j) { return j.ok(); });
  });
}

void check_produced(const FigureRows& figures, const Contender& base) {
  const std::string& objective = base.scenario->objective;
  for (const FigureRows::Path& path : figures.by_path())
    if (path.kpi->path == objective && std::any_of(path.values.begin(), path.values.end(), [](const FigureRows::Value* v) {
          return v && v->value != 0 && !std::isnan(v->value);
        }))
      return;
  throw InputError({{Code::range, Severity::error, base.scenario->objective_place, "objective",
                     fmt::format("{} is 0 in every replication of {}: there is nothing to compare with", objective, base.label),
                     "name another figure with `objective:`, or make run.duration longer"}});
}

std::size_t most_replications(const CompareOptions& options, const Scenario& base) {
  if (options.replications > 0) return options.replications;
  if (!options.fail_if.empty()) return gate_most;
  if (base.run.replications == 0) return static_cast<std::size_t>(base.run.max_replications);
  return std::max<std::size_t>(gate_first, static_cast<std::size_t>(base.run.replications));
}

Comparison compare(PairedRuns& runs, const CompareOptions& options) {
  const std::vector<Contender>& contenders = runs.contenders();
  const Contender& base = contenders.front();
  const std::size_t most = most_replications(options, *base.scenario);
  Comparison made;
  made.label = base.label;
  made.file = base.scenario->path;
  made.objective = base.scenario->objective;
  made.seed = runs.seed();
  made.level = base.scenario->run.confidence;
  const Task window = runs.tasks(0, 1).front();
  made.begin_s = window.begin_s;
  made.end_s = window.end_s;
  made.found_warmup = runs.found_warmup();
  std::vector<GateCondition> conditions;
  Place place;
  place.file = "--fail-if";
  for (const std::string& text : options.fail_if) conditions.push_back(condition_of(text, *base.scenario, place));
  const std::vector<std::string> headlines = headline_figures(*base.scenario);
  std::vector<std::size_t> all;
  for (std::size_t k = 0; k < contenders.size(); ++k) all.push_back(k);
  const bool grows = conditions.empty() && options.replications == 0 && base.scenario->run.replications == 0;
  const std::size_t count = grows ? reach_precision(runs, all, most) : most;
  if (conditions.empty()) runs.reach(all, count);
  const Looks looks = conditions.empty() ? Looks{} : looks_up_to(most);
  for (std::size_t k = 1; k < contenders.size(); ++k) {
    VariantComparison variant;
    variant.label = contenders[k].label;
    variant.file = contenders[k].scenario->path;
    variant.changes = changes_between(base.document, contenders[k].document);
    for (DocumentChange& file : changed_files(base.scenario->inputs, contenders[k].scenario->inputs))
      variant.changes.push_back(std::move(file));
    if (!conditions.empty()) variant.gate = pass_gate(conditions, looks, pairs_of(runs, k));
    variant.replications = count;
    if (!variant.gate.empty()) {
      variant.replications = 0;
      for (const Judged& judged : variant.gate) variant.replications = std::max(variant.replications, judged.n);
    }
    check_produced(runs.figures(0), base);
    variant.identical = runs.identical(0, k, variant.replications);
    variant.claims = claims_of(runs, k, variant.replications, made.level);
    variant.figures = changes_of(runs.figures(0), runs.figures(k), variant.replications, headlines, made.level);
    made.variants.push_back(std::move(variant));
  }
  adjust(made.variants);
  for (VariantComparison& variant : made.variants)
    for (const FigureChange& figure : variant.figures)
      if (figure.headline) variant.sentences.push_back(sentence_of(figure, made.objective, 1 - made.level));
  return made;
}

}  // namespace retwin

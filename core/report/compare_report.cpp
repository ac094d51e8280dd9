// Variant by variant: what was changed, what came of it.
#include "core/report/compare_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/base/constants.hpp"
#include "core/base/files.hpp"
#include "core/base/readable.hpp"
#include "core/base/table_json.hpp"
#include "core/experiment/shown_change.hpp"

namespace retwin {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t most_others = 15, most_changes = 25;

std::string unit_of(const Kpi& kpi) { return kpi.unit == "1" ? "" : kpi.unit; }
std::string change_of(const FigureChange& f) {
  return share_says(f.base, f.relative) ? shown_change(f.relative, "%") : shown_change(f.difference, f.kpi.unit);
}
std::string shown_p(double p) { return std::isnan(p) ? "-" : p < 0.0001 ? "< 0.0001" : fmt::format("{:.2g}", p); }
std::string shown_reduction(double times) {
  return std::isnan(times) ? "-" : std::isinf(times) || times > 1e6 ? "all of it" : fmt::format("{:.3g} x", times);
}

Table for_people(const std::string& head, const std::string& p_head) {
  return Table({shown_column(head), shown_column("unit").to_the_left(), shown_column("base"), shown_column("variant"),
                shown_column("change").to_the_left(), shown_column(p_head), shown_column("variance less by")});
}

void add_shown(Table& table, const FigureChange& f, double alpha) {
  table.row({f.kpi.path + (f.shown(alpha) ? " *" : ""), unit_of(f.kpi), readable(f.base.mean), readable(f.variant.mean), change_of(f),
             shown_p(f.headline ? f.p_adjusted : f.p_value), shown_reduction(f.reduction)});
}

std::string what_differs(const VariantComparison& variant) {
  if (variant.changes.empty()) return "  nothing differs in the scenarios\n";
  std::vector<DocumentChange> first(
      variant.changes.begin(), variant.changes.begin() + static_cast<std::ptrdiff_t>(std::min(most_changes, variant.changes.size())));
  std::string out = changes_table(first).text();
  if (variant.changes.size() > first.size()) out += fmt::format("  and {} more\n", variant.changes.size() - first.size());
  return out;
}

std::string others(const VariantComparison& variant, double alpha) {
  std::vector<const FigureChange*> differ;
  std::size_t all = 0;
  for (const FigureChange& f : variant.figures) {
    if (f.headline) continue;
    ++all;
    if (f.shown(alpha)) differ.push_back(&f);
  }
  if (differ.empty()) return fmt::format("\n  of {} other figures none differs (p < {:.2g}, uncorrected)\n", all, alpha);
  const auto size = [](const FigureChange* f) { return std::isfinite(f->relative.mean) ? std::abs(f->relative.mean) : 0; };
  std::stable_sort(differ.begin(), differ.end(), [&](const FigureChange* a, const FigureChange* b) { return size(a) > size(b); });
  Table table = for_people("Others, uncorrected", "p");
  for (std::size_t k = 0; k < std::min(differ.size(), most_others); ++k) add_shown(table, *differ[k], alpha);
  return fmt::format("\n{}  {} of {} other figures differ (p < {:.2g}); by chance alone {:.0f} would{}\n", table.text(), differ.size(),
                     all, alpha, alpha * static_cast<double>(all), differ.size() > most_others ? ". --format csv lists them all" : "");
}

std::string text_of(const VariantComparison& variant, double alpha) {
  std::string out = fmt::format("\n{}\n", variant.label) + what_differs(variant);
  if (variant.identical) {
    out += fmt::format("\n  identical: all {} replications came to the same figures\n", variant.replications);
  } else {
    out += "\n";
    for (const std::string& sentence : variant.sentences) out += "  " + sentence + "\n";
    Table table = for_people("Headline figures", "p (Holm)");
    for (const FigureChange& f : variant.figures)
      if (f.headline) add_shown(table, f, alpha);
    if (!table.empty()) out += "\n" + table.text();
    out += others(variant, alpha);
  }
  for (const ClaimedReduction& claim : variant.claims)
    out += fmt::format("\nClaimed reduction {}: {}{}{}, netted with nothing\n  {} less per tonne of {}, {} of it elsewhere instead (leakage)\n  additional because: {}\n",
                       claim.name, shown_change(claim.volume, "t CO2e/a"), claim.estimate ? " (estimate)" : "", claim.volume.low() > 0 ? "" : ", not shown to be one",
                       shown_change(claim.per_tonne, "kg CO2e"), claim.unit, shown_percent(claim.leakage), claim.additionality);
  if (!variant.gate.empty()) out += "\nGate\n";
  for (const Judged& judged : variant.gate) out += "  " + sentence(judged) + "\n";
  return out;
}

/// Of each figure that all have, per contender and replication.
Json values_of(const Comparison& comparison, const PairedRuns& runs) {
  Json all = Json::object();
  for (std::size_t k = 0; k < runs.contenders().size(); ++k) {
    const std::size_t n = runs.replications(k);
    Json figures = Json::object();
    for (const FigureRows::Path& path : runs.figures(k).by_path()) {
      Json values = Json::array();
      for (std::size_t r = 0; r < n; ++r) values.push_back(json_number<Json>(path.values[r] ? path.values[r]->value : nan));
      figures[path.kpi->path] = std::move(values);
    }
    Json digests = Json::array();
    for (std::size_t r = 0; r < n; ++r) digests.push_back(runs.digest(k, r));
    all[k == 0 ? comparison.label : comparison.variants[k - 1].label] = {
        {"replications", n}, {"digests", std::move(digests)}, {"figures", std::move(figures)}};
  }
  return all;
}

}  // namespace

Table figure_changes_table(const Comparison& comparison) {
  const auto share = [](const char* name, const char* doc) { return number_column(name, "1", doc); };
  const auto own = [](const char* name, const char* doc) { return number_column(name, "", doc); };
  Table table(
      {text_column("variant", "label").as("Variant"),
       text_column("path", "of the figure").as("figure").to_the_left(),
       text_column("unit", "of the figure").as("unit").to_the_left(),
       flag_column("headline", "tested together with the other headline figures").for_programs(),
       own("base", "of the base, in the unit of the figure").as("base"),
       own("base_half_width", "of its confidence interval").for_programs(),
       own("variant_value", "of the variant, in the unit of the figure").as("variant"),
       own("variant_half_width", "of its confidence interval").for_programs(),
       own("difference", "variant less base, paired, in the unit of the figure").for_programs(),
       own("difference_low", "lower end of its interval").for_programs(),
       own("difference_high", "upper end").for_programs(),
       share("change", "difference as a share of the base").for_programs(),
       share("change_low", "lower end of its interval").for_programs(),
       share("change_high", "upper end").for_programs(),
       shown_column("change").to_the_left(),
       share("p_value", "of no difference, of this figure alone, uncorrected").for_programs(),
       share("p_adjusted", "of headline figures, by Holm over those of all variants").for_programs(),
       flag_column("shown", "a difference is shown: p_adjusted of headline figures, p_value of others below 1 - confidence").as("shown"),
       share("variance_reduction", "variance of a difference with independent luck, by that of the paired one").for_programs(),
       integer_column("n", "replications").as("n")});
  for (const VariantComparison& v : comparison.variants)
    for (const FigureChange& f : v.figures)
      table.row({v.label,
                 f.kpi.path,
                 f.kpi.unit,
                 f.headline,
                 f.base.mean,
                 f.base.half_width,
                 f.variant.mean,
                 f.variant.half_width,
                 f.difference.mean,
                 f.difference.low(),
                 f.difference.high(),
                 f.relative.mean,
                 f.relative.low(),
                 f.relative.high(),
                 change_of(f),
                 f.p_value,
                 f.p_adjusted,
                 f.shown(1 - comparison.level),
                 f.reduction,
                 f.difference.n});
  return table;
}

Table scenario_changes_table(const Comparison& comparison) {
  Table table({text_column("variant", "label").as("Variant"),
               text_column("kind", "station, source, ... that only one has; route; parameter; run; file").as("differs").to_the_left(),
               text_column("path", "where in the scenario; of a file its name").as("path").to_the_left(),
               text_column("before", "as the base says it; of a file its SHA-256").as("base").to_the_left(),
               text_column("after", "as the variant says it").as("variant").to_the_left(),
               text_column("file", "where the variant says so").for_programs(), integer_column("line", "in that file").for_programs()});
  for (const VariantComparison& v : comparison.variants)
    for (const DocumentChange& c : v.changes)
      table.row(
          {v.label, c.kind, c.path, c.before, c.after, c.place.file, c.place.line > 0 ? std::int64_t{c.place.line} : Table::missing});
  return table;
}

Table gate_table(const Comparison& comparison) {
  std::vector<std::pair<std::string, Judged>> all;
  for (const VariantComparison& v : comparison.variants)
    for (const Judged& judged : v.gate) all.emplace_back(v.label, judged);
  return gate_table(all, "Variant");
}

Table claims_table(const Comparison& comparison) {
  Table table({text_column("variant", "label").as("Variant"), text_column("claim").as("claim").to_the_left(), text_column("unit", "functional unit").as("per").to_the_left(),
               number_column("per_tonne", "kg CO2e/t", "emissions of the base less those of the variant, paired"), number_column("per_tonne_low", "kg CO2e/t"),
               number_column("per_tonne_high", "kg CO2e/t"), number_column("leakage", "1"), number_column("volume", "t CO2e/a", "over the variant's mass, less leakage; netted with nothing"),
               number_column("volume_low", "t CO2e/a"), number_column("volume_high", "t CO2e/a"), flag_column("estimate"), text_column("additionality").to_the_left()});
  for (const VariantComparison& v : comparison.variants)
    for (const ClaimedReduction& c : v.claims)
      table.row({v.label, c.name, c.unit, c.per_tonne.mean, c.per_tonne.low(), c.per_tonne.high(), c.leakage, c.volume.mean, c.volume.low(), c.volume.high(), c.estimate, c.additionality});
  return table;
}

std::string compare_text(const Comparison& comparison) {
  std::size_t n = 0;
  for (const VariantComparison& v : comparison.variants) n = std::max(n, v.replications);
  std::string out = fmt::format("{} against {} variant{}: {}{}, {} replication{} with the same luck, seed {}\n",
                                comparison.label, comparison.variants.size(), comparison.variants.size() == 1 ? "" : "s",
                                shown_window(comparison.begin_s, comparison.end_s), comparison.found_warmup ? " (found by MSER)" : "", n,
                                n == 1 ? "" : "s", comparison.seed);
  for (const VariantComparison& v : comparison.variants) out += text_of(v, 1 - comparison.level);
  return out + fmt::format("\n* a difference is shown. Intervals are those of each figure alone, at {:.4g} %; retwin explain compare\n",
                           100 * comparison.level);
}

std::string compare_json(const Comparison& comparison, const PairedRuns& runs) {
  Json json = {
      {"base", {{"label", comparison.label}, {"file", comparison.file}, {"manifest", runs.contenders().front().scenario->scenario_hash}}},
      {"objective", comparison.objective},
      {"seed", comparison.seed},
      {"begin_s", comparison.begin_s},
      {"end_s", comparison.end_s},
      {"confidence", comparison.level},
      {"passed", comparison.passed()},
      {"variants", Json::array()}};
  if (comparison.found_warmup) json["found_warmup_s"] = comparison.begin_s;
  for (const Problem& problem : runs.warnings())
    json["warnings"].push_back({{"code", code_name(problem.code)}, {"path", problem.path}, {"message", problem.message}});
  for (std::size_t k = 0; k < comparison.variants.size(); ++k) {
    Comparison one = comparison;
    one.variants = {comparison.variants[k]};
    const VariantComparison& v = comparison.variants[k];
    json["variants"].push_back({{"label", v.label},
                                {"file", v.file},
                                {"manifest", runs.contenders()[k + 1].scenario->scenario_hash},
                                {"identical", v.identical},
                                {"replications", v.replications},
                                {"sentences", v.sentences},
                                {"changes", json_rows<Json>(scenario_changes_table(one))},
                                {"figures", json_rows<Json>(figure_changes_table(one))},
                                {"gate", json_rows<Json>(gate_table(one))},
                                {"claims", json_rows<Json>(claims_table(one))}});
  }
  json["replications"] = values_of(comparison, runs);
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::vector<std::string> comparison_files(const std::string& folder) {
  return {folder + "/figures.csv", folder + "/changes.csv", folder + "/gate.csv", folder + "/claims.csv", folder + "/result.json"};
}

void write_comparison(const std::string& folder, const Comparison& comparison, const PairedRuns& runs) {
  FileSet files;
  write_file(folder + "/figures.csv", figure_changes_table(comparison).csv());
  write_file(folder + "/changes.csv", scenario_changes_table(comparison).csv());
  if (const Table gate = gate_table(comparison); !gate.empty()) write_file(folder + "/gate.csv", gate.csv());
  if (const Table claims = claims_table(comparison); !claims.empty()) write_file(folder + "/claims.csv", claims.csv());
  write_file(folder + "/result.json", compare_json(comparison, runs));
  files.commit();
}

}  // namespace retwin

// Kept figures first; the kept scenario again where they do not tell.
#include "core/experiment/regress.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <utility>

#include "core/base/files.hpp"
#include "core/experiment/compare.hpp"
#include "core/experiment/objective.hpp"
#include "core/experiment/replications.hpp"

namespace retwin {
namespace {

Place place_of(const std::string& file) {
  Place place;
  place.file = file;
  return place;
}

/// Figures of a scenario that must not become worse, each with its margin.
std::vector<Margin> margins_for(const Scenario& scenario, const std::vector<Margin>& given) {
  std::vector<Margin> all;
  for (std::string& path : guarded_figures(scenario)) all.push_back({std::move(path), default_margin});
  const std::vector<std::string> known = figure_paths(scenario);
  for (const Margin& margin : given) {
    const std::string path = margin.path == "products" ? scenario.objective : margin.path;
    const auto there = std::find_if(all.begin(), all.end(), [&](const Margin& m) { return m.path == path; });
    if (there != all.end()) there->share = margin.share;
    else if (std::find(known.begin(), known.end(), path) != known.end()) all.push_back({path, margin.share});
  }
  return all;
}

std::vector<GateCondition> conditions_for(const Scenario& scenario, const std::vector<Margin>& given) {
  std::vector<GateCondition> all;
  for (const Margin& margin : margins_for(scenario, given)) {
    const Better better = better_of(margin.path, scenario.objective);
    const auto add = [&](bool below) {
      all.push_back({fmt::format("{} {} {:.6g} %", margin.path, below ? "<" : ">", (below ? -100 : 100) * margin.share), margin.path,
                     below, below ? -margin.share : margin.share, true});
    };
    if (better != Better::less) add(true);
    if (better != Better::more) add(false);
  }
  return all;
}

void check_plant(const Baseline& baseline, const Contender& now, const char* hint) {
  if (baseline.plant == now.scenario->name) return;
  refuse(
      Code::conflict, place_of(baseline.path),
      fmt::format("these are the figures of another plant, \"{}\"; {} is \"{}\"", baseline.plant, now.scenario->path, now.scenario->name),
      hint);
}

void check_window(const Baseline& baseline, const Contender& now) {
  const Task kept = baseline.tasks.front(), task = tasks_of(*now.scenario).front();
  if (kept.begin_s == task.begin_s && kept.end_s == task.end_s) return;
  refuse(Code::conflict, place_of(baseline.path),
         fmt::format("these figures are of another window than that of {}: run.duration or run.warmup has changed", now.scenario->path),
         "keep new ones with --update");
}

void check_kept(const Baseline& baseline, const std::vector<GateCondition>& conditions) {
  Problems problems;
  const std::vector<FigureRows::Path> kept = baseline.figures.by_path();
  for (const GateCondition& c : conditions)
    if (std::none_of(kept.begin(), kept.end(), [&](const FigureRows::Path& p) { return p.kpi->path == c.path; }))
      problems.error(Code::missing, place_of(baseline.path), c.path, "this figure was not kept",
                     "keep new ones with --update and the same --margin");
  problems.throw_if_errors();
}

/// A scenario as it is now and as it was kept.
class Judging {
 public:
  Judging(const Contender& now, const Baseline& baseline, const RegressOptions& options, const Registry& registry)
      : now_(now),
        baseline_(baseline),
        options_(options),
        registry_(registry),
        conditions_(conditions_for(*now.scenario, options.margins)) {}

  Regressed run() {
    Regressed out;
    out.scenario = now_.scenario->path;
    out.baseline = baseline_.path;
    out.kept_by = baseline_.version;
    check_plant(baseline_, now_, "name another --baseline folder");
    check_window(baseline_, now_);
    check_kept(baseline_, conditions_);
    out.changes = changes_between(kept_document(baseline_), now_.document);
    const std::vector<DocumentChange> files = changed_files(baseline_.inputs, now_.scenario->inputs);
    out.changes.insert(out.changes.end(), files.begin(), files.end());
    const std::uint64_t seed = options_.seed.value_or(now_.scenario->run.seed);
    if (seed == baseline_.seed()) against_figures(out, files.empty());
    else against_scenario(out, files, seed);
    return out;
  }

 private:
  Contender kept() const { return kept_contender(baseline_, now_, registry_); }
  std::size_t most(std::size_t at_most) const { return options_.replications > 0 ? std::min(options_.replications, at_most) : at_most; }
  std::string unit(const std::string& path) const { return figure_unit(*now_.scenario, path); }

  /// With other luck than that of the kept figures.
  void against_scenario(Regressed& out, const std::vector<DocumentChange>& files, std::uint64_t seed) {
    if (!files.empty())
      refuse(Code::conflict, place_of(baseline_.path),
             fmt::format("the kept scenario cannot be run again with seed {}: {} has changed since", seed, files.front().path),
             fmt::format("judge it with the seed of the kept figures, {}, or keep new ones with --update", baseline_.seed()));
    PairedRuns runs({kept(), now_}, seed, most(gate_most), options_.how);
    Pairs pairs;
    pairs.reach = [&](std::size_t n) { runs.reach({0, 1}, n); };
    pairs.identical = [&](std::size_t n) { return runs.identical(0, 1, n); };
    pairs.sums = [&](const std::string& path, std::size_t n) { return paired_sums(runs.figures(0), runs.figures(1), path, n); };
    pairs.unit = [&](const std::string& path) { return unit(path); };
    out.judged = pass_gate(conditions_, looks_up_to(most(gate_most)), pairs);
    out.against = fmt::format("the kept scenario, run again with seed {}", seed);
  }

  /// With the luck of the kept figures.
  void against_figures(Regressed& out, bool same_files) {
    const std::size_t stored = baseline_.replications();
    const std::size_t first = most(std::min(gate_first, stored));
    PairedRuns runs({kept_or_now(same_files), now_}, baseline_.seed(), std::max(gate_most, stored), options_.how);
    runs.reach({1}, first);
    const auto identical = [&](std::size_t n) {
      for (std::size_t r = 0; r < std::min(n, stored); ++r)
        if (!as_kept(runs, r)) return false;
      return true;
    };
    const bool same = identical(first);
    bool more = false;
    if (!same && same_files && most(gate_most) > stored) {  // whether the program gives the kept figures still
      runs.reach({0}, 1);
      more = runs.digest(0, 0) == baseline_.digests[0];
    }
    Pairs pairs;
    pairs.reach = [&](std::size_t n) {
      runs.reach({1}, n);
      if (n > stored) runs.reach({0}, n);
    };
    pairs.identical = identical;
    pairs.sums = [&](const std::string& path, std::size_t n) {
      return paired_sums(n > stored ? runs.figures(0) : baseline_.figures, runs.figures(1), path, n);
    };
    pairs.unit = [&](const std::string& path) { return unit(path); };
    const std::size_t last = same ? first : most(more ? gate_most : stored);
    out.judged = pass_gate(conditions_, looks_up_to(last), pairs);
    out.against = more ? "the kept figures, and beyond them the kept scenario, run again" : "the kept figures";
  }

  /// The same figures as then; or the same last state, and the same of what was kept: a later program may have further figures.
  bool as_kept(const PairedRuns& runs, std::size_t replication) const {
    const std::vector<Kpi> now = runs.figures(1).of(replication);
    if (figures_digest(now) == baseline_.figure_digests[replication]) return true;
    if (runs.digest(1, replication) != baseline_.digests[replication]) return false;
    const std::vector<Kpi> kept = baseline_.figures.of(replication);
    return std::all_of(kept.begin(), kept.end(), [&](const Kpi& k) {
      return std::any_of(now.begin(), now.end(), [&](const Kpi& n) {
        return n.path == k.path && (n.value == k.value || (std::isnan(n.value) && std::isnan(k.value)));
      });
    });
  }

  Contender kept_or_now(bool same_files) const { return same_files ? kept() : now_; }

  const Contender& now_;
  const Baseline& baseline_;
  const RegressOptions& options_;
  const Registry& registry_;
  std::vector<GateCondition> conditions_;
};

}  // namespace

bool Regressed::ok() const {
  return std::all_of(judged.begin(), judged.end(), [](const Judged& j) { return j.ok(); });
}

bool Regressed::identical() const {
  return std::all_of(judged.begin(), judged.end(), [](const Judged& j) { return j.verdict == GateVerdict::identical; });
}

Margin margin_of(const std::string& text) {
  const std::size_t equals = text.find('=');
  const auto trimmed = [](std::string_view part) {
    const std::size_t first = part.find_first_not_of(" \t");
    return first == std::string_view::npos ? std::string() : std::string(part.substr(first, part.find_last_not_of(" \t") - first + 1));
  };
  const Place place = place_of("--margin");
  constexpr const char* hint = "write for instance plant.cycle_time=5% or products=0.5%";
  if (equals == 0 || equals == std::string::npos) refuse(Code::syntax, place, fmt::format("\"{}\" is no margin of a figure", text), hint);
  std::string share = trimmed(std::string_view(text).substr(equals + 1));
  const bool percent = !share.empty() && share.back() == '%';
  if (percent) share.pop_back();
  const std::optional<double> number = percent ? number_of(trimmed(share)) : std::nullopt;
  if (!number) refuse(Code::syntax, place, fmt::format("\"{}\": a margin is a share of the figure, in %", text), hint);
  if (*number < 0) refuse(Code::range, place, fmt::format("\"{}\": a margin is not below 0", text), hint);
  return {trimmed(std::string_view(text).substr(0, equals)), *number / 100};
}

Regressed regress(const Contender& now, const RegressOptions& options, const Registry& registry) {
  const Baseline baseline = read_baseline(baseline_file(options.folder, now.scenario->path));
  return Judging(now, baseline, options, registry).run();
}

Baseline figures_to_keep(const Contender& now, const RegressOptions& options) {
  const std::string path = baseline_file(options.folder, now.scenario->path);
  std::error_code ignored;
  if (std::filesystem::exists(path, ignored))
    check_plant(read_baseline(path, true), now, "name another --baseline folder, or remove this file");
  const std::size_t n = options.replications > 0 ? options.replications : kept_by_default;
  PairedRuns runs({now}, options.seed.value_or(now.scenario->run.seed), n, options.how);
  runs.reach({0}, n);
  check_produced(runs.figures(0), now);
  std::vector<std::string> kept = headline_figures(*now.scenario);
  for (const Margin& margin : margins_for(*now.scenario, options.margins)) kept.push_back(margin.path);
  Baseline made = baseline_of(runs, 0, n, kept);
  made.path = path;
  return made;
}

void check_regress(const std::vector<Contender>& all, const RegressOptions& options) {
  Problems problems;
  for (const Margin& margin : options.margins) {
    if (margin.path == "products") continue;
    std::vector<std::string> known;
    for (const Contender& one : all)
      for (std::string& path : figure_paths(*one.scenario)) known.push_back(std::move(path));
    if (std::find(known.begin(), known.end(), margin.path) != known.end()) continue;
    const std::string near = nearest(margin.path, known);
    problems.error(Code::unknown_name, place_of("--margin"), margin.path, "no scenario has a figure of this name",
                   near.empty() ? "see the file kpis.csv of retwin run --out for all of them" : "did you mean " + near + "?");
  }
  for (const Contender& one : all)
    if (one.scenario->run.finds_warmup)
      problems.error(Code::conflict, place_of(one.scenario->path), "run.warmup", "auto may find another window than that of the kept figures",
                     "state the warm-up, e.g. the one that retwin run finds");
  std::map<std::string, std::string> files;
  for (const Contender& one : all) {
    const auto [there, is_new] = files.emplace(baseline_file(options.folder, one.scenario->path), one.scenario->path);
    if (!is_new)
      problems.error(Code::conflict, place_of(one.scenario->path), {},
                     fmt::format("its kept figures would be in the same file as those of {}: {}", there->second, there->first),
                     "name one of the files otherwise, or judge them apart with folders of their own");
  }
  problems.throw_if_errors();
}

}  // namespace retwin

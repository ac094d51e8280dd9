// The same seed and number of replication for all; figures path by path.
#include "core/experiment/paired_runs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <utility>

#include "core/experiment/replications.hpp"
#include "core/experiment/shown_change.hpp"

namespace retwin {
namespace {

constexpr double rounding = 1e-12;

std::vector<std::string> folders_of(const std::vector<std::string>& given) {
  std::vector<std::string> folders = given;
  for (std::string& folder : default_library_folders()) folders.push_back(std::move(folder));
  return folders;
}

std::string window_of(const Task& task) { return shown_window(task.begin_s, task.end_s); }

void check_windows(const std::vector<Contender>& all) {
  Problems problems;
  const Task base = tasks_of(*all.front().scenario).front();
  for (const Contender& one : all) {
    const Task task = tasks_of(*one.scenario).front();
    if (task.begin_s == base.begin_s && task.end_s == base.end_s) continue;
    Place place;
    place.file = one.scenario->path;
    problems.error(Code::conflict, place, "run.duration",
                   fmt::format("{} measures over {}, the base over {}", one.label, window_of(task), window_of(base)),
                   "give --duration and --warmup, which hold for all");
  }
  problems.throw_if_errors();
}

bool same_figures(const std::vector<Kpi>& a, const std::vector<Kpi>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const Kpi& x, const Kpi& y) { return x.path == y.path && same_value(x.value, y.value); });
}

[[noreturn]] void rethrow(const std::exception_ptr& why, const std::string& label, std::int64_t replication) {
  try {
    std::rethrow_exception(why);
  } catch (const RunError& error) {
    throw RunError(fmt::format("{} ({}, replication {})", error.what(), label, replication), error.time_s(), error.station());
  }
}

}  // namespace

Contender read_contender(const std::string& path, const std::vector<Override>& overrides, const std::vector<std::string>& libraries,
                         const Registry& registry, const std::string& set) {
  Problems problems;
  std::optional<Node> document = load_document(path, overrides, problems, registry);
  problems.throw_if_errors();
  Contender made;
  made.scenario = std::make_shared<const Scenario>(compile_scenario(*document, path, registry, folders_of(libraries)));
  made.document = std::move(*document);
  made.label = !set.empty() ? set : !made.scenario->label.empty() ? made.scenario->label : path;
  made.origin.scenario = path;
  made.origin.overrides = overrides;
  made.origin.libraries = libraries;
  return made;
}

void tell_apart(std::vector<Contender>& all) {
  const auto among = [&](std::size_t k) {
    return std::count_if(all.begin(), all.end(), [&](const Contender& c) { return c.label == all[k].label; }) > 1;
  };
  std::vector<bool> twice;
  for (std::size_t k = 0; k < all.size(); ++k) twice.push_back(among(k));
  for (std::size_t k = 0; k < all.size(); ++k)
    if (twice[k]) all[k].label = all[k].scenario->path;
  for (std::size_t k = 1; k < all.size(); ++k)
    for (int number = 2; among(k); ++number) all[k].label = fmt::format("{} ({})", all[k].scenario->path, number);
}

PairedRuns::PairedRuns(std::vector<Contender> contenders, std::uint64_t seed, std::size_t most, LocalOptions how)
    : contenders_(std::move(contenders)), seed_(seed), how_(std::move(how)) {
  find_warmups();
  check_windows(contenders_);
  for (std::size_t k = 0; k < contenders_.size(); ++k) {
    const auto same = [&](const Contender& c) { return c.scenario->scenario_hash == contenders_[k].scenario->scenario_hash; };
    same_as_.push_back(static_cast<std::size_t>(std::find_if(contenders_.begin(), contenders_.end(), same) - contenders_.begin()));
    made_.push_back({FigureRows(most), std::vector<std::string>(most), 0});
  }
}

/// One cut for all, or differences would be those of the windows.
void PairedRuns::find_warmups() {
  double longest_s = 0;
  RunOptions options;
  options.jobs = how_.jobs;
  options.poll = how_.poll;
  for (const Contender& one : contenders_) {
    if (!one.scenario->run.finds_warmup) continue;
    Scenario same_luck = *one.scenario;
    same_luck.run.seed = seed_;
    FoundWarmup found = find_warmup(same_luck, options);
    longest_s = std::max(longest_s, found.warmup_s);
    if (found.doubt) warnings_.push_back(std::move(*found.doubt));
    found_warmup_ = true;
  }
  for (Contender& one : contenders_)
    if (one.scenario->run.finds_warmup) one.scenario = std::make_shared<const Scenario>(with_warmup(*one.scenario, longest_s));
}

std::vector<Task> PairedRuns::tasks(std::size_t contender, std::size_t replications) const {
  RunOptions options;
  options.origin = contenders_.at(contender).origin;
  options.replications = static_cast<std::int64_t>(replications);
  std::vector<Task> all = tasks_of(*contenders_[contender].scenario, options);
  for (Task& task : all) task.seed = seed_;
  return all;
}

void PairedRuns::reach(const std::vector<std::size_t>& contenders, std::size_t replications) {
  std::vector<Task> wanted;
  std::vector<std::size_t> of;
  std::vector<std::size_t> those;
  for (const std::size_t k : contenders) those.push_back(same_as_.at(k));
  std::sort(those.begin(), those.end());
  those.erase(std::unique(those.begin(), those.end()), those.end());
  for (const std::size_t k : those) {
    const std::vector<Task> all = tasks(k, replications);
    for (std::size_t r = made_[k].count; r < replications; ++r) wanted.push_back(all[r]), of.push_back(k);
  }
  if (!wanted.empty()) run(wanted, of);
  for (const std::size_t k : those) made_[k].count = std::max(made_[k].count, replications);
}

void PairedRuns::run(const std::vector<Task>& tasks, const std::vector<std::size_t>& of) {
  std::vector<std::exception_ptr> errors(tasks.size());
  const auto contender = [&](const Task& task) { return of[static_cast<std::size_t>(&task - tasks.data())]; };
  const auto variant = [&](const Task& task) { return Variants::Variant{contenders_[contender(task)].scenario, nullptr}; };
  LocalOptions how = how_;
  if (listener_) how.observer = [&](const Task& task) { return listener_(contender(task), task.replication); };
  run_tasks(tasks, variant, how, [&](std::size_t number, Replicated replicated) {
    Made& made = made_[of[number]];
    const auto replication = static_cast<std::size_t>(tasks[number].replication);
    made.figures.put(replication, replicated.outcome.figures);
    made.digests[replication] = replicated.outcome.digest;
    errors[number] = replicated.why;
    return !errors[number];
  });
  for (std::size_t number = 0; number < tasks.size(); ++number)
    if (errors[number]) rethrow(errors[number], contenders_[of[number]].label, tasks[number].replication);
}

bool PairedRuns::identical(std::size_t a, std::size_t b, std::size_t replications) const {
  if (same_as_.at(a) == same_as_.at(b)) return true;
  for (std::size_t r = 0; r < replications; ++r)
    if (!same_figures(figures(a).of(r), figures(b).of(r))) return false;
  return true;
}

PairedSums paired_sums(const FigureRows::Path& base, const FigureRows::Path& variant, std::size_t replications) {
  PairedSums sums;
  const bool ratio = base.kpi->ratio;
  for (std::size_t r = 0; r < replications; ++r) {
    const FigureRows::Value *b = base.values.at(r), *v = variant.values.at(r);
    if (!b || !v) continue;
    double base_sum = ratio ? b->numerator : b->value, variant_sum = ratio ? v->numerator : v->value;
    const double base_per = ratio ? b->denominator : 1;
    double variant_per = ratio ? v->denominator : 1;
    if (!std::isfinite(base_sum) || !std::isfinite(variant_sum) || !std::isfinite(base_per) || !std::isfinite(variant_per)) continue;
    const auto nearly = [](double x, double y) { return std::abs(x - y) <= rounding * std::max(std::abs(x), std::abs(y)); };
    if (nearly(base_sum, variant_sum)) variant_sum = base_sum;
    if (nearly(base_per, variant_per)) variant_per = base_per;
    sums.base.push_back(base_sum);
    sums.base_per.push_back(base_per);
    sums.variant.push_back(variant_sum);
    sums.variant_per.push_back(variant_per);
  }
  return sums;
}

PairedSums paired_sums(const FigureRows& base, const FigureRows& variant, const std::string& path, std::size_t replications) {
  const std::vector<FigureRows::Path> of_base = base.by_path(), of_variant = variant.by_path();
  const auto find = [&](const std::vector<FigureRows::Path>& all) {
    return std::find_if(all.begin(), all.end(), [&](const FigureRows::Path& p) { return p.kpi->path == path; });
  };
  const auto b = find(of_base), v = find(of_variant);
  return b == of_base.end() || v == of_variant.end() ? PairedSums{} : paired_sums(*b, *v, replications);
}

}  // namespace retwin

// Makes a task of every variant and replication, and keeps what counts of its figures.
#include "core/experiment/trials.hpp"

#include <algorithm>
#include <cmath>
#include <exception>
#include <utility>

#include "core/base/constants.hpp"
#include "core/experiment/executor.hpp"

namespace retwin {
namespace {

/// Half of the run in whole weeks, else in whole days, else as it is.
double half_of(double duration_s) {
  const double half = duration_s / 2;
  for (const double whole : {week_s, day_s})
    if (half >= whole) return std::floor(half / whole) * whole;
  return half;
}

}  // namespace

Trials::Trials(const Scenario& scenario, TrialOptions options) : scenario_(scenario), options_(std::move(options)) {
  spans_.fill(window_of(scenario.run.duration_s));
  if (!scenario.reporting.functional_units.empty() && !scenario.reporting.factors.empty())
    carbon_ = "per." + scenario.reporting.functional_units.front().name + ".carbon";
  variant({});
}

Trials::Span Trials::window_of(double duration_s) const {
  if (scenario_.run.terminating) return {0, duration_s};
  const double warmup_s = scenario_.run.warmup_s;
  const bool shortened = duration_s < scenario_.run.duration_s && warmup_s > 0;
  return {std::max(warmup_s, shortened ? half_of(duration_s / 2) : half_of(duration_s)), duration_s};
}

double Trials::shortest_s() const {
  constexpr double weeks = 4;
  if (scenario_.run.terminating || !scenario_.changes.empty()) return scenario_.run.duration_s;
  return std::min(scenario_.run.duration_s, std::max(weeks * week_s, std::ceil(2 * scenario_.run.warmup_s / week_s) * week_s));
}

void Trials::set_length(std::int64_t first, double duration_s) {
  Span& now = spans_.at(static_cast<std::size_t>(first / block));
  if (duration_s == now.end_s) return;
  now = window_of(duration_s);
  for (Variant& variant : variants_) {
    variant.values.erase(variant.values.lower_bound(first), variant.values.lower_bound(first + block));
    variant.utilisations.erase(variant.utilisations.lower_bound(first), variant.utilisations.lower_bound(first + block));
    if (first == first_selecting) variant.figures.clear();
  }
}

std::size_t Trials::variant(std::vector<Relief> reliefs) {
  std::sort(reliefs.begin(), reliefs.end(), [](const Relief& a, const Relief& b) {
    return std::tie(a.candidate.path, a.extent) < std::tie(b.candidate.path, b.extent);
  });
  std::string key;
  for (const Relief& r : reliefs) key += r.candidate.path + ':' + std::to_string(static_cast<int>(r.extent)) + '\n';
  const auto [at, is_new] = number_.emplace(std::move(key), variants_.size());
  if (is_new) {
    Variant made;
    made.scenario = reliefs.empty() ? std::shared_ptr<const Scenario>(std::shared_ptr<void>(), &scenario_)  // it outlives this
                                    : std::make_shared<const Scenario>(relieved(scenario_, reliefs));
    made.reliefs = std::move(reliefs);
    variants_.push_back(std::move(made));
  }
  return at->second;
}

void Trials::take(std::size_t number, std::int64_t replication, Replicated made) {
  Variant& variant = variants_[number];
  ++runs_;
  if (made.why) {
    if (number == 0) std::rethrow_exception(made.why);
    variant.error = made.outcome.error ? made.outcome.error->message : "it cannot run";
    variant.values[replication] = {0, nan, nan};
    return;
  }
  Value value{nan, nan, nan};
  const auto said = [](double x) { return std::isnan(x) ? 0 : x; };  // of a rate of which there was nothing
  for (const Kpi& kpi : made.outcome.figures) {
    if (kpi.path == scenario_.objective) value.objective = said(kpi.value), unit_ = kpi.unit;
    if (kpi.path == carbon_) value.carbon = kpi.value;
    if (kpi.path == "plant.growth") value.growth = kpi.value;
    if (number == 0 && kpi.path.ends_with(".utilisation")) variant.utilisations[replication].emplace(kpi.path, kpi.value);
    if (replication == 0 && number <= 1) variant.figures.emplace(kpi.path, kpi.value);
  }
  variant.values[replication] = value;
  if (number != 0 || replication != 0) return;
  const double physics = scenario_.plant->n_components > 0 ? 20 : 1;  // what a lot with masses costs more
  work_per_s_ = physics * static_cast<double>(made.performance.events) / span(0).end_s;
  bottleneck_ = std::move(made.bottleneck);
}

void Trials::run(const std::vector<std::size_t>& variants, std::int64_t first, std::int64_t n) {
  std::vector<Task> tasks;
  std::vector<std::size_t> of;
  for (std::int64_t replication = first; replication < first + n; ++replication)
    for (std::size_t k = 0; k < variants.size(); ++k) {
      const std::size_t variant = variants[k];
      if (std::find(variants.begin(), variants.begin() + static_cast<std::ptrdiff_t>(k), variant) - variants.begin() < static_cast<std::ptrdiff_t>(k)) continue;
      if (variants_.at(variant).values.count(replication) > 0) continue;
      Task task;
      task.manifest = std::to_string(variant);
      task.seed = scenario_.run.seed;
      task.replication = replication;
      task.begin_s = span(replication).begin_s;
      task.end_s = span(replication).end_s;
      tasks.push_back(std::move(task));
      of.push_back(variant);
    }
  if (tasks.empty()) return;
  LocalOptions how;
  how.jobs = options_.jobs;
  how.poll = options_.poll;
  how.detailed = of.front() == 0 && tasks.front().replication == 0;
  how.stocks = scenario_.objective.starts_with("stocks.");  // they cost a tenth of a run
  if (options_.progress) how.progress = [&](double done) { options_.progress(from_ + (to_ - from_) * done); };
  run_tasks(tasks, [&](const Task& task) { return Variants::Variant{variants_[std::stoul(task.manifest)].scenario, nullptr}; }, how,
            [&](std::size_t task, Replicated made) {
              take(of[task], tasks[task].replication, std::move(made));
              return true;
            });
}

double Trials::utilisation(const std::string& path, std::int64_t first, std::int64_t n) const {
  double sum = 0;
  for (std::int64_t k = first; k < first + n; ++k) {
    const auto& all = variants_.front().utilisations.at(k);
    const auto found = all.find(path);
    sum += found == all.end() ? nan : found->second;
  }
  return sum / static_cast<double>(n);
}

std::vector<double> Trials::objective(std::size_t variant, std::int64_t first, std::int64_t n) const {
  std::vector<double> out;
  for (std::int64_t k = first; k < first + n; ++k) out.push_back(variants_.at(variant).values.at(k).objective);
  return out;
}

std::vector<double> Trials::growth(std::size_t variant, std::int64_t first, std::int64_t n) const {
  std::vector<double> out;
  for (std::int64_t k = first; k < first + n; ++k) out.push_back(variants_.at(variant).values.at(k).growth);
  return out;
}

std::vector<double> Trials::carbon(std::size_t variant, std::int64_t first, std::int64_t n) const {
  std::vector<double> out;
  for (std::int64_t k = first; k < first + n; ++k) out.push_back(variants_.at(variant).values.at(k).carbon);
  return out;
}

}  // namespace retwin

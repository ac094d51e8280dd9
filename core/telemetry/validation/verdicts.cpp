// Metrics, figures and activities of a log against those of its simulations.
#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "core/base/problem.hpp"
#include "core/stats/tally.hpp"
#include "core/telemetry/drift/drift.hpp"
#include "core/telemetry/validation/parts.hpp"

namespace retwin {
namespace {

double mean_of(const std::vector<LogDistances>& all, double LogDistances::*metric) {
  double sum = 0;
  for (const LogDistances& one : all) sum += one.*metric;
  return all.empty() ? std::numeric_limits<double>::quiet_NaN() : sum / static_cast<double>(all.size());
}
struct FigureRow {
  const char* name;
  const char* unit;
  double CaseFigures::*figure;
};
constexpr FigureRow figure_rows[] = {{"events", "", &CaseFigures::events},
                                     {"cases", "", &CaseFigures::cases},
                                     {"throughput", "cases/d", &CaseFigures::per_day},
                                     {"cycle time, mean", "h", &CaseFigures::mean_h},
                                     {"cycle time, 90th percentile", "h", &CaseFigures::p90_h},
                                     {"cases in process", "", &CaseFigures::in_process}};

/// What simulations drew: a constant, or the values themselves.
Distribution law_of(const std::vector<double>& values) {
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  return *high - *low < 1e-6 ? Distribution::constant(*low) : Distribution::empirical(values);
}

}  // namespace

void judge_metrics(Validation& v, const std::vector<LogDistances>& among) {
  const std::pair<const char*, double LogDistances::*> metrics[] = {{"NGD", &LogDistances::ngd},   {"AEDD", &LogDistances::aedd},
                                                                    {"CEDD", &LogDistances::cedd}, {"REDD", &LogDistances::redd},
                                                                    {"CTDD", &LogDistances::ctdd}, {"CADD", &LogDistances::cadd}};
  for (const auto& [name, metric] : metrics) {
    MetricVerdict m;
    m.name = name;
    m.metric = metric;
    m.model = v.model.mean(metric);
    m.standard_error = v.model.standard_error(metric);
    m.replay = v.replay.mean(metric);
    m.bootstrap = v.bootstrap.mean(metric);
    m.noise_floor = mean_of(among, metric);
    m.passes = m.model + 2 * m.standard_error <= std::max(std::min(m.replay, m.bootstrap), 1.25 * m.noise_floor);
    v.metrics.push_back(m);
  }
}

void judge_figures(const ValidationTask& task, Validation& v, const std::vector<CaseFigures>& simulated) {
  const CaseFigures real = figures_of(task.test);
  for (const FigureRow& row : figure_rows) {
    std::vector<double> values;
    for (const CaseFigures& f : simulated) values.push_back(f.*row.figure);
    FigureVerdict figure;
    figure.name = row.name;
    figure.unit = row.unit;
    figure.real = real.*row.figure;
    figure.error = student_interval(values, 0.9);
    figure.error.mean -= figure.real;
    const auto own = task.options.acceptable_of.find(row.name);
    figure.acceptable = own == task.options.acceptable_of.end() ? task.options.acceptable : own->second;
    const double margin = figure.acceptable * std::abs(figure.real);
    figure.equivalent = figure.error.low() > -margin && figure.error.high() < margin;
    figure.unacceptable = figure.error.low() > margin || figure.error.high() < -margin;
    std::sort(values.begin(), values.end());
    // 95 % of further replications: normal prediction, widened to what was seen
    Tally tally;
    for (const double x : values) tally.add(x);
    const double n = static_cast<double>(values.size());
    const double reach = n > 1 ? student_quantile(0.975, n - 1) * tally.sd() * std::sqrt(1 + 1 / n) : 0;
    figure.low = std::max(0.0, tally.mean() - reach);
    figure.high = tally.mean() + reach;
    figure.inside = figure.low <= figure.real && figure.real <= figure.high;
    v.figures.push_back(figure);
  }
}

Services services_of(const ValidationTask& task, const EventLog& log) {
  Services by_activity(task.log.activities.size());
  const PoolOfWork work = work_of(*task.scenario.plant, task.work, log);
  for (const LogEvent& event : log.events) {
    const WorkPool& pool = task.work.pools[work(event)];
    by_activity[event.activity].push_back(pool.suspends ? pool.hours.open_between(event.start_s, event.end_s) : event.end_s - event.start_s);
  }
  return by_activity;
}

void judge_activities(const ValidationTask& task, Validation& v, const Services& model) {
  const Services past = services_of(task, task.past), real = services_of(task, task.test);
  std::vector<ObservedValues> observed;
  for (std::uint32_t activity = 0; activity < real.size(); ++activity) {
    if (real[activity].empty() || model[activity].empty()) continue;
    observed.push_back({task.log.activities[activity], real[activity], law_of(model[activity]), past[activity].size()});
    ActivityVerdict a;
    a.name = task.log.activities[activity];
    a.n = real[activity].size();
    a.n_simulated = model[activity].size();
    for (const double x : real[activity]) a.service_s += x / static_cast<double>(a.n);
    for (const double x : model[activity]) a.simulated_s += x / static_cast<double>(a.n_simulated);
    a.wasserstein_s = wasserstein1(real[activity], model[activity]);
    a.ks = ks_two_sample(real[activity], model[activity]).statistic;
    v.activities.push_back(std::move(a));
  }
  const std::vector<Explained> verdicts = still_explained(observed, {});
  for (std::size_t k = 0; k < verdicts.size(); ++k) {
    v.activities[k].explained = verdicts[k].explained;
    v.activities[k].adjusted_p = verdicts[k].adjusted_p;
  }
}
CaseFigures figures_of(const EventLog& log) {
  CaseFigures f;
  std::vector<double> first(log.lots.size(), std::numeric_limits<double>::infinity()),
      last(log.lots.size(), -std::numeric_limits<double>::infinity());
  for (const LogEvent& event : log.events) {
    first[event.lot] = std::min(first[event.lot], event.start_s);
    last[event.lot] = std::max(last[event.lot], event.end_s);
  }
  std::vector<double> hours;
  for (std::size_t lot = 0; lot < first.size(); ++lot)
    if (std::isfinite(first[lot])) hours.push_back((last[lot] - first[lot]) / 3600);
  f.events = static_cast<double>(log.events.size());
  f.cases = static_cast<double>(hours.size());
  if (hours.empty()) return f;
  const double span_h = (log.last_s() - log.first_s()) / 3600;
  double total = 0;
  for (const double h : hours) total += h;
  std::sort(hours.begin(), hours.end());
  f.mean_h = total / f.cases;
  f.p90_h = hours[static_cast<std::size_t>(0.9 * static_cast<double>(hours.size() - 1))];
  f.per_day = span_h > 0 ? 24 * f.cases / span_h : 0;
  f.in_process = span_h > 0 ? total / span_h : 0;
  return f;
}
const std::vector<std::string> validated_figures = [] {
  std::vector<std::string> names;
  for (const FigureRow& row : figure_rows) names.emplace_back(row.name);
  return names;
}();
void check_declared(const ValidationOptions& options) {
  std::vector<Problem> problems;
  for (const auto& [name, share] : options.acceptable_of) {
    if (std::count(validated_figures.begin(), validated_figures.end(), name) > 0) continue;
    std::string names;
    for (const std::string& one : validated_figures) names += (names.empty() ? "" : "; ") + one;
    problems.push_back({Code::unknown_name, Severity::error, {}, "acceptable", "there is no figure " + name, "one of: " + names});
  }
  if (!problems.empty()) throw InputError(problems);
}

double Prediction::mean(double LogDistances::*metric) const { return mean_of(distances, metric); }
double Prediction::sd(double LogDistances::*metric) const {
  Tally tally;
  for (const LogDistances& one : distances) tally.add(one.*metric);
  return tally.sd();
}
double Prediction::standard_error(double LogDistances::*metric) const {
  return distances.size() < 2 ? 0 : sd(metric) / std::sqrt(static_cast<double>(distances.size()));
}

int Validation::passed() const {
  return static_cast<int>(std::count_if(metrics.begin(), metrics.end(),
                                        [](const MetricVerdict& m) { return m.passes && m.name != std::string("CADD"); }));
}

}  // namespace retwin

// Failures of a machine from its timeline: times between them, repairs, jams told from breakdowns.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "core/base/units.hpp"
#include "core/telemetry/machines/states.hpp"

namespace retwin {
namespace {

struct Failure {
  StateClass kind = StateClass::breakdown;
  double from_s = 0, to_s = 0;
  double repair_s = 0;  ///< without planned stops within it
  double worked_s = 0;  ///< working time of the machine before it, since the log began
  bool begun_unseen = false, ends_unseen = false;
};

struct History {
  std::vector<Failure> failures;
  double worked_s = 0;
};

/// Failures in order; those of one kind with nothing but planned stops between them, and no gap in the record, are one.
History history_of(const Timeline& line, const std::vector<StateClass>& meaning, double touch_s) {
  History h;
  bool open = false;  // only planned stops since the last failure
  double until_s = line.stays.front().from_s;
  for (const Stay& stay : line.stays) {
    const StateClass kind = meaning[stay.state];
    open = open && stay.from_s - until_s <= touch_s;
    until_s = stay.to_s;
    if (is_failure(kind)) {
      if (open && h.failures.back().kind == kind) {
        h.failures.back().to_s = stay.to_s;
        h.failures.back().repair_s += stay.duration_s();
      } else {
        h.failures.push_back({kind, stay.from_s, stay.to_s, stay.duration_s(), h.worked_s, &stay == &line.stays.front(), false});
      }
      open = true;
    } else if (kind != StateClass::planned) {
      open = false;
    }
    if (kind == StateClass::working) h.worked_s += stay.duration_s();
  }
  if (open) h.failures.back().ends_unseen = is_failure(meaning[line.stays.back().state]);
  return h;
}

// --- jams and breakdowns

struct Lognormal {
  double weight, mean, mu, sigma;
  double log_density(double log_x) const {
    const double z = (log_x - mu) / sigma;
    return std::log(weight / sigma) - z * z / 2;
  }
};

Lognormal lognormal_of(const FitPart& part) {
  double mean = 1, sd = 1;
  for (const auto& [name, value] : part.parameters) (name == "mean" ? mean : sd) = value;
  const double variance = std::log1p(sd * sd / (mean * mean));
  return {part.weight, mean, std::log(mean) - variance / 2, std::sqrt(variance)};
}

/// Where the longer ones become likelier, between the two medians.
double crossing(const Lognormal& a, const Lognormal& b) {
  double low = a.mu, high = b.mu;
  for (int i = 0; i < 60; ++i) {
    const double middle = (low + high) / 2;
    (a.log_density(middle) > b.log_density(middle) ? low : high) = middle;
  }
  return std::exp((low + high) / 2);
}

constexpr std::size_t fewest_durations = 30;
constexpr double least_bic_gain = 10, least_ashman_d = 2, least_ratio = 5, fewest_of_a_kind = 5;

Apart tell_apart(const std::vector<double>& durations) {
  Apart apart;
  if (durations.size() < fewest_durations) {
    apart.text = fmt::format("not tried: {} repairs, {} are needed", durations.size(), fewest_durations);
    return apart;
  }
  const std::vector<Fit> fits = fit_all(durations);
  const auto two = std::find_if(fits.begin(), fits.end(), [](const Fit& f) { return f.family == "two lognormals"; });
  std::optional<double> one;
  for (const Fit& f : fits)
    if (f.parts.size() == 1 && !std::isnan(f.bic)) one = std::min(one.value_or(f.bic), f.bic);
  apart.tried = true;
  if (two == fits.end() || !one) {
    apart.text = "durations of one kind: two lognormals cannot be fitted";
    return apart;
  }
  Lognormal a = lognormal_of(two->parts[0]), b = lognormal_of(two->parts[1]);
  if (a.mu > b.mu) std::swap(a, b);
  apart.bic_gain = *one - two->bic;
  apart.ashman_d = std::sqrt(2.0) * (b.mu - a.mu) / std::hypot(a.sigma, b.sigma);
  apart.ratio = b.mean / a.mean;
  apart.separated = apart.bic_gain >= least_bic_gain && apart.ashman_d > least_ashman_d && apart.ratio >= least_ratio &&
                    std::min(a.weight, b.weight) * static_cast<double>(durations.size()) >= fewest_of_a_kind;
  if (apart.separated) apart.threshold_s = crossing(a, b);
  apart.text =
      fmt::format("{}: BIC better by {:.1f} (needed {}), means {:.1f}-fold apart ({}), Ashman's D {:.2f} ({})",
                  apart.separated ? "repairs shorter than " + format_duration(apart.threshold_s) + " are jams" : "one kind",
                  apart.bic_gain, least_bic_gain, apart.ratio, least_ratio, apart.ashman_d, least_ashman_d);
  return apart;
}

// --- lives

/// The best family; the interval of its mean, widened by those of the families that are as good (BIC within 2).
void fit(LifeFigures& figures, double level) {
  if (!figures.known()) return;
  std::vector<Fit> fits = fit_lives(figures.lives);
  const auto interval = [&](const Fit& f) {
    return mean_interval(figures.lives, f.family == "constant" ? "exponential" : f.family, level);
  };
  figures.mean_s = interval(fits.front());
  for (const Fit& other : fits) {
    if (!(other.bic < fits.front().bic + 2)) continue;
    const Bounds bounds = interval(other);
    figures.mean_s.low = std::min(figures.mean_s.low, bounds.low);
    figures.mean_s.high = std::max(figures.mean_s.high, bounds.high);
  }
  figures.fit = std::move(fits.front());
}

constexpr std::size_t fewest_seen = 3;  ///< failures from which on the stretch before the first is left out

void add_life(Lives& lives, double value, bool censored) {
  lives.values.push_back(std::max(0.0, value));
  lives.censored.push_back(censored);
}

FailureFigures figures_of(StateClass kind, const History& history, double from_s, double to_s, double level) {
  FailureFigures f;
  f.kind = kind;
  std::vector<const Failure*> of_kind;
  for (const Failure& failure : history.failures)
    if (failure.kind == kind) of_kind.push_back(&failure);
  f.count = of_kind.size();
  double since_s = from_s, worked_s = 0;
  bool counts = f.count < fewest_seen;
  for (const Failure* failure : of_kind) {
    if (counts && !failure->begun_unseen) {
      add_life(f.working.lives, failure->worked_s - worked_s, false);
      add_life(f.calendar.lives, failure->from_s - since_s, false);
      f.since_s.push_back(since_s);
    }
    counts = true;
    since_s = failure->to_s;
    worked_s = failure->worked_s;
    if (!failure->begun_unseen || f.count == 1) {
      add_life(f.repair.lives, failure->repair_s, failure->ends_unseen);
      f.repairs_s.push_back(failure->from_s);
    }
  }
  if (to_s > since_s) {
    add_life(f.calendar.lives, to_s - since_s, true);
    f.since_s.push_back(since_s);
    if (history.worked_s > worked_s) add_life(f.working.lives, history.worked_s - worked_s, true);
  }
  if (!(history.worked_s > 0)) f.working.lives = {};
  for (LifeFigures* lives : {&f.working, &f.calendar, &f.repair}) fit(*lives, level);
  if (f.count < fewest_seen)
    f.notes.push_back("fewer than three failures: the time before the first counts as a life, as if failures came at random");
  if (!(history.worked_s > 0)) f.notes.push_back("no working state: only calendar time between failures is known");
  return f;
}

}  // namespace

void learn_failures(MachineFigures& figures, const std::vector<StateClass>& meaning, const MachineOptions& options) {
  History history = history_of(figures.timeline, meaning, options.touch_s);
  const auto count = [&](StateClass kind) {
    return std::count_if(history.failures.begin(), history.failures.end(), [&](const Failure& f) { return f.kind == kind; });
  };
  const auto jams = count(StateClass::jam), breakdowns = count(StateClass::breakdown);
  if (jams > 0 && breakdowns > 0) {
    figures.apart.text = "by the names of the states";
  } else if (!history.failures.empty()) {
    std::vector<double> durations;
    for (const Failure& f : history.failures)
      if (!f.begun_unseen && !f.ends_unseen) durations.push_back(f.repair_s);
    figures.apart = tell_apart(durations);
    if (figures.apart.separated)
      for (Failure& f : history.failures)
        f.kind = f.repair_s < figures.apart.threshold_s ? StateClass::jam : StateClass::breakdown;
  }
  for (const StateClass kind : {StateClass::jam, StateClass::breakdown})
    if (count(kind) > 0) figures.failures.push_back(figures_of(kind, history, figures.from_s, figures.to_s, options.level));
  if (history.failures.empty()) figures.notes.push_back("no failure was recorded");
}

}  // namespace retwin

// How well a calibrated scenario predicts cases that it has not seen: replay, free simulation, baselines, verdict.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/registry.hpp"
#include "core/stats/bounds.hpp"
#include "core/stats/intervals.hpp"
#include "core/telemetry/log/event_log.hpp"
#include "core/telemetry/validation/distances.hpp"
#include "core/telemetry/cases/windows.hpp"

namespace retwin {

struct ValidationOptions {
  double test = 1.0 / 3;  ///< share of the cases, the last ones, that is predicted
  std::uint64_t replications = 30;
  std::uint64_t baseline_draws = 10;
  std::uint64_t seed = 1;
  int jobs = 1;
  double acceptable = 0.1;                      ///< error of a figure that is declared acceptable beforehand, relative
  std::map<std::string, double> acceptable_of;  ///< the same for figures of their own, by FigureVerdict::name
  bool uncertainty = false;                     ///< each replication draws the weights of plans and days anew, see reweighted
  std::optional<WindowRule> window = {};        ///< none: told from the log
  const EventLog* past = nullptr;               ///< cases that are not predicted: all others are, and `test` does not count
};

/// One way to predict the test part: distances to it, and their figures, by draw.
struct Prediction {
  std::string name;
  std::vector<LogDistances> distances;
  double mean(double LogDistances::*metric) const;
  double sd(double LogDistances::*metric) const;
  double standard_error(double LogDistances::*metric) const;
};

/// A metric of the free simulation against the baselines.
struct MetricVerdict {
  const char* name = "";
  double LogDistances::*metric = nullptr;
  double model = 0, standard_error = 0, replay = 0, bootstrap = 0, noise_floor = 0;
  bool passes = false;  ///< model + 2 standard errors <= max(best baseline, 1.25 x noise floor)
};

/// A figure of the log against the replications.
struct FigureVerdict {
  std::string name, unit;
  double real = 0, low = 0, high = 0;  ///< 95 % of the replications lie between
  Interval error;                      ///< simulated mean - real, 90 %: both ends at 5 %, as in two one-sided tests
  double acceptable = 0;               ///< declared beforehand, relative
  bool inside = false;                 ///< the log's figure is one that a replication may have
  bool equivalent = false;             ///< the error's interval lies within what is acceptable
  bool unacceptable = false;           ///< it lies outside
};
extern const std::vector<std::string> validated_figures;  ///< names of all figures

/// An activity of the log against the replications: what it takes, and what it waits for.
struct ActivityVerdict {
  std::string name;
  std::size_t n = 0, n_simulated = 0;
  double service_s = 0, simulated_s = 0;  ///< mean, net of hours
  double wasserstein_s = 0, ks = 0;       ///< of services
  bool explained = true;                  ///< the test part's services are still what the scenario draws, see still_explained
  double adjusted_p = 1;
};

struct Validation {
  std::string log, scenario;
  std::size_t train_cases = 0, test_cases = 0;
  WindowRule window = WindowRule::complete;
  std::string window_note;
  double begin_s = 0, end_s = 0;        ///< of the test part
  LogDistances trace_driven;            ///< the test cases' own arrivals, orders, services and delays
  Prediction model, replay, bootstrap;  ///< baselines under the same window rule
  Prediction plain_replay,
      plain_bootstrap;  ///< baselines of as many cases as the test part has, without a window rule; empty if it is `complete`
  std::vector<MetricVerdict> metrics;
  std::vector<FigureVerdict> figures;
  std::vector<ActivityVerdict> activities;
  std::vector<std::string> notes;
  int passed() const;
};

/// Predicts the last `test` of the cases of a log with a calibrated scenario (see write_calibration), or those that are not in
/// `past`.
/// @throws InputError: of the scenario; unknown_name (an error declared for a figure that there is not; no station is called
/// like any activity); missing (no sources of cases); trace (too few cases)
Validation validate(const std::string& scenario, EventLog log, const Registry& registry,
                    const ValidationOptions& options = {});

}  // namespace retwin

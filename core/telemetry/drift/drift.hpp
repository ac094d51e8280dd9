// What changed in an event log, when and by how much; an alarm while it comes in; and whether a twin still explains it.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/stats/bounds.hpp"
#include "core/stats/change_point.hpp"
#include "core/stats/distribution.hpp"
#include "core/telemetry/log/event_log.hpp"

namespace retwin {

enum class DriftKind : std::uint8_t { service, failure_rate, repair, yield, energy, arrivals };
inline constexpr std::size_t n_drift_kinds = 6;
extern const char* const drift_kind_names[n_drift_kinds];

/// A lasting change of the level of a series.
struct Drift {
  static constexpr std::size_t never = static_cast<std::size_t>(-1);
  DriftKind kind = DriftKind::service;
  std::string subject;           ///< activity, "activity / resource", meter or attribute
  double time_s = 0;             ///< time of the first observation after the change
  double before = 0, after = 0;  ///< means of the stretches up to the neighbouring changes [unit]
  Bounds change;                 ///< after / before; NaN bounds if a mean is not positive
  double p_value = 1;            ///< that of find_drifts is adjusted for the number of subjects (Holm)
  std::size_t n_before = 0, n_after = 0;
  std::size_t alarmed_after = never;  ///< observations after the change at which SteadyWatch would have alarmed
  std::string unit;
};

inline constexpr std::size_t fewest_of_step = 6;  ///< observations of a series in which a step can show, see find_drift

struct DriftOptions {
  double level = 0.01;         ///< chance of any drift being reported where there is none, over all subjects
  std::size_t fewest = 20;     ///< observations a subject needs for its ranks to tell; six do if it is nearly constant
  std::size_t reference = 8;   ///< first observations of a subject that a DriftMonitor takes for steady if no others are known
  std::size_t shortest = 5;    ///< least observations between changes
  double interval = 0.95;      ///< level of the interval of the change
  double least_change = 0.02;  ///< relative; smaller changes are not reported, however sure
  bool arrivals = true;        ///< find_drifts looks at arrivals too
  double steady_run = 1e5;     ///< of the alarm, see SteadyWatch
};

/// Something observed over time, in which changes are looked for.
struct DriftSeries {
  DriftKind kind = DriftKind::service;
  std::string subject, unit;
  std::vector<double> time_s, value;
  bool reciprocal = false;  ///< the values are times between events, a drift tells events per time
};

/// Changes of one series, in order of time; values that are not finite are left out. Observations at one stamp count as one
/// (their mean): batches say the same thing many times.
///
/// A stretch is split where its rank sums differ most, standardised, on the whole and on overlapping stretches of 1/2, 1/4, ...
/// of its length (seeded binary segmentation: Kovacs, Buehlmann, Li & Munk, Biometrika 110, 2023), at most down to 40; then both
/// sides again. Ranks make it indifferent to the law of the series and to single outliers; a change of the spread alone is none.
/// The p-value: normal equivalent of the rank sum with its skewness, which matters for rare rejects (Wilson & Hilferty, PNAS 17,
/// 1931); the largest over all places (Vostrikova, see Csoergo & Horvath, Limit Theorems in Change-Point Analysis, 1997, 1.3);
/// Bonferroni over the stretches. Correlation in time widens it (Newey & West, Econometrica 55, 1987).
/// A trend is reported as a staircase of steps.
///
/// Below 40 observations ranks say little. A series that is nearly constant (sd below 5 % of the mean on both sides) is then also
/// split where the squares are least, each side three or more: Welch's test of the two means, Bonferroni over the places and the
/// two tests. The step has to exceed the resolution of the values.
///
/// In twelve or more observations a shift of more than five times the spread on either side shows, at the ends too: Student's test with
/// the common variance, Bonferroni over the places, and no less than the chance that so many values stand together at an end by exchange
/// (two of 34 once in 280 times); likewise one that is taken back (in stretches of at most 500, over all pairs of
/// places).
/// @throws std::invalid_argument if the lengths differ
std::vector<Drift> find_drift(DriftKind kind, const std::string& subject, std::span<const double> time_s,
                              std::span<const double> values, const std::string& unit, const DriftOptions& options = {});

/// Drifts of many series, in order of time; those of less than options.fewest different stamps are only looked at for a step, if
/// they are nearly constant. The level holds
/// for all of them together (Holm, Scandinavian Journal of Statistics 6, 1979). Series of 0 and 1 have no alarm.
/// @throws std::invalid_argument if the lengths of times and values differ
std::vector<Drift> find_drifts(const std::vector<DriftSeries>& series, const DriftOptions& options = {});

/// Drifts of the service times of every activity (of each of its resources, if it has several) and of the arrivals of lots.
/// `service_s` per event, net of calendars, NaN where it is unknown; empty: end - start. Service times far from all others (jams)
/// do not enter the means, if they are at most one in ten.
/// Arrivals are the times between them in a log of less than two days, else the number per day against the mean of that day of
/// the week (first and last day left out): daily and weekly rhythms are no drift.
/// @throws std::invalid_argument if service_s is neither empty nor as long as the log
std::vector<Drift> find_drifts(const EventLog& log, std::span<const double> service_s = {}, const DriftOptions& options = {});

/// Tells within a few observations that a series has left the steady state of a reference, whatever its law. Two rules:
/// - three to six observations in a row on one side, each of them rare: the chance of one is the larger of the normal tail (after
///   a power that makes the reference symmetric, with pessimistic location and scale) and the share of the reference that lies as
///   far out, those beyond four scales being alike. A jam now and then is thus no alarm, a new level is one at its third part.
/// - a CUSUM (see Cusum) of the values limited to +-3 scales about their mean, for small lasting shifts.
/// Shifts of less than 1 % of the location are no drift. Not for series of 0 and 1.
/// steady_run is the mean number of steady observations until a false alarm that each rule aims at. Measured of all together, at
/// 1e5: 1e5 or more for laws of one hump after references of 50, 3e4 or more after 20; 6e4 for two humps; 2e4 where one value in
/// twelve is of another kind that a short reference may not show.
class SteadyWatch {
 public:
  /// @throws std::invalid_argument for less than two values, or one that is not finite
  explicit SteadyWatch(std::span<const double> reference, double steady_run = DriftOptions().steady_run);
  /// Next observation; the side on which the series has left the steady state, from then on.
  Cusum::Side add(double x);
  std::size_t count() const { return count_; }            ///< observations added
  std::size_t changed_at() const { return changed_at_; }  ///< observations before the change that was alarmed

 private:
  static constexpr std::size_t first_run = 3, n_runs = 4;
  double transformed(double x) const;
  double limited(double y) const;
  double chance(double y, int side) const;
  bool agree() const;
  void choose_power(std::span<const double> reference);
  void alarm(int side, std::size_t at);

  double power_ = 1;               // 0: logarithm
  std::vector<double> reference_;  // transformed, sorted
  double location_ = 0, scale_ = 1, doubt_ = 0, rounding_ = 0;
  bool tight_ = false;
  std::array<double, first_run> last_{};
  double mean_ = 0, sd_ = 1, allowance_ = 0.5, threshold_ = 0;  // of the CUSUM
  std::array<double, n_runs> rare_{};
  std::array<std::array<std::size_t, n_runs>, 2> runs_{};
  std::array<double, 2> sums_{};
  std::array<std::size_t, 2> since_{};
  std::size_t count_ = 0, changed_at_ = 0;
  Cusum::Side alarm_ = Cusum::Side::neither;
};

struct DriftAlarm {
  std::string subject;
  double time_s = 0;  ///< of the observation that gave the alarm
  std::size_t observations_after_reference = 0;
  double changed_at_s = 0;                    ///< of the first observation that is taken for changed
  std::size_t observations_after_change = 0;  ///< up to the alarm, this one included
  Cusum::Side side = Cusum::Side::neither;
};

/// Watches the service times of a plant as its operations end. The reference of a subject is its training log after the last
/// drift in it; one of which less than `reference` are known learns from its first observations, and so does each
/// after an alarm, so that the next change is seen too.
class DriftMonitor {
 public:
  explicit DriftMonitor(const DriftOptions& options = {}) : options_(options) {}
  /// @throws std::invalid_argument as find_drifts
  DriftMonitor(const EventLog& reference, std::span<const double> service_s, const DriftOptions& options = {});
  /// The next operation, in order of time; resource may be empty. NaN and further ones at the same stamp are passed over.
  std::optional<DriftAlarm> add(const std::string& activity, const std::string& resource, double time_s, double service_s);

 private:
  struct Subject {
    std::string name;
    std::optional<SteadyWatch> watch;
    std::vector<double> learning;
    std::vector<double> times;  // since the reference
    double last_s = -std::numeric_limits<double>::infinity();
  };
  DriftOptions options_;
  std::map<std::pair<std::string, std::string>, Subject> subjects_;
};

/// Values observed of something that a twin draws from a law.
struct ObservedValues {
  std::string what;
  std::vector<double> values;
  Distribution law;
  std::size_t fitted_to = 0;  ///< observations that the law was fitted to; 0: the law is known
};
/// Counts of the ways lots went, against the shares that a twin uses.
struct ObservedCounts {
  std::string what;
  std::vector<double> counts, shares;  ///< shares are scaled to a sum of 1
  std::size_t fitted_to = 0;
};
struct ExplainedOptions {
  double level = 0.01;           ///< family-wise (Holm, Scandinavian Journal of Statistics 6, 1979)
  std::size_t fewest = 8;        ///< observations without which nothing is said
  double least_distance = 0.02;  ///< Kolmogorov distances up to this are explained, however many observations say otherwise
  double tolerance = 0.01;       ///< relative, of the mean where a twin uses a constant
};
/// Whether a part of the log is still explained by the twin.
struct Explained {
  std::string what;
  double statistic = 0;  ///< Kolmogorov distance, t or chi-square, as the note says
  double p_value = 1, adjusted_p = 1;
  bool explained = true;
  std::string note;
};

/// Is the log still explained by the twin? Values: Kolmogorov's test of their probability transform; values known to a
/// resolution, and the atoms of a law, are spread evenly over the probability of their cell, so that discrete and mixed laws are
/// tested alike (conservative there). A constant: Student's t of the mean beyond the tolerance. Counts: chi-square, cells of less
/// than five expected gathered. Where the law was fitted to m values, n observations count as n m / (n + m). Order: values, then
/// counts.
/// @throws std::invalid_argument if counts and shares differ in length
std::vector<Explained> still_explained(const std::vector<ObservedValues>& values, const std::vector<ObservedCounts>& counts,
                                       const ExplainedOptions& options = {});

}  // namespace retwin

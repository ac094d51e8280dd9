// How long the stations of a given plant work, and how long they are set up.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "core/stats/fit.hpp"
#include "core/stats/intervals.hpp"
#include "core/telemetry/given/parts.hpp"

namespace retwin {
namespace {

constexpr double stamp_s = 2e-6;   // logs of simulations round start and end to a microsecond
constexpr std::size_t fewest = 5;  // works for an interval
constexpr const char* breakdowns = "breakdowns as in the plant";

/// What stops the work of a station: none of these shifts being on.
struct Stop {
  Index pool = none;  ///< of works of this pool; none: of all
  std::vector<const ShiftCalendar*> shifts;
  bool on(double t) const {
    return std::any_of(shifts.begin(), shifts.end(), [&](const ShiftCalendar* c) { return c->on(t); });
  }
};

/// What stops the work of a station, and how its hours are taken out of end - start.
struct WorkHours {
  std::vector<Stop> stops;
  bool unattended = false;  ///< some of the work goes on when they are off: only works that meet no end of a shift count
  double margin_s = 0;      ///< within which the attended part, which comes first, is done
  std::string why_not;
};

WorkHours work_hours(const Plant& plant, const Station& station) {
  WorkHours hours;
  const auto add = [&](Index pool, const std::vector<Index>& calendars) {
    Stop stop{pool, {}};
    for (const Index calendar : calendars) {
      if (calendar == none || plant.calendars[calendar].always()) return;
      stop.shifts.push_back(&plant.calendars[calendar]);
    }
    if (!calendars.empty()) hours.stops.push_back(std::move(stop));
  };
  if (!station.finish_shift) add(none, {station.calendar});
  for (const WorkPhase& phase : station.phases) {
    if (!phase.attended) {
      hours.unattended = true;
      continue;
    }
    if (hours.unattended && !(phase.needs.empty() && station.calendar == none))
      hours.why_not = "attended work after unattended: stops of shifts cannot be told";
    if (phase.duration.distribution) {
      hours.margin_s += 1.5 * phase.duration.distribution->quantile(0.9999);
    } else if (station.phases.size() > 1) {
      hours.why_not = "several phases, one of them computed";
    }
    for (const Need& need : phase.needs)
      for (const Index pool : need.pools) {
        std::vector<Index> calendars;
        for (const PoolShift& shift : plant.pools[pool].shifts) calendars.push_back(shift.calendar);
        if (!plant.pools[pool].finish) add(need.pools.size() > 1 ? pool : none, calendars);
      }
  }
  return hours;
}

/// Time of work without the hours off; empty if the work is not to count, which only depends on its start.
std::optional<double> net_s(const WorkHours& hours, const Work& work) {
  std::vector<const Stop*> stops;
  for (const Stop& stop : hours.stops) {
    if (stop.pool != none && work.pool == none) return std::nullopt;  // whose hours these are is not known
    if (stop.pool == none || stop.pool == work.pool) stops.push_back(&stop);
  }
  if (stops.empty()) return work.end_s - work.start_s;
  const auto all_on = [&](double t) {
    return std::all_of(stops.begin(), stops.end(), [&](const Stop* stop) { return stop->on(t); });
  };
  const auto next = [&](double t) {
    double first = INFINITY;
    for (const Stop* stop : stops)
      for (const ShiftCalendar* c : stop->shifts) first = std::min(first, c->next_change(t));
    return first;
  };
  if (hours.unattended) {
    if (next(work.start_s) < work.start_s + hours.margin_s) return std::nullopt;
    return work.end_s - work.start_s;
  }
  double net = 0;
  for (double t = work.start_s, change = 0; t < work.end_s; t = change) {
    change = std::min(work.end_s, next(t));
    if (all_on(t)) net += change - t;
  }
  return net;
}

/// Works that began so early that even the longest would have ended within the log: without it, long ones are missing at its end.
std::vector<Work> whole_works(const std::vector<Work>& works, double end_s) {
  double longest = 0;
  for (const Work& work : works) longest = std::max(longest, work.end_s - work.start_s);
  std::vector<Work> result;
  for (const Work& work : works)
    if (work.start_s + longest <= end_s) result.push_back(work);
  return result;
}

std::vector<double> net_times(const WorkHours& hours, const std::vector<Work>& works, double end_s) {
  std::vector<double> result;
  for (const Work& work : whole_works(works, end_s))
    if (const auto net = net_s(hours, work)) result.push_back(*net);
  return result;
}

double last_end(const std::vector<std::vector<Work>>& works) {
  double last = 0;
  for (const auto& list : works)
    for (const Work& work : list) last = std::max(last, work.end_s);
  return last;
}

Tally tally_of(const std::vector<double>& values) {
  Tally tally;
  for (const double value : values) tally.add(value);
  return tally;
}

Bounds mean_of(const std::vector<double>& values, double level) {
  const Interval mean = student_interval(tally_of(values), level);
  const double half = std::max(mean.half_width, stamp_s);
  return {mean.mean, mean.mean - half, mean.mean + half, level};
}

/// Ratio of two means of independent samples; interval on the logarithm (delta method), Student.
/// @param rare what makes the values scatter is so rare in `a` that its spread is at least taken to be that of `b`
Bounds ratio_of(const std::vector<double>& a, const std::vector<double>& b, bool rare, double level) {
  const Tally x = tally_of(a), y = tally_of(b);
  const auto relative = [](const Tally& t) { return t.variance() / (t.mean() * t.mean()); };
  const double of_a = rare ? std::max(relative(x), relative(y)) : relative(x);
  const double variance = of_a / static_cast<double>(a.size()) + relative(y) / static_cast<double>(b.size());
  const double ratio = x.mean() / y.mean(), degrees = static_cast<double>(std::min(a.size(), b.size()) - 1);
  const double wide = std::exp(std::max(student_quantile(0.5 + level / 2, degrees) * std::sqrt(variance), stamp_s / x.mean()));
  return {ratio, ratio / wide, ratio * wide, level};
}

/// Median with the interval of its order statistics (binomial, normal approximation); at least as wide as stamps are rounded.
Bounds median_of(std::vector<double> values, double rounding, double level) {
  std::sort(values.begin(), values.end());
  const double n = static_cast<double>(values.size()), off = student_quantile(0.5 + level / 2, 1e9) * std::sqrt(n) / 2;
  const auto at = [&](double rank) { return values[static_cast<std::size_t>(std::clamp(rank, 0.0, n - 1))]; };
  const double middle = at(n / 2);
  return {middle, std::min(at(std::floor(n / 2 - off)), middle - rounding),
          std::max(at(std::ceil(n / 2 + off)), middle + rounding), level};
}

bool breaks_down(const Station& station) {
  return std::any_of(station.failures.begin(), station.failures.end(), [](const FailureMode& mode) { return !mode.planned; });
}

/// Share of the works of this length that a breakdown interrupts.
double interrupted_share(const Station& station, double mean_s) {
  double share = 0;
  for (const FailureMode& mode : station.failures)
    if (!mode.planned && mode.every.distribution)
      share += (mode.clock == FailureClock::count ? 1 : mean_s) / mode.every.distribution->mean();
  return std::min(share, 0.5);
}

/// The distribution of the works that no breakdown interrupted, taken to be the shorter ones, with this mean. Left out are as
/// many as are interrupted on average and two standard deviations (Poisson) more.
Fit fit_uninterrupted(std::vector<double> values, double share, double mean_s) {
  std::sort(values.begin(), values.end());
  const double n = static_cast<double>(values.size()), interrupted = n * share + 2 * std::sqrt(n * share);
  values.resize(static_cast<std::size_t>(std::max(std::ceil(n / 2), std::floor(n - interrupted))));
  const double now = tally_of(values).mean();
  if (share > 0 && now > 0)
    for (double& value : values) value *= mean_s / now;
  return fit_best(std::move(values));
}

class Services {
 public:
  Services(const PlantInLog& at, const PlantCalibrationOptions& options, PlantCalibration& result)
      : at_(at), options_(options), result_(result) {}

  void learn(Index index) {
    const Station& station = at_.plant().stations[index];
    path_ = "stations." + station.name;
    const Node* node = find_path(at_.document, {"stations", station.name});
    if (at_.works[index].empty()) return leave("the log has no operation there");
    if (station.special != Special::nothing && station.special != Special::unload) return leave("a transport or a plan");
    if (planned(index)) return leave("the steps of plans say how long they take");
    const Node* duration = node != nullptr && node->is_map() ? node->find("duration") : nullptr;
    const bool phases = find_path(at_.document, {"stations", station.name, "phases"}) != nullptr;
    hours_ = work_hours(at_.plant(), station);
    if (station.throughput_kg_per_s > 0) return throughput(index);
    if (duration == nullptr && !phases)
      return leave(station.duration_from_operation ? "its unit operation says how long it takes"
                                                   : "its rate or duration is not plain");
    if (station.phases.size() == 1 && station.phases[0].duration.distribution &&
        station.phases[0].duration.distribution->mean() <= 0)
      return leave("it takes no time");
    if (!hours_.why_not.empty()) return leave(hours_.why_not);
    if (unnamed(index)) return leave("several pools do it, each in its hours, and the log does not name them as resources");
    times_ = net_times(hours_, at_.works[index], at_.last_s());
    if (computed_duration(station) != nullptr) return computed(index, *duration);
    if (times_.size() < fewest) return leave(fmt::format("{} operations are too few", times_.size()));
    if (!phases) return plain(index);
    several_phases(index, *node->find("phases"));
  }

 private:
  void leave(const std::string& why) { result_.left_out.emplace_back(path_, why); }
  /// Whether it matters which pool did the works, and fewer than half say so.
  bool unnamed(Index index) const {
    const std::vector<Work>& works = at_.works[index];
    const auto named = std::count_if(works.begin(), works.end(), [](const Work& work) { return work.pool != none; });
    return 2 * static_cast<std::size_t>(named) < works.size() &&
           std::any_of(hours_.stops.begin(), hours_.stops.end(), [](const Stop& stop) { return stop.pool != none; });
  }
  bool planned(Index index) const {
    for (const Plan& plan : at_.plant().plans)
      for (const PlanStep& step : plan.steps)
        if (step.station == index && step.duration.given()) return true;
    return false;
  }
  void parameter(const std::string& name, const std::string& unit, const Bounds& value, std::size_t n, const std::string& method,
                 double given) {
    result_.parameters.push_back({path_ + name, value.estimate, unit, value, n, method, given});
  }
  /// Sets what the last parameter is about.
  void patch(const std::string& name, Node value, const std::string& note) {
    result_.patches.push_back({path_ + name, std::move(value), note, {result_.parameters.size() - 1}});
  }
  static bool away(const Bounds& value, double from) { return !value.contains(from); }

  /// Whether so few breakdowns are expected in the log that by chance there may be none.
  bool rarely_interrupted(Index index) const {
    constexpr double few = 10;
    const Station& station = at_.plant().stations[index];
    return breaks_down(station) && static_cast<double>(times_.size()) * interrupted_share(station, tally_of(times_).mean()) < few;
  }

  /// The plant as given, simulated when it is first asked for.
  const std::vector<double>& given_times(Index index) {
    if (given_.empty()) {
      given_ = simulate_works(at_, options_);
      given_last_s_ = last_end(given_);
    }
    given_times_ = net_times(hours_, given_[index], given_last_s_);
    return given_times_;
  }

  void throughput(Index index) {
    const Station& station = at_.plant().stations[index];
    std::vector<double> rates;
    for (const Work& work : at_.works[index]) {
      const double net = net_s(hours_, work).value_or(0);
      if (net > 0 && work.mass_kg > 0) rates.push_back(work.mass_kg / net);
    }
    if (rates.size() < fewest) return leave("the log has no masses (column mass_kg) for its throughput");
    const Bounds rate = median_of(rates, 1e-6 * station.throughput_kg_per_s, options_.level);
    parameter(".throughput", "kg/s", rate, rates.size(), "median of mass / time of work; interval: order statistics",
              station.throughput_kg_per_s);
    if (away(rate, station.throughput_kg_per_s))
      patch(".throughput", quantity_node(to_digits(rate.estimate, 9), dimension::mass_rate), fmt::format("n = {}", rates.size()));
  }

  void plain(Index index) {
    const Station& station = at_.plant().stations[index];
    const Distribution& own = *station.phases[0].duration.distribution;
    const double given = own.mean();
    const bool speed = std::any_of(station.phases[0].needs.begin(), station.phases[0].needs.end(), [&](const Need& need) {
      return std::any_of(need.pools.begin(), need.pools.end(), [&](Index pool) { return at_.plant().pools[pool].speed != 1; });
    });
    Bounds mean;
    std::string method;
    double share = 0;
    const Bounds median = median_of(times_, stamp_s, options_.level);
    if (!breaks_down(station) && !speed) {
      mean = mean_of(times_, options_.level);
      method = "mean of the works; interval: Student";
    } else if (!speed && median.high - median.low <= 3 * stamp_s) {
      mean = median;
      share = interrupted_share(station, given);
      method = fmt::format("median, most works take the same; {}", breakdowns);
    } else {
      const std::vector<double>& as_given = given_times(index);
      if (as_given.size() < fewest) return leave("the plant as given does too little there to compare with");
      const Bounds ratio = ratio_of(times_, as_given, rarely_interrupted(index), options_.level);
      mean = {given * ratio.estimate, given * ratio.low, given * ratio.high, options_.level};
      share = interrupted_share(station, mean.estimate);
      method = fmt::format("ratio of the mean to that of the plant as given, simulated; interval: delta method; {}", breakdowns);
    }
    const Fit fit = fit_uninterrupted(times_, share, mean.estimate);
    parameter(".duration.mean", "s", mean, times_.size(), fit.family + " by maximum likelihood; " + method, given);
    patch(".duration", scenario_node(fit, "s"),
          fmt::format("{}, n = {}, mean {:.6g} s{}", fit.family, times_.size(), mean.estimate, bounds_text(mean, 6)));
  }

  void computed(Index index, const Node& duration) {
    std::vector<double> factors;
    for (const Work& work : at_.works[index])
      if (const auto net = net_s(hours_, work); net && work.computed_s > 0) factors.push_back(*net / work.computed_s);
    if (factors.size() < fewest) return leave("the log has not what its duration is computed from");
    const Bounds factor = median_of(factors, 1e-6, options_.level);
    parameter(".duration.factor", "1", factor, factors.size(),
              "median of the time of work / that computed from the lot; interval: order statistics", 1);
    if (away(factor, 1)) patch(".duration", scaled(duration, factor.estimate), scaling(factor, factors.size()));
  }

  /// All phases by one factor.
  void several_phases(Index index, const Node& phases) {
    const std::vector<double>& as_given = given_times(index);
    if (as_given.size() < fewest) return leave("the plant as given does too little there to compare with");
    const Bounds factor = ratio_of(times_, as_given, rarely_interrupted(index), options_.level);
    parameter(".phases.factor", "1", factor, times_.size(),
              fmt::format("ratio of the mean to that of the plant as given, simulated; interval: delta method; {}", breakdowns),
              1);
    if (!away(factor, 1)) return;
    for (std::size_t k = 0; k < phases.items.size(); ++k)
      if (const Node* time = phases.items[k].is_map() ? phases.items[k].find("duration") : nullptr)
        patch(fmt::format(".phases.{}.duration", k), scaled(*time, factor.estimate), scaling(factor, times_.size()));
  }
  static std::string scaling(const Bounds& factor, std::size_t n) {
    return fmt::format("times {:.4g}{}, n = {}", factor.estimate, bounds_text(factor, 4), n);
  }

  const PlantInLog& at_;
  const PlantCalibrationOptions& options_;
  PlantCalibration& result_;
  std::string path_;
  WorkHours hours_;
  std::vector<double> times_, given_times_;
  std::vector<std::vector<Work>> given_;
  double given_last_s_ = 0;
};

}  // namespace

void learn_services(const PlantInLog& at, const PlantCalibrationOptions& options, PlantCalibration& result) {
  Services services(at, options, result);
  for (Index k = 0; k < at.plant().n_stations(); ++k) services.learn(k);
}

void learn_setups(const PlantInLog& at, const PlantCalibrationOptions& options, PlantCalibration& result) {
  for (Index k = 0; k < at.plant().n_stations(); ++k) {
    const Station& station = at.plant().stations[k];
    if (station.setup.by < 0) continue;
    const std::string path = "stations." + station.name + ".setup.time";
    std::vector<double> times;
    for (const Work& work : at.works[k])
      if (work.setup_s > 0) times.push_back(work.setup_s);
    if (!station.setup.time || !station.setup.matrix.empty()) {
      result.left_out.emplace_back("stations." + station.name + ".setup", "a table of setup times is not learned");
    } else if (times.size() < fewest) {
      result.left_out.emplace_back(path, fmt::format("{} setups in the log (column setup_s) are too few", times.size()));
    } else {
      const Fit fit = fit_best(times);
      const Bounds mean = mean_of(times, options.level);
      result.parameters.push_back({path + ".mean", mean.estimate, "s", mean, times.size(),
                                   fit.family + " by maximum likelihood; mean of the setups; interval: Student",
                                   station.setup.time->mean()});
      result.patches.push_back(
          {path, scenario_node(fit, "s"), fmt::format("{}, n = {}", fit.family, times.size()), {result.parameters.size() - 1}});
    }
  }
}

}  // namespace retwin

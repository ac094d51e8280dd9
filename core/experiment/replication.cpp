// Advances in pieces, reads the clock of the wall around the engine only.
#include "core/experiment/replication.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "core/experiment/going_on.hpp"
#include "core/flow/engine/pace.hpp"
#include "core/flow/state/snapshot.hpp"
#include "core/graph/capacity.hpp"
#include "core/kpi/nothing_made.hpp"
#include "core/ledger/quarters.hpp"
#include "core/ledger/writers.hpp"

namespace retwin {
namespace {

constexpr int pieces = ticks_per_replication;  // of a run, for progress and the activity log
constexpr std::size_t large_log = 200000, small_log = 20000;
constexpr std::uint64_t check_every = 20000;  // events, between two looks at the limits on the way
constexpr double first_piece = 1.0 / 65536;  // of the longest; doubled while the log stays small

/// Static utilisation by the traffic equations, fed with the yields and splits that the window has shown.
std::vector<std::pair<std::string, double>> static_ranking(const Plant& plant, const Window& window) {
  CapacityInput seen = observed(plant, window.end().accounts, &window.begin().accounts);
  seen.from_s = window.begin().at_s;
  seen.until_s = window.end().at_s;
  const Capacity capacity = static_capacity(plant, process_graph(plant), seen);
  std::vector<std::pair<std::string, double>> out;
  for (Index k = 0; k < plant.n_stations(); ++k) {
    const double utilisation = capacity.stations[k].utilisation;
    if (std::isfinite(utilisation)) out.emplace_back(plant.stations[k].name, utilisation);
  }
  return out;
}

class Replication {
 public:
  Replication(const Scenario& scenario, const Task& task, ReplicationOptions options)
      : scenario_(scenario), task_(task), options_(std::move(options)), simulation_(start()), leaving_(*scenario.plant, simulation_.state()) {
    if (options_.observer) heard_by_.lead(options_.observer.get());
    if (!leaving_.done()) heard_by_.add(&leaving_);
  }

  Replicated run() {
    const double begin = task_.begin_s, end = task_.end_s;
    const std::uint64_t events = state().accounts.events, completions = state().accounts.completions;
    const double start_s = simulation_.now();
    check_ = [=, this] { check_pace(simulation_.plant(), state(), start_s, events, end); };
    if (begin > simulation_.now()) advance(begin, (end - simulation_.now()) / pieces, nullptr, nullptr);
    Window window(*scenario_.plant, read(simulation_.plant(), state()));
    ActivitySweep activity(*scenario_.plant, begin);
    meter_.emplace(simulation_.plant(), state());
    if (options_.stocks && !scenario_.reporting.stocks.empty()) stocks_.emplace(simulation_.plant(), scenario_.reporting.stocks, state().now);
    simulation_.state().log_activity = options_.detailed;
    advance(end, (end - begin) / pieces, &window, options_.detailed ? &activity : nullptr);
    simulation_.state().log_activity = false;
    done_.performance.events = state().accounts.events - events;
    done_.performance.completions = state().accounts.completions - completions;
    if (options_.detailed) {
      activity.finish(simulation_.state());
      done_.bottleneck = analyse_bottlenecks(window, activity, static_ranking(*scenario_.plant, window));
      done_.warnings = nothing_made(window, state());
    }
    if (options_.keep_state) {
      done_.state = std::make_shared<const State>(state());
      if (options_.observer) done_.heard = heard_by_.heard();
    }
    if (options_.detailed) done_.there = leaving_.there();
    done_.departures = leaving_.departures();
    done_.outcome.task = task_;
    const QuarterHours quarters = meter_->quarters(state());
    const KpiInput input{window, scenario_.reporting, scenario_.run.year_s, &quarters, stocks_ ? &stocks_->readings() : nullptr};
    done_.outcome.figures = compute_kpis(input, scenario_.kpis);
    done_.outcome.digest = state_digest(state(), simulation_.plant());
    return std::move(done_);
  }

 private:
  Simulation start() const {
    const auto number = static_cast<std::uint64_t>(task_.replication);
    if (!options_.from) return Simulation(scenario_.plant, task_.seed.value_or(scenario_.run.seed), number, scenario_.changes);
    Simulation simulation(scenario_.plant, *options_.from, scenario_.changes);
    if (task_.seed) simulation.rekey(*task_.seed);
    if (number > 0) simulation.rekey(number);
    return simulation;
  }
  const State& state() const { return simulation_.state(); }
  /// Whether anybody still wants to hear what happens.
  bool listens() const { return options_.observer || !leaving_.done(); }

  /// The end of the period that `now` lies in; begins the first one.
  double until_period(double now) {
    if (!(options_.period_s > 0)) return std::numeric_limits<double>::infinity();
    if (!period_) begin_period(now);
    return next_period_;
  }
  void begin_period(double now) {
    period_.emplace(*scenario_.plant, read(simulation_.plant(), state()));
    next_period_ = now + options_.period_s;
  }
  void count_period() {
    period_->extend(simulation_.plant(), read(simulation_.plant(), state()));
    double value = 0;
    for (const Kpi& kpi : compute_kpis({*period_, scenario_.reporting, scenario_.run.year_s}, scenario_.kpis))
      if (kpi.path == scenario_.objective && std::isfinite(kpi.value)) value = kpi.value;
    done_.by_period.push_back(value);
    begin_period(next_period_);
  }

  /// Advances to `until` in steps that keep the log short. What comes out does not depend on the steps.
  void advance(double until, double longest, Window* window, ActivitySweep* activity) {
    double step = activity ? longest * first_piece : longest;
    double next_tick = simulation_.now() + longest;
    while (simulation_.now() < until) {
      const double now = simulation_.now();
      const double target = std::min(until_period(now), now + step < until ? now + step : until);
      const auto clock = std::chrono::steady_clock::now();
      go_to(target, window);
      done_.performance.loop_s += std::chrono::duration<double>(std::chrono::steady_clock::now() - clock).count();
      check_();
      if (target == next_period_) count_period();
      const std::size_t logged = state().activity.size();
      if (activity) {
        activity->take(simulation_.state());
        if (logged > large_log) step /= 2;
        if (logged < small_log) step = std::min(longest, 2 * step);
      }
      if (options_.watch) options_.watch->look(state());
      for (; next_tick <= target * (1 + 1e-12); next_tick += longest)
        if (options_.tick) options_.tick();
    }
    if (window) window->extend(simulation_.plant(), read(simulation_.plant(), state()));
  }

  /// Stops for the meter on the way, and where the plant becomes another.
  void go_to(double target, Window* window) {
    while (simulation_.now() < target) {
      double stop = target;
      if (meter_) {
        stop = std::min({stop, meter_->next_s(), stocks_ ? stocks_->next_s() : stop});
        for (const PlantChange& change : scenario_.changes)
          if (change.at_s > simulation_.now()) stop = std::min(stop, change.at_s);
      }
      const std::shared_ptr<const Plant> in_force = simulation_.plant_pointer();
      retwin::advance(simulation_, scenario_.changes, stop, window, listens() ? &heard_by_ : nullptr, options_.watch, target);
      if (meter_) meter_->read(*in_force, simulation_.plant(), state());
      if (stocks_) stocks_->read(simulation_.plant(), state());
      // a quarter of an hour may have too few events for the engine to look
      if (options_.watch) options_.watch->look(state());
      if (state().accounts.events < next_check_) continue;
      next_check_ = state().accounts.events + check_every;
      check_();
    }
  }

  const Scenario& scenario_;
  const Task& task_;
  ReplicationOptions options_;
  std::function<void()> check_;  ///< whether the run as a whole keeps within its limits
  Simulation simulation_;
  LeavingCollector leaving_;
  Observers heard_by_;
  std::optional<Window> period_;
  double next_period_ = 0;
  std::optional<QuarterMeter> meter_;  ///< in the window
  std::optional<StockMeter> stocks_;   ///< likewise
  std::uint64_t next_check_ = 0;       ///< events at which the limits are looked at again
  Replicated done_;
};

}  // namespace

Performance& Performance::operator+=(const Performance& other) {
  loop_s += other.loop_s;
  events += other.events;
  completions += other.completions;
  return *this;
}

Replicated replicate(const Scenario& scenario, const Task& task, ReplicationOptions options) {
  return Replication(scenario, task, std::move(options)).run();
}

}  // namespace retwin

// Runs replications on threads, each with its own state and luck, and puts their figures together in order.
#include "core/experiment/replications.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <exception>
#include <future>
#include <mutex>
#include <system_error>
#include <utility>

#include "core/experiment/going_on.hpp"
#include "core/flow/engine/pace.hpp"
#include "core/graph/capacity.hpp"
#include "core/kpi/nothing_made.hpp"

namespace retwin {
namespace {

constexpr int pieces = 50;  // of a run, for progress and the activity log
constexpr std::size_t large_log = 200000, small_log = 20000;
constexpr double first_piece = 1.0 / 65536;  // of the longest; doubled while the log stays small
constexpr std::chrono::milliseconds poll_every{50};

/// Thrown where a replication ends because the run as a whole has been told to.
struct Stopped {};

/// Whether the run goes on: the thread that called asks, for all of them.
class Attention {
 public:
  explicit Attention(const std::function<void()>& poll) : poll_(poll) {}
  bool stopped() const { return stopped_; }
  /// From the thread that called only. @throws Stopped
  void ask() {
    if (stopped_) throw Stopped{};
    if (!poll_ || std::chrono::steady_clock::now() < next_) return;
    try {
      poll_();
    } catch (...) {
      why_ = std::current_exception();
      stopped_ = true;
      throw Stopped{};
    }
    next_ = std::chrono::steady_clock::now() + poll_every;
  }
  void rethrow() const {
    if (why_) std::rethrow_exception(why_);
  }

 private:
  const std::function<void()>& poll_;
  std::chrono::steady_clock::time_point next_{};
  std::atomic<bool> stopped_{false};
  std::exception_ptr why_;
};

/// Of the replications of one thread.
class Attentive : public Watch {
 public:
  Attentive(Attention& attention, bool asks) : attention_(attention), asks_(asks) {}
  void look(const State&) override {
    if (asks_) attention_.ask();
    if (attention_.stopped()) throw Stopped{};
  }

 private:
  Attention& attention_;
  bool asks_;
};

/// What one replication leaves behind.
struct Outcome {
  struct Figure {
    double value, numerator, denominator;
  };
  std::vector<Figure> figures;  ///< in the order of the list of figures
  Performance performance;
  std::exception_ptr error;
};

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

/// One replication on its way: advances in pieces, reads the clock of the wall around the engine only.
class Replication {
 public:
  Replication(const Scenario& scenario, const RunOptions& options, std::int64_t number, std::function<void()> tick, Watch& watch)
      : scenario_(scenario),
        number_(number),
        tick_(std::move(tick)),
        watch_(watch),
        simulation_(start(scenario, options, number)) {
    if (options.observer) observer_ = options.observer(number);
  }

  /// @param results where replication 0 leaves the bottleneck analysis and its state
  std::vector<Kpi> run(const RunOptions& options, Results& results) {
    const double begin = results.begin_s, end = results.end_s;
    const std::uint64_t events = state().accounts.events, completions = state().accounts.completions;
    const double start_s = simulation_.now();
    check_ = [=, this] { check_pace(simulation_.plant(), state(), start_s, events, end); };
    if (begin > simulation_.now()) advance(begin, (end - simulation_.now()) / pieces, nullptr, nullptr);
    Window window(*scenario_.plant, read(simulation_.plant(), state()));
    ActivitySweep activity(*scenario_.plant, begin);
    const bool first = number_ == 0;
    simulation_.state().log_activity = first;
    advance(end, (end - begin) / pieces, &window, first ? &activity : nullptr);
    simulation_.state().log_activity = false;
    performance_.events = state().accounts.events - events;
    performance_.completions = state().accounts.completions - completions;
    if (first) {
      activity.finish(simulation_.state());
      results.bottleneck = analyse_bottlenecks(window, activity, static_ranking(*scenario_.plant, window));
      results.warnings = nothing_made(window, state());
      if (options.keep_state) results.state = std::make_shared<const State>(state());
    }
    return compute_kpis({window, scenario_.reporting, scenario_.run.year_s}, options.more_kpis);
  }
  const Performance& performance() const { return performance_; }

 private:
  static Simulation start(const Scenario& scenario, const RunOptions& options, std::int64_t number) {
    if (!options.from) return Simulation(scenario.plant, scenario.run.seed, static_cast<std::uint64_t>(number), scenario.changes);
    Simulation simulation(scenario.plant, *options.from, scenario.changes);
    if (options.reseed) simulation.rekey(*options.reseed);
    if (number > 0) simulation.rekey(static_cast<std::uint64_t>(number));
    return simulation;
  }
  const State& state() const { return simulation_.state(); }

  /// Advances to `until` in steps that keep the log short. What comes out does not depend on the steps.
  void advance(double until, double longest, Window* window, ActivitySweep* activity) {
    double step = activity ? longest * first_piece : longest;
    double next_tick = simulation_.now() + longest;
    while (simulation_.now() < until) {
      const double now = simulation_.now();
      const double target = now + step < until ? now + step : until;
      const auto clock = std::chrono::steady_clock::now();
      retwin::advance(simulation_, scenario_.changes, target, window, observer_.get(), &watch_);
      performance_.loop_s += std::chrono::duration<double>(std::chrono::steady_clock::now() - clock).count();
      check_();
      const std::size_t logged = state().activity.size();
      if (activity) {
        activity->take(simulation_.state());
        if (logged > large_log) step /= 2;
        if (logged < small_log) step = std::min(longest, 2 * step);
      }
      watch_.look(state());
      for (; next_tick <= target * (1 + 1e-12); next_tick += longest) tick_();
    }
    if (window) window->extend(simulation_.plant(), read(simulation_.plant(), state()));
  }

  const Scenario& scenario_;
  std::int64_t number_;
  std::function<void()> tick_;
  std::function<void()> check_;  ///< whether the run as a whole keeps within its limits
  Watch& watch_;
  Simulation simulation_;
  std::unique_ptr<Observer> observer_;
  Performance performance_;
};

/// The thread that called has nothing to do any more but to ask whether the run goes on.
void wait_for(std::future<void>& helper, Attention& attention) {
  while (helper.wait_for(poll_every) != std::future_status::ready) {
    try {
      attention.ask();
    } catch (const Stopped&) {
      helper.wait();
    }
  }
}

/// Every replication once, in order, by as many threads as there are; after an error no later one is begun.
/// @return the list of figures of replication 0
std::vector<Kpi> run_all(const Scenario& scenario, const RunOptions& options, Results& results, std::vector<Outcome>& outcomes) {
  std::vector<Kpi> list;
  std::atomic<std::int64_t> next{0}, ticks{0}, failed{results.replications};
  std::mutex telling;
  const double all_ticks = static_cast<double>(pieces) * static_cast<double>(results.replications);
  const auto tick = [&] {
    const double done = static_cast<double>(++ticks) / all_ticks;
    if (!options.progress) return;
    const std::lock_guard<std::mutex> lock(telling);
    options.progress(std::min(1.0, done));
  };
  Attention attention(options.poll);
  const auto work = [&](bool asks) {
    Attentive watch(attention, asks);
    for (std::int64_t number = next++; number < failed && !attention.stopped(); number = next++) {
      Outcome& outcome = outcomes[static_cast<std::size_t>(number)];
      try {
        Replication replication(scenario, options, number, tick, watch);
        std::vector<Kpi> kpis = replication.run(options, results);
        for (const Kpi& kpi : kpis) outcome.figures.push_back({kpi.value, kpi.numerator, kpi.denominator});
        outcome.performance = replication.performance();
        if (number == 0) list = std::move(kpis);
      } catch (const Stopped&) {
        return;
      } catch (...) {
        outcome.error = std::current_exception();
        std::int64_t first = failed;
        while (number < first && !failed.compare_exchange_weak(first, number)) {
        }
      }
    }
  };
  std::vector<std::future<void>> helpers;
  const std::int64_t wanted = std::min<std::int64_t>(std::max(1, options.jobs), results.replications) - 1;
  try {
    for (std::int64_t k = 0; k < wanted; ++k) helpers.push_back(std::async(std::launch::async, work, false));
  } catch (const std::system_error&) {  // no more threads to be had: those that there are do it all
  }
  work(true);
  for (std::future<void>& helper : helpers) wait_for(helper, attention);
  attention.rethrow();
  return list;
}

void rethrow_first(const std::vector<Outcome>& outcomes) {
  for (std::size_t number = 0; number < outcomes.size(); ++number) {
    if (!outcomes[number].error) continue;
    try {
      std::rethrow_exception(outcomes[number].error);
    } catch (const RunError& error) {
      throw RunError(outcomes.size() == 1 ? std::string(error.what()) : fmt::format("{} (replication {})", error.what(), number),
                     error.time_s(), error.station());
    }
  }
}

KpiSummary summarise(const Kpi& kpi, const std::vector<Outcome>& outcomes, std::size_t k, double level) {
  std::vector<double> values, numerators, denominators;
  for (const Outcome& outcome : outcomes) {
    const Outcome::Figure& figure = outcome.figures[k];
    if (std::isnan(figure.value)) continue;
    values.push_back(figure.value);
    numerators.push_back(figure.numerator);
    denominators.push_back(figure.denominator);
  }
  return {kpi, kpi.ratio ? ratio_interval(numerators, denominators, level) : student_interval(values, level)};
}

}  // namespace

const KpiSummary* Results::find(std::string_view path) const {
  const auto it = std::find_if(kpis.begin(), kpis.end(), [&](const KpiSummary& s) { return s.kpi.path == path; });
  return it == kpis.end() ? nullptr : &*it;
}

Results run_replications(const Scenario& scenario, const RunOptions& options) {
  Results results;
  results.replications = std::max<std::int64_t>(1, options.replications > 0 ? options.replications : scenario.run.replications);
  const double start = options.from ? options.from->now : 0;
  results.warmed_up = !options.from && !scenario.run.terminating && scenario.run.warmup_s > 0;
  results.begin_s = results.warmed_up ? scenario.run.warmup_s : start;
  results.end_s = start + scenario.run.duration_s;
  std::vector<Outcome> outcomes(static_cast<std::size_t>(results.replications));
  const std::vector<Kpi> list = run_all(scenario, options, results, outcomes);
  rethrow_first(outcomes);
  for (const Outcome& outcome : outcomes) {
    results.performance.loop_s += outcome.performance.loop_s;
    results.performance.events += outcome.performance.events;
    results.performance.completions += outcome.performance.completions;
  }
  for (std::size_t k = 0; k < list.size(); ++k) {
    results.kpis.push_back(summarise(list[k], outcomes, k, scenario.run.confidence));
    std::vector<double>& values = results.values.emplace_back();
    for (const Outcome& outcome : outcomes) values.push_back(outcome.figures[k].value);
  }
  return results;
}

}  // namespace retwin

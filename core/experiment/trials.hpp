// Trials: a scenario with reliefs and without, run with common random numbers.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/experiment/relief.hpp"
#include "core/experiment/replication.hpp"
#include "core/kpi/bottleneck.hpp"
#include "core/kpi/kpi.hpp"

namespace retwin {

struct TrialOptions {
  int jobs = 1;                              ///< threads
  std::function<void()> poll;                ///< called several times a second; what it throws ends the trials
  std::function<void(double done)> progress; ///< share of all work [0, 1], a guess
};

/// Runs variants of one scenario, each from an empty plant with its reliefs in force from the beginning: nobody's backlog is served out.
/// The figures are those of the second half of the run (whole weeks, else days, where it has them), at least without its warm-up; where it
/// was made shorter than the scenario's own, of what follows its warm-up, at least of three quarters; of a terminating run those of all of
/// it. The same replication number means the same draws in every variant. Replications are in blocks of a thousand, each with its length:
/// those that select, those of what is reported, those that decide whether anything is gained, those of steps.
class Trials {
 public:
  static constexpr std::int64_t block = 1000, first_selecting = 0, first_fresh = block, first_deciding = 2 * block, first_of_steps = 3 * block;
  Trials(const Scenario& scenario, TrialOptions options);

  /// Number of a variant; 0 is the plant as it is. The same reliefs, in whatever order, are the same variant.
  std::size_t variant(std::vector<Relief> reliefs);
  const std::vector<Relief>& reliefs(std::size_t variant) const { return variants_.at(variant).reliefs; }
  /// Runs what has not been run of these variants and replications [first, first + n). An error of the plant as it is is thrown; of
  /// another variant it is kept. @throws RunError, and what `poll` throws
  void run(const std::vector<std::size_t>& variants, std::int64_t first, std::int64_t n);
  /// Why a variant cannot run; empty if it can.
  const std::string& error(std::size_t variant) const { return variants_.at(variant).error; }
  /// The objective of replications that have been run; of a variant that cannot run: 0.
  std::vector<double> objective(std::size_t variant, std::int64_t first, std::int64_t n) const;
  /// Share of what came in that stays (`plant.growth`), likewise; NaN where nothing came in.
  std::vector<double> growth(std::size_t variant, std::int64_t first, std::int64_t n) const;
  /// Carbon per tonne of the first functional unit, NaN where there is none.
  std::vector<double> carbon(std::size_t variant, std::int64_t first, std::int64_t n) const;
  /// All figures of replication 0, if it has been run.
  const std::unordered_map<std::string, double>& figures(std::size_t variant) const { return variants_.at(variant).figures; }
  /// Mean of a utilisation of the plant as it is, over replications that have been run; NaN if it has no such figure.
  double utilisation(const std::string& path, std::int64_t first, std::int64_t n) const;
  const Plant& plant(std::size_t variant) const { return *variants_.at(variant).scenario->plant; }
  const BottleneckAnalysis& bottleneck() const { return bottleneck_; }  ///< of replication 0 of the plant as it is
  /// Work of a replication of the plant as it is that lasts so long, in services of a plain line (about 0.1 us each): counted, not timed.
  double work(double duration_s) const { return work_per_s_ * duration_s; }
  /// Shortest run that is worth while: twice the warm-up and at least four weeks, at most that of the scenario; where parameters change
  /// on the way or the run ends by itself, all of it.
  double shortest_s() const;
  /// How long the replications of the block that begins with `first` last. Those it has are forgotten if that is new.
  void set_length(std::int64_t first, double duration_s);
  struct Span {
    double begin_s = 0, end_s = 0;
  };
  const Span& span(std::int64_t replication) const { return spans_.at(static_cast<std::size_t>(replication / block)); }
  const std::string& unit() const { return unit_; }            ///< of the objective
  const std::string& carbon_path() const { return carbon_; }  ///< empty if there is none
  std::int64_t runs() const { return runs_; }
  /// What `progress` is told of the next runs: they go from here to there.
  void stage(double from, double to) { from_ = from, to_ = to; }

 private:
  struct Value {
    double objective = 0, carbon = 0, growth = 0;
  };
  struct Variant {
    std::vector<Relief> reliefs;
    std::shared_ptr<const Scenario> scenario;
    std::map<std::int64_t, Value> values;
    std::unordered_map<std::string, double> figures;
    std::map<std::int64_t, std::unordered_map<std::string, double>> utilisations;  ///< of the plant as it is
    std::string error;
  };
  void take(std::size_t variant, std::int64_t replication, Replicated made);

  Span window_of(double duration_s) const;

  const Scenario& scenario_;
  TrialOptions options_;
  std::array<Span, 4> spans_;
  std::string carbon_, unit_;
  std::vector<Variant> variants_;
  std::map<std::string, std::size_t> number_;
  BottleneckAnalysis bottleneck_;
  double work_per_s_ = 0;
  double from_ = 0, to_ = 1;
  std::int64_t runs_ = 0;
};

}  // namespace retwin

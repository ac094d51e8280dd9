// The verdict by relief: what a plant would make if less limited it, measured one relief at a time and together.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/experiment/relief.hpp"
#include "core/kpi/bottleneck.hpp"
#include "core/stats/intervals.hpp"

namespace retwin {

struct VerdictOptions {
  std::int64_t replications = 0;  ///< fresh ones of what is reported; 0: 4 to 30, fewer for plants that take long
  double effort = 1;              ///< work that may be done, relative to the usual; less: runs are made shorter sooner
  int jobs = 1;                   ///< threads; the verdict does not depend on them
  std::function<void()> poll;     ///< called several times a second; what it throws ends it
  std::function<void(double done)> progress;          ///< share of all work [0, 1], a guess
  std::function<void(const std::string& line)> tell;  ///< what is known on the way, one line at a time; may be empty
};

/// What one variant gains over the plant as it is.
struct Gain {
  std::vector<Relief> reliefs;
  std::string text;   ///< "inspect: servers 1 -> 2"; of several, joined by " and "
  Interval absolute;  ///< paired difference of the objective [unit of the objective]
  Interval relative;  ///< of the objective as it is [1]; jackknife of a ratio of sums; NaN where nothing is made now
  Interval carbon;    ///< paired difference of carbon per tonne [kg CO2e/t]; NaN where there is none
  std::string error;  ///< why it cannot run, empty if it can
  bool gains() const;  ///< the interval lies above 0, and the gain is no trifle (0.1 %)
  bool loses() const;
};

/// One who is in the sufficient set.
struct Member {
  Relief relief;
  std::string text;
  Gain without;   ///< the set without it, over the plant as it is
  Interval lost;  ///< what the set loses without it, relative to the objective as it is [1]; NaN where nothing is made now
  Interval lost_absolute;
};

struct Verdict {
  std::string objective, unit, doc;
  Interval now;                    ///< the objective of the plant as it is
  Interval carbon_now;             ///< of the first functional unit, NaN if there is none
  std::int64_t selecting = 0, replications = 0, runs = 0;  ///< replications that selected, fresh ones of every figure, runs in all
  double begin_s = 0, end_s = 0;   ///< window of the figures
  double whole_s = 0;              ///< length of the scenario's own runs
  bool shortened = false;          ///< runs of these figures were made shorter than that
  double steps_begin_s = 0, steps_end_s = 0;  ///< window of members and steps; where it is another one, from other fresh replications
  std::int64_t steps_replications = 0;
  std::size_t n_candidates = 0;
  Gain all;                        ///< all candidates relieved at once: the most that can be gained
  bool demand_limits = false;      ///< nothing is gained even so, or as good as nothing: shown, not only not refuted
  bool undecided = false;          ///< neither a gain is shown nor that there is none
  Interval stays;                  ///< share of what comes in that stays in the plant as it is and would not in the relieved one
  Gain set;                        ///< the sufficient set
  double share = 0;                ///< of the gain of all that the set keeps
  std::vector<Member> members;     ///< by what is lost without them, most first
  std::vector<Gain> steps;         ///< one at a time, of members and suspects: most gain first
  std::vector<Gain> pairs;         ///< where no step gains
  Gain demand;                     ///< arrivals x 1.25, nothing else
  std::vector<Suspect> suspects;   ///< what one run makes suspect; the loads of servers and pools are means of all
};

/// Searches with few replications, reports with fresh ones; common random numbers throughout.
/// @throws RunError if the plant as it is cannot run; InputError if its objective is no figure, or never above 0
Verdict find_verdict(const Scenario& scenario, const VerdictOptions& options);

}  // namespace retwin

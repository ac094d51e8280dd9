// Cases that a log shows in part, because it begins or ends in their midst, and how those cut at its end may have gone on.
#pragma once
#include <cstdint>
#include <vector>

#include "core/base/random.hpp"
#include "core/telemetry/cases/case_plans.hpp"
#include "core/telemetry/log/event_log.hpp"

namespace retwin {

/// Marks plans of cases that probably went on after the log's end (`open`).
///
/// What had been done tells what comes: a case is compared with those that had done the same, in whatever order, where at least five of
/// them are known to have gone on or ended; else with those whose last two activities are the same; else whose last one is.
/// A case whose last record is older than any time that ever passed from there to the next one has ended. If that record is younger, it
/// ended with the chance 1 - p, or waits with the chance p S(t): p the share of those that something follows, S the survival function of
/// the time until then, whatever had been done before the last activity, t the age of the record. p is the most likely one of this mixture
/// (Berkson & Gage, Survival curve for cancer patients following treatment, J. Am. Stat. Assoc. 47, 1952) with Jeffreys' prior, as a rule
/// all go on or none does; S is that of the times seen. A case is open if waiting is likelier than having ended. After what nothing ever follows no case is taken to be open, so a log cut everywhere at its own last activity is whole.
/// @param last_s until when the log tells [s]
void mark_open_cases(const EventLog& log, double last_s, std::vector<CasePlan>& plans);

/// Marks those of cases that had begun before the log (`begun`): the same with time reversed, where that explains the log at least twenty
/// times as well as that none had.
void mark_begun_cases(const EventLog& log, double first_s, std::vector<CasePlan>& plans);

/// How much better the last records of cases are explained if some of these wait than if all of them ended: the logarithm of the ratio of
/// likelihoods of the mixture above.
double evidence_of_cut_ends(const EventLog& log, const std::vector<CasePlan>& plans, double last_s);

/// How open cases may go on: as one that has ended did that had done the same.
class Continuations {
 public:
  /// Of the plans that are neither open nor begun, the latest 2000 (an estimate of what is enough).
  Continuations(const EventLog& log, const std::vector<CasePlan>& plans, double last_s);
  /// The plan with the rest of a drawn case behind it; the steps added have the events of that case. It is drawn among those that
  /// had done all of this one, in the same precedence, and went on; if there is none, among those that share the longest row of
  /// latest activities (a Markov chain of variable order: Begleiter, El-Yaniv & Yona, J. Artif. Intell. Res. 22, 2004). As cases
  /// that take long are missing among those that began late, each counts by the inverse of the share that had the time to end.
  /// Unchanged if no case ever went on from there.
  CasePlan continued(const CasePlan& open, const Draws& draws) const;

 private:
  struct Ended {
    const CasePlan* plan;
    std::vector<std::uint32_t> order;  ///< steps in order of their ends
    double weight;
  };
  struct Candidate {
    const Ended* ended;
    std::vector<std::uint32_t> in_open;  ///< by step: that of the open plan, or absent
  };
  std::vector<std::uint32_t> by_end(const CasePlan& plan) const;
  std::vector<Candidate> same_plan(const CasePlan& open) const;
  std::vector<Candidate> same_latest(const CasePlan& open) const;
  const EventLog& log_;
  std::vector<Ended> ended_;
};

}  // namespace retwin

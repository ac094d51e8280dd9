// Which cases a window of a log shows: all, those that ended in it, or all as far as they got.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/telemetry/cases/case_plans.hpp"
#include "core/telemetry/log/event_log.hpp"

namespace retwin {

/// What becomes of cases that are open when the log ends.
enum class WindowRule : std::uint8_t {
  complete,  ///< all cases ran to their end
  dropped,   ///< cases still open at the end are not in the log
  cut        ///< they are, as far as they got
};
/// By its name; none for another word, "auto" among them: then it is told from the log.
std::optional<WindowRule> window_rule(std::string_view name);

/// A log as it would be kept if it ended then: cases open at `end_s` dropped or cut; begun later: left out.
EventLog windowed(EventLog log, WindowRule rule, double end_s);

/// What explains the end of a log, by the likelihoods of three stories:
/// - complete: all cases ran to their end. Arrivals stopped with the last one that is seen.
/// - dropped: arrivals went on, and those still open at the end are not in the log. Durations are as likely as in the first story, but for
///   the chance of having ended, which is got back in the density of what is left; so the ratio is exp(cases expected to be open - cases
///   expected after the last that began).
/// - cut: arrivals went on, and those still open are there as far as they got: the ratio is that of the cases' ends (see
///   evidence_of_cut_ends), again less what is expected after the last that began.
/// What is expected is told by earlier cases: arrivals as in their weeks (their days, if the log is shorter), durations as theirs. The two
/// latter stories must be twenty times as likely as the first.
struct WindowFound {
  WindowRule rule = WindowRule::complete;
  std::array<double, 3> weights{1, 0, 0};  ///< of the rules, by their likelihoods
  double expected_open = 0;                ///< cases begun, that would still be open at the end
  /// The rule and its weight, for people: "cut (weight 1.00; complete 0.00, dropped 0.00)".
  std::string text() const;
};
/// @param plans of the log, without marks @param past by lot: the earlier cases
WindowFound find_window_rule(const EventLog& log, const std::vector<CasePlan>& plans, const std::vector<bool>& past);

/// The chance of having been seen in a log whose open cases were dropped: durations by maximum likelihood where only those are known that
/// were short enough (Lynden-Bell, Mon. Not. R. Astron. Soc. 155, 1971; Woodroofe, Ann. Statist. 13, 1985), relative to the longest that
/// could be seen.
class ChanceSeen {
 public:
  ChanceSeen(const EventLog& log, double end_s);
  /// Of a case that begins then. [0 ... 1]
  double of_start(double start_s) const;
  /// How often a case stands for what it and others like it were, mean 1. @param lot 0 without events
  double weight(std::uint32_t lot) const { return weights_.at(lot); }

 private:
  double end_s_;
  std::vector<double> durations_s_, share_;  ///< in order; share of all that last no longer
  std::vector<double> weights_;
};

/// When a case began and ended, and with what. Times as in the log [s]
struct CaseSpan {
  std::uint32_t lot = 0;
  double first_s = 0, last_s = 0;
  std::uint32_t last_activity = 0;
};

/// Cases in order of their first starts. @param by_lot of the same log
std::vector<CaseSpan> cases_of(const EventLog& log, const std::vector<std::vector<std::uint32_t>>& by_lot);

}  // namespace retwin

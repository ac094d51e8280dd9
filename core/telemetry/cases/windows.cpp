// Logs under a window rule, the rule by what explains a log's end, and what a log that dropped cases did not show.
#include "core/telemetry/cases/windows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/base/constants.hpp"
#include "core/telemetry/cases/open_cases.hpp"

namespace retwin {
namespace {

const std::array<const char*, 3> rule_names{"complete", "dropped", "cut"};

}  // namespace

std::optional<WindowRule> window_rule(std::string_view name) {
  const auto found = std::find(rule_names.begin(), rule_names.end(), name);
  return found == rule_names.end() ? std::nullopt : std::optional(static_cast<WindowRule>(found - rule_names.begin()));
}

std::vector<CaseSpan> cases_of(const EventLog& log, const std::vector<std::vector<std::uint32_t>>& by_lot) {
  std::vector<CaseSpan> cases;
  for (std::uint32_t lot = 0; lot < by_lot.size(); ++lot) {
    if (by_lot[lot].empty()) continue;
    CaseSpan one{lot, std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity(), 0};
    for (const std::uint32_t k : by_lot[lot]) {
      one.first_s = std::min(one.first_s, log.events[k].start_s);
      if (log.events[k].end_s >= one.last_s) one.last_s = log.events[k].end_s, one.last_activity = log.events[k].activity;
    }
    cases.push_back(one);
  }
  std::stable_sort(cases.begin(), cases.end(), [](const CaseSpan& a, const CaseSpan& b) { return a.first_s < b.first_s; });
  return cases;
}

namespace {

/// What earlier cases let expect of the end of a log.
struct Expected {
  double open = 0;   ///< cases that began and have not ended
  double later = 0;  ///< cases that began after the last that is seen
};

/// Arrivals as in earlier weeks; of a log of less than two weeks as in its days, of less than a day as over its time.
/// @param durations of the earlier, sorted
Expected expected_at(double end_s, const std::vector<CaseSpan>& before, const std::vector<CaseSpan>& after, const std::vector<double>& durations) {
  const double first = before.front().first_s, known_s = after.front().first_s - first;
  const double period_s = known_s >= week_s ? week_s : known_s >= day_s ? day_s : std::max(1.0, known_s);
  const double periods = std::floor(known_s / period_s);
  double last = -std::numeric_limits<double>::infinity();
  for (const CaseSpan& one : after) last = std::max(last, one.first_s);
  Expected result;
  for (const CaseSpan& one : before) {
    if (one.first_s >= first + periods * period_s) break;
    for (double at = one.first_s + period_s * std::ceil((end_s - durations.back() - one.first_s) / period_s); at <= end_s; at += period_s) {
      const auto longer = durations.end() - std::upper_bound(durations.begin(), durations.end(), end_s - at);
      result.open += static_cast<double>(longer) / static_cast<double>(durations.size()) / periods;
      result.later += at > last ? 1 / periods : 0;
    }
  }
  return result;
}

}  // namespace

EventLog windowed(EventLog log, WindowRule rule, double end_s) {
  if (rule == WindowRule::complete) return log;
  const auto ends_late = [&](const LogEvent& event) { return !(event.end_s <= end_s); };
  if (rule == WindowRule::dropped) {
    std::vector<bool> keep(log.lots.size(), true);
    for (const LogEvent& event : log.events)
      if (ends_late(event)) keep[event.lot] = false;
    return log.of_lots(keep);
  }
  std::erase_if(log.events, ends_late);
  log.columns.clear();
  return log;
}

std::string WindowFound::text() const {
  std::string others;
  for (std::size_t k = 0; k < weights.size(); ++k)
    if (k != static_cast<std::size_t>(rule)) others += fmt::format("{}{} {:.2f}", others.empty() ? "" : ", ", rule_names[k], weights[k]);
  return fmt::format("{} (weight {:.2f}; {})", rule_names[static_cast<std::size_t>(rule)], weights[static_cast<std::size_t>(rule)], others);
}

WindowFound find_window_rule(const EventLog& log, const std::vector<CasePlan>& plans, const std::vector<bool>& past) {
  constexpr double as_likely = 3;  // logarithm of 20
  std::vector<CaseSpan> before, after;
  for (const CaseSpan& one : cases_of(log, log.by_lot())) (past[one.lot] ? before : after).push_back(one);
  WindowFound found;
  if (before.empty() || after.empty()) return found;
  const double end = log.last_s();
  std::vector<double> durations;
  for (const CaseSpan& one : before) durations.push_back(one.last_s - one.first_s);
  std::sort(durations.begin(), durations.end());
  for (const CaseSpan& one : after) {
    const auto longer = durations.end() - std::upper_bound(durations.begin(), durations.end(), end - one.first_s);
    found.expected_open += static_cast<double>(longer) / static_cast<double>(durations.size());
  }
  const Expected expected = expected_at(end, before, after, durations);
  const std::array<double, 3> likelihoods{0, expected.open - expected.later - as_likely,
                                          evidence_of_cut_ends(log, plans, end) - expected.later - as_likely};
  const auto likeliest = std::max_element(likelihoods.begin(), likelihoods.end());
  double sum = 0;
  for (const double one : likelihoods) sum += std::exp(one - *likeliest);
  for (std::size_t k = 0; k < likelihoods.size(); ++k) found.weights[k] = std::exp(likelihoods[k] - *likeliest) / sum;
  found.rule = static_cast<WindowRule>(likeliest - likelihoods.begin());
  return found;
}

ChanceSeen::ChanceSeen(const EventLog& log, double end_s) : end_s_(end_s) {
  const std::vector<CaseSpan> cases = cases_of(log, log.by_lot());
  std::vector<double> all, room;  // how long they took, and how long they could have
  for (const CaseSpan& one : cases) all.push_back(one.last_s - one.first_s), room.push_back(end_s - one.first_s);
  durations_s_ = all;
  std::sort(durations_s_.begin(), durations_s_.end());
  durations_s_.erase(std::unique(durations_s_.begin(), durations_s_.end()), durations_s_.end());
  std::sort(all.begin(), all.end());
  std::sort(room.begin(), room.end());
  share_.assign(durations_s_.size(), 1);
  std::vector<double> jumps(durations_s_.size(), 0);
  double share = 1;
  for (std::size_t k = durations_s_.size(); k-- > 0;) {
    share_[k] = share;
    const auto [from, to] = std::equal_range(all.begin(), all.end(), durations_s_[k]);
    // At risk: those that took no longer and could have taken so long. Whoever took longer could have, too.
    const auto no_longer = to - all.begin(), no_room = std::lower_bound(room.begin(), room.end(), durations_s_[k]) - room.begin();
    const double at_risk = static_cast<double>(no_longer - no_room), ended = static_cast<double>(to - from);
    const double jump = k == 0 ? share : share * ended / std::max(at_risk, ended + 1);  // nobody else at risk is no proof that nobody took less
    jumps[k] = jump;
    share -= jump;
  }
  weights_.assign(log.lots.size(), 0);
  for (const CaseSpan& one : cases) {
    const auto k = static_cast<std::size_t>(std::lower_bound(durations_s_.begin(), durations_s_.end(), one.last_s - one.first_s) - durations_s_.begin());
    const auto [from, to] = std::equal_range(all.begin(), all.end(), durations_s_[k]);
    weights_[one.lot] = jumps[k] / static_cast<double>(to - from) * static_cast<double>(cases.size());
  }
}

double ChanceSeen::of_start(double start_s) const {
  const auto longer = std::upper_bound(durations_s_.begin(), durations_s_.end(), end_s_ - start_s);
  return longer == durations_s_.begin() ? 0 : share_[static_cast<std::size_t>(longer - durations_s_.begin()) - 1];
}

}  // namespace retwin

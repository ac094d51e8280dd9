// Decisions of a line between parallel machines, and what each rule would have decided.
#include "core/telemetry/lines/routing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

#include "core/base/constants.hpp"

namespace retwin {
namespace {

constexpr double clearly = 3, usually = 0.8;          // log-likelihood and agreement by which a rule is preferred to fixed shares
constexpr std::size_t fewest_decisions = 8, most_machines = 4;  // decisions that tell a rule; machines whose orders are all tried

std::vector<std::uint32_t> stations_behind(const LineFindings& line, std::uint32_t station) {
  std::vector<std::uint32_t> to;
  for (const LineLink& link : line.links)
    if (link.from == station && (link.unlabelled || link.share.estimate >= 0.02)) to.push_back(link.to);
  std::sort(to.begin(), to.end());
  return to;
}

/// How much a rule has to know: where it sent the last part, how many parts are where, what they will take; and behind the way what has
/// changed meanwhile. Whoever decides by fixed shares knows nothing, and explains nothing either.
int demands(const LineRule& rule) {
  const std::map<LineRuleKind, int> known{{LineRuleKind::shares, 0}, {LineRuleKind::cyclic, 1}, {LineRuleKind::by_part, 2}, {LineRuleKind::shortest, 3}, {LineRuleKind::fastest, 4}};
  return 4 * known.at(rule.kind) + (rule.on_arrival ? 2 : 0) + (rule.before_changes ? 1 : 0);
}

struct Decision {
  double time_s = 0;
  std::size_t chosen = 0;  // number among the machines
  std::uint32_t lot = 0;
};

/// A machine, or several alike, over time; all in order.
struct Target {
  std::uint32_t station = 0;
  double transport_s = 0;
  std::vector<double> decided, starts, ends;
  std::size_t machines = 1;
  double service_at(double time_s, const LineStation& station_found) const {
    double value = station_found.drifts.empty() ? station_found.service.estimate : station_found.drifts.front().before;
    for (const Drift& drift : station_found.drifts) {
      if (drift.time_s <= time_s) value = drift.after;
    }
    return value;
  }
};

class SplitFinder {
 public:
  SplitFinder(const LineFindings& line, const EventLog& log, std::uint32_t from, const std::vector<std::uint32_t>& to);
  LineSplit find();

 private:
  void decide(bool on_arrival);
  std::size_t parts_at(const Target& target, double time_s) const;
  double work_at(std::size_t target, double time_s, bool before_changes) const;
  void try_rules(LineSplit& split, bool on_arrival);
  void try_order(LineSplit& split, bool on_arrival, const std::vector<std::size_t>& order);
  LineRule rule(LineRuleKind kind, bool on_arrival, const std::vector<std::size_t>& order) const;
  void count(LineRule& rule, const std::vector<std::size_t>& expected) const;
  void judge(LineSplit& split) const;

  const LineFindings& line_;
  const EventLog& log_;
  std::uint32_t from_;
  std::vector<Target> targets_;
  std::vector<Decision> at_end_, decisions_;  // at the end of the station before; as tried
  double known_until_ = infinity;
};

std::size_t up_to(const std::vector<double>& times, double time_s) {
  return static_cast<std::size_t>(std::upper_bound(times.begin(), times.end(), time_s) - times.begin());
}

SplitFinder::SplitFinder(const LineFindings& line, const EventLog& log, std::uint32_t from, const std::vector<std::uint32_t>& to)
    : line_(line), log_(log), from_(from) {
  for (const std::uint32_t station : to) {
    Target& target = targets_.emplace_back();
    target.station = station;
    target.machines = std::max<std::size_t>(1, line.stations[station].resources.size());
    for (const LineLink& link : line.links)
      if (link.from == from && link.to == station && link.transport.known())
        target.transport_s = std::max(0.0, link.transport.mean.estimate);
  }
  const auto target_of = [&](const LogEvent& e) -> Target* {
    const std::uint32_t s = line.station_of(e);
    for (Target& target : targets_)
      if (target.station == s) return &target;
    return nullptr;
  };
  double longest_s = 0;
  std::vector<double> unknown;
  std::map<std::uint32_t, const LogEvent*> under_way;
  for (const LogEvent& e : log.unfinished) {
    under_way[e.lot] = &e;
    if (Target* target = target_of(e)) target->starts.push_back(e.start_s);
  }
  for (const std::vector<std::uint32_t>& own : log.by_lot())
    for (std::size_t k = 0; k < own.size(); ++k) {
      const LogEvent& e = log.events[own[k]];
      if (Target* target = target_of(e)) {
        target->starts.push_back(e.start_s);
        target->ends.push_back(e.end_s);
        if (k == 0) target->decided.push_back(-infinity);  // there before the log began
      }
      if (line.station_of(e) != from) continue;
      const LogEvent* next = k + 1 < own.size() ? &log.events[own[k + 1]] : nullptr;
      if (const auto open = under_way.find(e.lot); next == nullptr && open != under_way.end() && open->second->start_s >= e.end_s)
        next = open->second;
      const Target* target = next == nullptr ? nullptr : target_of(*next);
      if (target == nullptr) {
        if (next == nullptr) unknown.push_back(e.end_s);
        continue;
      }
      longest_s = std::max(longest_s, next->start_s - e.end_s);
      at_end_.push_back({e.end_s, static_cast<std::size_t>(target - targets_.data()), e.lot});
    }
  // of the last parts it is not known where they went
  for (const double time_s : unknown)
    if (time_s > log.last_s() - longest_s) known_until_ = std::min(known_until_, time_s);
  std::stable_sort(at_end_.begin(), at_end_.end(), [](const Decision& a, const Decision& b) { return a.time_s < b.time_s; });
  for (Target& target : targets_) {
    std::sort(target.starts.begin(), target.starts.end());
    std::sort(target.ends.begin(), target.ends.end());
  }
}

void SplitFinder::decide(bool on_arrival) {
  decisions_.clear();
  for (Target& target : targets_) std::erase_if(target.decided, [](double t) { return std::isfinite(t); });
  for (Decision decision : at_end_) {
    Target& target = targets_[decision.chosen];
    if (on_arrival) decision.time_s += target.transport_s;
    target.decided.push_back(decision.time_s);
    if (decision.time_s < known_until_) decisions_.push_back(decision);
  }
  for (Target& target : targets_) std::sort(target.decided.begin(), target.decided.end());
  std::stable_sort(decisions_.begin(), decisions_.end(),
                   [](const Decision& a, const Decision& b) { return a.time_s < b.time_s; });
}

/// On their way, waiting and at work, the part that is decided on left out.
std::size_t SplitFinder::parts_at(const Target& target, double time_s) const {
  const auto came =
      static_cast<std::size_t>(std::lower_bound(target.decided.begin(), target.decided.end(), time_s) - target.decided.begin());
  const std::size_t left = up_to(target.ends, time_s);
  return came - std::min(came, left);
}

/// As Engine::expected_wait: what waits and what is left of the work in hand, shared by the machines, and the part's own service.
double SplitFinder::work_at(std::size_t number, double time_s, bool before_changes) const {
  const Target& target = targets_[number];
  const double service_s = target.service_at(before_changes ? -infinity : time_s, line_.stations[target.station]);
  const auto came =
      static_cast<std::size_t>(std::lower_bound(target.decided.begin(), target.decided.end(), time_s) - target.decided.begin());
  const std::size_t begun = up_to(target.starts, time_s), ended = up_to(target.ends, time_s);
  double work_s = service_s * static_cast<double>(came - std::min(came, begun));
  for (std::size_t k = std::min(ended, begun); k < begun; ++k) work_s += std::max(0.0, service_s - (time_s - target.starts[k]));
  return work_s / static_cast<double>(target.machines) + service_s;
}

LineRule SplitFinder::rule(LineRuleKind kind, bool on_arrival, const std::vector<std::size_t>& order) const {
  LineRule result;
  result.kind = kind;
  result.on_arrival = on_arrival;
  for (const std::size_t k : order) result.to.push_back(targets_[k].station);
  return result;
}

/// @param expected by decision: the machine, or none where the rule does not say
void SplitFinder::count(LineRule& rule, const std::vector<std::size_t>& expected) const {
  for (std::size_t k = 0; k < decisions_.size(); ++k) {
    if (expected[k] == Names::absent) continue;
    ++rule.decisions;
    rule.agreeing += expected[k] == decisions_[k].chosen ? 1 : 0;
  }
  const double n = static_cast<double>(rule.decisions), right = static_cast<double>(rule.agreeing), p = (right + 0.5) / (n + 1);
  const double others = static_cast<double>(targets_.size() - 1);
  rule.log_likelihood = right * std::log(p) + (n - right) * std::log((1 - p) / others);
  // what the rule does not speak of is left to chance
  rule.log_likelihood -= static_cast<double>(decisions_.size() - rule.decisions) * std::log(others + 1);
}

void SplitFinder::try_order(LineSplit& split, bool on_arrival, const std::vector<std::size_t>& order) {
  const auto first_least = [&](const auto& value) {
    std::vector<std::size_t> expected;
    for (const Decision& d : decisions_) {
      std::size_t best = order.front();
      for (const std::size_t k : order)
        if (value(k, d.time_s) < value(best, d.time_s)) best = k;
      expected.push_back(best);
    }
    return expected;
  };
  LineRule shortest = rule(LineRuleKind::shortest, on_arrival, order);
  count(shortest, first_least([&](std::size_t k, double t) { return parts_at(targets_[k], t); }));
  split.rules.push_back(shortest);
  if (order.front() != 0) return;  // the same turn begun elsewhere, and sure to come among the others
  LineRule cyclic = rule(LineRuleKind::cyclic, on_arrival, order);
  std::vector<std::size_t> expected;
  for (std::size_t k = 0; k < decisions_.size(); ++k) {
    const auto at = k == 0 ? order.end() : std::find(order.begin(), order.end(), decisions_[k - 1].chosen);
    expected.push_back(k == 0 ? Names::absent : at + 1 == order.end() ? order.front() : *(at + 1));
  }
  count(cyclic, expected);
  split.rules.push_back(cyclic);
  if (!std::is_sorted(order.begin(), order.end())) return;  // equal expectations are rare, and names order them
  for (const bool before_changes : {false, true}) {
    LineRule fastest = rule(LineRuleKind::fastest, on_arrival, order);
    fastest.before_changes = before_changes;
    bool changed = false;
    for (const std::size_t k : order) {
      const LineStation& station = line_.stations[targets_[k].station];
      fastest.believed_s.push_back(targets_[k].service_at(before_changes ? -infinity : infinity, station));
      changed = changed || !station.drifts.empty();
    }
    if (before_changes && !changed) continue;
    count(fastest, first_least([&](std::size_t k, double t) { return work_at(k, t, before_changes); }));
    split.rules.push_back(fastest);
  }
}

void SplitFinder::try_rules(LineSplit& split, bool on_arrival) {
  decide(on_arrival);
  std::vector<std::size_t> order(targets_.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  do try_order(split, on_arrival, order);
  while (order.size() <= most_machines && std::next_permutation(order.begin(), order.end()));
  if (on_arrival) return;
  std::iota(order.begin(), order.end(), std::size_t{0});
  LineRule by_part = rule(LineRuleKind::by_part, false, order);
  std::map<std::uint32_t, std::size_t> before;
  std::vector<std::size_t> expected;
  for (const Decision& d : decisions_) {
    const auto [at, is_new] = before.try_emplace(d.lot, d.chosen);
    expected.push_back(is_new ? Names::absent : at->second);
    at->second = d.chosen;
  }
  count(by_part, expected);
  if (by_part.decisions >= fewest_decisions) split.rules.push_back(by_part);
  LineRule shares = rule(LineRuleKind::shares, false, order);
  shares.decisions = decisions_.size();
  std::vector<double> counts(targets_.size());
  for (const Decision& d : decisions_) ++counts[d.chosen];
  const double n = static_cast<double>(decisions_.size());
  for (const double c : counts)
    if (c > 0)
      shares.log_likelihood += c * std::log(c / n), shares.agreeing = std::max(shares.agreeing, static_cast<std::size_t>(c));
  split.rules.push_back(shares);
}

void SplitFinder::judge(LineSplit& split) const {
  std::stable_sort(split.rules.begin(), split.rules.end(),
                   [](const LineRule& a, const LineRule& b) { return a.log_likelihood > b.log_likelihood; });
  const auto shares =
      std::find_if(split.rules.begin(), split.rules.end(), [](const LineRule& r) { return r.kind == LineRuleKind::shares; });
  const LineRule best = split.rules.front(), by_chance = *shares;
  if (by_chance.decisions < fewest_decisions) {
    split.note = fmt::format("{} decisions are too few to tell the rule", by_chance.decisions);
  } else if (best.kind != LineRuleKind::shares &&
             (best.log_likelihood < by_chance.log_likelihood + clearly || best.agreement() < usually)) {
    std::rotate(split.rules.begin(), shares, shares + 1);
    split.note = fmt::format("no rule is clearly better than fixed shares; the best, {}, agrees with {} of {}", words(best),
                             best.agreeing, best.decisions);
  } else {
    const auto simplest = std::min_element(split.rules.begin(), split.rules.end(), [&](const LineRule& a, const LineRule& b) {
      const bool a_explains = a.log_likelihood > best.log_likelihood - clearly, b_explains = b.log_likelihood > best.log_likelihood - clearly;
      return a_explains != b_explains ? a_explains : a_explains && demands(a) < demands(b);
    });
    std::rotate(split.rules.begin(), simplest, simplest + 1);
    for (const LineRule& rule : split.rules)
      if (rule.kind != split.rules.front().kind && rule.log_likelihood > best.log_likelihood - clearly) {
        split.note = fmt::format("{} would do about as well ({} of {})", words(rule), rule.agreeing, rule.decisions);
        break;
      }
  }
}

LineSplit SplitFinder::find() {
  LineSplit split;
  split.from = from_;
  for (const bool on_arrival : {false, true}) try_rules(split, on_arrival);
  judge(split);
  return split;
}

}  // namespace

std::string words(const LineRule& rule) {
  const char* const names[] = {"fixed shares", "in turn", "shortest queue", "expected remaining time", "by part"};
  std::string text = names[static_cast<std::size_t>(rule.kind)];
  if (rule.before_changes) text += " as of before the change";
  if (rule.on_arrival) text += ", on arrival";
  return text;
}

std::vector<std::uint32_t> parallel_stations(const LineFindings& line, std::uint32_t from) {
  const std::vector<std::uint32_t> to = stations_behind(line, from);
  if (to.size() < 2) return {};
  const std::vector<std::uint32_t> behind = stations_behind(line, to[0]);
  const bool alike = std::all_of(to.begin(), to.end(), [&](std::uint32_t s) {
    return line.stations[s].activity == line.stations[to[0]].activity || (!behind.empty() && stations_behind(line, s) == behind);
  });
  return alike ? to : std::vector<std::uint32_t>();
}

std::vector<LineSplit> find_splits(const LineFindings& line, const EventLog& log) {
  std::vector<LineSplit> splits;
  for (std::uint32_t s = 0; s < line.stations.size(); ++s)
    if (const std::vector<std::uint32_t> to = parallel_stations(line, s); !to.empty())
      splits.push_back(SplitFinder(line, log, s, to).find());
  return splits;
}

}  // namespace retwin

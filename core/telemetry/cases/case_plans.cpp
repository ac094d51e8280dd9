// Plans of cases as precedence graphs, and the distinct ones among them.
#include "core/telemetry/cases/case_plans.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <tuple>

#include "core/base/random.hpp"

namespace retwin {

namespace {

/// The steps that stand before one: all below a mark, and some behind it. Cases in sequence need a few bits per step only.
class Earlier {
 public:
  bool contains(std::size_t step) const {
    return step < 64 * skipped_ || (step / 64 - skipped_ < bits_.size() && (bits_[step / 64 - skipped_] >> (step % 64) & 1));
  }
  void insert(std::size_t step) { *word(step / 64) |= std::uint64_t{1} << (step % 64); }
  void insert(const Earlier& other) {
    if (other.skipped_ > skipped_) {
      const auto gone = std::min<std::size_t>(other.skipped_ - skipped_, bits_.size());
      bits_.erase(bits_.begin(), bits_.begin() + static_cast<std::ptrdiff_t>(gone));
      skipped_ = other.skipped_;
    }
    for (std::size_t w = skipped_; w < other.skipped_ + other.bits_.size(); ++w)
      if (w >= other.skipped_) *word(w) |= other.bits_[w - other.skipped_];
  }
  /// Moves the mark over all that is complete.
  void compact() {
    std::size_t full = 0;
    while (full < bits_.size() && bits_[full] == ~std::uint64_t{0}) ++full;
    bits_.erase(bits_.begin(), bits_.begin() + static_cast<std::ptrdiff_t>(full));
    skipped_ += full;
    bits_.shrink_to_fit();
  }
  /// The highest step below `limit` that is not among these; none if there is no such step.
  std::size_t missing_below(std::size_t limit) const {
    while (limit > 64 * skipped_) {
      const std::size_t w = (limit - 1) / 64, inside = limit - 64 * w;  // 1 ... 64 steps of the word
      const std::uint64_t wanted = inside == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << inside) - 1;
      const std::uint64_t open = wanted & ~(w - skipped_ < bits_.size() ? bits_[w - skipped_] : 0);
      if (open != 0) return 64 * w + 63 - static_cast<std::size_t>(std::countl_zero(open));
      limit = 64 * w;
    }
    return none;
  }
  static constexpr std::size_t none = static_cast<std::size_t>(-1);

 private:
  std::uint64_t* word(std::size_t w) {
    if (w - skipped_ >= bits_.size()) bits_.resize(w - skipped_ + 1);
    return &bits_[w - skipped_];
  }
  std::size_t skipped_ = 0;  ///< words that are full
  std::vector<std::uint64_t> bits_;
};

CasePlan plan_of(const EventLog& log, const std::vector<std::uint32_t>& events, const Concurrency& concurrent) {
  CasePlan plan;
  plan.lot = log.events[events.front()].lot;
  std::vector<Earlier> earlier(events.size());
  for (std::size_t f = 0; f < events.size(); ++f) {
    const LogEvent& now = log.events[events[f]];
    CasePlan::Step step{events[f], now.activity, {}};
    // From the latest backwards: whatever a later one waits for is known when its turn comes.
    for (std::size_t e = earlier[f].missing_below(f); e != Earlier::none; e = earlier[f].missing_below(e)) {
      const LogEvent& before = log.events[events[e]];
      if (before.end_s > now.start_s || concurrent(before.activity, now.activity)) continue;
      step.after.push_back(static_cast<std::uint32_t>(e));
      earlier[f].insert(earlier[e]);
      earlier[f].insert(e);
    }
    earlier[f].compact();
    std::reverse(step.after.begin(), step.after.end());
    plan.steps.push_back(std::move(step));
  }
  return plan;
}

/// Steps of a plan in an order that does not depend on when they happened: each time the least of those whose predecessors are
/// placed, by activity, then by the numbers of its predecessors, then by what follows.
std::vector<CasePlan::Step> canonical(const std::vector<CasePlan::Step>& steps) {
  const std::size_t n = steps.size();
  std::vector<std::vector<std::uint32_t>> followers(n);
  std::vector<std::uint64_t> future(n);  // a hash of what follows
  for (std::uint32_t s = 0; s < n; ++s)
    for (const std::uint32_t before : steps[s].after) followers[before].push_back(s);
  for (std::size_t s = n; s-- > 0;) {
    std::uint64_t sum = 0;
    for (const std::uint32_t f : followers[s]) sum += mix64(future[f]);
    future[s] = identity(steps[s].activity, sum);
  }
  using Key = std::tuple<std::uint32_t, std::vector<std::uint32_t>, std::uint64_t, std::uint32_t>;  // last: the step
  std::set<Key> ready;
  std::vector<std::vector<std::uint32_t>> after(n);
  for (std::uint32_t s = 0; s < n; ++s)
    if (steps[s].after.empty()) ready.emplace(steps[s].activity, after[s], future[s], s);
  std::vector<CasePlan::Step> result;
  while (!ready.empty()) {
    auto least = ready.extract(ready.begin());
    const std::uint32_t s = std::get<3>(least.value()), number = static_cast<std::uint32_t>(result.size());
    result.push_back({steps[s].event, steps[s].activity, after[s]});
    for (const std::uint32_t f : followers[s]) {
      after[f].push_back(number);
      if (after[f].size() == steps[f].after.size()) ready.emplace(steps[f].activity, after[f], future[f], f);
    }
  }
  return result;
}

}  // namespace

std::vector<CasePlan> case_plans(const EventLog& log, const Concurrency& concurrency) {
  std::vector<CasePlan> plans;
  for (const std::vector<std::uint32_t>& events : log.by_lot())
    if (!events.empty()) plans.push_back(plan_of(log, events, concurrency));
  return plans;
}

double enabled_s(const EventLog& log, const CasePlan& plan, std::size_t step) {
  double enabled = std::numeric_limits<double>::quiet_NaN();
  for (const std::uint32_t before : plan.steps[step].after)
    enabled = std::fmax(enabled, log.events[plan.steps[before].event].end_s);
  return enabled;
}

std::vector<PlanVariant> plan_variants(const std::vector<CasePlan>& plans) {
  std::vector<PlanVariant> variants;
  std::map<std::vector<std::uint32_t>, std::size_t> known;
  for (const CasePlan& plan : plans) {
    std::vector<CasePlan::Step> steps = canonical(plan.steps);
    std::vector<std::uint32_t> form;
    for (const CasePlan::Step& step : steps) {
      form.insert(form.end(), {step.activity, static_cast<std::uint32_t>(step.after.size())});
      form.insert(form.end(), step.after.begin(), step.after.end());
    }
    const auto [place, fresh] = known.emplace(std::move(form), variants.size());
    if (fresh) variants.push_back({std::move(steps), {}});
    variants[place->second].lots.push_back(plan.lot);
  }
  std::stable_sort(variants.begin(), variants.end(),
                   [](const PlanVariant& a, const PlanVariant& b) { return a.lots.size() > b.lots.size(); });
  return variants;
}

}  // namespace retwin

// All at once, then less and less of it while the gain stays; then every step by itself, with fresh replications.
#include "core/experiment/verdict.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/base/constants.hpp"
#include "core/experiment/loads.hpp"
#include "core/experiment/objective.hpp"
#include "core/experiment/selection.hpp"
#include "core/experiment/trials.hpp"

namespace retwin {
namespace {

constexpr double trifle = 0.005;    // of the objective: what gains less of it gains nothing
constexpr double least_gain = 0.001;
constexpr double little_gain = 0.02;  // of the objective: that demand limits is said only if no more than this may be gained
constexpr double stays_on = 0.01;   // of what comes in: what piles up more than in the relieved plant is no matter of demand
constexpr double suspicious = 0.7;
constexpr double sure = 0.9, likely = 0.8;  // levels at which something is gained: as soon as it is so sure, in the end if it is so likely
constexpr double width_of_few = 2.4;        // half-width of an interval from a few replications, in standard errors
// Work [services of a plain line]: of the replications of a variant that select, as many as are cheap and at most; of deciding; of all that
// is reported, as many replications as are cheap and at most; and of its two parts where that is exceeded.
constexpr double select_work = 5e6, longest_select = 2e7, decide_work = 2e8;
constexpr double report_work = 2e8, most_report = 5e8, main_work = 5e8, steps_work = 3e8;
constexpr std::int64_t few = 4;  // replications that show whether a smaller set is enough
constexpr std::int64_t fewest_selecting = 2, most_selecting = 6, fewest_deciding = 2, most_deciding = 16, fewest_fresh = 4, some_fresh = 6, most_fresh = 30;
constexpr std::size_t most_suspects = 12, told_suspects = 3, most_in_pairs = 5, few_in_pairs = 3;
constexpr double few_steps = 8;  // where nothing is gained

std::int64_t within(double x, std::int64_t least, std::int64_t most) {
  return std::clamp(static_cast<std::int64_t>(std::min(x, 1e9)), least, most);
}

class Search {
 public:
  Search(const Scenario& scenario, const VerdictOptions& options)
      : scenario_(scenario), options_(options), trials_(scenario, {options.jobs, options.poll, options.progress}),
        candidates_(candidates(*scenario.plant)) {}

  Verdict run() {
    look();
    if (gained_ > 0) select();
    measure();
    out_.runs = trials_.runs();
    return std::move(out_);
  }

 private:
  std::vector<Relief> full(const std::vector<std::size_t>& which) const {
    std::vector<Relief> reliefs;
    for (const std::size_t k : which) reliefs.push_back({candidates_[k], Extent::full});
    return reliefs;
  }
  void tell(const std::string& line) const {
    if (options_.tell) options_.tell(line);
  }

  double usual(double work) const { return options_.effort * work; }
  void look();
  double decide(std::int64_t first);
  void select();
  void measure();
  std::vector<Relief> steps() const;
  void plan(std::size_t main, std::size_t others);
  void run_fresh(const std::vector<Relief>& set, const std::vector<Relief>& single);
  void describe();
  std::vector<Relief> affordable(const std::vector<Relief>& steps, std::size_t others) const;
  Gain gain(const std::vector<Relief>& reliefs, std::int64_t first_fresh);
  void members(const std::vector<Relief>& set);
  void pairs(const std::vector<Relief>& steps);
  void refuse_never_made() const;

  const Scenario& scenario_;
  const VerdictOptions& options_;
  Trials trials_;
  std::vector<Candidate> candidates_;
  std::vector<double> score_;
  std::vector<std::size_t> everyone_, kept_;
  std::size_t all_ = 0;      // variant with all reliefs
  std::int64_t n_ = 0;       // replications that select
  double gained_ = 0;        // by all, in those; 0: nothing
  double spread_ = 0;        // of that gain from replication to replication
  std::int64_t first_of_steps_ = Trials::first_fresh, first_of_members_ = Trials::first_fresh;  // their replications
  std::int64_t n_of_steps_ = 0;
  Verdict out_;
};

/// What a first run makes suspect, said at once; how long replications may last; and whether anything is gained.
void Search::look() {
  for (std::size_t k = 0; k < candidates_.size(); ++k) everyone_.push_back(k);
  const double whole_s = scenario_.run.duration_s, shortest_s = trials_.shortest_s();
  trials_.stage(0, 0.02);
  trials_.set_length(Trials::first_selecting, shortest_s);
  trials_.run({0}, 0, 1);
  const std::vector<Suspect>& first = trials_.bottleneck().suspects;
  for (std::size_t k = 0; k < first.size() && k < told_suspects; ++k) tell(fmt::format("suspect after one run: {}, {}", first[k].path, first[k].why));
  const auto affordable_s = [&](double work) { return std::clamp(std::floor(work / trials_.work(1) / week_s) * week_s, shortest_s, whole_s); };
  const double select_s = affordable_s(usual(longest_select));
  trials_.set_length(Trials::first_selecting, select_s);
  n_ = within(usual(select_work) / std::max(1.0, trials_.work(select_s)), fewest_selecting, most_selecting);
  all_ = trials_.variant(full(everyone_));
  trials_.stage(0.02, 0.05);
  trials_.run({0, all_}, 0, 1);
  if (!trials_.error(all_).empty()) tell("all reliefs together cannot run: " + trials_.error(all_));
  score_ = loads(candidates_, trials_.plant(0), trials_.figures(0), trials_.plant(all_), trials_.figures(all_), trials_.bottleneck());
  const std::int64_t deciding = select_s < whole_s ? Trials::first_deciding : Trials::first_selecting;
  trials_.set_length(Trials::first_deciding, affordable_s(usual(decide_work) / (2.0 * static_cast<double>(fewest_deciding))));
  trials_.stage(0.05, 0.15);
  gained_ = trials_.error(all_).empty() ? decide(deciding) : 0;
  tell(fmt::format("{} candidates; all reliefs together gain {} {}", candidates_.size(), gained_ > 0 ? fmt::format("{:.3g}", gained_) : "nothing that is shown,", trials_.unit()));
}

/// Whether all reliefs together gain anything: replications as long as the scenario's own, as far as it can be paid for, until an interval
/// says so, or that it is no more than a trifle. @returns the gain, 0 where none is shown
double Search::decide(std::int64_t first) {
  const auto most = within(usual(decide_work) / std::max(1.0, 2 * trials_.work(trials_.span(first).end_s)), fewest_deciding, most_deciding);
  for (std::int64_t n = std::max(n_, fewest_deciding);; n = std::min(most, n + n)) {
    trials_.run({0, all_}, first, n);
    const std::vector<double> now = trials_.objective(0, first, n), then = trials_.objective(all_, first, n);
    const Interval gained = paired_difference(then, now, n < most ? sure : likely);
    spread_ = gained.half_width * std::sqrt(static_cast<double>(n)) / student_quantile(0.5 + gained.level / 2, static_cast<double>(n - 1));
    const double least = trifle * mean(now);
    if (gained.mean > least && gained.low() > 0) return gained.mean;
    if (gained.high() < least || n >= most) return 0;
  }
}

void Search::select() {
  n_ = within(usual(select_work) / std::max(1.0, trials_.work(trials_.span(0).end_s)), fewest_selecting, most_selecting);
  trials_.run({0, all_}, 0, n_);
  const auto gained = [&] { return mean(trials_.objective(all_, 0, n_)) - mean(trials_.objective(0, 0, n_)); };
  for (; gained() < gained_ / 2 && n_ < few; ++n_) trials_.run({0, all_}, 0, n_ + 1);
  if (!(gained() > 0)) return;
  Selection selection(trials_, candidates_, score_, n_);
  kept_ = selection.run(few);
  n_ = selection.replications();
  std::string names;
  for (const std::size_t k : kept_) names += (names.empty() ? "" : ", ") + candidates_[k].path;
  tell(fmt::format("sufficient: {} ({} tests)", names, selection.tests()));
}

/// One at a time: of members and suspects.
std::vector<Relief> Search::steps() const {
  std::vector<std::size_t> who = kept_, others;
  const auto member = [&](std::size_t k) { return std::find(kept_.begin(), kept_.end(), k) != kept_.end(); };
  const auto beside_member = [&](std::size_t k) {  // another thing of the same station
    return candidates_[k].of_station() && std::any_of(kept_.begin(), kept_.end(), [&](std::size_t m) {
      return candidates_[m].of_station() && candidates_[m].item == candidates_[k].item;
    });
  };
  const std::vector<Suspect>& suspects = trials_.bottleneck().suspects;
  for (const std::size_t k : everyone_) {
    if (member(k)) continue;
    const bool named = std::any_of(suspects.begin(), suspects.end(), [&](const Suspect& s) { return s.path == candidates_[k].path; });
    if (beside_member(k)) who.push_back(k);
    else if (named || score_[k] >= suspicious) others.push_back(k);
  }
  std::stable_sort(others.begin(), others.end(), [&](std::size_t a, std::size_t b) { return score_[a] > score_[b]; });
  if (others.size() > most_suspects) others.resize(most_suspects);
  who.insert(who.end(), others.begin(), others.end());
  std::vector<Relief> out;
  for (const std::size_t k : who) {
    const Candidate& c = candidates_[k];
    const bool has_off = c.kind == Candidate::Kind::calendar || c.kind == Candidate::Kind::setup || c.kind == Candidate::Kind::failure;
    for (const Extent extent : {Extent::unit, has_off ? Extent::full : Extent::large})
      if (applies(*scenario_.plant, {c, extent})) out.push_back({c, extent});
  }
  return out;
}

/// How many fresh replications, and how long they last: counted, so that it does not depend on the machine. Where all of them cannot be as
/// long as the scenario's own, those that say what is gained at most, by the set and by demand still are; members and steps have others.
/// @param main variants of the former @param others of the latter
void Search::plan(std::size_t main, std::size_t others) {
  const double whole_s = scenario_.run.duration_s, shortest_s = trials_.shortest_s();
  const auto work = [&](std::size_t variants, double duration_s) { return std::max(1e-9, trials_.work(duration_s)) * static_cast<double>(variants); };
  const auto length_s = [&](double total, std::size_t variants, std::int64_t n) {
    return std::clamp(std::floor(total / work(variants, 1) / static_cast<double>(n) / week_s) * week_s, shortest_s, whole_s);
  };
  const std::size_t all = main + others;
  std::int64_t n = within(usual(report_work) / work(all, whole_s), fewest_fresh, most_fresh);
  n_of_steps_ = n = std::max(n, within(usual(most_report) / work(all, shortest_s), fewest_fresh, some_fresh));
  if (length_s(usual(most_report), all, n) < whole_s) {
    const double half = gained_ > 0 ? gained_ / 2 : little_gain * mean(trials_.objective(0, 0, 1));  // to be known so well
    n = within(half > 0 ? std::ceil(std::pow(width_of_few * spread_ / half, 2)) : 0, fewest_fresh, within(usual(main_work) / work(main, whole_s), fewest_fresh, most_fresh));
    trials_.set_length(Trials::first_fresh, length_s(usual(main_work), main, n));
    first_of_steps_ = Trials::first_of_steps;
    n_of_steps_ = within(usual(steps_work) / work(others, shortest_s), fewest_fresh, some_fresh);
    trials_.set_length(first_of_steps_, length_s(usual(steps_work), others, n_of_steps_));
  }
  if (options_.replications > 0) n = n_of_steps_ = std::max<std::int64_t>(2, options_.replications);
  out_.replications = n;
}

/// Of so many variants at most; the first of each before the second of any.
std::vector<Relief> Search::affordable(const std::vector<Relief>& steps, std::size_t others) const {
  const double fewest_steps = std::max<double>(4, static_cast<double>(kept_.size()));
  const double one = std::max(1.0, trials_.work(trials_.shortest_s())) * static_cast<double>(fewest_fresh);
  const double enough_steps = gained_ > 0 ? 1000 : few_steps;
  const auto most = static_cast<std::size_t>(std::clamp(usual(steps_work) / one - static_cast<double>(others), fewest_steps, std::max(fewest_steps, enough_steps)));
  std::vector<Relief> out;
  for (const bool unit : {true, false})
    for (const Relief& r : steps)
      if ((r.extent == Extent::unit) == unit && out.size() < most) out.push_back(r);
  return out;
}

Gain Search::gain(const std::vector<Relief>& reliefs, std::int64_t first_fresh) {
  Gain g;
  g.reliefs = reliefs;
  for (const Relief& r : reliefs) g.text += (g.text.empty() ? "" : " and ") + relief_text(*scenario_.plant, r);
  const std::size_t variant = trials_.variant(reliefs);
  const std::int64_t n = first_fresh == Trials::first_fresh ? out_.replications : n_of_steps_;
  trials_.run({0, variant}, first_fresh, n);
  const std::vector<double> now = trials_.objective(0, first_fresh, n), then = trials_.objective(variant, first_fresh, n);
  const double level = scenario_.run.confidence;
  g.error = trials_.error(variant);
  g.absolute = paired_difference(then, now, level);
  if (mean(now) > 0) {
    g.relative = ratio_interval(then, now, level);
    g.relative.mean -= 1;
  }
  const std::vector<double> carbon_now = trials_.carbon(0, first_fresh, n), carbon_then = trials_.carbon(variant, first_fresh, n);
  const auto none = [](double x) { return std::isnan(x); };
  if (std::none_of(carbon_now.begin(), carbon_now.end(), none) && std::none_of(carbon_then.begin(), carbon_then.end(), none))
    g.carbon = paired_difference(carbon_then, carbon_now, level);
  return g;
}

void Search::members(const std::vector<Relief>& set) {
  const std::int64_t first = first_of_members_, n = first == Trials::first_fresh ? out_.replications : n_of_steps_;
  const std::vector<double> now = trials_.objective(0, first, n), whole = trials_.objective(trials_.variant(set), first, n);
  for (const Relief& member : set) {
    std::vector<Relief> rest;
    for (const Relief& r : set)
      if (r.candidate.path != member.candidate.path) rest.push_back(r);
    Member m{member, relief_text(*scenario_.plant, member), gain(rest, first), {}, {}};
    const std::vector<double> left = trials_.objective(trials_.variant(rest), first, n);
    m.lost_absolute = paired_difference(whole, left, scenario_.run.confidence);
    if (mean(now) > 0) {
      std::vector<double> lost;
      for (std::size_t k = 0; k < left.size(); ++k) lost.push_back(whole[k] - left[k]);
      m.lost = ratio_interval(lost, now, scenario_.run.confidence);
    }
    out_.members.push_back(std::move(m));
  }
  std::stable_sort(out_.members.begin(), out_.members.end(),
                   [](const Member& a, const Member& b) { return a.lost_absolute.mean > b.lost_absolute.mean; });
}

/// Of the first step of each, members first.
void Search::pairs(const std::vector<Relief>& all) {
  std::vector<Relief> firsts;
  for (const Relief& r : all)
    if (r.extent == Extent::unit && firsts.size() < (first_of_steps_ == Trials::first_fresh ? most_in_pairs : few_in_pairs)) firsts.push_back(r);
  std::vector<std::size_t> variants;
  std::vector<std::vector<Relief>> both;
  for (std::size_t i = 0; i < firsts.size(); ++i)
    for (std::size_t j = i + 1; j < firsts.size(); ++j) both.push_back({firsts[i], firsts[j]});
  for (const std::vector<Relief>& pair : both) variants.push_back(trials_.variant(pair));
  trials_.run(variants, first_of_steps_, n_of_steps_);
  for (const std::vector<Relief>& pair : both)
    if (Gain g = gain(pair, first_of_steps_); g.gains()) out_.pairs.push_back(std::move(g));
}

void Search::refuse_never_made() const {
  const auto none_made = [&](const Gain& g) { return !(g.absolute.mean > 0); };
  if (out_.now.mean > 0 || !none_made(out_.all) || !none_made(out_.demand) || !std::all_of(out_.steps.begin(), out_.steps.end(), none_made)) return;
  refuse(Code::missing, scenario_.path, fmt::format("{} is never above 0, not even with all reliefs", scenario_.objective),
         "name another figure by `objective:`, or make the run longer");
}

void by_gain(std::vector<Gain>& gains) {
  std::stable_sort(gains.begin(), gains.end(), [](const Gain& a, const Gain& b) { return a.absolute.mean > b.absolute.mean; });
}

/// Runs what is reported: what is gained at most, by the set, or if nothing is gained by demand; then steps. Where these are shorter, so
/// are those of members, unless they are few.
void Search::run_fresh(const std::vector<Relief>& set, const std::vector<Relief>& single) {
  std::vector<std::size_t> main{0, all_}, others{0}, rests;
  if (has_demand(*scenario_.plant)) (set.empty() ? main : others).push_back(trials_.variant({{demand(), Extent::unit}}));
  if (!set.empty()) main.push_back(trials_.variant(set));
  for (const Relief& r : set) {
    std::vector<Relief> rest;
    for (const Relief& other : set)
      if (other.candidate.path != r.candidate.path) rest.push_back(other);
    rests.push_back(trials_.variant(rest));
  }
  const double whole = std::max(1.0, trials_.work(scenario_.run.duration_s)) * static_cast<double>(fewest_fresh);
  const bool few_members = static_cast<double>(main.size() + rests.size()) * whole <= usual(main_work);
  if (!few_members && !rests.empty()) others.push_back(trials_.variant(set));
  (few_members ? main : others).insert((few_members ? main : others).end(), rests.begin(), rests.end());
  for (const Relief& r : single) others.push_back(trials_.variant({r}));
  plan(main.size(), others.size());
  if (!few_members) first_of_members_ = first_of_steps_;
  const bool apart = first_of_steps_ != Trials::first_fresh;
  if (!apart) main.insert(main.end(), others.begin(), others.end());
  trials_.stage(0.5, apart ? 0.75 : 0.95);
  trials_.run(main, Trials::first_fresh, out_.replications);
  trials_.stage(0.75, 0.95);
  if (apart) trials_.run(others, first_of_steps_, n_of_steps_);
  trials_.stage(0.95, 1);
}

/// What was run, and the plant as it is.
void Search::describe() {
  constexpr std::int64_t first = Trials::first_fresh;
  const std::int64_t n = out_.replications;
  out_.selecting = n_;
  out_.objective = scenario_.objective;
  out_.unit = trials_.unit();
  out_.begin_s = trials_.span(first).begin_s;
  out_.end_s = trials_.span(first).end_s;
  out_.whole_s = scenario_.run.duration_s;
  out_.steps_begin_s = trials_.span(first_of_steps_).begin_s;
  out_.steps_end_s = trials_.span(first_of_steps_).end_s;
  out_.steps_replications = n_of_steps_;
  out_.shortened = out_.end_s < out_.whole_s;
  out_.n_candidates = candidates_.size();
  out_.now = student_interval(trials_.objective(0, first, n), scenario_.run.confidence);
  if (!trials_.carbon_path().empty()) out_.carbon_now = student_interval(trials_.carbon(0, first, n), scenario_.run.confidence);
  out_.suspects = trials_.bottleneck().suspects;
  for (Suspect& suspect : out_.suspects) {  // of servers and pools as the mean of all
    const std::string path = suspect.path.ends_with(".servers") ? suspect.path.substr(0, suspect.path.size() - 8) : suspect.path;
    const double load = trials_.utilisation(path + ".utilisation", first, n);
    if (!std::isnan(load)) suspect.load = load;
  }
  std::stable_sort(out_.suspects.begin(), out_.suspects.end(), [](const Suspect& a, const Suspect& b) { return a.load > b.load; });
}

void Search::measure() {
  const std::vector<Relief> set = full(kept_), single = affordable(steps(), 2);
  run_fresh(set, single);
  describe();
  constexpr std::int64_t first = Trials::first_fresh;
  out_.all = gain(full(everyone_), first);
  out_.all.text = "all reliefs at once";
  const bool gains_at_all = !kept_.empty(), gains = !kept_.empty() && out_.all.gains();
  if (!scenario_.run.terminating)
    out_.stays = paired_difference(trials_.growth(0, first, out_.replications), trials_.growth(all_, first, out_.replications), scenario_.run.confidence);
  const bool much_possible = !(out_.all.relative.high() < little_gain) && !(out_.all.absolute.half_width == 0);
  out_.undecided = !gains && !candidates_.empty() && (!out_.all.error.empty() || much_possible || out_.stays.low() > stays_on);
  out_.demand_limits = !gains && !out_.undecided;
  if (has_demand(*scenario_.plant)) out_.demand = gain({{demand(), Extent::unit}}, gains_at_all ? first_of_steps_ : first);
  for (const Relief& r : single) out_.steps.push_back(gain({r}, first_of_steps_));
  by_gain(out_.steps);
  refuse_never_made();
  if (!gains) return;
  out_.set = gain(set, first);
  out_.share = out_.set.absolute.mean / out_.all.absolute.mean;
  members(set);
  if (std::none_of(out_.steps.begin(), out_.steps.end(), [](const Gain& g) { return g.gains(); })) pairs(single);
  by_gain(out_.pairs);
}

}  // namespace

bool Gain::gains() const {
  if (!error.empty()) return false;
  return std::isnan(relative.mean) ? absolute.low() > 0 : relative.low() > 0 && relative.mean >= least_gain;
}

bool Gain::loses() const {
  return std::isnan(relative.mean) ? absolute.high() < 0 : relative.high() < 0 && relative.mean <= -least_gain;
}

Verdict find_verdict(const Scenario& scenario, const VerdictOptions& options) {
  check_objective(scenario);
  return Search(scenario, options).run();
}

}  // namespace retwin

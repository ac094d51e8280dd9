// All at once, then less and less of it while the gain stays; then every step by itself, with fresh replications.
#include "core/experiment/verdict.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/base/constants.hpp"
#include "core/experiment/loads.hpp"
#include "core/experiment/objective.hpp"
#include "core/experiment/trials.hpp"

namespace retwin {
namespace {

constexpr double enough = 0.95;     // of the gain of all that the sufficient set keeps
constexpr double trifle = 0.005;    // of the objective: what gains less of it gains nothing
constexpr double least_gain = 0.001;
constexpr double unsure = 0.02;     // of the gain of all: so near to `enough` more replications are asked
constexpr double hardly_loaded = 0.6, suspicious = 0.7;
constexpr double select_work = 5e6, report_work = 2e8;     // of all replications of a variant, of all that is reported: as long as cheap
constexpr double longest_select = 1e7, most_report = 7e8;  // above that runs are made shorter
constexpr double plain = 0.1;                              // of the objective: a gain that is no luck
constexpr std::int64_t few = 4;                            // replications that show whether a smaller one is
constexpr std::int64_t fewest_selecting = 1, most_selecting = 6, fewest_fresh = 4, some_fresh = 6, most_fresh = 30;
constexpr std::int64_t first_fresh = Trials::first_fresh;
constexpr std::size_t most_suspects = 12, most_in_pairs = 5;
constexpr double few_steps = 8;  // where demand limits

double mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double v : values) sum += v;
  return sum / static_cast<double>(values.size());
}

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

  void look();
  bool surely_gained();
  void select();
  bool keeps(const std::vector<std::size_t>& kept);
  void drop(std::vector<std::size_t> group, bool needed);
  std::vector<std::size_t> doubtful();
  std::vector<std::size_t> without(std::size_t one) const {
    std::vector<std::size_t> rest;
    for (const std::size_t k : kept_)
      if (k != one) rest.push_back(k);
    return rest;
  }
  void measure();
  std::vector<Relief> steps() const;
  std::int64_t fresh(std::size_t variants);
  std::vector<Relief> affordable(const std::vector<Relief>& steps, std::size_t others) const;
  Gain gain(const std::vector<Relief>& reliefs);
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
  int tests_ = 0;
  Verdict out_;
};

void Search::look() {
  for (std::size_t k = 0; k < candidates_.size(); ++k) everyone_.push_back(k);
  const double whole_s = scenario_.run.duration_s, shortest_s = trials_.shortest_s();
  trials_.stage(0, 0.02);
  trials_.select_for(shortest_s);
  trials_.run({0}, 0, 1);
  const bool cheap = trials_.work(whole_s) <= longest_select;
  if (cheap) trials_.select_for(whole_s);
  n_ = within(select_work / std::max(1.0, trials_.work(cheap ? whole_s : shortest_s)), fewest_selecting, most_selecting);
  all_ = trials_.variant(full(everyone_));
  trials_.stage(0.02, 0.08);
  trials_.run({0, all_}, 0, n_);
  if (!trials_.error(all_).empty()) tell("all reliefs together cannot run: " + trials_.error(all_));
  score_ = loads(candidates_, trials_.plant(0), trials_.figures(0), trials_.plant(all_), trials_.figures(all_), trials_.bottleneck());
  const double now = mean(trials_.objective(0, 0, n_)), most = mean(trials_.objective(all_, 0, n_));
  gained_ = most > now * (1 + trifle) ? most - now : 0;
  if (gained_ > 0 && gained_ < plain * now && !surely_gained()) gained_ = 0;
  tell(fmt::format("{} candidates; all reliefs together: {:.4g} -> {:.4g} {} ({} replications)", candidates_.size(), now, most, trials_.unit(), n_));
}

/// A small gain may be luck: looked at again with more replications.
bool Search::surely_gained() {
  constexpr double level = 0.8;
  const std::int64_t n = std::max(n_, few);
  trials_.run({0, all_}, 0, n);
  const std::vector<double> now = trials_.objective(0, 0, n), most = trials_.objective(all_, 0, n);
  return mean(most) > mean(now) * (1 + trifle) && paired_difference(most, now, level).low() > 0;
}

/// Whether these alone keep enough of the gain of all. Where that is close, more replications are run.
bool Search::keeps(const std::vector<std::size_t>& kept) {
  if (kept.empty()) return false;
  const std::size_t variant = trials_.variant(full(kept));
  const double from = 0.08 + 0.4 * (1 - std::pow(0.93, ++tests_));
  trials_.stage(from, from + 0.01);
  for (std::int64_t n = n_;; n += n_) {
    trials_.run({0, all_, variant}, 0, n);
    const double now = mean(trials_.objective(0, 0, n));
    const double most = mean(trials_.objective(all_, 0, n)) - now, left = mean(trials_.objective(variant, 0, n)) - now;
    if (std::abs(left - enough * most) > unsure * most || n >= 3 * n_) return left >= enough * most;
  }
}

/// Takes what is not needed of a group out of what is kept, halves at a time. @param needed it is known that some of it is
void Search::drop(std::vector<std::size_t> group, bool needed) {
  if (group.empty()) return;
  if (!needed) {
    std::vector<std::size_t> rest;
    for (const std::size_t k : kept_)
      if (std::find(group.begin(), group.end(), k) == group.end()) rest.push_back(k);
    if (keeps(rest)) {
      kept_ = std::move(rest);
      return;
    }
  }
  if (group.size() == 1) return;
  const auto middle = group.begin() + static_cast<std::ptrdiff_t>(group.size() / 2);
  const std::vector<std::size_t> low(group.begin(), middle), high(middle, group.end());
  const std::size_t before = kept_.size();
  drop(low, false);
  drop(high, before - kept_.size() == low.size());
}

/// Of what is kept those who can each be left out, who is missed least first; the others are needed whatever else is left out.
std::vector<std::size_t> Search::doubtful() {
  std::vector<std::size_t> variants{0, all_, trials_.variant(full(kept_))};
  for (const std::size_t k : kept_) variants.push_back(trials_.variant(full(without(k))));
  trials_.stage(0.1, 0.35);
  trials_.run(variants, 0, n_);
  const double now = mean(trials_.objective(0, 0, n_)), most = mean(trials_.objective(all_, 0, n_)) - now;
  std::vector<std::pair<double, std::size_t>> left;  // share of the gain
  for (const std::size_t k : kept_)
    left.emplace_back((mean(trials_.objective(trials_.variant(full(without(k))), 0, n_)) - now) / most, k);
  std::stable_sort(left.begin(), left.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<std::size_t> out;
  for (const auto& [share, k] : left)
    if (share >= enough - unsure) out.push_back(k);
  return out;
}

void Search::select() {
  std::vector<std::size_t> order = everyone_;
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return score_[a] < score_[b]; });
  kept_ = order;
  const auto loaded = std::find_if(order.begin(), order.end(), [&](std::size_t k) { return score_[k] >= hardly_loaded; });
  drop({order.begin(), loaded}, loaded == order.end());
  std::vector<std::size_t> rest;  // without those that are not much loaded either: often they go all at once
  for (const std::size_t k : kept_)
    if (score_[k] >= suspicious) rest.push_back(k);
  if (rest.size() < kept_.size() && keeps(rest)) kept_ = rest;
  drop(doubtful(), false);
  if (n_ < few && kept_.size() > 1) {  // so few may have kept some by luck
    n_ = few;
    drop(doubtful(), false);
  }
  std::string names;
  for (const std::size_t k : kept_) names += (names.empty() ? "" : ", ") + candidates_[k].path;
  tell(fmt::format("sufficient: {} ({} tests)", names, tests_));
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

/// How many fresh replications, and how long they last: counted, so that it does not depend on the machine.
std::int64_t Search::fresh(std::size_t variants) {
  const double whole_s = scenario_.run.duration_s, shortest_s = trials_.shortest_s();
  const double per_s = std::max(1e-9, trials_.work(1) * static_cast<double>(variants));
  std::int64_t n = within(report_work / (per_s * whole_s), fewest_fresh, most_fresh);
  n = std::max(n, within(most_report / (per_s * shortest_s), fewest_fresh, some_fresh));
  const double longest_s = std::floor(most_report / (per_s * static_cast<double>(n)) / week_s) * week_s;
  trials_.report_for(std::clamp(longest_s, shortest_s, whole_s));
  return options_.replications > 0 ? std::max<std::int64_t>(2, options_.replications) : n;
}

/// Of so many variants at most; the first of each before the second of any.
std::vector<Relief> Search::affordable(const std::vector<Relief>& steps, std::size_t others) const {
  const double fewest_steps = std::max<double>(4, static_cast<double>(kept_.size()));
  const double one = std::max(1.0, trials_.work(trials_.shortest_s())) * static_cast<double>(fewest_fresh);
  const double enough_steps = gained_ > 0 ? 1000 : few_steps;
  const auto most = static_cast<std::size_t>(std::clamp(most_report / one - static_cast<double>(others), fewest_steps, std::max(fewest_steps, enough_steps)));
  std::vector<Relief> out;
  for (const bool unit : {true, false})
    for (const Relief& r : steps)
      if ((r.extent == Extent::unit) == unit && out.size() < most) out.push_back(r);
  return out;
}

Gain Search::gain(const std::vector<Relief>& reliefs) {
  Gain g;
  g.reliefs = reliefs;
  for (const Relief& r : reliefs) g.text += (g.text.empty() ? "" : " and ") + relief_text(*scenario_.plant, r);
  const std::size_t variant = trials_.variant(reliefs);
  const std::int64_t n = out_.replications;
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
  const std::int64_t n = out_.replications;
  const std::vector<double> now = trials_.objective(0, first_fresh, n), whole = trials_.objective(trials_.variant(set), first_fresh, n);
  for (const Relief& member : set) {
    std::vector<Relief> rest;
    for (const Relief& r : set)
      if (r.candidate.path != member.candidate.path) rest.push_back(r);
    Member m{member, relief_text(*scenario_.plant, member), gain(rest), {}, {}};
    const std::vector<double> left = trials_.objective(trials_.variant(rest), first_fresh, n);
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
    if (r.extent == Extent::unit && firsts.size() < most_in_pairs) firsts.push_back(r);
  std::vector<std::size_t> variants;
  std::vector<std::vector<Relief>> both;
  for (std::size_t i = 0; i < firsts.size(); ++i)
    for (std::size_t j = i + 1; j < firsts.size(); ++j) both.push_back({firsts[i], firsts[j]});
  for (const std::vector<Relief>& pair : both) variants.push_back(trials_.variant(pair));
  trials_.run(variants, first_fresh, out_.replications);
  for (const std::vector<Relief>& pair : both)
    if (Gain g = gain(pair); g.gains()) out_.pairs.push_back(std::move(g));
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

void Search::measure() {
  const Plant& plant = *scenario_.plant;
  const std::vector<Relief> everything = full(everyone_), set = full(kept_);
  const std::vector<Relief> single = affordable(steps(), set.size() + 4);
  std::vector<std::size_t> variants{0, all_, trials_.variant(set)};
  for (const Relief& r : set) {
    std::vector<Relief> rest;
    for (const Relief& other : set)
      if (other.candidate.path != r.candidate.path) rest.push_back(other);
    variants.push_back(trials_.variant(rest));
  }
  for (const Relief& r : single) variants.push_back(trials_.variant({r}));
  const std::vector<Relief> more{{demand(), Extent::unit}};
  const bool demanded = has_demand(plant);
  if (demanded) variants.push_back(trials_.variant(more));
  out_.selecting = n_;
  out_.replications = fresh(variants.size());
  trials_.stage(0.5, 0.95);
  trials_.run(variants, first_fresh, out_.replications);
  trials_.stage(0.95, 1);

  const std::int64_t n = out_.replications;
  out_.objective = scenario_.objective;
  out_.unit = trials_.unit();
  out_.begin_s = trials_.reporting().begin_s;
  out_.end_s = trials_.reporting().end_s;
  out_.whole_s = scenario_.run.duration_s;
  out_.shortened = std::min(trials_.selecting().end_s, out_.end_s) < out_.whole_s;
  out_.n_candidates = candidates_.size();
  out_.now = student_interval(trials_.objective(0, first_fresh, n), scenario_.run.confidence);
  if (!trials_.carbon_path().empty()) out_.carbon_now = student_interval(trials_.carbon(0, first_fresh, n), scenario_.run.confidence);
  out_.suspects = trials_.bottleneck().suspects;
  for (Suspect& suspect : out_.suspects) {  // of servers and pools as the mean of all
    const std::string path = suspect.path.ends_with(".servers") ? suspect.path.substr(0, suspect.path.size() - 8) : suspect.path;
    const double load = trials_.utilisation(path + ".utilisation", first_fresh, n);
    if (!std::isnan(load)) suspect.load = load;
  }
  std::stable_sort(out_.suspects.begin(), out_.suspects.end(), [](const Suspect& a, const Suspect& b) { return a.load > b.load; });
  out_.all = gain(everything);
  out_.all.text = "all reliefs at once";
  out_.demand_limits = kept_.empty() || !out_.all.gains();
  if (demanded) out_.demand = gain(more);
  for (const Relief& r : single) out_.steps.push_back(gain({r}));
  by_gain(out_.steps);
  refuse_never_made();
  if (out_.demand_limits) return;
  out_.set = gain(set);
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

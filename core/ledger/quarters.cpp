// Reading energy at quarter hours.
#include "core/ledger/quarters.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>

namespace retwin {
namespace {
constexpr double never = std::numeric_limits<double>::infinity();
}  // namespace

QuarterMeter::QuarterMeter(const Plant& plant, const State& state)
    : day_s_(std::floor(plant.clock0_s / quarter_s) * quarter_s), clock0_s_(std::fmod(plant.clock0_s, quarter_s)) {
  const double number = (state.now + clock0_s_) / quarter_s;
  whole_ = std::floor(number) == number;
  first_ = static_cast<std::size_t>(std::ceil(number));
  next_s_ = number < static_cast<double>(most_quarters) ? (std::floor(number) + 1) * quarter_s - clock0_s_ : never;
  watch(plant, state);
  utilities_.resize(state.accounts.utilities.size());
  for (const UtilityAccount& utility : state.accounts.utilities) made_.push_back(utility.made.value(state.now));
}

namespace {
/// Electricity that is used whatever jobs there are, so far.
double standing_J(const Plant& plant, const State& state) {
  double J = 0;
  for (std::size_t k = 0; k < plant.standing.size(); ++k)
    if (plant.standing[k].station != none && plant.standing[k].flow == plant.electricity) J += state.accounts.standing[k].value(state.now);
  return J;
}
}  // namespace

void QuarterMeter::watch(const Plant& plant, const State& state) {
  watched_ = &plant;
  standing_J_ = standing_J(plant, state);
  draws_.assign(plant.stations.size(), 0);
  for (std::size_t k = 0; k < plant.stations.size(); ++k) {
    const Station& station = plant.stations[k];
    const auto any = [](const auto& by_state) { return std::any_of(std::begin(by_state), std::end(by_state), [](double x) { return x != 0; }); };
    draws_[k] = any(station.power_W) || std::any_of(station.consumption.begin(), station.consumption.end(), [&](const Consumption& use) {
                  return use.flow == plant.electricity && any(use.per_s);
                });
  }
  servers_.clear();
  known_ = state.servers.size();
  for (Index v = 0; v < known_; ++v)
    if (draws_[state.server_station[v]]) servers_.push_back(v);
  take(state);
  time_in_.swap(now_in_);
}

void QuarterMeter::take(const State& state) {
  now_in_.assign(state.accounts.stations.size() * n_server_states, 0);
  for (std::size_t k = 0; k < draws_.size(); ++k)
    if (draws_[k]) std::copy_n(state.accounts.stations[k].time_in.begin(), n_server_states, now_in_.begin() + static_cast<std::ptrdiff_t>(k * n_server_states));
  const auto add = [&](Index v) {
    now_in_[state.server_station[v] * n_server_states + static_cast<std::size_t>(state.servers[v].shown)] += state.now - state.servers[v].since;
  };
  for (const Index v : servers_) add(v);
  for (std::size_t v = known_; v < state.servers.size(); ++v)
    if (draws_[state.server_station[v]]) add(static_cast<Index>(v));
}

void QuarterMeter::read(const Plant& in_force, const Plant& next, const State& state) {
  take(state);
  if (const double J = standing_J(in_force, state); J != standing_J_) {
    J_ += J - standing_J_;
    standing_J_ = J;
  }
  for (std::size_t k = 0; k < in_force.stations.size(); ++k) {
    if (!draws_[k]) continue;
    const Station& station = in_force.stations[k];
    for (std::size_t s = 0; s < n_server_states; ++s) {
      double W = station.power_W[s];
      for (const Consumption& use : station.consumption) W += use.flow == in_force.electricity ? use.per_s[s] : 0;
      if (W != 0) J_ += W * (now_in_[k * n_server_states + s] - time_in_[k * n_server_states + s]);
    }
  }
  time_in_.swap(now_in_);
  if (&next != watched_) watch(next, state);
  if (state.now < next_s_) return;
  if (whole_) quarters_J_.push_back(J_);
  for (std::size_t u = 0; u < state.accounts.utilities.size(); ++u) {
    const double made = state.accounts.utilities[u].made.value(state.now);
    if (whole_) utilities_[u].push_back((made - made_[u]) / quarter_s);
    made_[u] = made;
  }
  whole_ = true;
  J_ = 0;
  const double number = std::round((state.now + clock0_s_) / quarter_s);
  next_s_ = number < static_cast<double>(most_quarters) ? (number + 1) * quarter_s - clock0_s_ : never;
}

QuarterHours QuarterMeter::quarters(const State& state) const {
  QuarterHours out;
  out.begin_s = day_s_ + static_cast<double>(first_) * quarter_s;
  if (next_s_ == never) return out;
  out.utilities = utilities_;
  const std::vector<double>& of_jobs = state.accounts.job_J;
  for (std::size_t k = 0; k < quarters_J_.size(); ++k) out.J.push_back(quarters_J_[k] + (first_ + k < of_jobs.size() ? of_jobs[first_ + k] : 0));
  return out;
}

}  // namespace retwin

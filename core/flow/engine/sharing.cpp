// How users share what has a capacity by time: see sharing.hpp.
#include "core/flow/engine/sharing.hpp"

#include <algorithm>
#include <limits>

namespace retwin {

double fair_share(double weight, std::span<const Take> takes, std::span<const double> capacities) {
  double dominant = 0;
  for (const Take& take : takes) dominant = std::max(dominant, take.per_rate / capacities[take.utility]);
  return dominant > 0 ? weight / dominant : weight;
}

const std::vector<double>& Sharing::operator()(std::span<const double> capacities, std::span<const Sharer> users) {
  users_ = users;
  left_.assign(capacities.begin(), capacities.end());
  rates_.assign(users.size(), 0);
  order_.resize(users.size());
  for (std::size_t k = 0; k < users.size(); ++k) order_[k] = k;
  std::stable_sort(order_.begin(), order_.end(), [&](std::size_t a, std::size_t b) { return users[a].priority > users[b].priority; });
  for (std::size_t first = 0; first < order_.size();) {
    rest_.clear();
    const int priority = users[order_[first]].priority;
    for (; first < order_.size() && users[order_[first]].priority == priority; ++first) rest_.push_back(order_[first]);
    fill(rest_);
  }
  return rates_;
}

void Sharing::fix(std::size_t user, double rate) {
  rates_[user] = rate;
  fixed_[user] = 1;
  for (const Take& take : users_[user].takes) {
    left_[take.utility] = std::max(0.0, left_[take.utility] - rate * take.per_rate);
    load_[take.utility] -= users_[user].share * take.per_rate;
    --rising_[take.utility];
  }
}

/// At which the first utility is full.
double Sharing::level() const {
  double lowest = std::numeric_limits<double>::infinity();
  for (std::size_t u = 0; u < left_.size(); ++u)
    if (rising_[u] > 0) lowest = std::min(lowest, left_[u] / load_[u]);
  return lowest;
}

void Sharing::fill(std::vector<std::size_t>& users) {
  load_.assign(left_.size(), 0);
  rising_.assign(left_.size(), 0);
  fixed_.resize(users_.size());
  std::vector<double> wanted(left_.size(), 0);
  for (const std::size_t k : users) {
    fixed_[k] = 0;
    for (const Take& take : users_[k].takes) {
      load_[take.utility] += users_[k].share * take.per_rate;
      wanted[take.utility] += users_[k].bound * take.per_rate;
      ++rising_[take.utility];
    }
  }
  bool enough = true;
  for (std::size_t u = 0; u < left_.size(); ++u) enough = enough && wanted[u] <= left_[u];
  if (enough) {
    for (const std::size_t k : users) fix(k, users_[k].bound);
    return;
  }
  const auto full_at = [&](std::size_t k) { return users_[k].bound / users_[k].share; };
  std::sort(users.begin(), users.end(), [&](std::size_t a, std::size_t b) { return full_at(a) != full_at(b) ? full_at(a) < full_at(b) : a < b; });
  for (std::size_t next = 0; next < users.size();) {
    const double lowest = level();
    if (fixed_[users[next]] != 0) {
      ++next;
    } else if (full_at(users[next]) <= lowest) {
      fix(users[next], users_[users[next]].bound);
      ++next;
    } else {
      std::size_t full = left_.size();
      for (std::size_t u = 0; u < left_.size() && full == left_.size(); ++u)
        if (rising_[u] > 0 && left_[u] / load_[u] <= lowest) full = u;
      for (std::size_t k = next; k < users.size(); ++k) {
        const std::span<const Take> takes = users_[users[k]].takes;
        if (fixed_[users[k]] == 0 && std::any_of(takes.begin(), takes.end(), [&](const Take& take) { return take.utility == full; }))
          fix(users[k], lowest * users_[users[k]].share);
      }
      left_[full] = 0;
      rising_[full] = 0;
    }
  }
}

}  // namespace retwin

// Competing systems with known means: normal values, with a share of luck in common.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "core/base/random.hpp"
#include "core/study/contest.hpp"
#include "tests/unit/normal_stream.hpp"

namespace retwin {

/// Values mean + sd (sqrt(rho) z_r + sqrt(1 - rho) z_ir): correlation rho of each two systems.
class NormalContest : public Contest {
 public:
  NormalContest(std::vector<double> means, std::vector<double> sds, double correlation, std::uint64_t seed)
      : means_(std::move(means)), sds_(std::move(sds)), correlation_(correlation), key_(mix64(seed)), values_(means_.size()) {}
  std::size_t systems() const override { return means_.size(); }
  void reach(const std::vector<std::size_t>& replications) override {
    ++batches;
    for (std::size_t i = 0; i < values_.size(); ++i)
      for (std::size_t r = values_[i].size(); r < replications[i]; ++r, ++made)
        values_[i].push_back(means_[i] +
                             sds_[i] * (std::sqrt(correlation_) * normal(0, r) + std::sqrt(1 - correlation_) * normal(i + 1, r)));
  }
  double value(std::size_t system, std::size_t replication) const override { return values_.at(system).at(replication); }
  /// Makes something of what was drawn, e.g. the same values twice.
  std::vector<std::vector<double>>& values() { return values_; }

  std::size_t made = 0, batches = 0;

 private:
  double normal(std::size_t who, std::size_t r) const {
    const double u = to_unit(philox(key_, r, 2 * who)), v = to_unit(philox(key_, r, 2 * who + 1));
    return std::sqrt(-2 * std::log(u)) * std::cos(2 * 3.14159265358979323846 * v);
  }
  std::vector<double> means_, sds_;
  double correlation_;
  std::uint64_t key_;
  std::vector<std::vector<double>> values_;
};

/// Where the best is, and how the others compare.
enum class Spread { slippage, even };  ///< all others just the distance worse; each worse than the one before by it
enum class Variances { equal, increasing, decreasing };  ///< from the best to the others: 1; from 1 to 2; from 2 to 1

/// The first system is the best.
inline NormalContest made_contest(std::size_t k, double distance, Spread spread, Variances variances, double correlation,
                                  std::uint64_t seed) {
  std::vector<double> means, sds;
  for (std::size_t i = 0; i < k; ++i) {
    const double along = static_cast<double>(i) / static_cast<double>(k - 1);
    means.push_back(spread == Spread::slippage ? (i == 0 ? 0 : -distance) : -distance * static_cast<double>(i));
    sds.push_back(std::sqrt(variances == Variances::equal ? 1 : variances == Variances::increasing ? 1 + along : 2 - along));
  }
  return NormalContest(std::move(means), std::move(sds), correlation, seed);
}

/// Random problems: means normal with this standard deviation, those of the values lognormal about 1. The first system is the best.
inline NormalContest random_contest(std::size_t k, double spread, double correlation, std::uint64_t seed) {
  Normal normal(seed * 7919);
  std::vector<double> means, sds;
  for (std::size_t i = 0; i < k; ++i) means.push_back(spread * normal()), sds.push_back(std::exp(0.3 * normal()));
  std::swap(means.front(), *std::max_element(means.begin(), means.end()));
  return NormalContest(std::move(means), std::move(sds), correlation, seed);
}

}  // namespace retwin

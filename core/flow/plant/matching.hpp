// Who meets which need: units of pools given to the parts of a request, exactly.
#pragma once
#include <vector>

#include "core/flow/plant/plant.hpp"

namespace retwin {

/// Units of a pool.
struct Units {
  Index pool;
  double count;
};

/// Gives the needs of one request units of their pools, in the order of preference as long as that meets them all, else as many as
/// can be met together (largest flow from needs to pools along shortest augmenting paths: Edmonds, Karp 1972). Counts may be
/// fractions. Keeps its memory from one request to the next.
class Matching {
 public:
  static constexpr double tolerance = 1e-9;  ///< units

  /// @param free_of units that a pool can give  @returns whether all needs are met; `given` holds what can be given in any case
  template <class FreeOf>
  bool meet(const std::vector<Need>& needs, FreeOf&& free_of) {
    pools_.clear();
    free_.clear();
    for (const Need& need : needs)
      for (const Index pool : need.pools)
        if (local(pool) == pools_.size()) {
          pools_.push_back(pool);
          free_.push_back(free_of(pool));
        }
    return solve(needs);
  }
  /// Units by pool, each pool once.
  const std::vector<Units>& given() const { return given_; }

 private:
  std::size_t local(Index pool) const;
  bool solve(const std::vector<Need>& needs);
  bool augment(const std::vector<Need>& needs);
  double& flow(std::size_t need, std::size_t pool) { return flow_[need * pools_.size() + pool]; }

  std::vector<Index> pools_;     ///< of the request, each once
  std::vector<double> free_;     ///< units of them that are left
  std::vector<double> missing_;  ///< of each need
  std::vector<double> flow_;     ///< need x pool
  std::vector<Units> given_;
};

/// Whether units of these numbers, by pool, can meet the needs together.
bool can_meet(const std::vector<Need>& needs, const std::vector<double>& units);

}  // namespace retwin

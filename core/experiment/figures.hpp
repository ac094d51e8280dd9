// The figures of many replications: what each is called is kept once, of each replication its values.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/kpi/kpi.hpp"

namespace retwin {

class FigureRows {
 public:
  explicit FigureRows(std::size_t replications = 0) : rows_(replications) {}
  /// So many replications; those that are there stay.
  void resize(std::size_t replications) { rows_.resize(replications); }
  /// Those of one replication, in any order of replications.
  void put(std::size_t replication, const std::vector<Kpi>& figures);
  /// As they were put.
  std::vector<Kpi> of(std::size_t replication) const;

  struct Value {
    std::uint32_t figure = 0;  ///< number of its path
    double value = 0, numerator = 0, denominator = 0;
  };
  /// One figure over all replications.
  struct Path {
    const Kpi* kpi;                    ///< path, unit, doc
    std::vector<const Value*> values;  ///< per replication, null where it has none
  };
  /// Path by path, in the order in which they appear in the first replication, then in the second, ...: the same whatever came first.
  std::vector<Path> by_path() const;

 private:
  std::vector<Kpi> names_;  ///< their values say nothing
  std::unordered_map<std::string, std::uint32_t> number_;
  std::vector<std::vector<Value>> rows_;
};

}  // namespace retwin

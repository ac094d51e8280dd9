// Which kinds of lots come to a station, and whether in random order: what setups depend on. Private to core/graph.
#pragma once
#include <utility>
#include <vector>

#include "core/graph/process_graph.hpp"

namespace retwin {

class Mixes {
 public:
  /// Keeps references to both.
  Mixes(const Plant& plant, const ProcessGraph& graph) : plant_(plant), graph_(graph) {}
  /// Shares of the values of the attribute that a station's setups depend on, "unknown" first, as the sources give it.
  /// @param lots sources and how much of what they bring comes to the station
  std::vector<double> at(Index station, const std::vector<std::pair<Index, double>>& lots) const;
  /// Whether lots keep the kind that their sources have drawn for them, one like the other, and come in the order of the draws:
  /// no table of arrivals, no unit operation, no plan, no merging, no choice by case, no key to sort by is in between.
  bool at_random(Index station) const;

 private:
  std::vector<bool> before(Index station) const;
  bool is_unloaded(Index source, Index station) const;
  const Plant& plant_;
  const ProcessGraph& graph_;
};

}  // namespace retwin

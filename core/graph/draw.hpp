// A drawing of the plant as Graphviz text, with the figures of a run or of the static capacity on it.
#pragma once
#include <string>
#include <vector>

#include "core/graph/capacity.hpp"

namespace retwin {

/// What to write on the drawing; any vector may be empty and any entry nan.
struct DrawnFigures {
  std::vector<double> utilisation;  ///< per station, 0 to 1; colours the station
  std::vector<double> wip;          ///< per station: lots in its buffer and in service
  std::vector<double> edge_rate;    ///< per edge of the process graph [lots/s]
  Index bottleneck = none;          ///< station, drawn with a double frame
};
DrawnFigures figures_of(const Capacity& capacity);

/// Text in the DOT language: sources as houses, stations as boxes with unit and servers, transports rounded, sinks as ellipses,
/// stations of a group in a cluster, edges with port and share. Utilisation is shown as number and as a shade that stays in
/// order in grey.
std::string draw(const Plant& plant, const ProcessGraph& graph, const DrawnFigures& figures = {});

}  // namespace retwin

// What stands on a drawing of the plant, before anything says where: nodes and ways with their texts in Graphviz form.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "core/graph/draw.hpp"
#include "core/graph/process_graph.hpp"

namespace retwin {

struct DrawnNode {
  Index id = none;         ///< in the process graph
  std::string attributes;  ///< shape, shade, label
  std::string group;       ///< of a station
};
/// What would be the same line is drawn once.
struct DrawnWay {
  Index from = none, to = none;
  std::string label;    ///< ports, shares, rates; Graphviz text
  bool dashed = false;  ///< liquid from a tank to who doses it
};
struct Drawn {
  std::vector<DrawnNode> nodes;  ///< sources, stations, sinks
  std::vector<DrawnWay> ways;
};
Drawn drawn(const Plant& plant, const ProcessGraph& graph, const DrawnFigures& figures);

/// Within double quotes of Graphviz.
std::string dot_text(std::string_view text);

}  // namespace retwin

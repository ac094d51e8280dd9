// A drawing that fits a page: a swim lane for each group, lanes one below the other in the order of the flow, long ones wrapped into rows.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "core/graph/drawing.hpp"

namespace retwin {

/// Where everything stands, in points, y down.
struct MapLayout {
  struct Box {
    Index node = none;
    double x = 0, y = 0, width = 0, height = 0;  ///< centre
  };
  struct Path {
    Index from = none, to = none;
    std::vector<double> xy;  ///< control points of cubic curves: first point, then three for each
  };
  struct Lane {
    std::string group;
    double x = 0, y = 0, width = 0, height = 0;  ///< upper left corner
  };
  double width = 0, height = 0;
  std::vector<Box> boxes;
  std::vector<Path> paths;
  std::vector<Lane> lanes;
};

/// Graphviz lays out each lane by itself (`dot`), then routes all ways between nodes that stay where they are (`neato -n2`).
class LaneDrawing {
 public:
  LaneDrawing(const Plant& plant, const ProcessGraph& graph, const DrawnFigures& figures);
  /// A graph for each lane, one after another, for `dot -Tplain`.
  std::string lanes() const;
  /// @param plain what became of them: places the lanes on the page
  void place(std::string_view plain);
  /// With places, for `neato -n2`. @param splines how ways run: "ortho", or "line" where there are many
  std::string placed(const std::string& splines) const;
  /// How ways of a drawing of this size should run.
  std::string splines() const;
  /// Moves every node by less than three points: what the router of right angles gave up on it may manage then.
  void nudge();
  /// @param plain what `neato -n2 -Tplain` made of placed()
  MapLayout layout(std::string_view plain) const;

 private:
  struct Spot {
    double x = 0, y = 0, width = 0, height = 0;
  };
  struct Lane {
    std::string group;
    std::vector<std::size_t> nodes;  ///< of drawn_
    double depth = 0;                ///< mean number of steps from the sources
    Spot box;                        ///< upper left corner and size
  };
  void assign_lanes();
  std::vector<double> depths() const;
  double wrap(Lane& lane, double width, double height);

  std::string title_;
  Drawn drawn_;
  std::vector<std::size_t> lane_of_;  ///< by number in drawn_.nodes
  std::vector<Lane> lanes_;           ///< in the order of the flow
  std::vector<std::size_t> number_;   ///< in drawn_.nodes, by id
  std::vector<Spot> spots_;           ///< by number in drawn_.nodes; centre, y down
  double height_ = 0;
};

}  // namespace retwin

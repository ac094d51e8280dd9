// The process graph: sources, stations and sinks joined by the options of their routes, and what is wrong with it.
#pragma once
#include <string>
#include <vector>

#include "core/base/problem.hpp"
#include "core/flow/plant/plant.hpp"

namespace retwin {

/// A way that lots take. A route option over a transport gives two edges, `origin` -> transport -> target, with the same share.
struct FlowEdge {
  Index from = none, to = none;  ///< nodes
  Index origin = none;           ///< node whose port the lots left: `from`, or what lies before the transport
  Index port = 0;                ///< of the origin (sources: 0)
  Index option = 0;              ///< of that port's route
  RouteKind kind = RouteKind::single;
  double share = 0;  ///< of what leaves the port; nan where the plant decides while it runs
};

/// Nodes are numbered as in the engine: stations, then sinks, then sources.
struct ProcessGraph {
  Index n_stations = 0, n_sinks = 0, n_sources = 0;
  std::vector<FlowEdge> edges;  ///< by origin, port and option
  Index n_nodes() const { return n_stations + n_sinks + n_sources; }
  bool is_station(Index node) const { return node < n_stations; }
  bool is_source(Index node) const { return node >= n_stations + n_sinks; }
  Index source(Index node) const { return node - n_stations - n_sinks; }
  Index source_node(Index source) const { return n_stations + n_sinks + source; }
};

/// Shares: single 1, probability as given, cyclic 1/n; nan for cases, shortest, fastest and overflow with several options.
/// What lies behind a transport is where the options that use it lead; its own route counts only if lots also come to it
/// directly.
ProcessGraph process_graph(const Plant& plant);

/// Per node, whether a way leads there from one of the roots (which count themselves).
std::vector<bool> reached_from(const ProcessGraph& graph, const std::vector<Index>& roots);

/// Name of a station, sink or source.
const std::string& graph_node_name(const Plant& plant, Index node);

/// Reports, at the place of the station:
/// - `unreachable` (error): no source and no initial lot leads there;
/// - `cycle` (error): a circle (or a loop to itself) of stations that all have no place beside their servers, so that each may
///   wait for the next and none can move. A closed loop is fine as long as fewer carriers than places run in it: a circle that
///   no source reaches is reported only if the initial lots that reach it fill its servers;
/// - `route` (warning): a group of stations that lots enter and never leave, closed loops of initial lots aside.
void check_graph(const Plant& plant, Problems& problems);

}  // namespace retwin

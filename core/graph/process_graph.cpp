// The process graph of a plant and its checks by reachability and strongly connected components.
#include "core/graph/process_graph.hpp"

#include <algorithm>
#include <limits>

#include <fmt/format.h>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/depth_first_search.hpp>
#include <boost/graph/strong_components.hpp>

namespace retwin {
namespace {

using Digraph = boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS>;

double share_of(const Route& route, std::size_t option) {
  if (route.options.size() == 1) return 1;
  const double before = option == 0 ? 0 : route.options[option - 1].share;
  switch (route.kind) {
    case RouteKind::single: return option == 0 ? 1 : 0;
    case RouteKind::cyclic: return 1.0 / static_cast<double>(route.options.size());
    case RouteKind::probability: return (option + 1 == route.options.size() ? 1 : route.options[option].share) - before;
    case RouteKind::cases:
    case RouteKind::shortest:
    case RouteKind::fastest:
    case RouteKind::overflow: break;
  }
  return std::numeric_limits<double>::quiet_NaN();
}

void add_route(const Route& route, Index origin, Index port, std::vector<FlowEdge>& edges) {
  for (std::size_t k = 0; k < route.options.size(); ++k) {
    const RouteOption& option = route.options[k];
    if (option.target == none) continue;
    FlowEdge edge{origin, option.target, origin, port, static_cast<Index>(k), route.kind, share_of(route, k)};
    if (option.via != none) {
      edge.to = option.via;
      edges.push_back(edge);
      edge.from = option.via;
      edge.to = option.target;
    }
    edges.push_back(edge);
  }
}

// Stations that only carry lots which are bound elsewhere: their own routes are never used.
std::vector<bool> mere_transports(const Plant& plant) {
  std::vector<bool> via(plant.stations.size()), direct(plant.stations.size());
  const auto mark = [&](const Route& route) {
    for (const RouteOption& option : route.options) {
      if (option.via != none) via[option.via] = true;
      if (option.via == none && option.target != none && !plant.is_sink(option.target)) direct[option.target] = true;
    }
  };
  for (const Station& station : plant.stations) std::for_each(station.routes.begin(), station.routes.end(), mark);
  for (const Source& source : plant.sources) mark(source.route);
  for (const InitialLots& initial : plant.initial) direct[initial.station] = true;
  for (std::size_t i = 0; i < via.size(); ++i) via[i] = via[i] && !direct[i];
  return via;
}

// A step that is done comes back to the station that keeps its lot and is no new lot there; the way back is not drawn either.
void remove_returns(const Plant& plant, std::vector<FlowEdge>& edges) {
  const auto returns = [&](const FlowEdge& edge) {
    if (plant.is_sink(edge.to) || plant.stations[edge.to].special != Special::plan || edge.origin >= plant.n_stations()) return false;
    const std::vector<RouteOption>& steps = plant.stations[edge.to].routes[1].options;
    return std::any_of(steps.begin(), steps.end(), [&](const RouteOption& option) { return option.target == edge.origin; });
  };
  std::erase_if(edges, returns);
}

Digraph digraph_of(const ProcessGraph& graph) {
  Digraph g(graph.n_nodes());
  for (const FlowEdge& edge : graph.edges) boost::add_edge(edge.from, edge.to, g);
  return g;
}

class Checker {
 public:
  Checker(const Plant& plant, Problems& problems)
      : plant_(plant), problems_(problems), graph_(process_graph(plant)), digraph_(digraph_of(graph_)) {
    std::vector<Index> sources, initial;
    for (Index s = 0; s < graph_.n_sources; ++s) sources.push_back(graph_.source_node(s));
    for (const InitialLots& lots : plant.initial) initial.push_back(lots.station);
    fed_ = reached_from(graph_, sources);
    seeded_ = reached_from(graph_, initial);
  }

  void unreachable() {
    for (Index i = 0; i < graph_.n_stations; ++i)
      if (!fed_[i] && !seeded_[i])
        problems_.error(Code::unreachable, plant_.stations[i].place, path(i),
                        fmt::format("nothing ever reaches {}: no source and no initial lot leads there", plant_.stations[i].name),
                        "name it in the `to` of the station or source before it, or remove it");
  }

  void cycles() {
    Digraph tight(graph_.n_stations);
    for (const FlowEdge& edge : graph_.edges)
      if (has_no_places(edge.from) && has_no_places(edge.to)) boost::add_edge(edge.from, edge.to, tight);
    for (const std::vector<Index>& group : components(tight)) {
      const std::vector<Index> circle = circle_through(tight, group.front());
      if (circle.empty() || is_roomy_loop(circle)) continue;
      std::string names = plant_.stations[circle.back()].name;
      for (Index i : circle) names += " -> " + plant_.stations[i].name;
      const Index at = circle.back();
      problems_.warning(
          Code::cycle, plant_.stations[at].place, path(at),
          fmt::format("a cycle without a buffer: {}; when all are full, each waits for the next and none can move", names),
          fmt::format("give one of them room, for instance {}.buffer: 10", path(at)));
    }
  }

  void dead_ends() {
    for (const std::vector<Index>& group : components(digraph_)) {
      std::string names;
      bool leaves = false, fed = false;
      for (Index i : group) {
        if (!graph_.is_station(i)) leaves = true;
        if (leaves) break;
        const Station& station = plant_.stations[i];
        leaves = out_degree(i, digraph_) == 0 || station.special == Special::lap || leads_out(i, group);
        fed = fed || fed_[i];
        names += (names.empty() ? "" : ", ") + station.name;
      }
      if (leaves || !fed) continue;
      const Index at = group.front();
      problems_.warning(Code::route, plant_.stations[at].place, path(at),
                        fmt::format("what enters {} never leaves the plant", names), "let a route of it lead to a sink");
    }
  }

 private:
  std::string path(Index station) const { return "stations." + plant_.stations[station].name; }

  bool has_no_places(Index node) const {
    return graph_.is_station(node) && !plant_.stations[node].unlimited_servers && plant_.stations[node].buffer_places == 0;
  }

  static std::vector<std::vector<Index>> components(const Digraph& g) {
    if (num_vertices(g) == 0) return {};
    std::vector<std::size_t> component(num_vertices(g));
    const std::size_t n =
        boost::strong_components(g, boost::make_iterator_property_map(component.begin(), get(boost::vertex_index, g)));
    std::vector<std::vector<Index>> groups(n);
    for (std::size_t v = 0; v < component.size(); ++v) groups[component[v]].push_back(static_cast<Index>(v));
    std::sort(groups.begin(), groups.end());  // by their first nodes
    return groups;
  }

  // A shortest way from a node back to itself, which comes last; empty if there is none.
  static std::vector<Index> circle_through(const Digraph& g, Index start) {
    std::vector<Index> before(num_vertices(g), none), queue{start};
    for (std::size_t k = 0; k < queue.size(); ++k) {
      for (auto [edge, end] = out_edges(queue[k], g); edge != end; ++edge) {
        const auto next = static_cast<Index>(target(*edge, g));
        if (before[next] != none) continue;
        before[next] = queue[k];
        queue.push_back(next);
        if (next != start) continue;
        std::vector<Index> circle{start};
        for (Index v = before[start]; v != start; v = before[v]) circle.push_back(v);
        std::reverse(circle.begin(), circle.end());
        return circle;
      }
    }
    return {};
  }

  bool is_roomy_loop(const std::vector<Index>& circle) const {
    if (fed_[circle.front()]) return false;
    std::uint64_t carriers = 0, places = 0;
    for (const InitialLots& lots : plant_.initial)
      if (reached_from(graph_, {lots.station})[circle.front()]) carriers += lots.count;
    for (Index i : circle) {
      const Station& station = plant_.stations[i];
      places += std::uint64_t{station.servers} * (station.batch.rule == BatchRule::count ? station.batch.count : 1);
    }
    return carriers < places;
  }

  bool leads_out(Index node, const std::vector<Index>& group) const {
    const auto [begin, end] = out_edges(node, digraph_);
    return std::any_of(begin, end, [&](const auto& edge) {
      return !std::binary_search(group.begin(), group.end(), static_cast<Index>(target(edge, digraph_)));
    });
  }

  const Plant& plant_;
  Problems& problems_;
  ProcessGraph graph_;
  Digraph digraph_;
  std::vector<bool> fed_, seeded_;  // from a source, from initial lots
};

}  // namespace

ProcessGraph process_graph(const Plant& plant) {
  ProcessGraph graph;
  graph.n_stations = plant.n_stations();
  graph.n_sinks = static_cast<Index>(plant.sinks.size());
  graph.n_sources = static_cast<Index>(plant.sources.size());
  const std::vector<bool> passed_through = mere_transports(plant);
  for (Index i = 0; i < graph.n_stations; ++i) {
    if (passed_through[i]) continue;
    const std::vector<Route>& routes = plant.stations[i].routes;
    for (std::size_t port = 0; port < routes.size(); ++port) add_route(routes[port], i, static_cast<Index>(port), graph.edges);
  }
  for (Index s = 0; s < graph.n_sources; ++s) add_route(plant.sources[s].route, graph.source_node(s), 0, graph.edges);
  remove_returns(plant, graph.edges);
  return graph;
}

std::vector<bool> reached_from(const ProcessGraph& graph, const std::vector<Index>& roots) {
  const Digraph g = digraph_of(graph);
  std::vector<boost::default_color_type> color(graph.n_nodes(), boost::white_color);
  const auto colors = boost::make_iterator_property_map(color.begin(), get(boost::vertex_index, g));
  for (Index root : roots)
    if (color[root] == boost::white_color) boost::depth_first_visit(g, root, boost::default_dfs_visitor(), colors);
  std::vector<bool> reached(color.size());
  std::transform(color.begin(), color.end(), reached.begin(), [](auto c) { return c != boost::white_color; });
  return reached;
}

const std::string& graph_node_name(const Plant& plant, Index node) {
  const std::size_t sources_from = plant.stations.size() + plant.sinks.size();
  return node < sources_from ? plant.node_name(node) : plant.sources[node - sources_from].name;
}

void check_graph(const Plant& plant, Problems& problems) {
  Checker checker(plant, problems);
  checker.unreachable();
  checker.cycles();
  checker.dead_ends();
}

}  // namespace retwin

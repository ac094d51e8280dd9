// Cycles by strongly connected components.
#include "core/graph/cycles.hpp"

#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/strong_components.hpp>

namespace retwin {

std::vector<bool> on_cycle(std::size_t n, const std::vector<std::pair<std::size_t, std::size_t>>& edges) {
  std::vector<bool> result(n, false);
  if (n == 0) return result;
  boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS> graph(n);
  for (const auto& [from, to] : edges) {
    boost::add_edge(from, to, graph);
    if (from == to) result[from] = true;
  }
  std::vector<std::size_t> component(n), size(n, 0);
  boost::strong_components(graph, boost::make_iterator_property_map(component.begin(), get(boost::vertex_index, graph)));
  for (std::size_t c : component) ++size[c];
  for (std::size_t v = 0; v < n; ++v)
    if (size[component[v]] > 1) result[v] = true;
  return result;
}

}  // namespace retwin

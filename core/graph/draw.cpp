// Graphviz text of the process graph.
#include "core/graph/drawing.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/base/text.hpp"

namespace retwin {
namespace {

/// Fill by utilisation: five classes of ColorBrewer's "Oranges" (Brewer & Harrower, colorbrewer2.org), darker in grey, too.
struct Shade {
  double below;
  const char *fill, *font;
};
constexpr Shade shades[] = {{0.2, "#feedde", "black"},
                            {0.5, "#fdbe85", "black"},
                            {0.75, "#fd8d3c", "black"},
                            {0.9, "#e6550d", "black"},
                            {1e300, "#a63603", "white"}};

double at(const std::vector<double>& values, std::size_t k) {
  return k < values.size() ? values[k] : std::numeric_limits<double>::quiet_NaN();
}

std::string per_hour(double per_s) {
  const double rate = per_s * 3600;
  return rate < 100 ? fmt::format("{:.3g}/h", rate) : fmt::format("{:.0f}/h", rate);
}

class Drawing {
 public:
  Drawing(const Plant& plant, const ProcessGraph& graph, const DrawnFigures& figures)
      : plant_(plant), graph_(graph), figures_(figures) {
    is_transport_.resize(graph.n_stations);
    for (const FlowEdge& edge : graph.edges)
      if (edge.from != edge.origin) is_transport_[edge.from] = true;
  }

  Drawn drawn() {
    for (Index s = 0; s < graph_.n_sources; ++s) node(graph_.source_node(s), "shape=house, orientation=270", {plant_.sources[s].name});
    for (Index i = 0; i < graph_.n_stations; ++i) station(i);
    for (Index k = 0; k < graph_.n_sinks; ++k) {
      const Sink& sink = plant_.sinks[k];
      if (sink.tank != none) node(graph_.n_stations + k, "shape=cylinder", {sink.name, "tank"});
      else node(graph_.n_stations + k, "shape=ellipse", {sink.name, sink.role == sink.name ? "" : sink.role});
    }
    ways();
    for (const Tank& tank : plant_.tanks) {
      const Index from = graph_.n_stations + tank.sink;
      for (const Index station : tank.drawn_by) drawn_.ways.push_back({from, station, {}, true});
      if (tank.to != none) drawn_.ways.push_back({from, graph_.n_stations + tank.to, tank.bleed > 0 ? fmt::format("{:.3g} %", tank.bleed * 100) : "", false});
    }
    return std::move(drawn_);
  }

 private:
  void node(Index id, const std::string& attributes, const std::vector<std::string>& lines, const std::string& group = {}) {
    std::string label;
    for (const std::string& line : lines)
      if (!line.empty()) label += (label.empty() ? "" : "\\n") + dot_text(line);
    drawn_.nodes.push_back({id, fmt::format("{}, label=\"{}\"", attributes, label), group});
  }

  void station(Index i) {
    const Station& s = plant_.stations[i];
    std::string attributes = is_transport_[i] ? "shape=box, style=\"rounded,filled\"" : "shape=box";
    std::vector<std::string> lines{s.name};
    std::string kind = s.unit;
    if (!s.unlimited_servers && s.servers != 1) kind += fmt::format("{}{} servers", kind.empty() ? "" : ", ", s.servers);
    lines.push_back(kind);
    std::set<std::string> drawn, awaited;
    for (const WorkPhase& phase : s.phases) {
      for (const Draw& draw : phase.draws) drawn.insert((draw.gives() ? "gives " : "") + plant_.utilities[draw.utility].name);
      if (phase.task != none) awaited.insert(plant_.digital.tasks[phase.task].name);
    }
    if (!drawn.empty()) lines.push_back(fmt::format("draws {}", fmt::join(drawn, ", ")));
    if (!awaited.empty()) lines.push_back(fmt::format("waits for {}", fmt::join(awaited, ", ")));
    const double utilisation = at(figures_.utilisation, i), wip = at(figures_.wip, i);
    if (std::isfinite(utilisation)) {
      const Shade& shade =
          *std::find_if(std::begin(shades), std::end(shades) - 1, [&](const Shade& x) { return utilisation < x.below; });
      attributes += fmt::format(", fillcolor=\"{}\", fontcolor={}", shade.fill, shade.font);
      lines.push_back(fmt::format("{:.0f} % used", utilisation * 100));
    }
    if (std::isfinite(wip)) lines.push_back(fmt::format("{:.1f} lots", wip));
    if (figures_.bottleneck == i) {
      attributes += ", peripheries=2, penwidth=3";
      lines.emplace_back("bottleneck");
    }
    node(i, attributes, lines, s.group);
  }

  // What would be the same line is drawn once; branches of a port that lead to one target add up, as do, behind a transport, the rates
  // of all who use it.
  void ways() {
    struct Way {
      std::vector<std::string> labels;
      double rate = 0;
    };
    std::map<std::pair<Index, Index>, Way> ways;
    for (std::size_t e = 0; e < graph_.edges.size(); ++e) {
      const FlowEdge& edge = graph_.edges[e];
      Way& way = ways[{edge.from, edge.to}];
      if (edge.from != edge.origin) {
        way.rate += at(figures_.edge_rate, e);
        continue;
      }
      const auto same = [&](const FlowEdge& other) {
        return other.from == edge.from && other.to == edge.to && other.origin == edge.origin && other.port == edge.port;
      };
      if (std::any_of(graph_.edges.begin(), graph_.edges.begin() + static_cast<std::ptrdiff_t>(e), same)) continue;
      std::vector<std::size_t> branches;
      for (std::size_t k = e; k < graph_.edges.size(); ++k)
        if (same(graph_.edges[k])) branches.push_back(k);
      if (const std::string label = edge_label(branches); !label.empty()) way.labels.push_back(label);
    }
    for (auto& [ends, way] : ways) {
      if (way.rate > 0) way.labels.push_back(per_hour(way.rate));
      std::string label;
      for (const std::string& line : way.labels) label += (label.empty() ? "" : "\\n") + dot_text(line);
      drawn_.ways.push_back({ends.first, ends.second, label, false});
    }
  }

  std::string edge_label(const std::vector<std::size_t>& branches) const {
    const FlowEdge& edge = graph_.edges[branches.front()];
    double share = 0, rate = 0;
    std::string choices, label;
    for (const std::size_t e : branches) {
      const std::string choice = choice_name(graph_.edges[e]);
      if (choices.find(choice) == std::string::npos) choices += (choices.empty() ? "" : " or ") + choice;
      share += graph_.edges[e].share;
      rate += at(figures_.edge_rate, e);
    }
    const auto add = [&](const std::string& part) { label += (label.empty() || part.empty() ? "" : " ") + part; };
    if (graph_.is_station(edge.origin) && plant_.stations[edge.origin].ports.size() > 1)
      add(plant_.stations[edge.origin].ports[edge.port].name);
    if (std::isnan(share)) {
      add(choices);
    } else if (share < 1 - 1e-12) {
      add(fmt::format("{:.3g} %", share * 100));
    }
    if (std::isfinite(rate)) add(per_hour(rate));
    return label;
  }

  std::string choice_name(const FlowEdge& edge) const {
    switch (edge.kind) {
      case RouteKind::cases: {
        const Route& route = graph_.is_source(edge.origin) ? plant_.sources[graph_.source(edge.origin)].route
                                                           : plant_.stations[edge.origin].routes[edge.port];
        const auto& when = route.options[edge.option].when;
        return when ? when->text() : "otherwise";
      }
      case RouteKind::shortest: return "shortest";
      case RouteKind::fastest: return "fastest";
      case RouteKind::overflow: return edge.option == 0 ? "first" : "overflow";
      case RouteKind::single:
      case RouteKind::probability:
      case RouteKind::cyclic: break;
    }
    return "";
  }

  const Plant& plant_;
  const ProcessGraph& graph_;
  const DrawnFigures& figures_;
  std::vector<bool> is_transport_;
  Drawn drawn_;
};

}  // namespace

DrawnFigures figures_of(const Capacity& capacity) {
  DrawnFigures figures;
  for (const StationCapacity& s : capacity.stations) figures.utilisation.push_back(s.utilisation);
  figures.edge_rate = capacity.edge_rate;
  figures.bottleneck = capacity.bottleneck_station;
  return figures;
}

// A backslash would begin one of Graphviz's own escapes, an ampersand one of its characters.
std::string dot_text(std::string_view text) {
  std::string out;
  for (char c : printable(text)) {
    if (c == '"' || c == '\\') (out += '\\') += c;
    else if (c == '\n') out += "\\n";
    else if (c == '&') out += "&amp;";
    else out += c;
  }
  return out;
}

Drawn drawn(const Plant& plant, const ProcessGraph& graph, const DrawnFigures& figures) { return Drawing(plant, graph, figures).drawn(); }

std::string draw(const Plant& plant, const ProcessGraph& graph, const DrawnFigures& figures) {
  const Drawn all = drawn(plant, graph, figures);
  std::string out = fmt::format("digraph \"{}\" {{\n", dot_text(plant.name));
  out += "  rankdir=LR; labelloc=t; fontname=\"Helvetica\"; label=\"" + dot_text(plant.name) + "\";\n";
  out += "  node [fontname=\"Helvetica\", fontsize=11, style=filled, fillcolor=white];\n";
  out += "  edge [fontname=\"Helvetica\", fontsize=9];\n";
  std::map<std::string, std::string> groups;
  std::string loose;
  for (const DrawnNode& node : all.nodes)
    (node.group.empty() ? loose : groups[node.group]) += fmt::format("{}n{} [{}];\n", node.group.empty() ? "  " : "    ", node.id, node.attributes);
  std::size_t cluster = 0;
  out += loose;
  for (const auto& [group, text] : groups)
    out += fmt::format("  subgraph cluster_{} {{\n    label=\"{}\"; color=gray60; style=rounded;\n{}  }}\n", cluster++, dot_text(group), text);
  for (const DrawnWay& way : all.ways)
    out += fmt::format("  n{} -> n{}{};\n", way.from, way.to, way.dashed ? " [style=dashed]" : way.label.empty() ? "" : " [label=\"" + way.label + "\"]");
  return out + "}\n";
}

}  // namespace retwin

// Graphviz text of the process graph.
#include "core/graph/draw.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>

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

// Within double quotes; a backslash would begin one of Graphviz's own escapes, an ampersand one of its characters.
std::string escaped(std::string_view text) {
  std::string out;
  for (char c : printable(text)) {
    if (c == '"' || c == '\\') (out += '\\') += c;
    else if (c == '\n') out += "\\n";
    else if (c == '&') out += "&amp;";
    else out += c;
  }
  return out;
}

std::string per_hour(double per_s) {
  const double rate = per_s * 3600;
  return rate < 100 ? fmt::format("{:.3g}/h", rate) : fmt::format("{:.0f}/h", rate);
}

class Drawing {
 public:
  Drawing(const Plant& plant, const ProcessGraph& graph, const Figures& figures)
      : plant_(plant), graph_(graph), figures_(figures) {
    is_transport_.resize(graph.n_stations);
    for (const FlowEdge& edge : graph.edges)
      if (edge.from != edge.origin) is_transport_[edge.from] = true;
  }

  std::string text() {
    out_ = fmt::format("digraph \"{}\" {{\n", escaped(plant_.name));
    out_ += "  rankdir=LR; labelloc=t; fontname=\"Helvetica\"; label=\"" + escaped(plant_.name) + "\";\n";
    out_ += "  node [fontname=\"Helvetica\", fontsize=11, style=filled, fillcolor=white];\n";
    out_ += "  edge [fontname=\"Helvetica\", fontsize=9];\n";
    for (Index s = 0; s < graph_.n_sources; ++s)
      node(graph_.source_node(s), "shape=house, orientation=270", {plant_.sources[s].name}, "  ");
    stations();
    for (Index k = 0; k < graph_.n_sinks; ++k) {
      const Sink& sink = plant_.sinks[k];
      if (sink.tank != none) node(graph_.n_stations + k, "shape=cylinder", {sink.name, "tank"}, "  ");
      else node(graph_.n_stations + k, "shape=ellipse", {sink.name, sink.role == sink.name ? "" : sink.role}, "  ");
    }
    edges();
    for (const Tank& tank : plant_.tanks) {
      const std::string from = fmt::format("  n{} -> n", graph_.n_stations + tank.sink);
      for (const Index station : tank.drawn_by) out_ += fmt::format("{}{} [style=dashed];\n", from, station);
      if (tank.to != none) out_ += fmt::format("{}{} [label=\"{}\"];\n", from, graph_.n_stations + tank.to, tank.bleed > 0 ? fmt::format("{:.3g} %", tank.bleed * 100) : "");
    }
    return out_ + "}\n";
  }

 private:
  void node(Index id, const std::string& attributes, const std::vector<std::string>& lines, const char* indent) {
    std::string label;
    for (const std::string& line : lines)
      if (!line.empty()) label += (label.empty() ? "" : "\\n") + escaped(line);
    out_ += fmt::format("{}n{} [{}, label=\"{}\"];\n", indent, id, attributes, label);
  }

  void stations() {
    std::map<std::string, std::vector<Index>> groups;
    for (Index i = 0; i < graph_.n_stations; ++i) groups[plant_.stations[i].group].push_back(i);
    std::size_t cluster = 0;
    for (const auto& [group, members] : groups) {
      if (!group.empty())
        out_ +=
            fmt::format("  subgraph cluster_{} {{\n    label=\"{}\"; color=gray60; style=rounded;\n", cluster++, escaped(group));
      for (Index i : members) station(i, group.empty() ? "  " : "    ");
      if (!group.empty()) out_ += "  }\n";
    }
  }

  void station(Index i, const char* indent) {
    const Station& s = plant_.stations[i];
    std::string attributes = is_transport_[i] ? "shape=box, style=\"rounded,filled\"" : "shape=box";
    std::vector<std::string> lines{s.name};
    std::string kind = s.unit;
    if (!s.unlimited_servers && s.servers != 1) kind += fmt::format("{}{} servers", kind.empty() ? "" : ", ", s.servers);
    lines.push_back(kind);
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
    node(i, attributes, lines, indent);
  }

  // What would be the same line is drawn once; branches of a port that lead to one target add up, as do, behind a transport, the rates
  // of all who use it.
  void edges() {
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
      for (const std::string& line : way.labels) label += (label.empty() ? "" : "\\n") + escaped(line);
      out_ +=
          fmt::format("  n{} -> n{}{};\n", ends.first, ends.second, label.empty() ? "" : fmt::format(" [label=\"{}\"]", label));
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
  const Figures& figures_;
  std::vector<bool> is_transport_;
  std::string out_;
};

}  // namespace

Figures figures_of(const Capacity& capacity) {
  Figures figures;
  for (const StationCapacity& s : capacity.stations) figures.utilisation.push_back(s.utilisation);
  figures.edge_rate = capacity.edge_rate;
  figures.bottleneck = capacity.bottleneck_station;
  return figures;
}

std::string draw(const Plant& plant, const ProcessGraph& graph, const Figures& figures) {
  return Drawing(plant, graph, figures).text();
}

}  // namespace retwin

// Lanes by group, wrapped and stacked; the two steps of Graphviz stand between what is written and what is read here.
#include "core/graph/lanes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <map>

#include "core/base/files.hpp"
#include "core/base/text.hpp"

namespace retwin {
namespace {

constexpr double per_inch = 72, page_width = 1480, pad = 14, title = 20, gap = 14;
constexpr std::size_t most_for_ortho = 350;  // ways; routing takes a second for 300 and half a minute for a thousand; around nodes it may take minutes

/// The words of a line of Graphviz's plain form; quotes do not occur in those that are read.
std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  for (std::size_t at = 0; at < line.size();) {
    const std::size_t end = std::min(line.find(' ', at), line.size());
    if (end > at) words.push_back(line.substr(at, end - at));
    at = end + 1;
  }
  return words;
}
template <class Visit>
void each_line(std::string_view text, Visit visit) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    visit(words_of(text.substr(at, end - at)));
    at = end + 1;
  }
}
double points(std::string_view word) { return number_of(word).value_or(0) * per_inch; }
/// Beyond all nodes for what is none: a long label may be broken into lines that say anything.
Index node_of(std::string_view word) {
  const double number = word.empty() ? -1 : number_of(word.substr(1)).value_or(-1);
  return number >= 0 && number < 1e9 ? static_cast<Index>(number) : none;
}

}  // namespace

LaneDrawing::LaneDrawing(const Plant& plant, const ProcessGraph& graph, const DrawnFigures& figures) : title_(plant.name), drawn_(drawn(plant, graph, figures)) {
  number_.resize(graph.n_nodes());
  for (std::size_t k = 0; k < drawn_.nodes.size(); ++k) number_[drawn_.nodes[k].id] = k;
  spots_.resize(drawn_.nodes.size());
  assign_lanes();
}

/// Steps from the nodes that nothing leads to (or, in a closed loop, from the first).
std::vector<double> LaneDrawing::depths() const {
  std::vector<double> depth(drawn_.nodes.size(), -1);
  std::vector<std::vector<std::size_t>> next(depth.size());
  std::vector<bool> fed(depth.size());
  for (const DrawnWay& way : drawn_.ways)
    if (way.from != way.to && !way.dashed) {
      next[number_[way.from]].push_back(number_[way.to]);
      fed[number_[way.to]] = true;
    }
  std::deque<std::size_t> open;
  const auto reach = [&](std::size_t k, double at) {
    if (depth[k] >= 0) return;
    depth[k] = at;
    open.push_back(k);
  };
  for (std::size_t k = 0; k < depth.size(); ++k)
    if (!fed[k]) reach(k, 0);
  for (std::size_t k = 0; k <= depth.size(); ++k) {
    while (!open.empty()) {
      const std::size_t from = open.front();
      open.pop_front();
      for (const std::size_t to : next[from]) reach(to, depth[from] + 1);
    }
    if (k < depth.size()) reach(k, 0);
  }
  return depth;
}

/// Stations by group; what has none, sources and sinks, stands with most of its neighbours.
void LaneDrawing::assign_lanes() {
  std::map<std::string, std::size_t> by_group;
  const auto lane = [&](const std::string& group) {
    const auto [it, is_new] = by_group.try_emplace(group, lanes_.size());
    if (is_new) lanes_.emplace_back().group = group;
    return it->second;
  };
  constexpr std::size_t open = static_cast<std::size_t>(-1);
  lane_of_.assign(drawn_.nodes.size(), open);
  for (std::size_t k = 0; k < drawn_.nodes.size(); ++k)
    if (!drawn_.nodes[k].group.empty()) lane_of_[k] = lane(drawn_.nodes[k].group);
  for (bool changed = true; changed;) {
    changed = false;
    for (std::size_t k = 0; k < drawn_.nodes.size(); ++k) {
      if (lane_of_[k] != open) continue;
      std::map<std::size_t, int> votes;
      for (const DrawnWay& way : drawn_.ways) {
        const std::size_t from = number_[way.from], to = number_[way.to];
        if (to == k && lane_of_[from] != open) ++votes[lane_of_[from]];
        if (from == k && lane_of_[to] != open) ++votes[lane_of_[to]];
      }
      if (votes.empty()) continue;
      lane_of_[k] = std::max_element(votes.begin(), votes.end(), [](const auto& a, const auto& b) { return a.second < b.second; })->first;
      changed = true;
    }
  }
  for (std::size_t& k : lane_of_)
    if (k == open) k = lane({});
  const std::vector<double> depth = depths();
  for (std::size_t k = 0; k < drawn_.nodes.size(); ++k) {
    lanes_[lane_of_[k]].nodes.push_back(k);
    lanes_[lane_of_[k]].depth += depth[k];
  }
  for (Lane& one : lanes_) one.depth /= static_cast<double>(std::max<std::size_t>(1, one.nodes.size()));
  std::stable_sort(lanes_.begin(), lanes_.end(), [](const Lane& a, const Lane& b) { return a.depth < b.depth; });
  for (std::size_t l = 0; l < lanes_.size(); ++l)
    for (const std::size_t k : lanes_[l].nodes) lane_of_[k] = l;
}

std::string LaneDrawing::lanes() const {
  std::vector<std::string> texts(lanes_.size());
  for (std::size_t l = 0; l < lanes_.size(); ++l) {
    texts[l] = "digraph { rankdir=LR; nodesep=0.15; ranksep=0.35; nslimit=4; nslimit1=4; node [fontname=\"Helvetica\", fontsize=11];\n";
    for (const std::size_t k : lanes_[l].nodes) texts[l] += fmt::format("n{} [{}];\n", drawn_.nodes[k].id, drawn_.nodes[k].attributes);
  }
  for (const DrawnWay& way : drawn_.ways)
    if (const std::size_t l = lane_of_[number_[way.from]]; way.from != way.to && l == lane_of_[number_[way.to]]) texts[l] += fmt::format("n{} -> n{};\n", way.from, way.to);
  std::string all;
  for (const std::string& text : texts) all += text + "}\n";
  return all;
}

/// Cuts a lane that is too wide into rows. @return how wide it is now
double LaneDrawing::wrap(Lane& lane, double width, double height) {
  const double most = page_width - 2 * pad;
  double widest = 0;
  std::size_t rows = 1;
  for (const std::size_t k : lane.nodes) {
    Spot& at = spots_[k];
    const double left = at.x - at.width / 2;
    const std::size_t row = width <= most ? 0 : static_cast<std::size_t>(std::max(0.0, left) / most);
    at.x -= static_cast<double>(row) * most;
    at.y += static_cast<double>(row) * (height + gap);
    widest = std::max(widest, at.x + at.width / 2);
    rows = std::max(rows, row + 1);
  }
  lane.box.height = static_cast<double>(rows) * (height + gap) - gap + 2 * pad + title;
  return widest;
}

void LaneDrawing::place(std::string_view plain) {
  std::size_t l = 0;
  double width = 0, height = 0, x = 0, y = 0, row_height = 0;
  each_line(plain, [&](const std::vector<std::string_view>& words) {
    if (words.empty() || l >= lanes_.size()) return;
    if (words[0] == "graph" && words.size() >= 4) {
      width = points(words[2]);
      height = points(words[3]);
    } else if (words[0] == "node" && words.size() >= 6) {
      const Index id = node_of(words[1]);
      if (id < number_.size()) spots_[number_[id]] = {points(words[2]), height - points(words[3]), points(words[4]), points(words[5])};
    } else if (words[0] == "stop") {
      Lane& lane = lanes_[l++];
      lane.box.width = wrap(lane, width, height) + 2 * pad;
      if (x > 0 && x + lane.box.width > page_width) {
        x = 0;
        y += row_height + gap;
        row_height = 0;
      }
      lane.box.x = x;
      lane.box.y = y;
      for (const std::size_t k : lane.nodes) {
        spots_[k].x += x + pad;
        spots_[k].y += y + pad + title;
      }
      x += lane.box.width + gap;
      row_height = std::max(row_height, lane.box.height);
    }
  });
  height_ = y + row_height;
}

std::string LaneDrawing::splines() const { return drawn_.ways.size() <= most_for_ortho ? "ortho" : "line"; }

void LaneDrawing::nudge() {
  for (std::size_t k = 0; k < spots_.size(); ++k) {
    spots_[k].x += 0.37 * static_cast<double>(k % 7);
    spots_[k].y += 0.41 * static_cast<double>(k % 5);
  }
}

std::string LaneDrawing::placed(const std::string& splines) const {
  std::string out = fmt::format("digraph \"{}\" {{\n  splines={}; outputorder=edgesfirst; fontname=\"Helvetica\"; fontsize=12; pad=0.1;\n", dot_text(title_), splines);
  out += "  node [fontname=\"Helvetica\", fontsize=11, style=filled, fillcolor=white];\n  edge [color=\"#5c6773\", arrowsize=0.6];\n";
  for (std::size_t l = 0; l < lanes_.size(); ++l) {
    const Lane& lane = lanes_[l];
    const Spot& b = lane.box;
    const bool framed = !lane.group.empty();
    if (framed)
      out += fmt::format("  subgraph cluster_{} {{\n    label=\"{}\"; labeljust=l; color=gray60; style=rounded; bb=\"{:.1f},{:.1f},{:.1f},{:.1f}\"; lp=\"{:.1f},{:.1f}\";\n",
                         l, dot_text(lane.group), b.x, height_ - b.y - b.height, b.x + b.width, height_ - b.y, b.x + 10 + 3.4 * static_cast<double>(lane.group.size()),
                         height_ - b.y - title / 2);
    for (const std::size_t k : lane.nodes)
      out += fmt::format("    n{} [{}, pos=\"{:.2f},{:.2f}\"];\n", drawn_.nodes[k].id, drawn_.nodes[k].attributes, spots_[k].x, height_ - spots_[k].y);
    if (framed) out += "  }\n";
  }
  for (const DrawnWay& way : drawn_.ways)
    out += fmt::format("  n{} -> n{} [{}edgetooltip=\"{}\"];\n", way.from, way.to, way.dashed ? "style=dashed, " : "", way.label);
  return out + "}\n";
}

MapLayout LaneDrawing::layout(std::string_view plain) const {
  MapLayout out;
  double height = 0, dx = 0, dy = 0;  // the program moves all to the origin
  bool known = false;
  each_line(plain, [&](const std::vector<std::string_view>& words) {
    if (words.empty()) return;
    if (words[0] == "graph" && words.size() >= 4) height = points(words[3]);
    if (words[0] == "node" && words.size() >= 4 && !known && node_of(words[1]) < number_.size()) {
      const Spot& at = spots_[number_[node_of(words[1])]];
      dx = at.x - points(words[2]);
      dy = at.y - (height - points(words[3]));
      known = true;
    }
    if (words[0] != "edge" || words.size() < 4) return;
    MapLayout::Path path{node_of(words[1]), node_of(words[2]), {}};
    if (path.from >= number_.size() || path.to >= number_.size()) return;
    const double n = number_of(words[3]).value_or(0);
    for (std::size_t k = 0; static_cast<double>(k) < n && 5 + 2 * k < words.size(); ++k) {
      path.xy.push_back(points(words[4 + 2 * k]) + dx);
      path.xy.push_back(height - points(words[5 + 2 * k]) + dy);
    }
    if (path.xy.size() >= 8) out.paths.push_back(std::move(path));
  });
  for (std::size_t k = 0; k < spots_.size(); ++k) out.boxes.push_back({drawn_.nodes[k].id, spots_[k].x, spots_[k].y, spots_[k].width, spots_[k].height});
  for (const Lane& lane : lanes_) {
    out.lanes.push_back({lane.group, lane.box.x, lane.box.y, lane.box.width, lane.box.height});
    out.width = std::max(out.width, lane.box.x + lane.box.width);
  }
  out.height = height_;
  return out;
}

}  // namespace retwin

// The drawing that fits a page: lanes by group in the order of the flow, wrapped where they are too wide; what Graphviz says is read.
#include "core/graph/lanes.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "tests/laws/plants.hpp"

namespace retwin::lanes_test {
using namespace plants;

namespace {

const char* three = "run: {duration: 1 h, terminating: true}\nsources: {in: {every: 1 min, to: a}}\n"
                    "stations: {a: {duration: 1 s, group: first, to: b}, b: {duration: 1 s, group: second, to: c}, c: {duration: 1 s, group: second, to: done}}\nsinks: [done]\n";

/// As `dot -Tplain` would say it: nodes one after another, an inch apart.
std::string plain_of(const std::string& lanes, double apart) {
  std::string out;
  for (std::size_t at = lanes.find("digraph"); at != std::string::npos;) {
    const std::size_t end = lanes.find("digraph", at + 1);
    const std::string one = lanes.substr(at, end == std::string::npos ? std::string::npos : end - at);
    std::string nodes;
    double x = 0.5;
    for (std::size_t n = one.find("\nn"); n != std::string::npos; n = one.find("\nn", n + 1)) {
      const std::string id = one.substr(n + 1, one.find(' ', n) - n - 1);
      if (one.compare(n + 1 + id.size(), 3, " ->") == 0) continue;
      nodes += "node " + id + " " + std::to_string(x) + " 0.5 0.8 0.4 label solid box black white\n";
      x += apart;
    }
    out += "graph 1 " + std::to_string(x) + " 1\n" + nodes + "stop\n";
    at = end;
  }
  return out;
}

}  // namespace

TEST_CASE("lanes follow the flow; sources and sinks stand with their neighbours") {
  const Scenario scenario = compile(three);
  const ProcessGraph graph = process_graph(*scenario.plant);
  LaneDrawing drawing(*scenario.plant, graph, {});
  CHECK(drawing.lanes().find("n1 -> n2;") != std::string::npos);  // within a lane
  CHECK(drawing.lanes().find("n0 -> n1;") == std::string::npos);  // between two
  drawing.place(plain_of(drawing.lanes(), 1));
  const MapLayout layout = drawing.layout("graph 1 10 10\nnode n0 0 0 1 1 label solid box black white\nedge n0 n1 4 0 0 1 1 2 2 3 3 solid black\nedge n9 n1 4 0 0 1 1 2 2 3 3\nedge n0 n1 99 1 1\nnode nonsense\nstop\n");
  REQUIRE(layout.lanes.size() == 2);
  CHECK(layout.lanes[0].group == "first");
  CHECK(layout.lanes[1].group == "second");
  CHECK(layout.lanes[0].x < layout.lanes[1].x);  // they fit side by side
  CHECK(layout.lanes[0].y == layout.lanes[1].y);
  REQUIRE(layout.boxes.size() == 5);
  const auto inside = [&](Index node, const MapLayout::Lane& lane) {
    const auto box = std::find_if(layout.boxes.begin(), layout.boxes.end(), [&](const MapLayout::Box& b) { return b.node == node; });
    return box->x > lane.x && box->x < lane.x + lane.width && box->y > lane.y && box->y < lane.y + lane.height;
  };
  CHECK(inside(0, layout.lanes[0]));
  CHECK(inside(graph.source_node(0), layout.lanes[0]));
  CHECK(inside(1, layout.lanes[1]));
  CHECK(inside(3, layout.lanes[1]));  // the sink
  REQUIRE(layout.paths.size() == 1);  // of nodes that there are, with all their points
  CHECK(layout.paths[0].xy.size() == 8);
}

TEST_CASE("what is too wide is wrapped, and nothing stands on anything else") {
  std::string text = "run: {duration: 1 h, terminating: true}\nsources: {in: {every: 1 min, to: s0}}\nsinks: [done]\nstations:\n";
  for (int k = 0; k < 60; ++k) text += "  s" + std::to_string(k) + ": {duration: 1 s, to: " + (k == 59 ? "done" : "s" + std::to_string(k + 1)) + "}\n";
  const Scenario scenario = compile(text);
  LaneDrawing drawing(*scenario.plant, process_graph(*scenario.plant), {});
  drawing.place(plain_of(drawing.lanes(), 1));
  const MapLayout layout = drawing.layout("");
  CHECK(layout.width < 1700);
  CHECK(layout.height > 3 * 72);
  for (const MapLayout::Box& a : layout.boxes)
    for (const MapLayout::Box& b : layout.boxes)
      CHECK((a.node == b.node || std::abs(a.x - b.x) >= (a.width + b.width) / 2 || std::abs(a.y - b.y) >= (a.height + b.height) / 2));
  CHECK(drawing.placed("ortho").find("pos=\"") != std::string::npos);
}

TEST_CASE("a hostile name moves nothing") {
  const Scenario scenario = compile("run: {duration: 1 h, terminating: true}\nsources: {in: {every: 1 min, to: '\"];n0'}}\nstations: {'\"];n0': {duration: 1 s, to: done}}\nsinks: [done]\n");
  LaneDrawing drawing(*scenario.plant, process_graph(*scenario.plant), {});
  CHECK(drawing.lanes().find("\\\"];n0") != std::string::npos);
}

}  // namespace retwin::lanes_test

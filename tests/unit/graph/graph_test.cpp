// The process graph: what it reports, and how it is drawn.
#include <doctest/doctest.h>

#include "core/graph/cycles.hpp"
#include "core/graph/draw.hpp"
#include "core/graph/edge_counter.hpp"
#include "tests/unit/graph_plants.hpp"

namespace retwin::graph_test {
using namespace graphs;


// --- the graph and its checks ------------------------------------------------------------------------------------------------

TEST_CASE("graph: edges and shares of every kind of route") {
  Builder b;
  b.station("a", 1, {route(RouteKind::probability, {to(1, 0.2), to(2, 0.7), to(3, 1)}), straight(3)});
  b.station("b", 1, {route(RouteKind::cyclic, {to(2), to(3)})});
  b.station("c", 1, {route(RouteKind::shortest, {to(3), to(1)})});
  b.sink("out");
  b.source("feed", 1, straight(0));
  b.finish();
  const ProcessGraph g = process_graph(b.plant);
  REQUIRE(g.edges.size() == 9);
  CHECK(g.edges[0].share == 0.2);
  CHECK(g.edges[1].share == doctest::Approx(0.5));
  CHECK(g.edges[2].share == doctest::Approx(0.3));
  CHECK(g.edges[3].port == 1);
  CHECK(g.edges[3].share == 1);
  CHECK(g.edges[4].share == 0.5);
  CHECK(std::isnan(g.edges[6].share));
  CHECK(g.edges[8].from == g.source_node(0));
  CHECK(graph_node_name(b.plant, g.source_node(0)) == "feed");
  CHECK(graph_node_name(b.plant, 3) == "out");
}

TEST_CASE("graph: a transport gives two edges and its own route is not used") {
  Builder b;
  b.station("a", 1, {route(RouteKind::single, {to(1, 0, 2)})});
  b.station("b", 1, {straight(3)});
  b.station("belt", 1, {straight(0)});
  b.sink("out");
  b.source("feed", 1, straight(0));
  const Problems problems = b.problems();
  CHECK(problems.all().empty());
  const ProcessGraph g = process_graph(b.plant);
  REQUIRE(g.edges.size() == 4);
  CHECK(g.edges[0].to == 2);
  CHECK(g.edges[1].from == 2);
  CHECK(g.edges[1].to == 1);
  CHECK(g.edges[1].origin == 0);
  const Capacity c = b.capacity();
  CHECK(c.stations[2].visits == doctest::Approx(1));
  CHECK(c.stations[1].visits == doctest::Approx(1));
}

TEST_CASE("graph: unreachable stations, and those that initial lots reach") {
  Builder b = split_plant(1);
  b.station("lonely", 1, {straight(4)});
  b.station("behind", 1, {straight(3)});
  for (Station& s : b.plant.stations)
    for (Route& r : s.routes) r.options.back().target = 5;  // the sink has moved up by two
  b.plant.stations[0].routes[0].options = {to(1, 0.6), to(2, 1)};
  b.plant.stations[3].routes[0] = straight(4);
  const Problems problems = b.problems();
  REQUIRE(count(problems, Code::unreachable) == 2);
  CHECK(problems.all()[0].path == "stations.lonely");
  CHECK(problems.all()[0].place.line == 13);
  CHECK(problems.all()[0].severity == Severity::error);
  b.initial(3, 1);
  CHECK(b.problems().all().empty());
}

TEST_CASE("graph: only a cycle without a buffer is reported, as a warning") {
  const Problems bare = circle(0, 0).problems();
  REQUIRE(count(bare, Code::cycle) == 1);
  CHECK(bare.all()[0].message.find("a -> b -> a") != std::string::npos);
  CHECK(bare.all()[0].hint.find("stations.a.buffer") != std::string::npos);
  CHECK_FALSE(bare.any_errors());  // whether it ever locks itself up, the run decides
  CHECK(circle(0, 1).problems().all().empty());
  CHECK(circle(unlimited, 0).problems().all().empty());
  Builder belt = circle(0, 0);
  belt.plant.stations[1].unlimited_servers = true;
  CHECK(belt.problems().all().empty());
}

TEST_CASE("graph: a cycle inside a larger one, a loop to itself, a saturated source or not") {
  Builder b;  // a (buffered) -> b -> c -> b or a
  b.station("a", 1, {straight(1)});
  b.station("b", 1, {straight(2)}).buffer_places = 0;
  b.station("c", 1, {route(RouteKind::probability, {to(0, 0.1), to(1, 0.2), to(3, 1)})}).buffer_places = 0;
  b.sink("out");
  b.source("feed", 0.1, straight(0));
  const Problems inner = b.problems();
  REQUIRE(count(inner, Code::cycle) == 1);
  CHECK(inner.all()[0].path == "stations.b");

  Builder self;
  self.station("rework", 1, {route(RouteKind::probability, {to(0, 0.1), to(1, 1)})}).buffer_places = 0;
  self.sink("out");
  self.source("feed", 0.1, straight(0));
  CHECK(count(self.problems(), Code::cycle) == 1);
  self.plant.stations[0].buffer_places = 3;
  CHECK(self.problems().all().empty());
  self.plant.stations[0].buffer_places = unlimited;
  CHECK(self.problems().all().empty());
  self.plant.sources[0].arrivals = Arrivals::saturated;  // the buffer stays what it is for what comes back
  CHECK(self.problems().all().empty());
}

TEST_CASE("graph: a closed loop is fine until its carriers fill it") {
  CHECK(pallets(3).problems().all().empty());
  CHECK(count(pallets(4).problems(), Code::cycle) == 1);
}

TEST_CASE("graph: where lots never leave") {
  Builder b = split_plant(1);
  b.plant.stations[2].routes[0] = straight(2);
  const Problems trap = b.problems();
  REQUIRE(trap.all().size() == 1);
  CHECK(trap.all()[0].code == Code::route);
  CHECK(trap.all()[0].severity == Severity::warning);
  CHECK(trap.all()[0].path == "stations.swift");
  CHECK(!trap.any_errors());
  CHECK(split_plant(1).problems().all().empty());
}

TEST_CASE("cycles: stations that may be visited again") {
  CHECK(on_cycle(4, {{0, 1}, {1, 2}, {2, 1}, {3, 3}}) == std::vector<bool>{false, true, true, true});
  CHECK(on_cycle(0, {}).empty());
}


// --- drawing -----------------------------------------------------------------------------------------------------------------

TEST_CASE("draw: nodes, clusters, labels, figures; names are escaped") {
  Builder b = split_plant(2);
  b.plant.name = "a \"quoted\" \\plant";
  b.plant.stations[1].name = "sl\"ow\\n";
  b.plant.stations[1].group = "lane";
  b.plant.stations[2].servers = 3;
  b.finish();
  const ProcessGraph graph = process_graph(b.plant);
  const std::string plain = draw(b.plant, graph);
  const auto has = [](const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; };
  CHECK(has(plain, "a \\\"quoted\\\" \\\\plant"));
  CHECK(has(plain, "sl\\\"ow\\\\n"));
  CHECK(has(plain, "subgraph cluster_0"));
  CHECK(has(plain, "label=\"lane\""));
  CHECK(has(plain, "60 %"));
  CHECK(has(plain, "3 servers"));
  CHECK(has(plain, "shape=house"));
  CHECK(has(plain, "shape=ellipse"));
  CHECK(!has(plain, "used"));
  CHECK(!has(plain, "bottleneck"));
  const Capacity c = static_capacity(b.plant, graph);
  const std::string live = draw(b.plant, graph, figures_of(c));
  CHECK(has(live, "40 % used"));
  CHECK(has(live, "bottleneck"));
  CHECK(has(live, "peripheries=2"));
  CHECK(has(live, "4320/h"));
  CHECK(std::count(live.begin(), live.end(), '{') == std::count(live.begin(), live.end(), '}'));
}

TEST_CASE("draw: a choice names its cases, a transport adds up what it carries") {
  Builder b;
  b.station("a", 1, {route(RouteKind::overflow, {to(1, 0, 2), to(3)})});
  b.station("b", 1, {route(RouteKind::single, {to(3, 0, 2)})});
  b.station("belt", 1, {straight(3)});
  b.sink("out");
  b.source("feed", 1, straight(0));
  b.finish();
  const ProcessGraph graph = process_graph(b.plant);
  DrawnFigures figures;
  figures.edge_rate = {1, 1, 0.5, 1, 1, 1};
  const std::string text = draw(b.plant, graph, figures);
  CHECK(text.find("n0 -> n2 [label=\"first 3600/h\"]") != std::string::npos);
  CHECK(text.find("n0 -> n3 [label=\"overflow 1800/h\"]") != std::string::npos);
  CHECK(text.find("rounded") != std::string::npos);
  CHECK(text.find("n2 -> n3 [label=\"3600/h\"]") != std::string::npos);
}

TEST_CASE("edges: what each carried, where a target has several ways in, lots merge and ride on transports") {
  Builder b;
  b.station("gate", 1, {route(RouteKind::shortest, {to(1), to(2)})});
  b.station("slow", 3, {route(RouteKind::single, {to(2, 0, 4)})});
  Station& join = b.station("join", 0.5, {straight(3)});
  join.batch.rule = BatchRule::count;
  join.batch.count = 2;
  join.batch.merge = true;
  b.station("last", 0.1, {straight(5)});
  b.station("belt", 0.1, {straight(2)});
  b.sink("out");
  b.source("feed", 0.4, straight(0));
  b.finish();
  for (std::size_t i = 0; i < b.plant.hot.size(); ++i) b.plant.hot[i].stream = 1000 * (i + 1);
  const auto plant = std::make_shared<const Plant>(b.plant);
  const ProcessGraph graph = process_graph(*plant);
  Simulation simulation(plant, 3);
  EdgeCounter all(*plant, graph, 0);
  simulation.advance(5000, &all);
  const Accounts& accounts = simulation.state().accounts;
  double entered[6] = {};
  for (std::size_t e = 0; e < graph.edges.size(); ++e) entered[graph.edges[e].to] += all.lots()[e];
  for (Index i = 0; i < 4; ++i) CHECK(entered[i] == static_cast<double>(accounts.stations[i].lots_in));
  CHECK(entered[5] == static_cast<double>(accounts.sinks[0].lots));
  CHECK(entered[5] > 500);
  for (std::size_t e = 0; e < graph.edges.size(); ++e) CHECK_MESSAGE(all.lots()[e] > 0, e);
  Simulation again(plant, 3);
  EdgeCounter late(*plant, graph, 2500);
  again.advance(5000, &late);
  CHECK(late.lots()[0] < all.lots()[0]);
}

}  // namespace retwin::graph_test

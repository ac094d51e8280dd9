// The process graph: what it reports, what it computes before any run, and how it is drawn.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/flow/simulation.hpp"
#include "core/graph/capacity.hpp"
#include "core/graph/cycles.hpp"
#include "core/graph/draw.hpp"
#include "core/graph/duty.hpp"
#include "core/graph/process_graph.hpp"

using namespace retwin;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity(), unknown = std::numeric_limits<double>::quiet_NaN();
constexpr double hour = 3600, week = 7 * 24 * hour;

RouteOption to(Index target, double share = 0, Index via = none) {
  RouteOption option;
  option.target = target;
  option.share = share;
  option.via = via;
  return option;
}

Route route(RouteKind kind, std::vector<RouteOption> options) {
  Route r;
  r.kind = kind;
  r.options = std::move(options);
  return r;
}
Route straight(Index target) { return route(RouteKind::single, {to(target)}); }

Phase phase(double seconds, std::vector<Need> needs = {}, bool attended = true) {
  Phase p;
  p.duration.distribution = Distribution::exponential(seconds);
  p.needs = std::move(needs);
  p.attended = attended;
  return p;
}

/// Stations, sinks and sources are named by hand; node numbers: stations, then sinks.
struct Builder {
  Plant plant;

  Station& station(const std::string& name, double seconds, std::vector<Route> routes) {
    Station s;
    s.name = name;
    s.unit = "process";
    s.phases.push_back(phase(seconds));
    for (std::size_t p = 0; p < routes.size(); ++p)
      s.ports.push_back({routes.size() == 1 ? "out" : "p" + std::to_string(p), "", false});
    s.routes = std::move(routes);
    s.place.line = static_cast<int>(plant.stations.size()) + 10;
    plant.stations.push_back(std::move(s));
    return plant.stations.back();
  }
  void sink(const std::string& name) {
    Sink s;
    s.name = name;
    s.role = "product";
    plant.sinks.push_back(s);
  }
  Source& source(const std::string& name, double per_s, Route route) {  // infinity: saturated
    Source s;
    s.name = name;
    if (std::isfinite(per_s)) {
      s.arrivals = Arrivals::renewal;
      s.every = Distribution::exponential(1 / per_s);
    }
    s.route = std::move(route);
    plant.sources.push_back(s);
    return plant.sources.back();
  }
  void initial(Index station, Index count) {
    InitialLots lots;
    lots.station = station;
    lots.count = count;
    plant.initial.push_back(lots);
  }
  Index calendar(double cycle_s, std::vector<std::pair<double, double>> on) {
    plant.calendars.emplace_back(cycle_s, std::move(on), 0.0);
    plant.calendar_names.push_back("c" + std::to_string(plant.calendars.size()));
    return static_cast<Index>(plant.calendars.size()) - 1;
  }
  Index pool(const std::string& name, double count, Index on = none) {
    Pool p;
    p.name = name;
    p.shifts.push_back({on, count});
    plant.pools.push_back(p);
    return static_cast<Index>(plant.pools.size()) - 1;
  }
  const Plant& finish() {
    if (plant.flows.empty()) plant.flows.push_back({"electricity", dimension::energy});
    if (plant.kinds.empty()) plant.kinds.push_back({"item", false});
    finish_plant(plant);
    return plant;
  }
  Capacity capacity(const CapacityInput& input = {}) {
    finish();
    return static_capacity(plant, process_graph(plant), input);
  }
  Problems problems() {
    finish();
    Problems found;
    check_graph(plant, found);
    return found;
  }
};

std::size_t count(const Problems& problems, Code code) {
  return static_cast<std::size_t>(
      std::count_if(problems.all().begin(), problems.all().end(), [&](const Problem& p) { return p.code == code; }));
}

// feed -> split 60:40 -> slow (3/s) | fast (20/s) -> out
Builder split_plant(double rate) {
  Builder b;
  b.station("gate", 0.1, {route(RouteKind::probability, {to(1, 0.6), to(2, 1)})});
  b.station("slow", 1.0 / 3, {straight(3)});
  b.station("swift", 1.0 / 20, {straight(3)});
  b.sink("out");
  b.source("feed", rate, straight(0));
  return b;
}

// a -> b -> a with a way out of b; buffers as given
Builder circle(Index room_a, Index room_b) {
  Builder b;
  b.station("a", 1, {straight(1)}).buffer_places = room_a;
  b.station("b", 1, {route(RouteKind::probability, {to(0, 0.3), to(2, 1)})}).buffer_places = room_b;
  b.sink("out");
  b.source("feed", 0.1, straight(0));
  return b;
}

// pallets run a -> b -> a for ever
Builder pallets(Index carriers) {
  Builder b;
  Station& a = b.station("a", 1, {straight(1)});
  a.buffer_places = 0;
  a.servers = 2;
  Station& other = b.station("b", 4, {straight(0)});
  other.buffer_places = 0;
  other.servers = 2;
  b.initial(0, carriers);
  return b;
}

/// Two products of every lot, by port.
class TwoPorts : public UnitOperation {
 public:
  std::vector<PortInfo> ports() const override { return {{"parts", "", false}, {"rest", "", false}}; }
  void process(Job& job) const override {
    for (int k = 0; k < 3; ++k) job.make(0, 0);
    if (job.uniform(0) < 0.25) job.make(0, 1);
    job.end(0);
  }
};

}  // namespace

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

TEST_CASE("graph: only a cycle without a buffer is reported") {
  const Problems bare = circle(0, 0).problems();
  REQUIRE(count(bare, Code::cycle) == 1);
  CHECK(bare.all()[0].message.find("a -> b -> a") != std::string::npos);
  CHECK(bare.all()[0].hint.find("stations.a.buffer") != std::string::npos);
  CHECK(bare.any_errors());
  CHECK(circle(0, 1).problems().all().empty());
  CHECK(circle(unlimited, 0).problems().all().empty());
  Builder belt = circle(0, 0);
  belt.plant.stations[1].unlimited_servers = true;
  CHECK(belt.problems().all().empty());
}

TEST_CASE("graph: a cycle inside a larger one, a loop to itself, and what a saturated source makes of a buffer") {
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
  self.plant.sources[0].arrivals = Arrivals::saturated;  // fills whatever there is
  CHECK(count(self.problems(), Code::cycle) == 1);
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

// --- static capacity ---------------------------------------------------------------------------------------------------------

TEST_CASE("capacity: a feed of 10 split 60:40 into 3 and 20 can take 5, not 10") {
  for (const double rate : {10.0, infinity}) {
    Builder b = split_plant(rate);
    const Capacity c = b.capacity();
    CHECK(c.capacity == doctest::Approx(5).epsilon(1e-12));
    CHECK(c.throughput == doctest::Approx(5).epsilon(1e-12));
    CHECK(c.bottleneck_station == 1);
    CHECK(c.bottleneck_pool == none);
    CHECK(c.stations[1].visits == doctest::Approx(0.6));
    CHECK(c.stations[1].utilisation == doctest::Approx(std::isfinite(rate) ? 2 : 1));
    CHECK(c.stations[2].limit == doctest::Approx(50));
    CHECK(c.upper_bound == doctest::Approx(10).epsilon(1e-12));  // the gate, every split being free
    CHECK(!c.has_choice);
    CHECK(c.notes.empty());
  }
}

TEST_CASE("capacity: loads at the rate of the source, and along the edges") {
  Builder b = split_plant(2);
  const Capacity c = b.capacity();
  CHECK(c.feed == 2);
  CHECK(c.throughput == 2);
  CHECK(c.stations[0].utilisation == doctest::Approx(0.2));
  CHECK(c.stations[1].load == doctest::Approx(1.2));
  CHECK(c.stations[1].utilisation == doctest::Approx(0.4));
  REQUIRE(c.edge_rate.size() == 5);
  CHECK(c.edge_rate[0] == doctest::Approx(1.2));
  CHECK(c.edge_rate[4] == doctest::Approx(2));
}

TEST_CASE("capacity: a rework loop multiplies the visits") {
  Builder b = circle(5, 5);  // b sends 30 % back
  const Capacity c = b.capacity();
  CHECK(c.stations[0].visits == doctest::Approx(1 / 0.7));
  CHECK(c.capacity == doctest::Approx(0.7));
}

TEST_CASE("capacity: several ports give what their yields say") {
  Builder b;
  b.station("open", 10, {straight(1), straight(2)});
  b.station("parts", 1, {straight(3)});
  b.station("rest", 1, {straight(3)});
  b.sink("out");
  b.source("feed", infinity, straight(0));
  CapacityInput input;
  input.yields = {{12, 0.8}, {1, 0.2}, {}, {}};
  const Capacity c = b.capacity(input);
  CHECK(c.stations[1].visits == doctest::Approx(12));
  CHECK(c.stations[2].visits == doctest::Approx(1));
  CHECK(c.capacity == doctest::Approx(1.0 / 12));
  CHECK(c.upper_bound ==
        doctest::Approx(0.1));  // a lot may split as it likes: 13/12 of it through the parts, 1/13 of those beside
  CHECK(c.notes.empty());
  const Capacity guess = b.capacity();
  CHECK(guess.stations[1].visits == doctest::Approx(0.5));
  CHECK(guess.notes.size() == 1);
}

TEST_CASE("capacity: batches, merging and unloading") {
  Builder b;
  b.station("dock", 60, {straight(1)}).special = Special::unload;
  Station& oven = b.station("oven", 100, {straight(2)});
  oven.batch.rule = BatchRule::count;
  oven.batch.count = 5;
  oven.batch.merge = true;
  b.station("pack", 10, {straight(3)});
  b.sink("out");
  Source& big = b.source("big", 0.001, straight(0));
  big.load_count = Distribution::poisson(40);
  Source& small = b.source("small", 0.003, straight(0));
  small.load_count = Distribution::constant(10);
  const Capacity c = b.capacity();
  const double packs = (0.001 * 40 + 0.003 * 10) / 0.004;
  CHECK(c.stations[0].visits == doctest::Approx(1));
  CHECK(c.stations[1].visits == doctest::Approx(packs));
  CHECK(c.stations[2].visits == doctest::Approx(packs / 5));
  CHECK(c.stations[1].capacity == doctest::Approx(0.05));
  CHECK(c.capacity == doctest::Approx(0.05 / packs));
  CHECK(c.bottleneck_station == 1);
  CHECK(c.stations[1].utilisation == doctest::Approx(0.07 / 0.05));
}

TEST_CASE("capacity: saturated sources take what the others leave") {
  Builder b;
  b.station("a", 0.1, {straight(2)});
  b.station("b", 0.5, {straight(2)});
  b.sink("out");
  b.source("slow", 4, straight(0));
  b.source("x", infinity, straight(0));
  b.source("y", infinity, straight(1));
  const Capacity c = b.capacity();
  CHECK(c.capacity == doctest::Approx(4 + 2 + 2));  // b stops y at 2, x goes with it
  CHECK(c.bottleneck_station == 1);
  CHECK(std::isinf(c.feed));
  CHECK(c.stations[0].load == doctest::Approx(6));
}

TEST_CASE("capacity: shifts, failures and maintenance") {
  Builder b;
  Station& s = b.station("press", 10, {straight(1)});
  s.servers = 2;
  s.calendar = b.calendar(24 * hour, {{6 * hour, 22 * hour}});
  FailureMode jam;
  jam.clock = FailureClock::working;
  jam.every.distribution = Distribution::exponential(900);
  jam.repair.distribution = Distribution::constant(100);
  FailureMode breakdown;
  breakdown.every.distribution = Distribution::exponential(90000);
  breakdown.repair.distribution = Distribution::constant(10000);
  FailureMode clean;
  clean.clock = FailureClock::count;
  clean.planned = true;
  clean.every.distribution = Distribution::constant(100);
  clean.repair.distribution = Distribution::constant(50);
  s.failures = {jam, breakdown, clean};
  b.sink("out");
  b.source("feed", infinity, straight(0));
  const Capacity c = b.capacity();
  CHECK(c.stations[0].on_share == doctest::Approx(16.0 / 24));
  CHECK(c.stations[0].availability == doctest::Approx(0.9 / (1 + 1.0 / 9 + 0.05)));
  CHECK(c.capacity == doctest::Approx(0.2 * 16 / 24 * 0.9 / (1 + 1.0 / 9 + 0.05)));
  b.plant.stations[0].failures = {breakdown};
  b.plant.stations[0].failures[0].from_repair = false;  // every 90,000 s, start to start
  CHECK(b.capacity().stations[0].availability == doctest::Approx(1 - 1.0 / 9));
}

TEST_CASE("capacity: a shared crew may be tighter than every machine") {
  Builder b;
  const Index day = b.calendar(24 * hour, {{0, 12 * hour}});
  const Index crew = b.pool("crew", 3, day);
  Station& a = b.station("a", 1, {straight(1)});
  a.servers = 8;
  a.phases = {phase(10, {{{crew}, 1}}), phase(30, {}, false)};
  Station& c = b.station("c", 1, {straight(2)});
  c.servers = 8;
  c.phases = {phase(20, {{{crew}, 2}})};
  b.sink("out");
  b.source("feed", infinity, straight(0));
  Capacity found = b.capacity();
  CHECK(found.pools[0].units == doctest::Approx(1.5));
  CHECK(found.pools[0].demand == doctest::Approx(50));
  CHECK(found.capacity == doctest::Approx(1.5 / 50));
  CHECK(found.bottleneck_pool == crew);
  CHECK(found.bottleneck_station == none);
  CHECK(found.stations[1].on_share == doctest::Approx(0.5));  // its only phase needs the crew
  b.plant.pools[0].shifts[0].count = 1000;
  found = b.capacity();
  CHECK(found.bottleneck_pool == none);
  b.plant.pools[0].speed = 2;  // twice as fast
  CHECK(b.capacity().pools[0].demand == doctest::Approx(25));
}

TEST_CASE("capacity: repairs take their crew, too") {
  Builder b;
  const Index crew = b.pool("fitters", 1);
  Station& s = b.station("mill", 10, {straight(1)});
  FailureMode mode;
  mode.every.distribution = Distribution::exponential(300);
  mode.repair.distribution = Distribution::constant(100);
  mode.needs = {{{crew}, 1}};
  s.failures = {mode};
  b.sink("out");
  b.source("feed", infinity, straight(0));
  CHECK(b.capacity().pools[0].base == doctest::Approx(0.25));
  b.plant.stations[0].failures[0].clock = FailureClock::working;
  const Capacity c = b.capacity();
  CHECK(c.pools[0].base == 0);
  CHECK(c.pools[0].demand == doctest::Approx(10.0 / 300 * 100));
}

TEST_CASE("capacity: a bank that is filled in two shifts and runs through the night") {
  // 102 cabinets; 12 technicians swap their modules in 32 min, Mon-Sat 06-22; 6.5 h of testing. The sizing of the plant it is
  // taken from states 70,121 rounds in 50 weeks with an availability of 0.98, by a simulation with random testing times.
  Builder b;
  std::vector<std::pair<double, double>> on;
  for (int day = 0; day < 6; ++day) on.emplace_back((day * 24 + 6) * hour, (day * 24 + 22) * hour);
  const Index shifts = b.calendar(week, on);
  const Index crew = b.pool("technician", 12, shifts);
  Station& bank = b.station("bank", 1, {straight(1)});
  bank.servers = 102;
  bank.phases = {phase(32 * 60, {{{crew}, 1}}), phase(6.5 * hour, {}, false)};
  for (Phase& p : bank.phases) p.duration.distribution = Distribution::constant(p.duration.distribution->mean());
  b.sink("out");
  b.source("feed", infinity, straight(0));
  const Capacity c = b.capacity();
  const double rounds = c.capacity * week / 102;
  CHECK(rounds * 0.98 == doctest::Approx(70121.0 / 102 / 50).epsilon(0.05));
  CHECK(c.bottleneck_station == 0);
  Simulation simulation(std::make_shared<const Plant>(b.plant));
  simulation.advance(2 * week);
  const auto before = simulation.state().accounts.sinks[0].lots;
  simulation.advance(8 * week);
  CHECK(static_cast<double>(simulation.state().accounts.sinks[0].lots - before) / 6 / 102 ==
        doctest::Approx(rounds).epsilon(0.005));
  b.plant.pools[0].shifts[0].calendar = none;  // technicians around the clock
  CHECK(b.capacity().capacity * week / 102 == doctest::Approx(168 / (6.5 + 32.0 / 60)).epsilon(1e-9));
}

TEST_CASE("duty: joint calendars of station and crew, holidays aside") {
  Builder b;
  const Index early = b.calendar(24 * hour, {{6 * hour, 14 * hour}}), late = b.calendar(24 * hour, {{10 * hour, 18 * hour}});
  b.plant.calendars.emplace_back(24 * hour, std::vector<std::pair<double, double>>{{10 * hour, 18 * hour}}, 0.0,
                                 std::vector<std::pair<double, double>>{{3 * week, 4 * week}});
  const Index with_holiday = 2;
  const std::vector<Need> nobody, crew{{{b.pool("crew", 2, late)}, 2}}, too_many{{{0}, 3}};
  CHECK(Duty(b.plant, early, nobody).share() == doctest::Approx(8.0 / 24));
  CHECK(Duty(b.plant, early, crew).share() == doctest::Approx(4.0 / 24));
  CHECK(Duty(b.plant, none, too_many).share() == 0);
  CHECK(Duty(b.plant, with_holiday, nobody).share() == doctest::Approx(8.0 / 24));
  const Duty duty(b.plant, early, nobody);
  CHECK(duty.end_of(13 * hour, 2 * hour) == doctest::Approx(24 * hour + 7 * hour));
  CHECK(duty.next_on(0) == doctest::Approx(6 * hour));
  CHECK(duty.crews() == infinity);
}

TEST_CASE("capacity: choices follow the capacities of their targets, and max-flow bounds them") {
  Builder b;
  b.station("gate", 0.01, {route(RouteKind::shortest, {to(1), to(2)})});
  b.station("slow", 1.0 / 3, {straight(3)});
  b.station("swift", 1.0 / 20, {straight(3)});
  b.sink("out");
  b.source("feed", infinity, straight(0));
  Capacity c = b.capacity();
  CHECK(c.has_choice);
  CHECK(c.capacity == doctest::Approx(23));
  CHECK(c.upper_bound == doctest::Approx(23));
  CapacityInput input;
  input.shares = {0.6, 0.4, unknown, unknown, unknown};
  c = b.capacity(input);
  CHECK(c.capacity == doctest::Approx(5));
  CHECK(c.upper_bound == doctest::Approx(23));
  b.plant.stations[0].routes[0].kind = RouteKind::overflow;
  CHECK(b.capacity().capacity == doctest::Approx(23));
  b.plant.stations[0].routes[0].options[1] = to(3);  // to the sink: the first comes first
  CHECK(b.capacity().capacity == doctest::Approx(3));
  CHECK(b.capacity().upper_bound == doctest::Approx(100));
}

TEST_CASE("capacity: cases are taken in equal shares until somebody knows better") {
  Builder b = split_plant(infinity);
  b.plant.stations[0].routes[0] = route(RouteKind::cases, {to(1), to(2)});
  const Capacity guess = b.capacity();
  CHECK(guess.capacity == doctest::Approx(6));
  REQUIRE(guess.notes.size() == 1);
  CHECK(guess.notes[0].find("gate") != std::string::npos);
}

TEST_CASE("capacity: max-flow counts in source lots") {
  Builder b;
  Station& dock = b.station("dock", 1, {route(RouteKind::shortest, {to(1), to(2)})});
  dock.special = Special::unload;
  b.station("a", 1, {straight(3)});
  b.station("b", 0.5, {straight(3)});
  b.sink("out");
  b.source("feed", infinity, straight(0)).load_count = Distribution::constant(10);
  const Capacity c = b.capacity();
  CHECK(c.upper_bound == doctest::Approx(0.3));
  CHECK(c.capacity == doctest::Approx(0.3));
}

TEST_CASE("capacity: a closed loop is counted in rounds") {
  Builder b = pallets(3);
  const Capacity c = b.capacity();
  CHECK(c.stations[0].visits == doctest::Approx(1));
  CHECK(c.stations[1].visits == doctest::Approx(1));
  CHECK(c.capacity == doctest::Approx(0.5));
  CHECK(c.bottleneck_station == 1);
  CHECK(c.stations[0].utilisation == doctest::Approx(0.25));
}

TEST_CASE("capacity: mass decides where jobs are filled or timed by mass") {
  class Maker : public LotMaker {
    void make(NewLot& lot) const override { lot.kg[0] = 20; }
  };
  Builder b;
  b.plant.n_components = 1;
  b.plant.substances.components = {"stuff"};
  Station& shred = b.station("shred", 1, {straight(1)});
  shred.phases[0].duration = {};
  shred.throughput_kg_per_s = 2;
  Station& leach = b.station("leach", 50, {straight(2)});
  leach.batch.rule = BatchRule::mass;
  leach.batch.kg = 400;
  leach.batch.merge = true;
  b.station("dry", 1, {straight(3)});
  b.sink("out");
  Source& feed = b.source("feed", infinity, straight(0));
  feed.maker = std::make_shared<Maker>();
  const Capacity c = b.capacity();
  CHECK(c.stations[0].capacity == doctest::Approx(0.1));
  CHECK(c.stations[0].kg == doctest::Approx(20));
  CHECK(c.stations[1].lots_per_job == doctest::Approx(20));
  CHECK(c.stations[1].capacity == doctest::Approx(0.4));
  CHECK(c.stations[2].visits == doctest::Approx(0.05));
  CHECK(c.capacity == doctest::Approx(0.1));
  b.plant.sources[0].maker = nullptr;  // nobody knows what a lot weighs
  const Capacity blind = b.capacity();
  CHECK(std::isnan(blind.stations[0].capacity));
  CHECK(blind.bottleneck_station != 0);
  CHECK(blind.notes.size() == 1);
}

TEST_CASE("capacity: job times that only the station's mean tells, and unlimited servers") {
  Builder b;
  Station& s = b.station("a", 1, {straight(1)});
  s.phases[0].duration = {};
  s.duration_from_operation = true;
  s.mean_s = 8;
  Station& belt = b.station("belt", 100, {straight(2)});
  belt.unlimited_servers = true;
  b.sink("out");
  b.source("feed", infinity, straight(0));
  CHECK(b.capacity().capacity == doctest::Approx(0.125));
  b.plant.stations[1].headway_s = 20;
  CHECK(b.capacity().capacity == doctest::Approx(0.05));
  b.plant.stations[0].mean_s = unknown;
  CHECK(std::isnan(b.capacity().stations[0].job_s));
}

TEST_CASE("capacity: no steady flow, no flow at all, and a loop beside") {
  Builder trap = split_plant(1);
  trap.plant.stations[2].routes[0] = straight(2);
  const Capacity stuck = trap.capacity();
  CHECK(std::isnan(stuck.stations[0].visits));
  CHECK(stuck.notes.size() == 1);

  Builder beside = split_plant(infinity);
  for (Station& s : beside.plant.stations)
    for (Route& r : s.routes)
      for (RouteOption& o : r.options)
        if (o.target == 3) o.target = 4;
  beside.station("round", 1, {straight(3)});
  beside.initial(3, 1);
  CHECK(beside.capacity().capacity == doctest::Approx(5));

  Builder empty;
  empty.station("a", 1, {straight(1)});
  empty.sink("out");
  CHECK(empty.capacity().notes.size() == 1);
  CHECK(Builder().capacity().stations.empty());
}

TEST_CASE("capacity: a long line is quick enough") {
  Builder b;
  for (Index i = 0; i < 3000; ++i) b.station("s" + std::to_string(i), i == 1234 ? 2 : 1, {straight(i + 1)});
  b.sink("out");
  b.source("feed", infinity, straight(0));
  const Capacity c = b.capacity();
  CHECK(c.capacity == doctest::Approx(0.5));
  CHECK(c.upper_bound == doctest::Approx(0.5));
  CHECK(c.bottleneck_station == 1234);
}

TEST_CASE("capacity: what a run has shown replaces the guesses") {
  Builder b;
  Station& open = b.station("open", 5, {straight(1), straight(2)});
  open.operation = std::make_shared<TwoPorts>();
  b.station("parts", 1, {route(RouteKind::shortest, {to(3), to(4)})});
  b.station("rest", 2, {straight(5)});
  b.station("x", 1, {straight(5)});
  b.station("y", 1, {straight(5)});
  b.sink("out");
  b.source("feed", 0.1, straight(0));
  b.finish();
  const auto plant = std::make_shared<const Plant>(b.plant);
  Simulation simulation(plant, 7);
  simulation.advance(1000);
  const Accounts begin = simulation.state().accounts;
  simulation.advance(200000);
  const ProcessGraph graph = process_graph(*plant);
  const Capacity c = static_capacity(*plant, graph, observed(*plant, simulation.state().accounts, &begin));
  CHECK(c.stations[1].visits == doctest::Approx(3).epsilon(1e-9));
  CHECK(c.stations[2].visits == doctest::Approx(0.25).epsilon(0.05));
  CHECK(c.stations[3].visits + c.stations[4].visits == doctest::Approx(3).epsilon(1e-9));
  CHECK(c.stations[0].job_s == doctest::Approx(5).epsilon(0.05));
  CHECK(c.stations[0].utilisation == doctest::Approx(0.5).epsilon(0.05));
  CHECK(c.notes.empty());
  CHECK(static_capacity(*plant, graph).notes.size() == 1);  // without a run it is a guess, and says so
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
  Figures figures;
  figures.edge_rate = {1, 1, 0.5, 1, 1, 1};
  const std::string text = draw(b.plant, graph, figures);
  CHECK(text.find("n0 -> n2 [label=\"first 3600/h\"]") != std::string::npos);
  CHECK(text.find("n0 -> n3 [label=\"overflow 1800/h\"]") != std::string::npos);
  CHECK(text.find("rounded") != std::string::npos);
  CHECK(text.find("n2 -> n3 [label=\"3600/h\"]") != std::string::npos);
}

TEST_CASE("draw: rates of edges from rates of ports") {
  Builder b = split_plant(2);
  b.finish();
  const ProcessGraph graph = process_graph(b.plant);
  const std::vector<double> rates = edge_rates(b.plant, graph, {5, 3, 2}, {7});
  CHECK(rates == std::vector<double>{3, 2, 3, 2, 7});
  b.plant.stations[0].routes[0].kind = RouteKind::shortest;
  CHECK(std::isnan(edge_rates(b.plant, process_graph(b.plant), {5, 3, 2}, {7})[0]));
}

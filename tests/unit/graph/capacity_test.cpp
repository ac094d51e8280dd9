// Static capacity: what the process graph computes before any run, and from what a run has shown.
#include <doctest/doctest.h>

#include "core/graph/duty.hpp"
#include "tests/unit/graph_plants.hpp"

namespace retwin::capacity_test {
using namespace graphs;


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
  const Index crew = b.pool("crew", 4, day);
  Station& a = b.station("a", 1, {straight(1)});
  a.servers = 8;
  a.phases = {phase(10, {{{crew}, 1}}), phase(30, {}, false)};
  Station& c = b.station("c", 1, {straight(2)});
  c.servers = 8;
  c.phases = {phase(20, {{{crew}, 2}})};
  b.sink("out");
  b.source("feed", infinity, straight(0));
  Capacity found = b.capacity();
  CHECK(found.pools[0].units == doctest::Approx(2));
  CHECK(found.pools[0].demand == doctest::Approx(50));
  CHECK(found.capacity == doctest::Approx(2.0 / 50));
  CHECK(found.bottleneck_pool == crew);
  CHECK(found.bottleneck_station == none);
  CHECK(found.stations[1].on_share == doctest::Approx(0.5 * 2 / 8));  // half of the day two of its servers find a crew of two
  b.plant.pools[0].shifts[0].count = 3;
  CHECK(b.capacity().capacity == doctest::Approx(0.5 / 20));  // one crew of two, and one is left over
  CHECK(b.capacity().bottleneck_station == 1);
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
  for (WorkPhase& p : bank.phases) p.duration.distribution = Distribution::constant(p.duration.distribution->mean());
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

TEST_CASE("duty: joint calendars of station and crew, breaks and holidays of the period") {
  Builder b;
  const Index early = b.calendar(24 * hour, {{6 * hour, 14 * hour}}), late = b.calendar(24 * hour, {{10 * hour, 18 * hour}});
  b.plant.calendars.emplace_back(24 * hour, std::vector<std::pair<double, double>>{{10 * hour, 18 * hour}}, 0.0,
                                 std::vector<std::pair<double, double>>{{3 * week, 4 * week}});
  const Index with_holiday = 2;
  const Period period{2 * week, 8 * week};
  const std::vector<Need> nobody, crew{{{b.pool("crew", 2, late)}, 2}}, too_many{{{0}, 3}};
  CHECK(Duty(b.plant, period, early, nobody).share() == doctest::Approx(8.0 / 24));
  CHECK(Duty(b.plant, period, early, crew).share() == doctest::Approx(4.0 / 24));
  CHECK(Duty(b.plant, period, none, too_many).share() == 0);
  CHECK(Duty(b.plant, period, with_holiday, nobody).share() == doctest::Approx(8.0 / 24 * 5 / 6));
  CHECK(Duty(b.plant, {4 * week, 5 * week}, with_holiday, nobody).share() == doctest::Approx(8.0 / 24));
  const Duty duty(b.plant, period, early, nobody);
  CHECK(duty.end_of(13 * hour, 2 * hour) == doctest::Approx(24 * hour + 7 * hour));
  CHECK(duty.next_on(0) == doctest::Approx(6 * hour));
  CHECK(duty.end_of(0, 1e15) == infinity);  // not within the period, and found out at once
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

TEST_CASE("capacity: setups by the mix of kinds") {
  const auto with = [](Dispatch dispatch, double campaign_s, Index places) {
    Builder b;
    b.plant.attributes.push_back({"k", dimension::none, {"A", "B"}, false});
    Station& s = b.station("m", 600, {straight(1)});
    s.setup.by = 0;
    s.setup.time = Distribution::constant(420);
    s.dispatch = dispatch;
    s.campaign_s = campaign_s;
    s.buffer_places = places;
    b.sink("out");
    b.source("feed", 1, straight(0)).attributes = {{0, Distribution::discrete({0, 1}, {0.5, 0.5}), 0}};
    return b.capacity();
  };
  CHECK(with(Dispatch::fifo, 0, unlimited).stations[0].job_s == doctest::Approx(600 + 210).epsilon(1e-3));
  CHECK(with(Dispatch::fifo, 0, unlimited).notes.empty());
  CHECK(with(Dispatch::campaign, 0, unlimited).stations[0].job_s == 600);  // without end
  CHECK(with(Dispatch::campaign, 3600, unlimited).stations[0].job_s == doctest::Approx(600 + 70).epsilon(0.03));  // 5.3 jobs of 600 s fit behind a setup
}

TEST_CASE("capacity: setups whose order nobody knows beforehand say so") {
  Builder b;
  b.plant.attributes.push_back({"k", dimension::none, {"A", "B"}, false});
  Station& s = b.station("m", 600, {straight(1)});
  s.setup.by = 0;
  s.setup.matrix.assign(9, std::nullopt);
  s.setup.matrix[1 * 3 + 2] = Distribution::constant(100);  // A to B; back takes no time
  b.sink("out");
  b.source("a", 0.001, straight(0)).attributes = {{0, Distribution::constant(0), 0}};
  b.source("b", 0.003, straight(0)).attributes = {{0, Distribution::constant(1), 0}};
  const Capacity c = b.capacity();
  CHECK(c.stations[0].job_s == doctest::Approx(600 + 0.25 * 0.75 * 100));
  CHECK(c.notes.size() == 1);
  CapacityInput seen;
  seen.setup_s = {50};
  CHECK(b.capacity(seen).stations[0].job_s == doctest::Approx(650));
  CHECK(b.capacity(seen).notes.empty());
}

TEST_CASE("capacity: servers without number are as many as their crews") {
  Builder b;
  const Index crew = b.pool("crew", 4);
  Station& s = b.station("a", 600, {straight(1)});
  s.unlimited_servers = true;
  s.phases[0].needs = {{{crew}, 2}};
  b.sink("out");
  b.source("feed", infinity, straight(0));
  CHECK(b.capacity().stations[0].capacity == doctest::Approx(2.0 / 600));
}

TEST_CASE("capacity: a batch is what the buffer holds where that is enough to start") {
  Builder b;
  Station& s = b.station("a", 600, {straight(1)});
  s.batch.rule = BatchRule::count;
  s.batch.count = 10;
  s.batch.least = 2;
  s.buffer_places = 4;
  b.sink("out");
  b.source("feed", infinity, straight(0));
  CHECK(b.capacity().stations[0].lots_per_job == 4);
  b.plant.stations[0].buffer_places = 1;
  CHECK(b.capacity().stations[0].lots_per_job == 2);
  b.plant.stations[0].buffer_places = 40;
  CHECK(b.capacity().stations[0].lots_per_job == 10);
}

TEST_CASE("capacity: arrivals of lists, limits and active times, on average over the time asked about") {
  Builder b;
  b.station("a", 600, {straight(1)});
  b.sink("out");
  Source& list = b.source("list", 1, straight(0));
  list.arrivals = Arrivals::timetable;
  for (const double at : {0.0, 10.0, 20.0, 3000.0}) list.rows.push_back({at, {}});
  const auto feed = [&](double from_s, double until_s) {
    CapacityInput input;
    input.from_s = from_s;
    input.until_s = until_s;
    return b.capacity(input).feed * (until_s - from_s);
  };
  CHECK(feed(0, 6000) == doctest::Approx(4));
  CHECK(feed(15, 6000) == doctest::Approx(2));
  b.plant.sources[0].repeat_s = 3600;
  CHECK(feed(0, 7200) == doctest::Approx(8));
  b.plant.sources[0].limit = 6;
  CHECK(feed(0, 7200) == doctest::Approx(6));
  b.plant.sources.clear();
  Source& steady = b.source("steady", 0.01, straight(0));
  steady.start_s = 1000;
  steady.until_s = 2000;
  CHECK(feed(0, 6000) == doctest::Approx(10));
  CHECK(feed(1500, 6000) == doctest::Approx(5));
}

}  // namespace retwin::capacity_test

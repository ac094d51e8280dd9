// Laws of rebase: the same plant changes nothing, another one keeps every lot, or says everything that it cannot keep.
#include <doctest/doctest.h>

#include "tests/laws/hand_plants.hpp"

namespace retwin::rebase_laws_test {
using namespace hand;

TEST_CASE("rebase to the same plant changes nothing, at any time") {
  for (const auto& plant : {factory().build(), line().build()}) {
    Simulation s(plant, 3);
    CHECK(state_digest(rebase(s.state(), structure_of(*plant), *plant), *plant) == digest(s));
    for (int k = 1; k <= 60; ++k) {
      s.advance(k * 0.137 * day);
      REQUIRE(state_digest(rebase(s.state(), structure_of(*plant), *plant), *plant) == digest(s));
    }
  }
}

TEST_CASE("a station beside the others does not disturb them") {
  const auto plant = factory().build();
  Draft d = factory();
  Station& aside = d.station("aside", Distribution::exponential(100), {"waste"});
  aside.servers = 2;
  aside.failures = {failure("wear", FailureClock::calendar, day, 100)};
  d.source("visitors", Arrivals::renewal, Distribution::exponential(300), "aside");
  const auto wider = d.build();
  Simulation there(wider, rebase(after(plant, 2.9 * day).state(), structure_of(*plant), *wider));
  there.advance(8 * day);
  const Simulation here = after(plant, 8 * day);
  for (const char* name : {"bath", "cool", "inspect", "press", "sort", "store"}) {
    CAPTURE(name);
    const StationAccount& a = here.state().accounts.stations[plant->find_station(name)];
    const StationAccount& b = there.state().accounts.stations[wider->find_station(name)];
    CHECK(a.jobs == b.jobs);
    CHECK(a.time_in == b.time_in);
    CHECK(a.waited == b.waited);
  }
  const StationAccount& account = there.state().accounts.stations[wider->find_station("aside")];
  CHECK(account.jobs > 1000);
  CHECK(account.failures > 1);
  CHECK(there.state().accounts.sinks[1].lots > 1000);
}

TEST_CASE("rebase to one more station and one more server keeps every lot and runs on") {
  const auto plant = factory().build();
  Draft d = factory();
  d.at("sort").servers = 2;
  d.at("bath").servers = 4;
  d.at("store").priority = 3;  // other order of stations
  d.plant.attributes[chemistry].categories = {"NCA", "NMC", "LFP"};
  d.plant.attributes.insert(d.plant.attributes.begin(), Attribute{"grade", {}, {"A", "B"}, false});
  for (const char* name : {"sort", "bath", "inspect"}) {  // slots have moved
    d.at(name).visit_slot = std::string(name) == "sort" ? visits + 1 : none;
    if (d.at(name).batch.by >= 0) d.at(name).batch.by = chemistry + 1;
    if (d.at(name).setup.by >= 0) d.at(name).setup.by = chemistry + 1;
  }
  d.plant.substances.components = {"Cu", "Fe", "Al"};
  d.plant.n_components = 3;
  d.station("pack_up", Distribution::exponential(100), {"product"});
  d.retarget("store", {"pack_up"});
  const auto wider = d.build();
  for (const double at : {0.4 * day, 1.95 * day, 3.5 * day}) {
    const State before = after(plant, at).state();
    State state = rebase(before, structure_of(*plant), *wider);
    CHECK(state.now == before.now);
    CHECK(lists_agree(state));
    CHECK(identities(state) == identities(before));
    CHECK(state.accounts.events == before.accounts.events);
    CHECK(unexplained(state, 3) < 1e-12);
    for (std::size_t lot = 0; lot < before.lots.size(); ++lot) {
      if (before.lots[lot].id == 0) continue;
      const double was = before.attributes[lot * 2 + chemistry];
      CHECK(state.attributes[lot * 3 + chemistry + 1] == (was < 0 ? was : 2 - was));  // LFP 0 -> 2, NMC 1 -> 1; none stays none
      CHECK(state.kg[lot * 3] == before.kg[lot * 2 + 1]);
      CHECK(state.kg[lot * 3 + 2] == before.kg[lot * 2]);
    }
    Simulation s(wider, std::move(state));
    s.advance(at + 6 * day);
    const Accounts& accounts = s.state().accounts;
    CHECK(accounts.sinks[0].lots > before.accounts.sinks[0].lots + 500);
    CHECK(accounts.stations[wider->find_station("pack_up")].jobs > 500);
    CHECK(unexplained(s.state(), 3) < 1e-12);
    double server_time = 0;
    for (std::size_t k = 0; k < n_server_states; ++k) server_time += accounts.stations[wider->find_station("sort")].time_in[k];
    for (Index v = 0; v < s.state().servers.size(); ++v)
      if (s.state().server_station[v] == wider->find_station("sort")) server_time += s.now() - s.state().servers[v].since;
    CHECK(server_time == doctest::Approx(at + 2 * 6 * day).epsilon(1e-12));  // one server all the time, two since the change
  }
}

TEST_CASE("rebase to other features of a station: failures, shifts, crews") {
  const auto plant = line().build();
  Draft d = line();
  d.plant.calendars = {ShiftCalendar(day, {{8 * 3600.0, 16 * 3600.0}}, 0)};
  d.plant.calendar_names = {"day"};
  d.plant.pools = {{"crew", {{0, 1}}, {}, 1, false}};
  d.at("m1").failures = {failure("jam", FailureClock::working, 20, 100)};
  d.at("m2").calendar = 0;
  d.at("m4").phases[0].needs = {{{0}, 1}};
  const auto richer = d.build();
  for (const double hour : {10.0, 20.0}) {
    Simulation there(richer, rebase(after(plant, day + hour * 3600).state(), structure_of(*plant), *richer));
    const std::size_t off = static_cast<std::size_t>(ServerState::off_shift);
    there.advance(4 * day + hour * 3600);
    const auto& accounts = there.state().accounts;
    CHECK(accounts.stations[richer->find_station("m1")].failures > 500);
    double at_rest = accounts.stations[richer->find_station("m2")].time_in[off];
    const Server& m2 = there.state().servers[richer->hot[richer->find_station("m2")].first_server];
    if (m2.shown == ServerState::off_shift) at_rest += there.now() - m2.since;
    CHECK(at_rest == doctest::Approx(3 * 16 * 3600.0).epsilon(0.02));
    const double offered = there.state().pools[0].offered.value(there.now());
    CHECK(offered == doctest::Approx(3 * 8 * 3600.0));
    // and back: the shift is over for good
    Simulation back(plant, rebase(there.state(), structure_of(*richer), *plant));
    const std::uint64_t made = back.state().accounts.sinks[0].lots;
    back.advance(5 * day + hour * 3600);
    CHECK(back.state().accounts.sinks[0].lots > made + 700);
  }
}

TEST_CASE("rebase refuses with everything that cannot be carried over") {
  const auto plant = factory().build();
  Draft d = factory();
  d.remove("press");
  d.retarget("inspect", {"store", "sort"});
  d.at("bath").servers = 1;
  d.at("bath").phases = {{"load", fixed(400), {}, true, ServerState::working, {}}};
  d.at("inspect").operation = nullptr;
  d.plant.attributes[chemistry].categories = {"LFP"};
  d.plant.kinds = {{"scrap", false}};
  d.plant.substances.components = {"Cu"};
  d.plant.n_components = 1;
  const auto smaller = d.build();
  Simulation s = after(plant, 2.3 * day);
  for (int k = 0; k < 2000; ++k) {  // an instant at which all of it is in use
    s.advance(s.now() + 60);
    const StationState& press = s.state().stations[plant->find_station("press")];
    const Server* baths = &s.state().servers[plant->hot[plant->find_station("bath")].first_server];
    if (press.queued > 0 && baths[0].phase == 1 && baths[0].stage == Stage::work && baths[2].stage == Stage::work &&
        s.state().memory[0] > 0)
      break;
  }
  const std::vector<Problem> problems = problems_of([&] { rebase(s.state(), structure_of(*plant), *smaller); });
  for (const Problem& p : problems) CHECK(p.code == Code::structure);
  CHECK(paths_of(problems) == std::set<std::string>{"stations.press", "stations.bath", "stations.inspect", "attributes.chemistry",
                                                    "kinds.pack", "components.Al"});
  CHECK_FALSE(problems.front().hint.empty());

  SUBCASE("what nobody uses may go") {
    Draft unused = factory();
    unused.remove("scrap");  // its offer is taken back
    unused.plant.sinks.pop_back();
    const auto narrower = unused.build();
    Simulation there(narrower, rebase(s.state(), structure_of(*plant), *narrower));
    CHECK(there.state().live_lots + 1 == s.state().live_lots);
    CHECK(lists_agree(there.state()));
    const SourceAccount& scrap = s.state().accounts.sources[plant->find_source("scrap")];
    const SourceAccount& earlier = there.state().accounts.sources.back();  // counts as there from the start
    CHECK(earlier.made == scrap.made);
    CHECK(earlier.lost == 0);
    CHECK(earlier.cycle_time.mean() == scrap.cycle_time.mean());
    CHECK(unexplained(there.state(), 2) < 1e-12);
    there.advance(s.now() + 3 * day);
    CHECK(there.state().accounts.sinks[0].lots > s.state().accounts.sinks[0].lots + 100);
    CHECK(unexplained(there.state(), 2) < 1e-12);
  }
  SUBCASE("an idle server may go, a busy one not") {
    Draft fewer = factory();
    fewer.at("bath").servers = 2;
    const auto two = fewer.build();
    int refused = 0, carried = 0;
    for (int k = 0; k < 400; ++k) {
      s.advance(s.now() + 600);
      const Server& third = s.state().servers[plant->hot[plant->find_station("bath")].first_server + 2];
      const auto found = problems_of([&] { rebase(s.state(), structure_of(*plant), *two); });
      REQUIRE(found.empty() == (third.stage == Stage::idle));
      ++(found.empty() ? carried : refused);
    }
    CHECK(refused > 10);
    CHECK(carried > 10);
  }
}

TEST_CASE("rebase between jobs of the hot path and reserved places leaks no place and no crew") {
  const auto plain = line().build();
  Draft d = line();
  d.plant.pools = {{"crew", {{none, 2}}, {}, 1, false}};
  for (const char* name : {"m1", "m2", "m4"}) d.at(name).block_before = true;
  for (const char* name : {"m2", "m4"}) d.at(name).phases[0].needs = {{{0}, 1}};
  const auto reserving = d.build();
  Simulation s(plain, 5);
  int there_and_back = 0;
  for (int k = 1; k <= 300; ++k) {
    s.advance(s.now() + 97);
    Simulation there(reserving, rebase(s.state(), structure_of(*plain), *reserving));
    there.advance(s.now() + 1000);
    bool waits = false;
    for (const Server& server : there.state().servers) waits = waits || server.stage == Stage::reserve;
    const bool busy = there.state().pools[0].taken > 0;  // a pool that is in use cannot go
    Draft keep = line();
    keep.plant.pools = d.plant.pools;
    const auto back = keep.build();
    const auto problems = problems_of([&] { rebase(there.state(), structure_of(*reserving), *back); });
    REQUIRE(problems.empty() == !waits);
    if (waits || !busy) continue;
    ++there_and_back;
    Simulation again(back, rebase(there.state(), structure_of(*reserving), *back));
    CHECK(again.state().pools[0].taken == 0);
    for (const StationState& st : again.state().stations) CHECK(st.reserved == 0);
    again.advance(there.now() + 5000);
    CHECK(again.state().accounts.sinks[0].lots > there.state().accounts.sinks[0].lots + 20);
  }
  CHECK(there_and_back > 20);
}

TEST_CASE("a job of the hot path keeps its remaining work when its station gets a shift") {
  const auto plant_with = [](bool shift) {
    Draft d;
    d.plant.flows = {{"electricity", {}}};
    d.plant.kinds = {{"part", false}};
    d.sinks({"out"});
    Station& s = d.station("m", Distribution::constant(10 * 3600.0), {"out"});
    s.buffer_places = 1;
    if (shift) {
      d.plant.calendars = {ShiftCalendar(day, {{8 * 3600.0, 16 * 3600.0}}, 0)};
      d.plant.calendar_names = {"day"};
      s.calendar = 0;
    }
    d.source("feed", Arrivals::renewal, Distribution::constant(3610), "m");  // no two events at one instant
    return d.build();
  };
  const auto always = plant_with(false), by_day = plant_with(true);
  Simulation s(by_day, rebase(after(always, 15 * 3600.0).state(), structure_of(*always), *by_day));
  s.advance(36.9 * 3600);  // the second job began at 11 h; 5 h were left at 16 h, to be done from 8 h of the next day
  CHECK(s.state().accounts.sinks[0].lots == 1);
  s.advance(37.1 * 3600);
  CHECK(s.state().accounts.sinks[0].lots == 2);
}

}  // namespace retwin::rebase_laws_test

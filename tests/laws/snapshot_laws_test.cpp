// Laws of states: saving, copying and splitting a run change nothing; damage is refused; the digest misses nothing.
#include <doctest/doctest.h>

#include "core/base/files.hpp"
#include "tests/laws/hand_plants.hpp"

namespace retwin::snapshot_laws_test {
using namespace hand;

TEST_CASE("the factory of these tests uses what a state can hold") {
  const auto plant = factory().build();
  const State s = after(plant, 20.4 * day).state();
  CHECK(s.accounts.sinks[0].lots > 1000);
  CHECK(s.accounts.completions > 10000);
  for (const char* name : {"bath", "cool", "inspect", "press", "sort", "store"}) {
    CAPTURE(name);
    CHECK(s.accounts.stations[plant->find_station(name)].jobs > 100);
  }
  const StationAccount& inspect = s.accounts.stations[plant->find_station("inspect")];
  CHECK(inspect.failures > 10);
  CHECK(inspect.setups > 10);
  CHECK(inspect.time_in[static_cast<std::size_t>(ServerState::down)] > 0);
  CHECK(s.accounts.stations[plant->find_station("bath")].time_in[static_cast<std::size_t>(ServerState::off_shift)] > 0);
  CHECK(s.servers.size() > plant->n_servers);
  CHECK(s.live_lots > 10);
  CHECK(unexplained(s, 2) < 1e-12);
  CHECK(lists_agree(s));
}

TEST_CASE("advance(T) is advance(T/2) twice, copy-then-advance is advance") {
  for (const auto& plant : {factory().build(), line().build()}) {
    const double end = 4 * day + 1234;
    const std::string whole = digest(after(plant, end));
    Simulation halves = after(plant, end / 2);
    Simulation copy = halves;
    halves.advance(end);
    CHECK(digest(halves) == whole);
    CHECK(digest(copy) != whole);
    copy.advance(end);
    CHECK(digest(copy) == whole);
    Simulation steps(plant, 7);
    for (int k = 1; k <= 1000; ++k) steps.advance(end * k / 1000);
    CHECK(digest(steps) == whole);
  }
}

TEST_CASE("a state that was saved and loaded goes on as if nothing had happened") {
  for (const auto& plant : {factory().build(), line().build()}) {
    const double end = 9 * day;
    const std::string whole = digest(after(plant, end));
    for (const double at : {0.0, 1000.0, 0.31 * day, 3.7 * day}) {
      Simulation before = after(plant, at);
      before.state().log_activity = true;
      before.state().activity.push_back({1, 2, 0, 0});
      const std::string bytes = save_state(before.state(), *plant);
      State loaded = load_state(bytes, *plant, "x.state");
      CHECK(loaded.log_activity);
      CHECK(loaded.activity.size() == before.state().activity.size());
      CHECK(save_state(loaded, *plant) == bytes);
      Simulation again(plant, std::move(loaded));
      CHECK(digest(again) == digest(before));
      again.advance(end);
      CHECK(digest(again) == whole);
    }
    Simulation unstarted(plant, load_state(save_state(initial_state(*plant, 7), *plant), *plant, "x.state"));
    unstarted.advance(end);
    CHECK(digest(unstarted) == whole);
  }
}

TEST_CASE("a saved state goes on at once with other parameters: crews, shifts, buffers") {
  const auto plant = factory().build();
  const State state = after(plant, 3 * day + 3 * 3600.0).state();  // at night
  const std::string bytes = save_state(state, *plant);
  Draft d = factory();
  d.plant.parameter_hash = 1;
  d.plant.pools[0].shifts[1].count = 5;
  d.plant.calendars = {ShiftCalendar(day, {{2 * 3600.0, 20 * 3600.0}}, 0)};
  const auto changed = d.build();
  CHECK(structure_hash(*changed) == structure_hash(*plant));
  Simulation s(changed, load_state(bytes, *changed, "x.state"));
  CHECK(state.pools[0].capacity == 1);
  CHECK(s.state().pools[0].capacity == 7);
  CHECK(s.state().calendar_on[0] == 1);
  const Index bath = plant->find_station("bath");
  for (Index v = 0; v < 3; ++v) CHECK((s.state().servers[plant->hot[bath].first_server + v].conditions & condition_off) == 0);
  Simulation same(plant, load_state(bytes, *plant, "x.state"));
  CHECK(state_digest(same.state(), *plant) == state_digest(state, *plant));
  s.advance(5 * day);
  same.advance(5 * day);
  CHECK(s.state().accounts.stations[bath].jobs > same.state().accounts.stations[bath].jobs);
}

TEST_CASE("the digest catches what decides the future") {
  const auto plant = factory().build();
  const Simulation s = after(plant, 2.5 * day);
  const std::string mine = digest(s);
  const auto changed = [&](auto&& change) {
    State copy = s.state();
    change(copy);
    return state_digest(copy, *plant) != mine;
  };
  CHECK_FALSE(changed([](State&) {}));
  State open = s.state(), settled = s.state();  // the hole that an event leaves in the calendar is no part of the state
  open.calendar.open();
  settled.calendar.open();
  settled.calendar.settle();
  CHECK(state_digest(open, *plant) == state_digest(settled, *plant));
  CHECK(save_state(open, *plant) == save_state(settled, *plant));
  CHECK_FALSE(changed([](State& c) { c.activity.push_back({0, 1, 0, 0}); }));
  CHECK(changed([](State& c) { c.attributes[chemistry] = 1 - c.attributes[chemistry]; }));
  CHECK(changed([](State& c) { c.kg.back() += 1e-9; }));
  CHECK(changed([](State& c) { c.memory[0] += 1; }));
  CHECK(changed([](State& c) { c.lots[0].waited += 1e-6; }));
  CHECK(changed([](State& c) { c.clocks.back().left += 1e-6; }));
  CHECK(changed([](State& c) { c.calendar.events().back().order += 1; }));
  CHECK(changed([](State& c) { c.accounts.cycle_time[0].add(5); }));

  SUBCASE("another key is another future") {
    Simulation same = s, other = s, seed = after(plant, 2.5 * day, 8);
    other.rekey(99);
    for (Simulation* fork : {&same, &other, &seed}) fork->advance(5 * day);
    CHECK(digest(same) == digest(after(plant, 5 * day)));
    CHECK(other.state().accounts.sinks[0].cycle_time.mean() != same.state().accounts.sinks[0].cycle_time.mean());
    CHECK(digest(other) != digest(same));
    CHECK(digest(seed) != digest(same));
  }
}

TEST_CASE("damaged states are refused, whatever the damage") {
  const auto plant = factory().build();
  const std::string bytes = save_state(after(plant, 1.2 * day).state(), *plant);
  REQUIRE(bytes.size() > 4000);
  const auto refused = [&](const std::string& damaged) {
    const auto problems = problems_of([&] { load_state(damaged, *plant, "x.state"); });
    return problems.size() == 1 && problems[0].code == Code::state && problems[0].place.file == "x.state" &&
           !problems[0].hint.empty();
  };
  CHECK_FALSE(refused(bytes));
  for (std::size_t n = 0; n < bytes.size(); n += n < 200 ? 1 : 997) REQUIRE(refused(bytes.substr(0, n)));
  REQUIRE(refused(bytes.substr(0, bytes.size() - 1)));
  REQUIRE(refused(bytes + "x"));
  for (std::uint64_t k = 0; k < 500; ++k) {
    std::string flipped = bytes;
    const std::uint64_t random = philox(1, 2, k);
    flipped[random % bytes.size()] = static_cast<char>(flipped[random % bytes.size()] ^ (1 << (random >> 60 & 7)));
    REQUIRE(refused(flipped));
  }
  CHECK(refused("name: not a state"));
}

TEST_CASE("lengths are not believed even if the checksum is right") {
  const auto plant = factory().build();
  const std::string bytes = save_state(after(plant, 0.1 * day).state(), *plant);
  const std::string content = bytes.substr(0, bytes.size() - 64);
  int refusals = 0;
  for (std::uint64_t k = 0; k < 300; ++k) {
    std::string changed = content;
    const std::size_t at = 12 + philox(3, 4, k) % (content.size() - 20);
    for (std::size_t j = 0; j < 8; ++j) changed[at + j] = static_cast<char>(philox(5, k, j));
    refusals += problems_of([&] { read_state(changed + sha256_hex(changed), "x.state"); }).empty() ? 0 : 1;
  }
  CHECK(refusals > 10);  // most hits are values, which a checksum of one's own making cannot tell
  for (const std::size_t n : {std::size_t{20}, content.size() / 2, content.size() - 1})
    CHECK_FALSE(problems_of([&] { read_state(content.substr(0, n) + sha256_hex(content.substr(0, n)), "x.state"); }).empty());
}

TEST_CASE("structure: parameters are not part of it, names are") {
  const auto plant = factory().build();
  const Structure structure = structure_of(*plant);
  const auto read = parse_structure(structure.text());
  REQUIRE(read);
  CHECK(read->entries == structure.entries);
  CHECK(read->text() == structure.text());
  CHECK(structure.text().find("calendar two%20shifts\n") != std::string::npos);
  CHECK_FALSE(parse_structure("station"));
  CHECK_FALSE(parse_structure("station a servers"));
  CHECK_FALSE(parse_structure("station a%2 servers=1"));

  Draft faster = factory();
  faster.at("sort").phases[0].duration = fixed(10);
  faster.at("sort").buffer_places = 50;
  faster.plant.pools[0].shifts[0].count = 9;
  CHECK(structure_hash(*faster.build()) == plant->structure_hash);
  const Simulation s = after(plant, day);
  CHECK(problems_of([&] { load_state(save_state(s.state(), *plant), *faster.build(), "x.state"); }).empty());

  Draft other = factory();
  other.at("sort").servers = 2;
  other.plant.attributes[chemistry].categories.push_back("NCA");
  other.station("extra", Distribution::constant(1), {"product"});
  const auto problems = problems_of([&] { load_state(save_state(s.state(), *plant), *other.build(), "x.state"); });
  CHECK(paths_of(problems) == std::set<std::string>{"stations.extra", "stations.sort", "stations.bath", "attributes.chemistry"});
  for (const Problem& p : problems) CHECK(p.code == Code::structure);
  CHECK(problems.front().hint.find("rebase") != std::string::npos);
  for (int k = 0; k < 12; ++k) other.station("more" + std::to_string(k), Distribution::constant(1), {"product"});
  CHECK(problems_of([&] { load_state(save_state(s.state(), *plant), *other.build(), "x.state"); }).size() == 11);
}

}  // namespace retwin::snapshot_laws_test

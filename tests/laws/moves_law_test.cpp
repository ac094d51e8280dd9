// What is recorded for a replay says at every time who is where, as the state does: on random plants and hand-made ones, from the beginning
// and from a state on. RETWIN_RANDOM_PLANTS says on how many plants (default 60).
#include <doctest/doctest.h>

#include <cmath>

#include "core/ledger/moves.hpp"
#include "tests/laws/deaf.hpp"
#include "tests/laws/plant_texts.hpp"
#include "tests/laws/plants.hpp"
#include "tests/laws/random_plants.hpp"

namespace retwin::moves_law_test {
using namespace plants;

namespace {

struct Record {
  std::uint64_t tick = 0, who = 0, what = 0;
};

std::vector<Record> decoded(const std::string& stream) {
  std::vector<Record> all;
  std::size_t at = 0;
  std::uint64_t tick = 0;
  const auto next = [&] {
    std::uint64_t value = 0;
    for (unsigned shift = 0;; shift += 7) {
      const auto byte = static_cast<std::uint8_t>(stream.at(at++));
      value |= std::uint64_t{byte & 127u} << shift;
      if (byte < 128) return value;
    }
  };
  while (at < stream.size()) {
    tick += next();
    const std::uint64_t who = next(), what = next();
    all.push_back({tick, who, what});
  }
  return all;
}

/// Lots in each station, lots in each buffer, and servers in each state, by the records up to a tick.
struct Counts {
  std::vector<double> content, queue, servers;
  Counts(const Moves& moves, std::size_t stations, std::uint64_t tick) : content(stations), queue(stations), servers(moves.servers) {
    std::vector<std::uint64_t> last(moves.lots.size());
    const auto add = [&](std::uint64_t what, double sign) {
      const std::uint64_t node = (what - 1) / 2;
      if (what == 0 || node >= stations) return;
      content[node] += sign;
      if ((what - 1) % 2 == 0) queue[node] += sign;
    };
    for (const Record& r : decoded(moves.places)) {
      if (r.tick > tick) break;
      add(last.at(r.who), -1);
      add(last[r.who] = r.what, 1);
    }
    for (const Record& r : decoded(moves.states)) {
      if (r.tick > tick) break;
      const std::uint64_t from = r.what / n_server_states, to = r.what % n_server_states;
      if (from < n_server_states) --servers.at(r.who * n_server_states + from);
      ++servers.at(r.who * n_server_states + to);
    }
  }
};

template <class Collector = MovesCollector>
std::string difference(const Scenario& scenario, std::uint64_t seed, double from_s, double begin_s, double until_s) {
  Simulation stepped = start(scenario, seed);
  try {
    stepped.advance(from_s);
    Simulation heard = stepped;
    const std::size_t n = heard.plant().stations.size();
    Collector collector(heard.plant(), heard.state(), begin_s, until_s, begin_s);
    heard.advance(until_s, &collector);
    const Moves moves = collector.take();
    for (int k = 0; k < 12; ++k) {
      const auto tick = static_cast<std::uint64_t>((until_s - begin_s) / Moves::tick_s * (k + 0.37) / 12);
      stepped.advance(begin_s + (static_cast<double>(tick) + 0.9999) * Moves::tick_s);
      const Counts counts(moves, n, tick);
      const State& s = stepped.state();
      std::vector<double> servers(n * n_server_states);
      for (std::size_t v = 0; v < s.servers.size(); ++v) ++servers[s.server_station[v] * n_server_states + static_cast<std::size_t>(s.servers[v].shown)];
      for (std::size_t i = 0; i < n; ++i) {
        const std::string where = stepped.plant().stations[i].name + " at " + std::to_string(k) + ": ";
        const double content = s.accounts.stations[i].content.level(), queue = static_cast<double>(s.accounts.stations[i].queue.lots);
        if (counts.content[i] != content) return where + std::to_string(counts.content[i]) + " lots, in the state " + std::to_string(content);
        if (counts.queue[i] != queue) return where + std::to_string(counts.queue[i]) + " wait, in the state " + std::to_string(queue);
        for (std::size_t j = 0; j < n_server_states && !stepped.plant().stations[i].unlimited_servers; ++j)
          if (counts.servers[i * n_server_states + j] != servers[i * n_server_states + j]) return where + server_state_names[j];
      }
    }
  } catch (const RunError&) {  // a deadlock
  }
  return "";
}

using Deaf = DeafTo<MovesCollector>;

const unsigned tries = plants_to_try("RETWIN_RANDOM_PLANTS", 60);

}  // namespace

TEST_CASE("records say who is where at every time") {
  unsigned compiled = 0, found_by_control = 0;
  for (unsigned number = 0; number < tries; ++number) {
    CAPTURE(number);
    const std::string text = RandomPlant(number).text();
    if (!problems_of(text).empty()) continue;
    ++compiled;
    const Scenario scenario = compile(text);
    CHECK(difference(scenario, number, 0, 0, 1.2 * day) == "");
    CHECK(difference(scenario, number, 0, 0.5 * day, 1.2 * day) == "");
    CHECK(difference(scenario, number, 0.4 * day, 0.4 * day, 1.1 * day) == "");
    found_by_control += difference<Deaf>(scenario, number, 0, 0, 1.2 * day) != "";
  }
  CHECK(compiled > tries / 2);
  CHECK(found_by_control > compiled / 4);
  for (const PlantText& text : plant_texts()) {
    CAPTURE(text.name);
    CHECK(difference(compile(text.text), 1, 0, 0.2 * text.days * day, text.days * day) == "");
    CHECK(difference(compile(text.text), 1, 0.3 * text.days * day, 0.4 * text.days * day, text.days * day) == "");
  }
}

TEST_CASE("by hand: two lots, a way, what they became") {
  const Scenario scenario = compile("run: {duration: 1 h, terminating: true}\nsources: {in: {at: [10 min, 12 min], to: press}}\nstations: {press: {duration: 5 min, to: done}}\nsinks: [done]\n");
  Simulation s = start(scenario, 1);
  MovesCollector collector(s.plant(), s.state(), 0, 3600, 0);
  s.advance(3600, &collector);
  const Moves moves = collector.take();
  const std::vector<Record> records = decoded(moves.places);
  CHECK(moves.lots.size() == 2);
  REQUIRE(records.size() == 8);  // each: comes, is taken into work, arrives at the sink, is no more
  const auto said = [&](std::size_t k, double minute, std::uint64_t who, std::uint64_t what) {
    CHECK(records[k].tick == static_cast<std::uint64_t>(minute * 60000));
    CHECK(records[k].who == who);
    CHECK(records[k].what == what);
  };
  said(0, 10, 0, 1);
  said(1, 10, 0, 2);
  said(2, 12, 1, 1);
  said(3, 15, 0, 3);
  said(4, 15, 0, 0);
  said(5, 15, 1, 2);
  said(6, 20, 1, 3);
  said(7, 20, 1, 0);
  REQUIRE(moves.flows.size() == 2);
  CHECK(moves.flows[0].from == 0);
  CHECK(moves.flows[0].to == 1);
  CHECK(moves.flows[0].lots == 2);
  CHECK(moves.flows[1].from == 2);
}

}  // namespace retwin::moves_law_test

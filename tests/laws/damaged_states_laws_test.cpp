// The law of damaged states: whatever word of a saved state is another, with a checksum that fits, the state is refused (code state) or
// can be gone on from. RETWIN_CAMPAIGN=20 tries twenty times as many words.
#include <doctest/doctest.h>

#include <cstdlib>
#include <cstring>
#include <functional>
#include <limits>

#include "core/base/files.hpp"
#include "core/flow/state/sound.hpp"
#include "tests/laws/hand_plants.hpp"
#include "tests/laws/plant_texts.hpp"
#include "tests/laws/plants.hpp"
#include "tests/laws/random_plants.hpp"

namespace retwin::damaged_states_laws_test {
using namespace hand;

namespace {

/// Words that a state may be patched with: ends of the ranges of all kinds of numbers, and small ones.
std::uint64_t word(std::uint64_t was, std::uint64_t random) {
  const auto bits = [](double x) { return std::bit_cast<std::uint64_t>(x); };
  constexpr double inf = std::numeric_limits<double>::infinity();
  switch (random % 16) {
    case 0: return 0;
    case 1: return ~std::uint64_t{0};
    case 2: return was + 1;
    case 3: return was - 1;
    case 4: return was ^ (std::uint64_t{1} << (random >> 8 & 63));
    case 5: return bits(std::numeric_limits<double>::quiet_NaN());
    case 6: return bits(random >> 9 & 1 ? inf : -inf);
    case 7: return bits(1e300);
    case 8: return bits(-1.0);
    case 9: return 0x7fffffff7fffffff;
    case 10: return 0x8000000080000000;
    case 11: return (was & 0xffffffff00000000) | (random >> 40 & 31);
    case 12: return (was & 0x00000000ffffffff) | (random >> 40 & 31) << 32;
    case 13: return random >> 8 & 255;
    case 14: return was | 0xffffffff;
    default: return philox(random, 7, 7);
  }
}

/// Patches words of the state, of 8 bytes or of 4; what comes of it.
struct Outcomes {
  int refused = 0, went_on = 0, stopped = 0;
};
Outcomes patch(const std::shared_ptr<const Plant>& plant, const State& state, std::uint64_t words, std::uint64_t seed) {
  const std::string bytes = save_state(state, *plant);
  const std::string content = bytes.substr(0, bytes.size() - 64);
  const std::string section = "future";  // behind the structure
  const std::size_t begin = content.find(section, 12 + 4 + structure_of(*plant).text().size()) + section.size() + 8;
  Outcomes out;
  for (std::uint64_t k = 0; k < words; ++k) {
    const std::uint64_t random = philox(seed, 1, k);
    const std::size_t size = random & 1 ? 8 : 4;
    const std::size_t at = begin + philox(seed, 2, k) % ((content.size() - begin) / 4 - 1) * 4 % (content.size() - begin - 8);
    std::string changed = content;
    std::uint64_t value = 0;
    std::memcpy(&value, changed.data() + at, size);
    value = word(value, philox(seed, 3, k));
    std::memcpy(changed.data() + at, &value, size);
    CAPTURE(at);
    CAPTURE(value);
    try {
      Simulation s(plant, load_state(changed + sha256_hex(changed), *plant, "x.state"));
      s.advance(s.now() + 0.2 * day);
      ++out.went_on;
    } catch (const InputError& error) {
      REQUIRE(error.problems().front().code == Code::state);
      ++out.refused;
    } catch (const RunError&) {
      ++out.stopped;
    }
  }
  return out;
}

std::uint64_t campaign() {
  const char* times = std::getenv("RETWIN_CAMPAIGN");
  return times == nullptr ? 1 : std::max<std::uint64_t>(1, std::strtoull(times, nullptr, 10));
}

}  // namespace

TEST_CASE("a patched state of a plant by hand is refused or goes on") {
  std::uint64_t seed = 0;
  for (const auto& plant : {factory().build(), line().build()})
    for (const double at : {0.0, 3.4 * day}) {
      const Outcomes out = patch(plant, after(plant, at).state(), 150 * campaign(), ++seed);
      CHECK(out.refused > 20);
      CHECK(out.went_on > 5);
    }
}

TEST_CASE("a patched state of a random plant is refused or goes on; an unpatched one is sound at any time") {
  int refused = 0;
  for (unsigned number = 1; number <= 12 * campaign(); ++number) {
    CAPTURE(number);
    const std::string text = plants::RandomPlant(number).text();
    if (!plants::problems_of(text).empty()) continue;  // options that do not go together
    const Scenario scenario = plants::compile(text);
    Simulation s(scenario.plant, number);
    try {
      for (const double at : {0.0, 0.37 * day, 1.6 * day, 4.2 * day}) {
        s.advance(at);
        REQUIRE(contradiction(s.state(), structure_of(*scenario.plant)) == "");
      }
    } catch (const RunError&) {
      continue;
    }
    refused += patch(scenario.plant, s.state(), 25, number).refused;
  }
  CHECK(refused > 50);
}

TEST_CASE("each kind of contradiction is seen") {
  const auto plant = factory().build();
  State sound = after(plant, 3.4 * day).state();
  const Structure structure = structure_of(*plant);
  REQUIRE(contradiction(sound, structure) == "");
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  const auto queue = [](State& s) -> StationState& {
    return *std::max_element(s.stations.begin(), s.stations.end(), [](const auto& a, const auto& b) { return a.queued < b.queued; });
  };
  REQUIRE(queue(sound).queued >= 2);
  const auto busy = [](State& s) -> Server& {
    return *std::find_if(s.servers.begin(), s.servers.end(), [](const Server& v) { return v.job != none && v.pending != 0; });
  };
  const std::pair<const char*, std::function<void(State&)>> contradictions[] = {
      {"no time", [&](State& s) { s.now = nan; }},
      {"before its own events", [&](State& s) { s.now += 365 * day; }},
      {"a circle in a queue", [&](State& s) { s.lots[queue(s).queue.tail].next = queue(s).queue.head; }},
      {"a queue that leads outside", [&](State& s) { s.lots[queue(s).queue.tail].next = 1u << 30; }},
      {"a queue without its tail", [&](State& s) { queue(s).queue.tail = queue(s).queue.head; }},
      {"a queue miscounted", [&](State& s) { ++queue(s).queued; }},
      {"a lot in two places", [&](State& s) { s.free_lot = queue(s).queue.head; }},
      {"a lot nowhere", [&](State& s) { s.lots.emplace_back(), s.attributes.resize(s.attributes.size() + plant->attributes.size()), s.kg.resize(s.kg.size() + plant->n_components); }},
      {"a negative mass", [&](State& s) { s.lots[queue(s).queue.head].mass = -1; }},
      {"a kind that is none", [&](State& s) { s.lots[queue(s).queue.head].kind = 99; }},
      {"a category that is none", [&](State& s) { s.attributes[queue(s).queue.head * plant->attributes.size() + chemistry] = 7.5; }},
      {"a stage that is none", [&](State& s) { busy(s).stage = static_cast<Stage>(77); }},
      {"a phase that is none", [&](State& s) { busy(s).phase = 99; }},
      {"a server that works on nothing", [&](State& s) { busy(s).job = none; }},
      {"an event that is not there", [&](State& s) { busy(s).pending = s.order - 1; }},
      {"an event of nothing", [&](State& s) { s.calendar.events().back().index = 1u << 20; }},
      {"an event of no kind", [&](State& s) { s.calendar.events().back().kind = static_cast<EventKind>(99); }},
      {"events out of order", [&](State& s) { std::swap(s.calendar.events().front(), s.calendar.events().back()); }},
      {"a pool overdrawn", [&](State& s) { s.pools[0].taken += 1; }},
      {"more lots than there are", [&](State& s) { ++s.live_lots; }},
      {"a clock of another server", [&](State& s) { s.clocks.front().server = static_cast<Index>(s.servers.size()) + 5; }},
      {"a memory that is no number", [&](State& s) { s.memory.front() = nan; }},
      {"an account that is no number", [&](State& s) { s.accounts.stations.front().waited = nan; }},
      {"an account that disagrees", [&](State& s) { s.accounts.stations[static_cast<std::size_t>(&queue(s) - s.stations.data())].queue.lots = 1000000; }},
      {"a list too short", [&](State& s) { s.kg.pop_back(); }},
  };
  for (const auto& [name, contradict] : contradictions) {
    CAPTURE(name);
    State copy = sound;
    contradict(copy);
    CHECK(contradiction(copy, structure) != "");
  }
}

}  // namespace retwin::damaged_states_laws_test

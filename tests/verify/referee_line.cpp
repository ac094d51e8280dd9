// Referee: a saturated line with finite buffers and blocking after service, one S4U actor per station.
#include "tests/verify/referee.hpp"

namespace sg4 = simgrid::s4u;

int main(int count, char** words) {
  const bool perturb = referee::is_control(count, words);
  const referee::EngineSide engine = referee::run_engine("referee_line.yaml", "parts");
  const referee::Luck luck("parts", perturb);
  struct Station {
    const char* name;
    double mean_s;
    unsigned buffer;
  };
  static constexpr Station line[] = {{"s1", 1, 0}, {"s2", 1, 3}, {"s3", 1.1, 0}, {"s4", 0.9, 1}, {"s5", 1, 5}};
  static constexpr std::size_t n = std::size(line);
  referee::Departures departures;
  referee::run_actors([&](sg4::Host* host) {
    // room[i]: parts that may be past station i - 1 and not yet past station i, the one in service included
    std::vector<sg4::SemaphorePtr> room, parts;
    for (const Station& station : line) {
      room.push_back(sg4::Semaphore::create(station.buffer + 1));
      parts.push_back(sg4::Semaphore::create(0));
    }
    for (std::size_t i = 0; i < n; ++i) {
      sg4::Actor::create(line[i].name, host, [&departures, &luck, &engine, room, parts, i] {
        for (std::uint64_t lot = 1; lot <= engine.made; ++lot) {
          if (i > 0) parts[i]->acquire();
          const double service = referee::exponential(line[i].mean_s, luck.service(line[i].name, lot));
          sg4::this_actor::sleep_for(service + (i + 1 == n ? luck.perturbation(lot) : 0));
          if (i + 1 < n) {
            room[i + 1]->acquire();
            parts[i + 1]->release();
          } else {
            departures[lot] = sg4::Engine::get_clock();
          }
          if (i > 0) room[i]->release();
        }
      });
    }
  });
  return referee::compare(engine, departures, perturb);
}

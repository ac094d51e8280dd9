// Referee: Poisson arrivals, two servers with one queue, and a single server whose small buffer blocks them, as S4U actors.
#include <deque>

#include "tests/verify/referee.hpp"

namespace sg4 = simgrid::s4u;

namespace {

/// Lots in line, and how many there are.
struct Queue {
  std::deque<std::uint64_t> lots;
  sg4::SemaphorePtr filled = sg4::Semaphore::create(0);
  void put(std::uint64_t lot) {
    lots.push_back(lot);
    filled->release();
  }
  std::uint64_t take() {
    filled->acquire();
    const std::uint64_t lot = lots.front();
    lots.pop_front();
    return lot;
  }
};

}  // namespace

int main(int count, char** words) {
  const bool perturb = referee::is_control(count, words);
  const referee::EngineSide engine = referee::run_engine("referee_two_servers.yaml", "jobs");
  const referee::Luck luck("jobs", perturb);
  referee::Departures departures;
  referee::run_actors([&](sg4::Host* host) {
    const auto pair = std::make_shared<Queue>(), single = std::make_shared<Queue>();
    const sg4::SemaphorePtr room = sg4::Semaphore::create(2 + 1);  // two places and the server of `single`
    sg4::Actor::create("jobs", host, [&luck, &engine, pair] {
      for (std::uint64_t lot = 1; lot <= engine.made; ++lot) {
        sg4::this_actor::sleep_for(referee::exponential(1.25, luck.arrival(lot - 1)));
        pair->put(lot);
      }
    });
    for (int server = 0; server < 2; ++server) {
      sg4::ActorPtr actor = sg4::Actor::create("pair", host, [&luck, pair, single, room] {
        for (;;) {
          const std::uint64_t lot = pair->take();
          sg4::this_actor::sleep_for(referee::exponential(1.8, luck.service("pair", lot)));
          room->acquire();  // in the order in which they were blocked
          single->put(lot);
        }
      });
      actor->daemonize();
    }
    sg4::Actor::create("single", host, [&departures, &luck, &engine, single, room] {
      for (std::uint64_t done = 0; done < engine.made; ++done) {
        const std::uint64_t lot = single->take();
        sg4::this_actor::sleep_for(referee::uniform(0.2, 1.8, luck.service("single", lot)) + luck.perturbation(lot));
        departures[lot] = sg4::Engine::get_clock();
        room->release();
      }
    });
  });
  return referee::compare(engine, departures, perturb);
}

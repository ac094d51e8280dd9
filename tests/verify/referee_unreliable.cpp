// Referee: a saturated line whose machines fail after so much work (operation-dependent failures), one S4U actor per machine.
#include <functional>
#include <limits>

#include "tests/verify/referee.hpp"

namespace sg4 = simgrid::s4u;

namespace {

struct Machine {
  const char* name;
  double mean_s;
  unsigned buffer;
  double mean_until_failure_s;  // 0: never
  std::function<double(double)> repair_s;
};

/// Works until the part is done; between failures the machine ages only while it works.
class Worker {
 public:
  Worker(const Machine& machine, const referee::Luck& luck) : machine_(machine), luck_(luck) { draw_failure(); }
  void work(double seconds) {
    while (left_ < seconds) {
      sg4::this_actor::sleep_for(left_);
      seconds -= left_;
      sg4::this_actor::sleep_for(machine_.repair_s(luck_.repair(machine_.name, failures_)));
      draw_failure();
    }
    sg4::this_actor::sleep_for(seconds);
    left_ -= seconds;
  }

 private:
  void draw_failure() {
    ++failures_;
    left_ = machine_.mean_until_failure_s > 0
                ? referee::exponential(machine_.mean_until_failure_s, luck_.until_failure(machine_.name, failures_))
                : std::numeric_limits<double>::infinity();
  }
  const Machine& machine_;
  const referee::Luck& luck_;
  double left_ = 0;
  std::uint64_t failures_ = 0;
};

}  // namespace

int main(int count, char** words) {
  const bool perturb = referee::is_control(count, words);
  const referee::EngineSide engine = referee::run_engine("referee_unreliable.yaml", "parts");
  const referee::Luck luck("parts", perturb);
  const std::vector<Machine> line = {{"m1", 1, 0, 20, [](double u) { return referee::exponential(4, u); }},
                                     {"m2", 1, 4, 0, nullptr},
                                     {"m3", 0.9, 2, 30, [](double u) { return referee::uniform(1, 9, u); }}};
  referee::Departures departures;
  referee::run_actors([&](sg4::Host* host) {
    std::vector<sg4::SemaphorePtr> room, parts;
    for (const Machine& machine : line) {
      room.push_back(sg4::Semaphore::create(machine.buffer + 1));
      parts.push_back(sg4::Semaphore::create(0));
    }
    for (std::size_t i = 0; i < line.size(); ++i) {
      sg4::Actor::create(line[i].name, host, [&departures, &line, &luck, &engine, room, parts, i] {
        Worker worker(line[i], luck);
        const bool last = i + 1 == line.size();
        for (std::uint64_t lot = 1; lot <= engine.made; ++lot) {
          if (i > 0) parts[i]->acquire();
          worker.work(referee::exponential(line[i].mean_s, luck.service(line[i].name, lot)));
          if (last) {
            if (const double more = luck.perturbation(lot); more > 0) sg4::this_actor::sleep_for(more);
            departures[lot] = sg4::Engine::get_clock();
          } else {
            room[i + 1]->acquire();
            parts[i + 1]->release();
          }
          if (i > 0) room[i]->release();
        }
      });
    }
  });
  return referee::compare(engine, departures, perturb);
}

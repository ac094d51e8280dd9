// Referee: users of utilities as SimGrid activities. Each of 200 cases has utilities of its own and users that come at random times, need an amount, with or
// without a highest rate, of one of them (executions on a host, with their weights as priorities) or of several (transfers over links): the times at which
// they end must be those of the engine.
#include <functional>
#include <random>
#include <sstream>

#include "core/scenario/document/document.hpp"
#include "tests/verify/referee.hpp"

namespace sg4 = simgrid::s4u;

namespace {

constexpr int cases = 200;

struct User {
  double at_s, amount, bound, weight;
  std::vector<int> of;  ///< utilities of its case
};
struct Case {
  bool links = false;
  std::vector<double> capacity;
  std::vector<User> users;
};

std::vector<Case> random_cases() {
  std::mt19937_64 random(7);
  const auto uniform = [&](double low, double high) { return low + (high - low) * static_cast<double>(random() >> 11) / 9007199254740992.0; };
  std::vector<Case> all(cases);
  for (std::size_t c = 0; c < all.size(); ++c) {
    Case& one = all[c];
    one.links = c % 2 == 1;
    const std::size_t utilities = one.links ? 2 + random() % 3 : 1;
    for (std::size_t u = 0; u < utilities; ++u) one.capacity.push_back(uniform(1, 10));
    const std::size_t users = 2 + random() % 12;
    for (std::size_t k = 0; k < users; ++k) {
      User user{uniform(0, 50), one.links ? 1 + static_cast<double>(random() % 60) : uniform(1, 60), random() % 3 == 0 ? uniform(0.2, 6) : 0, one.links ? 1 : 1 + static_cast<double>(random() % 4), {}};
      for (std::size_t u = 0; u < utilities; ++u)
        if (!one.links || random() % 2 == 0) user.of.push_back(static_cast<int>(u));
      if (user.of.empty()) user.of.push_back(0);
      if (user.bound > 0)
        for (const int u : user.of) user.bound = std::min(user.bound, one.capacity[static_cast<std::size_t>(u)]);
      one.users.push_back(user);
    }
  }
  return all;
}

std::string exact(double x) {
  char text[32];
  std::snprintf(text, sizeof text, "%.17g", x);
  return text;
}

/// A transfer has the same rate on all its links, and all that share a link are equal: the work goes on at that rate, and its weight takes back what the
/// engine makes of capacities that differ.
std::string scenario_of(const std::vector<Case>& all) {
  std::ostringstream utilities, sources, stations;
  for (std::size_t c = 0; c < all.size(); ++c) {
    for (std::size_t u = 0; u < all[c].capacity.size(); ++u)
      utilities << "  u" << c << "_" << u << ": " << exact(all[c].capacity[u]) << " kg/s\n";
    for (std::size_t k = 0; k < all[c].users.size(); ++k) {
      const User& user = all[c].users[k];
      const std::string name = std::to_string(c) + "_" + std::to_string(k);
      sources << "  s" << name << ": {at: [" << exact(user.at_s) << " s], to: m" << name << "}\n";
      double least = all[c].capacity[static_cast<std::size_t>(user.of.front())];
      for (const int u : user.of) least = std::min(least, all[c].capacity[static_cast<std::size_t>(u)]);
      // while the work goes on, at most at its bound: amount / bound seconds of work that draw `bound` a second
      const double rate = user.bound > 0 ? user.bound : least;
      stations << "  m" << name << ": {duration: " << exact(user.amount / rate) << " s, to: done, draws: {";
      for (std::size_t i = 0; i < user.of.size(); ++i)
        stations << (i > 0 ? ", " : "") << "u" << c << "_" << user.of[i] << ": {amount: " << exact(rate) << " kg/s, weight: " << exact(all[c].links ? 1 / least : user.weight) << "}";
      stations << "}}\n";
    }
  }
  return "run: {duration: 100000 s, terminating: true}\nutilities:\n" + utilities.str() + "sources:\n" + sources.str() + "stations:\n" + stations.str() + "sinks: [done]\n";
}

/// User, numbered over all cases, and when he ended.
std::map<std::size_t, double> by_engine(const std::vector<Case>& all) {
  struct Finished : retwin::Observer {
    std::map<retwin::Index, double> at;
    void job_finished(const retwin::JobRecord& job) override { at[job.station] = job.now; }
  };
  retwin::Problems problems;
  const std::optional<retwin::Node> document = retwin::read_yaml(scenario_of(all), "users.yaml", problems);
  problems.throw_if_errors();
  const retwin::Scenario scenario = retwin::compile_scenario(*document, "users.yaml", {}, {});
  retwin::Simulation simulation(scenario.plant, 1);
  Finished finished;
  simulation.advance(scenario.run.duration_s, &finished);
  std::map<std::size_t, double> out;
  std::size_t number = 0;
  for (std::size_t c = 0; c < all.size(); ++c)
    for (std::size_t k = 0; k < all[c].users.size(); ++k, ++number) {
      const auto found = finished.at.find(scenario.plant->find_station("m" + std::to_string(c) + "_" + std::to_string(k)));
      if (found != finished.at.end()) out[number] = found->second;
    }
  return out;
}

std::map<std::size_t, double> by_simgrid(const std::vector<Case>& all, bool perturb) {
  std::map<std::size_t, double> out;
  std::string name = "referee", threshold = "--log=root.thres:critical", precision = "--cfg=surf/precision:1e-14", model = "--cfg=network/model:CM02", window = "--cfg=network/TCP-gamma:0", cross = "--cfg=network/crosstraffic:0";
  char* words[] = {name.data(), threshold.data(), precision.data(), model.data(), window.data(), cross.data(), nullptr};
  int count = 6;
  sg4::Engine engine(&count, words);
  auto* zone = sg4::create_full_zone("zone");
  std::size_t number = 0;
  std::vector<std::function<void()>> begin;
  for (std::size_t c = 0; c < all.size(); ++c) {
    const Case& one = all[c];
    const std::string prefix = "c" + std::to_string(c) + "_";
    sg4::Host* const host = zone->create_host(prefix + "host", one.links ? 1e9 : one.capacity[0])->seal();
    std::vector<sg4::Link*> links;
    for (std::size_t u = 0; u < one.capacity.size() && one.links; ++u) links.push_back(zone->create_link(prefix + std::to_string(u), one.capacity[u])->set_latency(0)->seal());
    for (std::size_t k = 0; k < one.users.size(); ++k, ++number) {
      const User& user = one.users[k];
      const double amount = user.amount * (perturb && number == 0 ? 1 + 1e-6 : 1);
      if (!one.links) {
        begin.push_back([=, &out] {
          sg4::Actor::create("user", host, [=, &out] {
            sg4::this_actor::sleep_for(user.at_s);
            sg4::ExecPtr exec = sg4::this_actor::exec_init(amount)->set_priority(user.weight);
            if (user.bound > 0) exec->set_bound(user.bound);
            exec->start()->wait();
            out[number] = sg4::Engine::get_clock();
          });
        });
        continue;
      }
      sg4::Host* const from = zone->create_host(prefix + "from" + std::to_string(k), 1e9)->seal();
      sg4::Host* const to = zone->create_host(prefix + "to" + std::to_string(k), 1e9)->seal();
      std::vector<sg4::LinkInRoute> route;
      for (const int u : user.of) route.emplace_back(links[static_cast<std::size_t>(u)]);
      zone->add_route(from->get_netpoint(), to->get_netpoint(), nullptr, nullptr, route, false);
      const std::string box = prefix + "box" + std::to_string(k);
      begin.push_back([=, &out] {
        sg4::Actor::create("receiver", to, [=] { sg4::Mailbox::by_name(box)->get<int>(); });
        sg4::Actor::create("user", from, [=, &out] {
          sg4::this_actor::sleep_for(user.at_s);
          static int something = 0;
          sg4::CommPtr comm = sg4::Mailbox::by_name(box)->put_init(&something, static_cast<std::uint64_t>(amount));  // whole bytes
          if (user.bound > 0) comm->set_rate(user.bound);
          comm->start()->wait();
          out[number] = sg4::Engine::get_clock();
        });
      });
    }
  }
  zone->seal();
  for (const auto& one : begin) one();
  engine.run();
  return out;
}

}  // namespace

int main(int count, char** words) {
  const bool perturb = referee::is_control(count, words);
  const std::vector<Case> all = random_cases();
  const std::map<std::size_t, double> ours = by_engine(all), theirs = by_simgrid(all, perturb);
  std::size_t differ = 0, users = 0;
  double worst = 0;
  for (const Case& one : all) users += one.users.size();
  for (const auto& [user, at] : theirs) {
    const auto mine = ours.find(user);
    const double off = mine == ours.end() ? 1 : std::abs(mine->second - at) / std::max(1.0, at);
    worst = std::max(worst, off);
    differ += off > referee::tolerance ? 1 : 0;
  }
  std::printf("%d cases, %zu users: %zu end at other times, the worst by %.1e of the clock\n", cases, users, differ, worst);
  const bool same = differ == 0 && ours.size() == users && theirs.size() == users;
  return same != perturb ? 0 : 1;
}

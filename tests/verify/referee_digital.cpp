// Referee: tasks of the digital layer as S4U actors. Each of 200 cases has computers of some cores, links, and tasks that begin at random times and
// compute and send step by step: the times at which their steps end must be those of the engine, which puts to SimGrid only what shares something; and
// what the computers use must be what SimGrid's plug-in for the energy of hosts says.
#include <simgrid/plugins/energy.h>

#include <functional>
#include <random>
#include <sstream>

#include "core/scenario/document/document.hpp"
#include "tests/verify/referee.hpp"

namespace sg4 = simgrid::s4u;

namespace {

constexpr int cases = 200;
constexpr double idle_W = 20;

struct Step {
  int host = -1;          ///< that computes; else it sends
  std::vector<int> over;  ///< links
  double amount = 0;
};
struct Job {
  double at_s = 0;
  std::vector<Step> steps;
};
struct Case {
  std::vector<int> cores;
  std::vector<double> speed, bandwidth, latency_s;
  std::vector<Job> jobs;
};

std::vector<Case> random_cases() {
  std::mt19937_64 random(11);
  const auto uniform = [&](double low, double high) { return low + (high - low) * static_cast<double>(random() >> 11) / 9007199254740992.0; };
  std::vector<Case> all(cases);
  for (Case& one : all) {
    for (std::size_t h = 0, n = 1 + random() % 3; h < n; ++h) {
      one.cores.push_back(1 + static_cast<int>(random() % 4));
      one.speed.push_back(uniform(1e9, 1e10));
    }
    for (std::size_t l = 0, n = 2 + random() % 3; l < n; ++l) {
      one.bandwidth.push_back(std::floor(uniform(1e6, 1e7)));
      one.latency_s.push_back(random() % 2 == 0 ? 0 : uniform(0.001, 2));
    }
    for (std::size_t k = 0, n = 2 + random() % 14; k < n; ++k) {
      Job job;
      job.at_s = uniform(0, 40);
      for (std::size_t s = 0, steps = 1 + random() % 3; s < steps; ++s) {
        Step step;
        if (random() % 2 == 0) {
          step.host = static_cast<int>(random() % one.cores.size());
          step.amount = std::floor(uniform(1e9, 1e11));
        } else {
          for (std::size_t l = 0; l < one.bandwidth.size(); ++l)
            if (random() % 2 == 0) step.over.push_back(static_cast<int>(l));
          if (step.over.empty()) step.over.push_back(0);
          step.amount = std::floor(uniform(1e6, 1e8));
        }
        job.steps.push_back(step);
      }
      one.jobs.push_back(job);
    }
  }
  return all;
}

std::string exact(double x) {
  char text[32];
  std::snprintf(text, sizeof text, "%.17g", x);
  return text;
}

std::string scenario_of(const Case& one) {
  std::ostringstream hosts, links, routes, tasks, sources, stations;
  for (std::size_t h = 0; h < one.cores.size(); ++h) hosts << "    h" << h << ": {cores: " << one.cores[h] << ", speed: " << exact(one.speed[h]) << " op/s, idle_power: 20 W, power: 60 W, station: m0}\n";
  for (std::size_t l = 0; l < one.bandwidth.size(); ++l) links << "    l" << l << ": {bandwidth: " << exact(one.bandwidth[l]) << " B/s, latency: " << exact(one.latency_s[l]) << " s}\n";
  for (std::size_t k = 0; k < one.jobs.size(); ++k) {
    tasks << "    t" << k << ": {steps: [";
    for (std::size_t s = 0; s < one.jobs[k].steps.size(); ++s) {
      const Step& step = one.jobs[k].steps[s];
      if (s > 0) tasks << ", ";
      if (step.host >= 0) {
        tasks << "{compute: " << exact(step.amount) << " op, host: h" << step.host << "}";
        continue;
      }
      const std::string number = std::to_string(k) + "_" + std::to_string(s);
      hosts << "    a" << number << ": 1 Gop/s\n    b" << number << ": 1 Gop/s\n";
      routes << "    - {from: a" << number << ", to: b" << number << ", over: [";
      for (std::size_t i = 0; i < step.over.size(); ++i) routes << (i > 0 ? ", l" : "l") << step.over[i];
      routes << "]}\n";
      tasks << "{send: " << exact(step.amount) << " B, from: a" << number << ", to: b" << number << "}";
    }
    tasks << "]}\n";
    sources << "  s" << k << ": {at: [" << exact(one.jobs[k].at_s) << " s], to: m" << k << "}\n";
    stations << "  m" << k << ": {duration: 0 s, waits_for: t" << k << ", to: done}\n";
  }
  const std::string ways = routes.str();
  return "run: {duration: 100000 s, terminating: true}\ndigital:\n  hosts:\n" + hosts.str() + "  links:\n" + links.str() + (ways.empty() ? "" : "  routes:\n" + ways) + "  tasks:\n" + tasks.str() +
         "sources:\n" + sources.str() + "stations:\n" + stations.str() + "sinks: [done]\n";
}

/// When each job has ended. @param asked how often something was shared
std::map<std::size_t, double> by_engine(const Case& one, std::size_t& together, std::vector<double>& J) {
  struct Finished : retwin::Observer {
    std::map<retwin::Index, double> at;
    void job_finished(const retwin::JobRecord& job) override { at[job.station] = job.now; }
  };
  struct Counting : retwin::Cosimulation {
    std::shared_ptr<const retwin::Cosimulation> network;
    std::size_t* count = nullptr;
    std::shared_ptr<const retwin::Cosimulation> of(std::vector<retwin::DigitalDevice>) const override { return nullptr; }
    std::vector<double> rates(std::span<const double> capacity, std::span<const retwin::DigitalActivity> activities) const override {
      ++*count;
      return network->rates(capacity, activities);
    }
  };
  retwin::Problems problems;
  const std::optional<retwin::Node> document = retwin::read_yaml(scenario_of(one), "tasks.yaml", problems);
  problems.throw_if_errors();
  const retwin::Scenario scenario = retwin::compile_scenario(*document, "tasks.yaml", {}, {});
  auto plant = std::make_shared<retwin::Plant>(*scenario.plant);
  auto counting = std::make_shared<Counting>();
  counting->network = plant->digital.network;
  counting->count = &together;
  plant->digital.network = counting;
  retwin::Simulation simulation(plant, 1);
  Finished finished;
  simulation.advance(scenario.run.duration_s, &finished);
  std::map<std::size_t, double> out;
  for (std::size_t d = 0; d < plant->digital.devices.size(); ++d)
    if (plant->digital.devices[d].name.starts_with("h")) J.push_back(simulation.state().accounts.standing[d].value(simulation.now()) - idle_W * simulation.now());
  for (std::size_t k = 0; k < one.jobs.size(); ++k)
    if (const auto found = finished.at.find(plant->find_station("m" + std::to_string(k))); found != finished.at.end()) out[k] = found->second;
  return out;
}

std::vector<std::map<std::size_t, double>> by_simgrid(const std::vector<Case>& all, bool perturb, std::vector<std::vector<double>>& J) {
  std::vector<std::map<std::size_t, double>> out(all.size());
  std::string name = "referee", threshold = "--log=root.thres:critical", precision = "--cfg=surf/precision:1e-14", model = "--cfg=network/model:CM02", cross = "--cfg=network/crosstraffic:0";
  char* words[] = {name.data(), threshold.data(), precision.data(), model.data(), cross.data(), nullptr};
  int count = 5;
  sg_host_energy_plugin_init();
  sg4::Engine engine(&count, words);
  auto* zone = sg4::create_full_zone("zone");
  std::vector<std::function<void()>> begin;
  std::vector<std::vector<sg4::Host*>> all_hosts;
  for (std::size_t c = 0; c < all.size(); ++c) {
    const Case& one = all[c];
    const std::string prefix = "c" + std::to_string(c) + "_";
    std::vector<sg4::Host*> hosts;
    for (std::size_t h = 0; h < one.cores.size(); ++h) hosts.push_back(zone->create_host(prefix + "h" + std::to_string(h), one.speed[h])->set_core_count(one.cores[h])->set_property("wattage_per_state", "20:20:60")->seal());
    all_hosts.push_back(hosts);
    std::vector<sg4::Link*> links;
    for (std::size_t l = 0; l < one.bandwidth.size(); ++l) links.push_back(zone->create_link(prefix + "l" + std::to_string(l), one.bandwidth[l])->set_latency(0)->seal());
    for (std::size_t k = 0; k < one.jobs.size(); ++k) {
      std::vector<std::pair<sg4::Host*, sg4::Host*>> ends;
      for (std::size_t s = 0; s < one.jobs[k].steps.size(); ++s) {
        const Step& step = one.jobs[k].steps[s];
        if (step.host >= 0) {
          ends.emplace_back(nullptr, nullptr);
          continue;
        }
        const std::string number = prefix + std::to_string(k) + "_" + std::to_string(s);
        ends.emplace_back(zone->create_host("a" + number, 1e9)->seal(), zone->create_host("b" + number, 1e9)->seal());
        std::vector<sg4::LinkInRoute> route;
        for (const int l : step.over) route.emplace_back(links[static_cast<std::size_t>(l)]);
        zone->add_route(ends.back().first->get_netpoint(), ends.back().second->get_netpoint(), nullptr, nullptr, route, false);
      }
      begin.push_back([=, &one, &out] {
        sg4::Actor::create("job", hosts[0], [=, &one, &out] {
          const Job& job = one.jobs[k];
          sg4::this_actor::sleep_for(job.at_s);
          for (std::size_t s = 0; s < job.steps.size(); ++s) {
            const Step& step = job.steps[s];
            const double amount = step.amount * (perturb && c == 0 && k == 0 ? 1 + 1e-6 : 1);
            if (step.host >= 0) {
              sg4::this_actor::exec_init(amount)->set_host(hosts[static_cast<std::size_t>(step.host)])->start()->wait();
              continue;
            }
            double latency_s = 0;
            for (const int l : step.over) latency_s += one.latency_s[static_cast<std::size_t>(l)];
            if (latency_s > 0) sg4::this_actor::sleep_for(latency_s);
            sg4::Comm::sendto_init(ends[s].first, ends[s].second)->set_payload_size(static_cast<std::uint64_t>(amount))->wait();
          }
          out[c][k] = sg4::Engine::get_clock();
        });
      });
    }
  }
  zone->seal();
  for (const auto& one : begin) one();
  engine.run();
  sg_host_energy_update_all();
  for (const auto& hosts : all_hosts) {
    std::vector<double>& mine = J.emplace_back();
    for (sg4::Host* const host : hosts) mine.push_back(sg_host_get_consumed_energy(host) - idle_W * sg4::Engine::get_clock());
  }
  return out;
}

}  // namespace

int main(int count, char** words) {
  const bool perturb = referee::is_control(count, words);
  const std::vector<Case> all = random_cases();
  std::size_t differ = 0, jobs = 0, missing = 0, together = 0;
  double worst = 0;
  std::vector<std::map<std::size_t, double>> ours;
  std::vector<std::vector<double>> our_J(all.size()), their_J;
  for (std::size_t c = 0; c < all.size(); ++c) ours.push_back(by_engine(all[c], together, our_J[c]));
  const auto theirs = by_simgrid(all, perturb, their_J);
  double energy_off = 0;
  for (std::size_t c = perturb ? 1 : 0; c < all.size(); ++c)
    for (std::size_t h = 0; h < all[c].cores.size(); ++h) energy_off = std::max(energy_off, std::abs(our_J[c][h] - their_J[c][h]) / std::max(1.0, their_J[c][h]));
  for (std::size_t c = 0; c < all.size(); ++c) {
    jobs += all[c].jobs.size();
    missing += all[c].jobs.size() - ours[c].size();
    for (const auto& [job, at] : theirs[c]) {
      const auto mine = ours[c].find(job);
      const double off = mine == ours[c].end() ? 1 : std::abs(mine->second - at) / std::max(1.0, at);
      worst = std::max(worst, off);
      differ += off > referee::tolerance ? 1 : 0;
    }
    missing += all[c].jobs.size() - theirs[c].size();
  }
  std::printf("%d cases, %zu jobs, %zu questions put to SimGrid: %zu end at other times, the worst by %.1e of the clock; energy of hosts differs by %.1e at most\n", cases, jobs, together, differ, worst, energy_off);
  const bool same = energy_off < 1e-9 && differ == 0 && missing == 0 && together > 1000;
  return same != perturb ? 0 : 1;
}

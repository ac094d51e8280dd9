// What computers and links share, as SimGrid has it. Each question is answered anew: its activities begin, SimGrid goes on until the first of them ends,
// and what has been done of each meanwhile tells how fast it goes. A computation of its own tells the time, so that no clock enters the answer and it is
// the same in every process.
//
// Simplified: latency is not SimGrid's, a transfer waits for it before it takes a share of its links; so all transfers over a link have equal shares,
// whatever their latency, and nominal bandwidths are reached (its model CM02, without the factors for TCP). Profiles of availability are not followed.
#include "core/platform/simgrid.hpp"

#include <simgrid/s4u.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <sstream>
#include <stdexcept>

#include "core/base/files.hpp"

namespace retwin {
namespace {

namespace sg4 = simgrid::s4u;

constexpr double fine = 1 << 20;          // payloads are whole numbers: of bytes, of this many parts each
constexpr double first_of_all = 1e4;      // weight of streams
constexpr double clock_speed = 1e9;       // of the computer whose work tells the time [operations/s]
constexpr double never = 1e18;            // operations: more than a stream does before anything ends

/// The engine of this process, its only one.
sg4::Engine& engine() {
  static sg4::Engine* const one = [] {
    static char name[] = "retwin", quiet[] = "--log=root.thres:critical";
    static char* arguments[] = {name, quiet, nullptr};
    int count = 2;
    auto* made = new sg4::Engine(&count, arguments);
    for (const char* setting : {"network/model:CM02", "network/crosstraffic:0", "network/optim:Full", "cpu/optim:Full"}) sg4::Engine::set_config(std::string(setting));
#if defined(__SANITIZE_ADDRESS__)
    sg4::Engine::set_config(std::string("contexts/factory:thread"));
#endif
    return made;
  }();
  return *one;
}

class World {
 public:
  World(const std::vector<DigitalDevice>& devices, const std::vector<std::vector<std::uint32_t>>& ways) : devices_(devices), capacity_(devices.size()) {
    zone_ = sg4::create_full_zone("plant");
    clock_ = zone_->create_host("clock", clock_speed)->seal();
    here_ = zone_->create_host("here", clock_speed)->seal();
    for (std::size_t d = 0; d < devices.size(); ++d) {
      capacity_[d] = devices[d].capacity;
      if (!devices[d].link) {
        hosts_.push_back(zone_->create_host("c" + std::to_string(d), devices[d].core())->set_core_count(static_cast<int>(devices[d].cores))->seal());
        links_.push_back(nullptr);
      } else {
        hosts_.push_back(nullptr);
        auto* const link = zone_->create_link("l" + std::to_string(d), (devices[d].capacity - devices[d].streams) * fine)->set_latency(0.0);
        if (!devices[d].shared) link->set_sharing_policy(sg4::Link::SharingPolicy::FATPIPE);
        links_.push_back(link->seal());
      }
    }
    for (const std::vector<std::uint32_t>& way : ways) {
      if (ways_.contains(way)) continue;
      const std::string number = std::to_string(ways_.size());
      const std::pair made{zone_->create_host("a" + number, clock_speed)->seal(), zone_->create_host("b" + number, clock_speed)->seal()};
      std::vector<sg4::LinkInRoute> route;
      for (const std::uint32_t device : way) route.emplace_back(links_[device]);
      zone_->add_route(made.first->get_netpoint(), made.second->get_netpoint(), nullptr, nullptr, route, false);
      ways_.emplace(way, made);
    }
    zone_->seal();
  }

  NetworkAnswer answer(const NetworkQuestion& q) {
    const std::size_t n = q.left.size();
    for (std::size_t d = 0; d < devices_.size(); ++d)
      if (links_[d] != nullptr && q.capacity[d] != capacity_[d]) {
        capacity_[d] = q.capacity[d];
        links_[d]->set_bandwidth(std::max(0.0, q.capacity[d] - devices_[d].streams) * fine);
      }
    double longest_s = 0;  // it takes no longer than if each had but its share of all it goes over among all
    std::vector<sg4::ActivityPtr> all, beside;
    for (std::size_t k = 0; k < n; ++k) {
      const std::span<const std::uint32_t> over(q.over.data() + q.first[k], q.first[k + 1] - q.first[k]);
      double least = std::numeric_limits<double>::infinity();
      for (const std::uint32_t d : over) least = std::min(least, devices_[d].link ? q.capacity[d] - devices_[d].streams : std::min(devices_[d].core(), (devices_[d].capacity - devices_[d].streams) / static_cast<double>(n)));
      const double share = devices_[over.front()].link ? least / static_cast<double>(n) : least;
      if (!(share > 0)) throw std::runtime_error("an activity goes over a device that gives nothing");
      const double takes_s = q.left[k] / share;
      longest_s = k == 0 ? takes_s : std::min(longest_s, takes_s);
      if (devices_[over.front()].link) {
        const auto& way = ways_.at({over.begin(), over.end()});
        all.push_back(sg4::Comm::sendto_init(way.first, way.second)->set_payload_size(static_cast<std::uint64_t>(std::max(1.0, std::round(q.left[k] * fine)))));
      } else {
        all.push_back(sg4::this_actor::exec_init(q.left[k])->set_host(hosts_[over.front()]));
      }
    }
    const auto busy = [&](std::size_t d) {
      return std::any_of(q.over.begin(), q.over.end(), [&](std::uint32_t device) { return device == d; });
    };
    for (std::size_t d = 0; d < devices_.size(); ++d) {
      if (hosts_[d] == nullptr || devices_[d].streams <= 0 || !busy(d)) continue;
      const double cores = std::ceil(devices_[d].streams / devices_[d].core());
      for (int core = 0; core < cores; ++core)
        beside.push_back(sg4::this_actor::exec_init(never)->set_host(hosts_[d])->set_bound(devices_[d].streams / cores)->set_priority(first_of_all));
    }
    const double most = 2 * longest_s * clock_speed;
    const sg4::ExecPtr clock = sg4::this_actor::exec_init(most)->set_host(clock_);
    clock->start();
    for (const sg4::ActivityPtr& one : beside) one->start();
    for (const sg4::ActivityPtr& one : all) one->start();
    std::vector<sg4::ActivityPtr> awaited = all;
    awaited.push_back(clock);
    sg4::Activity::wait_any(awaited);
    const double passed_s = (most - clock->get_remaining()) / clock_speed;
    NetworkAnswer out;
    for (std::size_t k = 0; k < n; ++k) {
      const double unit = devices_[q.over[q.first[k]]].link ? fine : 1;
      const double begun = unit == 1 ? q.left[k] : std::max(1.0, std::round(q.left[k] * fine));
      out.rates.push_back((begun - all[k]->get_remaining()) / unit / passed_s);
    }
    if (clock->get_state() == sg4::Activity::State::FINISHED || !(passed_s > 0)) out.failure = "no activity ends";
    awaited.insert(awaited.end(), beside.begin(), beside.end());
    for (const sg4::ActivityPtr& one : awaited)
      if (one->get_state() == sg4::Activity::State::STARTED) one->cancel();
    return out;
  }

  sg4::Host* here() { return here_; }

 private:
  const std::vector<DigitalDevice>& devices_;
  std::vector<double> capacity_;
  sg4::NetZone* zone_;
  sg4::Host *clock_, *here_;
  std::vector<sg4::Host*> hosts_;
  std::vector<sg4::Link*> links_;
  std::map<std::vector<std::uint32_t>, std::pair<sg4::Host*, sg4::Host*>> ways_;  ///< between two ends of its own each
};

}  // namespace

void serve_with_simgrid(const std::vector<DigitalDevice>& devices, const std::vector<std::vector<std::uint32_t>>& ways,
                        const std::function<bool(NetworkQuestion&)>& next, const std::function<void(const NetworkAnswer&)>& answer) {
  engine();
  World world(devices, ways);
  sg4::Engine::on_deadlock_cb([&] { answer({{}, "its activities wait for one another"}); });
  sg4::Actor::create("questions", world.here(), [&] {
    NetworkQuestion question;
    while (next(question)) {
      NetworkAnswer out;
      try {
        out = world.answer(question);
      } catch (const std::exception& error) {
        out = {{}, error.what()};
      }
      answer(out);
    }
  });
  engine().run();
}

Platform load_with_simgrid(const std::string& file, const std::vector<std::pair<std::string, std::string>>& routes) {
  Platform out;
  try {
    engine().load_platform(file);
  } catch (const std::exception& error) {
    out.failure = error.what();
    return out;
  }
  for (const sg4::Host* host : engine().get_all_hosts()) {
    Platform::Computer computer{host->get_name(), host->get_speed(), static_cast<std::uint32_t>(host->get_core_count())};
    if (const char* watts = host->get_property("wattage_per_state"); watts != nullptr) {  // idle : one core : all cores, or idle : all
      std::istringstream text{std::string(watts).substr(0, std::string(watts).find(','))};
      std::vector<double> values;
      for (std::string part; std::getline(text, part, ':');) values.push_back(number_of(part).value_or(0));
      if (!values.empty()) {
        computer.idle_W = values.front();
        computer.busy_W = values.back();
        computer.powered = true;
      }
    }
    out.computers.push_back(computer);
  }
  for (const sg4::Link* link : engine().get_all_links())
    if (!link->get_name().starts_with("__"))  // within a host
      out.links.push_back({link->get_name(), link->get_bandwidth(), link->get_sharing_policy() != sg4::Link::SharingPolicy::FATPIPE});
  for (const auto& [from, to] : routes) {
    const sg4::Host* const a = sg4::Host::by_name_or_null(from);
    const sg4::Host* const b = sg4::Host::by_name_or_null(to);
    if (a == nullptr || b == nullptr || a == b) continue;
    std::vector<sg4::Link*> links;
    PlatformRoute route{from, to, {}, 0};
    try {
      a->route_to(b, links, &route.latency_s);
    } catch (const std::exception&) {
      continue;  // there is none
    }
    if (links.empty()) continue;  // no way, says SimGrid of two hosts
    for (const sg4::Link* link : links) route.over.push_back(link->get_name());
    out.routes.push_back(std::move(route));
  }
  return out;
}

}  // namespace retwin

// Plants built by hand, for the tests of the process graph.
#pragma once
#include <algorithm>
#include <cmath>
#include <limits>

#include "core/flow/engine/simulation.hpp"
#include "core/graph/capacity.hpp"
#include "core/graph/process_graph.hpp"

namespace retwin::graphs {

constexpr double infinity = std::numeric_limits<double>::infinity(), unknown = std::numeric_limits<double>::quiet_NaN();
constexpr double hour = 3600, week = 7 * 24 * hour;

inline RouteOption to(Index target, double share = 0, Index via = none) {
  RouteOption option;
  option.target = target;
  option.share = share;
  option.via = via;
  return option;
}

inline Route route(RouteKind kind, std::vector<RouteOption> options) {
  Route r;
  r.kind = kind;
  r.options = std::move(options);
  return r;
}
inline Route straight(Index target) { return route(RouteKind::single, {to(target)}); }

inline WorkPhase phase(double seconds, std::vector<Need> needs = {}, bool attended = true) {
  WorkPhase p;
  p.duration.distribution = Distribution::exponential(seconds);
  p.needs = std::move(needs);
  p.attended = attended;
  return p;
}

/// Stations, sinks and sources are named by hand; node numbers: stations, then sinks.
struct Builder {
  Plant plant;

  Station& station(const std::string& name, double seconds, std::vector<Route> routes) {
    Station s;
    s.name = name;
    s.unit = "process";
    s.phases.push_back(phase(seconds));
    for (std::size_t p = 0; p < routes.size(); ++p)
      s.ports.push_back({routes.size() == 1 ? "out" : "p" + std::to_string(p), "", false});
    s.routes = std::move(routes);
    s.place.line = static_cast<int>(plant.stations.size()) + 10;
    plant.stations.push_back(std::move(s));
    return plant.stations.back();
  }
  void sink(const std::string& name) {
    Sink s;
    s.name = name;
    s.role = "product";
    plant.sinks.push_back(s);
  }
  Source& source(const std::string& name, double per_s, Route route) {  // infinity: saturated
    Source s;
    s.name = name;
    if (std::isfinite(per_s)) {
      s.arrivals = Arrivals::renewal;
      s.every = Distribution::exponential(1 / per_s);
    }
    s.route = std::move(route);
    plant.sources.push_back(s);
    return plant.sources.back();
  }
  void initial(Index station, Index count) {
    InitialLots lots;
    lots.station = station;
    lots.count = count;
    plant.initial.push_back(lots);
  }
  Index calendar(double cycle_s, std::vector<std::pair<double, double>> on) {
    plant.calendars.emplace_back(cycle_s, std::move(on), 0.0);
    plant.calendar_names.push_back("c" + std::to_string(plant.calendars.size()));
    return static_cast<Index>(plant.calendars.size()) - 1;
  }
  Index pool(const std::string& name, double count, Index on = none) {
    Pool p;
    p.name = name;
    p.shifts.push_back({on, count});
    plant.pools.push_back(p);
    return static_cast<Index>(plant.pools.size()) - 1;
  }
  const Plant& finish() {
    if (plant.flows.empty()) plant.flows.push_back({"electricity", dimension::energy});
    if (plant.kinds.empty()) plant.kinds.push_back({"item", false});
    finish_plant(plant);
    return plant;
  }
  Capacity capacity(const CapacityInput& input = {}) {
    finish();
    return static_capacity(plant, process_graph(plant), input);
  }
  Problems problems() {
    finish();
    Problems found;
    check_graph(plant, found);
    return found;
  }
};

inline std::size_t count(const Problems& problems, Code code) {
  return static_cast<std::size_t>(
      std::count_if(problems.all().begin(), problems.all().end(), [&](const Problem& p) { return p.code == code; }));
}

// feed -> split 60:40 -> slow (3/s) | fast (20/s) -> out
inline Builder split_plant(double rate) {
  Builder b;
  b.station("gate", 0.1, {route(RouteKind::probability, {to(1, 0.6), to(2, 1)})});
  b.station("slow", 1.0 / 3, {straight(3)});
  b.station("swift", 1.0 / 20, {straight(3)});
  b.sink("out");
  b.source("feed", rate, straight(0));
  return b;
}

// a -> b -> a with a way out of b; buffers as given
inline Builder circle(Index room_a, Index room_b) {
  Builder b;
  b.station("a", 1, {straight(1)}).buffer_places = room_a;
  b.station("b", 1, {route(RouteKind::probability, {to(0, 0.3), to(2, 1)})}).buffer_places = room_b;
  b.sink("out");
  b.source("feed", 0.1, straight(0));
  return b;
}

// pallets run a -> b -> a for ever
inline Builder pallets(Index carriers) {
  Builder b;
  Station& a = b.station("a", 1, {straight(1)});
  a.buffer_places = 0;
  a.servers = 2;
  Station& other = b.station("b", 4, {straight(0)});
  other.buffer_places = 0;
  other.servers = 2;
  b.initial(0, carriers);
  return b;
}

/// Two products of every lot, by port.
class TwoPorts : public UnitOperation {
 public:
  std::vector<PortInfo> ports() const override { return {{"parts", "", false}, {"rest", "", false}}; }
  void process(Job& job) const override {
    for (int k = 0; k < 3; ++k) job.make(0, 0);
    if (job.uniform(0) < 0.25) job.make(0, 1);
    job.end(0);
  }
};

}  // namespace retwin::graphs

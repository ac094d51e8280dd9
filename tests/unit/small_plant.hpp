// Small plants put together by hand, for tests of what stands above the engine.
#pragma once
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/flow/plant/plant.hpp"
#include "core/scenario/scenario.hpp"

namespace retwin::small {

inline Route to(Index node) {
  Route route;
  route.options.emplace_back();
  route.options.back().target = node;
  route.options.back().share = 1;
  return route;
}

inline Station station(const std::string& name, const Distribution& service, Index next, Index buffer = unlimited,
                       Index servers = 1) {
  Station s;
  s.name = name;
  s.unit = "process";
  s.servers = servers;
  s.buffer_places = buffer;
  s.phases.emplace_back();
  s.phases.back().duration.distribution = service;
  s.ports = {{"out", "what comes out", false}};
  s.routes = {to(next)};
  s.mean_s = service.mean();
  return s;
}

inline Source source(const std::string& name, const Distribution& every, Index first) {
  Source s;
  s.name = name;
  s.stream = stream_id(name);
  s.arrivals = Arrivals::renewal;
  s.every = every;
  s.route = to(first);
  return s;
}

inline Source saturated(const std::string& name, Index first) {
  Source s = source(name, Distribution::constant(0), first);
  s.arrivals = Arrivals::saturated;
  return s;
}

/// Stations lead to the sink "out" unless they say otherwise: node `stations.size()`.
inline Plant plant(std::vector<Station> stations, std::vector<Source> sources, std::vector<std::string> components = {}) {
  Plant p;
  p.name = "small";
  p.stations = std::move(stations);
  p.sources = std::move(sources);
  p.sinks.push_back({"out", "product", {}});
  p.kinds.push_back({"item", false});
  p.flows.push_back({"electricity", dimension::energy});
  p.flows.push_back({"acid", dimension::mass});
  p.substances.components = std::move(components);
  p.n_components = p.substances.size();
  return p;
}

inline std::shared_ptr<const Plant> ready(Plant p) {
  finish_plant(p);
  return std::make_shared<const Plant>(std::move(p));
}

inline Scenario scenario(std::shared_ptr<const Plant> p, double duration_s, double warmup_s = 0, std::int64_t replications = 1) {
  Scenario s;
  s.name = p->name;
  s.plant = std::move(p);
  s.run.duration_s = duration_s;
  s.run.warmup_s = warmup_s;
  s.run.replications = replications;
  s.run.year_s = 365 * 86400.0;
  s.scenario_hash = "0123";
  return s;
}

/// Gives its lots these masses.
class Weighed : public LotMaker {
 public:
  explicit Weighed(std::vector<double> kg) : kg_(std::move(kg)) {}
  void make(NewLot& lot) const override {
    for (std::size_t c = 0; c < kg_.size(); ++c) lot.kg[c] = kg_[c];
  }

 private:
  std::vector<double> kg_;
};

}  // namespace retwin::small

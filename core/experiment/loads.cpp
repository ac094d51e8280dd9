// Work that is asked for, over what there is.
#include "core/experiment/loads.hpp"

#include <algorithm>
#include <cmath>

namespace retwin {
namespace {

double figure(const FigureMap& figures, const std::string& path) {
  const auto found = figures.find(path);
  return found == figures.end() || std::isnan(found->second) ? 0 : found->second;
}

class Loads {
 public:
  Loads(const Plant& plant, const FigureMap& now, const Plant& free, const FigureMap& then, const BottleneckAnalysis& analysis)
      : plant_(plant), now_(now), then_(then), analysis_(analysis) {
    for (Index k = 0; k < plant.n_stations(); ++k) {
      const std::string at = "stations." + plant.stations[k].name + ".";
      const double servers = plant.stations[k].unlimited_servers ? 0 : plant.stations[k].servers;
      const double on = 1 - figure(now, at + "off_shift") - figure(now, at + "down") - figure(now, at + "maintenance");
      const double asked = (figure(then, at + "working") + figure(then, at + "setup")) * free.stations[k].servers;
      const double had = figure(now, at + "utilisation");
      stations_.push_back(servers == 0 ? 0 : std::max(had, servers * on > 0 ? asked / (servers * on) : 0));
    }
    for (const Pool& pool : plant.pools) {
      const std::string at = "resources." + pool.name + ".";
      const double offered = figure(now, at + "offered");
      pools_.push_back(offered > 0 ? figure(then, at + "taken") / offered : 0);
    }
    for (const Utility& utility : plant.utilities) {
      const std::string at = "utilities." + utility.name + ".";
      const double offered = figure(now, at + "offered");
      utilities_.push_back(offered > 0 ? figure(then, at + "taken") / offered : 0);
    }
    for (const Device& device : plant.digital.devices) devices_.push_back(figure(then, std::string("digital.") + (device.link ? "links." : "hosts.") + device.name + ".utilisation"));
  }

  double of(const Candidate& c) const { return std::max(suspected(c.path), asked(c)); }

 private:
  double suspected(const std::string& path) const {
    for (const Suspect& s : analysis_.suspects)
      if (s.path == path) return s.load;
    return 0;
  }
  double share(Index station, const char* state) const { return figure(now_, "stations." + plant_.stations[station].name + "." + state); }

  double asked(const Candidate& c) const {
    using Kind = Candidate::Kind;
    constexpr double part = 0.5, steep = 5;  // how much less likely than its station, and with which share of time it is as likely
    switch (c.kind) {
      case Kind::servers:
      case Kind::fleet:
        return stations_[c.item];
      case Kind::buffer:
        return part * std::min(1.0, stations_[c.item]);
      case Kind::pool:
      case Kind::repair_crew:
        return pools_[c.item];
      case Kind::failure:
        return std::min(1.0, stations_[c.item]) * (part + std::min(part, steep * (share(c.item, "down") + share(c.item, "maintenance"))));
      case Kind::setup:
        return std::min(1.0, stations_[c.item]) * (part + std::min(part, steep * share(c.item, "setup")));
      case Kind::calendar:
        return of_calendar(c.item);
      case Kind::utility:
        return utilities_[c.item];
      case Kind::device:
        return devices_[c.item];
      case Kind::demand:
        return 0;
    }
    return 0;
  }

  double of_calendar(Index calendar) const {
    double most = 0;
    for (Index k = 0; k < plant_.n_stations(); ++k)
      if (plant_.stations[k].calendar == calendar) most = std::max(most, stations_[k]);
    for (Index k = 0; k < plant_.pools.size(); ++k)
      for (const PoolShift& shift : plant_.pools[k].shifts)
        if (shift.calendar == calendar) most = std::max(most, pools_[k]);
    return most;
  }

  const Plant& plant_;
  const FigureMap& now_;
  const FigureMap& then_;
  const BottleneckAnalysis& analysis_;
  std::vector<double> stations_, pools_, utilities_, devices_;
};

}  // namespace

std::vector<double> loads(const std::vector<Candidate>& candidates, const Plant& plant, const FigureMap& now, const Plant& free,
                          const FigureMap& then, const BottleneckAnalysis& analysis) {
  const Loads all(plant, now, free, then, analysis);
  std::vector<double> out;
  for (const Candidate& c : candidates) out.push_back(all.of(c));
  return out;
}

}  // namespace retwin

// Looks at loads and at who is stopped by whom.
#include "core/kpi/suspects.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace retwin {
namespace {

constexpr double loaded = 0.7, full = 0.5, stopping = 0.02;

bool can_be_loaded(const Station& s) { return !s.unlimited_servers && s.special != Special::plan && s.special != Special::lap; }

bool leads_to(const Route& route, Index station) {
  return std::any_of(route.options.begin(), route.options.end(),
                     [&](const RouteOption& o) { return o.target == station || o.via == station; });
}

double share(const Window& window, Index station, ServerState state) {
  return window.time_in(station, state) / window.server_time(station);
}

std::string percent(double x) { return fmt::format("{:.1f} %", 100 * x); }

class SuspectSearch {
 public:
  explicit SuspectSearch(const Window& window) : w_(window), plant_(window.plant()), load_(plant_.stations.size(), 0) {
    for (Index k = 0; k < plant_.n_stations(); ++k) {
      const double busy = can_be_loaded(plant_.stations[k]) ? w_.utilisation(k) : 0;
      load_[k] = std::isnan(busy) ? 0 : busy;
    }
  }

  std::vector<Suspect> all() {
    for (Index k = 0; k < plant_.n_stations(); ++k) {
      station(k);
      buffer(k);
    }
    pools();
    utilities();
    devices();
    calendars();
    std::stable_sort(out_.begin(), out_.end(), [](const Suspect& a, const Suspect& b) { return a.load > b.load; });
    return std::move(out_);
  }

 private:
  void station(Index k) {
    if (load_[k] < loaded) return;
    std::string why = fmt::format("at work {} of the time it is on", percent(load_[k]));
    const double waits = share(w_, k, ServerState::waiting_resource), down = share(w_, k, ServerState::down);
    if (waits >= stopping) why += fmt::format(", waits {} of its time for its crew", percent(waits));
    if (down >= stopping) why += fmt::format(", down {}", percent(down));
    out_.push_back({"stations." + plant_.stations[k].name + ".servers", load_[k], why});
  }

  /// The one of those who feed it that is blocked most.
  Index most_blocked_feeder(Index k) const {
    Index worst = none;
    for (Index i = 0; i < plant_.n_stations(); ++i) {
      const auto& routes = plant_.stations[i].routes;
      if (i == k || std::none_of(routes.begin(), routes.end(), [&](const Route& r) { return leads_to(r, k); })) continue;
      if (worst == none || share(w_, i, ServerState::blocked) > share(w_, worst, ServerState::blocked)) worst = i;
    }
    return worst;
  }

  void buffer(Index k) {
    const Station& s = plant_.stations[k];
    if (!can_be_loaded(s) || (s.buffer_places == unlimited && s.buffer_kg < 0)) return;
    const double held = w_.mean_queue(k);
    const double kg = w_.average([&](const Reading& r) { return r.accounts.stations[k].queue_kg; });
    const double by_places = s.buffer_places != unlimited && s.buffer_places > 0 ? held / s.buffer_places : 0;
    const double fill = std::max(by_places, s.buffer_kg > 0 ? kg / s.buffer_kg : 0);
    const Index feeder = most_blocked_feeder(k);
    const double blocked = feeder == none ? 0 : share(w_, feeder, ServerState::blocked);
    const bool stops = blocked >= stopping && (fill >= full / 2 || s.buffer_places == 0);
    if (fill < full && !stops) return;
    std::string why = s.buffer_places == 0 ? "there is no place to wait" : fmt::format("full to {} on average", percent(fill));
    if (stops) why += fmt::format("; {} is blocked {} of its time", plant_.stations[feeder].name, percent(blocked));
    out_.push_back({"stations." + s.name + ".buffer", std::max(fill, std::min(1.0, blocked)), why});
  }

  void pools() {
    for (std::size_t k = 0; k < plant_.pools.size(); ++k) {
      const double taken = w_.average([&](const Reading& r) { return r.pools[k].use; });
      const double offered = w_.average([&](const Reading& r) { return r.pools[k].offered; });
      if (!(offered > 0) || taken < loaded * offered) continue;
      out_.push_back({"resources." + plant_.pools[k].name, taken / offered,
                      fmt::format("at work {} of their time on duty", percent(taken / offered))});
    }
  }

  void utilities() {
    for (std::size_t k = 0; k < plant_.utilities.size(); ++k) {
      const auto of = [&](LevelIntegral UtilityAccount::*level) { return w_.average([&](const Reading& r) { return r.accounts.utilities[k].*level; }); };
      const double taken = of(&UtilityAccount::taken), offered = of(&UtilityAccount::offered), short_of = of(&UtilityAccount::full);
      if (!(offered > 0) || (taken < loaded * offered && short_of < stopping)) continue;
      out_.push_back({"utilities." + plant_.utilities[k].name + ".capacity", taken / offered, fmt::format("{} of it taken, not enough {} of the time", percent(taken / offered), percent(short_of))});
    }
  }

  /// Computers and links that are busy where jobs wait for their results.
  void devices() {
    double delay_s = 0;
    for (std::size_t k = 0; k < plant_.digital.tasks.size(); ++k) delay_s += w_.change([&](const Reading& r) { return r.accounts.tasks[k].waited; });
    for (std::size_t k = 0; k < plant_.digital.devices.size() && delay_s > 0; ++k) {
      const Device& device = plant_.digital.devices[k];
      const double busy = w_.average([&](const Reading& r) { return r.accounts.devices[k].busy; }) / w_.average([&](const Reading& r) { return r.accounts.devices[k].offered; });
      if (!(busy >= loaded)) continue;
      out_.push_back({std::string("digital.") + (device.link ? "links." : "hosts.") + device.name + (device.link ? ".bandwidth" : ".cores"), busy, fmt::format("{} of it in use, while jobs wait for results", percent(busy))});
    }
  }

  void calendars() {
    for (Index k = 0; k < plant_.calendars.size(); ++k) {
      if (plant_.calendars[k].always()) continue;
      Index busiest = none;
      for (Index i = 0; i < plant_.n_stations(); ++i)
        if (plant_.stations[i].calendar == k && (busiest == none || load_[i] > load_[busiest])) busiest = i;
      if (busiest == none || load_[busiest] < loaded) continue;
      out_.push_back({"calendars." + plant_.calendar_names[k], load_[busiest],
                      fmt::format("{} is at work {} of the time it is on, and off {}", plant_.stations[busiest].name,
                                  percent(load_[busiest]), percent(share(w_, busiest, ServerState::off_shift)))});
    }
  }

  const Window& w_;
  const Plant& plant_;
  std::vector<double> load_;  ///< per station
  std::vector<Suspect> out_;
};

}  // namespace

std::vector<Suspect> suspects(const Window& window) { return SuspectSearch(window).all(); }

}  // namespace retwin

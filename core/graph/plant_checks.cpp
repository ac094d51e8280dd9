// Checks of the flow by reachability in the process graph.
#include "core/graph/plant_checks.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/graph/process_graph.hpp"
#include "core/graph/traffic.hpp"

namespace retwin {
namespace {

class FlowChecker {
 public:
  FlowChecker(const Plant& plant, Problems& problems) : plant_(plant), problems_(problems), graph_(process_graph(plant)) {}

  // --- masses
  void masses() {
    std::vector<Bringer> bringers;
    for (Index s = 0; s < graph_.n_sources; ++s) {
      const Source& source = plant_.sources[s];
      const bool load = source.load_maker && mean_kg(plant_, source.load_maker.get(), source.stream + 1) > 0;
      const bool own = mean_kg(plant_, source.maker.get(), source.stream) > 0;
      bringers.push_back({source.name, own || load, reached_from(graph_, {graph_.source_node(s)})});
    }
    for (const InitialLots& lots : plant_.initial)
      bringers.push_back({"", mean_kg(plant_, lots.maker.get(), lots.stream) > 0, reached_from(graph_, {lots.station})});
    const std::vector<bool> made = reached_from(graph_, makers());
    for (Index i = 0; i < graph_.n_stations; ++i)
      if (!made[i]) check_mass(i, bringers);
  }

  // --- siblings
  void siblings() {
    for (Index join = 0; join < graph_.n_stations; ++join) {
      if (plant_.stations[join].batch.rule != BatchRule::siblings) continue;
      for (Index i = 0; i < graph_.n_stations; ++i)
        if (plant_.stations[i].operation || plant_.stations[i].special == Special::unload) check_branches(i, join);
    }
  }

  // --- what nothing reaches
  void sinks() {
    std::vector<bool> used(graph_.n_sinks);
    for (const FlowEdge& edge : graph_.edges)
      if (!graph_.is_station(edge.to) && !(edge.share == 0)) used[edge.to - graph_.n_stations] = true;
    for (const Station& station : plant_.stations) {
      if (station.lap_sink != none) used[station.lap_sink] = true;
      for (const FailureMode& mode : station.failures)
        if (mode.scrap_sink != none) used[mode.scrap_sink] = true;
    }
    for (const Tank& tank : plant_.tanks) {
      if (tank.to != none && used[tank.sink]) used[tank.to] = true;
      if (tank.drawn_by.empty())
        problems_.warning(Code::unreachable, tank.place, "tanks." + tank.name, "no station doses " + plant_.flows[tank.flow].name + ": nothing is ever drawn from " + tank.name,
                          "name a flow that unit operations dose, or remove it");
    }
    for (Index k = 0; k < graph_.n_sinks; ++k) {
      const Sink& sink = plant_.sinks[k];
      if (!used[k] && sink.place.line > 0)
        problems_.warning(Code::unreachable, sink.place, (sink.tank == none ? "sinks." : "tanks.") + sink.name, "nothing ever reaches " + sink.name,
                          "name it in the `to` of a station, or remove it");
    }
  }
  void shares() {
    ProcessGraph real = graph_;
    std::erase_if(real.edges, [](const FlowEdge& edge) { return edge.share == 0; });
    std::vector<Index> roots;
    for (Index s = 0; s < graph_.n_sources; ++s) roots.push_back(graph_.source_node(s));
    for (const InitialLots& lots : plant_.initial) roots.push_back(lots.station);
    const std::vector<bool> drawn = reached_from(graph_, roots), reached = reached_from(real, roots);
    for (Index i = 0; i < graph_.n_stations; ++i)
      if (drawn[i] && !reached[i])
        problems_.warning(Code::unreachable, plant_.stations[i].place, path(i),
                          fmt::format("nothing ever reaches {}: all routes to it have a share of 0", plant_.stations[i].name),
                          "give one of them a share, or remove it");
  }

 private:
  struct Bringer {
    std::string source;  ///< empty: lots of the start
    bool has_mass;
    std::vector<bool> reached;
  };
  std::string path(Index station) const { return "stations." + plant_.stations[station].name; }

  // Stations whose unit operation may add mass: behind them all is possible.
  std::vector<Index> makers() const {
    std::vector<Index> out;
    if (plant_.n_components == 0) return out;
    for (const FlowEdge& edge : graph_.edges)
      if (graph_.is_station(edge.origin) && plant_.stations[edge.origin].operation) out.push_back(edge.to);
    return out;
  }

  struct Use {
    const char* field;  ///< null: nothing is by mass
    const char* what;
    bool needed;  ///< nothing sensible happens without
  };
  static Use use_of_mass(const Station& s) {
    if (s.throughput_kg_per_s > 0) return {".throughput", "a throughput", true};
    if (s.throughput_m3_per_s > 0) return {".volume_rate", "a volume rate", true};
    if (s.batch.rule == BatchRule::mass) return {".batch", "a batch by mass", true};
    if (s.campaign_kg > 0) return {".campaign.least", "a campaign by mass", true};
    if (s.buffer_kg >= 0) return {".buffer", "room by mass", false};
    if (s.energy_J_per_kg > 0) return {".energy_per_mass", "energy by mass", false};
    const auto by_mass = [](const Consumption& c) { return c.per_kg > 0; };
    if (std::any_of(s.consumption.begin(), s.consumption.end(), by_mass)) return {".consumes", "consumption by mass", false};
    return {nullptr, nullptr, false};
  }

  void check_mass(Index i, const std::vector<Bringer>& bringers) {
    const Use use = use_of_mass(plant_.stations[i]);
    if (!use.field) return;
    bool any = false;
    std::string without;
    for (const Bringer& bringer : bringers) {
      if (!bringer.reached[i]) continue;
      any = any || bringer.has_mass;
      if (!bringer.has_mass) without += (without.empty() ? "" : ", ") + (bringer.source.empty() ? "the start" : bringer.source);
    }
    if (without.empty()) return;
    const Attribute* mistaken = nullptr;
    for (const Attribute& attribute : plant_.attributes)
      if (attribute.name == "mass") mistaken = &attribute;
    const std::string message = fmt::format("{} needs lots with mass; those of {} have none{}", use.what, without,
                                            mistaken ? " (an attribute that is called mass is not the mass of a lot)" : "");
    const char* const hint =
        "give the source a kind of lot that has a mass (lot: KIND, mass: 25 kg; retwin list names the kinds); or give the station a "
        "duration, and count its batches";
    const bool error = use.needed && !any;
    if (error) {
      problems_.error(Code::missing, plant_.stations[i].place, path(i) + use.field, message, hint);
    } else {
      problems_.warning(Code::missing, plant_.stations[i].place, path(i) + use.field, message, hint);
    }
  }

  // What leaves a port that also leads to the join and may pass it by, is waited for in vain.
  void check_branches(Index fork, Index join) {
    const std::size_t ports = plant_.stations[fork].ports.size();
    for (Index port = 0; port < ports; ++port) {
      std::vector<Index> roots;
      for (const FlowEdge& edge : graph_.edges)
        if (edge.origin == fork && edge.from == fork && edge.port == port && edge.share != 0) roots.push_back(edge.to);
      if (roots.empty() || !reached_from(graph_, roots)[join]) continue;
      ProcessGraph past = graph_;
      std::erase_if(past.edges, [&](const FlowEdge& edge) { return edge.to == join || edge.from == join || edge.share == 0; });
      const std::vector<bool> reached = reached_from(past, roots);
      for (Index k = 0; k < graph_.n_sinks; ++k) {
        if (!reached[graph_.n_stations + k]) continue;
        problems_.warning(Code::route, plant_.stations[join].place, path(join) + ".batch",
                          fmt::format("lots from {} may leave by {} and never come to {}: their siblings wait there for ever",
                                      plant_.stations[fork].name, plant_.sinks[k].name, plant_.stations[join].name),
                          fmt::format("let every way lead to {}, or take lots out behind it", plant_.stations[join].name));
        return;
      }
    }
  }

  const Plant& plant_;
  Problems& problems_;
  ProcessGraph graph_;
};

}  // namespace

void check_flow(const Plant& plant, Problems& problems) {
  FlowChecker checker(plant, problems);
  checker.masses();
  checker.siblings();
  checker.sinks();
  checker.shares();
}

}  // namespace retwin

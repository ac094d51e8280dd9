// What happened in a stretch of a simulation, event by event: who was in which state, what left, which way matter went.
#include <fmt/format.h>

#include <pybind11/stl.h>

#include <map>

#include "bindings/python/shown.hpp"
#include "bindings/python/simulation.hpp"
#include "bindings/python/table.hpp"
#include "core/graph/edge_counter.hpp"
#include "core/ledger/whereabouts.hpp"
#include "core/ledger/writers.hpp"

namespace retwin::python {
namespace {

Table spans() {
  return Table({text_column("station"), integer_column("server", "from 0"), number_column("from_s", "s", "after the start of the run"),
                number_column("to_s", "s"), text_column("state"), text_column("lot", "the first one of the job in hand")});
}
Table departures() {
  return Table({text_column("lot"), text_column("sink"), text_column("kind"), number_column("time_s", "s", "after the start of the run"),
                number_column("cycle_s", "s", "since it came about"), number_column("mass_kg", "kg")});
}

std::string lot_name(std::uint64_t id) { return fmt::format("{:016x}", id); }

class Recorder : public Observer {
 public:
  Recorder(const Plant& plant, const State& begin) : plant_(plant), spans_(spans()), left_(departures()) {
    for (Index v = 0; v < begin.servers.size(); ++v) server(begin.server_station[v], v, begin.now, begin.servers[v].shown);
  }
  void state_changed(double now, Index station, Index number, ServerState from, ServerState to) override {
    Server& at = server(station, number, now, from);
    close(at, now);
    at.since = now;
    at.state = to;
  }
  void job_started(const JobRecord& job) override {
    const auto at = servers_.find(job.server);
    if (at != servers_.end() && !job.inputs.empty()) at->second.lot = lot_name(job.inputs.front().id);
  }
  void lot_made(const Birth& birth) override {  // an empty truck weighs nothing: what it brings is told as it is unloaded
    if (birth.origin == Origin::unload && birth.station != none && birth.lot.source < plant_.sources.size())
      unloaded_kg_[{plant_.source_node(birth.lot.source), birth.station}] += birth.lot.mass;
  }
  void lot_ended(double now, const Lot& lot, Index node, std::span<const double>) override {
    if (!plant_.is_sink(node)) return;
    const std::string kind = lot.kind < plant_.kinds.size() ? plant_.kinds[lot.kind].name : "";
    left_.row({lot_name(lot.id), plant_.sinks[node - plant_.n_stations()].name, kind, now, now - lot.born, lot.mass});
  }
  void finish(double now) {
    for (const auto& [number, at] : servers_) close(at, now);
  }
  const std::map<std::pair<Index, Index>, double>& unloaded_kg() const { return unloaded_kg_; }
  Table take_spans() { return std::move(spans_); }
  Table take_left() { return std::move(left_); }

 private:
  struct Server {
    Index station = none;
    std::int64_t number = 0;  ///< at its station
    double since = 0;
    ServerState state = ServerState::starved;
    std::string lot;
  };
  /// Whoever waits for lots, or for its hours, has none in hand.
  static bool busy(ServerState state) { return state != ServerState::starved && state != ServerState::off_shift && state != ServerState::maintenance; }
  /// Servers that a station without number adds are counted as they come.
  Server& server(Index station, Index number, double now, ServerState state) {
    const auto [at, made] = servers_.try_emplace(number);
    if (made) at->second = {station, count_[station]++, now, state, {}};
    return at->second;
  }
  void close(const Server& at, double now) {
    if (!(now > at.since)) return;
    spans_.row({plant_.stations[at.station].name, at.number, at.since, now,
                server_state_names[static_cast<std::size_t>(at.state)], busy(at.state) ? at.lot : std::string()});
  }

  const Plant& plant_;
  Table spans_, left_;
  std::map<Index, Server> servers_;
  std::map<Index, std::int64_t> count_;                      ///< servers seen, by station
  std::map<std::pair<Index, Index>, double> unloaded_kg_;  ///< by source and station
};

/// One row per way between two nodes that was taken.
Table flows_table(const Plant& plant, const ProcessGraph& graph, const EdgeCounter& counted, const std::map<std::pair<Index, Index>, double>& unloaded_kg) {
  std::map<std::pair<Index, Index>, std::pair<double, double>> sums;
  for (std::size_t e = 0; e < graph.edges.size(); ++e) {
    auto& [lots, kg] = sums[{graph.edges[e].from, graph.edges[e].to}];
    lots += counted.lots()[e];
    kg += counted.kg()[e];
  }
  for (const auto& [way, kg] : unloaded_kg) sums[way].second += kg;
  const auto group = [&](Index node) { return graph.is_station(node) ? plant.stations[node].group : std::string(); };
  const auto role = [&](Index node) {
    return graph.is_station(node) ? std::string("station") : graph.is_source(node) ? std::string("source") : plant.sinks[node - plant.n_stations()].role;
  };
  Table table({text_column("from"), text_column("to"), number_column("lots", "1"), number_column("mass_kg", "kg"), text_column("from_group"),
               text_column("to_group"), text_column("to_role", "station, or what its sink is for")});
  for (const auto& [way, sum] : sums)
    if (sum.first > 0 || sum.second > 0)
      table.row({graph_node_name(plant, way.first), graph_node_name(plant, way.second), sum.first, sum.second, group(way.first),
                 group(way.second), role(way.second)});
  return table;
}

struct Recording {
  std::string name;
  double begin_s = 0, end_s = 0;
  std::shared_ptr<Table> spans, left, flows;
};

std::shared_ptr<Recording> record(Running& self, const Time& until) {
  const Running::Use use(self);
  const double until_s = time_ahead(self, until), begin_s = self.state().now;
  const py::gil_scoped_release release;
  const ProcessGraph graph = process_graph(self.plant());
  Recorder recorder(self.plant(), self.state());
  EdgeCounter ways(self.plant(), graph, begin_s);
  each_lot(self.plant(), self.state(), [&](Index lot, Index station) { ways.stood(self.state().lots[lot].id, station); });
  Observers both;
  both.add(&recorder);
  both.add(&ways);
  advance_with(self, until_s, &both);
  recorder.finish(until_s);
  return std::make_shared<Recording>(Recording{self.scenario().name, begin_s, until_s, std::make_shared<Table>(recorder.take_spans()),
                                               std::make_shared<Table>(recorder.take_left()),
                                               std::make_shared<Table>(flows_table(self.plant(), graph, ways, recorder.unloaded_kg()))});
}

}  // namespace

void declare_recordings(py::module_& module, py::class_<Running, std::shared_ptr<Running>>& simulation) {
  py::class_<Recording, std::shared_ptr<Recording>> type(module, "Recording", "What happened from begin_s to end_s, event by event. Made by Simulation.record().");
  declare_shown(type, "the ways taken, as `flows`.");
  type.def_readonly("name", &Recording::name, "Of the plant")
      .def_readonly("begin_s", &Recording::begin_s, "After the start of the run [s]")
      .def_readonly("end_s", &Recording::end_s, "After the start of the run [s]")
      .def_readonly("spans", &Recording::spans, "Table: one row per stay of a server in a state: station, server, from_s, to_s [s], state, lot")
      .def_readonly("left", &Recording::left, "Table: one row per lot that reached a sink: lot, sink, kind, time_s, cycle_s [s], mass_kg [kg]")
      .def_readonly("flows", &Recording::flows, "Table: one row per way between two places: from, to, lots, mass_kg [kg]")
      .def("__repr__", [](const Recording& self) {
        return fmt::format("<Recording of {}: {} stays, {} lots that left>", self.name, self.spans->rows(), self.left->rows());
      });
  simulation.def("record", record, py::arg("until"), R"(Advances like advance() and writes down all that happens, as a Recording.

It takes about 100 bytes for every change of a server's state: take days, not years. Raises like advance().)");
}

}  // namespace retwin::python

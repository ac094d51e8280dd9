// Simulations in Python: advance, fork, save, and what is going on as numpy arrays.
#include "bindings/python/simulation.hpp"

#include <fmt/format.h>
#include <pybind11/stl.h>
#include <pybind11/stl/filesystem.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <stdexcept>

#include "core/base/files.hpp"
#include "core/base/units.hpp"
#include "core/experiment/going_on.hpp"
#include "core/ledger/reading.hpp"

namespace retwin::python {
namespace {

constexpr double most_times = 1e8;  // of a series

using RunningPointer = std::shared_ptr<Running>;

/// Gives memory to numpy; the arrays keep it alive.
template <class T>
py::capsule owner_of(std::unique_ptr<T> memory) {
  py::capsule owner(memory.get(), [](void* p) { delete static_cast<T*>(p); });
  memory.release();
  return owner;
}

double time_ahead(const Running& self, const Time& until) {
  const double until_s = seconds(until, "until");
  if (until_s < self.state().now)
    throw py::value_error(fmt::format("until is {:g} s, but the simulation is at {:g} s already", until_s, self.state().now));
  return until_s;
}

/// Lets Ctrl-C end what takes long.
class Interruptible : public Watch {
 public:
  void look(const State&) override {
    if (std::chrono::steady_clock::now() < next_) return;
    check_signals();
    next_ = std::chrono::steady_clock::now() + std::chrono::milliseconds(50);
  }

 private:
  std::chrono::steady_clock::time_point next_{};
};

void advance(Running& self, const Time& until) {
  const Running::Use use(self);
  const double until_s = time_ahead(self, until);
  const py::gil_scoped_release release;
  Interruptible watch;
  self.advance(until_s, &watch);
}

py::dict kpis(const Running& self) {
  const Running::Use use(self);
  py::dict out;
  for (const Kpi& kpi : self.kpis()) out[py::str(kpi.path)] = kpi.value;
  return out;
}

void save(const Running& self, const std::filesystem::path& path) {
  const Running::Use use(self);
  const py::gil_scoped_release release;
  write_file(path.string(), save_state(self.state(), self.plant()));
}

RunningPointer fork(const Running& self) {
  const Running::Use use(self);
  return std::make_shared<Running>(self);
}

/// Goes on from a state, with a warning if it is of another structure. Called without the GIL.
RunningPointer go_on(const std::shared_ptr<const Scenario>& scenario, CarriedState from) {
  auto made = std::make_shared<Running>(scenario, Simulation(scenario->plant, std::move(from.state), scenario->changes));
  if (!from.warning) return made;
  const std::string message = from.warning->message + "; " + from.warning->hint;
  const py::gil_scoped_acquire acquire;
  if (PyErr_WarnEx(PyExc_UserWarning, message.c_str(), 1) != 0) throw py::error_already_set();
  return made;
}

RunningPointer fork_into(const Running& self, const Variant& variant) {
  const Running::Use use(self);
  const std::shared_ptr<const Scenario> scenario = variant.scenario();
  const py::gil_scoped_release release;
  return go_on(scenario, carry_over({self.state(), structure_of(self.plant())}, *scenario->plant));
}

RunningPointer load_state(const std::filesystem::path& path, const Variant& variant) {
  const std::shared_ptr<const Scenario> scenario = variant.scenario();
  const py::gil_scoped_release release;
  return go_on(scenario, read_state_for(*scenario->plant, path.string()));
}

// --- what is going on ----------------------------------------------------------------------------------------------------------

/// Levels right now, per station.
struct Levels {
  std::vector<double> queue, content;
  void take(const State& state) {
    for (const StationAccount& account : state.accounts.stations) {
      queue.push_back(account.queue.lots);
      content.push_back(account.content.level());
    }
  }
};

struct Snapshot {
  Reading reading;
  Levels levels;
};

py::dict snapshot(const Running& self) {
  const Running::Use use(self);
  auto memory = std::make_unique<Snapshot>();
  memory->reading = read(self.plant(), self.state());
  memory->levels.take(self.state());
  const Snapshot& s = *memory;
  const py::capsule owner = owner_of(std::move(memory));
  const std::vector<StationAccount>& stations = s.reading.accounts.stations;
  py::dict out;
  out["time_s"] = s.reading.at_s;
  out["station"] = text_array(names_of(self.plant().stations));
  out["queue"] = view(s.levels.queue, owner);
  out["content"] = view(s.levels.content, owner);
  out["state"] = text_array({server_state_names, server_state_names + n_server_states});
  out["state_time_s"] = view(stations.empty() ? nullptr : stations.front().time_in.data(),
                             {static_cast<py::ssize_t>(stations.size()), static_cast<py::ssize_t>(n_server_states)},
                             {sizeof(StationAccount), sizeof(double)}, owner);
  out["jobs"] = view(stations, &StationAccount::jobs, owner);
  out["scrapped"] = view(stations, &StationAccount::scrapped, owner);
  out["failures"] = view(stations, &StationAccount::failures, owner);
  out["kg_in"] = view(stations, &StationAccount::kg_in, owner);
  out["resource"] = text_array(names_of(self.plant().pools));
  out["resource_taken"] = view(s.reading.pools, &PoolState::taken, owner);
  out["resource_on_duty"] = view(s.reading.pools, &PoolState::capacity, owner);
  out["sink"] = text_array(names_of(self.plant().sinks));
  out["sink_lots"] = view(s.reading.accounts.sinks, &SinkAccount::lots, owner);
  out["sink_kg"] = view(s.reading.accounts.sinks, &SinkAccount::kg, owner);
  return out;
}

py::dict series(Running& self, const Time& until, const Time& every) {
  const Running::Use use(self);
  const double until_s = time_ahead(self, until), every_s = seconds(every, "every");
  if (!(every_s > 0)) throw py::value_error("every must be a time above 0");
  if (!((until_s - self.state().now) / every_s < most_times)) throw py::value_error("more than 100 million times; make every longer");
  auto memory = std::make_unique<Series>();
  {
    const py::gil_scoped_release release;
    Interruptible watch;
    SeriesCollector collector(self.plant(), self.state(), every_s);
    self.advance(until_s, &watch, &collector);
    collector.finish(until_s);
    *memory = collector.take();
  }
  const Series& s = *memory;
  const py::capsule owner = owner_of(std::move(memory));
  const std::size_t stations = self.plant().stations.size(), pools = self.plant().pools.size();
  const auto times = static_cast<py::ssize_t>(s.time_s.size());
  py::dict out;
  out["time_s"] = view(s.time_s, owner);
  out["wip"] = view(s.wip, owner);
  out["station"] = text_array(names_of(self.plant().stations));
  out["queue"] = view(s.queue, stations, owner);
  out["content"] = view(s.content, stations, owner);
  out["power_W"] = view(s.power_W, stations, owner);
  out["state"] = text_array({server_state_names, server_state_names + n_server_states});
  out["servers"] = view(s.servers.data(), {times, static_cast<py::ssize_t>(stations), static_cast<py::ssize_t>(n_server_states)},
                        {static_cast<py::ssize_t>(stations * n_server_states * sizeof(double)),
                         static_cast<py::ssize_t>(n_server_states * sizeof(double)), static_cast<py::ssize_t>(sizeof(double))}, owner);
  out["resource"] = text_array(names_of(self.plant().pools));
  out["resource_taken"] = view(s.taken, pools, owner);
  out["resource_on_duty"] = view(s.on_duty, pools, owner);
  out["sink"] = text_array(names_of(self.plant().sinks));
  out["sink_lots"] = view(s.sink_lots, self.plant().sinks.size(), owner);
  return out;
}

}  // namespace

Running::Running(std::shared_ptr<const Scenario> scenario, Simulation simulation)
    : scenario_(std::move(scenario)), simulation_(std::move(simulation)), window_(plant(), read(plant(), state())), meter_(plant(), state()),
      stocks_(plant(), scenario_->reporting.stocks, state().now) {}

Running::Running(const Running& other) : scenario_(other.scenario_), simulation_(other.simulation_), window_(other.window_), meter_(other.meter_), stocks_(other.stocks_) {}

void Running::advance(double until_s, Watch* watch, Observer* observer) {
  while (simulation_.now() < until_s) {  // stops for the meters, and where the plant becomes another
    double stop = std::min({until_s, meter_.next_s(), stocks_.next_s()});
    for (const PlantChange& change : scenario_->changes)
      if (change.at_s > simulation_.now()) stop = std::min(stop, change.at_s);
    const std::shared_ptr<const Plant> in_force = simulation_.plant_pointer();
    retwin::advance(simulation_, scenario_->changes, stop, &window_, observer, watch, until_s);
    meter_.read(*in_force, plant(), state());
    stocks_.read(plant(), state());
    if (watch != nullptr) watch->look(state());  // a quarter of an hour may have too few events for the engine to look
  }
}

void Running::begin_window() {
  window_ = Window(plant(), read(plant(), state()));
  meter_ = QuarterMeter(plant(), state());
  stocks_ = StockMeter(plant(), scenario_->reporting.stocks, state().now);
}

std::vector<Kpi> Running::kpis() const {
  Window window = window_;
  window.extend(plant(), read(plant(), state()));
  const QuarterHours quarters = meter_.quarters(state());
  return compute_kpis({window, scenario_->reporting, scenario_->run.year_s, &quarters, &stocks_.readings()}, scenario_->kpis);
}

Running::Use::Use(const Running& of) : busy_(of.busy_) {
  if (busy_.exchange(true)) throw std::runtime_error("another thread is at work with this simulation; take a copy() before");
  if (!of.simulation_.stopped()) return;
  busy_ = false;
  throw std::runtime_error("this simulation was stopped by an error and is of no more use; begin anew, or from a copy() made in time");
}

void declare_simulations(py::module_& module) {
  const auto guarded = [](auto what) {
    return [what](Running& self) {
      const Running::Use use(self);
      return what(self);
    };
  };
  py::class_<Running, RunningPointer>(module, "Simulation",
                                      R"(A plant at an instant: a state that can be advanced, copied and saved.

Made by Scenario.start() and load_state(). A copy is a fork: it has the same future until it is re-keyed. One thread at a time may
use it, else RuntimeError; copies are independent.)")
      .def("advance", advance, py::arg("until"), R"(Handles every event up to and including a time after the start of the run.

until: seconds, or text with a unit ('3 weeks'). Other Python threads go on meanwhile.

Raises RunError on a deadlock, InputError for a unit that is no time, ValueError for a time that is past. After a RunError the
simulation is of no more use: whatever is asked of it raises RuntimeError.)")
      .def_property_readonly("now", guarded([](Running& self) { return self.state().now; }), "Time after the start [s]")
      .def("copy", fork, "A fork, with the same window and the same future.")
      .def("copy", fork_into, py::arg("scenario"), R"(A fork that goes on under another scenario: a what-if from now.

As if saved and read by load_state(); its window begins now.)")
      .def("__copy__", fork)
      .def(
          "rekey",
          [](Running& self, std::uint64_t seed) {
            const Running::Use use(self);
            self.rekey(seed);
          },
          py::arg("seed"), "Another future from here: later random draws differ.")
      .def("save", save, py::arg("path"),
           "Writes the state to a file, for load_state() and `retwin run --from`. Raises InputError.")
      .def("digest", guarded([](Running& self) { return state_digest(self.state(), self.plant()); }),
           "SHA-256 of everything that decides the future, in hexadecimal.")
      .def("kpis", kpis, "Path -> figure, for the window since the start, load_state() or begin_window(). NaN where undefined.")
      .def("begin_window", guarded([](Running& self) { self.begin_window(); }), "kpis() counts from now on, as after a warm-up.")
      .def_property_readonly(
          "stations", [](const Running& self) { return names_of(self.scenario().plant->stations); },
          "Names, in the order of all arrays with one entry per station")
      .def_property_readonly(
          "queue_lengths",
          [](const RunningPointer& self) { return view(self->state().stations, &StationState::queued, py::cast(self)); },
          "Lots in the buffer of each station, shape (stations,): a live, read-only view, it changes as the "
          "simulation advances; .copy() keeps the figures")
      .def("snapshot", snapshot, R"(What is going on now, as a dict of arrays that later advances do not touch.

time_s [s]; per station: station (names), queue and content (lots in the buffer; with those in service), state_time_s with
shape (stations, states) [server s since the start], jobs, scrapped, failures, kg_in [kg] since the start; state (names);
per resource: resource (names), resource_taken, resource_on_duty; per sink: sink (names), sink_lots, sink_kg [kg].)")
      .def("series", series, py::arg("until"), py::arg("every"),
           R"(Advances like advance() and looks in every so often, from now on.

Returns a dict of arrays: time_s [s] and wip (lots in the plant) with shape (times,); queue, content and power_W [W] (by the
states of the servers) with shape (times, stations); servers in each state with shape (times, stations, states);
resource_taken and resource_on_duty with shape (times, resources); sink_lots since the start with shape (times, sinks);
station, state, resource, sink (names).)")
      .def("__repr__", guarded([](Running& self) {
             return fmt::format("<Simulation of {} at {}>", self.scenario().name, format_duration(self.state().now));
           }));
  module.def("load_state", load_state, py::arg("path"), py::arg("scenario"), R"(A Simulation that goes on from a saved state.

The scenario may have other parameters than the one it was saved from: that is a what-if from now. If stations, resources and so
on have changed too, the state is carried over by name, with a UserWarning that tells what differs. Random numbers go on as they
would have, whatever seed the scenario has; rekey() makes another future.

Raises InputError: a file that is missing (file) or damaged (state), or what cannot be carried over (structure).)");
}

}  // namespace retwin::python

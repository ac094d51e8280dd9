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
#include "core/ledger/stocks.hpp"
#include "core/ledger/totals.hpp"

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

/// Lets Ctrl-C end what takes long.
class InterruptibleWatch : public Watch {
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
  advance_with(self, until_s, nullptr);
}

py::object kpis(const Running& self) {
  const Running::Use use(self);
  py::dict out, units, docs;
  for (const Kpi& kpi : self.kpis()) {
    const py::str path(kpi.path);
    out[path] = kpi.value, units[path] = kpi.unit, docs[path] = kpi.doc;
  }
  return py::module_::import("retwin._shown").attr("Figures")(out, units, docs);
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

/// Goes on from a state, with a warning of one line if it is of another structure. Called without the GIL.
RunningPointer go_on(const Variant& variant, CarriedState from) {
  const Scenario& scenario = *variant.scenario();
  auto made = std::make_shared<Running>(variant, Simulation(scenario.plant, std::move(from.state), scenario.changes));
  made->differences = std::move(from.differences);
  if (made->differences.empty()) return made;
  const std::size_t more = made->differences.size() - 1;
  const std::string message = fmt::format("the state is carried over by name to another structure: {}{} (differences lists all), what is new begins empty",
                                          made->differences.front().path, more > 0 ? fmt::format(" and {} more differ", more) : " differs");
  const py::gil_scoped_acquire acquire;
  if (PyErr_WarnEx(PyExc_UserWarning, message.c_str(), 1) != 0) throw py::error_already_set();
  return made;
}

RunningPointer fork_into(const Running& self, const Variant& variant) {
  const Running::Use use(self);
  const Variant into = variant;  // another thread may set values meanwhile
  const py::gil_scoped_release release;
  return go_on(into, carry_over({self.state(), structure_of(self.plant())}, *into.scenario()->plant));
}

RunningPointer load_state(const std::filesystem::path& path, const Variant& variant) {
  const Variant into = variant;
  const py::gil_scoped_release release;
  return go_on(into, read_state_for(*into.scenario()->plant, path.string()));
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

py::object snapshot(const Running& self) {
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
  return py::module_::import("retwin._shown").attr("Snapshot")(out);
}

/// A series, and what is asked of the state itself at each of its times.
struct Levelled {
  Series series;
  std::vector<double> stock;       ///< times x stocks [their unit]
  std::vector<double> used;        ///< times x flows, by all stations in the window of kpis() [SI unit]
  std::vector<double> carbon_kg;   ///< of that
};

/// Asks the state; of the observer nothing is known of masses and attributes.
class Asking {
 public:
  Asking(const Running& of, bool stocks, bool flows) : of_(of), stocks_(stocks), flows_(flows) {
    const Plant& plant = of.plant();
    per_unit_.resize(plant.stations.size() * plant.flows.size());
    for (const Activity& activity : Totals::activities(plant, of.scenario().reporting))
      if (activity.place < plant.n_stations()) per_unit_[activity.place * plant.flows.size() + activity.flow] += activity.per_unit;
  }
  void look(Levelled& into) const {
    const Plant& plant = of_.plant();
    const std::vector<Stock>& stocks = of_.scenario().reporting.stocks;
    if (stocks_ && !stocks.empty()) {
      double long_ago_s = 0;
      for (const Stock& stock : stocks) long_ago_s = std::max(long_ago_s, 2 * stock.every_s);
      StockMeter meter(plant, stocks, of_.state().now - long_ago_s);  // so that all readings are due
      meter.read(plant, of_.state());
      for (std::size_t k = 0; k < stocks.size(); ++k) into.stock.push_back(meter.readings()[k].levels[0].back() / stocks[k].unit_factor);
    }
    if (!flows_) return;
    const Window window = of_.window();
    double carbon_kg = 0;
    for (Index flow = 0; flow < plant.flows.size(); ++flow) {
      double sum = 0;
      for (Index k = 0; k < plant.n_stations(); ++k) {
        const double used = window.used(k, flow);
        sum += used;
        carbon_kg += used * per_unit_[k * plant.flows.size() + flow];
      }
      into.used.push_back(sum);
    }
    into.carbon_kg.push_back(carbon_kg);
  }

 private:
  const Running& of_;
  bool stocks_, flows_;
  std::vector<double> per_unit_;  ///< station x flow [kg CO2e per SI unit]
};

/// Looks into it at all times until then. Without the GIL.
void collect(Running& self, double until_s, double every_s, bool stocks, bool flows, Levelled& into) {
  const Asking asking(self, stocks, flows);
  const double begin_s = self.state().now;
  InterruptibleWatch watch;
  for (std::uint64_t k = 0; begin_s + static_cast<double>(k) * every_s <= until_s; ++k) {
    self.advance(begin_s + static_cast<double>(k) * every_s, &watch);
    add_levels(into.series, self.plant(), self.state());
    asking.look(into);
  }
  self.advance(until_s, &watch);
}

py::object series_until(Running& self, const Time& until, const Time& every, bool stocks, bool flows) {
  const Running::Use use(self);
  const double until_s = time_ahead(self, until), every_s = seconds(every, "every");
  if (!(every_s > 0)) throw py::value_error("every must be a time above 0");
  if (!((until_s - self.state().now) / every_s < most_times)) throw py::value_error("more than 100 million times; make every longer");
  auto memory = std::make_unique<Levelled>();
  {
    const py::gil_scoped_release release;
    collect(self, until_s, every_s, stocks, flows, *memory);
  }
  const Levelled& all = *memory;
  const Series& s = all.series;
  const py::capsule owner = owner_of(std::move(memory));
  const Plant& plant = self.plant();
  const std::size_t stations = plant.stations.size(), pools = plant.pools.size();
  const auto times = static_cast<py::ssize_t>(s.time_s.size());
  py::object out = py::module_::import("retwin._shown").attr("Series")();
  out["time_s"] = view(s.time_s, owner);
  out["wip"] = view(s.wip, owner);
  out["station"] = text_array(names_of(plant.stations));
  out["queue"] = view(s.queue, stations, owner);
  out["content"] = view(s.content, stations, owner);
  out["power_W"] = view(s.power_W, stations, owner);
  out["state"] = text_array({server_state_names, server_state_names + n_server_states});
  out["servers"] = view(s.servers.data(), {times, static_cast<py::ssize_t>(stations), static_cast<py::ssize_t>(n_server_states)},
                        {static_cast<py::ssize_t>(stations * n_server_states * sizeof(double)),
                         static_cast<py::ssize_t>(n_server_states * sizeof(double)), static_cast<py::ssize_t>(sizeof(double))}, owner);
  out["resource"] = text_array(names_of(plant.pools));
  out["resource_taken"] = view(s.taken, pools, owner);
  out["resource_on_duty"] = view(s.on_duty, pools, owner);
  out["sink"] = text_array(names_of(plant.sinks));
  out["sink_lots"] = view(s.sink_lots, plant.sinks.size(), owner);
  if (stocks) {
    const std::vector<Stock>& known = self.scenario().reporting.stocks;
    std::vector<std::string> units;
    for (const Stock& stock : known) units.push_back(stock.unit);
    out["stock"] = text_array(names_of(known));
    out["stock_unit"] = text_array(units);
    out["stock_level"] = view(all.stock, known.size(), owner);
  }
  if (flows) {
    std::vector<std::string> units;
    for (const auto& flow : plant.flows) units.push_back(flow.dimension == dimension::energy ? "J" : flow.dimension == dimension::mass ? "kg" : flow.dimension == dimension::volume ? "m3" : "SI unit");
    out["flow"] = text_array(names_of(plant.flows));
    out["flow_unit"] = text_array(units);
    out["used"] = view(all.used, plant.flows.size(), owner);
    out["carbon_kg"] = view(all.carbon_kg, owner);
  }
  return out;
}

}  // namespace

double time_ahead(const Running& self, const Time& until) {
  const double until_s = seconds(until, "until");
  if (until_s < self.state().now)
    throw py::value_error(fmt::format("until is {:g} s, but the simulation is at {:g} s already", until_s, self.state().now));
  return until_s;
}

void advance_with(Running& self, double until_s, Observer* observer) {
  InterruptibleWatch watch;
  self.advance(until_s, &watch, observer);
}

Running::Running(Variant variant, Simulation simulation)
    : variant_(std::move(variant)), simulation_(std::move(simulation)), window_(plant(), read(plant(), state())), meter_(plant(), state()),
      stocks_(plant(), scenario().reporting.stocks, state().now) {}

Running::Running(const Running& other)
    : differences(other.differences), variant_(other.variant_), simulation_(other.simulation_), window_(other.window_), meter_(other.meter_), stocks_(other.stocks_) {}

void Running::advance(double until_s, Watch* watch, Observer* observer) {
  while (simulation_.now() < until_s) {  // stops for the meters, and where the plant becomes another
    double stop = std::min({until_s, meter_.next_s(), stocks_.next_s()});
    for (const PlantChange& change : scenario().changes)
      if (change.at_s > simulation_.now()) stop = std::min(stop, change.at_s);
    const std::shared_ptr<const Plant> in_force = simulation_.plant_pointer();
    retwin::advance(simulation_, scenario().changes, stop, &window_, observer, watch, until_s);
    meter_.read(*in_force, plant(), state());
    stocks_.read(plant(), state());
    if (watch != nullptr) watch->look(state());  // a quarter of an hour may have too few events for the engine to look
  }
}

void Running::begin_window() {
  window_ = Window(plant(), read(plant(), state()));
  meter_ = QuarterMeter(plant(), state());
  stocks_ = StockMeter(plant(), scenario().reporting.stocks, state().now);
}

Window Running::window() const {
  Window up_to_now = window_;
  up_to_now.extend(plant(), read(plant(), state()));
  return up_to_now;
}

std::vector<Kpi> Running::kpis() const {
  const Window up_to_now = window();
  const QuarterHours quarters = meter_.quarters(state());
  return compute_kpis({up_to_now, scenario().reporting, scenario().run.year_s, &quarters, &stocks_.readings()}, scenario().kpis);
}

Running::Use::Use(const Running& of) : busy_(of.busy_) {
  if (busy_.exchange(true)) throw std::runtime_error("another thread is at work with this simulation; take a copy() before");
  if (!of.simulation_.stopped()) return;
  busy_ = false;
  throw std::runtime_error("this simulation was stopped by an error and is of no more use; begin anew, or from a copy() made in time");
}

py::class_<Running, RunningPointer> declare_simulations(py::module_& module) {
  const auto guarded = [](auto what) {
    return [what](Running& self) {
      const Running::Use use(self);
      return what(self);
    };
  };
  py::class_<Running, RunningPointer> type(module, "Simulation", R"(A plant at an instant: a state that can be advanced, copied and saved.

Made by Scenario.start() and load_state(). A copy is a fork: it has the same future until it is re-keyed. One thread at a time may
use it, else RuntimeError; copies are independent.)");
  declare_recordings(module, type);
  declare_forecasts(module, type);
  type.def("advance", advance, py::arg("until"), R"(Handles every event up to and including a time after the start of the run.

until: seconds, or text with a unit ('3 weeks'). Other Python threads go on meanwhile.

Raises RunError on a deadlock, InputError for a unit that is no time, ValueError for a time that is past. After a RunError the
simulation is of no more use: whatever is asked of it raises RuntimeError.)")
      .def_property_readonly("now", guarded([](Running& self) { return self.state().now; }), "Time after the start [s]")
      .def("copy", fork, "A fork, with the same window and the same future.")
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
      .def("kpis", kpis, "Figures, a dict: path -> figure, for the window since the start, load_state() or begin_window(). NaN where undefined.")
      .def_property_readonly(
          "differences",
          [](const Running& self) {
            Table table({text_column("path"), text_column("message")});
            for (const Difference& d : self.differences) table.row({d.path, d.message});
            return std::make_shared<Table>(std::move(table));
          },
          "Table: what differs from the structure of the state that was carried over by copy(scenario) or load_state(); empty if nothing does")
      .def("begin_window", guarded([](Running& self) { self.begin_window(); }), "kpis() counts from now on, as after a warm-up.")
      .def_property_readonly(
          "stations", [](const Running& self) { return names_of(self.scenario().plant->stations); },
          "Names, in the order of all arrays with one entry per station")
      .def_property_readonly(
          "queue_lengths",
          [](const RunningPointer& self) { return view(self->state().stations, &StationState::queued, py::cast(self)); },
          "Lots in the buffer of each station, shape (stations,): a live, read-only view, it changes as the "
          "simulation advances; .copy() keeps the figures")
      .def("snapshot", snapshot, R"(What is going on now, as a Snapshot, a dict of arrays that later advances do not touch.

time_s [s]; per station: station (names), queue and content (lots in the buffer; with those in service), state_time_s with
shape (stations, states) [server s since the start], jobs, scrapped, failures, kg_in [kg] since the start; state (names);
per resource: resource (names), resource_taken, resource_on_duty; per sink: sink (names), sink_lots, sink_kg [kg].)")
      .def("series", series_until, py::arg("until"), py::arg("every"), py::kw_only(), py::arg("stocks") = false, py::arg("flows") = false,
           R"(Advances like advance() and looks in every so often, from now on.

Returns a Series, a dict of arrays that share the memory of the simulation's record: time_s [s] and wip (lots in the plant) with shape (times,); queue, content and power_W [W] (by the
states of the servers) with shape (times, stations); servers in each state with shape (times, stations, states);
resource_taken and resource_on_duty with shape (times, resources); sink_lots since the start with shape (times, sinks);
station, state, resource, sink (names).

stocks: also stock (names), stock_unit and stock_level with shape (times, stocks): all lots are looked at, each time. flows: also flow
(names), flow_unit and used with shape (times, flows), what stations have used since kpis() counts, and carbon_kg with shape (times,)
[kg CO2e] that comes of it by the factors; auxiliary loads, transport and wastes are not in it.)")
      .def("__repr__", guarded([](Running& self) {
             return fmt::format("<Simulation of {} at {}>", self.scenario().name, format_duration(self.state().now));
           }));
  return type;
}

void declare_going_on(py::module_& module, py::class_<Running, RunningPointer>& type) {
  type.def("copy", fork_into, py::arg("scenario"), R"(A fork that goes on under another scenario: a what-if from now.

As if saved and read by load_state(); its window begins now. Where stations, failures and so on differ, a UserWarning of one line says
how many, and `differences` of the copy lists them. Raises InputError (structure) for what cannot be carried over.)");
  module.def("load_state", load_state, py::arg("path"), py::arg("scenario"), R"(A Simulation that goes on from a saved state.

The scenario may have other parameters than the one it was saved from: that is a what-if from now. If stations, resources and so
on have changed too, the state is carried over by name, with a UserWarning; `differences` lists what differs. Random numbers go on as they
would have, whatever seed the scenario has; rekey() makes another future.

Raises InputError: a file that is missing (file) or damaged (state), or what cannot be carried over (structure).)");
}

}  // namespace retwin::python

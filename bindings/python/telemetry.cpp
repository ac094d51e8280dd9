// Records in Python: event logs, distances, fits, reconciliation.
#include <fmt/format.h>
#include <pybind11/stl.h>
#include <pybind11/stl/filesystem.h>

#include <cmath>
#include <filesystem>
#include <limits>
#include <map>
#include <optional>
#include <stdexcept>

#include "bindings/python/shown.hpp"
#include "bindings/python/table.hpp"
#include "core/base/interruption.hpp"
#include "core/stats/fit.hpp"
#include "core/telemetry/balances/flow_tables.hpp"
#include "core/telemetry/balances/reconciliation.hpp"
#include "core/telemetry/log/findings.hpp"
#include "core/telemetry/readers/read_log.hpp"
#include "core/telemetry/validation/distances.hpp"

namespace retwin::python {

StampOptions stamps_of(const std::string& format, const std::string& unit) {
  StampOptions stamps;
  stamps.format = format;
  static const std::map<std::string, double> known{{"ns", 1e-9}, {"us", 1e-6}, {"ms", 1e-3}, {"s", 1}, {"min", 60}, {"h", 3600}};
  if (unit == "d") stamps.numbers = NumberStamps::days;
  else if (const auto found = known.find(unit); found != known.end()) stamps.unit_s = found->second;
  else if (!unit.empty()) throw std::invalid_argument("time_unit is ns, us, ms, s, min, h or d, not " + unit);
  return stamps;
}

namespace {

namespace fs = std::filesystem;

EventLog read(const fs::path& path, const LogMapping& mapping, const std::string& reader, const StampOptions& stamps) {
  ReadLogOptions options;
  options.mapping = mapping;
  options.stamps = stamps;
  options.reader = reader;
  const py::gil_scoped_release release;
  const Interruptible asked(check_signals);
  return read_log(path.string(), options, registry().readers);
}

/// Numbers of names in numpy, -1 where there is none.
py::array numbers(const EventLog& log, std::uint32_t LogEvent::*member) {
  py::array_t<std::int64_t> array(static_cast<py::ssize_t>(log.events.size()));
  auto values = array.mutable_unchecked<1>();
  for (std::size_t k = 0; k < log.events.size(); ++k) {
    const std::uint32_t number = log.events[k].*member;
    values(static_cast<py::ssize_t>(k)) = number == Names::absent ? -1 : static_cast<std::int64_t>(number);
  }
  return array;
}

py::object shown_as(const char* kind, const py::object& content) { return py::module_::import("retwin._shown").attr(kind)(content); }

py::object distances_of(const EventLog& real, const EventLog& simulated, double zone_h) {
  const LogDistances d = [&] {
    const py::gil_scoped_release release;
    const Interruptible asked(check_signals);
    return distances(real, simulated, zone_h * 3600);
  }();
  py::dict out;
  out["ngd2"] = d.ngd2;
  out["ngd"] = d.ngd;
  out["aedd_h"] = d.aedd;
  out["cadd_h"] = d.cadd;
  out["cedd_h"] = d.cedd;
  out["redd_h"] = d.redd;
  out["ctdd_h"] = d.ctdd;
  return shown_as("Distances", out);
}

py::object fits(const std::vector<double>& values) {
  py::list out;
  for (const Fit& fit : fit_all(values)) {
    py::dict one, parameters;
    for (const auto& [name, value] : fit.parameters()) parameters[py::str(name)] = value;
    one["family"] = fit.family;
    one["parameters"] = parameters;
    one["n"] = fit.n;
    one["mean"] = fit.distribution.mean();
    one["sd"] = fit.distribution.sd();
    one["log_likelihood"] = fit.log_likelihood;
    one["aic"] = fit.aic;
    one["bic"] = fit.bic;
    one["ks"] = fit.ks;
    one["ks_p"] = fit.ks_p;
    one["anderson_darling"] = fit.anderson_darling;
    one["qq"] = py::array_t<double>(py::cast(qq(fit.distribution, values)));
    one["scenario"] = scenario_text(fit, "s");
    out.append(one);
  }
  return shown_as("Fits", out);
}

/// One row per operation.
std::shared_ptr<Table> operations(const EventLog& log) {
  Table table({text_column("lot"), text_column("activity"), text_column("resource", "nothing: none"), time_column("start"), time_column("end")});
  for (const LogEvent& event : log.events)
    table.row({log.lots[event.lot], log.activities[event.activity], event.resource == Names::absent ? std::string() : log.resources[event.resource], event.start_s, event.end_s});
  return std::make_shared<Table>(std::move(table));
}

/// Numbers as a float array, categories as a list with None where there is none.
py::object log_column(const EventLog& log, const std::string& name) {
  const LogColumn* found = log.column(name);
  if (!found) throw py::key_error(fmt::format("no column {} was read: name it in numeric or categorical of read_log", name));
  if (found->numeric) return py::array_t<double>(py::cast(found->values));
  py::list out;
  for (const double value : found->values)
    out.append(std::isnan(value) ? py::object(py::none()) : py::str(found->categories[static_cast<std::uint32_t>(value)]));
  return out;
}

py::object reconciled(const FlowNetwork& network, double alpha) {
  const Reconciliation all = reconcile(network);
  const Screening screened = screen_gross_errors(network, alpha);
  py::dict out;
  std::vector<double> measured;
  for (const FlowStream& stream : network.streams) measured.push_back(stream.measured);
  out["measured"] = py::array_t<double>(py::cast(measured));
  out["value"] = py::array_t<double>(py::cast(all.value));
  out["variance"] = py::array_t<double>(py::cast(all.variance));
  out["adjustment"] = py::array_t<double>(py::cast(all.adjustment));
  out["z"] = py::array_t<double>(py::cast(all.z));
  py::list classes, errors;
  for (const FlowClass kind : all.kind) classes.append(flow_class_names[static_cast<std::size_t>(kind)]);
  for (const GrossError& error : screened.errors) errors.append(error.stream);
  out["kind"] = classes;
  out["rank"] = all.rank;
  out["statistic"] = all.statistic;
  out["degrees_of_freedom"] = all.degrees_of_freedom;
  out["p_value"] = all.p_value;
  out["gross_errors"] = errors;
  out["held_at_zero"] = screened.held;
  out["value_without_gross_errors"] = py::array_t<double>(py::cast(screened.result.value));
  out["stream"] = text_array(names_of(network.streams));
  return shown_as("Reconciliation", out);
}

py::object reconciled_values(const std::vector<double>& measured, const std::vector<double>& variance,
                           const std::vector<std::vector<double>>& incidence, double alpha) {
  if (measured.size() != variance.size()) throw py::value_error("measured and variance differ in length");
  FlowNetwork network;
  for (std::size_t k = 0; k < measured.size(); ++k)
    network.streams.push_back({fmt::format("F{}", k + 1), measured[k], variance[k]});
  network.incidence = incidence;
  for (std::size_t k = 0; k < incidence.size(); ++k) network.units.push_back(fmt::format("U{}", k + 1));
  return reconciled(network, alpha);
}

/// One, or of a file with several networks one for each by its name.
py::object reconciled_file(const fs::path& path, double alpha) {
  const std::vector<NamedNetwork> all = read_flow_networks(path.string());
  if (all.size() == 1) return reconciled(all.front().network, alpha);
  py::dict out;
  for (const NamedNetwork& one : all) out[py::str(one.name)] = reconciled(one.network, alpha);
  return shown_as("Reconciliations", out);
}

}  // namespace

void declare_telemetry(py::module_& module) {
  py::class_<EventLog> type(module, "EventLog", "An event log: one row per operation, in order of their starts. Arrays have its length.");
  declare_shown(type, "one row per operation, as `table`.");
  type.def("__len__", [](const EventLog& self) { return self.events.size(); })
      .def_readonly("source", &EventLog::source, "The file, as given")
      .def_readonly("sha256", &EventLog::sha256, "Of the file's bytes")
      .def_property_readonly(
          "lots", [](const EventLog& self) { return self.lots.all(); }, "Names, by number")
      .def_property_readonly(
          "activities", [](const EventLog& self) { return self.activities.all(); }, "Names, by number")
      .def_property_readonly(
          "resources", [](const EventLog& self) { return self.resources.all(); }, "Names, by number")
      .def_property_readonly(
          "lot", [](const EventLog& self) { return numbers(self, &LogEvent::lot); }, "Number of the lot")
      .def_property_readonly(
          "activity", [](const EventLog& self) { return numbers(self, &LogEvent::activity); }, "Number of the activity")
      .def_property_readonly(
          "resource", [](const EventLog& self) { return numbers(self, &LogEvent::resource); }, "Number of the resource, -1: none")
      .def_property_readonly(
          "start", [](py::object self) { return view(self.cast<const EventLog&>().events, &LogEvent::start_s, self); },
          "Seconds since 1970-01-01")
      .def_property_readonly(
          "end", [](py::object self) { return view(self.cast<const EventLog&>().events, &LogEvent::end_s, self); },
          "Seconds since 1970-01-01")
      .def("column", log_column, py::arg("name"),
           "A further column named when the log was read: floats (nan where missing) or a list of names (None where missing). "
           "Raises "
           "KeyError.")
      .def_property_readonly("table", operations, "Table: one row per operation: lot, activity, resource, start, end")
      .def_property_readonly(
          "findings", [](const EventLog& self) { return std::make_shared<Table>(findings_table(self.findings)); },
          "Table: what was found wrong in it, one row per fault and repair");
  module.def(
      "read_log",
      [](const fs::path& path, const std::string& lot, const std::string& activity, const std::string& resource,
         const std::string& start, const std::string& end, const std::string& stamp, const std::string& lifecycle,
         const std::vector<std::string>& numeric, const std::vector<std::string>& categorical, const std::string& reader,
         const std::string& time_format, const std::string& time_unit) {
        LogMapping mapping;
        mapping.lot = lot, mapping.activity = activity, mapping.resource = resource, mapping.start = start, mapping.end = end;
        mapping.stamp = stamp, mapping.lifecycle = lifecycle;
        mapping.numeric = numeric, mapping.categorical = categorical;
        return read(path, mapping, reader, stamps_of(time_format, time_unit));
      },
      py::arg("path"), py::kw_only(), py::arg("lot") = "", py::arg("activity") = "", py::arg("resource") = "",
      py::arg("start") = "", py::arg("end") = "", py::arg("stamp") = "", py::arg("lifecycle") = "",
      py::arg("numeric") = std::vector<std::string>{}, py::arg("categorical") = std::vector<std::string>{},
      py::arg("reader") = "", py::arg("time_format") = "", py::arg("time_unit") = "",
      "Reads and cleans an event log (CSV, XES, OCEL 2.0; texts also with .gz). Names of columns are guessed where not given; "
      "numeric "
      "and categorical name further ones to keep; reader names a format of kinds() in place of that of the file. "
      "time_format: how times are written, as in strptime; time_unit: of times that are plain numbers: ns, us, ms, s, min, h, or d (days as spreadsheets count "
      "them). Raises InputError; ValueError (another time_unit).");
  module.def("distances", distances_of, py::arg("real"), py::arg("simulated"), py::arg("zone_h") = 0.0,
             "Distances between two event logs, see `retwin distances`, as Distances, a dict: ngd and ngd2 [1], the others in hours. zone_h: offset of the "
             "plant's clock from that of the stamps [h].");
  module.def(
      "fit", fits, py::arg("values"),
      "Distributions fitted to values [s] by maximum likelihood, best first, as Fits, a list of dicts: family, parameters, aic, bic, ks, ..., and qq, an "
      "array (n, 2) of fitted and observed quantiles. Raises ValueError.");
  module.def("reconcile", reconciled_file, py::arg("path"), py::arg("alpha") = 0.05,
             "The same of a file of flows (stream, from, to, measured, sd or variance; or .json), in its unit; of a file with several networks "
             "Reconciliations, a dict by their names. Raises InputError.");
  module.def("reconcile", reconciled_values, py::arg("measured"), py::arg("variance"), py::arg("incidence"), py::arg("alpha") = 0.05,
             "Measured flows (nan: unmeasured) made to obey incidence @ flow = 0 by weighted least squares, as a Reconciliation.\n\n"
             "measured and variance [unit squared] have shape (streams,), incidence (balances, streams). Returns a dict of arrays per stream: stream, measured,\n"
             "value, variance, adjustment, z, value_without_gross_errors, kind; and rank, statistic, degrees_of_freedom, p_value, gross_errors and\n"
             "held_at_zero (numbers of streams). Raises ValueError.");
}

}  // namespace retwin::python

// Records in Python: event logs, distances, fits, reconciliation, calibration and validation.
#include <fmt/format.h>
#include <pybind11/stl.h>
#include <pybind11/stl/filesystem.h>

#include <cmath>
#include <filesystem>
#include <limits>
#include <map>
#include <optional>
#include <stdexcept>

#include "bindings/python/door.hpp"
#include "core/report/telemetry_report.hpp"
#include "core/stats/fit.hpp"
#include "core/telemetry/balances/reconciliation.hpp"
#include "core/telemetry/calibration/calibration.hpp"
#include "core/telemetry/given/plant.hpp"
#include "core/telemetry/readers/read_log.hpp"
#include "core/telemetry/validation/distances.hpp"
#include "core/telemetry/validation/validation.hpp"

namespace retwin::python {
namespace {

namespace fs = std::filesystem;

EventLog read(const fs::path& path, const LogMapping& mapping, const std::string& reader) {
  ReadLogOptions options;
  options.mapping = mapping;
  options.reader = reader;
  const py::gil_scoped_release release;
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

py::dict distances_of(const EventLog& real, const EventLog& simulated, double zone_h) {
  const LogDistances d = distances(real, simulated, zone_h * 3600);
  py::dict out;
  out["ngd2"] = d.ngd2;
  out["ngd"] = d.ngd;
  out["aedd_h"] = d.aedd;
  out["cadd_h"] = d.cadd;
  out["cedd_h"] = d.cedd;
  out["redd_h"] = d.redd;
  out["ctdd_h"] = d.ctdd;
  return out;
}

py::list fits(const std::vector<double>& values) {
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
  return out;
}

/// Numbers as a float array, categories as a list with None where there is none.
py::object column(const EventLog& log, const std::string& name) {
  const LogColumn* found = log.column(name);
  if (!found) throw py::key_error(fmt::format("no column {} was read: name it in numeric or categorical of read_log", name));
  if (found->numeric) return py::array_t<double>(py::cast(found->values));
  py::list out;
  for (const double value : found->values)
    out.append(std::isnan(value) ? py::object(py::none()) : py::str(found->categories[static_cast<std::uint32_t>(value)]));
  return out;
}

py::dict reconciled(const std::vector<double>& measured, const std::vector<double>& variance,
                    const std::vector<std::vector<double>>& incidence, double alpha) {
  if (measured.size() != variance.size()) throw py::value_error("measured and variance differ in length");
  FlowNetwork network;
  for (std::size_t k = 0; k < measured.size(); ++k)
    network.streams.push_back({fmt::format("F{}", k + 1), measured[k], variance[k]});
  network.incidence = incidence;
  for (std::size_t k = 0; k < incidence.size(); ++k) network.units.push_back(fmt::format("U{}", k + 1));
  const Reconciliation all = reconcile(network);
  const Screening screened = screen_gross_errors(network, alpha);
  py::dict out;
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
  return out;
}

/// @throws std::invalid_argument
std::optional<WindowRule> window_of(const std::string& name) {
  const std::optional<WindowRule> rule = window_rule(name);
  if (!rule && name != "auto") throw std::invalid_argument("window is auto, complete, dropped or cut, not " + name);
  return rule;
}

std::string calibrate_to(const EventLog* log, const fs::path& out, double train, const std::optional<fs::path>& plant, const std::string& window,
                         const std::string& flows, const std::string& assays, const std::string& meters) {
  const bool measures = !flows.empty() || !meters.empty();
  if (!assays.empty() && flows.empty()) throw std::invalid_argument("analyses say nothing without the flows that they are of");
  if (measures && !plant) throw std::invalid_argument("flows and meters teach a given plant: name it in plant");
  if (log == nullptr && !measures) throw std::invalid_argument("there is nothing to learn from: a log, flows or meters");
  CalibrationOptions options;
  options.window = window_of(window);
  const py::gil_scoped_release release;
  if (plant) {
    if (train < 1) throw std::invalid_argument("a given plant is calibrated from the whole log: leave train out");
    if (options.window) throw std::invalid_argument("the cases of a given plant end as it says: leave window out");
    Problems problems;
    const Measurements measured = read_measurements(flows, assays, meters, problems);
    problems.throw_if_errors();
    PlantCalibrationOptions how;
    how.libraries = default_library_folders();
    if (measures) how.measured = &measured;
    const PlantCalibration calibration = calibrate_plant(plant->string(), log != nullptr ? std::optional(*log) : std::nullopt, registry(), how);
    write_calibration(calibration, out.string());
    return text_report(calibration);
  }
  options.train = train;
  const Calibration calibration = calibrate(*log, options);
  write_calibration(calibration, out.string());
  return text_report(calibration);
}

py::object validated(const fs::path& scenario, const EventLog& log, double test, std::uint64_t replications, std::uint64_t seed,
                     double acceptable, const std::map<std::string, double>& acceptable_of, const std::string& window) {
  ValidationOptions options;
  options.window = window_of(window);
  options.acceptable = acceptable;
  options.acceptable_of = acceptable_of;
  options.test = test;
  options.replications = replications;
  options.seed = seed;
  std::string json;
  {
    const py::gil_scoped_release release;
    json = json_report(validate(scenario.string(), log, registry(), options));
  }
  return py::module_::import("json").attr("loads")(json);
}

}  // namespace

void declare_telemetry(py::module_& module) {
  py::class_<EventLog>(module, "EventLog",
                       "An event log: one row per operation, in order of their starts. Arrays have its length.")
      .def("__len__", [](const EventLog& self) { return self.events.size(); })
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
      .def("column", column, py::arg("name"),
           "A further column named when the log was read: floats (nan where missing) or a list of names (None where missing). "
           "Raises "
           "KeyError.")
      .def_property_readonly(
          "findings", [](const EventLog& self) { return text(self.findings); }, "What was found wrong in it, as a table");
  module.def(
      "read_log",
      [](const fs::path& path, const std::string& lot, const std::string& activity, const std::string& resource,
         const std::string& start, const std::string& end, const std::string& stamp, const std::string& lifecycle,
         const std::vector<std::string>& numeric, const std::vector<std::string>& categorical, const std::string& reader) {
        LogMapping mapping;
        mapping.lot = lot, mapping.activity = activity, mapping.resource = resource, mapping.start = start, mapping.end = end;
        mapping.stamp = stamp, mapping.lifecycle = lifecycle;
        mapping.numeric = numeric, mapping.categorical = categorical;
        return read(path, mapping, reader);
      },
      py::arg("path"), py::kw_only(), py::arg("lot") = "", py::arg("activity") = "", py::arg("resource") = "",
      py::arg("start") = "", py::arg("end") = "", py::arg("stamp") = "", py::arg("lifecycle") = "",
      py::arg("numeric") = std::vector<std::string>{}, py::arg("categorical") = std::vector<std::string>{},
      py::arg("reader") = "",
      "Reads and cleans an event log (CSV, XES, OCEL 2.0; texts also with .gz). Names of columns are guessed where not given; "
      "numeric "
      "and categorical name further ones to keep; reader names a format of kinds() in place of that of the file. "
      "Raises InputError.");
  module.def("distances", distances_of, py::arg("real"), py::arg("simulated"), py::arg("zone_h") = 0.0,
             "Distances between two event logs, see `retwin distances`: ngd [1], the others in hours.");
  module.def(
      "fit", fits, py::arg("values"),
      "Distributions fitted to values by maximum likelihood, best first: family, parameters, aic, bic, ks, ..., and qq, an "
      "array (n, 2) of fitted and observed quantiles. Raises ValueError.");
  module.def("reconcile", reconciled, py::arg("measured"), py::arg("variance"), py::arg("incidence"), py::arg("alpha") = 0.05,
             "Measured flows (nan: unmeasured) made to obey incidence @ flow = 0 by weighted least squares; arrays per stream. "
             "Raises ValueError.");
  module.def(
      "calibrate", calibrate_to, py::arg("log"), py::arg("out"), py::arg("train") = 1.0, py::arg("plant") = py::none(),
      py::arg("window") = "auto", py::arg("flows") = "", py::arg("assays") = "", py::arg("meters") = "",
      "Learns a scenario from the first `train` of the cases of an event log, or the parameters of a given plant from all of it, "
      "writes it to `out` with tables beside it, and reports. flows, assays, meters: files from which a given plant learns shares of ports, uses per "
      "mass and powers; then log may be None. window: what became of cases open at the end of the log: auto (told from "
      "it), complete, dropped, cut. Raises InputError; ValueError (another window; plant together with train or window; nothing to learn from).");
  module.def("validate", validated, py::arg("scenario"), py::arg("log"), py::arg("test") = 1.0 / 3, py::arg("replications") = 30,
             py::arg("seed") = 1, py::arg("acceptable") = 0.1, py::arg("acceptable_of") = std::map<std::string, double>{}, py::arg("window") = "auto",
             "How well a calibrated scenario predicts the last `test` of the cases of a log, as a dict (see `retwin validate "
             "--format json`). window: what became of cases open at the end of the log: auto (told from it), complete, dropped, cut. "
             "Raises InputError; ValueError (another window).");
}

}  // namespace retwin::python

// Forecasts in Python: many futures of a running simulation, with what-ifs beside them.
#include <fmt/format.h>
#include <pybind11/stl.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "bindings/python/progress.hpp"
#include "bindings/python/settings.hpp"
#include "bindings/python/shown.hpp"
#include "bindings/python/simulation.hpp"
#include "bindings/python/table.hpp"
#include "core/base/units.hpp"
#include "core/experiment/forecast.hpp"
#include "core/experiment/going_on.hpp"

namespace retwin::python {
namespace {

using Times = std::variant<Time, std::vector<Time>>;

struct Forecast {
  std::string name;
  double now_s = 0;
  std::vector<std::string> labels;
  std::vector<ForecastFigure> figures;
  std::shared_ptr<Table> table;
};

std::vector<Branch> branches_of(const Running& self, const py::args& variants) {
  const Variant& own = self.variant();
  std::vector<Branch> all{{own.label(), own.scenario(), std::make_shared<const State>(self.state())}};
  for (const py::handle& given : variants) {
    const Variant variant = variant_of(given, &own);
    std::string label = label_of(variant, own);
    for (int number = 2; std::any_of(all.begin(), all.end(), [&](const Branch& b) { return b.label == label; }); ++number)
      label = fmt::format("{} ({})", label_of(variant, own), number);
    auto now = std::make_shared<const State>(carry_over({self.state(), structure_of(self.plant())}, *variant.scenario()->plant).state);
    all.push_back({std::move(label), variant.scenario(), std::move(now)});
  }
  return all;
}

std::vector<double> times_of(const Running& self, const Times& until) {
  std::vector<double> all;
  const auto add = [&](const Time& time) {
    all.push_back(time_ahead(self, time));
    if (!(all.back() > self.state().now)) throw py::value_error("until must be later than now");
  };
  if (const Time* one = std::get_if<Time>(&until)) add(*one);
  else for (const Time& time : std::get<std::vector<Time>>(until)) add(time);
  if (all.empty()) throw py::value_error("until is a time, or a list of times");
  return all;
}

std::shared_ptr<Forecast> forecast_of(const Running& self, const Times& until, const py::args& variants, std::int64_t replications,
                                      std::optional<std::uint64_t> seed, std::optional<int> jobs) {
  if (replications < 2) throw py::value_error("replications: at least 2, or nothing is known about the spread");
  const Running::Use use(self);
  const std::vector<double> times = times_of(self, until);
  const std::vector<Branch> branches = branches_of(self, variants);
  ForecastOptions options;
  options.futures = static_cast<std::size_t>(replications);
  options.seed = seed;
  options.level = self.scenario().run.confidence;
  LocalOptions how;
  how.jobs = jobs_of(jobs);
  how.poll = check_signals;
  Bar bar("forecast");
  how.progress = bar.shows();
  const py::gil_scoped_release release;
  auto made = std::make_shared<Forecast>(Forecast{self.scenario().name, self.state().now, {}, forecast(branches, times, options, how), nullptr});
  for (const Branch& branch : branches) made->labels.push_back(branch.label);
  made->table = std::make_shared<Table>(forecast_table(made->figures));
  return made;
}

/// The figures with this path, by branch and time.
std::shared_ptr<Table> rows_of(const Forecast& self, const std::string& path) {
  std::vector<ForecastFigure> of;
  std::vector<std::string> known;
  for (const ForecastFigure& f : self.figures) {
    known.push_back(f.kpi.path);
    if (f.kpi.path == path) of.push_back(f);
  }
  const std::string near = of.empty() ? nearest(path, known) : "";
  if (of.empty()) throw py::key_error("no figure " + path + (near.empty() ? "; table lists them all" : "; did you mean " + near + "?"));
  return std::make_shared<Table>(forecast_table(of));
}

/// (branches, times, futures)
py::array values(const Forecast& self, const std::string& path) {
  rows_of(self, path);  // or there is none
  std::vector<double> times;
  for (const ForecastFigure& f : self.figures)
    if (std::find(times.begin(), times.end(), f.until_s) == times.end()) times.push_back(f.until_s);
  const auto n = static_cast<py::ssize_t>(self.figures.front().values.size());
  py::array_t<double> out({static_cast<py::ssize_t>(self.labels.size()), static_cast<py::ssize_t>(times.size()), n});
  out.attr("fill")(std::numeric_limits<double>::quiet_NaN());
  auto to = out.mutable_unchecked<3>();
  for (const ForecastFigure& f : self.figures) {
    if (f.kpi.path != path) continue;
    const auto b = std::find(self.labels.begin(), self.labels.end(), f.branch) - self.labels.begin(), t = std::find(times.begin(), times.end(), f.until_s) - times.begin();
    for (py::ssize_t k = 0; k < n; ++k) to(b, t, k) = f.values[static_cast<std::size_t>(k)];
  }
  return out;
}

}  // namespace

void declare_forecasts(py::module_& module, py::class_<Running, std::shared_ptr<Running>>& simulation) {
  py::class_<Forecast, std::shared_ptr<Forecast>> type(module, "Forecast", "Many futures of one present, as planned and with changes. Made by Simulation.forecast().");
  declare_shown(type, "one row per branch, time and figure, as `table`.");
  type.def_readonly("name", &Forecast::name, "Of the plant")
      .def_readonly("now_s", &Forecast::now_s, "The present [s after the start of the run]")
      .def_readonly("labels", &Forecast::labels, "Of the branches: as planned, then the changes")
      .def_readonly("table", &Forecast::table,
                    "Table: one row per branch, time and figure: mean with its interval, quantiles of the futures, paired difference to the first branch with "
                    "its interval")
      .def("figure", rows_of, py::arg("path"), "Table: the rows of one figure, 'sinks.ok.lots'. Raises KeyError.")
      .def("values", values, py::arg("path"), "Of one figure, shape (branches, times, futures), in its unit; NaN where it is undefined. Raises KeyError.")
      .def("__str__", [](const Forecast& self) { return self.table->text(); })
      .def("__repr__", [](const Forecast& self) {
        return fmt::format("<Forecast of {} from {}: {} branches, {} futures>", self.name, format_duration(self.now_s), self.labels.size(), self.figures.empty() ? 0 : self.figures.front().values.size());
      });
  simulation.def("forecast", [](const Running& self, const Times& until, const py::args& variants, std::int64_t replications, std::optional<std::uint64_t> seed,
                                std::optional<int> jobs) { return forecast_of(self, until, variants, replications, seed, jobs); },
                 py::arg("until"), py::kw_only(), py::arg("replications") = 20, py::arg("seed") = py::none(), py::arg("jobs") = py::none(),
                 R"(Many futures from now, each a fork with its own random numbers; the simulation itself stays where it is.

forecast(until, *variants): until is a time after the start of the run or a list of such, [s] or text with a unit; figures are counted
from now to each. A variant is a Scenario, the path of a file, or a dict of values over the scenario of the simulation, as in compare():
it is a what-if from now, and future r of each branch has the same luck, so that differences are paired.

replications: futures of each branch. seed: of these; without one the first future is that of advance(), as in run(state=...).
jobs: threads, default all cores; the result does not depend on them.

Returns a Forecast. Raises InputError for what cannot be carried over; RunError for a future that cannot go on; ValueError for a time
that is not ahead.)");
}

}  // namespace retwin::python

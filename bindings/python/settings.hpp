// The settings of a run that functions of the module take, called as the options of the command line.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "bindings/python/door.hpp"

namespace retwin::python {

/// None: as the scenario says; jobs: all cores.
struct RunSettings {
  std::optional<std::variant<std::int64_t, std::string>> replications;  ///< or "auto"
  std::optional<std::variant<double, std::string>> precision;
  std::optional<std::int64_t> max_replications, seed;
  std::optional<Time> duration, warmup;
  std::optional<int> jobs;
};

/// Those that were given, without jobs. They stand in place of what the scenario says, for one run.
std::vector<Override> overrides_of(const RunSettings& given);

/// Threads. @throws value_error below 1
int jobs_of(std::optional<int> jobs);

/// Declares a function of a scenario that has these settings after arguments of its own, all by keyword.
template <class Scenario, class Return, class... Own, class... Args>
void define_with_settings(py::module_& module, const char* name, Return (*work)(const Scenario&, const RunSettings&, Own...), const char* doc, const Args&... args) {
  module.def(
      name,
      [work](const Scenario& scenario, Own... own, decltype(RunSettings::replications) replications, decltype(RunSettings::precision) precision,
             std::optional<std::int64_t> max_replications, std::optional<std::int64_t> seed, std::optional<Time> duration, std::optional<Time> warmup,
             std::optional<int> jobs) {
        return work(scenario, {std::move(replications), std::move(precision), max_replications, seed, std::move(duration), std::move(warmup), jobs}, std::move(own)...);
      },
      py::arg("scenario"), py::kw_only(), args..., py::arg("replications") = py::none(), py::arg("precision") = py::none(),
      py::arg("max_replications") = py::none(), py::arg("seed") = py::none(), py::arg("duration") = py::none(), py::arg("warmup") = py::none(),
      py::arg("jobs") = py::none(), doc);
}

}  // namespace retwin::python

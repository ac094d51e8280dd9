// Settings of a run as values in place of the scenario's.
#include "bindings/python/settings.hpp"

#include <fmt/format.h>
#include <pybind11/stl.h>

#include <algorithm>
#include <thread>

namespace retwin::python {

std::vector<Override> overrides_of(const RunSettings& given) {
  std::vector<Override> values;
  const auto add = [&](const char* name, const std::string& value) { values.push_back({std::string("run.") + name, value, name}); };
  const auto text = [](const auto& either) {
    if (const std::string* words = std::get_if<std::string>(&either)) return *words;
    return fmt::format("{}", std::get<0>(either));
  };
  if (given.seed) add("seed", std::to_string(*given.seed));
  if (given.replications) add("replications", text(*given.replications));
  if (given.precision) add("precision", text(*given.precision));
  if (given.max_replications) add("max_replications", std::to_string(*given.max_replications));
  if (given.duration) add("duration", time_text(*given.duration));
  if (given.warmup) add("warmup", time_text(*given.warmup));
  return values;
}

int jobs_of(std::optional<int> jobs) {
  if (jobs && *jobs < 1) throw py::value_error("jobs is a number of threads, at least 1");
  return jobs.value_or(static_cast<int>(std::max(1u, std::thread::hardware_concurrency())));
}

}  // namespace retwin::python

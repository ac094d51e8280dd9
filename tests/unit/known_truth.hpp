// The logs of known truth beside this clone, and what generated them, for tests that read them in place.
#pragma once
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "core/telemetry/readers/read_log.hpp"

namespace retwin::known_truth {

inline const std::string folder = RETWIN_SOURCE_DIR "/../shared/logs/known_truth/";
inline std::string path(const std::string& name) { return folder + name + ".csv.gz"; }

/// Whether a log is there; says so if not.
inline bool there(const std::string& name) {
  if (std::filesystem::exists(path(name))) return true;
  MESSAGE("skipped: no logs beside this clone");
  return false;
}

inline EventLog log(const std::string& name) { return read_log(path(name)); }

inline std::string content(const std::string& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

struct Service {
  std::string law;                 ///< "fix" or "expon"
  std::vector<double> parameters;  ///< fix: value; expon: mean, min, max: min + Exp(mean - min), drawn again above max [s]
};
struct Crew {
  int count = 0;
  std::string hours;  ///< name of its calendar
};

inline nlohmann::json model(const std::string& name) { return nlohmann::json::parse(content(folder + name + ".json")); }

/// By activity; names are in the drawing of the process.
inline std::map<std::string, Service> services(const std::string& name) {
  const std::string drawing = content(folder + name + ".bpmn");
  const nlohmann::json told = model(name);
  std::map<std::string, Service> out;
  for (const auto& task : told["task_resource_distribution"]) {
    const std::size_t at = drawing.find("id=\"" + task["task_id"].get<std::string>() + "\"");
    const std::size_t begin = drawing.find("name=\"", at) + 6;
    const auto& law = task["resources"][0];
    Service service{law["distribution_name"].get<std::string>(), {}};
    for (const auto& value : law["distribution_params"]) service.parameters.push_back(value["value"].get<double>());
    out[drawing.substr(begin, drawing.find('"', begin) - begin)] = service;
  }
  return out;
}

inline std::map<std::string, Crew> crews(const std::string& name) {
  const nlohmann::json told = model(name);
  std::map<std::string, std::string> calendars;
  for (const auto& calendar : told["resource_calendars"]) calendars[calendar["id"]] = calendar["name"];
  std::map<std::string, Crew> out;
  for (const auto& profile : told["resource_profiles"]) {
    const auto& one = profile["resource_list"][0];
    const auto& amount = one["amount"];
    out[profile["name"].get<std::string>()] = {amount.is_string() ? std::stoi(amount.get<std::string>()) : amount.get<int>(),
                                               calendars[one["calendar"]]};
  }
  return out;
}

}  // namespace retwin::known_truth

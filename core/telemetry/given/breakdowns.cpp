// Breakdowns and repairs of a given plant, from a log of machine states.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>

#include "core/stats/intervals.hpp"
#include "core/stats/survival.hpp"
#include "core/telemetry/given/parts.hpp"

namespace retwin {
namespace {

constexpr std::size_t fewest_breakdowns = 3;

bool is_one_of(std::string name, std::initializer_list<std::string_view> names) {
  for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// What the states of the machines of one station say.
struct Breakdowns {
  Lives up;                     ///< on the clock of the mode [s]
  std::vector<double> repairs;  ///< ended ones [s]
};

/// Lives between breakdowns of one machine. The first has begun before the log, or with an unknown age: it only counts where age
/// does not matter.
void add_machine(const StateLog& states, const std::vector<const StateRecord*>& records, const FailureMode& mode,
                 Breakdowns& found) {
  bool known = mode.every.distribution->family() == Family::exponential, down = false;
  double life_s = 0, down_s = 0;
  for (const StateRecord* r : records) {
    const std::string& state = states.states[r->state];
    const double length = r->to_s - r->from_s;
    if (is_one_of(state, {"down", "failed", "failure", "breakdown", "repair"})) {
      if (!down && known) {
        found.up.values.push_back(life_s);
        found.up.censored.push_back(false);
      }
      down_s = (down ? down_s : 0) + length;
      down = true;
      continue;
    }
    if (down) {
      found.repairs.push_back(down_s);
      known = true;
      life_s = 0;
    }
    down = false;
    const bool counts =
        mode.clock == FailureClock::calendar || is_one_of(state, {"working", "busy", "processing", "running", "productive"});
    if (counts) life_s += length;
  }
  if (down || !known || life_s <= 0) return;
  found.up.values.push_back(life_s);
  found.up.censored.push_back(true);
}

/// The only mode of random breakdowns, whose states cannot be told from those of another; null if it cannot be learned.
const FailureMode* only_mode(const Station& station, std::string& why_not) {
  const FailureMode* mode = nullptr;
  for (const FailureMode& m : station.failures) {
    if (m.planned) continue;
    if (mode != nullptr) return why_not = "states do not tell one kind of breakdown from another", nullptr;
    mode = &m;
  }
  if (mode == nullptr) return nullptr;
  if (!mode->every.distribution || mode->clock == FailureClock::count || mode->whole_station ||
      (mode->clock == FailureClock::calendar && !mode->from_repair))
    return why_not = "only breakdowns of single machines by working time, or by time since the last repair, are learned", nullptr;
  return mode;
}

std::string mode_path(const Station& station, const FailureMode& mode) {
  return fmt::format("stations.{}.fails.{}", station.name, mode.name);
}

void learn_mode(const Station& station, const FailureMode& mode, const Breakdowns& found, const StateLog& states,
                const PlantCalibrationOptions& options, PlantCalibration& result) {
  const std::string path = mode_path(station, mode);
  const auto set = [&](const char* field, const Fit& fit, const Bounds& mean, std::size_t n, const std::string& method,
                       double given) {
    result.parameters.push_back({fmt::format("{}.{}.mean", path, field), mean.estimate, "s", mean, n,
                                 fmt::format("{}; states: {} (SHA-256 {})", method, states.source, states.sha256), given});
    result.patches.push_back({fmt::format("{}.{}", path, field),
                              scenario_node(fit, "s"),
                              fmt::format("{}, n = {}", fit.family, n),
                              {result.parameters.size() - 1}});
  };
  const auto ended = static_cast<std::size_t>(std::count(found.up.censored.begin(), found.up.censored.end(), false));
  if (ended < fewest_breakdowns) {
    result.left_out.emplace_back(path, fmt::format("{} breakdowns are too few", ended));
    return;
  }
  const Fit life = fit_lives(found.up).front();
  set("every", life, mean_interval(found.up, life.family, options.level), ended,
      life.family + " by maximum likelihood, censored at the end of the log; interval: profile likelihood",
      mode.every.distribution->mean());
  if (!mode.needs.empty()) {
    result.left_out.emplace_back(path + ".repair", "the time that a machine is down includes the waiting for its crew");
  } else if (found.repairs.size() >= fewest_breakdowns && mode.repair.distribution) {
    const Fit repair = fit_best(found.repairs);
    const Interval mean = student_interval(found.repairs, options.level);
    set("repair", repair, {mean.mean, mean.low(), mean.high(), options.level}, found.repairs.size(),
        repair.family + " by maximum likelihood; interval: Student, of the mean", mode.repair.distribution->mean());
  }
}

}  // namespace

void learn_breakdowns(const PlantInLog& at, const StateLog& states, const PlantCalibrationOptions& options,
                      PlantCalibration& result) {
  std::vector<std::vector<const StateRecord*>> records(states.machines.size());
  for (const StateRecord& record : states.records) records[record.machine].push_back(&record);
  std::vector<std::vector<std::uint32_t>> machines_of(at.plant().stations.size());
  for (std::uint32_t m = 0; m < states.machines.size(); ++m) {
    const std::string& name = states.machines[m];
    Index station = at.plant().find_station(name);
    if (station == none) station = at.plant().find_station(name.substr(0, name.find('#')));
    if (station == none) result.left_out.emplace_back(name, "no station of the plant has this machine");
    else machines_of[station].push_back(m);
  }
  for (Index k = 0; k < at.plant().n_stations(); ++k) {
    if (machines_of[k].empty()) continue;
    const Station& station = at.plant().stations[k];
    std::string why_not;
    const FailureMode* mode = only_mode(station, why_not);
    if (!why_not.empty()) result.left_out.emplace_back(fmt::format("stations.{}.fails", station.name), why_not);
    if (mode == nullptr) continue;
    Breakdowns found;
    for (const std::uint32_t m : machines_of[k]) add_machine(states, records[m], *mode, found);
    learn_mode(station, *mode, found, states, options, result);
  }
}

}  // namespace retwin

// Calibration of a given plant: the log in the plant's terms, the parts in turn, and the plant as given for comparison.
#include "core/telemetry/given/plant.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <tuple>

#include "core/base/constants.hpp"
#include "core/base/random.hpp"
#include "core/base/units.hpp"
#include "core/telemetry/given/parts.hpp"
#include "core/telemetry/writers/log_writer.hpp"

namespace retwin {
namespace {

Index pool_called(const Plant& plant, std::string_view name) {
  for (Index pool = 0; pool < plant.pools.size(); ++pool)
    if (plant.pools[pool].name == name) return pool;
  return none;
}

/// Gathers operations; those of a batch, which share resource, start and end, to one.
class Works {
 public:
  explicit Works(const Plant& plant) : plant_(plant), works(plant.stations.size()) {}
  void add(Index station, std::uint32_t resource, const Work& work) {
    std::vector<Work>& list = works[station];
    if (plant_.stations[station].batch.rule != BatchRule::single) {
      const auto [found, is_new] = batches_.try_emplace({station, resource, work.start_s, work.end_s}, list.size());
      if (!is_new) {
        list[found->second].mass_kg += work.mass_kg;
        return;
      }
    }
    list.push_back(work);
  }

 private:
  const Plant& plant_;
  std::map<std::tuple<Index, std::uint32_t, double, double>, std::size_t> batches_;

 public:
  std::vector<std::vector<Work>> works;
};

/// Operations of a simulation.
class WorkKeeper : public LogOutput {
 public:
  WorkKeeper(Works& works, const Plant& plant, double zero_s) : works_(works), plant_(plant), zero_s_(zero_s) {}
  void add(const LoggedOperation& o) override {
    works_.add(plant_.find_station(o.activity), resources_.number(o.resource),
               {o.start_s - zero_s_, o.end_s - zero_s_, 0, 0, 0, pool_called(plant_, o.resource)});
  }
  void commit() override {}

 private:
  Works& works_;
  const Plant& plant_;
  double zero_s_;
  Names resources_;
};

double start_of(const Plant& plant) { return static_cast<double>(plant.day0) * day_s + plant.clock0_s; }

void know_stations(PlantInLog& at, PlantCalibration& result) {
  std::vector<std::string> stations;
  for (const Station& station : at.plant().stations) stations.push_back(station.name);
  bool any = false;
  for (std::uint32_t a = 0; a < at.log.activities.size(); ++a) {
    const std::string& name = at.log.activities[a];
    at.station_of.push_back(at.plant().find_station(name));
    if (at.station_of.back() != none) {
      any = true;
      continue;
    }
    const std::string near = nearest(name, stations);
    result.left_out.emplace_back(
        name, "no station of the plant" + (near.empty() ? std::string() : fmt::format(" (did you mean {}?)", near)));
  }
  if (any) return;
  Place place;
  place.file = at.log.source;
  const std::string first = at.log.activities.size() > 0 ? at.log.activities[0] : std::string();
  throw InputError(
      {{Code::unknown_name, Severity::error, place, "",
        fmt::format("no activity of the log is a station of {}", at.scenario.path),
        fmt::format("activities must be called as stations; the first is \"{}\". Which column they are in, --activity says",
                    first)}});
}

/// The column of a log that holds what an expression reads; empty: none does.
std::string column_of(const Plant& plant, int slot) {
  if (slot == static_cast<int>(Builtin::mass)) return "mass_kg";
  if (slot == static_cast<int>(Builtin::contents)) return "contents";
  if (slot < n_builtins) return {};
  const Attribute& attribute = plant.attributes[static_cast<std::size_t>(slot - n_builtins)];
  if (!attribute.categories.empty()) return {};
  const std::string unit = si_unit(attribute.dimension);
  return unit.empty() ? attribute.name : fmt::format("{} [{}]", attribute.name, unit);
}

/// What a computed duration says of each operation: of the lot as its operation before left it, else as this one did.
class Computed {
 public:
  explicit Computed(const PlantInLog& at)
      : at_(at),
        before_(at.log.lots.size(), Names::absent),
        slots_(static_cast<std::size_t>(n_builtins) + at.plant().attributes.size()) {}
  double operator()(std::uint32_t event) {
    const LogEvent& e = at_.log.events[event];
    const std::uint32_t seen = before_[e.lot] == Names::absent ? event : before_[e.lot];
    before_[e.lot] = event;
    const Station& station = at_.plant().stations[at_.station_of[e.activity]];
    const Expression* expression = computed_duration(station);
    if (expression == nullptr || station.batch.rule != BatchRule::single) return std::nan("");
    for (const int slot : expression->slots()) {
      const LogColumn* column = at_.log.column(column_of(at_.plant(), slot));
      if (column == nullptr) return std::nan("");
      slots_[static_cast<std::size_t>(slot)] = column->values[seen];
    }
    return (*expression)(slots_.data());
  }

 private:
  const PlantInLog& at_;
  std::vector<std::uint32_t> before_;  ///< last event of each lot
  std::vector<double> slots_;
};

void gather_works(PlantInLog& at) {
  const LogColumn *mass = at.log.column("mass_kg"), *setup = at.log.column("setup_s");
  Works works(at.plant());
  Computed computed(at);
  for (std::uint32_t k = 0; k < at.log.events.size(); ++k) {
    const LogEvent& e = at.log.events[k];
    if (at.station_of[e.activity] == none) continue;
    works.add(at.station_of[e.activity], e.resource,
              {e.start_s - at.zero_s, e.end_s - at.zero_s, mass != nullptr ? mass->values[k] : std::nan(""),
               setup != nullptr ? setup->values[k] : std::nan(""), computed(k),
               e.resource == Names::absent ? none : pool_called(at.plant(), at.log.resources[e.resource])});
  }
  at.works = std::move(works.works);
}

}  // namespace

const Node* find_path(const Node& document, std::initializer_list<std::string_view> path) {
  const Node* node = &document;
  for (const std::string_view key : path) {
    node = node->is_map() ? node->find(key) : nullptr;
    if (node == nullptr) return nullptr;
  }
  return node;
}

const Expression* computed_duration(const Station& station) {
  return station.phases.size() == 1 && station.phases[0].duration.expression ? &*station.phases[0].duration.expression : nullptr;
}

std::vector<std::string> calibration_columns(const Plant& plant) {
  std::vector<std::string> names{"mass_kg", "setup_s"};
  for (const Station& station : plant.stations)
    if (const Expression* expression = computed_duration(station))
      for (const int slot : expression->slots())
        if (const std::string name = column_of(plant, slot);
            !name.empty() && std::find(names.begin(), names.end(), name) == names.end())
          names.push_back(name);
  return names;
}

Node scaled(const Node& duration, double factor) {
  Node result = duration;
  for (Node& item : result.items) item = scaled(item, factor);
  for (Node::Entry& entry : result.entries) entry.value = scaled(entry.value, factor);
  if (!result.is_scalar()) return result;
  const std::optional<Quantity> quantity = parse_quantity(result.text);
  if (!quantity) result.text = fmt::format("{:.9g} * ({})", factor, result.text);
  else if (quantity->dimension == dimension::time) result.text = fmt::format("{:.9g} s", quantity->value * factor);
  else if (quantity->dimension == dimension::rate) result.text = fmt::format("{:.9g}/s", quantity->value / factor);
  else if (quantity->dimension == dimension::mass_rate) result.text = fmt::format("{:.9g} kg/s", quantity->value / factor);
  return result;
}

std::vector<std::vector<Work>> simulate_works(const PlantInLog& at, const PlantCalibrationOptions& options) {
  const Plant& plant = at.plant();
  Works works(plant);
  const std::uint64_t seed = identity(options.seed, stream_id(at.log.sha256));  // its errors are its own for each log
  const double until_s = std::clamp(at.last_s() - (at.log.first_s() - at.zero_s), week_s, 26 * week_s);
  for (std::uint64_t k = 0; k < options.replications; ++k) {
    LogWriter writer(plant, std::make_unique<WorkKeeper>(works, plant, start_of(plant)));
    Simulation simulation(at.scenario.plant, seed, k, at.scenario.changes);
    simulation.advance(until_s, &writer);
  }
  return std::move(works.works);
}

namespace {

void learn_log(const Scenario& scenario, const Node& document, EventLog log, const PlantCalibrationOptions& options, PlantCalibration& result) {
  log.move(log.zone_s);  // shifts are those of the plant's clocks
  result.log = log.source;
  result.sha256 = log.sha256;
  result.operations = log.events.size();
  result.lots = log.lots.size();
  result.first_s = log.first_s();
  result.last_s = log.last_s();
  PlantInLog at{scenario, document, log, start_of(*scenario.plant), {}, {}};
  at.zero_s -= std::max(0.0, std::ceil((at.zero_s - log.first_s()) / week_s)) * week_s;
  know_stations(at, result);
  gather_works(at);
  learn_services(at, options, result);
  learn_setups(at, options, result);
  learn_routes(at, options, result);
  learn_sources(at, options, result);
  if (options.states != nullptr) {
    result.states = options.states->source;
    learn_breakdowns(at, *options.states, options, result);
  }
}

void learn_measured(const Scenario& scenario, const Node& document, const PlantCalibrationOptions& options, PlantCalibration& result) {
  const Measurements& measured = *options.measured;
  for (const MeasuredFile& file : {measured.flow_file, measured.assay_file, measured.meter_file})
    if (file.given()) result.measured.push_back(file);
  Problems problems;
  MatterNetwork placed = place_matter(*scenario.plant, measured, problems);
  check_meters(*scenario.plant, measured, problems);
  problems.throw_if_errors();
  if (measured.flow_file.given()) learn_matter(scenario, document, measured, std::move(placed), options.level, result);
  if (measured.meter_file.given()) learn_powers(scenario, measured, options, result);
}

}  // namespace

PlantCalibration calibrate_plant(const std::string& plant_path, std::optional<EventLog> log, const Registry& registry,
                                 const PlantCalibrationOptions& options) {
  Problems problems;
  const std::optional<Node> document = load_document(plant_path, {}, problems, registry);
  problems.throw_if_errors();
  const Scenario scenario = compile_scenario(*document, plant_path, registry, options.libraries);
  PlantCalibration result;
  result.plant_path = plant_path;
  result.plant_name = scenario.name;
  if (log) learn_log(scenario, *document, std::move(*log), options, result);
  if (options.measured != nullptr) learn_measured(scenario, *document, options, result);
  return result;
}

}  // namespace retwin

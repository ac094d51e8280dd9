// Compiling a plant: the order of the work, names and their order, routes.
#include "core/scenario/compile/compiler.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "core/base/files.hpp"
#include "core/flow/plant/structure.hpp"
#include "core/graph/cycles.hpp"

namespace retwin {
namespace {

const char* const leftover = "unconnected";  // where an optional port leads that the file does not connect
const char* const scrap = "scrap";

}  // namespace

std::string did_you_mean(const std::string& name, const std::vector<std::string>& known) {
  const std::string near = nearest(name, known);
  if (!near.empty()) return "did you mean " + near + "?";
  if (known.empty()) return "none is defined";
  std::string list = "known: ";
  for (std::size_t k = 0; k < known.size() && k < 12; ++k) list += (k ? ", " : "") + known[k];
  return list + (known.size() > 12 ? ", ..." : "");
}

Compiler::Compiler(Specs& specs, const Registry& registry, FileLibrary& library, const std::string& file, Problems& problems)
    : specs_(specs), registry_(registry), library_(library), file_(file), problems_(problems), plant_(std::make_shared<Plant>()) {}

std::shared_ptr<Plant> Compiler::compile() {
  Plant& plant = *plant_;
  plant.name = specs_.name;
  if (const auto start = parse_time(specs_.run.start.text)) {
    plant.day0 = static_cast<long>(std::floor(*start / 86400));
    plant.clock0_s = *start - static_cast<double>(plant.day0) * 86400;
  } else {
    problems_.error(Code::type, specs_.run.start.place, "run.start", "\"" + specs_.run.start.text + "\" is not a date",
                    "write 2026-01-05 or 2026-01-05 09:30");
  }
  plant.electricity = static_cast<Index>(flow("electricity", dimension::energy));
  kind("item", false);
  check_tables();
  read_plan_table();
  order_names();
  compile_calendars();
  compile_resources();
  compile_utilities();
  declare_attributes();
  bind_all();
  compile_plans();
  for (std::size_t k = 0; k < specs_.sinks.size(); ++k) specify(specs_.sinks[k], plant.sinks[k]);
  if (substances_loaded_) plant.n_components = plant.substances.size();
  for (std::size_t i = 0; i < specs_.stations.size(); ++i) compile_station(specs_.stations[i], plant.stations[i]);
  compile_standing();
  compile_digital();
  for (std::size_t i = 0; i < specs_.sources.size(); ++i) compile_source(specs_.sources[i], plant.sources[i]);
  for (std::size_t i = 0; i < specs_.initial.size(); ++i) compile_initial(specs_.initial[i], i);
  check_drawn();
  compile_tanks();
  if (plant.stations.empty())
    problems_.error(Code::missing, specs_.run.start.place.file.empty() ? Place{file_, 0, 0, 1, ""} : specs_.run.start.place, "stations",
                    "a plant needs at least one station");
  check_limits();
  if (problems_.any_errors()) return nullptr;
  finish_routes();
  count_visits();
  finish_plant(plant);
  plant.structure_hash = structure_hash(plant);
  return plant_;
}

void Compiler::specify(const SinkSpec& spec, Sink& sink) {
  if (spec.specification.empty()) return;
  place_ = spec.specification.place;
  path_ = "sinks." + spec.name + ".spec";
  if (substances_loaded_) sink.specification = std::make_shared<Specification>(read_specification(*this, spec.specification.text));
  else problems_.error(Code::conflict, place_, path_, "the lots of this plant have no masses, so that nothing can be said of what they are made of",
                       "give the lots of a source a chemistry, or leave spec out");
}

/// A scenario with the tables of another one would run, and give wrong figures.
void Compiler::check_tables() {
  for (const TableSpec& table : specs_.tables) {
    const std::string& from = table.file.place.file.empty() ? file_ : table.file.place.file;  // a document may be no file's
    const std::string path = (std::filesystem::path(from).parent_path() / table.file.text).string();
    if (table.file.empty() || sha256_of_file(path) == table.sha256.text) continue;
    problems_.error(Code::conflict, table.file.place, "tables", path + " is not the table that was written together with this scenario",
                    "write both again (retwin calibrate), or, if you changed the table yourself, leave its line out here");
  }
}

// --- names -----------------------------------------------------------------------------------------------------------------------

void Compiler::order_names() {
  const auto by_name = [](const auto& a, const auto& b) { return a.name < b.name; };
  std::stable_sort(specs_.stations.begin(), specs_.stations.end(), [](const StationPart& a, const StationPart& b) {
    return a.spec.priority != b.spec.priority ? a.spec.priority > b.spec.priority : a.spec.name < b.spec.name;
  });
  std::stable_sort(specs_.sources.begin(), specs_.sources.end(), [](const SourcePart& a, const SourcePart& b) {
    return a.spec.priority != b.spec.priority ? a.spec.priority > b.spec.priority : a.spec.name < b.spec.name;
  });
  std::stable_sort(specs_.resources.begin(), specs_.resources.end(), by_name);
  std::stable_sort(specs_.calendars.begin(), specs_.calendars.end(), by_name);
  std::stable_sort(specs_.attributes.begin(), specs_.attributes.end(), by_name);
  std::stable_sort(specs_.plans.begin(), specs_.plans.end(), by_name);
  for (StationPart& part : specs_.stations)
    for (std::vector<FailureSpec>* const modes : {&part.spec.fails, &part.spec.maintenance})
      std::stable_sort(modes->begin(), modes->end(), by_name);
  for (const StationPart& part : specs_.stations) {
    for (const FailureSpec& mode : part.spec.fails)
      needs_scrap_sink_ = needs_scrap_sink_ || (mode.job == static_cast<int>(JobFate::scrap) && mode.scrap_to.empty());
    const EngineUnit* const known = engine_unit(part.spec.unit);
    if (known != nullptr && known->transport && !part.spec.to.given()) needs_leftover_sink_ = true;
    if (!part.operation) continue;
    for (const PortInfo& port : part.operation->ports())
      needs_leftover_sink_ = needs_leftover_sink_ || port.optional;
  }
  const auto has_sink = [&](const char* name) {
    return std::any_of(specs_.sinks.begin(), specs_.sinks.end(), [&](const SinkSpec& s) { return s.name == name; });
  };
  for (const TankSpec& tank : specs_.tanks) specs_.sinks.push_back({tank.name, tank.place, "internal"});
  if (needs_scrap_sink_ && !has_sink(scrap)) specs_.sinks.push_back({scrap, {}, "waste"});
  if (needs_leftover_sink_ && !has_sink(leftover)) specs_.sinks.push_back({leftover, {}, "internal"});
  std::stable_sort(specs_.sinks.begin(), specs_.sinks.end(), by_name);
  std::map<std::string, const char*> taken;
  const auto claim = [&](const std::string& name, const Place& place, const char* what, const std::string& section) {
    const auto [it, fresh] = taken.emplace(name, what);
    if (!fresh)
      problems_.error(Code::duplicate, place, section + "." + name, std::string("there is already a ") + it->second + " of this name",
                      "names of sources, stations, sinks and tanks differ");
  };
  for (const StationPart& part : specs_.stations) claim(part.spec.name, part.spec.place, "station", "stations");
  for (const SinkSpec& sink : specs_.sinks) {
    const bool tank = std::any_of(specs_.tanks.begin(), specs_.tanks.end(), [&](const TankSpec& t) {
      return t.name == sink.name && t.place.line == sink.place.line && t.place.column == sink.place.column;
    });
    claim(sink.name, sink.place, tank ? "tank" : "sink", tank ? "tanks" : "sinks");
  }
  for (const SourcePart& part : specs_.sources) claim(part.spec.name, part.spec.place, "source", "sources");
  for (const StationPart& part : specs_.stations) {
    Station station;
    station.name = part.spec.name;
    station.place = part.spec.place;
    plant_->stations.push_back(std::move(station));
  }
  for (const SinkSpec& sink : specs_.sinks) plant_->sinks.push_back({sink.name, sink.role, sink.place});
  for (Index k = 0; k < plant_->stations.size(); ++k) stations_by_name_.emplace(plant_->stations[k].name, k);
  for (Index k = 0; k < plant_->sinks.size(); ++k) sinks_by_name_.emplace(plant_->sinks[k].name, k);
  for (const SourcePart& part : specs_.sources) {
    Source source;
    source.name = part.spec.name;
    source.place = part.spec.place;
    source.stream = stream_id("source " + part.spec.name);
    plant_->sources.push_back(std::move(source));
  }
}

bool Compiler::reported(const std::string& path, std::initializer_list<const char*> fields) const {
  const auto concerns = [&](const Problem& p) {
    if (p.severity != Severity::error || !p.path.starts_with(path)) return false;
    const std::string_view rest = std::string_view(p.path).substr(path.size());
    if (rest.empty()) return true;
    return rest[0] == '.' && std::any_of(fields.begin(), fields.end(), [&](const std::string_view field) {
             return rest.substr(1).starts_with(field) && (rest.size() == field.size() + 1 || rest[field.size() + 1] == '.');
           });
  };
  return std::any_of(problems_.all().begin(), problems_.all().end(), concerns);
}

Index Compiler::find_station(const std::string& name) const {
  const auto found = stations_by_name_.find(name);
  return found == stations_by_name_.end() ? none : found->second;
}

Index Compiler::find_sink(const std::string& name) const {
  const auto found = sinks_by_name_.find(name);
  return found == sinks_by_name_.end() ? none : found->second;
}

Index Compiler::station_index(const Located& name, const std::string& path) {
  const Index index = find_station(name.text);
  if (index == none)
    problems_.error(Code::unknown_name, name.place, path, "there is no station " + name.text,
                    did_you_mean(name.text, names_of(plant_->stations)));
  return index;
}

Index Compiler::node(const Located& name, const std::string& path) {
  if (const Index station = find_station(name.text); station != none) return station;
  if (const Index sink = find_sink(name.text); sink != none) return plant_->sink_node(sink);
  std::vector<std::string> known = names_of(plant_->stations);
  for (const std::string& sink : names_of(plant_->sinks)) known.push_back(sink);
  if (!name.empty())
    problems_.error(Code::route, name.place, path, "there is no station or sink " + name.text, did_you_mean(name.text, known));
  return none;
}

// --- routes ----------------------------------------------------------------------------------------------------------------------

Route Compiler::route(const RouteSpec& spec, const std::string& path) {
  Route result;
  result.kind = spec.kind;
  result.place = spec.place;
  result.path = path;
  double share = 0;
  for (const RouteSpec::Option& option : spec.options) {
    RouteOption compiled;
    compiled.target = node(option.target, path);
    if (!option.via.empty()) compiled.via = station_index(option.via, path);
    compiled.share = share += option.share;  // so that a uniform number is compared with what has come so far
    compiled.believed_s = option.believed_s.value_or(-1);
    if (!option.when.empty()) {
      compiled.when = expression(option.when, Expression::Result::truth, dimension::none, path);
      if (compiled.when)
        for (const std::string& truth : compiled.when->truths())
          problems_.warning(Code::label, option.when.place, path, "this route reads " + truth + ", which a plant cannot know",
                            "route on label." + truth);
    }
    result.options.push_back(std::move(compiled));
  }
  if (result.options.empty()) result.options.emplace_back();
  if (!result.options.empty()) result.options.back().share = result.kind == RouteKind::probability ? 1.0 : result.options.back().share;
  return result;
}

// What the controller believes of a target is, where the file is silent, the target's own mean time.
void Compiler::finish_routes() {
  const auto fill = [&](Route& r) {
    for (RouteOption& option : r.options)
      if (option.believed_s < 0)
        option.believed_s = plant_->is_sink(option.target) || !std::isfinite(plant_->stations[option.target].mean_s)
                                ? 0.0
                                : plant_->stations[option.target].mean_s;
  };
  for (Station& station : plant_->stations)
    for (Route& r : station.routes) fill(r);
  for (Source& source : plant_->sources) fill(source.route);
}

// Stations on a cycle count the visits of each lot, so that no draw repeats.
void Compiler::count_visits() {
  std::vector<std::pair<std::size_t, std::size_t>> edges;
  const std::size_t n = plant_->stations.size();
  for (std::size_t i = 0; i < n; ++i) {
    for (const Route& r : plant_->stations[i].routes)
      for (const RouteOption& option : r.options) {
        if (option.via != none) {
          edges.emplace_back(i, option.via);
          if (option.target < n) edges.emplace_back(option.via, option.target);
        } else if (option.target < n) {
          edges.emplace_back(i, option.target);
        }
      }
  }
  const std::vector<bool> cyclic = on_cycle(n, edges);
  for (std::size_t i = 0; i < n; ++i) {
    if (!cyclic[i]) continue;
    plant_->stations[i].visit_slot = static_cast<Index>(plant_->attributes.size());
    plant_->attributes.push_back({"visits." + plant_->stations[i].name, dimension::none, {}, false});
  }
}

}  // namespace retwin

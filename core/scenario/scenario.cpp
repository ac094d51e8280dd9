// Loading scenarios: document, specifications, plant, later changes of parameters.
#include "core/scenario/scenario.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <filesystem>

#include "core/base/constants.hpp"
#include "core/base/files.hpp"
#include "core/flow/matter/basic_operations.hpp"
#include "core/graph/plant_checks.hpp"
#include "core/graph/process_graph.hpp"
#include "core/scenario/compile/compiler.hpp"
#include "core/scenario/document/document.hpp"
#include "core/scenario/library/factors.hpp"

namespace retwin {
namespace {

// A value alone is no document: nothing at all, or "~", removes what is there.
std::optional<Node> read_override(const Override& override, Problems& problems) {
  const std::string origin = override.origin.empty() ? "--set " + override.path : override.origin;
  if (override.value == "~" || override.value == "null" || override.value.find_first_not_of(" \t\r\n") == std::string::npos) {
    Node nothing;
    nothing.place.file = origin;
    return nothing;
  }
  return read_yaml(override.value, origin, problems);
}

ShortFor short_for(const Registry& registry) {
  return [&registry](const Node& document, const std::string& path) {
    Specs specs;
    for (const Shorthand& shorthand : shorthands(document, [&](Fields& f) { specs.fields(f, registry); }))
      if (shorthand.path == path) return shorthand.field;
    return std::string();
  };
}

}  // namespace

std::optional<Node> load_document(const std::string& path, const std::vector<Override>& overrides, Problems& problems,
                                  const Registry& registry) {
  std::optional<Node> document = resolve_extends(path, problems, short_for(registry));
  if (!document) return std::nullopt;
  if (!document->is_map()) {
    problems.error(Code::type, document->place, "", "a scenario is a map, this is a " + std::string(kind_name(document->kind)));
    return std::nullopt;
  }
  apply_overrides(*document, overrides, problems, registry);
  return document;
}

void apply_overrides(Node& document, const std::vector<Override>& overrides, Problems& problems, const Registry& registry) {
  for (const Override& o : overrides) {
    const std::optional<Node> value = read_override(o, problems);
    if (value) override_path(document, o.path, *value, problems, short_for(registry));
  }
}

namespace {

struct Compiled {
  std::shared_ptr<Plant> plant;
  Reporting reporting;
  RunSpec run;
  std::string name, label;
  Located objective;
};

/// Identity of a document and of everything that was read for it.
std::string identity_with(const Node& document, const FileLibrary& library) {
  std::string whole = identity(document);
  for (const auto& [name, sha256] : library.hashes()) whole += '\n' + sha256 + ' ' + name;
  return whole;
}

/// Identity of all parameters; how the document is run is none, but for the day and time at which it begins.
std::uint64_t parameters_of(const Node& document, const FileLibrary& library, const Plant& plant) {
  Node parameters = document;
  parameters.erase("run");
  const std::uint64_t sum = identity(stream_id(identity_with(parameters, library)), static_cast<std::uint64_t>(plant.day0));
  return identity(sum, std::bit_cast<std::uint64_t>(plant.clock0_s));
}

// One plant from one document; later changes are other documents.
Compiled compile_one(Node document, const std::string& path, const Registry& registry, FileLibrary& library, Problems& problems) {
  list_sinks(document);
  document.erase("changes");
  Compiled result;
  Specs specs = read_scenario(document, registry, problems);
  Compiler compiler(specs, registry, library, path, problems);
  result.plant = compiler.compile();
  result.run = specs.run;
  result.name = specs.name.empty() ? std::filesystem::path(path).stem().string() : specs.name;
  result.label = specs.label;
  result.objective = specs.objective;
  if (!result.plant) return result;
  result.reporting = compiler.reporting();
  result.plant->name = result.name;
  result.plant->parameter_hash = parameters_of(document, library, *result.plant);
  check_graph(*result.plant, problems);
  check_flow(*result.plant, problems);
  return result;
}

void check_window(const RunSpec& run, const Plant& plant, bool changes, const Node& document, Problems& problems) {
  const Node* settings = document.find("run");
  const auto place_of = [&](const char* key) {
    const Node* value = settings ? settings->find(key) : nullptr;
    return value ? value->place : settings ? settings->place : document.place;
  };
  if (run.warmup.s() >= run.duration_s)
    problems.error(Code::range, place_of("warmup"), "run.warmup", "the warm-up is not shorter than the run, which includes it",
                   "make run.duration longer");
  if (run.warmup.to_be_found() && changes)
    problems.error(Code::conflict, place_of("warmup"), "run.warmup", "a plant that changes on the way does not settle: auto finds no warm-up",
                   "state the warm-up, e.g. warmup: 2 weeks");
  const bool weekly = std::any_of(plant.calendars.begin(), plant.calendars.end(), [](const ShiftCalendar& c) { return !c.always(); }) ||
                      std::any_of(plant.sources.begin(), plant.sources.end(), [](const Source& s) {
                        return s.arrivals == Arrivals::profile || s.arrivals == Arrivals::blocks;
                      });
  const auto whole = [](double t) { return std::abs(t / week_s - std::round(t / week_s)) < 1e-9; };
  if (weekly && !run.terminating && !(whole(run.warmup.s()) && whole(run.duration_s)))
    problems.warning(Code::window, place_of("duration"), "run", "window and warm-up are not whole weeks, but shifts and profiles are weekly",
                     "use whole weeks, or terminating: true");
}

/// Sections that the flow knows nothing of, and how it begins.
constexpr const char* of_the_whole[] = {"name", "doc", "label", "objective", "run", "initial", "functional_units", "allocations", "auxiliaries", "flows", "cut_offs",
                                        "factors", "electricity", "stocks", "compliance", "prices", "price_sets", "claims"};

std::vector<PlantChange> compile_changes(const Node& document, const std::string& path, const Registry& registry, FileLibrary& library,
                                         const Plant& plant, Problems& problems) {
  std::vector<PlantChange> changes;
  const Node* list = document.find("changes");
  if (!list) return changes;
  if (!list->is_list()) {
    problems.error(Code::type, list->place, "changes", "a list is needed", "write [{at: 3 h, set: {stations.press.duration: 20 s}}]");
    return changes;
  }
  Node changed = document;
  double last = -1;
  for (std::size_t k = 0; k < list->items.size(); ++k) {
    const Node& item = list->items[k];
    const std::string at_path = "changes." + std::to_string(k);
    ChangeSpec change;
    read_fields(item, at_path, problems, [&](Fields& f) { change.fields(f); });
    if (!change.set.node().is_map()) {
      if (change.set.given()) problems.error(Code::type, change.set.node().place, at_path + ".set", "a map of paths is needed", "write {stations.press.duration: 20 s}");
      continue;
    }
    if (change.at_s <= last) problems.error(Code::range, item.place, at_path + ".at", "changes are in order of time");
    last = change.at_s;
    for (const Node::Entry& entry : change.set.node().entries) {
      const std::string section = entry.key.substr(0, entry.key.find('.'));
      if (std::find(std::begin(of_the_whole), std::end(of_the_whole), section) != std::end(of_the_whole))
        problems.error(Code::conflict, entry.place, at_path + "." + entry.key, section + " is said of the whole run: it does not change on the way",
                       "change stations, sources, resources and calendars; or set it for all of the run");
      Problems of_path;
      override_path(changed, entry.key, entry.value, of_path, short_for(registry));
      problems.append(of_path);
    }
    Problems of_change;
    const Compiled compiled = compile_one(changed, path, registry, library, of_change);
    if (of_change.any_errors()) {
      problems.append(of_change);
      continue;
    }
    if (compiled.plant->structure_hash != plant.structure_hash) {
      problems.error(Code::conflict, item.place, at_path, "a change sets parameters; this one changes the structure of the plant",
                     "keep stations, servers, ports, resources and attributes as they are");
      continue;
    }
    changes.push_back({change.at_s, compiled.plant});
  }
  return changes;
}

}  // namespace

Scenario compile_scenario(const Node& document, const std::string& path, const Registry& registry,
                          const std::vector<std::string>& library_folders, Tables tables) {
  std::vector<std::string> folders{(std::filesystem::path(path).parent_path() / "library").string()};
  for (const std::string& folder : library_folders.empty() ? default_library_folders() : library_folders) folders.push_back(folder);
  FileLibrary library(folders, std::move(tables));
  Problems problems;
  Compiled compiled = compile_one(document, path, registry, library, problems);
  Scenario scenario;
  if (compiled.plant) {
    scenario.changes = compile_changes(document, path, registry, library, *compiled.plant, problems);
    check_window(compiled.run, *compiled.plant, !scenario.changes.empty(), document, problems);
  }
  problems.throw_if_errors();
  scenario.name = compiled.name;
  scenario.path = path;
  scenario.label = compiled.label;
  scenario.objective_place = compiled.objective.place;
  if (scenario.objective_place.file.empty()) scenario.objective_place.file = path;
  scenario.objective = !compiled.objective.empty()           ? compiled.objective.text
                       : compiled.plant->n_components > 0 ? "plant.product_mass"
                                                          : "plant.throughput";
  scenario.plant = compiled.plant;
  scenario.reporting = std::move(compiled.reporting);
  for (const auto& [name, kpi] : registry.kpis) scenario.kpis.push_back(kpi.add);
  const RunSpec& run = compiled.run;
  scenario.run = {run.duration_s, run.warmup.s(), run.warmup.to_be_found(), run.replications.count(), run.precision, run.max_replications, static_cast<std::uint64_t>(run.seed), run.terminating, run.year_s,
                  run.confidence, compiled.plant->day0, compiled.plant->clock0_s};
  scenario.scenario_hash = sha256_hex(identity_with(document, library));
  scenario.inputs = library.hashes();
  scenario.foreign = library.foreign();
  scenario.warnings = problems.all();
  return scenario;
}

Scenario load_scenario(const std::string& path, const Registry& registry, const std::vector<Override>& overrides,
                       const std::vector<std::string>& library_folders) {
  Problems problems;
  const std::optional<Node> document = load_document(path, overrides, problems, registry);
  problems.throw_if_errors();
  return compile_scenario(*document, path, registry, library_folders);
}

void register_basic_operations(Registry& registry) {
  registry.unit_operations["split"] = {"a lot becomes several, each with an equal share of its mass", "{count: 3}",
                                       [] { return std::make_unique<Split>(); }};
  registry.unit_operations["fork"] = {"a lot becomes one sibling for each branch; batch: {siblings: true} joins them again",
                                      "{branches: [a, b]}", [] { return std::make_unique<Fork>(); }};
}

}  // namespace retwin

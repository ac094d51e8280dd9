// Loading scenarios: document, specifications, plant, later changes of parameters; and the schema of it all.
#include "core/scenario/scenario.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "core/base/files.hpp"
#include "core/flow/matter/basic_operations.hpp"
#include "core/graph/process_graph.hpp"
#include "core/scenario/compile/compiler.hpp"
#include "core/scenario/document/document.hpp"
#include "core/scenario/library/factors.hpp"

namespace retwin {
namespace {

constexpr double week_s = 7 * 86400.0;

struct EngineUnit {
  const char* name;
  const char* doc;
};
constexpr EngineUnit engine_units[] = {
    {"process", "takes its time; lots pass"},
    {"delay", "like process, with a server for every lot unless their number is given"},
    {"conveyor", "carries lots over a length at a speed; servers are its places; lots leave in order and pile up behind a full target"},
    {"vehicles", "a fleet (servers) that fetches lots for routes written \"fleet -> target\"; the nearest idle vehicle comes"},
    {"plan", "keeps a lot while the steps of its plan are done at other stations, which send it back here; see retwin explain plan"},
    {"unload", "takes the load out of carriers, one lot after the other"},
};

/// A part of a scenario, for `explain`.
struct Part {
  const char* name;
  const char* doc;
  std::string (*fields)(const Registry&);
};
template <class Spec>
std::string fields_of(const Registry&) {
  Spec spec;
  return explain_fields([&](Fields& f) { spec.fields(f); });
}
std::string fields_of_scenario(const Registry& registry) {
  Specs specs;
  return explain_fields([&](Fields& f) { specs.fields(f, registry); });
}
constexpr Part parts[] = {
    {"scenario", "a whole file, every section with its fields", fields_of_scenario},
    {"run", "how long, how often, from when", fields_of<RunSpec>},
    {"station", "a place where lots are worked on: time, servers, buffer, batches, setups, failures, energy", fields_of<StationSpec>},
    {"source", "where lots come from, and when", fields_of<SourceSpec>},
    {"resource", "a pool of people or things that stations share", fields_of<ResourceSpec>},
    {"calendar", "working times", fields_of<CalendarSpec>},
    {"attribute", "a property of lots that nothing else declares", fields_of<AttributeSpec>},
    {"sink", "where lots leave the plant", fields_of<SinkSpec>},
    {"plan", "operations of a lot in their order of precedence; the attribute plan says which plan a lot follows", fields_of<PlanSpec>},
    {"initial", "lots that are there at the start", fields_of<InitialSpec>},
    {"functional_unit", "tonnes that intensities refer to", fields_of<FunctionalUnitSpec>},
    {"auxiliary", "a load that belongs to no station", fields_of<AuxiliarySpec>},
    {"factor", "an emission factor, an entry of `factors` in a document of the library's factors/", fields_of<EmissionFactor>},
};

template <class T>
const Maker<T>* maker_of(const std::map<std::string, Maker<T>>& makers, const std::string& name) {
  const auto it = makers.find(name);
  return it == makers.end() ? nullptr : &it->second;
}

template <class T>
std::vector<std::string> names_of(const std::map<std::string, Maker<T>>& makers) {
  std::vector<std::string> names;
  for (const auto& [name, maker] : makers) names.push_back(name);
  return names;
}

std::shared_ptr<UnitOperation> make_operation(const std::string& unit, const Registry& registry, const Place& place, const std::string& path,
                                              Problems* problems) {
  for (const EngineUnit& known : engine_units)
    if (unit == known.name) return nullptr;
  if (const auto* maker = maker_of(registry.unit_operations, unit)) return maker->make();
  if (problems) {
    std::vector<std::string> known = names_of(registry.unit_operations);
    for (const EngineUnit& e : engine_units) known.emplace_back(e.name);
    const std::string near = nearest(unit, known);
    problems->error(Code::unknown_name, place, path + ".unit", "there is no unit operation " + unit,
                    near.empty() ? "see retwin explain" : "did you mean " + near + "?");
  }
  return nullptr;
}

// A kind of lot that the registry knows brings fields of its own.
std::shared_ptr<LotMaker> make_lot_maker(const std::string& kind, const Registry& registry) {
  const auto* maker = maker_of(registry.lots, kind);
  return maker ? maker->make() : nullptr;
}

// `sinks: [a, b]` reads as `sinks: {a: {}, b: {}}`.
void normalise(Node& document) {
  Node* sinks = document.find("sinks");
  if (!sinks || !sinks->is_list()) return;
  Node map = Node::map(sinks->place);
  for (const Node& item : sinks->items)
    if (item.is_scalar()) map.entries.push_back({item.text, item.place, Node::map(item.place)});
  *sinks = map;
}

void forget_changes(Node& document) { document.erase("changes"); }

}  // namespace

void Specs::fields(Fields& f, const Registry& registry) {
  f.text("name", name, "of the plant");
  f.text("doc", doc, "what this scenario is about");
  f.object("run", [this](Fields& g) { run.fields(g); }, "how long, how often, from when");
  const auto section = [&](const char* key, auto& list, const char* what, const char* shorthand = nullptr) {
    f.map(key,
          [&list](const std::string& entry, const Place& place, Fields& g) {
            list.emplace_back();
            list.back().name = entry;
            list.back().place = place;
            list.back().fields(g);
          },
          what, shorthand);
  };
  section("calendars", calendars, "working times; those of the library are known by name", "weekly");
  section("resources", resources, "pools of people and things", "count");
  section("attributes", attributes, "properties of lots that nothing else declares");
  section("plans", plans, "precedence graphs of operations that lots carry");
  f.name("plan_table", plan_table,
         "CSV file of further plans: plan, step, at, after (names parted by ;), duration [s], and attributes of the steps");
  section("sinks", sinks, "where lots leave the plant", "role");
  f.map("sources",
        [&](const std::string& entry, const Place& place, Fields& g) {
          sources.emplace_back();
          SourcePart& part = sources.back();
          part.spec.name = entry;
          part.spec.place = place;
          part.spec.load.of_kind = [&registry, index = sources.size() - 1, this](Fields& h, const std::string& kind) {
            if ((sources[index].load_maker = make_lot_maker(kind, registry))) sources[index].load_maker->fields(h);
          };
          part.spec.fields(g);
          if ((part.maker = make_lot_maker(part.spec.lot, registry))) part.maker->fields(g);
        },
        "where lots come from");
  f.map("stations",
        [&](const std::string& entry, const Place& place, Fields& g) {
          stations.emplace_back();
          StationPart& part = stations.back();
          part.spec.name = entry;
          part.spec.place = place;
          part.spec.fields(g);
          const Node* unit = g.node() ? g.node()->find("unit") : nullptr;
          part.operation = make_operation(part.spec.unit, registry, unit ? unit->place : place, "stations." + entry, g.problems());
          if (part.operation) part.operation->fields(g);
        },
        "where lots are worked on");
  f.list("initial",
         [&](std::size_t, const Place& place, Fields& g) {
           initial.emplace_back();
           InitialPart& part = initial.back();
           part.spec.place = place;
           part.spec.fields(g);
           if ((part.maker = make_lot_maker(part.spec.lot, registry))) part.maker->fields(g);
         },
         "lots that are there at the start");
  section("functional_units", functional_units, "tonnes that intensities refer to");
  section("allocations", allocations, "groups whose use several functional units share, and how");
  section("auxiliaries", auxiliaries, "loads that belong to no station");
  f.names("factors", factors,
          "sets of emission factors, documents of the library's factors/; a factor of a later set replaces that of the same name; "
          "of a document with grids: document.grid, for its electricity");
}

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
  for (const Override& o : overrides) {
    const std::optional<Node> value = read_override(o, problems);
    if (value) override_path(*document, o.path, *value, problems, short_for(registry));
  }
  return document;
}

namespace {

struct Compiled {
  std::shared_ptr<Plant> plant;
  Reporting reporting;
  RunSpec run;
  std::string name;
};

// One plant from one document; later changes are other documents.
Compiled compile_one(Node document, const std::string& path, const Registry& registry, FileLibrary& library, Problems& problems) {
  normalise(document);
  forget_changes(document);
  Compiled result;
  Specs specs;
  read_fields(document, "", problems, [&](Fields& f) { specs.fields(f, registry); });
  Compiler compiler(specs, registry, library, path, problems);
  result.plant = compiler.compile();
  result.run = specs.run;
  result.name = specs.name.empty() ? std::filesystem::path(path).stem().string() : specs.name;
  if (!result.plant) return result;
  result.reporting = compiler.reporting();
  result.plant->name = result.name;
  result.plant->parameter_hash = stream_id(identity(document));
  check_graph(*result.plant, problems);
  return result;
}

void check_window(const RunSpec& run, const Plant& plant, const Node& document, Problems& problems) {
  const Node* settings = document.find("run");
  const auto place_of = [&](const char* key) {
    const Node* value = settings ? settings->find(key) : nullptr;
    return value ? value->place : settings ? settings->place : document.place;
  };
  if (run.warmup_s >= run.duration_s)
    problems.error(Code::range, place_of("warmup"), "run.warmup", "the warm-up is not shorter than the run, which includes it",
                   "make run.duration longer");
  const bool weekly = std::any_of(plant.calendars.begin(), plant.calendars.end(), [](const ShiftCalendar& c) { return !c.always(); }) ||
                      std::any_of(plant.sources.begin(), plant.sources.end(), [](const Source& s) {
                        return s.arrivals == Arrivals::profile || s.arrivals == Arrivals::blocks;
                      });
  const auto whole = [](double t) { return std::abs(t / week_s - std::round(t / week_s)) < 1e-9; };
  if (weekly && !run.terminating && !(whole(run.warmup_s) && whole(run.duration_s)))
    problems.warning(Code::window, place_of("duration"), "run", "window and warm-up are not whole weeks, but shifts and profiles are weekly",
                     "use whole weeks, or terminating: true");
}

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
    double at = 0;
    const Node* set = nullptr;
    read_fields(item, at_path, problems, [&](Fields& f) {
      f.required().quantity("at", at, dimension::time, Range::non_negative(), "when, after the start");
      struct Anything : Value {
        void read(const Node&, const std::string&, Problems&) override {}
        bool given() const override { return true; }
        std::string type() const override { return "paths and values"; }
        std::string schema() const override { return R"({"type": "object"})"; }
        std::string text() const override { return {}; }
      } any;
      f.required().value("set", any, "paths and their new values");
    });
    if (item.is_map()) set = item.find("set");
    if (!set || !set->is_map()) continue;
    if (at <= last) problems.error(Code::range, item.place, at_path + ".at", "changes are in order of time");
    last = at;
    for (const Node::Entry& entry : set->entries) {
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
    changes.push_back({at, compiled.plant});
  }
  return changes;
}

}  // namespace

Scenario compile_scenario(const Node& document, const std::string& path, const Registry& registry,
                          const std::vector<std::string>& library_folders) {
  std::vector<std::string> folders{(std::filesystem::path(path).parent_path() / "library").string()};
  for (const std::string& folder : library_folders.empty() ? default_library_folders() : library_folders) folders.push_back(folder);
  FileLibrary library(folders);
  Problems problems;
  Compiled compiled = compile_one(document, path, registry, library, problems);
  Scenario scenario;
  if (compiled.plant) {
    check_window(compiled.run, *compiled.plant, document, problems);
    scenario.changes = compile_changes(document, path, registry, library, *compiled.plant, problems);
  }
  problems.throw_if_errors();
  scenario.name = compiled.name;
  scenario.path = path;
  scenario.plant = compiled.plant;
  scenario.reporting = std::move(compiled.reporting);
  const RunSpec& run = compiled.run;
  scenario.run = {run.duration_s, run.warmup_s, run.replications, static_cast<std::uint64_t>(run.seed), run.terminating, run.year_s,
                  run.confidence, compiled.plant->day0, compiled.plant->clock0_s};
  scenario.scenario_hash = sha256_hex(identity(document));
  scenario.library_hashes = library.hashes();
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

// --- schema and explanations -----------------------------------------------------------------------------------------------------

void register_basic_operations(Registry& registry) {
  registry.unit_operations["split"] = {"a lot becomes several, each with an equal share of its mass", "{count: 3}",
                                       [] { return std::make_unique<Split>(); }};
  registry.unit_operations["fork"] = {"a lot becomes one sibling for each branch; batch: {siblings: true} joins them again",
                                      "{branches: [a, b]}", [] { return std::make_unique<Fork>(); }};
}

std::string scenario_schema(const Registry& registry) {
  Specs specs;
  return schema_of([&](Fields& f) { specs.fields(f, registry); });
}

std::vector<Explainable> explainable(const Registry& registry) {
  std::vector<Explainable> all;
  for (const Part& part : parts) all.push_back({part.name, part.doc, "Parts of a scenario"});
  for (const EngineUnit& unit : engine_units) all.push_back({unit.name, unit.doc, "Unit operations"});
  for (const auto& [name, maker] : registry.unit_operations) all.push_back({name, maker.doc, "Unit operations"});
  for (const auto& [name, maker] : registry.lots) all.push_back({name, maker.doc, "Kinds of lots"});
  return all;
}

std::string explain(const Registry& registry, const std::string& kind) {
  for (const Part& part : parts)
    if (kind == part.name) return std::string(part.name) + ": " + part.doc + "\n\n" + part.fields(registry);
  for (const EngineUnit& unit : engine_units)
    if (kind == unit.name) return std::string(unit.name) + ": " + unit.doc + "\n(fields of every station: retwin explain station)\n";
  if (const auto* maker = maker_of(registry.unit_operations, kind)) {
    const auto operation = maker->make();
    std::string text = kind + ": " + maker->doc + "\n\n" + explain_fields([&](Fields& f) { operation->fields(f); }) + "\nports\n";
    for (const PortInfo& port : operation->ports()) text += "  " + port.name + ": " + port.doc + (port.optional ? " (may stay open)" : "") + "\n";
    return text + "(fields of every station: retwin explain station)\n";
  }
  if (const auto* maker = maker_of(registry.lots, kind)) {
    const auto lots = maker->make();
    return kind + ": " + maker->doc + "\n\n" + explain_fields([&](Fields& f) { lots->fields(f); });
  }
  return {};
}

}  // namespace retwin

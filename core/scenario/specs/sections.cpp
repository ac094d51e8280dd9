// The fields of a whole scenario: every section, and of an entry also those of its unit operation or kind of lot.
#include "core/scenario/specs/sections.hpp"

namespace retwin {
namespace {

constexpr EngineUnit known_units[] = {
    {"process", "takes its time; lots pass"},
    {"delay", "like process, with a server for every lot unless their number is given"},
    {"conveyor", "carries lots over a length at a speed; servers are its places; lots leave in order and pile up behind a full target"},
    {"vehicles", "a fleet (servers) that fetches lots for routes written \"fleet -> target\"; the nearest idle vehicle comes"},
    {"plan", "keeps a lot while the steps of its plan are done at other stations, which send it back here; see retwin explain plan"},
    {"unload", "takes the load out of carriers, one lot after the other"},
};

template <class T>
std::vector<std::string> names_of(const std::map<std::string, Maker<T>>& makers) {
  std::vector<std::string> names;
  for (const auto& [name, maker] : makers) names.push_back(name);
  return names;
}

std::vector<std::string> unit_names(const Registry& registry) {
  std::vector<std::string> names;
  for (const EngineUnit& unit : known_units) names.emplace_back(unit.name);
  for (std::string& name : names_of(registry.unit_operations)) names.push_back(std::move(name));
  return names;
}

/// Null for a unit that the engine knows by itself, and after a problem.
std::shared_ptr<UnitOperation> make_operation(const std::string& unit, const Registry& registry, const Place& place, const std::string& path,
                                              Problems* problems) {
  for (const EngineUnit& known : known_units)
    if (unit == known.name) return nullptr;
  if (const auto it = registry.unit_operations.find(unit); it != registry.unit_operations.end()) return it->second.make();
  if (problems) {
    const std::string near = nearest(unit, unit_names(registry));
    problems->error(Code::unknown_name, place, path + ".unit", "there is no unit operation " + unit,
                    near.empty() ? "see retwin explain" : "did you mean " + near + "?");
  }
  return nullptr;
}

/// A kind of lot that the registry knows brings fields of its own. @param kind as read from the field `lot`
void lot_fields(Fields& f, const std::string& kind, const Registry& registry, std::shared_ptr<LotMaker>& maker) {
  f.variants("lot", kind, names_of(registry.lots), true, [&](const std::string& word, Fields& g) {
    const auto it = registry.lots.find(word);
    maker = it == registry.lots.end() ? nullptr : it->second.make();
    if (maker) maker->fields(g);
  });
}

}  // namespace

std::span<const EngineUnit> engine_units() { return known_units; }

void ChangeSpec::fields(Fields& f) {
  f.required().quantity("at", at_s, dimension::time, Range::non_negative(), "when, after the start");
  f.required().value("set", set, "paths and their new values");
}

void HeadSpec::fields(Fields& f) {
  f.name("extends", extends, "file, beside this one, of which this is a variant: what is said here is added or replaces what is said there");
  f.value("set", set, "with extends: paths and their new values");
  f.list("changes",
         [this](std::size_t, const Place& place, Fields& g) {
           changes.emplace_back();
           changes.back().place = place;
           changes.back().fields(g);
         },
         "parameters that change during the run, in order of time");
}

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
  f.list("tables", [this](std::size_t, const Place&, Fields& g) { tables.emplace_back().fields(g); },
         "tables that were written together with this file; one with another checksum is refused");
  section("sinks", sinks, "where lots leave the plant", "role");
  f.map("sources",
        [&](const std::string& entry, const Place& place, Fields& g) {
          sources.emplace_back();
          SourcePart& part = sources.back();
          part.spec.name = entry;
          part.spec.place = place;
          part.spec.load.of_kind = [&registry, index = sources.size() - 1, this](Fields& h, const std::string& kind) {
            lot_fields(h, kind, registry, sources[index].load_maker);
          };
          part.spec.fields(g);
          lot_fields(g, part.spec.lot, registry, part.maker);
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
          g.variants("unit", part.spec.unit, unit_names(registry), false, [&](const std::string& word, Fields& h) {
            part.operation = make_operation(word, registry, unit ? unit->place : place, "stations." + entry, h.problems());
            if (part.operation) part.operation->fields(h);
          });
        },
        "where lots are worked on");
  f.list("initial",
         [&](std::size_t, const Place& place, Fields& g) {
           initial.emplace_back();
           InitialPart& part = initial.back();
           part.spec.place = place;
           part.spec.fields(g);
           lot_fields(g, part.spec.lot, registry, part.maker);
         },
         "lots that are there at the start");
  section("functional_units", functional_units, "tonnes that intensities refer to");
  section("allocations", allocations, "groups whose use several functional units share, and how");
  section("auxiliaries", auxiliaries, "loads that belong to no station");
  f.names("factors", factors,
          "sets of emission factors, documents of the library's factors/; a factor of a later set replaces that of the same name; "
          "of a document with grids: document.grid, for its electricity");
}

}  // namespace retwin

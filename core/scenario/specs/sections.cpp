// The fields of a whole scenario: every section, and of an entry also those of its unit operation or kind of lot.
#include "core/scenario/specs/sections.hpp"

#include "core/scenario/specs/engine_units.hpp"

namespace retwin {
namespace {

template <class T>
std::vector<std::string> names_of(const std::map<std::string, Maker<T>>& makers) {
  std::vector<std::string> names;
  for (const auto& [name, maker] : makers) names.push_back(name);
  return names;
}

std::vector<std::string> unit_names(const Registry& registry) {
  std::vector<std::string> names;
  for (const EngineUnit* known : engine_units()) names.emplace_back(known->name);
  for (std::string& name : names_of(registry.unit_operations)) names.push_back(std::move(name));
  return names;
}

/// Null for a unit that the engine knows by itself, and after a problem.
std::shared_ptr<UnitOperation> make_operation(const std::string& unit, const Registry& registry, const Place& place, const std::string& path,
                                              Problems* problems) {
  if (engine_unit(unit) != nullptr) return nullptr;
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
  f.variants("lot", names_of(registry.lots), true, kind, maker, [&](const std::string& word, Problems*) -> std::shared_ptr<LotMaker> {
    const auto it = registry.lots.find(word);
    return it == registry.lots.end() ? nullptr : it->second.make();
  });
}

void source_fields(SourcePart& part, Fields& f, const Registry& registry) {
  part.spec.load.of_kind = [&](Fields& g, const std::string& kind) { lot_fields(g, kind, registry, part.load_maker); };
  part.spec.fields(f);
  part.spec.load.of_kind = nullptr;
  lot_fields(f, part.spec.lot, registry, part.maker);
}

void station_fields(StationPart& part, Fields& f, const Registry& registry) {
  part.spec.fields(f);
  const Node* unit = f.node() != nullptr ? f.node()->find("unit") : nullptr;
  f.variants("unit", unit_names(registry), false, part.spec.unit, part.operation, [&](const std::string& word, Problems* problems) {
    return make_operation(word, registry, unit != nullptr ? unit->place : part.spec.place, f.path(), problems);
  });
}

}  // namespace

void ChangeSpec::fields(Fields& f) {
  f.required().quantity("at", at_s, dimension::time, Range::non_negative(), "when, after the start");
  f.required().value("set", set, "paths and their new values");
}

void HeadSpec::fields(Fields& f) {
  f.name("extends", extends, "file, beside this one, of which this is a variant: what is said here is added or replaces what is said there");
  f.value("set", set, "with extends: paths and their new values");
  f.list("changes", changes, [](ChangeSpec& change, Fields& g) { change.fields(g); },
         "parameters that change during the run, in order of time");
}

void Specs::fields(Fields& f, const Registry& registry) {
  f.text("name", name, "of the plant");
  f.text("doc", doc, "what this scenario is about");
  f.text("label", label, "what this variant is called beside others; if not given, its file and what was set");
  f.name("objective", objective,
         "path of the figure that counts, the more the better, as plant.throughput; if not given, the mass through sinks of role product, "
         "without masses the lots");
  f.object("run", [this](Fields& g) { run.fields(g); }, "how long, how often, from when");
  const auto section = [&](const char* key, auto& list, const char* what, const char* shorthand = nullptr) {
    f.map(key, list, [](auto& entry, Fields& g) { entry.fields(g); }, what, shorthand);
  };
  section("calendars", calendars, "working times; those of the library are known by name", "weekly");
  section("resources", resources, "pools of people and things", "count");
  section("attributes", attributes, "properties of lots that nothing else declares");
  section("plans", plans, "precedence graphs of operations that lots carry");
  f.name("plan_table", plan_table,
         "CSV file of further plans: plan, step, at, after (names parted by ;), duration [s], and attributes of the steps");
  f.list("tables", tables, [](TableSpec& table, Fields& g) { table.fields(g); },
         "tables that were written together with this file; one with another checksum is refused");
  section("sinks", sinks, "where lots leave the plant", "role");
  section("tanks", tanks, "where lots go as into a sink, to be dosed again: the content is mixed perfectly, and what is dissolved in it builds up");
  section("utilities", utilities, "what jobs share by time: steam, power, compressed air; who gets less than he asks for takes longer", "capacity");
  f.object("digital", [this](Fields& g) { digital.fields(g); }, "computers, networks, and what is sent and computed; a job that needs its result waits for it", &digital.given);
  f.map("sources", sources, [&](SourcePart& part, Fields& g) { source_fields(part, g, registry); }, "where lots come from");
  f.map("stations", stations, [&](StationPart& part, Fields& g) { station_fields(part, g, registry); }, "where lots are worked on");
  f.list("initial", initial,
         [&](InitialPart& part, Fields& g) {
           part.spec.fields(g);
           lot_fields(g, part.spec.lot, registry, part.maker);
         },
         "lots that are there at the start");
  section("functional_units", functional_units, "tonnes that intensities refer to");
  section("allocations", allocations, "groups whose use several functional units share, and how");
  section("auxiliaries", auxiliaries, "loads that belong to no station");
  section("stocks", stocks, "what lots carry, summed over the plant and by group, and read at regular times", "of");
  f.object("electricity", [this](Fields& g) { electricity.fields(g); },
           "electricity by what is bought and by the hour, told beside the location-based account and never mixed with it");
  section("flows", flows, "what is said of metered flows beside their factors; a text is the reason for none", "no_factor");
  f.map("cut_offs", cut_offs, [](CutOffSpec& cut, Fields& g) { g.required().text("reason", cut.reason, "why it is not counted"); },
        "what the carbon account leaves out and nothing meters, with the reason", "reason");
  f.names("factors", factors,
          "sets of emission factors, documents of the library's factors/; a factor of a later set replaces that of the same name; "
          "of a document with grids: document.grid, for its electricity");
  section("compliance", compliance, "rules on masses and how they are counted in this plant: a share of what came out in what went in, or of what it holds");
  f.names("price_sets", price_sets,
          "sets of prices, documents of the library's prices/; a price of a later set replaces that of the same name, and one of `prices` all");
  section("prices", prices, "prices, by names of one's own: of a flow, the work of people, feed, products, waste, investment");
  section("claims", claims, "reductions of emissions that are claimed as credits; `retwin compare BASELINE PLANT` tells their volume, and nets it with nothing");
}

void list_sinks(Node& document) {
  Node* sinks = document.find("sinks");
  if (sinks == nullptr || !sinks->is_list()) return;
  Node map = Node::map(sinks->place);
  for (const Node& item : sinks->items)
    if (item.is_scalar()) map.entries.push_back({item.text, item.place, Node::map(item.place)});
  *sinks = map;
}

Specs read_scenario(Node document, const Registry& registry, Problems& problems, HeadSpec* head) {
  list_sinks(document);
  if (const Node* changes = document.find("changes"); changes != nullptr && head != nullptr) {
    Node later = Node::map();
    later.at("changes") = *changes;
    read_fields(later, "", problems, [&](Fields& f) { head->fields(f); });
  }
  document.erase("changes");
  Specs specs;
  read_fields(document, "", problems, [&](Fields& f) { specs.fields(f, registry); });
  return specs;
}

Node write_scenario(HeadSpec head, Specs specs, const Registry& registry) {
  HeadSpec no_head;
  Specs blank;
  return write_fields({[&](Fields& f) { specs.fields(f, registry); }, [&](Fields& f) { head.fields(f); }},
                      {[&](Fields& f) { blank.fields(f, registry); }, [&](Fields& f) { no_head.fields(f); }});
}

}  // namespace retwin

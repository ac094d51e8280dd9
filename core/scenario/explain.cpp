// The fields of scenarios for people and editors: nothing is said here that the specifications do not say.
#include "core/scenario/explain.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <type_traits>
#include <utility>

#include "core/scenario/library/factors.hpp"
#include "core/scenario/specs/engine_units.hpp"
#include "core/scenario/specs/goes_with.hpp"
#include "core/scenario/specs/sections.hpp"
#include "core/scenario/specs/study_specs.hpp"
#include "core/scenario/terms.hpp"
#include "core/stats/distribution_value.hpp"

namespace retwin {
namespace {

/// A part of a scenario.
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
/// With the rules of what goes with what.
template <class Spec>
std::string fields_and_rules(const Registry& registry) {
  std::string rules = company_of<Spec>();
  if constexpr (std::is_same_v<Spec, StationSpec>) rules += company_of<FailureSpec>("fails.*.");
  return fields_of<Spec>(registry) + "\nsays something only with\n" + rules;
}
std::string fields_of_scenario(const Registry& registry) {
  HeadSpec head;
  Specs specs;
  return explain_fields({[&](Fields& f) { head.fields(f); }, [&](Fields& f) { specs.fields(f, registry); }});
}
constexpr Part parts[] = {
    {"scenario", "a whole file, every section with its fields", fields_of_scenario},
    {"run", "how long, how often, from when", fields_and_rules<RunSpec>},
    {"station", "a place where lots are worked on: time, servers, buffer, batches, setups, failures, energy", fields_and_rules<StationSpec>},
    {"source", "where lots come from, and when", fields_and_rules<SourceSpec>},
    {"resource", "a pool of people or things that stations share", fields_and_rules<ResourceSpec>},
    {"calendar", "working times", fields_of<CalendarSpec>},
    {"attribute", "a property of lots that nothing else declares", fields_and_rules<AttributeSpec>},
    {"sink", "where lots leave the plant", fields_and_rules<SinkSpec>},
    {"tank", "where lots go as into a sink, to be dosed again", fields_and_rules<TankSpec>},
    {"utility", "what jobs share by time: steam, power, compressed air", fields_of<UtilitySpec>},
    {"draw", "what a job takes of a utility: the amount alone, or with how it is shared", fields_of<DrawSpec>},
    {"host", "a computer of the digital layer", fields_of<HostSpec>},
    {"link", "a link between computers", fields_of<LinkSpec>},
    {"task", "what is sent and computed, step by step", fields_of<TaskSpec>},
    {"plan", "operations of a lot in their order of precedence; the attribute plan says which plan a lot follows", fields_of<PlanSpec>},
    {"initial", "lots that are there at the start", fields_of<InitialSpec>},
    {"distributions", "times and numbers that vary: 5 min, {exponential: 5 min}, {gamma: {mean: 5 min, sd: 1 min}} ...",
     [](const Registry&) { return explain_distributions(); }},
    {"functional_unit", "tonnes that intensities refer to", fields_of<FunctionalUnitSpec>},
    {"auxiliary", "a load that belongs to no station", fields_of<AuxiliarySpec>},
    {"study", "a file of retwin sweep, select and optimise: what is chosen in a scenario, where that is tried, what is wanted", fields_of<StudySpec>},
    {"factor", "an emission factor, an entry of `factors` in a document of the library's factors/", fields_of<EmissionFactor>},
};

/// The entry of a name, null if there is none.
template <class T>
const Maker<T>* maker_of(const std::map<std::string, Maker<T>>& makers, const std::string& name) {
  const auto it = makers.find(name);
  return it == makers.end() ? nullptr : &it->second;
}

/// What reports mean by a word, empty if it is none of theirs.
std::string explain_term(const std::string& word) {
  for (const auto& some : {words(), terms()})
    for (const Term& term : some)
      if (word == term.name) return std::string(term.name) + ": " + std::string(term.doc) + "\n\n" + std::string(term.text);
  return {};
}

/// The rows of a field and of what is within it, of every part of a scenario that has one of that name.
std::string explain_field(const Registry& registry, const std::string& name) {
  std::string out;
  for (const Part& part : parts) {
    if (std::string_view(part.name) == "scenario") continue;  // what it has beside its sections is in the words
    const std::string fields = part.fields(registry);
    std::string rows;
    for (std::size_t from = 0; from < fields.size(); from = fields.find('\n', from) + 1)
      if (fields.compare(from, name.size(), name) == 0 && from + name.size() < fields.size() && (fields[from + name.size()] == ' ' || fields[from + name.size()] == '.'))
        rows += fields.substr(from, fields.find('\n', from) + 1 - from);
    if (!rows.empty()) out += (out.empty() ? "" : "\n") + name + ": a field of " + part.name + "\n\n" + fields.substr(0, fields.find('\n') + 1) + rows;
  }
  return out;
}

using Json = nlohmann::ordered_json;

/// Of a file that extends another: nothing is required, for the other file may have it; what has alternatives by a word may have the
/// fields of any of them, for the word may stand there; and a null removes what stands there.
void loosen(Json& schema) {
  if (!schema.is_structured()) return;
  if (schema.is_object()) {
    if (const auto alternatives = schema.find("oneOf");
        alternatives != schema.end() && std::all_of(alternatives->begin(), alternatives->end(),
                                                    [](const Json& one) { return one.contains("additionalProperties") && one.contains("properties"); })) {
      Json properties = Json::object();
      for (const Json& one : *alternatives)
        for (const auto& [name, own] : one["properties"].items())
          if (!properties.contains(name)) properties[name] = own;
          else if (properties[name] != own) properties[name] = Json::object();  // as the word has it
      schema.erase("oneOf");
      schema["type"] = Json::array({"object", "null"});
      schema["properties"] = std::move(properties);
      schema["additionalProperties"] = false;
    }
    if (schema.contains("properties")) schema.erase("required");
  }
  for (Json& part : schema) loosen(part);
}

}  // namespace

std::string scenario_schema(const Registry& registry) {
  HeadSpec head;
  Specs specs;
  Json whole = Json::parse(schema_of({[&](Fields& f) { head.fields(f); }, [&](Fields& f) { specs.fields(f, registry); }}));
  const Json version = whole["$schema"];
  whole.erase("$schema");
  Json shared = whole["$defs"];
  whole.erase("$defs");
  Json& sinks = whole["properties"]["sinks"];
  sinks = {{"anyOf", Json::array({{{"type", "array"}, {"items", {{"type", Json::array({"string", "number"})}}}}, sinks})}};
  Json variant = whole;
  loosen(variant);
  shared["scenario"] = std::move(whole);
  shared["variant"] = std::move(variant);
  const Json schema = {{"$schema", version},
                       {"if", {{"required", Json::array({"extends"})}}},
                       {"then", {{"$ref", "#/$defs/variant"}}},
                       {"else", {{"$ref", "#/$defs/scenario"}}},
                       {"$defs", std::move(shared)}};
  return schema.dump(1, ' ', false, Json::error_handler_t::replace);
}

std::vector<Explainable> explainable(const Registry& registry) {
  std::vector<Explainable> all;
  for (const Part& part : parts) all.push_back({part.name, part.doc, "Parts of a scenario"});
  for (const Term& word : words()) all.push_back({std::string(word.name), std::string(word.doc), "Words of scenarios and their report"});
  for (const EngineUnit* unit : engine_units()) all.push_back({unit->name, unit->doc, "Unit operations"});
  for (const auto& [name, maker] : registry.unit_operations) all.push_back({name, maker.doc, "Unit operations"});
  for (const auto& [name, maker] : registry.lots) all.push_back({name, maker.doc, "Kinds of lots"});
  for (const auto& [name, function] : registry.functions) all.push_back({name, function->doc, "Functions of expressions"});
  for (const auto& [name, kpi] : registry.kpis) all.push_back({name, kpi.doc, "KPIs"});
  for (const Exporter& exporter : registry.exporters) all.push_back({exporter.name, exporter.doc, "Exporters"});
  for (const auto& [name, reader] : registry.readers) all.push_back({name, reader.doc, "Log readers"});
  for (const Term& term : terms())
    if (!registry.exporter(std::string(term.name))) all.push_back({std::string(term.name), std::string(term.doc), "Terms of reports"});
  return all;
}

std::string explain(const Registry& registry, const std::string& kind) {
  for (const Part& part : parts)
    if (kind == part.name) return std::string(part.name) + ": " + part.doc + "\n\n" + part.fields(registry);
  if (const EngineUnit* unit = engine_unit(kind))
    return std::string(unit->name) + ": " + unit->doc + "\n(fields of every station: retwin explain station)\n";
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
  if (const auto function = registry.functions.find(kind); function != registry.functions.end()) {
    std::string text = kind + ": " + function->second->doc + "\n\ntakes";
    for (const Dimension& taken : function->second->takes) text += (&taken == function->second->takes.data() ? " " : ", ") + describe(taken);
    return text + "; gives " + (function->second->gives_truth ? "true or false" : describe(function->second->gives)) + "\n";
  }
  if (const auto kpi = registry.kpis.find(kind); kpi != registry.kpis.end())
    return kind + ": " + kpi->second.doc + "\n(figures of every run of a plant that has them)\n";
  if (const Exporter* exporter = registry.exporter(kind))
    return kind + ": " + exporter->doc + "\n(" + exporter->file + " of `retwin run --out`" +
           (exporter->table ? "; `retwin run --table " + kind + "`" : "") + ")\n" + explain_term(kind);
  if (const auto reader = registry.readers.find(kind); reader != registry.readers.end())
    return kind + ": " + reader->second.doc + "\n(`--reader " + kind + "` of commands that read event logs)\n";
  if (std::string text = explain_term(kind); !text.empty()) return text;
  return explain_field(registry, kind);
}

}  // namespace retwin

// What scenarios can say: a JSON Schema for editors, explanations for people.
#pragma once
#include <string>
#include <vector>

#include "core/registry.hpp"

namespace retwin {

/// JSON Schema of scenario files; kinds of lots and unit operations included.
std::string scenario_schema(const Registry& registry);
/// What a kind of thing can be given: "station", "source", ..., a unit operation, a kind of lot, a KPI, an exporter, a reader, "compare". Empty if unknown.
std::string explain(const Registry& registry, const std::string& kind);
/// A kind that `explain` knows, with one sentence about it.
struct Explainable {
  std::string name, doc;
  std::string group;  ///< "Parts of a scenario", "Answers", "Unit operations", "Kinds of lots", "KPIs", "Exporters", "Log readers"
};
/// All of them, group by group.
std::vector<Explainable> explainable(const Registry& registry);

}  // namespace retwin

// Reads emission factors.
#include "models/carbon/factors.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace retwin {

namespace {

const Dimension& carbon() {
  static const Dimension of_CO2e = parse_unit("kgCO2e").value_or(Quantity{}).dimension;
  return of_CO2e;
}

/// Reads "0.62 kg CO2e/kWh": the dimension of the flow is what it is per.
bool read_value(const Node& node, const std::string& path, Problems& problems, EmissionFactor& factor) {
  std::string why;
  const std::optional<Quantity> value = node.is_scalar() ? parse_quantity(node.text, &why) : std::nullopt;
  if (!value) {
    problems.error(Code::unit, node.place, path, fmt::format("\"{}\": {}", node.text, why),
                   "write for instance 0.62 kg CO2e/kWh");
    return false;
  }
  factor.kg_per_unit = value->value;
  factor.unit = carbon() / value->dimension;
  if (factor.unit.exponent[7] == 0) return true;  // carbon is above the line and nowhere else
  problems.error(Code::unit, node.place, path, fmt::format("\"{}\" is no emission per something", node.text),
                 "write for instance 0.62 kg CO2e/kWh");
  return false;
}

void origin(Fields& f, EmissionFactor& factor) {
  std::int64_t year = factor.year;
  f.text("source", factor.source, "where the figure comes from");
  f.count("year", year, Range::any(), "year of the source");
  f.text("confidence", factor.confidence, "high, medium, low or estimate");
  factor.year = static_cast<int>(year);
}

}  // namespace

EmissionFactors EmissionFactors::read(Library& library, const std::vector<Located>& sets, Problems& problems) {
  EmissionFactors out;
  for (const Located& set : sets) {
    const std::size_t dot = set.text.find('.');
    const std::string name = "factors/" + set.text.substr(0, dot);
    const Node* document = library.document(name, set.place, problems);
    if (document == nullptr) continue;
    if (dot == std::string::npos) out.read_set(*document, name, problems);
    else out.read_grid(*document, name, set.text.substr(dot + 1), set.place, problems);
  }
  return out;
}

void EmissionFactors::read_set(const Node& document, const std::string& name, Problems& problems) {
  read_fields(document, name, problems, [&](Fields& f) {
    EmissionFactor head;  // what an entry does not say, the head of the document says
    origin(f, head);
    f.required().map(
        "factors",
        [&](const std::string& key, const Place&, Fields& each) {
          EmissionFactor factor = head;
          factor.name = key;
          each.required().text("flow", factor.flow, "metered flow");
          std::int64_t scope = 3;
          each.required().count("scope", scope, {1, 3}, "scope");
          factor.scope = static_cast<int>(scope);
          origin(each, factor);
          Located value;
          each.required().name("value", value, "kg CO2e per unit of the flow");
          if (each.node() == nullptr || value.empty()) return;
          if (read_value(*each.node()->find("value"), each.path() + ".value", problems, factor)) put(factor);
        },
        "factors by name");
  });
}

void EmissionFactors::read_grid(const Node& document, const std::string& name, const std::string& grid, const Place& place,
                                Problems& problems) {
  EmissionFactor factor;
  factor.name = factor.flow = "electricity";
  factor.scope = 2;
  std::vector<std::string> grids;
  read_fields(document, name, problems, [&](Fields& f) {
    origin(f, factor);
    f.required().map(
        "grids",
        [&](const std::string& key, const Place&, Fields& each) {
          Located value;
          each.required().name("value", value, "kg CO2e per unit of electricity");
          grids.push_back(key);
          if (key == grid && !value.empty() && read_value(*each.node()->find("value"), each.path(), problems, factor))
            put(factor);
        },
        "factors by grid", "value");
  });
  if (std::find(grids.begin(), grids.end(), grid) != grids.end()) return;
  const std::string near = nearest(grid, grids);
  problems.error(Code::unknown_name, place, name, "no such grid: " + grid, near.empty() ? "" : "did you mean " + near + "?");
}

void EmissionFactors::put(EmissionFactor factor) {
  const auto old = std::find_if(all_.begin(), all_.end(), [&](const EmissionFactor& f) { return f.name == factor.name; });
  if (old == all_.end()) all_.push_back(std::move(factor));
  else *old = std::move(factor);
}

double EmissionFactors::of(const std::string& flow, int scope) const {
  double sum = 0;
  for (const EmissionFactor& f : all_)
    if (f.flow == flow && (scope == 0 || f.scope == scope)) sum += f.kg_per_unit;
  return sum;
}

bool EmissionFactors::has(const std::string& flow) const {
  return std::any_of(all_.begin(), all_.end(), [&](const EmissionFactor& f) { return f.flow == flow; });
}

}  // namespace retwin

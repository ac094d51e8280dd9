// Reads emission factors from documents of the library.
#include "core/scenario/library/factors.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace retwin {
namespace {

constexpr const char* example = "write for instance 0.62 kg CO2e/kWh";

const Dimension& carbon() {
  static const Dimension of_CO2e = parse_unit("kgCO2e").value_or(Quantity{}).dimension;
  return of_CO2e;
}

/// Reads "0.62 kg CO2e/kWh": the dimension of the flow is what it is per.
bool read_value(const std::string& path, Problems& problems, EmissionFactor& factor) {
  const auto& [text, place] = factor.value;
  if (text.empty()) return false;  // reported already
  std::string why;
  const std::optional<Quantity> value = parse_quantity(text, &why);
  if (!value) {
    problems.error(Code::unit, place, path, fmt::format("\"{}\": {}", text, why), example);
    return false;
  }
  factor.place = place;
  factor.kg_per_unit = value->value;
  factor.unit = carbon() / value->dimension;
  if (factor.unit.exponent[7] == 0) return true;  // carbon is above the line and nowhere else
  problems.error(Code::unit, place, path, fmt::format("\"{}\" is no emission per something", text), example);
  return false;
}

}  // namespace

void EmissionFactor::origin(Fields& f) {
  f.text("source", source, "where the figure comes from");
  f.count("year", year, Range::any(), "year of the source");
  f.text("confidence", confidence, "high, medium, low or estimate");
}

void EmissionFactor::fields(Fields& f) {
  f.required().text("flow", flow, "metered flow");
  f.required().name("value", value, "kg CO2e per unit of the flow, e.g. 0.62 kg CO2e/kWh");
  f.count("scope", scope, {1, 3}, "1 direct, 2 electricity, 3 bought or sent away");
  origin(f);
}

EmissionFactors EmissionFactors::read(Library& library, const std::vector<Located>& sets, Problems& problems) {
  EmissionFactors out;
  for (const Located& set : sets) {
    const std::size_t dot = set.text.find('.');
    const std::string name = "factors/" + set.text.substr(0, dot);
    const Node* document = library.document(name, set.place, problems);
    if (document == nullptr) continue;
    if (dot == std::string::npos) out.read_set(*document, set, problems);
    else out.read_grid(*document, name, set.text.substr(dot + 1), set, problems);
  }
  out.warn_of_doubles(sets, problems);
  return out;
}

void EmissionFactors::read_set(const Node& document, const Located& set, Problems& problems) {
  if (const Node* grids = document.find("grids"); grids != nullptr && !grids->entries.empty()) {
    problems.error(Code::missing, set.place, "factors", fmt::format("{} has a factor for every grid: name one", set.text),
                   fmt::format("write for instance {}.{}", set.text, grids->entries[0].key));
    return;
  }
  read_fields(document, "factors/" + set.text, problems, [&](Fields& f) {
    EmissionFactor head;  // what an entry does not say, the head of the document says
    head.origin(f);
    f.required().map(
        "factors",
        [&](const std::string& key, const Place&, Fields& each) {
          EmissionFactor factor = head;
          factor.name = key;
          factor.set = set.text;
          factor.fields(each);
          if (read_value(each.path() + ".value", problems, factor)) put(factor);
        },
        "factors by name");
  });
}

void EmissionFactors::read_grid(const Node& document, const std::string& name, const std::string& grid, const Located& set,
                                Problems& problems) {
  EmissionFactor factor;
  factor.name = factor.flow = "electricity";
  factor.set = set.text;
  factor.scope = 2;
  std::vector<std::string> grids;
  read_fields(document, name, problems, [&](Fields& f) {
    factor.origin(f);
    f.required().map(
        "grids",
        [&](const std::string& key, const Place&, Fields& each) {
          Located value;
          each.required().name("value", value, "kg CO2e per unit of electricity");
          grids.push_back(key);
          if (key != grid) return;
          factor.value = value;
          if (read_value(each.path(), problems, factor)) put(factor);
        },
        "factors by grid", "value");
  });
  if (std::find(grids.begin(), grids.end(), grid) != grids.end()) return;
  const std::string near = nearest(grid, grids);
  problems.error(Code::unknown_name, set.place, "factors", fmt::format("{} has no grid {}", name, grid),
                 near.empty() ? "" : "did you mean " + near + "?");
}

void EmissionFactors::put(EmissionFactor factor) {
  const auto old = std::find_if(all_.begin(), all_.end(), [&](const EmissionFactor& f) { return f.name == factor.name; });
  if (old == all_.end()) all_.push_back(std::move(factor));
  else *old = std::move(factor);  // adding would count twice
}

void EmissionFactors::warn_of_doubles(const std::vector<Located>& sets, Problems& problems) const {
  for (auto later = all_.begin(); later != all_.end(); ++later) {
    const auto earlier = std::find_if(all_.begin(), later, [&](const EmissionFactor& f) {
      return f.flow == later->flow && f.scope == later->scope && f.set != later->set;
    });
    if (earlier == later) continue;
    const auto set = std::find_if(sets.begin(), sets.end(), [&](const Located& s) { return s.text == later->set; });
    problems.warning(Code::duplicate, set->place, "factors",
                     fmt::format("{} has {} and {} has {}, both for {} in scope {}: both count", earlier->set, earlier->name,
                                 later->set, later->name, later->flow, later->scope),
                     "under one name the later one replaces the earlier");
  }
}

double EmissionFactors::of(const std::string& flow, int scope) const {
  double sum = 0;
  for (const EmissionFactor& f : all_)
    if (f.flow == flow && (scope == 0 || f.scope == scope)) sum += f.kg_per_unit;
  return sum;
}

}  // namespace retwin

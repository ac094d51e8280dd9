// Reads emission factors from documents of the library.
#include "core/scenario/library/factors.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "core/scenario/library/factor_value.hpp"

namespace retwin {

EmissionFactor::EmissionFactor()
    : low_kg(std::numeric_limits<double>::quiet_NaN()), high_kg(std::numeric_limits<double>::quiet_NaN()) {}

void EmissionFactor::origin(Fields& f) {
  f.text("source", source, "where the figure comes from; every factor has one");
  f.count("year", year, Range::any(), "year of the source");
  f.choice_index("confidence", confidence, confidences, "quality of the figure; estimate and recalled are marked in reports");
  f.choice_index("method", method, factor_methods,
                 "electricity: location or market; else direct, upstream (adds to these) or life_cycle (all in one)");
  f.text("region", region, "where it holds");
  f.name("valid_from", valid_from, "first day on which it holds, e.g. 2023-01-01");
  f.name("valid_to", valid_to, "last day on which it holds");
  f.text("document", document, "number or address of the document of the source");
  f.text("gwp", gwp, "document of the library's factors/ with the global warming potentials of its gases");
}

void EmissionFactor::fields(Fields& f) {
  f.required().text("flow", flow, "metered flow");
  figures(f);
}

void EmissionFactor::figures(Fields& f) {
  f.name("value", value, "kg CO2e per unit of the flow, e.g. 0.62 kg CO2e/kWh; or what its gases sum to");
  f.name("low", low, "least value that is held possible");
  f.name("high", high, "largest value that is held possible");
  f.choice_index("distribution", distribution, factor_distributions, "between low and high: triangular about the value, uniform, or lognormal with low and high as 2.5 and 97.5 %");
  f.map("gases", gases, [](GasPart& gas, Fields& g) { g.required().name("amount", gas.amount, "per unit of the flow, or share of the value"); },
        "greenhouse gases, as amounts {CO2: 2.1 kg/m3} or shares of the value {CO2: 97 %, CH4_fossil: 3 %}", "amount");
  f.quantity("basis", basis, dimension::none, {0, 1, true},
             "strength of the solution that the factor is told for; flows are metered as pure substance. Not given: not known");
  f.count("scope", scope, {1, 3}, "1 direct, 2 electricity, 3 bought or sent away");
  f.names("replaces", replaces, "factors of earlier sets that must not count beside this one");
  f.text("note", note, "what to know about it");
  origin(f);
}

struct EmissionFactors::Reader {
  Library& library;
  Problems& problems;
  bool read(const std::string& path, const Place& place, EmissionFactor& factor) const {
    return read_factor(library, path, place, problems, factor);
  }
};

EmissionFactors EmissionFactors::read(Library& library, const std::vector<Located>& sets, Problems& problems) {
  EmissionFactors out;
  Reader reader{library, problems};
  for (const Located& set : sets) {
    const std::size_t dot = set.text.find('.');
    const std::string name = "factors/" + set.text.substr(0, dot);
    const Node* document = library.document(name, set.place, problems);
    if (document == nullptr) continue;
    if (dot == std::string::npos) out.read_set(*document, set, reader);
    else out.read_grid(*document, name, set.text.substr(dot + 1), set, reader);
  }
  out.warn_of_doubles(sets, problems);
  return out;
}

void EmissionFactors::read_set(const Node& document, const Located& set, Reader& reader) {
  if (const Node* grids = document.find("grids"); grids != nullptr && !grids->entries.empty()) {
    reader.problems.error(Code::missing, set.place, "factors", fmt::format("{} has a factor for every grid: name one", set.text),
                          fmt::format("write for instance {}.{}", set.text, grids->entries[0].key));
    return;
  }
  read_fields(document, "factors/" + set.text, reader.problems, [&](Fields& f) {
    EmissionFactor head;  // what an entry does not say, the head of the document says
    head.origin(f);
    f.flag("collection", head.collection, "a plant need not meter the flows of all its factors");
    f.required().map(
        "factors",
        [&](const std::string& key, const Place& place, Fields& each) {
          EmissionFactor factor = head;
          factor.name = key;
          factor.set = set.text;
          factor.fields(each);
          if (reader.read(each.path(), place, factor)) put(factor);
        },
        "factors by name");
  });
}

void EmissionFactors::read_grid(const Node& document, const std::string& name, const std::string& grid, const Located& set,
                                Reader& reader) {
  EmissionFactor head;
  head.set = set.text;
  head.flow = "electricity";
  std::vector<std::string> grids;
  read_fields(document, name, reader.problems, [&](Fields& f) {
    head.origin(f);
    EmissionFactor upstream = head;
    upstream.name = "electricity_upstream";
    upstream.method = static_cast<int>(Method::upstream);
    bool adds = false;
    f.object("upstream", [&](Fields& g) { upstream.figures(g); }, "what comes before the power stations and is lost in the grid, for every grid",
             &adds);
    if (adds && reader.read(name + ".upstream", f.node()->find("upstream")->place, upstream)) put(upstream);
    f.required().map(
        "grids",
        [&](const std::string& key, const Place& place, Fields& each) {
          EmissionFactor factor = head;
          factor.name = "electricity";
          factor.region = key;
          factor.scope = 2;
          each.required().name("value", factor.value, "kg CO2e per unit of electricity");
          grids.push_back(key);
          if (key == grid && reader.read(each.path(), place, factor)) put(factor);
        },
        "factors by grid", "value");
  });
  if (std::find(grids.begin(), grids.end(), grid) != grids.end()) return;
  const std::string near = nearest(grid, grids);
  reader.problems.error(Code::unknown_name, set.place, "factors", fmt::format("{} has no grid {}", name, grid),
                        near.empty() ? "" : "did you mean " + near + "?");
}

void EmissionFactors::put(EmissionFactor factor) {
  std::erase_if(all_, [&](const EmissionFactor& f) {
    return std::any_of(factor.replaces.begin(), factor.replaces.end(), [&](const Located& name) { return name.text == f.name; });
  });
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

void check_methods(const std::vector<const EmissionFactor*>& counted, Problems& problems) {
  const auto clash = [](const EmissionFactor& a, const EmissionFactor& b) {
    if (a.method < 0 || b.method < 0 || a.method == b.method) return false;
    const bool upstream = a.is(Method::upstream) || b.is(Method::upstream);
    return !upstream || a.is(Method::life_cycle) || b.is(Method::life_cycle);
  };
  for (auto later = counted.begin(); later != counted.end(); ++later)
    for (auto earlier = counted.begin(); earlier != later; ++earlier) {
      const EmissionFactor &a = **earlier, &b = **later;
      if (a.flow != b.flow || a.credit() || b.credit() || !clash(a, b)) continue;
      problems.error(Code::conflict, b.place, "factors." + b.name,
                     fmt::format("{} would be counted twice: {} ({}) is {}, {} ({}) is {}", b.flow, a.name, a.set, factor_methods[a.method],
                                 b.name, b.set, factor_methods[b.method]),
                     fmt::format("take one of them; replaces: [{}] in the later set leaves the other out", a.name));
    }
}

}  // namespace retwin

// Compiling what the report needs beside the flow: functional units, allocations, loads, emission factors and the reasons for none.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/ledger/coverage.hpp"
#include "core/scenario/compile/compiler.hpp"
#include "core/scenario/compile/rules_and_prices.hpp"
#include "core/scenario/library/factors.hpp"

namespace retwin {

Reporting Compiler::reporting() {
  Reporting result;
  for (const FunctionalUnitSpec& spec : specs_.functional_units) result.functional_units.push_back(functional_unit(spec));
  for (const AllocationSpec& spec : specs_.allocations) result.allocations.push_back(allocation(spec));
  for (const StationPart& part : specs_.stations)
    result.stations.push_back({part.spec.confidence < 0 ? "" : choices::confidence[part.spec.confidence], part.spec.source});
  for (const UtilitySpec& spec : specs_.utilities) result.utilities.push_back({spec.confidence < 0 ? "" : choices::confidence[spec.confidence], spec.source});
  const auto told = [&](const char* kind, const auto& specs) {
    for (const auto& spec : specs) result.digital[kind + spec.name] = {spec.confidence < 0 ? "" : choices::confidence[spec.confidence], spec.source};
  };
  told("hosts.", specs_.digital.hosts);
  told("links.", specs_.digital.links);
  told("tasks.", specs_.digital.tasks);
  for (const AuxiliarySpec& spec : specs_.auxiliaries) result.auxiliaries.push_back(auxiliary(spec));
  add_passing(result);
  add_flow_notes(result);
  add_factors(result);
  add_electricity(result);
  add_displaced(result);
  for (const StockSpec& spec : specs_.stocks) result.stocks.push_back(stock(spec));
  result.accounts = compile_rules_and_prices(*this);
  check_values(result);
  for (const CutOffSpec& cut : specs_.cut_offs) result.cut_offs.emplace_back(cut.name, cut.reason);
  if (!result.factors.empty() && !problems_.any_errors()) warn_of_uncovered(result);
  return result;
}

/// A name whose mass can be told: a source, sink, station or station.port, also with its kind before it. @return whether it is a station
bool Compiler::check_passage(const Located& name, const std::string& path) {
  std::string text = name.text;
  for (const char* kind : {"sources.", "sinks.", "stations."})
    if (text.starts_with(kind)) text.erase(0, std::string(kind).size());
  const auto dot = text.find('.');
  const std::string owner = text.substr(0, dot);
  const Index station = find_station(owner);
  bool known = station != none || find_sink(owner) != none || plant_->find_source(owner) != none;
  if (known && dot != std::string::npos && station != none) {
    const auto& ports = plant_->stations[station].ports;
    known = std::any_of(ports.begin(), ports.end(), [&](const PortInfo& p) { return p.name == text.substr(dot + 1); });
  }
  if (!known) problems_.error(Code::unknown_name, name.place, path, "no source, sink or station.port is called " + name.text);
  return station != none && dot == std::string::npos && find_sink(owner) == none && plant_->find_source(owner) == none;
}

FunctionalUnit Compiler::functional_unit(const FunctionalUnitSpec& spec) {
  const std::string path = "functional_units." + spec.name;
  FunctionalUnit unit{spec.name, {}, {}, spec.doc, {}};
  for (const Located& of : spec.of) {
    const bool jobs = check_passage(of, path);
    unit.ports.push_back(of.text);
    if (!spec.without.empty() && jobs)
      problems_.error(Code::conflict, of.place, path + ".of", "the jobs of a station are counted by their whole mass", "write station.port");
  }
  for (const Located& component : spec.without) {
    const int index = plant_->substances.component(component.text);
    if (index < 0)
      problems_.error(Code::unknown_name, component.place, path + ".without", "there is no component " + component.text,
                      did_you_mean(component.text, plant_->substances.components));
    unit.without.push_back(static_cast<Index>(std::max(0, index)));
  }
  for (const Located& group : spec.groups) {
    const auto in = [&](const auto& list) { return std::any_of(list.begin(), list.end(), [&](const auto& x) { return x.group == group.text; }); };
    if (!in(plant_->stations) && !in(specs_.auxiliaries))
      problems_.error(Code::unknown_name, group.place, path + ".groups", "no station is of the group " + group.text);
    unit.groups.push_back(group.text);
  }
  return unit;
}

Allocation Compiler::allocation(const AllocationSpec& spec) {
  using By = Allocation::By;
  const std::string path = "allocations." + spec.name;
  Allocation result{spec.name, {}, spec.by_electricity};
  double sum = 0;
  for (const auto& [group, share] : spec.shares) {
    result.to.emplace_back(group.text, share);
    sum += share;
  }
  for (const MassShareSpec& share : spec.by_mass) {
    std::vector<std::string> names;
    for (const Located& of : share.of) {
      check_passage(of, path + ".by_mass." + share.name);
      names.push_back(of.text);
    }
    result.by_mass.emplace_back(share.name, std::move(names));
  }
  for (const MassShareSpec& share : spec.by_value) {
    std::vector<Index> sinks;
    for (const Located& of : share.of) {
      sinks.push_back(find_sink(of.text));
      if (sinks.back() == none) problems_.error(Code::unknown_name, of.place, path + ".by_value." + share.name, "no sink is called " + of.text);
    }
    result.by_value.emplace_back(share.name, std::move(sinks));
  }
  if (!spec.shares.empty() && std::abs(sum - 1) > 1e-9)
    problems_.error(Code::probability, spec.place, path, "the shares sum to " + fmt::format("{:.9g}", sum) + ", not to 1");
  const std::pair<By, bool> stated[] = {
      {By::shares, !spec.shares.empty()}, {By::electricity, spec.by_electricity}, {By::mass, !spec.by_mass.empty()}, {By::value, !spec.by_value.empty()}};
  std::string names;
  int count = 0;
  for (const auto& [rule, is] : stated)
    if (is) names += (count++ == 0 ? "" : ", ") + std::string(allocation_rules[static_cast<int>(rule)]);
  if (spec.by >= 0) result.by = static_cast<By>(spec.by);
  if (count == 0) problems_.error(Code::missing, spec.place, path, "it says neither shares nor by what the group is shared", "write to, by_mass, by_value or by_electricity");
  else if (spec.by < 0 && count > (spec.by_electricity && !spec.shares.empty() ? 2 : 1))
    problems_.error(Code::missing, spec.place, path + ".by", "several rules are stated (" + names + "), and none of them counts", "name the one that counts; the others are its sensitivity");
  else if (spec.by >= 0 && !stated[spec.by].second && result.by != By::electricity)
    problems_.error(Code::missing, spec.place, path + ".by", "this rule is not stated; there are: " + names);
  else if (spec.by < 0 && spec.by_electricity) result.by = By::electricity;  // the groups are those of the shares
  return result;
}

/// Shares by value need a price of every sink that they name.
void Compiler::check_values(const Reporting& reporting) {
  const auto priced = [&](Index sink) {
    return reporting.accounts && std::any_of(reporting.accounts->prices.begin(), reporting.accounts->prices.end(), [&](const PriceLine& line) {
      return line.revenue && line.of == PriceLine::Of::sink && line.index == sink;
    });
  };
  for (std::size_t k = 0; k < reporting.allocations.size(); ++k)
    for (const auto& [group, sinks] : reporting.allocations[k].by_value)
      for (const Index sink : sinks)
        if (sink != none && !priced(sink))
          problems_.error(Code::missing, specs_.allocations[k].place, "allocations." + reporting.allocations[k].group + ".by_value." + group,
                          plant_->sinks[sink].name + " has no price", "give it one in prices: {product: " + plant_->sinks[sink].name + ", value: 5 CNY/kg, source: ...}");
}

Auxiliary Compiler::auxiliary(const AuxiliarySpec& spec) {
  Auxiliary result{spec.name, spec.group, spec.power_W, {}, spec.note, spec.estimate};
  std::vector<Consumption> uses;
  use_flows(spec.consumes, "auxiliaries." + spec.name + ".consumes", uses);
  for (const ConsumesValue::Use& use : spec.consumes.uses())
    if (use.per_job != 0 || use.per_kg != 0 || use.idle != 0 || use.off != 0)
      problems_.error(Code::unit, use.flow.place, "auxiliaries." + spec.name + ".consumes." + use.flow.text,
                      "an auxiliary has no jobs, no feed and no states: an amount by time is needed", "write for instance 10 m3/h");
  for (const Consumption& use : uses) result.consumes.emplace_back(use.flow, use.per_s[static_cast<std::size_t>(ServerState::working)]);
  return result;
}

// --- what passes ---------------------------------------------------------------------------------------------------------------

std::vector<Passing::Rate> Compiler::passing_rates(const ConsumesValue& value, const std::string& path, const char* whose) {
  std::vector<Passing::Rate> rates;
  std::vector<Consumption> uses;
  use_flows(value, path + ".consumes", uses);
  for (const ConsumesValue::Use& use : value.uses()) {
    const std::string at = path + ".consumes." + use.flow.text;
    if (use.working != 0 || use.idle != 0 || use.off != 0)
      problems_.error(Code::unit, use.flow.place, at, std::string(whose) + " does no work: an amount per mass or per lot is needed",
                      "write for instance {per_mass: 250 km}, 2 kg/t or 5 kg");
    if (use.per_kg != 0 && plant_->n_components == 0)
      problems_.error(Code::conflict, use.flow.place, at, "the lots of this plant have no masses", "write an amount per lot");
  }
  for (const Consumption& use : uses) rates.push_back({use.flow, use.per_kg, use.per_job});
  return rates;
}

std::vector<Passing::Rate> Compiler::element_rates(const SinkSpec& spec) {
  std::vector<Passing::Rate> rates;
  for (const ElementSpec& element : spec.elements) {
    place_ = element.place;
    path_ = "sinks." + spec.name + ".elements." + element.name;
    const std::vector<std::string>& known = plant_->substances.elements;
    const auto found = std::find(known.begin(), known.end(), element.element.text);
    if (found == known.end()) {
      problems_.error(Code::unknown_name, element.element.place, path_, "nothing in this plant is known to have the element " + element.element.text,
                      did_you_mean(element.element.text, known));
      continue;
    }
    Passing::Rate rate;
    rate.flow = static_cast<Index>(flow(element.name, dimension::mass));
    rate.per_kg = 1;
    rate.element = static_cast<int>(found - known.begin());
    rates.push_back(rate);
  }
  return rates;
}

void Compiler::add_passing(Reporting& out) {
  for (const SourcePart& part : specs_.sources) {
    std::vector<Passing::Rate> rates = passing_rates(part.spec.consumes, "sources." + part.spec.name, "a source");
    if (!rates.empty()) out.passing.push_back({true, plant_->find_source(part.spec.name), part.spec.group, std::move(rates), false});
  }
  for (const SinkSpec& spec : specs_.sinks) {
    std::vector<Passing::Rate> rates = passing_rates(spec.consumes, "sinks." + spec.name, "a sink");
    const std::vector<Passing::Rate> elements = element_rates(spec);
    rates.insert(rates.end(), elements.begin(), elements.end());
    if (!rates.empty()) out.passing.push_back({false, find_sink(spec.name), "", std::move(rates), spec.estimate});
    out.sinks.push_back(spec.no_factor);
  }
}

// --- factors -------------------------------------------------------------------------------------------------------------------

Index Compiler::known_flow(const Located& name, const std::string& path) {
  std::vector<std::string> names;
  for (const FlowInfo& info : plant_->flows) {
    if (info.name == name.text) return static_cast<Index>(names.size());
    names.push_back(info.name);
  }
  problems_.error(Code::unknown_name, name.place, path, "no station, auxiliary, source or sink meters " + name.text, did_you_mean(name.text, names));
  return none;
}

void Compiler::add_flow_notes(Reporting& out) {
  for (const FlowSpec& spec : specs_.flows) {
    const std::string path = "flows." + spec.name;
    FlowNote note{known_flow({spec.name, spec.place}, path), none, spec.no_factor};
    if (!spec.made_from.empty()) note.made_from = known_flow(spec.made_from, path + ".made_from");
    if (!spec.made_from.empty() && note.made_from == note.flow)
      problems_.error(Code::conflict, spec.made_from.place, path + ".made_from", "nothing is made from itself");
    out.flows.push_back(std::move(note));
  }
}

namespace {

Factor factor_of(const EmissionFactor& read, Index flow) {
  std::string gases;
  for (const GasPart& gas : read.gases) gases += (gases.empty() ? "" : ", ") + gas.name + " " + gas.amount.text;
  FactorOrigin about{read.set,
                     read.method < 0 ? "" : factor_methods[read.method],
                     read.region,
                     read.confidence < 0 ? "" : confidences[read.confidence],
                     read.valid_from.text,
                     read.valid_to.text,
                     gases,
                     gases.empty() ? "" : read.gwp,
                     read.document,
                     read.note,
                     read.year,
                     read.basis,
                     read.low_kg,
                     read.high_kg,
                     factor_distributions[read.distribution]};
  return {flow, read.kg_per_unit, read.name, read.source, static_cast<int>(read.scope), read.estimate(), std::move(about)};
}

}  // namespace

void Compiler::add_factors(Reporting& out) {
  const EmissionFactors factors = EmissionFactors::read(library_, specs_.factors, problems_);
  std::vector<const EmissionFactor*> counted;
  for (const EmissionFactor& read : factors.all()) {
    const std::vector<FlowInfo>& flows = plant_->flows;
    const auto found = std::find_if(flows.begin(), flows.end(), [&](const FlowInfo& f) { return f.name == read.flow; });
    const std::string path = "factors." + read.name;
    if (found == flows.end()) {
      if (!read.collection) known_flow({read.flow, read.place}, path);
      continue;
    }
    if (!(read.unit == found->dimension)) {
      const std::string metered = "flow " + found->name + ", which is metered as " + describe(found->dimension);
      problems_.error(Code::unit, read.place, path, "\"" + read.value.text + "\" does not fit " + metered, "write kg CO2e per unit of the flow");
      continue;
    }
    const auto flow = static_cast<Index>(found - flows.begin());
    const auto note = std::find_if(out.flows.begin(), out.flows.end(), [&](const FlowNote& n) { return n.flow == flow; });
    if (note != out.flows.end() && !note->no_factor.empty()) continue;
    if (note != out.flows.end() && note->made_from != none && !read.credit()) {
      problems_.error(Code::conflict, read.place, path,
                      fmt::format("{} is made from {}, which is metered: its burden would count twice", read.flow, flows[note->made_from].name),
                      "leave the factor out, or say no_factor beside made_from");
      continue;
    }
    const auto day = [](const Located& written) { return written.empty() ? std::optional<long>() : parse_date(written.text); };
    const auto from = day(read.valid_from), to = day(read.valid_to);
    if ((from && plant_->day0 < *from) || (to && plant_->day0 > *to))
      problems_.warning(Code::window, read.place, path,
                        fmt::format("the run begins outside the days on which {} holds: {} to {}", read.name, from ? read.valid_from.text : "...",
                                    to ? read.valid_to.text : "..."));
    counted.push_back(&read);
    out.factors.push_back(factor_of(read, flow));
  }
  check_methods(counted, problems_);
}

void Compiler::warn_of_uncovered(const Reporting& reporting) {
  std::string flows, outlets;
  for (const Coverage& row : coverage(*plant_, reporting)) {
    if (row.covered()) continue;
    std::string& list = row.kind == Coverage::Kind::flow ? flows : outlets;
    list += (list.empty() ? "" : ", ") + row.item;
  }
  if (flows.empty() && outlets.empty()) return;
  const std::string and_then = flows.empty() || outlets.empty() ? "" : "; ";
  problems_.warning(Code::missing, specs_.factors.empty() ? Place() : specs_.factors.front().place, "factors",
                    "neither a factor nor a reason for none: " + (flows.empty() ? "" : "flows " + flows) + and_then +
                        (outlets.empty() ? "" : "outlets " + outlets),
                    "give factors, or reasons: flows: {x: why}, sinks: {y: {no_factor: why}}; see --table completeness");
}

}  // namespace retwin

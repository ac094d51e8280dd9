// A scenario as read: its sections, with the unit operations and kinds of lots that their entries name.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/registry.hpp"
#include "core/scenario/specs/digital_specs.hpp"
#include "core/scenario/specs/rule_specs.hpp"
#include "core/scenario/specs/specs.hpp"

namespace retwin {

/// A station as read, with its unit operation (null for those that the engine knows by itself).
struct StationPart {
  StationSpec spec;
  std::shared_ptr<UnitOperation> operation;
};
struct SourcePart {
  SourceSpec spec;
  std::shared_ptr<LotMaker> maker, load_maker;
};
struct InitialPart {
  InitialSpec spec;
  std::shared_ptr<LotMaker> maker;
};
/// Everything a document says, read but not looked up.
struct Specs {
  std::string name, doc;
  RunSpec run;
  std::vector<CalendarSpec> calendars;
  std::vector<ResourceSpec> resources;
  std::vector<AttributeSpec> attributes;
  std::string label;
  Located objective;
  std::vector<PlanSpec> plans;
  Located plan_table;
  std::vector<TableSpec> tables;
  std::vector<SinkSpec> sinks;
  std::vector<TankSpec> tanks;
  std::vector<UtilitySpec> utilities;
  DigitalSpec digital;
  std::vector<StationPart> stations;
  std::vector<SourcePart> sources;
  std::vector<InitialPart> initial;
  std::vector<FunctionalUnitSpec> functional_units;
  std::vector<AllocationSpec> allocations;
  std::vector<AuxiliarySpec> auxiliaries;
  ElectricitySpec electricity;
  std::vector<StockSpec> stocks;
  std::vector<FlowSpec> flows;
  std::vector<CutOffSpec> cut_offs;
  std::vector<Located> factors;
  std::vector<ComplianceSpec> compliance;
  std::vector<Located> price_sets;
  std::vector<PriceSpec> prices;
  std::vector<ClaimSpec> claims;
  void fields(Fields& f, const Registry& registry);
};

/// From a time on, other parameters.
struct ChangeSpec {
  Place place;
  double at_s = 0;
  AnythingValue set;
  void fields(Fields& f);
};

/// What a file says about itself before its sections: which file it extends, what it sets there, and later changes of parameters.
struct HeadSpec {
  Located extends;
  AnythingValue set;
  std::vector<ChangeSpec> changes;
  void fields(Fields& f);
};

/// `sinks: [a, b]` is short for `sinks: {a: {}, b: {}}`.
void list_sinks(Node& document);
/// What a document says. @param head where its later changes go; null: nowhere, they are not looked at
Specs read_scenario(Node document, const Registry& registry, Problems& problems, HeadSpec* head = nullptr);
/// The document that is read as these specifications.
Node write_scenario(HeadSpec head, Specs specs, const Registry& registry);

}  // namespace retwin

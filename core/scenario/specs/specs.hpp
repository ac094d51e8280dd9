// Specifications: what a scenario file can say, each field named, checked and documented once.
#pragma once
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/fields.hpp"
#include "core/scenario/specs/day_blocks.hpp"
#include "core/scenario/specs/values.hpp"
#include "core/stats/distribution_value.hpp"

namespace retwin {

struct RunSpec {
  Located start{"2026-01-05", {}};
  double duration_s = 13 * 604800.0;
  WarmupValue warmup;
  ReplicationsValue replications;
  double precision = 0.02;
  std::int64_t max_replications = 50;
  std::int64_t seed = 1;
  bool terminating = false;
  double year_s = 365 * 86400.0;
  double confidence = 0.95;
  std::int64_t most_lots = 10'000'000;
  double most_events = 1e10;
  void fields(Fields& f);
};

struct CalendarSpec {
  std::string name;
  Place place;
  std::vector<Located> weekly;
  std::vector<Located> breaks;
  std::vector<Located> holidays;
  void fields(Fields& f);
};

struct ResourceSpec {
  std::string name;
  Place place;
  double count = 1;
  ShiftsValue shifts;
  std::vector<Located> qualifications;
  double speed = 1;
  int at_shift_end = 0;
  std::int64_t ageing = 8;
  bool people = true;
  void fields(Fields& f);
};

/// A flow that is metered as the mass of an element of what arrives.
struct ElementSpec {
  std::string name;  ///< of the flow
  Place place;
  Located element;
};

/// What a product displaces elsewhere.
struct DisplacesSpec {
  bool given = false;
  Located value;
  double quality = 1, allocation = 0.2;
  std::string source;
  bool estimate = false;
  void fields(Fields& f);
};

struct SinkSpec {
  std::string name;
  Place place;
  std::string role = "product";
  Located specification = {};
  DisplacesSpec displaces = {};
  ConsumesValue consumes = {};
  std::vector<ElementSpec> elements = {};
  std::string no_factor = {};
  bool estimate = false;
  void fields(Fields& f);
};

/// A tank that doses of a flow are taken from first.
struct TankSpec {
  std::string name;
  Place place;
  Located flow, component, to;
  std::optional<double> capacity_kg;
  double bleed = 0;
  void fields(Fields& f);
};

/// A table that was written together with the scenario.
struct TableSpec {
  Located file, sha256;
  void fields(Fields& f);
};

struct AttributeSpec {
  std::string name;
  Place place;
  std::string unit;
  std::vector<Located> categories;
  bool truth = false;
  void fields(Fields& f);
};

/// What a job draws of a utility, in place of just its amount.
struct DrawSpec {
  std::string name;
  Place place;
  Located amount, at_most;
  double weight = 1;
  std::int64_t priority = 0;
  bool counted = true;
  void fields(Fields& f);
};

struct OutageSpec {
  std::string name;
  Place place;
  DistributionValue every{dimension::time, false, Range::non_negative()};
  std::vector<Located> at;
  DistributionValue repair{dimension::time, false, Range::non_negative()};
  double leaves = 0;
  Located during;
  void fields(Fields& f);
};

struct StorageSpec {
  bool given = false;
  Located capacity, charge, discharge, loss, station;
  double start = 0, efficiency = 1;
  void fields(Fields& f);
};

/// What a utility uses by what it gives.
struct InputSpec {
  bool given = false;
  Located flow, station;
  std::vector<Located> at, use;
  void fields(Fields& f);
};

struct UtilitySpec {
  std::string name;
  Place place;
  Located flow, capacity, limit;
  InputSpec input;
  StorageSpec storage;
  std::vector<OutageSpec> fails;
  std::string source;
  int confidence = -1;
  void fields(Fields& f);
};

struct PhaseSpec {
  Place place;
  std::string name;
  DistributionValue duration{dimension::time, true, Range::non_negative()};
  bool attended = true;
  NeedsValue needs;
  bool needs_given = false;
  std::vector<DrawSpec> draws;
  Located waits_for;
  void fields(Fields& f);
};

struct BatchSpec {
  bool given = false;
  std::optional<std::int64_t> count;
  std::optional<double> kg, m3;
  std::int64_t least = 0;
  Located by;
  std::optional<double> longest_wait_s;
  bool siblings = false;
  bool keep_parent = false;
  bool merge = false;
  Located kind;
  NeedsValue parts;
  void fields(Fields& f);
};

struct SetupSpec {
  bool given = false;
  Located by;
  DistributionValue time{dimension::time, false, Range::non_negative()};
  TableValue matrix{dimension::time};
  NeedsValue needs;
  bool first = false, ready_first = false;
  void fields(Fields& f);
};

struct FailureSpec {
  std::string name;
  Place place;
  bool maintenance = false;
  DistributionValue every{dimension::time, false, Range::non_negative()};
  std::vector<Located> at;
  DistributionValue after_jobs{dimension::none, false, Range::positive()};
  DistributionValue repair{dimension::time, false, Range::non_negative()};
  int clock = 0;
  int job = 0;
  bool keep_crew = false;
  bool renews = false;
  NeedsValue needs;
  int scope = 0;
  int counted_from = 0;
  Located scrap_to;
  void fields(Fields& f);
};

struct PlanStepSpec {
  std::string name;
  Place place;
  Located at;
  std::vector<Located> after;
  DistributionValue duration{dimension::time, true, Range::non_negative()};
  AttributesValue attributes;
  void fields(Fields& f);
};

struct PlanSpec {
  std::string name;
  Place place;
  std::vector<PlanStepSpec> steps;
  void fields(Fields& f);
};

struct StationSpec {
  std::string name;
  Place place;
  std::string unit = "process";
  std::optional<std::int64_t> servers;
  DistributionValue duration{dimension::time, true, Range::non_negative()};
  Located effort;
  std::optional<double> throughput_kg_per_s, volume_rate_m3_per_s;
  double density_kg_per_m3 = 1000;
  std::vector<PhaseSpec> phases;
  BatchSpec batch;
  BufferValue buffer;
  RoutesValue to;
  NeedsValue needs;
  std::vector<DrawSpec> draws;
  Located waits_for;
  Located calendar;
  int at_shift_end = 0;
  SetupSpec setup;
  DistributionValue changeover{dimension::time, false, Range::non_negative()};
  NeedsValue changeover_needs;
  DispatchValue dispatch;
  DistributionValue patience{dimension::time, false, Range::non_negative()};
  Located given_up;
  double campaign_s = 0, campaign_kg = 0;
  int blocking = 0;
  double headway_s = 0;
  std::int64_t priority = 0;
  std::vector<FailureSpec> fails, maintenance;
  double power_W = 0;
  std::optional<double> idle_power_W, setup_power_W, down_power_W;
  double off_power_W = 0;
  double energy_per_job_J = 0, energy_per_mass_J_per_kg = 0;
  ConsumesValue consumes;
  Located completes;
  bool one_at_a_time = false;
  std::string group;
  int confidence = -1;
  std::string source;
  // transports
  double speed_m_per_s = 0, length_m = 0, load_s = 0, unload_s = 0;
  TableValue distances{dimension::length};
  void fields(Fields& f);
};

struct ProfileSpec {
  bool given = false;
  double rate_per_s = 0;
  std::vector<std::pair<Located, double>> days;       ///< Mon.. and share
  std::vector<std::pair<Located, double>> hours;      ///< "08-10" and share
  void fields(Fields& f);
};

struct LoadSpec {
  bool given = false;
  std::string kind = "item";
  DistributionValue count{dimension::none, false, Range::non_negative()};
  AttributesValue attributes;
  std::function<void(Fields&, const std::string& kind)> of_kind;  ///< fields of the kind of lot; set while the fields are visited
  void fields(Fields& f);
};

struct SourceSpec {
  std::string name;
  Place place;
  std::string lot = "item";
  DistributionValue every{dimension::time, false, Range::non_negative()};
  std::optional<double> rate_per_s;
  bool saturated = false;
  ProfileSpec profile;
  std::vector<Located> at;
  Located trace;
  DayBlocksValue blocks;
  double repeat_s = 0;
  std::optional<double> first_s;
  double from_s = 0, until_s = 0;
  DistributionValue batch{dimension::none, false, Range::non_negative()};
  std::optional<std::int64_t> limit;
  int when_full = 0;
  Located admit;
  AttributesValue attributes;
  LoadSpec load;
  DistributionValue due{dimension::time, false, Range::non_negative()};
  RoutesValue to;
  std::int64_t priority = 0;
  ConsumesValue consumes;
  std::string group;
  void fields(Fields& f);
};

struct InitialSpec {
  Place place;
  Located station;
  std::int64_t count = 1;
  std::string lot = "item";
  std::optional<double> remaining_s;
  Located to;
  AttributesValue attributes;
  void fields(Fields& f);
};

struct FunctionalUnitSpec {
  std::string name;
  Place place;
  std::vector<Located> of;
  std::vector<Located> groups;
  std::vector<Located> without;
  std::string doc;
  void fields(Fields& f);
};

/// Whose mass counts for a group.
struct MassShareSpec {
  std::string name;
  Place place;
  std::vector<Located> of;
};

/// What is said of a metered flow.
struct FlowSpec {
  std::string name;
  Place place;
  Located made_from;
  std::string no_factor;
  void fields(Fields& f);
};

struct CutOffSpec {
  std::string name;
  Place place;
  std::string reason;
};

struct AllocationSpec {
  std::string name;
  Place place;
  std::vector<std::pair<Located, double>> shares;
  bool by_electricity = false;
  std::vector<MassShareSpec> by_mass, by_value;
  int by = -1;
  void fields(Fields& f);
};

struct StockSpec {
  std::string name;
  Place place;
  Located of;
  std::vector<std::pair<Located, double>> components;
  std::vector<Located> stations;
  Located unit, most;
  double every_s = 3600;
  std::string note;
  bool estimate = false;
  void fields(Fields& f);
};

struct SupplySpec {
  std::string name;
  Place place;
  Located value, power;
  double share = 0, energy_J = 0;
  std::string source;
  bool estimate = false;
  void fields(Fields& f);
};
/// Electricity beside the location-based account.
struct ElectricitySpec {
  std::vector<SupplySpec> supplies;
  Located residual, hourly;
  std::string residual_source;
  void fields(Fields& f);
};

struct AuxiliarySpec {
  std::string name;
  Place place;
  std::string group;
  double power_W = 0;
  ConsumesValue consumes;
  std::string note;
  bool estimate = false;
  void fields(Fields& f);
};

/// Every choice is said once, for the reader, the schema and `explain`.
namespace choices {
inline constexpr const char* shift_end[] = {"suspend", "finish"};
inline constexpr const char* crew_shift_end[] = {"suspend", "finish", "keep", "fit"};
inline constexpr const char* blocking[] = {"after", "before"};
inline constexpr const char* when_full[] = {"wait", "lose"};
inline constexpr const char* clock[] = {"calendar", "working", "count"};
inline constexpr const char* job[] = {"resume", "restart", "scrap"};
inline constexpr const char* scope[] = {"server", "station"};
inline constexpr const char* counted_from[] = {"end", "start"};
inline constexpr const char* confidence[] = {"estimate", "literature", "measured"};
}  // namespace choices

}  // namespace retwin

// The rules of what goes with what, one table for each part of a scenario.
#include "core/scenario/specs/goes_with.hpp"

#include <algorithm>
#include <limits>
#include <type_traits>

#include "core/scenario/specs/engine_units.hpp"
#include "core/scenario/specs/specs.hpp"

namespace retwin {
namespace {

/// Whether the unit is one of the engine's with some property.
template <class T>
bool has(const StationSpec& s, T EngineUnit::*property) {
  const EngineUnit* unit = engine_unit(s.unit);
  return unit != nullptr && unit->*property;
}
bool is(const StationSpec& s, const EngineUnit& unit) { return s.unit == unit.name; }
bool transport(const StationSpec& s) { return has(s, &EngineUnit::transport); }
bool lots_pass(const StationSpec& s) { return has(s, &EngineUnit::lots_pass); }
bool unlimited_servers(const StationSpec& s) {
  return s.servers ? *s.servers == std::numeric_limits<std::int64_t>::max() : has(s, &EngineUnit::unlimited_servers);
}
/// Where each shift tells its units, the count of the pool can only repeat them: the largest, or up to all together.
bool units_agree(const ResourceSpec& r) {
  double most = 0, all = 0;
  for (const auto& [calendar, units] : r.shifts.shifts()) most = std::max(most, units), all += units;
  return !r.shifts.given() || r.shifts.shifts().front().second < 0 || (most <= r.count && r.count <= all);
}
bool counted(const BatchSpec& b) { return b.count || b.kg || b.m3; }
bool joined(const BatchSpec& b) { return b.siblings || b.parts.given(); }
bool by_jobs(const FailureSpec& f) { return f.after_jobs.given(); }
/// Whether it can come while a job is in hand.
bool breaks_in(const FailureSpec& f) { return !by_jobs(f) && f.clock != 2; }

/// Whether any attended work holds what the station needs.
bool takes_crew(const StationSpec& s) {
  return s.phases.empty() || std::any_of(s.phases.begin(), s.phases.end(), [](const PhaseSpec& p) { return p.attended && !p.needs.given(); });
}

constexpr auto by_count_or_mass = [](const StationSpec& s) { return counted(s.batch); };
constexpr auto own_times = [](const StationSpec& s) { return !transport(s); };
constexpr const char* of_own_times = "every unit but conveyor and vehicles, whose speed tells the time";
constexpr auto vehicles = [](const StationSpec& s) { return is(s, unit::vehicles); };
constexpr const char* batch_rule = "batch.count, batch.mass or batch.volume";
/// Whether batches are of one kind, the one that setups are by.
bool one_kind(const StationSpec& s) { return !s.batch.by.empty() && (s.setup.by.empty() || s.setup.by.text == s.batch.by.text); }
constexpr auto campaigns = [](const StationSpec& s) { return s.dispatch.rule() == Dispatch::campaign; };

constexpr GoesWith<StationSpec> of_stations[] = {
    {"duration", of_own_times, own_times},
    {"phases", of_own_times, own_times},
    {"throughput", of_own_times, own_times},
    {"volume_rate", of_own_times, own_times},
    {"effort", "duration or phases", [](const StationSpec& s) { return s.duration.given() || !s.phases.empty(); }},
    {"density", "volume_rate, batch.volume or a buffer by volume",
     [](const StationSpec& s) { return s.volume_rate_m3_per_s || s.batch.m3 || s.buffer.m3() >= 0; }},
    {"length", "unit: conveyor", [](const StationSpec& s) { return is(s, unit::conveyor); }},
    {"speed", "unit: conveyor or vehicles", transport},
    {"load_time", "unit: vehicles", vehicles},
    {"unload_time", "unit: vehicles", vehicles},
    {"distances", "unit: vehicles", vehicles},
    {"one_at_a_time", "unit: plan", [](const StationSpec& s) { return is(s, unit::plan); }},
    {"needs", "a phase that is attended and names no needs of its own", takes_crew},
    {"at_shift_end", "calendar", [](const StationSpec& s) { return !s.calendar.empty(); }},
    {"changeover_needs", "changeover", [](const StationSpec& s) { return s.changeover.given(); }},
    {"dispatch", "single lots; of batches by count or mass, campaign and batch.by, which is that of a setup too",
     [](const StationSpec& s) { return !s.batch.given || (campaigns(s) && counted(s.batch) && one_kind(s)); }},
    {"given_up", "patience", [](const StationSpec& s) { return s.patience.given(); }},
    {"campaign.longest", "dispatch: campaign", campaigns},
    {"campaign.least", "dispatch: campaign", campaigns},
    {"completes", "lots that pass one by one: a process, delay or conveyor without batch.merge, siblings or parts",
     [](const StationSpec& s) { return lots_pass(s) && !s.batch.merge && !joined(s.batch); }},
    {"batch.volume", "no batch.mass", [](const StationSpec& s) { return !s.batch.kg; }},
    {"batch.least", batch_rule, by_count_or_mass},
    {"batch.by", batch_rule, by_count_or_mass},
    {"batch.longest_wait", batch_rule, by_count_or_mass},
    {"batch.merge", "batch.count, mass or volume (siblings and parts always merge) of a process, delay or conveyor",
     [](const StationSpec& s) { return counted(s.batch) && lots_pass(s); }},
    {"batch.keep_parent", "batch.merge (siblings always do)", [](const StationSpec& s) { return s.batch.merge && !s.batch.siblings; }},
    {"batch.kind", "batch.merge, siblings or parts, of a process, delay or conveyor",
     [](const StationSpec& s) { return (s.batch.merge || joined(s.batch)) && lots_pass(s); }},
    {"buffer", "servers in number: where every lot finds one, none waits", [](const StationSpec& s) { return !unlimited_servers(s); },
     Severity::warning},
    {"setup_power", "setup or changeover", [](const StationSpec& s) { return s.setup.given || s.changeover.given(); }, Severity::warning},
    {"down_power", "fails or maintenance", [](const StationSpec& s) { return !s.fails.empty() || !s.maintenance.empty(); }, Severity::warning},
    {"off_power", "calendar", [](const StationSpec& s) { return !s.calendar.empty(); }, Severity::warning},
};

constexpr GoesWith<FailureSpec> of_failures[] = {
    {"every", "clock: calendar or working", breaks_in},
    {"at", "clock: calendar, in place of every", [](const FailureSpec& f) { return !f.every.given() && !by_jobs(f) && f.clock == 0; }},
    {"clock", "every; after_jobs is clock: count", [](const FailureSpec& f) { return !by_jobs(f) || f.clock == 2; }},
    {"job", "clock: calendar or working (after so many jobs none is in hand)", breaks_in},
    {"keep_crew", "job: resume or restart", [](const FailureSpec& f) { return f.job != 2 && breaks_in(f); }},
    {"scrap_to", "job: scrap", [](const FailureSpec& f) { return f.job == 2; }},
    {"counted_from", "clock: calendar, with every", [](const FailureSpec& f) { return !by_jobs(f) && f.clock == 0 && f.at.empty(); }},
};

constexpr GoesWith<RunSpec> of_runs[] = {
    {"warmup", "a run without an end of its own (terminating: false)",
     [](const RunSpec& r) { return !r.terminating || (r.warmup.s() == 0 && !r.warmup.to_be_found()); }},
    {"precision", "replications: auto", [](const RunSpec& r) { return r.replications.count() == 0; }},
    {"max_replications", "replications: auto", [](const RunSpec& r) { return r.replications.count() == 0; }},
};

constexpr GoesWith<ResourceSpec> of_resources[] = {
    {"at_shift_end", "shifts", [](const ResourceSpec& r) { return r.shifts.given(); }},
    {"count", "shifts by one calendar, or as many units as those of {day: 4, night: 2} at most: from 4 to 6", units_agree},
};

constexpr GoesWith<AttributeSpec> of_attributes[] = {
    {"unit", "numbers: no categories", [](const AttributeSpec& a) { return a.categories.empty(); }},
};

bool ends_after(const SourceSpec& s, double time_s) { return s.until_s <= 0 || time_s < s.until_s; }

constexpr auto one_by_one = [](const SourceSpec& s) { return !s.saturated; };
constexpr const char* not_saturated = "every kind of arrivals but saturated";
constexpr GoesWith<SourceSpec> of_sources[] = {
    {"repeat", "at or trace", [](const SourceSpec& s) { return !s.at.empty() || !s.trace.empty(); }},
    {"first", "every or rate, and a later until", [](const SourceSpec& s) { return (s.every.given() || s.rate_per_s) && ends_after(s, *s.first_s); }},
    {"from", "a later until", [](const SourceSpec& s) { return ends_after(s, s.from_s); }},
    {"batch", not_saturated, one_by_one},
    {"when_full", not_saturated, one_by_one},
    {"group", "consumes", [](const SourceSpec& s) { return s.consumes.given(); }},
};

constexpr GoesWith<SinkSpec> of_sinks[] = {
    {"estimate", "consumes", [](const SinkSpec& s) { return s.consumes.given(); }},
};

constexpr GoesWith<TankSpec> of_tanks[] = {
    {"to", "a bleed above 0, or a capacity", [](const TankSpec& t) { return t.bleed > 0 || t.capacity_kg; }, Severity::warning},
};

template <class Spec>
constexpr auto& rules() {
  if constexpr (std::is_same_v<Spec, StationSpec>) return of_stations;
  else if constexpr (std::is_same_v<Spec, FailureSpec>) return of_failures;
  else if constexpr (std::is_same_v<Spec, RunSpec>) return of_runs;
  else if constexpr (std::is_same_v<Spec, ResourceSpec>) return of_resources;
  else if constexpr (std::is_same_v<Spec, AttributeSpec>) return of_attributes;
  else if constexpr (std::is_same_v<Spec, SinkSpec>) return of_sinks;
  else if constexpr (std::is_same_v<Spec, TankSpec>) return of_tanks;
  else return of_sources;
}

/// The node at a path within a map, null if it is not given.
const Node* given_at(const Node* node, std::string_view path) {
  while (node != nullptr && !path.empty()) {
    const auto dot = path.find('.');
    node = node->find(std::string(path.substr(0, dot)));
    path = dot == std::string_view::npos ? std::string_view() : path.substr(dot + 1);
  }
  return node == nullptr || node->is_null() ? nullptr : node;
}

/// Whether something within the part is wrong already: what it goes with may only have been misread.
bool reported(const Problems& problems, const std::string& path) {
  return std::any_of(problems.all().begin(), problems.all().end(), [&](const Problem& p) {
    return p.severity == Severity::error && (p.path == path || p.path.starts_with(path + "."));
  });
}

}  // namespace

template <class Spec>
void check_company(Fields& f, const Spec& spec) {
  if (f.node() == nullptr || f.problems() == nullptr || reported(*f.problems(), f.path())) return;
  for (const GoesWith<Spec>& rule : rules<Spec>()) {
    const Node* node = given_at(f.node(), rule.field);
    if (node == nullptr || rule.holds(spec)) continue;
    const std::string path = f.path() + "." + rule.field, message = std::string(rule.field) + " says nothing here";
    const std::string hint = std::string("it goes with ") + rule.with;
    if (rule.severity == Severity::error) f.problems()->error(Code::conflict, node->place, path, message, hint);
    else f.problems()->warning(Code::conflict, node->place, path, message, hint);
  }
}

template <class Spec>
std::string company_of(const std::string& prefix) {
  std::string out;
  for (const GoesWith<Spec>& rule : rules<Spec>()) out += "  " + prefix + rule.field + ": " + rule.with + "\n";
  return out;
}

#define RETWIN_COMPANY(Spec)                                  \
  template void check_company<Spec>(Fields&, const Spec&); \
  template std::string company_of<Spec>(const std::string&);
RETWIN_COMPANY(StationSpec)
RETWIN_COMPANY(FailureSpec)
RETWIN_COMPANY(RunSpec)
RETWIN_COMPANY(ResourceSpec)
RETWIN_COMPANY(AttributeSpec)
RETWIN_COMPANY(SourceSpec)
RETWIN_COMPANY(SinkSpec)
RETWIN_COMPANY(TankSpec)
#undef RETWIN_COMPANY

}  // namespace retwin

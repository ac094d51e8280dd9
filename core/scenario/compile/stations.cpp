// Compiling stations: phases, batches, setups, failures, ports, energy, transports.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/scenario/compile/compiler.hpp"

namespace retwin {
namespace {

constexpr std::int64_t most_servers = 1'000'000;

/// Mass of a full batch [kg], 0 if it is not formed by mass or volume.
double batch_mass(const StationSpec& spec) {
  return spec.batch.kg ? *spec.batch.kg : spec.batch.m3 ? *spec.batch.m3 * spec.density_kg_per_m3 : 0;
}

}  // namespace

void Compiler::compile_station(const StationPart& part, Station& station) {
  const StationSpec& spec = part.spec;
  const std::string path = "stations." + spec.name;
  place_ = spec.place;
  path_ = path;
  station.unit = spec.unit;
  const EngineUnit* const known = engine_unit(spec.unit);
  if (known != nullptr) station.special = known->special;
  station.priority = static_cast<int>(spec.priority);
  station.group = spec.group;
  station.operation = part.operation;
  if (part.operation && part.operation->foreign())
    library_.uses_foreign("unit operation " + spec.unit, registry_.unit_operations.at(spec.unit).sha256);
  constexpr std::int64_t no_limit = std::numeric_limits<std::int64_t>::max();
  const std::int64_t servers = spec.servers.value_or(known != nullptr && known->unlimited_servers ? no_limit : 1);
  station.unlimited_servers = servers == no_limit;
  station.servers = station.unlimited_servers ? 1 : static_cast<Index>(std::min(servers, most_servers));
  if (!station.unlimited_servers && servers > most_servers)
    problems_.error(Code::range, spec.place, path + ".servers", "more than a million servers", "write unlimited");
  station.buffer_places = spec.buffer.places();
  station.buffer_kg = spec.buffer.m3() >= 0 ? spec.buffer.m3() * spec.density_kg_per_m3 : spec.buffer.kg();
  station.mixed = spec.buffer.mixed();
  station.finish_shift = spec.at_shift_end == 1;
  station.block_before = spec.blocking == 1;
  station.headway_s = spec.headway_s;
  if (spec.patience.given()) {
    station.patience = spec.patience.distribution();
    station.given_up = spec.given_up.empty() ? none : find_sink(spec.given_up.text);
    if (station.given_up == none)
      problems_.error(spec.given_up.empty() ? Code::missing : Code::unknown_name, spec.given_up.empty() ? spec.place : spec.given_up.place, path + ".given_up",
                      spec.given_up.empty() ? "where does a lot go that gives up?" : "there is no sink " + spec.given_up.text, "name a sink, as given_up: lost");
  }
  if (!spec.calendar.empty()) {
    station.calendar = calendar(spec.calendar, path + ".calendar");
    if (station.calendar != none && plant_->calendars[station.calendar].always()) station.calendar = none;
  }
  station.dispatch = spec.dispatch.rule();
  if (!spec.dispatch.key().empty()) {
    // a key may have any dimension: it is only compared with itself
    Problems attempt;
    for (const Dimension& dimension : {dimension::none, dimension::time, dimension::mass, dimension::energy}) {
      attempt = Problems();
      station.key = Expression::compile(spec.dispatch.key().text, *this, Expression::Result::number, dimension,
                                        spec.dispatch.key().place, path + ".dispatch", attempt);
      if (station.key) break;
    }
    if (!station.key) problems_.append(attempt);
  }
  station.campaign_s = spec.campaign_s;
  station.campaign_kg = spec.campaign_kg;
  if (known == &unit::conveyor) compile_conveyor(spec, station, path);
  if (known == &unit::vehicles) compile_vehicles(spec, station, path);
  compile_phases(part, station, path);
  compile_draws(spec, station, path);
  compile_batch(spec, station, path);
  compile_setup(spec, station, path);
  compile_effort(spec, station, path);
  station.changeover = duration(spec.changeover, path + ".changeover");
  station.changeover_needs = needs(spec.changeover_needs, path + ".changeover_needs", station.finish_shift ? none : station.calendar);
  compile_failures(spec, station, path);
  compile_routes(part, station, path);
  compile_energy(spec, station, path);
  if (known == &unit::plan) compile_plan_station(spec, station, path);
  if (!spec.completes.empty()) {
    station.special = Special::lap;
    station.lap_sink = find_sink(spec.completes.text);
    if (station.lap_sink == none)
      problems_.error(Code::unknown_name, spec.completes.place, path + ".completes", "there is no sink " + spec.completes.text);
  }
  if (station.unlimited_servers && (station.calendar != none || !station.failures.empty() || station.block_before))
    problems_.error(Code::conflict, spec.place, path, "unlimited servers have no calendar, no failures and no blocking before service",
                    "give a number of servers");
  const Batch& batch = station.batch;
  std::uint64_t gathered = 0;  // lots that must wait together before a job can start
  if (batch.rule == BatchRule::count && batch.longest_wait_s < 0) gathered = batch.least > 0 ? batch.least : batch.count;
  if (batch.rule == BatchRule::assembly)
    for (const auto& [of_kind, count] : batch.parts) gathered += count;
  if (gathered > 1 && station.buffer_places != unlimited && gathered > station.buffer_places && !station.unlimited_servers)
    problems_.error(Code::range, spec.place, path + ".batch",
                    fmt::format("{} lots must gather before a job starts, but the buffer has {} places", gathered, station.buffer_places),
                    fmt::format("write buffer: {}{}", gathered,
                                batch.rule == BatchRule::count ? ", or batch.longest_wait, after which it starts with what there is" : ""));
}

void Compiler::compile_phases(const StationPart& part, Station& station, const std::string& path) {
  const StationSpec& spec = part.spec;
  const Index open = station.finish_shift ? none : station.calendar;  // when attended work goes on
  const std::vector<Need> crew = needs(spec.needs, path + ".needs", open);
  int ways = (spec.duration.given() ? 1 : 0) + (spec.phases.empty() ? 0 : 1) + (spec.throughput_kg_per_s ? 1 : 0) +
             (spec.volume_rate_m3_per_s ? 1 : 0);
  if (part.operation && part.operation->has_duration()) ++ways;
  if (ways > 1)
    problems_.error(Code::conflict, spec.place, path, "duration, phases, throughput, volume_rate and a unit's own rate exclude one another");
  station.mean_s = 0;
  for (std::size_t k = 0; k < spec.phases.size(); ++k) {
    const PhaseSpec& p = spec.phases[k];
    WorkPhase phase;
    phase.name = p.name;
    phase.duration = duration(p.duration, path + ".phases." + std::to_string(k) + ".duration");
    phase.attended = p.attended;
    phase.needs = p.needs.given() ? needs(p.needs, path + ".phases." + std::to_string(k) + ".needs", p.attended ? open : none)
                                  : (p.attended ? crew : std::vector<Need>{});
    station.mean_s += phase.duration.distribution ? phase.duration.distribution->mean() : std::numeric_limits<double>::quiet_NaN();
    station.phases.push_back(std::move(phase));
  }
  if (spec.phases.size() > 40) problems_.error(Code::range, spec.place, path + ".phases", "at most 40 phases");
  if (!station.phases.empty()) return;
  WorkPhase phase;
  phase.needs = crew;
  phase.duration = duration(spec.duration, path + ".duration");
  station.mean_s = std::numeric_limits<double>::quiet_NaN();
  if (phase.duration.distribution) {
    station.mean_s = phase.duration.distribution->mean();
  } else if (!phase.duration.expression) {
    station.throughput_kg_per_s = spec.throughput_kg_per_s.value_or(0);
    station.throughput_m3_per_s = spec.volume_rate_m3_per_s.value_or(0);
    station.density = spec.density_kg_per_m3;
    const double batch_kg = batch_mass(spec);
    if (spec.throughput_kg_per_s && batch_kg > 0) station.mean_s = batch_kg / *spec.throughput_kg_per_s;
    if (spec.volume_rate_m3_per_s && batch_kg > 0) station.mean_s = batch_kg / spec.density_kg_per_m3 / *spec.volume_rate_m3_per_s;
    station.duration_from_operation = part.operation && part.operation->has_duration();
    const EngineUnit* const unit = engine_unit(spec.unit);
    const bool own_time = unit != nullptr && unit->time_s != nullptr;
    const bool known = ways > 0 || station.duration_from_operation || own_time || (unit != nullptr && unit->transport);
    if (own_time) phase.duration.distribution = Distribution::constant(station.mean_s = unit->time_s(spec));
    const bool tried = reported(path, {"unit", "duration", "throughput", "volume_rate", "phases"});
    if (!known && !spec.duration.given() && !tried)
      problems_.error(Code::missing, spec.place, path + ".duration", "how long does it take?", "add duration: 5 min, phases or throughput: 2 t/h");
  }
  station.phases.push_back(std::move(phase));
}

void Compiler::compile_effort(const StationSpec& spec, Station& station, const std::string& path) {
  if (spec.effort.empty()) return;
  station.effort = expression(spec.effort, Expression::Result::number, dimension::none, path + ".effort");
  const bool constant = station.effort && station.effort->is_constant();
  station.mean_s *= constant ? (*station.effort)(nullptr) : std::numeric_limits<double>::quiet_NaN();
}

void Compiler::compile_batch(const StationSpec& spec, Station& station, const std::string& path) {
  const BatchSpec& b = spec.batch;
  if (!b.given) return;
  Batch& batch = station.batch;
  const std::string at = path + ".batch";
  const int rules = (b.siblings ? 1 : 0) + (b.parts.given() ? 1 : 0) + (b.count || b.kg || b.m3 ? 1 : 0);
  if (rules != 1)
    problems_.error(rules == 0 ? Code::missing : Code::conflict, spec.place, at, "a batch is formed by count or mass, siblings, or parts",
                    "write one of them, for instance count: 4");
  batch.merge = b.merge || b.siblings || b.parts.given();
  batch.longest_wait_s = b.longest_wait_s.value_or(-1);
  batch.least = static_cast<Index>(b.least);
  batch.merge_keeps_parent = b.keep_parent || b.siblings;
  if (!b.kind.empty()) batch.kind = static_cast<Index>(kind(b.kind.text, false));
  if (!b.by.empty()) batch.by = category_slot(b.by, at + ".by");
  if (b.siblings) {
    batch.rule = BatchRule::siblings;
  } else if (b.parts.given()) {
    batch.rule = BatchRule::assembly;
    for (const auto& [name, count] : b.parts.needs()) {
      if (count != std::floor(count)) problems_.error(Code::range, name.place, at + ".parts", "parts come in whole numbers");
      batch.parts.emplace_back(static_cast<Index>(kind(name.text, false)), static_cast<Index>(count));
    }
  } else if (b.kg || b.m3) {
    batch.rule = BatchRule::mass;
    batch.kg = batch_mass(spec);
    batch.count = b.count ? static_cast<Index>(*b.count) : unlimited;
    if (station.buffer_kg >= 0 && station.buffer_kg < batch.kg && batch.longest_wait_s < 0)
      problems_.error(Code::range, spec.place, at + ".mass", "the buffer holds less than a batch");
  } else if (b.count) {
    batch.rule = BatchRule::count;
    batch.count = static_cast<Index>(*b.count);
    if (batch.least > batch.count) problems_.error(Code::range, spec.place, at + ".least", "the smallest batch is larger than a full one");
  }
}

void Compiler::compile_setup(const StationSpec& spec, Station& station, const std::string& path) {
  if (station.dispatch == Dispatch::campaign && !spec.setup.given && spec.batch.by.empty())
    problems_.error(Code::missing, spec.place, path + ".dispatch", "a campaign needs setup.by or batch.by: of what kind?");
  if (!spec.setup.given) return;
  const SetupSpec& s = spec.setup;
  if (s.by.empty()) {
    problems_.error(Code::missing, spec.place, path + ".setup.by", "which attribute's change needs the setup?", "add by: grade");
    return;
  }
  Setup& setup = station.setup;
  setup.by = category_slot(s.by, path + ".setup.by");
  setup.time = s.time.distribution();
  setup.first = s.first;
  setup.ready_first = s.ready_first;
  setup.needs = needs(s.needs, path + ".setup.needs", station.finish_shift ? none : station.calendar);
  if (setup.by < 0 || !s.matrix.given()) {
    if (!s.time.given() && !s.matrix.given()) problems_.error(Code::missing, spec.place, path + ".setup.time", "a setup needs a time or a matrix");
    return;
  }
  const auto& names = categories(setup.by);
  if (names.size() > most_in_table)
    return problems_.error(Code::range, s.by.place, path + ".setup.matrix", "a matrix of more than 1000 values", "give a time for any change");
  const std::size_t n = names.size() + 1;  // keys count from 1; 0 is an unknown value
  setup.matrix.assign(n * n, std::nullopt);
  const auto index = [&](const Located& name) -> std::size_t {
    const auto it = std::find(names.begin(), names.end(), name.text);
    if (it == names.end()) {
      const std::string near = nearest(name.text, names);
      problems_.error(Code::unknown_name, name.place, path + ".setup.matrix", s.by.text + " has no value " + name.text,
                      near.empty() ? "" : "did you mean " + near + "?");
      return 0;
    }
    return static_cast<std::size_t>(it - names.begin()) + 1;
  };
  for (const TableValue::Cell& cell : s.matrix.cells()) {
    const std::size_t row = index(cell.row), column = index(cell.column);
    if (row == column && row > 0 && cell.value > 0)
      problems_.warning(Code::conflict, cell.column.place, path + ".setup.matrix", "from " + cell.row.text + " to " + cell.row.text +
                        " nothing is set up: this time is not used", "time between any two jobs is a changeover");
    if (row > 0 && column > 0) setup.matrix[row * n + column] = Distribution::constant(cell.value);
  }
  std::string gaps;
  int missing = 0;
  for (std::size_t row = 1; row < n; ++row)
    for (std::size_t column = 1; column < n; ++column) {
      if (row == column || setup.matrix[row * n + column]) continue;
      if (++missing <= 6) gaps += (missing > 1 ? ", " : "") + names[row - 1] + " to " + names[column - 1];
    }
  if (setup.time) {
    if (missing == 0 && !setup.first)
      problems_.warning(Code::conflict, s.by.place, path + ".setup.time", "the matrix names every change: this time is not used", "leave it out");
    return;
  }
  if (missing > 6) gaps += " and " + std::to_string(missing - 6) + " more";
  if (missing > 0)
    problems_.warning(Code::missing, s.by.place, path + ".setup.matrix", "no setup time is given from " + gaps + ": none is taken",
                      "give them, or a time for all other changes: time: 10 min");
  if (setup.first)
    problems_.warning(Code::missing, s.by.place, path + ".setup.first", "the matrix has no time for the first setup: none is taken",
                      "add time: 10 min");
}

void Compiler::compile_failures(const StationSpec& spec, Station& station, const std::string& path) {
  std::vector<FailureSpec> modes = spec.fails;
  modes.insert(modes.end(), spec.maintenance.begin(), spec.maintenance.end());
  for (const FailureSpec& f : modes) {
    const std::string at = path + (f.maintenance ? ".maintenance." : ".fails.") + f.name;
    FailureMode mode;
    mode.name = f.name;
    mode.clock = f.after_jobs.given() ? FailureClock::count : static_cast<FailureClock>(f.clock);
    mode.every = {mode.clock == FailureClock::count ? f.after_jobs.distribution() : f.every.distribution(), std::nullopt};
    mode.repair = {f.repair.distribution(), std::nullopt};
    for (const TraceRow& row : times(f.at, at + ".at")) mode.at_s.push_back(row.time_s);
    if (!mode.at_s.empty() && mode.at_s.front() < 0) problems_.error(Code::range, f.at.front().place, at + ".at", "a time lies before the start of the run");
    mode.fate = static_cast<JobFate>(f.job);
    mode.keep_crew = f.keep_crew;
    mode.planned = f.maintenance;
    mode.renews = f.renews;
    if (f.renews && (!station.operation || station.operation->memory().empty()))
      problems_.error(Code::conflict, f.place, at + ".renews", "the unit of this station remembers nothing", "leave renews out");
    mode.from_repair = f.counted_from == 0 && f.at.empty();
    mode.whole_station = f.scope == 1;
    mode.needs = needs(f.needs, at + ".needs");
    mode.stream = stream_id(spec.name + " fails " + f.name);
    if (!mode.every.given() && f.at.empty())
      problems_.error(Code::missing, f.place, at, "how often?", mode.clock == FailureClock::count ? "add after_jobs: 100" : "add every: {exponential: 8 h}");
    if (!mode.repair.given()) problems_.error(Code::missing, f.place, at, "how long does it take?", "add repair: 10 min");
    if (mode.every.distribution && !(mode.every.distribution->mean() > 0))
      problems_.error(Code::range, f.place, at, "the time between failures must be positive");
    if (mode.whole_station && mode.clock != FailureClock::calendar)
      problems_.error(Code::conflict, f.place, at, "a clock for the station as a whole counts calendar time", "leave scope out, or clock");
    if (mode.fate == JobFate::scrap) {
      mode.scrap_sink = find_sink(f.scrap_to.empty() ? "scrap" : f.scrap_to.text);
      if (mode.scrap_sink == none) problems_.error(Code::unknown_name, f.scrap_to.place, at + ".scrap_to", "there is no sink " + f.scrap_to.text);
    }
    station.failures.push_back(std::move(mode));
  }
  if (station.failures.size() > 16) problems_.error(Code::range, spec.place, path + ".fails", "at most 16 failure modes");
}

void Compiler::compile_routes(const StationPart& part, Station& station, const std::string& path) {
  const StationSpec& spec = part.spec;
  station.ports = part.operation ? part.operation->ports() : std::vector<PortInfo>{{"out", "what was worked on", false}};
  const EngineUnit* const known = engine_unit(spec.unit);
  const bool transport = known != nullptr && known->transport, steps = known != nullptr && known->steps_port != nullptr;
  if (steps) station.ports.push_back({"steps", known->steps_port, true});
  station.routes.resize(station.ports.size());
  std::vector<bool> connected(station.ports.size(), false);
  std::vector<std::string> port_names;
  for (const PortInfo& port : station.ports) port_names.push_back(port.name);
  for (const auto& [port, route_spec] : spec.to.ports()) {
    if (port.empty()) {  // one route for all ports
      for (std::size_t k = 0; k < station.routes.size(); ++k) {
        station.routes[k] = route(route_spec, path + ".to");
        connected[k] = true;
      }
      continue;
    }
    const auto it = std::find(port_names.begin(), port_names.end(), port.text);
    if (it == port_names.end()) {
      const std::string near = nearest(port.text, port_names);
      std::string list;
      for (const std::string& name : port_names) list += (list.empty() ? "ports: " : ", ") + name;
      problems_.error(Code::port, port.place, path + ".to", spec.unit + " has no port " + port.text,
                      near.empty() ? list : "did you mean " + near + "?");
      continue;
    }
    const auto k = static_cast<std::size_t>(it - port_names.begin());
    station.routes[k] = route(route_spec, path + ".to." + port.text);
    connected[k] = true;
  }
  if (steps) {
    route_steps(station, path);
    connected[1] = true;
  }
  const bool misnamed = reported(path, {"to"});
  for (std::size_t k = 0; k < connected.size(); ++k) {
    if (connected[k] || misnamed) continue;
    RouteOption nowhere;
    nowhere.target = plant_->sink_node(find_sink("unconnected"));
    if (station.ports[k].optional || transport) {
      station.routes[k].options.push_back(nowhere);
      continue;
    }
    problems_.error(Code::port, spec.place, path + ".to", "port " + station.ports[k].name + " leads nowhere",
                    "add to: " + (station.ports.size() > 1 ? "{" + station.ports[k].name + ": name}" : std::string("name")));
  }
}

void Compiler::use_flows(const ConsumesValue& value, const std::string& path, std::vector<Consumption>& out) {
  for (const ConsumesValue::Use& use : value.uses()) {
    place_ = use.flow.place;
    path_ = path + "." + use.flow.text;
    Consumption c;
    c.flow = static_cast<Index>(flow(use.flow.text, use.dimension));
    c.per_job = use.per_job;
    c.per_kg = use.per_kg;
    c.per_s[static_cast<std::size_t>(ServerState::working)] = use.working;
    c.per_s[static_cast<std::size_t>(ServerState::waiting_utility)] = use.working;
    c.per_s[static_cast<std::size_t>(ServerState::off_shift)] = use.off;
    for (ServerState s : {ServerState::starved, ServerState::blocked, ServerState::setup, ServerState::waiting_resource, ServerState::waiting_digital,
                          ServerState::down, ServerState::maintenance})
      c.per_s[static_cast<std::size_t>(s)] = use.idle;
    out.push_back(c);
  }
}

void Compiler::compile_energy(const StationSpec& spec, Station& station, const std::string& path) {
  const double idle = spec.idle_power_W.value_or(0);
  const auto set = [&](ServerState s, double watt) { station.power_W[static_cast<std::size_t>(s)] = watt; };
  set(ServerState::working, spec.power_W);
  set(ServerState::setup, spec.setup_power_W.value_or(idle));
  for (ServerState s : {ServerState::starved, ServerState::blocked, ServerState::waiting_resource, ServerState::waiting_digital}) set(s, idle);
  set(ServerState::waiting_utility, spec.power_W);  // it is at work, if slowly
  for (ServerState s : {ServerState::down, ServerState::maintenance}) set(s, spec.down_power_W.value_or(0));
  set(ServerState::off_shift, spec.off_power_W);
  station.energy_J_per_job = spec.energy_per_job_J;
  station.energy_J_per_kg = spec.energy_per_mass_J_per_kg;
  use_flows(spec.consumes, path + ".consumes", station.consumption);
}

}  // namespace retwin

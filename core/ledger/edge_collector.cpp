// Follows the states of all servers: in a job, work and setup are the job's; all else is its station's, for that week.
#include "core/ledger/edge_collector.hpp"

#include <algorithm>
#include <cmath>

#include "core/base/constants.hpp"
#include "core/base/files.hpp"
#include "core/ledger/rules_and_prices.hpp"
#include "core/ledger/totals.hpp"

namespace retwin {
namespace {

constexpr std::int64_t days_to_monday = 3;  // 1970-01-01 was a Thursday
const std::string section = "edges";

bool of_job(ServerState state) { return state == ServerState::working || state == ServerState::setup || state == ServerState::waiting_utility; }

}  // namespace

EdgeCollector::EdgeCollector(const Plant& plant, const Reporting& reporting, const State& begin, EdgeWriter::Sink sink)
    : plant_(&plant),
      writer_([this, sink = std::move(sink)](std::string_view block, std::size_t jobs) {
        hashes_ += sha256_hex(block);
        sink(block, jobs);
      }),
      weeks_(plant.n_stations()) {
  summary_.structure_hash = plant.structure_hash;
  summary_.begin_s = begin.now;
  passing_.resize(Totals::place_of_auxiliary(plant, 0));
  for (const Passing& passing : reporting.passing) {
    auto& rates = passing_[passing.source ? plant.source_node(passing.node) : plant.sink_node(passing.node)];
    rates.insert(rates.end(), passing.rates.begin(), passing.rates.end());
  }
  read_prices(plant, reporting);
  for (const PoolState& pool : begin.pools) on_duty_.emplace_back(pool.capacity, begin.now);
  summary_.used.assign(passing_.size(), std::vector<double>(plant.flows.size() + summary_.paid.size()));
  summary_.in_hand = summary_.used;
  for (const LevelIntegral& use : begin.accounts.standing) standing_.push_back({begin.now, use.level()});
  read_rates(plant);
  for (Index k = 0; k < begin.servers.size(); ++k) {
    Working& mine = server(begin.server_station[k], k, begin.now);
    mine.state = begin.servers[k].shown;
    mine.job = begin.servers[k].job != none && begin.servers[k].stage != Stage::finished;
  }
  turn_week(begin.now);
}

void EdgeCollector::read_prices(const Plant& plant, const Reporting& reporting) {
  paid_.resize(passing_.size());
  if (!reporting.accounts) return;
  for (const PriceLine& line : reporting.accounts->prices) {
    if (line.of == PriceLine::Of::flow || line.of == PriceLine::Of::fixed) continue;
    const auto flow = static_cast<Index>(plant.flows.size() + summary_.paid.size());
    summary_.paid.push_back(line.name);
    if (line.of == PriceLine::Of::labour) people_.push_back({line.index, flow, line.during});
    else paid_[line.of == PriceLine::Of::source ? plant.source_node(line.index) : plant.sink_node(line.index)].push_back({flow, line.per_lot != 0 ? std::vector<double>() : line.share});
  }
}

void EdgeCollector::read_rates(const Plant& plant) {
  rates_.assign(plant.n_stations(), {});
  for (Index k = 0; k < plant.n_stations(); ++k) {
    const Station& station = plant.stations[k];
    const auto rate_of = [&](Index flow) -> Rate& {
      for (Rate& rate : rates_[k])
        if (rate.flow == flow) return rate;
      return rates_[k].emplace_back(Rate{flow, {}});
    };
    const auto add = [&](Index flow, const double* per_s) {
      if (std::all_of(per_s, per_s + n_server_states, [](double x) { return x == 0; })) return;
      Rate& rate = rate_of(flow);
      for (std::size_t s = 0; s < n_server_states; ++s) rate.per_s[s] += per_s[s];
    };
    add(plant.electricity, station.power_W);
    for (const Consumption& consumption : station.consumption) add(consumption.flow, consumption.per_s);
  }
}

EdgeCollector::Working& EdgeCollector::server(Index station, Index number, double now) {
  if (number >= servers_.size()) servers_.resize(number + 1);
  Working& mine = servers_[number];
  if (mine.station == none) mine.station = station, mine.since = now, mine.used.resize(rates_[station].size());
  return mine;
}

// --- time ----------------------------------------------------------------------------------------------------------------------

std::int64_t EdgeCollector::week_of(double now) const {
  const double days = static_cast<double>(plant_->day0 + days_to_monday) + (plant_->clock0_s + now) / day_s;
  return static_cast<std::int64_t>(std::floor(days / 7));
}

double EdgeCollector::end_of(std::int64_t week) const {
  return static_cast<double>(week + 1) * week_s - static_cast<double>(plant_->day0 + days_to_monday) * day_s - plant_->clock0_s;
}

/// Edges of another week begin.
void EdgeCollector::turn_week(double now) {
  if (week_known_ && now < week_ends_) return;
  const std::int64_t week = week_of(now);
  edge_.clear();
  edge_.kind = EdgeKind::week;
  edge_.week = week;
  edge_.place = week_known_ ? static_cast<std::uint32_t>(week - week_) : 0;
  writer_.write(edge_);
  week_ = week;
  week_ends_ = end_of(week);
  week_known_ = true;
}

StationWeek& EdgeCollector::this_week(Index station) {
  auto& weeks = weeks_[station];
  if (weeks.empty() || weeks.back().first < week_) weeks.push_back({week_, {}});
  return weeks.back().second;
}

/// A use that belongs to no job, week by week.
void EdgeCollector::spread(Index station, Index flow, double per_s, double begin_s, double end_s) {
  while (begin_s < end_s) {
    const std::int64_t week = week_of(begin_s);
    double ends = end_of(week);
    if (!(ends > begin_s)) ends = end_s;
    const double until = std::min(ends, end_s);
    auto& weeks = weeks_[station];
    auto found = std::find_if(weeks.rbegin(), weeks.rend(), [&](const auto& w) { return w.first <= week; });
    if (found == weeks.rend() || found->first != week) {
      const auto at = weeks.insert(found.base(), {week, {}});
      found = std::make_reverse_iterator(at + 1);
    }
    auto& flows = found->second.flows;
    auto part = std::find_if(flows.begin(), flows.end(), [&](const Part& p) { return p.of == flow; });
    if (part == flows.end()) part = flows.insert(flows.end(), {static_cast<std::uint16_t>(flow), 0});
    part->amount += per_s * (until - begin_s);
    begin_s = until;
  }
}

/// Counts the stretch of a server up to now.
void EdgeCollector::settle(Working& mine, double now) {
  if (mine.since >= now) return;
  const auto& rates = rates_[mine.station];
  for (Index k = 0; k < rates.size(); ++k) {
    const double per_s = rates[k].per_s[static_cast<std::size_t>(mine.state)];
    if (per_s == 0) continue;
    const double used = per_s * (now - mine.since);
    summary_.used[mine.station][rates[k].flow] += used;
    if (mine.job && of_job(mine.state)) {
      mine.used[k] += used;
    } else {
      spread(mine.station, rates[k].flow, per_s, mine.since, now);
    }
  }
  mine.since = now;
}

void EdgeCollector::state_changed(double now, Index station, Index number, ServerState, ServerState to) {
  if (rates_[station].empty()) return;
  Working& mine = server(station, number, now);
  settle(mine, now);
  mine.state = to;
}

/// What is used whatever jobs there are falls to the station where it stands, and to none of its jobs.
void EdgeCollector::settle_standing(Index which, double now) {
  Standing& use = standing_[which];
  const auto& [station, flow] = plant_->standing[which];
  if (station != none && use.per_s != 0 && now > use.since) {
    summary_.used[station][flow] += use.per_s * (now - use.since);
    spread(station, flow, use.per_s, use.since, now);
  }
  use.since = now;
}

void EdgeCollector::standing_use(double now, Index which, double per_s) {
  settle_standing(which, now);
  standing_[which].per_s = per_s;
}

void EdgeCollector::plant_changed(double now, const Plant& plant) {
  for (Index which = 0; which < standing_.size(); ++which) settle_standing(which, now);
  for (Working& mine : servers_)
    if (mine.station != none) {
      settle(mine, now);
      if (mine.job) give_back(mine, now);  // what it used so far, before its station's rates are others
    }
  plant_ = &plant;
  read_rates(plant);
  for (Working& mine : servers_)
    if (mine.station != none) mine.used.assign(rates_[mine.station].size(), 0.0), mine.since = now;
}

void EdgeCollector::crew_changed(double now, Index pool, double, double on_duty) {
  if (on_duty != on_duty_[pool].level()) on_duty_[pool].set(now, on_duty);
}

/// What a job has used falls to its station.
void EdgeCollector::give_back(Working& mine, double now) {
  for (Index k = 0; k < mine.used.size(); ++k) {
    if (mine.used[k] != 0) spread(mine.station, rates_[mine.station][k].flow, mine.used[k], now - 1, now);
    mine.used[k] = 0;
  }
}

// --- jobs ----------------------------------------------------------------------------------------------------------------------

void EdgeCollector::job_started(const JobRecord& job) {
  if (rates_[job.station].empty()) return;
  Working& mine = server(job.station, job.server, job.now);
  settle(mine, job.now);
  mine.job = true;
}

void EdgeCollector::job_scrapped(const JobRecord& job) {
  used_up_.clear();
  if (rates_[job.station].empty()) return;
  Working& mine = server(job.station, job.server, job.now);
  settle(mine, job.now);
  mine.job = false;
  give_back(mine, job.now);
}

void EdgeCollector::take_flows(const JobRecord& job) {
  for (const Amount& m : job.metered) {
    edge_.flows.push_back({static_cast<std::uint16_t>(m.of), m.amount});
    summary_.used[job.station][m.of] += m.amount;
  }
  take_people(job);
  const auto& rates = rates_[job.station];
  if (rates.empty()) return;
  Working& mine = server(job.station, job.server, job.now);
  settle(mine, job.now);
  mine.job = false;
  for (Index k = 0; k < rates.size(); ++k) {
    if (mine.used[k] != 0) edge_.flows.push_back({static_cast<std::uint16_t>(rates[k].flow), mine.used[k]});
    mine.used[k] = 0;
  }
}

/// Time that people who are paid gave to a job.
void EdgeCollector::take_people(const JobRecord& job) {
  for (const auto& [pool, flow, during] : people_) {
    double time_s = 0;
    for (const WorkStretch& stretch : job.stretches)
      for (const CrewPart& part : job.crew_of(stretch))
        if (part.pool == pool) time_s += part.count * (during ? during->on_time(stretch.begin_s, stretch.end_s) : stretch.end_s - stretch.begin_s);
    if (time_s == 0) continue;
    edge_.flows.push_back({static_cast<std::uint16_t>(flow), time_s});
    summary_.used[job.station][flow] += time_s;
  }
}

void EdgeCollector::add_masses(EdgeLot& lot, std::span<const double> kg) {
  lot.first_part = static_cast<std::uint32_t>(edge_.masses.size());
  for (std::size_t c = 0; c < kg.size(); ++c)
    if (kg[c] > 0) edge_.masses.push_back({static_cast<std::uint16_t>(c), kg[c]});
  lot.parts = static_cast<std::uint32_t>(edge_.masses.size()) - lot.first_part;
}

/// Whether each lot goes on as it came; one that stands for a step of a plan has no matter to change.
bool EdgeCollector::passes(const JobRecord& job) const {
  if (!job.created.empty() || !job.transmuted.empty() || job.outputs.size() != job.inputs.size()) return false;
  for (const JobOutput& output : job.outputs)
    if (!output.passed || output.ancestors != 1 || job.ancestors_of(output)[0].lot != output.id) return false;
  return true;
}

void EdgeCollector::add_inputs(const JobRecord& job, bool masses) {
  for (std::size_t k = 0; k < job.inputs.size(); ++k) {
    const JobLot& input = job.inputs[k];
    EdgeLot& lot = edge_.inputs.emplace_back(EdgeLot{input.itself, input.kg, input.kind});
    if (masses && input.id == input.itself) add_masses(lot, job.masses_in(k));
  }
}

void EdgeCollector::add_outputs(const JobRecord& job) {
  const auto itself = [&](std::uint64_t id) {
    for (std::size_t k = 0; k < job.inputs.size(); ++k)
      if (job.inputs[k].id == id) return k;
    return job.inputs.size();
  };
  for (std::size_t k = 0; k < job.outputs.size(); ++k) {
    const JobOutput& output = job.outputs[k];
    EdgeLot lot{output.id, output.kg, output.kind};
    if (output.passed)
      if (const std::size_t input = itself(output.id); input < job.inputs.size() && job.inputs[input].itself != output.id) {
        lot.id = job.inputs[input].itself;
        lot.kg = job.inputs[input].kg;
      }
    add_masses(lot, job.masses_out(k));
    lot.first_parent = static_cast<std::uint32_t>(edge_.parents.size());
    if (job.inputs.size() > 1 && output.ancestors < job.inputs.size())
      for (const Ancestor& ancestor : job.ancestors_of(output))
        if (const std::size_t input = itself(ancestor.lot); input < job.inputs.size()) edge_.parents.push_back(static_cast<std::uint32_t>(input));
    lot.parents = static_cast<std::uint32_t>(edge_.parents.size()) - lot.first_parent;
    edge_.outputs.push_back(lot);
  }
}

void EdgeCollector::job_finished(const JobRecord& job) {
  turn_week(job.now);
  edge_.clear();
  edge_.place = job.station;
  take_flows(job);
  ++summary_.jobs;
  ++this_week(job.station).jobs;
  if (passes(job)) {
    edge_.kind = EdgeKind::pass;
    add_inputs(job, false);
    used_up_.clear();
  } else {
    edge_.kind = plant_->stations[job.station].special == Special::unload ? EdgeKind::unload : EdgeKind::job;
    const bool plain = job.inputs.size() == 1 && job.created.empty() && job.transmuted.empty();
    add_inputs(job, !plain);  // of a single one they are the sum of what comes out
    add_outputs(job);
    for (const Amount& a : job.created) edge_.created.push_back({static_cast<std::uint16_t>(a.of), a.amount});
    for (const Amount& a : job.transmuted) edge_.transmuted.push_back({static_cast<std::uint16_t>(a.of), a.amount});
    used_up_.clear();
    for (const JobLot& input : job.inputs)
      if (std::none_of(job.outputs.begin(), job.outputs.end(), [&](const JobOutput& o) { return o.passed && o.id == input.id; }))
        used_up_.push_back(input.id);
  }
  next_used_up_ = 0;
  summary_.lots += edge_.inputs.size() + edge_.outputs.size();
  writer_.write(edge_);
}

/// What a lot uses where it comes from or goes to. @param lots that it counts as there @param times -1: it used nothing after all
void EdgeCollector::use_at(Index node, const Lot& lot, std::span<const double> kg, double lots, double times) {
  if (passing_[node].empty() && paid_[node].empty()) return;
  edge_.clear();
  edge_.kind = EdgeKind::pass;
  edge_.place = node;
  for (const Passing::Rate& rate : passing_[node]) {
    const double amount = times * Passing::amount(rate, *plant_, lots, [&](std::size_t c) { return c < kg.size() ? kg[c] : 0; });
    if (amount == 0) continue;
    edge_.flows.push_back({static_cast<std::uint16_t>(rate.flow), amount});
    summary_.used[node][rate.flow] += amount;
  }
  for (const Paid& paid : paid_[node]) {
    double amount = paid.share.empty() ? times * lots : 0;
    for (std::size_t c = 0; c < std::min(paid.share.size(), kg.size()); ++c) amount += times * paid.share[c] * kg[c];
    if (amount == 0) continue;
    edge_.flows.push_back({static_cast<std::uint16_t>(paid.flow), amount});
    summary_.used[node][paid.flow] += amount;
  }
  edge_.inputs.push_back({lot.id, lot.mass, lot.kind});
  if (!edge_.flows.empty()) writer_.write(edge_);
}

// --- lots ----------------------------------------------------------------------------------------------------------------------

void EdgeCollector::lot_made(const Birth& birth) {
  edge_.clear();
  if (birth.origin == Origin::split || birth.origin == Origin::tank) {
    if (birth.part == 1 && birth.station == none) used_up_.assign(1, birth.ancestors[0].lot), next_used_up_ = 0;
    edge_.kind = EdgeKind::split;
    edge_.part = birth.part;
    edge_.place = birth.station;
    edge_.inputs.push_back({birth.ancestors[0].lot, 0, birth.lot.kind});
    edge_.inputs.push_back({birth.lot.id, birth.lot.mass, birth.lot.kind});
  } else if (birth.origin == Origin::source || birth.origin == Origin::initial) {
    edge_.kind = EdgeKind::root;
    edge_.place = birth.lot.source;
    edge_.now = birth.now;
    edge_.inputs.push_back({birth.lot.id, birth.lot.mass, birth.lot.kind});
  } else {  // its job has been told
    if (birth.origin == Origin::step) steps_.insert(birth.lot.id);
    if (birth.origin == Origin::unload) use_at(plant_->source_node(birth.lot.source), birth.lot, birth.kg, 0);  // its carrier was the lot
    if (birth.origin == Origin::lap) use_at(plant_->sink_node(plant_->stations[birth.station].lap_sink), birth.lot, {}, 1);
    return;
  }
  writer_.write(edge_);
  if (birth.origin == Origin::source) use_at(plant_->source_node(birth.lot.source), birth.lot, birth.kg, 1);
}

void EdgeCollector::lot_mixed(double, Index station, const Lot& into, const Lot& from, double, std::span<const double> into_kg,
                              std::span<const double> from_kg) {
  edge_.clear();
  edge_.kind = EdgeKind::mix;
  edge_.place = station;
  edge_.inputs = {{into.id, into.mass, into.kind}, {from.id, from.mass, from.kind}};
  add_masses(edge_.inputs[0], into_kg);
  add_masses(edge_.inputs[1], from_kg);
  writer_.write(edge_);
  used_up_.assign(1, from.id);
  next_used_up_ = 0;
}

/// One that a job has used up, or that has become part of another, is known to be gone.
void EdgeCollector::lot_ended(double now, const Lot& lot, Index node, std::span<const double> kg) {
  for (std::size_t k = next_used_up_; k < used_up_.size(); ++k)
    if (used_up_[k] == lot.id) {
      next_used_up_ = k + 1;
      return;
    }
  if (lot.plan_of != none && steps_.erase(lot.id) > 0) return;
  if (plant_->is_sink(node)) {
    const double sign = node < plant_->source_node(0) ? 1 : -1;  // else its source has lost it
    use_at(node, lot, kg, 1, sign);
  }
  edge_.clear();
  edge_.kind = EdgeKind::end;
  edge_.place = node;
  edge_.now = now;
  edge_.inputs.push_back({lot.id, lot.mass, lot.kind});
  writer_.write(edge_);
}

// --- the whole -----------------------------------------------------------------------------------------------------------------

/// As it will be if nothing more happens.
std::string EdgeCollector::sha256() const {
  return sha256_hex(summary_.parent + hashes_ + (writer_.pending().empty() ? "" : sha256_hex(writer_.pending())));
}

EdgeSummary EdgeCollector::finish(double until_s) {
  for (const LevelIntegral& level : on_duty_) summary_.on_duty_s.push_back(level.value(until_s));
  for (Index which = 0; which < standing_.size(); ++which) settle_standing(which, until_s);
  for (Working& mine : servers_) {
    if (mine.station == none) continue;
    settle(mine, until_s);
    for (Index k = 0; k < mine.used.size(); ++k) summary_.in_hand[mine.station][rates_[mine.station][k].flow] += mine.used[k];
  }
  writer_.flush();
  summary_.end_s = until_s;
  summary_.last_week = week_;
  summary_.sha256 = sha256();
  for (Index k = 0; k < weeks_.size(); ++k)
    for (auto& [week, what] : weeks_[k]) summary_.weeks[{k, week}] = std::move(what);
  return std::move(summary_);
}

void EdgeCollector::save(Sections& sections) const { sections[section] = sha256(); }

bool EdgeCollector::restore(const Sections& sections, const Plant&) {
  const auto found = sections.find(section);
  if (found == sections.end()) return true;
  summary_.parent = found->second;
  return found->second.size() == 64;
}

}  // namespace retwin

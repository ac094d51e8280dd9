// A calibration as files: the scenario, its plans, arrivals and history, and a table of every parameter.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <system_error>
#include <utility>

#include "core/base/files.hpp"
#include "core/base/constants.hpp"
#include "core/base/text.hpp"
#include "core/base/units.hpp"
#include "core/base/yaml_writer.hpp"
#include "core/scenario/specs/sections.hpp"
#include "core/telemetry/calibration/calibration.hpp"
#include "core/telemetry/calibration/replay.hpp"
#include "core/telemetry/lines/state.hpp"

namespace retwin {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t most_plans = 5000;  // of a scenario; more are thinned out evenly

std::string hours_name(const CalibratedPool& pool) { return scenario_name(pool.pool.name) + "_hours"; }
std::string name_of(const Calibration& c, const CalibratedDelay& delay) {
  return delay_name(c.log.activities[delay.before], c.log.activities[delay.activity]);
}

/// From when on the cases of the log itself are run, as far back as any can still matter (an estimate): three times as long as the
/// longest took, at least 500 of them.
double history_from_s(const Calibration& c) {
  double longest = 0;
  for (const LogEvent& event : c.log.events) longest = std::max(longest, event.end_s - c.waiting.arrivals_s[event.lot]);
  std::vector<double> arrivals;
  for (const CasePlan& plan : c.plans) arrivals.push_back(c.waiting.arrivals_s[plan.lot]);
  std::sort(arrivals.begin(), arrivals.end());
  constexpr std::size_t fewest = 500;
  const double latest = arrivals.size() > fewest ? arrivals[arrivals.size() - fewest] : arrivals.empty() ? c.split_s : arrivals.front();
  return std::min(latest, c.split_s - 3 * longest);
}

/// Day 0 of the run: midnight of the day of the first case that is run; the empty time before it would be no part of the plant.
double run_start_s(const Calibration& c) {
  const double from = history_from_s(c);
  double first = c.split_s;
  for (const double at : c.waiting.arrivals_s)
    if (at >= from && at < first) first = at;
  return std::floor(first / day_s) * day_s;
}

// --- the tables

struct Shares {
  std::vector<std::pair<std::string, double>> of_plan;
  bool delays = false;                   ///< the station for delays is needed
  std::set<std::string> delays_between;  ///< stations for delays between two activities that are needed
};

/// Plans that new cases draw from: those of the log, with their own services if these belong to the case.
Shares add_sampled_plans(const Calibration& c, Replay& replay, CsvWriter& plans) {
  Shares shares;
  const std::vector<const CasePlan*> whole = c.plans_of_new_cases();
  const std::size_t every = (whole.size() + most_plans - 1) / most_plans;
  bool needs_delays = false;
  if (c.own_services) {
    for (std::size_t k = 0; k < whole.size(); k += every) {
      const std::string name = fmt::format("{}{}", own_plan, k + 1);
      replay.add_plan(*whole[k], name, plans);
      shares.of_plan.emplace_back(name, c.weight_of(whole[k]->lot));
    }
  } else {
    std::map<std::pair<std::uint32_t, std::uint32_t>, std::string> delays;
    for (const CalibratedDelay& delay : c.delays) delays[{delay.before, delay.activity}] = name_of(c, delay);
    const AskedFirst first = asked_first(c.log, c.plans, c.pool_of_activity);
    for (std::size_t p = 0; p < whole.size(); p += every) {
      const std::string name = fmt::format("order_{}", p + 1);
      const auto& steps = whole[p]->steps;
      const std::vector<std::size_t> order = order_among_equals(steps, c.pool_of_activity, first);
      for (std::size_t k = 0; k < steps.size(); ++k) {
        std::string after;
        for (const std::uint32_t before : steps[k].after) after += (after.empty() ? "" : ";") + step_name(before);
        const OperationTimes& times = c.waiting.operations[steps[k].event];
        const auto delay = times.first ? delays.end() : delays.find({c.log.events[times.before].activity, steps[k].activity});
        const double offset_s = times.first ? replay.delay(steps[k].event) : 0;  // to the first of its case: as they were together
        if (delay != delays.end() || order[k] > 0 || offset_s > 1) {
          plans.cell(name).cell(step_name(k) + "d");
          if (delay != delays.end()) {
            shares.delays_between.insert(delay->second);
            plans.cell(delay->second).cell(after).cell("");
          } else {
            plans.cell(delay_station).cell(after).cell(offset_s + order_gap_s * static_cast<double>(order[k]));
            needs_delays = true;
          }
          replay.end_row(plans);
          after = step_name(k) + "d";
        }
        plans.cell(name).cell(step_name(k)).cell(scenario_name(c.log.activities[steps[k].activity])).cell(after).cell("");
        replay.end_row(plans, steps[k].event);
      }
      shares.of_plan.emplace_back(name, c.weight_of(whole[p]->lot));
    }
  }
  shares.delays = needs_delays || replay.delays();
  double total = 0;
  for (const auto& entry : shares.of_plan) total += entry.second;
  for (auto& entry : shares.of_plan) entry.second /= total;
  return shares;
}

/// What was there before: the cases of the log themselves.
void add_history(const Calibration& c, Replay& replay, ReplayTables& tables) {
  std::vector<const CasePlan*> order;
  for (const CasePlan& plan : c.plans) order.push_back(&plan);
  std::stable_sort(order.begin(), order.end(),
                   [&](const CasePlan* a, const CasePlan* b) { return replay.arrival_s(*a) < replay.arrival_s(*b); });
  const double start = run_start_s(c);
  const double from = history_from_s(c);
  std::size_t first = 0;
  while (first < order.size() && replay.arrival_s(*order[first]) < from) ++first;
  for (std::size_t k = first; k < order.size(); ++k) {
    const CasePlan* plan = order[k];
    const std::string name = fmt::format("was_{}", plan->lot + 1);
    replay.add_plan(*plan, name, tables.plans);
    tables.trace.cell(replay.arrival_s(*plan) - start).cell(name).end_row();
  }
}

std::string arrivals_table(const CalibratedArrivals& arrivals) {
  CsvWriter table({"block", "day", "time [h]"});
  for (const CalibratedArrivals::Day& day : arrivals.days) {
    const std::string& group = arrivals.groups[static_cast<std::size_t>(day.weekday)];
    if (day.times_s.empty()) table.cell(day.name).cell(group).cell("").end_row();
    for (const double at : day.times_s) table.cell(day.name).cell(group).cell(at / 3600).end_row();
  }
  return table.text();
}

// --- the scenario

/// A scenario with what is said beside its values.
struct Draft {
  Specs specs;
  Remarks remarks;
  /// A remark of one line.
  void tell(const std::string& path, const std::string& text) { remarks[path] = one_line(text); }
  StationSpec& station(const std::string& name, const std::string& unit, const std::string& to) {
    StationSpec& spec = specs.stations.emplace_back().spec;
    spec.name = name;
    spec.unit = unit;
    spec.to.set(to);
    return spec;
  }
};

void add_calendars(const Calibration& c, Draft& draft) {
  for (const CalibratedPool& pool : c.pools) {
    if (pool.pool.hours.always_open()) continue;
    CalendarSpec& spec = draft.specs.calendars.emplace_back();
    spec.name = hours_name(pool);
    for (const std::string& span : pool.pool.hours.weekly_text()) spec.weekly.push_back({span, {}});
    draft.tell("calendars." + spec.name, pool.hours.note);
  }
}

/// Pools that are short of units or have hours; work for others needs nobody.
bool needed(const CalibratedPool& pool) { return pool.pool.finite() || !pool.pool.hours.always_open(); }

/// What an activity asks for: its pool, or whoever of several has time; "" for nobody.
std::string asked_for(const Calibration& c, std::uint32_t activity) {
  std::string name;
  for (const std::uint32_t pool : c.pool_of_work.all_of(activity)) {
    if (!needed(c.pools[pool])) return "";
    name += (name.empty() ? "" : "_or_") + scenario_name(c.pools[pool].pool.name);
  }
  return name.empty() ? name : scenario_name(name);
}

/// As what a pool can be asked for beside its name: where it shares activities, together with others, and by the names of its
/// resources.
std::vector<Located> qualifications(const Calibration& c, std::uint32_t number) {
  std::set<std::string> names;
  for (const CalibratedService& service : c.services) {
    const std::vector<std::uint32_t> all = c.pool_of_work.all_of(service.activity);
    if (all.size() < 2 || std::find(all.begin(), all.end(), number) == all.end()) continue;
    if (const std::string name = asked_for(c, service.activity); !name.empty()) names.insert(name);
    for (const std::uint32_t resource : c.pools[number].seen.resources) names.insert(scenario_name(c.log.resources[resource]));
  }
  names.erase(scenario_name(c.pools[number].pool.name));
  std::vector<Located> result;
  for (const std::string& name : names) result.push_back({name, {}});
  return result;
}

void add_resources(const Calibration& c, Draft& draft) {
  constexpr int finish = 1, keep = 2, fit = 3;  // of choices::crew_shift_end
  for (std::uint32_t number = 0; number < c.pools.size(); ++number) {
    const CalibratedPool& pool = c.pools[number];
    if (!needed(pool)) continue;
    ResourceSpec& spec = draft.specs.resources.emplace_back();
    spec.name = scenario_name(pool.pool.name);
    spec.count = pool.pool.finite() ? pool.pool.units : 10000;
    spec.qualifications = qualifications(c, number);
    if (!pool.pool.hours.always_open()) {
      spec.shifts.set(hours_name(pool));
      if (!pool.pool.suspends) spec.at_shift_end = finish;
      else if (pool.pool.fits) spec.at_shift_end = fit;
      else if (!spec.qualifications.empty()) spec.at_shift_end = keep;
    }
    draft.tell("resources." + spec.name, pool.note);
  }
}

void add_rule(const Calibration& c, const StationRule& rule, StationSpec& spec) {
  const CalibratedPool& pool = c.pools[c.pool_of_activity[rule.activity]];
  spec.servers = static_cast<std::int64_t>(rule.servers);
  if (rule.setup) {
    spec.setup.given = true;
    spec.setup.by.text = c.efforts.attribute_of(rule.setup->column);
    spec.setup.time.set(scenario_distribution(rule.setup->time));
    if (needed(pool)) spec.setup.needs.add(scenario_name(pool.pool.name), 1);
  }
  if (rule.batch) {
    spec.batch.given = true;
    spec.batch.count = static_cast<std::int64_t>(rule.batch->count);
    if (!rule.batch->waits_until_full) spec.batch.least = 1;
    else if (const double wait = rule.batch->longest_wait_s; wait > 0) spec.batch.longest_wait_s = std::ceil(wait);
  }
}

void add_stations(const Calibration& c, const Shares& shares, Draft& draft) {
  draft.station(case_station, "plan", finished_sink);
  if (shares.delays) {
    draft.station(delay_station, "delay", case_station).duration.set(Distribution::constant(0));
    draft.tell(std::string("stations.") + delay_station, "as long as the step of a plan says");
  }
  for (const CalibratedService& service : c.services) {
    StationSpec& spec = draft.station(scenario_name(c.log.activities[service.activity]), "process", case_station);
    spec.servers = std::numeric_limits<std::int64_t>::max();
    if (const std::string asked = asked_for(c, service.activity); !asked.empty()) spec.needs.add(asked, 1);
    const auto rule =
        std::find_if(c.rules.begin(), c.rules.end(), [&](const StationRule& r) { return r.activity == service.activity; });
    if (rule != c.rules.end()) add_rule(c, *rule, spec);
    spec.duration.set(scenario_distribution(service.fit));
    spec.effort.text = c.efforts.expression(service.activity);
    draft.tell("stations." + spec.name,
               fmt::format("{}, n = {}, mean {:.6g} s{}, KS {:.3g}", service.fit.family, service.values.size(), service.mean.estimate,
                           bounds_text(service.mean, 6), service.fit.ks));
  }
  for (const CalibratedDelay& delay : c.delays) {
    if (shares.delays_between.count(name_of(c, delay)) == 0) continue;
    StationSpec& spec = draft.station(name_of(c, delay), "delay", case_station);
    spec.duration.set(scenario_distribution(delay.fit));
    draft.tell("stations." + spec.name, fmt::format("{}, n = {}", delay.fit.family, delay.values.size()));
  }
}

/// The log's own cases, and new ones from the split on.
void add_sources(const Calibration& c, const Shares& shares, const std::string& stem, Draft& draft) {
  SourceSpec& history = draft.specs.sources.emplace_back().spec;
  history.name = source_of_history;
  history.trace.text = stem + "_history.csv";
  history.to.set(case_station);
  SourceSpec& cases = draft.specs.sources.emplace_back().spec;
  cases.name = source_of_cases;
  cases.blocks.set_file(stem + "_arrivals.csv");
  cases.from_s = std::round(c.split_s - run_start_s(c));
  cases.attributes.add({{"plan", {}}, {}, {}, shares.of_plan});
  cases.to.set(case_station);
  draft.tell("sources.cases.blocks", fmt::format("whole days, {:.4g} arrivals{} on days with arrivals", c.arrivals.per_day.estimate,
                                                    bounds_text(c.arrivals.per_day, 4)));
}

/// Name and text of files that belong together.
using Texts = std::vector<std::pair<std::string, std::string>>;

/// @param tables that the scenario reads, with checksums: those of another calibration are not its own
std::string scenario(const Calibration& c, const Shares& shares, const std::string& stem, const Texts& tables) {
  const double start = run_start_s(c);
  Draft draft;
  std::string& head = draft.remarks[""];
  const auto tell = [&head](const std::string& line) { head += one_line(line) + "\n"; };
  tell(fmt::format("Calibrated from {} (SHA-256 {}): {} cases, {} operations.", c.log.source,
                   c.log.sha256.empty() ? "unknown" : c.log.sha256, c.plans.size(), c.log.events.size()));
  tell(fmt::format("Every parameter with its interval, number of observations and method: {}_parameters.csv", stem));
  for (const std::string& note : c.notes) tell(note);
  if (c.line.line)
    tell(fmt::format("The log is one of a line: its machines, ways and changeovers are a scenario of their own, {}_line.yaml.", stem));
  Specs& specs = draft.specs;
  specs.name = "calibrated from " + one_line(fs::path(c.log.source).filename().string());
  specs.run.start.text = format_time(static_cast<long>(start / day_s), 0).substr(0, 10);
  specs.run.duration_s = std::max(7.0, std::ceil((c.log.last_s() - c.log.first_s()) / day_s)) * day_s + std::max(0.0, std::round((c.split_s - start) / day_s) * day_s);
  specs.run.terminating = true;
  specs.attributes = c.efforts.attribute_specs();
  specs.plan_table.text = stem + "_plans.csv";
  for (const auto& [name, table] : tables) specs.tables.push_back({{name, {}}, {sha256_hex(table), {}}});
  specs.sinks.push_back({finished_sink, {}, "product"});
  add_calendars(c, draft);
  add_resources(c, draft);
  add_sources(c, shares, stem, draft);
  add_stations(c, shares, draft);
  return yaml_text(write_scenario({}, specs, {}), draft.remarks);
}

/// Those of a line: services of each machine, changeovers, transports, pallets.
void add_line_parameters(const LineFindings& line, std::vector<LearnedParameter>& result) {
  const auto time = [&](const std::string& path, const LineTime& t, const char* method) {
    if (t.n > 0)
      result.push_back({path, t.mean.estimate, "s", t.mean, t.n,
                        fmt::format("{}, sd {:.3g} s{}", method, t.sd, t.at_most ? "; at most" : "")});
  };
  for (const LineStation& s : line.stations) {
    const std::string path = "line.stations." + scenario_name(s.name);
    result.push_back({path + ".service", s.service.estimate, "s", s.service, s.services_s.size(),
                      fmt::format("mean of whole operations, sd {:.3g} s", s.sd)});
    for (const Drift& d : s.drifts)
      result.push_back(
          {path + ".service_since_" +
               format_time(static_cast<long>(std::floor(d.time_s / day_s)), d.time_s - std::floor(d.time_s / day_s) * day_s)
                   .substr(0, 19),
           d.after,
           "s",
           {d.after, std::nan(""), std::nan("")},
           d.n_after,
           fmt::format("change point, p = {:.2g}", d.p_value)});
    time(path + ".changeover", s.changeover, "gaps before parts that waited, with room behind");
  }
  for (const LineLink& l : line.links) {
    const std::string path =
        "line.links." + scenario_name(line.stations[l.from].name) + "." + scenario_name(line.stations[l.to].name);
    time(path + ".transport", l.transport, "delays of parts that found the machine free");
    if (!l.unlabelled) result.push_back({path + ".share", l.share.estimate, "1", l.share, l.n, "Dirichlet"});
    if (l.clock_s > 0)
      result.push_back({path + ".clock_behind",
                        l.clock_s,
                        "s",
                        {l.clock_s, std::nan(""), std::nan("")},
                        l.transport.n,
                        "negative transport; at least"});
  }
  if (line.loop.closed)
    result.push_back({"line.pallets",
                      static_cast<double>(line.loop.pallets),
                      "1",
                      {static_cast<double>(line.loop.pallets), std::nan(""), std::nan("")},
                      line.loop.pallets,
                      line.loop.note});
}

}  // namespace

std::vector<LearnedParameter> Calibration::parameters() const {
  std::vector<LearnedParameter> result;
  for (const CalibratedService& service : services) {
    const std::string path = "stations." + scenario_name(log.activities[service.activity]) + ".duration";
    result.push_back({path + ".mean", service.fit.distribution.mean(), "s", service.mean, service.values.size(),
                      service.fit.family + " by maximum likelihood; interval: Student, of the mean"});
    for (const auto& [name, value] : service.fit.parameters())
      result.push_back(
          {path + ".fit." + name, value, parameter_unit(name, "s"), {value, std::nan(""), std::nan("")}, service.values.size(), service.fit.family});
  }
  for (const CalibratedDelay& delay : delays)
    result.push_back({"stations." + name_of(*this, delay) + ".duration.mean",
                      delay.fit.distribution.mean(),
                      "s",
                      {delay.fit.distribution.mean(), std::nan(""), std::nan("")},
                      delay.values.size(),
                      delay.fit.family + " of the waits that crew and hours do not explain"});
  for (const CalibratedPool& pool : pools)
    result.push_back({"resources." + scenario_name(pool.pool.name) + ".count",
                      pool.pool.units,
                      "1",
                      {pool.pool.units, std::nan(""), std::nan("")},
                      pool.seen.events,
                      pool.note});
  for (const RoutingPoint& point : routing)
    for (const RoutingOption& option : point.options) {
      std::string next;
      for (const std::uint32_t activity : option.next) next += (next.empty() ? "" : " + ") + log.activities[activity];
      result.push_back({fmt::format("routing.{}.{}", point.after == Names::absent ? "(start)" : log.activities[point.after],
                                    next.empty() ? "(end)" : next),
                        option.share.estimate, "1", option.share, point.count, "Dirichlet, simultaneous"});
    }
  for (const Repetition& r : rework)
    result.push_back({"rework." + scenario_name(log.activities[r.activity]), r.share.estimate, "1", r.share, r.cases,
                      "share of the cases with it that repeat it, Wilson"});
  for (const ServiceFactor& f : factors.factors) {
    const std::string path = "services." + scenario_name(log.activities[f.activity]) + "." + f.factor;
    if (!std::isnan(f.slope.estimate)) result.push_back({path + ".slope", f.slope.estimate, "s", f.slope, f.n, "least squares"});
    for (const ServiceFactor::Level& level : f.levels)
      result.push_back({path + "." + level.name, level.mean_s.estimate, "s", level.mean_s, level.n,
                        "mean, Student; Kruskal-Wallis between them"});
  }
  add_rule_parameters(log, rules, result);
  efforts.add_parameters(log, result);
  for (const SetupFound& s : factors.setups)
    result.push_back({"setups." + scenario_name(log.activities[s.activity]) + "." + s.factor,
                      s.difference_s.mean,
                      "s",
                      {s.difference_s.mean, s.difference_s.low(), s.difference_s.high(), s.difference_s.level},
                      s.changed,
                      "gap with a change less gap without, Welch"});
  result.push_back({"sources.cases.per_day", arrivals.per_day.estimate, "1/d", arrivals.per_day, arrivals.days.size(),
                    "mean of days with arrivals"});
  result.push_back({"sources.cases.between",
                    arrivals.between.distribution.mean(),
                    "s",
                    {arrivals.between.distribution.mean(), std::nan(""), std::nan("")},
                    arrivals.between.n,
                    arrivals.between.family + " within the arrival hours"});
  if (line.line) add_line_parameters(line, result);
  return result;
}

void write_calibration(const Calibration& c, const std::string& path, double state_at_s) {
  const fs::path file(path);
  const std::string stem = file.stem().string();
  Replay replay(c.log, c.waiting, c.pool_of_activity, c.efforts);
  ReplayTables tables(c.efforts);
  add_history(c, replay, tables);
  const Shares shares = add_sampled_plans(c, replay, tables.plans);
  Texts files{{stem + "_plans.csv", tables.plans.text()},
              {stem + "_history.csv", tables.trace.text()},
              {stem + "_arrivals.csv", arrivals_table(c.arrivals)}};
  std::string main = scenario(c, shares, stem, files);
  files.emplace_back(stem + "_parameters.csv", parameters_table(c.parameters(), c.log.source, c.log.sha256).csv());
  if (c.line.line) {
    if (!std::isnan(state_at_s)) check_state_time(c.log_of_line(), state_at_s, c.line_until_s);
    files.emplace_back(stem + "_line.yaml",
                       line_scenario(c.line, c.log_of_line(), std::isnan(state_at_s) ? c.line_until_s : state_at_s));
  }
  files.emplace_back(file.filename().string(), std::move(main));
  FileSet set({c.log.source});
  for (const auto& [name, text] : files) write_file((file.parent_path() / name).string(), text);
  set.commit();
}

}  // namespace retwin

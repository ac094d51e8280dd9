// Tables of calibrations and validations.
#include "core/report/telemetry_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/base/table_json.hpp"
#include "core/base/text.hpp"
#include "core/base/units.hpp"
#include "core/report/report.hpp"
#include "core/telemetry/calibration/replay.hpp"
#include "core/telemetry/lines/routing.hpp"
#include "core/telemetry/log/findings.hpp"

namespace retwin {
namespace {

std::string percent(double share) { return fmt::format("{:.1f} %", 100 * share); }
std::string range(const Bounds& b) {
  return std::isnan(b.low) ? "-" : fmt::format("{} ... {}", readable(b.low), readable(b.high));
}
std::string names(const EventLog& log, const std::vector<std::uint32_t>& activities) {
  std::string text;
  for (const std::uint32_t activity : activities) text += (text.empty() ? "" : " + ") + log.activities[activity];
  return text.empty() ? "(end)" : text;
}

std::string arrivals_text(const CalibratedArrivals& a) {
  std::string text = fmt::format(
      "Arrivals\n  {} a day ({}) on days with arrivals; between them {} on average within {}: {}\n", readable(a.per_day.estimate),
      range(a.per_day), format_duration(a.between.distribution.mean()),
      a.hours.hours.always_open() ? "all hours" : fmt::format("{}", fmt::join(a.hours.hours.weekly_text(), ", ")),
      a.between.family);
  if (!std::isnan(a.trend.low) && !a.trend.contains(0))
    text += fmt::format("  trend: {:+.3g} a day each week ({})\n", a.trend.estimate, range(a.trend));
  return text;
}

std::string time_text(const LineTime& t) {
  return t.n == 0 ? "-" : fmt::format("{}{:.4g}", t.at_most ? "<= " : "", t.mean.estimate);
}
std::string sd_text(const LineTime& t) { return t.n == 0 ? "-" : fmt::format("{:.2g}", t.sd); }

std::string names(const LineFindings& line, const std::vector<std::uint32_t>& stations) {
  std::string text;
  for (const std::uint32_t s : stations) text += (text.empty() ? "" : ", ") + line.stations[s].name;
  return text;
}

/// Machines, ways, what lies between, and pallets.
std::string line_text(const LineFindings& line) {
  std::string out = fmt::format("\nA production line: {}\n", line.note);
  Table stations = Table::for_people({"Station", "n", "service [s]", "95 %", "sd", "changeover [s]", "sd", "n"});
  std::string changes;
  for (const LineStation& s : line.stations) {
    stations.row({s.name, std::to_string(s.services_s.size()), fmt::format("{:.5g}", s.service.estimate),
                  fmt::format("{:.5g} ... {:.5g}", s.service.low, s.service.high), fmt::format("{:.2g}", s.sd),
                  time_text(s.changeover), sd_text(s.changeover), std::to_string(s.changeover.n)});
    for (const Drift& d : s.drifts)
      changes += fmt::format("  {}: service {:.4g} s until {}, then {:.4g} s (p = {:.2g})\n", s.name, d.before, format_second(d.time_s),
                             d.after, d.p_value);
  }
  Table links = Table::for_people({"From", "to", "n", "share", "transport [s]", "sd", "n "});
  for (const LineLink& l : line.links)
    links.row({line.stations[l.from].name, line.stations[l.to].name, l.unlabelled ? "-" : std::to_string(l.n),
               l.unlabelled ? "-" : percent(l.share.estimate), time_text(l.transport), sd_text(l.transport),
               std::to_string(l.transport.n)});
  std::string rules;
  for (const LineSplit& split : line.splits) {
    rules += fmt::format("  Parts from {} to {} go", line.stations[split.from].name, names(line, split.rules.front().to));
    for (std::size_t k = 0; k < std::min<std::size_t>(split.rules.size(), 4); ++k)
      rules += fmt::format("{} {} ({} of {} decisions)", k == 0 ? ":" : k == 1 ? "; other rules:" : ",", words(split.rules[k]),
                           split.rules[k].agreeing, split.rules[k].decisions);
    rules += (split.note.empty() ? "" : "; " + split.note) + "\n";
  }
  Table zones = Table::for_people({"Between", "and", "most", "at the end", "blocked", "room"});
  for (const LineZone& z : line.zones)
    zones.row({names(line, z.from), names(line, z.to), std::to_string(z.most), std::to_string(z.last),
               z.blocked == 0 ? "-" : fmt::format("{} x, {:.3g} s", z.blocked, z.blocked_s),
               z.room == 0 ? "-" : std::to_string(z.room)});
  out += stations.text() + changes + "\n" + links.text() + rules + "\n" + zones.text();
  if (line.loop.closed) out += fmt::format("  {} pallets in a closed loop: {}\n", line.loop.pallets, line.loop.note);
  else if (line.loop.at_least) out += fmt::format("  at most {} parts at a time; {}\n", line.loop.pallets, line.loop.note);
  out += "  <=: seen only together with other waiting, the time itself is no longer than this\n";
  for (const std::string& note : line.notes) out += "  " + note + "\n";
  return out;
}

}  // namespace

std::string text_report(const Calibration& c) {
  std::string out = fmt::format("{}: {} cases, {} operations, {} to {}\n", one_line(c.log.source), c.plans.size(), c.log.events.size(),
                                format_minute(c.log.first_s()), format_minute(c.log.last_s()));
  if (!c.log.findings.empty()) out += "\nFound in the log\n" + text(c.log.findings);
  out += "\n" + arrivals_text(c.arrivals);

  Table pools = Table::for_people({"Pool", "units", "hours", "waiting explained", "in order", "note"});
  for (const CalibratedPool& pool : c.pools) {
    std::string hours;
    for (const std::string& span : pool.pool.hours.weekly_text()) hours += (hours.empty() ? "" : ", ") + span;
    pools.row({pool.pool.name, pool.pool.finite() ? readable(pool.pool.units) : "unlimited",
               pool.pool.hours.always_open() ? "always" : hours, percent(pool.explained),
               pool.order.pairs > 0 ? percent(pool.order.fifo()) : "-", pool.note});
  }
  out += "\n" + pools.text();

  Table services = Table::for_people({"Service", "n", "mean [s]", "95 %", "family", "KS"});
  for (const CalibratedService& s : c.services)
    services.row({c.log.activities[s.activity], std::to_string(s.values.size()), readable(s.mean.estimate), range(s.mean),
                  s.fit.family, std::isnan(s.fit.ks) ? "-" : fmt::format("{:.3f}", s.fit.ks)});
  out += "\n" + services.text();
  if (c.line.line) out += line_text(c.line);
  if (c.own_services)
    out += fmt::format(
        "  Long cases are long at every activity (intraclass correlation {:.2f}): new cases bring the services and delays of a "
        "case of the log.\n",
        c.case_effect);

  Table factors = Table::for_people({"Services differ by", "", "explained", "p", "how"});
  for (const ServiceFactor& f : c.factors.factors) {
    std::string how =
        std::isnan(f.slope.estimate) ? "" : fmt::format("{} s per unit ({})", readable(f.slope.estimate), range(f.slope));
    if (!f.levels.empty())
      how = fmt::format("{}: {} s ... {}: {} s", f.levels.front().name, readable(f.levels.front().mean_s.estimate),
                        f.levels.back().name, readable(f.levels.back().mean_s.estimate));
    factors.row({c.log.activities[f.activity], f.factor, percent(f.explained), fmt::format("{:.1g}", f.p_value), how});
  }
  if (!factors.empty()) out += "\n" + factors.text();
  for (const SetupFound& s : c.factors.setups)
    out += fmt::format("Setup of {} where {} changes: {} +- {} s more than else ({} changes, {} without)\n",
                       c.log.activities[s.activity], s.factor, readable(s.difference_s.mean), readable(s.difference_s.half_width),
                       s.changed, s.same);
  for (const BatchesFound& b : c.factors.batches)
    out += fmt::format("Batches at {}: {:.3g} lots on average, {} at most\n", c.log.activities[b.activity], b.mean, b.largest);

  for (const StationRule& rule : c.rules) {
    const std::string& name = c.log.activities[rule.activity];
    if (rule.setup)
      out += fmt::format(
          "Setups in the scenario: {} where {} changes, {} s ({}); at once follow {} of unlike lots, {} of like ones\n", name,
          rule.setup->column, readable(rule.setup->mean.estimate), range(rule.setup->mean), percent(rule.setup->at_once_changed),
          percent(rule.setup->at_once_same));
    if (rule.batch)
      out += fmt::format("Batches in the scenario: {} by {}, {}\n", name, rule.batch->count,
                         rule.batch->waits_until_full ? "full ones" : "or those that are there when a unit comes free");
  }
  Table efforts = Table::for_people({"Services in the scenario depend on", "", "explained in other cases", "effort"});
  for (const ServiceEffort& effort : c.efforts.all())
    for (const EffortTerm& term : effort.terms)
      efforts.row({c.log.activities[effort.activity], term.column, percent(term.gain),
                   term.numeric ? fmt::format("{:.4g} + {:.4g} per unit", term.constant, term.slope)
                                : fmt::format("{} categories", term.levels.size())});
  if (!efforts.empty()) out += "\n" + efforts.text();

  Table delays = Table::for_people({"Delay that neither crew nor hours explain", "n", "mean [s]", "family"});
  if (!c.own_services)
    for (const CalibratedDelay& d : c.delays)
      delays.row({c.log.activities[d.before] + " -> " + c.log.activities[d.activity], std::to_string(d.values.size()),
                  readable(d.fit.distribution.mean()), d.fit.family});
  if (!delays.empty()) out += "\n" + delays.text();

  Table routes = Table::for_people({"After", "comes", "n", "share", "95 %, all at once"});
  constexpr std::size_t most_options = 6;
  std::size_t left_out = 0;
  for (const RoutingPoint& point : c.routing) {
    if (point.options.size() < 2) continue;
    left_out += point.options.size() - std::min(point.options.size(), most_options);
    for (std::size_t k = 0; k < std::min(point.options.size(), most_options); ++k) {
      const RoutingOption& option = point.options[k];
      routes.row({point.after == Names::absent ? "(start)" : c.log.activities[point.after], names(c.log, option.next),
                  std::to_string(option.count), percent(option.share.estimate),
                  fmt::format("{} ... {}", percent(option.share.low), percent(option.share.high))});
    }
  }
  if (!routes.empty()) out += "\n" + routes.text();
  if (left_out > 0) out += fmt::format("  and {} rarer ways on, in the table of parameters\n", left_out);

  Table rework = Table::for_people({"Rework", "cases", "repeated in", "95 %", "times a case"});
  for (const Repetition& r : c.rework)
    rework.row({c.log.activities[r.activity], std::to_string(r.cases), percent(r.share.estimate),
                fmt::format("{} ... {}", percent(r.share.low), percent(r.share.high)),
                fmt::format("{:.3g}", static_cast<double>(r.executions) / static_cast<double>(r.cases))});
  if (!rework.empty() && !c.line.line) out += "\n" + rework.text();

  std::string parallel;
  for (const auto& [a, b] : c.concurrency.pairs())
    parallel += fmt::format("  {} | {}\n", c.log.activities[a], c.log.activities[b]);
  if (!parallel.empty()) out += "\nIn parallel\n" + parallel;
  out += fmt::format("\n{} different orders of work in {} cases\n", c.variants.size(), c.plans.size());
  for (const std::string& note : c.notes) out += note + "\n";
  return out;
}

std::string text_report(const PlantCalibration& c) {
  std::string out;
  if (!c.log.empty())
    out = fmt::format("{} from {}: {} lots, {} operations, {} to {}\n", c.plant_name, c.log, c.lots, c.operations, format_minute(c.first_s), format_minute(c.last_s));
  for (const MeasuredFile& file : c.measured) out += out.empty() ? fmt::format("{} from {}", c.plant_name, file.path) : fmt::format("{}{}", c.log.empty() ? ", " : "and ", file.path);
  if (!c.measured.empty()) out += "\n";
  if (c.flows.streams > 0)
    out += fmt::format("  streams: {}, components: {}; balances closed to {:.1g}; global test: {}\n", c.flows.streams, c.flows.components, c.flows.imbalance,
                       c.flows.degrees_of_freedom > 0 ? fmt::format("p = {}, degrees of freedom: {}", readable(c.flows.p_value), c.flows.degrees_of_freedom) : "nothing was measured twice");
  for (const std::string& wrong : c.set_aside) out += "  Set aside as wrong: " + wrong + "\n";
  Table learned = Table::for_people({"Parameter", "plant", c.log.empty() ? "measured" : "learned", "95 %", "unit", "n", ""});
  for (const LearnedParameter& p : c.parameters)
    learned.row({p.path, readable(p.given), readable(p.value), range(p.interval), p.unit, std::to_string(p.n),
                 p.interval.contains(p.given) ? "" : "differs"});
  if (!learned.empty()) out += "\n" + learned.text();
  Table left = Table::for_people({"Left as in the plant", "why"});
  for (const auto& [what, why] : c.left_out) left.row({what, why});
  if (!left.empty()) out += "\n" + left.text();
  if (c.log.empty()) return out;
  return out + (c.states.empty() ? std::string("  Breakdowns cannot be seen in operations: those of the plant stand.\n")
                                 : fmt::format("  Breakdowns and repairs are from {}.\n", c.states));
}

namespace {

/// "10 %; throughput 5 %": what most figures have in common, then the others.
std::string declared(const std::vector<FigureVerdict>& figures) {
  std::map<double, std::size_t> common;
  for (const FigureVerdict& f : figures) ++common[f.acceptable];
  const double most =
      std::max_element(common.begin(), common.end(), [](const auto& a, const auto& b) { return a.second < b.second; })->first;
  std::string out = percent(most);
  for (const FigureVerdict& f : figures)
    if (f.acceptable != most) out += "; " + f.name + " " + percent(f.acceptable);
  return out;
}

/// One row per distance between logs.
Table metrics_table(const std::vector<MetricVerdict>& metrics) {
  const auto column = [](const char* name, const char* head) { return number_column(name).as(head, shown_digits(3)); };
  Table table({text_column("metric").as("Distance [h], NGD [1]"), column("simulation", "simulation"),
               number_column("standard_error").as("+-2 SE", [](double x) { return shown_digits(3)(2 * x); }),
               column("replay", "replay"), column("bootstrap", "bootstrap"), column("noise_floor", "noise floor"),
               flag_column("passes").as(" ", [](double passes) { return passes > 0 ? "passes" : "fails"; })});
  for (const MetricVerdict& m : metrics)
    table.row({m.name, m.model, m.standard_error, m.replay, m.bootstrap, m.noise_floor, m.passes});
  return table;
}

/// One row per figure that was declared beforehand.
Table figures_table(const std::vector<FigureVerdict>& figures) {
  const auto told = [](const char* name, const char* unit, const char* doc) { return number_column(name, unit, doc).for_programs(); };
  Table table({text_column("figure").for_programs(), shown_column("Figure"), text_column("unit").for_programs(),
               number_column("log").as("log"), told("low", "", "of 95 % of the replications"),
               told("high", "", "of 95 % of the replications"), shown_column("95 % of the replications"), shown_column(" "),
               shown_column("error"), told("error", "", "mean of the replications less the log"), told("error_low", "", "90 %"),
               told("error_high", "", "90 %"), shown_column("90 %"), told("acceptable", "1", "share of the log's"),
               flag_column("inside").for_programs(), flag_column("equivalent").for_programs(),
               flag_column("unacceptable").for_programs(), shown_column("as declared")});
  for (const FigureVerdict& f : figures)
    table.row({f.name, f.name + (f.unit.empty() ? "" : " [" + f.unit + "]"), f.unit, f.real, f.low, f.high,
               fmt::format("{} ... {}", readable(f.low), readable(f.high)), f.inside ? "inside" : "outside",
               fmt::format("{:+.1f} %", 100 * f.error.mean / f.real), f.error.mean, f.error.low(), f.error.high(),
               fmt::format("{:+.1f} ... {:+.1f}", 100 * f.error.low() / f.real, 100 * f.error.high() / f.real), f.acceptable,
               f.inside, f.equivalent, f.unacceptable, f.equivalent ? "equivalent" : f.unacceptable ? "too far" : "undecided"});
  return table;
}

/// One row per activity: its services in the log and in the simulation.
Table activities_table(const std::vector<ActivityVerdict>& activities) {
  Table table({text_column("activity").as("Service [s]"), integer_column("n"), number_column("service_s", "s", "mean in the log").as("log"),
               number_column("simulated_s", "s", "mean in the simulation").as("simulated"),
               number_column("wasserstein_s", "s", "distance of the two").as("Wasserstein"),
               number_column("ks", "1", "distance of the two").as("KS", [](double x) { return fmt::format("{:.3f}", x); }),
               flag_column("explained", "by chance").for_programs(), number_column("adjusted_p", "1").for_programs(),
               shown_column("still explained")});
  for (const ActivityVerdict& a : activities)
    table.row({a.name, a.n, a.service_s, a.simulated_s, a.wasserstein_s, a.ks, a.explained, a.adjusted_p,
               a.explained ? "yes" : fmt::format("no, p = {:.2g}", a.adjusted_p)});
  return table;
}

}  // namespace

std::string text_report(const Validation& v) {
  static const char* const rules[] = {"all cases ran to their end", "cases open at the end of the log were dropped",
                                      "cases open at the end of the log were cut"};
  std::string out = fmt::format("{} predicts the last {} of {} cases of {}, from {} to {}\n  {} replications; {} ({})\n",
                                one_line(v.scenario), v.test_cases, v.train_cases + v.test_cases, one_line(v.log), format_minute(v.begin_s), format_minute(v.end_s),
                                v.model.distances.size(), rules[static_cast<std::size_t>(v.window)], v.window_note);
  out += "  declared beforehand as acceptable: errors of " + declared(v.figures) + "\n";
  out += fmt::format(
      "\nTrace-driven replay (own arrivals, orders, services and delays): NGD {:.3f}, AEDD {:.3g}, CEDD {:.3g}, REDD {:.3g}, "
      "CTDD {:.3g} h\n",
      v.trace_driven.ngd, v.trace_driven.aedd, v.trace_driven.cedd, v.trace_driven.redd, v.trace_driven.ctdd);
  const auto figure = [](double x) { return fmt::format("{:.3g}", x); };
  if (!v.plain_replay.distances.empty()) {
    Table plain = Table::for_people({"Without the window rule", "simulation", "+-2 SE", "replay", "bootstrap", "noise floor", ""});
    for (const MetricVerdict& m : v.metrics)
      plain.row({m.name, figure(m.model), figure(2 * m.standard_error), figure(v.plain_replay.mean(m.metric)),
                 figure(v.plain_bootstrap.mean(m.metric)), "-", ""});
    out += "\n" + plain.text();
  }
  out +=
      "\n" + metrics_table(v.metrics).text() +
      fmt::format(
          "  {} of 5 pass (CADD aside): simulation + 2 SE at most the larger of the better baseline and 1.25 x the noise floor\n",
          v.passed());
  out += "\n" + figures_table(v.figures).text() + "\n" + activities_table(v.activities).text();
  for (const std::string& note : v.notes) out += note + "\n";
  return out;
}

std::vector<std::pair<std::string, Table>> tables_of(const Validation& v) {
  return {{"figures", figures_table(v.figures)}, {"metrics", metrics_table(v.metrics)}, {"activities", activities_table(v.activities)}};
}

std::string json_report(const Validation& v) {
  using Json = nlohmann::ordered_json;
  const auto one = [](const LogDistances& d) {
    return Json{{"ngd", d.ngd},     {"aedd_h", d.aedd}, {"cedd_h", d.cedd},
                {"redd_h", d.redd}, {"ctdd_h", d.ctdd}, {"cadd_h", d.cadd}};
  };
  const auto all = [&](const Prediction& p) {
    Json rows = Json::array();
    for (const LogDistances& d : p.distances) rows.push_back(one(d));
    return rows;
  };
  Json json{{"scenario", v.scenario},
            {"log", v.log},
            {"train_cases", v.train_cases},
            {"test_cases", v.test_cases},
            {"window", static_cast<int>(v.window)},
            {"trace_driven", one(v.trace_driven)},
            {"simulation", all(v.model)},
            {"replay", all(v.replay)},
            {"bootstrap", all(v.bootstrap)},
            {"plain_replay", all(v.plain_replay)},
            {"plain_bootstrap", all(v.plain_bootstrap)}};
  if (!v.metrics.empty()) json["metrics"] = json_by_name<Json>(metrics_table(v.metrics));
  if (!v.figures.empty()) json["figures"] = json_by_name<Json>(figures_table(v.figures));
  if (!v.activities.empty()) json["activities"] = json_by_name<Json>(activities_table(v.activities));
  return json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace retwin

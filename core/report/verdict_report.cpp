// Writes a verdict for people and programs.
#include "core/report/verdict_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/base/constants.hpp"
#include "core/base/readable.hpp"
#include "core/base/table_json.hpp"
#include "core/base/text.hpp"
#include "core/base/units.hpp"
#include "core/report/report.hpp"

namespace retwin {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t told_steps = 8, told_zeros = 3, shown_suspects = 8;

/// Of a share, as percent with as many decimals as its interval deserves.
std::string percent(const Interval& share, bool gains) {
  const double half = 100 * share.half_width;
  const int digits = std::isnan(half) || half >= 0.05 || half == 0 ? 1 : 2;
  const double smallest = std::pow(10, -digits) / 2;
  const auto number = [&](double x, const char* sign) {  // no minus before a zero
    return fmt::format(fmt::runtime(std::string("{:") + sign + ".{}f}"), std::abs(x) < smallest ? 0.0 : x, digits);
  };
  std::string out = gains ? number(100 * share.mean, "+") + " %" : "0";
  if (!std::isnan(half) && (gains || half >= smallest))
    out += fmt::format(" [{}, {}]", number(100 * share.low(), ""), number(100 * share.high(), ""));
  return out;
}

std::string amount(const Interval& value, const std::string& unit, bool gains) {
  if (!gains) return "0";
  return fmt::format("{:+.4g} {} [{:.4g}, {:.4g}]", value.mean, unit, value.low(), value.high());
}

std::string lost_text(const Member& m, const std::string& unit) {
  Gain lost;
  lost.relative = m.lost;
  lost.absolute = m.lost_absolute;
  std::string text = gain_text(lost, unit);
  return text.starts_with('+') ? text.substr(1) : text;
}

std::string carbon_text(const Gain& g, const Interval& now) {
  if (std::isnan(g.carbon.mean) || !(now.mean > 0)) return "";
  const double share = g.carbon.mean / now.mean, half = g.carbon.half_width / now.mean;
  return std::abs(share) <= half || std::abs(share) < 1e-3 ? "0" : fmt::format("{:+.1f} %", 100 * share);
}

std::string join(const std::vector<std::string>& parts, const char* last) {
  std::string out;
  for (std::size_t k = 0; k < parts.size(); ++k) out += (k == 0 ? "" : k + 1 == parts.size() ? last : ", ") + parts[k];
  return out;
}

/// "inspect: servers 1 -> 2 +34.9 % [34.1, 35.7]; inspect: buffer 3 -> 30 places +34.4 %; 0: rack: servers 6 -> 7"
std::string steps_sentence(const std::vector<Gain>& gains, const std::string& unit) {
  std::vector<std::string> some, zero, worse;
  for (const Gain& g : gains) {
    if (g.gains() && some.size() < told_steps) some.push_back(g.text + " " + gain_text(g, unit));
    if (g.loses() && worse.size() < told_zeros) worse.push_back(g.text + " " + gain_text(g, unit));
    if (!g.gains() && !g.loses() && zero.size() < told_zeros) zero.push_back(g.text);
  }
  std::string out;
  for (const std::string& one : some) out += (out.empty() ? "" : "; ") + one;
  if (!worse.empty()) out += (out.empty() ? "" : "; ") + std::string("worse: ") + join(worse, ", ");
  if (!zero.empty()) out += (out.empty() ? "" : "; ") + std::string("0: ") + join(zero, ", ");
  return out;
}

std::vector<std::string> names(const Verdict& v) {
  std::vector<std::string> out;
  for (const Member& m : v.members) out.push_back(m.text);
  return out;
}

void row_of(Table& table, const char* role, const Gain& g, const Interval& loss = {}) {
  std::string path;
  for (const Relief& r : g.reliefs) path += (path.empty() ? "" : " ") + r.candidate.path;
  const bool all = std::string_view(role) == "all";
  table.row({role, all ? std::string() : path, g.text, g.relative.mean, g.relative.low(), g.relative.high(), g.absolute.mean,
             g.absolute.low(), g.absolute.high(), g.carbon.mean, g.carbon.low(), g.carbon.high(), loss.mean, loss.low(), loss.high(), g.error});
}

std::string table_of(const char* head, const std::vector<Gain>& gains, const Verdict& v) {
  Table table = Table::for_people({head, "gain", "CO2e/t", ""});
  for (const Gain& g : gains) table.row({g.text, gain_text(g, v.unit), carbon_text(g, v.carbon_now), g.error});
  return table.empty() ? "" : "\n" + table.text();
}

}  // namespace

std::string gain_text(const Gain& gain, const std::string& unit) {
  if (!gain.error.empty()) return "cannot run";
  constexpr double nothing = 5e-4;
  const bool changes = gain.gains() || gain.loses() || std::abs(gain.relative.mean) >= nothing;
  return std::isnan(gain.relative.mean) ? amount(gain.absolute, unit, changes) : percent(gain.relative, changes);
}

std::string verdict_sentence(const Verdict& v) {
  std::string out;
  const std::string shortened = !v.shortened ? ""
                                             : fmt::format(" Runs were made shorter than the {} of the scenario, for they take long: what fills more slowly "
                                                           "is not seen to limit.", format_weeks(v.whole_s));
  if (v.n_candidates == 0) out = "There is nothing in the plant that could be relieved.";
  if (v.undecided && !v.all.error.empty()) return fmt::format("What limits it is not decided: all reliefs together cannot run ({}).", v.all.error);
  if (v.undecided) {
    out = fmt::format("What limits it is not decided: all reliefs together gain {}; ", gain_text(v.all, v.unit));
    out += v.stays.low() > 0 ? fmt::format("{:.2g} % of what comes in stays in the plant that would not in the relieved one. ", 100 * v.stays.mean)
                             : "that is neither a gain that is shown nor as good as none. ";
    return out + "Longer runs or more --replications may tell." + shortened;
  }
  if (v.demand_limits) {
    if (v.n_candidates > 0) out = fmt::format("Demand limits it: all reliefs together gain {}.", gain_text(v.all, v.unit));
    if (!v.demand.text.empty()) out += fmt::format(" Arrivals x 1.25 gain {}.", gain_text(v.demand, v.unit));
    if (!v.suspects.empty()) out += fmt::format(" First to limit with more: {}, loaded to {:.3f}.", v.suspects.front().path, v.suspects.front().load);
    return out + shortened;
  }
  out = fmt::format("All reliefs together gain {}. ", gain_text(v.all, v.unit));
  out += fmt::format("{} {} enough for {:.0f} % of that", join(names(v), " and "), v.members.size() == 1 ? "is" : "are", 100 * std::min(1.0, v.share));
  if (v.members.size() > 1) {
    std::vector<std::string> lost;
    for (const Member& m : v.members) lost.push_back(fmt::format("{} without {}", lost_text(m, v.unit), m.relief.candidate.path));
    out += "; of the output as it is, " + join(lost, " and ") + (lost.size() == 1 ? " is lost" : " are lost");
  }
  out += ". One step at a time: " + steps_sentence(v.steps, v.unit) + ".";
  const bool nothing = std::none_of(v.steps.begin(), v.steps.end(), [](const Gain& g) { return g.gains(); });
  if (nothing) out += v.pairs.empty() ? " No pair of steps gains either." : " In pairs: " + steps_sentence(v.pairs, v.unit) + ".";
  return out + shortened;
}

Table gains_table(const Verdict& v) {
  Table table({text_column("role", "all, set, without (the set without this member), step, pair, demand"),
               text_column("path", "what is relieved"), text_column("relief", "what changes"),
               number_column("gain", "1", "of the objective, relative to the plant as it is"), number_column("gain_low", "1"),
               number_column("gain_high", "1"), number_column("absolute", v.unit, "the same, as a difference"),
               number_column("absolute_low", v.unit), number_column("absolute_high", v.unit),
               number_column("carbon", "kg CO2e/t", "difference of carbon per tonne of the first functional unit"),
               number_column("carbon_low", "kg CO2e/t"), number_column("carbon_high", "kg CO2e/t"),
               number_column("lost", "1", "by the set without this member, relative to the plant as it is"), number_column("lost_low", "1"),
               number_column("lost_high", "1"), text_column("error", "why it cannot run")});
  row_of(table, "all", v.all);
  if (!v.members.empty()) row_of(table, "set", v.set);
  for (const Member& m : v.members) {
    Gain without = m.without;
    without.reliefs = {m.relief};
    without.text = m.text;
    row_of(table, "without", without, m.lost);
  }
  for (const Gain& g : v.steps) row_of(table, "step", g);
  for (const Gain& g : v.pairs) row_of(table, "pair", g);
  if (!v.demand.text.empty()) row_of(table, "demand", v.demand);
  return table;
}

Table suspects_table(const Verdict& v) {
  Table table({text_column("suspect", "what may limit").as("Suspects of one run"),
               number_column("load", "1", "share of what it has that is taken: of servers and pools the mean of all replications, of buffers and calendars of one").as("load", shown_percent), text_column("why", "of one run").as("why").to_the_left()});
  for (const Suspect& s : v.suspects) table.row({s.path, s.load, s.why});
  return table;
}

std::string verdict_text(const Scenario& scenario, const Verdict& v) {
  const std::string label = scenario.label.empty() ? std::string() : fmt::format(" ({})", one_line(scenario.label));
  std::string out = fmt::format("{}{}: what limits {}\n", one_line(scenario.name), label, v.objective);
  out += paragraph(fmt::format("now {} {}; figures of {} to {} after the start, {} fresh replications (those that selected: {}), seed {}, {:g} % confidence",
                               readable(v.now.mean, v.now.half_width), v.unit, format_weeks(v.begin_s), format_weeks(v.end_s), v.replications, v.selecting,
                               scenario.run.seed, 100 * scenario.run.confidence));
  if (v.steps_end_s < v.end_s)
    out += paragraph(fmt::format("steps, and members if they are many, to save time: {} to {} after the start, {} others", format_weeks(v.steps_begin_s),
                                 format_weeks(v.steps_end_s), v.steps_replications));
  out += "\n" + paragraph(verdict_sentence(v));
  if (!v.members.empty()) {
    Table table = Table::for_people({"Sufficient set", "lost without it", "gain left without it"});
    for (const Member& m : v.members) table.row({m.text, lost_text(m, v.unit), gain_text(m.without, v.unit)});
    table.row({"all of these", "", gain_text(v.set, v.unit)});
    table.row({fmt::format("all {} candidates", v.n_candidates), "", gain_text(v.all, v.unit)});
    out += "\n" + table.text();
  }
  out += table_of("One step at a time", v.steps, v) + table_of("Two steps at a time", v.pairs, v);
  if (!v.demand.text.empty()) out += table_of("Demand", {v.demand}, v);
  if (!v.suspects.empty()) {
    Verdict few = v;
    if (few.suspects.size() > shown_suspects) few.suspects.resize(shown_suspects);
    out += "\n" + suspects_table(few).text();
  }
  return out;
}

std::string verdict_json(const Scenario& scenario, const Verdict& v) {
  const auto interval = [](const Interval& i) { return Json{{"mean", json_number<Json>(i.mean)}, {"low", json_number<Json>(i.low())}, {"high", json_number<Json>(i.high())}, {"n", i.n}}; };
  Json json{{"scenario", scenario.name}, {"label", scenario.label}, {"hash", scenario.scenario_hash}, {"seed", scenario.run.seed}, {"confidence", scenario.run.confidence},
            {"objective", v.objective}, {"unit", v.unit}, {"now", interval(v.now)}, {"window_s", Json::array({v.begin_s, v.end_s})},
            {"replications", v.replications}, {"steps_window_s", Json::array({v.steps_begin_s, v.steps_end_s})}, {"steps_replications", v.steps_replications}, {"selecting", v.selecting}, {"runs", v.runs}, {"candidates", v.n_candidates},
            {"verdict", verdict_sentence(v)}, {"demand_limits", v.demand_limits}, {"undecided", v.undecided}, {"share", json_number<Json>(v.share)}, {"sufficient", Json::array()}};
  for (const Member& m : v.members) json["sufficient"].push_back(m.relief.candidate.path);
  json["gains"] = json_rows<Json>(gains_table(v));
  json["suspects"] = json_rows<Json>(suspects_table(v));
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace retwin

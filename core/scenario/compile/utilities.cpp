// Compiling utilities, and what stations draw of them.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/scenario/compile/compiler.hpp"
#include "core/scenario/specs/engine_units.hpp"

namespace retwin {
namespace {

/// What is metered has no time in it, energy aside.
bool metered(const Dimension& d) { return d == dimension::energy || (d.exponent[2] == 0 && !d.none()); }

}  // namespace

/// An amount by time of what has this dimension.
std::optional<double> Compiler::by_time(const Located& text, const Dimension& of, const std::string& path, const char* example) {
  std::string why;
  const auto q = parse_quantity(text.text, &why);
  if (q && q->dimension * dimension::time == of && q->value > 0) return q->value;
  if (q && q->dimension * dimension::time == of) problems_.error(Code::range, text.place, path, "must be more than 0", std::string("write for instance ") + example);
  else
    problems_.error(Code::unit, text.place, path, !why.empty() ? why : "\"" + text.text + "\" is " + describe(q ? q->dimension : dimension::none) + ", and not " + describe(of) + " by time",
                    std::string("write for instance ") + example);
  return std::nullopt;
}

Utility Compiler::utility(UtilitySpec& spec) {
  const std::string path = "utilities." + spec.name;
  Utility out;
  out.name = spec.name;
  out.place = spec.place;
  std::string why;
  const auto q = parse_quantity(spec.capacity.text, &why);
  const Dimension amount = q ? q->dimension * dimension::time : dimension::mass;
  if (!spec.capacity.empty() && (!q || !metered(amount)))
    problems_.error(Code::unit, spec.capacity.place, path + ".capacity", !why.empty() ? why : "\"" + spec.capacity.text + "\" is no amount by time", "write 2 t/h, 4.75 MW or 600 m3/h");
  else if (q) {
    out.capacity = by_time(spec.capacity, amount, path + ".capacity", "2 t/h").value_or(1);
    place_ = spec.flow.empty() ? spec.place : spec.flow.place;
    path_ = path + (spec.flow.empty() ? "" : ".flow");
    out.flow = static_cast<Index>(flow(spec.flow.empty() ? spec.name : spec.flow.text, amount));
  }
  if (spec.storage.given && out.flow != none && !spec.storage.capacity.empty()) {
    const std::string at = path + ".storage";
    const auto kept = parse_quantity(spec.storage.capacity.text, &why);
    if (!kept || !(kept->dimension == amount) || !(kept->value > 0))
      problems_.error(kept && kept->dimension == amount ? Code::range : Code::unit, spec.storage.capacity.place, at + ".capacity", "\"" + spec.storage.capacity.text + "\" is no amount of " + spec.name + " that can be kept",
                      "write an amount of " + describe(amount));
    else out.storage.amount = kept->value;
    const auto rate = [&](const Located& text, const char* name) { return text.empty() ? out.capacity : by_time(text, amount, at + name, "1 t/h").value_or(out.capacity); };
    out.storage.charge = rate(spec.storage.charge, ".charge");
    out.storage.discharge = rate(spec.storage.discharge, ".discharge");
    out.storage.start = spec.storage.start;
    out.storage.efficiency = spec.storage.efficiency;
    if (!spec.storage.loss.empty()) out.storage.loss_per_s = by_time(spec.storage.loss, amount, at + ".loss", "5 kg/h").value_or(0);
    if (!(out.storage.efficiency > 0)) problems_.error(Code::range, spec.storage.capacity.place, at + ".efficiency", "nothing would be kept", "write a share of more than 0");
  }
  if (!spec.limit.empty() && out.flow != none) out.limit = by_time(spec.limit, amount, path + ".limit", "2 t/h").value_or(0);
  if (spec.input.given && out.flow != none) compile_input(spec, out, amount);
  out.outages = outages(spec.fails, path, "utility " + spec.name);
  return out;
}

/// The points of what it uses by what it gives; where that is counted is found when the stations are there.
void Compiler::compile_input(const UtilitySpec& spec, Utility& out, const Dimension& amount) {
  const InputSpec& input = spec.input;
  const std::string path = "utilities." + spec.name + ".input";
  if (input.at.size() < 2 || input.at.size() != input.use.size()) {
    problems_.error(Code::missing, input.flow.place, path, "what does it use when it gives how much?", "write two points or more, as at: [0 t/h, 2 t/h], use: [4 m3/h, 150 m3/h]");
    return;
  }
  std::optional<Dimension> used;
  for (std::size_t k = 0; k < input.at.size(); ++k) {
    std::string why;
    const auto from = parse_quantity(input.at[k].text, &why), use = parse_quantity(input.use[k].text, &why);
    const bool known = from && use && from->dimension * dimension::time == amount && metered(use->dimension * dimension::time) && (!used || *used == use->dimension * dimension::time);
    if (!known) {
      problems_.error(Code::unit, input.at[k].place, path, fmt::format("\"{}: {}\" is no amount of {} and another one by time", input.at[k].text, input.use[k].text, spec.name), "write at: [0 t/h, 2 t/h], use: [4 m3/h, 150 m3/h]");
      return;
    }
    used = use->dimension * dimension::time;
    if (from->value < 0 || use->value < 0 || (k > 0 && !(from->value > out.input.back().first))) {
      problems_.error(Code::range, input.at[k].place, path + ".at", "the points go from little to much", "write at: [0 t/h, 1 t/h, 2 t/h]");
      return;
    }
    out.input.emplace_back(from->value, use->value);
  }
  place_ = input.flow.place;
  path_ = path + ".flow";
  inputs_.push_back(static_cast<Index>(flow(input.flow.text, *used)));
}

/// What computers and utilities use, at the stations where they stand.
void Compiler::compile_standing() {
  Plant& plant = *plant_;
  plant.standing.resize(plant.digital.devices.size() + plant.utilities.size());
  std::size_t input = 0;
  for (std::size_t u = 0; u < plant.utilities.size(); ++u) {
    const Utility& utility = plant.utilities[u];
    const StorageSpec& storage = specs_.utilities[u].storage;
    const bool burns = !utility.input.empty();
    if (burns && !storage.station.empty())
      problems_.error(Code::conflict, storage.station.place, "utilities." + utility.name + ".storage.station", "what it keeps is counted with its input", "leave it out");
    if (!burns && utility.storage.amount > 0 && storage.station.empty() && (utility.storage.efficiency < 1 || utility.storage.loss_per_s > 0))
      problems_.warning(Code::missing, storage.capacity.place, "utilities." + utility.name + ".storage", "what it loses is counted nowhere", "add to it, as the place where that is counted, a station; or give the utility an input");
    if (!burns && storage.station.empty()) continue;
    const Located& name = burns ? specs_.utilities[u].input.station : storage.station;
    StandingUse& use = plant.standing[plant.digital.devices.size() + u];
    if (!burns) use.flow = utility.flow;
    else if (input < inputs_.size()) use.flow = inputs_[input++];
    use.station = find_station(name.text);
    if (use.station == none && !name.empty())
      problems_.error(Code::unknown_name, name.place, "utilities." + plant.utilities[u].name + (burns ? ".input.station" : ".storage.station"), "there is no station " + name.text, did_you_mean(name.text, names_of(plant.stations)));
  }
}

void Compiler::compile_utilities() {
  std::stable_sort(specs_.utilities.begin(), specs_.utilities.end(), [](const UtilitySpec& a, const UtilitySpec& b) { return a.name < b.name; });
  for (UtilitySpec& spec : specs_.utilities) plant_->utilities.push_back(utility(spec));
}

std::vector<Draw> Compiler::draws(const std::vector<DrawSpec>& specs, const std::string& path) {
  std::vector<Draw> out;
  for (const DrawSpec& spec : specs) {
    const std::string at = path + ".draws." + spec.name;
    const auto& all = plant_->utilities;
    const auto found = std::find_if(all.begin(), all.end(), [&](const Utility& u) { return u.name == spec.name; });
    if (found == all.end()) {
      problems_.error(Code::unknown_name, spec.place, at, "there is no utility " + spec.name, did_you_mean(spec.name, names_of(all)));
      continue;
    }
    if (found->flow == none || spec.amount.empty()) continue;  // told already
    const Dimension& amount = plant_->flows[found->flow].dimension;
    Draw draw;
    draw.utility = static_cast<Index>(found - all.begin());
    draw.weight = spec.weight;
    draw.priority = static_cast<int>(spec.priority);
    draw.counted = spec.counted;
    std::string why;
    const auto q = parse_quantity(spec.amount.text, &why);
    const Place& place = spec.amount.place;
    if (!q) {
      problems_.error(Code::unit, place, at + ".amount", why, "write an amount by time, of a job, or per mass");
      continue;
    }
    const bool gives = q->value < 0 && q->dimension * dimension::time == amount;
    if (q->dimension * dimension::time == amount) draw.per_s = q->value;
    else if (q->dimension == amount) draw.per_job = q->value;
    else if (q->dimension * dimension::mass == amount) draw.per_kg = q->value;
    else
      problems_.error(Code::unit, place, at + ".amount", "\"" + spec.amount.text + "\" is " + describe(q->dimension) + ", " + spec.name + " is " + describe(amount) + " by time",
                      "write an amount of it by time, of a job, or per mass");
    if (!(q->value > 0) && !gives) {
      if (q->value < 0) problems_.error(Code::range, place, at + ".amount", "less than nothing is drawn", "leave it out");
      continue;  // nothing is drawn
    }
    if (draw.per_kg > 0 && !substances_loaded_)
      problems_.error(Code::conflict, place, at + ".amount", "the lots of this plant have no masses, so that nothing is needed per mass", "write the amount of a job, or give the lots of a source a chemistry");
    draw.at_most_per_s = found->capacity;
    if (!spec.at_most.empty() && draw.needed()) draw.at_most_per_s = by_time(spec.at_most, amount, at + ".at_most", "0.6 t/h").value_or(found->capacity);
    if (!spec.at_most.empty() && !draw.needed())
      problems_.error(Code::conflict, spec.at_most.place, at + ".at_most", "what is drawn while the work goes on has a rate already", "leave at_most out, or write the amount of a job");
    if (draw.per_s > found->capacity && !problems_.any_errors())
      problems_.warning(Code::range, place, at + ".amount", fmt::format("more than all of {}: such a job always takes {:.3g} times as long", spec.name, draw.per_s / found->capacity),
                        "give the utility a larger capacity");
    out.push_back(draw);
  }
  std::stable_sort(out.begin(), out.end(), [](const Draw& a, const Draw& b) { return a.utility < b.utility; });
  return out;
}

void Compiler::compile_draws(const StationSpec& spec, Station& station, const std::string& path) {
  bool any = !spec.draws.empty();
  const std::vector<Draw> all = draws(spec.draws, path);
  std::set<Index> asked;
  for (std::size_t k = 0; k < station.phases.size(); ++k) {
    const bool own = k < spec.phases.size() && !spec.phases[k].draws.empty();
    any = any || own;
    station.phases[k].draws = own ? draws(spec.phases[k].draws, path + ".phases." + std::to_string(k)) : all;
    for (const Draw& draw : station.phases[k].draws)
      if (!own && draw.needed() && station.phases.size() > 1 && asked.insert(draw.utility).second)
        problems_.error(Code::conflict, spec.place, path + ".draws." + plant_->utilities[draw.utility].name, "in which phase is that needed?", "write it as draws of the phase");
  }
  for (const WorkPhase& phase : station.phases) {
    const auto gives = std::find_if(phase.draws.begin(), phase.draws.end(), [](const Draw& draw) { return draw.gives(); });
    if (gives != phase.draws.end() && std::any_of(phase.draws.begin(), phase.draws.end(), [&](const Draw& draw) { return &draw != &*gives && !draw.needed(); }))
      problems_.error(Code::conflict, spec.place, path + ".draws." + plant_->utilities[gives->utility].name, "work that gives takes nothing while it goes on, and gives to one utility", "write it as a phase of its own");
  }
  for (const WorkPhase& phase : station.phases)
    for (const Draw& draw : phase.draws) drawn_.insert(plant_->utilities[draw.utility].name);
  if (!spec.draws.empty() && !spec.phases.empty() && std::none_of(spec.phases.begin(), spec.phases.end(), [](const PhaseSpec& phase) { return phase.draws.empty(); }))
    problems_.error(Code::conflict, spec.draws.front().place, path + ".draws", "every phase draws for itself, so that this is never drawn", "leave it out, or the draws of a phase");
  const EngineUnit* const known = engine_unit(spec.unit);
  if (any && known != nullptr && (known->transport || known->special == Special::plan))
    problems_.error(Code::conflict, spec.place, path + ".draws", "a " + spec.unit + " draws nothing of utilities", "let the stations beside it draw");
}

void Compiler::check_drawn() {
  for (const Utility& utility : plant_->utilities)
    if (!drawn_.contains(utility.name) && !problems_.any_errors())
      problems_.warning(Code::missing, utility.place, "utilities." + utility.name, "nobody draws of it", "add to a station, for instance: draws: {" + utility.name + ": ...}");
}

}  // namespace retwin

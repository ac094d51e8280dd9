// Compiling plans: steps, their order, and the stations that see to them.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <string_view>
#include <unordered_map>

#include "core/base/files.hpp"
#include "core/scenario/compile/compiler.hpp"

namespace retwin {
namespace {

std::vector<std::string> names_of(const std::vector<PlanStep>& steps) {
  std::vector<std::string> names;
  for (const PlanStep& step : steps) names.push_back(step.name);
  return names;
}

// A step that is not left over when all that can be done is done, or none.
Index step_on_a_circle(const Plan& plan) {
  std::vector<std::size_t> left;
  std::vector<Index> ready;
  for (Index k = 0; k < plan.steps.size(); ++k) {
    left.push_back(plan.steps[k].after.size());
    if (left.back() == 0) ready.push_back(k);
  }
  for (std::size_t k = 0; k < ready.size(); ++k)
    for (const Index next : plan.steps[ready[k]].followers)
      if (--left[next] == 0) ready.push_back(next);
  for (Index k = 0; k < left.size(); ++k)
    if (left[k] > 0) return k;
  return none;
}

std::vector<Located> split_names(const std::string& cell, const Place& place) {
  std::vector<Located> names;
  for (std::size_t from = 0; from < cell.size();) {
    const std::size_t end = std::min(cell.find(';', from), cell.size());
    if (end > from) names.push_back({cell.substr(from, end - from), place});
    from = end + 1;
  }
  return names;
}

// "load [kg]": load, kg
std::pair<std::string, std::string> name_and_unit(const std::string& title) {
  const std::size_t bracket = title.find('[');
  if (bracket == std::string::npos || bracket == 0) return {title, ""};
  return {title.substr(0, title.find_last_not_of(' ', bracket - 1) + 1),
          title.substr(bracket + 1, title.find(']', bracket) - bracket - 1)};
}

}  // namespace

// Rows "plan, step, at, after (names parted by ;), duration [s]" become plans as if they stood in the file; further columns are
// attributes of the steps, with their unit if they have one ("load [kg]"), and may be empty.
void Compiler::read_plan_table() {
  if (specs_.plan_table.empty()) return;
  namespace fs = std::filesystem;
  const Located& from = specs_.plan_table;
  const fs::path file = fs::path(from.text).is_absolute() ? fs::path(from.text) : fs::path(file_).parent_path() / from.text;
  const std::size_t before = problems_.all().size();
  CsvReader csv = library_.table(from, file.string(), problems_);
  const int plan = csv.column("plan"), step = csv.column("step"), at = csv.column("at"), after = csv.column("after");
  const int duration = csv.column("duration [s]");
  if (problems_.all().size() == before && (plan < 0 || step < 0 || at < 0))
    problems_.error(Code::trace, {file.string(), 1, 1, 1, ""}, "plan_table", "the columns plan, step and at are needed",
                    "and, as wanted, after (names parted by ;) and duration [s]");
  if (problems_.all().size() > before) return;
  const auto is_category = [this](const std::string& name) {
    return std::any_of(specs_.attributes.begin(), specs_.attributes.end(),
                       [&](const AttributeSpec& a) { return a.name == name && !a.categories.empty(); });
  };
  std::vector<std::pair<int, std::pair<std::string, std::string>>> attributes;  // column: name, unit
  for (int k = 0; k < static_cast<int>(csv.columns().size()); ++k)
    if (k != plan && k != step && k != at && k != after && k != duration)
      attributes.emplace_back(k, name_and_unit(csv.columns()[static_cast<std::size_t>(k)]));
  std::map<std::string, std::size_t> known;
  for (std::size_t k = 0; k < specs_.plans.size(); ++k) known[specs_.plans[k].name] = k;
  while (csv.next()) {
    const auto [it, fresh] = known.emplace(csv.cell(plan), specs_.plans.size());
    if (fresh) specs_.plans.push_back({csv.cell(plan), csv.place(plan), {}});
    PlanStepSpec row;
    row.name = csv.cell(step);
    row.place = csv.place(step);
    row.at = {csv.cell(at), csv.place(at)};
    if (after >= 0) row.after = split_names(csv.cell(after), csv.place(after));
    if (duration >= 0 && !csv.cell(duration).empty()) {
      Node value = Node::scalar(csv.cell(duration) + " s");
      value.place = csv.place(duration);
      row.duration.read(value, "plan_table", problems_);
    }
    Node given = Node::map(csv.place(step));
    for (const auto& [column, title] : attributes) {
      if (csv.cell(column).empty()) continue;
      Node& value = given.at(title.first) = Node::scalar(csv.cell(column) + (title.second.empty() ? "" : " " + title.second));
      value.place = csv.place(column);
      value.quoted = is_category(title.first);
    }
    if (!given.entries.empty()) row.attributes.read(given, "plan_table", problems_);
    specs_.plans[it->second].steps.push_back(std::move(row));
  }
}

void Compiler::compile_plans() {
  Plant& plant = *plant_;
  if (specs_.plans.empty()) return;
  plant.plans.resize(categories(plant.plan_slot).size());  // after a problem the attribute may be a number: none
  std::unordered_map<std::string_view, PlanSpec*> by_name;
  for (PlanSpec& spec : specs_.plans) by_name.emplace(spec.name, &spec);
  for (std::size_t k = 0; k < plant.plans.size(); ++k) {
    const std::string& name = categories(plant.plan_slot)[k];
    const auto spec = by_name.find(name);
    if (spec == by_name.end()) {
      problems_.error(Code::unknown_name, specs_.plans.front().place, "plans", "there is no plan " + name,
                      "the attribute plan names one of the plans");
    } else {
      plant.plans[k] = plan(*spec->second);
    }
  }
}

Plan Compiler::plan(PlanSpec& spec) {
  std::stable_sort(spec.steps.begin(), spec.steps.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  Plan result;
  result.name = spec.name;
  const std::string path = "plans." + spec.name;
  std::map<std::string, Index> known;
  for (const PlanStepSpec& step : spec.steps) {
    if (!known.emplace(step.name, static_cast<Index>(result.steps.size())).second)
      problems_.error(Code::duplicate, step.place, path + "." + step.name, "there is already a step of this name");
    PlanStep compiled;
    compiled.name = step.name;
    compiled.stream = stream_id(step.name);
    compiled.station = station_index(step.at, path + "." + step.name + ".at");
    compiled.duration = duration(step.duration, path + "." + step.name + ".duration");
    compiled.attributes = attribute_draws(step.attributes, path + "." + step.name + ".attributes");
    result.steps.push_back(std::move(compiled));
  }
  for (Index k = 0; k < spec.steps.size(); ++k) {
    for (const Located& name : spec.steps[k].after) {
      const auto before = known.find(name.text);
      if (before == known.end()) {
        const std::string near = nearest(name.text, names_of(result.steps));
        problems_.error(Code::unknown_name, name.place, path + "." + spec.steps[k].name + ".after",
                        "this plan has no step " + name.text, near.empty() ? "" : "did you mean " + near + "?");
        continue;
      }
      std::vector<Index>& after = result.steps[k].after;
      if (std::find(after.begin(), after.end(), before->second) != after.end()) continue;
      after.push_back(before->second);
      result.steps[before->second].followers.push_back(k);
    }
    if (result.steps[k].after.size() > most_steps_before)
      problems_.error(Code::range, spec.steps[k].place, path + "." + spec.steps[k].name + ".after",
                      "a step waits for at most 250 others");
  }
  if (const Index step = step_on_a_circle(result); step != none)
    problems_.error(Code::cycle, spec.steps[step].place, path + "." + spec.steps[step].name,
                    "this step can never begin: it waits, by way of others, for itself", "take one of the names after it out");
  spec.steps = {};  // many plans take much memory, and are asked for no more
  return result;
}

// The stations of the steps, by how often they are met: equal shares of all plans where no source says how often each comes.
void Compiler::route_steps(Station& station, const std::string& path) const {
  const auto& known = categories(plant_->plan_slot);
  std::vector<double> weight(plant_->plans.size(), 0);
  for (const SourcePart& part : specs_.sources)
    for (const AttributesValue::Entry& entry : part.spec.attributes.entries()) {
      if (entry.name.text != "plan") continue;
      for (const auto& [name, share] : entry.categories) {
        const auto it = std::find(known.begin(), known.end(), name);
        if (it != known.end()) weight[static_cast<std::size_t>(it - known.begin())] += share;
      }
    }
  if (std::all_of(weight.begin(), weight.end(), [](double w) { return w <= 0; })) std::fill(weight.begin(), weight.end(), 1.0);
  std::map<Index, double> met;
  double total = 0, lots = 0;
  for (const double w : weight) lots += w;
  for (std::size_t k = 0; k < plant_->plans.size(); ++k)
    for (const PlanStep& step : plant_->plans[k].steps)
      if (step.station != none) met[step.station] += weight[k], total += weight[k];
  station.steps_per_lot = lots > 0 ? total / lots : 0;
  Route& route = station.routes[1] = Route{};
  route.kind = RouteKind::probability;
  route.path = path;
  double sum = 0;
  for (const auto& [at, times] : met) {
    RouteOption option;
    option.target = at;
    option.share = (sum += times) / total;
    route.options.push_back(std::move(option));
  }
  if (route.options.empty()) route.options.emplace_back();
}

// What a station that sees to plans needs of them, and they of it.
void Compiler::compile_plan_station(const StationSpec& spec, Station& station, const std::string& path) {
  station.one_at_a_time = spec.one_at_a_time;
  if (plant_->plans.empty()) {
    problems_.error(Code::missing, spec.place, path, "there are no plans", "add a section plans");
    return;
  }
  if (spec.duration.given() || !spec.phases.empty() || spec.batch.given || spec.setup.given || spec.changeover.given() ||
      spec.needs.given() || spec.blocking == 1 || !station.failures.empty() || station.calendar != none)
    problems_.error(Code::conflict, spec.place, path,
                    "a plan only keeps its lots: time, crews and failures belong to the stations of its steps");
  if (spec.one_at_a_time && !station.unlimited_servers)
    problems_.error(Code::conflict, spec.place, path + ".servers",
                    "lots that travel from step to step come back: their number cannot be limited here", "leave servers out");
  if (spec.one_at_a_time) return;
  for (const Plan& plan : plant_->plans)
    for (const PlanStep& step : plan.steps) {
      if (step.station == none) continue;
      const Station& at = plant_->stations[step.station];
      const std::string where = "plans." + plan.name + "." + step.name;
      const StationPart& part = specs_.stations[step.station];
      if (part.operation)
        problems_.error(Code::conflict, part.spec.place, where,
                        "steps that may overlap carry no material, " + at.name + " works on it",
                        "let one_at_a_time: true send the lot itself");
      if (const EngineUnit* known = engine_unit(part.spec.unit); known != nullptr && !known->takes_steps)
        problems_.error(Code::conflict, part.spec.place, where,
                        "a step cannot be done at " + at.name + ", unit: " + part.spec.unit);
      if (part.spec.buffer.places() != unlimited || part.spec.buffer.kg() >= 0 || part.spec.buffer.m3() >= 0)
        problems_.error(Code::conflict, part.spec.place, where,
                        "steps that may overlap wait at their station, but the buffer of " + at.name + " is limited",
                        "leave its buffer out, or use one_at_a_time: true");
    }
}

}  // namespace retwin

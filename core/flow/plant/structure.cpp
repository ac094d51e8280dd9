// The structure of a plant: taken from it, written and read as text, compared.
#include "core/flow/plant/structure.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <map>

#include "core/base/random.hpp"
#include "core/flow/plant/plant.hpp"

namespace retwin {
namespace {

using List = std::vector<std::string>;
using Facts = decltype(Structure::Entry::facts);

List names_of(const auto& list) {
  List names;
  for (const auto& item : list) names.push_back(item.name);
  return names;
}

template <class T>
std::string name_at(const std::vector<T>& list, std::int64_t index) {
  return index >= 0 && index < static_cast<std::int64_t>(list.size()) ? list[static_cast<std::size_t>(index)].name : "";
}

List one(std::string text) { return text.empty() ? List{} : List{std::move(text)}; }
List one(std::size_t number) { return {std::to_string(number)}; }

// A clock of another kind counts something else, so it is another failure mode to a state.
std::string mode_name(const FailureMode& mode) {
  static constexpr const char* clocks[] = {"calendar", "working", "count"};
  return mode.name + ":" + clocks[static_cast<std::size_t>(mode.clock)] + (mode.whole_station ? ":station" : "");
}

/// What a job takes of utilities, by phase: "0:steam" while it works, "0+steam" where it needs an amount.
List draws_of(const Plant& plant, const Station& s) {
  List draws;
  for (std::size_t k = 0; k < s.phases.size(); ++k)
    for (const Draw& draw : s.phases[k].draws) draws.push_back(fmt::format("{}{}{}", k, draw.needed() ? "+" : draw.gives() ? "-" : ":", plant.utilities[draw.utility].name));
  return draws;
}

/// Tasks of the digital layer that its phases wait for, by phase: "0:look".
List awaited_by(const Plant& plant, const Station& s) {
  List tasks;
  for (std::size_t k = 0; k < s.phases.size(); ++k)
    if (s.phases[k].task != none) tasks.push_back(fmt::format("{}:{}", k, plant.digital.tasks[s.phases[k].task].name));
  return tasks;
}

/// The devices of each of its steps: "cell_link+uplink".
Facts facts_of(const Plant& plant, const DigitalTask& task) {
  List steps;
  for (const DigitalStep& step : task.steps) {
    std::string over;
    for (const Index d : step.over) over += (over.empty() ? "" : "+") + plant.digital.devices[d].name;
    steps.push_back(over);
  }
  return {{"steps", std::move(steps)}};
}

Facts facts_of(const Plant& plant, const Station& s) {
  static constexpr const char* specials[] = {"", "unload", "fleet", "lap", "plan"};
  List failures;
  for (const FailureMode& mode : s.failures) failures.push_back(mode_name(mode));
  const auto places = static_cast<std::size_t>(std::sqrt(static_cast<double>(s.distance_m.size())) + 0.5);
  return {{"servers", one(s.servers)},
          {"unlimited", one(s.unlimited_servers ? "yes" : "")},
          {"ports", names_of(s.ports)},
          {"phases", names_of(s.phases)},
          {"failures", std::move(failures)},
          {"memory", names_of(s.memory)},
          {"draws", draws_of(plant, s)},
          {"waits_for", awaited_by(plant, s)},
          {"keys", one(s.n_keys)},
          {"patience", one(s.patience ? "yes" : "")},
          {"batch", one(name_at(plant.attributes, s.batch.by))},
          {"setup", one(name_at(plant.attributes, s.setup.by))},
          {"calendar", one(s.calendar == none ? "" : plant.calendar_names[s.calendar])},
          {"blocks", one(s.block_before ? "before" : "")},
          {"special", one(specials[static_cast<std::size_t>(s.special)])},
          {"places", one(places)}};
}

// What a state keeps of a plan are its steps by number.
Facts facts_of(const Plant& plant, const Plan& plan) {
  List at, after;
  for (const PlanStep& step : plan.steps) {
    at.push_back(plant.stations[step.station].name);
    std::string before;
    for (const Index b : step.after) before += (before.empty() ? "" : "+") + std::to_string(b);
    after.push_back(before);
  }
  return {{"steps", names_of(plan.steps)}, {"at", std::move(at)}, {"after", std::move(after)}};
}

Facts facts_of(const Plant& plant, const Tank& tank) {
  List elements;
  for (const std::size_t e : tank.elements) elements.push_back(plant.substances.elements[e]);
  return {{"elements", std::move(elements)}};
}

// --- text ------------------------------------------------------------------------------------------------------------------------

std::string encoded(const std::string& name) {
  if (name.empty()) return "%";
  std::string out;
  for (const char c : name) {
    if (static_cast<unsigned char>(c) <= ' ' || c == ',' || c == '=' || c == '%' || c == 127) {
      out += fmt::format("%{:02x}", static_cast<unsigned char>(c));
    } else {
      out += c;
    }
  }
  return out;
}

bool decode(std::string_view text, std::string& name) {
  name.clear();
  if (text == "%") return true;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      name += text[i];
      continue;
    }
    unsigned value = 0;
    const std::string_view digits = text.substr(i + 1, 2);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    if (error != std::errc() || digits.size() != 2 || end != digits.data() + 2) return false;
    name += static_cast<char>(value);
    i += 2;
  }
  return !name.empty();
}

/// Cuts what stands before the next separator off the text.
std::string_view cut(std::string_view& text, char separator) {
  const std::size_t at = text.find(separator);
  const std::string_view piece = text.substr(0, at);
  text.remove_prefix(at == std::string_view::npos ? text.size() : at + 1);
  return piece;
}

bool parse_entry(std::string_view line, Structure::Entry& entry) {
  if (!decode(cut(line, ' '), entry.kind) || !decode(cut(line, ' '), entry.name)) return false;
  while (!line.empty()) {
    std::string_view fact = cut(line, ' ');
    if (fact.find('=') == std::string_view::npos) return false;
    auto& [name, values] = entry.facts.emplace_back();
    if (!decode(cut(fact, '='), name)) return false;
    while (!fact.empty())
      if (!decode(cut(fact, ','), values.emplace_back())) return false;
  }
  return true;
}

}  // namespace

// --- access ----------------------------------------------------------------------------------------------------------------------

const List& Structure::Entry::list(std::string_view fact) const {
  static const List empty;
  for (const auto& [known, values] : facts)
    if (known == fact) return values;
  return empty;
}

std::string Structure::Entry::value(std::string_view fact) const {
  const List& values = list(fact);
  return values.empty() ? "" : values.front();
}

std::size_t Structure::Entry::number(std::string_view fact) const {
  const std::string text = value(fact);
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? number : 0;
}

std::vector<const Structure::Entry*> Structure::of(std::string_view kind) const {
  std::vector<const Entry*> found;
  for (const Entry& entry : entries)
    if (entry.kind == kind) found.push_back(&entry);
  return found;
}

std::string Structure::text() const {
  std::string out;
  for (const Entry& entry : entries) {
    out += encoded(entry.kind) + ' ' + encoded(entry.name);
    for (const auto& [fact, values] : entry.facts) {
      out += ' ' + encoded(fact) + '=';
      for (std::size_t k = 0; k < values.size(); ++k) out += (k > 0 ? "," : "") + encoded(values[k]);
    }
    out += '\n';
  }
  return out;
}

std::optional<Structure> parse_structure(std::string_view text) {
  Structure structure;
  while (!text.empty())
    if (!parse_entry(cut(text, '\n'), structure.entries.emplace_back())) return std::nullopt;
  return structure;
}

// --- of a plant ------------------------------------------------------------------------------------------------------------------

Structure structure_of(const Plant& plant) {
  Structure structure;
  const auto add = [&](const char* kind, const std::string& name, Facts facts = {}) {
    structure.entries.push_back({kind, name, std::move(facts)});
  };
  for (const Station& s : plant.stations) add("station", s.name, facts_of(plant, s));
  for (const Source& s : plant.sources) add("source", s.name);
  for (const Sink& s : plant.sinks) add("sink", s.name);
  for (const Tank& t : plant.tanks) add("tank", t.name, facts_of(plant, t));
  for (const Pool& p : plant.pools) add("pool", p.name);
  for (const Utility& u : plant.utilities) add("utility", u.name, {{"circle", one(static_cast<std::size_t>(u.circle))}, {"outages", names_of(u.outages)}});
  for (const Device& d : plant.digital.devices) add(d.link ? "link" : "host", d.name, {{"outages", names_of(d.outages)}});
  for (const DigitalTask& task : plant.digital.tasks) add("task", task.name, facts_of(plant, task));
  for (const std::string& name : plant.calendar_names) add("calendar", name);
  for (const Attribute& a : plant.attributes) add("attribute", a.name, {{"categories", a.categories}});
  for (const Plan& plan : plant.plans) add("plan", plan.name, facts_of(plant, plan));
  for (const LotKindInfo& k : plant.kinds) add("kind", k.name);
  for (const FlowInfo& f : plant.flows) add("flow", f.name);
  for (std::size_t c = 0; c < plant.n_components; ++c) add("component", plant.substances.components[c]);
  return structure;
}

std::uint64_t structure_hash(const Structure& structure) { return stream_id(structure.text()); }
std::uint64_t structure_hash(const Plant& plant) { return structure_hash(structure_of(plant)); }

std::string path_of(const std::string& kind, const std::string& name) {
  const bool digital = kind == "host" || kind == "link" || kind == "task";
  return (digital ? "digital." : "") + (kind == "utility" ? "utilities" : kind + "s") + "." + name;
}

std::vector<Difference> differences(const Structure& state, const Structure& plant) {
  std::vector<Difference> found;
  std::map<std::pair<std::string, std::string>, const Structure::Entry*> of_state, of_plant;
  for (const Structure::Entry& entry : state.entries) of_state[{entry.kind, entry.name}] = &entry;
  for (const Structure::Entry& entry : plant.entries) of_plant[{entry.kind, entry.name}] = &entry;
  const auto shown = [](const List& values) { return values.empty() ? "none" : fmt::format("{}", fmt::join(values, ", ")); };
  const auto missing = [&](const Structure& in, const auto& others, const char* where) {
    for (const Structure::Entry& entry : in.entries)
      if (!others.contains({entry.kind, entry.name}))
        found.push_back({path_of(entry.kind, entry.name), fmt::format("{} {} is only in the {}", entry.kind, entry.name, where)});
  };
  missing(state, of_plant, "saved state");
  missing(plant, of_state, "plant");
  for (const Structure::Entry& entry : state.entries) {
    const auto other = of_plant.find({entry.kind, entry.name});
    if (other == of_plant.end()) continue;
    for (const auto& [fact, values] : entry.facts) {
      const List& now = other->second->list(fact);
      if (values != now)
        found.push_back({path_of(entry.kind, entry.name), fmt::format("{} {}: {} {} in the saved state, {} in the plant",
                                                                     entry.kind, entry.name, fact, shown(values), shown(now))});
    }
  }
  if (found.empty() && state.text() != plant.text())
    found.push_back({"", "the same things come in another order, because priorities differ"});
  return found;
}

}  // namespace retwin

// Taking the layout of states from the text of a structure.
#include "core/flow/state/layout.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <string_view>
#include <utility>

namespace retwin {
namespace {

using Names = std::map<std::string, Index, std::less<>>;

/// Numbers of the names of a kind; nothing if one stands there twice.
std::optional<Names> numbered(const std::vector<const Structure::Entry*>& entries) {
  Names names;
  for (const Structure::Entry* entry : entries)
    if (!names.emplace(entry->name, static_cast<Index>(names.size())).second) return std::nullopt;
  return names;
}

LaidStation laid_station(const Structure::Entry& entry) {
  LaidStation s;
  s.name = entry.name;
  s.servers = entry.number("servers");
  s.ports = entry.list("ports").size();
  s.phases = entry.list("phases").size();
  s.modes = entry.list("failures").size();
  s.keys = entry.number("keys");
  s.memory = entry.list("memory").size();
  s.places = std::max<std::size_t>(1, entry.number("places"));
  s.unlimited = !entry.list("unlimited").empty();
  s.plan = entry.value("special") == "plan";
  for (const std::string& mode : entry.list("failures")) s.whole_station.push_back(mode.ends_with(":station"));
  return s;
}

/// "0:steam" and "0+steam" to draws by phase; false if there is no such phase or utility.
bool lay_out_draws(const Structure::Entry& entry, const Names& utilities, LaidStation& station) {
  station.draws.resize(station.phases);
  for (const std::string& text : entry.list("draws")) {
    std::size_t phase = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), phase);
    if (error != std::errc() || end == text.data() + text.size() || (*end != ':' && *end != '+' && *end != '-') || phase >= station.phases) return false;
    const auto utility = utilities.find(std::string_view(end + 1, static_cast<std::size_t>(text.data() + text.size() - end - 1)));
    if (utility == utilities.end()) return false;
    station.draws[phase].push_back({utility->second, *end == '+', *end == '-'});
  }
  return true;
}

/// "0:look" to the task of the digital layer that a phase waits for; false if there is no such phase or task.
bool lay_out_tasks(const Structure::Entry& entry, const Names& tasks, LaidStation& station) {
  station.tasks.assign(station.phases, none);
  for (const std::string& text : entry.list("waits_for")) {
    std::size_t phase = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), phase);
    if (error != std::errc() || end == text.data() + text.size() || *end != ':' || phase >= station.phases) return false;
    const auto task = tasks.find(std::string_view(end + 1, static_cast<std::size_t>(text.data() + text.size() - end - 1)));
    if (task == tasks.end()) return false;
    station.tasks[phase] = task->second;
  }
  return true;
}

/// "2+5" to numbers below `steps`; false if it is something else.
bool read_after(std::string_view text, std::size_t steps, std::vector<Index>& after) {
  while (!text.empty()) {
    const std::size_t plus = std::min(text.find('+'), text.size());
    Index step = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + plus, step);
    if (error != std::errc() || end != text.data() + plus || step >= steps) return false;
    after.push_back(step);
    text.remove_prefix(std::min(plus + 1, text.size()));
  }
  return true;
}

bool lay_out_plan(const Structure::Entry& entry, const Names& stations, LaidPlan& plan) {
  const std::size_t steps = entry.list("steps").size();
  if (entry.list("at").size() != steps || entry.list("after").size() != steps) return false;
  for (const std::string& at : entry.list("at")) {
    const auto station = stations.find(at);
    if (station == stations.end()) return false;
    plan.at.push_back(station->second);
  }
  plan.after.resize(steps);
  for (std::size_t k = 0; k < steps; ++k)
    if (!read_after(entry.list("after")[k], steps, plan.after[k])) return false;
  return true;
}

}  // namespace

std::optional<Layout> lay_out(const Structure& structure) {
  static constexpr const char* kinds[] = {"station", "source", "sink", "tank", "pool", "utility", "host", "link", "task", "calendar", "attribute", "kind", "flow", "component"};
  std::map<std::string, Names, std::less<>> names;
  for (const char* kind : kinds) {
    auto numbers = numbered(structure.of(kind));
    if (!numbers) return std::nullopt;
    names[kind] = std::move(*numbers);
  }
  Layout out;
  for (const Structure::Entry* attribute : structure.of("attribute")) {
    if (attribute->name == "plan" && !structure.of("plan").empty()) out.plan_slot = out.categories.size();
    out.categories.push_back(attribute->list("categories").size());
  }
  for (const Structure::Entry* entry : structure.of("station")) {
    LaidStation s = laid_station(*entry);
    if (s.ports == 0 || s.phases == 0 || s.modes > 16 || !lay_out_draws(*entry, names["utility"], s) || !lay_out_tasks(*entry, names["task"], s)) return std::nullopt;
    if (!entry->list("batch").empty()) {
      const auto by = names["attribute"].find(entry->value("batch"));
      if (by == names["attribute"].end()) return std::nullopt;
      s.batch_by = by->second;
    }
    if (s.keys != 0 && s.keys != (s.batch_by ? out.categories[*s.batch_by] + 1 : 1)) return std::nullopt;
    out.patience = out.patience || !entry->list("patience").empty();
    s.first_server = out.servers;
    s.first_clock = out.clocks;
    s.first_key = out.keys;
    out.servers += s.servers;
    out.ports += s.ports;
    out.clocks += s.servers * s.modes;
    out.keys += s.keys;
    out.memory += s.servers * s.memory;
    out.stations.push_back(std::move(s));
  }
  for (const Structure::Entry* entry : structure.of("plan")) {
    if (!lay_out_plan(*entry, names["station"], out.plans.emplace_back())) return std::nullopt;
    out.most_steps = std::max(out.most_steps, out.plans.back().at.size());
  }
  if (out.plan_slot && out.categories[*out.plan_slot] != out.plans.size()) return std::nullopt;
  out.sources = names["source"].size();
  out.sinks = names["sink"].size();
  out.pools = names["pool"].size();
  out.calendars = names["calendar"].size();
  out.kinds = names["kind"].size();
  out.flows = names["flow"].size();
  out.components = names["component"].size();
  out.tanks = names["tank"].size();
  for (const Structure::Entry* entry : structure.of("tank")) out.tank_levels += 1 + entry->list("elements").size();
  out.utilities = names["utility"].size();
  for (const Structure::Entry* entry : structure.of("utility")) {
    out.circle_of.push_back(static_cast<Index>(entry->number("circle")));
    out.circles = std::max<std::size_t>(out.circles, out.circle_of.back() + std::size_t{1});
    out.outages += entry->list("outages").size();
  }
  for (const char* kind : {"host", "link"})
    for (const Structure::Entry* entry : structure.of(kind)) {
      ++out.devices;
      out.outages += entry->list("outages").size();
    }
  for (const Structure::Entry* entry : structure.of("task")) out.task_steps.push_back(entry->list("steps").size());
  if (out.circles > out.utilities) return std::nullopt;
  return out;
}

bool lengths_agree(const State& s, const Layout& is) {
  if (s.servers.size() < is.servers || s.server_station.size() != s.servers.size()) return false;
  std::size_t server_ports = 0;
  for (const Index station : s.server_station) {
    if (station >= is.stations.size()) return false;
    server_ports += is.stations[station].ports;
  }
  const Accounts& a = s.accounts;
  const std::size_t stations = is.stations.size();
  const std::pair<std::size_t, std::size_t> lengths[] = {
      {s.attributes.size(), s.lots.size() * is.categories.size()},
      {s.kg.size(), s.lots.size() * is.components},
      {s.steps.size(), s.lots.size() * is.most_steps},
      {s.patience.size(), is.patience ? s.lots.size() : 0},
      {s.server_port.size(), s.servers.size()},
      {s.outputs.size(), server_ports},
      {s.stations.size(), stations},
      {s.sources.size(), is.sources},
      {s.routes.size(), is.ports + is.sources},
      {s.pools.size(), is.pools},
      {s.clocks.size(), is.clocks},
      {s.calendar_on.size(), is.calendars},
      {s.calendar_event.size(), is.calendars},
      {s.key_count.size(), is.keys},
      {s.key_kg.size(), is.keys},
      {s.memory.size(), is.memory},
      {a.stations.size(), stations},
      {a.queue_times.size(), stations},
      {a.kg_times.size(), stations},
      {a.sources.size(), is.sources + 1},
      {a.sinks.size(), is.sinks},
      {a.cycle_time.size(), is.sinks},
      {a.metered.size(), stations * is.flows},
      {a.port_kg.size(), is.ports * is.components},
      {a.port_lots.size(), is.ports},
      {a.source_kg.size(), is.sources * is.components},
      {a.sink_kg.size(), is.sinks * is.components},
      {a.initial_kg.size(), is.components},
      {a.created_kg.size(), stations * is.components},
      {a.transmuted_kg.size(), stations * is.components},
      {a.utilities.size(), is.utilities},
      {s.circles.size(), is.circles},
      {s.wanted.size(), is.utilities},
      {s.fed.size(), is.utilities},
      {a.standing.size(), is.devices + is.utilities},
      {s.stores.size(), is.utilities},
      {s.outages.size(), is.outages},
      {s.server_pulls.size(), is.utilities > 0 ? s.servers.size() : 0},
      {s.drawn.size(), s.servers.size() * is.utilities},
      {a.devices.size(), is.devices},
      {a.tasks.size(), is.task_steps.size()},
      {a.task_latency.size(), is.task_steps.size()},
      {s.task_clocks.size(), is.task_steps.size()},
      {s.awaited.size(), is.task_steps.empty() ? 0 : s.servers.size()},
      {s.tanks.size(), is.tanks},
      {s.tank_kg.size(), is.tanks * is.components},
      {a.tanks.size(), is.tanks},
      {a.tank_kg.size(), is.tanks * is.components},
      {a.tank_levels.size(), is.tank_levels},
  };
  return std::all_of(std::begin(lengths), std::end(lengths), [](const auto& pair) { return pair.first == pair.second; });
}

}  // namespace retwin

// Saved states: named sections; and one list of the members of a state, used to save it, to read it back and to digest it.
#include "core/flow/state/snapshot.hpp"

#include <fmt/format.h>

#include <array>
#include <bit>
#include <cstring>
#include <map>
#include <type_traits>

#include "core/base/files.hpp"
#include "core/base/problem.hpp"
#include "core/flow/state/archive.hpp"
#include "core/flow/state/sound.hpp"

namespace retwin {
namespace {

constexpr std::string_view magic = "RETWIN-STATE";
constexpr std::uint32_t format_version = 11;
constexpr std::size_t digest_length = 64;
constexpr std::string_view structure_section = "structure", future_section = "future", accounts_section = "accounts", activity_section = "activity", tanks_section = "tanks", utilities_section = "utilities", digital_section = "digital";

// --- the members of a state ------------------------------------------------------------------------------------------------------

template <class Accounts, class Archive>
void visit_accounts(Accounts& a, Archive& archive) {
  archive(a.stations);
  archive(a.queue_times);
  archive(a.kg_times);
  archive(a.sources);
  archive(a.sinks);
  archive(a.cycle_time);
  archive(a.metered);
  archive(a.port_kg);
  archive(a.port_lots);
  archive(a.source_kg);
  archive(a.sink_kg);
  archive(a.initial_kg);
  archive(a.created_kg);
  archive(a.transmuted_kg);
  archive(a.standing);
  archive(a.job_J);
  archive(a.wip);
  archive(a.wip_cycle_sum);
  archive(a.events);
  archive(a.completions);
}

/// What decides the future.
template <class S, class Archive>
void visit_future(S& s, Archive& archive) {
  archive(s.structure_hash);
  archive(s.parameter_hash);
  archive(s.now);
  archive(s.order);
  archive(s.key);
  archive(s.started);
  archive(s.calendar);
  archive(s.lots);
  archive(s.free_lot);
  archive(s.live_lots);
  archive(s.attributes);
  archive(s.kg);
  archive(s.steps);
  archive(s.patience);
  archive(s.servers);
  archive(s.server_station);
  archive(s.stations);
  archive(s.sources);
  archive(s.routes);
  archive(s.pools);
  archive(s.grants);
  archive(s.free_grant);
  archive(s.requests);
  archive(s.clocks);
  archive(s.calendar_on);
  archive(s.calendar_event);
  archive(s.outputs);
  archive(s.server_port);
  archive(s.key_count);
  archive(s.key_kg);
  archive(s.memory);
  archive(s.outages);
}

/// What is kept for reports only. What is transient is empty between two instants.
template <class S, class Archive>
void visit_rest(S& s, Archive& archive) {
  archive(s.log_activity);
  archive(s.activity);
}

/// Of plants that have some.
template <class S, class Archive>
void visit_tanks(S& s, Archive& archive) {
  archive(s.tanks);
  archive(s.tank_kg);
  archive(s.accounts.tanks);
  archive(s.accounts.tank_kg);
  archive(s.accounts.tank_levels);
}

template <class S, class Archive>
void visit_utilities(S& s, Archive& archive) {
  archive(s.pulls);
  archive(s.free_pull);
  archive(s.server_pulls);
  archive(s.drawn);
  archive(s.circles);
  archive(s.wanted);
  archive(s.fed);
  archive(s.stores);
  archive(s.accounts.utilities);
}

template <class S, class Archive>
void visit_digital(S& s, Archive& archive) {
  archive(s.tasks);
  archive(s.tasks_begun);
  archive(s.step_event);
  archive(s.step_end);
  archive(s.awaited);
  archive(s.task_clocks);
  archive(s.accounts.devices);
  archive(s.accounts.tasks);
  archive(s.accounts.task_latency);
}

/// Padding has no value: to read it in a constant expression does not compile.
template <class T>
constexpr bool no_padding() {
  unsigned sum = 0;
  for (const unsigned char byte : std::bit_cast<std::array<unsigned char, sizeof(T)>>(T{})) sum += byte;
  return sum < ~0u;
}
static_assert(no_padding<Event>() && no_padding<Lot>() && no_padding<Server>() && no_padding<StationState>() &&
              no_padding<StationAccount>() && no_padding<SourceState>() && no_padding<RouteState>() && no_padding<SourceAccount>() &&
              no_padding<SinkAccount>() && no_padding<DueAccount>() && no_padding<PoolState>() && no_padding<Grant>() && no_padding<Request>() &&
              no_padding<ClockState>() && no_padding<ActivePeriod>() && no_padding<TankState>() && no_padding<TankAccount>() && no_padding<Pull>() && no_padding<ServerPulls>() && no_padding<DrawnAmount>() &&
              no_padding<CircleState>() && no_padding<OutageState>() && no_padding<StoreState>() && no_padding<UtilityAccount>() && no_padding<TaskState>() && no_padding<TaskClock>() && no_padding<DeviceAccount>() && no_padding<TaskAccount>() && no_padding<LevelIntegral>() && no_padding<Tally>());

}  // namespace

std::string save_state(const State& state, const Plant& plant) { return save_state(state, plant, {}); }

std::string save_state(const State& state, const Plant& plant, const Sections& more) {
  ArchiveWriter writer;
  writer.bytes = magic;
  writer(format_version);
  const auto section = [&](std::string_view name, const auto& write) {
    ArchiveWriter part;
    write(part);
    writer(name);
    writer(std::string_view(part.bytes));
  };
  section(structure_section, [&](ArchiveWriter& part) { part.bytes = structure_of(plant).text(); });
  section(future_section, [&](ArchiveWriter& part) { visit_future(state, part); });
  section(accounts_section, [&](ArchiveWriter& part) { visit_accounts(state.accounts, part); });
  section(activity_section, [&](ArchiveWriter& part) { visit_rest(state, part); });
  if (!state.tanks.empty()) section(tanks_section, [&](ArchiveWriter& part) { visit_tanks(state, part); });
  if (!state.circles.empty()) section(utilities_section, [&](ArchiveWriter& part) { visit_utilities(state, part); });
  if (!state.accounts.devices.empty()) section(digital_section, [&](ArchiveWriter& part) { visit_digital(state, part); });
  for (const auto& [name, bytes] : more) section(name, [&](ArchiveWriter& part) { part.bytes = bytes; });
  writer.bytes += sha256_hex(writer.bytes);
  return std::move(writer.bytes);
}

LoadedState read_state(std::string_view bytes, const std::string& file_name) {
  static const std::string again = "save it again, with `retwin run ... --save FILE`";
  if (bytes.substr(0, magic.size()) != magic.substr(0, bytes.size())) refuse(Code::state, file_name, "this is not a saved state", again);
  if (bytes.size() < magic.size() + sizeof format_version + digest_length) refuse(Code::state, file_name, "the saved state is cut off", again);
  std::uint32_t version = 0;
  std::memcpy(&version, bytes.data() + magic.size(), sizeof version);
  const std::string_view content = bytes.substr(0, bytes.size() - digest_length);
  const bool intact = sha256_hex(content) == bytes.substr(content.size());
  if (intact && version != format_version)
    refuse(Code::state, file_name, fmt::format("the saved state has format {}, this program reads format {}", version, format_version),
           "use the version of retwin that saved it, or save it again");
  if (!intact) refuse(Code::state, file_name, "the saved state is damaged: its checksum is wrong, it has been cut off or changed", again);

  LoadedState loaded;
  ArchiveReader reader(content.substr(magic.size() + sizeof version));
  std::map<std::string, std::string_view, std::less<>> sections;
  bool sound = true;
  while (sound && !reader.at_end()) {
    std::string_view name, part;
    reader(name);
    reader(part);
    sound = !reader.failed && sections.emplace(std::string(name), part).second;
  }
  const auto take = [&](std::string_view name, const auto& read) {
    const auto found = sections.find(name);
    if (found == sections.end()) {
      sound = false;
      return;
    }
    ArchiveReader of_section(found->second);
    read(of_section);
    sound = sound && !of_section.failed && of_section.at_end();
    sections.erase(found);
  };
  std::optional<Structure> parsed;
  if (const auto found = sections.find(structure_section); found != sections.end()) {
    parsed = parse_structure(found->second);
    sections.erase(found);
  }
  take(future_section, [&](ArchiveReader& part) { visit_future(loaded.state, part); });
  take(accounts_section, [&](ArchiveReader& part) { visit_accounts(loaded.state.accounts, part); });
  take(activity_section, [&](ArchiveReader& part) { visit_rest(loaded.state, part); });
  if (sections.contains(utilities_section)) take(utilities_section, [&](ArchiveReader& part) { visit_utilities(loaded.state, part); });
  if (sections.contains(digital_section)) take(digital_section, [&](ArchiveReader& part) { visit_digital(loaded.state, part); });
  if (sections.contains(tanks_section)) take(tanks_section, [&](ArchiveReader& part) { visit_tanks(loaded.state, part); });
  if (!sound || !parsed) refuse(Code::state, file_name, "the saved state contradicts itself", again);
  for (const auto& [name, part] : sections) loaded.sections.emplace(name, part);
  if (const std::string wrong = contradiction(loaded.state, *parsed); !wrong.empty())
    refuse(Code::state, file_name, "the saved state contradicts itself: " + wrong, again);
  loaded.structure = std::move(*parsed);
  return loaded;
}

State load_state(std::string_view bytes, const Plant& plant, const std::string& file_name) {
  LoadedState loaded = read_state(bytes, file_name);
  const std::vector<Difference> differ = differences(loaded.structure, structure_of(plant));
  if (differ.empty()) {
    loaded.state.structure_hash = plant.structure_hash;
    return std::move(loaded.state);
  }
  constexpr std::size_t shown = 10;
  Place place;
  place.file = file_name;
  Problems problems;
  for (std::size_t k = 0; k < differ.size() && k < shown; ++k)
    problems.error(Code::structure, place, differ[k].path, "the saved state is of another structure: " + differ[k].message,
                   k == 0 ? "`retwin run` rebases it when asked; or run the plant it was saved from" : "");
  if (differ.size() > shown)
    problems.error(Code::structure, place, "", fmt::format("and {} more differences of structure", differ.size() - shown));
  throw InputError(problems.all());
}

std::string state_digest(const State& state, const Plant&) {
  ArchiveWriter writer;
  visit_future(state, writer);
  visit_accounts(state.accounts, writer);
  if (!state.tanks.empty()) visit_tanks(state, writer);
  if (!state.circles.empty()) visit_utilities(state, writer);
  if (!state.accounts.devices.empty()) visit_digital(state, writer);
  return sha256_hex(writer.bytes);
}

}  // namespace retwin

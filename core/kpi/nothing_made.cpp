// Looks through the stations for lots that wait in vain, and says what for.
#include "core/kpi/nothing_made.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/units.hpp"

namespace retwin {
namespace {

constexpr std::size_t most_told = 5;

/// What a station was waiting for at the end, and what to write.
struct Reason {
  std::string why, hint;
};

class Search {
 public:
  Search(const Window& window, const State& state) : window_(window), plant_(window.plant()), state_(state) {}

  std::vector<Problem> run() {
    double left = 0;
    for (Index k = 0; k < plant_.sinks.size(); ++k)
      left += window_.change([&](const Reading& r) { return r.accounts.sinks[k].lots; });
    const bool nothing = left == 0 && !plant_.sinks.empty();
    if (nothing) tell("", fmt::format("nothing reached a sink in {}", format_duration(window_.length_s())) + arrivals(), "");
    for (Index i = 0; i < plant_.n_stations() && out_.size() < most_told; ++i) look_at(i, nothing);
    return out_;
  }

 private:
  void tell(const std::string& path, const std::string& message, const std::string& hint) {
    out_.push_back({Code::window, Severity::warning, {}, path, message, hint});
  }
  std::string arrivals() const {
    double made = 0;
    for (Index k = 0; k < plant_.sources.size(); ++k)
      made += window_.change([&](const Reading& r) { return r.accounts.sources[k].made; });
    if (made > 0 || plant_.sources.empty()) return fmt::format("; {} lots are in the plant", state_.live_lots);
    return state_.live_lots > 0 ? fmt::format("; no lot came, and {} are in the plant", state_.live_lots) : "; no lot came";
  }

  void look_at(Index i, bool nothing) {
    const double jobs = window_.change([&](const Reading& r) { return r.accounts.stations[i].jobs; });
    const double there = window_.end().accounts.stations[i].content.level();
    if (jobs > 0 || there == 0) return;
    const Reason reason = reason_of(i);
    if (reason.why.empty() || (!nothing && reason.hint.empty())) return;
    const Station& station = plant_.stations[i];
    tell("stations." + station.name, fmt::format("{} has finished no job in {}: {}", station.name, format_duration(window_.length_s()), reason.why),
         reason.hint);
  }

  Reason reason_of(Index i) const {
    const Station& station = plant_.stations[i];
    const StationState& s = state_.stations[i];
    const Batch& batch = station.batch;
    if (busy(i, ServerState::waiting_resource)) return {fmt::format("its jobs wait for {}", crew(station)), "give that resource more units or longer shifts"};
    if (busy(i, ServerState::off_shift)) return {"it is off shift", ""};
    if (busy(i, ServerState::down) || busy(i, ServerState::maintenance)) return {"it is out of order", ""};
    if (busy(i, ServerState::working) || busy(i, ServerState::setup)) return {"its jobs take longer than that", ""};
    if (busy(i, ServerState::blocked)) return {"what it has finished finds no room", ""};
    if (s.queued == 0) return {};
    const std::string lots = fmt::format("{} lots wait", s.queued);
    switch (batch.rule) {
      case BatchRule::count:
        return {fmt::format("{} for a batch of {}{}", lots, batch.least > 0 ? batch.least : batch.count, batch.by >= 0 ? " of one kind" : ""),
                "give the batch a longest_wait, or fewer lots"};
      case BatchRule::mass:
        return {fmt::format("{} with {:.4g} kg for a batch of {:.4g} kg", lots, s.queued_kg, batch.kg),
                s.queued_kg > 0 ? "give the batch a longest_wait, or less mass" : "give the lots of the sources a mass"};
      case BatchRule::siblings: return {lots + " for siblings that have not come", "let every way of theirs lead here"};
      case BatchRule::assembly: return {lots + " for the other parts of an assembly", "let a source bring what is missing: see batch.parts"};
      case BatchRule::single: break;
    }
    return {lots + " and none has begun", ""};
  }

  // Whether a server of the station is in that state.
  bool busy(Index i, ServerState which) const {
    for (std::size_t v = 0; v < state_.servers.size(); ++v)
      if (state_.server_station[v] == i && state_.servers[v].shown == which) return true;
    return false;
  }
  std::string crew(const Station& station) const {
    std::string names;
    for (const WorkPhase& phase : station.phases)
      for (const Need& need : phase.needs)
        for (const Index pool : need.pools)
          if (names.find(plant_.pools[pool].name) == std::string::npos) names += (names.empty() ? "" : " or ") + plant_.pools[pool].name;
    return names.empty() ? "resources" : names;
  }

  const Window& window_;
  const Plant& plant_;
  const State& state_;
  std::vector<Problem> out_;
};

}  // namespace

std::vector<Problem> nothing_made(const Window& window, const State& state) { return Search(window, state).run(); }

}  // namespace retwin

// Trace events, streamed so that memory follows the servers only.
#include "core/ledger/state_trace.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace retwin {
namespace {

constexpr double us_per_s = 1e6;

std::string quoted(const std::string& text) { return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace); }

}  // namespace

StateTrace::StateTrace(const Plant& plant, const State& state, const std::string& path) : plant_(plant), file_(path), pending_("[\n") {
  for (Index k = 0; k < plant.n_stations(); ++k) {
    const Station& station = plant.stations[k];
    const std::string name = station.group.empty() ? station.name : station.group + ": " + station.name;
    event(fmt::format(R"({{"ph":"M","name":"process_name","pid":{},"args":{{"name":{}}}}})", k + 1, quoted(name)));
  }
  for (std::size_t v = 0; v < state.servers.size(); ++v) servers_.push_back({state.now, state.servers[v].shown, state.server_station[v]});
}

void StateTrace::event(const std::string& text) {
  pending_ += (any_ ? ",\n" : "") + text;
  any_ = true;
  if (pending_.size() < piece_bytes) return;
  file_.write(pending_);
  pending_.clear();
}

void StateTrace::end_stretch(Index server, double now) {
  const Stretch& stretch = servers_[server];
  if (stretch.station == none || now <= stretch.since_s) return;
  const Index first = first_of(stretch.station), thread = server >= first && server < first + plant_.hot[stretch.station].servers ? server - first : server;
  event(fmt::format(R"({{"ph":"X","name":"{}","pid":{},"tid":{},"ts":{:.0f},"dur":{:.0f}}})", server_state_names[static_cast<std::size_t>(stretch.state)],
                    stretch.station + 1, thread + 1, stretch.since_s * us_per_s, (now - stretch.since_s) * us_per_s));
}

void StateTrace::state_changed(double now, Index station, Index server, ServerState, ServerState to) {
  if (server >= servers_.size()) servers_.resize(server + std::size_t{1});
  end_stretch(server, now);
  servers_[server] = {now, to, station};
}

void StateTrace::commit(double end_s) {
  for (Index v = 0; v < servers_.size(); ++v) end_stretch(v, end_s);
  file_.write(pending_ + "\n]\n");
  file_.commit();
}

}  // namespace retwin

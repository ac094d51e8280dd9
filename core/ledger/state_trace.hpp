// States of servers as a file of trace events, which viewers of traces show as bars over time (Perfetto, chrome://tracing).
#pragma once
#include <string>
#include <vector>

#include "core/base/files.hpp"
#include "core/flow/engine/observer.hpp"
#include "core/flow/plant/plant.hpp"

namespace retwin {

/// JSON of the trace event format: a process for each station, named with its group, a thread for each server, and a complete event ("X",
/// microseconds since the start of the run) for each stretch in one state.
class StateTrace : public Observer {
 public:
  /// @throws InputError (file)
  StateTrace(const Plant& plant, const State& state, const std::string& path);
  void state_changed(double now, Index station, Index server, ServerState from, ServerState to) override;
  /// What goes on at the end is cut there. @throws InputError (file)
  void commit(double end_s);

 private:
  struct Stretch {
    double since_s = 0;
    ServerState state = ServerState::starved;
    Index station = none;
  };
  void event(const std::string& text);
  void end_stretch(Index server, double now);
  Index first_of(Index station) const { return plant_.hot[station].first_server; }
  const Plant& plant_;
  AtomicFile file_;
  std::string pending_;
  bool any_ = false;
  std::vector<Stretch> servers_;
};

}  // namespace retwin

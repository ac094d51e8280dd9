// The one interface through which ledgers, traces and logs hear of the flow.
#pragma once
#include <cstdint>

#include "core/flow/state/state.hpp"

namespace retwin {

/// Hears what happens, in the order in which it happens. Every function does nothing by default.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void lot_made(double, const Lot&, std::uint64_t /*parent identity, 0: none*/, double /*share of the parent*/) {}
  virtual void lot_entered(double, Index /*station*/, const Lot&) {}
  virtual void lot_ended(double, const Lot&, Index /*node: sink, or the station where it was used up*/) {}
  virtual void job_started(double, Index /*station*/, Index /*server*/, const State&) {}
  virtual void job_finished(double, Index /*station*/, Index /*server*/, const State&) {}
  virtual void state_changed(double, Index /*station*/, Index /*server*/, ServerState /*from*/, ServerState /*to*/) {}
};

}  // namespace retwin

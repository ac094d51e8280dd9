// Who decides how far the clock may go: free running, or a co-simulation that shares utilities among the jobs.
#pragma once
#include <limits>

namespace retwin {

/// The run loop asks before it takes the next event. A pacer of shared utilities returns the time at which one of its activities
/// completes if that comes first; the loop then hands over at that time. Remaining work lies in the State.
class Pacer {
 public:
  virtual ~Pacer() = default;
  /// @param plant_next time of the plant's next event [s]  @return how far the plant may go now [s], at most plant_next
  virtual double grant(double plant_next) = 0;
  /// Called when the clock stands at a granted time that is earlier than the plant's next event.
  virtual void act(double now) = 0;
};

}  // namespace retwin

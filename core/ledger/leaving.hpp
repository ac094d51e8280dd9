// When each of the lots that were in the plant at the beginning leaves it.
#pragma once
#include <cstdint>
#include <limits>
#include <unordered_map>
#include <vector>

#include "core/flow/engine/observer.hpp"
#include "core/flow/plant/plant.hpp"

namespace retwin {

/// A lot that was there.
struct LotThere {
  std::uint64_t id = 0;
  Index kind = 0;
  Index station = none;  ///< where: in it or its buffer, in a line before it; none: outside, or on its way
};

/// What became of it. It is followed by its identity: until it leaves by a sink, or is used up by a job that makes others of it (a lot that
/// is cut, taken apart, filled into others); what is made of it is not followed.
struct Departure {
  double at_s = std::numeric_limits<double>::quiet_NaN();  ///< NaN: not yet
  Index node = none;  ///< the sink; the station where it was used up; beyond the nodes, the source that lost it
};

/// Finds the lots of a state, those of `initial:` where it has not begun, and follows them.
class LeavingCollector : public Observer {
 public:
  LeavingCollector(const Plant& plant, const State& begin);
  const std::vector<LotThere>& there() const { return there_; }
  const std::vector<Departure>& departures() const { return departures_; }
  /// All have left for good.
  bool done() const { return here_ == 0; }

  void lot_made(const Birth& birth) override;
  void lot_ended(double now, const Lot& lot, Index node, std::span<const double>) override;

 private:
  void add(std::uint64_t id, Index kind, Index station);

  std::vector<LotThere> there_;
  std::vector<Departure> departures_;
  std::unordered_map<std::uint64_t, std::size_t> number_;
  Index stations_;
  std::size_t here_ = 0;  ///< or used up: they may come back
};

}  // namespace retwin

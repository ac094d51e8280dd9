// When the lots of a source come: a class for each kind of arrivals, and what identifies the law that it follows. Private to core/flow.
#pragma once
#include "core/base/random.hpp"
#include "core/flow/plant/plant.hpp"
#include "core/flow/state/state.hpp"

namespace retwin {

/// A source at an instant, as its arrivals see it.
struct ArrivalMoment {
  const Plant& plant;
  const Source& source;
  SourceState& state;
  std::uint64_t key = 0;    ///< of the replication
  double now = 0;           ///< [s]
  Draws draws;              ///< of the arrival that is asked for
  double begin() const { return source.start_s > now ? source.start_s : now; }  ///< from when on lots may come [s]
  /// Arrivals that have come at the time from which on lots may come: just now, or none.
  Index come() const { return state.last_s == begin() ? state.at_once : 0; }
};

/// Times of arrivals [s], infinity: none is to come. That they end (`until`, `limit`) is the engine's matter.
class ArrivalKind {
 public:
  virtual ~ArrivalKind() = default;
  /// The arrival after the one that has come now.
  virtual double next(const ArrivalMoment& at) const = 0;
  /// The first arrival of a source that begins now, or when its `from` says.
  virtual double first(const ArrivalMoment& at) const { return next(at); }
  /// The next arrival when the law of arrivals is another one from now on; what was to come by the old law does not come.
  virtual double adopt(const ArrivalMoment& at) const { return next(at); }
};
const ArrivalKind& arrival_kind(Arrivals arrivals);

/// Identity of all that decides when lots come, `limit` and (of arrivals one by one) `until` aside; a state keeps it to see a change.
std::uint64_t arrival_law(const Plant& plant, const Source& source);

/// The row of its table that the arrival just now is; null if it is none.
const TraceRow* arrival_row(const ArrivalMoment& at);

/// Whether its `limit` lets a source make one more lot.
inline bool within_limit(const Source& source, const SourceState& state) {
  return source.limit == unlimited || state.ordinal < source.limit;
}

/// Whether a saturated source offers lots at a time: from its `from` until its `until`.
inline bool is_open(const Source& source, double time_s) {
  return time_s >= source.start_s && (source.until_s <= 0 || time_s < source.until_s);
}

}  // namespace retwin

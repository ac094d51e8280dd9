// Operations told by two records, a start and a finish: which finish belongs to which start.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/base/constants.hpp"
#include "core/telemetry/log/event_log.hpp"

namespace retwin {

/// A row of a log: an event, with the values of the further columns (nan where missing; numbers of categories).
/// A start without its finish has a nan as its end, a finish without its start a nan as its start.
struct LogRow {
  LogEvent event;
  std::vector<double> values;
};

enum class LifecycleStep : std::uint8_t { start, finish, suspend, resume, other };

/// What a word says, given those for starts and for finishes; upper and lower case are the same. "suspend", "pause", "resume" and the
/// like interrupt an operation, unless they are among those.
LifecycleStep lifecycle_step(std::string_view word, const std::vector<std::string>& start_values,
                             const std::vector<std::string>& finish_values);

/// Pairs starts and finishes per lot, activity and resource, first in first out among starts that are not behind the finish; a
/// start after which the lot was elsewhere before it came again waits no longer (its finish is missing). Where only one of the two
/// names a resource, it is theirs; where they differ and only one start waits, they belong together and the start's counts (a
/// finish may name where the lot goes). Not by activity: per lot, and the activity is the start's. Values come from the finish, or
/// from the start where that has none; the row is that of the start.
class StartPairs {
 public:
  explicit StartPairs(bool by_activity = true) : by_activity_(by_activity) {}
  bool by_activity() const { return by_activity_; }
  /// False for the copy of a start that waits.
  bool start(LogRow row);
  /// Completes a finish, whose time is the end of its event; its start is nan if none waits. False for the copy of the lot's last
  /// finish.
  bool finish(LogRow& row);
  /// The operation that waits for its finish is interrupted, or goes on. Interrupted time is no service: where it finishes, its start is
  /// later by so much, as if it had waited before. False if nothing waits, or it is so already.
  bool interrupt(const LogEvent& event, bool suspend);
  double interrupted_s() const { return interrupted_s_; }  ///< of all that have finished
  /// What still waits for its finish, in order of its rows; nothing is left.
  std::vector<LogRow> unfinished();

 private:
  struct Start {
    LogRow row;
    std::uint32_t visit = 0;  // of the lot
    double suspended_s = 0, since_s = nan;  // nan: at work
  };
  struct LotSeen {
    std::uint32_t visit = 0;  // rows of another activity than the one before
    std::uint32_t last_activity = 0, finish_activity = 0, finish_resource = 0;
    double finish_s = 0;
    bool any = false, finished = false;
  };
  std::uint64_t key_of(const LogEvent& event) const;
  LotSeen& see(const LogEvent& event);
  bool by_activity_;
  std::unordered_map<std::uint64_t, std::vector<Start>> open_;  ///< by lot and activity
  std::vector<LotSeen> lots_;
  double interrupted_s_ = 0;
};

}  // namespace retwin

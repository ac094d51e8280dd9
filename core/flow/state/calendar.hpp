// The event calendar: a binary heap of small events whose root stays a hole while an event is handled.
#pragma once
#include <bit>
#include <cstdint>
#include <vector>

namespace retwin {

enum class EventKind : std::uint32_t {
  service_end,    ///< a phase of a server's job ends; index = server
  arrival,        ///< a source's next lot; index = source
  failure,        ///< a failure by working time; index = server
  clock_failure,  ///< a failure by calendar time; index = failure clock
  repair_end,     ///< index = server
  changeover_end, ///< index = server
  shift,          ///< index = shift calendar
  batch_wait,     ///< the longest wait of a batch is over; index = station
  headway,        ///< a station may start again; index = station
  pull_end,       ///< somebody has what he needs of a utility, or has done his work; index = circle of utilities
  outage,         ///< a part of the capacity of a utility or device goes, or comes back; index = outage
  store_end,      ///< what a utility keeps is empty, or full; index = utility
  step_end,       ///< the first of the steps of tasks that are under way in the digital layer ends; index = 0
  give_up,        ///< a lot waits no longer; index = lot
  task_due,       ///< a task of the digital layer begins by the clock; index = task
};

/// An event: time [s] as bits of a non-negative double, order of scheduling, what, and which.
struct Event {
  std::uint64_t time_bits;
  std::uint64_t order;
  EventKind kind;
  std::uint32_t index;
  double time() const { return std::bit_cast<double>(time_bits); }
};

/// Pop and the first push while an event is handled are one sift: `open` leaves the root empty, the first `push` fills it,
/// `settle` closes it with the last event if nothing was pushed. Events compare by (time, order) as one 128-bit integer.
class Calendar {
 public:
  bool empty() const { return heap_.size() == (hole_ ? 1u : 0u); }
  std::size_t size() const { return heap_.size() - (hole_ ? 1u : 0u); }

  /// Makes the root valid. Must precede `top` and `open`.
  void settle() {
    if (!hole_) return;
    hole_ = false;
    const Event last = heap_.back();
    heap_.pop_back();
    if (!heap_.empty()) sift_down(last);
  }
  const Event& top() const { return heap_[0]; }
  /// Takes the earliest event out; the root is a hole until the next push or settle.
  Event open() {
    hole_ = true;
    return heap_[0];
  }
  /// Whether, with the root open, another event has this very time.
  bool another_at(std::uint64_t time_bits) const {
    const std::size_t n = heap_.size();
    return (n > 1 && heap_[1].time_bits == time_bits) || (n > 2 && heap_[2].time_bits == time_bits);
  }
  void push(const Event& event) {
    if (hole_) {
      hole_ = false;
      sift_down(event);
      return;
    }
    heap_.push_back(event);
    std::size_t i = heap_.size() - 1;
    while (i > 0) {
      const std::size_t parent = (i - 1) / 2;
      if (!before(event, heap_[parent])) break;
      heap_[i] = heap_[parent];
      i = parent;
    }
    heap_[i] = event;
  }
  /// All events, in heap order; only for saving, hashing and the liveness check, and only when settled.
  std::vector<Event>& events() { return heap_; }
  const std::vector<Event>& events() const { return heap_; }

 private:
  __extension__ using Key = unsigned __int128;
  static bool before(const Event& a, const Event& b) {
    const auto ka = (static_cast<Key>(a.time_bits) << 64) | a.order;
    const auto kb = (static_cast<Key>(b.time_bits) << 64) | b.order;
    return ka < kb;
  }
  void sift_down(const Event& event) {
    Event* const h = heap_.data();
    const std::size_t n = heap_.size();
    std::size_t i = 0;
    for (;;) {
      std::size_t child = 2 * i + 1;
      __builtin_prefetch(h + 4 * i + 3);  // the children of both: their lines come while these two are compared
      __builtin_prefetch(h + 4 * i + 6);
      if (child + 1 < n) {
        child += before(h[child + 1], h[child]) ? 1u : 0u;
      } else if (child >= n) {
        break;
      }
      if (!before(h[child], event)) break;
      h[i] = h[child];
      i = child;
    }
    h[i] = event;
  }
  std::vector<Event> heap_;
  bool hole_ = false;
};

}  // namespace retwin

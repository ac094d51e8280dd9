// Long work that somebody waits for asks now and then whether it is to go on.
#pragma once
#include <atomic>
#include <chrono>
#include <functional>
#include <thread>

namespace retwin {

/// While it lives, check_interruption() asks: from the thread that made it, several times a second. What `ask` throws ends the work.
class Interruptible {
 public:
  explicit Interruptible(std::function<void()> ask);
  ~Interruptible();
  Interruptible(const Interruptible&) = delete;
  Interruptible& operator=(const Interruptible&) = delete;

  /// Of this thread, null if nobody asks.
  static Interruptible* current();
  /// A thread that helps: it does not ask, but ends with those that do. @param of may be null
  static void help(Interruptible* of);
  void check();

 private:
  std::function<void()> ask_;
  std::thread::id caller_ = std::this_thread::get_id();
  std::chrono::steady_clock::time_point next_{};
  std::atomic<bool> ended_{false};
  Interruptible* before_;
};

/// Thrown on a thread that helps, where the work as a whole has been ended.
struct Interrupted {};

/// To be called in long loops; costs next to nothing where nobody asks. @throws what `ask` throws; Interrupted
void check_interruption();

}  // namespace retwin

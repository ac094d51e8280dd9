// A limit on threads is no reason to fail: those that there are take the work of the others.
#include "core/base/threads.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <new>
#include <system_error>
#include <thread>
#include <vector>

#include "core/base/interruption.hpp"

namespace retwin {
namespace {

/// Counts those that are at work.
class AtWork {
 public:
  void begin() {
    const std::lock_guard<std::mutex> lock(mutex_);
    ++count_;
  }
  void end() {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (--count_ == 0) none_left_.notify_all();
  }
  /// Whether nobody is, after waiting for that so long at most.
  bool none_after(std::chrono::milliseconds wait) {
    std::unique_lock<std::mutex> lock(mutex_);
    return none_left_.wait_for(lock, wait, [this] { return count_ == 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable none_left_;
  int count_ = 0;
};

}  // namespace

void on_threads(int wanted, const std::function<void()>& work, const std::function<void()>& meanwhile) {
  constexpr std::chrono::milliseconds pause(50);
  AtWork others_at_work;
  Interruptible* const asking = Interruptible::current();
  std::vector<std::thread> others;
  try {
    others.reserve(static_cast<std::size_t>(wanted > 1 ? wanted - 1 : 0));
    while (static_cast<int>(others.size()) + 1 < wanted) {
      others_at_work.begin();
      try {
        others.emplace_back([&] {
          Interruptible::help(asking);
          work();
          others_at_work.end();
        });
      } catch (...) {
        others_at_work.end();
        throw;
      }
    }
  } catch (const std::system_error&) {
  } catch (const std::bad_alloc&) {
  }
  work();
  if (meanwhile)
    while (!others_at_work.none_after(pause)) meanwhile();
  for (std::thread& thread : others) thread.join();
}

}  // namespace retwin

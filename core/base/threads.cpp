// A limit on threads is no reason to fail: those that there are take the work of the others.
#include "core/base/threads.hpp"

#include <system_error>
#include <thread>
#include <vector>

namespace retwin {

void on_threads(int wanted, const std::function<void()>& work) {
  std::vector<std::thread> others;
  try {
    while (static_cast<int>(others.size()) + 1 < wanted) others.emplace_back(work);
  } catch (const std::system_error&) {
  } catch (const std::bad_alloc&) {
  }
  work();
  for (std::thread& thread : others) thread.join();
}

}  // namespace retwin

// Work by several threads: as many as are wanted, fewer where the system gives no more.
#pragma once
#include <functional>

namespace retwin {

/// Calls `work` on up to `wanted` threads, this one among them, and waits for all. It must not throw.
void on_threads(int wanted, const std::function<void()>& work);

}  // namespace retwin

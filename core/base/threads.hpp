// Work by several threads: as many as are wanted, fewer where the system gives no more.
#pragma once
#include <functional>

namespace retwin {

/// Calls `work` on up to `wanted` threads, this one among them, and waits for all. Where this one is done before the others it calls
/// `meanwhile` several times a second. Neither may throw.
void on_threads(int wanted, const std::function<void()>& work, const std::function<void()>& meanwhile = {});

}  // namespace retwin

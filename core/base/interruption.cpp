// Who asks is known by thread.
#include "core/base/interruption.hpp"

#include <utility>

namespace retwin {
namespace {

constexpr std::chrono::milliseconds ask_every{50};
thread_local Interruptible* asking = nullptr;

}  // namespace

Interruptible::Interruptible(std::function<void()> ask) : ask_(std::move(ask)), before_(asking) { asking = this; }

Interruptible::~Interruptible() { asking = before_; }

Interruptible* Interruptible::current() { return asking; }

void Interruptible::help(Interruptible* of) { asking = of; }

void Interruptible::check() {
  if (std::this_thread::get_id() != caller_) {
    if (ended_) throw Interrupted{};
    return;
  }
  if (std::chrono::steady_clock::now() < next_) return;
  try {
    ask_();
  } catch (...) {
    ended_ = true;
    throw;
  }
  next_ = std::chrono::steady_clock::now() + ask_every;
}

void check_interruption() {
  if (asking != nullptr) asking->check();
}

}  // namespace retwin

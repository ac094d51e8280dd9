// Notes signals in a variable that handlers may write to.
#include "bindings/cli/interruption.hpp"

#include <signal.h>

#include <atomic>

namespace retwin::cli {
namespace {

constexpr int noted[] = {SIGINT, SIGTERM};
std::atomic<int> received{0};
static_assert(std::atomic<int>::is_always_lock_free);

extern "C" void note(int signal) { received = signal; }

}  // namespace

Interruption::Interruption() {
  received = 0;
  struct sigaction action = {};
  action.sa_handler = note;
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  sigemptyset(&action.sa_mask);
  for (const int signal : noted) ::sigaction(signal, &action, nullptr);
}

Interruption::~Interruption() {
  for (const int signal : noted) ::signal(signal, SIG_DFL);
}

void Interruption::check() {
  if (const int signal = received) throw Interrupted{signal};
}

}  // namespace retwin::cli

// Ctrl-C: a run stops in order, and no half-written file stays behind.
#pragma once

namespace retwin::cli {

/// Thrown by check() after a signal.
struct Interrupted {
  int signal;
};

/// While it lives, SIGINT and SIGTERM are only noted; a second one ends the program at once.
class Interruption {
 public:
  Interruption();
  ~Interruption();
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;
  /// From any thread. @throws Interrupted
  static void check();
};

}  // namespace retwin::cli

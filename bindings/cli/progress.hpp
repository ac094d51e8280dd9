// A bar on the terminal that shows how far a run has come; silent where standard error is no terminal.
#pragma once
#include <chrono>

namespace retwin::cli {

class Progress {
 public:
  Progress();
  ~Progress();  ///< wipes the bar
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  bool visible() const { return terminal_; }
  /// @param done share of the work [0, 1]
  void show(double done);
  /// Before something else is said.
  void wipe();

 private:
  using Clock = std::chrono::steady_clock;
  bool terminal_, drawn_ = false;
  Clock::time_point begin_, last_;
};

}  // namespace retwin::cli

// A bar on long work, if tqdm is there and somebody looks.
#pragma once
#include <chrono>
#include <functional>

#include "bindings/python/door.hpp"

namespace retwin::python {

/// Made and ended with the GIL, told without it.
class Bar {
 public:
  explicit Bar(const char* what);
  ~Bar();
  Bar(const Bar&) = delete;
  Bar& operator=(const Bar&) = delete;
  /// For the options of runs: is told the share done [0, 1], by one thread at a time. Empty where nobody would see it.
  std::function<void(double)> shows();

 private:
  void show(double done);
  py::object bar_;  ///< of retwin._progress; None: nobody looks
  std::chrono::steady_clock::time_point next_{};
};

}  // namespace retwin::python

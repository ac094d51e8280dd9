// Drawing of the bar: at most ten times a second, with the time that is left.
#include "bindings/cli/progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>

#include "core/base/units.hpp"

namespace retwin::cli {

Progress::Progress() : terminal_(::isatty(STDERR_FILENO) == 1), begin_(Clock::now()), last_(begin_) {}

Progress::~Progress() { wipe(); }

void Progress::wipe() {
  if (drawn_) std::fputs("\r\x1b[K", stderr);
  drawn_ = false;
}

void Progress::show(double done) {
  constexpr int width = 40;
  constexpr std::chrono::milliseconds pause(100);
  const Clock::time_point now = Clock::now();
  if (!terminal_ || now - last_ < pause) return;
  last_ = now;
  drawn_ = true;
  const double share = std::clamp(done, 0.0, 1.0);
  const auto filled = static_cast<std::size_t>(share * width);
  const double spent_s = std::chrono::duration<double>(now - begin_).count();
  const std::string left = share > 0 ? format_duration(std::max(1.0, std::round(spent_s * (1 - share) / share))) : "?";
  const std::string bar = fmt::format("\r[{}{}] {:3.0f} %  {} left\x1b[K", std::string(filled, '#'), std::string(width - filled, '.'),
                                      100 * share, left);
  std::fputs(bar.c_str(), stderr);
  std::fflush(stderr);
}

}  // namespace retwin::cli

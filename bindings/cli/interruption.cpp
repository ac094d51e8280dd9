// The handler itself does all that is left to do: nothing here waits for the command to notice.
#include "bindings/cli/interruption.hpp"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cstring>

#include "core/base/file_guard.hpp"

namespace retwin::cli {
namespace {

constexpr int ending[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGXCPU, SIGPIPE};

void say(const char* text) { [[maybe_unused]] const ssize_t ignored = ::write(STDERR_FILENO, text, std::strlen(text)); }

extern "C" void end(int signal) {
  remove_temporaries();
  if (signal != SIGPIPE) say(::isatty(STDERR_FILENO) == 1 ? "\r\x1b[Kinterrupted; no file is half-written\n"
                                                          : "interrupted; no file is half-written\n");
  ::_exit(128 + signal);
}

}  // namespace

void end_in_order() {
  struct sigaction action = {}, before = {};
  action.sa_handler = end;
  sigfillset(&action.sa_mask);
  for (const int signal : ending)
    if (::sigaction(signal, nullptr, &before) == 0 && before.sa_handler != SIG_IGN) ::sigaction(signal, &action, nullptr);
  ::signal(SIGXFSZ, SIG_IGN);
}

void open_standard_streams() {
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (::fcntl(stream, F_GETFD) < 0) ::open("/dev/null", stream == STDERR_FILENO ? O_WRONLY : O_RDONLY);  // gets the lowest number
}

}  // namespace retwin::cli

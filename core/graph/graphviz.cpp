// Starts `dot` without a shell; text and picture go through temporary files, so that no pipe can fill up.
#include "core/graph/graphviz.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <system_error>

#include "core/base/problem.hpp"

namespace retwin {
namespace {

[[noreturn]] void refuse(const std::string& message, const std::string& hint) {
  Place place;
  place.file = "dot";
  throw InputError({{Code::file, Severity::error, place, {}, message, hint}});
}

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

File temporary() {
  File file(std::tmpfile());
  if (!file)
    refuse("no temporary file: " + std::generic_category().message(errno), "make room in the folder for temporary files");
  return file;
}

/// Runs a program to its end. @return its exit status, -1 if it was ended by a signal  @throws std::system_error if it cannot start
int run_program(char* const* words, std::FILE* input, std::FILE* output, bool quiet) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ::fileno(input), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, ::fileno(output), STDOUT_FILENO);
  if (quiet) posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t process = 0;
  const int error = ::posix_spawnp(&process, words[0], &actions, nullptr, words, environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw std::system_error(error, std::generic_category());
  int status = 0;
  while (::waitpid(process, &status, 0) < 0)
    if (errno != EINTR) throw std::system_error(errno, std::generic_category());
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

std::string contents(std::FILE* file) {
  std::rewind(file);
  std::string bytes;
  std::array<char, 1 << 16> buffer;
  for (std::size_t n = 0; (n = std::fread(buffer.data(), 1, buffer.size(), file)) > 0;) bytes.append(buffer.data(), n);
  return bytes;
}

}  // namespace

std::string render(const std::string& dot_text, const std::string& format, bool placed) {
  const File input = temporary(), output = temporary();
  const bool written =
      std::fwrite(dot_text.data(), 1, dot_text.size(), input.get()) == dot_text.size() && std::fflush(input.get()) == 0;
  if (!written) refuse("no room for a temporary file", "make room in the folder for temporary files");
  std::rewind(input.get());
  std::string program = placed ? "neato" : "dot", option = "-T" + format, keep = "-n2";
  char* words[] = {program.data(), option.data(), placed ? keep.data() : nullptr, nullptr};
  int status = 0;
  try {
    status = run_program(words, input.get(), output.get(), placed);
  } catch (const std::system_error& error) {
    refuse("the program " + program + ", which makes the picture, cannot be started: " + error.code().message(),
           "install Graphviz (apt install graphviz), or write a .dot file");
  }
  std::string picture = contents(output.get());
  if (status != 0 || picture.empty()) refuse("the program " + program + " could not make the picture", "write a .dot file and look at it");
  return picture;
}

std::string render_lanes(LaneDrawing& drawing, const std::string& format) {
  drawing.place(render(drawing.lanes(), "plain", false));
  const std::string splines = drawing.splines();
  for (int attempt = 0; attempt < 4; ++attempt) {
    try {
      return render(drawing.placed(splines), format, true);
    } catch (const InputError&) {  // the router of right angles gives up on some places
      drawing.nudge();
    }
  }
  return render(drawing.placed("line"), format, true);
}

}  // namespace retwin

// Runs the command line many times from one process: every line of standard input is a command, run in a forked child.
// It is linked with the objects of `retwin` itself, `main` wrapped (-Wl,--wrap=main): the child calls the command line's own main and
// ends as that ends; what is saved is the start of the process, which under the sanitizers costs more than most commands.
//   in:  {"folder": where to run, "words": ["run", ...], "seconds": of the processor, "megabytes": that it may take beyond the start,
//         "quick": true: without what the end of a process runs, which takes longer than most commands}
//   out: {"exit": code} or {"signal": number}, and {"took": seconds of the processor}; its outputs are in the folder, files `stdout`, `stderr`
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

extern "C" int __real_main(int argc, char** argv);

namespace {

constexpr int not_started = 125;

void limit(int what, rlim_t soft, rlim_t hard) {
  const rlimit both{soft, hard};
  if (::setrlimit(what, &both) != 0) std::_Exit(not_started);
}

/// What the process may already write to [bytes]; the shadow of the sanitizers is most of it.
rlim_t data_size() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.rfind("VmData:", 0) == 0) return std::stoull(line.substr(7)) * 1024;
  std::_Exit(not_started);
}

void redirect(const char* path, int flags, int stream) {
  const int file = ::open(path, flags | O_CLOEXEC, 0600);
  if (file < 0 || ::dup2(file, stream) < 0) std::_Exit(not_started);
}

/// The child: never returns to the loop. `exit` runs what the end of a process runs, the search for leaks included.
[[noreturn]] void run(const nlohmann::json& command) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const auto seconds = command.at("seconds").get<unsigned>();
  if (::chdir(command.at("folder").get<std::string>().c_str()) != 0) std::_Exit(not_started);
  redirect("/dev/null", O_RDONLY, STDIN_FILENO);
  redirect("stdout", O_WRONLY | O_CREAT | O_TRUNC, STDOUT_FILENO);
  redirect("stderr", O_WRONLY | O_CREAT | O_TRUNC, STDERR_FILENO);
  limit(RLIMIT_CPU, seconds, seconds + 2);
  limit(RLIMIT_CORE, 0, 0);
  if (const auto more = command.at("megabytes").get<rlim_t>() << 20; more > 0) limit(RLIMIT_DATA, data_size() + more, RLIM_INFINITY);
  ::alarm(60 * seconds);  // for one that waits
  std::vector<std::string> words = command.at("words");
  words.insert(words.begin(), "retwin");
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const int code = __real_main(static_cast<int>(words.size()), argv.data());
  if (!command.value("quick", false)) std::exit(code);
  std::cout.flush();
  std::fflush(nullptr);
  std::_Exit(code);
}

nlohmann::json ended(pid_t child) {
  int status = 0;
  rusage used{};
  if (::wait4(child, &status, 0, &used) != child) return {{"exit", not_started}};
  const auto seconds = [](const timeval& t) { return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec); };
  nlohmann::json answer{{"took", seconds(used.ru_utime) + seconds(used.ru_stime)}};
  if (WIFSIGNALED(status)) answer["signal"] = WTERMSIG(status);
  else answer["exit"] = WEXITSTATUS(status);
  return answer;
}

}  // namespace

extern "C" int __wrap_main(int, char**) {
  for (std::string line; std::getline(std::cin, line);) {
    const auto command = nlohmann::json::parse(line);
    std::fflush(nullptr);
    const pid_t child = ::fork();
    if (child < 0) return not_started;
    if (child == 0) run(command);
    std::cout << ended(child).dump() << std::endl;
  }
  return 0;
}

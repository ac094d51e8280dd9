// Processes that run SimGrid: forked when there is a question and nobody free to answer it, and kept for the next. Questions and answers go through a
// pair of sockets; whoever dies closes his end, which the other reads as the end.
#include "core/platform/network.hpp"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <mutex>
#include <stdexcept>
#include <type_traits>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace retwin {
namespace {

/// One end of a pair of sockets. Every message is its length, and so many bytes.
class Line {
 public:
  explicit Line(int end) : end_(end) {}
  bool send(std::string_view bytes) const {
    const std::uint64_t size = bytes.size();
    return put(&size, sizeof size) && put(bytes.data(), bytes.size());
  }
  bool receive(std::string& bytes) const {
    std::uint64_t size = 0;
    if (!get(&size, sizeof size) || size > most) return false;
    bytes.resize(size);
    return get(bytes.data(), size);
  }

 private:
  static constexpr std::uint64_t most = 1ull << 32;
  bool put(const void* from, std::size_t size) const {
    for (const char* at = static_cast<const char*>(from); size > 0;) {
      const ssize_t done = ::send(end_, at, size, MSG_NOSIGNAL);
      if (done < 0 && errno == EINTR) continue;
      if (done <= 0) return false;
      at += done;
      size -= static_cast<std::size_t>(done);
    }
    return true;
  }
  bool get(void* to, std::size_t size) const {
    for (char* at = static_cast<char*>(to); size > 0;) {
      const ssize_t done = ::recv(end_, at, size, 0);
      if (done < 0 && errno == EINTR) continue;
      if (done <= 0) return false;
      at += done;
      size -= static_cast<std::size_t>(done);
    }
    return true;
  }
  int end_;
};

template <class T>
void pack(std::string& out, const std::vector<T>& values) {
  static_assert(std::is_trivially_copyable_v<T>);
  const std::uint64_t n = values.size();
  out.append(reinterpret_cast<const char*>(&n), sizeof n);
  out.append(reinterpret_cast<const char*>(values.data()), n * sizeof(T));
}
void pack(std::string& out, const std::string& text) { pack(out, std::vector<char>(text.begin(), text.end())); }

template <class T>
void unpack(std::string_view& in, std::vector<T>& values) {
  std::uint64_t n = 0;
  if (in.size() < sizeof n) throw std::runtime_error("an answer is cut off");
  std::memcpy(&n, in.data(), sizeof n);
  in.remove_prefix(sizeof n);
  if (in.size() / sizeof(T) < n) throw std::runtime_error("an answer is cut off");
  values.resize(n);
  if (n > 0) std::memcpy(values.data(), in.data(), n * sizeof(T));
  in.remove_prefix(n * sizeof(T));
}
void unpack(std::string_view& in, std::string& text) {
  std::vector<char> letters;
  unpack(in, letters);
  text.assign(letters.begin(), letters.end());
}

/// A process of its own that does `work` with its end of a line.
class Process {
 public:
  template <class F>
  explicit Process(F&& work) {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) throw std::runtime_error(fmt::format("no process for the network: {}", std::strerror(errno)));
    errors_ = ::memfd_create("errors", MFD_CLOEXEC);
    id_ = ::fork();
    if (id_ < 0) {
      ::close(ends[0]);
      ::close(ends[1]);
      throw std::runtime_error(fmt::format("no process for the network: {}", std::strerror(errno)));
    }
    if (id_ == 0) {  // nothing of the other process is touched from here on: its threads are not here
      constexpr int mine = 3;
      if (errors_ >= 0) ::dup2(errors_, STDERR_FILENO);
      if (ends[1] != mine) ::dup2(ends[1], mine);
      ::close_range(mine + 1, ~0u, 0);
      if (const int nowhere = ::open("/dev/null", O_WRONLY); nowhere >= 0) ::dup2(nowhere, STDOUT_FILENO);  // what the other has not yet written is its own
      std::signal(SIGINT, SIG_IGN);  // who is interrupted closes the line
      work(Line(mine));
      ::_exit(0);
    }
    ::close(ends[1]);
    end_ = ends[0];
  }
  ~Process() {
    ::close(end_);
    if (errors_ >= 0) ::close(errors_);
    if (!gone_) {
      ::kill(id_, SIGKILL);
      ::waitpid(id_, nullptr, 0);
    }
  }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  Line line() const { return Line(end_); }
  /// What it died of, once the line is closed.
  std::string ended() {
    int status = 0;
    ::waitpid(id_, &status, 0);
    gone_ = true;
    if (WIFSIGNALED(status)) return fmt::format("its process was ended by signal {} ({}){}", WTERMSIG(status), strsignal(WTERMSIG(status)), said());
    return fmt::format("its process ended with code {}{}", WEXITSTATUS(status), said());
  }

 private:
  /// The first line that it wrote, without the marks of its log in brackets.
  std::string said() const {
    char bytes[400] = {};
    if (errors_ < 0 || ::pread(errors_, bytes, sizeof bytes - 1, 0) <= 0) return "";
    std::string line(bytes, std::strcspn(bytes, "\n"));
    while (line.starts_with('[') && line.find("] ") != std::string::npos) line.erase(0, line.find("] ") + 2);
    return line.empty() ? "" : ": " + line;
  }

  pid_t id_ = 0;
  int end_ = -1, errors_ = -1;
  bool gone_ = false;
};

void serve(Line line, const std::vector<DigitalDevice>& devices, const std::vector<std::vector<std::uint32_t>>& ways) {
  std::string bytes;
  const auto next = [&](NetworkQuestion& q) {
    if (!line.receive(bytes)) return false;
    std::string_view rest = bytes;
    unpack(rest, q.capacity);
    unpack(rest, q.left);
    unpack(rest, q.first);
    unpack(rest, q.over);
    return true;
  };
  const auto answer = [&](const NetworkAnswer& a) {
    std::string out;
    pack(out, a.rates);
    pack(out, a.failure);
    line.send(out);
  };
  try {
    serve_with_simgrid(devices, ways, next, answer);
  } catch (const std::exception& error) {
    answer({{}, error.what()});
  }
}

class Network : public Cosimulation {
 public:
  Network(std::vector<DigitalDevice> devices, std::vector<std::vector<std::uint32_t>> ways) : devices_(std::move(devices)), ways_(std::move(ways)) {}

  std::shared_ptr<const Cosimulation> of(std::vector<DigitalDevice> devices) const override { return std::make_shared<Network>(std::move(devices), ways_); }

  std::vector<double> rates(std::span<const double> capacity, std::span<const DigitalActivity> activities) const override {
    std::string question;
    std::vector<double> left;
    std::vector<std::uint32_t> first, over;
    for (const DigitalActivity& one : activities) {
      left.push_back(one.left);
      first.push_back(static_cast<std::uint32_t>(over.size()));
      over.insert(over.end(), one.over.begin(), one.over.end());
    }
    first.push_back(static_cast<std::uint32_t>(over.size()));
    pack(question, std::vector<double>(capacity.begin(), capacity.end()));
    pack(question, left);
    pack(question, first);
    pack(question, over);
    std::unique_ptr<Process> process = take();
    std::string bytes;
    if (!process->line().send(question) || !process->line().receive(bytes)) throw std::runtime_error("SimGrid: " + process->ended());
    NetworkAnswer answer;
    std::string_view rest = bytes;
    unpack(rest, answer.rates);
    unpack(rest, answer.failure);
    if (!answer.failure.empty() || answer.rates.size() != activities.size()) throw std::runtime_error("SimGrid: " + answer.failure);
    const std::lock_guard hold(mutex_);
    free_.push_back(std::move(process));
    return std::move(answer.rates);
  }

 private:
  std::unique_ptr<Process> take() const {
    {
      const std::lock_guard hold(mutex_);
      if (!free_.empty()) {
        std::unique_ptr<Process> process = std::move(free_.back());
        free_.pop_back();
        return process;
      }
    }
    return std::make_unique<Process>([this](Line line) { serve(line, devices_, ways_); });
  }

  std::vector<DigitalDevice> devices_;
  std::vector<std::vector<std::uint32_t>> ways_;
  mutable std::mutex mutex_;
  mutable std::vector<std::unique_ptr<Process>> free_;
};

}  // namespace

std::shared_ptr<const Cosimulation> simulated_network(std::vector<DigitalDevice> devices, std::vector<std::vector<std::uint32_t>> ways) {
  return std::make_shared<Network>(std::move(devices), std::move(ways));
}

Platform read_platform(const std::string& file, const std::vector<std::pair<std::string, std::string>>& routes) {
  Process process([&](Line line) {
    const Platform p = load_with_simgrid(file, routes);
    std::string out;
    pack(out, p.failure);
    const auto number = [&](double x) { pack(out, std::vector<double>{x}); };
    number(static_cast<double>(p.computers.size()));
    for (const Platform::Computer& c : p.computers) {
      pack(out, c.name);
      pack(out, std::vector<double>{c.core, static_cast<double>(c.cores), c.idle_W, c.busy_W, c.powered ? 1.0 : 0.0});
    }
    number(static_cast<double>(p.links.size()));
    for (const Platform::Link& l : p.links) {
      pack(out, l.name);
      pack(out, std::vector<double>{l.capacity, l.shared ? 1.0 : 0.0});
    }
    number(static_cast<double>(p.routes.size()));
    for (const PlatformRoute& r : p.routes) {
      pack(out, r.from);
      pack(out, r.to);
      pack(out, std::vector<double>{r.latency_s, static_cast<double>(r.over.size())});
      for (const std::string& link : r.over) pack(out, link);
    }
    line.send(out);
  });
  Platform out;
  std::string bytes;
  if (!process.line().receive(bytes)) {
    out.failure = process.ended();
    return out;
  }
  std::string_view rest = bytes;
  std::vector<double> values;
  const auto count = [&] {
    unpack(rest, values);
    return static_cast<std::size_t>(values.front());
  };
  unpack(rest, out.failure);
  for (std::size_t k = count(); k > 0; --k) {
    Platform::Computer& c = out.computers.emplace_back();
    unpack(rest, c.name);
    unpack(rest, values);
    c.core = values[0];
    c.cores = static_cast<std::uint32_t>(values[1]);
    c.idle_W = values[2];
    c.busy_W = values[3];
    c.powered = values[4] != 0;
  }
  for (std::size_t k = count(); k > 0; --k) {
    Platform::Link& l = out.links.emplace_back();
    unpack(rest, l.name);
    unpack(rest, values);
    l.capacity = values[0];
    l.shared = values[1] != 0;
  }
  for (std::size_t k = count(); k > 0; --k) {
    PlatformRoute& r = out.routes.emplace_back();
    unpack(rest, r.from);
    unpack(rest, r.to);
    unpack(rest, values);
    r.latency_s = values[0];
    for (auto n = static_cast<std::size_t>(values[1]); n > 0; --n) unpack(rest, r.over.emplace_back());
  }
  return out;
}

}  // namespace retwin

// Tasks on threads: each takes the next one; the thread that called also asks whether the run goes on.
#include "core/experiment/executor.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <exception>
#include <thread>
#include <utility>

#include "core/base/files.hpp"
#include "core/base/threads.hpp"
#include "core/experiment/going_on.hpp"

namespace retwin {
namespace {

constexpr std::chrono::milliseconds poll_every{50};

/// Thrown where a replication ends because the run as a whole has been told to.
struct Stopped {};

/// Whether the run goes on: the thread that called asks, for all of them.
class Attention {
 public:
  explicit Attention(const std::function<void()>& poll) : poll_(poll), caller_(std::this_thread::get_id()) {}
  bool stopped() const { return stopped_; }
  bool is_caller() const { return std::this_thread::get_id() == caller_; }
  /// From the thread that called only.
  void ask() noexcept {
    if (stopped_ || !poll_ || std::chrono::steady_clock::now() < next_) return;
    try {
      poll_();
    } catch (...) {
      why_ = std::current_exception();
      stopped_ = true;
    }
    next_ = std::chrono::steady_clock::now() + poll_every;
  }
  void rethrow() const {
    if (why_) std::rethrow_exception(why_);
  }

 private:
  const std::function<void()>& poll_;
  std::thread::id caller_;
  std::chrono::steady_clock::time_point next_{};
  std::atomic<bool> stopped_{false};
  std::exception_ptr why_;
};

/// Of the replications of one thread.
class Attentive : public Watch {
 public:
  explicit Attentive(Attention& attention) : attention_(attention), asks_(attention.is_caller()) {}
  void look(const State&) override {
    if (asks_) attention_.ask();
    if (attention_.stopped()) throw Stopped{};
  }

 private:
  Attention& attention_;
  bool asks_;
};

void refuse_changed(const std::string& file, const std::string& what) {
  Place place;
  place.file = file;
  throw InputError({{Code::conflict, Severity::error, place, {}, what + " has changed since the task was made",
                     "make the task anew, or bring back the file as it was"}});
}

}  // namespace

Variants::Variant Variants::make(const Task& task) {
  Variant made;
  std::vector<std::string> folders = task.libraries;
  for (std::string& folder : default_library_folders()) folders.push_back(std::move(folder));
  ++compiled_;
  made.scenario = std::make_shared<const Scenario>(load_scenario(task.scenario, registry_, task.overrides, folders));
  if (made.scenario->scenario_hash != task.manifest) refuse_changed(task.scenario, "the scenario, or a file that it reads,");
  if (task.from.empty()) return made;
  if (sha256_of_file(task.from) != task.from_sha256) refuse_changed(task.from, "the saved state");
  made.from = std::make_shared<const State>(read_state_for(*made.scenario->plant, task.from).state);
  return made;
}

Variants::Variant Variants::of(const Task& task) {
  Task key;  // what decides the scenario and the state, and nothing else
  key.scenario = task.scenario;
  key.overrides = task.overrides;
  key.libraries = task.libraries;
  key.manifest = task.manifest;
  key.from = task.from;
  key.from_sha256 = task.from_sha256;
  std::shared_ptr<Entry> entry;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    std::shared_ptr<Entry>& kept = entries_[json_text(key)];
    if (!kept) kept = std::make_shared<Entry>();
    entry = kept;
  }
  std::call_once(entry->once, [&] {
    try {
      entry->variant = make(task);
    } catch (...) {
      entry->why = std::current_exception();
    }
  });
  if (entry->why) std::rethrow_exception(entry->why);
  return entry->variant;
}

// One where code that is not ours takes part: it could not do two things at once.
int threads_for(const std::vector<Task>& tasks, const VariantOf& variant_of, int jobs) {
  const int most = static_cast<int>(std::min<std::size_t>(static_cast<std::size_t>(std::max(1, jobs)), tasks.size()));
  if (most == 1) return most;
  try {
    return variant_of(tasks.front()).scenario->foreign ? 1 : most;
  } catch (...) {  // told when the task is begun
    return most;
  }
}

void run_tasks(const std::vector<Task>& tasks, const VariantOf& variant_of, const LocalOptions& options,
               const std::function<bool(std::size_t task, Replicated)>& done) {
  std::atomic<std::size_t> next{0};
  std::atomic<std::int64_t> ticks{0};
  std::atomic<bool> enough{false};
  std::mutex telling, giving;
  const double all_ticks = static_cast<double>(ticks_per_replication) * static_cast<double>(tasks.size());
  const auto tick = [&] {
    const double share = static_cast<double>(++ticks) / all_ticks;
    if (!options.progress) return;
    const std::lock_guard<std::mutex> lock(telling);
    options.progress(std::min(1.0, share));
  };
  Attention attention(options.poll);
  std::exception_ptr not_taken;
  const auto one = [&](std::size_t number, Watch& watch) {
    const Task& task = tasks[number];
    const bool first = number == 0;
    try {
      const Variants::Variant variant = variant_of(task);
      return replicate(*variant.scenario, task,
                       {variant.from.get(), first && options.detailed, first && options.keep_state,
                        options.observer ? options.observer(task) : nullptr, tick, &watch, options.period_s, options.stocks});
    } catch (const Stopped&) {
      throw;
    } catch (...) {
      Replicated failed;
      failed.outcome.task = task;
      failed.outcome.error = failure_of_exception();
      failed.why = std::current_exception();
      return failed;
    }
  };
  const auto work = [&] {
    Attentive watch(attention);
    while (!enough && !attention.stopped()) {
      const std::size_t number = next++;
      if (number >= tasks.size()) return;
      try {
        Replicated made = one(number, watch);
        const std::lock_guard<std::mutex> lock(giving);
        if (!done(number, std::move(made))) enough = true;
      } catch (const Stopped&) {
        return;
      } catch (...) {  // whoever takes the outcomes cannot
        const std::lock_guard<std::mutex> lock(giving);
        if (!not_taken) not_taken = std::current_exception();
        enough = true;
      }
    }
  };
  on_threads(threads_for(tasks, variant_of, options.jobs), work,
             [&] { attention.ask(); });
  attention.rethrow();
  if (not_taken) std::rethrow_exception(not_taken);
}

void Threads::run(const std::vector<Task>& tasks, const std::function<void(std::size_t number, Outcome)>& done) {
  run_tasks(tasks, [&](const Task& task) { return variants_.of(task); }, options_, [&](std::size_t number, Replicated made) {
    done(number, std::move(made.outcome));
    return true;
  });
}

}  // namespace retwin

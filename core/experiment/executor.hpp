// Who runs tasks: here threads of this program; whoever else can take a task and give back its outcome may do the same.
#pragma once
#include <atomic>
#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/experiment/replication.hpp"
#include "core/experiment/task.hpp"
#include "core/registry.hpp"

namespace retwin {

class Executor {
 public:
  virtual ~Executor() = default;
  /// Runs every task and gives its outcome to `done`, one at a time, as they come, with the number of the task in the list. A task
  /// that fails has an outcome with its error; the others go on.
  virtual void run(const std::vector<Task>& tasks, const std::function<void(std::size_t number, Outcome)>& done) = 0;
};

/// Scenarios by what is in them, each compiled once; and the states that tasks go on from, each read once. For any thread.
class Variants {
 public:
  explicit Variants(const Registry& registry) : registry_(registry) {}

  struct Variant {
    std::shared_ptr<const Scenario> scenario;
    std::shared_ptr<const State> from;  ///< null: an empty plant
  };
  /// What a task needs. @throws InputError; also (conflict) if a file is no longer what it was when the task was made
  Variant of(const Task& task);
  /// How many scenarios have been compiled.
  std::int64_t compiled() const { return compiled_; }

 private:
  struct Entry {
    std::once_flag once;
    Variant variant;
    std::exception_ptr why;  ///< it cannot be had
  };
  Variant make(const Task& task);

  const Registry& registry_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Entry>> entries_;
  std::atomic<std::int64_t> compiled_{0};
};

/// What those who run tasks in this program may listen to and want to have.
struct LocalOptions {
  int jobs = 1;  ///< threads
  std::function<std::unique_ptr<Observer>(const Task&)> observer;  ///< may return null; called from the thread of its replication
  std::function<void(double done)> progress;  ///< the share done of all tasks, from any thread but one at a time
  /// Called several times a second from the thread that called; what it throws ends the run, in all threads, and is passed on.
  std::function<void()> poll;
  bool detailed = false;    ///< the first task also says what limits the plant
  bool keep_state = false;  ///< of the first task
  double period_s = 0;      ///< see ReplicationOptions
  bool stocks = true;       ///< likewise
};

/// What a task needs, from wherever it is kept.
using VariantOf = std::function<Variants::Variant(const Task&)>;

/// Runs tasks on threads of this program, in order. @param done in order of completion, one at a time; false: no further task is begun
void run_tasks(const std::vector<Task>& tasks, const VariantOf& variant_of, const LocalOptions& options,
               const std::function<bool(std::size_t task, Replicated)>& done);

/// Threads of this program.
class Threads : public Executor {
 public:
  Threads(const Registry& registry, LocalOptions options) : variants_(registry), options_(std::move(options)) {}
  void run(const std::vector<Task>& tasks, const std::function<void(std::size_t number, Outcome)>& done) override;
  const Variants& variants() const { return variants_; }

 private:
  Variants variants_;
  LocalOptions options_;
};

}  // namespace retwin

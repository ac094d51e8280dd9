// `retwin task`: repeats replications from their tasks, here or on another machine; one outcome a line, as they come.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "bindings/cli/command.hpp"
#include "bindings/cli/outputs.hpp"
#include "core/base/files.hpp"
#include "core/experiment/executor.hpp"

namespace retwin::cli {
namespace {

constexpr std::size_t largest_file = std::size_t{1} << 30;  ///< [bytes]

struct TaskArguments {
  std::string path;
  std::vector<std::int64_t> only;
  int jobs = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
};

/// Of a line: the task, and the digest that it is to have again, if the line is an outcome.
struct Wanted {
  Task task;
  std::string digest;
  Place place;
};

std::vector<Wanted> read_tasks(const TaskArguments& options) {
  Problems problems;
  const std::optional<std::string> text = read_file(options.path, largest_file, problems);
  problems.throw_if_errors();
  std::vector<Wanted> all;
  Place place;
  place.file = options.path;
  for (std::size_t at = 0; at < text->size();) {
    const std::size_t end = std::min(text->find('\n', at), text->size());
    const std::string_view line = std::string_view(*text).substr(at, end - at);
    at = end + 1;
    ++place.line;
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    Wanted wanted{task_from_json(line, place), digest_from_json(line), place};
    const bool chosen = options.only.empty() ||
                        std::find(options.only.begin(), options.only.end(), wanted.task.replication) != options.only.end();
    if (chosen) all.push_back(std::move(wanted));
  }
  if (all.empty()) {
    place.line = 0;
    problems.error(Code::missing, place, {}, options.only.empty() ? "there is no task in it" : "no task in it has this number",
                   "a task is what `retwin run --outcomes FILE` writes");
    problems.throw_if_errors();
  }
  return all;
}

/// Said at the end of all: what failed, and what did not come out as it had before.
void judge(const std::vector<Wanted>& wanted, const std::vector<Outcome>& made) {
  Problems problems;
  for (std::size_t k = 0; k < wanted.size(); ++k)
    if (!made[k].error && !wanted[k].digest.empty() && made[k].digest != wanted[k].digest)
      problems.error(Code::conflict, wanted[k].place, {}, fmt::format("replication {} came to another end than it had before", made[k].task.replication),
                     "run it with the version of retwin that wrote the outcome");
  problems.throw_if_errors();
  const auto failed = static_cast<std::size_t>(std::count_if(made.begin(), made.end(), [](const Outcome& o) { return o.error.has_value(); }));
  if (failed == 0) return;
  const auto first = std::find_if(made.begin(), made.end(), [](const Outcome& o) { return o.error.has_value(); });
  const Failure& why = *first->error;
  const std::string told = fmt::format("{} (replication {}; {} of {} tasks failed)", why.message, first->task.replication, failed, made.size());
  if (why.kind == Failure::Kind::bug) throw CheckError(told);
  if (why.kind != Failure::Kind::input) throw RunError(told, why.time_s, why.station);
  problems.error(Code::conflict, wanted[static_cast<std::size_t>(first - made.begin())].place, {}, told);
  problems.throw_if_errors();
}

void repeat(const TaskArguments& options) {
  const std::vector<Wanted> wanted = read_tasks(options);
  std::vector<Task> tasks;
  for (const Wanted& one : wanted) tasks.push_back(one.task);
  LocalOptions how;
  how.jobs = options.jobs;
  Threads threads(registry(), how);
  std::vector<Outcome> made(tasks.size());
  threads.run(tasks, [&](std::size_t number, Outcome outcome) {
    print(json_text(outcome) + "\n");
    outcome.figures.clear();
    made[number] = std::move(outcome);
  });
  judge(wanted, made);
}

}  // namespace

std::function<void()> declare_task(CLI::App& app) {
  auto options = std::make_shared<TaskArguments>();
  reads(app, app.add_option("TASKS", options->path, "tasks or outcomes, one JSON object a line, as `retwin run --outcomes` writes them"))
      ->required();
  app.add_option("--only", options->only, "number of the replication to repeat, from 0; may be repeated; default: all")
      ->type_name("N")
      ->allow_extra_args(false);
  app.add_option("--jobs", options->jobs, "threads; default: all cores")
      ->type_name("N")
      ->check(CLI::Range(1, 1024).description(""));
  return [options] { repeat(*options); };
}

}  // namespace retwin::cli

// Tasks and outcomes as values: JSON both ways, one compilation per variant, any replication again from its task alone.
#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <limits>

#include "core/base/files.hpp"
#include "core/experiment/replications.hpp"
#include "tests/unit/small_plant.hpp"

namespace retwin::task_test {

namespace {

constexpr double no_number = std::numeric_limits<double>::quiet_NaN(), infinite = std::numeric_limits<double>::infinity();
const std::string hostile = "a \"b\"\\\n\t{[:,]} \x01 \u2028 é 🏭 stations.x.y";
const Place here{};

Outcome sample() {
  Outcome o;
  o.task = {hostile, {{"run.seed", "7", "--seed"}, {hostile, "~", ""}}, {"lib", hostile}, "0123", 17, 18446744073709551615u, 0.1 + 0.2, 1e300, {}, {}};
  o.figures = {{hostile, no_number, "1/h", hostile, true, 0.0, 0.0, false}, {"x", -infinite, "1", "", false, 0, 0, true},
               {"y", 5e-324, "", "d", true, infinite, no_number, false}};
  o.digest = "ab";
  return o;
}

/// A scenario in a folder of its own.
struct Folder {
  std::string path = "task_test_folder";
  explicit Folder(const std::string& duration = "{exponential: 8 min}") {
    write(duration);
  }
  void write(const std::string& duration) const {
    write_file(path + "/plant.yaml", "run: {duration: 1 d, terminating: true, replications: 6}\nsources: {feed: {every: {exponential: 10 min}, to: press}}\n"
               "stations: {press: {duration: " + duration + ", to: done}}\nsinks: [done]\n");
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string plant() const { return path + "/plant.yaml"; }
};

std::vector<Task> tasks(const std::string& plant, const std::vector<Override>& overrides) {
  RunOptions options;
  options.origin.scenario = plant;
  options.origin.overrides = overrides;
  return tasks_of(load_scenario(plant, {}, overrides), options);
}

std::vector<Outcome> run(Executor& executor, const std::vector<Task>& all) {
  std::vector<Outcome> made(all.size());
  executor.run(all, [&](std::size_t number, Outcome outcome) { made[number] = std::move(outcome); });
  return made;
}

Code code_of(const std::string& text) {
  try {
    outcome_from_json(text, here);
  } catch (const InputError& error) {
    return error.problems().front().code;
  }
  FAIL("taken: " << text);
  return Code::file;
}

}  // namespace

TEST_CASE("tasks and outcomes to JSON and back, whatever things are called") {
  const Outcome o = sample();
  CHECK(outcome_from_json(json_text(o), here) == o);
  CHECK(task_from_json(json_text(o.task), here) == o.task);
  CHECK(task_from_json(json_text(o), here) == o.task);  // of an outcome its task
  CHECK(json_text(o).find('\n') == std::string::npos);
  CHECK(digest_from_json(json_text(o)) == "ab");
  CHECK(digest_from_json(json_text(o.task)).empty());
  Outcome failed = o;
  failed.figures.clear();
  failed.error = {Failure::Kind::run, hostile, 1.5, "press"};
  failed.task.seed.reset();
  failed.task.from = "s.state", failed.task.from_sha256 = "ff";
  CHECK(outcome_from_json(json_text(failed), here) == failed);
  Outcome other = o;  // negative control
  other.figures[2].numerator = 1;
  CHECK_FALSE(outcome_from_json(json_text(other), here) == o);
  other = o;
  other.task.overrides[1].value = "";
  CHECK_FALSE(outcome_from_json(json_text(other), here) == o);
}

TEST_CASE("what is no task is refused, with a code") {
  const std::string good = json_text(sample());
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    REQUIRE(text.find(from) != std::string::npos);
    return text.replace(text.find(from), from.size(), to);
  };
  CHECK(code_of("") == Code::syntax);
  CHECK(code_of("[1, 2") == Code::syntax);
  CHECK(code_of("[]") == Code::type);
  CHECK(code_of("{}") == Code::missing);
  CHECK(code_of(with("\"replication\":17", "\"replication\":-1")) == Code::type);
  CHECK(code_of(with("\"replication\":17", "\"replication\":18446744073709551615")) == Code::range);
  CHECK(code_of(with("\"end_s\":1e+300", "\"end_s\":null")) == Code::range);
  CHECK(code_of(with("\"end_s\":1e+300", "\"end_s\":1e999")) != Code::file);
  CHECK(code_of(with("\"manifest\":\"0123\"", "\"manifest\":3")) == Code::type);
}

TEST_CASE("a scenario is compiled once per variant, the threads make no difference, a replication can be repeated alone") {
  const Folder folder;
  std::vector<Task> all = tasks(folder.plant(), {});
  for (const Task& task : tasks(folder.plant(), {{"stations.press.duration", "{exponential: 9 min}", ""}})) all.push_back(task);
  REQUIRE(all.size() == 12);
  const Registry registry;
  Threads one(registry, {}), three(registry, [] {
    LocalOptions options;
    options.jobs = 3;
    return options;
  }());
  const std::vector<Outcome> made = run(one, all), again = run(three, all);
  CHECK(one.variants().compiled() == 2);
  CHECK(three.variants().compiled() == 2);
  for (std::size_t k = 0; k < all.size(); ++k) {
    CHECK_FALSE(made[k].error);
    CHECK(made[k].task == all[k]);
    CHECK(made[k] == again[k]);
    CHECK(made[k].digest != made[(k + 1) % all.size()].digest);  // negative control: other luck, another end
  }
  Threads alone(registry, {});
  CHECK(run(alone, {task_from_json(json_text(all[5]), here)}).front() == made[5]);
  // as in a run of all of them
  const Results results = run_replications(load_scenario(folder.plant(), {}));
  for (std::size_t k = 0; k < 6; ++k) {
    CHECK(results.digests[k] == made[k].digest);
    CHECK(results.outcome(k).figures.size() == made[k].figures.size());
  }
  CHECK(results.find("stations.press.jobs")->interval.mean == doctest::Approx([&] {
    double sum = 0;
    for (std::size_t k = 0; k < 6; ++k) sum += made[k].find("stations.press.jobs")->value / 6;
    return sum;
  }()));
}

TEST_CASE("a task that fails says why, the others go on") {
  const Folder folder;
  std::vector<Task> all = tasks(folder.plant(), {});
  all[1].manifest = "of another scenario";
  all[2].from = "nowhere.state", all[2].from_sha256 = "00";
  LocalOptions options;
  options.jobs = 2;
  struct Failing : Observer {
    void lot_entered(double now, Index, const Lot&) override { throw RunError("stuck", now, "press"); }
  };
  options.observer = [](const Task& task) -> std::unique_ptr<Observer> {
    return task.replication == 4 ? std::make_unique<Failing>() : nullptr;
  };
  const Registry registry;
  Threads threads(registry, options);
  const std::vector<Outcome> made = run(threads, all);
  for (const std::size_t k : {0u, 3u, 5u}) CHECK_FALSE(made[k].error);
  REQUIRE(made[1].error);
  CHECK(made[1].error->kind == Failure::Kind::input);
  CHECK(made[1].error->message.find("has changed since the task was made") != std::string::npos);
  REQUIRE(made[2].error);
  CHECK(made[2].error->kind == Failure::Kind::input);
  REQUIRE(made[4].error);
  CHECK(made[4].error->kind == Failure::Kind::run);
  CHECK(made[4].error->message == "stuck");
  CHECK(made[4].error->station == "press");
  CHECK(made[4].figures.empty());
  CHECK(outcome_from_json(json_text(made[4]), here) == made[4]);
}

TEST_CASE("a scenario that has changed since is not run in place of the one that was meant") {
  const Folder folder;
  const std::vector<Task> all = tasks(folder.plant(), {});
  folder.write("{exponential: 5 min}");
  const Registry registry;
  Threads threads(registry, {});
  for (const Outcome& outcome : run(threads, all)) CHECK(outcome.error);
  CHECK(threads.variants().compiled() == 1);  // nor is it read again for each
  folder.write("{exponential: 8 min}");
  Threads anew(registry, {});
  for (const Outcome& outcome : run(anew, all)) CHECK_FALSE(outcome.error);
}

TEST_CASE("figures are known by their paths, whatever came first") {
  const auto kpi = [](const char* path, double value) { return Kpi{path, value, "1", "", false, 0, 0, false}; };
  FigureRows figures(3);
  figures.put(2, {kpi("c", 3), kpi("b", 5)});
  figures.put(0, {kpi("a", 1), kpi("b", 2)});
  const std::vector<FigureRows::Path> paths = figures.by_path();
  REQUIRE(paths.size() == 3);
  CHECK(paths[0].kpi->path == "a");
  CHECK(paths[1].kpi->path == "b");
  CHECK(paths[2].kpi->path == "c");
  CHECK(paths[1].values[0]->value == 2);
  CHECK(paths[1].values[1] == nullptr);
  CHECK(paths[1].values[2]->value == 5);
  CHECK(figures.of(2).front().path == "c");
}

}  // namespace retwin::task_test

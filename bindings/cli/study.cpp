// `retwin sweep`, `select`, `optimise` and `merge`: studies of a scenario, kept in a file from which they go on.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "bindings/cli/command.hpp"
#include "bindings/cli/outputs.hpp"
#include "bindings/cli/progress.hpp"
#include "bindings/cli/web_page.hpp"
#include "core/base/files.hpp"
#include "core/report/study_report.hpp"

namespace retwin::cli {
namespace {

struct StudyArguments {
  ScenarioOptions study;  ///< the file of a study in place of a scenario
  std::string results, shard, out, report, format = "table";
  std::vector<std::string> files;
  int jobs = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
};

/// Where a study is kept if nobody says so.
std::string results_file(const StudyArguments& options) {
  return options.results.empty() ? std::filesystem::path(options.study.path).stem().string() + ".sqlite" : options.results;
}

Shard shard_of(const std::string& text) {
  if (text.empty()) return {};
  const std::size_t slash = text.find('/');
  const auto number = [&](const std::string& part) -> std::optional<std::int64_t> {
    const auto value = number_of(part);
    if (!value || *value != std::floor(*value) || *value < 1 || *value > 1e6) return std::nullopt;
    return static_cast<std::int64_t>(*value);
  };
  const auto index = number(text.substr(0, std::min(slash, text.size())));
  const auto of = slash == std::string::npos ? std::nullopt : number(text.substr(slash + 1));
  if (!index || !of) refuse(Code::syntax, "--shard", "\"" + text + "\" is no shard", "write 1/4, 2/4, 3/4 and 4/4 for four processes");
  if (*index > *of) refuse(Code::range, "--shard", fmt::format("there is no shard {} of {}", *index, *of), fmt::format("they are 1/{} to {}/{}", *of, *of, *of));
  return {*index - 1, *of};
}

/// A study, its file and its runs.
struct Work {
  explicit Work(const StudyArguments& options)
      : study(read_study(options.study.path, registry(), {options.study.overrides, options.study.libraries})), file(results_file(options), study), runs(study, registry(), file, how(options)) {
    tell(study.warnings);
  }
  LocalOptions how(const StudyArguments& options) {
    LocalOptions made;
    made.jobs = options.jobs;
    made.progress = [this](double done) { progress.show(done); };
    return made;
  }
  Progress progress;
  Study study;
  StudyFile file;
  StudyRuns runs;
};

/// Points that could not be run, told once each, at most a few.
void tell_failures(const Study& study, const std::vector<PointAnswer>& points) {
  std::size_t failed = 0;
  for (const PointAnswer& answer : points) {
    if (answer.error.empty()) continue;
    if (++failed <= 3) tell(fmt::format("warning: {} cannot be run: {}\n", study.space.text(answer.point), answer.error));
  }
  if (failed > 3) tell(fmt::format("warning: {} points cannot be run\n", failed));
}

/// What a study found, as it is told: the first table is what it is about.
struct Found {
  std::string command, text, json;
  std::vector<std::pair<std::string, Table>> tables;
  const Table& table(const std::string& name) const {
    return std::find_if(tables.begin(), tables.end(), [&](const auto& one) { return one.first == name; })->second;
  }
};

/// Keeps, writes and prints it.
void tell_all(const StudyArguments& options, Work& work, const Found& found) {
  work.file.complete(found.table("results"));
  FileSet files;
  if (!options.out.empty()) {
    const std::filesystem::path folder(options.out);
    write_file((folder / "result.json").string(), found.json);
    for (const auto& [name, table] : found.tables) write_file((folder / (name + ".csv")).string(), table.csv());
  }
  if (!options.report.empty()) {
    std::vector<std::pair<std::string, const Table*>> tables;
    for (const auto& [name, table] : found.tables) tables.emplace_back(name, &table);
    write_page(options.report, page_of_study(found.command, work.study.path, work.study.scenario, found.text, tables));
  }
  files.commit();
  work.progress.wipe();
  print(options.format == "json" ? found.json : options.format == "csv" ? found.tables.front().second.csv() : found.text);
}

std::vector<std::string> written(const std::string& folder, std::initializer_list<const char*> names) {
  std::vector<std::string> all{(std::filesystem::path(folder) / "result.json").string()};
  for (const char* name : names) all.push_back((std::filesystem::path(folder) / (std::string(name) + ".csv")).string());
  return all;
}
std::vector<std::string> sweep_files(const std::string& folder) { return written(folder, {"results", "points", "effects", "indices"}); }
std::vector<std::string> selection_files(const std::string& folder) { return written(folder, {"results", "points", "selection"}); }
std::vector<std::string> optimum_files(const std::string& folder) { return written(folder, {"results", "front", "rivals", "steps"}); }

void show_sweep(const StudyArguments& options, Work& work, const std::vector<Point>& points) {
  const SweepAnswer sweep = sweep_of(work.runs, points);
  Found found{"sweep", sweep_text(work.study, sweep), sweep_json(work.study, sweep), {{"points", study_points_table(work.study, sweep.points)},
                 {"results", study_results_table(work.runs, sweep.points)}, {"effects", study_effects_table(work.study, sweep)}}};
  if (!sweep.indices.empty()) found.tables.emplace_back("indices", study_indices_table(work.study, sweep));
  tell_failures(work.study, sweep.points);
  tell_all(options, work, found);
}

void sweep(const StudyArguments& options) {
  const Shard shard = shard_of(options.shard);
  check_report(options.report);
  Work work(options);
  const std::vector<Point> points = points_of(work.study);
  run_sweep(work.runs, points, shard);
  if (shard.of == 1) return show_sweep(options, work, points);
  work.file.complete(Table({}));
  work.progress.wipe();
  tell(fmt::format("{}: {} replications of shard {}, {} of them run now; retwin merge puts the shards together\n", work.file.path(), work.file.size(), options.shard,
                   work.runs.made()));
}

void merge(const StudyArguments& options) {
  check_report(options.report);
  Work work(options);
  for (const std::string& other : options.files) work.file.take(other, work.study);
  const std::vector<Point> points = points_of(work.study);
  const std::int64_t missing = static_cast<std::int64_t>(points.size()) * work.study.replications - static_cast<std::int64_t>(work.file.size());
  if (missing > 0) tell(fmt::format("{} replications are in none of the files: they are run now\n", missing));
  run_sweep(work.runs, points);
  show_sweep(options, work, points);
}

void select(const StudyArguments& options) {
  check_report(options.report);
  Work work(options);
  const PointSelection selection = select_best(work.runs, points_of(work.study), options.jobs);
  tell_failures(work.study, selection.points);
  tell_all(options, work, {"select", selection_text(work.study, selection), selection_json(work.study, selection), {{"selection", study_selection_table(work.study, selection)},
              {"points", study_points_table(work.study, selection.points)}, {"results", study_results_table(work.runs, selection.points)}}});
}

void optimise_study(const StudyArguments& options) {
  check_report(options.report);
  Work work(options);
  const Optimum optimum = optimise(work.runs, [&](double done) { work.progress.show(done); });
  tell_all(options, work, {"optimise", optimum_text(work.study, optimum), optimum_json(work.study, optimum), {{"front", study_points_table(work.study, optimum.front)},
              {"rivals", study_points_table(work.study, optimum.rivals)}, {"steps", study_steps_table(work.study, optimum)}, {"results", study_results_table(work.runs, optimum.rivals)}}});
}

std::shared_ptr<StudyArguments> declare(CLI::App& app, Written files) {
  auto options = std::make_shared<StudyArguments>();
  options->study.declare(app, "STUDY", "study file (YAML), see retwin explain study");
  const auto kept = [](const std::string& path) { return std::vector<std::string>{path}; };
  writes(app, app.add_option("--results", options->results, "SQLite file in which the study is kept, and from which it goes on; default: the study's name with .sqlite, here"), kept)
      ->type_name("FILE");
  app.add_option("--jobs", options->jobs, "threads for the replications; default: all cores")->type_name("N")->check(CLI::Range(1, 1024).description(""));
  writes(app, app.add_option("--out", options->out, "folder for result.json and tables as CSV"), std::move(files))->type_name("DIR");
  declare_report(app, options->report);
  app.add_option("--format", options->format, "table, json or csv, on standard output")
      ->type_name("FORMAT")
      ->check(CLI::IsMember({"table", "json", "csv"}).description(""));
  return options;
}

}  // namespace

std::function<void()> declare_sweep(CLI::App& app) {
  const auto options = declare(app, sweep_files);
  app.add_option("--shard", options->shard, "only the I-th of N parts of the replications, for N processes or machines; see retwin merge")->type_name("I/N");
  return [options] { sweep(*options); };
}

std::function<void()> declare_merge(CLI::App& app) {
  const auto options = declare(app, sweep_files);
  reads(app, app.add_option("FILE", options->files, "files of the shards")->required());
  return [options] { merge(*options); };
}

std::function<void()> declare_select(CLI::App& app) {
  const auto options = declare(app, selection_files);
  return [options] { select(*options); };
}

std::function<void()> declare_optimise(CLI::App& app) {
  const auto options = declare(app, optimum_files);
  return [options] { optimise_study(*options); };
}

}  // namespace retwin::cli

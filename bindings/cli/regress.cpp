// `retwin regress`: keeps figures of scenarios, and judges later versions of these against them.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "bindings/cli/command.hpp"
#include "bindings/cli/outputs.hpp"
#include "bindings/cli/progress.hpp"
#include "core/base/files.hpp"
#include "core/experiment/regress.hpp"
#include "core/report/regress_report.hpp"

namespace retwin::cli {
namespace {

struct RegressArguments {
  std::vector<std::string> files, margins, libraries;
  std::string folder, junit, format = "table";
  std::optional<std::uint64_t> seed;
  std::int64_t replications = 0;
  int jobs = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  bool update = false;
};

void keep(const std::vector<Contender>& all, const RegressOptions& how, std::optional<Progress>& progress) {
  for (const Contender& one : all) check_writable(baseline_file(how.folder, one.scenario->path), false);
  std::vector<Baseline> made;
  for (const Contender& one : all) made.push_back(figures_to_keep(one, how));
  progress.reset();
  FileSet files;
  for (const Baseline& one : made) write_file(one.path, baseline_json(one));
  files.commit();
  std::string out;
  for (std::size_t k = 0; k < made.size(); ++k)
    out += fmt::format("{}: kept {} figures of {} replications, seed {}, in {}\n", all[k].scenario->path,
                       made[k].figures.by_path().size(), made[k].replications(), made[k].seed(), made[k].path);
  print(out);
}

void judge(const std::vector<Contender>& all, const RegressOptions& how, const RegressArguments& options, std::optional<Progress>& progress) {
  if (!options.junit.empty()) check_writable(options.junit, false);
  std::vector<Regressed> judged;
  for (const Contender& one : all) judged.push_back(regress(one, how, registry()));
  progress.reset();
  if (!options.junit.empty()) write_file(options.junit, regress_junit(judged));
  print(options.format == "json" ? regress_json(judged) : options.format == "csv" ? regress_table(judged).csv() : regress_text(judged));
  if (!std::all_of(judged.begin(), judged.end(), [](const Regressed& r) { return r.ok(); })) throw NotPassed{};
}

void run(const CLI::App& app, const RegressArguments& options) {
  if (options.update) refuse_options(app, {"--junit", "--format"}, "a judgement, not with --update");
  RegressOptions how;
  how.folder = options.folder;
  for (const std::string& text : options.margins) how.margins.push_back(margin_of(text));
  how.seed = options.seed;
  how.replications = static_cast<std::size_t>(options.replications);
  how.how.jobs = options.jobs;
  std::optional<Progress> progress(std::in_place);
  how.how.progress = [&progress](double done) { progress->show(done); };
  std::vector<Contender> all;
  for (const std::string& file : options.files) {
    all.push_back(read_contender(file, {}, options.libraries, registry()));
    tell(all.back().scenario->warnings);
  }
  check_regress(all, how);
  if (options.update) keep(all, how, progress);
  else judge(all, how, options, progress);
}

}  // namespace

std::function<void()> declare_regress(CLI::App& app) {
  auto options = std::make_shared<RegressArguments>();
  reads(app, app.add_option("SCENARIOS", options->files, "scenario files (YAML)"))->required();
  app.add_option("--baseline", options->folder, "folder of the kept figures, one file per scenario")->type_name("DIR")->required();
  app.add_flag("--update", options->update, "keeps the figures as they are now, in place of those kept before; judges nothing");
  app.add_option("--margin", options->margins,
                 "how much worse a figure may be, e.g. plant.cycle_time=5%; may be repeated; default: products, carbon per functional "
                 "unit and electricity per lot, 1%")
      ->type_name("FIGURE=SHARE")
      ->allow_extra_args(false);
  app.add_option("--seed", options->seed,
                 "seed of all random numbers; default: as each scenario says. Another seed than that of the kept figures: the kept "
                 "scenario is run again")
      ->type_name("N");
  app.add_option("--replications", options->replications,
                 "most replications to judge by, default: as many as are kept, up to 160 where the kept scenario can be run again; with "
                 "--update: to keep, default: 20")
      ->type_name("N")
      ->check(CLI::Range(2, 100000).description(""));
  writes(app, app.add_option("--junit", options->junit, "file for the outcome as JUnit XML"))->type_name("FILE");
  declare_library(app, options->libraries);
  app.add_option("--jobs", options->jobs, "threads for the replications; default: all cores")
      ->type_name("N")
      ->check(CLI::Range(1, 1024).description(""));
  app.add_option("--format", options->format, "table, json or csv, on standard output")
      ->type_name("FORMAT")
      ->check(CLI::IsMember({"table", "json", "csv"}).description(""));
  return [options, &app] { run(app, *options); };
}

}  // namespace retwin::cli

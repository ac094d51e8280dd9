// `retwin compare`: variants against a base with the same luck, and a gate that they must pass.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <thread>

#include "bindings/cli/command.hpp"
#include "bindings/cli/log_options.hpp"
#include "bindings/cli/outputs.hpp"
#include "bindings/cli/progress.hpp"
#include "bindings/cli/web_page.hpp"
#include "core/base/replacement.hpp"
#include "core/experiment/compare.hpp"
#include "core/report/compare_report.hpp"

namespace retwin::cli {
namespace {

struct CompareArguments {
  ScenarioOptions base;
  std::vector<std::string> files, sets, fail_if;
  std::int64_t replications = 0;
  int jobs = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  std::string out, report, replay = "1 week", format = "table";
};

std::string trimmed(const std::string& text) {
  const std::size_t first = text.find_first_not_of(" \t");
  return first == std::string::npos ? std::string() : text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// "a.b=1; c.d=2" as overrides. @throws InputError (syntax)
std::vector<Override> overrides_of(const std::string& text) {
  std::vector<Override> all;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(';', at), text.size());
    const std::string one = trimmed(text.substr(at, end - at));
    at = end + 1;
    const std::size_t equals = one.find('=');
    if (equals == 0 || equals == std::string::npos)
      refuse(Code::syntax, "--variant-set", "write path=value, not \"" + one + "\"", "several values of one variant: \"a.b=1; c.d=2\"");
    all.push_back({trimmed(one.substr(0, equals)), trimmed(one.substr(equals + 1)), "--variant-set " + trimmed(one.substr(0, equals))});
  }
  return all;
}

std::vector<Contender> contenders_of(const CompareArguments& options) {
  const auto read = [&](const std::string& path, const std::vector<Override>& more, const std::string& set) {
    std::vector<Override> overrides = options.base.overrides;
    overrides.insert(overrides.end(), more.begin(), more.end());
    Contender made = read_contender(path, overrides, options.base.libraries, registry(), set);
    tell(made.scenario->warnings);
    return made;
  };
  std::vector<Contender> all{read(options.base.path, {}, {})};
  for (const std::string& file : options.files) all.push_back(read(file, {}, {}));
  for (const std::string& set : options.sets) all.push_back(read(options.base.path, overrides_of(set), trimmed(set)));
  tell_apart(all);
  return all;
}

void compare_all(const CLI::App& app, const CompareArguments& options) {
  if (options.files.empty() && options.sets.empty())
    refuse(Code::missing, "command line", "there is nothing to compare the base with",
           "name another scenario file, or give --variant-set \"PATH=VALUE\"");
  if (options.replications > 0 || !options.fail_if.empty())
    refuse_options(app, {"--precision", "--max-replications"}, "replications: auto of the base, without --replications and --fail-if");
  std::vector<Contender> all = contenders_of(options);
  if (!options.out.empty()) {
    check_writable(options.out, true);
    for (const std::string& path : comparison_files(options.out)) check_writable(path, false);
  }
  check_report(options.report);
  const double replay_s = duration_of(options.replay, "--replay", 0);
  CompareOptions how;
  how.replications = static_cast<std::size_t>(options.replications);
  how.fail_if = options.fail_if;
  const Scenario& base = *all.front().scenario;
  LocalOptions local;
  local.jobs = options.jobs;
  std::optional<Progress> progress(std::in_place);
  local.progress = [&progress](double done) { progress->show(done); };
  const std::uint64_t seed = base.run.seed;
  const std::size_t most = most_replications(how, base);
  PairedRuns runs(std::move(all), seed, most, local);
  tell(runs.warnings());
  std::optional<ComparedReplays> replays;
  if (!options.report.empty()) replays.emplace(runs, replay_s);
  const Comparison comparison = compare(runs, how);
  progress.reset();
  FileSet files;
  if (!options.out.empty()) write_comparison(options.out, comparison, runs);
  if (!options.report.empty()) write_page(options.report, page_of_comparison(comparison, *replays));
  files.commit();
  print(options.format == "json"  ? compare_json(comparison, runs)
        : options.format == "csv" ? figure_changes_table(comparison).csv()
                                  : compare_text(comparison));
  if (!comparison.passed()) throw NotPassed{};
}

}  // namespace

std::function<void()> declare_compare(CLI::App& app) {
  auto options = std::make_shared<CompareArguments>();
  options->base.declare(app, "BASE");
  reads(app, app.add_option("VARIANT", options->files, "scenario files to compare with the base"));
  options->base.declare_run_settings(app, {"--replications"});
  app.add_option("--variant-set", options->sets,
                 "a variant of the base with these values, e.g. \"stations.press.servers=2; stations.saw.buffer=9\"; may be repeated")
      ->type_name("PATH=VALUE[; ...]")
      ->allow_extra_args(false);
  app.add_option("--replications", options->replications,
                 "of each scenario; default: as the base says, at least 10 (auto: until the change of the objective is known to --precision); with "
                 "--fail-if: of the last look, default: 160")
      ->type_name("N")
      ->check(CLI::Range(2, 1000000).description(""));
  app.add_option("--fail-if", options->fail_if,
                 "condition that ends with exit code 4, e.g. \"products < -1 %\"; may be repeated. Looks at 10, 20, 40, ... replications "
                 "until all is decided")
      ->type_name("\"FIGURE < CHANGE\"")
      ->allow_extra_args(false);
  app.add_option("--jobs", options->jobs, "threads for the replications; default: all cores")
      ->type_name("N")
      ->check(CLI::Range(1, 1024).description(""));
  writes(app, app.add_option("--out", options->out, "folder for result.json and tables as CSV"), comparison_files)->type_name("DIR");
  declare_replay(app, options->report, options->replay, "of each scenario");
  app.add_option("--format", options->format, "table, json or csv, on standard output")
      ->type_name("FORMAT")
      ->check(CLI::IsMember({"table", "json", "csv"}).description(""));
  return [options, &app] { compare_all(app, *options); };
}

}  // namespace retwin::cli

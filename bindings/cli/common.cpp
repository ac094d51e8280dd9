// The options and outputs that subcommands share.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <system_error>
#include <tuple>

#include "bindings/cli/command.hpp"
#include "bindings/cli/outputs.hpp"
#include "core/base/text.hpp"
#include "models/models.hpp"

namespace retwin::cli {
namespace {

/// Options that stand for a value of the scenario, so that its hash tells of them.
struct RunSetting {
  const char* flag;
  const char* type;
  const char* path;
  const char* doc;
};
constexpr RunSetting run_settings[] = {
    {"--seed", "N", "run.seed", "seed of all random numbers; of a run that goes on from a state: of its future"},
    {"--replications", "N", "run.replications", "independent replications, or auto: as many as it takes"},
    {"--precision", "SHARE", "run.precision", "of auto: half the interval of the objective and of carbon per tonne (of compare: of the change of the objective), relative; default: 2 %"},
    {"--max-replications", "N", "run.max_replications", "of auto: so many at most; default: 50"},
    {"--duration", "TIME", "run.duration", "length of the run, e.g. \"26 weeks\""},
    {"--warmup", "TIME", "run.warmup", "left out of the results, e.g. \"2 weeks\"; auto: found, by MSER"},
};

}  // namespace

const Registry& registry() {
  static const Registry all = whole_registry();
  return all;
}

std::vector<std::string> library_folders(const std::vector<std::string>& given) {
  std::vector<std::string> folders = given;
  for (std::string& folder : default_library_folders()) folders.push_back(std::move(folder));
  return folders;
}

void declare_library(CLI::App& app, std::vector<std::string>& folders) {
  app.add_option("--library", folders, "folder with library documents, looked up before the installed ones; may be repeated")
      ->type_name("DIR")
      ->check(CLI::Validator(CLI::ExistingDirectory).description(""))
      ->allow_extra_args(false);
}

void ScenarioOptions::declare(CLI::App& app, const std::string& positional, const std::string& doc) {
  reads(app, app.add_option(positional, path, doc))->required();
  const auto set = [this](const std::string& text) {
    const auto equals = text.find('=');
    overrides.push_back({text.substr(0, equals), text.substr(equals + 1), {}});
  };
  app.add_option_function<std::vector<std::string>>(
         "--set", [set](const auto& all) { std::for_each(all.begin(), all.end(), set); },
         "value in place of the file's, e.g. --set stations.press.duration=\"3 min\"")
      ->type_name("PATH=VALUE")
      ->allow_extra_args(false)
      ->check([](const std::string& text) {
        const auto equals = text.find('=');
        return equals == 0 || equals == std::string::npos ? "write path=value, not " + text : std::string();
      });
  declare_library(app, libraries);
}

void ScenarioOptions::declare_run_settings(CLI::App& app, std::initializer_list<std::string_view> without) {
  for (const RunSetting& setting : run_settings)
    if (std::find(without.begin(), without.end(), setting.flag) == without.end()) declare_setting(app, setting.flag);
}

void ScenarioOptions::declare_setting(CLI::App& app, const std::string& flag) {
  for (const RunSetting& setting : run_settings) {
    if (flag != setting.flag) continue;
    const auto keep = [this, setting](const std::string& value) { overrides.push_back({setting.path, value, setting.flag}); };
    app.add_option_function<std::string>(setting.flag, keep, setting.doc)->type_name(setting.type);
  }
}

Scenario load(const ScenarioOptions& options) {
  Scenario scenario = load_scenario(options.path, registry(), options.overrides, library_folders(options.libraries));
  tell(scenario.warnings);
  return scenario;
}

void refuse_options(const CLI::App& app, std::initializer_list<const char*> flags, const std::string& with) {
  Problems problems;
  Place place;
  place.file = "command line";
  for (const char* flag : flags)
    if (app.count(flag) > 0) problems.error(Code::conflict, place, flag, "this says nothing here", "it goes with " + with);
  problems.throw_if_errors();
}

void tell(std::string_view text) {
  const std::string shown = printable(text);
  std::fwrite(shown.data(), 1, shown.size(), stderr);  // where nobody listens nothing can be done
}

void tell(const Problem& problem) { tell(format(problem) + "\n"); }

void tell(const std::vector<Problem>& problems) {
  std::vector<std::string> files;
  for (const Problem& problem : problems)
    if (std::find(files.begin(), files.end(), problem.place.file) == files.end()) files.push_back(problem.place.file);
  const auto position = [&](const Problem& p) {
    const auto file = std::find(files.begin(), files.end(), p.place.file) - files.begin();
    return std::make_tuple(file, p.place.line, p.place.column);
  };
  std::vector<Problem> sorted = problems;
  std::stable_sort(sorted.begin(), sorted.end(), [&](const Problem& a, const Problem& b) { return position(a) < position(b); });
  constexpr std::size_t most = 50;
  const auto is_error = [](const Problem& p) { return p.severity == Severity::error; };
  if (sorted.size() > most) {  // errors before warnings, in their places again
    std::stable_partition(sorted.begin(), sorted.end(), is_error);
    sorted.resize(most);
    std::stable_sort(sorted.begin(), sorted.end(), [&](const Problem& a, const Problem& b) { return position(a) < position(b); });
  }
  for (const Problem& problem : sorted) tell(problem);
  if (problems.size() <= most) return;
  const auto left =
      std::count_if(problems.begin(), problems.end(), is_error) - std::count_if(sorted.begin(), sorted.end(), is_error);
  tell(fmt::format("and {} more, {} of them errors\n", problems.size() - most, left));
}

void print(std::string_view text) {
  const std::string shown = printable(text);
  const bool written = std::fwrite(shown.data(), 1, shown.size(), stdout) == shown.size() && std::fflush(stdout) == 0;
  if (written) return;
  Place place;
  place.file = "standard output";
  throw InputError({{Code::file, Severity::error, place, {}, "cannot write: " + std::generic_category().message(errno), {}}});
}

}  // namespace retwin::cli

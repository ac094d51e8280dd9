// What the subcommands of `retwin` share: their form, the options that name a scenario, and how problems are told.
#pragma once
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/registry.hpp"
#include "core/scenario/scenario.hpp"

namespace CLI {
class App;
}

namespace retwin::cli {

/// Declares the options of a subcommand and gives back what it does with them.
using Declare = std::function<void()> (*)(CLI::App&);

std::function<void()> declare_new(CLI::App& app);
std::function<void()> declare_run(CLI::App& app);
std::function<void()> declare_task(CLI::App& app);
std::function<void()> declare_compare(CLI::App& app);
std::function<void()> declare_regress(CLI::App& app);
std::function<void()> declare_sweep(CLI::App& app);
std::function<void()> declare_select(CLI::App& app);
std::function<void()> declare_optimise(CLI::App& app);
std::function<void()> declare_merge(CLI::App& app);
std::function<void()> declare_check(CLI::App& app);
std::function<void()> declare_bottleneck(CLI::App& app);
std::function<void()> declare_carbon(CLI::App& app);
std::function<void()> declare_balance(CLI::App& app);
std::function<void()> declare_comply(CLI::App& app);
std::function<void()> declare_cost(CLI::App& app);
std::function<void()> declare_explain(CLI::App& app);
std::function<void()> declare_draw(CLI::App& app);
std::function<void()> declare_list(CLI::App& app);
std::function<void()> declare_schema(CLI::App& app);
std::function<void()> declare_calibrate(CLI::App& app);
std::function<void()> declare_validate(CLI::App& app);
std::function<void()> declare_distances(CLI::App& app);
std::function<void()> declare_reconcile(CLI::App& app);
std::function<void()> declare_machines(CLI::App& app);
std::function<void()> declare_drift(CLI::App& app);

/// All is done and told, and what was to be shown was not: the command ends with 4.
struct NotPassed {};

/// Everything that scenarios of this program can name.
const Registry& registry();

/// Folders of the library: those given with --library, then the installed ones.
std::vector<std::string> library_folders(const std::vector<std::string>& given);
void declare_library(CLI::App& app, std::vector<std::string>& folders);

/// SCENARIO, --set and --library, which every subcommand on a scenario has; and the options that stand for settings of its run.
struct ScenarioOptions {
  std::string path;
  std::vector<Override> overrides;  ///< in the order of the command line
  std::vector<std::string> libraries;
  /// @param positional how the help calls the scenario
  void declare(CLI::App& app, const std::string& positional = "SCENARIO", const std::string& doc = "scenario file (YAML)");
  /// @param without flags that the subcommand has itself
  void declare_run_settings(CLI::App& app, std::initializer_list<std::string_view> without = {});
  void declare_setting(CLI::App& app, const std::string& flag);  ///< one of these
};

/// Reads and compiles the scenario; its warnings go to standard error. @throws InputError
Scenario load(const ScenarioOptions& options);

/// Refuses those of these options that were given: they say nothing here. @param with what they go with @throws InputError
void refuse_options(const CLI::App& app, std::initializer_list<const char*> flags, const std::string& with);

/// Text on standard error, whether anybody listens or not; no character of it commands the terminal.
void tell(std::string_view text);
/// Problems on standard error, file by file and line by line.
void tell(const std::vector<Problem>& problems);
void tell(const Problem& problem);

/// Text on standard output; no character of it commands the terminal. @throws InputError (file) if it cannot be written
void print(std::string_view text);

}  // namespace retwin::cli

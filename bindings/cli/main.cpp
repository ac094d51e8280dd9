// The command `retwin`: a table of subcommands, and what becomes of their errors.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <iostream>
#include <new>

#include "bindings/cli/command.hpp"
#include "bindings/cli/interruption.hpp"
#include "bindings/cli/outputs.hpp"
#include "core/base/file_guard.hpp"
#include "core/base/units.hpp"

namespace retwin::cli {
namespace {

struct Row {
  const char* name;
  const char* doc;
  Declare declare;
};
constexpr Row subcommands[] = {
    {"new", "Writes a commented scenario to begin with: a line, or a recycling plant", declare_new},
    {"run", "Runs a scenario and reports what it makes, what limits it, what it uses and emits", declare_run},
    {"task", "Repeats single replications from their tasks", declare_task},
    {"compare", "Runs variants of a plant with the same luck as a base: what differs, and what it does to the figures", declare_compare},
    {"regress", "Judges scenarios against kept figures: nothing may have become worse than a margin", declare_regress},
    {"sweep", "Runs a scenario at many points of a study and tells what each decision does", declare_sweep},
    {"select", "Finds the best of the points of a study, with a stated chance", declare_select},
    {"optimise", "Searches for the best decisions of a study, or for the front of several objectives", declare_optimise},
    {"merge", "Puts the shards of a sweep together", declare_merge},
    {"check", "Reports all problems of a scenario, and its static capacity", declare_check},
    {"bottleneck", "What limits a plant: measures what it would make with more of each thing, one at a time and together", declare_bottleneck},
    {"carbon", "The footprint of every battery and of every product, from the ledger of a run", declare_carbon},
    {"balance", "Every element from sources and reagents to each sink and the stock, with the error of the sum", declare_balance},
    {"comply", "Recycling efficiency, recoveries and contents against dated targets: pass or fail, with margin", declare_comply},
    {"cost", "What a plant costs and earns, by the prices that are stated: in all and per tonne, price by price", declare_cost},
    {"calibrate", "Learns a scenario from an event log", declare_calibrate},
    {"validate", "Measures how well a calibrated scenario predicts the cases of a log", declare_validate},
    {"distances", "How far one event log is from another", declare_distances},
    {"reconcile", "Measured flows made to obey the balances, and which meters are wrong", declare_reconcile},
    {"machines", "Learns failures and powers of machines from a state log and meters", declare_machines},
    {"drift", "Tells what changed in an event log or a state log, and when a watch over it would have said so", declare_drift},
    {"explain", "What a kind of thing can be given in a scenario", declare_explain},
    {"draw", "Draws the plant with its static capacity, or with the figures of a run", declare_draw},
    {"list", "Plants, variants, library documents, unit operations, kinds of lots, KPIs, exporters, readers", declare_list},
    {"schema", "JSON Schema of scenario files, for editors", declare_schema},
};

enum ExitCode { done = 0, wrong_usage = 1, bad_input = 2, run_failed = 3, not_passed = 4, our_bug = 70 };

int guarded(const std::function<void()>& action) {
  try {
    action();
    return done;
  } catch (const NotPassed&) {
    return not_passed;
  } catch (const InputError& error) {
    tell(error.problems());
    return bad_input;
  } catch (const RunError& error) {
    const std::string where = error.station().empty() ? "" : ", at station " + error.station();
    tell(fmt::format("error: the run stopped {} after its start{}: {}\n", format_duration(error.time_s()), where, error.what()));
    return run_failed;
  } catch (const std::bad_alloc&) {
    std::fputs("error: not enough memory for this run; try fewer --jobs, a shorter --duration or a smaller plant\n", stderr);
    return run_failed;
  } catch (const std::exception& error) {
    tell(fmt::format("error: {}\nthis is a bug of retwin; please report it with the scenario\n", error.what()));
    return our_bug;
  }
}

}  // namespace
}  // namespace retwin::cli

int main(int argc, char** argv) {
  using namespace retwin::cli;
  open_standard_streams();
  retwin::guard_files();
  end_in_order();
  std::function<void()> chosen;
  CLI::App app{"A digital twin of a factory: plants are text files, runs are exact and repeatable.", "retwin"};
  app.set_version_flag("--version", "retwin " RETWIN_VERSION);
  app.require_subcommand(1);
  app.footer("Exit codes: 0 done, 1 wrong usage, 2 bad input, 3 the run stopped, 4 a gate was not passed, 70 a bug of retwin, 128 + N ended by signal N.");
  try {
    for (const Row& row : subcommands) {
      CLI::App* sub = app.add_subcommand(row.name, row.doc);
      sub->callback([&chosen, sub, action = row.declare(*sub)] {
        check_files(*sub);
        chosen = action;
      });
    }
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (app.exit(error) != 0) return wrong_usage;
    return std::cout.flush() ? done : bad_input;  // what was asked for could not be printed
  }
  return guarded(chosen);
}

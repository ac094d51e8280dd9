// `retwin calibrate`: a scenario from an event log.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <limits>
#include <memory>

#include "bindings/cli/command.hpp"
#include "bindings/cli/log_options.hpp"
#include "bindings/cli/outputs.hpp"
#include "core/report/telemetry_report.hpp"
#include "core/telemetry/calibration.hpp"

namespace retwin::cli {
namespace {

struct Options {
  LogOptions log;
  std::string out = "calibrated.yaml", train = "1", state_at;
  bool discover = false;
};

void calibrate_from(Options& options) {
  CalibrationOptions how;
  how.train = share_of(options.train, "--train");
  const double state_at_s =
      options.state_at.empty() ? std::numeric_limits<double>::quiet_NaN() : time_of(options.state_at, "--state-at");
  check_writable(options.out, false);
  const Calibration calibration = calibrate(options.log.load(), how);
  write_calibration(calibration, options.out, state_at_s);
  print(text_report(calibration));
  fmt::print(stderr, "wrote {} and the tables beside it\n", options.out);
}

}  // namespace

std::function<void()> declare_calibrate(CLI::App& app) {
  auto options = std::make_shared<Options>();
  options->log.declare(app);
  app.add_flag("--discover", options->discover, "learn the process itself from the log")->required();
  app.add_option("--train", options->train, "share of the cases, the first ones, to learn from; default: all")
      ->type_name("SHARE");
  app.add_option("-o,--out", options->out, "the scenario; its tables get its name with _plans.csv ...; default: calibrated.yaml")
      ->type_name("FILE");
  app.add_option("--state-at", options->state_at,
                 "of a production line: time at which its parts stand where the scenario _line.yaml begins; default: the end of "
                 "what is learned from")
      ->type_name("TIME");
  return [options] { calibrate_from(*options); };
}

}  // namespace retwin::cli

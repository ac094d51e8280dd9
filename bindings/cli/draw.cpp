// `retwin draw`: the plant as Graphviz text or picture, with static figures or those of a run.
#include <CLI/CLI.hpp>
#include <cmath>
#include <filesystem>
#include <map>
#include <thread>

#include "bindings/cli/command.hpp"
#include "bindings/cli/graphviz.hpp"
#include "bindings/cli/outputs.hpp"
#include "bindings/cli/pilot.hpp"
#include "bindings/cli/progress.hpp"
#include "core/base/files.hpp"
#include "core/experiment/replications.hpp"
#include "core/graph/draw.hpp"

namespace retwin::cli {
namespace {

/// Ending of the file and format of the program `dot`; none for the text itself.
const std::map<std::string, std::string> formats{{".dot", ""}, {".gv", ""}, {".svg", "svg"}, {".png", "png"}};

struct Options {
  ScenarioOptions scenario;
  std::string output;
  bool run = false;
};

std::string ending(const std::string& path) { return std::filesystem::path(path).extension().string(); }

/// Mean figures of the window; what flows along the edges is counted from the start of the run.
Figures figures_of_run(const Scenario& scenario, const ProcessGraph& graph) {
  const Plant& plant = *scenario.plant;
  Progress progress;
  RunOptions options;
  options.jobs = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  options.keep_state = true;
  options.progress = [&progress](double done) { progress.show(done); };
  const Results results = run_replications(scenario, options);
  const auto mean = [&](const std::string& path) {
    const KpiSummary* summary = results.find(path);
    return summary ? summary->interval.mean : std::nan("");
  };
  Figures figures;
  for (const Station& station : plant.stations) {
    figures.utilisation.push_back(mean("stations." + station.name + ".utilisation"));
    figures.wip.push_back(mean("stations." + station.name + ".mean_content"));
  }
  const Accounts& accounts = results.state->accounts;
  const double length_s = results.state->now;
  std::vector<double> ports, sources;
  for (double lots : accounts.port_lots) ports.push_back(lots / length_s);
  for (std::size_t k = 0; k < plant.sources.size(); ++k)
    sources.push_back(static_cast<double>(accounts.sources[k].made - accounts.sources[k].lost) / length_s);
  figures.edge_rate = edge_rates(plant, graph, ports, sources, observed(plant, accounts).shares);
  figures.bottleneck = plant.find_station(results.bottleneck.station);
  return figures;
}

void draw_plant(const Options& options) {
  const Scenario scenario = load(options.scenario);
  const Plant& plant = *scenario.plant;
  if (!options.output.empty()) check_writable(options.output, false);
  const ProcessGraph graph = process_graph(plant);
  const std::string text =
      draw(plant, graph, options.run ? figures_of_run(scenario, graph) : figures_of(capacity_of(scenario, graph)));
  if (options.output.empty()) return print(text);
  const std::string& format = formats.at(ending(options.output));
  write_file(options.output, format.empty() ? text : render(text, format));
}

}  // namespace

std::function<void()> declare_draw(CLI::App& app) {
  auto options = std::make_shared<Options>();
  options->scenario.declare(app);
  options->scenario.declare_run_settings(app);
  app.add_option("-o,--output", options->output, "file: .dot, or .svg and .png through the program dot; default: standard output")
      ->type_name("FILE")
      ->check([](const std::string& path) {
        return formats.count(ending(path)) ? std::string() : "the file must end in .dot, .svg or .png, not like " + path;
      });
  app.add_flag("--run", options->run, "runs the scenario and shows its figures instead of the static capacity");
  return [options] { draw_plant(*options); };
}

}  // namespace retwin::cli

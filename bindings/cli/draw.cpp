// `retwin draw`: the plant as Graphviz text or picture, with static figures or those of a run.
#include <CLI/CLI.hpp>
#include <cmath>
#include <filesystem>
#include <map>
#include <mutex>
#include <thread>

#include "bindings/cli/command.hpp"
#include "bindings/cli/graphviz.hpp"
#include "bindings/cli/outputs.hpp"
#include "bindings/cli/pilot.hpp"
#include "bindings/cli/progress.hpp"
#include "core/base/files.hpp"
#include "core/experiment/replications.hpp"
#include "core/graph/draw.hpp"
#include "core/graph/edge_counter.hpp"

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

/// Adds to a sum when its replication is over.
class Counting : public EdgeCounter {
 public:
  Counting(const Plant& plant, const ProcessGraph& graph, double begin_s, std::vector<double>& sum, std::mutex& adding)
      : EdgeCounter(plant, graph, begin_s), sum_(sum), adding_(adding) {}
  ~Counting() override {
    const std::lock_guard<std::mutex> lock(adding_);
    for (std::size_t e = 0; e < sum_.size(); ++e) sum_[e] += lots()[e];
  }

 private:
  std::vector<double>& sum_;
  std::mutex& adding_;
};

/// Counting on the way needs to know when.
Scenario with_known_warmup(Scenario scenario) {
  if (!scenario.run.finds_warmup) return scenario;
  RunOptions options;
  options.jobs = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  const FoundWarmup found = find_warmup(scenario, options);
  if (found.doubt) tell(*found.doubt);
  return with_warmup(scenario, found.warmup_s);
}

/// Means of the window over the replications.
Figures figures_of_run(const Scenario& scenario, const ProcessGraph& graph) {
  const Plant& plant = *scenario.plant;
  const double begin_s = scenario.run.terminating ? 0 : scenario.run.warmup_s;
  Figures figures;
  figures.edge_rate.assign(graph.edges.size(), 0);
  std::mutex adding;
  Progress progress;
  RunOptions options;
  options.jobs = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  options.observer = [&](std::int64_t) {
    return std::make_unique<Counting>(plant, graph, begin_s, figures.edge_rate, adding);
  };
  options.progress = [&progress](double done) { progress.show(done); };
  const Results results = run_replications(scenario, options);
  const auto mean = [&](const std::string& path) {
    const KpiSummary* summary = results.find(path);
    return summary ? summary->interval.mean : std::nan("");
  };
  for (const Station& station : plant.stations) {
    figures.utilisation.push_back(mean("stations." + station.name + ".utilisation"));
    figures.wip.push_back(mean("stations." + station.name + ".mean_content"));
  }
  for (double& rate : figures.edge_rate) rate /= (results.end_s - results.begin_s) * static_cast<double>(results.replications);
  figures.bottleneck = plant.find_station(results.bottleneck.station);
  return figures;
}

void draw_plant(const Options& options) {
  const Scenario scenario = options.run ? with_known_warmup(load(options.scenario)) : load(options.scenario);
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
  writes(app, app.add_option("-o,--output", options->output,
                             "file: .dot, or .svg and .png through the program dot; default: standard output"))
      ->type_name("FILE")
      ->check([](const std::string& path) {
        return formats.count(ending(path)) ? std::string() : "the file must end in .dot, .svg or .png, not like " + path;
      });
  app.add_flag("--run", options->run, "runs the scenario and shows its figures instead of the static capacity");
  return [options, &app] {
    if (!options->run) refuse_options(app, {"--replications", "--warmup"}, "--run");
    draw_plant(*options);
  };
}

}  // namespace retwin::cli

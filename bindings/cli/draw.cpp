// `retwin draw`: the plant as Graphviz text or picture, with static figures or those of a run.
#include <CLI/CLI.hpp>
#include <filesystem>
#include <map>
#include <optional>
#include <thread>
#include <utility>

#include "bindings/cli/command.hpp"
#include "bindings/cli/outputs.hpp"
#include "bindings/cli/progress.hpp"
#include "core/base/files.hpp"
#include "core/experiment/drawn_figures.hpp"
#include "core/experiment/pilot.hpp"
#include "core/graph/draw.hpp"
#include "core/graph/graphviz.hpp"

namespace retwin::cli {
namespace {

/// Ending of the file and format of the program `dot`; none for the text itself.
const std::map<std::string, std::string> picture_formats{{".dot", ""}, {".gv", ""}, {".svg", "svg"}, {".png", "png"}};

struct DrawArguments {
  ScenarioOptions scenario;
  std::string output;
  bool run = false;
};

std::string ending_of(const std::string& path) { return std::filesystem::path(path).extension().string(); }

void draw_plant(const DrawArguments& options) {
  Scenario scenario = load(options.scenario);
  RunOptions how;
  how.jobs = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  if (options.run) scenario = with_known_warmup(std::move(scenario), how, [](const Problem& doubt) { tell(doubt); });
  const Plant& plant = *scenario.plant;
  if (!options.output.empty()) check_writable(options.output, false);
  const ProcessGraph graph = process_graph(plant);
  std::optional<Progress> progress(std::in_place);
  how.progress = [&progress](double done) { progress->show(done); };
  const DrawnFigures figures = options.run ? figures_of_run(scenario, graph, how) : figures_of(capacity_of(scenario, graph));
  progress.reset();
  if (options.output.empty()) return print(draw(plant, graph, figures));
  const std::string& format = picture_formats.at(ending_of(options.output));
  if (format.empty()) return write_file(options.output, draw(plant, graph, figures));
  LaneDrawing drawing(plant, graph, figures);
  write_file(options.output, render_lanes(drawing, format));
}

}  // namespace

std::function<void()> declare_draw(CLI::App& app) {
  auto options = std::make_shared<DrawArguments>();
  options->scenario.declare(app);
  options->scenario.declare_run_settings(app);
  writes(app, app.add_option("-o,--output", options->output,
                             "file: .dot, or .svg and .png through the program dot; default: standard output"))
      ->type_name("FILE")
      ->check([](const std::string& path) {
        return picture_formats.count(ending_of(path)) ? std::string() : "the file must end in .dot, .svg or .png, not like " + path;
      });
  app.add_flag("--run", options->run, "runs the scenario and shows its figures instead of the static capacity");
  return [options, &app] {
    if (!options->run) refuse_options(app, {"--replications", "--warmup"}, "--run");
    draw_plant(*options);
  };
}

}  // namespace retwin::cli

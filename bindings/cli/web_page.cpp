// The option --report, which several commands have, and the writing of its file.
#include "bindings/cli/web_page.hpp"

#include <CLI/CLI.hpp>

#include "bindings/cli/graphviz.hpp"
#include "bindings/cli/outputs.hpp"
#include "bindings/report/frame.hpp"
#include "core/base/files.hpp"
#include "core/base/problem.hpp"

namespace retwin::cli {

void declare_report(CLI::App& app, std::string& path) {
  writes(app, app.add_option("--report", path, "HTML file for the browser: everything in one page, which works offline"))->type_name("FILE");
}

void check_report(const std::string& path) {
  if (path.empty()) return;
  check_writable(path, false);
  Page("", "", "").html(page_frame());
}

void try_map(Page& page, const Scenario& scenario, const Figures& figures) {
  const ProcessGraph graph = process_graph(*scenario.plant);
  LaneDrawing drawing(*scenario.plant, graph, figures);
  try {
    add_map(page, scenario, graph, drawing.layout(render_lanes(drawing, "plain")));
  } catch (const InputError& error) {
    page.text("no_map", error.problems().front().message);
  }
}

void write_report(const std::string& path, const Page& page) {
  if (!path.empty()) write_file(path, page.html(page_frame()));
}

}  // namespace retwin::cli

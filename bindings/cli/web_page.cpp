// The option --report, which several commands have.
#include "bindings/cli/web_page.hpp"

#include <CLI/CLI.hpp>

#include "bindings/cli/outputs.hpp"

namespace retwin::cli {

void declare_report(CLI::App& app, std::string& path) {
  writes(app, app.add_option("--report", path, "HTML file for the browser: everything in one page, which works offline"))->type_name("FILE");
}

void check_report(const std::string& path) {
  if (!path.empty()) check_page(path);
}

}  // namespace retwin::cli

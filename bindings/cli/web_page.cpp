// The option --report, which several commands have.
#include "bindings/cli/web_page.hpp"

#include <CLI/CLI.hpp>

#include "bindings/cli/outputs.hpp"

namespace retwin::cli {

void declare_report(CLI::App& app, std::string& path) {
  writes(app, app.add_option("--report", path, "HTML file for the browser: everything in one page, which works offline"))->type_name("FILE");
}

void declare_replay(CLI::App& app, std::string& path, std::string& replay, const std::string& whose) {
  declare_report(app, path);
  app.add_option("--replay", replay, "how much of the first replication" + (whose.empty() ? whose : " " + whose) +
                                         ", from the end of its warm-up on, the page of --report plays; default: 1 week")
      ->type_name("DURATION")
      ->needs(app.get_option("--report"));
}

void check_report(const std::string& path) {
  if (!path.empty()) check_page(path);
}

}  // namespace retwin::cli

// The option --report, which several commands have, and the writing of its file.
#include "bindings/cli/web_page.hpp"

#include <CLI/CLI.hpp>

#include "bindings/cli/outputs.hpp"
#include "bindings/report/frame.hpp"
#include "core/base/files.hpp"

namespace retwin::cli {

void declare_report(CLI::App& app, std::string& path) {
  writes(app, app.add_option("--report", path, "HTML file for the browser: everything in one page, which works offline"))->type_name("FILE");
}

void check_report(const std::string& path) {
  if (path.empty()) return;
  check_writable(path, false);
  Page("", "", "").html(page_frame());
}

void write_report(const std::string& path, const Page& page) {
  if (!path.empty()) write_file(path, page.html(page_frame()));
}

}  // namespace retwin::cli

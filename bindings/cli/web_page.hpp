// `--report FILE`: the page of a command, for the browser.
#pragma once
#include <string>

#include "core/report/page/run_page.hpp"

namespace CLI {
class App;
}

namespace retwin::cli {

void declare_report(CLI::App& app, std::string& path);
/// Whether it can be written, and the program has the page; nothing to do for an empty path. @throws InputError (file, conflict)
void check_report(const std::string& path);
/// The map of the plant, where Graphviz is installed; else the page says why there is none.
void try_map(Page& page, const Scenario& scenario, const Figures& figures);
/// Into a temporary name first, as all files. @throws InputError (file)
void write_report(const std::string& path, const Page& page);

}  // namespace retwin::cli

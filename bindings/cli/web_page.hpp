// `--report FILE`: the page of a command, for the browser.
#pragma once
#include <string>

#include "bindings/report/page_file.hpp"
#include "core/report/page/pages.hpp"

namespace CLI {
class App;
}

namespace retwin::cli {

void declare_report(CLI::App& app, std::string& path);
/// With `--replay`. @param whose replication it is, where there are several
void declare_replay(CLI::App& app, std::string& path, std::string& replay, const std::string& whose = {});
/// See check_page; nothing to do for an empty path.
void check_report(const std::string& path);

}  // namespace retwin::cli

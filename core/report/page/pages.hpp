// The pages of commands, whole.
#pragma once
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "core/experiment/compare.hpp"
#include "core/report/first_replication.hpp"
#include "core/report/page/compared_replays.hpp"
#include "core/report/page/run_page.hpp"

namespace retwin {

/// @param first what was recorded for the page, which is taken from it  @param verdict may be null
Page page_of_run(const Scenario& scenario, const Results& results, const std::vector<Exporter>& exporters, FirstReplication& first, const Verdict* verdict);
Page page_of_verdict(const Scenario& scenario, const Verdict& verdict);
/// @param replays of the contenders, which are taken from it
Page page_of_comparison(const Comparison& comparison, ComparedReplays& replays);
/// @param path of the scenario  @param text, json the reports
Page page_of_validation(const std::string& path, const std::string& log, const std::string& text, const std::string& json);

/// Tables by their names, made when they are wanted: some are long. The first one is what was asked for.
using NamedTables = std::vector<std::pair<std::string, std::function<Table()>>>;
/// @param command sweep, select or optimise
Page page_of_study(const std::string& command, const std::string& study, const std::string& scenario, const std::string& text, const std::vector<std::pair<std::string, const Table*>>& tables);
Page page_of_footprints(const Scenario& scenario, const std::string& text, const NamedTables& tables);

}  // namespace retwin

// Reports of a run: the table an engineer reads, JSON and CSV for machines; deterministic, none with a wall-clock in it.
#pragma once
#include <string>
#include <vector>

#include "core/base/readable.hpp"
#include "core/base/table.hpp"
#include "core/base/text.hpp"
#include "core/experiment/replications.hpp"
#include "core/registry.hpp"
#include "core/scenario/scenario.hpp"

namespace retwin {

/// Adds the exporters of every plant, one line each.
void register_reports(Registry& registry);

/// Writes the files of all exporters that apply into a folder: all or none. @throws InputError (file)
void write_reports(const std::string& folder, const Scenario& scenario, const Results& results, const std::vector<Exporter>& exporters);

/// A line of JSON for each replication: its task, from which it is repeated, and its figures. @throws InputError (file)
void write_outcomes(const std::string& path, const Results& results);

/// The report on the terminal: throughput, what limits it, energy and carbon, stock and times; then stations, methods, notes.
std::string text_report(const Scenario& scenario, const Results& results);

/// Settings, hashes, figures with half-width and n, bottleneck analysis, warnings; keys sorted, numbers that read back exactly.
std::string result_json(const Scenario& scenario, const Results& results);
/// How fast it went, as JSON; differs from run to run.
std::string performance_json(const Performance& performance);

/// One row per figure.
Table kpis_table(const Scenario& scenario, const Results& results);
/// One row per station: what its times rest on, its figures as columns that name their unit, each with its half-width.
Table stations_table(const Scenario& scenario, const Results& results);
/// One row per buffer: room, content (mean, 95 %, most), wait, how long it stopped who feeds it.
Table buffers_table(const Scenario& scenario, const Results& results);
/// One row per sink: how many lots came late, and by how much.
Table due_table(const Scenario& scenario, const Results& results);
Table tanks_table(const Scenario& scenario, const Results& results);
Table utilities_table(const Scenario& scenario, const Results& results);
Table devices_table(const Scenario& scenario, const Results& results);
Table tasks_table(const Scenario& scenario, const Results& results);
Table stocks_table(const Scenario& scenario, const Results& results);
Table specs_table(const Scenario& scenario, const Results& results);
Table circular_table(const Scenario& scenario, const Results& results);
/// One row per claimed reduction: what stands for it here; its volume takes a baseline.
Table claimed_table(const Scenario& scenario, const Results& results);
/// One row per functional unit, shared group and rule: what falls to the unit, and what its tonne would emit by that rule.
Table allocation_table(const Scenario& scenario, const Results& results);
Table electricity_table(const Scenario& scenario, const Results& results);
/// One row per lot that was in the plant at the beginning: when it leaves over the replications, and where.
Table leaving_table(const Scenario& scenario, const Results& results);
/// One row per load that belongs to no station.
Table auxiliaries_table(const Scenario& scenario, const Results& results);
/// One row per station that may limit the plant, the busiest first: what each method says of it.
Table bottleneck_table(const Scenario& scenario, const Results& results);
Table bottleneck_table(const std::vector<const BottleneckRow*>& rows);
/// One row per metered flow, outlet and declared cut-off: amount, factors and what they make of it, or the reason for none.
Table completeness_table(const Scenario& scenario, const Results& results);
/// One row per factor that counts, with all that its file says of it.
Table factors_table(const Scenario& scenario, const Results& results);
/// How many flows and outlets are counted, and which are neither counted nor explained.
std::string uncovered(const Scenario& scenario);

inline constexpr std::size_t page_width = 100;  ///< characters of a report on the terminal
/// Indented by two, in lines of a page.
inline std::string paragraph(const std::string& text) { return "  " + folded(text, page_width - 2, 2) + "\n"; }

inline std::string readable(const Interval& interval) { return readable(interval.mean, interval.half_width); }

}  // namespace retwin

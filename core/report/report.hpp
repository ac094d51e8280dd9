// Reports of a run: the table an engineer reads, JSON and CSV for machines; deterministic, none with a wall-clock in it.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "core/experiment/replications.hpp"
#include "core/scenario/scenario.hpp"

namespace retwin {

/// One file that `--out` writes.
struct Exporter {
  std::string file;  ///< name within the folder
  std::string doc;
  std::function<std::string(const Scenario&, const Results&)> text;
};
/// All exporters, one line each.
const std::vector<Exporter>& exporters();

/// Writes the files of all exporters into a folder: all or none. @throws InputError (file)
void write_reports(const std::string& folder, const Scenario& scenario, const Results& results);

/// The report on the terminal: throughput, what limits it, energy and carbon, stock and times; then stations, methods, notes.
std::string text_report(const Scenario& scenario, const Results& results);

/// Settings, hashes, figures with half-width and n, bottleneck analysis, warnings; keys sorted, numbers that read back exactly.
std::string result_json(const Scenario& scenario, const Results& results);
/// How fast it went, as JSON; differs from run to run.
std::string performance_json(const Performance& performance);

/// One row per figure.
std::string kpis_csv(const Scenario& scenario, const Results& results);
/// One row per station: what its times rest on, its figures as columns that name their unit, each with its half-width.
std::string stations_csv(const Scenario& scenario, const Results& results);
/// One row per buffer: room, mean content, wait.
std::string buffers_csv(const Scenario& scenario, const Results& results);
std::string auxiliaries_csv(const Scenario& scenario, const Results& results);

/// A number for reading: four digits, thousands grouped; "-" if it is none.
std::string readable(double value);
/// "1,590 ± 12": the half-width with two digits, the value no finer than it; the value alone where the spread is unknown.
std::string readable(const Interval& interval);

}  // namespace retwin

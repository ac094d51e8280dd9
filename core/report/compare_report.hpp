// Comparisons and regressions as tables, text and JSON.
#pragma once
#include <string>
#include <vector>

#include "core/base/table.hpp"
#include "core/experiment/compare.hpp"

namespace retwin {

/// One row per variant and figure: headline figures first.
Table figure_changes_table(const Comparison& comparison);
/// One row per variant and value that differs from the base.
Table scenario_changes_table(const Comparison& comparison);
/// One row per variant and condition.
Table gate_table(const Comparison& comparison);

/// One row per variant and claim: what is less per tonne, and in a year.
Table claims_table(const Comparison& comparison);

/// For people: what differs, sentences, headline figures, those others that differ, claims, the gate.
std::string compare_text(const Comparison& comparison);
/// Everything, with the values, digests and tasks of every replication.
std::string compare_json(const Comparison& comparison, const PairedRuns& runs);
/// result.json, figures.csv, changes.csv and, with a gate, gate.csv, in a folder. @throws InputError
void write_comparison(const std::string& folder, const Comparison& comparison, const PairedRuns& runs);
/// What write_comparison may write.
std::vector<std::string> comparison_files(const std::string& folder);

}  // namespace retwin

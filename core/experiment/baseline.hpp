// The kept figures of a scenario, with the scenario itself: what later versions of it are judged against.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "core/experiment/paired_runs.hpp"

namespace retwin {

/// One file of kept figures.
struct Baseline {
  std::string path;                           ///< the file
  std::string version;                        ///< of retwin that wrote it
  std::string plant;                          ///< Scenario::name
  std::string document;                       ///< the resolved scenario as YAML
  std::map<std::string, std::string> inputs;  ///< as Scenario::inputs
  std::vector<Task> tasks;                    ///< per replication
  std::vector<std::string> digests;           ///< per replication, of its last state
  std::vector<std::string> figure_digests;    ///< per replication, see figures_digest
  FigureRows figures;                         ///< those that were to be kept
  std::uint64_t seed() const { return tasks.front().seed.value_or(0); }
  std::size_t replications() const { return tasks.size(); }
};

/// SHA-256 of all figures of a replication: factors and masses of reference are in it, which change no state.
std::string figures_digest(const std::vector<Kpi>& figures);

/// `folder`/`stem of the scenario`.json
std::string baseline_file(const std::string& folder, const std::string& scenario);

/// What a contender's first replications came to. @param kept paths of the figures to keep
Baseline baseline_of(const PairedRuns& runs, std::size_t contender, std::size_t replications, const std::vector<std::string>& kept);

/// As JSON, one replication and one figure a line; the same bytes for the same baseline.
std::string baseline_json(const Baseline& baseline);

/// Reads one. @param to_replace it may be written again afterwards, see file_guard.hpp @throws InputError (file, syntax, type, missing)
Baseline read_baseline(const std::string& path, bool to_replace = false);

/// The kept scenario as a document. @throws InputError
Node kept_document(const Baseline& baseline);
/// The kept scenario, ready to run; tables and library documents are read where the scenario reads them. @param now the scenario as it is
/// @throws InputError
Contender kept_contender(const Baseline& baseline, const Contender& now, const Registry& registry);

}  // namespace retwin

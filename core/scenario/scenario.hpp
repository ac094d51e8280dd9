// A scenario: a plant file read, checked and compiled, with its run settings and what its report needs.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/node.hpp"
#include "core/base/problem.hpp"
#include "core/flow/engine/simulation.hpp"
#include "core/flow/plant/plant.hpp"
#include "core/ledger/reporting.hpp"
#include "core/registry.hpp"
#include "core/scenario/library/file_library.hpp"

namespace retwin {

struct RunSettings {
  double duration_s = 0;      ///< warm-up included
  double warmup_s = 0;
  bool finds_warmup = false;  ///< the warm-up is to be found: MSER, see found_warmup
  std::int64_t replications = 0;  ///< 0: as many as `precision` takes, at most max_replications
  double precision = 0.02;        ///< half-width of the interval of the objective and of carbon per tonne, relative
  std::int64_t max_replications = 50;
  std::uint64_t seed = 1;
  bool terminating = false;
  double year_s = 0;          ///< production time of a reporting year
  double confidence = 0.95;
  long day0 = 0;              ///< first day, days since 1970-01-01
  double clock0_s = 0;        ///< time of that day at which the run starts
};

/// A compiled scenario. Immutable; share it between threads.
struct Scenario {
  std::string name;
  std::string path;                                  ///< the file it was read from
  std::shared_ptr<const Plant> plant;
  std::vector<PlantChange> changes;
  RunSettings run;
  std::string label;      ///< what it is called beside others; empty: see label_of
  std::string objective;  ///< path of the figure that counts, the more the better
  Place objective_place;  ///< where the file says so
  Reporting reporting;
  std::string scenario_hash;                         ///< SHA-256 of the resolved document, whatever the order of its keys, and of `inputs`
  std::map<std::string, std::string> inputs;         ///< SHA-256 of every library document and table that was read, by name
  bool foreign = false;                              ///< code that is not ours takes part: one replication at a time
  std::vector<Problem> warnings;
  std::vector<KpiMaker> kpis;                        ///< those of the registry, beside the figures of every plant
};

/// Value set from outside: `stations.press.duration=3 min`.
struct Override {
  std::string path;
  std::string value;   ///< as YAML; "~" removes what is there
  std::string origin;  ///< who says so, for messages: "--seed"; empty: "--set" and the path
};

/// Reads, resolves `extends`, applies the overrides, checks and compiles.
/// @param library_folders where library documents are looked up, after the folder `library` beside the file
/// @throws InputError with all problems at once
Scenario load_scenario(const std::string& path, const Registry& registry, const std::vector<Override>& overrides = {},
                       const std::vector<std::string>& library_folders = {});

/// The resolved document with overrides applied, before compilation. Empty after a problem.
/// @param registry whose unit operations and kinds of lots an override may need to know, see override_path
std::optional<Node> load_document(const std::string& path, const std::vector<Override>& overrides, Problems& problems,
                                  const Registry& registry = {});

/// Sets values of a resolved document.
void apply_overrides(Node& document, const std::vector<Override>& overrides, Problems& problems, const Registry& registry = {});

/// Compiles a resolved document. @param tables in memory, which take the place of files @throws InputError
Scenario compile_scenario(const Node& document, const std::string& path, const Registry& registry,
                          const std::vector<std::string>& library_folders = {}, Tables tables = {});

/// The unit operations of the generic half (split, fork).
void register_basic_operations(Registry& registry);

}  // namespace retwin

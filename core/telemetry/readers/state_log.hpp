// Logs of machine states with their energy: which machine was in which state, from when to when.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "core/telemetry/log/event_log.hpp"
#include "core/telemetry/tables/timestamps.hpp"

namespace retwin {

/// Which column is what; an empty name is looked for among the usual ones, "-" says that there is none.
struct StateMapping {
  std::string machine, state, from, to, energy;
  std::string energy_unit;  ///< of the energy column, if its name does not say it ("energy [kJ]", "energy_kWh")
  StampOptions stamps;
  char delimiter = '\0';  ///< found in the header if not given
};

struct StateRecord {
  std::uint32_t machine = 0;
  std::uint32_t state = 0;
  std::uint32_t row = 0;  ///< line of the file
  double from_s = 0;      ///< since 1970-01-01 00:00
  double to_s = 0;
  double energy_J = 0;  ///< nan where it is not known
};

struct StateLog {
  std::string source;
  std::string sha256;
  Names machines, states;
  std::vector<StateRecord> records;  ///< in order of (from, to, row)
  bool has_energy = false;
  std::vector<LogFinding> findings;
};

/// Reads and cleans a state log: duplicates, negative durations and rows without machine, state or times are set aside; overlaps
/// of a machine with itself are counted. An energy whose unit nobody names is set aside with a finding.
/// @throws InputError: file, encoding; missing, unknown_name (columns); unit (of the energy); trace (nothing usable)
StateLog read_state_log(const std::string& path, const StateMapping& mapping = {});

}  // namespace retwin

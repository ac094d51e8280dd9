// What was measured at a given plant: flows, analyses and meters, as their files say it.
#pragma once
#include <array>
#include <limits>
#include <string>
#include <vector>

#include "core/base/problem.hpp"
#include "core/base/units.hpp"

namespace retwin {

/// A flow between two places over the period, or a flow that a station used.
struct MeasuredStream {
  std::string name, from, to;  ///< nodes of the plant; empty: the outside
  std::string port;            ///< of `from`; empty: not said
  std::string flow;            ///< that the station `to` used; empty: matter
  double value = std::numeric_limits<double>::quiet_NaN();  ///< nan: unmeasured [SI]
  double sd = std::numeric_limits<double>::quiet_NaN();
  Dimension dimension = {};
  Place place = {};
};

/// The share of a component in a sample of a stream.
struct Analysis {
  std::string stream, component;
  double fraction = 0;
  double sd = std::numeric_limits<double>::quiet_NaN();  ///< nan: to be told from several samples
  Place place = {};
};

/// The energy of a machine over some time, and how long it was in each state.
struct MeterReading {
  enum State : std::size_t { working, idle, setup, down };
  static constexpr std::size_t n_states = 4;
  std::string machine;  ///< "station" or "station#server"
  double energy_J = 0;
  double sd_J = std::numeric_limits<double>::quiet_NaN();
  std::array<double, n_states> state_s{};  ///< of all its servers
  bool has_states = false;
  double from_s = std::numeric_limits<double>::quiet_NaN(), to_s = from_s;  ///< nan: not said
  double duration_s = 0;                                                    ///< 0: not said
  Place place;
};

struct MeasuredFile {
  std::string path, sha256;
  bool given() const { return !path.empty(); }
};

struct Measurements {
  MeasuredFile flow_file, assay_file, meter_file;
  std::vector<MeasuredStream> streams;
  std::vector<Analysis> analyses;
  std::vector<MeterReading> readings;
  bool any() const { return flow_file.given() || assay_file.given() || meter_file.given(); }
};

/// Tables of delimited text of any usual kind, an empty path for none; units stand in the heads ("measured [t]"), in a column
/// `unit`, or in the cells ("12 t", "2 %").
/// Flows: stream, from, to, measured, sd (relative where it is in %), perhaps port, flow.
/// Assays: stream, component, fraction, perhaps sd.
/// Meters: station (or machine), energy or power with its duration, perhaps sd; working, idle, setup, down: times in the states, of which
/// those that are not told are 0; or start and end, or duration.
/// What is wrong with them goes into `problems`: file, missing, unknown_name (columns), syntax, type, unit, range, duplicate.
Measurements read_measurements(const std::string& flows, const std::string& assays, const std::string& meters, Problems& problems);

}  // namespace retwin

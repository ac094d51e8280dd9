// What is told of the flow, as values: how a lot came about, and a job after its physics.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/flow/state/state.hpp"

namespace retwin {

/// How a lot came about.
enum class Origin : std::uint8_t {
  source,   ///< from outside
  initial,  ///< there at the start
  job,      ///< made by a unit operation
  unload,   ///< it was in a carrier; what it weighs comes from the carrier's source
  split,    ///< cut off a portion of bulk
  merge,    ///< of a batch that became one
  tank,     ///< what a tank holds from when the first comes to it empty: one lot, that is none of those in the plant
  lap,      ///< the same matter under another identity, on its next round
  step      ///< stands for a step of another lot's plan, without mass
};

/// A lot that another one is made of.
struct Ancestor {
  std::uint64_t lot = 0;
  double share = 0;  ///< of the mass, without mass of the number: over all ancestors 1
};

/// A lot has come about.
struct Birth {
  double now = 0;
  const Lot& lot;
  std::span<const double> kg;  ///< by component
  Origin origin = Origin::source;
  std::span<const Ancestor> ancestors = {};  ///< none: from outside
  /// Ancestors x components: the part of each component's mass that comes from it, over all ancestors 1. Empty with one ancestor, or
  /// without masses.
  std::span<const double> shares = {};
  Index station = none;  ///< where; none: outside
  double part = 1;       ///< split, tank: of the portion that it was cut off
};

/// A lot that goes into a job.
struct JobLot {
  std::uint64_t id = 0;
  std::uint64_t itself = 0;  ///< of one that stands for a step of a plan: the lot whose plan it is; else its own identity
  Index kind = 0;
  Index source = 0;          ///< beyond the sources: it was there at the start
  double kg = 0;             ///< of the lot itself
  bool drawn = false;        ///< from a tank as the job ended; behind those that went in
};
/// A lot that comes out of a job.
struct JobOutput {
  std::uint64_t id = 0;
  Index kind = 0;
  Index port = 0;
  double kg = 0;
  bool passed = true;        ///< it went in; else the job made it
  Index first_ancestor = 0, ancestors = 0;
};
/// A stretch of a job without interruption.
struct WorkStretch {
  double begin_s = 0, end_s = 0;
  ServerState state = ServerState::working;  ///< as its phase is shown; setup
  std::uint16_t phase = 0;
  Index first_crew = 0, crew = 0;
};
/// Units of a pool that were there during a stretch.
struct CrewPart {
  Index pool = 0;
  double count = 0;
};
struct Amount {
  Index of = 0;              ///< flow, or component
  double amount = 0;         ///< [SI unit of the flow], [kg]
};

/// A job: what went in and, once it has ended, what came out, what it used, and when who worked on it. Use by state (power by time) is
/// no part of it, nor is a changeover, which follows when everything has left. Where a unit operation mixes several lots they are taken
/// to be mixed perfectly: its outputs come from each in proportion, component by component.
struct JobRecord {
  double now = 0;
  double began_s = 0;        ///< when the server took it; nan: before anybody listened, and stretches are missing
  Index station = 0, server = 0;
  std::uint64_t batch = 0;   ///< that its draws are addressed with; of a single lot its identity
  std::vector<JobLot> inputs;
  std::vector<JobOutput> outputs;
  std::vector<WorkStretch> stretches;
  std::vector<Amount> metered, created, transmuted;
  std::vector<double> memory;  ///< what the server remembers after it, see Station::memory
  // --- behind the accessors
  std::vector<double> attributes;      ///< inputs x attributes, as they went in
  std::vector<double> input_kg;        ///< inputs x components, as they went in
  std::vector<double> output_kg;       ///< outputs x components
  std::vector<Ancestor> ancestors;     ///< of the outputs, one after another
  std::vector<double> shares;          ///< ancestors x components
  std::vector<CrewPart> crews;

  bool heard_from_the_start() const { return began_s == began_s; }
  std::span<const double> attributes_of(std::size_t input) const { return row(attributes, input, inputs.size()); }
  std::span<const double> masses_in(std::size_t input) const { return row(input_kg, input, inputs.size()); }
  std::span<const double> masses_out(std::size_t output) const { return row(output_kg, output, outputs.size()); }
  std::span<const Ancestor> ancestors_of(const JobOutput& output) const {
    return std::span(ancestors).subspan(output.first_ancestor, output.ancestors);
  }
  /// Ancestors of the output x components.
  std::span<const double> shares_of(const JobOutput& output) const {
    const std::size_t components = ancestors.empty() ? 0 : shares.size() / ancestors.size();
    return std::span(shares).subspan(output.first_ancestor * components, output.ancestors * components);
  }
  std::span<const CrewPart> crew_of(const WorkStretch& stretch) const {
    return std::span(crews).subspan(stretch.first_crew, stretch.crew);
  }
  void clear();
  /// With room for one input and so many outputs, each with an ancestor and a stretch of work.
  static JobRecord plain(std::size_t outputs);

 private:
  static std::span<const double> row(const std::vector<double>& table, std::size_t k, std::size_t rows) {
    const std::size_t columns = rows == 0 ? 0 : table.size() / rows;
    return std::span(table).subspan(k * columns, columns);
  }
};

/// What has been heard of the jobs that are in hand, by server.
struct JobsInHand {
  struct Heard {
    bool begun = false;
    double began_s = 0;
    std::vector<WorkStretch> stretches;
    std::vector<CrewPart> crews;
  };
  std::vector<Heard> servers;
  std::string bytes() const;
  /// @returns false: they are damaged
  bool read(std::string_view bytes, const Plant& plant);
  /// There are so many servers now.
  void expect(std::size_t count) {
    if (count > servers.size()) servers.resize(count);
  }
  Heard& of(Index server) { return servers[server]; }
};

}  // namespace retwin

// Logs of a simulation, as a plant would keep them: an observer that writes each operation when it ends.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "core/flow/engine/observer.hpp"
#include "core/flow/plant/plant.hpp"
#include "core/telemetry/writers/log_output.hpp"

namespace retwin {

struct LogWriterOptions {
  /// Attributes of lots to write, by name; if empty: all but those that only the model knows (truths, counts of visits).
  std::vector<std::string> attributes;
};

/// What a log holds, and what it leaves out.
struct LogSummary {
  std::uint64_t operations = 0;    ///< written, one per lot
  std::uint64_t in_progress = 0;   ///< jobs that had not ended when the log was closed
  std::uint64_t begun_before = 0;  ///< jobs that had begun before it was opened
  std::uint64_t broken_off = 0;    ///< jobs whose lots were scrapped under way
};

/// Writes an operation per lot and job: from when the work begins (resources granted, setup done) to when it ends; repairs,
/// breaks and shifts in between are part of it. The activity is the station; the resource the pool that the job needs first,
/// else "station#server" (servers count from 0), none for a station of unlimited servers. Further fields: kind, batch (of a job
/// of several lots), parent, waited_s (of the job, from its beginning to that of its work, without the setup), setup_s,
/// mass_kg, attributes in SI units. A lot is called by its source and ordinal ("feed-12"), others by their identity in
/// hexadecimal. A lot that stands for a step of a plan is the lot whose plan it is; what a station of plans does itself is no
/// operation. Formats and memory: see make_log_output.
class LogWriter : public Observer {
 public:
  /// @throws InputError: unknown_name (extension, attributes); file
  LogWriter(const Plant& plant, const std::string& path, const LogWriterOptions& options = {});
  /// To where it is told, without attributes.
  LogWriter(const Plant& plant, std::unique_ptr<LogOutput> output);
  void lot_made(const Birth& birth) override;
  void lot_ended(double now, const Lot& lot, Index node, std::span<const double>) override;
  void job_started(const JobRecord& job) override;
  void job_finished(const JobRecord& job) override;
  void job_scrapped(const JobRecord& job) override;
  LogSummary summary() const;
  /// The file is complete. Without it nothing is left behind. @throws InputError (file)
  void commit();

 protected:
  void save(Sections& sections) const override;
  bool restore(const Sections& sections, const Plant& plant) override;

 private:
  struct Field {
    int slot;
    const Attribute* attribute;
  };
  void choose_attributes(const LogWriterOptions& options, std::vector<LogField>& fields);
  void write(const JobRecord& job, std::size_t input);
  std::string name_of(std::uint64_t identity, std::uint16_t source) const;
  std::uint64_t itself(std::uint64_t identity) const;
  std::string resource_of(const JobRecord& job, Index pool) const;

  const Plant& plant_;
  std::vector<Field> attributes_;
  std::unique_ptr<LogOutput> out_;
  std::unordered_set<Index> in_hand_;                            ///< servers whose jobs are under way
  std::unordered_map<std::uint64_t, std::uint64_t> parents_;     ///< of lots that are about
  std::unordered_map<std::uint64_t, std::uint64_t> stands_for_;  ///< of lots that stand for a step: the lot whose plan it is
  double start_s_;
  LoggedOperation operation_;
  std::string resource_, batch_;
  LogSummary summary_;
};

}  // namespace retwin

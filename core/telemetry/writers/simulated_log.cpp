// An observer that keeps what the log writer tells it.
#include "core/telemetry/writers/simulated_log.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "core/ledger/writers.hpp"
#include "core/telemetry/log/clean.hpp"
#include "core/telemetry/writers/log_writer.hpp"

namespace retwin {
namespace {

/// Operations as events of a log.
class LogKeeper : public LogOutput {
 public:
  LogKeeper(EventLog& log, const std::map<std::string, std::uint32_t>& activities, std::string_view source)
      : log_(log), activities_(activities), prefix_(source.empty() ? std::string() : std::string(source) + "-") {}
  void add(const LoggedOperation& operation) override {
    if (!prefix_.empty() && operation.lot.substr(0, prefix_.size()) != prefix_) return;
    LogEvent event;
    if (activities_.empty()) {
      event.activity = log_.activities.number(operation.activity);
    } else {
      const auto known = activities_.find(std::string(operation.activity));
      if (known == activities_.end()) return;
      event.activity = known->second;
    }
    event.lot = log_.lots.number(operation.lot);
    event.resource = operation.resource.empty() ? Names::absent : log_.resources.number(operation.resource);
    event.row = static_cast<std::uint32_t>(log_.events.size() + 1);
    event.start_s = operation.start_s;
    event.end_s = operation.end_s;
    log_.events.push_back(event);
  }
  void commit() override {}

 private:
  EventLog& log_;
  const std::map<std::string, std::uint32_t>& activities_;
  std::string prefix_;
};

/// Counts the lots of a source that were made, and that have left.
class Leaving : public Observer {
 public:
  Leaving(const Plant& plant, Index source) : plant_(plant), source_(source) {}
  void lot_ended(double, const Lot& lot, Index node, std::span<const double>) override {
    if (plant_.is_sink(node) && (source_ == none || lot.source == source_)) ++left;
  }
  void lot_made(const Birth& birth) override {
    const bool anew = birth.ancestors.empty() || birth.origin == Origin::lap;
    if (anew && (source_ == none || birth.lot.source == source_)) ++made;
  }
  std::uint64_t made = 0, left = 0;

 private:
  const Plant& plant_;
  Index source_;
};

}  // namespace

EventLog simulate_log(const Scenario& scenario, const SimulatedLogOptions& options,
                      const std::map<std::string, std::uint32_t>& activities) {
  EventLog log;
  log.source = scenario.path;
  LogWriter writer(*scenario.plant, std::make_unique<LogKeeper>(log, activities, options.source));
  Leaving leaving(*scenario.plant, options.source.empty() ? none : scenario.plant->find_source(options.source));
  Observers observers;
  observers.add(&writer);
  observers.add(&leaving);
  Simulation simulation(scenario.plant, options.seed, options.replication, scenario.changes);
  constexpr double step_s = 86400;
  const auto done = [&] {
    if (options.lots > 0 && leaving.left >= options.lots) return true;
    return options.lots_until_s > 0 && simulation.now() >= options.lots_until_s && leaving.left == leaving.made;
  };
  while (simulation.now() < options.until_s && !done())
    simulation.advance(std::min(options.until_s, simulation.now() + step_s), &observers);
  put_in_order(log);
  return log;
}

}  // namespace retwin

// Two sweeps over the edges of a run: forward, what each lot that leaves has been burdened with; backward, what each lot from outside
// has caused. What happens in time has no circles, so that each edge is met once.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "core/ledger/edge_collector.hpp"
#include "core/ledger/edges.hpp"
#include "core/ledger/totals.hpp"
#include "core/ledger/transfer.hpp"

namespace retwin {

/// What a job is burdened with: what it used, and its part of what its station used beside its jobs in that week.
class JobBurdens {
 public:
  JobBurdens(const EdgeSummary& summary, const Totals& totals) : summary_(summary), totals_(totals), shares_(summary.used.size()) {}
  void of(const Edge& job, std::int64_t week, std::vector<double>& out);

 private:
  struct Share {
    bool known = false;
    std::int64_t week = 0;
    std::vector<double> columns;
  };
  const EdgeSummary& summary_;
  const Totals& totals_;
  std::vector<Share> shares_;  ///< by station
};

/// What a lot carries through a sweep: over its mass as a whole, and by component where that differs.
struct Carried {
  std::vector<double> whole;
  std::vector<std::uint16_t> of;  ///< components, in their order
  std::vector<double> rows;       ///< of.size() x columns
  std::vector<double> sum() const;
};

/// A lot at the end of a sweep.
struct Swept {
  EdgeLot lot;
  std::uint32_t place = 0;  ///< source, or node; none: unloaded
  double now = 0;           ///< when it came or went [s]
  std::vector<double> columns;
  double open_kg = 0;       ///< backward: of its matter, what is still in the plant; a lot without mass counts as 1
};
using SweptSink = std::function<void(const Swept&)>;

class Sweep {
 public:
  Sweep(const EdgeStore& store, const EdgeSummary& summary, const Totals& totals, const Substances& substances);
  /// All lots that ended: at sinks, lost, used up.
  void forward(const SweptSink& ended);
  /// All lots that came from outside. @param open hears of the lots that are still there, and where they were last
  void backward(const SweptSink& root, const SweptSink& open = {});
  /// The same where nothing but the matter of one lot at its end is followed: open_kg is what it has of each root.
  void matter_of(std::uint64_t lot, const SweptSink& root);

  /// What has reached nothing [columns]: forward, in lots that are still there; backward, by lots from before the ledger.
  std::vector<double> left() const;
  /// Of jobs that had no outputs.
  const std::vector<double>& lost() const { return lost_; }
  /// Lots that carry something at the end; forward: those still there.
  void each_left(const std::function<void(std::uint64_t id, const Carried&)>& visit) const;
  std::size_t most_lots() const { return most_lots_; }

 private:
  void meet_forward(const Edge& edge, const SweptSink& ended);
  void meet_backward(const Edge& edge, const SweptSink& root);
  void take_burden(const Edge& edge);
  void pass(const Edge& edge);
  void split_forward(const Edge& edge);
  void split_backward(const Edge& edge);
  void job_forward();
  void simple_forward();
  void job_backward();
  void unload_backward(const SweptSink& root);
  void take_mix(const Edge& edge);
  void put_in_rows(const Carried& carried, const EdgeLot& lot);
  Carried out_of_rows(const EdgeLot& lot) const;
  void spread(std::span<const double> what, const std::vector<EdgeLot>& lots, std::vector<Carried>& over, std::span<const std::uint32_t> only = {});
  bool take(std::uint64_t id, Carried& out);
  void give(std::uint64_t id, Carried&& carried);
  Carried open(const EdgeLot& lot, std::uint32_t place);
  void check(const Edge& edge) const;
  double* row(std::uint32_t mass) { return rows_.data() + mass * columns_; }

  const EdgeStore& store_;
  const EdgeSummary& summary_;
  const Totals& totals_;
  JobBurdens burdens_;
  Transfer transfer_;
  std::size_t components_ = 0;
  std::unordered_map<std::uint64_t, Carried> lots_;
  std::size_t columns_ = 0, most_lots_ = 0;
  bool backward_ = false;
  SweptSink open_;
  std::optional<std::uint64_t> only_;  ///< the lot whose matter is followed
  std::int64_t week_ = 0;
  Edge job_;
  std::vector<double> burden_, loose_, bought_, rows_, lost_;
  std::vector<double> came_kg_;
  std::vector<Carried> in_, out_;
};

}  // namespace retwin

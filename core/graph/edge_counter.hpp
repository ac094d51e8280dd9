// Counts by an observer how many lots, of what mass, take each way of the process graph.
#pragma once
#include <unordered_map>
#include <vector>

#include "core/flow/engine/observer.hpp"
#include "core/graph/process_graph.hpp"

namespace retwin {

/// A lot counts where it arrives; one on a transport counts on both parts of its way when it reaches the target. Two options of
/// one port with the same target count together, on the first of them.
class EdgeCounter : public Observer {
 public:
  /// @param begin_s what arrives before is not counted. Keeps references to both.
  EdgeCounter(const Plant& plant, const ProcessGraph& graph, double begin_s);
  void lot_made(const Birth& birth) override;
  void lot_entered(double now, Index station, const Lot& lot) override;
  void lot_ended(double now, const Lot& lot, Index node, std::span<const double>) override;
  /// Per edge of the graph.
  const std::vector<double>& lots() const { return lots_; }
  const std::vector<double>& kg() const { return kg_; }
  /// A lot that was at a node before anything was heard.
  void stood(std::uint64_t lot, Index node) { last_[lot] = node; }
  /// Per edge, of what left its port; nan where nothing did.
  std::vector<double> shares() const;

 private:
  void arrive(double now, const Lot& lot, Index node);
  const Plant& plant_;
  const ProcessGraph& graph_;
  double begin_s_;
  std::vector<double> lots_, kg_;
  std::vector<std::vector<std::size_t>> edges_of_;  ///< by origin
  std::unordered_map<std::uint64_t, Index> last_;   ///< node where a lot was last, by identity
};

}  // namespace retwin

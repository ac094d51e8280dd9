// A partition matrix of the library: which share of each component goes to which stream.
#pragma once
#include <string>
#include <vector>

#include "core/flow/matter/taught_by_flows.hpp"
#include "models/materials/reaction.hpp"

namespace retwin {

/// Shares per stream and component; for every component they sum to 1.
class Partition {
 public:
  /// `rows` of the station itself, which go before those of the document. @param streams as of bind
  void rows(Fields& f, const std::vector<std::string>& streams);
  /// @param document e.g. "partition/thermomech"; its rows name a component, a group of components, or `other`
  /// @param streams streams that are known to the machine; a row with another one is a problem
  void bind(const Components& components, const std::string& document, const std::vector<std::string>& streams);
  /// A row of the station for each component that no reaction touches, shared among the streams, which are the first ports in their
  /// order, but for one that was taken out of the matrix.
  Teachable teachable() const;
  /// Share of every component that goes to a stream.
  const std::vector<double>& to(std::size_t stream) const { return to_[stream]; }
  /// Takes a stream out of the matrix, as if its share had left before: the other shares are scaled to 1. What has no other share
  /// keeps its row.
  void without(std::size_t stream);
  /// What the document says happens before anything is told apart (`reactions`), as far as the material allows.
  void react(Job& job, Material& material) const {
    for (const Reaction& reaction : reactions_) reaction.apply(job, material);
  }
  void react(std::vector<double>& kg) const {
    for (const Reaction& reaction : reactions_) reaction.apply(kg);
  }
  /// Splits material into the streams, in their order; every stream has exactly its share of what came in.
  std::vector<Material> split(Job& job, Material&& material) const;

 private:
  struct Row {
    std::string name;
    Place place;
    std::vector<double> shares;  ///< by stream
  };
  std::vector<Row> own_;
  std::vector<bool> taken_out_;     // by stream
  std::vector<std::string> names_;  // component: its name
  std::vector<bool> reacts_;        // component: changed by what happens before anything is told apart
  /// Fills taken_ from to_.
  void in_turn();
  std::vector<Reaction> reactions_;
  std::vector<std::vector<double>> to_;     // stream, component: share of what came in
  std::vector<std::vector<double>> taken_;  // likewise: share of what the streams before it left
};

}  // namespace retwin

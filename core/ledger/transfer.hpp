// Where matter goes in a job, as masses from each component of an input to each component of an output.
#pragma once
#include <cstdint>
#include <vector>

#include "core/flow/matter/unit_operation.hpp"
#include "core/ledger/edges.hpp"

namespace retwin {

/// So much of an input's component has become that of an output.
struct Piece {
  std::uint32_t input = 0, output = 0;
  std::uint32_t from = 0, to = 0;  ///< among the masses of the edge: of the input, of the output
  double kg = 0;
};

/// The outputs of a job are mixed perfectly of the inputs that they come from and of what was bought. What reactions have made comes
/// from their reactants by the mass of the atoms that each gives.
class Transfer {
 public:
  explicit Transfer(const Substances& substances) : substances_(substances), components_(substances.size()) {}
  /// Works out a job; of a single input without masses they are set to the sum of those that come out.
  void of(Edge& job);

  std::vector<Piece> pieces;
  std::vector<double> gone_kg;  ///< by mass of the edge, inputs: all that has gone on; outputs: all that has come, bought or not

 private:
  struct Fate {
    double in = 0, created = 0, transmuted = 0, through = 0;  ///< [kg] of a component
    double kept = 0, made = 0;                               ///< share of what comes out
    std::vector<std::pair<std::uint16_t, double>> made_of;   ///< reactant and share
  };
  void complete(Edge& job);
  void weigh(const Edge& job);
  void find_reactants();
  void trace(const Edge& job, std::uint32_t output);
  void take(const Edge& job, std::uint32_t output, std::uint32_t to, std::uint16_t component, double kg);
  const Substances& substances_;
  std::vector<Fate> components_;
  std::vector<std::uint16_t> touched_;
  struct Has {
    std::uint32_t input, mass;
    double kg;
  };
  std::vector<std::vector<Has>> has_;  ///< by component: the inputs that have some
};

}  // namespace retwin

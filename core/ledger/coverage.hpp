// What the carbon account covers: for every metered flow and every outlet its factors, or the reason for none.
#pragma once
#include <string>
#include <vector>

#include "core/ledger/reporting.hpp"

namespace retwin {

struct Coverage {
  enum class Kind { flow, outlet, cut_off };
  Kind kind = Kind::flow;
  std::string item;                   ///< of the flow, the sink, or what is left out
  Index index = none;                 ///< of the flow or sink
  std::vector<const Factor*> factors; ///< of the flow, or of the flows that an outlet meters
  std::string reason;                 ///< why there are none
  bool covered() const { return !factors.empty() || !reason.empty(); }
};

/// Flows, then outlets, then what is left out. The reporting must outlive it.
std::vector<Coverage> coverage(const Plant& plant, const Reporting& reporting);

}  // namespace retwin

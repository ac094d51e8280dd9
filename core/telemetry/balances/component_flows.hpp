// Reconciliation of total flows together with analyses: the balances of components are products of a flow and a fraction.
#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "core/telemetry/balances/reconciliation.hpp"

namespace retwin {

/// A stream with what was analysed in it. The fractions are those of the components of the network, nan: not analysed.
struct ComponentStream {
  FlowStream flow;
  std::vector<double> fraction, variance;
};

struct ComponentNetwork {
  std::vector<ComponentStream> streams;
  std::vector<std::string> units;
  std::vector<std::vector<double>> incidence;  ///< units x streams: 1 into the unit, -1 out of it
  std::vector<bool> balanced;                  ///< per unit: the balance of all matter holds
  std::vector<std::vector<bool>> kept;         ///< units x components: that of the component holds
  std::size_t components() const { return kept.empty() ? 0 : kept[0].size(); }
};

/// A flow as estimated; its covariance with another is the product of their factors.
struct EstimatedFlow {
  double value = 0;
  std::vector<double> factor;  ///< empty: nothing determines it
  bool known() const { return !factor.empty(); }
  bool held = false;           ///< would be below 0, and is held there; the factor is that of the estimate without bounds
};

/// A measurement found to be wrong: that of a flow, or of a fraction.
struct WrongMeasurement {
  static constexpr std::size_t of_flow = static_cast<std::size_t>(-1);
  std::size_t stream = 0, component = of_flow;
  double z = 0, critical = 0;
  double measured = 0, estimate = 0;  ///< nan where nothing else determines it
  std::vector<std::pair<std::size_t, std::size_t>> alike;  ///< others that the balances cannot tell from it: stream, component
};

struct ComponentFlows {
  std::vector<EstimatedFlow> total;                   ///< per stream
  std::vector<std::vector<EstimatedFlow>> component;  ///< streams x components
  std::vector<WrongMeasurement> wrong;                ///< in the order in which they were set aside
  std::size_t degrees_of_freedom = 0;
  double p_value = 0;       ///< of the global test, as Reconciliation; nan without degrees of freedom
  double imbalance = 0;     ///< largest of all balances of known flows, over what goes through its unit
  std::size_t iterations = 0;
  bool converged = false;
  std::size_t restless = 0;  ///< where it is not: the stream that changed most at last
};

/// Weighted least squares under bilinear balances (Crowe, AIChE J. 32, 1986: the nonlinear case), by linearising them about the
/// last estimate: with w the fraction there and F the flow, f = w F + F dw, so that the balances are linear in F and F dw; reconcile()
/// solves each of these problems. Variances are those of the last (delta method). Measurements are set aside one by one as by
/// screen_gross_errors, but none whose absence lets a flow run backwards. Flows that come out below 0 are then held at 0, the worst first.
/// @throws std::invalid_argument as reconcile()
ComponentFlows reconcile_components(const ComponentNetwork& network, double alpha = 0.01);

}  // namespace retwin

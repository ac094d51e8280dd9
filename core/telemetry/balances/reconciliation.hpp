// Data reconciliation: measured flows made to obey the balances, what can be estimated and tested, and which meters are wrong.
#pragma once
#include <cstddef>
#include <limits>
#include <string>
#include <vector>

namespace retwin {

/// A flow between units. Measured if it has a value.
struct FlowStream {
  std::string name;
  double measured = std::numeric_limits<double>::quiet_NaN();  ///< nan: unmeasured [any unit, the same for all]
  double variance = std::numeric_limits<double>::quiet_NaN();  ///< of the measurement [that unit, squared]; unused if unmeasured
};

/// Flows and the balances they obey in steady state: for each unit, the sum of incidence x flow is 0.
struct FlowNetwork {
  std::vector<FlowStream> streams;
  std::vector<std::string> units;
  std::vector<std::vector<double>>
      incidence;  ///< units x streams: 1 into the unit, -1 out of it, 0 neither; others for components
};

/// What the balances say about a stream.
enum class FlowClass {
  redundant,     ///< measured, and also determined by the other measurements
  nonredundant,  ///< measured, and by nothing else: the value stands as it is
  observable,    ///< unmeasured, determined by measurements
  unobservable   ///< unmeasured, determined by nothing
};
extern const char* const flow_class_names[4];

/// Reconciled flows. Per stream unless said otherwise; nan where there is none.
struct Reconciliation {
  std::vector<double> value;       ///< reconciled or, where unmeasured, estimated
  std::vector<double> variance;    ///< of it
  std::vector<double> adjustment;  ///< measured - reconciled
  std::vector<double> z;           ///< measurement test: |adjustment| over its standard deviation; of redundant streams
  std::vector<FlowClass> kind;
  std::vector<double> residual;             ///< per unit: balance of the measured values; nan if it has an unmeasured stream
  std::vector<double> reconciled_residual;  ///< per unit: balance of `value`
  std::size_t rank = 0;                     ///< of the incidence: independent balances
  std::size_t degrees_of_freedom = 0;       ///< independent balances among the measured streams
  double statistic = 0;                     ///< global test: sum of adjustment^2 / variance of the measurement
  double p_value =
      std::numeric_limits<double>::quiet_NaN();  ///< of so large a statistic by chance; nan without degrees of freedom
  /// Covariance of two values is the product of their rows here; empty where unobservable.
  std::vector<std::vector<double>> factor;
  double covariance(std::size_t i, std::size_t j) const;
};

/// Weighted least squares under linear balances (Kuehn & Davidson, Chem. Eng. Prog. 57(6), 1961), unmeasured streams removed by
/// a projection matrix (Crowe, Garcia Campos & Hrymak, AIChE J. 29, 1983) from an orthogonal factorisation; measurement errors
/// independent. Measurement test of maximum power (Mah & Tamhane, AIChE J. 28, 1982), which for independent errors is the
/// adjustment over its own standard deviation. Balances may depend on one another; coefficients below 1e-11 of the largest of
/// their balance count as none. Computed in extended precision, so that variances may differ by twelve orders of magnitude.
/// @throws std::invalid_argument naming all that is wrong: no streams, a name twice, rows of another length than there are
///   streams, coefficients that are not finite, measurements that are infinite or whose variance is missing, zero, negative or
///   infinite
Reconciliation reconcile(const FlowNetwork& network);

/// What the largest of m normal deviates exceeds with the chance alpha (Sidak, JASA 62, 1967).
double largest_by_chance(double alpha, std::size_t m);

/// A measurement found to be wrong.
struct GrossError {
  std::size_t stream = 0;
  double z = 0;          ///< when it was found
  double critical = 0;   ///< what it exceeded
  double statistic = 0;  ///< of the global test before it was removed
  double bias = 0;       ///< measured - estimate from the measurements that remain in the end
  double bias_variance = 0;
  std::vector<std::size_t> alike;  ///< other streams with the same z: the balances cannot tell which of them is wrong
};

/// The measurements without those found wrong.
struct Screening {
  std::vector<GrossError> errors;  ///< in the order of their removal
  std::vector<std::size_t> held;   ///< streams that would be below 0 by more than chance, and are held at 0
  Reconciliation result;           ///< the streams removed are unmeasured in it
};

/// Serial elimination: while the largest z exceeds its critical value, that measurement is removed (Ripps, Chem. Eng. Prog.
/// Symp. Ser. 61(55), 1965; Serth & Heenan, AIChE J. 32, 1986, iterative measurement test); of equal ones the first. The
/// critical value is the normal quantile at 1 - b / 2 with b = 1 - (1 - alpha)^(1 / m) for the m redundant streams left (Sidak,
/// JASA 62, 1967). Removing the largest z lowers the global statistic most, by z^2.
/// No stream runs backwards: one that comes out below 0 by more than chance (one-sided, alpha) is held at 0, and what is measured beside
/// it is redundant then, so that the tests name who is wrong; a measurement that is itself below 0 is the gross error.
/// @throws std::invalid_argument as reconcile(), and if alpha is not in (0, 1)
Screening screen_gross_errors(const FlowNetwork& network, double alpha = 0.05);

/// A ratio of flows and its variance by the delta method; nan where a flow is unobservable or the denominator 0.
struct FlowRatio {
  double value = std::numeric_limits<double>::quiet_NaN();
  double variance = std::numeric_limits<double>::quiet_NaN();
};

/// Sum of the flows `products` over the sum of the flows `feeds`: a yield.
/// @throws std::invalid_argument if a number is not that of a stream
FlowRatio flow_ratio(const Reconciliation& flows, const std::vector<std::size_t>& products,
                     const std::vector<std::size_t>& feeds);

/// Share of one outlet of a unit in all that enters it.
struct StreamSplit {
  std::size_t stream = 0;
  FlowRatio share;
};

/// StreamSplit coefficients of a unit: incidence x flow of each outlet over the sum of incidence x flow of its inlets.
/// @throws std::invalid_argument if there is no such unit or the flows are those of another network
std::vector<StreamSplit> splits(const FlowNetwork& network, const Reconciliation& flows, std::size_t unit);

}  // namespace retwin

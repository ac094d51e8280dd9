// Bilinear reconciliation: linearised balances until they close, wrong measurements set aside, bounds by an active set.
#include "core/telemetry/balances/component_flows.hpp"

#include <algorithm>
#include <cmath>

#include "core/base/constants.hpp"

namespace retwin {
namespace {

constexpr std::size_t none = WrongMeasurement::of_flow;
constexpr std::size_t most_iterations = 200;
constexpr double closed = 1e-13, least_flow = 1e-9;
constexpr double by_rounding = 1e-9;   // below 0, in spreads
constexpr double hardly_less = 0.99;   // of a z: which of two measurements is wrong cannot be told

/// One problem: measurements less those set aside, flows held at 0, and the point about which it is linear.
class Linearised {
 public:
  explicit Linearised(const ComponentNetwork& network)
      : network_(network), n_(network.streams.size()), m_(network.components()), flow_(n_), fraction_(n_), used_(n_), held_(n_, std::vector<bool>(m_)), all_held_(n_) {
    for (std::size_t s = 0; s < n_; ++s) {
      const double measured = network.streams[s].flow.measured;
      if (!std::isnan(measured)) scale_ = std::max(scale_, std::abs(measured));
      fraction_[s] = network.streams[s].fraction;
      for (double& w : fraction_[s]) w = std::isnan(w) ? 0 : w;
      used_[s].assign(m_ + 1, true);
    }
    if (!(scale_ > 0)) scale_ = 1;
    for (std::size_t s = 0; s < n_; ++s) flow_[s] = std::isnan(network.streams[s].flow.measured) ? scale_ : network.streams[s].flow.measured;
  }

  void use(std::size_t stream, std::size_t component, bool used) { used_[stream][component == none ? m_ : component] = used; }
  void hold(std::size_t stream, std::size_t component) {
    if (component == none) all_held_[stream] = true;
    else held_[stream][component] = true;
  }

  /// Iterates to closed balances.
  void solve(ComponentFlows& result) {
    result.converged = false;
    for (result.iterations = 1; result.iterations <= most_iterations; ++result.iterations) {
      const double change = step();
      if (change < closed) {
        result.converged = true;
        break;
      }
    }
    result.restless = restless_;
    result.degrees_of_freedom = last_.degrees_of_freedom;
    result.p_value = last_.p_value;
    put(result);
    result.imbalance = imbalance(result);
  }

  /// Measurements beyond what chance makes, the most suspicious first.
  std::vector<WrongMeasurement> suspects(double alpha) const {
    std::vector<WrongMeasurement> found;
    std::vector<std::size_t> tested;
    for (std::size_t k = 0; k < variables_.size(); ++k)
      if (last_.kind[k] == FlowClass::redundant) tested.push_back(k);
    if (tested.empty()) return found;
    const double critical = largest_by_chance(alpha, tested.size());
    for (const std::size_t k : tested)
      if (last_.z[k] > critical) found.push_back({variables_[k].stream, variables_[k].component, last_.z[k], critical, nan, nan, {}});
    std::stable_sort(found.begin(), found.end(), [](const WrongMeasurement& a, const WrongMeasurement& b) { return a.z > b.z; });
    return found;
  }

 private:
  struct Variable {
    std::size_t stream, component;  ///< component `none`: the flow itself
    bool analysed = false;          ///< F dw of an analysis, else the flow of the component
  };

  bool analysed(std::size_t s, std::size_t c) const { return used_[s][c] && !std::isnan(network_.streams[s].fraction[c]); }
  double at_least(double flow) const { return std::max(std::abs(flow), least_flow * scale_); }

  /// Variables of this problem, with what was measured of them.
  void add_variables(FlowNetwork& linear) {
    variables_.clear();
    flow_at_.assign(n_, none);
    component_at_.assign(n_, std::vector<std::size_t>(m_, none));
    const auto add = [&](std::size_t s, std::size_t c, bool of_analysis, double measured, double variance) {
      (c == none ? flow_at_[s] : component_at_[s][c]) = variables_.size();
      linear.streams.push_back({std::to_string(variables_.size()), measured, variance});
      variables_.push_back({s, c, of_analysis});
    };
    for (std::size_t s = 0; s < n_; ++s) {
      if (all_held_[s]) continue;
      const ComponentStream& stream = network_.streams[s];
      add(s, none, false, used_[s][m_] ? stream.flow.measured : nan, stream.flow.variance);
      for (std::size_t c = 0; c < m_; ++c) {
        if (held_[s][c]) continue;
        const double f = at_least(flow_[s]);
        if (analysed(s, c)) add(s, c, true, f * (stream.fraction[c] - fraction_[s][c]), f * f * stream.variance[c]);
        else add(s, c, false, nan, nan);
      }
    }
  }

  FlowNetwork linear_network() {
    FlowNetwork linear;
    add_variables(linear);
    for (std::size_t u = 0; u < network_.units.size(); ++u) {
      const std::vector<double>& row = network_.incidence[u];
      const auto balance = [&](auto term) {
        std::vector<double> coefficients(variables_.size(), 0);
        bool any = false;
        for (std::size_t s = 0; s < n_; ++s)
          if (row[s] != 0 && !all_held_[s]) term(s, coefficients), any = true;
        if (!any) return;
        linear.incidence.push_back(std::move(coefficients));
        linear.units.push_back(std::to_string(linear.units.size()));
      };
      if (network_.balanced[u]) balance([&](std::size_t s, std::vector<double>& k) { k[flow_at_[s]] += row[s]; });
      for (std::size_t c = 0; c < m_; ++c)
        if (network_.kept[u][c])
          balance([&](std::size_t s, std::vector<double>& k) {
            if (held_[s][c]) return;
            if (analysed(s, c)) k[flow_at_[s]] += row[s] * fraction_[s][c];
            k[component_at_[s][c]] += row[s];
          });
    }
    return linear;
  }

  /// Largest relative change of a flow or a fraction.
  double step() {
    last_ = reconcile(linear_network());
    double change = 0;
    for (std::size_t k = 0; k < variables_.size(); ++k) {
      const Variable& v = variables_[k];
      if (last_.kind[k] == FlowClass::unobservable || !v.analysed) continue;
      const double by = last_.value[k] / at_least(flow_[v.stream]);
      fraction_[v.stream][v.component] += by;
      if (std::abs(by) > change) change = std::abs(by), restless_ = v.stream;
    }
    for (std::size_t s = 0; s < n_; ++s) {
      const std::size_t k = flow_at_[s];
      if (k == none || last_.kind[k] == FlowClass::unobservable) continue;
      if (const double by = std::abs(last_.value[k] - flow_[s]) / scale_; by > change) change = by, restless_ = s;
      flow_[s] = last_.value[k];
    }
    return change;
  }

  void put(ComponentFlows& result) const {
    result.total.assign(n_, {});
    result.component.assign(n_, std::vector<EstimatedFlow>(m_));
    const auto known = [&](std::size_t k) { return last_.kind[k] != FlowClass::unobservable; };
    const std::size_t width = width_of_factors();
    for (std::size_t s = 0; s < n_; ++s) {
      EstimatedFlow& total = result.total[s];
      total.held = all_held_[s];
      if (total.held) total.factor.assign(width, 0);
      else if (known(flow_at_[s])) total.value = flow_[s], total.factor = last_.factor[flow_at_[s]];
      for (std::size_t c = 0; c < m_; ++c) {
        EstimatedFlow& part = result.component[s][c];
        part.held = all_held_[s] || held_[s][c];
        if (part.held) part.factor.assign(width, 0);
        else if (const std::size_t k = component_at_[s][c]; !known(k)) continue;
        else if (!variables_[k].analysed) part.value = last_.value[k], part.factor = last_.factor[k];
        else if (total.known()) {
          part.value = fraction_[s][c] * flow_[s];
          part.factor = last_.factor[k];
          for (std::size_t i = 0; i < width; ++i) part.factor[i] += fraction_[s][c] * total.factor[i];
        }
      }
    }
  }

  std::size_t width_of_factors() const {
    std::size_t width = 1;
    for (const auto& factor : last_.factor) width = std::max(width, factor.size());
    return width;
  }

  double imbalance(const ComponentFlows& result) const {
    double largest = 0;
    for (std::size_t u = 0; u < network_.units.size(); ++u) {
      const auto look = [&](auto flow_of) {
        double sum = 0, through = 0;
        for (std::size_t s = 0; s < n_; ++s) {
          if (network_.incidence[u][s] == 0) continue;
          const EstimatedFlow& flow = flow_of(s);
          if (!flow.known()) return;
          sum += network_.incidence[u][s] * flow.value;
          through += std::abs(flow.value) / 2;
        }
        if (through > 0) largest = std::max(largest, std::abs(sum) / through);
      };
      if (network_.balanced[u]) look([&](std::size_t s) -> const EstimatedFlow& { return result.total[s]; });
      for (std::size_t c = 0; c < m_; ++c)
        if (network_.kept[u][c]) look([&](std::size_t s) -> const EstimatedFlow& { return result.component[s][c]; });
    }
    return largest;
  }

  const ComponentNetwork& network_;
  std::size_t n_, m_;
  double scale_ = 0;
  std::size_t restless_ = 0;
  std::vector<double> flow_;
  std::vector<std::vector<double>> fraction_;
  std::vector<std::vector<bool>> used_;  ///< streams x components, and the flow as the last
  std::vector<std::vector<bool>> held_;
  std::vector<bool> all_held_;
  std::vector<Variable> variables_;
  std::vector<std::size_t> flow_at_;
  std::vector<std::vector<std::size_t>> component_at_;
  Reconciliation last_;
};

/// The flow that is most below 0, by more than so many of its own spreads.
bool below_zero(const ComponentFlows& flows, double spreads, std::size_t& stream, std::size_t& component) {
  double worst = spreads;
  bool any = false;
  const auto look = [&](const EstimatedFlow& flow, std::size_t s, std::size_t c) {
    if (!flow.known() || flow.held || !(flow.value < 0)) return;
    double squares = 0;
    for (const double x : flow.factor) squares += x * x;
    const double below = -flow.value / std::sqrt(squares);
    if (below > worst) worst = below, stream = s, component = c, any = true;
  };
  for (std::size_t s = 0; s < flows.total.size(); ++s) {
    look(flows.total[s], s, none);
    for (std::size_t c = 0; c < flows.component[s].size(); ++c) look(flows.component[s][c], s, c);
  }
  return any;
}

/// Sets aside one measurement: the most suspicious whose absence leaves no flow running backwards by more than chance, or else the most
/// suspicious of all. Those hardly less suspicious for which the same holds are named beside it. False: nothing is suspicious.
bool set_one_aside(Linearised& problem, double alpha, ComponentFlows& result) {
  const std::vector<WrongMeasurement> suspects = problem.suspects(alpha);
  if (suspects.empty()) return false;
  const auto fits = [&](const WrongMeasurement& suspect) {
    ComponentFlows without;
    problem.use(suspect.stream, suspect.component, false);
    problem.solve(without);
    problem.use(suspect.stream, suspect.component, true);
    std::size_t stream = 0, component = 0;
    return !below_zero(without, suspect.critical, stream, component);
  };
  const WrongMeasurement* chosen = nullptr;
  std::vector<std::pair<std::size_t, std::size_t>> alike;
  for (const WrongMeasurement& suspect : suspects) {
    if (chosen != nullptr && suspect.z < hardly_less * chosen->z) break;
    if (!fits(suspect)) continue;
    if (chosen == nullptr) chosen = &suspect;
    else alike.emplace_back(suspect.stream, suspect.component);
  }
  result.wrong.push_back(chosen != nullptr ? *chosen : suspects.front());
  result.wrong.back().alike = std::move(alike);
  problem.use(result.wrong.back().stream, result.wrong.back().component, false);
  return true;
}

/// What the measurements left say of those set aside.
void compare(const ComponentNetwork& network, ComponentFlows& flows) {
  for (WrongMeasurement& wrong : flows.wrong) {
    const ComponentStream& stream = network.streams[wrong.stream];
    const EstimatedFlow& total = flows.total[wrong.stream];
    wrong.measured = wrong.component == none ? stream.flow.measured : stream.fraction[wrong.component];
    wrong.estimate = total.known() ? total.value : nan;
    if (wrong.component == none) continue;
    const EstimatedFlow& part = flows.component[wrong.stream][wrong.component];
    wrong.estimate = part.known() && total.known() && total.value > 0 ? part.value / total.value : nan;
  }
}

}  // namespace

ComponentFlows reconcile_components(const ComponentNetwork& network, double alpha) {
  ComponentFlows result;
  Linearised problem(network);
  do problem.solve(result);
  while (result.converged && set_one_aside(problem, alpha, result));
  if (!result.converged) return result;
  compare(network, result);
  ComponentFlows bounded = result;
  for (std::size_t stream = 0, component = 0; below_zero(bounded, by_rounding, stream, component);) {
    problem.hold(stream, component);
    problem.solve(bounded);
  }
  // values within bounds, spreads of the estimates without them
  const auto take = [](EstimatedFlow& free, const EstimatedFlow& held) { free.value = held.value, free.held = held.held; };
  for (std::size_t s = 0; s < result.total.size(); ++s) {
    if (result.total[s].known()) take(result.total[s], bounded.total[s]);
    for (std::size_t c = 0; c < result.component[s].size(); ++c)
      if (result.component[s][c].known()) take(result.component[s][c], bounded.component[s][c]);
  }
  result.imbalance = bounded.imbalance;
  result.converged = result.converged && bounded.converged;
  result.restless = bounded.restless;
  return result;
}

}  // namespace retwin

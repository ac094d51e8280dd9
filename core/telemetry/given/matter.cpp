// Shares of ports and uses per mass of feed, from reconciled flows.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/base/constants.hpp"
#include "core/base/fields.hpp"
#include "core/base/readable.hpp"
#include "core/stats/intervals.hpp"
#include "core/telemetry/given/matter_network.hpp"
#include "core/telemetry/given/parts.hpp"

namespace retwin {
namespace {

constexpr std::size_t total = WrongMeasurement::of_flow;
constexpr double negligible_share = 1e-12;

/// A sum of estimated flows.
struct Sum {
  double value = 0;
  std::vector<double> factor;
  bool held = true;  ///< of flows held at 0 only
  void add(const EstimatedFlow& flow) {
    value += std::max(0.0, flow.value);
    held = held && flow.held;
    if (factor.size() < flow.factor.size()) factor.resize(flow.factor.size());
    for (std::size_t i = 0; i < flow.factor.size(); ++i) factor[i] += flow.factor[i];
  }
};

double spread(const std::vector<double>& factor) {
  double squares = 0;
  for (const double x : factor) squares += x * x;
  return std::sqrt(squares);
}

/// Spread of a / b by the delta method.
double spread_of_ratio(const Sum& a, const Sum& b) {
  std::vector<double> factor(std::max(a.factor.size(), b.factor.size()));
  for (std::size_t i = 0; i < factor.size(); ++i)
    factor[i] = ((i < a.factor.size() ? a.factor[i] : 0) - a.value / b.value * (i < b.factor.size() ? b.factor[i] : 0)) / b.value;
  return spread(factor);
}

class MatterLearner {
 public:
  MatterLearner(const Scenario& scenario, const Node& document, const Measurements& measured, double level, MatterNetwork placed, PlantCalibration& result)
      : plant_(*scenario.plant), document_(document), measured_(measured), level_(level), placed_(std::move(placed)), result_(result) {}

  void learn() {
    if (!placed_.streams.empty()) flows_ = reconcile_components(placed_.network);
    while (!placed_.streams.empty() && !flows_.converged && give_up_open_balances()) flows_ = reconcile_components(placed_.network);
    if (!placed_.streams.empty() && !flows_.converged) return leave(measured_.flow_file.path, "its balances did not close");
    tell_flows();
    for (Index k = 0; k < plant_.n_stations(); ++k)
      if (placed_.taught[k] && !placed_.taught[k]->shares.empty() && concerns(k)) learn_shares(k);
    for (const MeasuredStream* use : placed_.uses) learn_use(*use);
  }

 private:
  bool concerns(Index station) const {
    return std::any_of(placed_.streams.begin(), placed_.streams.end(), [&](const PlacedStream& s) { return s.from == station || s.to == station; });
  }
  std::string at(Index station, const std::string& path) const { return "stations." + plant_.stations[station].name + "." + path; }
  void leave(const std::string& path, std::string why) { result_.left_out.emplace_back(path, std::move(why)); }

  void tell_flows() {
    result_.flows.streams = placed_.streams.size();
    result_.flows.components = placed_.components.size();
    result_.flows.degrees_of_freedom = flows_.degrees_of_freedom;
    result_.flows.p_value = flows_.p_value;
    result_.flows.imbalance = flows_.imbalance;
    const auto called = [&](std::size_t stream, std::size_t component) {
      const std::string& name = placed_.streams[stream].measured->name;
      return component == total ? name : fmt::format("{} in {}", plant_.substances.components[static_cast<std::size_t>(placed_.components[component])], name);
    };
    for (const WrongMeasurement& w : flows_.wrong) {
      std::string text = fmt::format("{}: measured {}, the others say {} (z = {}, critical {})", called(w.stream, w.component), readable(w.measured), readable(w.estimate), readable(w.z), readable(w.critical));
      for (const auto& [stream, component] : w.alike) text += "; it may as well be " + called(stream, component);
      result_.set_aside.push_back(text);
    }
  }

  /// Where balances do not close, what was measured leaves a flow open (two streams alike in all that was analysed, none of them weighed):
  /// those of components about it are not used. False: there are none.
  bool give_up_open_balances() {
    bool any = false;
    for (std::size_t u = 0; u < placed_.stations.size(); ++u) {
      std::vector<bool>& kept = placed_.network.kept[u];
      if (placed_.network.incidence[u][flows_.restless] == 0 || std::find(kept.begin(), kept.end(), true) == kept.end()) continue;
      kept.assign(kept.size(), false);
      any = true;
      leave("stations." + plant_.stations[placed_.stations[u]].name,
            fmt::format("what was analysed hardly tells how much {} is: its balances of components do not close and are not used", placed_.streams[flows_.restless].measured->name));
    }
    return any;
  }

  /// Why nothing can be said of a station; empty: it can.
  std::string not_measured(Index station) const {
    bool in = false, out = false;
    for (const PlacedStream& s : placed_.streams) {
      in = in || s.to == station;
      out = out || s.from == station;
      if (s.from == station && s.port == none)
        return fmt::format("by which port {} leaves is not told: name it in a column port", s.measured->name);
    }
    if (!in) return "no stream into it was measured";
    if (!out) return "no stream out of it was measured";
    return placed_.components.empty() ? "no component was analysed in any stream" : std::string();
  }

  void learn_shares(Index station) {
    if (const std::string why = not_measured(station); !why.empty()) return leave("stations." + plant_.stations[station].name, why);
    std::size_t never = 0;
    for (const PortShares& row : placed_.taught[station]->shares) {
      std::vector<std::size_t> columns;
      for (const int component : row.components)
        if (const auto column = placed_.column(component)) columns.push_back(*column);
      if (columns.empty() && row.components.size() == 1) ++never;
      else if (columns.empty()) leave(at(station, row.path), "none of its components was analysed");
      else learn_row(station, row, columns);
    }
    if (never > 0) leave("stations." + plant_.stations[station].name, fmt::format("{} components were never analysed", never));
  }

  /// What leaves by each port of a row, if all of it is known; else why not.
  std::string leaving(Index station, const PortShares& row, const std::vector<std::size_t>& columns, std::vector<Sum>& out, std::vector<bool>& seen) const {
    out.assign(row.ports.size(), {});
    seen.assign(row.ports.size(), false);
    for (std::size_t s = 0; s < placed_.streams.size(); ++s) {
      const PlacedStream& stream = placed_.streams[s];
      if (stream.from != station) continue;
      const auto port = std::find(row.ports.begin(), row.ports.end(), static_cast<int>(stream.port));
      if (port == row.ports.end()) continue;
      const auto p = static_cast<std::size_t>(port - row.ports.begin());
      seen[p] = true;
      for (const std::size_t c : columns) {
        if (!flows_.component[s][c].known()) return fmt::format("what of it leaves in {} follows from no measurement", stream.measured->name);
        out[p].add(flows_.component[s][c]);
      }
    }
    for (std::size_t p = 0; p < row.ports.size(); ++p)
      if (!seen[p] && row.given[p] > negligible_share)
        return fmt::format("no stream of port {} is listed", plant_.stations[station].ports[static_cast<std::size_t>(row.ports[p])].name);
    return {};
  }

  void learn_row(Index station, const PortShares& row, const std::vector<std::size_t>& columns) {
    const std::string path = at(station, row.path);
    std::vector<Sum> out;
    std::vector<bool> seen;
    if (const std::string why = leaving(station, row, columns, out, seen); !why.empty()) return leave(path, why);
    Sum all;
    for (const Sum& part : out) {
      all.value += part.value;
      all.factor.resize(std::max(all.factor.size(), part.factor.size()));
      for (std::size_t i = 0; i < part.factor.size(); ++i) all.factor[i] += part.factor[i];
    }
    if (!(all.value > 0) || all.value < 2 * spread(all.factor)) return leave(path, "hardly any of it came, within what the measurements tell");
    std::size_t n = 0;
    for (const std::size_t c : columns) n += placed_.analyses[c];
    std::vector<std::string> names;
    std::vector<double> shares;
    PlantPatch patch{path, {}, fmt::format("{} analyses", n), {}, true};
    for (std::size_t p = 0; p < out.size(); ++p) {
      if (!seen[p]) continue;
      const double share = std::clamp(out[p].value / all.value, 0.0, 1.0);
      const std::string& port = plant_.stations[station].ports[static_cast<std::size_t>(row.ports[p])].name;
      names.push_back(port);
      shares.push_back(share);
      if (row.single && p > 0) continue;
      patch.parameters.push_back(result_.parameters.size());
      result_.parameters.push_back({row.single ? path : path + "." + port, share, "1", bounds_within(share, spread_of_ratio(out[p], all), level_, 1), n,
                                    "share of reconciled flows; delta method", row.given[p], measured_.flow_file.path, measured_.flow_file.sha256});
    }
    patch.value = row.single ? Node::scalar(fmt::format("{:.6f} %", 100 * shares[0])) : shares_node(names, shares);
    result_.patches.push_back(std::move(patch));
  }

  struct Use {
    std::string path;
    double given = 0;
  };
  /// The field of a flow used per mass of feed; else why there is none.
  std::optional<Use> field_of(Index station, const std::string& flow, std::string& why) const {
    const Station& s = plant_.stations[station];
    if (placed_.taught[station])
      for (const FeedUse& use : placed_.taught[station]->uses)
        if (use.flow == flow) return Use{at(station, use.path), use.given};
    const auto found = std::find_if(s.consumption.begin(), s.consumption.end(), [&](const Consumption& c) { return plant_.flows[c.flow].name == flow; });
    why = "the station has no use of it per mass";
    if (found == s.consumption.end()) return std::nullopt;
    const bool by_time = std::any_of(std::begin(found->per_s), std::end(found->per_s), [](double x) { return x != 0; });
    if (by_time || found->per_job != 0) why = "it is also used by time or by job: one amount does not tell them apart";
    if (by_time || found->per_job != 0 || !(found->per_kg > 0)) return std::nullopt;
    const std::string path = at(station, "consumes." + flow);
    const Node* written = find_path(document_, {"stations", s.name, "consumes", flow});
    return Use{written != nullptr && written->is_map() ? path + ".per_mass" : path, found->per_kg};
  }

  void learn_use(const MeasuredStream& use) {
    const Index station = plant_.find_station(use.to);
    std::string why;
    const std::optional<Use> field = field_of(station, use.flow, why);
    const std::string path = field ? field->path : at(station, use.flow);
    if (!field) return leave(path, why);
    if (std::isnan(use.value)) return leave(path, "it was not measured");
    Sum feed;
    bool any = false;
    for (std::size_t s = 0; s < placed_.streams.size(); ++s) {
      if (placed_.streams[s].to != station) continue;
      if (!flows_.total[s].known()) return leave(path, fmt::format("how much {} is follows from no measurement", placed_.streams[s].measured->name));
      feed.add(flows_.total[s]);
      any = true;
    }
    if (!any || !(feed.value > 0)) return leave(path, "no stream into the station was measured");
    const bool by_time = placed_.dimension == dimension::mass_rate;
    const auto flow = std::find_if(plant_.flows.begin(), plant_.flows.end(), [&](const FlowInfo& f) { return f.name == use.flow; });
    if (use.dimension != (by_time ? flow->dimension / dimension::time : flow->dimension))
      return leave(path, "it is an amount where matter is by time, or the other way round");
    const double rate = use.value / feed.value, relative = spread(feed.factor) / feed.value;
    const double sd = std::hypot(use.sd / feed.value, rate * relative);
    const Dimension per_mass = flow->dimension / dimension::mass;
    if (!(rate > 0)) return leave(path, "none of it was used");
    result_.patches.push_back({path, quantity_node(to_digits(rate, 9), per_mass), "over the mass that came in", {result_.parameters.size()}, true});
    result_.parameters.push_back({path, rate, si_unit(per_mass), positive_bounds(rate, sd, level_), 1, "amount over reconciled feed; delta method", field->given,
                                  measured_.flow_file.path, measured_.flow_file.sha256});
  }

  const Plant& plant_;
  const Node& document_;
  const Measurements& measured_;
  double level_;
  MatterNetwork placed_;
  ComponentFlows flows_;
  PlantCalibration& result_;
};

}  // namespace

Bounds positive_bounds(double value, double sd, double level, double quantile) {
  const double half = (quantile > 0 ? quantile : student_quantile(0.5 + level / 2, 1e9)) * sd;
  const double low = value - half > 0 ? value - half : value > 0 ? value * std::exp(-half / value) : 0;
  return {value, low, value + half, level};
}

Bounds bounds_within(double value, double sd, double level, double most, double quantile) {
  const double half = (quantile > 0 ? quantile : student_quantile(0.5 + level / 2, 1e9)) * sd;
  return {value, std::max(0.0, value - half), std::min(most, value + half), level};
}

void learn_matter(const Scenario& scenario, const Node& document, const Measurements& measured, MatterNetwork placed, double level, PlantCalibration& result) {
  MatterLearner(scenario, document, measured, level, std::move(placed), result).learn();
}

}  // namespace retwin

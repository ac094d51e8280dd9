// Streams to nodes and ports of the plant, samples to means with spreads, and the balances that hold.
#include "core/telemetry/given/matter_network.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

#include "core/base/constants.hpp"
#include "core/stats/intervals.hpp"
#include "core/stats/tally.hpp"

namespace retwin {
namespace {

constexpr std::size_t most_unknowns = 2500;  // minutes

std::string near_name(const std::string& name, const std::vector<std::string>& known) {
  const std::string near = nearest(name, known);
  if (!near.empty()) return "did you mean " + near + "?";
  return known.empty() || known.size() > 12 ? std::string() : fmt::format("there are: {}", fmt::join(known, ", "));
}

class Placer {
 public:
  Placer(const Plant& plant, const Measurements& measured, Problems& problems) : plant_(plant), measured_(measured), problems_(problems) {
    for (const Station& station : plant.stations) names_.push_back(station.name);
    for (const Sink& sink : plant.sinks) names_.push_back(sink.name);
    for (const Source& source : plant.sources) names_.push_back(source.name);
    for (const Station& station : plant.stations) {
      const auto* taught = dynamic_cast<const TaughtByFlows*>(station.operation.get());
      result_.taught.push_back(taught != nullptr ? std::optional(taught->teachable()) : std::nullopt);
    }
  }

  MatterNetwork place() {
    for (const MeasuredStream& stream : measured_.streams) stream.flow.empty() ? place_stream(stream) : place_use(stream);
    add_units();
    add_analyses();
    add_balances();
    if (const std::size_t unknowns = result_.streams.size() * (result_.components.size() + 1); unknowns > most_unknowns)
      problems_.error(Code::too_large, {measured_.flow_file.path, 0, 0, 0, ""}, "",
                      fmt::format("{} streams with {} components are {} unknowns, more than the {} that are solved at once", result_.streams.size(), result_.components.size(), unknowns, most_unknowns),
                      "calibrate part of the plant, or fewer components, at a time");
    return std::move(result_);
  }

 private:
  Index node_of(const std::string& name, const MeasuredStream& stream) {
    if (name.empty()) return none;
    if (const Index station = plant_.find_station(name); station != none) return station;
    if (const Index sink = plant_.find_sink(name); sink != none) return plant_.sink_node(sink);
    if (const Index source = plant_.find_source(name); source != none) return plant_.source_node(source);
    problems_.error(Code::unknown_name, stream.place, stream.name, fmt::format("the plant has no station {}", name), near_name(name, names_));
    sound_ = false;
    return none;
  }
  bool is_station(Index node) const { return node < plant_.n_stations(); }
  /// Whether an option leads somewhere: ports that a file leaves open have a sink of their own.
  bool leads(const RouteOption& option) const { return option.target != none && plant_.node_name(option.target) != "unconnected"; }

  static bool leads_to(const Route& route, Index node) {
    return std::any_of(route.options.begin(), route.options.end(), [&](const RouteOption& o) { return o.target == node || o.via == node; });
  }
  /// Whether lots can go from one node to another, by a route or from the transport on it.
  bool linked(Index from, Index to) const {
    const auto by = [&](const Route& route) {
      return std::any_of(route.options.begin(), route.options.end(), [&](const RouteOption& o) { return o.via == from && o.target == to; });
    };
    if (!is_station(from)) {
      const Index first = plant_.source_node(0);
      return from < first || leads_to(plant_.sources[from - first].route, to);  // out of a tank: where it is dosed
    }
    for (const Route& route : plant_.stations[from].routes)
      if (leads_to(route, to)) return true;
    for (const Station& station : plant_.stations)
      if (std::any_of(station.routes.begin(), station.routes.end(), by)) return true;
    return std::any_of(plant_.sources.begin(), plant_.sources.end(), [&](const Source& s) { return by(s.route); });
  }

  /// The port that a stream leaves by: as it says, or the only one that leads where it goes, or that of its name.
  Index port_of(const MeasuredStream& stream, const Station& station, Index to) {
    std::vector<std::string> ports;
    for (const PortInfo& port : station.ports) ports.push_back(port.name);
    const auto called = [&](const std::string& name) {
      const auto found = std::find(ports.begin(), ports.end(), name);
      return found == ports.end() ? none : static_cast<Index>(found - ports.begin());
    };
    if (!stream.port.empty()) {
      const Index port = called(stream.port);
      if (port == none)
        problems_.error(Code::port, stream.place, stream.name, fmt::format("{} has no port {}", station.name, stream.port), near_name(stream.port, ports));
      else if (to != none && !leads_to(station.routes[port], to))
        problems_.error(Code::route, stream.place, stream.name, fmt::format("port {} of {} does not lead to {}", stream.port, station.name, plant_.node_name(to)));
      return port;
    }
    std::vector<Index> fit;
    for (Index p = 0; p < station.ports.size(); ++p)
      if (to != none ? leads_to(station.routes[p], to)
                     : std::any_of(station.routes[p].options.begin(), station.routes[p].options.end(), [&](const RouteOption& o) { return leads(o) && plant_.is_sink(o.target); }))
        fit.push_back(p);
    if (fit.size() == 1) return fit.front();
    const Index port = called(stream.name);
    return std::find(fit.begin(), fit.end(), port) != fit.end() ? port : none;
  }

  void place_stream(const MeasuredStream& stream) {
    PlacedStream placed{&stream};
    sound_ = true;
    placed.from = node_of(stream.from, stream);
    placed.to = node_of(stream.to, stream);
    if (!sound_) return;
    if (stream.from.empty() && stream.to.empty())
      return problems_.error(Code::missing, stream.place, stream.name, "the stream neither leaves nor enters a station", "name it in from or to");
    if (placed.from != none && placed.to != none && !linked(placed.from, placed.to))
      return problems_.error(Code::route, stream.place, stream.name, fmt::format("in the plant nothing goes from {} to {}", stream.from, stream.to), links_of(placed.from));
    if (placed.from != none && is_station(placed.from)) placed.port = port_of(stream, plant_.stations[placed.from], placed.to);
    if (!stream.dimension.none()) {
      const bool mass = stream.dimension == dimension::mass || stream.dimension == dimension::mass_rate;
      if (!mass)
        problems_.error(Code::unit, stream.place, stream.name, fmt::format("a stream of matter is a mass or a mass rate, not {}", describe(stream.dimension)),
                        "what a station uses is named in the column flow");
      else if (result_.dimension.none()) result_.dimension = stream.dimension;
      else if (result_.dimension != stream.dimension)
        problems_.error(Code::unit, stream.place, stream.name, fmt::format("this is {}, the streams before it are {}", describe(stream.dimension), describe(result_.dimension)), "all of one period, or all by time");
    }
    result_.streams.push_back(placed);
  }

  std::string links_of(Index from) const {
    if (!is_station(from)) return {};
    std::vector<std::string> names;
    for (const Route& route : plant_.stations[from].routes)
      for (const RouteOption& option : route.options)
        if (leads(option) && std::find(names.begin(), names.end(), plant_.node_name(option.target)) == names.end()) names.push_back(plant_.node_name(option.target));
    return names.size() > 12 ? std::string() : fmt::format("{} leads to {}", plant_.node_name(from), fmt::join(names, ", "));
  }

  void place_use(const MeasuredStream& stream) {
    sound_ = true;
    const Index station = node_of(stream.to, stream);
    std::vector<std::string> flows;
    for (const auto& flow : plant_.flows) flows.push_back(flow.name);
    const auto found = std::find(flows.begin(), flows.end(), stream.flow);
    if (found == flows.end())
      return problems_.error(Code::unknown_name, stream.place, stream.name, fmt::format("the plant uses no flow {}", stream.flow), near_name(stream.flow, flows));
    if (sound_ && (station == none || !is_station(station)))
      return problems_.error(Code::missing, stream.place, stream.name, "the row of a flow names the station that uses it", "in the column to");
    const Dimension wanted = plant_.flows[static_cast<std::size_t>(found - flows.begin())].dimension;
    if (!stream.dimension.none() && stream.dimension != wanted && stream.dimension != wanted / dimension::time)
      return problems_.error(Code::unit, stream.place, stream.name, fmt::format("{} is {}, not {}", stream.flow, describe(wanted), describe(stream.dimension)),
                             "write for instance " + example_unit(wanted));
    if (sound_) result_.uses.push_back(&stream);
  }

  /// Stations with streams on both sides; ends of others are open.
  void add_units() {
    std::vector<int> in(plant_.n_stations()), out(plant_.n_stations());
    for (const PlacedStream& s : result_.streams) {
      if (s.to != none && is_station(s.to)) ++in[s.to];
      if (s.from != none && is_station(s.from)) ++out[s.from];
    }
    for (Index k = 0; k < plant_.n_stations(); ++k) {
      if (in[k] == 0 || out[k] == 0) continue;
      result_.stations.push_back(k);
      result_.network.units.push_back(plant_.stations[k].name);
      std::vector<double>& row = result_.network.incidence.emplace_back();
      for (const PlacedStream& s : result_.streams) row.push_back((s.to == k ? 1.0 : 0.0) - (s.from == k ? 1.0 : 0.0));
    }
    for (const PlacedStream& s : result_.streams)
      result_.network.streams.push_back({{s.measured->name, s.measured->value, s.measured->sd * s.measured->sd}, {}, {}});
  }

  void add_analyses() {
    const std::vector<std::string>& known = plant_.substances.components;
    std::map<std::pair<std::size_t, int>, std::vector<const Analysis*>> samples;
    std::vector<std::string> names;
    for (const PlacedStream& s : result_.streams) names.push_back(s.measured->name);
    for (const Analysis& a : measured_.analyses) {
      const int component = plant_.substances.component(a.component);
      const auto stream = std::find(names.begin(), names.end(), a.stream);
      if (component < 0)
        problems_.error(Code::unknown_name, a.place, a.stream, fmt::format("the plant has no component {}", a.component),
                        known.empty() ? "lots of this plant carry no matter" : near_name(a.component, known));
      const bool listed = std::any_of(measured_.streams.begin(), measured_.streams.end(), [&](const MeasuredStream& s) { return s.name == a.stream; });
      if (stream == names.end() && !listed)
        problems_.error(Code::unknown_name, a.place, a.stream, fmt::format("the flows have no stream {}", a.stream), near_name(a.stream, names));
      if (component < 0 || stream == names.end()) continue;
      samples[{static_cast<std::size_t>(stream - names.begin()), component}].push_back(&a);
    }
    for (const auto& [at, list] : samples) result_.components.push_back(at.second);
    std::sort(result_.components.begin(), result_.components.end());
    result_.components.erase(std::unique(result_.components.begin(), result_.components.end()), result_.components.end());
    result_.analyses.assign(result_.components.size(), 0);
    for (ComponentStream& s : result_.network.streams) s.fraction.assign(result_.components.size(), nan), s.variance = s.fraction;
    for (const auto& [at, list] : samples) {
      const std::size_t column = *result_.column(at.second);
      ComponentStream& stream = result_.network.streams[at.first];
      result_.analyses[column] += list.size();
      std::tie(stream.fraction[column], stream.variance[column]) = mean_of(list);
    }
  }

  /// Mean of samples and its variance: by the spreads that they state, else by their own, wide enough for Student's t.
  std::pair<double, double> mean_of(const std::vector<const Analysis*>& list) {
    if (std::none_of(list.begin(), list.end(), [](const Analysis* a) { return std::isnan(a->sd); })) {
      double weight = 0, sum = 0;
      for (const Analysis* a : list) weight += 1 / (a->sd * a->sd), sum += a->fraction / (a->sd * a->sd);
      return {sum / weight, 1 / weight};
    }
    std::vector<double> values;
    for (const Analysis* a : list) values.push_back(a->fraction);
    const Interval interval = student_interval(values);
    const double sd = interval.half_width / student_quantile(0.975, 1e9);
    if (sd > 0) return {interval.mean, sd * sd};
    problems_.error(Code::missing, list.front()->place, list.front()->stream,
                    list.size() > 1 ? "samples that are all alike tell no spread" : fmt::format("the fraction of {} needs a spread", list.front()->component),
                    "a column sd, or several samples");
    return {nan, nan};
  }

  void add_balances() {
    for (const Index k : result_.stations) {
      const Station& station = plant_.stations[k];
      const std::optional<Teachable>& taught = result_.taught[k];
      const bool passes = station.operation == nullptr && station.special == Special::nothing;
      result_.network.balanced.push_back(passes || (taught && !taught->adds_matter));
      std::vector<bool>& kept = result_.network.kept.emplace_back();
      for (const int component : result_.components) kept.push_back(passes || (taught && !taught->kept.empty() && taught->kept[static_cast<std::size_t>(component)]));
    }
  }

  const Plant& plant_;
  const Measurements& measured_;
  Problems& problems_;
  std::vector<std::string> names_;
  MatterNetwork result_;
  bool sound_ = true;
};

}  // namespace

std::optional<std::size_t> MatterNetwork::column(int component) const {
  const auto found = std::lower_bound(components.begin(), components.end(), component);
  if (found == components.end() || *found != component) return std::nullopt;
  return static_cast<std::size_t>(found - components.begin());
}

MatterNetwork place_matter(const Plant& plant, const Measurements& measured, Problems& problems) {
  return Placer(plant, measured, problems).place();
}

}  // namespace retwin

// What a report is about beside the flow itself: functional units, loads that no station draws, emission factors, shared groups.
#pragma once
#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/flow/plant/plant.hpp"
#include "core/ledger/stocks.hpp"

namespace retwin {

/// A denominator with a name: the mass that all intensities of this unit are divided by.
struct FunctionalUnit {
  std::string name;
  /// Whose mass counts: "station.port", or the name of a source (made less lost), a sink, or a station (mass of finished jobs);
  /// "sources.x", "sinks.x" and "stations.x" where a bare name would be ambiguous.
  std::vector<std::string> ports;
  std::vector<std::string> groups;  ///< groups whose use is counted; empty: the whole plant
  std::string doc;
  std::vector<Index> without;       ///< components whose mass does not count
};

/// A constant load or use outside the stations: lighting, ventilation, stand-by heat.
struct Auxiliary {
  std::string name;
  std::string group;
  double power_W = 0;
  std::vector<std::pair<Index, double>> consumes;  ///< flow and amount per second [its SI unit/s]
  std::string note;
  bool estimate = false;
};

/// Use that follows what comes from a source or arrives at a sink: transport, packaging, the carbon of a waste.
struct Passing {
  struct Rate {
    Index flow = 0;
    double per_kg = 0, per_lot = 0;  ///< [SI unit of the flow]
    int element = -1;                ///< per_kg is of this element alone; -1: of the whole mass
  };
  bool source = false;  ///< else a sink, whose use falls to the groups of the stations that fill it
  Index node = 0;       ///< index among sources or sinks
  std::string group;    ///< of a source
  std::vector<Rate> rates;
  bool estimate = false;

  /// What so many lots use [SI unit of the flow], where `kg` tells what a component of them weighs.
  template <class Mass>
  static double amount(const Rate& rate, const Plant& plant, double lots, Mass kg) {
    double sum = 0;
    const std::size_t elements = plant.substances.elements.size();
    for (std::size_t c = 0; c < plant.n_components && rate.per_kg != 0; ++c)
      sum += kg(c) * (rate.element < 0 ? 1 : plant.substances.fraction[c * elements + static_cast<std::size_t>(rate.element)]);
    return rate.per_kg * sum + (rate.per_lot == 0 ? 0 : rate.per_lot * lots);
  }
};

/// What is said of a metered flow beside its factors.
struct FlowNote {
  Index flow = 0;
  Index made_from = none;  ///< the flow that bears its burden
  std::string no_factor;   ///< why it has none
};

/// What the file of a factor says beside its value.
struct FactorOrigin {
  std::string set, method, region, confidence, valid_from, valid_to, gases, gwp, document, note;
  std::int64_t year = 0;
  std::optional<double> basis;  ///< strength of what the factor is told for; the flow is pure
  double low = std::numeric_limits<double>::quiet_NaN(), high = low;  ///< as kgCO2e_per_unit
  std::string distribution;  ///< between low and high; empty: triangular
};

/// Emission factor of a flow.
struct Factor {
  Index flow = 0;
  double kgCO2e_per_unit = 0;  ///< per SI unit of the flow (J, kg, m3)
  std::string name;
  std::string source;
  int scope = 3;  ///< 1, 2 or 3 of the GHG Protocol
  bool estimate = false;
  FactorOrigin about = {};
  /// What is avoided elsewhere: told beside the emissions, never netted with them.
  bool credit() const { return kgCO2e_per_unit < 0; }
};

/// Electricity that is bought or made in some way of its own.
struct Supply {
  std::string name, source;
  double kg_per_J = 0;         ///< CO2e
  double share = 0;            ///< of the use, hour by hour
  double J_per_year = 0;       ///< of a reporting year, whenever it is used: certificates
  std::vector<double> power_W; ///< by the hour: of the day (24) or of the year (8760)
  bool estimate = false;
};
/// The account beside the location-based one: by what is bought, and by the hour.
struct Electricity {
  std::vector<Supply> supplies;
  std::optional<double> residual_kg_per_J;  ///< of what no supply covers; none: as the grid of the location
  std::string residual_source;
  std::vector<double> hourly_kg_per_J;      ///< of the location, by the hour; empty: not known
  bool told() const { return !supplies.empty() || residual_kg_per_J || !hourly_kg_per_J.empty(); }
};

/// What a product displaces elsewhere: an account of its own, never netted with the emissions.
struct Displaced {
  Index sink = 0;
  double kg_per_kg = 0;   ///< CO2e of the primary material that it stands in for
  double quality = 1;     ///< Qs/Qp: so much of it a kilogram replaces
  double allocation = 0;  ///< A of the Circular Footprint Formula: what falls to who takes the secondary material
  std::string source;
  bool estimate = false;
};

/// A group that several functional units share, and how its use is split between other groups: by one rule that counts; what others
/// would give is told beside it.
struct Allocation {
  enum class By : std::uint8_t { shares, electricity, mass, value };
  std::string group;
  std::vector<std::pair<std::string, double>> to;  ///< group and share; shares sum to 1
  bool by_electricity = false;  ///< in proportion to the groups' direct use of electricity instead; shares are ignored
  /// In proportion to the mass through ports, sources and sinks instead: group and what counts for it.
  std::vector<std::pair<std::string, std::vector<std::string>>> by_mass = {};
  std::vector<std::pair<std::string, std::vector<Index>>> by_value = {};  ///< likewise by what sinks earn, at the prices of the plant
  std::optional<By> by = {};  ///< which counts; empty: the only one that is stated

  By counts() const {
    return by ? *by : !by_value.empty() ? By::value : !by_mass.empty() ? By::mass : by_electricity ? By::electricity : By::shares;
  }
  /// All that can be told: the one that counts first.
  std::vector<By> rules() const {
    std::vector<By> all{counts()};
    for (const auto& [rule, known] : {std::pair{By::mass, !by_mass.empty()}, {By::value, !by_value.empty()}, {By::shares, !to.empty()}, {By::electricity, true}})
      if (known && rule != all.front()) all.push_back(rule);
    return all;
  }
  std::vector<std::string> groups() const {  ///< that share it
    std::vector<std::string> all;
    const auto add = [&](const auto& list) {
      for (const auto& [name, of] : list)
        if (std::find(all.begin(), all.end(), name) == all.end()) all.push_back(name);
    };
    add(to), add(by_mass), add(by_value);
    return all;
  }
};
inline constexpr const char* allocation_rules[] = {"shares", "electricity", "mass", "value"};  // as Allocation::By

/// What the times of a station rest on, as its file says.
struct Evidence {
  std::string confidence;  ///< "estimate", "literature", "measured", or empty: not said
  std::string source;
  bool estimate() const { return confidence == "estimate"; }
};

struct RulesAndPrices;

struct Reporting {
  std::vector<FunctionalUnit> functional_units;
  std::vector<Auxiliary> auxiliaries;
  std::vector<Factor> factors;
  std::vector<Allocation> allocations;
  std::vector<Evidence> stations;  ///< in the order of the plant; empty: nothing is said of any
  std::vector<Passing> passing;
  std::vector<FlowNote> flows;
  std::vector<std::string> sinks;  ///< why the burden of what leaves here is not counted; in the order of the plant, or empty
  Electricity electricity;
  std::vector<Stock> stocks;
  std::vector<Displaced> displaced;
  std::vector<std::pair<std::string, std::string>> cut_offs;  ///< what is left out, and why
  std::shared_ptr<const RulesAndPrices> accounts;  ///< rules and prices; null: neither
  bool credits() const {
    for (const Factor& factor : factors)
      if (factor.credit()) return true;
    return false;
  }
  std::vector<Evidence> utilities;  ///< likewise
  std::map<std::string, Evidence> digital;  ///< by "hosts.NAME", "links.NAME" and "tasks.NAME"
  Evidence of_digital(const std::string& path) const {
    const auto found = digital.find(path);
    return found == digital.end() ? Evidence() : found->second;
  }
  Evidence of_utility(Index k) const { return k < utilities.size() ? utilities[k] : Evidence(); }
  Evidence of_station(Index k) const { return k < stations.size() ? stations[k] : Evidence(); }
};

}  // namespace retwin

// Emission factors of the library: kg CO2e per unit of a metered flow, with scope and source.
#pragma once
#include <string>
#include <vector>

#include "core/registry.hpp"

namespace retwin {

/// One factor; a flow may have several (combustion and upstream of natural gas).
struct EmissionFactor {
  std::string name;
  std::string set;         ///< as the scenario names it
  Place place;             ///< of its value
  std::string flow;        ///< of the ledger, e.g. "natural_gas"
  double kg_per_unit = 0;  ///< [kg CO2e per SI unit of the flow: J, kg, m3, kg m]
  Dimension unit;          ///< dimension of the flow
  std::int64_t scope = 3;  ///< 1 direct, 2 electricity, 3 bought or sent away
  std::string source, confidence;
  std::int64_t year = 0;
  Located value;           ///< as written, e.g. "0.62 kg CO2e/kWh"

  void fields(Fields& f);
  /// What a whole document says about the origin of its figures; an entry may say otherwise.
  void origin(Fields& f);
  bool estimate() const { return confidence == "estimate" || confidence == "recalled"; }
};

/// Factors of one or several library documents; a later one replaces those of the same name.
class EmissionFactors {
 public:
  /// @param sets documents of the library's factors/; of one with `grids`, "document.grid" replaces the factor `electricity`.
  /// Warns (duplicate) when two sets have factors of different names for one flow and scope: both would count.
  static EmissionFactors read(Library& library, const std::vector<Located>& sets, Problems& problems);

  const std::vector<EmissionFactor>& all() const { return all_; }
  /// Sum of the factors of a flow [kg CO2e per SI unit], only those of a scope if it is not 0; 0 if there are none.
  double of(const std::string& flow, int scope = 0) const;

 private:
  void put(EmissionFactor factor);
  void read_set(const Node& document, const Located& set, Problems& problems);
  void read_grid(const Node& document, const std::string& name, const std::string& grid, const Located& set, Problems& problems);
  void warn_of_doubles(const std::vector<Located>& sets, Problems& problems) const;
  std::vector<EmissionFactor> all_;
};

}  // namespace retwin

// Emission factors of the library: kg CO2e per unit of a metered flow, with scope and source.
#pragma once
#include <string>
#include <vector>

#include "core/registry.hpp"

namespace retwin {

/// One factor; a flow may have several (combustion and upstream of natural gas).
struct EmissionFactor {
  std::string name;
  std::string flow;        ///< of the ledger, e.g. "natural_gas"
  double kg_per_unit = 0;  ///< [kg CO2e per SI unit of the flow: J, kg, m3, kg m]
  Dimension unit;          ///< dimension of the flow
  int scope = 3;           ///< 1 direct, 2 electricity, 3 bought or sent away
  std::string source, confidence;
  int year = 0;
};

/// Factors of one or several library documents; a later one replaces those of the same name.
class EmissionFactors {
 public:
  /// @param sets names such as "shandong_2023"; "grids_cn_2023.Sichuan" replaces the factor `electricity` by that of a grid.
  static EmissionFactors read(Library& library, const std::vector<Located>& sets, Problems& problems);

  const std::vector<EmissionFactor>& all() const { return all_; }
  /// Sum of the factors of a flow [kg CO2e per SI unit], only those of a scope if it is not 0; 0 if there are none.
  double of(const std::string& flow, int scope = 0) const;
  bool has(const std::string& flow) const;

 private:
  void put(EmissionFactor factor);
  void read_set(const Node& document, const std::string& name, Problems& problems);
  void read_grid(const Node& document, const std::string& name, const std::string& grid, const Place& place, Problems& problems);
  std::vector<EmissionFactor> all_;
};

}  // namespace retwin

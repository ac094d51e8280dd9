// Emission factors of the library: kg CO2e per unit of a metered flow, with scope, method and source.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "core/base/confidence.hpp"
#include "core/registry.hpp"

namespace retwin {

/// How a factor counts. Of one flow only `direct` (or location, or market) and `upstream` add up; all others exclude one another.
inline constexpr const char* factor_methods[] = {"direct", "upstream", "life_cycle", "location", "market"};
enum class Method { direct, upstream, life_cycle, location, market };
inline constexpr const char* factor_distributions[] = {"triangular", "uniform", "lognormal"};
inline constexpr int lognormal_distribution = 2;  ///< of these

/// A greenhouse gas of a factor: an amount per unit of the flow, or a share of the value.
struct GasPart {
  std::string name;
  Place place;
  Located amount;
};

/// One factor; a flow may have several (combustion and upstream of natural gas).
struct EmissionFactor {
  std::string name;
  std::string set;         ///< as the scenario names it
  Place place;             ///< of its value
  std::string flow;        ///< of the ledger, e.g. "natural_gas"
  double kg_per_unit = 0;  ///< [kg CO2e per SI unit of the flow: J, kg, m3, kg m]
  Dimension unit;          ///< dimension of the flow
  std::int64_t scope = 3;  ///< 1 direct, 2 electricity, 3 bought or sent away
  int method = -1, confidence = -1;  ///< of the lists above, -1: not said
  std::string source, region, document, note, gwp = "gwp100_ar6";
  int distribution = 0;    ///< of factor_distributions
  std::int64_t year = 0;
  Located value;           ///< as written, e.g. "0.62 kg CO2e/kWh"
  Located low, high, valid_from, valid_to;
  double low_kg, high_kg;  ///< NaN: not said
  std::optional<double> basis;
  std::vector<GasPart> gases;
  std::vector<Located> replaces;
  bool collection = false;  ///< its set has factors for flows that a plant need not meter

  EmissionFactor();
  void fields(Fields& f);
  /// All but which flow it is for.
  void figures(Fields& f);
  /// What a whole document says about the origin of its figures; an entry may say otherwise.
  void origin(Fields& f);
  bool estimate() const { return confidence >= estimated; }
  bool credit() const { return kg_per_unit < 0; }
  bool is(Method of) const { return method == static_cast<int>(of); }
};

/// Factors of one or several library documents; a later one replaces those of the same name.
class EmissionFactors {
 public:
  /// @param sets documents of the library's factors/; of one with `grids`, "document.grid" replaces the factor `electricity`, and
  /// electricity_upstream where the document has it.
  /// Warns (duplicate) when two sets have factors of different names for one flow and scope: both would count.
  static EmissionFactors read(Library& library, const std::vector<Located>& sets, Problems& problems);

  const std::vector<EmissionFactor>& all() const { return all_; }
  /// Sum of the factors of a flow [kg CO2e per SI unit], only those of a scope if it is not 0; 0 if there are none.
  double of(const std::string& flow, int scope = 0) const;

 private:
  struct Reader;
  void put(EmissionFactor factor);
  void read_set(const Node& document, const Located& set, Reader& reader);
  void read_grid(const Node& document, const std::string& name, const std::string& grid, const Located& set, Reader& reader);
  void warn_of_doubles(const std::vector<Located>& sets, Problems& problems) const;
  std::vector<EmissionFactor> all_;
};

/// Refuses two methods of one flow in one sum, such as location and life cycle. Credits are sums of their own.
void check_methods(const std::vector<const EmissionFactor*>& counted, Problems& problems);

}  // namespace retwin

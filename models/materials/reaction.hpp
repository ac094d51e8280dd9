// Balanced reactions over components: read from the library by name or derived from a formula, applied to material in a job.
#pragma once
#include <string>
#include <vector>

#include "models/materials/components.hpp"

namespace retwin {

inline constexpr double water_density = 1000;      ///< [kg/m3]
inline constexpr double molar_volume = 0.0224140;  ///< of an ideal gas at 0 degC and 101.325 kPa [m3/mol], CODATA

/// A reaction with fixed stoichiometry; its extent counts mol of the reaction as written.
class Reaction {
 public:
  Reaction() = default;
  /// The entry `name` of the library's `reactions`. A problem (library) if it is missing or does not balance.
  static Reaction named(const Components& components, const std::string& name);
  /// From text such as "2 Al + 3 H2SO4 -> Al_sulphate + 3 H2".
  static Reaction parse(const Components& components, const std::string& text, const Place& place, const std::string& path);

  /// What takes up the oxygen that an oxide sets free when its metal dissolves as M2+.
  enum class Reductant { peroxide, hydrogen, nothing };
  /// Leaching of an oxide Li_a H_h (Ni,Co,Mn,Al)_x O_o in sulphuric acid, 1 mol of oxide. With n = a/2 + x(Ni) + x(Co) + x(Mn) + 3/2 x(Al)
  /// and m = o - n - h/2: n H2SO4 and m H2O2 give sulphates, (n + m + h/2) H2O and m O2 (for LiMO2: 1.5 acid and 0.5 peroxide, He et al.
  /// 2017); m H2 in place of the peroxide gives as much water and no oxygen; with nothing, m/2 O2 come out of the oxide itself.
  /// Empty if the component is not such an oxide.
  static Reaction oxide_leach(const Components& components, int oxide, Reductant reductant = Reductant::peroxide);
  /// An oxide that gives its lithium for protons and keeps its metal: LiMO2 + 1/2 H2SO4 -> 1/2 Li2SO4 + MO(OH), of a spinel
  /// LiMn2O4 + 1/2 H2SO4 -> 1/2 Li2SO4 + MnO(OH) + MnO2. Empty for anything else.
  static Reaction lithium_exchange(const Components& components, int oxide);
  /// Selective leaching of LiFePO4, 1 mol: 1/2 H2SO4 + 1/2 H2O2 -> 1/2 Li2SO4 + FePO4 + H2O. Empty for anything else.
  static Reaction phosphate_leach(const Components& components, int phosphate);
  /// Dissolution of all of LiFePO4 in strong acid, 1 mol: 3/2 H2SO4 -> 1/2 Li2SO4 + FeSO4 + H3PO4. Empty for anything else.
  static Reaction phosphate_dissolution(const Components& components, int phosphate);
  /// Complete combustion of a compound of C, H, O and F with oxygen to CO2, H2O and HF, 1 mol. Empty for anything else.
  static Reaction combustion(const Components& components, int fuel);

  bool empty() const { return terms_.empty(); }
  /// mol of a component made (> 0) or used (< 0) per mol of reaction.
  double coefficient(int component) const;
  /// Largest extent that the material allows [mol].
  double limit(const Material& material) const;
  /// Lets `extent` mol happen; what is used up must be in the material (the limit applies).
  /// @return the extent that happened [mol]
  double apply(Job& job, Material& material, double extent) const;
  /// In a composition, masses by component, as far as it allows.
  void apply(std::vector<double>& kg) const;
  /// As far as the material allows.
  double apply(Job& job, Material& material) const { return apply(job, material, limit(material)); }

 private:
  struct Term {
    int component;
    double mol;  // per mol of reaction, < 0 used
    double kg;   // likewise
  };
  void add(const Components& components, const std::string& name, double mol);
  void add(const Components& components, int component, double mol);
  /// Reports the first element that does not balance.
  void check(const Components& components, const Place& place, const std::string& path);
  std::vector<Term> terms_;
};

}  // namespace retwin

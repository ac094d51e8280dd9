// Balanced reactions over components: read from the library by name or derived from a formula, applied to material in a job.
#pragma once
#include <string>
#include <vector>

#include "models/materials/components.hpp"

namespace retwin {

/// A reaction with fixed stoichiometry; its extent counts mol of the reaction as written.
class Reaction {
 public:
  Reaction() = default;
  /// The entry `name` of the library's `reactions`. A problem (library) if it is missing or does not balance.
  static Reaction named(const Components& components, const std::string& name);
  /// From text such as "2 Al + 3 H2SO4 -> Al_sulphate + 3 H2".
  static Reaction parse(const Components& components, const std::string& text, const Place& place, const std::string& path);

  /// Reductive leaching of an oxide Li_a(Ni,Co,Mn,Al,..)O_o in sulphuric acid and peroxide, 1 mol of oxide:
  /// n H2SO4 with n = a/2 + x(Ni) + x(Co) + x(Mn) + 3/2 x(Al), m = o - n H2O2, giving sulphates, (n + m) H2O and m O2
  /// (for LiMO2: 1.5 acid and 0.5 peroxide, He et al. 2017). Empty if the component is not such an oxide.
  static Reaction oxide_leach(const Components& components, int oxide);
  /// Selective leaching of LiFePO4, 1 mol: 1/2 H2SO4 + 1/2 H2O2 -> 1/2 Li2SO4 + FePO4 + H2O. Empty for anything else.
  static Reaction phosphate_leach(const Components& components, int phosphate);
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

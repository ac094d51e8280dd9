// What the library says about components: formula or element shares, group, part of the battery, state in a slurry.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/flow/matter/unit_operation.hpp"
#include "core/registry.hpp"

namespace retwin {

enum class Phase : std::uint8_t { solid, dissolved, liquid, gas };
enum class PackPart : std::uint8_t { no_part, cell, module, pack };

/// Reads elements, components and the cathode material of every chemistry of the library. Problems have the code `library`.
Substances read_substances(Library& library, Problems& problems);

/// The components of a plant with what the library says about each; made in the bind() of whoever needs it.
class Components {
 public:
  explicit Components(Binder& binder);

  std::size_t size() const { return substances_->size(); }
  /// Index of a component; -1 and a problem if the library lacks it.
  int operator[](const std::string& name) const { return binder_->component(name); }
  const std::string& name(int component) const { return substances_->components[at(component)]; }
  const std::string& group(int component) const { return info_[at(component)].group; }
  Phase phase(int component) const { return info_[at(component)].phase; }
  PackPart part(int component) const { return info_[at(component)].part; }
  /// [kg/mol], 0 for a mixture
  double molar_mass(int component) const { return substances_->molar_mass[at(component)]; }
  /// Mass share of an element [kg/kg]; 0 if there is no such element.
  double share(int component, std::string_view element) const;
  /// Atoms of an element per formula unit [mol/mol].
  double atoms(int component, std::string_view element) const;
  /// Cathode materials; each has the name of its chemistry.
  const std::vector<int>& cathodes() const { return cathodes_; }
  /// Names of the chemistries, in the order of cathodes().
  std::vector<std::string> chemistries() const;
  const Substances& substances() const { return *substances_; }
  Binder& binder() const { return *binder_; }

  /// 1 for the components that `chosen` holds for, else 0: the shares of Material::extract.
  template <class Chosen>
  std::vector<double> mask(Chosen chosen) const {
    std::vector<double> shares(size());
    for (std::size_t c = 0; c < shares.size(); ++c) shares[c] = chosen(static_cast<int>(c)) ? 1.0 : 0.0;
    return shares;
  }

 private:
  struct Info {
    std::string group;
    Phase phase = Phase::solid;
    PackPart part = PackPart::cell;
  };
  static std::size_t at(int component) { return static_cast<std::size_t>(component); }
  Binder* binder_;
  const Substances* substances_;
  std::vector<Info> info_;
  std::vector<double> atomic_mass_;  // per element [kg/mol], 0 for the undeclared rest
  std::vector<int> cathodes_;
};

}  // namespace retwin

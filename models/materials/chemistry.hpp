// Bills of materials of cells and packs by chemistry and vintage, and the pack models of a market, from the library.
#pragma once
#include <string>
#include <vector>

#include "models/materials/components.hpp"

namespace retwin {

/// Bills of material known: cells and packs built around 2015-2020, and those of 2022 technology.
inline constexpr const char* bill_names[] = {"2019", "2023", "by_vintage"};
enum class Bill : std::uint8_t { y2019, y2023, by_vintage };

/// A cell: mass shares per component [kg/kg], renormalised to 1.
struct CellBill {
  std::vector<double> shares;
  double mass_kg = 0;
};
CellBill read_cell(const Components& components, const std::string& chemistry, Bill bill);

/// Cell energy per mass as new [J/kg].
double read_specific_energy(const Components& components, const std::string& chemistry);

/// A whole pack: mass shares per component [kg/kg], renormalised to 1.
std::vector<double> read_pack(const Components& components, const std::string& chemistry, Bill bill);

/// A model of pack as it comes to the gate.
struct PackModel {
  std::string name;
  std::string chemistry;
  double mass_kg = 0, mass_sd_kg = 0;
  double energy_J = 0;  ///< capacity as new
  std::int64_t modules = 1;
  double life_shape = 3.5, life_scale_s = 0;  ///< Weibull; scale 0: unknown
};
/// Models of a document such as "packs/models_cn".
std::vector<PackModel> read_models(Binder& binder, const std::string& document);
/// The pack meant where only a chemistry is given.
PackModel read_generic(Binder& binder, const std::string& chemistry);

}  // namespace retwin

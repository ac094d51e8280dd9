// Attributes of batteries on their way through a plant: what they are, and what is believed about them.
#pragma once
#include <string>
#include <vector>

#include "models/materials/chemistry.hpp"

namespace retwin {

/// Names of chemistries without the figures at their ends, each once, in their order.
std::vector<std::string> families_of(const std::vector<std::string>& chemistries);

/// Slots of the attributes of packs, modules and cells. The lists of chemistries and models are the same for the truth and for the
/// label, and in the order of the library, so that an index means the same in both and in every station.
struct Battery {
  int chemistry = 0, model = 0, soh = 0, soc = 0, damaged = 0, bms_dead = 0;  // true properties
  int capacity = 0, modules = 0, in_service = 0, vintage = 0;                 // as on the type plate
  int label_chemistry = 0, label_model = 0, label_soh = 0, label_damaged = 0, label_bms_dead = 0;
  int label_family = 0;  // of the believed chemistry: what is shredded in one campaign (NMC111 and NMC811 are both NMC)

  std::vector<PackModel> models;  ///< of the document, then one for each chemistry

  /// @param document models of packs, e.g. "packs/models_cn"
  void bind(const Components& components, const std::string& document);
  /// Index of a chemistry, -1 if unknown.
  int chemistry_index(const std::string& name) const;
  /// Index of the family of a chemistry: its name without the figures at the end; -1 if unknown.
  int family(int of) const;

 private:
  std::vector<std::string> chemistries_;
  std::vector<int> families_;  // of each chemistry
};

}  // namespace retwin

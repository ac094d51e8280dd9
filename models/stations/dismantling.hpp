// Recipes by which packs are taken apart: how long, with how many hands, with which tools; by model, damage and charge.
#pragma once
#include <string>
#include <vector>

#include "core/flow/matter/unit_operation.hpp"
#include "models/stations/battery.hpp"

namespace retwin {

class DismantlingRecipes {
 public:
  /// Reads a document such as packs/dismantling and declares label.recipe, label.tools, label.work, label.crew and label.soc. Problems
  /// have the code library.
  void bind(Binder& binder, const Battery& battery, const std::string& document);
  bool empty() const { return recipes_.empty(); }
  /// Labels a pack with the first recipe that fits what is believed of it.
  void label(Job& job, int input, int model, bool damaged, double soc) const;

 private:
  struct Recipe {
    std::vector<int> models;  ///< empty: any
    int damaged = -1;         ///< -1: either way
    double least_soc = 0, work_s = 0, crew = 1;
    int name = 0, tools = 0;  ///< categories
  };
  std::vector<Recipe> recipes_;
  int recipe_slot_ = 0, tools_slot_ = 0, work_slot_ = 0, crew_slot_ = 0, soc_slot_ = 0;
};

}  // namespace retwin

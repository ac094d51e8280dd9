// Resolves the attributes of batteries.
#include "models/stations/battery.hpp"

#include <algorithm>

namespace retwin {
namespace {

std::string family_of(const std::string& chemistry) { return chemistry.substr(0, chemistry.find_last_not_of("0123456789") + 1); }

}  // namespace

std::vector<std::string> families_of(const std::vector<std::string>& chemistries) {
  std::vector<std::string> families;
  for (const std::string& name : chemistries)
    if (std::find(families.begin(), families.end(), family_of(name)) == families.end()) families.push_back(family_of(name));
  return families;
}

void Battery::bind(const Components& components, const std::string& document) {
  Binder& binder = components.binder();
  chemistries_ = components.chemistries();
  models = read_models(binder, document);
  for (const std::string& name : chemistries_) models.push_back(read_generic(binder, name));
  std::vector<std::string> names;
  for (const PackModel& m : models) names.push_back(m.name);

  chemistry = binder.category("chemistry", chemistries_, true);
  label_chemistry = binder.category("label.chemistry", chemistries_);
  const std::vector<std::string> families = families_of(chemistries_);
  families_.clear();
  for (const std::string& name : chemistries_)
    families_.push_back(static_cast<int>(std::find(families.begin(), families.end(), family_of(name)) - families.begin()));
  label_family = binder.category("label.family", families);
  model = binder.category("model", names, true);
  label_model = binder.category("label.model", names);
  soh = binder.attribute("soh", dimension::none, true);
  label_soh = binder.attribute("label.soh", dimension::none);
  soc = binder.attribute("soc", dimension::none, true);
  damaged = binder.attribute("damaged", dimension::none, true);
  label_damaged = binder.attribute("label.damaged", dimension::none);
  bms_dead = binder.attribute("bms_dead", dimension::none, true);
  label_bms_dead = binder.attribute("label.bms_dead", dimension::none);
  capacity = binder.attribute("capacity", dimension::energy);
  modules = binder.attribute("modules", dimension::none);
  in_service = binder.attribute("in_service", dimension::time);
  vintage = binder.attribute("vintage", dimension::none);
}

int Battery::chemistry_index(const std::string& name) const {
  const auto found = std::find(chemistries_.begin(), chemistries_.end(), name);
  return found == chemistries_.end() ? -1 : static_cast<int>(found - chemistries_.begin());
}

int Battery::family(int of) const {
  return of < 0 || of >= static_cast<int>(families_.size()) ? -1 : families_[static_cast<std::size_t>(of)];
}

}  // namespace retwin

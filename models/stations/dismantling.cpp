// The first recipe that fits is taken; the last one must fit all.
#include "models/stations/dismantling.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace retwin {

void DismantlingRecipes::bind(Binder& binder, const Battery& battery, const std::string& document) {
  recipes_.clear();
  std::vector<std::string> known, names, tools;
  for (const PackModel& model : battery.models) known.push_back(model.name);
  std::string source;
  const Node& node = binder.library(document);
  const auto read = [&](const std::string& name, const Place&, Fields& f) {
    Recipe recipe;
    std::vector<Located> models;
    std::optional<std::int64_t> crew;
    bool damaged = false;
    std::string tool;
    f.names("models", models, "models that it is for; none: all");
    const bool said = f.node() != nullptr && f.node()->find("damaged") != nullptr;
    f.flag("damaged", damaged, "packs that are believed to be damaged, or not to be; not given: both");
    f.quantity("least_soc", recipe.least_soc, dimension::none, Range::share(), "least believed state of charge");
    f.required().quantity("time", recipe.work_s, dimension::time, Range::positive(), "time of the work");
    f.count("crew", crew, {1, 100}, "people that it takes");
    f.text("tools", tool, "where it can be done, for routes");
    for (const Located& model : models) {
      const auto at = std::find(known.begin(), known.end(), model.text);
      if (at != known.end()) recipe.models.push_back(static_cast<int>(at - known.begin()));
      else binder.problems().error(Code::unknown_name, model.place, document + ".recipes." + name, "no such model: " + model.text, nearest(model.text, known));
    }
    recipe.damaged = said ? damaged : -1;
    recipe.crew = static_cast<double>(crew.value_or(1));
    names.push_back(name);
    tools.push_back(tool.empty() ? "any" : tool);
    recipes_.push_back(std::move(recipe));
  };
  if (!node.entries.empty())
    read_fields(node, document, binder.problems(), [&](Fields& f) {
      std::string note, confidence;
      std::int64_t year = 0;
      f.required().text("source", source, "where its times are from");
      f.count("year", year, Range::any(), "year of the source");
      f.text("confidence", confidence, "quality of the source");
      f.map("recipes", read, "in their order: the first that fits is taken");
    });
  if (!recipes_.empty() && (!recipes_.back().models.empty() || recipes_.back().damaged >= 0 || recipes_.back().least_soc > 0))
    binder.problems().error(Code::library, node.place, document, fmt::format("the last recipe, {}, is not for every pack", names.back()),
                            "end with one without models, damaged and least_soc");
  recipe_slot_ = binder.category("label.recipe", names);
  tools_slot_ = binder.category("label.tools", tools);
  work_slot_ = binder.attribute("label.work", dimension::time);
  crew_slot_ = binder.attribute("label.crew", dimension::none);
  soc_slot_ = binder.attribute("label.soc", dimension::none);
  const auto index = [&](int slot, const std::string& name) {
    const std::vector<std::string>& all = binder.categories(slot);
    return static_cast<int>(std::find(all.begin(), all.end(), name) - all.begin());
  };
  for (std::size_t k = 0; k < recipes_.size(); ++k) {
    recipes_[k].name = index(recipe_slot_, names[k]);
    recipes_[k].tools = index(tools_slot_, tools[k]);
  }
}

void DismantlingRecipes::label(Job& job, int input, int model, bool damaged, double soc) const {
  const auto fits = [&](const Recipe& recipe) {
    const bool of_model = recipe.models.empty() || std::find(recipe.models.begin(), recipe.models.end(), model) != recipe.models.end();
    return of_model && (recipe.damaged < 0 || (recipe.damaged > 0) == damaged) && soc >= recipe.least_soc;
  };
  const Recipe& recipe = *std::find_if(recipes_.begin(), recipes_.end() - 1, fits);
  job.set_attribute(input, recipe_slot_, recipe.name);
  job.set_attribute(input, tools_slot_, recipe.tools);
  job.set_attribute(input, work_slot_, recipe.work_s);
  job.set_attribute(input, crew_slot_, recipe.crew);
  job.set_attribute(input, soc_slot_, soc);
}

}  // namespace retwin

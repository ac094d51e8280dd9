// Look-ups in the registry.
#include "core/registry.hpp"

#include <algorithm>
#include <utility>

namespace retwin {

Exporter table_exporter(const std::string& name, const std::string& doc, std::function<Table(const Scenario&, const Results&)> table,
                        std::function<bool(const Scenario&)> applies) {
  const auto text = [table](const Scenario& scenario, const Results& results) { return table(scenario, results).csv(); };
  return {name, name + ".csv", doc, text, table, std::move(applies)};
}

const Exporter* Registry::exporter(const std::string& name) const {
  const auto found = std::find_if(exporters.begin(), exporters.end(), [&](const Exporter& e) { return e.name == name; });
  return found == exporters.end() ? nullptr : &*found;
}

std::vector<std::string> Registry::names_of_tables() const {
  std::vector<std::string> names;
  for (const Exporter& exporter : exporters)
    if (exporter.table) names.push_back(exporter.name);
  return names;
}

}  // namespace retwin

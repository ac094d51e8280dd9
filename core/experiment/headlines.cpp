// Headline figures by their paths, in the order in which they matter.
#include "core/experiment/headlines.hpp"

#include <algorithm>
#include <string_view>

#include "core/experiment/objective.hpp"

namespace retwin {
namespace {

bool begins(std::string_view text, std::string_view with) { return text.substr(0, with.size()) == with; }
bool ends(std::string_view text, std::string_view with) {
  return text.size() >= with.size() && text.substr(text.size() - with.size()) == with;
}

bool is_carbon(const std::string& path) { return begins(path, "per.") && ends(path, ".carbon"); }
bool is_lost(const std::string& path) { return begins(path, "sources.") && ends(path, ".lost_share"); }
/// Paths in an order of their own, each once.
class Chosen {
 public:
  Chosen(const Scenario& scenario, std::size_t most) : known_(figure_paths(scenario)), most_(most) {}
  void add(const std::string& path) {
    add_if([&](const std::string& p) { return p == path; });
  }
  template <class Wanted>
  void add_if(Wanted wanted) {
    for (const std::string& path : known_)
      if (chosen_.size() < most_ && wanted(path) && std::find(chosen_.begin(), chosen_.end(), path) == chosen_.end())
        chosen_.push_back(path);
  }
  std::vector<std::string> take() { return std::move(chosen_); }

 private:
  std::vector<std::string> known_, chosen_;
  std::size_t most_;
};

}  // namespace

std::vector<std::string> headline_figures(const Scenario& scenario) {
  Chosen chosen(scenario, headline_most);
  chosen.add(scenario.objective);
  chosen.add("plant.product_mass");
  chosen.add("plant.throughput");
  chosen.add_if(is_carbon);
  chosen.add("plant.electricity_per_lot");
  chosen.add("plant.cycle_time");
  chosen.add("plant.wip");
  chosen.add_if(is_lost);
  return chosen.take();
}

std::vector<std::string> guarded_figures(const Scenario& scenario) {
  Chosen chosen(scenario, 6);
  chosen.add(scenario.objective);
  chosen.add_if(is_carbon);
  chosen.add("plant.electricity_per_lot");
  return chosen.take();
}

Better better_of(const std::string& path, const std::string& objective) {
  if (path == objective) return Better::more;
  for (const char* more : {"plant.throughput", "plant.product_lots", "plant.product_mass", "plant.rate", "plant.mass_out"})
    if (path == more) return Better::more;
  if (begins(path, "stations.") && ends(path, ".oee")) return Better::more;
  for (const char* less : {"plant.wip", "plant.power", "plant.electricity"})
    if (path == less) return Better::less;
  for (const char* part : {"cycle_time", "lost", "waiting", "carbon", "electricity", "failures"})
    if (path.find(part) != std::string::npos && path.find("carbon_credit") == std::string::npos) return Better::less;
  return begins(path, "per.") && !ends(path, ".mass_per_year") ? Better::less : Better::unknown;
}

std::string figure_name(const std::string& path, const std::string& objective) {
  struct Name {
    const char *path, *name;
  };
  constexpr Name names[] = {{"plant.product_mass", "product mass"},    {"plant.throughput", "products per hour"},
                            {"plant.product_lots", "product lots"},    {"plant.cycle_time", "cycle time"},
                            {"plant.wip", "lots in the plant"},        {"plant.electricity_per_lot", "electricity per lot"}};
  if (path == objective) return "products";
  for (const Name& known : names)
    if (path == known.path) return known.name;
  if (is_carbon(path)) return "carbon per t of " + path.substr(4, path.size() - 4 - 7);
  if (is_lost(path)) return "lots lost of " + path.substr(8, path.size() - 8 - 11);
  return path;
}

}  // namespace retwin

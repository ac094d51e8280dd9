// Reads, derives, checks and applies reactions.
#include "models/materials/reaction.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>

#include <fmt/format.h>

namespace retwin {

namespace {

constexpr double balance_tolerance = 1e-9;  // relative to the mass turned over

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

/// "2 Al" -> 2, Al; "Cu" -> 1, Cu
std::pair<double, std::string> split_term(std::string_view term) {
  double mol = 1;
  term = trimmed(term);
  const auto [end, error] = std::from_chars(term.data(), term.data() + term.size(), mol);
  if (error == std::errc() && end < term.data() + term.size() && *end == ' ')
    term.remove_prefix(static_cast<std::size_t>(end - term.data()));
  else mol = 1;
  return {mol, std::string(trimmed(term))};
}

/// True if the component consists of these elements and nothing else.
bool made_of(const Components& components, int component, std::initializer_list<const char*> elements) {
  double sum = 0;
  for (const char* element : elements) sum += components.share(component, element);
  return components.molar_mass(component) > 0 && std::abs(sum - 1) < balance_tolerance;
}

bool is_olivine(const Components& components, int component) {
  const auto one = [&](const char* element) { return std::abs(components.atoms(component, element) - 1) < balance_tolerance; };
  return made_of(components, component, {"Li", "Fe", "P", "O"}) && one("Li") && one("Fe") && one("P");
}

}  // namespace

void Reaction::add(const Components& components, int component, double mol) {
  if (component < 0 || mol == 0) return;
  terms_.push_back({component, mol, mol * components.molar_mass(component)});
}

void Reaction::add(const Components& components, const std::string& name, double mol) {
  if (mol != 0) add(components, components[name], mol);
}

void Reaction::check(const Components& components, const Place& place, const std::string& path) {
  const Substances& s = components.substances();
  for (std::size_t e = 0; e < s.elements.size(); ++e) {
    double gained = 0, turned = 0;
    for (const Term& term : terms_) {
      const double kg = term.kg * s.fraction[static_cast<std::size_t>(term.component) * s.elements.size() + e];
      gained += kg;
      turned += std::abs(kg);
    }
    if (std::abs(gained) <= balance_tolerance * turned) continue;
    components.binder().problems().error(Code::library, place, path,
                                         fmt::format("the reaction does not balance in {}", s.elements[e]));
    terms_.clear();
    return;
  }
}

Reaction Reaction::parse(const Components& components, const std::string& text, const Place& place, const std::string& path) {
  Reaction out;
  std::string_view rest = text;
  double sign = -1;
  while (!rest.empty()) {
    const std::size_t plus = rest.find(" + "), arrow = rest.find("->");
    const std::size_t cut = std::min(plus, arrow);
    const auto [mol, name] = split_term(rest.substr(0, cut));
    const int component = components.substances().component(name);
    if (component < 0) {
      components.binder().problems().error(Code::library, place, path, fmt::format("no such component: {}", name),
                                           nearest(name, components.substances().components));
      return {};
    }
    out.add(components, component, sign * mol);
    if (cut == std::string_view::npos) break;
    if (cut == arrow) sign = 1;
    rest.remove_prefix(cut + (cut == arrow ? 2 : 3));
  }
  out.check(components, place, path);
  return out;
}

Reaction Reaction::named(const Components& components, const std::string& name) {
  Binder& binder = components.binder();
  const Node& library = binder.library("reactions");
  const Node* all = library.find("reactions");
  const Node* entry = all == nullptr ? nullptr : all->find(name);
  if (entry == nullptr || !entry->is_scalar()) {
    binder.problems().error(Code::library, library.place, "reactions." + name, fmt::format("no such reaction: {}", name));
    return {};
  }
  return parse(components, entry->text, entry->place, "reactions." + name);
}

Reaction Reaction::oxide_leach(const Components& components, int oxide, Reductant reductant) {
  if (!made_of(components, oxide, {"Li", "H", "Ni", "Co", "Mn", "Al", "O"})) return {};
  const auto x = [&](const char* element) { return components.atoms(oxide, element); };
  const double metal = x("Ni") + x("Co") + x("Mn");
  if (metal + x("Al") == 0) return {};
  const double acid = x("Li") / 2 + metal + 1.5 * x("Al");
  const double hydrogen = x("O") - acid - x("H") / 2;  // or peroxide
  if (hydrogen < -balance_tolerance) return {};
  const bool reduced = reductant != Reductant::nothing;
  Reaction out;
  out.add(components, oxide, -1);
  out.add(components, "H2SO4", -acid);
  if (reduced) out.add(components, reductant == Reductant::peroxide ? "H2O2" : "H2", -hydrogen);
  out.add(components, "Li2SO4", x("Li") / 2);
  out.add(components, "NiSO4", x("Ni"));
  out.add(components, "CoSO4", x("Co"));
  out.add(components, "MnSO4", x("Mn"));
  out.add(components, "Al_sulphate", x("Al") / 2);
  out.add(components, "H2O", acid + x("H") / 2 + (reduced ? hydrogen : 0));
  if (reductant != Reductant::hydrogen) out.add(components, "O2", reduced ? hydrogen : hydrogen / 2);
  out.check(components, {}, "leaching of " + components.name(oxide));
  return out;
}

Reaction Reaction::lithium_exchange(const Components& components, int oxide) {
  if (!made_of(components, oxide, {"Li", "Ni", "Co", "Mn", "Al", "O"})) return {};
  const auto x = [&](const char* element) { return components.atoms(oxide, element); };
  const double lithium = x("Li"), metal = x("Ni") + x("Co") + x("Mn") + x("Al");
  const double bare = metal - lithium;  // metal that finds no proton: manganese of a spinel
  if (lithium == 0 || std::abs(x("O") - 2 * metal) > balance_tolerance || bare < -balance_tolerance || bare > x("Mn")) return {};
  Reaction out;
  out.add(components, oxide, -1);
  out.add(components, "H2SO4", -lithium / 2);
  out.add(components, "Li2SO4", lithium / 2);
  out.add(components, "NiOOH", x("Ni"));
  out.add(components, "CoOOH", x("Co"));
  out.add(components, "AlOOH", x("Al"));
  out.add(components, "MnOOH", x("Mn") - std::max(0.0, bare));
  if (bare > balance_tolerance) out.add(components, "MnO2", bare);
  out.check(components, {}, "exchange of the lithium of " + components.name(oxide));
  return out;
}

Reaction Reaction::phosphate_leach(const Components& components, int phosphate) {
  if (!is_olivine(components, phosphate)) return {};
  Reaction out;
  out.add(components, phosphate, -1);
  out.add(components, "H2SO4", -0.5);
  out.add(components, "H2O2", -0.5);
  out.add(components, "Li2SO4", 0.5);
  out.add(components, "FePO4", 1);
  out.add(components, "H2O", 1);
  out.check(components, {}, "leaching of " + components.name(phosphate));
  return out;
}

Reaction Reaction::phosphate_dissolution(const Components& components, int phosphate) {
  if (!is_olivine(components, phosphate)) return {};
  Reaction out;
  out.add(components, phosphate, -1);
  out.add(components, "H2SO4", -1.5);
  out.add(components, "Li2SO4", 0.5);
  out.add(components, "FeSO4", 1);
  out.add(components, "H3PO4", 1);
  out.check(components, {}, "dissolution of " + components.name(phosphate));
  return out;
}

Reaction Reaction::combustion(const Components& components, int fuel) {
  if (!made_of(components, fuel, {"C", "H", "O", "F"})) return {};
  const auto n = [&](const char* element) { return components.atoms(fuel, element); };
  const double water = (n("H") - n("F")) / 2;
  const double oxygen = n("C") + water / 2 - n("O") / 2;
  if (n("C") == 0 || water < -balance_tolerance || oxygen <= 0) return {};
  Reaction out;
  out.add(components, fuel, -1);
  out.add(components, "O2", -oxygen);
  out.add(components, "CO2", n("C"));
  out.add(components, "H2O", water > balance_tolerance ? water : 0);
  out.add(components, "HF", n("F"));
  out.check(components, {}, "combustion of " + components.name(fuel));
  return out;
}

double Reaction::coefficient(int component) const {
  double mol = 0;
  for (const Term& term : terms_)
    if (term.component == component) mol += term.mol;
  return mol;
}

double Reaction::limit(const Material& material) const {
  if (terms_.empty()) return 0;
  double extent = std::numeric_limits<double>::infinity();
  for (const Term& term : terms_)
    if (term.kg < 0) extent = std::min(extent, material[term.component] / -term.kg);
  return std::isfinite(extent) ? extent : 0;
}

void Reaction::apply(std::vector<double>& kg) const {
  double extent = std::numeric_limits<double>::infinity();
  for (const Term& term : terms_)
    if (term.kg < 0) extent = std::min(extent, kg[static_cast<std::size_t>(term.component)] / -term.kg);
  if (!std::isfinite(extent)) return;
  for (const Term& term : terms_) {
    double& have = kg[static_cast<std::size_t>(term.component)];
    have = std::max(0.0, have + term.kg * extent);
  }
}

double Reaction::apply(Job& job, Material& material, double extent) const {
  extent = std::min(extent, limit(material));
  if (!(extent > 0)) return 0;
  for (const Term& term : terms_) job.transmute(material, term.component, term.kg * extent);
  return extent;
}

}  // namespace retwin

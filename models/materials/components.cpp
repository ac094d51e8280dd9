// Reads the component library into the substances of a plant, and answers questions about components.
#include "models/materials/components.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "models/materials/formula.hpp"

namespace retwin {

namespace {

constexpr const char* phases[] = {"solid", "dissolved", "liquid", "gas"};
constexpr const char* parts[] = {"none", "cell", "module", "pack"};

/// One component as the library writes it.
struct Entry {
  std::string name, formula, group, source, confidence;
  std::map<std::string, double> elements;
  Phase phase = Phase::solid;
  PackPart part = PackPart::no_part;
  Place place;
};

void origin(Fields& f, std::string& source, std::string& confidence) {
  std::int64_t year = 0;
  f.text("source", source, "where the figures come from");
  f.count("year", year, Range::any(), "year of the source");
  f.text("confidence", confidence, "high, medium, low or estimate");
}

class Reader {
 public:
  Reader(Library& library, Problems& problems) : library_(library), problems_(problems) {}

  Substances read() {
    read_elements();
    read_components();
    std::vector<std::string> names = library_.list("chemistries");
    std::sort(names.begin(), names.end());
    for (const std::string& name : names) read_cathode(name.substr(name.rfind('/') + 1));
    return std::move(out_);
  }

 private:
  void read_elements() {
    const Node* doc = library_.document("elements", {}, problems_);
    if (doc == nullptr) return;
    std::string source, confidence, undeclared;
    read_fields(*doc, "elements", problems_, [&](Fields& f) {
      origin(f, source, confidence);
      f.map(
          "atomic_weights",
          [&](const std::string& symbol, const Place&, Fields& each) {
            double& weight = weights_[symbol];
            each.required().quantity("value", weight, dimension::none, Range::positive(), "standard atomic weight [g/mol]");
            out_.elements.push_back(symbol);
          },
          "standard atomic weights [g/mol]", "value");
      f.text("undeclared", undeclared, "stands for undeclared elements of mixtures");
    });
    if (!undeclared.empty()) out_.elements.push_back(undeclared);
  }

  void read_components() {
    const Node* doc = library_.document("components", {}, problems_);
    if (doc == nullptr) return;
    std::string source, confidence;
    read_fields(*doc, "components", problems_, [&](Fields& f) {
      origin(f, source, confidence);
      f.map(
          "components",
          [&](const std::string& name, const Place& place, Fields& each) {
            Entry entry;
            entry.name = name;
            entry.place = place;
            each.text("formula", entry.formula, "chemical formula");
            each.map(
                "elements",
                [&](const std::string& symbol, const Place&, Fields& share) {
                  share.required().quantity("share", entry.elements[symbol], dimension::none, Range::share(), "mass share");
                },
                "mass shares of elements, for mixtures", "share");
            each.required().text("group", entry.group, "what it is: a row of a partition matrix may name the group");
            each.choice("part", entry.part, parts, "where it sits in a battery");
            each.choice("phase", entry.phase, phases, "its state in a process slurry");
            origin(each, entry.source, entry.confidence);
            add(entry);
          },
          "components by name");
    });
  }

  void read_cathode(const std::string& chemistry) {
    const Node* doc = library_.document("chemistries/" + chemistry, {}, problems_);
    if (doc == nullptr) return;
    const Node* cathode = doc->find("cathode");
    const Node* formula = cathode == nullptr ? nullptr : cathode->find("formula");
    if (formula == nullptr || !formula->is_scalar()) {
      problems_.error(Code::library, doc->place, "chemistries/" + chemistry, "the chemistry has no cathode with a formula",
                      "write cathode: {formula: LiFePO4}");
      return;
    }
    Entry entry;
    entry.name = chemistry;
    entry.formula = formula->text;
    entry.place = formula->place;
    add(entry);
  }

  void add(const Entry& entry) {
    const std::string path = "components." + entry.name;
    if (out_.component(entry.name) >= 0) {
      problems_.error(Code::library, entry.place, path, fmt::format("the component {} exists twice", entry.name));
      return;
    }
    std::vector<double> kg(out_.elements.size());  // per mol, or per kg of a mixture
    const auto put = [&](const std::string& symbol, double amount) {
      const auto found = std::find(out_.elements.begin(), out_.elements.end(), symbol);
      if (found == out_.elements.end())
        problems_.error(Code::library, entry.place, path, fmt::format("no such element: {}", symbol));
      else kg[static_cast<std::size_t>(found - out_.elements.begin())] += amount;
    };
    if (!entry.formula.empty()) {
      std::string why;
      const std::optional<Formula> formula = parse_formula(entry.formula, &why);
      if (!formula) {
        problems_.error(Code::library, entry.place, path, fmt::format("\"{}\" is not a formula: {}", entry.formula, why));
        return;
      }
      for (const auto& [symbol, atoms] : *formula) put(symbol, atoms * weights_[symbol] * 1e-3);
    } else {
      for (const auto& [symbol, share] : entry.elements) put(symbol, share);
    }
    double total = 0;
    for (double m : kg) total += m;
    if (entry.formula.empty() && std::abs(total - 1) > 1e-9)
      problems_.error(Code::library, entry.place, path, "a component needs a formula, or element shares that sum to 1");
    if (!(total > 0)) return;
    out_.components.push_back(entry.name);
    out_.molar_mass.push_back(entry.formula.empty() ? 0 : total);
    for (double m : kg) out_.fraction.push_back(m / total);
  }

  Library& library_;
  Problems& problems_;
  Substances out_;
  std::map<std::string, double> weights_;
};

template <class Enum, std::size_t N>
Enum named(const Node* node, const char* const (&names)[N], Enum otherwise) {
  if (node == nullptr) return otherwise;
  const auto found = std::find(std::begin(names), std::end(names), node->text);
  return found == std::end(names) ? otherwise : static_cast<Enum>(found - std::begin(names));
}

}  // namespace

Substances read_substances(Library& library, Problems& problems) { return Reader(library, problems).read(); }

Components::Components(Binder& binder) : binder_(&binder), substances_(&binder.substances()), info_(substances_->size()) {
  const Node* entries = binder.library("components").find("components");
  for (std::size_t c = 0; c < info_.size(); ++c) {
    const Node* entry = entries == nullptr ? nullptr : entries->find(substances_->components[c]);
    if (entry == nullptr) {
      info_[c].group = "cathode";
      cathodes_.push_back(static_cast<int>(c));
      continue;
    }
    if (const Node* group = entry->find("group")) info_[c].group = group->text;
    info_[c].phase = named(entry->find("phase"), phases, Phase::solid);
    info_[c].part = named(entry->find("part"), parts, PackPart::no_part);
  }
  const Node* weights = binder.library("elements").find("atomic_weights");
  for (const std::string& element : substances_->elements) {
    const Node* weight = weights == nullptr ? nullptr : weights->find(element);
    const std::optional<Quantity> g = weight == nullptr ? std::nullopt : parse_quantity(weight->text);
    atomic_mass_.push_back(g ? g->value * 1e-3 : 0);
  }
}

double Components::share(int component, std::string_view element) const {
  const auto& elements = substances_->elements;
  const auto found = std::find(elements.begin(), elements.end(), element);
  if (found == elements.end()) return 0;
  return substances_->fraction[at(component) * elements.size() + static_cast<std::size_t>(found - elements.begin())];
}

double Components::atoms(int component, std::string_view element) const {
  const double of = share(component, element);
  if (of == 0) return 0;
  const auto& elements = substances_->elements;
  const auto e = static_cast<std::size_t>(std::find(elements.begin(), elements.end(), element) - elements.begin());
  return atomic_mass_[e] > 0 ? of * molar_mass(component) / atomic_mass_[e] : 0;
}

std::vector<std::string> Components::chemistries() const {
  std::vector<std::string> names;
  for (int c : cathodes_) names.push_back(name(c));
  return names;
}

}  // namespace retwin

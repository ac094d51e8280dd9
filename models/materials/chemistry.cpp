// Reads bills of materials and pack models.
#include "models/materials/chemistry.hpp"

#include <fmt/format.h>

#include <cmath>

namespace retwin {

namespace {

/// Fields that say where a document or entry comes from; read so that they are known, not used in the run.
void origin(Fields& f) {
  std::string source, confidence;
  std::int64_t year = 0;
  f.text("source", source, "where the figures come from");
  f.count("year", year, Range::any(), "year of the source");
  f.text("confidence", confidence, "high, medium, low or estimate");
}

/// Mass shares by component name, `alias` standing for component `of`; unknown names are problems.
void shares_field(Fields& f, const char* name, const Components& components, const std::string& of, std::vector<double>& shares) {
  f.map(
      name,
      [&](const std::string& key, const Place& place, Fields& each) {
        double share = 0;
        each.required().quantity("share", share, dimension::none, Range::share(), "mass share");
        const std::string& component = key == "cathode" ? of : key;
        const int c = components.substances().component(component);
        if (c >= 0) shares[static_cast<std::size_t>(c)] += share;
        else
          components.binder().problems().error(Code::library, place, each.path(), fmt::format("no such component: {}", component),
                                               nearest(component, components.substances().components));
      },
      "mass shares", "share");
}

constexpr double rounded = 0.005;  ///< by which published percentages may miss their sum: 99.8 to 100.2 % occur

/// Scales shares to a sum of 1, and refuses those whose sum no rounding explains.
void normalise(std::vector<double>& shares, Binder& binder, const Node& at, const std::string& path) {
  double total = 0;
  for (double s : shares) total += s;
  if (std::abs(total - 1) > rounded)
    binder.problems().error(Code::library, at.place, path, fmt::format("the shares sum to {:.6g}, not to 1", total),
                            "rounded shares are scaled to 1, but this is more than rounding");
  for (double& s : shares) s /= total > 0 ? total : 1;
}

const char* year_of(Bill bill) { return bill_names[static_cast<int>(bill == Bill::by_vintage ? Bill::y2019 : bill)]; }

void missing(Binder& binder, const Node& at, const std::string& path, const std::string& what) {
  binder.problems().error(Code::library, at.place, path, "the library has no " + what);
}

}  // namespace

CellBill read_cell(const Components& components, const std::string& chemistry, Bill bill) {
  Binder& binder = components.binder();
  CellBill out{std::vector<double>(components.size()), 0};
  const std::string document = "chemistries/" + chemistry;
  const Node& doc = binder.library(document);
  const Node* bills = doc.find("bills");
  const Node* node = bills == nullptr ? nullptr : bills->find(year_of(bill));
  const std::string path = document + ".bills." + year_of(bill);
  if (node == nullptr) {
    missing(binder, doc, path, "such bill of materials");
    return out;
  }
  double energy_J = 0;
  read_fields(*node, path, binder.problems(), [&](Fields& f) {
    origin(f);
    f.required().quantity("cell_mass", out.mass_kg, dimension::mass, Range::positive(), "mass of a cell");
    f.quantity("cell_energy", energy_J, dimension::energy, Range::positive(), "energy of a cell as new");
    shares_field(f.required(), "shares", components, chemistry, out.shares);
  });
  normalise(out.shares, binder, *node, path + ".shares");
  return out;
}

double read_specific_energy(const Components& components, const std::string& chemistry) {
  Binder& binder = components.binder();
  const Node& doc = binder.library("chemistries/" + chemistry);
  const Node* node = doc.find("specific_energy");
  double value = 0;
  if (node == nullptr) return missing(binder, doc, "chemistries/" + chemistry, "specific energy"), 0;
  read_fields(*node, "chemistries/" + chemistry + ".specific_energy", binder.problems(), [&](Fields& f) {
    origin(f);
    f.required().quantity("value", value, dimension::specific_energy, Range::positive(), "cell energy per mass");
  });
  return value;
}

std::vector<double> read_pack(const Components& components, const std::string& chemistry, Bill bill) {
  Binder& binder = components.binder();
  std::vector<double> shares(components.size());
  const Node& doc = binder.library("packs/structure");
  const Node* bills = doc.find("bills");
  const Node* year = bills == nullptr ? nullptr : bills->find(year_of(bill));
  const Node* node = year == nullptr ? nullptr : year->find(chemistry);
  if (node == nullptr && year != nullptr) node = year->find("any");
  const std::string path = std::string("packs/structure.bills.") + year_of(bill) + "." + chemistry;
  if (node == nullptr || !node->is_map()) {
    missing(binder, doc, path, "such pack structure");
    return shares;
  }
  double cells = 0;
  Node hardware = *node;
  if (const Node* share = hardware.find("cells")) {
    cells = parse_quantity(share->text).value_or(Quantity{}).value;
    hardware.erase("cells");
  }
  Node wrapped = Node::map(node->place);
  wrapped.at("parts") = hardware;
  read_fields(wrapped, path, binder.problems(), [&](Fields& f) { shares_field(f, "parts", components, chemistry, shares); });
  const CellBill cell = read_cell(components, chemistry, bill);
  for (std::size_t c = 0; c < shares.size(); ++c) shares[c] += cells * cell.shares[c];
  normalise(shares, binder, *node, path);
  return shares;
}

std::vector<PackModel> read_models(Binder& binder, const std::string& document) {
  std::vector<PackModel> models;
  const Node& doc = binder.library(document);
  if (doc.is_null() || doc.entries.empty()) return models;
  read_fields(doc, document, binder.problems(), [&](Fields& f) {
    origin(f);
    f.required().map(
        "models",
        [&](const std::string& name, const Place&, Fields& each) {
          PackModel m;
          m.name = name;
          each.required().text("chemistry", m.chemistry, "chemistry of the cells");
          each.required().quantity("mass", m.mass_kg, dimension::mass, Range::positive(), "mean mass of a pack");
          each.quantity("mass_sd", m.mass_sd_kg, dimension::mass, Range::non_negative(), "spread of the mass");
          each.required().quantity("energy", m.energy_J, dimension::energy, Range::positive(), "capacity as new");
          each.required().count("modules", m.modules, {1, 1000}, "modules in a pack");
          each.quantity("life_shape", m.life_shape, dimension::none, Range::positive(), "Weibull shape of the service life");
          each.quantity("life_scale", m.life_scale_s, dimension::time, Range::positive(), "Weibull scale of the service life");
          models.push_back(m);
        },
        "models by name");
  });
  return models;
}

PackModel read_generic(Binder& binder, const std::string& chemistry) {
  PackModel m;
  m.name = chemistry + "_pack";
  m.chemistry = chemistry;
  const Node& doc = binder.library("chemistries/" + chemistry);
  const Node* node = doc.find("pack");
  const std::string path = "chemistries/" + chemistry + ".pack";
  if (node == nullptr) {
    missing(binder, doc, path, "pack of this chemistry");
    return m;
  }
  read_fields(*node, path, binder.problems(), [&](Fields& f) {
    origin(f);
    f.required().quantity("mass", m.mass_kg, dimension::mass, Range::positive(), "mass of a pack");
    f.required().quantity("energy", m.energy_J, dimension::energy, Range::positive(), "capacity as new");
    f.required().count("modules", m.modules, {1, 1000}, "modules in a pack");
  });
  return m;
}

}  // namespace retwin

// Reads tables of particles, makes their size classes, and finds the row of each component.
#include "models/stations/particles.hpp"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

namespace retwin {
namespace {

constexpr double smallest_m = 1e-6;
constexpr int classes = 112, classes_per_octave = 4;  // up to 0.27 m
constexpr double least_share = 1e-9;                  // of a class that counts

}  // namespace

double settling_velocity(double size_m, double density_kg_per_m3, double thickness_m) {
  constexpr double g = 9.81, air_density = 1.2, air_viscosity = 1.5e-5;  // [m/s2], [kg/m3], [m2/s]
  constexpr double c1 = 18, c2 = 1;
  const double r = std::max(0.0, density_kg_per_m3 / air_density - 1) * std::min(1.0, thickness_m / size_m);
  return r * g * size_m * size_m / (c1 * air_viscosity + std::sqrt(0.75 * c2 * r * g * size_m * size_m * size_m));
}

void Particles::fields(Fields& f, Told by) {
  const auto needs = [by](Told what) { return by == what || by == Told::all; };
  f.required().quantity("size", size_m, dimension::length, Range::positive(),
                        "size that all are coarser than but 63.2 % by mass");
  f.quantity("spread", spread, dimension::none, Range::positive(),
             "exponent of Rosin-Rammler, larger is narrower; without it all are of one size");
  if (needs(Told::settling)) {
    f.required().quantity("density", density_kg_per_m3, dimension::mass / dimension::volume, Range::positive(),
                          "density of a piece");
    f.quantity("thickness", thickness_m, dimension::length, Range::positive(),
               "of flakes; without it pieces are as thick as they are long");
  }
  if (needs(Told::magnetism))
    f.quantity("magnetic", magnetic, dimension::none, Range::share(), "share of the large ones that a magnet picks up");
  if (needs(Told::conductivity))
    f.quantity("throw", thrown, dimension::none, {0, 100},
               "how far an eddy current throws large ones, that of aluminium being 1");
}

void Particles::classify() {
  sizes_m.clear(), share.clear(), settling_m_per_s.clear();
  const auto add = [&](double size, double mass) {
    sizes_m.push_back(size);
    share.push_back(mass);
    settling_m_per_s.push_back(
        settling_velocity(size, density_kg_per_m3, thickness_m.value_or(std::numeric_limits<double>::infinity())));
  };
  if (!spread) return add(size_m, 1);
  const auto edge = [](int k) { return smallest_m * std::exp2(static_cast<double>(k) / classes_per_octave); };
  const auto coarser = [&](int k) { return k == 0 ? 1 : k == classes ? 0 : std::exp(-std::pow(edge(k) / size_m, *spread)); };
  for (int k = 0; k < classes; ++k)
    if (const double mass = coarser(k) - coarser(k + 1); mass > least_share) add(std::sqrt(edge(k) * edge(k + 1)), mass);
  double sum = 0;
  for (const double mass : share) sum += mass;
  for (double& mass : share) mass /= sum;
}

void ParticleTable::fields(Fields& f) {
  f.text("particles", document_, "library document with sizes, densities and shapes by component");
  f.map(
      "rows", own_, [this](Particles& row, Fields& g) { row.fields(g, by_); },
      "rows that replace those of the document, by component or group: {copper: {size: 8 mm, ...}}");
}

void ParticleTable::bind(const Components& components) {
  Binder& binder = components.binder();
  check_own(components);
  rows_ = own_;  // which are found first
  const Node& document = binder.library(document_);
  if (document.place.file.empty()) return;  // a missing one has been reported
  std::vector<Particles> read;
  read_fields(document, document_, binder.problems(), [&](Fields& f) {
    std::string source, confidence, note;
    std::int64_t year = 0;
    f.text("source", source, "where the figures come from");
    f.count("year", year, Range::any(), "year of the source");
    f.text("confidence", confidence, "high, medium, low or estimate");
    f.required().map(
        "rows", read,
        [&note](Particles& row, Fields& g) {
          row.fields(g, Told::all);
          g.text("note", note, "where the figures come from");
        },
        "rows by component or group");
  });
  rows_.insert(rows_.end(), read.begin(), read.end());
  for (Particles& row : rows_) row.classify();
  find_rows(components, document.place);
  stayed_ = {binder.attribute("sieved.above", dimension::length), binder.attribute("sieved.above_sharpness", dimension::none)};
  fell_ = {binder.attribute("sieved.below", dimension::length), binder.attribute("sieved.below_sharpness", dimension::none)};
}

void ParticleTable::check_own(const Components& components) const {
  Binder& binder = components.binder();
  std::vector<std::string> names = components.substances().components;
  for (std::size_t c = 0; c < components.size(); ++c) names.push_back(components.group(static_cast<int>(c)));
  names.emplace_back("other");
  for (const Particles& row : own_) {
    if (std::find(names.begin(), names.end(), row.name) != names.end()) continue;
    const std::string near = nearest(row.name, names);
    binder.problems().error(
        Code::unknown_name, row.place, binder.path() + ".rows." + row.name, "no component and no group is called " + row.name,
        near.empty() ? "rows are by the names of the library's components and their groups" : "did you mean " + near + "?");
  }
}

void ParticleTable::find_rows(const Components& components, const Place& place) {
  std::vector<std::string> missing;
  row_of_.clear();
  for (int c = 0; c < static_cast<int>(components.size()); ++c) {
    auto found = rows_.end();
    for (const std::string& name : {components.name(c), components.group(c), std::string("other")})
      if (found == rows_.end())
        found = std::find_if(rows_.begin(), rows_.end(), [&](const Particles& row) { return row.name == name; });
    if (found == rows_.end()) missing.push_back(components.name(c));
    row_of_.push_back(found == rows_.end() ? 0 : static_cast<std::size_t>(found - rows_.begin()));
  }
  if (missing.empty()) return;
  constexpr std::size_t told = 5;
  const std::size_t others = missing.size() > told ? missing.size() - told : 0;
  missing.resize(missing.size() - others);
  components.binder().problems().error(Code::library, place, document_,
                                       fmt::format("no size distribution of {}{}", fmt::join(missing, ", "),
                                                   others > 0 ? fmt::format(" and {} others", others) : ""),
                                       "a row `other` serves all that have none of their own");
}

double ParticleTable::left(const Job& job, int input, double size_m) const {
  double share = 1;
  if (const double cut = job.attribute(input, stayed_.size); cut > 0)
    share *= partition_curve(size_m, cut, job.attribute(input, stayed_.sharpness));
  if (const double cut = job.attribute(input, fell_.size); cut > 0)
    share *= 1 - partition_curve(size_m, cut, job.attribute(input, fell_.sharpness));
  return share;
}

}  // namespace retwin

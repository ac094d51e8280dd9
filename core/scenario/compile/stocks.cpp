// Compiling what lots carry and is read at regular times.
#include <fmt/format.h>

#include <algorithm>

#include "core/scenario/compile/compiler.hpp"

namespace retwin {

Stock Compiler::stock(const StockSpec& spec) {
  const std::string path = "stocks." + spec.name;
  Stock out;
  out.name = spec.name;
  out.note = spec.note;
  out.estimate = spec.estimate;
  out.every_s = spec.every_s;
  if (spec.of.empty() == spec.components.empty())
    problems_.error(spec.of.empty() ? Code::missing : Code::conflict, spec.place, path, "a stock is told by `of` or by `components`", "write for instance {of: soc * capacity, unit: MWh}");
  Quantity unit{1, spec.components.empty() ? dimension::none : dimension::mass};
  out.unit = spec.components.empty() ? "1" : "kg";
  if (!spec.unit.empty()) {
    std::string why;
    const std::optional<Quantity> given = parse_unit(spec.unit.text, &why);
    if (!given) problems_.error(Code::unit, spec.unit.place, path + ".unit", why, "write for instance MWh");
    else unit = *given, out.unit = spec.unit.text;
  }
  out.unit_factor = unit.value;
  if (!spec.of.empty()) out.of = expression(spec.of, Expression::Result::number, unit.dimension, path + ".of");
  if (out.of && std::find(out.of->slots().begin(), out.of->slots().end(), static_cast<int>(Builtin::visits)) != out.of->slots().end())
    problems_.error(Code::expression, spec.of.place, path + ".of", "visits is of a station, and says nothing of a stock", "use attributes, mass, count, contents, age and kind");
  if (!spec.components.empty()) {
    if (!(unit.dimension == dimension::mass)) problems_.error(Code::unit, spec.unit.place, path + ".unit", "components are told as mass", "write kg or t");
    if (plant_->n_components == 0) problems_.error(Code::conflict, spec.place, path, "the lots of this plant have no masses", "tell it by `of`");
    out.per_kg.assign(plant_->n_components, 0.0);
    for (const auto& [name, per_kg] : spec.components) {
      const int c = plant_->substances.component(name.text);
      if (c >= 0 && plant_->n_components > 0) out.per_kg[static_cast<std::size_t>(c)] = per_kg;
      else problems_.error(Code::unknown_name, name.place, path + ".components." + name.text, "no such component", did_you_mean(name.text, plant_->substances.components));
    }
  }
  if (!spec.most.empty()) {
    std::string why = "it is of another dimension than the unit";
    const std::optional<Quantity> most = parse_quantity(spec.most.text, &why);
    if (most && most->dimension == unit.dimension) out.most = most->value;
    else problems_.error(Code::unit, spec.most.place, path + ".most", fmt::format("\"{}\": {}", spec.most.text, why), "write for instance 40 MWh");
  }
  for (const Located& name : spec.stations)
    if (const Index k = station_index(name, path + ".stations"); k != none) out.stations.push_back(k);
  return out;
}

}  // namespace retwin

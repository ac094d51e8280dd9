// Compiling tanks, once everybody has said which flows he doses.
#include <algorithm>
#include <limits>

#include "core/scenario/compile/compiler.hpp"

namespace retwin {

void Compiler::compile_tanks() {
  std::stable_sort(specs_.tanks.begin(), specs_.tanks.end(), [](const TankSpec& a, const TankSpec& b) { return a.name < b.name; });
  for (const TankSpec& spec : specs_.tanks) compile_tank(spec);
  for (Tank& tank : plant_->tanks) {  // all of them are known only now
    if (tank.to != none && plant_->sinks[tank.to].tank != none)
      problems_.error(Code::route, tank.place, "tanks." + tank.name + ".to", plant_->sinks[tank.to].name + " is a tank itself", "name a sink");
    for (const Tank& other : plant_->tanks)
      if (&other < &tank && other.flow == tank.flow && other.component == tank.component)
        problems_.error(Code::conflict, tank.place, "tanks." + tank.name + ".flow", "the tank " + other.name + " already stands for this flow",
                        "let one tank take what both would");
  }
  for (const Station& station : plant_->stations)
    if (station.lap_sink != none && plant_->sinks[station.lap_sink].tank != none)
      problems_.error(Code::conflict, station.place, "stations." + station.name + ".completes", "a lap is a product, and its lot goes on: no tank holds it",
                      "name a sink");
}

void Compiler::compile_tank(const TankSpec& spec) {
  const std::string path = "tanks." + spec.name;
  Tank tank;
  tank.name = spec.name;
  tank.place = spec.place;
  tank.sink = find_sink(spec.name);
  tank.stream = stream_id("tank " + spec.name);
  tank.kind = static_cast<Index>(kind(spec.name, true));
  tank.capacity_kg = spec.capacity_kg.value_or(std::numeric_limits<double>::infinity());
  tank.bleed = spec.bleed;
  const auto known = names_of(plant_->flows);
  const auto flow = std::find(known.begin(), known.end(), spec.flow.text);
  if (!spec.flow.empty() && flow == known.end()) {
    problems_.error(Code::unknown_name, spec.flow.place, path + ".flow", "nothing in this plant meters a flow " + spec.flow.text, did_you_mean(spec.flow.text, known));
  } else if (!spec.flow.empty()) {
    tank.flow = static_cast<Index>(flow - known.begin());
    if (!(plant_->flows[tank.flow].dimension == dimension::mass))
      problems_.error(Code::conflict, spec.flow.place, path + ".flow", spec.flow.text + " is metered as " + describe(plant_->flows[tank.flow].dimension) + ": no mass is dosed of it");
    for (const auto& [dosed, station] : dosed_)
      if (dosed == tank.flow && std::find(tank.drawn_by.begin(), tank.drawn_by.end(), station) == tank.drawn_by.end()) tank.drawn_by.push_back(station);
  }
  if (!substances_loaded_) {
    problems_.error(Code::conflict, spec.place, path, "the lots of this plant have no masses, so that a tank holds nothing",
                    "give the lots of a source a chemistry, or leave the tank out");
  } else if (!spec.component.empty()) {
    const Substances& s = plant_->substances;
    tank.component = std::max(0, s.component(spec.component.text));
    if (s.size() > 0 && s.component(spec.component.text) < 0)
      problems_.error(Code::library, spec.component.place, path + ".component", "the library has no component " + spec.component.text,
                      did_you_mean(spec.component.text, s.components));
    for (std::size_t e = 0; e < s.elements.size() && s.size() > 0; ++e)
      if (s.fraction[static_cast<std::size_t>(tank.component) * s.elements.size() + e] == 0) tank.elements.push_back(e);
  }
  if (!spec.to.empty()) {
    tank.to = find_sink(spec.to.text);
    if (tank.to == none)
      problems_.error(Code::route, spec.to.place, path + ".to", "there is no sink " + spec.to.text, did_you_mean(spec.to.text, names_of(plant_->sinks)));
  } else if ((spec.bleed > 0 || spec.capacity_kg) && !reported(path, {"to", "bleed", "capacity"})) {
    problems_.error(Code::missing, spec.place, path + ".to", "something is let out of this tank, and has nowhere to go", "name a sink: to: discharge");
  }
  if (!plant_->tanks.empty()) tank.first_level = plant_->tanks.back().first_level + 1 + plant_->tanks.back().elements.size();
  plant_->sinks[tank.sink].tank = static_cast<Index>(plant_->tanks.size());
  plant_->tanks.push_back(std::move(tank));
}

}  // namespace retwin

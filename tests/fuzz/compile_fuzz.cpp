// Fuzz harness of scenarios: text to document, plant and a short run. Problems are told, nothing else may happen.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/flow/engine/simulation.hpp"
#include "core/scenario/document/document.hpp"
#include "core/scenario/scenario.hpp"
#include "models/models.hpp"

using namespace retwin;

namespace {

const Registry& registry() {
  static const Registry all = [] {
    Registry made;
    register_basic_operations(made);
    register_models(made);
    return made;
  }();
  return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  Problems problems;
  const auto document = read_yaml(text, "fuzz.yaml", problems);
  if (!document) return 0;
  try {
    const Scenario scenario = compile_scenario(*document, "fuzz.yaml", registry(), {RETWIN_SOURCE_DIR "/scenarios/library"});
    Simulation simulation(scenario.plant, scenario.run.seed, 0, scenario.changes);
    for (double until_s = 60; until_s <= 86400 && simulation.state().accounts.events < 50000; until_s *= 2) simulation.advance(until_s);
  } catch (const InputError&) {
  } catch (const RunError&) {
  }
  return 0;
}

// Fuzz harness of saved states: the bytes are patches of a sound state, which is then read and gone on from, or refused. Each patch takes
// 13 bytes: where (4), how many bytes (1), what (8); so the corpus stays one whatever the format of states is.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>

#include "core/base/files.hpp"
#include "core/flow/engine/simulation.hpp"
#include "core/flow/state/snapshot.hpp"
#include "core/scenario/scenario.hpp"
#include "models/models.hpp"

using namespace retwin;

namespace {

constexpr std::size_t head = 24;  // magic, format and length of the structure
constexpr std::size_t record = 13;

struct Base {
  std::shared_ptr<const Plant> plant, other;
  std::string content;  ///< of the state, without its checksum
  Base() {
    Registry registry;
    register_basic_operations(registry);
    register_models(registry);
    const auto load = [&](const std::string& name) {
      return load_scenario(RETWIN_SOURCE_DIR "/scenarios/plants/" + name, registry, {}, {RETWIN_SOURCE_DIR "/scenarios/library"}).plant;
    };
    plant = load("job_shop.yaml");
    other = load("small.yaml");
    Simulation simulation(plant, 1);
    simulation.advance(20 * 3600.0);
    content = save_state(simulation.state(), *plant);
    content.resize(content.size() - 64);
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Base base;
  std::string bytes = base.content;
  for (; size >= record; data += record, size -= record) {
    std::uint32_t at = 0;
    std::memcpy(&at, data, sizeof at);
    std::memcpy(bytes.data() + head + at % (bytes.size() - head - 8), data + 5, std::min<std::size_t>(8, data[4]));
  }
  bytes += sha256_hex(bytes);
  for (const auto& plant : {base.plant, base.other}) {
    try {
      LoadedState loaded = read_state(bytes, "fuzz.state");
      const bool same = differences(loaded.structure, structure_of(*plant)).empty();
      if (same) loaded.state.structure_hash = plant->structure_hash;
      Simulation simulation(plant, same ? std::move(loaded.state) : rebase(loaded.state, loaded.structure, *plant));
      simulation.advance(simulation.now() + 3600);
    } catch (const InputError&) {
      if (bytes.compare(0, base.content.size(), base.content) == 0 && plant == base.plant) __builtin_trap();  // unpatched it is sound
    } catch (const RunError&) {
    }
  }
  return 0;
}

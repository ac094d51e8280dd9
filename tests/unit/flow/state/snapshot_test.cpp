// Sections of saved states: what travels beside a state comes back, and what contradicts itself is refused.
#include <doctest/doctest.h>

#include "core/base/files.hpp"
#include "core/base/problem.hpp"
#include "core/flow/state/snapshot.hpp"
#include "tests/laws/plants.hpp"

namespace retwin::snapshot_test {
using namespace plants;

namespace {

const char* const desk = "sources: {s: {every: 1 min, to: desk}}\nstations: {desk: {duration: {exponential: 50 s}, to: out}}\nsinks: [out]\n";

Simulation after(const Scenario& scenario, double seconds) {
  Simulation s = start(scenario);
  s.advance(seconds);
  return s;
}

/// With a fresh checksum.
std::string signed_again(std::string bytes) {
  bytes.resize(bytes.size() - 64);
  return bytes + sha256_hex(bytes);
}

bool refused(const std::string& bytes) {
  try {
    read_state(bytes, "file");
  } catch (const InputError& e) {
    return e.problems().front().code == Code::state;
  }
  return false;
}

}  // namespace

TEST_CASE("sections travel with a state, whatever is in them") {
  const Scenario scenario = compile(desk);
  const Simulation s = after(scenario, 5 * hour);
  const std::string hostile("\0RETWIN-STATE\xff", 14);
  const Sections more{{"footprints", hostile}, {"", "of no name"}, {"empty", ""}};
  const LoadedState loaded = read_state(save_state(s.state(), *scenario.plant, more), "file");
  CHECK(loaded.sections == more);
  CHECK(state_digest(loaded.state, *scenario.plant) == state_digest(s.state(), *scenario.plant));
  CHECK(read_state(save_state(s.state(), *scenario.plant), "file").sections.empty());
}

TEST_CASE("a section twice, one that is missing, and one cut short are refused") {
  const Scenario scenario = compile(desk);
  const Simulation s = after(scenario, hour);
  const std::string bytes = save_state(s.state(), *scenario.plant, {{"mine", "x"}});
  CHECK_FALSE(refused(signed_again(bytes)));
  std::string twice = bytes, renamed = bytes;
  twice.replace(twice.find("mine"), 4, "mice");
  CHECK_FALSE(refused(signed_again(twice)));  // only another name
  twice.insert(twice.size() - 64, std::string("\4\0\0\0\0\0\0\0mice\0\0\0\0\0\0\0\0", 20));
  CHECK(refused(signed_again(twice)));
  renamed.replace(renamed.find("accounts"), 8, "Accounts");
  CHECK(refused(signed_again(renamed)));
  for (std::size_t cut = 1; cut < 40; cut += 3) {
    CAPTURE(cut);
    std::string shorter = bytes;
    shorter.erase(shorter.size() - 64 - cut, cut);
    if (cut != 21) CHECK(refused(signed_again(shorter)));  // 21 bytes are the last section: without it all is well
  }
}

}  // namespace retwin::snapshot_test

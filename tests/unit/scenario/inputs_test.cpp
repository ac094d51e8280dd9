// Law: the hashes of a scenario see every input: any byte of its file, of the tables it names and of the library documents it uses.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "core/base/files.hpp"
#include "tests/laws/plants.hpp"

namespace retwin::inputs_test {
namespace {

namespace fs = std::filesystem;

struct Inputs {
  fs::path folder = fs::temp_directory_path() / "retwin_inputs_test";
  Inputs() {
    fs::remove_all(folder);
    write("plant.yaml", R"(
run: {duration: 10 h, terminating: true}
plan_table: plans.csv
sources:
  s: {trace: arrivals.csv, to: work}
  b: {blocks: days.csv, to: desk}
stations:
  work: {unit: plan, to: out}
  desk: {duration: 1 min, calendar: own, to: out}
sinks: [out]
)");
    write("arrivals.csv", "time [h],plan\n1,p\n2,p\n");
    write("plans.csv", "plan,step,at,after,duration [s]\np,one,desk,,60\n");
    write("days.csv", "block,day,time [h]\nd,Mon-Sun,3\n");
    write("library/calendars/own.yaml", "weekly: [\"Mon-Sun 00:00-24:00\"]\n");
    write("library/calendars/other.yaml", "weekly: [\"Mon-Fri 00:00-24:00\"]\n");
  }
  ~Inputs() { fs::remove_all(folder); }
  void write(const std::string& name, const std::string& text) const {
    fs::create_directories((folder / name).parent_path());
    std::ofstream(folder / name) << text;
  }
  std::string read(const std::string& name) const {
    std::ifstream in(folder / name);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  struct Hashes {
    std::string scenario;
    std::uint64_t parameters;
  };
  Hashes hashes() const {
    const Scenario s = load_scenario((folder / "plant.yaml").string(), plants::registry(), {}, {RETWIN_SOURCE_DIR "/scenarios/library"});
    return {s.scenario_hash, s.plant->parameter_hash};
  }
};

void replace(const Inputs& inputs, const std::string& file, const std::string& from, const std::string& to) {
  std::string text = inputs.read(file);
  REQUIRE(text.find(from) != std::string::npos);
  inputs.write(file, text.replace(text.find(from), from.size(), to));
}

TEST_CASE("law: another input, another hash") {
  struct Slip {
    const char *file, *from, *to;
  };
  for (const Slip& slip : {Slip{"plant.yaml", "1 min", "2 min"}, Slip{"arrivals.csv", "2,p", "3,p"}, Slip{"plans.csv", "60", "61"},
                           Slip{"days.csv", "d,Mon-Sun,3", "d,Mon-Sun,4"}, Slip{"library/calendars/own.yaml", "Sun", "Sat"}}) {
    CAPTURE(slip.file);
    const Inputs inputs;
    const Inputs::Hashes before = inputs.hashes();
    replace(inputs, slip.file, slip.from, slip.to);
    const Inputs::Hashes after = inputs.hashes();
    CHECK(after.scenario != before.scenario);
    CHECK(after.parameters != before.parameters);
  }
}

TEST_CASE("what is no input, or says the same, leaves the hash as it is") {
  const Inputs inputs;
  const Inputs::Hashes before = inputs.hashes();
  replace(inputs, "library/calendars/other.yaml", "Fri", "Sat");
  replace(inputs, "plant.yaml", "{duration: 10 h, terminating: true}", "{terminating: true, duration: 10 h}");
  CHECK(inputs.hashes().scenario == before.scenario);
  replace(inputs, "plant.yaml", "duration: 10 h", "duration: 12 h");  // how it is run is no parameter
  CHECK(inputs.hashes().scenario != before.scenario);
  CHECK(inputs.hashes().parameters == before.parameters);
}

}  // namespace
}  // namespace retwin::inputs_test

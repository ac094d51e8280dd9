// States as trace events: a line by hand, and every server's stretches follow one another over the whole run.
#include "core/ledger/state_trace.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>

#include "tests/laws/plants.hpp"

namespace retwin::state_trace_test {
using namespace plants;

TEST_CASE("stretches by hand, and without a gap") {
  const Scenario scenario = compile("run: {duration: 1 h, terminating: true}\nsources: {in: {at: [10 min, 40 min], to: \"a\\\"b\"}}\n"
                                    "stations: {\"a\\\"b\": {duration: 5 min, servers: 2, group: g, to: done}}\nsinks: [done]\n");
  const std::string path = (std::filesystem::temp_directory_path() / "retwin_state_trace_test.json").string();
  Simulation s = start(scenario, 1);
  StateTrace trace(s.plant(), s.state(), path);
  s.advance(3600, &trace);
  trace.commit(3600);
  Problems problems;
  const nlohmann::json events = nlohmann::json::parse(*read_file(path, 1 << 20, problems));
  std::filesystem::remove(path);
  CHECK(events.at(0)["args"]["name"] == "g: a\"b");
  std::map<int, double> until;
  std::map<std::string, double> total;
  for (const auto& e : events) {
    if (e["ph"] != "X") continue;
    CHECK(e["ts"].get<double>() == until[e["tid"]]);
    until[e["tid"]] += e["dur"].get<double>();
    total[e["name"]] += e["dur"].get<double>();
  }
  CHECK(until == std::map<int, double>{{1, 3.6e9}, {2, 3.6e9}});
  CHECK(total["working"] == 2 * 300e6);
  CHECK(total["starved"] == 7200e6 - 600e6);
}

}  // namespace retwin::state_trace_test

// Plans: steps in their order of precedence, at the same time or one at a time, with times of their own.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "tests/laws/plants.hpp"

namespace retwin::plans_test {
using namespace plants;

namespace {

const std::string shop = R"(
plans:
  diamond:
    steps:
      open: a
      left: {at: b, after: open}
      right: {at: c, after: open, duration: 7 min}
      close: {at: a, after: [left, right], duration: 4 min}
sources: {s: {at: [0 min], to: work}}
stations:
  a: {duration: 2 min, to: work}
  b: {duration: 10 min, to: work}
  c: {duration: 30 min, to: work}
sinks: [out]
)";

std::string with_work(const std::string& work) {
  std::string text = shop;
  return text.insert(text.find("  a: {duration: 2 min"), "  work: {unit: plan, to: out" + work + "}\n");
}

}  // namespace

TEST_CASE("steps overlap as far as their order lets them") {
  Run r(with_work(""), hour);
  CHECK(r.entries("a") == Times{0, 12});
  CHECK(r.entries("b") == Times{2});
  CHECK(r.entries("c") == Times{2});
  CHECK(r.account("work").jobs == 1);
  CHECK(r.simulation.state().accounts.sinks[0].lots == 1);
  CHECK(r.simulation.state().accounts.sinks[0].cycle_time.mean() == doctest::Approx(16 * minute));
}

TEST_CASE("one at a time the lot goes from step to step") {
  Run r(with_work(", one_at_a_time: true"), hour);
  CHECK(r.entries("b") == Times{2});
  CHECK(r.entries("c") == Times{12});
  CHECK(r.entries("a") == Times{0, 19});
  CHECK(r.simulation.state().accounts.sinks[0].cycle_time.mean() == doctest::Approx(23 * minute));
}

TEST_CASE("lots that stand for steps are no lots of the plant") {
  Run r(with_work(""), 5 * minute);
  CHECK(r.simulation.state().live_lots == 1);  // its two steps are none
  CHECK(r.simulation.state().accounts.wip.level() == 1);
  CHECK(r.account("work").lots_in == 1);
}

TEST_CASE("a step that ends in a sink or as scrap is done, and no product") {
  std::string text = with_work("");
  text.replace(text.find("c: {duration: 30 min, to: work}"), 31, "c: {duration: 30 min, fails: {fire: {every: 5 min, repair: 1 min, job: scrap}}, to: out}");
  text.replace(text.find("b: {duration: 10 min, to: work}"), 31, "b: {duration: 10 min, to: out}");
  Run r(text, hour);
  CHECK(r.entries("a") == Times{0, 12});
  double lots = 0;
  for (const SinkAccount& sink : r.simulation.state().accounts.sinks) lots += static_cast<double>(sink.lots);
  CHECK(lots == 1);
}

TEST_CASE("a limited number of servers limits the lots on a plan") {
  std::string text = with_work(", servers: 1");
  text.replace(text.find("at: [0 min]"), 11, "at: [0 min, 1 min]");
  Run r(text, hour);
  CHECK(r.entries("a") == Times{0, 12, 16, 28});
}

TEST_CASE("a plan table is read like the section") {
  const std::string table = (std::filesystem::temp_directory_path() / "retwin_plan_table_test.csv").string();
  std::ofstream(table) << "plan,step,at,after,duration [s]\ndiamond,open,a,,\ndiamond,left,b,open,\ndiamond,right,c,open,420\n"
                          "diamond,close,a,left;right,240\n";
  std::string text = with_work("");
  const std::size_t from = text.find("plans:"), to = text.find("sources:");
  text.replace(from, to - from, "plan_table: " + table + "\n");
  Run r(text, hour);
  CHECK(r.entries("a") == Times{0, 12});
  CHECK(r.simulation.state().accounts.sinks[0].cycle_time.mean() == doctest::Approx(16 * minute));
}

TEST_CASE("steps bring attributes, and what a station draws is multiplied by its effort") {
  std::string text = shop;
  const auto change = [&](const std::string& from, const std::string& to) { text.replace(text.find(from), from.size(), to); };
  change("plans:\n", "attributes: {kind_of_work: {categories: [rough, fine]}, pieces: {}}\nplans:\n");
  change("{at: b, after: open}", "{at: b, after: open, attributes: {pieces: 5, kind_of_work: fine}}");
  change("{at: c, after: open, duration: 7 min}", "{at: c, after: open, duration: 7 min, attributes: {pieces: 50}}");
  change("b: {duration: 10 min", "b: {duration: 10 min, effort: 'pieces * (kind_of_work == fine ? 0.3 : 1)'");
  change("c: {duration: 30 min", "c: {duration: 30 min, effort: pieces");
  change("  a: {duration: 2 min", "  work: {unit: plan, to: out}\n  a: {duration: 2 min");
  Run r(text, hour);
  CHECK(r.entries("a") == Times{0, 17});  // b takes 15 min; the 7 min of the step at c are its own
  change("work: {unit: plan", "work: {unit: plan, one_at_a_time: true");
  Run one(text, hour);
  CHECK(one.entries("a") == Times{0, 24});
  change(", effort: 'pieces * (kind_of_work == fine ? 0.3 : 1)'", "");
  change("one_at_a_time: true", "one_at_a_time: false");
  Run without(text, hour);
  CHECK(without.entries("a") == Times{0, 12});
}

TEST_CASE("a plan table has attributes of steps, with units, and empty cells") {
  const std::string table = (std::filesystem::temp_directory_path() / "retwin_plan_attributes_test.csv").string();
  std::ofstream(table) << "plan,step,at,after,duration [s],load [kg],grade\ndiamond,open,a,,,,\ndiamond,left,b,open,,2,7\n"
                          "diamond,right,c,open,420,,\ndiamond,close,a,left;right,240,,\n";
  std::string text = with_work("");
  const std::size_t from = text.find("plans:"), to = text.find("sources:");
  text.replace(from, to - from, "attributes: {load: {unit: kg}, grade: {categories: [6, 7]}}\nplan_table: " + table + "\n");
  const std::string plain = "b: {duration: 10 min";
  text.replace(text.find(plain), plain.size(), "b: {duration: 10 min, effort: \"load / 1 kg * (grade == '7' ? 1 : 9)\"");
  Run r(text, hour);
  CHECK(r.entries("a") == Times{0, 22});
}

TEST_CASE("an effort needs something to multiply, and is a number") {
  const auto with = [](const std::string& station) {
    return "sources: {s: {every: 1 min, to: a}}\nstations: {a: {" + station + ", to: out}}\nsinks: [out]";
  };
  CHECK_NOTHROW(compile(with("duration: 1 s, effort: count")));
  CHECK_THROWS_AS(compile(with("throughput: 1 kg/s, effort: count")), InputError);
  CHECK_THROWS_AS(compile(with("duration: 1 s, effort: age")), InputError);
}

TEST_CASE("static capacity counts the steps of a lot") {
  std::string text = with_work("");
  text.replace(text.find("at: [0 min]"), 11, "every: 1 h");
  const Scenario scenario = compile(text);
  const auto& hub = scenario.plant->stations[scenario.plant->find_station("work")];
  CHECK(hub.steps_per_lot == 4);
}

}  // namespace retwin::plans_test

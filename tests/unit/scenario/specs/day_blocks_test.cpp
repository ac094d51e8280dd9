// Day blocks: whole days of arrivals, one drawn for every day of the run; which, when, with what, and after a change.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "core/flow/rebase/rebase.hpp"
#include "core/graph/capacity.hpp"
#include "tests/laws/plants.hpp"

namespace retwin::day_blocks_test {
using namespace plants;

namespace {

const std::string rest = "\nstations: {a: {servers: 99, duration: 1 min, to: out}}\nsinks: [out]\n";

std::string text(const std::string& how, const std::string& start = "2026-01-05") {
  return "run: {start: " + start + "}\nsources: {s: {" + how + ", to: a}}" + rest;
}

Times arrivals(const std::string& how, double days, std::uint64_t seed = 1, const std::string& start = "2026-01-05") {
  return Run(text(how, start), days * day, seed, hour).entries("a");
}

/// A file that is there as long as this.
struct File {
  explicit File(const std::string& content) { std::ofstream(path) << content; }
  ~File() { std::filesystem::remove(path); }
  std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("retwin_blocks_" + std::to_string(stream_id("blocks")) + ".csv");
};

constexpr int n_blocks = 8;

/// Blocks that tell themselves apart by the hour of their only arrival; the first has a weight.
std::string told_apart(double weight) {
  std::string list;
  for (int k = 0; k < n_blocks; ++k)
    list += (k > 0 ? ", " : "") + std::string("{day: Mon-Sun, at: [") + std::to_string(k) + " h]" +
            (k == 0 ? ", weight: " + std::to_string(weight) : "") + "}";
  return "blocks: [" + list + "]";
}

std::vector<int> drawn(const Times& times) {
  std::vector<int> blocks;
  for (const double t : times) blocks.push_back(static_cast<int>(std::lround(std::fmod(t, 24))));
  return blocks;
}

double chi_square(const std::vector<int>& draws, double weight) {
  std::vector<double> seen(n_blocks);
  for (const int k : draws) ++seen[static_cast<std::size_t>(k)];
  double sum = 0;
  for (int k = 0; k < n_blocks; ++k) {
    const double expected = static_cast<double>(draws.size()) * (k == 0 ? weight : 1) / (n_blocks - 1 + weight);
    sum += (seen[static_cast<std::size_t>(k)] - expected) * (seen[static_cast<std::size_t>(k)] - expected) / expected;
  }
  return sum;
}
constexpr double chi_square_7_999 = 24.32;    // 99.9 % quantile at 7 degrees of freedom
constexpr double chi_square_63_999 = 103.44;  // and at 63

}  // namespace

TEST_CASE("days of the week: those without a block have no arrivals, and a block comes on its days only") {
  const std::string how = "blocks: [{day: Mon-Tue, at: [9 h, 8 h 30 min]}, {day: Fri, at: []}, {day: Sat-Sun, at: [0 h]}]";
  CHECK(arrivals(how, 14) == Times{8.5, 9, 32.5, 33, 120, 144, 176.5, 177, 200.5, 201, 288, 312});
  CHECK(arrivals(how, 7, 1, "2026-01-08") == Times{48, 72, 104.5, 105, 128.5, 129});  // a Thursday
  CHECK(arrivals("blocks: [{day: Sun-Mon, at: [1 h]}]", 13) == Times{1, 145, 169});
  CHECK(arrivals("blocks: [{day: Mon-Sun, at: []}]", 100) == Times{});
  CHECK(arrivals("blocks: [{day: Wed, at: [23 h 59 min 59.9999 s]}]", 8).size() == 1);
}

TEST_CASE("from, until, limit, batch: also inside a day") {
  const std::string how = "blocks: [{day: Mon-Sun, at: [6 h, 12 h, 12 h, 18 h]}]";
  CHECK(arrivals(how + ", until: 40 h", 9) == Times{6, 12, 12, 18, 30, 36, 36});
  CHECK(arrivals(how + ", from: 12 h, until: 30 h", 9) == Times{12, 12, 18});
  CHECK(arrivals(how + ", from: 13 h, limit: 3", 9) == Times{18, 30, 36});
  CHECK(arrivals(how + ", from: 13 h, limit: 3, batch: 2", 9) == Times{18, 18, 30});
  Run lose(
      "sources: {s: {" + how + ", when_full: lose, to: a}}\nstations: {a: {duration: 9 h, buffer: 0, to: out}}\nsinks: [out]\n",
      1 * day, 1, hour);
  CHECK(lose.lost("s") == Times{12, 12});
}

TEST_CASE("every block is drawn as often as its weight says, day after day on its own") {
  const double days = 8000;
  const std::vector<int> alike = drawn(arrivals(told_apart(1), days)), heavy = drawn(arrivals(told_apart(1.5), days));
  CHECK(alike.size() >= static_cast<std::size_t>(days));
  CHECK(chi_square(alike, 1) < chi_square_7_999);
  CHECK(chi_square(heavy, 1.5) < chi_square_7_999);
  CHECK(chi_square(heavy, 1) > chi_square_7_999);  // the check sees a weight that is not there
  CHECK(chi_square(alike, 1.5) > chi_square_7_999);
  const auto pairs = [](const std::vector<int>& draws) {
    std::vector<double> seen(n_blocks * n_blocks);
    for (std::size_t k = 1; k < draws.size(); ++k) ++seen[static_cast<std::size_t>(draws[k - 1] * n_blocks + draws[k])];
    const double expected = static_cast<double>(draws.size() - 1) / (n_blocks * n_blocks);
    double sum = 0;
    for (const double n : seen) sum += (n - expected) * (n - expected) / expected;
    return sum;
  };
  CHECK(pairs(alike) < chi_square_63_999);
  std::vector<int> sticky = alike;
  for (std::size_t k = 1; k < sticky.size(); k += 8) sticky[k] = sticky[k - 1];
  CHECK(pairs(sticky) > chi_square_63_999);
}

TEST_CASE("the draw of a day depends on the source and the day only") {
  const Times all = arrivals(told_apart(1), 60);
  const auto part = [&](double from_h, double until_h) {
    Times some;
    for (const double t : all)
      if (t >= from_h && t < until_h) some.push_back(t);
    return some;
  };
  CHECK(arrivals(told_apart(1) + ", from: 75 h, until: 1203 h", 60) == part(75, 1203));
  CHECK(arrivals(told_apart(1) + ", attributes: {size: {uniform: {low: 1, high: 2}}}", 60) == all);
  CHECK(arrivals(told_apart(1), 60, 2) != all);
  Run beside("sources: {r: {rate: 3/h, to: b}, s: {" + told_apart(1) +
                 ", to: a}}\nstations: {a: {duration: 1 min, to: out}, b: {duration: 1 min, to: out}}\nsinks: [out]\n",
             60 * day, 1, hour);
  CHECK(beside.entries("a") == all);
  Run other_name("sources: {t: {" + told_apart(1) + ", to: a}}" + rest, 60 * day, 1, hour);
  CHECK(other_name.entries("a") != all);
  const Scenario scenario = compile(text(told_apart(1)));
  Simulation replication(scenario.plant, 1, 1);
  Recorder recorder(replication);
  replication.advance(60 * day, &recorder);
  CHECK(recorder.made.size() >= 60);
  bool differs = false;
  for (std::size_t k = 0; k < 60; ++k) differs = differs || recorder.made[k].at != all[k] * hour;
  CHECK(differs);
}

TEST_CASE("a file: rows of a block with their attributes, a day without arrivals, weights") {
  const File file(
      "block,day,weight,time [h],size,weight [t],colour\n"
      "one,Mon-Wed,1,8,1,0.001,red\none,Mon-Wed,1,9.5,2,0.002,blue\n"
      "two,Sat,3,10,3,0.003,red\n"
      "none,Sun,1,,,,\n");
  const std::string declared = "attributes: {size: {unit: \"\"}, colour: {categories: [red, blue]}, weight: {unit: kg}}\n";
  Run r(declared + "sources: {s: {blocks: " + file.path.string() + ", batch: 2, to: desk}}\n" + R"(
stations:
  desk: {duration: 1 h * size + 1 h * weight / 1 kg, servers: 9, to: [{when: colour == red, to: red}, {to: blue}]}
sinks: [red, blue]
)",
        7 * day, 1, hour);
  CHECK(r.left("red") == Times{10, 10, 34, 34, 58, 58, 136, 136});
  CHECK(r.left("blue") == Times{13.5, 13.5, 37.5, 37.5, 61.5, 61.5});
}

TEST_CASE("saved and read back, copied, or carried over to a wider plant: the same days") {
  const std::string how = told_apart(1) + ", attributes: {size: {uniform: {low: 1, high: 9}}}";
  const Scenario scenario = compile(text(how));
  const Scenario wider =
      compile("sources: {r: {rate: 3/h, to: b}, s: {" + how +
              ", to: a}}\n"
              "stations: {a: {servers: 99, duration: 1 min, to: out}, b: {duration: 1 min, to: out}}\nsinks: [out]\n");
  const Times all = arrivals(how, 40);
  for (const double pause : {0.0, 2.2, 10.0, 10.13}) {
    Simulation s = start(scenario);
    s.advance(pause * day);
    const std::string bytes = save_state(s.state(), *scenario.plant);
    Simulation read(scenario.plant, load_state(bytes, *scenario.plant, "test"));
    Simulation carried(wider.plant, rebase(s.state(), structure_of(*scenario.plant), *wider.plant));
    s.advance(40 * day);
    read.advance(40 * day);
    Recorder recorder(carried);
    carried.advance(40 * day, &recorder);
    CHECK(state_digest(read.state(), *scenario.plant) == state_digest(s.state(), *scenario.plant));
    Times late, seen;
    for (const double t : all)
      if (t > pause * 24) late.push_back(t);
    for (const Recorder::Entry& e : recorder.entered[wider.plant->find_station("a")]) seen.push_back(e.at / hour);
    CHECK(seen == late);
  }
}

TEST_CASE("other blocks from some time on: their times come, and no more of the ones before") {
  Run r(text("blocks: [{day: Mon-Sun, at: [6 h, 12 h, 20 h]}]") +
            "changes: [{at: 37 h, set: {sources.s.blocks: [{day: Mon-Sun, at: [1 h, 14 h, 21 h, 22 h, 23 h]}]}}]\n",
        50 * hour, 1, hour);
  CHECK(r.entries("a") == Times{6, 12, 20, 30, 36, 38, 45, 46, 47, 49});
  Run none(
      text("blocks: [{day: Mon-Sun, at: [6 h, 20 h]}]") + "changes: [{at: 7 h, set: {sources.s.blocks: [{day: Sun, at: []}]}}]\n",
      50 * hour, 1, hour);
  CHECK(none.entries("a") == Times{6});
}

TEST_CASE("mean rate of blocks: by weight and weekday") {
  const Scenario scenario = compile(
      text("batch: 2, blocks: [{day: Mon-Fri, at: [1 h, 2 h, 3 h], weight: 3}, {day: Mon-Fri, at: []}, {day: Sun, at: [5 h]}]"));
  const Capacity c = static_capacity(*scenario.plant, process_graph(*scenario.plant));
  CHECK(c.feed * week == doctest::Approx(2 * (5 * 3 * 0.75 + 1)).epsilon(1e-12));
}

TEST_CASE("all that is wrong with blocks, at once and in place") {
  const auto problems = [](const std::string& how) { return problems_of(text(how)); };
  CHECK(problems("blocks: [{day: Mon, at: [1 h]}]").empty());
  CHECK(has(problems("blocks: [{day: Mon, at: [24 h]}]"), Code::range, "sources.s.blocks.0.at"));
  CHECK(has(problems("blocks: [{day: Monkey, at: [1 h]}]"), Code::type, "sources.s.blocks.0.day"));
  CHECK(has(problems("blocks: [{day: Mon, at: [1 kg]}]"), Code::unit, "sources.s.blocks.0.at"));
  CHECK(has(problems("blocks: [{day: Mon, at: [1 h], weight: 0}]"), Code::range, "sources.s.blocks.0.weight"));
  CHECK(has(problems("blocks: [{day: Mon}]"), Code::missing, "sources.s.blocks.0.at"));
  CHECK(has(problems("blocks: []"), Code::type, "sources.s.blocks"));
  CHECK(has(problems("blocks: {day: Mon}"), Code::type, "sources.s.blocks"));
  CHECK(has(problems("blocks: [{day: Mon, at: [1 h]}], repeat: 1 d"), Code::conflict, "sources.s.repeat"));
  CHECK(has(problems("blocks: [{day: Mon, at: [1 h]}], every: 1 h"), Code::conflict, "sources.s"));
  const auto of_file = [&](const std::string& content) {
    const File file(content);
    return problems("blocks: " + file.path.string());
  };
  CHECK(of_file("block,day,time [h]\nx,Mon,1\n").empty());
  CHECK(of_file("block,day,time [h]\nx,Mon,2\ny,Tue,1\nx,Mon,2\n").empty());
  for (const char* rows : {"x,Mon,24\n", "x,Mon,-1\n", "x,Mon,2\nx,Mon,1\n", "x,Mon,2\nx,Tue,3\n", "x,Mon,2\nx,Mon,\n",
                           "x,Mon,\nx,Mon,2\n", "x,Mon,\nx,Mon,\n", "x,Noday,2\n", "x,,2\n", ",Mon,2\n", "x,Mon,two\n", ""})
    CHECK_MESSAGE(has(of_file(std::string("block,day,time [h]\n") + rows), Code::trace, "sources.s.blocks"), rows);
  for (const char* rows :
       {"x,Mon,1,0\n", "x,Mon,1,-1\n", "x,Mon,1,\n", "x,Mon,1,2\nx,Mon,1,3\n", "x,Mon,1,nan\n", "x,Mon,1,1e300\n"})
    CHECK_MESSAGE(has(of_file(std::string("block,day,time [h],weight\n") + rows), Code::trace, "sources.s.blocks"), rows);
  CHECK(has(of_file("day,time [h]\nMon,1\n"), Code::trace, "sources.s.blocks"));
  CHECK(has(of_file("block,time [h]\nx,1\n"), Code::trace, "sources.s.blocks"));
  CHECK(has(of_file("block,day\nx,Mon\n"), Code::trace, "sources.s.blocks"));
  CHECK(has(of_file("block,day,time [h],colour\nx,Mon,1,red\n"), Code::unknown_name, "sources.s.blocks"));
  CHECK(of_file("block,day,time [h]\nx,Mon,24\nx,Tue,a\ny,Wed,-1\n").size() == 4);
}

TEST_CASE("a run that starts inside a day: blocks, profiles, calendars and holidays go by the clock") {
  const std::string how = "blocks: [{day: Mon-Tue, at: [0 h, 9 h 15 min, 9 h 30 min, 17 h]}, {day: Wed, at: [1 h]}]";
  CHECK(arrivals(how, 2, 1, "2026-01-05 09:30") == Times{0, 7.5, 14.5, 23.75, 24, 31.5, 39.5});
  CHECK(arrivals(how + ", until: 14 h 30 min", 2, 1, "2026-01-05T09:30:00") == Times{0, 7.5});
  CHECK(arrivals(told_apart(1), 1, 1, "2026-01-05 23:59:59").size() == 1);
  Run r(R"(
run: {start: 2026-01-05 09:30}
calendars: {day: {weekly: ["Mon-Fri 08:00-16:00"], holidays: [2026-01-06]}}
sources: {s: {at: [1 h, 10 h, 30 h], to: a}}
stations: {a: {duration: 30 min, calendar: day, to: out}}
sinks: [out]
)",
        3 * day, 1, hour);
  CHECK(r.left("out") == Times{1.5, 47, 47.5});  // Wednesday 08:30 and 09:00
  Run profile("run: {start: 2026-01-05 09:30}\nsources: {s: {profile: {rate: 7000/week, hours: {09-10: 100 %}}, to: a}}" + rest,
              1 * day, 1, hour);
  for (const double t : profile.entries("a")) CHECK((t < 0.5 || t > 23.5));
  CHECK(profile.entries("a").size() > 800);
  for (const char* start : {"2026-01-05 24:00", "2026-01-05 9:30", "2026-01-05 09", "2026-01-05 09:60", "2026-01-05 09:30:61",
                            "2026-01-05x09:30", "2026-01-05 09-30"})
    CHECK_MESSAGE(has(problems_of(text("every: 1 h", start)), Code::type, "run.start"), start);
}

}  // namespace retwin::day_blocks_test

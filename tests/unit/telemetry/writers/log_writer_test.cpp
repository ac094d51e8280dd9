// Logs of simulations: what an operation is, who did it, how lots are called; the same in every format; and what is left out.
#include <doctest/doctest.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <map>
#include <memory>
#include <sstream>

#include "core/base/files.hpp"
#include "core/base/problem.hpp"
#include "core/flow/state/snapshot.hpp"
#include "core/ledger/writers.hpp"
#include "core/telemetry/log/findings.hpp"
#include "core/telemetry/readers/csv_log.hpp"
#include "core/telemetry/readers/ocel_log.hpp"
#include "core/telemetry/readers/xes_log.hpp"
#include "core/telemetry/tables/text_stream.hpp"
#include "core/telemetry/writers/log_writer.hpp"
#include "tests/laws/plant_texts.hpp"
#include "tests/laws/plants.hpp"

namespace retwin::log_writer_test {
using namespace plants;
namespace fs = std::filesystem;

namespace {

/// A folder of its own for one test.
struct Folder {
  fs::path path = fs::temp_directory_path() / ("retwin_log_writer_test_" + std::to_string(::getpid()));
  Folder() { fs::create_directories(path); }
  ~Folder() { fs::remove_all(path); }
  std::string operator/(const std::string& name) const { return (path / name).string(); }
};

const std::vector<std::string> numbers = {"waited_s", "setup_s", "mass_kg", "size"}, categories = {"kind", "batch", "parent", "grade"};

EventLog read_log(const std::string& path) {
  if (path.find(".csv") != std::string::npos) {
    LogMapping mapping;
    const std::vector<std::string> there = RecordStream(path).header();
    for (const auto& [from, to] : {std::pair(&numbers, &mapping.numeric), std::pair(&categories, &mapping.categorical)})
      for (const std::string& name : *from)
        if (std::count(there.begin(), there.end(), name) > 0) to->push_back(name);
    return read_csv_log(path, mapping);
  }
  if (path.find(".xes") != std::string::npos) return read_xes_log(path);
  return read_ocel_log(path).events;
}

/// "lot activity resource start end values" of each event in order of that text, times in seconds since the start of the run.
std::string words(const EventLog& log, const Plant& plant, const std::vector<std::string>& columns = {}) {
  const auto time = [&](double t) { return number_text(std::round((t - static_cast<double>(plant.day0) * 86400) * 1e5) / 1e5); };
  std::vector<std::string> rows;
  for (std::size_t k = 0; k < log.events.size(); ++k) {
    const LogEvent& e = log.events[k];
    std::string row = log.lots[e.lot] + " " + log.activities[e.activity] + " " +
                      (e.resource == Names::absent ? "-" : log.resources[e.resource]) + " " + time(e.start_s) + " " + time(e.end_s);
    for (const std::string& name : columns) {
      const LogColumn* column = log.column(name);
      const double value = column ? column->values[k] : std::nan("");
      row += " " + (std::isnan(value)    ? "-"
                    : column->numeric ? number_text(value)
                                      : column->categories[static_cast<std::uint32_t>(value)]);
    }
    rows.push_back(row + "\n");
  }
  std::sort(rows.begin(), rows.end());
  std::string out;
  for (const std::string& row : rows) out += row;
  return out;
}

struct Logged {
  std::shared_ptr<const Plant> plant;
  EventLog log;
  LogSummary summary;
  std::string words(const std::vector<std::string>& columns = {}) const { return log_writer_test::words(log, *plant, columns); }
};

/// Does not hear when work begins: a control.
struct DeafToStates : LogWriter {
  using LogWriter::LogWriter;
  void job_finished(const JobRecord& job) override {
    JobRecord deaf = job;
    deaf.stretches.clear();
    LogWriter::job_finished(deaf);
  }
};
/// Misses every tenth end of a job: a control.
struct DeafToEnds : LogWriter {
  using LogWriter::LogWriter;
  void job_finished(const JobRecord& job) override {
    if (++jobs % 10 != 0) LogWriter::job_finished(job);
  }
  int jobs = 0;
};

template <class Writer = LogWriter>
Logged logged(const std::string& text, double until_s) {
  const Folder folder;
  const std::string path = folder / "log.csv";
  Logged result;
  result.plant = compile(text).plant;
  Writer writer(*result.plant, path);
  Simulation simulation(result.plant, 1);
  simulation.advance(until_s, &writer);
  result.summary = writer.summary();
  writer.commit();
  result.log = read_log(path);
  return result;
}

}  // namespace

TEST_CASE("an operation begins when the work does: not with the setup, not while the crew is elsewhere") {
  const std::string plant = R"(
resources: {crew: 1}
sources:
  a: {at: [0 min, 1 min], attributes: {grade: {A: 100 %}}, to: press}
  b: {at: [30 min], attributes: {grade: {B: 100 %}}, to: press}
stations:
  press: {duration: 10 min, servers: 2, needs: {crew: 1}, setup: {by: grade, time: 3 min, first: true}, to: paint}
  paint: {duration: 1 min, to: done}
sinks: [done]
)";
  const Logged r = logged(plant, 3600);
  CHECK(r.words({"grade", "waited_s", "setup_s"}) ==
        "a-1 paint paint#0 780 840 A 0 0\n"
        "a-1 press crew 180 780 A 0 180\n"
        "a-2 paint paint#0 1380 1440 A 0 0\n"
        "a-2 press crew 780 1380 A 540 180\n"
        "b-1 paint paint#0 2580 2640 B 0 0\n"
        "b-1 press crew 1980 2580 B 0 180\n");
  CHECK(logged<DeafToStates>(plant, 3600).words() != r.words());
  CHECK(r.summary.operations == 6);
  CHECK(r.summary.in_progress + r.summary.begun_before + r.summary.broken_off == 0);
}

TEST_CASE("breaks are part of an operation; servers are told apart; a delay has no resource") {
  const Logged r = logged(R"(
run: {start: 2026-01-05}
calendars: {day: {weekly: ["Mon-Fri 00:00-01:00", "Mon-Fri 02:00-03:00"]}}
sources: {s: {at: [50 min, 50 min], to: cut}}
stations:
  cut: {duration: 20 min, servers: 2, calendar: day, to: cool}
  cool: {unit: delay, duration: 5 min, to: done}
sinks: [done]
)",
                          4 * 3600);
  CHECK(r.words() ==
        "s-1 cool - 7800 8100\n"
        "s-1 cut cut#0 3000 7800\n"
        "s-2 cool - 7800 8100\n"
        "s-2 cut cut#1 3000 7800\n");
}

TEST_CASE("batches, children and what becomes another lot") {
  const Logged r = logged(R"(
sources: {s: {at: [0 min, 1 min, 2 min, 3 min], to: bath}}
stations:
  bath: {duration: 10 min, batch: {count: 2}, to: join}
  join: {duration: 1 min, batch: {count: 2, merge: true, kind: pair}, to: look}
  look: {duration: 30 s, to: done}
sinks: [done]
)",
                          3600);
  std::map<std::string, int> of_batch;
  const LogColumn& batch = *r.log.column("batch");
  for (std::size_t e = 0; e < r.log.events.size(); ++e) {
    const bool alone = std::isnan(batch.values[e]);
    CHECK(alone == (r.log.activities[r.log.events[e].activity] == "look"));
    if (!alone) ++of_batch[batch.categories[static_cast<std::uint32_t>(batch.values[e])]];
  }
  CHECK(of_batch.size() == 4);
  for (const auto& [name, lots] : of_batch) CHECK(lots == 2);
  std::size_t merged = 0;
  for (const LogEvent& e : r.log.events)
    if (r.log.activities[e.activity] == "look") merged += r.log.lots[e.lot].size() == 16 ? 1 : 0;  // neither of the two: an identity
  CHECK(merged == 2);
}

TEST_CASE("steps of a plan are operations of the lot whose plan it is") {
  for (const char* more : {"", ", one_at_a_time: true"}) {
    const Logged r = logged(std::string(R"(
plans:
  diamond:
    steps:
      open: a
      left: {at: b, after: open}
      right: {at: c, after: open, duration: 7 min}
sources: {s: {at: [0 min], to: work}}
stations:
  a: {duration: 2 min, to: work}
  b: {duration: 10 min, to: work}
  c: {duration: 30 min, to: work}
  work: {unit: plan, to: last)") + more + R"(}
  last: {duration: 1 min, to: out}
sinks: [out]
)",
                            7200);
    CAPTURE(more);
    if (*more == '\0') {
      CHECK(r.words({"parent"}) == "s-1 a a#0 0 120 -\ns-1 b b#0 120 720 -\ns-1 c c#0 120 540 -\ns-1 last last#0 720 780 -\n");
    } else {
      CHECK(r.words({"parent"}) == "s-1 a a#0 0 120 -\ns-1 b b#0 120 720 -\ns-1 c c#0 720 1140 -\ns-1 last last#0 1140 1200 -\n");
    }
  }
}

TEST_CASE("what is left out is counted: in progress at the end, begun before, scrapped under way") {
  const std::string line = R"(
sources: {s: {at: [0 min, 30 min], to: press}}
stations: {press: {duration: 20 min, to: done}}
sinks: [done]
)";
  const Logged cut = logged(line, 40 * 60);
  CHECK(cut.words() == "s-1 press press#0 0 1200\n");
  CHECK(cut.summary.in_progress == 1);

  const Folder folder;
  const auto plant = compile(line).plant;
  Simulation simulation(plant, 1);
  simulation.advance(600);
  LogWriter writer(*plant, folder / "late.csv");
  simulation.advance(7200, &writer);
  CHECK(writer.summary().begun_before == 1);
  CHECK(writer.summary().operations == 1);

  const Logged scrap = logged(R"(
sources: {s: {at: [0 min, 0 min, 0 min], to: a}}
stations: {a: {duration: 10 min, fails: {stop: {every: 13 min, clock: working, repair: 4 min, job: scrap}}, to: out}}
sinks: [out]
)",
                              3600);
  CHECK(scrap.words() == "s-1 a a#0 0 600\ns-3 a a#0 1020 1620\n");
  CHECK(scrap.summary.broken_off == 1);
  CHECK(scrap.summary.in_progress == 0);
}

TEST_CASE("children know the lot that they came from") {
  const std::string yard = R"(
sources: {s: {lot: truck, at: [0 min], load: {lot: box, count: 2}, to: dock}}
stations:
  dock: {unit: unload, duration: 5 min, to: a}
  a: {duration: 1 min, to: out}
sinks: [out]
)";
  const Logged r = logged(yard, 3600);
  const LogColumn& parent = *r.log.column("parent");
  REQUIRE(r.log.events.size() == 3);
  CHECK(std::isnan(parent.values[0]));
  for (const std::size_t e : {1, 2}) CHECK(parent.categories[static_cast<std::uint32_t>(parent.values[e])] == "s-1");

  const Folder folder;
  for (const char* name : {"log.sqlite", "log.json"}) {
    const auto plant = compile(yard).plant;
    LogWriter writer(*plant, folder / name);
    Simulation(plant, 1).advance(3600, &writer);
    writer.commit();
    const OcelLog log = read_ocel_log(folder / name);
    CHECK(words(log.events, *plant, {"kind"}) == r.words({"kind"}));
    REQUIRE(log.relations.size() == 2);
    for (const LotRelation& relation : log.relations) {
      CHECK(relation.parent == "s-1");
      CHECK(r.log.lots.find(relation.child) != Names::absent);
    }
  }
}

TEST_CASE("attributes are chosen by name; those unknown are refused all at once") {
  const Folder folder;
  const auto plant = compile(R"(
sources: {s: {at: [0 min], attributes: {grade: {A: 100 %}, size: 3, length: 2 cm}, to: a}}
stations: {a: {duration: 10 min, to: out}}
sinks: [out]
)")
                         .plant;
  const auto header = [&](const LogWriterOptions& options) {
    LogWriter writer(*plant, folder / "log.csv", options);
    Simulation(plant, 1).advance(3600, &writer);
    writer.commit();
    std::string names;
    const RecordStream stream(folder / "log.csv");
    for (const std::string& name : stream.header()) names += name + " ";
    return names.substr(names.find("waited_s"));
  };
  CHECK(header({}) == "waited_s setup_s mass_kg grade length [m] size ");
  CHECK(header({{"size"}}) == "waited_s setup_s mass_kg size ");
  try {
    LogWriter writer(*plant, folder / "other.csv", {{"gradde", "size", "weight"}});
    CHECK(false);
  } catch (const InputError& error) {
    REQUIRE(error.problems().size() == 2);
    CHECK(error.problems()[0].code == Code::unknown_name);
    CHECK(error.problems()[0].hint.find("grade") != std::string::npos);
  }
  CHECK_THROWS_AS(LogWriter(*plant, folder / "log.txt"), InputError);
  CHECK_FALSE(fs::exists(folder / "other.csv"));
}

namespace {

/// Whether a log has as many jobs of each station as the engine has counted.
template <class Writer>
bool complete(const PlantText& text) {
  const Folder folder;
  const Scenario scenario = compile(text.text);
  Writer writer(*scenario.plant, folder / "log.csv");
  Simulation simulation = start(scenario);
  simulation.advance(text.days * day, &writer);
  writer.commit();
  std::uint64_t lots = 0;
  for (Index s = 0; s < scenario.plant->n_stations(); ++s)
    if (scenario.plant->stations[s].batch.rule == BatchRule::single && scenario.plant->stations[s].special != Special::plan)
      lots += simulation.state().accounts.stations[s].jobs;
  return writer.summary().operations >= lots;
}

}  // namespace

TEST_CASE("a writer that misses ends is caught") {
  const PlantText& line = plant_texts().front();
  CHECK(complete<LogWriter>(line));
  CHECK_FALSE(complete<DeafToEnds>(line));
}

// Counts of the engine itself, and starts and ends as another observer hears them.
TEST_CASE("plants of every kind: all that was done is in the log, and the same in every format") {
  for (const PlantText& text : plant_texts()) {
    CAPTURE(text.name);
    const Folder folder;
    const Scenario scenario = compile(text.text);
    const Plant& plant = *scenario.plant;
    const std::vector<std::string> columns = {"kind", "batch", "waited_s", "setup_s", "mass_kg", "grade", "size"};
    std::string told;
    for (const char* name : {"log.csv", "log.csv.gz", "log.xes", "log.sqlite", "log.json"}) {
      CAPTURE(name);
      LogWriter writer(plant, folder / name);
      Simulation simulation = start(scenario);
      Recorder recorder(simulation);
      Observers both;
      both.add(&writer);
      both.add(&recorder);
      simulation.advance(text.days * day, &both);
      writer.commit();
      const EventLog log = read_log(folder / name);
      CHECK(log.events.size() == writer.summary().operations);
      CHECK(writer.summary().begun_before == 0);
      const std::string here = words(log, plant, columns);
      if (!told.empty()) CHECK(here == told);
      told = here;
      std::map<std::string, std::size_t> jobs;
      std::map<std::pair<std::string, double>, bool> batches;
      const LogColumn* batch = log.column("batch");
      for (std::size_t e = 0; e < log.events.size(); ++e) {
        CHECK(log.events[e].start_s <= log.events[e].end_s);
        const std::string& activity = log.activities[log.events[e].activity];
        const bool alone = batch == nullptr || std::isnan(batch->values[e]);
        if (alone || !std::exchange(batches[{activity, batch->values[e]}], true)) ++jobs[activity];
      }
      std::uint64_t in_hand = 0;
      for (Index s = 0; s < plant.n_stations(); ++s) {
        if (plant.stations[s].special == Special::plan) continue;
        CHECK(jobs[plant.stations[s].name] == simulation.state().accounts.stations[s].jobs);
        in_hand += recorder.started[s].size() - recorder.finished[s].size();
      }
      CHECK(in_hand == writer.summary().in_progress + writer.summary().broken_off);
    }
  }
}

namespace {

/// A run in two parts, the second from the saved state: what both logs say together, in order.
std::string in_parts(const PlantText& text, double cut_s, bool hears) {
  const Folder folder;
  const Scenario scenario = compile(text.text);
  const Plant& plant = *scenario.plant;
  const auto rows = [&](const std::string& path) { return words(read_log(path), plant, {"kind", "parent", "waited_s", "setup_s", "mass_kg", "grade"}); };
  LogWriter first(plant, folder / "first.csv"), second(plant, folder / "second.csv");
  Simulation simulation = start(scenario);
  simulation.advance(cut_s, &first);
  first.commit();
  const LoadedState saved = read_state(save_state(simulation.state(), plant, first.heard()), "now.state");
  if (hears) second.begin_with(saved.sections, plant, "now.state");
  Simulation further(scenario.plant, saved.state, scenario.changes);
  further.advance(text.days * day, &second);
  second.commit();
  CHECK((second.summary().begun_before == 0 || !hears));
  std::vector<std::string> all;
  for (const auto& [writer, name] : {std::pair(&first, "first.csv"), std::pair(&second, "second.csv")}) {
    if (writer->summary().operations == 0) continue;
    std::istringstream lines(rows(folder / name));
    for (std::string line; std::getline(lines, line);) all.push_back(line + "\n");
  }
  std::sort(all.begin(), all.end());
  std::string out;
  for (const std::string& row : all) out += row;
  return out;
}

}  // namespace

TEST_CASE("a log in two parts says what one says, of jobs and parents from before as well; control: one that begins anew does not") {
  int less = 0;
  for (const PlantText& text : plant_texts()) {
    CAPTURE(text.name);
    const double end_s = text.days * day;
    const std::string whole = in_parts(text, end_s, true);
    CHECK(in_parts(text, 0.4 * end_s, true) == whole);
    less += in_parts(text, 0.4 * end_s, false) != whole;
  }
  CHECK(less > 5);
}

TEST_CASE("what an observer had heard is refused where it is damaged") {
  const Scenario scenario = compile(plant_texts().front().text);
  const Folder folder;
  Simulation simulation = start(scenario);
  LogWriter writer(*scenario.plant, folder / "log.csv");
  simulation.advance(0.4 * plant_texts().front().days * day, &writer);
  const Sections heard = writer.heard();
  for (const auto& [name, bytes] : heard) {
    CAPTURE(name);
    for (const std::size_t length : {bytes.size() - 1, bytes.size() / 2, bytes.size() + 1}) {
      Sections damaged = heard;
      damaged[name].resize(length, '\xff');
      LogWriter other(*scenario.plant, folder / "other.csv");
      CHECK_THROWS_AS(other.begin_with(damaged, *scenario.plant, "now.state"), InputError);
    }
  }
}

}  // namespace retwin::log_writer_test

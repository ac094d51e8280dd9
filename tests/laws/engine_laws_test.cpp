// Laws of the engine: on every plant, what is counted adds up, nothing exceeds its room, and how a run is cut up changes nothing.
#include <doctest/doctest.h>

#include "tests/laws/plant_texts.hpp"
#include "tests/laws/plants.hpp"

namespace retwin::engine_laws_test {
using namespace plants;

namespace {

std::string complaints(const Auditor& auditor) {
  std::string text;
  for (const auto& [what, times] : auditor.complaints()) text += what + " (" + std::to_string(times) + " times); ";
  return text;
}

/// Largest relative gap between the state times of a station and servers x horizon.
double state_time_error(const Plant& plant, const Reading& now) {
  double worst = 0;
  for (Index k = 0; k < plant.n_stations(); ++k) {
    if (plant.stations[k].unlimited_servers) continue;
    double sum = 0;
    for (const double t : now.accounts.stations[k].time_in) sum += t;
    const double want = plant.hot[k].servers * now.at_s;
    worst = std::max(worst, std::abs(sum - want) / want);
  }
  return worst;
}

/// Names whose values differ between two runs (beyond rounding).
std::string differences(const std::map<std::string, double>& a, const std::map<std::string, double>& b) {
  std::string out;
  for (const auto& [name, value] : a) {
    if (out.size() > 300) return out + "...";
    if (const auto it = b.find(name); it == b.end() || std::abs(it->second - value) > 1e-9 * (1 + std::abs(value)))
      out += name + " " + std::to_string(value) + (it == b.end() ? " gone; " : " " + std::to_string(it->second) + "; ");
  }
  return out;
}

std::string digest(const Simulation& s) { return state_digest(s.state(), s.plant()); }

Simulation after(const Scenario& scenario, double seconds, std::uint64_t seed = 3) {
  Simulation s = start(scenario, seed);
  s.advance(seconds);
  return s;
}

}  // namespace

TEST_CASE("every plant: counts, capacities, state times, Little and masses") {
  for (const PlantText& text : plant_texts()) {
    CAPTURE(text.name);
    const Scenario scenario = compile(text.text);
    Simulation s = start(scenario, 5);
    Auditor auditor(s);
    const double end = text.days * day;
    const Plant& plant = *scenario.plant;
    Window window(plant, read(plant, s.state()));
    s.advance(0.3 * end, &auditor);
    Window late(plant, read(plant, s.state()));
    s.advance(end, &auditor);
    auditor.look();
    const Reading now = read(plant, s.state());
    window.extend(plant, now);
    late.extend(plant, now);
    CHECK(complaints(auditor) == "");
    CHECK(auditor.looks > 500);
    CHECK(state_time_error(plant, now) < 1e-9);
    for (const Window* w : {&window, &late}) {
      CHECK(w->little_error() < 1e-9);
      for (Index k = 0; k < plant.n_stations(); ++k) {
        CAPTURE(plant.stations[k].name);
        CHECK(w->little_error(k) < 1e-9);
      }
      CHECK(w->mass_balance_error() < 1e-9);
    }
    for (Index k = 0; k < plant.n_stations(); ++k) {
      CAPTURE(plant.stations[k].name);
      CHECK(now.accounts.stations[k].jobs > 0);  // else the plant tests less than it says
    }
  }
}

TEST_CASE("every plant: same seed same digest, halves, copies, observers") {
  for (const PlantText& text : plant_texts()) {
    CAPTURE(text.name);
    const Scenario scenario = compile(text.text);
    const double end = text.days * day;
    const std::string whole = digest(after(scenario, end));
    CHECK(digest(after(scenario, end)) == whole);
    CHECK(digest(after(scenario, end, 4)) != whole);
    Simulation halves = after(scenario, end / 2);
    Simulation copy = halves;
    halves.advance(end);
    CHECK(digest(halves) == whole);
    CHECK(digest(copy) != whole);
    copy.advance(end);
    CHECK(digest(copy) == whole);
    Simulation steps = start(scenario, 3);
    for (int k = 1; k <= 97; ++k) steps.advance(end * k / 97);
    CHECK(digest(steps) == whole);
    Simulation watched = start(scenario, 3);
    Recorder recorder(watched);
    watched.advance(end, &recorder);
    CHECK(digest(watched) == whole);
    CHECK(recorder.made.size() > 5);
  }
}

TEST_CASE("every plant: the order of declaration does not matter") {
  for (const PlantText& text : plant_texts()) {
    CAPTURE(text.name);
    const Node document = parse(text.text);
    const double end = text.days * day;
    const auto told = tell(after(compile(document), end));
    for (unsigned k = 1; k <= 3; ++k) {
      Node shuffled = document;
      std::mt19937 random(k);
      shuffle(shuffled, random);
      REQUIRE(canonical(shuffled) != canonical(document));
      CHECK(differences(told, tell(after(compile(shuffled), end))) == "");
      CHECK(identity(shuffled) == identity(document));
    }
  }
}

TEST_CASE("the Qingdao plant obeys the same laws") {
  Problems problems;
  const std::string path = RETWIN_SOURCE_DIR "/scenarios/plants/qingdao.yaml";
  const std::optional<Node> document = load_document(path, {}, problems);
  REQUIRE(document);
  const Scenario scenario = compile_scenario(*document, path, registry(), {RETWIN_SOURCE_DIR "/scenarios/library"});
  Simulation s = start(scenario, 2);
  Auditor auditor(s, nullptr, 11);
  Window window(*scenario.plant, read(*scenario.plant, s.state()));
  s.advance(10 * day, &auditor);
  const Reading now = read(*scenario.plant, s.state());
  window.extend(*scenario.plant, now);
  CHECK(complaints(auditor) == "");
  CHECK(state_time_error(*scenario.plant, now) < 1e-9);
  CHECK(window.mass_balance_error() < 1e-9);
  CHECK(window.little_error() < 1e-9);
  for (Index k = 0; k < scenario.plant->n_stations(); ++k) CHECK(window.little_error(k) < 1e-9);
  CHECK(now.accounts.completions > 1000);

  Simulation halves = start(scenario, 2);
  halves.advance(5 * day);
  Simulation copy = halves;
  halves.advance(10 * day);
  copy.advance(10 * day);
  CHECK(digest(halves) == digest(s));
  CHECK(digest(copy) == digest(s));

  Node shuffled = *document;
  std::mt19937 random(7);
  shuffle(shuffled, random);
  const Scenario again = compile_scenario(shuffled, path, registry(), {RETWIN_SOURCE_DIR "/scenarios/library"});
  CHECK(differences(tell(s), tell(after(again, 10 * day, 2))) == "");
}

// --- negative controls: each law catches what breaks it --------------------------------------------------------------------------

namespace {

class Leaky : public UnitOperation {
 public:
  void process(Job& job) const override {
    for (int k = 0; k < job.inputs(); ++k) {
      Material all = job.take(k);
      { const Material lost = all.extract(1e-6); }
      job.pass_with(k, 0, std::move(all));
    }
  }
};

const char* const small_plant = R"(
sources: {packs: {lot: pack, chemistry: {LFP: 1}, every: {exponential: 5 min}, to: a}}
resources: {crew: 2}
stations:
  a: {unit: %, duration: {exponential: 4 min}, buffer: 8, needs: {crew: 1}, to: b}
  b: {duration: {exponential: 5 min}, buffer: 8, to: out}
sinks: [out]
)";

Simulation small(const std::string& unit, const Registry& with = registry()) {
  std::string text = small_plant;
  text.replace(text.find('%'), 1, unit);
  return start(compile(text, with), 9);
}

/// What the laws say of a state that was changed behind the engine's back.
std::string verdict(void (*tamper)(State&)) {
  Simulation s = small("process");
  Window window(s.plant(), read(s.plant(), s.state()));
  Auditor auditor(s);
  s.advance(20 * hour, &auditor);
  tamper(s.state());
  auditor.look();
  const Reading now = read(s.plant(), s.state());
  window.extend(s.plant(), now);
  std::string text = complaints(auditor);
  if (!(state_time_error(s.plant(), now) < 1e-9)) text += "state times";
  if (!(window.little_error() < 1e-9)) text += "Little of the plant";
  if (!(window.little_error(s.plant().find_station("b")) < 1e-9)) text += "Little of b";
  if (!(window.mass_balance_error() < 1e-9)) text += "mass";
  return text;
}

}  // namespace

TEST_CASE("control: a station that leaks is a CheckError") {
  Registry with = registry();
  with.unit_operations["leaky"] = {"loses a millionth", "", [] { return std::make_unique<Leaky>(); }};
  Simulation leaks = small("leaky", with);
  CHECK_THROWS_AS(leaks.advance(day), CheckError);
  Simulation sound = small("inspect", with);
  CHECK_NOTHROW(sound.advance(day));
}

TEST_CASE("control: accounts and states that were tampered with") {
  CHECK(verdict([](State&) {}) == "");
  CHECK(verdict([](State& s) { s.accounts.stations[0].time_in[1] += 1; }) == "state times");
  CHECK(verdict([](State& s) { s.servers[0].since += 1; }) == "state times");
  CHECK(verdict([](State& s) { s.accounts.stations[1].waited += 1; }) == "Little of b");
  CHECK(verdict([](State& s) { s.accounts.wip_cycle_sum += 1; }) == "Little of the plant");
  CHECK(verdict([](State& s) { s.accounts.sink_kg[0] += 0.01; }) == "mass");
  CHECK(verdict([](State& s) { ++s.live_lots; }).find("not conserved") != std::string::npos);
  CHECK(verdict([](State& s) { s.pools[0].taken += 1; }).find("pool") != std::string::npos);
  CHECK(verdict([](State& s) { s.stations[1].queued += 1; }).find("length of a queue") != std::string::npos);
  CHECK(verdict([](State& s) { s.stations[1].idle += 1; }).find("idle servers") != std::string::npos);
}

TEST_CASE("control: a buffer with more lots than places, a pool with more taken than there are") {
  Simulation s = small("process");
  Plant tighter = s.plant();
  for (StationHot& hot : tighter.hot) hot.capacity = 3;
  Auditor auditor(s, &tighter);
  s.advance(day, &auditor);
  CHECK(auditor.complaints().count("more lots wait in a buffer than it has places") == 1);
  CHECK(auditor.most_queued > 3);
  s.state().pools[0].capacity = 0;
  s.state().pools[0].taken = 1;
  auditor.look();
  CHECK(auditor.complaints().count("more units of a pool are taken than there are") == 1);
}

TEST_CASE("control: where order is allowed to matter, shuffling is noticed") {
  const auto build = [](const char* parts) {
    return std::string(R"(
sources:
  a: {every: 3 min, lot: a, attributes: {size: 1}, to: build}
  b: {every: 3 min, lot: b, attributes: {size: 2}, to: build}
stations:
  build: {duration: 1 min, batch: {parts: )") + parts + R"(}, to: work}
  work: {duration: 1 min * size, to: out}
sinks: [out]
)";
  };
  const auto a = tell(after(compile(build("{a: 1, b: 1}")), day)), b = tell(after(compile(build("{b: 1, a: 1}")), day));
  CHECK(differences(a, a) == "");
  CHECK(differences(a, b) != "");
}

TEST_CASE("control: an observer that meddles, and a fork that is another future") {
  class Meddler : public Observer {
   public:
    explicit Meddler(Simulation& s) : s_(s) {}
    void job_finished(const JobRecord& job) override {
      if (job.now > hour && !done_) s_.rekey(77), done_ = true;
    }

   private:
    Simulation& s_;
    bool done_ = false;
  };
  const Scenario scenario = compile(plant_texts()[0].text);
  Simulation meddled = start(scenario, 3);
  Meddler meddler(meddled);
  meddled.advance(day, &meddler);
  CHECK(digest(meddled) != digest(after(scenario, day)));
  Simulation fork = after(scenario, day / 2);
  fork.rekey(5);
  fork.advance(day);
  CHECK(digest(fork) != digest(after(scenario, day)));
}

TEST_CASE("draws follow their distributions, and a biased sampler is caught") {
  const auto ratio = [](const char* share, const char* rest) {
    const std::string text = std::string("sources: {s: {every: 1 s, limit: 40000, to: {a: ") + share + ", b: " + rest +
                             "}}}\nstations: {a: {duration: 1 s, to: out}, b: {duration: 1 s, to: out}}\nsinks: [out]\n";
    const Simulation s = after(compile(text), 50000);
    return static_cast<double>(s.state().accounts.stations[s.plant().find_station("a")].lots_in) / 40000;
  };
  const double sigma = std::sqrt(0.3 * 0.7 / 40000);
  CHECK(std::abs(ratio("30 %", "70 %") - 0.3) < 4 * sigma);
  CHECK(std::abs(ratio("32 %", "68 %") - 0.3) > 4 * sigma);
}

}  // namespace retwin::engine_laws_test

// Shifts, crews and failures together, on plants thrown together at random: every job gets exactly its work at the speed of its crew,
// by the record of the states alone; crews are what the phases need; nobody who could be served waits; the oldest goes on first.
// RETWIN_CREW_PLANTS says how many plants (default 120).
#include <doctest/doctest.h>

#include <cstdlib>
#include <set>

#include "tests/laws/plants.hpp"

namespace retwin::crew_laws_test {
using namespace plants;

namespace {

/// The text of a plant of two or three stations with everything that can interrupt a job.
class CrewPlant {
 public:
  explicit CrewPlant(unsigned number) : random_(number) {}
  std::string text() {
    std::string out = "calendars: {early: [\"Mon-Sun 06:00-14:00\"], late: [\"Mon-Sun 14:00-22:00\"], day: {weekly: [\"Mon-Sat 07:00-19:00\"], "
                      "breaks: [\"12:00-12:30\"]}, night: {weekly: [\"Mon-Sat 22:00-06:00\"], breaks: [\"23:45-00:15\"]}}\nattributes: {k: {categories: [A, B]}}\nresources:\n";
    out += "  crew: {qualifications: [skill], " + pool(number(1, 3)) + "}\n";
    out += "  master: {qualifications: [skill, lift], " + pool(number(1, 2)) + "}\n";
    out += "  mechanic: {shifts: {early: 1, late: 1}}\nsources:\n";
    const unsigned stations = 2 + below(2);
    for (unsigned k = 0; k < stations; ++k)
      out += "  s" + std::to_string(k) + ": {every: " + number(23, 190) + " min, attributes: {k: {A: 60 %, B: 40 %}}, to: m" + std::to_string(k) + "}\n";
    out += "stations:\n";
    for (unsigned k = 0; k < stations; ++k) out += station(k);
    return out + "sinks: [out, scrap]\n";
  }

 private:
  unsigned below(unsigned n) { return static_cast<unsigned>(random_() % n); }
  bool chance(unsigned percent) { return below(100) < percent; }
  std::string number(unsigned low, unsigned high) { return std::to_string(low + below(high - low + 1)); }
  std::string pick(std::initializer_list<const char*> list) { return *(list.begin() + below(static_cast<unsigned>(list.size()))); }
  std::string pool(const std::string& count) {
    return pick({"shifts: {early: 2, late: 1}", "shifts: {early: 1, late: 2, night: 1}", ("shifts: day, count: " + count).c_str(), ("shifts: early, count: " + count).c_str()}) + ", at_shift_end: " +
           pick({"suspend", "suspend", "keep", "finish"}) + ", speed: " + pick({"1", "1", "0.5", "0.8", "2"}) + pick({"", "", ", ageing: 2", ", ageing: unlimited"});
  }
  std::string needs() { return pick({"{crew: 1}", "{skill: 1}", "{skill: 2}", "{lift: 1}", "{skill: 1, lift: 1}", "{master: 1, skill: 1}", "{skill: 1.5}"}); }
  std::string station(unsigned k) {
    std::string s = "  m" + std::to_string(k) + ": {servers: " + number(1, 3) + ", phases: [";
    const unsigned phases = 1 + below(3);
    for (unsigned p = 0; p < phases; ++p) {
      const bool attended = chance(65);
      s += (p ? ", " : "") + std::string("{duration: ") + number(7, 200) + " min, attended: " + (attended ? "true" : "false");
      if (chance(attended ? 75 : 20)) s += ", needs: " + needs();
      s += "}";
    }
    s += "]";
    if (chance(60)) s += ", calendar: " + pick({"early", "day", "night"}) + pick({"", ", at_shift_end: finish"});
    if (chance(40)) s += ", setup: {by: k, time: " + number(5, 40) + " min, needs: " + pick({"{}", "{mechanic: 1}", "{skill: 1}"}) + "}";
    if (chance(30)) s += ", priority: " + number(1, 3);
    if (chance(70)) {
      s += ", fails: {f: " + failure() + (chance(40) ? ", g: " + failure() : "") + "}";
    }
    return s + ", to: out}\n";
  }
  std::string failure() {
    return "{every: " + number(80, 900) + " min, repair: " + number(5, 300) + " min" + pick({"", ", clock: working", ", scope: station", ", counted_from: start"}) +
           pick({"", "", ", job: restart", ", job: restart", ", job: scrap", ", keep_crew: true", ", keep_crew: true", ", job: restart, keep_crew: true"}) + pick({"", ", needs: {mechanic: 1}", ", needs: {lift: 1}"}) + "}";
  }
  std::mt19937 random_;
};

/// What the judge remembers of a server between two looks.
struct Seen {
  std::uint64_t job = 0;
  std::size_t phase = 0;
  bool works = false;
  double speed = 1;
  std::vector<double> received;  ///< work by phase [s at speed 1]
};

bool out_of_work(const Server& server) { return (server.conditions & out_of_order) != 0; }
bool in_hand(const Server& server) { return server.stage == Stage::work || server.stage == Stage::setup || server.stage == Stage::changeover; }

/// Whether units, half a unit at a time, can meet the needs: by trying everything.
bool met_by_trying(const std::vector<Need>& needs, std::vector<double> units, std::size_t n = 0, double given = 0) {
  if (n == needs.size()) return true;
  if (given > needs[n].count - 1e-9) return met_by_trying(needs, units, n + 1);
  for (const Index pool : needs[n].pools) {
    if (units[pool] < 0.5 - 1e-9) continue;
    units[pool] -= 0.5;
    if (met_by_trying(needs, units, n, given + 0.5)) return true;
    units[pool] += 0.5;
  }
  return false;
}

/// Looks at the state between any two instants, and judges it by a plant (which need not be the one that runs).
class Judge : public Observer {
 public:
  Judge(const Simulation& simulation, const Plant& plant) : simulation_(&simulation), plant_(&plant), seen_(simulation.state().servers.size()) {}
  bool between_events() const override { return true; }
  void before_event(double next) override {
    if (next > simulation_->now()) look(simulation_->state());  // when all of the instant is settled
  }
  void job_finished(const JobRecord& job) override {
    Seen& seen = seen_[job.server];
    receive(seen, job.now);
    seen.works = false;
    const auto& phases = plant_->stations[job.station].phases;
    for (std::size_t k = 0; k < phases.size(); ++k)
      if (seen.job == job.inputs.front().id && std::abs(seen.received[k] - phases[k].duration.distribution->mean()) > 1e-3)
        complain("a job got more or less than its work");
    ++finished;
  }
  void look(const State& s) {
    for (Seen& seen : seen_) receive(seen, s.now);
    looked_at_ = s.now;
    for (Index v = 0; v < s.servers.size(); ++v) see(s, v);
    pools(s);
    requests(s);
  }
  const std::map<std::string, int>& complaints() const { return complaints_; }
  std::uint64_t finished = 0, interrupted = 0, waits = 0;

 private:
  void complain(const std::string& what) { ++complaints_[what]; }
  void receive(Seen& seen, double now) {
    if (seen.works) seen.received[seen.phase] += (now - looked_at_) * seen.speed;
  }
  std::vector<double> held(const State& s, Index grant) const {
    std::vector<double> units(plant_->pools.size());
    for (; grant != none; grant = s.grants[grant].next) units[s.grants[grant].pool] += s.grants[grant].count;
    return units;
  }
  void see(const State& s, Index v) {
    const Server& server = s.servers[v];
    const Station& spec = plant_->stations[s.server_station[v]];
    Seen& seen = seen_[v];
    const std::uint64_t job = server.job == none ? 0 : s.lots[server.job].id;
    const bool restarted = out_of_work(server) && spec.failures[server.failed_mode].fate == JobFate::restart;
    if (job != seen.job || restarted) seen.received.assign(spec.phases.size(), 0);
    seen.job = job;
    seen.phase = server.phase;
    const bool busy = server.shown == ServerState::working || server.shown == ServerState::setup;
    seen.works = server.shown == ServerState::working;
    seen.speed = 1;
    bool first = true;
    double kept = 0, sum = 0, asked = 0;
    for (Index g = server.grant; g != none; g = s.grants[g].next) {
      const Pool& pool = plant_->pools[s.grants[g].pool];
      if (spec.phases[server.phase].attended) seen.speed = first ? pool.speed : std::min(seen.speed, pool.speed);
      first = false;
      kept += pool.keep ? 1 : 0;
      sum += s.grants[g].count;
    }
    if (in_hand(server) && (server.flags & flag_suspended)) ++interrupted;
    if (busy) {
      const std::vector<Need>& needs = server.stage == Stage::setup ? spec.setup.needs : spec.phases[server.phase].needs;
      for (const Need& need : needs) asked += need.count;
      if (std::abs(sum - asked) > 1e-9 || !met_by_trying(needs, held(s, server.grant))) complain("a crew is not what is needed");
      const Index calendar = spec.calendar;
      const bool attended = server.stage == Stage::setup || spec.phases[server.phase].attended;
      if (attended && !spec.finish_shift && calendar != none && !plant_->calendars[calendar].on(s.now)) complain("attended work off shift");
    } else if (server.grant != none && kept == 0 && !(out_of_work(server) && spec.failures[server.failed_mode].keep_crew)) {
      complain("who does not work holds a crew");
    }
    const bool runs_on = in_hand(server) && !out_of_work(server) && server.stage == Stage::work && !spec.phases[server.phase].attended;
    if (runs_on && server.shown == ServerState::off_shift) complain("unattended work stands still with the shift");
  }
  void pools(const State& s) {
    std::vector<double> working(plant_->pools.size());
    for (const Server& server : s.servers)
      if (server.shown == ServerState::working || server.shown == ServerState::setup)
        for (Index g = server.grant; g != none; g = s.grants[g].next) working[s.grants[g].pool] += s.grants[g].count;
    for (std::size_t p = 0; p < plant_->pools.size(); ++p) {
      double on_duty = 0;
      for (const PoolShift& shift : plant_->pools[p].shifts)
        if (shift.calendar == none || plant_->calendars[shift.calendar].on(s.now)) on_duty += shift.count;
      if (!plant_->pools[p].finish && working[p] > on_duty + 1e-9) complain("more of a crew work than are on duty");
    }
  }
  const std::vector<Need>& needs_of(const State& s, const Request& r) const {
    const Server& server = s.servers[r.server];
    const Station& spec = plant_->stations[s.server_station[r.server]];
    return out_of_work(server) ? spec.failures[server.failed_mode].needs
           : server.stage == Stage::setup ? spec.setup.needs : spec.phases[server.phase].needs;
  }
  void requests(const State& s) {
    std::vector<double> free;
    for (const PoolState& pool : s.pools) free.push_back(pool.capacity - pool.taken);
    std::set<Index> asked;  // pools that those ahead may claim
    std::map<Index, Waiting> waiting;
    for (const Request& r : s.requests) {
      const std::vector<Need>& needs = needs_of(s, r);
      bool alone = true;
      for (const Need& need : needs)
        for (const Index pool : need.pools) alone = alone && !asked.contains(pool);
      if (alone && met_by_trying(needs, free)) complain("who could be served waits");
      for (const Need& need : needs) asked.insert(need.pools.begin(), need.pools.end());
      const Server& server = s.servers[r.server];
      waiting[r.server] = {seen_[r.server].job, s.server_station[r.server], server.phase, r.resumes != 0, server.began, r.priority, &needs, server.stage};
      ++waits;
    }
    for (const auto& [v, was] : waiting_) {  // who was served since the last look, and who waited all the while
      if (waiting.contains(v) || seen_[v].job != was.job || s.servers[v].pending == 0 || s.servers[v].conditions != 0) continue;
      for (const auto& [w, still] : waiting) {
        const auto before = waiting_.find(w);
        if (before == waiting_.end() || before->second.job != still.job || before->second.needs != still.needs) continue;
        if (was.resumes && still.resumes && was.needs == still.needs && still.began < was.began) complain("a younger job goes on first");
        const std::vector<Need>& needs = *still.needs;
        if (still.priority <= was.priority || needs.size() != 1 || needs[0].pools.size() != 1) continue;
        const Index pool = needs[0].pools[0];
        if (s.pools[pool].capacity >= needs[0].count && held(s, s.servers[v].grant)[pool] > 0) complain("a lower priority overtakes a higher one");
      }
    }
    waiting_ = std::move(waiting);
  }

  struct Waiting {
    std::uint64_t job;
    Index station;
    std::size_t phase;
    bool resumes;
    std::uint64_t began;
    int priority;
    const std::vector<Need>* needs;
    Stage stage;
  };
  const Simulation* simulation_;
  const Plant* plant_;
  std::vector<Seen> seen_;
  double looked_at_ = 0;
  std::map<Index, Waiting> waiting_;
  std::map<std::string, int> complaints_;
};

std::string told(const std::map<std::string, int>& complaints) {
  std::string out;
  for (const auto& [what, times] : complaints) out += what + " (" + std::to_string(times) + "); ";
  return out;
}

/// Complaints about a run of a plant, judged by another (or itself).
std::map<std::string, int> judged(const Scenario& scenario, const Plant& by, double until_s = 9 * day) {
  Simulation s = start(scenario);
  Judge judge(s, by);
  s.advance(until_s, &judge);
  return judge.complaints();
}

}  // namespace

TEST_CASE("shifts, crews and failures together") {
  const char* const asked = std::getenv("RETWIN_CREW_PLANTS");
  const unsigned n = asked ? static_cast<unsigned>(std::atoi(asked)) : 120;
  unsigned compiled = 0;
  std::uint64_t finished = 0, interrupted = 0, waits = 0;
  for (unsigned number = 1; number <= n; ++number) {
    const std::string text = CrewPlant(number).text();
    CAPTURE(text);
    std::shared_ptr<Scenario> scenario;
    try {
      scenario = std::make_shared<Scenario>(compile(text));
    } catch (const InputError& e) {
      for (const Problem& p : e.problems())
        if (p.code != Code::range) MESSAGE(format(p));
      continue;  // its crews can never meet the needs
    }
    ++compiled;
    Simulation s = start(*scenario, number);
    Judge judge(s, *scenario->plant);
    try {
      s.advance(9 * day, &judge);
    } catch (const RunError& e) {
      CHECK(e.what() == std::string());
      continue;
    }
    CHECK(told(judge.complaints()) == "");
    finished += judge.finished;
    interrupted += judge.interrupted;
    waits += judge.waits;
    Simulation halves = start(*scenario, number);
    halves.advance(4.3 * day);
    const State saved = load_state(save_state(halves.state(), *scenario->plant), *scenario->plant, "state");
    Simulation rest(scenario->plant, saved);
    rest.advance(9 * day);
    CHECK(state_digest(rest.state(), *scenario->plant) == state_digest(s.state(), *scenario->plant));
  }
  CHECK(compiled > n / 2);
  CHECK(finished > 20 * compiled);
  CHECK(interrupted > 20 * compiled);
  CHECK(waits > 20 * compiled);
  MESSAGE(compiled << " of " << n << " plants compiled; " << finished << " jobs, " << interrupted << " looks at interrupted ones, " << waits << " at requests");
}

TEST_CASE("the judge of crews sees what is wrong") {
  const std::string text = R"(
calendars: {day: ["Mon-Sun 08:00-16:00"]}
resources: {crew: {count: 2, shifts: day, speed: 0.8}, helper: 1}
sources: {s: {every: 95 min, to: a}, t: {every: 290 min, to: b}}
stations:
  a: {servers: 3, phases: [{duration: 70 min, needs: {crew: 1}}, {duration: 130 min, attended: false}], calendar: day, to: out}
  b: {servers: 2, duration: 90 min, needs: {crew: 1}, priority: 1, to: out}
sinks: [out]
)";
  const Scenario right = compile(text);
  CHECK(told(judged(right, *right.plant)) == "");
  const auto wrong = [&](const std::string& from, const std::string& to) {
    std::string other = text;
    other.replace(other.find(from), from.size(), to);
    return judged(right, *compile(other).plant);
  };
  CHECK(wrong("speed: 0.8", "speed: 0.9").contains("a job got more or less than its work"));
  CHECK(wrong("duration: 130 min", "duration: 131 min").contains("a job got more or less than its work"));
  CHECK(wrong("needs: {crew: 1}}", "needs: {helper: 1}}").contains("a crew is not what is needed"));
  CHECK(wrong("needs: {crew: 1}}", "needs: {crew: 2}}").contains("a crew is not what is needed"));
  CHECK(wrong("count: 2", "count: 1").contains("more of a crew work than are on duty"));
  CHECK(wrong("08:00-16:00", "08:00-15:00").contains("attended work off shift"));
  Simulation s = start(right);
  Judge judge(s, *right.plant);
  for (double t = 8 * hour; s.state().requests.empty(); t += 10 * minute) s.advance(t);
  State doctored = s.state();
  doctored.pools[0].capacity += 1;
  judge.look(doctored);
  CHECK(judge.complaints().contains("who could be served waits"));
}

}  // namespace retwin::crew_laws_test

// From the records alone: every lot at a sink has its ancestors, shares add up to 1, masses and meters to the accounts.
// RETWIN_RANDOM_PLANTS says on how many plants (default 150).
#include <doctest/doctest.h>

#include <unordered_map>

#include "tests/laws/plant_texts.hpp"
#include "tests/laws/plants.hpp"
#include "tests/laws/random_plants.hpp"

namespace retwin::lineage_laws_test {
using namespace plants;

namespace {

/// Keeps books of what it hears: of which lots from outside each lot is made, and what each station used.
class Books : public Observer {
 public:
  explicit Books(const Plant& plant)
      : plant_(plant), metered_(plant.stations.size() * plant.flows.size()), created_(plant.stations.size() * plant.n_components),
        transmuted_(created_), sink_kg_(plant.sinks.size()), jobs_(plant.stations.size()) {}

  void lot_made(const Birth& birth) override {
    ++births[birth.origin];
    if (birth.ancestors.empty()) {
      if (birth.origin != Origin::source && birth.origin != Origin::initial) complain("a lot without ancestors is not from outside");
      roots_[birth.lot.id] = {{birth.lot.id, 1.0}};
      return;
    }
    roots_[birth.lot.id] = roots_of(birth.ancestors);
    columns_add_up(birth.shares, birth.ancestors.size());
  }
  void lot_mixed(double, Index, const Lot& into, const Lot& from, double share, std::span<const double>, std::span<const double>) override {
    ++mixed;
    const Ancestor both[] = {{into.id, 1 - share}, {from.id, share}};
    roots_[into.id] = roots_of(both);
  }
  void lot_ended(double, const Lot& lot, Index node, std::span<const double>) override {
    const auto found = roots_.find(lot.id);
    if (found == roots_.end()) {
      complain("a lot ended that was never made");
      return;
    }
    if (plant_.is_sink(node) && node < plant_.n_stations() + plant_.sinks.size()) {
      ++at_sinks;
      several += found->second.size() > 1 ? 1 : 0;
      if (plant_.sinks[node - plant_.n_stations()].tank == none) sink_kg_[node - plant_.n_stations()] += lot.mass;
    }
    if (lot.plan_of == none) ended_.push_back(lot.id);
    if (ended_.size() > 4096) forget();
  }
  void job_finished(const JobRecord& job) override {
    ++jobs_[job.station];
    for (const Amount& m : job.metered) metered_[job.station * plant_.flows.size() + m.of] += m.amount;
    std::vector<double> balance(plant_.n_components);
    double through = 0;
    for (std::size_t k = 0; k < job.inputs.size(); ++k)
      for (std::size_t c = 0; c < balance.size(); ++c) balance[c] += job.masses_in(k)[c], through += job.masses_in(k)[c];
    for (const Amount& made : job.created) {
      created_[job.station * plant_.n_components + made.of] += made.amount;
      balance[made.of] += made.amount;
    }
    for (const Amount& turned : job.transmuted) {
      transmuted_[job.station * plant_.n_components + turned.of] += turned.amount;
      balance[turned.of] += turned.amount;
    }
    for (std::size_t k = 0; k < job.outputs.size(); ++k) {
      const JobOutput& output = job.outputs[k];
      double kg = 0;
      for (std::size_t c = 0; c < balance.size(); ++c) balance[c] -= job.masses_out(k)[c], kg += job.masses_out(k)[c];
      if (plant_.n_components > 0 && std::abs(kg - output.kg) > 1e-9 * (1 + kg)) complain("an output weighs something else");
      columns_add_up(job.shares_of(output), output.ancestors);
      const auto roots = roots_of(job.ancestors_of(output));
      if (output.passed && (output.ancestors != 1 || job.ancestors_of(output)[0].lot != output.id)) roots_[output.id] = roots;
    }
    if (plant_.stations[job.station].special != Special::unload)  // what comes out of a carrier comes from its source
      for (const double left : balance)
        if (std::abs(left) > 1e-9 * (1 + through)) complain("a job loses or makes mass");
    double last = job.began_s;
    for (const WorkStretch& stretch : job.stretches) {
      if (stretch.begin_s < last - 1e-9 || stretch.end_s < stretch.begin_s || stretch.end_s > job.now) complain("stretches overlap");
      last = stretch.end_s;
      for (const CrewPart& part : job.crew_of(stretch))
        if (!(part.count > 0)) complain("a crew of nobody");
      crewed += stretch.crew > 0 ? 1 : 0;
    }
  }

  /// What differs from the accounts of the state.
  void compare(const State& s) {
    const auto same = [&](double mine, double its, const char* what) {
      if (std::abs(mine - its) > 1e-9 * (1 + std::abs(its))) complain(what);
    };
    for (std::size_t k = 0; k < metered_.size(); ++k) same(metered_[k], s.accounts.metered[k], "meters differ from the accounts");
    for (std::size_t k = 0; k < created_.size(); ++k) {
      same(created_[k], s.accounts.created_kg[k], "reagents differ from the accounts");
      same(transmuted_[k], s.accounts.transmuted_kg[k], "reactions differ from the accounts");
    }
    for (std::size_t k = 0; k < sink_kg_.size(); ++k) same(sink_kg_[k], s.accounts.sinks[k].kg, "what reached a sink differs from the accounts");
    for (std::size_t k = 0; k < jobs_.size(); ++k)
      same(static_cast<double>(jobs_[k]), static_cast<double>(s.accounts.stations[k].jobs), "jobs differ from the accounts");
  }
  std::string complaints() const {
    std::string all;
    for (const auto& [what, times] : complaints_) all += what + "; ";
    return all;
  }
  std::map<Origin, std::uint64_t> births;
  std::uint64_t mixed = 0, at_sinks = 0, several = 0, crewed = 0;

 protected:
  void complain(const std::string& what) { ++complaints_[what]; }

 private:
  using Roots = std::map<std::uint64_t, double>;
  Roots roots_of(std::span<const Ancestor> ancestors) {
    Roots roots;
    double sum = 0, of_roots = 0;
    for (const Ancestor& ancestor : ancestors) {
      sum += ancestor.share;
      if (!(ancestor.share >= 0)) complain("a share is negative");
      const auto found = roots_.find(ancestor.lot);
      if (found == roots_.end()) complain("an ancestor was never made");
      else
        for (const auto& [root, share] : found->second) roots[root] += share * ancestor.share;
    }
    for (const auto& [root, share] : roots) of_roots += share;
    if (std::abs(sum - 1) > 1e-9 || std::abs(of_roots - 1) > 1e-9) complain("shares do not add up to 1");
    return roots;
  }
  void columns_add_up(std::span<const double> shares, std::size_t ancestors) {
    if (shares.empty()) return;
    for (std::size_t c = 0; c < plant_.n_components; ++c) {
      double sum = 0;
      for (std::size_t k = 0; k < ancestors; ++k) sum += shares[k * plant_.n_components + c];
      if (std::abs(sum - 1) > 1e-9) complain("shares of a component do not add up to 1");
    }
  }
  /// Lots that ended long ago are parents of nothing any more, but for those whose parts are joined again.
  void forget() {
    for (std::size_t k = 0; k + 2048 < ended_.size(); ++k) roots_.erase(ended_[k]);
    ended_.erase(ended_.begin(), ended_.end() - 2048);
  }
  const Plant& plant_;
  std::unordered_map<std::uint64_t, Roots> roots_;
  std::vector<std::uint64_t> ended_;
  std::vector<double> metered_, created_, transmuted_, sink_kg_;
  std::vector<std::uint64_t> jobs_;
  std::map<std::string, int> complaints_;
};

const unsigned tries = plants_to_try("RETWIN_RANDOM_PLANTS", 150);

/// An observer between the engine and the books that leaves something out, or changes it: a control.
template <class Tamper>
struct Tampered : Books {
  Tampered(const Plant& plant, Tamper tamper) : Books(plant), tamper_(tamper) {}
  void lot_made(const Birth& birth) override {
    if (tamper_.hears(birth)) Books::lot_made(birth);
  }
  void job_finished(const JobRecord& job) override {
    JobRecord changed = job;
    tamper_.change(changed);
    Books::job_finished(changed);
  }
  Tamper tamper_;
};
struct Nothing {
  bool hears(const Birth&) const { return true; }
  void change(JobRecord&) const {}
};
struct DeafToMerges : Nothing {
  bool hears(const Birth& birth) const { return birth.origin != Origin::merge; }
};
struct DeafToLaps : Nothing {
  bool hears(const Birth& birth) const { return birth.origin != Origin::lap; }
};
struct HalfShares : Nothing {
  void change(JobRecord& job) const {
    for (Ancestor& a : job.ancestors) a.share /= 2;
  }
};
struct NoMeters : Nothing {
  void change(JobRecord& job) const { job.metered.clear(); }
};
struct HeavyOutputs : Nothing {
  void change(JobRecord& job) const {
    for (double& kg : job.output_kg) kg *= 1.001;
  }
};

template <class Tamper>
std::string heard(const Scenario& scenario, double until_s, Tamper tamper) {
  Tampered<Tamper> books(*scenario.plant, tamper);
  Simulation s = start(scenario, 1);
  s.advance(until_s, &books);
  books.compare(s.state());
  return books.complaints();
}

const char* const joined = R"(
sources:
  a: {every: 10 min, lot: a, to: build}
  b: {every: 10 min, lot: b, to: build}
stations:
  build: {duration: 1 min, batch: {parts: {a: 1, b: 1}}, energy_per_job: 1 kWh, to: out}
sinks: [out]
)";

}  // namespace

TEST_CASE("an assembly is made of its parts, and a trace says so") {
  const Scenario scenario = compile(joined);
  Books books(*scenario.plant);
  Simulation s = start(scenario, 1);
  s.advance(10 * hour, &books);
  books.compare(s.state());
  CHECK(books.complaints() == "");
  CHECK(books.at_sinks == 59);
  CHECK(books.several == 59);
  CHECK(books.births[Origin::merge] == 59);
}

TEST_CASE("every random plant can be followed from the records alone") {
  std::map<Origin, std::uint64_t> births;
  std::uint64_t mixed = 0, at_sinks = 0, several = 0, crewed = 0, compiled = 0;
  for (unsigned number = 0; number < tries; ++number) {
    CAPTURE(number);
    const std::string text = RandomPlant(number).text();
    if (!problems_of(text).empty()) continue;
    ++compiled;
    const Scenario scenario = compile(text);
    Books books(*scenario.plant);
    Simulation s = start(scenario, number);
    try {
      s.advance(1.5 * day, &books);
      books.compare(s.state());
    } catch (const RunError&) {  // a deadlock; what was heard until then holds
    }
    CHECK(books.complaints() == "");
    for (const auto& [origin, times] : books.births) births[origin] += times;
    mixed += books.mixed, at_sinks += books.at_sinks, several += books.several, crewed += books.crewed;
  }
  for (const PlantText& text : plant_texts()) {
    CAPTURE(text.name);
    const Scenario scenario = compile(text.text);
    Books books(*scenario.plant);
    Simulation s = start(scenario, 1);
    s.advance(text.days * day, &books);
    books.compare(s.state());
    CHECK(books.complaints() == "");
    for (const auto& [origin, times] : books.births) births[origin] += times;
    mixed += books.mixed;
  }
  for (const Origin origin : {Origin::source, Origin::initial, Origin::job, Origin::unload, Origin::split, Origin::merge, Origin::lap, Origin::step}) {
    CAPTURE(static_cast<int>(origin));
    CHECK(births[origin] > 0);  // the plants try it
  }
  CHECK(compiled > tries / 2);
  CHECK(mixed > 0);
  CHECK(at_sinks > 1000);
  CHECK(several > 0);
  CHECK(crewed > 0);
}

TEST_CASE("the reference plant, a day") {
  const Scenario scenario = load_scenario(RETWIN_SOURCE_DIR "/scenarios/plants/qingdao.yaml", registry());
  Books books(*scenario.plant);
  Simulation s = start(scenario, 1);
  s.advance(2 * day, &books);
  books.compare(s.state());
  CHECK(books.complaints() == "");
  CHECK(books.births[Origin::job] > 1000);
}

TEST_CASE("control: books that miss something do not balance") {
  const Scenario scenario = compile(joined);
  CHECK(heard(scenario, day, Nothing{}) == "");
  CHECK(heard(scenario, day, DeafToMerges{}) != "");
  CHECK(heard(scenario, day, HalfShares{}) != "");
  CHECK(heard(scenario, day, NoMeters{}) != "");
  const Scenario laps = compile("stations:\n  work: {duration: 1 min, to: round}\n  round: {duration: 10 s, completes: parts, to: work}\n"
                                "initial: [{station: work, count: 3}]\nsinks: [parts]\n");
  CHECK(heard(laps, day, Nothing{}) == "");
  CHECK(heard(laps, day, DeafToLaps{}) != "");
}

}  // namespace retwin::lineage_laws_test

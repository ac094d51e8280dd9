// What stations are called, and in which order they stand in the file, changes nothing; RETWIN_TIED_PLANTS says on how many plants
// (default 150).
#include <doctest/doctest.h>

#include <cstdlib>
#include <sstream>

#include "core/base/problem.hpp"
#include "tests/laws/plants.hpp"
#include "tests/laws/tied_plants.hpp"

namespace retwin::names_laws_test {
using namespace plants;

namespace {

/// Everything that happens, in order, by the number of the station; lots by where they come from and when they were born.
class Tracer : public Observer {
 public:
  Tracer(const Plant& plant, const std::vector<std::string>& names) : plant_(plant) {
    for (const Station& station : plant.stations)
      number_.push_back(static_cast<std::size_t>(std::find(names.begin(), names.end(), station.name) - names.begin()));
  }
  void lot_made(const Birth& birth) override {
    alive_[birth.lot.id] = birth.lot;
    line(birth.now, "made", "", 0, &birth.lot);
  }
  void lot_entered(double now, Index station, const Lot& lot) override { line(now, "in", place(station), 0, &lot); }
  void lot_ended(double now, const Lot& lot, Index node, std::span<const double>) override {
    line(now, "ended", place(node), 0, &lot);
    alive_.erase(lot.id);
  }
  void job_started(const JobRecord& job) override { of_job(job, "start"); }
  void job_finished(const JobRecord& job) override { of_job(job, "finish"); }
  void state_changed(double now, Index station, Index server, ServerState from, ServerState to) override {
    line(now, std::string(server_state_names[static_cast<std::size_t>(from)]) + " > " + server_state_names[static_cast<std::size_t>(to)],
         place(station), server - plant_.hot[station].first_server, nullptr);
  }
  std::vector<std::string> lines;

 private:
  std::string place(Index node) const {
    if (!plant_.is_sink(node)) return std::to_string(number_[node]);
    const Index sink = node - plant_.n_stations();
    return sink < plant_.sinks.size() ? plant_.sinks[sink].name : "lost";
  }
  void of_job(const JobRecord& job, const std::string& what) {
    const auto found = alive_.find(job.inputs.front().id);
    line(job.now, what, place(job.station), job.server - plant_.hot[job.station].first_server, found == alive_.end() ? nullptr : &found->second);
  }
  void line(double now, const std::string& what, const std::string& where, Index server, const Lot* lot) {
    std::ostringstream out;
    out << now / minute << ' ' << where << '/' << server << ' ' << what;
    if (lot) out << " lot of " << lot->source << " born " << lot->born / minute;
    lines.push_back(out.str());
  }
  const Plant& plant_;
  std::vector<std::size_t> number_;
  std::map<std::uint64_t, Lot> alive_;  // as they were made
};

enum class Order { by_rank, by_name };

/// What happens in 3 h; a plant that locks itself up does so at its time.
std::vector<std::string> trace(TiedPlant tied, Order order) {
  const Scenario scenario = compile(tied.text());
  auto plant = std::make_shared<Plant>(*scenario.plant);
  if (order == Order::by_name)
    for (Index k = 0; k < plant->n_stations(); ++k) plant->by_rank[k] = plant->rank[k] = k;
  Simulation s(plant, 1, 0, {});
  Tracer tracer(*plant, tied.names());
  try {
    s.advance(3 * hour, &tracer);
  } catch (const RunError& e) {
    tracer.lines.push_back("stopped at " + std::to_string(e.time_s() / minute));
  }
  return tracer.lines;
}

std::string first_difference(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  for (std::size_t k = 0; k < std::min(a.size(), b.size()); ++k)
    if (a[k] != b[k]) return a[k] + " | " + b[k];
  return a.size() == b.size() ? "" : "one of them ends early";
}

}  // namespace

TEST_CASE("names and the order of declaration change nothing") {
  const char* const asked = std::getenv("RETWIN_TIED_PLANTS");
  const unsigned n = asked ? static_cast<unsigned>(std::atoi(asked)) : 150;
  unsigned compiled = 0, stopped = 0, by_name = 0;
  std::size_t lines = 0;
  for (unsigned number = 1; number <= n; ++number) {
    CAPTURE(number);
    TiedPlant plant(number), renamed(number);
    renamed.rename(1000 + number);
    std::vector<std::string> one;
    try {
      one = trace(plant, Order::by_rank);
    } catch (const InputError& e) {
      for (const Problem& p : e.problems())
        if (p.severity == Severity::error && p.code != Code::unreachable && p.code != Code::conflict && p.code != Code::route) MESSAGE(format(p));
      continue;
    }
    ++compiled;
    lines += one.size();
    stopped += one.back().starts_with("stopped") ? 1 : 0;
    CHECK(first_difference(one, trace(renamed, Order::by_rank)) == "");
    if (first_difference(trace(plant, Order::by_name), trace(renamed, Order::by_name)) != "") ++by_name;
  }
  MESSAGE(compiled << " of " << n << " plants compiled, " << stopped << " locked themselves up; ranked by name, " << by_name << " differ");
  CHECK(compiled > n / 3);
  CHECK(stopped < compiled / 2);
  CHECK(lines > 200 * compiled);
  CHECK(by_name > compiled / 10);  // the control: an order by name is noticed
}

}  // namespace retwin::names_laws_test

// Laws of the digital layer: copied, saved and rebased at any moment a plant goes on as it would have; nothing is lost; what computers and links do is what
// tasks ask for; names and the order of declaration never matter (see the laws over all plants).
#include <doctest/doctest.h>

#include <algorithm>
#include <random>

#include "core/flow/plant/structure.hpp"
#include "core/flow/state/snapshot.hpp"
#include "tests/laws/plant_texts.hpp"
#include "tests/laws/plants.hpp"

namespace retwin::digital_laws_test {
using namespace plants;

namespace {

const PlantText& digital_plant() {
  const auto& all = plant_texts();
  return *std::find_if(all.begin(), all.end(), [](const PlantText& one) { return one.name == "a digital layer that jobs wait for"; });
}

std::string digest(const Simulation& s) { return state_digest(s.state(), s.plant()); }

bool any_together(const State& s) {
  return std::any_of(s.tasks.begin(), s.tasks.end(), [](const TaskState& task) { return task.together != 0; });
}

/// What devices have done, and what the tasks that were under way had them do: how far apart, relative.
double unaccounted(const Simulation& s) {
  const State& state = s.state();
  const DigitalLayer& layer = s.plant().digital;
  std::vector<double> asked(layer.devices.size());
  // Tasks without amounts by lot, all but those under way, have done all their steps.
  for (std::size_t t = 0; t < layer.tasks.size(); ++t) {
    const double done = static_cast<double>(state.accounts.tasks[t].latency.count());
    for (const DigitalStep& step : layer.tasks[t].steps)
      for (const Index d : step.over) asked[d] += done * step.amount;
  }
  for (const TaskState& task : state.tasks) {
    const auto& steps = layer.tasks[task.task].steps;
    for (std::size_t k = 0; k <= task.step; ++k)
      for (const Index d : steps[k].over)
        asked[d] += k < task.step ? steps[k].amount : task.sends != 0 ? steps[k].amount - (task.left - task.rate * (state.now - task.since)) : 0;
  }
  double worst = 0;
  for (std::size_t d = 0; d < layer.devices.size(); ++d) {
    const Device& device = layer.devices[d];
    const double away = state.accounts.devices[d].away.value(state.now);
    double did = state.accounts.devices[d].busy.value(state.now) * (device.link ? 1 : device.core());
    did -= device.streams * (state.now - away);
    worst = std::max(worst, std::abs(did - asked[d]) / std::max(asked[d], 1.0));
  }
  return worst;
}

}  // namespace

TEST_CASE("at twenty moments, also of shared devices: copied, saved and loaded, rebased, the run ends the same") {
  const PlantText& text = digital_plant();
  const Scenario scenario = compile(text.text);
  const double end_s = text.days * day;
  Simulation whole = start(scenario);
  whole.advance(end_s);
  const std::string expected = digest(whole);
  Simulation on_the_way = start(scenario);
  std::mt19937 random(20);
  std::vector<double> moments;
  for (int k = 0; k < 20; ++k) moments.push_back(std::uniform_real_distribution<double>(0, end_s)(random));
  std::sort(moments.begin(), moments.end());
  int together = 0;
  for (const double at : moments) {
    on_the_way.advance(at);
    together += any_together(on_the_way.state()) ? 1 : 0;
    Simulation copy = on_the_way;
    copy.advance(end_s);
    CHECK(digest(copy) == expected);
    Simulation loaded(scenario.plant, load_state(save_state(on_the_way.state(), *scenario.plant), *scenario.plant, "x.state"));
    loaded.advance(end_s);
    CHECK(digest(loaded) == expected);
    Simulation moved(scenario.plant, rebase(on_the_way.state(), structure_of(*scenario.plant), *scenario.plant));
    moved.advance(end_s);
    CHECK(moved.state().accounts.sinks[0].lots == whole.state().accounts.sinks[0].lots);
    CHECK(moved.state().accounts.completions == whole.state().accounts.completions);
    for (std::size_t t = 0; t < moved.state().accounts.tasks.size(); ++t) CHECK(moved.state().accounts.tasks[t].latency.mean() == doctest::Approx(whole.state().accounts.tasks[t].latency.mean()).epsilon(1e-9));
  }
  CHECK(together >= 5);
  CHECK(whole.state().accounts.sinks[0].lots > 100);
}

TEST_CASE("devices do what tasks ask for, no more than they can; no task is lost") {
  PlantText text = digital_plant();
  text.text.replace(text.text.find("per_lot: true, "), 15, "");
  const Scenario scenario = compile(text.text);
  Simulation s = start(scenario);
  for (double at = 600; at <= text.days * day; at += 600) {
    s.advance(at);
    const State& state = s.state();
    for (std::size_t d = 0; d < state.accounts.devices.size(); ++d) {
      const Device& device = scenario.plant->digital.devices[d];
      CHECK(state.accounts.devices[d].busy.level() <= (device.link ? device.capacity : device.cores) * (1 + 1e-9));
    }
    std::vector<std::uint64_t> under_way(scenario.plant->digital.tasks.size());
    for (const TaskState& task : state.tasks) ++under_way[task.task];
    for (std::size_t t = 0; t < under_way.size(); ++t) CHECK(state.accounts.tasks[t].begun == state.accounts.tasks[t].latency.count() + under_way[t]);
  }
  CHECK(unaccounted(s) < 1e-9);
  s.state().accounts.devices[0].busy.add(s.state().now - 1000, 0.01);  // a control: work that nobody has asked for
  CHECK(unaccounted(s) > 1e-9);
}

}  // namespace retwin::digital_laws_test

// Lots that are due: how many came late and by how much, on a line worked out by hand.
#include <doctest/doctest.h>

#include <cmath>

#include "core/experiment/replication.hpp"
#include "tests/unit/small_plant.hpp"

namespace retwin::due_test {

namespace {

/// A lot at 10, 20, ...; a takes 4 s, b 13 s with one place before it: the first seven stay for 17, 20, 23, 26, 29, 32 and 35 s.
Plant line(double due_s) {
  Plant p = small::plant({small::station("a", Distribution::constant(4), 1), small::station("b", Distribution::constant(13), 2, 1)},
                         {small::source("in", Distribution::constant(10), 0)});
  if (due_s < 0) return p;
  p.attributes.push_back({"due", dimension::time, {}, false});
  p.blank = {0};
  p.due_slot = 0;
  p.sources[0].attributes.push_back({0, Distribution::constant(due_s), 1});
  return p;
}

std::vector<Kpi> figures(Plant p, double begin_s, double end_s) {
  Task task;
  task.begin_s = begin_s;
  task.end_s = end_s;
  return replicate(small::scenario(small::ready(std::move(p)), end_s), task, {}).outcome.figures;
}

const Kpi* find(const std::vector<Kpi>& figures, const std::string& path) {
  for (const Kpi& kpi : figures)
    if (kpi.path == path) return &kpi;
  return nullptr;
}

double value(const std::vector<Kpi>& figures, const std::string& path) {
  const Kpi* kpi = find(figures, path);
  REQUIRE_MESSAGE(kpi != nullptr, path);
  return kpi->value;
}

}  // namespace

TEST_CASE("due after 24 s: lots 4 to 7 came late, and of those in the plant the eighth is") {
  const auto out = figures(line(24), 0, 110);
  CHECK(value(out, "sinks.out.late_share") == doctest::Approx(4.0 / 7));
  CHECK(value(out, "sinks.out.lateness") == doctest::Approx(2 / 3600.0));  // -7 -4 -1 +2 +5 +8 +11
  CHECK(value(out, "sinks.out.tardiness") == doctest::Approx(26 / 7.0 / 3600));
  CHECK(value(out, "plant.overdue") == 1);
  CHECK(value(out, "plant.late_share") == doctest::Approx(5.0 / 8));
  CHECK(value(out, "plant.lateness") == doctest::Approx(2 / 3600.0));
  CHECK(value(out, "plant.tardiness") == doctest::Approx(26 / 7.0 / 3600));

  const auto later = figures(line(24), 50, 80);  // the third in time, the fourth and fifth late; the sixth, of 60, is not due at 80
  CHECK(value(later, "sinks.out.late_share") == doctest::Approx(2.0 / 3));
  CHECK(value(later, "plant.overdue") == 0);
}

TEST_CASE("controls: plenty of time, no time, and none that is told") {
  const auto plenty = figures(line(100), 0, 110);
  CHECK(value(plenty, "plant.late_share") == 0);
  CHECK(value(plenty, "plant.overdue") == 0);
  CHECK(value(plenty, "plant.lateness") == doctest::Approx((26 - 100) / 3600.0));
  CHECK(value(plenty, "plant.tardiness") == 0);
  const auto never = figures(line(0), 0, 110);
  CHECK(std::isnan(value(never, "plant.late_share")));
  CHECK(find(figures(line(-1), 0, 110), "plant.late_share") == nullptr);
}

TEST_CASE("without the hot path nothing differs") {
  Plant p = line(24);
  p.stations[0].changeover.distribution = Distribution::constant(0);
  p.stations[1].changeover.distribution = Distribution::constant(0);
  CHECK(value(figures(p, 0, 110), "plant.late_share") == doctest::Approx(5.0 / 8));
}

}  // namespace retwin::due_test

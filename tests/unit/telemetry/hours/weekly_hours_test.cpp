// Opening hours: arithmetic against minutes counted one by one, the text of scenario files, recovery from logs of known truth.
#include "core/telemetry/hours/weekly_hours.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <random>
#include <stdexcept>

#include "core/telemetry/log/clean.hpp"
#include "core/telemetry/readers/csv_log.hpp"
#include "tests/laws/plants.hpp"

namespace retwin::weekly_hours_test {

namespace {

constexpr double minute = 60, hour = 3600, day = 86400, week = 7 * day;
constexpr double monday = 1672617600;  // 2023-01-02 00:00

// {first day, last day, from, to} with hours; "to" beyond 24 goes over midnight.
struct Days {
  int first, last;
  double from, to;
};

WeeklyHours hours_of(const std::vector<Days>& lines) {
  std::vector<WeeklyHours::Span> spans;
  for (const Days& l : lines)
    for (int d = l.first; d <= l.last; ++d) {
      const double from = d * day + l.from * hour, to = d * day + l.to * hour;
      spans.push_back({from, std::min(to, week)});
      if (to > week) spans.push_back({0, to - week});
    }
  return WeeklyHours(std::move(spans));
}

using Lines = std::vector<std::string>;

const WeeklyHours office = hours_of({{0, 4, 9, 17}});
const WeeklyHours early = hours_of({{0, 4, 8, 16}});
const WeeklyHours two_shifts = hours_of({{0, 4, 6, 22}});
const WeeklyHours six_days = hours_of({{0, 5, 6, 22}});
const WeeklyHours nights = hours_of({{0, 4, 22, 30}});
const WeeklyHours half_saturday = hours_of({{0, 4, 8, 16}, {5, 5, 8, 12}});
const WeeklyHours half_hours = hours_of({{0, 4, 8.5, 16.5}});
const WeeklyHours lunch = hours_of({{0, 4, 8, 12}, {0, 4, 13, 17}});

}  // namespace

TEST_CASE("spans are sorted and merged; what is no part of a week is refused") {
  const WeeklyHours w({{5 * hour, 6 * hour}, {1 * hour, 2 * hour}, {2 * hour, 3 * hour}, {1.5 * hour, 2.5 * hour}});
  REQUIRE(w.spans().size() == 2);
  CHECK(w.spans()[0] == WeeklyHours::Span{1 * hour, 3 * hour});
  CHECK(w.open_per_week_s() == 3 * hour);
  CHECK_FALSE(w.always_open());
  CHECK(WeeklyHours().always_open());
  CHECK(WeeklyHours({{0, 3 * day}, {3 * day, week}}).always_open());
  CHECK_THROWS_AS(WeeklyHours(std::vector<WeeklyHours::Span>{}), std::invalid_argument);
  CHECK_THROWS_AS(WeeklyHours({{-1, 5}}), std::invalid_argument);
  CHECK_THROWS_AS(WeeklyHours({{5, 5}}), std::invalid_argument);
  CHECK_THROWS_AS(WeeklyHours({{5, week + 1}}), std::invalid_argument);
  CHECK_THROWS_AS(WeeklyHours({{std::nan(""), 5}}), std::invalid_argument);
}

TEST_CASE("open time agrees with minutes counted one by one") {
  std::mt19937_64 random(1);
  for (const WeeklyHours* w : {&office, &nights, &six_days, &lunch, &half_hours}) {
    const double start = monday - 3 * week - 2 * day;  // some weeks, and not from a Monday
    const int n = 6 * 7 * 24 * 60;
    std::vector<double> before{0};
    for (int i = 0; i < n; ++i) {
      const double position = std::fmod(i * minute + 5 * day, week);
      bool open = false;
      for (const auto& s : w->spans()) open = open || (position >= s.from_s && position < s.to_s);
      REQUIRE(w->open_at(start + i * minute) == open);
      before.push_back(before.back() + (open ? minute : 0));
    }
    for (int k = 0; k < 400; ++k) {
      const auto a = static_cast<std::size_t>(random() % n), b = static_cast<std::size_t>(random() % n);
      const double from = start + static_cast<double>(a) * minute, to = start + static_cast<double>(b) * minute;
      CHECK(w->open_between(from, to) == (b > a ? before[b] - before[a] : 0));
      auto opens = a;
      while (opens + 1 < before.size() && before[opens + 1] == before[opens]) ++opens;
      if (opens + 1 < before.size()) CHECK(w->next_open(from) == start + static_cast<double>(opens) * minute);
      CHECK(w->after(from, 0) == w->next_open(from));
      const double net = static_cast<double>(1 + random() % 3000) * minute;
      const auto end = std::lower_bound(before.begin() + static_cast<std::ptrdiff_t>(a), before.end(), before[a] + net);
      if (end != before.end()) CHECK(w->after(from, net) == start + static_cast<double>(end - before.begin()) * minute);
    }
  }
}

TEST_CASE("work ends on closing time, not at the next opening; fractions and times before 1970 are as good") {
  const double friday = monday + 4 * day;
  CHECK(office.after(friday + 16.5 * hour, 0.5 * hour) == friday + 17 * hour);
  CHECK(office.after(friday + 16.5 * hour, 0.5 * hour + 1) == monday + week + 9 * hour + 1);
  CHECK(office.after(friday + 17 * hour, 0) == monday + week + 9 * hour);
  CHECK(office.after(monday + 9 * hour, 40 * hour) == friday + 17 * hour);
  CHECK(office.after(monday + 9 * hour, 400 * hour) == friday + 9 * week + 17 * hour);
  CHECK(office.open_between(friday + 16.5 * hour, monday + week + 9.25 * hour) == 0.75 * hour);
  CHECK(office.next_open(-4 * day) == -3 * day + 9 * hour);  // Sunday, 1969-12-28
  CHECK(office.open_between(-3 * day - 20 * week, -3 * day) == 20 * 40 * hour);
  CHECK(WeeklyHours().open_between(1.25, 1e9 + 0.5) == 1e9 + 0.5 - 1.25);
  CHECK(WeeklyHours().after(1e9 + 0.125, 7) == 1e9 + 7.125);
  std::mt19937_64 random(2);
  std::exponential_distribution<double> net(1 / (3 * hour));
  for (int k = 0; k < 2000; ++k) {  // after() undoes open_between()
    const double from = monday + static_cast<double>(random() % 10000000) / 3, x = net(random);
    CHECK(nights.open_between(from, nights.after(from, x)) == doctest::Approx(x).epsilon(1e-6));
  }
}

TEST_CASE("the text is that of scenario files, and compiles back to the same hours") {
  CHECK(WeeklyHours().weekly_text() == Lines{"always"});
  CHECK(office.weekly_text() == Lines{"Mon-Fri 09:00-17:00"});
  CHECK(half_saturday.weekly_text() == Lines{"Mon-Fri 08:00-16:00", "Sat 08:00-12:00"});
  CHECK(nights.weekly_text() == Lines{"Mon-Fri 22:00-06:00"});
  CHECK(lunch.weekly_text() == Lines{"Mon-Fri 08:00-12:00", "Mon-Fri 13:00-17:00"});
  CHECK(WeeklyHours({{6 * hour, 5 * day + 6 * hour}}).weekly_text() == Lines{"Mon 06:00 - Sat 06:00"});
  CHECK(WeeklyHours({{0, 5 * day}}).weekly_text() == Lines{"Mon-Fri 00:00-24:00"});
  CHECK(hours_of({{6, 6, 22, 30}}).weekly_text() == Lines{"Sun 22:00-06:00"});
  CHECK(hours_of({{0, 3, 9, 17}, {6, 6, 9, 17}}).weekly_text() == Lines{"Sun-Thu 09:00-17:00"});
  CHECK(hours_of({{0, 6, 9, 17}}).weekly_text() == Lines{"Mon-Sun 09:00-17:00"});
  std::vector<WeeklyHours> all = {WeeklyHours(),
                                  office,
                                  nights,
                                  lunch,
                                  half_saturday,
                                  half_hours,
                                  six_days,
                                  WeeklyHours({{6 * hour, 5 * day + 6 * hour}}),
                                  WeeklyHours({{0, 5 * day}}),
                                  WeeklyHours({{0, 6 * hour}, {6.5 * day, week}}),
                                  WeeklyHours({{0, 2 * day}, {6.5 * day, week}}),
                                  WeeklyHours({{0, 5 * day}, {6 * day, week}}),
                                  hours_of({{0, 6, 22, 30}}),
                                  hours_of({{0, 6, 0, 23.75}})};
  std::mt19937_64 random(3);
  for (int k = 0; k < 60; ++k) {
    std::vector<WeeklyHours::Span> spans;
    for (auto left = 1 + random() % 9; left > 0; --left) {
      const double a = static_cast<double>(random() % 672) * 900, b = static_cast<double>(random() % 673) * 900;
      if (a != b) spans.push_back({std::min(a, b), std::min(std::max(a, b), std::min(a, b) + 30 * hour)});
    }
    if (!spans.empty()) all.emplace_back(std::move(spans));
  }
  for (const WeeklyHours& w : all) {
    std::string lines;
    for (const std::string& line : w.weekly_text()) lines += (lines.empty() ? "\"" : ", \"") + line + "\"";
    CAPTURE(lines);
    const Scenario scenario = plants::compile("name: x\nrun: {start: 2023-01-02, duration: 1 week}\ncalendars: {open: [" + lines +
                                              "]}\nsources: {s: {at: [0 h], to: a}}\n"
                                              "stations: {a: {duration: 1 h, calendar: open, to: out}}\nsinks: [out]\n");
    REQUIRE(scenario.plant->calendars.size() == 1);
    const ShiftCalendar& calendar = scenario.plant->calendars[0];
    std::size_t different = 0;
    for (int q = 0; q < 672; ++q) different += calendar.on(q * 900.0) != w.open_at(monday + q * 900.0);
    CHECK(different == 0);
    CHECK(calendar.on_time(0, week) == w.open_per_week_s());
  }
}

namespace {

struct Simulated {
  WeeklyHours hours;     // of the servers
  WeeklyHours arrivals;  // when work comes
  int servers = 3;
  double every = 20 * minute, takes = 40 * minute;  // means; the first in open time
  int weeks = 8;
  bool exponential = true;
};

// Servers, first come first served, whose work is suspended at closing. Returns when each piece came, too.
std::vector<WorkSpan> simulate(const Simulated& s, std::uint64_t seed, std::vector<double>* came = nullptr) {
  std::mt19937_64 random(seed);
  std::exponential_distribution<double> one(1);
  std::vector<double> free(static_cast<std::size_t>(s.servers), monday);
  std::vector<WorkSpan> out;
  for (double t = s.arrivals.next_open(monday);;) {
    t = s.arrivals.after(t, s.every * one(random));
    if (t > monday + s.weeks * week) return out;
    double& server = *std::min_element(free.begin(), free.end());
    const double takes = s.takes * (s.exponential ? 0.2 + 0.8 * one(random) : 1);
    double start = s.hours.next_open(std::max(t, server));
    const double end = s.hours.after(start, takes);
    server = end;
    out.push_back({start, end});
    if (came) came->push_back(t);
  }
}

void recovers(const char* name, const Simulated& s, const WeeklyHours& expected) {
  CAPTURE(name);
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    CAPTURE(seed);
    const HoursFound found = discover_hours(simulate(s, seed));
    CAPTURE(found.note);
    CHECK(found.hours.weekly_text() == expected.weekly_text());
    CHECK(found.closed_times == !expected.always_open());
    CHECK(found.share_outside == 0);
    CHECK(found.note.find('\n') == std::string::npos);
  }
}

}  // namespace

TEST_CASE("hours are recovered exactly from simulated work, seed after seed") {
  const WeeklyHours always;
  recovers("Mon-Fri 8-16", {.hours = early, .arrivals = early}, early);
  recovers("work comes at any time", {.hours = early, .arrivals = always, .every = hour}, early);
  recovers("two shifts", {.hours = two_shifts, .arrivals = two_shifts}, two_shifts);
  recovers("Mon-Sat 6-22", {.hours = six_days, .arrivals = six_days}, six_days);
  recovers("nights", {.hours = nights, .arrivals = nights}, nights);
  recovers("half Saturdays", {.hours = half_saturday, .arrivals = half_saturday}, half_saturday);
  recovers("half hours", {.hours = half_hours, .arrivals = half_hours, .every = 8 * minute, .takes = 20 * minute, .weeks = 16},
           half_hours);
  recovers("a pause at noon", {.hours = lunch, .arrivals = lunch}, lunch);
  recovers("two weeks only", {.hours = early, .arrivals = early, .every = 15 * minute, .weeks = 2}, early);
}

TEST_CASE("around the clock: busy, lightly loaded, idle nights, long work") {
  const WeeklyHours always;
  recovers("busy", {.hours = always, .arrivals = always}, always);
  recovers("busy by day only", {.hours = always, .arrivals = office, .every = 10 * minute, .takes = 80 * minute}, always);
  recovers("lightly loaded", {.hours = always, .arrivals = always, .every = 6 * hour}, always);
  recovers("idle nights, short work", {.hours = always, .arrivals = office, .takes = 10 * minute}, always);
  recovers("idle nights, constant work", {.hours = always, .arrivals = office, .takes = 10 * minute, .exponential = false},
           always);
  recovers("a day's work", {.hours = always, .arrivals = office, .servers = 200, .takes = day, .exponential = false}, always);
  recovers("days of work", {.hours = always, .arrivals = office, .servers = 200, .every = 2 * hour, .takes = 2 * day}, always);
}

TEST_CASE("negative controls: the same work without its suspension, or too few, is no calendar") {
  const Simulated s{.hours = early, .arrivals = early};
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    CAPTURE(seed);
    std::vector<WorkSpan> work = simulate(s, seed);
    REQUIRE(discover_hours(work).closed_times);
    for (WorkSpan& w : work) w.end_s = w.start_s + early.open_between(w.start_s, w.end_s);  // goes on into the evening
    CHECK_FALSE(discover_hours(work).closed_times);
    std::mt19937_64 random(seed);
    for (WorkSpan& w : work) {  // the same durations at any time of the week
      const double takes = w.end_s - w.start_s;
      w.start_s = monday + static_cast<double>(random() % 4838400);
      w.end_s = w.start_s + takes;
    }
    CHECK_FALSE(discover_hours(work).closed_times);
    CHECK_FALSE(discover_hours(std::span(work).first(4)).closed_times);
  }
  CHECK_FALSE(discover_hours({}).closed_times);
  CHECK_FALSE(discover_arrival_hours({}).closed_times);
  const std::vector<WorkSpan> one_instant(50, WorkSpan{monday, monday});
  CHECK_FALSE(discover_hours(one_instant).closed_times);
}

TEST_CASE("work left over from the evening is done in the morning: until more comes is no pause") {
  std::vector<WorkSpan> work;
  for (int d = 0; d < 12 * 7; ++d) {
    if (d % 7 > 4) continue;
    for (int k = 9; k < 21; ++k) work.push_back({monday + d * day + k * hour + 60, monday + d * day + (k + 1) * hour - 60});
    const double late = monday + d * day + 21.2 * hour;
    if (d % 6 == 0) work.push_back({late, two_shifts.after(late, 1.5 * hour)});
  }
  CHECK(discover_hours(work).hours.weekly_text() == two_shifts.weekly_text());
}

TEST_CASE("a handful of stamps on Sundays does not open them, and is told") {
  std::vector<WorkSpan> work = simulate({.hours = early, .arrivals = early, .every = 10 * minute}, 5);
  REQUIRE(work.size() > 1500);
  for (int k = 0; k < 5; ++k) work.push_back({monday + k * week - day + 11.2 * hour, monday + k * week - day + 11.6 * hour});
  const HoursFound found = discover_hours(work);
  CHECK(found.hours.weekly_text() == early.weekly_text());
  CHECK(found.share_outside == doctest::Approx(5.0 / static_cast<double>(work.size())));
}

TEST_CASE("an end on the stroke of closing belongs to the slot before, later starts do not") {
  std::vector<WorkSpan> work = simulate({.hours = early, .arrivals = early, .every = 10 * minute}, 6);
  for (int d = 0; d < 5; ++d)
    for (int k = 0; k < 8; ++k)
      work.push_back({monday + d * day + k * week + 15.5 * hour, monday + d * day + k * week + 16 * hour});
  CHECK(discover_hours(work).hours.weekly_text() == early.weekly_text());
  std::vector<WorkSpan> slipped = work;  // begun on the stroke, done in the morning
  for (int k = 0; k < 8; ++k)
    slipped.push_back({monday + k * week + 16 * hour, early.after(monday + k * week + 16 * hour, 10 * minute)});
  const HoursFound found = discover_hours(slipped);
  CHECK(found.hours.weekly_text() == early.weekly_text());
  CHECK(found.share_outside == doctest::Approx(4.0 / static_cast<double>(slipped.size())));
  for (int d = 0; d < 5; ++d)
    for (int k = 0; k < 8; ++k)
      work.push_back({monday + d * day + k * week + 16 * hour + 60, monday + d * day + k * week + 16 * hour + 90});
  CHECK(discover_hours(work).hours.weekly_text() != early.weekly_text());
}

TEST_CASE("work finished before closing time: what waited through the night tells closed hours from idle ones") {
  // begun work is finished; nothing is begun that would not be: no work lies across the night
  const auto day_work = [](std::uint64_t seed, const WeeklyHours& comes, std::vector<double>& came) {
    std::vector<WorkSpan> work =
        simulate({.hours = WeeklyHours(), .arrivals = comes, .every = hour, .takes = 10 * minute}, seed, &came);
    for (WorkSpan& w : work) {
      const double takes = w.end_s - w.start_s, start = early.next_open(w.start_s);
      w = {start, start + takes};
    }
    return work;
  };
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    HoursOptions options;
    std::vector<double> came;
    std::vector<WorkSpan> work = day_work(seed, WeeklyHours(), came);
    options.offered_s = came;
    const HoursFound closed = discover_hours(work, options);
    CAPTURE(closed.note);
    CHECK(closed.closed_times);
    std::vector<double> by_day;
    work = day_work(seed, early, by_day);
    options.offered_s = by_day;
    CHECK_FALSE(discover_hours(work, options).closed_times);
  }
  HoursOptions wrong;
  const std::vector<double> one{monday};
  wrong.offered_s = one;
  CHECK_THROWS_AS(discover_hours({}, wrong), std::invalid_argument);
  HoursOptions uneven, none;
  uneven.slot_s = 5000;
  none.edge_s = 0;
  CHECK_THROWS_AS(discover_hours({}, uneven), std::invalid_argument);
  CHECK_THROWS_AS(discover_hours({}, none), std::invalid_argument);
  const std::vector<WorkSpan> unknown(9, WorkSpan{monday, std::nan("")});
  CHECK_THROWS_AS(discover_hours(unknown), std::invalid_argument);
}

TEST_CASE("hours of arrivals") {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    std::vector<double> came;
    simulate({.hours = WeeklyHours(), .arrivals = office, .every = 15 * minute}, seed, &came);
    CHECK(discover_arrival_hours(came).hours.weekly_text() == office.weekly_text());
    came.clear();
    simulate({.hours = office, .arrivals = WeeklyHours(), .every = hour}, seed, &came);
    CHECK(discover_arrival_hours(came).hours.always_open());
  }
}

namespace {

const std::string logs = RETWIN_SOURCE_DIR "/../shared/logs/";

struct Pools {
  std::map<std::string, std::vector<WorkSpan>> work;
  std::vector<double> arrivals;
};

// Resources Clerk_0, Clerk_1 ... are one pool. The first cases only.
Pools read_pools(const std::string& file, double share) {
  EventLog log = read_csv_log(logs + file);
  clean(log);
  std::vector<std::pair<double, std::size_t>> first;
  const auto lots = log.by_lot();
  for (std::size_t i = 0; i < lots.size(); ++i)
    if (!lots[i].empty()) first.emplace_back(log.events[lots[i][0]].start_s, i);
  std::sort(first.begin(), first.end());
  first.resize(static_cast<std::size_t>(std::lround(static_cast<double>(first.size()) * share)));
  std::vector<bool> keep(lots.size(), false);
  Pools pools;
  for (const auto& [start, lot] : first) keep[lot] = true, pools.arrivals.push_back(start);
  for (const LogEvent& e : log.events) {
    if (!keep[e.lot]) continue;
    const std::string& name = log.resources[e.resource];
    pools.work[name.substr(0, name.find('_'))].push_back({e.start_s, e.end_s});
  }
  return pools;
}

}  // namespace

TEST_CASE("known truth: every pool's calendar and the arrivals', to the hour, from all, two thirds and one third of the cases") {
  if (!std::filesystem::exists(logs + "known_truth")) {
    MESSAGE("skipped: no event logs at ", logs + "known_truth");
    return;
  }
  struct Truth {
    const char* file;
    std::size_t pools;
    const char* open;      // the one pool, or all, around the clock
    const char* arrivals;  // first starts: where the first station queues around the clock they go on after the arrivals
  };
  for (const Truth& truth :
       {Truth{"Loan_Application", 6, "Applicant", "Mon-Fri 09:00-17:00"}, Truth{"Procure_to_Pay", 5, "", "Mon-Fri 09:00-17:00"},
        Truth{"Confidential", 5, "*", "Mon-Fri 09:00-19:00"}})
    for (double share : {1.0, 2.0 / 3, 1.0 / 3}) {
      CAPTURE(truth.file);
      CAPTURE(share);
      const Pools pools = read_pools(std::string("known_truth/") + truth.file + ".csv.gz", share);
      CHECK(pools.work.size() == truth.pools);
      CHECK(discover_arrival_hours(pools.arrivals).hours.weekly_text() == Lines{truth.arrivals});
      for (const auto& [name, work] : pools.work) {
        CAPTURE(name);
        const HoursFound found = discover_hours(work);
        CAPTURE(found.note);
        const bool open = std::string(truth.open) == "*" || truth.open == name;
        CHECK(found.hours.weekly_text() == (open ? WeeklyHours() : office).weekly_text());
        CHECK(found.share_outside < 0.001);
        if (name == "Applicant") CHECK(found.note.find("23:59") != std::string::npos);
      }
    }
}

TEST_CASE("real work: the production log rests on Saturdays") {
  if (!std::filesystem::exists(logs + "production")) {
    MESSAGE("skipped: no event logs at ", logs + "production");
    return;
  }
  const Pools pools = read_pools("production/Production_training.csv", 1);
  const HoursFound inspector = discover_hours(pools.work.at("ID4618"));
  CAPTURE(inspector.note);
  CHECK(inspector.closed_times);
  for (const auto& span : inspector.hours.spans()) CHECK((span.to_s <= 5 * day || span.from_s >= 6 * day));
}

}  // namespace retwin::weekly_hours_test

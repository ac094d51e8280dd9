// Discovery of opening hours: were the times of the week without stamps closed, or merely idle?
#include <fmt/format.h>

#include <algorithm>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>
#include <stdexcept>

#include "core/stats/tally.hpp"
#include "core/base/constants.hpp"
#include "core/telemetry/hours/coverage.hpp"
#include "core/telemetry/hours/week_slots.hpp"

namespace retwin {
namespace {

constexpr double pause_s = 4 * 3600;  // closed for less is a pause, before which work need not get less
constexpr std::size_t few = 5;        // fewer observations are no evidence

// P(no more than k) where `mean` are expected, Poisson.
double at_most(std::size_t k, double mean) { return mean <= 0 ? 1 : boost::math::gamma_q(static_cast<double>(k) + 1, mean); }

bool open_before(const WeeklyHours& hours, double time_s) { return hours.open_at(time_s - 2 * same_instant_s); }

bool end_open(const WeeklyHours& hours, const WorkSpan& w) {
  return w.end_s > w.start_s ? open_before(hours, w.end_s) : hours.open_at(w.end_s);
}

struct Late {
  double seen = 0, usual = 0;  ///< starts in the last slot before closing; as many as there are at other times
};

constexpr double at_opening_s = 60;

struct Evidence {
  std::size_t starts_outside = 0, ends_outside = 0;
  std::size_t across = 0;             ///< works begun in one span of open time and ended in another
  std::size_t ended_closed = 0;       ///< begun in open time, ended in closed time
  double ends_expected = 0;           ///< of those, were it always open
  Tally gross, net;                   ///< durations [s]
  std::size_t waited = 0, taken = 0;  ///< offered in closed time: begun after the opening, or at once
  std::size_t opened = 0;             ///< of those that waited, begun at the very opening of a day
  double ends_usual = 0;              ///< of those, were starts before closing also as frequent as at other times
  Late late;
  std::size_t bins_open = 0, bins_closed = 0;  ///< of the calendar with starts
};

// Position in the week of each closing for longer than a pause [s].
std::vector<double> closings(const WeeklyHours& hours) {
  const auto& spans = hours.spans();
  std::vector<double> out;
  for (std::size_t i = 0; i < spans.size(); ++i) {
    const double next = i + 1 < spans.size() ? spans[i + 1].from_s : spans.front().from_s + week_s;
    if (next - spans[i].to_s >= pause_s) out.push_back(spans[i].to_s);
  }
  return out;
}

Late late_starts(std::span<const WorkSpan> work, const WeeklyHours& hours, double slot_s) {
  const auto last_slot = [slot_s](double closing_s) {
    const double part = std::fmod(closing_s, slot_s);
    return part > 0 ? part : slot_s;
  };
  const std::vector<double> at = closings(hours);
  Late late;
  double starts = 0, window_s = 0;
  for (double closing : at) window_s += last_slot(closing);
  for (const WorkSpan& w : work) {
    if (!hours.open_at(w.start_s)) continue;
    ++starts;
    const double x = in_week(w.start_s);
    const auto next = std::upper_bound(at.begin(), at.end(), x);
    late.seen += next != at.end() && *next - x <= last_slot(*next);
  }
  late.usual = starts * window_s / hours.open_per_week_s();
  return late;
}

// Different bins of the calendar among times: bursts count once.
std::size_t distinct(std::vector<double> times, double bin_s) {
  for (double& t : times) t = std::floor(t / bin_s);
  std::sort(times.begin(), times.end());
  return static_cast<std::size_t>(std::unique(times.begin(), times.end()) - times.begin());
}

// Ends of work begun in open time that would fall into closed times, were it always open: every start with every duration.
// Of large logs, some starts and some durations stand for all.
double ends_expected(const std::vector<double>& starts, std::vector<double> durations, const WeeklyHours& hours) {
  constexpr std::size_t most_starts = 4000, most_durations = 100;
  std::sort(durations.begin(), durations.end());
  const std::size_t n = durations.size(), m = std::min(n, most_durations), step = starts.size() / most_starts + 1;
  double closed = 0, tried = 0;
  for (std::size_t i = 0; i < starts.size(); i += step)
    for (std::size_t k = 0; k < m; ++k, ++tried)
      closed += !open_before(hours, starts[i] + std::max(1e-3, durations[(2 * k + 1) * n / (2 * m)]));
  return tried > 0 ? closed / tried * static_cast<double>(starts.size()) : 0;
}

Evidence look(std::span<const WorkSpan> work, const WeeklyHours& hours, const HoursOptions& options) {
  Evidence e;
  std::vector<double> durations, in_open, in_closed;
  double total = 0;
  for (std::size_t i = 0; i < work.size(); ++i) {
    const WorkSpan& w = work[i];
    const bool start = hours.open_at(w.start_s), end = end_open(hours, w);
    const double gross = w.end_s - w.start_s, net = hours.open_between(w.start_s, w.end_s);
    (start ? in_open : in_closed).push_back(w.start_s);
    e.ends_outside += !end;
    e.gross.add(gross);
    e.net.add(start || end ? net : gross);
    if (start) {
      durations.push_back(gross);
      total += std::min(end ? net : gross, options.slot_s);
      e.ended_closed += !end;
      e.across += end && gross > net + 1;
    }
    if (options.offered_s.empty()) continue;
    const double offered = options.offered_s[i];
    if (!(offered <= w.start_s) || hours.open_at(offered)) continue;
    const bool waited = w.start_s >= hours.next_open(offered);
    ++(waited ? e.waited : e.taken);
    e.opened += waited && !hours.open_at(w.start_s - at_opening_s) ? 1 : 0;
  }
  e.starts_outside = in_closed.size();
  e.ends_expected = ends_expected(in_open, std::move(durations), hours);
  e.ends_usual = static_cast<double>(closings(hours).size()) * total / hours.open_per_week_s();
  e.late = late_starts(work, hours, options.slot_s);
  e.bins_open = distinct(std::move(in_open), options.edge_s);
  e.bins_closed = distinct(std::move(in_closed), options.edge_s);
  return e;
}

double variation(const Tally& t) { return t.mean() > 0 ? std::sqrt(t.variance()) / t.mean() : 0; }

struct Verdict {
  bool closed;
  std::string note;
};

struct Starts {
  double expected;  ///< in closed times, were it always open
  bool lacking;     ///< fewer were seen than that could give
};

Starts starts_lacking(std::size_t bins_open, std::size_t bins_closed, const WeeklyHours& hours, double probability) {
  const double expected = static_cast<double>(bins_open + bins_closed) * (1 - hours.open_per_week_s() / week_s);
  return {expected, at_most(bins_closed, expected) < probability};
}

// From the strongest evidence to the weakest.
Verdict judge(const Evidence& e, std::size_t n, const WeeklyHours& hours, const HoursOptions& options) {
  const double enough = -std::log(options.probability), ended = static_cast<double>(e.ended_closed);
  const double gross = variation(e.gross), net = variation(e.net);
  const std::string across =
      fmt::format("{} of {} pieces of work lie across closed times, variation of durations {:.2f} gross and {:.2f} net", e.across,
                  n, gross, net);
  // if suspension does not explain durations better, times without stamps may be chance, and more must be lacking
  const bool unexplained = e.across >= 3 && net >= 0.98 * gross;
  if (e.ends_expected >= (unexplained ? 3 : 1) * enough) {
    const std::string ends =
        fmt::format("{:.0f} ends in closed times expected if always open, {} seen; ", e.ends_expected, e.ended_closed);
    if (at_most(e.ended_closed, e.ends_expected) < options.probability && ended < 0.25 * e.ends_expected)
      return {true, ends + across};
    return {false, "work goes on after what would be closing: " + ends + across};
  }
  if ((e.across >= 2 && net < 0.5 * gross) || (e.across >= 3 && net < 0.9 * gross)) return {true, "work is suspended: " + across};
  if (e.across >= 3) return {false, "work runs through the times without stamps: " + across};
  // what was offered at some time begins at any time of the open ones by chance: at the very opening only where there is one
  if (static_cast<double>(e.opened) >= enough && e.opened * 20 >= e.waited && e.taken * 5 <= e.waited)
    return {true,
            fmt::format("{} pieces of work came in closed times and waited for the opening, {} did not", e.waited, e.taken)};
  const Starts starts = starts_lacking(e.bins_open, e.bins_closed, hours, options.probability);
  const std::string numbers =
      fmt::format("starts in {} different slots of {:.0f} min, {:.0f} of them expected in closed times if always open, {} seen",
                  e.bins_open + e.bins_closed, options.edge_s / 60, starts.expected, e.bins_closed);
  if (!starts.lacking || e.late.usual < few) return {false, "too little to tell: " + numbers};
  if (e.late.seen < 0.5 * e.late.usual || (e.ends_usual >= 3 && e.ends_expected < 0.05 * e.ends_usual))
    return {false, "idle rather than closed: work gets less before what would be closing, and none was interrupted"};
  return {true, numbers};
}

// Hours that end at 23:59 lose a minute of each day; whoever wrote them meant around the clock.
bool last_minute_off(std::span<const WorkSpan> work) {
  std::vector<WeeklyHours::Span> spans;
  for (int d = 0; d < days_of_week; ++d) spans.push_back({d * day_s, (d + 1) * day_s - 60});
  const WeeklyHours hours(std::move(spans));
  const auto hourly = [](double x) { return std::abs(x - 3600 * std::round(x / 3600)) < 1; };
  Tally gross, net;
  std::size_t over_midnight = 0, whole_gross = 0, whole_net = 0;
  for (const WorkSpan& w : work) {
    if (!hours.open_at(w.start_s) || !end_open(hours, w)) return false;
    const double g = w.end_s - w.start_s, n = hours.open_between(w.start_s, w.end_s);
    gross.add(g), net.add(n);
    if (g <= n + 1) continue;
    ++over_midnight;
    whole_gross += hourly(g);
    whole_net += hourly(n);
  }
  return over_midnight >= 5 && (variation(net) < 0.9 * variation(gross) || (whole_net == over_midnight && whole_gross == 0));
}

// Pauses filled in which nothing was to be done: work begun before them ended in them more often than it lay across them; or none
// lay across, and little is done in the time before or after, as where work is left over from the day before.
WeeklyHours without_idle(std::span<const WorkSpan> work, const WeeklyHours& hours) {
  struct Pause {
    double from_s, to_s;  // of the week
    bool little = false;
    std::size_t ended = 0, across = 0;
  };
  std::vector<WeeklyHours::Span> spans = hours.spans();
  std::vector<double> stamps(spans.size(), 0);
  for (const WorkSpan& w : work)
    for (const double x : {in_week(w.start_s), in_week(w.end_s - 2 * same_instant_s)}) {
      const auto next = std::upper_bound(spans.begin(), spans.end(), x,
                                         [](double at, const WeeklyHours::Span& span) { return at < span.from_s; });
      if (next != spans.begin()) stamps[static_cast<std::size_t>(next - spans.begin()) - 1] += 1;
    }
  const double level = 2 * static_cast<double>(work.size()) / hours.open_per_week_s();
  const auto little = [&](std::size_t i) { return stamps[i] < 0.25 * level * (spans[i].to_s - spans[i].from_s); };
  std::vector<Pause> pauses;
  for (std::size_t i = 1; i < spans.size(); ++i)
    if (spans[i].from_s - spans[i - 1].to_s < pause_s)
      pauses.push_back({spans[i - 1].to_s, spans[i].from_s, little(i - 1) || little(i)});
  if (pauses.empty()) return hours;
  for (const WorkSpan& w : work) {
    const double start = in_week(w.start_s), end = start + (w.end_s - w.start_s) - 2 * same_instant_s;
    const auto next = std::find_if(pauses.begin(), pauses.end(), [&](const Pause& p) { return p.from_s > start; });
    if (next == pauses.end() || end < next->from_s || !hours.open_at(w.start_s)) continue;
    ++(end < next->to_s ? next->ended : next->across);
  }
  for (const Pause& pause : pauses) {
    std::size_t ended = 0, across = 0;  // at the same time of all days
    for (const Pause& other : pauses)
      if (std::fmod(other.from_s, day_s) == std::fmod(pause.from_s, day_s) &&
          other.to_s - other.from_s == pause.to_s - pause.from_s)
        ended += other.ended, across += other.across;
    if ((ended >= 3 && ended > across) || (across == 0 && pause.little)) spans.push_back({pause.from_s, pause.to_s});
  }
  return WeeklyHours(std::move(spans));
}

HoursFound around_the_clock(std::string note) { return {WeeklyHours(), false, 0, std::move(note)}; }

}  // namespace

HoursFound discover_hours(std::span<const WorkSpan> work, const HoursOptions& options) {
  if (!options.offered_s.empty() && options.offered_s.size() != work.size())
    throw std::invalid_argument("an offer per piece of work is needed, or none");
  WeekSlots slots(options);
  if (work.size() < few) return around_the_clock(fmt::format("too little to tell: {} pieces of work", work.size()));
  for (const WorkSpan& w : work) {
    slots.add(w.start_s, false);
    slots.add(w.end_s, w.end_s > w.start_s);
  }
  const WeeklyHours hours = filled_in(without_idle(work, slots.with_stamps()), options.from_s, options.to_s);
  if (hours.always_open()) return around_the_clock("stamps at all times of the week that the log covers");
  const Evidence evidence = look(work, hours, options);
  Verdict verdict = judge(evidence, work.size(), hours, options);
  if (!verdict.closed) {
    if (last_minute_off(work)) verdict.note += "; off from 23:59 to 24:00, taken for open";
    return around_the_clock(std::move(verdict.note));
  }
  const double outside =
      static_cast<double>(evidence.starts_outside + evidence.ends_outside) / (2 * static_cast<double>(work.size()));
  return {hours, true, outside, std::move(verdict.note)};
}

HoursFound discover_arrival_hours(std::span<const double> arrivals_s, const HoursOptions& options) {
  WeekSlots slots(options);
  const std::size_t n = arrivals_s.size();
  if (n < few) return around_the_clock(fmt::format("too little to tell: {} arrivals", n));
  for (double t : arrivals_s) slots.add(t, false);
  const WeeklyHours hours = filled_in(slots.with_stamps(), options.from_s, options.to_s);
  std::vector<double> in_open, in_closed;
  for (double t : arrivals_s) (hours.open_at(t) ? in_open : in_closed).push_back(t);
  const double outside = static_cast<double>(in_closed.size()) / static_cast<double>(n);
  const std::size_t closed = distinct(std::move(in_closed), options.edge_s), open = distinct(std::move(in_open), options.edge_s);
  const Starts starts = starts_lacking(open, closed, hours, options.probability);
  std::string note =
      fmt::format("arrivals in {} different slots of {:.0f} min, {:.0f} of them expected in closed times if always open, {} seen",
                  open + closed, options.edge_s / 60, starts.expected, closed);
  if (hours.always_open()) return around_the_clock("arrivals at all times of the week");
  if (!starts.lacking) return around_the_clock("too little to tell: " + note);
  return {hours, true, outside, std::move(note)};
}

}  // namespace retwin

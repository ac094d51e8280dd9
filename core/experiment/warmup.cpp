// MSER of the objective per period, and what it says against a warm-up.
#include "core/experiment/warmup.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/base/constants.hpp"
#include "core/base/units.hpp"
#include "core/stats/intervals.hpp"
#include "core/stats/tally.hpp"

namespace retwin {
namespace {

constexpr double periods = 200, off = 0.01, errors = 3;
constexpr std::size_t group_of_mser5 = 5;

bool weekly(const Plant& plant) {
  return std::any_of(plant.calendars.begin(), plant.calendars.end(), [](const ShiftCalendar& c) { return !c.always(); }) ||
         std::any_of(plant.sources.begin(), plant.sources.end(),
                     [](const Source& s) { return s.arrivals == Arrivals::profile || s.arrivals == Arrivals::blocks; });
}

Tally tally(std::span<const double> values) {
  Tally out;
  for (const double v : values) out.add(v);
  return out;
}

std::string text(double seconds) {
  return seconds >= week_s && std::fmod(seconds, week_s) == 0 ? fmt::format("{:g} week{}", seconds / week_s, seconds == week_s ? "" : "s") : format_duration(seconds);
}

}  // namespace

double warmup_period(const Scenario& scenario) { return weekly(*scenario.plant) ? week_s : scenario.run.duration_s / periods; }

std::optional<std::size_t> warmup_cut(std::span<const double> means) {
  std::vector<double> five;  // each five times: MSER-5 of these is MSER of the means
  for (const double m : means) five.insert(five.end(), group_of_mser5, m);
  std::optional<std::size_t> cut = mser5(five);
  if (cut) *cut /= group_of_mser5;
  return cut;
}

std::optional<Problem> short_warmup(const Scenario& scenario, std::span<const double> means) {
  const double period_s = warmup_period(scenario);
  const std::optional<std::size_t> cut = warmup_cut(means);
  const auto told = static_cast<std::size_t>(std::ceil(scenario.run.warmup_s / period_s - 1e-9));
  if (!cut || *cut <= told) return std::nullopt;
  const Tally early = tally(means.subspan(told, *cut - told)), rest = tally(means.subspan(*cut)), all = tally(means.subspan(told));
  const double error = rest.sd() / std::sqrt(static_cast<double>(early.count()));
  if (!(std::abs(early.mean() - rest.mean()) > errors * error) || !(std::abs(all.mean() - rest.mean()) > off * std::abs(rest.mean()))) return std::nullopt;
  const double enough_s = static_cast<double>(*cut) * period_s;
  return Problem{Code::window, Severity::warning, {}, "run.warmup",
                 fmt::format("the warm-up of {} is too short: {} still changes until {}, which makes it {:+.1f} %", text(scenario.run.warmup_s), scenario.objective,
                             text(enough_s), 100 * (all.mean() / rest.mean() - 1)), fmt::format("run.warmup: {}", text(enough_s))};
}

}  // namespace retwin

// MSER of the objective per period: the warm-up that it finds, and what it says against one that is stated.
#include "core/experiment/warmup.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/base/constants.hpp"
#include "core/base/units.hpp"
#include "core/stats/intervals.hpp"
#include "core/stats/tally.hpp"

namespace retwin {
namespace {

constexpr double periods = 200, off = 0.01, errors = 3;
constexpr std::size_t fewest_periods = 10;  // periods

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

Problem warning_of(const Scenario& scenario, std::string message, std::string hint) {
  Place place;
  place.file = scenario.path;
  return {Code::window, Severity::warning, place, "run.warmup", std::move(message), std::move(hint)};
}

Problem too_few(const Scenario& scenario, std::size_t n, double period_s) {
  return warning_of(scenario, fmt::format("whether the warm-up is long enough cannot be told from {} period{} of {}", n, n == 1 ? "" : "s", format_weeks(period_s)),
                    fmt::format("at least {} are needed: run.duration: {}, or more", fewest_periods, format_weeks(static_cast<double>(fewest_periods) * period_s)));
}

/// What is still on its way in the second half.
Problem too_late(const Scenario& scenario, double until_s) {
  return warning_of(scenario, fmt::format("{} still changes in the second half of the run, until {}: it has not settled", scenario.objective, format_weeks(until_s)),
                    fmt::format("make the run longer, at least run.duration: {}; a plant that fills up never settles", format_weeks(2 * until_s)));
}

}  // namespace

double warmup_period(const Scenario& scenario) { return weekly(*scenario.plant) ? week_s : scenario.run.duration_s / periods; }

std::optional<Problem> short_warmup(const Scenario& scenario, std::span<const double> means) {
  const double period_s = warmup_period(scenario);
  if (means.size() < fewest_periods) return too_few(scenario, means.size(), period_s);
  const std::size_t cut = mser(means);
  const auto stated = static_cast<std::size_t>(std::ceil(scenario.run.warmup_s / period_s - 1e-9));
  if (cut <= stated) return std::nullopt;
  const Tally early = tally(means.subspan(stated, cut - stated)), rest = tally(means.subspan(cut)), all = tally(means.subspan(stated));
  const double error = rest.sd() / std::sqrt(static_cast<double>(early.count()));
  if (!(std::abs(early.mean() - rest.mean()) > errors * error) || !(std::abs(all.mean() - rest.mean()) > off * std::abs(rest.mean()))) return std::nullopt;
  const double enough_s = static_cast<double>(cut) * period_s;
  if (cut > means.size() / 2) return too_late(scenario, enough_s);
  return warning_of(scenario, fmt::format("the warm-up of {} is too short: {} still changes until {}, which makes it {:+.1f} %", format_weeks(scenario.run.warmup_s),
                                scenario.objective, format_weeks(enough_s), 100 * (all.mean() / rest.mean() - 1)),
                    fmt::format("run.warmup: {}", format_weeks(enough_s)));
}

FoundWarmup found_warmup(const Scenario& scenario, std::span<const double> means) {
  const double period_s = warmup_period(scenario);
  if (means.size() < fewest_periods) return {0, too_few(scenario, means.size(), period_s)};
  if (std::all_of(means.begin(), means.end(), [&](double x) { return x == means.front(); }))
    return {0, warning_of(scenario, fmt::format("{} is the same in all periods, or is not told by periods: no warm-up can be found by it", scenario.objective),
                          "state run.warmup, or another objective, as plant.wip")};
  const std::size_t cut = mser(means), most = means.size() / 2;
  FoundWarmup found{static_cast<double>(std::min(cut, most)) * period_s, std::nullopt};
  if (cut > most) found.doubt = too_late(scenario, static_cast<double>(cut) * period_s);
  return found;
}

Scenario with_warmup(const Scenario& scenario, double warmup_s) {
  Scenario out = scenario;
  out.run.warmup_s = warmup_s;
  out.run.finds_warmup = false;
  return out;
}

}  // namespace retwin

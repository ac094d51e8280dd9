// What is beyond the limits of a run from the start: servers, lots that are there, arrivals that it would take too long to count.
#include <fmt/format.h>

#include <algorithm>

#include "core/scenario/compile/compiler.hpp"

namespace retwin {
namespace {

constexpr double most_of_all_stations = 2e6;  // of all stations, counted with their ports, failure modes and memory

/// Lots that a source is expected to make in a run, where its times tell; 0 where they are counted one by one.
double expected_arrivals(const Source& source, double run_s) {
  const double until_s = source.until_s > 0 ? std::min(source.until_s, run_s) : run_s;
  double per_s = 0;
  if (source.arrivals == Arrivals::renewal) per_s = 1 / source.every.mean();
  if (source.arrivals == Arrivals::profile)
    for (const double rate : source.profile_rate) per_s = std::max(per_s, rate);
  const double events = per_s * std::max(0.0, until_s - source.start_s);
  return source.limit == unlimited ? events : std::min(events, static_cast<double>(source.limit));
}

}  // namespace

void Compiler::check_limits() {
  Limits& limits = plant_->limits;
  limits.lots = static_cast<std::size_t>(specs_.run.most_lots);
  limits.events = specs_.run.most_events;
  double servers = 0, lots = 0;
  for (const Station& s : plant_->stations) {
    servers += s.servers * (1.0 + static_cast<double>(s.ports.size() + s.failures.size() + (s.operation ? s.operation->memory().size() : 0)) / 4);
    if (servers <= most_of_all_stations) continue;
    problems_.error(Code::range, s.place, "stations." + s.name + ".servers", "more servers, with their ports and failure modes, than this program keeps",
                    "write unlimited for a station that everything finds room in");
    break;
  }
  for (std::size_t k = 0; k < plant_->initial.size(); ++k) {
    lots += plant_->initial[k].count;
    if (lots <= static_cast<double>(limits.lots)) continue;
    problems_.error(Code::range, specs_.initial[k].spec.place, fmt::format("initial.{}.count", k),
                    fmt::format("more than {} lots; run.most_lots admits no more", limits.lots), "let there be fewer, or make run.most_lots larger");
    break;
  }
  for (const Source& source : plant_->sources) {
    const double events = expected_arrivals(source, specs_.run.duration_s);
    if (events <= limits.events) continue;
    problems_.error(Code::range, source.place, "sources." + source.name,
                    fmt::format("about {:.3g} arrivals in a run of this duration; run.most_events admits {:.3g} events", events, limits.events),
                    "check its times and run.duration, or make run.most_events larger");
  }
}

}  // namespace retwin

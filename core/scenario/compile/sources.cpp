// Compiling sources and their profiles, and the lots of the start.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/base/files.hpp"
#include "core/base/constants.hpp"
#include "core/scenario/compile/compiler.hpp"

namespace retwin {
namespace {
}

void Compiler::compile_source(const SourcePart& part, Source& source) {
  const SourceSpec& spec = part.spec;
  const std::string path = "sources." + spec.name;
  source.priority = static_cast<int>(spec.priority);
  source.kind = static_cast<Index>(kind(spec.lot, false));
  source.divisible = plant_->kinds[source.kind].divisible;
  source.maker = part.maker;
  source.lose = spec.when_full == 1;
  if (!spec.admit.empty()) {
    source.admit = expression(spec.admit, Expression::Result::truth, dimension::none, path + ".admit");
    if (spec.saturated) problems_.error(Code::conflict, spec.admit.place, path + ".admit", "a saturated source brings a lot where there is room, and only then", "leave it out, or write every or rate");
  }
  source.start_s = spec.from_s;
  source.until_s = spec.until_s;
  source.repeat_s = spec.repeat_s;
  source.first_s = spec.first_s;
  source.batch = spec.batch.distribution();
  source.limit = spec.limit ? static_cast<Index>(*spec.limit) : unlimited;
  source.attributes = attribute_draws(spec.attributes, path + ".attributes");
  if (spec.due.given()) source.attributes.push_back({plant_->due_slot, spec.due.distribution(), stream_id("due")});
  if (spec.load.given) {
    source.load_kind = static_cast<Index>(kind(spec.load.kind, false));
    source.load_maker = part.load_maker;
    source.load_count = spec.load.count.distribution();
    source.load_attributes = attribute_draws(spec.load.attributes, path + ".load.attributes");
  }
  const int ways = (spec.every.given() ? 1 : 0) + (spec.rate_per_s ? 1 : 0) + (spec.saturated ? 1 : 0) + (spec.profile.given ? 1 : 0) +
                   (spec.at.empty() ? 0 : 1) + (spec.trace.empty() ? 0 : 1) + (spec.blocks.given() ? 1 : 0);
  if (ways > 1 || (ways == 0 && !reported(path, {"every", "rate", "saturated", "profile", "at", "trace", "blocks"})))
    problems_.error(ways == 0 ? Code::missing : Code::conflict, spec.place, path, "when do lots arrive?",
                    "write one of every, rate, saturated, profile, at, trace, blocks");
  if (spec.every.given()) {
    source.arrivals = Arrivals::renewal;
    source.every = spec.every.distribution().value_or(Distribution());
    if (spec.every.distribution() && !(source.every.mean() > 0))
      problems_.error(Code::range, spec.place, path + ".every", "the time between arrivals must be positive");
  } else if (spec.rate_per_s) {
    source.arrivals = Arrivals::renewal;
    source.every = Distribution::exponential(1 / *spec.rate_per_s);
  } else if (spec.profile.given) {
    compile_profile(spec, source, path);
  } else if (!spec.at.empty()) {
    source.arrivals = Arrivals::timetable;
    source.rows = times(spec.at, path + ".at");
  } else if (!spec.trace.empty()) {
    compile_trace(spec, source, path);
  } else if (spec.blocks.given()) {
    compile_blocks(spec, source, path);
  }
  const bool repeats = source.arrivals == Arrivals::timetable && source.repeat_s > 0 && !source.rows.empty();
  if (repeats && source.rows.back().time_s >= source.repeat_s)
    problems_.error(Code::range, spec.place, path + ".repeat", "the times do not fit into one period");
  if (spec.to.ports().size() != 1 || !spec.to.ports()[0].first.empty()) {
    if (spec.to.given()) problems_.error(Code::port, spec.place, path + ".to", "a source has no ports", "write to: name");
    source.route.options.emplace_back();
    return;
  }
  source.route = route(spec.to.ports()[0].second, path + ".to");
  for (const RouteOption& option : source.route.options) {
    const Index first = option.via != none ? option.via : option.target;
    if (!spec.saturated || first == none) continue;
    if (plant_->is_sink(first) || plant_->stations[first].unlimited_servers)
      problems_.error(Code::route, spec.place, path + ".to",
                      std::string("a saturated source would fill ") + (plant_->is_sink(first) ? "a sink" : "servers without number") + " without end",
                      "let it feed a station with a number of servers");
  }
}

void Compiler::compile_profile(const SourceSpec& spec, Source& source, const std::string& path) {
  static const char* const names[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
  source.arrivals = Arrivals::profile;
  double day_share[7];
  std::fill(std::begin(day_share), std::end(day_share), spec.profile.days.empty() ? 1.0 / 7 : 0.0);
  double sum = 0;
  for (const auto& [day, share] : spec.profile.days) {
    const auto it = std::find(std::begin(names), std::end(names), day.text);
    if (it == std::end(names)) {
      problems_.error(Code::unknown_name, day.place, path + ".profile.days", "there is no weekday " + day.text, "use Mon Tue Wed Thu Fri Sat Sun");
      continue;
    }
    day_share[it - std::begin(names)] = share;
    sum += share;
  }
  if (!spec.profile.days.empty() && std::abs(sum - 1) > 1e-9)
    problems_.error(Code::probability, spec.place, path + ".profile.days", "the shares sum to " + fmt::format("{:.9g}", sum) + ", not to 1");
  struct Hours {
    double from, to, share;
  };
  std::vector<Hours> hours;
  sum = 0;
  for (const auto& [span, share] : spec.profile.hours) {
    int from = -1, to = -1, read = 0;
    const bool whole = std::sscanf(span.text.c_str(), "%2d-%2d%n", &from, &to, &read) == 2 && read == static_cast<int>(span.text.size());
    if (!whole || from < 0 || to > 24 || to <= from) {
      problems_.error(Code::type, span.place, path + ".profile.hours", "\"" + span.text + "\" are no hours", "write 08-10: 30 %");
      continue;
    }
    hours.push_back({from * 3600.0, to * 3600.0, share});
    sum += share;
  }
  if (hours.empty()) {
    hours.push_back({0, day_s, 1});
  } else if (std::abs(sum - 1) > 1e-9) {
    problems_.error(Code::probability, spec.place, path + ".profile.hours", "the shares sum to " + fmt::format("{:.9g}", sum) + ", not to 1");
  }
  std::vector<double> edges{0, day_s};
  for (const Hours& h : hours) edges.insert(edges.end(), {h.from, h.to});
  std::sort(edges.begin(), edges.end());
  edges.erase(std::unique(edges.begin(), edges.end()), edges.end());
  const double per_week = spec.profile.rate_per_s * week_s;
  for (int d = 0; d < 7; ++d) {
    for (std::size_t k = 0; k + 1 < edges.size(); ++k) {
      double rate = 0;  // shares of hours that overlap add up
      for (const Hours& h : hours)
        if (h.from <= edges[k] && edges[k + 1] <= h.to) rate += per_week * day_share[d] * h.share / (h.to - h.from);
      source.profile_time_s.push_back(d * day_s + edges[k]);
      source.profile_rate.push_back(rate);
    }
  }
  source.profile_time_s.push_back(week_s);
  source.profile_offset_s = weekday(plant_->day0) * day_s + plant_->clock0_s;
}

// Lots in service: whether the servers take them all, with those named before.
void Compiler::check_in_service(const InitialSpec& spec, const std::string& path) {
  const Station& station = plant_->stations[plant_->find_station(spec.station.text)];
  const BatchRule rule = station.batch.rule;
  if (station.special == Special::plan || rule == BatchRule::siblings || rule == BatchRule::assembly) {
    problems_.error(Code::conflict, spec.station.place, path + ".remaining",
                    station.special == Special::plan ? "a lot in the middle of its plan cannot be given" : "parts in service cannot be given",
                    "leave remaining out: they wait");
    return;
  }
  double& lots = in_service_[spec.station.text];
  lots += static_cast<double>(spec.count);
  if (rule == BatchRule::mass || station.unlimited_servers) return;
  const double places = static_cast<double>(station.servers) * (rule == BatchRule::count ? station.batch.count : 1);
  if (lots > places)
    problems_.warning(Code::range, spec.station.place, path + ".count",
                      "more lots are in service than the servers take: the rest waits, with all of its work",
                      station.name + " takes " + number_text(places));
}

void Compiler::compile_initial(const InitialPart& part, std::size_t index) {
  const InitialSpec& spec = part.spec;
  const std::string path = "initial." + std::to_string(index);
  InitialLots lots;
  lots.station = spec.station.empty() ? none : station_index(spec.station, path + ".station");
  lots.count = static_cast<Index>(spec.count);
  lots.kind = static_cast<Index>(kind(spec.lot, false));
  lots.remaining_s = spec.remaining_s;
  if (!spec.to.empty()) lots.bound_for = station_index(spec.to, path + ".to");
  if (lots.bound_for != none && lots.station != none && plant_->stations[lots.station].special == Special::fleet)
    problems_.error(Code::conflict, spec.to.place, path + ".to", "lots do not start on vehicles", "let them start where the vehicle brings them");
  if (lots.remaining_s && lots.station != none) check_in_service(spec, path);
  lots.maker = part.maker;
  lots.attributes = attribute_draws(spec.attributes, path + ".attributes");
  lots.stream = stream_id("initial " + spec.station.text + " " + std::to_string(index));
  plant_->initial.push_back(std::move(lots));
}

}  // namespace retwin

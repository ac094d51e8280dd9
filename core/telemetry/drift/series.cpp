// Series of logs: one pass over the events, by activity and resource.
#include "core/telemetry/drift/series.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <stdexcept>
#include <utility>

#include "core/base/constants.hpp"
#include "core/base/problem.hpp"
#include "core/base/units.hpp"
#include "core/stats/tally.hpp"
#include "core/telemetry/cases/case_plans.hpp"

namespace retwin {

namespace {

constexpr std::size_t most_ways = 8;  ///< of an activity that are looked at
using Values = std::vector<double>;

/// First start of each lot; infinity if it has none, or if it was in the plant when the log began: in its first fifth, with another
/// activity than the one with which most lots begin.
Values first_starts(const EventLog& log) {
  Values first(log.lots.size(), std::numeric_limits<double>::infinity());
  std::vector<std::uint32_t> activity(log.lots.size(), Names::absent);
  std::map<std::uint32_t, std::size_t> begun;
  for (const LogEvent& event : log.events)
    if (event.start_s < first[event.lot]) first[event.lot] = event.start_s, activity[event.lot] = event.activity;
  for (const std::uint32_t a : activity) ++begun[a];
  begun.erase(Names::absent);
  std::uint32_t usual = Names::absent;
  for (const auto& [a, n] : begun)
    if (2 * n > log.lots.size()) usual = a;
  const double span = log.last_s() - log.first_s(), early = log.first_s() + 0.2 * span;
  for (std::size_t lot = 0; lot < first.size(); ++lot)
    if (usual != Names::absent && activity[lot] != usual && first[lot] < early)
      first[lot] = std::numeric_limits<double>::infinity();
  return first;
}

/// Values of events by activity, and by resource where one has several.
std::vector<DriftSeries> by_subject(const EventLog& log, DriftKind kind, const std::string& unit, bool resources_too,
                                    const std::function<double(std::size_t)>& value) {
  std::map<std::pair<std::uint32_t, std::uint32_t>, DriftSeries> series;
  std::map<std::uint32_t, std::size_t> resources;
  for (std::size_t i = 0; i < log.events.size(); ++i) {
    const LogEvent& event = log.events[i];
    DriftSeries& own = series[{event.activity, resources_too ? event.resource : Names::absent}];
    if (own.time_s.empty()) ++resources[event.activity];
    own.time_s.push_back(event.start_s);
    own.value.push_back(value(i));
  }
  std::vector<DriftSeries> out;
  for (auto& [key, own] : series) {
    own.kind = kind;
    own.unit = unit;
    own.subject = log.activities[key.first];
    if (resources[key.first] > 1 && key.second != Names::absent) own.subject += " / " + log.resources[key.second];
    out.push_back(std::move(own));
  }
  return out;
}

// --- columns

/// What plants call their columns, as plain_name() writes them; with "*": any that starts so.
struct Role {
  const char* what;
  std::string DriftColumns::*given;
  bool numeric;
  std::vector<std::string_view> usual;
};
const Role roles[] = {
    {"rejected", &DriftColumns::rejected, false, {"qtyrejected", "rejectedqty",   "quantityrejected", "rejectedquantity",
                                                  "rejectqty",   "rejects",       "rejected",         "reject",
                                                  "isrejected",  "qtyscrap",      "scrapqty",         "scrap",
                                                  "scrapped",    "nok",           "defects",          "defective",
                                                  "defect",      "qualityresult", "inspectionresult", "testresult",
                                                  "verdict"}},
    {"good",
     &DriftColumns::good,
     true,
     {"qtycompleted", "qtygood", "goodqty", "goodquantity", "quantitygood", "goodparts", "goodcount", "good", "okqty"}},
    {"made",
     &DriftColumns::made,
     true,
     {"qtymade", "madeqty", "quantitymade", "quantity", "qty", "totalqty", "totalquantity", "partsmade"}},
    {"energy", &DriftColumns::energy, true, {"energyconsumption*", "energy*"}},
    {"mass", &DriftColumns::mass, true, {"mass*", "weight*"}}};

bool fits(std::string_view plain, std::string_view usual) {
  return usual.back() == '*' ? plain.starts_with(usual.substr(0, usual.size() - 1)) : plain == usual;
}

const LogColumn* column_of(const EventLog& log, const DriftColumns& columns, std::string DriftColumns::*member) {
  const std::string& given = columns.*member;
  if (given == no_column) return nullptr;
  const Role& role = *std::find_if(std::begin(roles), std::end(roles), [&](const Role& r) { return r.given == member; });
  for (const LogColumn& column : log.columns)
    if (!given.empty() && plain_name(column.name) == plain_name(given)) return &column;
  if (!given.empty()) {
    std::vector<std::string> names;
    for (const LogColumn& column : log.columns) names.push_back(column.name);
    const std::string near = nearest(given, names);
    Place place;
    place.file = log.source;
    throw InputError(
        {{Code::unknown_name,
          Severity::error,
          place,
          {},
          fmt::format("there is no column \"{}\"", given),
          near.empty() ? fmt::format("the columns are: {}", fmt::join(names, ", ")) : "did you mean " + near + "?"}});
  }
  for (const std::string_view usual : role.usual)
    for (const LogColumn& column : log.columns)
      if (fits(plain_name(column.name), usual)) return &column;
  return nullptr;
}

/// What a word or a number says of rejects: their amount, 1 for a reject and 0 for none; nan if it says nothing.
double rejects_in(const std::string& text) {
  static constexpr std::string_view bad[] = {"true",   "yes",   "y",        "nok",    "notok",    "ng",
                                             "ko",     "nio",   "bad",      "fail",   "failed",   "rejected",
                                             "reject", "scrap", "scrapped", "defect", "defective"};
  static constexpr std::string_view fine[] = {"false", "no", "n", "ok", "io", "good", "pass", "passed", "accept", "accepted"};
  const std::string word = plain_name(text);
  if (std::find(std::begin(bad), std::end(bad), word) != std::end(bad)) return 1;
  if (std::find(std::begin(fine), std::end(fine), word) != std::end(fine)) return 0;
  return cell_number(text, ',');
}

/// Values of a column as amounts of rejects, per event.
Values rejects(const LogColumn& column) {
  if (column.numeric) return column.values;
  Values of_category, out;
  for (const std::string& name : column.categories.all()) of_category.push_back(rejects_in(name));
  for (const double v : column.values) out.push_back(std::isnan(v) ? nan : of_category[static_cast<std::size_t>(v)]);
  return out;
}

/// SI per unit of a column; nan if nobody names its unit. @throws InputError (unit)
double scale_of(const EventLog& log, const LogColumn& column, const std::string& given, Dimension wanted) {
  const std::string unit = given.empty() ? unit_in_name(column.name) : given;
  if (unit.empty()) return nan;
  Refusal why;
  const auto one = parse_unit(unit, why);
  if (one && one->dimension == wanted) return one->value;
  Place place;
  place.file = log.source;
  place.line = 1;
  throw InputError(
      {{Code::unit,
        Severity::error,
        place,
        {},
        one ? fmt::format("column \"{}\": {} is {}; {} is needed", column.name, unit, describe(one->dimension), describe(wanted))
            : fmt::format("column \"{}\": {}", column.name, why.message),
        "write for instance " + example_unit(wanted)}});
}

}  // namespace

std::vector<DriftSeries> service_series(const EventLog& log, std::span<const double> service_s) {
  if (!service_s.empty() && service_s.size() != log.events.size())
    throw std::invalid_argument("as many service times as events are needed");
  return by_subject(log, DriftKind::service, "s", true, [&](std::size_t i) {
    return service_s.empty() ? log.events[i].end_s - log.events[i].start_s : service_s[i];
  });
}

DriftSeries arrival_series(const EventLog& log) {
  Values first = first_starts(log), times, values;
  first.erase(std::remove_if(first.begin(), first.end(), [](double t) { return !std::isfinite(t); }), first.end());
  std::sort(first.begin(), first.end());
  if (first.size() < 2) return {};
  if (first.back() - first.front() < 2 * day_s) {
    for (std::size_t i = 1; i < first.size(); ++i) times.push_back(first[i - 1]), values.push_back(first[i] - first[i - 1]);
    return {DriftKind::arrivals, "times between arrivals", "s", times, values, false};
  }
  const double from = std::floor(first.front() / day_s) + 1, to = std::floor(first.back() / day_s);
  if (to - from > 1e5) return {};  // stamps that are wrong, not a plant of three centuries
  for (double day = from; day < to; ++day) times.push_back(day * day_s), values.push_back(0);
  for (const double t : first) {
    const double day = std::floor(t / day_s) - from;
    if (day >= 0 && day < to - from) ++values[static_cast<std::size_t>(day)];
  }
  std::array<Tally, 7> weekdays;
  for (std::size_t i = 0; i < values.size(); ++i) weekdays[i % 7].add(values[i]);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double mean = weekdays[i % 7].mean();
    values[i] = mean > 0 ? values[i] / mean : nan;
  }
  return {DriftKind::arrivals, "arrivals per day, of the mean of the weekday", "1", times, values, false};
}

std::vector<DriftSeries> route_series(const EventLog& log, const DriftOptions& options) {
  using Way = std::vector<std::uint32_t>;  // activities; several where branches part; none: the lot leaves
  struct Ways {
    std::vector<std::pair<double, Way>> steps;  // when they were gone
    std::map<Way, std::size_t> count;
    double longest_s = 0;  // until the next operation
  };
  std::vector<Ways> all(log.activities.size());
  const double last_s = log.last_s();
  for (const CasePlan& plan : case_plans(log, discover_concurrency(log))) {
    std::vector<Way> next(plan.steps.size());
    std::vector<double> wait_s(plan.steps.size(), 0);
    for (const CasePlan::Step& step : plan.steps)
      for (const std::uint32_t before : step.after) {
        next[before].push_back(step.activity);
        wait_s[before] = std::max(wait_s[before], log.events[step.event].start_s - log.events[plan.steps[before].event].end_s);
      }
    for (std::size_t k = 0; k < next.size(); ++k) {
      Ways& ways = all[plan.steps[k].activity];
      std::sort(next[k].begin(), next[k].end());
      ways.longest_s = std::max(ways.longest_s, wait_s[k]);
      ways.steps.emplace_back(log.events[plan.steps[k].event].end_s, std::move(next[k]));
    }
  }
  std::vector<DriftSeries> out;
  for (std::uint32_t a = 0; a < all.size(); ++a) {
    Ways& ways = all[a];
    std::erase_if(ways.steps, [&](const auto& step) { return step.first > last_s - ways.longest_s; });
    for (const auto& [time_s, way] : ways.steps) ++ways.count[way];
    std::vector<std::pair<std::size_t, const Way*>> frequent;
    for (const auto& [way, n] : ways.count)
      if (n >= options.shortest) frequent.emplace_back(n, &way);
    std::stable_sort(frequent.begin(), frequent.end(), [](const auto& x, const auto& y) { return x.first > y.first; });
    if (ways.count.size() < 2 || frequent.empty()) continue;
    if (frequent.size() == 2 && frequent[0].first + frequent[1].first + options.shortest > ways.steps.size())
      frequent.erase(frequent.begin());  // both say the same
    if (frequent.size() > most_ways) frequent.resize(most_ways);
    for (const auto& [n, way] : frequent) {
      std::string to;
      for (const std::uint32_t activity : *way) to += (to.empty() ? "" : " and ") + log.activities[activity];
      DriftSeries series{DriftKind::yield, log.activities[a] + " to " + (to.empty() ? "nowhere" : to), "share", {}, {}, false};
      for (const auto& [time_s, gone] : ways.steps) {
        series.time_s.push_back(time_s);
        series.value.push_back(gone == *way ? 1 : 0);
      }
      out.push_back(std::move(series));
    }
  }
  return out;
}

void ask_for(const DriftColumns& columns, LogMapping& mapping) {
  for (const Role& role : roles) {
    const std::string& given = columns.*role.given;
    if (given == no_column) continue;
    if (given.empty()) mapping.if_there.push_back({{role.usual.begin(), role.usual.end()}, role.numeric});
    else (role.numeric ? mapping.numeric : mapping.categorical).push_back(given);
  }
}

std::vector<DriftSeries> yield_series(const EventLog& log, const DriftColumns& columns, std::vector<std::string>& notes) {
  const LogColumn *bad = column_of(log, columns, &DriftColumns::rejected), *good = column_of(log, columns, &DriftColumns::good),
                  *made = column_of(log, columns, &DriftColumns::made);
  if (!bad && !(good && made)) {
    notes.push_back("no column of rejects, or of good and made amounts, is known");
    return {};
  }
  const Values amounts = bad ? rejects(*bad) : Values();
  const bool shares = std::all_of(amounts.begin(), amounts.end(), [](double x) { return std::isnan(x) || (x >= 0 && x <= 1); });
  std::function<double(std::size_t)> value;
  std::string how, unit = "share of rejects";
  if (bad && !shares && good) {
    value = [&](std::size_t i) { return amounts[i] / (amounts[i] + good->values[i]); };
    how = fmt::format("\"{0}\" of \"{0}\" and \"{1}\"", bad->name, good->name);
  } else if (bad && !shares && made) {
    value = [&](std::size_t i) { return amounts[i] / made->values[i]; };
    how = fmt::format("\"{}\" of \"{}\"", bad->name, made->name);
  } else if (bad) {
    value = [&](std::size_t i) { return amounts[i]; };
    how = fmt::format("\"{}\" of each operation", bad->name);
    if (!shares) unit = "rejects";
  } else {
    value = [&](std::size_t i) { return good->values[i] / made->values[i]; };
    how = fmt::format("\"{}\" of \"{}\"", good->name, made->name);
    unit = "share good";
  }
  std::size_t known = 0;
  std::vector<DriftSeries> out = by_subject(log, DriftKind::yield, unit, false, [&](std::size_t i) {
    const double v = value(i);
    known += std::isfinite(v) ? 1 : 0;
    return v;
  });
  notes.push_back(fmt::format("{}: {} of {} operations tell it", how, known, log.events.size()));
  return known > 0 ? out : std::vector<DriftSeries>();
}

std::vector<DriftSeries> energy_series(const EventLog& log, const DriftColumns& columns, std::vector<std::string>& notes) {
  const LogColumn *energy = column_of(log, columns, &DriftColumns::energy), *mass = column_of(log, columns, &DriftColumns::mass);
  if (!energy || !energy->numeric) {
    notes.push_back("no column of energy is known");
    return {};
  }
  constexpr double joules_per_kWh = 3.6e6;
  const double joules = scale_of(log, *energy, columns.energy_unit, dimension::energy),
               kg = mass && mass->numeric ? scale_of(log, *mass, columns.mass_unit, dimension::mass) : nan;
  const bool per_mass = mass && mass->numeric;
  if (std::isnan(joules)) notes.push_back(fmt::format("nobody names the unit of \"{}\": levels are as in the log", energy->name));
  const double scale = (std::isnan(joules) ? 1 : joules / joules_per_kWh) / (std::isnan(kg) ? 1 : kg);
  std::string unit = std::isnan(joules) ? "as logged" : "kWh";
  if (per_mass) unit += std::isnan(kg) ? "/" + mass->name : "/kg";
  return by_subject(log, DriftKind::energy, unit, true, [&](std::size_t i) {
    const double of = per_mass ? mass->values[i] : 1;
    return of > 0 ? energy->values[i] / of * scale : nan;
  });
}

std::vector<Drift> find_drifts(const EventLog& log, std::span<const double> service_s, const DriftOptions& options) {
  std::vector<DriftSeries> all = service_series(log, service_s);
  if (options.arrivals) all.push_back(arrival_series(log));
  return find_drifts(all, options);
}

}  // namespace retwin

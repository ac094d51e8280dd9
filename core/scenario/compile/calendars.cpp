// Compiling calendars and resources: weekly times, breaks, holidays; pools, shifts, qualifications.
#include <algorithm>
#include <charconv>

#include "core/base/files.hpp"
#include "core/base/constants.hpp"
#include "core/flow/plant/duty.hpp"
#include "core/flow/plant/matching.hpp"
#include "core/scenario/compile/compiler.hpp"

namespace retwin {
namespace {

// --- "Mon-Sat 06:00-22:00"

// "06:00", "6", "24:00" to seconds; negative if it is none
double clock_time(std::string_view text) {
  int hour = -1, minute = 0;
  const char* end = text.data() + text.size();
  auto [p, ec] = std::from_chars(text.data(), end, hour);
  if (ec != std::errc()) return -1;
  if (p != end) {
    if (*p != ':' || end - p != 3) return -1;
    const auto [q, e2] = std::from_chars(p + 1, end, minute);
    if (e2 != std::errc() || q != end) return -1;
  }
  if (hour < 0 || hour > 24 || minute < 0 || minute > (hour == 24 ? 0 : 59)) return -1;
  return hour * 3600.0 + minute * 60.0;
}

bool clock_span(std::string_view text, double& from, double& to) {
  const auto dash = text.find('-');
  if (dash == std::string_view::npos) return false;
  from = clock_time(text.substr(0, dash));
  to = clock_time(text.substr(dash + 1));
  return from >= 0 && to >= 0 && from != to;
}

// "Mon 06:00 - Sun 06:00": from one time of the week to another
bool long_span(std::string_view text, std::vector<std::pair<double, double>>& spans) {
  const auto dash = text.find(" - ");
  if (dash == std::string_view::npos) return false;
  double at[2];
  const std::string_view ends[2] = {text.substr(0, dash), text.substr(dash + 3)};
  for (int k = 0; k < 2; ++k) {
    const auto blank = ends[k].find(' ');
    const std::vector<int> day = parse_weekdays(ends[k].substr(0, blank));
    if (blank == std::string_view::npos || day.size() != 1) return false;
    const double time = clock_time(ends[k].substr(blank + 1));
    if (time < 0) return false;
    at[k] = day[0] * day_s + time;
  }
  if (at[1] > at[0]) {
    spans.emplace_back(at[0], at[1]);
  } else {
    spans.emplace_back(at[0], week_s);
    if (at[1] > 0) spans.emplace_back(0, at[1]);
  }
  return true;
}

bool weekly_spans(std::string_view text, std::vector<std::pair<double, double>>& spans) {
  if (long_span(text, spans)) return true;
  const auto blank = text.find(' ');
  if (blank == std::string_view::npos) return false;
  const std::vector<int> days = parse_weekdays(text.substr(0, blank));
  double from = 0, to = 0;
  if (!clock_span(text.substr(blank + 1), from, to)) return false;
  if (days.empty()) return false;
  for (const int d : days) {
    const double start = d * day_s + from, end = d * day_s + (to > from ? to : to + day_s);  // 22:00-06:00 goes on the next day
    if (end <= week_s) {
      spans.emplace_back(start, end);
    } else {
      spans.emplace_back(start, week_s);
      spans.emplace_back(0, end - week_s);
    }
  }
  return true;
}

std::vector<std::pair<double, double>> united(std::vector<std::pair<double, double>> spans) {
  std::sort(spans.begin(), spans.end());
  std::vector<std::pair<double, double>> out;
  for (const auto& span : spans) {
    if (!out.empty() && span.first <= out.back().second) {
      out.back().second = std::max(out.back().second, span.second);
    } else {
      out.push_back(span);
    }
  }
  return out;
}

std::vector<std::pair<double, double>> without(const std::vector<std::pair<double, double>>& spans, double from, double to) {
  std::vector<std::pair<double, double>> out;
  for (const auto& [begin, end] : spans) {
    if (begin < from) out.emplace_back(begin, std::min(end, from));
    if (end > to) out.emplace_back(std::max(begin, to), end);
  }
  std::erase_if(out, [](const auto& s) { return s.second <= s.first; });
  return out;
}

}  // namespace

std::optional<ShiftCalendar> Compiler::read_calendar(const CalendarSpec& spec, const std::string& path) {
  std::vector<std::pair<double, double>> spans;
  for (const Located& line : spec.weekly) {
    if (line.text == "always") {
      spans.emplace_back(0, week_s);
    } else if (!weekly_spans(line.text, spans)) {
      problems_.error(Code::type, line.place, path + ".weekly", "\"" + line.text + "\" is not a weekly time", "write Mon-Sat 06:00-22:00");
      return std::nullopt;
    }
  }
  spans = united(spans);
  for (const Located& line : spec.breaks) {
    double from = 0, to = 0;
    if (!clock_span(line.text, from, to)) {
      problems_.error(Code::type, line.place, path + ".breaks", "\"" + line.text + "\" is not a time of day", "write 10:00-10:45");
      continue;
    }
    for (int d = -1; d < 7; ++d)  // one over midnight ends on the next day
      spans = without(spans, d * day_s + from, (to > from ? d : d + 1) * day_s + to);
  }
  if (spec.weekly.empty())
    problems_.error(Code::missing, spec.place, path + ".weekly", "a calendar needs working times", "write weekly: [\"Mon-Fri 08:00-16:00\"]");
  std::vector<std::pair<double, double>> holidays;
  for (const Located& line : spec.holidays) {
    const auto dots = line.text.find("..");
    const auto first = parse_date(line.text.substr(0, dots));
    const auto last = dots == std::string::npos ? first : parse_date(line.text.substr(dots + 2));
    if (!first || !last || *last < *first) {
      problems_.error(Code::type, line.place, path + ".holidays", "\"" + line.text + "\" is not a date", "write 2026-02-16 or 2026-02-16..2026-03-01");
      continue;
    }
    const auto midnight = [&](long date) { return static_cast<double>(date - plant_->day0) * day_s - plant_->clock0_s; };
    holidays.emplace_back(midnight(*first), midnight(*last + 1));
  }
  return ShiftCalendar(week_s, spans, weekday(plant_->day0) * day_s + plant_->clock0_s, united(holidays));
}

void Compiler::compile_calendars() {
  for (const CalendarSpec& spec : specs_.calendars) {
    auto read = read_calendar(spec, "calendars." + spec.name);
    calendars_[spec.name] = static_cast<Index>(plant_->calendars.size());
    plant_->calendars.push_back(read.value_or(ShiftCalendar()));
    plant_->calendar_names.push_back(spec.name);
  }
}

// A calendar of the plant, or one of the library under calendars/.
Index Compiler::calendar(const Located& name, const std::string& path) {
  if (const auto it = calendars_.find(name.text); it != calendars_.end()) return it->second;
  Problems attempt;
  const Node* document = library_.document("calendars/" + name.text, name.place, attempt);
  const auto broken = [](const Problem& p) { return p.code != Code::library; };  // not merely absent
  if (!document && std::any_of(attempt.all().begin(), attempt.all().end(), broken)) {
    problems_.append(attempt);
    return calendars_[name.text] = none;
  }
  if (!document) {
    std::vector<std::string> known = library_.list("calendars");
    for (const auto& [own, index] : calendars_) known.push_back(own);
    problems_.error(Code::unknown_name, name.place, path, "there is no calendar " + name.text, did_you_mean(name.text, known));
    return none;
  }
  CalendarSpec spec;
  spec.name = name.text;
  read_fields(*document, "calendars." + name.text, problems_, [&](Fields& f) {
    spec.fields(f);
    std::string provenance;
    for (const char* key : {"source", "year", "confidence"}) f.text(key, provenance, "where the figures come from");
  });
  const auto read = read_calendar(spec, "calendars." + name.text);
  const Index index = static_cast<Index>(plant_->calendars.size());
  plant_->calendars.push_back(read.value_or(ShiftCalendar()));
  plant_->calendar_names.push_back(name.text);
  calendars_[name.text] = index;
  return index;
}

void Compiler::compile_resources() {
  for (const ResourceSpec& spec : specs_.resources) {
    const std::string path = "resources." + spec.name;
    Pool pool;
    pool.name = spec.name;
    pool.speed = spec.speed;
    pool.people = spec.people;
    pool.finish = spec.at_shift_end == 1;
    pool.keep = spec.at_shift_end == 2;
    pool.fit = spec.at_shift_end == 3;
    pool.ageing = static_cast<Index>(std::min<std::int64_t>(spec.ageing, unlimited));
    for (const auto& [name, units] : spec.shifts.shifts())
      pool.shifts.push_back({calendar(name, path + ".shifts"), units < 0 ? spec.count : units});
    if (pool.shifts.empty()) pool.shifts.push_back({none, spec.count});
    const Index index = static_cast<Index>(plant_->pools.size());
    pools_by_name_[spec.name] = index;
    for (const Located& skill : spec.qualifications) {
      pool.qualifications.push_back(skill.text);
      pools_by_skill_[skill.text].push_back(index);
    }
    plant_->pools.push_back(std::move(pool));
  }
  for (auto& [skill, list] : pools_by_skill_)  // the least qualified first: the others are kept for what only they can do
    std::stable_sort(list.begin(), list.end(), [&](Index a, Index b) {
      return plant_->pools[a].qualifications.size() < plant_->pools[b].qualifications.size();
    });
}

// Whether at some instant enough are on duty, all needs taken together, while the calendar (if any) is on.
bool Compiler::ever_met(const std::vector<Need>& needs, Index calendar) const {
  constexpr double longest_s = 60 * week_s;  // a plant that begins in its holidays
  bool met = false;
  follow_duty(*plant_, needs, calendar, longest_s, [&](double from, double, const std::vector<double>& units) {
    met = (calendar == none || plant_->calendars[calendar].on(from)) && can_meet(needs, units);
    return !met;
  });
  return met;
}

std::vector<Need> Compiler::needs(const NeedsValue& value, const std::string& path, Index calendar) {
  std::vector<Need> result;
  bool met = true;
  for (const auto& [name, count] : value.needs()) {
    Need need;
    need.count = count;
    if (const auto it = pools_by_name_.find(name.text); it != pools_by_name_.end()) need.pools.push_back(it->second);
    if (const auto it = pools_by_skill_.find(name.text); it != pools_by_skill_.end())
      for (Index pool : it->second)
        if (std::find(need.pools.begin(), need.pools.end(), pool) == need.pools.end()) need.pools.push_back(pool);
    if (need.pools.empty()) {
      std::vector<std::string> known = names_of(plant_->pools);
      for (const auto& [skill, list] : pools_by_skill_) known.push_back(skill);
      problems_.error(Code::unknown_name, name.place, path, "there is no resource " + name.text, did_you_mean(name.text, known));
      continue;
    }
    double most = 0;
    for (Index pool : need.pools)
      for (const PoolShift& shift : plant_->pools[pool].shifts) most += shift.count;
    if (!ever_met({need}, none)) {
      problems_.error(Code::range, name.place, path, "more are needed than there ever are at a time",
                      most < count ? "there are " + number_text(most) : "they are never on duty together");
      met = false;
    }
    result.push_back(std::move(need));
  }
  if (result.empty() || !met) return result;
  const Place& place = value.needs().front().first.place;
  if (!ever_met(result, none))
    problems_.error(Code::range, place, path, "these can never be had together",
                    "each unit meets one of the needs: add units, or shifts that overlap");
  else if (calendar != none && !ever_met(result, calendar))
    problems_.warning(Code::range, place, path, "who is needed is never on duty while the station is: this is never done",
                      "change the shifts of the resources, or the calendar of the station");
  std::stable_sort(result.begin(), result.end(), [](const Need& a, const Need& b) { return a.pools < b.pools; });
  return result;
}

}  // namespace retwin

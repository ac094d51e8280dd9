// Compiling a plant: names and their order, calendars, resources, attributes, expressions and routes.
#include "core/scenario/compiler.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <set>

#include "core/base/files.hpp"
#include "core/flow/structure.hpp"
#include "core/graph/cycles.hpp"

namespace retwin {
namespace {

constexpr double day_s = 86400, week_s = 7 * day_s;
const char* const leftover = "unconnected";  // where an optional port leads that the file does not connect
const char* const scrap = "scrap";

template <class T>
std::vector<std::string> names_of(const std::vector<T>& list) {
  std::vector<std::string> names;
  for (const T& item : list) names.push_back(item.name);
  return names;
}

std::string did_you_mean(const std::string& name, const std::vector<std::string>& known) {
  const std::string near = nearest(name, known);
  if (!near.empty()) return "did you mean " + near + "?";
  if (known.empty()) return "none is defined";
  std::string list = "known: ";
  for (std::size_t k = 0; k < known.size() && k < 12; ++k) list += (k ? ", " : "") + known[k];
  return list + (known.size() > 12 ? ", ..." : "");
}

// --- "Mon-Sat 06:00-22:00"

int weekday_of(std::string_view text) {
  static const char* const days[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
  std::string lower;
  for (char c : text.substr(0, 3)) lower += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  for (int d = 0; d < 7; ++d)
    if (lower == days[d]) return d;
  return -1;
}

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
  if (hour < 0 || minute < 0 || minute > 59 || hour * 60 + minute > 24 * 60) return -1;
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
    const int day = weekday_of(ends[k]);
    if (blank == std::string_view::npos || day < 0) return false;
    const double time = clock_time(ends[k].substr(blank + 1));
    if (time < 0) return false;
    at[k] = day * day_s + time;
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
  const std::string_view days = text.substr(0, blank);
  double from = 0, to = 0;
  if (!clock_span(text.substr(blank + 1), from, to)) return false;
  const auto dash = days.find('-');
  const int first = weekday_of(days), last = dash == std::string_view::npos ? first : weekday_of(days.substr(dash + 1));
  if (first < 0 || last < 0) return false;
  for (int d = first;; d = (d + 1) % 7) {
    const double start = d * day_s + from, end = d * day_s + (to > from ? to : to + day_s);  // 22:00-06:00 goes on the next day
    if (end <= week_s) {
      spans.emplace_back(start, end);
    } else {
      spans.emplace_back(start, week_s);
      spans.emplace_back(0, end - week_s);
    }
    if (d == last) break;
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

Compiler::Compiler(Specs& specs, const Registry& registry, FileLibrary& library, const std::string& file, Problems& problems)
    : specs_(specs), registry_(registry), library_(library), file_(file), problems_(problems), plant_(std::make_shared<Plant>()) {}

std::shared_ptr<Plant> Compiler::compile() {
  Plant& plant = *plant_;
  plant.name = specs_.name;
  if (const auto day = parse_date(specs_.run.start.text)) {
    plant.day0 = *day;
  } else {
    problems_.error(Code::type, specs_.run.start.place, "run.start", "\"" + specs_.run.start.text + "\" is not a date", "write 2026-01-05");
  }
  plant.electricity = static_cast<Index>(flow("electricity", dimension::energy));
  kind("item", false);
  read_plan_table();
  order_names();
  compile_calendars();
  compile_resources();
  declare_attributes();
  bind_all();
  compile_plans();
  if (substances_loaded_) plant.n_components = plant.substances.size();
  for (std::size_t i = 0; i < specs_.stations.size(); ++i) compile_station(specs_.stations[i], plant.stations[i]);
  for (std::size_t i = 0; i < specs_.sources.size(); ++i) compile_source(specs_.sources[i], plant.sources[i]);
  for (std::size_t i = 0; i < specs_.initial.size(); ++i) compile_initial(specs_.initial[i], i);
  if (plant.stations.empty())
    problems_.error(Code::missing, specs_.run.start.place.file.empty() ? Place{file_, 0, 0, 1, ""} : specs_.run.start.place, "stations",
                    "a plant needs at least one station");
  if (problems_.any_errors()) return nullptr;
  finish_routes();
  count_visits();
  finish_plant(plant);
  plant.structure_hash = structure_hash(plant);
  return plant_;
}

// --- names -----------------------------------------------------------------------------------------------------------------------

void Compiler::order_names() {
  const auto by_name = [](const auto& a, const auto& b) { return a.name < b.name; };
  std::stable_sort(specs_.stations.begin(), specs_.stations.end(), [](const StationPart& a, const StationPart& b) {
    return a.spec.priority != b.spec.priority ? a.spec.priority > b.spec.priority : a.spec.name < b.spec.name;
  });
  std::stable_sort(specs_.sources.begin(), specs_.sources.end(), [](const SourcePart& a, const SourcePart& b) {
    return a.spec.priority != b.spec.priority ? a.spec.priority > b.spec.priority : a.spec.name < b.spec.name;
  });
  std::stable_sort(specs_.resources.begin(), specs_.resources.end(), by_name);
  std::stable_sort(specs_.calendars.begin(), specs_.calendars.end(), by_name);
  std::stable_sort(specs_.attributes.begin(), specs_.attributes.end(), by_name);
  std::stable_sort(specs_.plans.begin(), specs_.plans.end(), by_name);
  for (StationPart& part : specs_.stations)
    std::stable_sort(part.spec.failures.begin(), part.spec.failures.end(), [](const FailureSpec& a, const FailureSpec& b) {
      return a.maintenance != b.maintenance ? b.maintenance : a.name < b.name;
    });
  for (const StationPart& part : specs_.stations) {
    for (const FailureSpec& mode : part.spec.failures)
      needs_scrap_sink_ = needs_scrap_sink_ || (mode.job == static_cast<int>(JobFate::scrap) && mode.scrap_to.empty());
    if ((part.spec.unit == "vehicles" || part.spec.unit == "conveyor") && !part.spec.to.given()) needs_leftover_sink_ = true;
    if (!part.operation) continue;
    for (const PortInfo& port : part.operation->ports())
      needs_leftover_sink_ = needs_leftover_sink_ || port.optional;
  }
  const auto has_sink = [&](const char* name) {
    return std::any_of(specs_.sinks.begin(), specs_.sinks.end(), [&](const SinkSpec& s) { return s.name == name; });
  };
  if (needs_scrap_sink_ && !has_sink(scrap)) specs_.sinks.push_back({scrap, {}, "waste"});
  if (needs_leftover_sink_ && !has_sink(leftover)) specs_.sinks.push_back({leftover, {}, "internal"});
  std::stable_sort(specs_.sinks.begin(), specs_.sinks.end(), by_name);
  std::map<std::string, const char*> taken;
  const auto claim = [&](const std::string& name, const Place& place, const char* what, const std::string& section) {
    const auto [it, fresh] = taken.emplace(name, what);
    if (!fresh)
      problems_.error(Code::duplicate, place, section + "." + name, std::string("there is already a ") + it->second + " of this name",
                      "names of sources, stations and sinks differ");
  };
  for (const StationPart& part : specs_.stations) claim(part.spec.name, part.spec.place, "station", "stations");
  for (const SinkSpec& sink : specs_.sinks) claim(sink.name, sink.place, "sink", "sinks");
  for (const SourcePart& part : specs_.sources) claim(part.spec.name, part.spec.place, "source", "sources");
  for (const StationPart& part : specs_.stations) {
    Station station;
    station.name = part.spec.name;
    station.place = part.spec.place;
    plant_->stations.push_back(std::move(station));
  }
  for (const SinkSpec& sink : specs_.sinks) plant_->sinks.push_back({sink.name, sink.role, sink.place});
  for (const SourcePart& part : specs_.sources) {
    Source source;
    source.name = part.spec.name;
    source.place = part.spec.place;
    source.stream = stream_id("source " + part.spec.name);
    plant_->sources.push_back(std::move(source));
  }
}

bool Compiler::reported(const std::string& path, std::initializer_list<const char*> fields) const {
  const auto concerns = [&](const Problem& p) {
    if (p.severity == Severity::error && p.path == path) return true;
    return std::any_of(fields.begin(), fields.end(), [&](const char* field) {
      const std::string at = path + "." + field;
      return p.severity == Severity::error && (p.path == at || p.path.starts_with(at + "."));
    });
  };
  return std::any_of(problems_.all().begin(), problems_.all().end(), concerns);
}

Index Compiler::station_index(const Located& name, const std::string& path) {
  const Index index = plant_->find_station(name.text);
  if (index == none)
    problems_.error(Code::unknown_name, name.place, path, "there is no station " + name.text,
                    did_you_mean(name.text, names_of(plant_->stations)));
  return index;
}

Index Compiler::node(const Located& name, const std::string& path) {
  if (const Index station = plant_->find_station(name.text); station != none) return station;
  if (const Index sink = plant_->find_sink(name.text); sink != none) return plant_->sink_node(sink);
  std::vector<std::string> known = names_of(plant_->stations);
  for (const std::string& sink : names_of(plant_->sinks)) known.push_back(sink);
  if (!name.empty())
    problems_.error(Code::route, name.place, path, "there is no station or sink " + name.text, did_you_mean(name.text, known));
  return none;
}

// --- calendars and resources -----------------------------------------------------------------------------------------------------

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
    if (!clock_span(line.text, from, to) || to < from) {
      problems_.error(Code::type, line.place, path + ".breaks", "\"" + line.text + "\" is not a time of day", "write 10:00-10:45");
      continue;
    }
    for (int d = 0; d < 7; ++d) spans = without(spans, d * day_s + from, d * day_s + to);
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
    holidays.emplace_back(static_cast<double>(*first - plant_->day0) * day_s, static_cast<double>(*last + 1 - plant_->day0) * day_s);
  }
  return ShiftCalendar(week_s, spans, weekday(plant_->day0) * day_s, united(holidays));
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
  Problems ignored;
  const Node* document = library_.document("calendars/" + name.text, name.place, ignored);
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
    pool.finish = spec.at_shift_end == 1;
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

std::vector<Need> Compiler::needs(const NeedsValue& value, const std::string& path) {
  std::vector<Need> result;
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
    if (most < count - 1e-9)
      problems_.error(Code::range, name.place, path, "more are needed than there ever are", "there are " + number_text(most));
    result.push_back(std::move(need));
  }
  std::stable_sort(result.begin(), result.end(), [](const Need& a, const Need& b) { return a.pools < b.pools; });
  return result;
}

// --- attributes and binding ------------------------------------------------------------------------------------------------------

int Compiler::find_attribute(const std::string& name) const {
  for (std::size_t k = 0; k < plant_->attributes.size(); ++k)
    if (plant_->attributes[k].name == name) return static_cast<int>(k);
  return -1;
}

int Compiler::attribute(const std::string& name, const Dimension& dimension, bool truth) {
  if (const int slot = find_attribute(name); slot >= 0) {
    Attribute& known = plant_->attributes[static_cast<std::size_t>(slot)];
    if (!known.categories.empty() || !(known.dimension == dimension))
      problems_.error(Code::conflict, place_, path_, "attribute " + name + " is already of another type");
    known.truth = known.truth || truth;
    return slot;
  }
  plant_->attributes.push_back({name, dimension, {}, truth});
  return static_cast<int>(plant_->attributes.size()) - 1;
}

int Compiler::category(const std::string& name, const std::vector<std::string>& categories, bool truth) {
  int slot = find_attribute(name);
  if (slot < 0) {
    plant_->attributes.push_back({name, dimension::none, {}, truth});
    slot = static_cast<int>(plant_->attributes.size()) - 1;
  } else if (plant_->attributes[static_cast<std::size_t>(slot)].categories.empty()) {
    problems_.error(Code::conflict, place_, path_, "attribute " + name + " is already a number");
  }
  Attribute& attribute = plant_->attributes[static_cast<std::size_t>(slot)];
  attribute.truth = attribute.truth || truth;
  for (const std::string& c : categories)
    if (std::find(attribute.categories.begin(), attribute.categories.end(), c) == attribute.categories.end())
      attribute.categories.push_back(c);
  return slot;
}

const std::vector<std::string>& Compiler::categories(int slot) const {
  return plant_->attributes[static_cast<std::size_t>(slot)].categories;
}

const Substances& Compiler::substances() {
  if (!substances_loaded_) {
    substances_loaded_ = true;
    if (registry_.substances) plant_->substances = registry_.substances(library_, problems_);
  }
  return plant_->substances;
}

int Compiler::component(const std::string& name) {
  const int index = substances().component(name);
  if (index < 0) {
    problems_.error(Code::library, place_, path_, "the library has no component " + name, did_you_mean(name, substances().components));
    return 0;
  }
  return index;
}

int Compiler::flow(const std::string& name, const Dimension& dimension) {
  for (std::size_t k = 0; k < plant_->flows.size(); ++k) {
    if (plant_->flows[k].name != name) continue;
    if (!(plant_->flows[k].dimension == dimension))
      problems_.error(Code::conflict, place_, path_, "flow " + name + " is metered as " + describe(plant_->flows[k].dimension) +
                                                         " elsewhere, here as " + describe(dimension));
    return static_cast<int>(k);
  }
  plant_->flows.push_back({name, dimension});
  return static_cast<int>(plant_->flows.size()) - 1;
}

int Compiler::kind(const std::string& name, bool divisible) {
  for (std::size_t k = 0; k < plant_->kinds.size(); ++k) {
    if (plant_->kinds[k].name != name) continue;
    plant_->kinds[k].divisible = plant_->kinds[k].divisible || divisible;
    return static_cast<int>(k);
  }
  plant_->kinds.push_back({name, divisible});
  return static_cast<int>(plant_->kinds.size()) - 1;
}

const Node& Compiler::library(const std::string& name) {
  const Node* document = library_.document(name, place_, problems_);
  return document ? *document : nothing_;
}

void Compiler::declare_attributes() {
  if (!specs_.plans.empty()) {
    std::vector<std::string> plans;
    for (const PlanSpec& spec : specs_.plans) plans.push_back(spec.name);
    place_ = specs_.plans.front().place;
    path_ = "plans";
    plant_->plan_slot = category("plan", plans, false);
  }
  for (const AttributeSpec& spec : specs_.attributes) {
    place_ = spec.place;
    path_ = "attributes." + spec.name;
    if (!spec.categories.empty()) {
      std::vector<std::string> list;
      for (const Located& c : spec.categories) list.push_back(c.text);
      category(spec.name, list, spec.truth);
      continue;
    }
    Dimension dimension;
    if (!spec.unit.empty()) {
      std::string why;
      if (const auto unit = parse_unit(spec.unit, &why)) {
        dimension = unit->dimension;
      } else {
        problems_.error(Code::unit, spec.place, path_ + ".unit", why);
      }
    }
    attribute(spec.name, dimension, spec.truth);
  }
}

void Compiler::bind_all() {
  const auto set = [&](const Place& place, const std::string& path) {
    place_ = place;
    path_ = path;
  };
  for (SourcePart& part : specs_.sources) {
    set(part.spec.place, "sources." + part.spec.name);
    kind(part.spec.lot, false);
    if (part.maker) part.maker->bind(*this);
    if (part.spec.load.given) {
      kind(part.spec.load.kind, false);
      plant_->contents_slot = attribute("contents", dimension::none, false);
      if (part.load_maker) part.load_maker->bind(*this);
    }
  }
  for (InitialPart& part : specs_.initial) {
    set(part.spec.place, "initial");
    kind(part.spec.lot, false);
    if (part.maker) part.maker->bind(*this);
  }
  for (StationPart& part : specs_.stations) {
    set(part.spec.place, "stations." + part.spec.name);
    if (part.operation) part.operation->bind(*this);
    if (!part.spec.batch.kind.empty()) kind(part.spec.batch.kind.text, false);
    for (const auto& [name, count] : part.spec.batch.parts.needs()) kind(name.text, false);
  }
  // attributes that sources give their lots, before any expression is compiled
  for (const SourcePart& part : specs_.sources) {
    set(part.spec.place, "sources." + part.spec.name + ".attributes");
    attribute_draws(part.spec.attributes, path_);
    attribute_draws(part.spec.load.attributes, path_);
  }
  for (const InitialPart& part : specs_.initial) attribute_draws(part.spec.attributes, "initial");
}

std::vector<AttributeDraw> Compiler::attribute_draws(const AttributesValue& value, const std::string& path) {
  std::vector<AttributeDraw> draws;
  for (const AttributesValue::Entry& entry : value.entries()) {
    place_ = entry.name.place;
    path_ = path + "." + entry.name.text;
    AttributeDraw draw;
    if (!entry.categories.empty()) {
      std::vector<std::string> list;
      for (const auto& [name, share] : entry.categories) list.push_back(name);
      draw.slot = category(entry.name.text, list, false);
      const auto& all = categories(draw.slot);
      std::vector<double> values, weights;
      for (const auto& [name, share] : entry.categories) {
        values.push_back(static_cast<double>(std::find(all.begin(), all.end(), name) - all.begin()));
        weights.push_back(share);
      }
      draw.distribution = values.size() == 1 ? Distribution::constant(values[0]) : Distribution::discrete(values, weights);
    } else {
      draw.slot = attribute(entry.name.text, entry.dimension, false);
      draw.distribution = entry.distribution;
    }
    draw.draw = stream_id(entry.name.text);
    draws.push_back(std::move(draw));
  }
  return draws;
}

// --- expressions -----------------------------------------------------------------------------------------------------------------

std::optional<Symbol> Compiler::find(std::string_view name) const {
  static const std::map<std::string_view, std::pair<Builtin, Dimension>> builtins = {
      {"mass", {Builtin::mass, dimension::mass}},    {"count", {Builtin::count, dimension::none}},
      {"age", {Builtin::age, dimension::time}},      {"visits", {Builtin::visits, dimension::none}}};
  if (const int slot = find_attribute(std::string(name)); slot >= 0) {
    const Attribute& a = plant_->attributes[static_cast<std::size_t>(slot)];
    return Symbol{n_builtins + slot, a.dimension, a.categories, a.truth};
  }
  if (const auto it = builtins.find(name); it != builtins.end()) return Symbol{static_cast<int>(it->second.first), it->second.second, {}, false};
  if (name == "kind") {
    Symbol symbol{static_cast<int>(Builtin::kind), dimension::none, {}, false};
    for (const LotKindInfo& k : plant_->kinds) symbol.categories.push_back(k.name);
    return symbol;
  }
  return std::nullopt;
}

std::vector<std::string> Compiler::names() const {
  std::vector<std::string> all = {"mass", "count", "age", "visits", "kind"};
  for (const Attribute& a : plant_->attributes) all.push_back(a.name);
  return all;
}

std::optional<Expression> Compiler::expression(const Located& text, Expression::Result result, const Dimension& dimension,
                                               const std::string& path) {
  return Expression::compile(text.text, *this, result, dimension, text.place, path, problems_);
}

Duration Compiler::duration(const DistributionValue& value, const std::string& path) {
  Duration result;
  result.distribution = value.distribution();
  if (!value.expression().empty()) {
    result.expression = expression(value.expression(), Expression::Result::number, dimension::time, path);
    if (result.expression && result.expression->is_constant()) {
      const std::vector<double> no_slots(n_builtins + plant_->attributes.size());
      result.distribution = Distribution::constant((*result.expression)(no_slots.data()));
      result.expression.reset();
    }
  }
  return result;
}

int Compiler::category_slot(const Located& name, const std::string& path) {
  const int slot = find_attribute(name.text);
  if (slot < 0) {
    problems_.error(Code::unknown_name, name.place, path, "there is no attribute " + name.text, did_you_mean(name.text, names()));
  } else if (plant_->attributes[static_cast<std::size_t>(slot)].categories.empty()) {
    problems_.error(Code::type, name.place, path, name.text + " is a number; a categorical attribute is needed");
    return -1;
  }
  return slot;
}

// --- routes ----------------------------------------------------------------------------------------------------------------------

Route Compiler::route(const RouteSpec& spec, const std::string& path) {
  Route result;
  result.kind = spec.kind;
  result.place = spec.place;
  result.path = path;
  for (const RouteSpec::Option& option : spec.options) {
    RouteOption compiled;
    compiled.target = node(option.target, path);
    if (!option.via.empty()) compiled.via = station_index(option.via, path);
    compiled.share = option.share;
    compiled.believed_s = option.believed_s.value_or(-1);
    if (!option.when.empty()) {
      compiled.when = expression(option.when, Expression::Result::truth, dimension::none, path);
      if (compiled.when)
        for (const std::string& truth : compiled.when->truths())
          problems_.warning(Code::label, option.when.place, path, "this route reads " + truth + ", which a plant cannot know",
                            "route on label." + truth);
    }
    result.options.push_back(std::move(compiled));
  }
  if (result.options.empty()) result.options.emplace_back();
  if (!result.options.empty()) result.options.back().share = result.kind == RouteKind::probability ? 1.0 : result.options.back().share;
  return result;
}

// What the controller believes of a target is, where the file is silent, the target's own mean time.
void Compiler::finish_routes() {
  const auto fill = [&](Route& r) {
    for (RouteOption& option : r.options)
      if (option.believed_s < 0)
        option.believed_s = plant_->is_sink(option.target) || !std::isfinite(plant_->stations[option.target].mean_s)
                                ? 0.0
                                : plant_->stations[option.target].mean_s;
  };
  for (Station& station : plant_->stations)
    for (Route& r : station.routes) fill(r);
  for (Source& source : plant_->sources) fill(source.route);
}

// Stations on a cycle count the visits of each lot, so that no draw repeats.
void Compiler::count_visits() {
  std::vector<std::pair<std::size_t, std::size_t>> edges;
  const std::size_t n = plant_->stations.size();
  for (std::size_t i = 0; i < n; ++i) {
    for (const Route& r : plant_->stations[i].routes)
      for (const RouteOption& option : r.options) {
        if (option.via != none) {
          edges.emplace_back(i, option.via);
          if (option.target < n) edges.emplace_back(option.via, option.target);
        } else if (option.target < n) {
          edges.emplace_back(i, option.target);
        }
      }
  }
  const std::vector<bool> cyclic = on_cycle(n, edges);
  for (std::size_t i = 0; i < n; ++i) {
    if (!cyclic[i]) continue;
    plant_->stations[i].visit_slot = static_cast<Index>(plant_->attributes.size());
    plant_->attributes.push_back({"visits." + plant_->stations[i].name, dimension::none, {}, false});
  }
}

}  // namespace retwin

// Terms are chosen by what they say of cases left out.
#include "core/telemetry/work/service_efforts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <utility>

#include "core/base/random.hpp"
#include "core/stats/intervals.hpp"
#include "core/stats/tally.hpp"
#include "core/telemetry/log/names.hpp"

namespace retwin {
namespace {

constexpr std::size_t groups_of_cases = 10, fewest_services = 30, fewest_of_level = 5, most_levels = 20, most_terms = 3, most_services = 10000;
constexpr double least_gain = 0.02;      // of the deviance
constexpr double least_evidence = 6.63;  // twice the gain in log-likelihood: chi-square of one degree of freedom, 99 %
constexpr double least_factor = 0.05;    // of the mean
constexpr const char* other_name = "other";

/// A column as one observation sees it.
struct View {
  const EventLog* log = nullptr;
  const LogColumn* column = nullptr;  // null: the resource
  bool numeric() const { return column != nullptr && column->numeric; }
  /// Quantity, or number of the category; nan where it is missing.
  double value(std::size_t event) const {
    if (column != nullptr) return column->values[event];
    const std::uint32_t resource = log->events[event].resource;
    return resource == Names::absent ? std::numeric_limits<double>::quiet_NaN() : resource;
  }
  const std::string& name(std::uint32_t number) const {
    return column == nullptr ? log->resources[number] : column->categories[number];
  }
};

View view_of(const EventLog& log, const std::string& column) {
  return {&log, column == "resource" ? nullptr : log.column(column)};
}

struct Service {
  std::size_t event, group;
  double value;  // what the terms so far leave
};

/// Deviance of a gamma variable with mean `mean`, per observation and without its factor 2.
double deviance(double y, double mean) { return (y - mean) / mean - std::log(y / mean); }

double mean_of(const std::vector<Service>& services) {
  double sum = 0;
  for (const Service& s : services) sum += s.value;
  return sum / static_cast<double>(services.size());
}

/// The line over a quantity by iterated weights 1 / mean^2 (gamma errors).
EffortTerm line_of(const std::vector<Service>& services, const View& view) {
  const double mean = mean_of(services);
  Tally x;
  for (const Service& s : services)
    if (!std::isnan(view.value(s.event))) x.add(view.value(s.event));
  EffortTerm term;
  term.least = least_factor;
  term.usual = x.mean();
  if (!(x.sd() > 0)) return term;
  double per_slope = 0;
  for (int round = 0; round < 20; ++round) {
    double sw = 0, sx = 0, sy = 0, sxx = 0, sxy = 0;
    for (const Service& s : services) {
      const double at = view.value(s.event) - x.mean(), y = s.value / mean;
      if (std::isnan(at)) continue;
      const double now = term.factor(view.value(s.event)), w = 1 / (now * now);
      sw += w, sx += w * at, sy += w * y, sxx += w * at * at, sxy += w * at * y;
    }
    const double below = sw * sxx - sx * sx;
    if (!(below > 0)) break;
    term.slope = (sw * sxy - sx * sy) / below;
    term.constant = (sy - term.slope * sx) / sw - term.slope * x.mean();
    per_slope = sw / below;
  }
  double scatter = 0, n = 0;
  for (const Service& s : services) {
    if (std::isnan(view.value(s.event))) continue;
    scatter += std::pow(s.value / mean / term.factor(view.value(s.event)) - 1, 2), n += 1;
  }
  if (n > 2) {
    const double half = student_quantile(0.975, n - 2) * std::sqrt(scatter / (n - 2) * per_slope);
    term.per_unit = {term.slope, term.slope - half, term.slope + half};
  }
  return term;
}

/// Means by category, drawn towards the mean of all by how much of the variance is within categories.
EffortTerm levels_of(const std::vector<Service>& services, const View& view) {
  const double mean = mean_of(services);
  std::map<std::uint32_t, Tally> found;
  for (const Service& s : services)
    if (const double number = view.value(s.event); !std::isnan(number))
      found[static_cast<std::uint32_t>(number)].add(s.value / mean);
  std::vector<std::pair<std::uint32_t, Tally>> all(found.begin(), found.end());
  std::erase_if(all, [](const auto& l) { return l.second.count() < fewest_of_level; });
  std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.second.count() > b.second.count(); });
  if (all.size() > most_levels) all.resize(most_levels);
  double within = 0, between = 0, n = 0, squares = 0;
  for (const auto& [number, tally] : all) {
    const double size = static_cast<double>(tally.count());
    within += tally.variance() * (size - 1), between += size * (tally.mean() - 1) * (tally.mean() - 1);
    n += size, squares += size * size;
  }
  const double kinds = static_cast<double>(all.size());
  EffortTerm term;
  term.numeric = false;
  if (all.size() < 2 || n <= kinds) return term;
  within /= n - kinds;
  const double among = std::max(0.0, (between / (kinds - 1) - within) / ((n - squares / n) / (kinds - 1)));
  for (const auto& [number, tally] : all) {
    const double size = static_cast<double>(tally.count()), weight = among > 0 ? among / (among + within / size) : 0;
    const Interval seen = student_interval(tally);
    term.levels.push_back({number,
                           view.name(number),
                           std::max(least_factor, 1 + weight * (tally.mean() - 1)),
                           tally.count(),
                           {seen.mean, seen.low(), seen.high()}});
  }
  std::sort(term.levels.begin(), term.levels.end(), [](const auto& a, const auto& b) { return a.number < b.number; });
  return term;
}

EffortTerm fit_term(const std::vector<Service>& services, const View& view) {
  return view.numeric() ? line_of(services, view) : levels_of(services, view);
}

/// What a term adds: its gain in cases left out, and whether that is more than chance.
struct Promise {
  double gain = 0;
  bool kept = false;
};

Promise promise_of(const std::vector<Service>& services, const View& view) {
  double with = 0, without = 0;
  std::size_t parameters = 1;
  for (std::size_t group = 0; group < groups_of_cases; ++group) {
    std::vector<Service> learned;
    for (const Service& s : services)
      if (s.group != group) learned.push_back(s);
    if (learned.size() < fewest_services / 2) return {};
    const EffortTerm term = fit_term(learned, view);
    if (!view.numeric()) parameters = std::max(parameters, term.levels.empty() ? 1 : term.levels.size() - 1);
    double scale = 0;
    for (const Service& s : learned) scale += s.value / term.factor(view.value(s.event));
    scale /= static_cast<double>(learned.size());
    const double mean = mean_of(learned);
    for (const Service& s : services) {
      if (s.group != group) continue;
      with += deviance(s.value, scale * term.factor(view.value(s.event)));
      without += deviance(s.value, mean);
    }
  }
  if (!(without > 0)) return {};
  const double n = static_cast<double>(services.size()), gain = 1 - with / without;
  const double evidence = gain > 0 ? -n * std::log(std::max(1e-12, 1 - gain)) : 0;
  return {gain, gain >= least_gain && evidence > std::max(least_evidence, 2 * static_cast<double>(parameters))};
}

/// Each term again, to what the others leave, a few times: one learned before another has taken what belongs to both.
void fit_together(const EventLog& log, const std::vector<Service>& services, std::vector<EffortTerm>& terms) {
  constexpr int rounds = 10;
  for (int round = 0; round < rounds && terms.size() > 1; ++round)
    for (EffortTerm& term : terms) {
      std::vector<Service> left = services;
      for (const EffortTerm& other : terms) {
        if (&other == &term) continue;
        const View view = view_of(log, other.column);
        for (Service& s : left) s.value /= other.factor(view.value(s.event));
      }
      EffortTerm again = fit_term(left, view_of(log, term.column));
      again.column = term.column;
      again.gain = term.gain;
      term = std::move(again);
    }
}

ServiceEffort effort_of(const EventLog& log, std::uint32_t activity, std::vector<Service> services,
                        std::vector<std::string> candidates) {
  ServiceEffort effort;
  effort.activity = activity;
  effort.n = services.size();
  const double floor = 0.01 * mean_of(services);
  for (Service& s : services) s.value = std::max(s.value, floor);
  const std::vector<Service> whole = services;
  while (effort.terms.size() < most_terms && !candidates.empty()) {
    std::size_t best = candidates.size();
    double gain = 0;
    for (std::size_t k = 0; k < candidates.size(); ++k) {
      const Promise promise = promise_of(services, view_of(log, candidates[k]));
      if (promise.kept && promise.gain > gain) best = k, gain = promise.gain;
    }
    if (best == candidates.size()) break;
    const View view = view_of(log, candidates[best]);
    EffortTerm term = fit_term(services, view);
    term.column = candidates[best];
    term.gain = gain;
    for (Service& s : services) s.value /= term.factor(view.value(s.event));
    effort.terms.push_back(std::move(term));
    candidates.erase(candidates.begin() + static_cast<std::ptrdiff_t>(best));
  }
  fit_together(log, whole, effort.terms);
  return effort;
}

/// A name that expressions can read and that nothing else has.
std::string attribute_name(const std::string& column, const std::vector<Efforts::Attribute>& taken) {
  static constexpr std::array reserved = {
      "case_id", "activity", "resource", "start_time", "end_time", "batch", "parent", "waited_s", "setup_s", "mass_kg", "mass",
      "count",   "contents", "age",      "visits",     "kind",     "plan",  "and",    "or",       "not",     "true",    "false",
      "min",     "max",      "abs",      "sqrt",       "exp",      "log",   "floor",  "ceil",     "round"};
  std::string name;
  for (const char c : column == "resource" ? std::string("done_by") : column) {
    const bool kept = std::isalnum(static_cast<unsigned char>(c)) != 0 && static_cast<unsigned char>(c) < 0x80;
    if (kept || (!name.empty() && name.back() != '_')) name += kept ? c : '_';
  }
  while (!name.empty() && name.back() == '_') name.pop_back();
  if (name.empty() || std::isdigit(static_cast<unsigned char>(name[0])) != 0) name = "lot_" + name;
  const auto known = [&](const std::string& n) {
    return std::find(reserved.begin(), reserved.end(), n) != reserved.end() ||
           std::any_of(taken.begin(), taken.end(), [&](const auto& a) { return a.name == n; });
  };
  while (known(name)) name += "_";
  return name;
}

/// A category as scenarios can quote it.
std::string category_name(std::string name) {
  for (char& c : name)
    if (c == '\'' || c == '"' || c == '\\' || static_cast<unsigned char>(c) < ' ') c = '_';
  return name == other_name ? name + "_" : name;
}

}  // namespace

double EffortTerm::factor(double x) const {
  if (numeric) return std::max(least, constant + slope * (std::isnan(x) ? usual : x));
  const auto level =
      std::lower_bound(levels.begin(), levels.end(), x, [](const Level& l, double number) { return l.number < number; });
  return level != levels.end() && level->number == x ? level->factor : 1;
}

std::vector<ServiceEffort> find_service_efforts(const EventLog& log, std::span<const double> service_s,
                                                const ServiceFactors& factors) {
  std::map<std::uint32_t, std::vector<std::string>> candidates;
  for (const ServiceFactor& f : factors.factors) candidates[f.activity].push_back(f.factor);
  std::map<std::uint32_t, std::vector<Service>> services;
  for (std::size_t k = 0; k < log.events.size(); ++k) {
    const std::uint32_t activity = log.events[k].activity;
    if (candidates.count(activity) > 0 && service_s[k] > 0)
      services[activity].push_back({k, static_cast<std::size_t>(mix64(log.events[k].lot + 1) % groups_of_cases), service_s[k]});
  }
  std::vector<ServiceEffort> found;
  for (auto& [activity, all] : services) {
    if (all.size() < fewest_services) continue;
    if (all.size() > most_services) {  // enough to choose and to learn from
      const std::size_t every = (all.size() + most_services - 1) / most_services;
      for (std::size_t k = 0; k * every < all.size(); ++k) all[k] = all[k * every];
      all.resize((all.size() + every - 1) / every);
    }
    ServiceEffort effort = effort_of(log, activity, std::move(all), std::move(candidates[activity]));
    if (!effort.terms.empty()) found.push_back(std::move(effort));
  }
  return found;
}

Efforts::Efforts(const EventLog& log, std::vector<ServiceEffort> efforts, const std::vector<std::string>& also)
    : efforts_(std::move(efforts)) {
  const auto attribute = [&](const std::string& column, double usual) -> Attribute& {
    const auto at = std::find_if(attributes_.begin(), attributes_.end(), [&](const Attribute& a) { return a.column == column; });
    if (at != attributes_.end()) return *at;
    return attributes_.emplace_back(
        Attribute{attribute_name(column, attributes_), column, view_of(log, column).numeric(), usual, {}});
  };
  const auto add = [](Attribute& a, const std::string& name) {
    if (std::find(a.categories.begin(), a.categories.end(), name) == a.categories.end()) a.categories.push_back(name);
  };
  for (const ServiceEffort& effort : efforts_)
    for (const EffortTerm& term : effort.terms) {
      Attribute& a = attribute(term.column, term.usual);
      for (const EffortTerm::Level& level : term.levels) add(a, category_name(level.name));
    }
  for (const std::string& column : also)
    for (const std::string& name : log.column(column)->categories.all()) add(attribute(column, 0), category_name(name));
  for (Attribute& a : attributes_)
    if (!a.numeric) a.categories.push_back(other_name);
}

std::string Efforts::attribute_of(const std::string& column) const {
  const auto at = std::find_if(attributes_.begin(), attributes_.end(), [&](const Attribute& a) { return a.column == column; });
  return at == attributes_.end() ? std::string() : at->name;
}

const ServiceEffort* Efforts::find(std::uint32_t activity) const {
  const auto at = std::find_if(efforts_.begin(), efforts_.end(), [&](const ServiceEffort& e) { return e.activity == activity; });
  return at == efforts_.end() ? nullptr : &*at;
}

double Efforts::of_event(const EventLog& log, std::size_t event) const {
  double factor = 1;
  if (const ServiceEffort* effort = find(log.events[event].activity))
    for (const EffortTerm& term : effort->terms) factor *= term.factor(view_of(log, term.column).value(event));
  return factor;
}

std::string Efforts::expression(std::uint32_t activity) const {
  const ServiceEffort* effort = find(activity);
  std::string text;
  if (effort == nullptr) return text;
  for (const EffortTerm& term : effort->terms) {
    const std::string name = attribute_of(term.column);
    std::string one;
    if (term.numeric) {
      one = fmt::format("max({:.6g}, {:.6g} {} {:.6g} * {})", term.least, term.constant, term.slope < 0 ? "-" : "+",
                        std::abs(term.slope), name);
    } else {
      for (const EffortTerm::Level& level : term.levels)
        one += fmt::format("{} == '{}' ? {:.6g} : ", name, category_name(level.name), level.factor);
      one = "(" + one + "1)";
    }
    text += (text.empty() ? "" : " * ") + one;
  }
  return text;
}

std::vector<AttributeSpec> Efforts::attribute_specs() const {
  std::vector<AttributeSpec> specs;
  for (const Attribute& a : attributes_) {
    AttributeSpec& spec = specs.emplace_back();
    spec.name = a.name;
    if (!a.numeric)
      for (const std::string& name : a.categories) spec.categories.push_back({name, {}});
  }
  return specs;
}

void Efforts::add_parameters(const EventLog& log, std::vector<LearnedParameter>& parameters) const {
  for (const ServiceEffort& effort : efforts_)
    for (const EffortTerm& term : effort.terms) {
      const std::string path = fmt::format("stations.{}.effort.{}", scenario_name(log.activities[effort.activity]), term.column);
      const std::string says = fmt::format("explains {:.1f} % of the deviance in cases left out", 100 * term.gain);
      if (term.numeric) {
        const double nan = std::numeric_limits<double>::quiet_NaN();
        parameters.push_back(
            {path + ".slope", term.slope, "1 per " + term.column, term.per_unit, effort.n, "part of the mean per unit, gamma; " + says});
        parameters.push_back({path + ".constant", term.constant, "1", {term.constant, nan, nan}, effort.n, "gamma"});
      }
      for (const EffortTerm::Level& level : term.levels)
        parameters.push_back({path + "." + level.name, level.factor, "1", level.mean, level.n,
                              "mean relative to that of all, drawn towards 1 as far as uncertain; interval: Student; " + says});
    }
}

std::string Efforts::cell(const EventLog& log, std::size_t event, const Attribute& attribute) const {
  const View view = view_of(log, attribute.column);
  if (attribute.numeric) return fmt::format("{:.9g}", std::isnan(view.value(event)) ? attribute.usual : view.value(event));
  const double number = view.value(event);
  const std::string name = std::isnan(number) ? other_name : category_name(view.name(static_cast<std::uint32_t>(number)));
  return std::find(attribute.categories.begin(), attribute.categories.end(), name) == attribute.categories.end() ? other_name : name;
}

}  // namespace retwin

// Tasks and outcomes to JSON and back.
#include "core/experiment/task.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <new>
#include <nlohmann/json.hpp>
#include <tuple>

#include "core/base/table_json.hpp"
#include "core/base/text.hpp"

namespace retwin {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* failure_kinds[] = {"input", "run", "memory", "bug"};

[[noreturn]] void refuse_task(Code code, const Place& place, const std::string& path, const std::string& message) {
  throw InputError({{code, Severity::error, place, path, message, "a task is what `retwin run --outcomes FILE` writes"}});
}

Json number(double value) {
  if (std::isnan(value)) return nullptr;
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  return value;
}

/// The members of an object, with problems that name them.
class Members {
 public:
  Members(const Json& object, const Place& what, std::string path) : object_(object), what_(what), path_(std::move(path)) {
    if (!object.is_object()) refuse_task(Code::type, what, path_, fmt::format("an object is needed, this is {}", object.type_name()));
  }
  std::string path(const char* name) const { return path_.empty() ? name : path_ + "." + name; }
  const Json& at(const char* name) const {
    const auto found = object_.find(name);
    if (found == object_.end()) refuse_task(Code::missing, what_, path(name), "this is missing");
    return *found;
  }
  bool has(const char* name) const { return object_.contains(name) && !object_.at(name).is_null(); }
  const Json& list(const char* name) const { return of_type(name, at(name).is_array(), "a list"); }
  std::string text(const char* name) const { return of_type(name, at(name).is_string(), "a text").get<std::string>(); }
  std::string text_if_there(const char* name) const { return has(name) ? text(name) : std::string(); }
  bool flag(const char* name) const { return of_type(name, at(name).is_boolean(), "true or false").get<bool>(); }
  double number(const char* name) const {
    const Json& value = at(name);
    if (value.is_null()) return std::numeric_limits<double>::quiet_NaN();
    if (value == "inf") return std::numeric_limits<double>::infinity();
    if (value == "-inf") return -std::numeric_limits<double>::infinity();
    return of_type(name, value.is_number(), "a number").get<double>();
  }
  std::uint64_t natural(const char* name) const { return of_type(name, at(name).is_number_unsigned(), "a whole number from 0 on").get<std::uint64_t>(); }
  Members member(const char* name) const { return {at(name), what_, path(name)}; }
  Members member(const Json& value, const char* name, std::size_t k) const { return {value, what_, fmt::format("{}.{}", path(name), k)}; }
  [[noreturn]] void refuse_value(const char* name, const std::string& message) const { refuse_task(Code::range, what_, path(name), message); }

 private:
  const Json& of_type(const char* name, bool is, const char* needed) const {
    const Json& value = at(name);
    if (!is) refuse_task(Code::type, what_, path(name), fmt::format("{} is needed, this is {}", needed, value.type_name()));
    return value;
  }
  const Json& object_;
  const Place& what_;
  std::string path_;
};

Json parse(std::string_view text, const Place& what) {
  try {
    return Json::parse(text);
  } catch (const Json::parse_error& error) {
    refuse_task(Code::syntax, what, {}, fmt::format("this is no JSON from byte {} on", error.byte));
  } catch (const Json::exception&) {
    refuse_task(Code::range, what, {}, "a number in it is larger than any");
  }
}

Json json_of(const Task& task) {
  Json overrides = Json::array();
  for (const Override& o : task.overrides) overrides.push_back({{"path", o.path}, {"value", o.value}, {"origin", o.origin}});
  Json json{{"scenario", task.scenario},       {"manifest", task.manifest}, {"overrides", std::move(overrides)},
            {"libraries", task.libraries},     {"seed", nullptr},           {"replication", task.replication},
            {"begin_s", number(task.begin_s)}, {"end_s", number(task.end_s)}};
  if (task.seed) json["seed"] = *task.seed;
  if (!task.from.empty()) json["from"] = task.from;
  if (!task.from_sha256.empty()) json["from_sha256"] = task.from_sha256;
  return json;
}

Task task_of(const Members& json) {
  Task task;
  task.scenario = json.text("scenario");
  task.manifest = json.text("manifest");
  for (const Json& item : json.list("overrides")) {
    const Members one = json.member(item, "overrides", task.overrides.size());
    task.overrides.push_back({one.text("path"), one.text("value"), one.text("origin")});
  }
  for (const Json& folder : json.list("libraries")) {
    if (!folder.is_string()) json.refuse_value("libraries", "a list of folders is needed");
    task.libraries.push_back(folder.get<std::string>());
  }
  if (json.has("seed")) task.seed = json.natural("seed");
  const std::uint64_t number = json.natural("replication");
  if (number > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
    json.refuse_value("replication", "there are not so many replications");
  task.replication = static_cast<std::int64_t>(number);
  task.begin_s = json.number("begin_s");
  task.end_s = json.number("end_s");
  task.from = json.text_if_there("from");
  task.from_sha256 = json.text_if_there("from_sha256");
  if (!(task.begin_s >= 0 && task.end_s >= task.begin_s && std::isfinite(task.end_s)))
    json.refuse_value("end_s", "the window ends before it begins, or never");
  return task;
}

auto parts(const Task& t) {
  return std::tie(t.scenario, t.libraries, t.manifest, t.replication, t.seed, t.begin_s, t.end_s, t.from, t.from_sha256);
}

bool same(const Kpi& a, const Kpi& b) {
  return a.path == b.path && same_value(a.value, b.value) && a.unit == b.unit && a.doc == b.doc && a.ratio == b.ratio &&
         same_value(a.numerator, b.numerator) && same_value(a.denominator, b.denominator) && a.estimate == b.estimate;
}

bool same(const Override& a, const Override& b) { return a.path == b.path && a.value == b.value && a.origin == b.origin; }

}  // namespace

bool operator==(const Task& a, const Task& b) {
  const auto alike = [](const Override& x, const Override& y) { return same(x, y); };
  return parts(a) == parts(b) && std::equal(a.overrides.begin(), a.overrides.end(), b.overrides.begin(), b.overrides.end(), alike);
}

bool operator==(const Outcome& a, const Outcome& b) {
  const auto alike = [](const Kpi& x, const Kpi& y) { return same(x, y); };
  return a.task == b.task && a.digest == b.digest && a.error == b.error &&
         std::equal(a.figures.begin(), a.figures.end(), b.figures.begin(), b.figures.end(), alike);
}

const Kpi* Outcome::find(std::string_view path) const {
  const auto found = std::find_if(figures.begin(), figures.end(), [&](const Kpi& k) { return k.path == path; });
  return found == figures.end() ? nullptr : &*found;
}

std::string json_text(const Task& task) { return json_line(json_of(task)); }

std::string json_text(const Outcome& outcome) {
  Json json{{"task", json_of(outcome.task)}, {"digest", outcome.digest}, {"error", nullptr}, {"figures", Json::array()}};
  if (const std::optional<Failure>& e = outcome.error)
    json["error"] = {{"kind", failure_kinds[static_cast<std::size_t>(e->kind)]}, {"message", e->message},
                     {"time_s", number(e->time_s)}, {"station", e->station}};
  for (const Kpi& k : outcome.figures) {
    Json figure{{"path", k.path}, {"value", number(k.value)}, {"unit", k.unit}, {"doc", k.doc}, {"estimate", k.estimate}};
    if (k.ratio) figure["numerator"] = number(k.numerator), figure["denominator"] = number(k.denominator);
    json["figures"].push_back(std::move(figure));
  }
  return json_line(json);
}

Task task_from_json(std::string_view text, const Place& what) {
  const Json json = parse(text, what);
  const Members all(json, what, {});
  return all.has("task") ? task_of(all.member("task")) : task_of(all);
}

std::string digest_from_json(std::string_view text) {
  const Json json = Json::parse(text, nullptr, false);
  const auto digest = json.is_object() ? json.find("digest") : json.end();
  return json.is_object() && digest != json.end() && digest->is_string() ? digest->get<std::string>() : std::string();
}

Outcome outcome_from_json(std::string_view text, const Place& what) {
  const Json json = parse(text, what);
  const Members all(json, what, {});
  Outcome outcome;
  outcome.task = task_of(all.member("task"));
  outcome.digest = all.text("digest");
  if (all.has("error")) {
    const Members error = all.member("error");
    const std::string kind = error.text("kind");
    const auto found = std::find(std::begin(failure_kinds), std::end(failure_kinds), kind);
    if (found == std::end(failure_kinds)) error.refuse_value("kind", "there is no such kind of failure");
    outcome.error = {static_cast<Failure::Kind>(found - std::begin(failure_kinds)), error.text("message"), error.number("time_s"),
                     error.text("station")};
  }
  for (const Json& item : all.list("figures")) {
    const Members one = all.member(item, "figures", outcome.figures.size());
    const bool ratio = item.contains("numerator");
    outcome.figures.push_back({one.text("path"), one.number("value"), one.text("unit"), one.text("doc"), ratio,
                               ratio ? one.number("numerator") : 0, ratio ? one.number("denominator") : 0, one.flag("estimate")});
  }
  return outcome;
}

Failure failure_of_exception() {
  using Kind = Failure::Kind;
  try {
    throw;
  } catch (const RunError& error) {
    return {Kind::run, error.what(), error.time_s(), error.station()};
  } catch (const InputError& error) {
    std::string all;
    for (const Problem& problem : error.problems())
      if (problem.severity == Severity::error) all += (all.empty() ? "" : "\n") + format(problem);
    return {Kind::input, all, 0, {}};
  } catch (const std::bad_alloc&) {
    return {Kind::memory, "not enough memory for this run", 0, {}};
  } catch (const std::exception& error) {
    return {Kind::bug, error.what(), 0, {}};
  }
}

}  // namespace retwin

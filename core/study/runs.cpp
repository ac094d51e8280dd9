// Points to rows.
#include "core/study/runs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <exception>
#include <thread>

#include "core/base/constants.hpp"
#include "core/base/threads.hpp"
#include "core/experiment/replications.hpp"
#include "core/scenario/document/document.hpp"

namespace retwin {
namespace {

constexpr std::size_t points_at_once = 256;  ///< whose scenarios are in memory
constexpr std::chrono::milliseconds flush_every{200};

/// Figures of a study among all of a replication; where they stood the last time they are looked for first.
class Picker {
 public:
  explicit Picker(const std::vector<std::string>& paths) : paths_(paths), at_(paths.size(), 0) {}
  std::vector<FigureValue> operator()(const std::vector<Kpi>& all) {
    std::vector<FigureValue> picked;
    for (std::size_t k = 0; k < paths_.size(); ++k) {
      if (at_[k] >= all.size() || all[at_[k]].path != paths_[k])
        at_[k] = static_cast<std::size_t>(std::find_if(all.begin(), all.end(), [&](const Kpi& kpi) { return kpi.path == paths_[k]; }) - all.begin());
      if (at_[k] == all.size()) picked.push_back({nan, false, 0, 0});
      else picked.push_back({all[at_[k]].value, all[at_[k]].ratio, all[at_[k]].numerator, all[at_[k]].denominator});
    }
    return picked;
  }

 private:
  const std::vector<std::string>& paths_;
  std::vector<std::size_t> at_;
};

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

}  // namespace

StudyRuns::StudyRuns(const Study& study, const Registry& registry, StudyFile& file, LocalOptions how)
    : study_(study), registry_(registry), file_(file), how_(std::move(how)) {}

std::shared_ptr<const Scenario> StudyRuns::compile(const Point& point) const {
  const std::string* file = study_.space.file(point);
  std::vector<Override> all = study_.overrides;
  for (Override& one : study_.space.overrides(point)) all.push_back(std::move(one));
  std::vector<std::string> folders = study_.libraries;
  for (std::string& folder : default_library_folders()) folders.push_back(std::move(folder));
  return std::make_shared<const Scenario>(load_scenario(file != nullptr ? *file : study_.scenario, registry_, all, folders));
}

void StudyRuns::reach(const std::vector<Wanted>& wanted) {
  for (std::size_t begin = 0; begin < wanted.size(); begin += points_at_once) {
    const auto first = wanted.begin() + static_cast<std::ptrdiff_t>(begin);
    const auto last = wanted.begin() + static_cast<std::ptrdiff_t>(std::min(wanted.size(), begin + points_at_once));
    run_some({first, last});
  }
}

/// Points that lack a replication which is wanted, each once, compiled on all threads.
std::vector<StudyRuns::Open> StudyRuns::open(const std::vector<Wanted>& wanted) {
  std::vector<Open> all;
  std::map<std::string, std::size_t> number;
  for (const Wanted& one : wanted) {
    const std::string text = study_.space.text(one.point);
    const auto known = known_.find(text);
    const bool lacks = known == known_.end() || (known->second.error.empty() && has_gap(text, known->second.manifest, one));
    if (lacks && number.emplace(text, all.size()).second) all.push_back({&one.point, text, {}, {}, {}});
  }
  std::atomic<std::size_t> next{0};
  std::exception_ptr stopped;
  const auto ask = [&]() noexcept {
    try {
      if (how_.poll && !stopped) how_.poll();
    } catch (...) {
      stopped = std::current_exception();
      next = all.size();
    }
  };
  const std::thread::id caller = std::this_thread::get_id();
  const auto compile_some = [&] {
    for (std::size_t k = next++; k < all.size(); k = next++) {
      if (std::this_thread::get_id() == caller) ask();
      try {
        all[k].scenario = compile(*all[k].point);
      } catch (const InputError&) {
        all[k].error = first_line(failure_of_exception().message);
      } catch (...) {
        all[k].why = std::current_exception();
        next = all.size();
      }
    }
  };
  on_threads(static_cast<int>(std::min<std::size_t>(static_cast<std::size_t>(std::max(1, how_.jobs)), std::max<std::size_t>(1, all.size()))), compile_some, ask);
  if (stopped) std::rethrow_exception(stopped);
  for (const Open& one : all) {
    if (one.why) std::rethrow_exception(one.why);
    Known& known = known_[one.text];
    known.error = one.error;
    if (one.scenario) known.manifest = one.scenario->scenario_hash;
  }
  return all;
}

void StudyRuns::Known::ask(std::int64_t first, std::int64_t end) {
  auto next = asked.upper_bound(end);
  while (next != asked.begin()) {  // spans that it touches become one with it
    const auto before = std::prev(next);
    if (before->second < first) break;
    first = std::min(first, before->first);
    end = std::max(end, before->second);
    next = asked.erase(before);
  }
  asked[first] = end;
}

std::int64_t StudyRuns::Known::end_from(std::int64_t first) const {
  const auto after = asked.upper_bound(first);
  return after == asked.begin() ? first : std::max(first, std::prev(after)->second);
}

bool StudyRuns::has_gap(const std::string& text, const std::string& manifest, const Wanted& wanted) const {
  for (std::int64_t r = wanted.first; r < wanted.first + wanted.replications; ++r)
    if (!file_.find(text, r, manifest)) return true;
  return false;
}

void StudyRuns::run_some(const std::vector<Wanted>& wanted) {
  const std::vector<Open> all = open(wanted);
  std::map<std::string, const Open*> by_text, by_manifest;
  std::map<std::string, Task> task_of;
  for (const Open& one : all) {
    if (!one.scenario) continue;
    by_text[one.text] = &one;
    by_manifest[one.scenario->scenario_hash] = &one;
    RunOptions options;
    options.replications = 1;
    options.origin.scenario = study_.scenario;
    Task task = tasks_of(*one.scenario, options).front();
    task.seed = study_.seed;
    task_of[one.text] = std::move(task);
  }
  std::vector<Task> tasks;
  std::vector<std::string> of;
  for (const Wanted& one : wanted) {
    const std::string text = study_.space.text(one.point);
    Known& known = known_.at(text);
    known.ask(one.first, one.first + one.replications);
    if (!by_text.contains(text)) continue;
    for (std::int64_t r = one.first; r < one.first + one.replications; ++r) {
      if (file_.find(text, r, known.manifest)) continue;
      tasks.push_back(task_of.at(text));
      tasks.back().replication = r;
      of.push_back(text);
    }
  }
  if (tasks.empty()) return;
  Picker pick(study_.figures);
  auto flushed = std::chrono::steady_clock::now();
  LocalOptions how = how_;
  how.stocks = std::any_of(study_.figures.begin(), study_.figures.end(), [](const std::string& path) { return path.starts_with("stocks."); });
  const auto keep = [&](std::size_t number, const Replicated& made) {
    StudyRow row{of[number], tasks[number].replication, tasks[number].manifest, made.outcome.digest, {}, {}};
    if (made.outcome.error) row.error = first_line(made.outcome.error->message);
    else row.figures = pick(made.outcome.figures);
    file_.put(std::move(row));
    ++made_;
    if (std::chrono::steady_clock::now() - flushed < flush_every) return true;
    file_.flush();
    flushed = std::chrono::steady_clock::now();
    return true;
  };
  const auto variant = [&](const Task& task) { return Variants::Variant{by_manifest.at(task.manifest)->scenario, nullptr}; };
  try {
    run_tasks(tasks, variant, how, keep);
  } catch (...) {  // Ctrl-C: what is known stays
    file_.flush();
    throw;
  }
  file_.flush();
}

std::vector<const std::vector<FigureValue>*> StudyRuns::figures(const Point& point, std::int64_t first) const {
  std::vector<const std::vector<FigureValue>*> all;
  const std::string text = study_.space.text(point);
  const auto known = known_.find(text);
  if (known == known_.end() || !known->second.error.empty()) return all;
  const std::int64_t end = known->second.end_from(first);
  for (std::int64_t r = first; r < end; ++r) {
    const StudyRow* row = file_.find(text, r, known->second.manifest);
    if (row == nullptr || !row->error.empty()) break;
    all.push_back(&row->figures);
  }
  return all;
}

std::string StudyRuns::error(const Point& point) const {
  const std::string text = study_.space.text(point);
  const auto known = known_.find(text);
  if (known == known_.end()) return {};
  if (!known->second.error.empty()) return known->second.error;
  for (const auto& [first, end] : known->second.asked) {
    for (std::int64_t r = first; r < end; ++r) {
      const StudyRow* row = file_.find(text, r, known->second.manifest);
      if (row != nullptr && !row->error.empty()) return fmt::format("replication {}: {}", r, row->error);
    }
  }
  return {};
}

double StudyRuns::value(const Point& point, const Response& response, std::int64_t replication) const {
  const std::string text = study_.space.text(point);
  const auto known = known_.find(text);
  const StudyRow* row = known == known_.end() ? nullptr : file_.find(text, replication, known->second.manifest);
  return row == nullptr || !row->error.empty() ? nan : value_of(study_, response, point, row->figures);
}

PointEstimate StudyRuns::estimate(const Point& point, const Response& response, std::int64_t first) const {
  const auto rows = figures(point, first);
  return rows.empty() ? PointEstimate{nan, {}} : retwin::estimate(study_, response, point, rows);
}

}  // namespace retwin

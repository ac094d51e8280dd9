// First in, first out per lot, activity and resource.
#include "core/telemetry/start_pairs.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>

namespace retwin {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

bool among(std::string_view text, const std::vector<std::string>& words) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; };
  return std::any_of(words.begin(), words.end(), [&](const std::string& word) {
    return std::equal(text.begin(), text.end(), word.begin(), word.end(), [&](char a, char b) { return lower(a) == lower(b); });
  });
}

}  // namespace

LifecycleStep lifecycle_step(std::string_view word, const std::vector<std::string>& start_values,
                             const std::vector<std::string>& finish_values) {
  return among(word, finish_values)  ? LifecycleStep::finish
         : among(word, start_values) ? LifecycleStep::start
                                     : LifecycleStep::other;
}

std::uint64_t StartPairs::key_of(const LogEvent& event) const {
  return (static_cast<std::uint64_t>(event.lot) << 32) | (by_activity_ ? event.activity : 0);
}

void StartPairs::start(LogRow row) {
  row.event.end_s = nan;
  open_[key_of(row.event)].push_back(std::move(row));
}

void StartPairs::finish(LogRow& row) {
  LogEvent& event = row.event;
  event.start_s = nan;
  const auto waiting = open_.find(key_of(event));
  if (waiting == open_.end()) return;
  std::vector<LogRow>& starts = waiting->second;
  const auto with_resource = [&](std::uint32_t resource) {
    return std::find_if(starts.begin(), starts.end(), [&](const LogRow& start) { return start.event.resource == resource; });
  };
  auto start = with_resource(event.resource);
  if (start == starts.end()) start = event.resource == Names::absent ? starts.begin() : with_resource(Names::absent);
  if (start == starts.end() && starts.size() == 1) start = starts.begin();
  if (start == starts.end()) return;
  event.start_s = start->event.start_s;
  event.row = start->event.row;
  event.activity = start->event.activity;
  if (start->event.resource != Names::absent) event.resource = start->event.resource;
  for (std::size_t c = 0; c < row.values.size(); ++c)
    if (std::isnan(row.values[c])) row.values[c] = start->values[c];
  starts.erase(start);
  if (starts.empty()) open_.erase(waiting);
}

std::vector<LogRow> StartPairs::unfinished() {
  std::vector<LogRow> rows;
  for (auto& [key, starts] : open_) std::move(starts.begin(), starts.end(), std::back_inserter(rows));
  open_.clear();
  std::sort(rows.begin(), rows.end(), [](const LogRow& a, const LogRow& b) { return a.event.row < b.event.row; });
  return rows;
}

}  // namespace retwin

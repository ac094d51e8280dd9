// First in, first out per lot, activity and resource.
#include "core/telemetry/readers/start_pairs.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/base/constants.hpp"

namespace retwin {
namespace {

bool among(std::string_view text, const std::vector<std::string>& words) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; };
  return std::any_of(words.begin(), words.end(), [&](const std::string& word) {
    return std::equal(text.begin(), text.end(), word.begin(), word.end(), [&](char a, char b) { return lower(a) == lower(b); });
  });
}

const std::vector<std::string> suspend_values = {"suspend", "suspended", "pause", "paused", "interrupt", "interrupted"};
const std::vector<std::string> resume_values = {"resume", "resumed", "continue", "continued"};

}  // namespace

LifecycleStep lifecycle_step(std::string_view word, const std::vector<std::string>& start_values,
                             const std::vector<std::string>& finish_values) {
  return among(word, finish_values)  ? LifecycleStep::finish
         : among(word, start_values) ? LifecycleStep::start
         : among(word, suspend_values) ? LifecycleStep::suspend
         : among(word, resume_values)  ? LifecycleStep::resume
                                       : LifecycleStep::other;
}

std::uint64_t StartPairs::key_of(const LogEvent& event) const {
  return (static_cast<std::uint64_t>(event.lot) << 32) | (by_activity_ ? event.activity : 0);
}

StartPairs::LotSeen& StartPairs::see(const LogEvent& event) {
  if (lots_.size() <= event.lot) lots_.resize(std::max<std::size_t>(event.lot + 1, 2 * lots_.size()));
  LotSeen& lot = lots_[event.lot];
  if (lot.any && lot.last_activity != event.activity) ++lot.visit;
  lot.last_activity = event.activity;
  lot.any = true;
  return lot;
}

bool StartPairs::start(LogRow row) {
  const LotSeen& lot = see(row.event);
  row.event.end_s = nan;
  std::vector<Start>& starts = open_[key_of(row.event)];
  const LogEvent& e = row.event;
  if (std::any_of(starts.begin(), starts.end(), [&](const Start& s) {
        return s.row.event.start_s == e.start_s && s.row.event.activity == e.activity && s.row.event.resource == e.resource;
      }))
    return false;
  starts.push_back({std::move(row), lot.visit, 0, nan});
  return true;
}

bool StartPairs::finish(LogRow& row) {
  LogEvent& event = row.event;
  event.start_s = nan;
  LotSeen& lot = see(event);
  const bool again = lot.finished && lot.finish_s == event.end_s && lot.finish_activity == event.activity &&
                     lot.finish_resource == event.resource;
  lot.finished = true;
  lot.finish_s = event.end_s;
  lot.finish_activity = event.activity;
  lot.finish_resource = event.resource;
  const auto waiting = open_.find(key_of(event));
  if (waiting == open_.end()) return !again;
  std::vector<Start>& starts = waiting->second;
  const auto with_resource = [&](std::uint32_t resource) {
    const auto fits = [&](const Start& s) { return s.row.event.resource == resource; };
    const auto youngest = std::find_if(starts.rbegin(), starts.rend(),
                                       [&](const Start& s) { return fits(s) && !(s.row.event.start_s > event.end_s); });
    if (youngest == starts.rend()) return std::find_if(starts.begin(), starts.end(), fits);
    return std::find_if(starts.begin(), starts.end(), [&](const Start& s) {
      return fits(s) && s.visit == youngest->visit && !(s.row.event.start_s > event.end_s);
    });
  };
  auto start = with_resource(event.resource);
  if (start == starts.end()) start = event.resource == Names::absent ? starts.begin() : with_resource(Names::absent);
  if (start == starts.end() && starts.size() == 1) start = starts.begin();
  if (start == starts.end()) return !again;
  const LogEvent& begun = start->row.event;
  const double still_s = std::isnan(start->since_s) ? 0 : std::max(0.0, event.end_s - start->since_s);
  const double suspended_s = std::clamp(start->suspended_s + still_s, 0.0, std::max(0.0, event.end_s - begun.start_s));
  event.start_s = suspended_s > 0 ? begun.start_s + suspended_s : begun.start_s;
  interrupted_s_ += suspended_s;
  event.row = begun.row;
  event.activity = begun.activity;
  if (begun.resource != Names::absent) event.resource = begun.resource;
  for (std::size_t c = 0; c < row.values.size(); ++c)
    if (std::isnan(row.values[c])) row.values[c] = start->row.values[c];
  starts.erase(start);
  if (starts.empty()) open_.erase(waiting);
  return true;
}

bool StartPairs::interrupt(const LogEvent& event, bool suspend) {
  const auto waiting = open_.find(key_of(event));
  if (waiting == open_.end()) return false;
  std::vector<Start>& starts = waiting->second;
  auto start = std::find_if(starts.rbegin(), starts.rend(), [&](const Start& s) { return s.row.event.resource == event.resource && std::isnan(s.since_s) == suspend; });
  if (start == starts.rend()) start = std::find_if(starts.rbegin(), starts.rend(), [&](const Start& s) { return std::isnan(s.since_s) == suspend; });
  if (start == starts.rend()) return false;
  if (!suspend) start->suspended_s += std::max(0.0, event.end_s - start->since_s);
  start->since_s = suspend ? event.end_s : nan;
  return true;
}

std::vector<LogRow> StartPairs::unfinished() {
  std::vector<LogRow> rows;
  for (auto& [key, starts] : open_)
    for (Start& start : starts) rows.push_back(std::move(start.row));
  open_.clear();
  std::sort(rows.begin(), rows.end(), [](const LogRow& a, const LogRow& b) { return a.event.row < b.event.row; });
  return rows;
}

}  // namespace retwin

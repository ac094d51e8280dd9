// Inputs as a list of names; temporary files as a list that grows only, so that a handler can walk it at any moment.
#include "core/base/file_guard.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <mutex>
#include <system_error>
#include <vector>

namespace retwin {
namespace {

std::atomic<bool> guarded{false};

std::mutex noting;
std::vector<std::string>& inputs() {
  static std::vector<std::string> all;
  return all;
}

/// Entries and texts are never freed: their number is that of the files that one command writes.
struct Entry {
  const char* path = nullptr;
  std::atomic<bool> there{true};
  Entry* next = nullptr;
};
std::atomic<Entry*> entries{nullptr};
static_assert(std::atomic<Entry*>::is_always_lock_free && std::atomic<bool>::is_always_lock_free);

}  // namespace

void guard_files() { guarded = true; }

void note_input(const std::string& path) {
  if (!guarded) return;
  std::error_code error;
  std::string name = std::filesystem::absolute(path, error).string();
  const std::lock_guard lock(noting);
  std::vector<std::string>& all = inputs();
  if (std::find(all.begin(), all.end(), name) == all.end()) all.push_back(std::move(name));
}

bool is_input(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return false;  // a pipe may well be both
  const std::lock_guard lock(noting);
  return std::any_of(inputs().begin(), inputs().end(), [&](const std::string& input) {
    std::error_code ignored;
    return std::filesystem::equivalent(path, input, ignored);
  });
}

ListedTemporary::ListedTemporary(const std::string& path) {
  if (!guarded) return;
  auto* entry = new Entry;
  entry->path = ::strdup(path.c_str());
  entry->next = entries;
  while (!entries.compare_exchange_weak(entry->next, entry)) {
  }
  there_ = &entry->there;
}

ListedTemporary::~ListedTemporary() {
  if (there_ != nullptr) *there_ = false;
}

void remove_temporaries() noexcept {
  for (const Entry* entry = entries; entry != nullptr; entry = entry->next)
    if (entry->there && ::unlink(entry->path) != 0) ::rmdir(entry->path);
}

}  // namespace retwin

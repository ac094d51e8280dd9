// Values as bytes and back, for what is saved: plain records, texts, vectors, histograms and calendars.
#pragma once
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "core/flow/state/calendar.hpp"
#include "core/stats/levels.hpp"
#include "core/stats/tally.hpp"

namespace retwin {

template <class T>
inline constexpr bool archived_plain = std::is_trivially_copyable_v<T> && !std::is_same_v<T, bool>;

class ArchiveWriter {
 public:
  std::string bytes;

  template <class T>
  void operator()(const T& value) requires archived_plain<T> {
    append(&value, sizeof value);
  }
  void operator()(bool value) { bytes += value ? '\1' : '\0'; }
  void operator()(std::string_view text) {
    (*this)(static_cast<std::uint64_t>(text.size()));
    bytes += text;
  }
  template <class T>
  void operator()(const std::vector<T>& list) {
    (*this)(static_cast<std::uint64_t>(list.size()));
    if constexpr (archived_plain<T>) {
      append(list.data(), list.size() * sizeof(T));
    } else {
      for (const T& item : list) (*this)(item);
    }
  }
  void operator()(const Histogram& histogram) { Histogram::visit(histogram, *this); }
  void operator()(const LevelTimes& times) { LevelTimes::visit(times, *this); }
  void operator()(Calendar calendar) {
    calendar.settle();
    (*this)(calendar.events());
  }

 private:
  void append(const void* data, std::size_t size) {
    if (size > 0) bytes.append(static_cast<const char*>(data), size);
  }
};

/// Never reads past the end: once something does not fit, nothing more is read and `failed` is set.
class ArchiveReader {
 public:
  explicit ArchiveReader(std::string_view bytes) : left_(bytes) {}
  bool failed = false;
  bool at_end() const { return left_.empty(); }

  template <class T>
  void operator()(T& value) requires archived_plain<T> {
    if (fits(1, sizeof value)) take(&value, sizeof value);
  }
  void operator()(bool& value) {
    unsigned char byte = 0;
    (*this)(byte);
    value = byte != 0;
  }
  void operator()(std::string_view& text) {
    const std::uint64_t size = length(1);
    text = left_.substr(0, size);
    left_.remove_prefix(size);
  }
  template <class T>
  void operator()(std::vector<T>& list) {
    list.resize(length(archived_plain<T> ? sizeof(T) : 1));
    if constexpr (archived_plain<T>) {
      if (!list.empty()) take(list.data(), list.size() * sizeof(T));
    } else {
      for (T& item : list) (*this)(item);
    }
  }
  void operator()(Histogram& histogram) { Histogram::visit(histogram, *this); }
  void operator()(LevelTimes& times) { LevelTimes::visit(times, *this); }
  void operator()(Calendar& calendar) { (*this)(calendar.events()); }

  /// Of a list whose items take so many bytes at least; 0 where it does not fit.
  std::size_t length(std::size_t item_size) {
    std::uint64_t count = 0;
    (*this)(count);
    return fits(count, item_size) ? static_cast<std::size_t>(count) : 0;
  }

 private:
  bool fits(std::uint64_t count, std::size_t size) {
    failed = failed || count > left_.size() / size;
    return !failed;
  }
  void take(void* data, std::size_t size) {
    std::memcpy(data, left_.data(), size);
    left_.remove_prefix(size);
  }
  std::string_view left_;
};

}  // namespace retwin

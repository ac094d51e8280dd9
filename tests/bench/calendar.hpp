// Event heap of the yardstick bench_heap2.cpp: the root stays a hole while an event is handled.
//
// The header that the yardstick was first measured with is not part of the reference material; this one was written for this
// repository from the description of it: pop and the first push are one sift, keys are compared as one 128-bit integer.
#pragma once
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

/// An event of `Size` bytes: time [s, >= 0], tie-breaking key, and two fields for the owner.
template <std::size_t Size>
struct Event {
  double t;
  std::uint64_t key;
  std::uint32_t ix, kd;
};
static_assert(sizeof(Event<24>) == 24);

enum class HeapKind { bl2 };  ///< binary, branchless choice of the smaller child

/// Binary heap in one vector. Protocol: settle(), look at h[0], open(), push what follows from it, and so on.
template <std::size_t Size, HeapKind Kind>
struct Calendar {
  using Item = Event<Size>;
  std::vector<Item> h;

  /// Takes the first event out but leaves its place open for the next push.
  void open() { hole_ = true; }

  void push(const Item& item) {
    if (hole_) {
      hole_ = false;
      sift_down(item);
    } else {
      h.push_back(item);
      sift_up(item);
    }
  }

  /// Closes the hole with the last event if nothing was pushed into it.
  void settle() {
    if (!hole_) return;
    hole_ = false;
    const Item last = h.back();
    h.pop_back();
    if (!h.empty()) sift_down(last);
  }

  bool empty() const { return h.empty(); }

 private:
  __extension__ using Order = unsigned __int128;

  /// Times are not negative, so their bits order as they do.
  static Order order(const Item& item) { return static_cast<Order>(std::bit_cast<std::uint64_t>(item.t)) << 64 | item.key; }

  void sift_down(const Item& item) {
    Item* const heap = h.data();
    const std::size_t size = h.size();
    const Order mine = order(item);
    std::size_t i = 0, child = 1;
    while (child + 1 < size) {
      child += static_cast<std::size_t>(order(heap[child + 1]) < order(heap[child]));
      if (mine < order(heap[child])) {
        heap[i] = item;
        return;
      }
      heap[i] = heap[child];
      i = child;
      child = 2 * i + 1;
    }
    if (child < size && order(heap[child]) < mine) {
      heap[i] = heap[child];
      i = child;
    }
    heap[i] = item;
  }

  void sift_up(const Item& item) {
    const Order mine = order(item);
    std::size_t i = h.size() - 1;
    while (i > 0) {
      const std::size_t parent = (i - 1) / 2;
      if (order(h[parent]) < mine) break;
      h[i] = h[parent];
      i = parent;
    }
    h[i] = item;
  }

  bool hole_ = false;
};

// A list threaded through records: each holds the index of the next one in a member of its own. First in, first out, unless an end or a
// place in it is named.
#pragma once
#include "core/flow/plant/plant.hpp"

namespace retwin {

template <auto Next>
struct Fifo {
  Index head = none, tail = none;

  bool empty() const { return head == none; }

  void push_back(auto& records, Index index) {
    records[index].*Next = none;
    (tail == none ? head : records[tail].*Next) = index;
    tail = index;
  }
  /// @param before behind which it comes; none: it is the first
  void insert(auto& records, Index index, Index before) {
    Index& link = before == none ? head : records[before].*Next;
    records[index].*Next = link;
    link = index;
    if (tail == before) tail = index;
  }
  Index pop_front(auto& records) {
    const Index index = head;
    remove(records, index, none);
    return index;
  }
  /// @param before the one before it; none: it is the first
  void remove(auto& records, Index index, Index before) {
    Index& link = records[index].*Next;
    (before == none ? head : records[before].*Next) = link;
    if (tail == index) tail = before;
    link = none;
  }
  /// Wherever it is. @returns false: it is not in the list
  bool remove(auto& records, Index index) {
    Index before = none;
    for (Index at = head; at != index; before = at, at = records[at].*Next)
      if (at == none) return false;
    remove(records, index, before);
    return true;
  }
};

}  // namespace retwin

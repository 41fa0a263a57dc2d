// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_DETAIL_ACTIVITY_HEAP_HPP
#define GAUS_DETAIL_ACTIVITY_HEAP_HPP

#include <gaus/graph/step_bounds.hpp>

#include <algorithm>
#include <cstddef>
#include <vector>

namespace gaus::detail {

/// Which literal x >= v conflicts met most lately: activities that decay by growing bumps, in a heap
/// (variable state independent decaying sum: Moskewicz et al. 2001). A variable has `columns`
/// entries, shared by its values modulo that number, so that memory stays bounded.
class ActivityHeap {
 public:
  void reset(int variables, int values) {
    columns_ = std::min(values, std::max(64, most_entries / std::max(1, variables)));
    std::size_t const size = at(variables) * at(columns_);
    activity_.assign(size, 0.0F);
    value_.assign(size, 0);
    place_.assign(size, -1);
    heap_.clear();
  }
  void bump(int variable, int value) {
    int const e = entry(variable, value);
    value_[at(e)] = value;
    activity_[at(e)] += step_;
    if (place_[at(e)] < 0) {
      push(e);
    } else {
      sift_up(place_[at(e)]);
    }
  }
  void decay() {
    step_ /= 0.95F;
    if (step_ < 1e20F) return;
    for (float& a : activity_) a *= 1e-20F;
    step_ *= 1e-20F;
  }
  /// Makes entries of values first .. last available again, where they have been met at all.
  void restore(int variable, int first, int last) {
    last = std::min(last, first + columns_ - 1);
    for (int v = first; v <= last; ++v) {
      int const e = entry(variable, v);
      if (activity_[at(e)] > 0 && place_[at(e)] < 0) push(e);
    }
  }
  [[nodiscard]] bool empty() const { return heap_.empty(); }
  struct Choice {
    int variable;
    int value;
  };
  Choice pop() {
    int const top = heap_.front();
    place_[at(top)] = -1;
    int const e = heap_.back();
    heap_.pop_back();
    if (!heap_.empty()) sift_down(e);
    return {top / columns_, value_[at(top)]};
  }

 private:
  static constexpr int most_entries = 8000000;

  [[nodiscard]] int entry(int variable, int value) const {
    return variable * columns_ + value % columns_;
  }
  void push(int e) {
    place_[at(e)] = static_cast<int>(heap_.size());
    heap_.push_back(e);
    sift_up(place_[at(e)]);
  }
  void sift_up(int k) {
    int const e = heap_[at(k)];
    for (; k > 0; k = (k - 1) / 2) {
      int const parent = heap_[at((k - 1) / 2)];
      if (activity_[at(parent)] >= activity_[at(e)]) break;
      heap_[at(k)] = parent;
      place_[at(parent)] = k;
    }
    heap_[at(k)] = e;
    place_[at(e)] = k;
  }
  void sift_down(int e) {
    int const size = static_cast<int>(heap_.size());
    int k = 0;
    for (int child = 1; child < size; child = 2 * k + 1) {
      if (child + 1 < size && activity_[at(heap_[at(child + 1)])] > activity_[at(heap_[at(child)])])
        ++child;
      if (activity_[at(heap_[at(child)])] <= activity_[at(e)]) break;
      heap_[at(k)] = heap_[at(child)];
      place_[at(heap_[at(k)])] = k;
      k = child;
    }
    heap_[at(k)] = e;
    place_[at(e)] = k;
  }

  int columns_ = 1;
  float step_ = 1;
  std::vector<float> activity_;
  std::vector<int> value_;  ///< the last met of those that share an entry
  std::vector<int> place_;  ///< in the heap, or -1
  std::vector<int> heap_;
};

}  // namespace gaus::detail

#endif

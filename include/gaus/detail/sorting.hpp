// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_DETAIL_SORTING_HPP
#define GAUS_DETAIL_SORTING_HPP

#include <gaus/detail/function_ref.hpp>

#include <algorithm>
#include <cstddef>
#include <vector>

// Sorting of numbers that stand for something, compiled once: std::sort is compiled anew for each
// comparison.
namespace gaus::detail {

/// Sorts numbers in place.
inline void sort_numbers(std::vector<int>& numbers, FunctionRef<bool(int, int)> less) {
  std::sort(numbers.begin(), numbers.end(), less);
}

/// Places of the values, smaller values first, equal ones in the order in which they are listed.
/// Values are >= 0. O(places + largest value).
inline std::vector<int> counting_sort(std::vector<int> const& places,
                                      std::vector<int> const& values) {
  std::vector<int> next;
  for (int const v : values) {
    if (static_cast<std::size_t>(v) + 1 >= next.size())
      next.resize(static_cast<std::size_t>(v) + 2, 0);
    ++next[static_cast<std::size_t>(v) + 1];
  }
  for (std::size_t v = 1; v < next.size(); ++v) next[v] += next[v - 1];
  std::vector<int> sorted(places.size());
  for (int const k : places) {
    int& place = next[static_cast<std::size_t>(values[static_cast<std::size_t>(k)])];
    sorted[static_cast<std::size_t>(place++)] = k;
  }
  return sorted;
}

}  // namespace gaus::detail

#endif

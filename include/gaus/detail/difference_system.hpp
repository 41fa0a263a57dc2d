// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_DETAIL_DIFFERENCE_SYSTEM_HPP
#define GAUS_DETAIL_DIFFERENCE_SYSTEM_HPP

#include <cstddef>
#include <vector>

// The rows of difference constraints that graph/step_bounds.hpp fills.
namespace gaus {

/// s_to - s_from >= delta.
struct DifferenceBound {
  int from;   ///< operation that starts first where delta > 0
  int to;     ///< operation that starts after it
  int delta;  ///< steps, any sign
};

/// All difference constraints of a problem, ready for longest paths. Memory: 16 (V + E) bytes.
struct DifferenceSystem {
  int operations = 0;           ///< V
  bool acyclic = true;          ///< order sorts every constraint: one pass settles
  int backward = 0;             ///< operations that a constraint enters against the order
  long long reach = 0;          ///< no path without a cycle is longer
  std::vector<int> order;       ///< topological for the forward dependences
  std::vector<int> length;      ///< max(latency, occupancy): start + length <= steps
  std::vector<int> out_offset;  ///< rows by from
  std::vector<int> out_to;      ///< the other end, by place in the row
  std::vector<int> out_delta;   ///< steps, likewise
  std::vector<int> in_offset;   ///< rows by to
  std::vector<int> in_from;     ///< the other end, by place in the row
  std::vector<int> in_delta;    ///< steps, likewise
};

namespace detail {

inline std::size_t at(int i) { return static_cast<std::size_t>(i); }

/// A latest start step that binds nothing.
inline constexpr int max_steps_ahead = 1 << 30;

}  // namespace detail

}  // namespace gaus

#endif

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_DETAIL_PAIR_CLOSURE_HPP
#define GAUS_DETAIL_PAIR_CLOSURE_HPP

#include <gaus/detail/limited_project.hpp>
#include <gaus/graph/step_bounds.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

// What minimum and maximum distances say about operations that cannot be busy together: of such a
// pair one ends before the other starts; where a maximum distance leaves one order only, that order
// is a constraint, and longest paths grow, which may decide further pairs (Bartusch, Moehring and
// Radermacher 1988; disjunctive consistency in Brucker, Hilbig and Hurink 1999, Discrete Applied
// Mathematics 94). A pair without any order left is a proof that no schedule exists.
namespace gaus::detail {

struct PairClosure {
  std::vector<DifferenceBound> orders;       ///< constraints that follow
  std::optional<std::pair<int, int>> clash;  ///< operations that no schedule has room for
};

/// All pairs of longest paths: O(V^3) and 4 V^2 bytes, then O(V^2) for every order found.
inline PairClosure close_pairs(LimitedProject const& p) {
  int const n = p.operations;
  auto const& s = p.system;
  constexpr int none = -max_steps_ahead;
  PairClosure result;
  std::vector<int> distance(at(n) * at(n), none);
  auto const d = [&](int i, int j) -> int& { return distance[at(i) * at(n) + at(j)]; };
  for (int i = 0; i < n; ++i) {
    d(i, i) = 0;
    for (int k = s.out_offset[at(i)]; k < s.out_offset[at(i) + 1]; ++k)
      d(i, s.out_to[at(k)]) = std::max(d(i, s.out_to[at(k)]), s.out_delta[at(k)]);
  }
  for (int via = 0; via < n; ++via)
    for (int i = 0; i < n; ++i) {
      int const first = d(i, via);
      if (first == none) continue;
      int const* const from = distance.data() + at(via) * at(n);
      int* const row = distance.data() + at(i) * at(n);
      for (int j = 0; j < n; ++j)
        if (from[j] != none) row[j] = std::max(row[j], first + from[j]);
    }
  auto const add = [&](int a, int b, int delta) {  // start_b - start_a >= delta
    result.orders.push_back({a, b, delta});
    for (int i = 0; i < n; ++i) {
      if (d(i, a) == none) continue;
      int const first = d(i, a) + delta;
      for (int j = 0; j < n; ++j)
        if (d(b, j) != none) d(i, j) = std::max(d(i, j), first + d(b, j));
    }
  };
  std::vector<std::pair<int, int>> open;
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < i; ++j)
      if (p.busy[at(i)] > 0 && p.busy[at(j)] > 0 && p.exclusive(i, j)) open.emplace_back(i, j);
  for (bool changed = true; changed;) {
    changed = false;
    std::size_t kept = 0;
    for (auto const& pair : open) {
      auto const [i, j] = pair;
      if (d(i, j) >= p.busy[at(i)] || d(j, i) >= p.busy[at(j)]) continue;  // ordered already
      bool const no_i_first = d(j, i) > -p.busy[at(i)];  // i starts too soon after j for that
      bool const no_j_first = d(i, j) > -p.busy[at(j)];
      if (no_i_first && no_j_first) {
        result.clash = pair;
        return result;
      }
      if (no_i_first) {
        add(j, i, p.busy[at(j)]);
        changed = true;
      } else if (no_j_first) {
        add(i, j, p.busy[at(i)]);
        changed = true;
      } else {
        open[kept++] = pair;
      }
    }
    open.resize(kept);
  }
  return result;
}

}  // namespace gaus::detail

#endif

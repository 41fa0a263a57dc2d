// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_DETAIL_CSR_HPP
#define GAUS_DETAIL_CSR_HPP

#include <gaus/detail/sorting.hpp>

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

// Host-side helpers around compressed rows: building them, and finding a cycle.
namespace gaus::detail {

/// Rows of items: row r holds order[offset[r]] .. order[offset[r + 1] - 1].
struct Rows {
  std::vector<int> offset;
  std::vector<int> order;
};

/// Sorts items into rows by key(item) = (row, rank within the row), both >= 0; equal keys keep their
/// order. O(items + rows + largest rank).
template <class Item, class Key>
Rows sorted_rows(std::size_t rows, std::vector<Item> const& items, Key key) {
  Rows result{std::vector<int>(rows + 1, 0), std::vector<int>(items.size())};
  bool sorted = true;
  for (std::size_t k = 0; k < items.size(); ++k) {
    result.order[k] = static_cast<int>(k);
    ++result.offset[static_cast<std::size_t>(key(items[k]).first) + 1];
    sorted = sorted && (k == 0 || !(key(items[k]) < key(items[k - 1])));
  }
  for (std::size_t r = 0; r < rows; ++r) result.offset[r + 1] += result.offset[r];
  if (sorted) return result;
  std::vector<int> values(items.size());
  for (std::size_t k = 0; k < items.size(); ++k) values[k] = key(items[k]).second;
  result.order = counting_sort(result.order, values);
  for (std::size_t k = 0; k < items.size(); ++k) values[k] = key(items[k]).first;
  result.order = counting_sort(result.order, values);
  return result;
}

/// The vertices of one directed cycle, in order; empty when there is none. O(V + E), no recursion.
inline std::vector<int> find_cycle(int vertices, std::vector<std::pair<int, int>> const& edges) {
  auto const rows =
      sorted_rows(static_cast<std::size_t>(vertices), edges, [](auto const& e) { return e; });
  std::vector<int> waiting(static_cast<std::size_t>(vertices), 0);
  for (auto const& e : edges) ++waiting[static_cast<std::size_t>(e.second)];
  std::vector<int> ready;
  for (int v = 0; v < vertices; ++v)
    if (waiting[static_cast<std::size_t>(v)] == 0) ready.push_back(v);
  std::size_t done = 0;
  for (; done < ready.size(); ++done) {
    auto const v = static_cast<std::size_t>(ready[done]);
    for (int k = rows.offset[v]; k < rows.offset[v + 1]; ++k) {
      int const to =
          edges[static_cast<std::size_t>(rows.order[static_cast<std::size_t>(k)])].second;
      if (--waiting[static_cast<std::size_t>(to)] == 0) ready.push_back(to);
    }
  }
  if (done == static_cast<std::size_t>(vertices)) return {};

  // Every vertex that still waits has a predecessor that still waits: walk back until one repeats.
  std::vector<int> before(static_cast<std::size_t>(vertices), -1);
  for (auto const& e : edges)
    if (waiting[static_cast<std::size_t>(e.first)] > 0 &&
        waiting[static_cast<std::size_t>(e.second)] > 0)
      before[static_cast<std::size_t>(e.second)] = e.first;
  int v = 0;
  while (waiting[static_cast<std::size_t>(v)] == 0) ++v;
  std::vector<char> seen(static_cast<std::size_t>(vertices), 0);
  while (!seen[static_cast<std::size_t>(v)]) {
    seen[static_cast<std::size_t>(v)] = 1;
    v = before[static_cast<std::size_t>(v)];
  }
  std::vector<int> cycle{v};
  for (int u = before[static_cast<std::size_t>(v)]; u != v; u = before[static_cast<std::size_t>(u)])
    cycle.push_back(u);
  std::reverse(cycle.begin(), cycle.end());
  return cycle;
}

}  // namespace gaus::detail

#endif

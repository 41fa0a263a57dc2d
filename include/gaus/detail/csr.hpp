// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_DETAIL_CSR_HPP
#define GAUS_DETAIL_CSR_HPP

#include <gaus/detail/shortest_cycle.hpp>
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

/// Sorts items into rows by key(item) = (row, rank within the row); equal keys keep their order.
/// O(rows + items) where the ranks come in order, else with a logarithm of the longest row.
template <class Item, class Key>
Rows sorted_rows(std::size_t rows, std::vector<Item> const& items, Key key) {
  Rows result{std::vector<int>(rows + 1, 0), std::vector<int>(items.size())};
  auto& [offset, order] = result;
  for (auto const& item : items) ++offset[static_cast<std::size_t>(key(item).first) + 1];
  for (std::size_t r = 0; r < rows; ++r) offset[r + 1] += offset[r];
  // Every item moves the beginning of its row on by one, to where the next row begins.
  for (std::size_t k = 0; k < items.size(); ++k) {
    int& place = offset[static_cast<std::size_t>(key(items[k]).first)];
    order[static_cast<std::size_t>(place++)] = static_cast<int>(k);
  }
  std::copy_backward(offset.begin(), offset.end() - 1, offset.end());
  offset.front() = 0;
  auto const rank = [&](int k) { return key(items[static_cast<std::size_t>(k)]).second; };
  auto const less = [&](int a, int b) { return rank(a) != rank(b) ? rank(a) < rank(b) : a < b; };
  std::vector<int> row;
  for (std::size_t r = 0; r < rows; ++r) {
    auto const first = order.begin() + offset[r];
    auto const last = order.begin() + offset[r + 1];
    bool sorted = true;
    for (auto k = first; k != last && k + 1 != last; ++k) sorted = sorted && !less(k[1], k[0]);
    if (sorted) continue;
    row.assign(first, last);
    sort_numbers(row, less);
    std::copy(row.begin(), row.end(), first);
  }
  return result;
}

/// The vertices of a directed cycle of the fewest ones (detail/shortest_cycle.hpp), in order; empty
/// when there is none, which O(V + E) shows. No recursion.
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
  std::vector<int> to(edges.size());
  for (std::size_t k = 0; k < to.size(); ++k)
    to[k] = edges[static_cast<std::size_t>(rows.order[k])].second;
  auto const arcs = fewest_arcs_cycle(
      rows.offset, to, [](int) { return 0; }, cycle, 1);
  if (!arcs.empty()) cycle.clear();
  for (int const k : arcs) cycle.push_back(to[static_cast<std::size_t>(k)]);
  return cycle;
}

}  // namespace gaus::detail

#endif

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_GRAPH_COMPONENTS_HPP
#define GAUS_GRAPH_COMPONENTS_HPP

#include <gaus/graph.hpp>

#include <algorithm>
#include <cstddef>
#include <vector>

namespace gaus {

/// Which operations lie on a common cycle of dependences, whatever their distances: the recurrences
/// of a loop.
struct Components {
  int count = 0;               ///< number of components
  std::vector<int> component;  ///< of each operation; no dependence leads to a smaller one
  std::vector<int> offset;     ///< count + 1: rows of members
  std::vector<int> members;    ///< by component, in ascending order within one

  /// Number of operations in component c.
  [[nodiscard]] int size(int c) const {
    return offset[static_cast<std::size_t>(c) + 1] - offset[static_cast<std::size_t>(c)];
  }
};

/// Strongly connected components of a host-readable graph, numbered in topological order (Tarjan,
/// Depth-first search and linear graph algorithms, 1972). O(V + E), without recursion: a path may
/// be longer than the stack.
template <Graph G>
Components strongly_connected_components(G const& graph) {
  auto const at = [](int i) { return static_cast<std::size_t>(i); };
  int const n = graph.num_operations();
  constexpr int unseen = -1;
  constexpr int done = -2;
  Components result;
  result.component.assign(at(n), 0);
  std::vector<int> low(at(n), unseen);  // order of the visit; falls to the first one reached
  std::vector<int> next(at(n), 0);      // place in the row that comes next
  std::vector<int> walk;                // operations whose rows are under way
  std::vector<int> open;                // visited, component unknown
  std::vector<int> first_visit(at(n), 0);
  int visits = 0;
  auto const visit = [&](int v) {
    low[at(v)] = first_visit[at(v)] = visits++;
    walk.push_back(v);
    open.push_back(v);
  };
  for (int root = 0; root < n; ++root) {
    if (low[at(root)] != unseen) continue;
    visit(root);
    while (!walk.empty()) {
      int const v = walk.back();
      auto const row = graph.outgoing(v);
      if (next[at(v)] < row.size()) {
        int const to = Dependence(row[next[at(v)]++]).operation;
        if (low[at(to)] == unseen)
          visit(to);
        else if (low[at(to)] != done)
          low[at(v)] = std::min(low[at(v)], first_visit[at(to)]);
        continue;
      }
      walk.pop_back();
      if (!walk.empty()) low[at(walk.back())] = std::min(low[at(walk.back())], low[at(v)]);
      if (low[at(v)] != first_visit[at(v)]) continue;
      int member = unseen;
      while (member != v) {
        member = open.back();
        open.pop_back();
        low[at(member)] = done;
        result.component[at(member)] = result.count;
      }
      ++result.count;
    }
  }
  // A component is complete when all that it leads to are: last ones first.
  result.offset.assign(at(result.count) + 1, 0);
  for (int& c : result.component) {
    c = result.count - 1 - c;
    ++result.offset[at(c) + 1];
  }
  for (int c = 0; c < result.count; ++c) result.offset[at(c) + 1] += result.offset[at(c)];
  result.members.resize(at(n));
  std::vector<int> place(result.offset.begin(), result.offset.end() - 1);
  for (int i = 0; i < n; ++i) result.members[at(place[at(result.component[at(i)])]++)] = i;
  return result;
}

}  // namespace gaus

#endif

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_DETAIL_INFEASIBLE_PATHS_HPP
#define GAUS_DETAIL_INFEASIBLE_PATHS_HPP

#include <gaus/detail/difference_system.hpp>
#include <gaus/detail/message.hpp>
#include <gaus/detail/shortest_cycle.hpp>
#include <gaus/error.hpp>
#include <gaus/graph.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

// The shortest reasons why difference constraints have no solution: a positive cycle, or a longest
// path that does not fit, each of as few operations as can be.
namespace gaus::detail {

/// "1 operation", "7 operations".
inline std::string operations_text(std::size_t n) {
  return message({n, (n == 1 ? " operation" : " operations")});
}

/// "3 (a) +2 -> 4 (b) -1 -> 3 (a)": the operations of a reason, each with the distance to the next
/// one; a long one is cut.
template <class Call>
std::string path_text(InfeasibleReason const& reason, Call const& call) {
  auto const& path = reason.operations;
  auto const one = [&](std::size_t k) {
    std::string text = call(path[k]);
    if (k < reason.lengths.size())
      text += message({(reason.lengths[k] < 0 ? " " : " +"), reason.lengths[k]});
    return text;
  };
  auto const text = cut_list(path.size(), one, " -> ");
  return reason.kind == InfeasibleReason::Kind::cycle ? text + " -> " + call(path.front()) : text;
}

/// A reason of kind cycle or window in words; call(i) names an operation.
template <class Call>
std::string path_reason_text(InfeasibleReason const& reason, Call const& call) {
  auto const path = path_text(reason, call);
  auto const count = operations_text(reason.operations.size());
  if (reason.kind == InfeasibleReason::Kind::cycle)
    return message({"no schedule exists: the cycle of operations ", path, " asks each of its ",
                    count, " to start ", reason.required - reason.available,
                    (reason.required - reason.available == 1 ? " step" : " steps"),
                    " after itself"});
  std::string text =
      message({"no schedule of ", reason.steps, (reason.steps == 1 ? " step" : " steps"),
               " exists: the longest path"});
  if (reason.deadline)
    text = message({"no schedule exists: operation ", call(reason.operations.back()),
                    " must finish by step ", reason.available, ", the longest path to it"});
  return message({text, " needs ", reason.required, " steps for its ", count, " ", path});
}

inline std::string path_reason_text(InfeasibleReason const& reason) {
  return path_reason_text(reason, [](int i) { return message({i}); });
}

/// Steps are integers: a path, or an operation, that they cannot count.
[[noreturn]] inline void too_long() {
  throw InvalidInput(message({"the longest path leads beyond step ", max_steps}));
}

/// The operations of a positive cycle of a system that holds one, else throws InvalidInput: then the
/// steps of a path are too many to count. Bellman-Ford with parents, which
/// form a cycle after V passes at the latest.
inline std::vector<int> positive_cycle(DifferenceSystem const& system) {
  int const n = system.operations;
  std::vector<long long> start(at(n), 0);
  std::vector<int> parent(at(n), -1);  // operation that raised this one last
  std::vector<int> walk(at(n));
  for (int pass = 1, check = 1;; ++pass) {
    for (int const v : system.order)
      for (int k = system.in_offset[at(v)]; k < system.in_offset[at(v) + 1]; ++k) {
        long long const s = start[at(system.in_from[at(k)])] + system.in_delta[at(k)];
        if (s <= start[at(v)]) continue;
        start[at(v)] = s;
        parent[at(v)] = system.in_from[at(k)];
      }
    if (pass < check && pass <= n) continue;
    check = 2 * pass;
    std::fill(walk.begin(), walk.end(), -1);
    for (int first = 0; first < n; ++first) {
      int v = first;
      while (v >= 0 && walk[at(v)] < 0) {
        walk[at(v)] = first;
        v = parent[at(v)];
      }
      if (v < 0 || walk[at(v)] != first) continue;
      std::vector<int> cycle{v};
      for (int u = parent[at(v)]; u != v; u = parent[at(u)]) cycle.push_back(u);
      std::reverse(cycle.begin(), cycle.end());
      return cycle;
    }
    if (pass > n) too_long();
  }
}

/// The largest delta from one operation to another.
inline int largest_delta(DifferenceSystem const& system, int from, int to) {
  int largest = -max_steps_ahead;
  for (int k = system.out_offset[at(from)]; k < system.out_offset[at(from) + 1]; ++k)
    if (system.out_to[at(k)] == to) largest = std::max(largest, system.out_delta[at(k)]);
  return largest;
}

/// The positive cycle of the fewest operations (detail/shortest_cycle.hpp), given any one; from the
/// operation of the least number on.
inline InfeasibleReason shortest_cycle(DifferenceSystem const& system, std::vector<int> cycle) {
  auto const arcs = fewest_arcs_cycle(
      system.out_offset, system.out_to, [&](int k) { return system.out_delta[at(k)]; }, cycle);
  if (!arcs.empty()) {
    cycle.assign(1, system.out_to[at(arcs.back())]);
    for (std::size_t k = 0; k + 1 < arcs.size(); ++k) cycle.push_back(system.out_to[at(arcs[k])]);
  }
  std::rotate(cycle.begin(), std::min_element(cycle.begin(), cycle.end()), cycle.end());
  InfeasibleReason reason{InfeasibleReason::Kind::cycle, cycle, 0, 0};
  for (std::size_t k = 0; k < cycle.size(); ++k) {
    reason.lengths.push_back(largest_delta(system, cycle[k], cycle[(k + 1) % cycle.size()]));
    reason.required += reason.lengths.back();
  }
  return reason;
}

/// A longest path to an operation that starts late by the given excess, of the fewest operations:
/// breadth first over constraints that are tight in earliest, back to an operation that starts at
/// step 0. latest: without the dependences. O(V + E).
inline InfeasibleReason shortest_path(DifferenceSystem const& system,
                                      std::vector<int> const& earliest,
                                      std::vector<int> const& latest, int excess) {
  std::vector<int> after(at(system.operations), -1);
  std::vector<int> found;
  for (int i = 0; i < system.operations; ++i)
    if (earliest[at(i)] - latest[at(i)] == excess) {
      after[at(i)] = i;
      found.push_back(i);
    }
  InfeasibleReason reason;
  for (std::size_t done = 0; done < found.size(); ++done) {
    int v = found[done];
    if (earliest[at(v)] > 0) {
      for (int k = system.in_offset[at(v)]; k < system.in_offset[at(v) + 1]; ++k) {
        int const from = system.in_from[at(k)];
        if (after[at(from)] >= 0 || earliest[at(from)] + system.in_delta[at(k)] != earliest[at(v)])
          continue;
        after[at(from)] = v;
        found.push_back(from);
      }
      continue;
    }
    reason.operations.push_back(v);
    while (after[at(v)] != v) {
      reason.lengths.push_back(earliest[at(after[at(v)])] - earliest[at(v)]);
      v = after[at(v)];
      reason.operations.push_back(v);
    }
    reason.lengths.push_back(system.length[at(v)]);
    reason.required = earliest[at(v)] + system.length[at(v)];
    reason.available = latest[at(v)] + system.length[at(v)];
    break;
  }
  return reason;
}

}  // namespace gaus::detail

#endif

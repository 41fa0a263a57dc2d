// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_DETAIL_SATURATED_PATH_HPP
#define GAUS_DETAIL_SATURATED_PATH_HPP

#include <gaus/graph/step_bounds.hpp>
#include <gaus/problem.hpp>
#include <gaus/schedule/cost.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

// Why a schedule is as long as it is (schedule/explain.hpp).
namespace gaus {

/// A chain of operations from the begin of a schedule to its end, each held back by the one before:
/// by a dependence that is tight, or by units that it took until then.
struct PathReason {
  double weight = 0;
  int makespan = 0;
  int least = 0;  ///< no schedule is shorter: longest path, work of a class over limit
  std::vector<int> operations;  ///< in order
  std::vector<int> held_by;     ///< of each: class whose units it waited for, -1: by a dependence;
                                ///< of the first: -1
  int by_dependences = 0;
  int by_units = 0;
  int first_start = 0;  ///< of the chain: above 0 nothing that is counted here holds its begin back
  int saturated = -1;   ///< the class of the most waits, or of the most work; -1: none
};

namespace detail {

/// The chain of the fewest operations, by breadth first search from the operations that end last
/// back to one that starts at step 0, else to the earliest start. limits: as of explain(). O(V + E).
template <Graph H>
PathReason saturated_path(Problem<H> const& problem, DifferenceSystem const& system,
                          std::span<int const> start, std::vector<int> const& earliest,
                          std::vector<std::optional<double>> const& limits) {
  auto const& graph = problem.graph;
  int const n = system.operations;
  PathReason path;
  path.makespan = makespan(problem, start);
  path.least = critical_path(system, earliest);
  if (n == 0) return path;

  // By class and step: who gives back units there. Pipelines wait for slots, of no one in particular.
  bool const units = !limits.empty() && !problem.pipelined();
  DiscreteProfile used;
  std::vector<int> offset;
  std::vector<int> who;
  int const slots = span_slots(problem, start) + 1;
  auto const cell = [&](int r, int t) { return at(r) * at(slots) + at(t); };
  auto const each_demand = [&](int i, auto const& visit) {
    auto const demands = graph.demands(i);
    for (int k = 0; k < demands.size(); ++k)
      if (Demand const d = demands[k]; limits[at(d.resource)] && d.units > 0) visit(d);
  };
  if (units) {
    used = usage_profile(problem, start);
    offset.assign(at(graph.num_resources()) * at(slots) + 1, 0);
    std::vector<double> work(limits.size(), 0.0);
    for (int i = 0; i < n; ++i)
      each_demand(i, [&](Demand const& d) {
        ++offset[cell(d.resource, start[at(i)] + graph.occupancy(i)) + 1];
        work[at(d.resource)] += d.units * graph.occupancy(i);
      });
    who.resize(begin_rows(offset));
    for (int i = 0; i < n; ++i)
      each_demand(i, [&](Demand const& d) {
        auto const k = static_cast<int>(cell(d.resource, start[at(i)] + graph.occupancy(i)));
        who[next_place(offset, k)] = i;
      });
    end_rows(offset);
    for (std::size_t r = 0; r < work.size(); ++r)
      if (limits[r] && *limits[r] > 0 && work[r] > 0) {
        int const least = static_cast<int>(std::ceil(work[r] / *limits[r] - 1e-9));
        if (least > path.least) path.saturated = static_cast<int>(r);
        path.least = std::max(path.least, least);
      }
  }

  std::vector<int> after(at(n), -1);
  std::vector<int> why(at(n), -1);  // class that the operation after waited for
  std::vector<char> seen(offset.size(), 0);
  std::vector<int> found;
  for (int i = 0; i < n; ++i)
    if (start[at(i)] + system.length[at(i)] == path.makespan) {
      after[at(i)] = i;
      found.push_back(i);
    }
  int first = found[0];
  auto const visit = [&](int from, int to, int by) {
    if (after[at(from)] >= 0) return;
    after[at(from)] = to;
    why[at(from)] = by;
    found.push_back(from);
  };
  for (std::size_t done = 0; done < found.size() && start[at(first)] > 0; ++done) {
    int const v = found[done];
    int const s = start[at(v)];
    if (s < start[at(first)]) first = v;
    if (s <= 0) break;
    for (int k = system.in_offset[at(v)]; k < system.in_offset[at(v) + 1]; ++k)
      if (start[at(system.in_from[at(k)])] + system.in_delta[at(k)] == s)
        visit(system.in_from[at(k)], v, -1);
    if (!units) continue;
    each_demand(v, [&](Demand const& d) {
      double const limit = *limits[at(d.resource)];
      auto const own = cell(d.resource, s);
      if (seen[own] || used(d.resource, s - 1) + d.units <= limit + 1e-9 * std::max(1.0, limit))
        return;
      seen[own] = 1;  // a second one could but find the same operations
      for (int k = offset[own]; k < offset[own + 1]; ++k)
        if (start[at(who[at(k)])] < s) visit(who[at(k)], v, d.resource);
    });
  }
  path.first_start = start[at(first)];
  std::vector<int> waits(at(graph.num_resources()), 0);
  path.operations.push_back(first);
  path.held_by.push_back(-1);
  for (int v = first; after[at(v)] != v; v = after[at(v)]) {
    int const by = why[at(v)];
    path.operations.push_back(after[at(v)]);
    path.held_by.push_back(by);
    ++(by < 0 ? path.by_dependences : path.by_units);
    if (by < 0) continue;
    ++waits[at(by)];
    if (path.by_units == 1 || waits[at(by)] > waits[at(path.saturated)]) path.saturated = by;
  }
  return path;
}

}  // namespace detail

}  // namespace gaus

#endif

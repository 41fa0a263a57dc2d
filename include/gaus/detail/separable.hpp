// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_DETAIL_SEPARABLE_HPP
#define GAUS_DETAIL_SEPARABLE_HPP

#include <gaus/graph/step_bounds.hpp>
#include <gaus/problem.hpp>
#include <gaus/schedule/cost.hpp>

#include <algorithm>
#include <vector>

namespace gaus::detail {

/// A value is live from x_producer + made until x_user + offset, or until that step itself when it
/// has no user node and is held to the end.
struct ValueSpan {
  int producer;
  int made;
  int user;  ///< node, or -1
  int offset;
  double size;
};

/// A problem's costs as functions of single nodes. A maximum (the last use of a value, the
/// makespan) becomes a node of its own that comes after everything it is the maximum of: in a
/// minimum it lies on that maximum. Nodes 0..V-1 are the operations.
struct SeparableForm {
  int operations = 0;
  std::vector<DifferenceBound> rules;  ///< all difference constraints, those of new nodes included
  std::vector<int> low;                ///< window of every node
  std::vector<int> high;
  std::vector<ValueSpan> values;  ///< values that are ever live
  int makespan = -1;              ///< node, or -1

  [[nodiscard]] int nodes() const { return static_cast<int>(low.size()); }
};

/// lifetimes, with_makespan: which nodes are wanted. O(V + E).
template <Graph H>
SeparableForm separable_form(Problem<H> const& problem, DifferenceSystem const& system,
                             StepBounds const& bounds, bool lifetimes, bool with_makespan) {
  SeparableForm form;
  form.operations = system.operations;
  form.low = bounds.earliest;
  form.high = bounds.latest;
  for (int i = 0; i < system.operations; ++i)
    for (int k = system.out_offset[at(i)]; k < system.out_offset[at(i) + 1]; ++k)
      form.rules.push_back({i, system.out_to[at(k)], system.out_delta[at(k)]});
  auto const& graph = problem.graph;
  for (int i = 0; lifetimes && i < system.operations; ++i) {
    double const size = graph.size(i);
    if (size == 0) continue;
    int const latency = graph.latency(i);
    int const made = std::max(latency, 1) - 1;
    auto const row = graph.outgoing(i);
    int uses = 0;
    bool always_after = true;  // the span cannot be negative
    int first_use = 0;
    int last_use = 0;
    Dependence use{};
    for (int k = 0; k < row.size(); ++k) {
      Dependence const d = row[k];
      if (!problem.uses(d)) continue;
      use = d;
      int const first = bounds.earliest[at(d.operation)] + problem.shift(d);
      int const last = bounds.latest[at(d.operation)] + problem.shift(d);
      first_use = uses ? std::max(first_use, first) : first;
      last_use = uses ? std::max(last_use, last) : last;
      always_after = always_after && latency + d.delay >= made;
      ++uses;
    }
    if (uses == 0) {
      if (problem.hold_outputs) form.values.push_back({i, made, -1, problem.steps, size});
    } else if (uses == 1 && always_after) {
      form.values.push_back({i, made, use.operation, problem.shift(use), size});
    } else {
      int const node = form.nodes();
      for (int k = 0; k < row.size(); ++k) {
        Dependence const d = row[k];
        if (problem.uses(d)) form.rules.push_back({d.operation, node, problem.shift(d)});
      }
      if (!always_after) {
        form.rules.push_back({i, node, made});
        first_use = std::max(first_use, bounds.earliest[at(i)] + made);
        last_use = std::max(last_use, bounds.latest[at(i)] + made);
      }
      form.low.push_back(first_use);
      form.high.push_back(last_use);
      form.values.push_back({i, made, node, 0, size});
    }
  }
  if (with_makespan && system.operations > 0) {
    form.makespan = form.nodes();
    int low = 0;
    for (int i = 0; i < system.operations; ++i) {
      int const length = system.length[at(i)];
      low = std::max(low, bounds.earliest[at(i)] + length);
      bool implied = false;
      for (int k = system.out_offset[at(i)]; k < system.out_offset[at(i) + 1]; ++k)
        implied = implied ||
                  (system.out_delta[at(k)] > 0 &&
                   system.out_delta[at(k)] + system.length[at(system.out_to[at(k)])] >= length);
      if (!implied) form.rules.push_back({i, form.makespan, length});
    }
    form.low.push_back(low);
    form.high.push_back(std::max(low, problem.steps));
  }
  return form;
}

}  // namespace gaus::detail

#endif

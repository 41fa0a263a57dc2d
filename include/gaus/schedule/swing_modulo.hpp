// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_SCHEDULE_SWING_MODULO_HPP
#define GAUS_SCHEDULE_SWING_MODULO_HPP

#include <gaus/detail/modulo_placement.hpp>
#include <gaus/graph.hpp>
#include <gaus/graph/step_bounds.hpp>
#include <gaus/schedule/iterative_modulo.hpp>

#include <algorithm>
#include <optional>
#include <queue>
#include <tuple>
#include <utility>
#include <vector>

// Swing modulo scheduling (Llosa, Gonzalez, Ayguade, Valero, Swing modulo scheduling: a
// lifetime-sensitive approach, PACT 1996): no operation is ever taken back, so that the order does
// all the work.
//
// Recurrences are ordered first, the most critical first, each together with the operations on paths
// to those before; then the rest. Within such a set the order swings between predecessors and
// successors of what is ordered already, so that an operation has placed neighbours on one side only
// wherever this is possible. An operation is placed close to them: as early as possible behind
// predecessors, as late as possible before successors, which keeps lifetimes short.
namespace gaus {

namespace detail {

/// The order of the operations, by the constraints of one interval.
class SwingOrder {
 public:
  SwingOrder(DifferenceSystem const& system, RecurrenceDistances const& distances,
             std::vector<int> const& earliest, std::vector<int> const& latest)
      : system_(system), earliest_(earliest), latest_(latest) {
    int const n = system.operations;
    ordered_.assign(at(n), 0);
    in_set_.assign(at(n), 0);
    waits_.assign(at(n), 0);
    rank_.resize(at(n));
    // Topological for all constraints but those that close a recurrence.
    auto const& component = distances.components().component;
    topological_ = system.order;
    std::stable_sort(topological_.begin(), topological_.end(),
                     [&](int a, int b) { return component[at(a)] < component[at(b)]; });
    for (int k = 0; k < n; ++k) rank_[at(topological_[at(k)])] = k;
    for (int const c : distances.order()) {
      std::vector<int> set = distances.all()[at(c)].members;
      add_paths(set);
      order_set(set);
    }
    std::vector<int> rest;
    for (int const v : topological_)
      if (!ordered_[at(v)]) rest.push_back(v);
    order_set(rest);
  }
  [[nodiscard]] std::vector<int> const& order() const { return order_; }

  /// Whether an operation has a predecessor, or a successor, for which placed() holds.
  template <class Placed>
  [[nodiscard]] std::pair<bool, bool> neighbours(int v, Placed&& placed) const {
    std::pair<bool, bool> any{false, false};
    each_predecessor(v, [&](int w) { any.first = any.first || placed(w); });
    each_successor(v, [&](int w) { any.second = any.second || placed(w); });
    return any;
  }

 private:
  // Longest path; place in the topological order, which tells zero latencies apart; operation.
  using Entry = std::tuple<int, int, int>;

  /// Constraints against the topological order are left out: an order of a graph without cycles.
  template <class Visit>
  void each_successor(int v, Visit&& visit) const {
    for (int k = system_.out_offset[at(v)]; k < system_.out_offset[at(v) + 1]; ++k)
      if (rank_[at(v)] < rank_[at(system_.out_to[at(k)])]) visit(system_.out_to[at(k)]);
  }
  template <class Visit>
  void each_predecessor(int v, Visit&& visit) const {
    for (int k = system_.in_offset[at(v)]; k < system_.in_offset[at(v) + 1]; ++k)
      if (rank_[at(system_.in_from[at(k)])] < rank_[at(v)]) visit(system_.in_from[at(k)]);
  }

  void reach(std::vector<int> const& from, bool forward, std::vector<char>& seen) const {
    seen.assign(at(system_.operations), 0);
    std::vector<int> open = from;
    for (int const v : from) seen[at(v)] = 1;
    auto const visit = [&](int w) {
      if (!seen[at(w)]) open.push_back(w);
      seen[at(w)] = 1;
    };
    while (!open.empty()) {
      int const v = open.back();
      open.pop_back();
      if (forward)
        each_successor(v, visit);
      else
        each_predecessor(v, visit);
    }
  }

  /// Adds the operations on paths between what is ordered and the set.
  void add_paths(std::vector<int>& set) const {
    if (order_.empty()) return;
    std::vector<char> after_order, before_set, before_order, after_set;
    reach(order_, true, after_order);
    reach(set, false, before_set);
    reach(order_, false, before_order);
    reach(set, true, after_set);
    std::vector<char> inside(at(system_.operations), 0);
    for (int const v : set) inside[at(v)] = 1;
    for (int const v : topological_)
      if (!inside[at(v)] && !ordered_[at(v)] &&
          ((after_order[at(v)] && before_set[at(v)]) || (before_order[at(v)] && after_set[at(v)])))
        set.push_back(v);
  }

  void order_set(std::vector<int> const& set) {
    std::size_t left = 0;
    for (int const v : set)
      if (!ordered_[at(v)]) {
        in_set_[at(v)] = 1;
        ++left;
      }
    std::priority_queue<Entry> ready;
    bool top_down = false;
    auto const push = [&](int v) {
      if (!in_set_[at(v)] || waits_[at(v)]) return;
      waits_[at(v)] = 1;
      if (top_down)
        ready.emplace(-latest_[at(v)], -rank_[at(v)], v);
      else
        ready.emplace(earliest_[at(v)], rank_[at(v)], v);
    };
    auto const gather = [&](bool down) {
      top_down = down;
      for (int const v : order_)
        if (down)
          each_successor(v, push);
        else
          each_predecessor(v, push);
    };
    while (left > 0) {
      gather(false);
      if (ready.empty()) gather(true);
      if (ready.empty()) {  // apart from all before: from its last operation upwards
        top_down = false;
        int start = -1;
        for (int const v : set)
          if (in_set_[at(v)] && (start < 0 || earliest_[at(v)] > earliest_[at(start)])) start = v;
        push(start);
      }
      while (!ready.empty()) {
        while (!ready.empty()) {
          int const v = std::get<2>(ready.top());
          ready.pop();
          waits_[at(v)] = in_set_[at(v)] = 0;
          ordered_[at(v)] = 1;
          order_.push_back(v);
          --left;
          if (top_down)
            each_successor(v, push);
          else
            each_predecessor(v, push);
        }
        gather(!top_down);
      }
    }
  }

  DifferenceSystem const& system_;
  std::vector<int> const& earliest_;
  std::vector<int> const& latest_;
  std::vector<int> order_, topological_, rank_;
  std::vector<char> ordered_, in_set_, waits_;
};

template <Graph H>
std::vector<int> swing_modulo(ModuloProblem<H>& problem, KeepGoing keep_going) {
  if (!problem.feasible || problem.system.operations == 0) return {};
  ModuloPlacement<H> placement(problem.graph, problem.system, *problem.distances, problem.table,
                               true);
  placement.clear();
  SwingOrder const order(problem.system, *problem.distances, problem.earliest, problem.latest);
  for (int const i : order.order()) {
    int low = placement.low(i);
    int high = placement.high(i);
    auto const [before, after] = order.neighbours(i, [&](int j) { return placement.placed(j); });
    bool const late = high < placement.unbounded && after && !before;
    if (low == -placement.unbounded && high == placement.unbounded)
      low = problem.earliest[at(i)];
    else if (late || low == -placement.unbounded)
      low = std::max(low, high - problem.interval + 1);
    int const t =
        late ? placement.nearest_fit(i, low, high, high) : placement.first_fit(i, low, high);
    if (low > high || t == placement.unbounded) return {};
    placement.put(i, t);
    if (!keep_going()) return {};
  }
  std::vector<int> start = placement.starts();
  normalise(start);
  return start;
}

}  // namespace detail

/// Start steps of a pipelined schedule at an interval, the first one 0, under limits (one a class,
/// none for unlimited); nothing when an operation finds no slot. O(R (V + E) + V II occupancy) for R
/// recurrences. Throws InvalidInput for an interval below 1 or another number of limits.
template <Graph H>
std::optional<std::vector<int>> swing_modulo(H const& graph,
                                             std::vector<std::optional<double>> const& limits,
                                             int interval) {
  detail::ModuloProblem<H> problem(graph, limits, interval);
  auto start = detail::swing_modulo(problem, [] { return true; });
  if (start.empty() && graph.num_operations() > 0) return {};
  return start;
}

}  // namespace gaus

#endif

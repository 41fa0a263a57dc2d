// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_DETAIL_COMPONENT_PATHS_HPP
#define GAUS_DETAIL_COMPONENT_PATHS_HPP

#include <gaus/graph.hpp>
#include <gaus/graph/components.hpp>
#include <gaus/graph/step_bounds.hpp>

#include <algorithm>
#include <functional>
#include <numeric>
#include <utility>
#include <vector>

// Longest paths within one strongly connected component, at an interval that varies: the length of
// a dependence is latency + delay - distance * interval.
namespace gaus::detail {

/// The dependences between the operations of one component, in rows by producer. Operations are
/// ranked so that forward dependences, time lags aside, lead to larger ranks.
struct ComponentGraph {
  struct Arc {
    int to;  ///< rank
    int length;
    int distance;
    Dependence dependence;
  };
  std::vector<int> operations;  ///< by rank
  std::vector<int> offset;      ///< rows of arcs, by rank
  std::vector<Arc> arcs;

  [[nodiscard]] int size() const { return static_cast<int>(operations.size()); }
};

/// Whether component c is more than one operation without a dependence on itself.
template <Graph G>
bool has_cycle(G const& graph, Components const& components, int c) {
  if (components.size(c) > 1) return true;
  int const v = components.members[at(components.offset[at(c)])];
  auto const row = graph.outgoing(v);
  for (int k = 0; k < row.size(); ++k)
    if (Dependence(row[k]).operation == v) return true;
  return false;
}

/// Collects the component c. rank: scratch, one entry an operation of the graph.
template <Graph G>
ComponentGraph component_graph(G const& graph, Components const& components, int c,
                               std::vector<int>& rank) {
  ComponentGraph result;
  int const n = components.size(c);
  auto const first = components.members.begin() + components.offset[at(c)];
  std::vector<int> const members(first, first + n);
  auto const each_arc = [&](int v, auto&& visit) {
    auto const row = graph.outgoing(v);
    for (int k = 0; k < row.size(); ++k) {
      Dependence const d = row[k];
      if (components.component[at(d.operation)] == c) visit(d);
    }
  };
  auto const orders = [&](int v, Dependence const& d) {
    return is_ordering(graph.latency(v), d.distance, d.delay);
  };
  for (int const v : members) rank[at(v)] = 0;
  for (int const v : members)
    each_arc(v, [&](Dependence const& d) { rank[at(d.operation)] += orders(v, d) ? 1 : 0; });
  auto& order = result.operations;
  order.reserve(at(n));
  for (int const v : members)
    if (rank[at(v)] == 0) order.push_back(v);
  for (std::size_t done = 0; done < order.size(); ++done) {
    int const v = order[done];
    each_arc(v, [&](Dependence const& d) {
      if (orders(v, d) && --rank[at(d.operation)] == 0) order.push_back(d.operation);
    });
  }
  if (order.size() < at(n))  // a forward cycle, which the builder would have refused
    for (int const v : members)
      if (rank[at(v)] > 0) order.push_back(v);
  for (int k = 0; k < n; ++k) rank[at(order[at(k)])] = k;
  result.offset.push_back(0);
  for (int const v : order) {
    int const latency = graph.latency(v);
    each_arc(v, [&](Dependence const& d) {
      result.arcs.push_back({rank[at(d.operation)], latency + d.delay, d.distance, d});
    });
    result.offset.push_back(static_cast<int>(result.arcs.size()));
  }
  return result;
}

/// A cycle of arcs (places in ComponentGraph::arcs), in order, and its sums.
struct ArcCycle {
  std::vector<int> ranks;  ///< where each arc begins
  std::vector<int> arcs;
  long long length = 0;  ///< latencies and delays
  long long distance = 0;

  /// The least interval at which the cycle is not positive; distance > 0.
  [[nodiscard]] long long interval() const {
    return length / distance + (length % distance > 0 ? 1 : 0);
  }
};

/// Looks for cycles of positive length by label correcting. One object serves many intervals.
class PositiveCycles {
 public:
  explicit PositiveCycles(ComponentGraph const& graph) : graph_(graph) {}

  /// Of the positive cycles that show first, the one that asks for the largest interval; one of
  /// distance 0 goes before all others. False: there is none, and start() satisfies every arc.
  /// O(passes (V + E)): passes count the arcs against the ranks on a longest path.
  bool find(long long interval, ArcCycle& cycle) {
    int const n = graph_.size();
    start_.assign(at(n), 0);
    parent_.assign(at(n), -1);
    parent_arc_.assign(at(n), -1);
    waits_.assign(at(n), 1);
    now_.clear();
    later_.clear();
    // The first pass sees all operations, later ones only those that were raised: in a heap, so
    // that a pass over a few does not cost V.
    long long const budget = n + static_cast<long long>(graph_.arcs.size());
    long long work = 0;
    for (int v = 0; v < n; ++v) work += scan(v, interval);
    for (;;) {
      if (work >= budget) {
        work = 0;
        if (parents_close(cycle)) return true;
      }
      if (now_.empty()) {
        if (later_.empty()) return false;
        now_.swap(later_);
        std::make_heap(now_.begin(), now_.end(), std::greater<>());
      }
      std::pop_heap(now_.begin(), now_.end(), std::greater<>());
      int const v = now_.back();
      now_.pop_back();
      work += scan(v, interval);
    }
  }

  /// After find() was false: start steps, by rank, from 0 on.
  [[nodiscard]] std::vector<long long> const& start() const { return start_; }

 private:
  /// Raises what v leads to; what was raised and does not wait yet waits from now on.
  long long scan(int v, long long interval) {
    waits_[at(v)] = 0;
    int const end = graph_.offset[at(v) + 1];
    for (int k = graph_.offset[at(v)]; k < end; ++k) {
      auto const& arc = graph_.arcs[at(k)];
      long long const s = start_[at(v)] + arc.length - arc.distance * interval;
      if (s <= start_[at(arc.to)]) continue;
      start_[at(arc.to)] = s;
      parent_[at(arc.to)] = v;
      parent_arc_[at(arc.to)] = k;
      if (waits_[at(arc.to)]) continue;
      waits_[at(arc.to)] = 1;
      if (arc.to > v) {
        now_.push_back(arc.to);
        std::push_heap(now_.begin(), now_.end(), std::greater<>());
      } else {
        later_.push_back(arc.to);
      }
    }
    return 1 + end - graph_.offset[at(v)];
  }

  /// Whether the parents form a cycle: it is positive then (Cherkassky and Goldberg,
  /// Negative-cycle detection algorithms, 1999).
  bool parents_close(ArcCycle& best) {
    best = {};
    int const n = graph_.size();
    walk_.assign(at(n), -1);
    for (int first = 0; first < n; ++first) {
      int v = first;
      while (v >= 0 && walk_[at(v)] < 0) {
        walk_[at(v)] = first;
        v = parent_[at(v)];
      }
      if (v < 0 || walk_[at(v)] != first) continue;
      ArcCycle cycle;
      for (int u = v; cycle.arcs.empty() || u != v; u = parent_[at(u)]) {
        auto const& arc = graph_.arcs[at(parent_arc_[at(u)])];
        cycle.ranks.push_back(parent_[at(u)]);
        cycle.arcs.push_back(parent_arc_[at(u)]);
        cycle.length += arc.length;
        cycle.distance += arc.distance;
      }
      std::reverse(cycle.ranks.begin(), cycle.ranks.end());
      std::reverse(cycle.arcs.begin(), cycle.arcs.end());
      if (cycle.distance == 0) {
        best = std::move(cycle);
        return true;
      }
      if (best.arcs.empty() || cycle.interval() > best.interval()) best = std::move(cycle);
    }
    return !best.arcs.empty();
  }

  ComponentGraph const& graph_;
  std::vector<long long> start_;
  std::vector<int> parent_;      ///< rank that an operation was raised from last
  std::vector<int> parent_arc_;  ///< and the arc
  std::vector<char> waits_;
  std::vector<int> now_;
  std::vector<int> later_;
  std::vector<int> walk_;
};

}  // namespace gaus::detail

#endif

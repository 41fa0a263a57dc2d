// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_GRAPH_STEP_BOUNDS_HPP
#define GAUS_GRAPH_STEP_BOUNDS_HPP

#include <gaus/detail/message.hpp>
#include <gaus/error.hpp>
#include <gaus/graph.hpp>

#include <algorithm>
#include <cstddef>
#include <limits>
#include <string>
#include <utility>
#include <vector>

// Earliest and latest start steps (ASAP, ALAP) by longest paths, on the host.
//
// Every dependence, recurrence and user-given minimum or maximum distance is one rule, a difference
// constraint s_to - s_from >= delta; for a dependence delta = latency + delay - distance * II. A
// DifferenceSystem holds them in compressed rows with an order in which one pass over forward
// dependences suffices. Constraints that point backwards in that order (recurrences, maximum
// distances) take further passes; a system that does not settle holds a positive cycle.
//
// raise() is the closure that everything discrete rests on: the least schedule that is no earlier
// than the given one and satisfies every constraint. Since it never passes latest steps that are
// consistent themselves, a clamped schedule always stays legal (proof: start_i + longest path to j
// <= latest_i + longest path to j <= latest_j).
namespace gaus {

/// s_to - s_from >= delta.
struct DifferenceBound {
  int from;
  int to;
  int delta;
};

/// All difference constraints of a problem, ready for longest paths. Memory: 16 (V + E) bytes.
struct DifferenceSystem {
  int operations = 0;
  bool acyclic = true;          ///< order sorts every constraint: one pass settles
  int backward = 0;             ///< operations that a constraint enters against the order
  long long reach = 0;          ///< no path without a cycle is longer
  std::vector<int> order;       ///< topological for the forward dependences
  std::vector<int> length;      ///< max(latency, occupancy): start + length <= steps
  std::vector<int> out_offset;  ///< rows by from
  std::vector<int> out_to;
  std::vector<int> out_delta;
  std::vector<int> in_offset;  ///< rows by to
  std::vector<int> in_from;
  std::vector<int> in_delta;
};

/// Earliest and latest start step of every operation.
struct StepBounds {
  std::vector<int> earliest;
  std::vector<int> latest;
};

namespace detail {

inline std::size_t at(int i) { return static_cast<std::size_t>(i); }

/// A latest start step that binds nothing.
inline constexpr int max_steps_ahead = 1 << 30;

/// Turns the lengths of rows, one place on, into where they begin; the places in all.
inline std::size_t begin_rows(std::vector<int>& offset) {
  for (std::size_t i = 1; i < offset.size(); ++i) offset[i] += offset[i - 1];
  return at(offset.back());
}
/// The next place of a row; end_rows() puts the offsets right when all rows are full.
inline std::size_t next_place(std::vector<int>& offset, int row) { return at(offset[at(row)]++); }
inline void end_rows(std::vector<int>& offset) {
  std::copy_backward(offset.begin(), offset.end() - 1, offset.end());
  offset.front() = 0;
}

/// Sorts the bounds into rows by one end.
template <class End, class Other>
void fill_rows(int operations, std::vector<DifferenceBound> const& bounds, End end, Other other,
               std::vector<int>& offset, std::vector<int>& place, std::vector<int>& delta) {
  offset.assign(at(operations) + 1, 0);
  for (auto const& b : bounds) ++offset[at(end(b)) + 1];
  begin_rows(offset);
  place.resize(bounds.size());
  delta.resize(bounds.size());
  for (auto const& b : bounds) {
    auto const k = next_place(offset, end(b));
    place[k] = other(b);
    delta[k] = b.delta;
  }
  end_rows(offset);
}

/// Steps are integers: a path, or an operation, that they cannot count.
[[noreturn]] inline void too_long() {
  throw InvalidInput(message({"the longest path leads beyond step ", max_steps}));
}

inline std::string path_text(std::vector<int> const& path) {
  std::string text;
  for (std::size_t k = 0; k < path.size(); ++k) {
    if (path.size() > 12 && k == 6) {
      text += " -> ...";
      k = path.size() - 6;
    }
    text += detail::message({(k ? " -> " : ""), path[k]});
  }
  return text;
}

/// A path of constraints that are tight in start, from an operation at step 0 to the last one. A
/// search, since a walk could end in a tight cycle.
inline std::vector<int> tight_path(DifferenceSystem const& system, std::vector<int> const& start,
                                   int last) {
  std::vector<int> after(at(system.operations), -1);
  std::vector<int> found{last};
  after[at(last)] = last;
  for (std::size_t done = 0; done < found.size(); ++done) {
    int v = found[done];
    if (start[at(v)] == 0) {
      std::vector<int> path{v};
      while (v != last) path.push_back(v = after[at(v)]);
      return path;
    }
    for (int k = system.in_offset[at(v)]; k < system.in_offset[at(v) + 1]; ++k) {
      int const from = system.in_from[at(k)];
      if (after[at(from)] >= 0 || start[at(from)] + system.in_delta[at(k)] != start[at(v)])
        continue;
      after[at(from)] = v;
      found.push_back(from);
    }
  }
  return {last};
}

/// The constraints of a cycle in a graph in which every operation has at most one parent (a place
/// in the incoming rows, or -1), last one first; empty when there is none. O(V).
inline std::vector<int> parent_cycle(DifferenceSystem const& system,
                                     std::vector<int> const& parent) {
  std::vector<int> walk(at(system.operations), -1);
  for (int first = 0; first < system.operations; ++first) {
    int v = first;
    while (walk[at(v)] < 0 && parent[at(v)] >= 0) {
      walk[at(v)] = first;
      v = system.in_from[at(parent[at(v)])];
    }
    if (walk[at(v)] != first || parent[at(v)] < 0) continue;
    std::vector<int> cycle;
    for (int u = v; cycle.empty() || u != v; u = system.in_from[at(cycle.back())])
      cycle.push_back(parent[at(u)]);
    return cycle;
  }
  return {};
}

}  // namespace detail

/// Collects the constraints of a host-readable graph and of a list. interval: the initiation
/// interval, or 0 for a plain schedule, in which dependences with distance >= 1 do not bind.
/// O(V + E).
template <Graph G>
DifferenceSystem make_difference_system(G const& graph, int interval = 0,
                                        std::vector<DifferenceBound> const& extra = {}) {
  using detail::at;
  DifferenceSystem system;
  int const n = system.operations = graph.num_operations();
  system.length.resize(at(n));
  for (auto const& b : extra)
    if (b.from < 0 || b.from >= n || b.to < 0 || b.to >= n)
      throw InvalidInput(detail::message({"difference constraint ", b.from, " -> ", b.to,
                                          ": the graph has operations 0..", n - 1}));
  auto const for_each_bound = [&](auto&& visit) {
    for (int i = 0; i < n; ++i) {
      int const latency = graph.latency(i);
      auto const row = graph.outgoing(i);
      for (int k = 0; k < row.size(); ++k) {
        Dependence const d = row[k];
        if (d.distance != 0 && interval <= 0) continue;
        // What lies further ahead than any schedule is long binds nothing.
        long long const delta = static_cast<long long>(latency) + d.delay -
                                static_cast<long long>(d.distance) * interval;
        visit(i, d.operation,
              static_cast<int>(std::max<long long>(delta, -detail::max_steps_ahead)));
      }
    }
    for (auto const& b : extra) visit(b.from, b.to, b.delta);
  };
  system.out_offset.assign(at(n) + 1, 0);
  system.in_offset.assign(at(n) + 1, 0);
  bool identity = true;
  for_each_bound([&](int from, int to, int) {
    ++system.out_offset[at(from) + 1];
    ++system.in_offset[at(to) + 1];
    identity = identity && from < to;
  });
  std::size_t const count = detail::begin_rows(system.out_offset);
  detail::begin_rows(system.in_offset);
  for (auto* const row : {&system.out_to, &system.out_delta, &system.in_from, &system.in_delta})
    row->resize(count);
  for_each_bound([&](int from, int to, int delta) {
    auto const out = detail::next_place(system.out_offset, from);
    system.out_to[out] = to;
    system.out_delta[out] = delta;
    auto const in = detail::next_place(system.in_offset, to);
    system.in_from[in] = from;
    system.in_delta[in] = delta;
  });
  detail::end_rows(system.out_offset);
  detail::end_rows(system.in_offset);
  for (int i = 0; i < n; ++i)
    system.length[at(i)] = std::max<int>(graph.latency(i), graph.occupancy(i));
  // The identity where it is topological already: readers number operations that way.
  system.order.reserve(at(n));
  if (identity) {
    for (int i = 0; i < n; ++i) system.order.push_back(i);
  } else {
    std::vector<int> waiting(at(n), 0);
    auto const sort = [&](auto&& counts) {
      std::fill(waiting.begin(), waiting.end(), 0);
      for (int i = 0; i < n; ++i) {
        auto const row = graph.outgoing(i);
        for (int k = 0; k < row.size(); ++k)
          if (Dependence const d = row[k]; counts(i, d)) ++waiting[at(d.operation)];
      }
      system.order.clear();
      for (int i = 0; i < n; ++i)
        if (waiting[at(i)] == 0) system.order.push_back(i);
      for (std::size_t done = 0; done < system.order.size(); ++done) {
        int const i = system.order[done];
        auto const row = graph.outgoing(i);
        for (int k = 0; k < row.size(); ++k) {
          Dependence const d = row[k];
          if (counts(i, d) && --waiting[at(d.operation)] == 0) system.order.push_back(d.operation);
        }
      }
      return system.order.size() == at(n);
    };
    // Where time lags lead back, the other forward dependences alone give the order.
    if (!sort([](int, Dependence const& d) { return d.distance == 0; })) {
      auto const orders = [&](int i, Dependence const& d) {
        return detail::is_ordering(graph.latency(i), d.distance, d.delay);
      };
      if (!sort(orders))
        throw InvalidInput("the forward dependences (distance 0) of the graph form a cycle");
    }
    std::vector<int> rank(at(n));
    for (int k = 0; k < n; ++k) rank[at(system.order[at(k)])] = k;
    std::vector<char> entered(at(n), 0);
    for_each_bound([&](int from, int to, int) {
      if (rank[at(from)] < rank[at(to)]) return;
      system.acyclic = false;
      system.backward += entered[at(to)] ? 0 : 1;
      entered[at(to)] = 1;
    });
  }
  for (int v = 0; v < n; ++v) {
    int longest = 0;
    for (int k = system.in_offset[at(v)]; k < system.in_offset[at(v) + 1]; ++k)
      longest = std::max(longest, system.in_delta[at(k)]);
    system.reach += longest;
  }
  return system;
}

/// The least schedule >= start that satisfies every constraint, in place. False when the system
/// holds a positive cycle (start is then meaningless). One pass when acyclic. Else a longest path
/// goes against the order at most `backward` times, and every pass settles one more of its parts.
inline bool raise(DifferenceSystem const& system, std::vector<int>& start) {
  using detail::at;
  long long limit = std::numeric_limits<int>::max();
  if (!system.acyclic && !start.empty())
    limit = std::min(limit, system.reach + *std::max_element(start.begin(), start.end()));
  for (int pass = 0; pass < system.backward + 2; ++pass) {
    bool moved = false;
    for (int const v : system.order) {
      long long s = start[at(v)];
      for (int k = system.in_offset[at(v)]; k < system.in_offset[at(v) + 1]; ++k)
        s = std::max<long long>(
            s, static_cast<long long>(start[at(system.in_from[at(k)])]) + system.in_delta[at(k)]);
      if (s > limit) return false;
      moved = moved || s != start[at(v)];
      start[at(v)] = static_cast<int>(s);
    }
    if (system.acyclic || !moved) return true;
  }
  return false;
}

/// The greatest schedule <= start that satisfies every constraint, in place; as raise().
inline bool lower(DifferenceSystem const& system, std::vector<int>& start) {
  using detail::at;
  long long limit = std::numeric_limits<int>::min();
  if (!system.acyclic && !start.empty())
    limit = std::max(limit, *std::min_element(start.begin(), start.end()) - system.reach);
  for (int pass = 0; pass < system.backward + 2; ++pass) {
    bool moved = false;
    for (auto v = system.order.rbegin(); v != system.order.rend(); ++v) {
      long long s = start[at(*v)];
      for (int k = system.out_offset[at(*v)]; k < system.out_offset[at(*v) + 1]; ++k)
        s = std::min<long long>(
            s, static_cast<long long>(start[at(system.out_to[at(k)])]) - system.out_delta[at(k)]);
      if (s < limit) return false;
      moved = moved || s != start[at(*v)];
      start[at(*v)] = static_cast<int>(s);
    }
    if (system.acyclic || !moved) return true;
  }
  return false;
}

/// Throws Infeasible that names the operations of a positive cycle; call when raise() failed.
[[noreturn]] inline void throw_positive_cycle(DifferenceSystem const& system) {
  using detail::at;
  // Bellman-Ford with parents, which form a cycle after V passes at the latest.
  int const n = system.operations;
  std::vector<long long> start(at(n), 0);
  std::vector<int> parent(at(n), -1);
  std::vector<int> constraints;
  for (int pass = 1, check = 1; constraints.empty(); ++pass) {
    for (int const v : system.order)
      for (int k = system.in_offset[at(v)]; k < system.in_offset[at(v) + 1]; ++k) {
        long long const s = start[at(system.in_from[at(k)])] + system.in_delta[at(k)];
        if (s > start[at(v)]) {
          start[at(v)] = s;
          parent[at(v)] = k;
        }
      }
    if (pass < check && pass <= n) continue;
    constraints = detail::parent_cycle(system, parent);
    if (constraints.empty() && pass > n) detail::too_long();
    check = 2 * pass;
  }
  std::vector<int> cycle;
  long long excess = 0;
  for (int const k : constraints) {
    excess += system.in_delta[at(k)];
    cycle.push_back(system.in_from[at(k)]);
  }
  std::reverse(cycle.begin(), cycle.end());
  throw Infeasible(detail::message({"no schedule exists: the cycle of operations ",
                                    detail::path_text(cycle), " -> ", cycle.front(),
                                    " asks each to start ", excess, " steps after itself"}),
                   {InfeasibleReason::Kind::cycle, cycle, excess, 0});
}

/// Earliest start steps, each at least 0. Throws Infeasible for a positive cycle, InvalidInput where
/// the steps are too many to count.
inline std::vector<int> earliest_steps(DifferenceSystem const& system) {
  std::vector<int> start(detail::at(system.operations), 0);
  bool const raised = raise(system, start);
  if (!raised && !system.acyclic) throw_positive_cycle(system);
  for (std::size_t i = 0; i < start.size(); ++i)
    if (!raised || std::max(start[i], system.length[i]) > detail::max_steps) detail::too_long();
  return start;
}

/// Steps that any schedule needs: the longest path, latencies and occupancies included.
inline int critical_path(DifferenceSystem const& system, std::vector<int> const& earliest) {
  int steps = 0;
  for (int i = 0; i < system.operations; ++i)
    steps = std::max(steps, earliest[detail::at(i)] + system.length[detail::at(i)]);
  return steps;
}

/// Earliest and latest start steps for a number of steps. deadline (may be empty) bounds the start
/// of single operations from above. Throws Infeasible with the longest path when it does not fit.
inline StepBounds step_bounds(DifferenceSystem const& system, int steps,
                              std::vector<int> const& deadline = {}) {
  using detail::at;
  StepBounds bounds;
  bounds.earliest = earliest_steps(system);
  bounds.latest.resize(at(system.operations));
  for (int i = 0; i < system.operations; ++i) {
    bounds.latest[at(i)] = steps - system.length[at(i)];
    if (!deadline.empty()) bounds.latest[at(i)] = std::min(bounds.latest[at(i)], deadline[at(i)]);
  }
  std::vector<int> const own = bounds.latest;
  lower(system, bounds.latest);  // raise() has shown that no positive cycle exists
  int worst = -1;
  for (int i = 0; i < system.operations; ++i)
    if (bounds.earliest[at(i)] > own[at(i)] &&
        (worst < 0 ||
         bounds.earliest[at(i)] - own[at(i)] > bounds.earliest[at(worst)] - own[at(worst)]))
      worst = i;
  if (worst >= 0) {
    auto const path = detail::tight_path(system, bounds.earliest, worst);
    long long const required = bounds.earliest[at(worst)] + system.length[at(worst)];
    long long const available = own[at(worst)] + system.length[at(worst)];
    throw Infeasible(detail::message({"the longest path needs ", required, " steps, ", available,
                                      " are available; its ", path.size(),
                                      " operations: ", detail::path_text(path)}),
                     {InfeasibleReason::Kind::window, path, required, available});
  }
  return bounds;
}

}  // namespace gaus

#endif

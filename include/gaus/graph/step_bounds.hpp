// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_GRAPH_STEP_BOUNDS_HPP
#define GAUS_GRAPH_STEP_BOUNDS_HPP

#include <gaus/detail/difference_system.hpp>
#include <gaus/detail/infeasible_paths.hpp>
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

/// Earliest and latest start step of every operation.
struct StepBounds {
  std::vector<int> earliest;  ///< by operation
  std::vector<int> latest;    ///< by operation; below earliest where nothing fits
};

namespace detail {

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

/// Throws Infeasible with a positive cycle of the fewest operations; call when raise() failed.
[[noreturn]] inline void throw_positive_cycle(DifferenceSystem const& system) {
  auto reason = detail::shortest_cycle(system, detail::positive_cycle(system));
  auto const text = detail::path_reason_text(reason);
  throw Infeasible(text, std::move(reason));
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
/// of single operations from above. Throws Infeasible with the path that does not fit by the most
/// steps, of these one of the fewest operations.
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
  int excess = 0;
  for (std::size_t i = 0; i < own.size(); ++i)
    excess = std::max(excess, bounds.earliest[i] - own[i]);
  if (excess > 0) {
    auto reason = detail::shortest_path(system, bounds.earliest, own, excess);
    reason.steps = steps;
    int const last = reason.operations.back();
    reason.deadline = own[at(last)] < steps - system.length[at(last)];
    auto const text = detail::path_reason_text(reason);
    throw Infeasible(text, std::move(reason));
  }
  return bounds;
}

}  // namespace gaus

#endif

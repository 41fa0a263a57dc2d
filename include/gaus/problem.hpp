// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_PROBLEM_HPP
#define GAUS_PROBLEM_HPP

#include <gaus/detail/arrays.hpp>
#include <gaus/detail/message.hpp>
#include <gaus/graph.hpp>
#include <gaus/graph/step_bounds.hpp>

#include <Kokkos_Core.hpp>
#include <algorithm>
#include <vector>

// What every policy is given: the graph, the steps, the window of every operation and how sharply
// the relaxation looks at it. Plain data and handles, immutable during an iteration, copied into
// kernels. The same template over a host-readable graph serves the exact costs.
namespace gaus {

/// A scheduling problem as kernels see it.
template <Graph G>
struct Problem {
  using graph_type = G;                           ///< what it wraps
  using memory_space = typename G::memory_space;  ///< where its arrays lie

  G graph;                      ///< handles, read on the device
  int steps = 0;                ///< latency bound D
  int initiation_interval = 0;  ///< 0: a plain schedule
  bool hold_outputs = false;    ///< values without consumers stay live to the end

  Kokkos::View<int const*, memory_space> earliest;  ///< first start step of each operation
  Kokkos::View<int const*, memory_space> latest;    ///< last start step of each operation

  /// Communication by operation: weights of its binding dependences, incoming minus outgoing.
  Kokkos::View<double const*, memory_space> net_weight;
  double carried_weight = 0;  ///< sum of weight * distance * II, over all copies

  /// Per dependence: 1 where it is no use of its own: it carries no value, or another one carries the
  /// same value to the same consumer as late or later. Empty where there are none.
  Kokkos::View<char const*, memory_space> repeated_use;

  /// Copies of one graph side by side, each a problem of its own (schedule/batch.hpp): operations
  /// k * copy_operations .. are those of copy k. Steps, slots and totals are of one copy.
  int batch = 1;
  int copy_operations = 0;  ///< operations of a copy; 0 where there is one copy only

  double window = 0;  ///< half-width of windows in spreads; 0: 4 in float, 9 in double; at most
                      ///< 5 in float, beyond which its Phi is as good as 0 or 1
  double smoothing = 0.05;  ///< maxima: relative temperature, 1 / exponent of the p-norm (peak.hpp)

  double total_units = 0;  ///< sum of units * occupancy: scales the fixed-point profiles
  double total_size = 0;   ///< sum of the sizes of values that may be live, likewise
  double most_units = 0;   ///< largest demand of an operation
  double least_units = 0;  ///< smallest above 0
  double most_size = 0;    ///< largest of them
  int most_occupancy = 0;  ///< largest occupancy
  int max_distance = 0;    ///< largest distance that binds

  /// Whether iterations overlap.
  [[nodiscard]] KOKKOS_FUNCTION bool pipelined() const { return initiation_interval > 0; }
  /// The copy that an operation belongs to.
  [[nodiscard]] KOKKOS_FUNCTION int copy_of(int i) const {
    return copy_operations > 0 ? i / copy_operations : 0;
  }
  /// Steps (or slots) of a folded profile.
  [[nodiscard]] KOKKOS_FUNCTION int slots() const {
    return initiation_interval > 0 ? initiation_interval : steps;
  }
  /// Whether a dependence binds.
  [[nodiscard]] KOKKOS_FUNCTION bool binds(Dependence const& d) const {
    return d.distance == 0 || initiation_interval > 0;
  }
  /// Whether a dependence binds and its consumer reads the value.
  [[nodiscard]] KOKKOS_FUNCTION bool uses(Dependence const& d) const { return d.value && binds(d); }
  /// Whether a dependence may be the last use of its value. Its consumers start independently of
  /// each other then: several dependences on one consumer would be one start, seen several times.
  [[nodiscard]] KOKKOS_FUNCTION bool last_use(Dependence const& d) const {
    return binds(d) && (repeated_use.extent(0) == 0 || repeated_use(d.index) == 0);
  }
  /// Steps by which a dependence's consumer is shifted: distance * II.
  [[nodiscard]] KOKKOS_FUNCTION int shift(Dependence const& d) const {
    return d.distance * initiation_interval;
  }
  /// Last step that a value can be live in, plus one.
  [[nodiscard]] KOKKOS_FUNCTION int horizon() const {
    return steps + max_distance * initiation_interval;
  }
  /// Half-width of windows for a scalar type.
  template <class Real>
  [[nodiscard]] KOKKOS_FUNCTION Real window_spreads() const {
    if (sizeof(Real) == 4) return window > 5 ? Real(5) : window > 0 ? Real(window) : Real(4);
    return window > 0 ? Real(window) : Real(9);
  }
};

namespace detail {

/// Entries of a profile, one a class and step, and the most that are possible: kernels count in int.
inline long long profile_entries(int resources, long long steps) {
  return std::max(1LL, static_cast<long long>(resources)) * (steps + 1);
}
inline constexpr long long most_profile_entries = 1LL << 27;

inline void check_profile_size(int resources, int steps) {
  long long const entries = profile_entries(resources, steps);
  if (entries > most_profile_entries)
    throw InvalidInput(
        detail::message({resources, " resource classes times ", steps, " steps make a profile of ",
                         entries, " entries, at most ", most_profile_entries, " are possible"}));
}

/// Marks the dependences without a value, and those whose value reaches the same consumer by another one with a larger distance,
/// or by an earlier one of the row with the same; empty where there are none. O(V + E).
template <Graph G, Graph H>
std::vector<char> repeated_uses(Problem<G> const& problem, H const& graph) {
  std::vector<char> repeated(at(graph.num_dependences()), 0);
  std::vector<int> latest(at(graph.num_operations()), -1);  // place in the row, by consumer
  bool any = false;
  for (int i = 0; i < graph.num_operations(); ++i) {
    auto const row = graph.outgoing(i);
    for (int k = 0; k < row.size(); ++k) {
      Dependence const d = row[k];
      if (!d.value) {
        any = true;
        repeated[at(d.index)] = 1;
      }
      if (!problem.uses(d)) continue;
      int& place = latest[at(d.operation)];
      if (place >= 0) {
        Dependence const before = row[place];
        any = true;
        repeated[at(d.distance > before.distance ? before.index : d.index)] = 1;
        if (d.distance <= before.distance) continue;
      }
      place = k;
    }
    for (int k = 0; k < row.size(); ++k) latest[at(Dependence(row[k]).operation)] = -1;
  }
  if (!any) repeated.clear();
  return repeated;
}

}  // namespace detail

/// Puts a problem together from a graph, its host-readable twin (the same one on a host space), and
/// step bounds. interval 0: a plain schedule. Throws InvalidInput when the profiles would be too
/// large.
template <Graph G, Graph H>
Problem<G> make_problem(G const& graph, H const& host_graph, int steps, StepBounds const& bounds,
                        int interval = 0, bool hold_outputs = false) {
  Problem<G> problem;
  detail::check_profile_size(host_graph.num_resources(), steps);
  problem.graph = graph;
  problem.steps = steps;
  problem.initiation_interval = interval;
  problem.hold_outputs = hold_outputs;
  problem.earliest =
      detail::make_array<typename G::memory_space>("gaus::problem::earliest", bounds.earliest);
  problem.latest =
      detail::make_array<typename G::memory_space>("gaus::problem::latest", bounds.latest);
  std::vector<double> net(static_cast<std::size_t>(host_graph.num_operations()), 0.0);
  for (int i = 0; i < host_graph.num_operations(); ++i) {
    problem.most_occupancy = std::max(problem.most_occupancy, int(host_graph.occupancy(i)));
    auto const demands = host_graph.demands(i);
    for (int k = 0; k < demands.size(); ++k) {
      double const units = Demand(demands[k]).units;
      problem.total_units += units * host_graph.occupancy(i);
      problem.most_units = std::max(problem.most_units, units);
      if (units > 0 && (problem.least_units == 0 || units < problem.least_units))
        problem.least_units = units;
    }
    auto const row = host_graph.outgoing(i);
    bool live = hold_outputs;
    for (int k = 0; k < row.size(); ++k) {
      Dependence const d = row[k];
      if (!problem.binds(d)) continue;
      live = live || d.value;
      if (static_cast<long long>(d.distance) * interval > detail::max_steps_ahead)
        throw InvalidInput(detail::message({"distance ", d.distance, " times interval ", interval,
                                            " is beyond step ", detail::max_steps_ahead}));
      problem.max_distance = std::max(problem.max_distance, d.distance);
      problem.carried_weight += d.weight * problem.shift(d);
      net[detail::at(i)] -= d.weight;
      net[detail::at(d.operation)] += d.weight;
    }
    if (!live) continue;  // a value that nobody waits for
    problem.total_size += host_graph.size(i);
    problem.most_size = std::max(problem.most_size, double(host_graph.size(i)));
  }
  problem.repeated_use = detail::make_array<typename G::memory_space>(
      "gaus::problem::repeated_use", detail::repeated_uses(problem, host_graph));
  problem.net_weight =
      detail::make_array<typename G::memory_space>("gaus::problem::net_weight", net);
  return problem;
}

/// A problem over a host-readable graph.
template <Graph G>
Problem<G> make_problem(G const& graph, int steps, int interval = 0, bool hold_outputs = false) {
  auto const system = make_difference_system(graph, interval);
  return make_problem(graph, graph, steps, step_bounds(system, steps), interval, hold_outputs);
}

}  // namespace gaus

#endif

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_SCHEDULE_ITERATIVE_MODULO_HPP
#define GAUS_SCHEDULE_ITERATIVE_MODULO_HPP

#include <gaus/detail/function_ref.hpp>
#include <gaus/detail/message.hpp>
#include <gaus/detail/modulo_placement.hpp>
#include <gaus/detail/random_bits.hpp>
#include <gaus/detail/recurrence_distances.hpp>
#include <gaus/error.hpp>
#include <gaus/graph.hpp>
#include <gaus/graph/step_bounds.hpp>
#include <gaus/schedule/resource_table.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <queue>
#include <string>
#include <tuple>
#include <vector>

// Iterative modulo scheduling (Rau, Iterative modulo scheduling: an algorithm for software pipelining
// loops, MICRO 1994; International Journal of Parallel Programming 24, 1996): list scheduling into a
// modulo reservation table that may take back what it did.
//
// The operation of highest priority is placed at the first free slot of the II steps from its
// earliest start on. Where none is free it is placed nevertheless, later than the last time, and
// displaces the operations that are in its way and the successors that it violates. The search ends
// when everything is placed, or after budget_ratio * V placements. Priority: recurrences first, the
// most critical first, each inside the windows of its MinDist; then height, the longest path to the
// end. The latency of the result is not bounded. Also in reversed time, from the results backwards.
namespace gaus {

/// Which operation goes first.
enum class ModuloPriority {
  recurrences,  ///< those of recurrences first, then by height
  height,       ///< by height alone, as in the paper
  mobility      ///< recurrences first, then the least difference of latest and earliest start
};

/// Settings of iterative_modulo().
struct IterativeModuloOptions {
  double budget_ratio = 6;  ///< placements an operation, on average, before giving up
  ModuloPriority priority = ModuloPriority::recurrences;  ///< which operation is placed next
  bool reversed = false;   ///< from the last operations to the first ones
  double noise = 0;        ///< heights are off by up to this share of the largest one, at random
  std::uint64_t seed = 0;  ///< of the noise
};

namespace detail {

inline void check_interval(int interval) {
  if (interval < 1)
    throw InvalidInput(
        detail::message({"the initiation interval is ", interval, ", at least 1 is needed"}));
}

/// Shifts a pipelined schedule, which may begin at any step, so that its first start is step 0.
inline void normalise(std::vector<int>& start) {
  if (start.empty()) return;
  int const first = *std::min_element(start.begin(), start.end());
  for (int& s : start) s -= first;
}

/// What the operations of one interval have in common for all schedulers: constraints, distances
/// and the table. Holds the graph by reference.
template <Graph H>
struct ModuloProblem {
  ModuloProblem(H const& host_graph, std::vector<std::optional<double>> const& limits, int slots)
      : graph(host_graph),
        interval(slots),
        system((check_interval(slots), make_difference_system(host_graph, slots))),
        table(host_graph, limits, 0, slots) {
    earliest.assign(at(system.operations), 0);
    latest.assign(at(system.operations), 0);
    feasible = raise(system, earliest) && lower(system, latest);
    if (feasible) distances.emplace(system, limited_operations(host_graph, limits));
  }

  H const& graph;
  int interval;
  DifferenceSystem system;
  ResourceTable<H> table;
  bool feasible;              ///< whether the constraints alone have a schedule
  std::vector<int> earliest;  ///< longest paths from the beginning
  std::vector<int> latest;    ///< minus longest paths to the end: minus the heights
  std::optional<RecurrenceDistances> distances;
};

template <Graph H>
std::vector<int> iterative_modulo(ModuloProblem<H>& problem, IterativeModuloOptions const& options,
                                  detail::KeepGoing keep_going) {
  int const n = problem.system.operations;
  if (!problem.feasible || n == 0) return {};
  std::optional<DifferenceSystem> backwards;
  if (options.reversed) {
    backwards = mirrored(problem.system);
    problem.distances->mirror();
  }
  auto const& distances = *problem.distances;
  ModuloPlacement<H> placement(problem.graph, options.reversed ? *backwards : problem.system,
                               distances, problem.table, true, options.reversed ? -1 : 1);
  placement.clear();

  // Least key first: group, then minus height.
  std::vector<long long> key(at(n));
  RandomBits random(options.seed);
  int highest = 1;
  auto const height = [&](int i) {
    return options.reversed ? problem.earliest[at(i)] : -problem.latest[at(i)];
  };
  for (int i = 0; i < n; ++i) highest = std::max(highest, height(i));
  int critical = 0;  // the longest path through any operation
  for (int i = 0; i < n; ++i)
    critical = std::max(critical, problem.earliest[at(i)] - problem.latest[at(i)]);
  std::vector<int> group(distances.all().size());
  for (std::size_t k = 0; k < group.size(); ++k)
    group[at(distances.order()[k])] = static_cast<int>(k);
  constexpr long long wide = 1LL << 34;
  for (int i = 0; i < n; ++i) {
    double const shift = options.noise * highest * (random.unit() - 0.5);
    double h = 16.0 * (height(i) + shift);
    if (options.priority == ModuloPriority::mobility)
      h = 16.0 * (problem.earliest[at(i)] - problem.latest[at(i)] - critical + shift);
    long long g = 0;
    if (options.priority != ModuloPriority::height) {
      int const c = distances.recurrence(i);
      // Limited members first: the others fit wherever these leave a window.
      g = c < 0 ? 2LL * static_cast<long long>(group.size())
                : 2LL * group[at(c)] + (problem.table.limited(i) ? 0 : 1);
    }
    key[at(i)] = g * wide - static_cast<long long>(h);
    placement.set_rank(i, key[at(i)]);
  }

  using Entry = std::pair<long long, int>;
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> queue;
  for (int i = 0; i < n; ++i) queue.emplace(key[at(i)], i);
  std::vector<int> last(at(n), -placement.unbounded);  // where it was placed last
  auto const& base = options.reversed ? problem.latest : problem.earliest;
  auto budget = static_cast<std::int64_t>(options.budget_ratio * n) + n;
  int const patience = problem.interval > 4096 ? 1 : 256;  // a placement may look at every slot
  bool complete = true;
  while (!queue.empty()) {
    if (--budget < 0 || (budget % patience == 0 && !keep_going())) {
      complete = false;
      break;
    }
    int const i = queue.top().second;
    queue.pop();
    int low = placement.low(i);
    int const high = placement.high(i);
    if (low == -placement.unbounded) {
      // Without a predecessor: at its place on the longest path, or as near to its recurrence.
      low = options.reversed ? -base[at(i)] : base[at(i)];
      if (high < low) low = high - problem.interval + 1;
    }
    int const end = low + problem.interval - 1;
    int t = high >= low ? placement.first_fit(i, low, std::min(high, end)) : placement.unbounded;
    if (t == placement.unbounded) t = placement.first_fit(i, low, end);  // displaces successors
    if (t == placement.unbounded) {
      t = last[at(i)] >= low ? last[at(i)] + 1 : low;
      if (t > end && high >= low && distances.recurrence(i) >= 0) t = low;
    }
    last[at(i)] = t;
    if (!placement.force(i, t, [&](int j) { queue.emplace(key[at(j)], j); })) {
      complete = false;  // does not fit into an empty table
      break;
    }
  }
  if (options.reversed) problem.distances->mirror();
  if (!complete) return {};
  std::vector<int> start = placement.starts();
  if (options.reversed)
    for (int& s : start) s = -s;
  normalise(start);
  return start;
}

}  // namespace detail

/// Start steps of a pipelined schedule at an interval, the first one 0, under limits (one a class,
/// none for unlimited); nothing when the budget is spent, keep_going() says so, or no schedule
/// exists. keep_going() is asked every 256 placements. Expected near-linear in V + E; a placement
/// costs O(II * occupancy + degree + limited operations of its recurrence). Throws InvalidInput for
/// an interval below 1 or another number of limits.
template <Graph H>
std::optional<std::vector<int>> iterative_modulo(H const& graph,
                                                 std::vector<std::optional<double>> const& limits,
                                                 int interval,
                                                 IterativeModuloOptions const& options,
                                                 detail::KeepGoing keep_going) {
  detail::ModuloProblem<H> problem(graph, limits, interval);
  auto start = detail::iterative_modulo(problem, options, keep_going);
  if (start.empty() && graph.num_operations() > 0) return {};
  return start;
}

/// The same without a limit on its time but the budget.
template <Graph H>
std::optional<std::vector<int>> iterative_modulo(H const& graph,
                                                 std::vector<std::optional<double>> const& limits,
                                                 int interval,
                                                 IterativeModuloOptions const& options = {}) {
  return iterative_modulo(graph, limits, interval, options, [] { return true; });
}

}  // namespace gaus

#endif

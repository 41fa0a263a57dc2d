// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_SCHEDULE_BATCH_HPP
#define GAUS_SCHEDULE_BATCH_HPP

#include <gaus/constraint.hpp>
#include <gaus/detail/arrays.hpp>
#include <gaus/detail/message.hpp>
#include <gaus/objective.hpp>
#include <gaus/problem.hpp>

#include <Kokkos_Core.hpp>
#include <algorithm>
#include <optional>
#include <type_traits>

// Several descents at once. On a small graph an iteration costs little more than its launches, and a
// GPU stands idle: so that copies of the graph, which share no dependence, make one problem, and
// their descents from different starts the same launches.
//
// The copies lie side by side, not one after the other in time: every copy keeps its own steps
// 0 .. D - 1 and has rows of its own in every profile. So means stay as exact in float as they were,
// absolute steps mean what they meant, pipelined schedules fold as ever, and every copy descends
// bit for bit as it would alone. Which policies serve a batch: see batches in objective.hpp.
namespace gaus {

/// Copies of a graph, as a graph: operation k * V + i is operation i of copy k. Wraps the graph.
template <Graph G>
class BatchGraph {
 public:
  using memory_space = typename G::memory_space;  ///< where the arrays lie

  BatchGraph() = default;
  /// copies >= 1 of a graph, which is kept by handle.
  BatchGraph(G const& one, int copies)
      : one_(one),
        copies_(copies),
        operations_(one.num_operations()),
        dependences_(one.num_dependences()) {}

  /// copies * V.
  KOKKOS_FUNCTION int num_operations() const { return copies_ * operations_; }
  /// copies * E.
  KOKKOS_FUNCTION int num_dependences() const { return copies_ * dependences_; }
  /// Classes of one copy: each has its own.
  KOKKOS_FUNCTION int num_resources() const { return one_.num_resources(); }
  /// As in its copy.
  KOKKOS_FUNCTION int latency(int i) const { return one_.latency(own(i)); }
  /// As in its copy.
  KOKKOS_FUNCTION int occupancy(int i) const { return one_.occupancy(own(i)); }
  /// As in its copy.
  KOKKOS_FUNCTION double size(int i) const { return one_.size(own(i)); }
  /// As in its copy.
  KOKKOS_FUNCTION auto demands(int i) const { return one_.demands(own(i)); }

  /// A row of dependences of one copy.
  template <class OwnRow>
  struct Row {
    OwnRow own;            ///< of the one graph
    int first_operation;   ///< of the copy
    int first_dependence;  ///< of the copy
    /// Number of dependences.
    KOKKOS_FUNCTION int size() const { return own.size(); }
    /// Number of the k-th dependence, over all copies.
    KOKKOS_FUNCTION int index(int k) const requires requires { own.index(k); }
    { return own.index(k) + first_dependence; }
    /// Its other end, over all copies.
    KOKKOS_FUNCTION int operation(int k) const requires requires { own.operation(k); }
    { return own.operation(k) + first_operation; }
    /// The k-th dependence, over all copies.
    KOKKOS_FUNCTION Dependence operator[](int k) const {
      Dependence d = own[k];
      d.operation += first_operation;
      d.index += first_dependence;
      return d;
    }
  };
  /// The dependences from an operation to consumers in its copy.
  KOKKOS_FUNCTION auto outgoing(int i) const {
    int const copy = copy_of(i);
    return row(one_.outgoing(i - copy * operations_), copy);
  }
  /// The dependences from producers in its copy to an operation.
  KOKKOS_FUNCTION auto incoming(int i) const {
    int const copy = copy_of(i);
    return row(one_.incoming(i - copy * operations_), copy);
  }
  /// As DependenceGraph::uniform_delay(), where the graph has it.
  [[nodiscard]] std::optional<int> uniform_delay() const requires requires(G const g) {
    g.uniform_delay();
  }
  { return one_.uniform_delay(); }
  /// As DependenceGraph::one_unit_each(), where the graph has it.
  [[nodiscard]] bool one_unit_each() const requires requires(G const g) { g.one_unit_each(); }
  { return one_.one_unit_each(); }

 private:
  // Without a division for the first copy: often there is no other.
  KOKKOS_FUNCTION int copy_of(int i) const { return i < operations_ ? 0 : i / operations_; }
  KOKKOS_FUNCTION int own(int i) const { return i < operations_ ? i : i % operations_; }
  template <class OwnRow>
  KOKKOS_FUNCTION Row<OwnRow> row(OwnRow const& own, int copy) const {
    return {own, copy * operations_, copy * dependences_};
  }

  G one_;
  int copies_ = 1;
  int operations_ = 0;
  int dependences_ = 0;
};

namespace detail {

/// The same array for every copy.
template <class T, class MemorySpace>
Kokkos::View<T const*, MemorySpace> repeated(Kokkos::View<T const*, MemorySpace> const& one,
                                             int copies) {
  if (copies == 1) return one;
  std::size_t const n = one.extent(0);
  Kokkos::View<T*, MemorySpace> const all(
      Kokkos::view_alloc(one.label(), Kokkos::WithoutInitializing),
      n * static_cast<std::size_t>(copies));
  for (std::size_t k = 0; k < static_cast<std::size_t>(copies); ++k)
    copy_bytes<MemorySpace, MemorySpace>(all.data() + k * n, one.data(), n * sizeof(T));
  return all;
}

}  // namespace detail

/// A problem over copies of another one's graph. Throws InvalidInput when it would be too large.
template <Graph G>
Problem<BatchGraph<G>> make_batch(Problem<G> const& one, int copies) {
  long long const most = 1LL << 30;
  long long const entries =
      std::max<long long>(one.graph.num_operations(), one.graph.num_dependences());
  if (copies < 1 || copies * entries > most)
    throw InvalidInput(detail::message(
        {"a batch of ", copies, " copies of ", entries, " operations or dependences"}));
  // Makespan has two rows a copy.
  long long const rows = std::max(2LL, static_cast<long long>(one.graph.num_resources())) * copies;
  if (rows > most)
    throw InvalidInput(
        detail::message({"a batch of ", copies, " copies makes ", rows, " rows of profiles"}));
  if (copies > 1) detail::check_profile_size(static_cast<int>(rows), one.horizon());
  Problem<BatchGraph<G>> all;
  all.graph = BatchGraph<G>(one.graph, copies);
  all.batch = copies;
  all.copy_operations = copies > 1 ? one.graph.num_operations() : 0;
  all.steps = one.steps;
  all.initiation_interval = one.initiation_interval;
  all.hold_outputs = one.hold_outputs;
  all.earliest = detail::repeated(one.earliest, copies);
  all.latest = detail::repeated(one.latest, copies);
  all.net_weight = detail::repeated(one.net_weight, copies);
  all.repeated_use = detail::repeated(one.repeated_use, copies);
  all.carried_weight = one.carried_weight * copies;
  all.window = one.window;
  all.smoothing = one.smoothing;
  all.total_units = one.total_units;
  all.total_size = one.total_size;
  all.most_units = one.most_units;
  all.least_units = one.least_units;
  all.most_size = one.most_size;
  all.most_occupancy = one.most_occupancy;
  all.max_distance = one.max_distance;
  return all;
}

/// The graph that descents under these policies run over: a batch where all of them serve one.
template <Graph G, class... Policies>
using DescentGraph = std::conditional_t<(batches<Policies> && ...), BatchGraph<G>, G>;

}  // namespace gaus

#endif

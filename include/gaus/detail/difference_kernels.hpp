// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_DETAIL_DIFFERENCE_KERNELS_HPP
#define GAUS_DETAIL_DIFFERENCE_KERNELS_HPP

#include <gaus/constraint.hpp>
#include <gaus/detail/launch.hpp>

#include <Kokkos_Core.hpp>

// The kernels behind difference constraints (constraint/difference.hpp), over any source of rows: the
// dependences of a graph, or a list.
namespace gaus {

/// Which residual a difference constraint has.
enum class Residual { mean, expected, probability };

namespace detail {

/// One constraint as seen from one end.
struct DifferenceEntry {
  int index;
  int operation;  ///< the other end
  int delta;
};

/// The dependences of a graph as difference constraints; those that do not bind get a far delta.
template <class G>
struct GraphDifferences {
  Problem<G> problem;
  bool uniform = false;  ///< all have the same delta
  int delta = 0;
  static constexpr int unbound = -(1 << 30);

  explicit GraphDifferences(Problem<G> const& p) : problem(p) {
    if constexpr (requires { p.graph.uniform_delay(); }) {
      auto const same = p.graph.uniform_delay();
      uniform = same.has_value();
      delta = same.value_or(0);
    }
  }

  KOKKOS_FUNCTION int outgoing_size(int i) const { return problem.graph.outgoing(i).size(); }
  KOKKOS_FUNCTION int incoming_size(int i) const { return problem.graph.incoming(i).size(); }
  KOKKOS_FUNCTION DifferenceEntry outgoing(int i, int k) const {
    auto const row = problem.graph.outgoing(i);
    if constexpr (requires { row.index(k), row.operation(k); })
      if (uniform) return {row.index(k), row.operation(k), delta};
    return entry(row[k], i);
  }
  KOKKOS_FUNCTION DifferenceEntry incoming(int i, int k) const {
    auto const row = problem.graph.incoming(i);
    if constexpr (requires { row.index(k), row.operation(k); })
      if (uniform) return {row.index(k), row.operation(k), delta};
    Dependence const d = row[k];
    return entry(d, d.operation);
  }
  KOKKOS_FUNCTION int incoming_index(int i, int k) const {
    auto const row = problem.graph.incoming(i);
    if constexpr (requires { row.index(k); })
      return row.index(k);
    else
      return Dependence(row[k]).index;
  }
  KOKKOS_FUNCTION DifferenceEntry entry(Dependence const& d, int from) const {
    if (!problem.binds(d)) return {d.index, d.operation, unbound};
    return {d.index, d.operation, problem.graph.latency(from) + d.delay - problem.shift(d)};
  }
};

/// A list of constraints in rows by either end; in a batch it holds for every copy.
template <class MemorySpace>
struct ListDifferences {
  Kokkos::View<int const*, MemorySpace> out_offset, out_index, in_offset, in_index, from, to, delta;
  int operations;  ///< of a copy

  KOKKOS_FUNCTION int copy_of(int i) const { return i < operations ? 0 : i / operations; }
  KOKKOS_FUNCTION int size(Kokkos::View<int const*, MemorySpace> const& offset, int i) const {
    int const row = i - copy_of(i) * operations;
    return offset(row + 1) - offset(row);
  }
  KOKKOS_FUNCTION int outgoing_size(int i) const { return size(out_offset, i); }
  KOKKOS_FUNCTION int incoming_size(int i) const { return size(in_offset, i); }
  KOKKOS_FUNCTION DifferenceEntry outgoing(int i, int k) const {
    int const copy = copy_of(i);
    return entry(copy, out_index(out_offset(i - copy * operations) + k), to);
  }
  KOKKOS_FUNCTION DifferenceEntry incoming(int i, int k) const {
    int const copy = copy_of(i);
    return entry(copy, in_index(in_offset(i - copy * operations) + k), from);
  }
  KOKKOS_FUNCTION int incoming_index(int i, int k) const { return incoming(i, k).index; }
  KOKKOS_FUNCTION DifferenceEntry entry(int copy, int e,
                                        Kokkos::View<int const*, MemorySpace> const& end) const {
    int const count = static_cast<int>(delta.extent(0));
    return {copy * count + e, copy * operations + end(e), delta(e)};
  }
};

/// The residual of one constraint with derivatives.
template <class Real>
KOKKOS_INLINE_FUNCTION Term<Real> difference_term(Residual form, Real m, Real s) {
  if (form == Residual::expected) return normal_hinge(m, s);
  if (form == Residual::probability) return normal_probability(m, s);
  return {m, Real(1), Real(0)};
}

/// Spread of a difference of two start steps: none where they are one.
template <class Real, class MemorySpace>
KOKKOS_INLINE_FUNCTION Real difference_spread(StartSteps<Real, MemorySpace> const& starts, int i,
                                              int j) {
  return i == j ? Real(0) : Kokkos::hypot(starts.spread(i), starts.spread(j));
}

/// Residuals, written by the earlier end.
template <class Rows, class Real, class MemorySpace>
struct DifferenceResidual {
  Rows rows;
  StartSteps<Real, MemorySpace> starts;
  Residual form;
  Kokkos::View<Real*, MemorySpace> residual;

  KOKKOS_FUNCTION void operator()(int i) const {
    Real const center = starts.mean(i);
    int const count = rows.outgoing_size(i);
    for (int k = 0; k < count; ++k) {
      auto const d = rows.outgoing(i, k);
      Real const m = center + Real(d.delta) - starts.mean(d.operation);
      Real s = 0;
      if (form != Residual::mean) s = difference_spread(starts, i, d.operation);
      residual(d.index) = difference_term(form, m, s).value;
    }
  }
};

/// Weight of a residual's gradient: given, or the augmented Lagrangian's max(0, lambda + rho g).
template <class Real, class MemorySpace>
struct GivenWeight {
  Kokkos::View<Real const*, MemorySpace> weight;
  KOKKOS_FUNCTION Real operator()(int e, Real) const { return weight(e); }
};
template <class Real, class MemorySpace>
struct PenaltyWeight {
  Kokkos::View<Real const*, MemorySpace> multiplier;
  PenaltyFactor<Real, MemorySpace> rho;
  KOKKOS_FUNCTION Real operator()(int e, Real g) const {
    Real const w = multiplier(e) + rho(e) * g;
    return w > Real(0) ? w : Real(0);
  }
};

/// Gathers the weighted gradient of all residuals that one operation takes part in.
template <class Rows, class Weight, class Real, class MemorySpace>
struct DifferencePullBack {
  Rows rows;
  StartSteps<Real, MemorySpace> starts;
  Residual form;
  Weight weight;
  Evaluation<Real, MemorySpace> result;

  KOKKOS_FUNCTION void add(DifferenceEntry const& d, int i, Real m, Real sign, Real& mean,
                           Real& spread) const {
    Real const s = form == Residual::mean ? Real(0) : difference_spread(starts, i, d.operation);
    auto const term = difference_term(form, m, s);
    Real const w = weight(d.index, term.value);
    mean += sign * w * term.d_mean;
    if (s > Real(0)) spread += w * term.d_spread * starts.spread(i) / s;
  }
  KOKKOS_FUNCTION void operator()(int i) const {
    Real mean = 0;
    Real spread = 0;
    Real const center = starts.mean(i);
    for (int k = 0; k < rows.outgoing_size(i); ++k) {
      auto const d = rows.outgoing(i, k);
      add(d, i, center + Real(d.delta) - starts.mean(d.operation), Real(1), mean, spread);
    }
    for (int k = 0; k < rows.incoming_size(i); ++k) {
      auto const d = rows.incoming(i, k);
      add(d, i, starts.mean(d.operation) + Real(d.delta) - center, Real(-1), mean, spread);
    }
    result.add(i, mean, spread);
  }
};

/// The gradient of the means alone, in two passes: the earlier end of each constraint finds its weight
/// and leaves it for the later end. One constraint is looked at once, and what the later end reads
/// is one number.
template <class Rows, class Weight, class Real, class MemorySpace>
struct DifferenceWeights {
  Rows rows;
  StartSteps<Real, MemorySpace> starts;
  Residual form;
  Weight weight;
  Kokkos::View<Real*, MemorySpace> weights;  ///< one a constraint
  Evaluation<Real, MemorySpace> result;

  KOKKOS_FUNCTION void operator()(int i) const {
    Real sum = 0;
    Real const center = starts.mean(i);
    int const count = rows.outgoing_size(i);
    for (int k = 0; k < count; ++k) {
      auto const d = rows.outgoing(i, k);
      Real const m = center + Real(d.delta) - starts.mean(d.operation);
      Real w;
      if (form == Residual::mean) {
        w = weight(d.index, m);
      } else {
        auto const term = difference_term(form, m, difference_spread(starts, i, d.operation));
        w = weight(d.index, term.value) * term.d_mean;
      }
      weights(d.index) = w;
      sum += w;
    }
    result.d_mean(i) += sum;
  }
};
template <class Rows, class Real, class MemorySpace>
struct DifferenceGather {
  Rows rows;
  Kokkos::View<Real const*, MemorySpace> weights;
  Evaluation<Real, MemorySpace> result;

  KOKKOS_FUNCTION void operator()(int i) const {
    Real sum = 0;
    int const count = rows.incoming_size(i);
    for (int k = 0; k < count; ++k) sum += weights(rows.incoming_index(i, k));
    result.d_mean(i) -= sum;
  }
};

/// The kernels, over any source of rows.
template <class ExecutionSpace, class Rows, class Real, class MemorySpace>
void difference_violation(ExecutionSpace const& exec, int operations, Rows const& rows,
                          StartSteps<Real, MemorySpace> const& starts, Residual form,
                          Kokkos::View<Real*, MemorySpace> const& residual) {
  check_accessible<ExecutionSpace, MemorySpace>();
  for_each_operation("gaus::difference::violation", exec, operations,
                     DifferenceResidual<Rows, Real, MemorySpace>{rows, starts, form, residual});
}
template <class ExecutionSpace, class Rows, class Weight, class Real, class MemorySpace>
void difference_pull_back(ExecutionSpace const& exec, int operations, int constraints,
                          Rows const& rows, StartSteps<Real, MemorySpace> const& starts,
                          Residual form, Weight const& weight,
                          Evaluation<Real, MemorySpace> const& result) {
  check_accessible<ExecutionSpace, MemorySpace>();
  if (result.workspace && (form == Residual::mean || !result.spreads)) {
    auto const weights =
        result.workspace->template array<Real>("gaus::difference::weights", at(constraints));
    for_each_operation("gaus::difference::weights", exec, operations,
                       DifferenceWeights<Rows, Weight, Real, MemorySpace>{rows, starts, form,
                                                                          weight, weights, result});
    for_each_operation("gaus::difference::gather", exec, operations,
                       DifferenceGather<Rows, Real, MemorySpace>{rows, weights, result});
    return;
  }
  for_each_operation(
      "gaus::difference::pull_back", exec, operations,
      DifferencePullBack<Rows, Weight, Real, MemorySpace>{rows, starts, form, weight, result});
}

}  // namespace detail

}  // namespace gaus

#endif

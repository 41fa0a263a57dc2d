// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_CONSTRAINT_DIFFERENCE_HPP
#define GAUS_CONSTRAINT_DIFFERENCE_HPP

#include <gaus/constraint.hpp>
#include <gaus/detail/arrays.hpp>
#include <gaus/detail/csr.hpp>
#include <gaus/detail/launch.hpp>
#include <gaus/detail/message.hpp>

#include <Kokkos_Core.hpp>
#include <algorithm>
#include <span>
#include <string>
#include <vector>

// Difference constraints s_to - s_from >= delta: precedence, recurrences, minimum and maximum
// distances, by one kernel.
//
// With m = mean_from + delta - mean_to and s = sqrt(spread_from^2 + spread_to^2) the residual is
//   mean         g = m                            dg/dm = 1
//   expected     g = m Phi(m/s) + s phi(m/s)      dg/dm = Phi(m/s), dg/ds = phi(m/s)
//   probability  g = Phi(m/s)                     dg/dm = phi(m/s)/s, dg/ds = -(m/s) phi(m/s)/s
// with ds/dspread = spread/s, and s = 0 where an operation waits for itself: delta steps after one
// and the same start. O(1) a dependence. The mean form suffices for legality: all delta are
// integers, so m <= 0 implies that the rounded steps satisfy the constraint. The other two are
// always positive and only suit penalties.
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
    for (int k = 0; k < rows.outgoing_size(i); ++k) {
      auto const d = rows.outgoing(i, k);
      Real const m = starts.mean(i) + Real(d.delta) - starts.mean(d.operation);
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
    Real const s = difference_spread(starts, i, d.operation);
    auto const term = difference_term(form, m, s);
    Real const w = weight(d.index, term.value);
    mean += sign * w * term.d_mean;
    if (s > Real(0)) spread += w * term.d_spread * starts.spread(i) / s;
  }
  KOKKOS_FUNCTION void operator()(int i) const {
    Real mean = 0;
    Real spread = 0;
    Real const center = starts.mean(i);
    if (form == Residual::mean) {
      Real out = 0;
      Real in = 0;
      int const leaving = rows.outgoing_size(i);
      for (int k = 0; k < leaving; ++k) {
        auto const d = rows.outgoing(i, k);
        out += weight(d.index, center + Real(d.delta) - starts.mean(d.operation));
      }
      int const entering = rows.incoming_size(i);
      for (int k = 0; k < entering; ++k) {
        auto const d = rows.incoming(i, k);
        in += weight(d.index, starts.mean(d.operation) + Real(d.delta) - center);
      }
      result.d_mean(i) += out - in;
      return;
    }
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

/// The kernels, over any source of rows.
template <class ExecutionSpace, class Rows, class Real, class MemorySpace>
void difference_violation(ExecutionSpace const& exec, int operations, Rows const& rows,
                          StartSteps<Real, MemorySpace> const& starts, Residual form,
                          Kokkos::View<Real*, MemorySpace> const& residual) {
  check_accessible<ExecutionSpace, MemorySpace>();
  Kokkos::parallel_for("gaus::difference::violation",
                       Kokkos::RangePolicy<ExecutionSpace>(exec, 0, operations),
                       DifferenceResidual<Rows, Real, MemorySpace>{rows, starts, form, residual});
}
template <class ExecutionSpace, class Rows, class Weight, class Real, class MemorySpace>
void difference_pull_back(ExecutionSpace const& exec, int operations, Rows const& rows,
                          StartSteps<Real, MemorySpace> const& starts, Residual form,
                          Weight const& weight, Evaluation<Real, MemorySpace> const& result) {
  check_accessible<ExecutionSpace, MemorySpace>();
  for_each_operation(
      "gaus::difference::pull_back", exec, operations,
      DifferencePullBack<Rows, Weight, Real, MemorySpace>{rows, starts, form, weight, result});
}

}  // namespace detail

/// The dependences of the graph: s_i + lat_i + delay <= s_j + distance * II. The solver always adds
/// it. Residual unit: steps (mean, expected) or probability. size = E.
struct Precedence {
  static constexpr char const* name = "dependence";
  static constexpr bool batches = true;
  Residual form = Residual::mean;

  template <class G>
  int size(Problem<G> const& problem) const {
    return problem.graph.num_dependences();
  }
  template <class ExecutionSpace, class G, class Real>
  void violation(ExecutionSpace const& exec, Problem<G> const& problem,
                 StartSteps<Real, typename G::memory_space> const& starts,
                 Kokkos::View<Real*, typename G::memory_space> const& residual) const {
    detail::difference_violation(exec, problem.graph.num_operations(),
                                 detail::GraphDifferences<G>(problem), starts, form, residual);
  }
  template <class ExecutionSpace, class G, class Real>
  void pull_back(ExecutionSpace const& exec, Problem<G> const& problem,
                 StartSteps<Real, typename G::memory_space> const& starts,
                 Kokkos::View<Real const*, typename G::memory_space> const& weight,
                 Evaluation<Real, typename G::memory_space> const& result) const {
    detail::difference_pull_back(
        exec, problem.graph.num_operations(), detail::GraphDifferences<G>(problem), starts, form,
        detail::GivenWeight<Real, typename G::memory_space>{weight}, result);
  }
  /// Residual, multiplier and pull-back of the augmented Lagrangian in one launch.
  template <class ExecutionSpace, class G, class Real>
  void penalty(ExecutionSpace const& exec, Problem<G> const& problem,
               StartSteps<Real, typename G::memory_space> const& starts,
               Kokkos::View<Real const*, typename G::memory_space> const& multiplier,
               PenaltyFactor<Real, typename G::memory_space> const& rho,
               Evaluation<Real, typename G::memory_space> const& result) const {
    detail::difference_pull_back(
        exec, problem.graph.num_operations(), detail::GraphDifferences<G>(problem), starts, form,
        detail::PenaltyWeight<Real, typename G::memory_space>{multiplier, rho}, result);
  }
  template <Graph G>
  std::vector<Violation> violations(Problem<G> const& problem,
                                    std::span<int const> start_steps) const {
    std::vector<Violation> all;
    for (int i = 0; i < problem.graph.num_operations(); ++i) {
      auto const row = problem.graph.outgoing(i);
      for (int k = 0; k < row.size(); ++k) {
        Dependence const d = row[k];
        if (!problem.binds(d)) continue;
        long long const ready =
            static_cast<long long>(start_steps[detail::at(i)]) + problem.graph.latency(i) + d.delay;
        long long const use =
            static_cast<long long>(start_steps[detail::at(d.operation)]) + problem.shift(d);
        if (ready <= use) continue;
        std::string text =
            detail::message({"dependence ", i, " -> ", d.operation, ": start ",
                             start_steps[detail::at(i)], " + latency ", problem.graph.latency(i)});
        if (d.delay != 0) text += detail::message({" + delay ", d.delay});
        text += detail::message({" = ", ready, " > start ", start_steps[detail::at(d.operation)]});
        if (d.distance > 0)
          text += detail::message({" + distance ", d.distance, " * interval ",
                                   problem.initiation_interval, " = ", use});
        all.push_back({name, text, static_cast<double>(ready - use)});
      }
    }
    return all;
  }
};

/// A list of difference constraints s_to - s_from >= delta: minimum distances, and maximum
/// distances as s_from - s_to >= -distance. The rows by either end are made by the constructor.
template <class MemorySpace = Kokkos::HostSpace>
class Difference {
 public:
  static constexpr char const* name = "difference";
  static constexpr bool batches = true;
  Residual form = Residual::mean;

  /// operations: V of the graph that the list speaks of. Throws InvalidInput for others.
  Difference(int operations, std::vector<DifferenceBound> list) : list_(std::move(list)) {
    for (std::size_t k = 0; k < list_.size(); ++k)
      if (std::min(list_[k].from, list_[k].to) < 0 ||
          std::max(list_[k].from, list_[k].to) >= operations)
        throw InvalidInput(
            detail::message({"difference constraint ", k, ", ", list_[k].from, " -> ", list_[k].to,
                             ": the graph has operations 0..", operations - 1}));
    auto const rows = detail::at(operations);
    auto const out =
        detail::sorted_rows(rows, list_, [](auto const& b) { return std::pair(b.from, 0); });
    auto const in =
        detail::sorted_rows(rows, list_, [](auto const& b) { return std::pair(b.to, 0); });
    std::vector<int> from, to, delta;
    for (auto const& b : list_) {
      from.push_back(b.from);
      to.push_back(b.to);
      delta.push_back(b.delta);
    }
    rows_ = {array("out_offset", out.offset),
             array("out_index", out.order),
             array("in_offset", in.offset),
             array("in_index", in.order),
             array("from", from),
             array("to", to),
             array("delta", delta),
             operations};
  }

  template <class G>
  int size(Problem<G> const& problem) const {
    return static_cast<int>(list_.size()) * problem.batch;
  }
  template <class ExecutionSpace, class G, class Real>
  void violation(ExecutionSpace const& exec, Problem<G> const& problem,
                 StartSteps<Real, typename G::memory_space> const& starts,
                 Kokkos::View<Real*, typename G::memory_space> const& residual) const {
    detail::difference_violation(exec, problem.graph.num_operations(), rows_, starts, form,
                                 residual);
  }
  template <class ExecutionSpace, class G, class Real>
  void pull_back(ExecutionSpace const& exec, Problem<G> const& problem,
                 StartSteps<Real, typename G::memory_space> const& starts,
                 Kokkos::View<Real const*, typename G::memory_space> const& weight,
                 Evaluation<Real, typename G::memory_space> const& result) const {
    detail::difference_pull_back(exec, problem.graph.num_operations(), rows_, starts, form,
                                 detail::GivenWeight<Real, typename G::memory_space>{weight},
                                 result);
  }
  template <Graph G>
  std::vector<Violation> violations(Problem<G> const&, std::span<int const> start_steps) const {
    std::vector<Violation> all;
    for (auto const& b : list_) {
      long long const apart =
          static_cast<long long>(start_steps[detail::at(b.to)]) - start_steps[detail::at(b.from)];
      if (apart >= b.delta) continue;
      all.push_back(
          {name,
           detail::message({"operations ", b.from, " -> ", b.to, ": start ",
                            start_steps[detail::at(b.to)], " - start ",
                            start_steps[detail::at(b.from)], " = ", apart, " < ", b.delta}),
           static_cast<double>(b.delta - apart)});
    }
    return all;
  }
  /// The legaliser keeps these by construction.
  template <class G>
  std::vector<DifferenceBound> differences(Problem<G> const&) const {
    return list_;
  }

 private:
  static Kokkos::View<int const*, MemorySpace> array(std::string const& what,
                                                     std::vector<int> const& v) {
    return detail::make_array<MemorySpace>("gaus::difference::" + what, v);
  }
  std::vector<DifferenceBound> list_;
  detail::ListDifferences<MemorySpace> rows_;
};

}  // namespace gaus

#endif

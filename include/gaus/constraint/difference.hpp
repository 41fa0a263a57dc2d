// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_CONSTRAINT_DIFFERENCE_HPP
#define GAUS_CONSTRAINT_DIFFERENCE_HPP

#include <gaus/constraint.hpp>
#include <gaus/detail/arrays.hpp>
#include <gaus/detail/csr.hpp>
#include <gaus/detail/difference_kernels.hpp>
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

/// The dependences of the graph: s_i + lat_i + delay <= s_j + distance * II. The solver always adds
/// it. Residual unit: steps (mean, expected) or probability. size = E.
struct Precedence {
  static constexpr char const* name = "dependence";  ///< in messages and reports
  static constexpr bool batches = true;  ///< whether it serves a batch of copies (objective.hpp)
  Residual form = Residual::mean;        ///< of the residual

  /// Number of residuals.
  template <class G>
  int size(Problem<G> const& problem) const {
    return problem.graph.num_dependences();
  }
  /// The residuals, on the device, as constraint.hpp asks.
  template <class ExecutionSpace, class G, class Real>
  void violation(ExecutionSpace const& exec, Problem<G> const& problem,
                 StartSteps<Real, typename G::memory_space> const& starts,
                 Kokkos::View<Real*, typename G::memory_space> const& residual) const {
    detail::difference_violation(exec, problem.graph.num_operations(),
                                 detail::GraphDifferences<G>(problem), starts, form, residual);
  }
  /// Adds the weighted gradients of the residuals, likewise.
  template <class ExecutionSpace, class G, class Real>
  void pull_back(ExecutionSpace const& exec, Problem<G> const& problem,
                 StartSteps<Real, typename G::memory_space> const& starts,
                 Kokkos::View<Real const*, typename G::memory_space> const& weight,
                 Evaluation<Real, typename G::memory_space> const& result) const {
    detail::difference_pull_back(
        exec, problem.graph.num_operations(), size(problem), detail::GraphDifferences<G>(problem),
        starts, form, detail::GivenWeight<Real, typename G::memory_space>{weight}, result);
  }
  /// Residual, multiplier and pull-back of the augmented Lagrangian at once: one launch, or two with a
  /// number a dependence between them where spreads have no gradient.
  template <class ExecutionSpace, class G, class Real>
  void penalty(ExecutionSpace const& exec, Problem<G> const& problem,
               StartSteps<Real, typename G::memory_space> const& starts,
               Kokkos::View<Real const*, typename G::memory_space> const& multiplier,
               PenaltyFactor<Real, typename G::memory_space> const& rho,
               Evaluation<Real, typename G::memory_space> const& result) const {
    detail::difference_pull_back(
        exec, problem.graph.num_operations(), size(problem), detail::GraphDifferences<G>(problem),
        starts, form, detail::PenaltyWeight<Real, typename G::memory_space>{multiplier, rho},
        result);
  }
  /// What a schedule violates, on the host. O(size).
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
  static constexpr char const* name = "difference";  ///< in messages and reports
  static constexpr bool batches = true;  ///< whether it serves a batch of copies (objective.hpp)
  Residual form = Residual::mean;        ///< of the residual

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

  /// Number of residuals.
  template <class G>
  int size(Problem<G> const& problem) const {
    return static_cast<int>(list_.size()) * problem.batch;
  }
  /// The residuals, on the device, as constraint.hpp asks.
  template <class ExecutionSpace, class G, class Real>
  void violation(ExecutionSpace const& exec, Problem<G> const& problem,
                 StartSteps<Real, typename G::memory_space> const& starts,
                 Kokkos::View<Real*, typename G::memory_space> const& residual) const {
    detail::difference_violation(exec, problem.graph.num_operations(), rows_, starts, form,
                                 residual);
  }
  /// Adds the weighted gradients of the residuals, likewise.
  template <class ExecutionSpace, class G, class Real>
  void pull_back(ExecutionSpace const& exec, Problem<G> const& problem,
                 StartSteps<Real, typename G::memory_space> const& starts,
                 Kokkos::View<Real const*, typename G::memory_space> const& weight,
                 Evaluation<Real, typename G::memory_space> const& result) const {
    detail::difference_pull_back(exec, problem.graph.num_operations(), size(problem), rows_, starts,
                                 form, detail::GivenWeight<Real, typename G::memory_space>{weight},
                                 result);
  }
  /// What a schedule violates, on the host. O(size).
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

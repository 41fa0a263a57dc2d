// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_CONSTRAINT_DEADLINE_HPP
#define GAUS_CONSTRAINT_DEADLINE_HPP

#include <gaus/constraint.hpp>
#include <gaus/detail/message.hpp>

#include <Kokkos_Core.hpp>
#include <algorithm>
#include <span>
#include <string>
#include <vector>

namespace gaus {
namespace detail {

/// Steps by which one operation's mean finish passes the deadline.
template <class G, class Real>
struct DeadlineKernel {
  using MemorySpace = typename G::memory_space;
  Problem<G> problem;
  StartSteps<Real, MemorySpace> starts;
  int first;
  int stride;
  int step;
  Kokkos::View<Real*, MemorySpace> residual;

  KOKKOS_FUNCTION void operator()(int k) const {
    int const i = first + k * stride;
    int const latency = problem.graph.latency(i);
    int const occupancy = problem.graph.occupancy(i);
    int const length = latency > occupancy ? latency : occupancy;
    residual(k) = starts.mean(i) + Real(length - step);
  }
};

template <class Real, class MemorySpace>
struct DeadlinePullBack {
  int first;
  int stride;
  Kokkos::View<Real const*, MemorySpace> weight;
  Evaluation<Real, MemorySpace> result;
  KOKKOS_FUNCTION void operator()(int k) const { result.d_mean(first + k * stride) += weight(k); }
};

}  // namespace detail

/// Finish by a step: s_i + max(lat_i, occ_i) <= step, for one operation or for all. The residual is
/// that of the means, in steps; as for dependences this suffices for the rounded steps.
struct Deadline {
  static constexpr char const* name = "deadline";  ///< in messages and reports
  static constexpr bool batches = true;  ///< whether it serves a batch of copies (objective.hpp)
  int step = 0;                          ///< that what counts has finished by
  int operation = -1;                    ///< -1: all

  /// Number of residuals.
  template <class G>
  int size(Problem<G> const& problem) const {
    check(problem);
    return operation >= 0 ? problem.batch : problem.graph.num_operations();
  }
  /// The residuals, on the device, as constraint.hpp asks.
  template <class ExecutionSpace, class G, class Real>
  void violation(ExecutionSpace const& exec, Problem<G> const& problem,
                 StartSteps<Real, typename G::memory_space> const& starts,
                 Kokkos::View<Real*, typename G::memory_space> const& residual) const {
    detail::check_accessible<ExecutionSpace, typename G::memory_space>();
    Kokkos::parallel_for("gaus::deadline::violation",
                         Kokkos::RangePolicy<ExecutionSpace>(exec, 0, size(problem)),
                         detail::DeadlineKernel<G, Real>{problem, starts, std::max(0, operation),
                                                         stride(problem), step, residual});
  }
  /// Adds the weighted gradients of the residuals, likewise.
  template <class ExecutionSpace, class G, class Real>
  void pull_back(ExecutionSpace const& exec, Problem<G> const& problem,
                 StartSteps<Real, typename G::memory_space> const&,
                 Kokkos::View<Real const*, typename G::memory_space> const& weight,
                 Evaluation<Real, typename G::memory_space> const& result) const {
    Kokkos::parallel_for("gaus::deadline::pull_back",
                         Kokkos::RangePolicy<ExecutionSpace>(exec, 0, size(problem)),
                         detail::DeadlinePullBack<Real, typename G::memory_space>{
                             std::max(0, operation), stride(problem), weight, result});
  }
  /// What a schedule violates, on the host. O(size).
  template <Graph G>
  std::vector<Violation> violations(Problem<G> const& problem,
                                    std::span<int const> start_steps) const {
    std::vector<Violation> all;
    for (int k = 0; k < size(problem); ++k) {
      int const i = std::max(0, operation) + k;
      int const length = std::max(problem.graph.latency(i), problem.graph.occupancy(i));
      long long const end = static_cast<long long>(start_steps[detail::at(i)]) + length;
      if (end > step)
        all.push_back({name,
                       detail::message({"operation ", i, ": start ", start_steps[detail::at(i)],
                                        " + ", length, " steps = ", end, " > deadline ", step}),
                       static_cast<double>(end - step)});
    }
    return all;
  }
  /// The legaliser keeps deadlines by construction.
  template <Graph G>
  void tighten(Problem<G> const& problem, std::vector<int>& latest) const {
    for (int k = 0; k < size(problem); ++k) {
      int const i = std::max(0, operation) + k;
      int const length = std::max(problem.graph.latency(i), problem.graph.occupancy(i));
      latest[detail::at(i)] = std::min(latest[detail::at(i)], step - length);
    }
  }

 private:
  /// From one residual's operation to the next one's.
  template <class G>
  int stride(Problem<G> const& problem) const {
    return operation >= 0 ? problem.copy_operations : 1;
  }
  template <class G>
  void check(Problem<G> const& problem) const {
    int const operations = problem.graph.num_operations() / problem.batch;
    if (operation >= operations)
      throw InvalidInput(detail::message(
          {"deadline of operation ", operation, ": the graph has operations 0..", operations - 1}));
  }
};

}  // namespace gaus

#endif

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_OBJECTIVE_PER_OPERATION_HPP
#define GAUS_OBJECTIVE_PER_OPERATION_HPP

#include <gaus/constraint.hpp>
#include <gaus/detail/launch.hpp>
#include <gaus/objective.hpp>

#include <Kokkos_Core.hpp>
#include <span>
#include <string>
#include <vector>

// The easy road to a policy of one's own: a function of one operation's Gaussian, no launch.
//
//   struct DeadlineRisk {
//     static constexpr char const* name = "deadline_risk";
//     KOKKOS_FUNCTION gaus::Term<Real> operator()(problem, int i, gaus::StartStep<Real> s) const;
//     double exact(problem, int i, int start_step) const;
//   };
//
// operator() returns value, d/dmean and d/dspread; exact() is the cost of a start step, on the host.
// As an Objective the values add up; as a Constraint each is one residual, feasible where <= 0.
namespace gaus {
namespace detail {

template <class Function, class G, class Real>
struct PerOperationKernel {
  using MemorySpace = typename G::memory_space;
  Function function;
  Problem<G> problem;
  StartSteps<Real, MemorySpace> starts;
  Evaluation<Real, MemorySpace> result;

  KOKKOS_FUNCTION void operator()(int i, double& sum) const {
    Term<Real> const term = function(problem, i, start_step(problem, starts, i));
    Real const weight = static_cast<Real>(result.weight);
    result.add(i, weight * term.d_mean, weight * term.d_spread);  // one writer an operation
    sum += double(term.value);
  }
};

template <class Function, class G, class Real>
struct PerOperationResidual {
  using MemorySpace = typename G::memory_space;
  Function function;
  Problem<G> problem;
  StartSteps<Real, MemorySpace> starts;
  Kokkos::View<Real*, MemorySpace> residual;
  KOKKOS_FUNCTION void operator()(int i) const {
    residual(i) = function(problem, i, start_step(problem, starts, i)).value;
  }
};

template <class Function, class G, class Real>
struct PerOperationPullBack {
  using MemorySpace = typename G::memory_space;
  Function function;
  Problem<G> problem;
  StartSteps<Real, MemorySpace> starts;
  Kokkos::View<Real const*, MemorySpace> weight;
  Evaluation<Real, MemorySpace> result;
  KOKKOS_FUNCTION void operator()(int i) const {
    Term<Real> const term = function(problem, i, start_step(problem, starts, i));
    result.add(i, weight(i) * term.d_mean, weight(i) * term.d_spread);
  }
};

}  // namespace detail

/// Turns a device function of one operation into an Objective and a Constraint. One kernel.
template <class Function>
struct PerOperation {
  static constexpr char const* name = Function::name;  ///< in messages and reports
  /// Whether it serves a batch of copies (objective.hpp).
  static constexpr bool batches = gaus::batches<Function>;
  Function function;  ///< the term of one operation

  /// Value and gradient, on the device, as objective.hpp asks. O(V) calls of the function.
  template <class ExecutionSpace, class G, class Real>
  void evaluate(ExecutionSpace const& exec, Problem<G> const& problem,
                StartSteps<Real, typename G::memory_space> const& starts,
                Evaluation<Real, typename G::memory_space> const& result) const {
    detail::check_accessible<ExecutionSpace, typename G::memory_space>();
    Kokkos::parallel_reduce(
        std::string("gaus::") + name, detail::direct_launch(exec, problem.graph.num_operations()),
        detail::PerOperationKernel<Function, G, Real>{function, problem, starts, result},
        Kokkos::Sum<double, typename G::memory_space>(result.cost));
  }

  /// The cost of a schedule, on the host. O(V + E + D).
  template <Graph G>
  double exact(Problem<G> const& problem, std::span<int const> start_steps) const {
    double total = 0;
    for (int i = 0; i < problem.graph.num_operations(); ++i)
      total += function.exact(problem, i, start_steps[detail::at(i)]);
    return total;
  }

  /// Number of residuals.
  template <class G>
  int size(Problem<G> const& problem) const {
    return problem.graph.num_operations();
  }
  /// The residuals, on the device, as constraint.hpp asks.
  template <class ExecutionSpace, class G, class Real>
  void violation(ExecutionSpace const& exec, Problem<G> const& problem,
                 StartSteps<Real, typename G::memory_space> const& starts,
                 Kokkos::View<Real*, typename G::memory_space> const& residual) const {
    detail::check_accessible<ExecutionSpace, typename G::memory_space>();
    Kokkos::parallel_for(
        std::string("gaus::violation::") + name,
        detail::direct_launch(exec, problem.graph.num_operations()),
        detail::PerOperationResidual<Function, G, Real>{function, problem, starts, residual});
  }
  /// Adds the weighted gradients of the residuals, likewise.
  template <class ExecutionSpace, class G, class Real>
  void pull_back(ExecutionSpace const& exec, Problem<G> const& problem,
                 StartSteps<Real, typename G::memory_space> const& starts,
                 Kokkos::View<Real const*, typename G::memory_space> const& weight,
                 Evaluation<Real, typename G::memory_space> const& result) const {
    Kokkos::parallel_for(
        std::string("gaus::pull_back::") + name,
        detail::direct_launch(exec, problem.graph.num_operations()),
        detail::PerOperationPullBack<Function, G, Real>{function, problem, starts, weight, result});
  }
  /// What a schedule violates, on the host. O(size).
  template <Graph G>
  std::vector<Violation> violations(Problem<G> const& problem,
                                    std::span<int const> start_steps) const {
    std::vector<Violation> all;
    for (int i = 0; i < problem.graph.num_operations(); ++i) {
      double const g = function.exact(problem, i, start_steps[detail::at(i)]);
      if (g > 0)
        all.push_back({name,
                       "operation " + std::to_string(i) + " at step " +
                           std::to_string(start_steps[detail::at(i)]) + ": " + name + " = " +
                           std::to_string(g) + " > 0",
                       g});
    }
    return all;
  }
};
/// PerOperation{f} wraps f.
template <class Function>
PerOperation(Function) -> PerOperation<Function>;

}  // namespace gaus

#endif

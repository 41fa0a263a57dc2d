// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_OBJECTIVE_HPP
#define GAUS_OBJECTIVE_HPP

#include <gaus/evaluation.hpp>
#include <gaus/start_steps.hpp>

#include <Kokkos_Core.hpp>
#include <concepts>
#include <span>

// What an objective is: an expected cost of the random schedule and its gradient, in one call, and
// the discrete cost that it stands for.
//
//   struct MyCost {
//     static constexpr char const* name = "my_cost";
//     void evaluate(exec, problem, starts, result) const;      // device: value and gradient
//     double exact(problem, start_steps) const;                // host: the cost of a schedule
//   };
//
// evaluate() overwrites result.cost, and adds its gradient times result.weight to result.d_mean and
// result.d_spread (the cost itself is not weighted). It launches on exec and never waits. Buffers
// come from result.workspace. exact() gets a problem over a host-readable graph.
//
// A policy whose cost over a batch (Problem::batch copies of a graph) is the sum of the costs of the
// copies, each over its own operations alone, says so by
//   static constexpr bool batches = true;
// and lets several descents share their launches on small graphs. A function of one operation or
// dependence does if it looks nothing up by the number of the operation, of which there are more.
//
// The easy road needs no launch at all: objective/per_operation.hpp, objective/per_dependence.hpp.
namespace gaus {

/// A policy with a name.
template <class Policy>
concept Named = requires {
  { Policy::name } -> std::convertible_to<char const*>;
};

/// Whether a policy says that it serves a batch of copies of a graph.
template <class Policy>
inline constexpr bool batches = false;
/// What the policy says.
template <class Policy>
requires requires { Policy::batches; }
inline constexpr bool batches<Policy> = Policy::batches;

/// What the solver asks of an objective.
template <class Policy, class ExecutionSpace, class G, class Real = double>
concept Objective = Named<Policy> &&
    requires(Policy const& policy, ExecutionSpace const& exec, Problem<G> const& problem,
             StartSteps<Real, typename G::memory_space> const& starts,
             Evaluation<Real, typename G::memory_space> const& result,
             Problem<HostGraph> const& host_problem, std::span<int const> start_steps) {
  { policy.evaluate(exec, problem, starts, result) } -> std::same_as<void>;
  { policy.exact(host_problem, start_steps) } -> std::convertible_to<double>;
};

/// Says in words what an objective lacks; every entry point that takes one calls it first.
template <class Policy, class ExecutionSpace, class G, class Real>
constexpr void check_objective() {
  static_assert(Named<Policy>,
                "gaus::Objective: the policy needs 'static constexpr char const* name'");
  static_assert(
      requires(Policy const& policy, ExecutionSpace const& exec, Problem<G> const& problem,
               StartSteps<Real, typename G::memory_space> const& starts,
               Evaluation<Real, typename G::memory_space> const& result) {
        { policy.evaluate(exec, problem, starts, result) } -> std::same_as<void>;
      },
      "gaus::Objective: the policy needs 'void evaluate(exec, problem, starts, result) const'");
  static_assert(
      requires(Policy const& policy, Problem<HostGraph> const& problem,
               std::span<int const> start_steps) {
        { policy.exact(problem, start_steps) } -> std::convertible_to<double>;
      },
      "gaus::Objective: the policy needs 'double exact(problem, std::span<int const> start_steps) "
      "const'");
}

}  // namespace gaus

#endif

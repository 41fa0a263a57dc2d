// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_CONSTRAINT_HPP
#define GAUS_CONSTRAINT_HPP

#include <gaus/evaluation.hpp>
#include <gaus/graph/step_bounds.hpp>
#include <gaus/objective.hpp>
#include <gaus/start_steps.hpp>

#include <Kokkos_Core.hpp>
#include <algorithm>
#include <concepts>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

// What a constraint is: a vector of residuals g, feasible where g <= 0, and its weighted pull-back.
//
//   struct MyRule {
//     static constexpr char const* name = "my_rule";
//     int size(problem) const;                                          // number of residuals
//     void violation(exec, problem, starts, residual) const;            // residual(k) = g_k
//     void pull_back(exec, problem, starts, weight, result) const;      // adds sum_k weight(k) dg_k
//     std::vector<Violation> violations(problem, start_steps) const;    // host: of a schedule
//   };
//
// The augmented Lagrangian (optimizer/augmented_lagrangian.hpp) is then two launches a constraint,
// whatever its size. pull_back() weighs with weight(k) alone, not with result.weight.
//
// A rule that is a set of difference constraints, of deadlines or of resource limits says so, by
//   std::vector<DifferenceBound> differences(problem) const;
//   void tighten(problem, std::vector<int>& latest) const;
//   std::vector<std::optional<double>> limits() const;                // one a class
// The legaliser keeps the first two always, limits wherever it finds a schedule that does. Other rules are met by the optimiser as
// well as it can; the result reports what remains.
//
// batches = true (objective.hpp) promises as many residuals for every copy of a batch, those of the
// first copy first.
namespace gaus {

/// One violated constraint of a schedule, with its numbers.
struct Violation {
  std::string constraint;  ///< the policy's name
  std::string text;        ///< one sentence with the operations and the numbers
  double excess = 0;       ///< by how much, > 0
};

/// What the solver asks of a constraint.
template <class Policy, class ExecutionSpace, class G, class Real = double>
concept Constraint = Named<Policy> &&
    requires(Policy const& policy, ExecutionSpace const& exec, Problem<G> const& problem,
             StartSteps<Real, typename G::memory_space> const& starts,
             Kokkos::View<Real*, typename G::memory_space> const& residual,
             Kokkos::View<Real const*, typename G::memory_space> const& weight,
             Evaluation<Real, typename G::memory_space> const& result,
             Problem<HostGraph> const& host_problem, std::span<int const> start_steps) {
  { policy.size(problem) } -> std::convertible_to<int>;
  { policy.violation(exec, problem, starts, residual) } -> std::same_as<void>;
  { policy.pull_back(exec, problem, starts, weight, result) } -> std::same_as<void>;
  { policy.violations(host_problem, start_steps) } -> std::convertible_to<std::vector<Violation>>;
};

/// Says in words what a constraint lacks; every entry point that takes one calls it first.
template <class Policy, class ExecutionSpace, class G, class Real>
constexpr void check_constraint() {
  using MemorySpace = typename G::memory_space;
  using Starts = StartSteps<Real, MemorySpace>;
  static_assert(Named<Policy>,
                "gaus::Constraint: the policy needs 'static constexpr char const* name'");
  static_assert(
      requires(Policy const& policy, Problem<G> const& problem) {
        { policy.size(problem) } -> std::convertible_to<int>;
      },
      "gaus::Constraint: the policy needs 'int size(problem) const'");
  static_assert(
      requires(Policy const& policy, ExecutionSpace const& exec, Problem<G> const& problem,
               Starts const& starts, Kokkos::View<Real*, MemorySpace> const& residual) {
        { policy.violation(exec, problem, starts, residual) } -> std::same_as<void>;
      },
      "gaus::Constraint: the policy needs 'void violation(exec, problem, starts, residual) const'");
  static_assert(
      requires(Policy const& policy, ExecutionSpace const& exec, Problem<G> const& problem,
               Starts const& starts, Kokkos::View<Real const*, MemorySpace> const& weight,
               Evaluation<Real, MemorySpace> const& result) {
        { policy.pull_back(exec, problem, starts, weight, result) } -> std::same_as<void>;
      },
      "gaus::Constraint: the policy needs 'void pull_back(exec, problem, starts, weight, result) "
      "const'");
  static_assert(
      requires(Policy const& policy, Problem<HostGraph> const& problem,
               std::span<int const> start_steps) {
        { policy.violations(problem, start_steps) } -> std::convertible_to<std::vector<Violation>>;
      },
      "gaus::Constraint: the policy needs 'std::vector<gaus::Violation> violations(problem, "
      "std::span<int const> start_steps) const'");
}

/// The penalty parameter rho of each residual: the same for all, or scaled by copies of a batch.
template <class Real, class MemorySpace>
struct PenaltyFactor {
  double rho = 1;                                    ///< the parameter itself
  Kokkos::View<double const*, MemorySpace> scale{};  ///< one a copy; empty: 1 for all
  int copy_size = 0;                                 ///< residuals of a copy

  /// That of residual k.
  KOKKOS_FUNCTION Real operator()(int k) const {
    return static_cast<Real>(scale.extent(0) > 0 ? rho * scale(k / copy_size) : rho);
  }
};

/// The constraints of a problem beside its dependences, which always hold.
template <class... Policies>
struct Constraints {
  /// In the order of their multipliers.
  std::tuple<Policies...> policies;
  Constraints() = default;
  /// Takes copies of the policies.
  explicit Constraints(Policies... list) requires(sizeof...(Policies) > 0)
      : policies(std::move(list)...) {}

  /// Calls visit(policy) for each, in order.
  template <class Visit>
  void for_each(Visit&& visit) const {
    std::apply([&](auto const&... policy) { (visit(policy), ...); }, policies);
  }
};
/// Constraints{} is a list of none.
Constraints()->Constraints<>;

namespace detail {

/// The difference constraints that a list of policies declares.
template <class G, class... Policies>
std::vector<DifferenceBound> declared_differences(Problem<G> const& problem,
                                                  Constraints<Policies...> const& constraints) {
  std::vector<DifferenceBound> all;
  constraints.for_each([&](auto const& policy) {
    if constexpr (requires { policy.differences(problem); }) {
      auto const own = policy.differences(problem);
      all.insert(all.end(), own.begin(), own.end());
    }
  });
  return all;
}

/// The latest starts that a list of policies asks for; empty when none does.
template <class G, class... Policies>
std::vector<int> declared_deadlines(Problem<G> const& problem,
                                    Constraints<Policies...> const& constraints) {
  std::vector<int> latest;
  constraints.for_each([&](auto const& policy) {
    if constexpr (requires { policy.tighten(problem, latest); }) {
      if (latest.empty()) latest.assign(at(problem.graph.num_operations()), max_steps_ahead);
      policy.tighten(problem, latest);
    }
  });
  return latest;
}

/// Whether a policy is a set of resource limits.
template <class Policy>
inline constexpr bool declares_limits = requires(Policy const& policy) {
  policy.limits();
};

/// The tightest limits of the resource classes that a list of policies declares; empty when there
/// are none.
template <class... Policies>
std::vector<std::optional<double>> declared_limits(Constraints<Policies...> const& constraints) {
  std::vector<std::optional<double>> limits;
  constraints.for_each([&](auto const& policy) {
    if constexpr (declares_limits<std::remove_cvref_t<decltype(policy)>>) {
      auto const& own = policy.limits();
      if (limits.size() < own.size()) limits.resize(own.size());
      for (std::size_t r = 0; r < own.size(); ++r)
        if (own[r]) limits[r] = limits[r] ? std::min(*limits[r], *own[r]) : *own[r];
    }
  });
  bool const any = std::any_of(limits.begin(), limits.end(), [](auto const& l) { return bool(l); });
  return any ? limits : std::vector<std::optional<double>>{};
}

/// A constraint that is a set of difference constraints, deadlines or limits, which the search keeps.
template <class H, class Policy>
inline constexpr bool declared = requires(Policy const& policy, Problem<H> const& problem) {
  policy.differences(problem);
}
|| requires(Policy const& policy, Problem<H> const& problem, std::vector<int>& latest) {
  policy.tighten(problem, latest);
}
|| declares_limits<Policy>;

}  // namespace detail
}  // namespace gaus

#endif

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_OPTIMIZER_AUGMENTED_LAGRANGIAN_HPP
#define GAUS_OPTIMIZER_AUGMENTED_LAGRANGIAN_HPP

#include <gaus/constraint.hpp>
#include <gaus/detail/arrays.hpp>

#include <Kokkos_Core.hpp>
#include <array>
#include <string>
#include <type_traits>

// Multipliers and penalty around any constraints: for residuals g_k <= 0
//
//   L += sum_k (max(0, lambda_k + rho g_k)^2 - lambda_k^2) / (2 rho)
//   dL = sum_k max(0, lambda_k + rho g_k) dg_k
//   update: lambda_k <- max(0, lambda_k + rho g_k)
//
// Two launches a constraint (residual, pull-back), besides where the policy offers the fused
//   void penalty(exec, problem, starts, multiplier, rho, result) const;   // rho: a PenaltyFactor
// and one small kernel for the update. No fence.
namespace gaus {
namespace detail {

template <class Real, class MemorySpace>
struct MultiplierStep {
  Kokkos::View<Real*, MemorySpace> residual;    ///< in: g; out (weights): max(0, lambda + rho g)
  Kokkos::View<Real*, MemorySpace> multiplier;  ///< written when keep is set
  PenaltyFactor<Real, MemorySpace> rho;
  bool keep;
  KOKKOS_FUNCTION void operator()(int k) const {
    Real const w = multiplier(k) + rho(k) * residual(k);
    Real const clipped = w > Real(0) ? w : Real(0);
    residual(k) = clipped;
    if (keep) multiplier(k) = clipped;
  }
};

}  // namespace detail

/// Multipliers of one run for a list of constraints.
template <class Real, class MemorySpace, class... Policies>
class AugmentedLagrangian {
 public:
  /// Allocates zero multipliers, one a residual.
  template <class G>
  AugmentedLagrangian(Problem<G> const& problem, Constraints<Policies...> constraints)
      : constraints_(std::move(constraints)) {
    std::size_t k = 0;
    constraints_.for_each([&](auto const& policy) {
      auto const size = static_cast<std::size_t>(policy.size(problem));
      multiplier_[k] =
          detail::zeros<Kokkos::View<Real*, MemorySpace>>("gaus::lagrangian::multiplier", size);
      residual_[k] =
          detail::zeros<Kokkos::View<Real*, MemorySpace>>("gaus::lagrangian::residual", size);
      ++k;
    });
  }

  /// Forgets all multipliers.
  template <class ExecutionSpace>
  void reset(ExecutionSpace const& exec) {
    for (auto const& m : multiplier_) detail::zero_values(exec, m);
  }

  /// Adds the gradient of the penalty to result. scale: factors on rho, one a copy of a batch.
  template <class ExecutionSpace, class G>
  void add_gradient(ExecutionSpace const& exec, Problem<G> const& problem,
                    StartSteps<Real, MemorySpace> const& starts, double rho,
                    Evaluation<Real, MemorySpace> const& result,
                    Kokkos::View<double const*, MemorySpace> const& scale = {}) const {
    std::size_t k = 0;
    constraints_.for_each([&](auto const& policy) {
      Kokkos::View<Real const*, MemorySpace> const multiplier = multiplier_[k];
      auto const factor = penalty_factor(problem, k, rho, scale);
      if constexpr (requires {
                      policy.penalty(exec, problem, starts, multiplier, factor, result);
                    }) {
        policy.penalty(exec, problem, starts, multiplier, factor, result);
      } else {
        policy.violation(exec, problem, starts, residual_[k]);
        step(exec, k, factor, false);
        policy.pull_back(exec, problem, starts,
                         Kokkos::View<Real const*, MemorySpace>(residual_[k]), result);
      }
      ++k;
    });
  }

  /// lambda <- max(0, lambda + rho g). scale: as in add_gradient.
  template <class ExecutionSpace, class G>
  void update(ExecutionSpace const& exec, Problem<G> const& problem,
              StartSteps<Real, MemorySpace> const& starts, double rho,
              Kokkos::View<double const*, MemorySpace> const& scale = {}) {
    std::size_t k = 0;
    constraints_.for_each([&](auto const& policy) {
      policy.violation(exec, problem, starts, residual_[k]);
      step(exec, k, penalty_factor(problem, k, rho, scale), true);
      ++k;
    });
  }

  /// Multipliers of the k-th constraint, one a residual.
  [[nodiscard]] Kokkos::View<Real const*, MemorySpace> multipliers(std::size_t k) const {
    return multiplier_[k];
  }

 private:
  template <class G>
  PenaltyFactor<Real, MemorySpace> penalty_factor(
      Problem<G> const& problem, std::size_t k, double rho,
      Kokkos::View<double const*, MemorySpace> const& scale) const {
    return {rho, scale, static_cast<int>(multiplier_[k].extent(0)) / problem.batch};
  }
  template <class ExecutionSpace>
  void step(ExecutionSpace const& exec, std::size_t k, PenaltyFactor<Real, MemorySpace> const& rho,
            bool keep) const {
    Kokkos::parallel_for(
        "gaus::lagrangian::multiplier",
        Kokkos::RangePolicy<ExecutionSpace>(exec, 0, static_cast<int>(multiplier_[k].extent(0))),
        detail::MultiplierStep<Real, MemorySpace>{residual_[k], multiplier_[k], rho, keep});
  }

  Constraints<Policies...> constraints_;
  std::array<Kokkos::View<Real*, MemorySpace>, sizeof...(Policies)> multiplier_;
  std::array<Kokkos::View<Real*, MemorySpace>, sizeof...(Policies)> residual_;
};

}  // namespace gaus

#endif

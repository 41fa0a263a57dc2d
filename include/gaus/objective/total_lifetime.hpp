// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_OBJECTIVE_TOTAL_LIFETIME_HPP
#define GAUS_OBJECTIVE_TOTAL_LIFETIME_HPP

#include <gaus/objective.hpp>
#include <gaus/profile/liveness.hpp>
#include <gaus/schedule/cost.hpp>

#include <Kokkos_Core.hpp>
#include <span>

namespace gaus {
namespace detail {

/// Sum of a profile's values; integers, so that its bits do not depend on the threads.
template <class MemorySpace>
struct ProfileTotal {
  Profile<MemorySpace> profile;
  double scale;
  KOKKOS_FUNCTION void operator()(int k, Fixed& sum) const {
    sum += to_fixed(profile.values(k), scale);
  }
};

/// Turns the integer sum into the cost, on the device.
template <class MemorySpace>
struct StoreTotal {
  Kokkos::View<Fixed, MemorySpace> sum;
  double scale;
  Kokkos::View<double, MemorySpace> cost;
  KOKKOS_FUNCTION void operator()(int) const { cost() = double(sum()) / scale; }
};

}  // namespace detail

/// Sum over values of size times steps live. Relaxed: the sum of the expected liveness, which is
/// exact. Unit: size * steps.
struct TotalLifetime {
  static constexpr char const* name = "lifetime";  ///< in messages and reports
  static constexpr bool batches = true;  ///< whether it serves a batch of copies (objective.hpp)

  /// Value and gradient, on the device, as objective.hpp asks. O(V + E + sum over values of windows).
  template <class ExecutionSpace, class G, class Real>
  void evaluate(ExecutionSpace const& exec, Problem<G> const& problem,
                StartSteps<Real, typename G::memory_space> const& starts,
                Evaluation<Real, typename G::memory_space> const& result) const {
    using MemorySpace = typename G::memory_space;
    auto const live = expected_liveness(exec, problem, starts, *result.workspace);
    double const scale =
        detail::fixed_scale(problem.batch * problem.total_size * (problem.horizon() + 1.0));
    auto const slot = result.workspace->template array<detail::Fixed>("gaus::lifetime::sum", 1);
    Kokkos::View<detail::Fixed, MemorySpace> const sum(slot.data());
    Kokkos::parallel_reduce("gaus::lifetime::sum",
                            Kokkos::RangePolicy<ExecutionSpace>(exec, 0, live.rows * live.slots),
                            detail::ProfileTotal<MemorySpace>{live, scale},
                            Kokkos::Sum<detail::Fixed, MemorySpace>(sum));
    Kokkos::parallel_for("gaus::lifetime::store", Kokkos::RangePolicy<ExecutionSpace>(exec, 0, 1),
                         detail::StoreTotal<MemorySpace>{sum, scale, result.cost});
    Profile<MemorySpace> const ones{
        result.workspace->template array<double>(
            "gaus::lifetime::adjoint",
            static_cast<std::size_t>(live.rows) * static_cast<std::size_t>(live.slots)),
        live.rows, live.slots};
    Kokkos::deep_copy(exec, ones.values, 1.0);
    pull_back_liveness(exec, problem, starts, ones, result.weight, result);
  }

  /// The cost of a schedule, on the host. O(V + E + D).
  template <Graph G>
  double exact(Problem<G> const& problem, std::span<int const> start_steps) const {
    return total_lifetime(problem, start_steps);
  }

  /// Tells discrete searches and bounds what it stands for.
  void describe(CostModel& model, double weight) const { model.lifetime += weight; }
};

}  // namespace gaus

#endif

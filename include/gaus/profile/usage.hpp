// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_PROFILE_USAGE_HPP
#define GAUS_PROFILE_USAGE_HPP

#include <gaus/evaluation.hpp>
#include <gaus/profile.hpp>

#include <Kokkos_Core.hpp>

// Expected units in use, per resource class r and step t (math.md, section 3):
//
//   E U_r(t) = sum_i w_ir (C_i(t) - C_i(t - occ_i))
//
// As differences this is the start distribution p_i(t) = C_i(t) - C_i(t - 1), up at t and down at
// t + occ_i. Summation by parts leaves one density a boundary for the adjoint q:
//
//   dL/dmean_i   = sum_r w_ir / spread_i sum_t phi(z)   (q_r(t + occ_i) - q_r(t))
//   dL/dspread_i = sum_r w_ir / spread_i sum_t phi(z) z (q_r(t + occ_i) - q_r(t))
//
// O(sum of windows * demands), three kernels for the curve, one for the adjoint.
namespace gaus {
namespace detail {

template <class G, class Real>
struct UsageScatter {
  using MemorySpace = typename G::memory_space;
  Problem<G> problem;
  StartSteps<Real, MemorySpace> starts;
  int length;
  int only;
  int rows;  ///< of a copy
  double scale;

  template <class Add>
  KOKKOS_FUNCTION void operator()(int i, Add const& add) const {
    auto const demands = problem.graph.demands(i);
    int const occupancy = problem.graph.occupancy(i);
    if (demands.size() == 0 || occupancy == 0) return;
    auto const s = start_step(problem, starts, i);
    constexpr int block = window_block<MemorySpace>;
    BoundaryBlock<Real, block> b;
    Real before = 0;
    int const first_row = problem.copy_of(i) * rows;
    for (int t = s.first; t <= s.last + 1; t += block) {
      int const inside = s.last + 1 - t < block ? s.last + 1 - t : block;
      b.fill(s, t, inside);
      bool const ends = inside < block;  // the boundary after the window, where C = 1
      int const boundaries = inside + (ends ? 1 : 0);
      for (int u = boundaries - 1; u >= 0; --u) {  // C becomes its change
        Real const now = u < inside ? b.cdf[u] : Real(1);
        b.z[u] = now - (u > 0 ? b.cdf[u - 1] : before);
      }
      before = b.cdf[inside > 0 ? inside - 1 : 0];
      for (int k = 0; k < demands.size(); ++k) {
        Demand const d = demands[k];
        if (only >= 0 && d.resource != only) continue;
        double const factor = d.units * scale;
        auto const row = static_cast<std::size_t>(first_row + (only >= 0 ? 0 : d.resource)) *
                         static_cast<std::size_t>(length + 1);
        std::size_t const rise = row + static_cast<std::size_t>(t);
        std::size_t const fall = rise + static_cast<std::size_t>(occupancy);
        if (occupancy == 1) {  // the common case: a fall meets the next rise
          Fixed last = 0;
          for (int u = 0; u < boundaries; ++u) {
            Fixed const units = to_fixed(b.z[u], factor);
            add(rise + static_cast<std::size_t>(u), units - last);
            last = units;
          }
          add(rise + static_cast<std::size_t>(boundaries), -last);
          continue;
        }
        for (int u = 0; u < boundaries; ++u) {
          Fixed const units = to_fixed(b.z[u], factor);
          add(rise + static_cast<std::size_t>(u), units);
          add(fall + static_cast<std::size_t>(u), -units);
        }
      }
    }
  }
};

template <class G, class Real>
struct UsagePullBack {
  using MemorySpace = typename G::memory_space;
  Problem<G> problem;
  StartSteps<Real, MemorySpace> starts;
  Profile<MemorySpace> adjoint;
  int only;
  double weight;
  Evaluation<Real, MemorySpace> result;

  /// units * (q(t + occupancy) - q(t)) for count boundaries from first on.
  KOKKOS_FUNCTION void fill_slope(int first_row, Demand const& d, int first, int occupancy,
                                  int count, double* slope) const {
    double const* const q = &adjoint(first_row + (only >= 0 ? 0 : d.resource), 0);
    if (problem.pipelined()) {
      int const interval = problem.initiation_interval;
      for (int u = 0; u < count; ++u)
        slope[u] = d.units * (q[(first + u + occupancy) % interval] - q[(first + u) % interval]);
    } else {
      for (int u = 0; u < count; ++u)
        slope[u] = d.units * (q[first + u + occupancy] - q[first + u]);
    }
  }
  KOKKOS_FUNCTION void operator()(int i) const {
    auto const demands = problem.graph.demands(i);
    int const occupancy = problem.graph.occupancy(i);
    if (demands.size() == 0 || occupancy == 0) return;
    auto const s = start_step(problem, starts, i);
    constexpr int block = window_block<MemorySpace>;
    BoundaryBlock<Real, block> b;
    double mean = 0;
    double spread = 0;
    int const first_row = problem.copy_of(i) * (only >= 0 ? 1 : problem.graph.num_resources());
    for (int t = s.first; t <= s.last; t += block) {
      int const inside = s.last + 1 - t < block ? s.last + 1 - t : block;
      b.fill(s, t, inside);
      double slope[block];
      for (int k = 0; k < demands.size(); ++k) {
        Demand const d = demands[k];
        if (only >= 0 && d.resource != only) continue;
        fill_slope(first_row, d, t, occupancy, inside, slope);
        b.add_moments(inside, slope, mean, spread);
      }
    }
    result.d_mean(i) += static_cast<Real>(weight * mean * double(s.inverse_spread));
    result.d_spread(i) += static_cast<Real>(weight * spread * double(s.inverse_spread));
  }
};

}  // namespace detail

/// Expected units in use: a row a resource class, a column a step (a slot when pipelined).
/// only >= 0: the one row of that class. In a batch these are the rows of each copy.
template <class ExecutionSpace, class G, class Real>
Profile<typename G::memory_space> expected_usage(
    ExecutionSpace const& exec, Problem<G> const& problem,
    StartSteps<Real, typename G::memory_space> const& starts,
    Workspace<typename G::memory_space>& workspace, int only = -1) {
  detail::check_accessible<ExecutionSpace, typename G::memory_space>();
  int const rows = only >= 0 ? 1 : problem.graph.num_resources();
  ProfileBuilder<ExecutionSpace, typename G::memory_space> const builder(
      exec, workspace, problem.graph.num_operations(), rows * problem.batch, problem.steps,
      2 * problem.total_units);
  builder.scatter(
      exec, "gaus::usage::scatter",
      detail::UsageScatter<G, Real>{problem, starts, problem.steps, only, rows, builder.scale()});
  return builder.finish(exec, problem.initiation_interval);
}

/// Adds weight * (gradient of sum adjoint * usage) to the result. only: as in expected_usage.
template <class ExecutionSpace, class G, class Real>
void pull_back_usage(ExecutionSpace const& exec, Problem<G> const& problem,
                     StartSteps<Real, typename G::memory_space> const& starts,
                     Profile<typename G::memory_space> const& adjoint, double weight,
                     Evaluation<Real, typename G::memory_space> const& result, int only = -1) {
  Kokkos::parallel_for(
      "gaus::usage::pull_back",
      Kokkos::RangePolicy<ExecutionSpace>(exec, 0, problem.graph.num_operations()),
      detail::UsagePullBack<G, Real>{problem, starts, adjoint, only, weight, result});
}

}  // namespace gaus

#endif

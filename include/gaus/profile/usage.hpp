// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_PROFILE_USAGE_HPP
#define GAUS_PROFILE_USAGE_HPP

#include <gaus/detail/launch.hpp>
#include <gaus/evaluation.hpp>
#include <gaus/profile.hpp>

#include <Kokkos_Core.hpp>
#include <algorithm>

// Expected units in use, per resource class r and step t:
//
//   E U_r(t) = sum_i w_ir (C_i(t) - C_i(t - occ_i))
//
// This is the change of C_i, for an occupancy of a few steps that of C_i(t) + C_i(t - 1) + ..., which is
// summed as it is and differenced once. For long ones the differences are the start distribution
// p_i(t) = C_i(t) - C_i(t - 1), up at t and down at t + occ_i. Summation by parts leaves one density a
// boundary for the adjoint q:
//
//   dL/dmean_i   = sum_r w_ir / spread_i sum_t phi(z)   (q_r(t + occ_i) - q_r(t))
//   dL/dspread_i = sum_r w_ir / spread_i sum_t phi(z) z (q_r(t + occ_i) - q_r(t))
//
// O(sum of windows * demands), three kernels for the curve, two for the adjoint, for which the
// differences of q take classes * steps * min(largest occupancy, 8) numbers.
namespace gaus {
namespace detail {

/// Occupancies up to which a window is repeated for every step of it.
inline constexpr int few_steps = 8;

/// Whether each operation takes one unit of one class for one step, as far as the graph can tell:
/// kernels then do without its rows of demands.
template <class G>
bool one_unit_each(Problem<G> const& problem) {
  if constexpr (requires { problem.graph.one_unit_each(); })
    return problem.graph.num_resources() == 1 && problem.graph.one_unit_each();
  else
    return false;
}

template <class G, class Real, class Share>
struct UsageScatter {
  using MemorySpace = typename G::memory_space;
  Problem<G> problem;
  StartSteps<Real, MemorySpace> starts;
  int stride;
  int only;
  int rows;  ///< of a copy
  bool plain;
  double scale;
  static constexpr int lanes = lanes_of<MemorySpace>;
  /// add: changes of the units in use; local: C itself, of operations that occupy their units for a
  /// few steps.
  template <class Add>
  KOKKOS_FUNCTION void operator()(int i, Add const& add, Add const& local) const {
    if (plain) {
      auto const row =
          static_cast<std::size_t>(problem.copy_of(i)) * static_cast<std::size_t>(stride);
      write_window(start_window(problem, starts, i), row, static_cast<Real>(scale), 1, add, local);
      return;
    }
    auto const demands = problem.graph.demands(i);
    int const occupancy = problem.graph.occupancy(i);
    if (demands.size() == 0 || occupancy == 0) return;
    auto const s = start_window(problem, starts, i);
    int const first_row = problem.copy_of(i) * rows;
    for (int k = 0; k < demands.size(); ++k) {
      Demand const d = demands[k];
      if (only >= 0 && d.resource != only) continue;
      Real const factor = static_cast<Real>(d.units * scale);
      auto const row = static_cast<std::size_t>(first_row + (only >= 0 ? 0 : d.resource)) *
                       static_cast<std::size_t>(stride);
      if (occupancy == 1)
        write_window(s, row, factor, 1, add, local);
      else if (occupancy <= few_steps)
        write_window(s, row, factor, occupancy, add, local);
      else
        write_changes(s, row, factor, occupancy, add);
    }
  }

 private:
  /// C in the window, and 1 after it, as sums whose change from step to step is the usage: once for
  /// every step of the occupancy.
  template <class Add>
  KOKKOS_FUNCTION void write_window(StartWindow<Real> const& s, std::size_t row, Real factor,
                                    int occupancy, Add const& add, Add const& local) const {
    for (int t = s.first; t <= s.last; t += lanes) {
      Real const from = s.z(t);
      LaneEnd<lanes> const inside(s.last - t);
      Share share[lanes];
      GAUS_LANE_LOOP
      for (int u = 0; u < lanes; ++u) {
        Real const c = normal_cdf_absolute(from + static_cast<Real>(u) * s.inverse_spread);
        share[u] = inside(u, static_cast<Share>(c * factor));
      }
      for (int k = 0; k < occupancy; ++k) local.lanes(row + static_cast<std::size_t>(t + k), share);
    }
    auto const one = static_cast<Share>(factor);
    std::size_t const after = row + static_cast<std::size_t>(s.last + 1);
    add(after, Fixed(one));
    add(after + static_cast<std::size_t>(occupancy), -Fixed(one));
  }
  /// The changes of C at its place, and taken back after the occupancy.
  template <class Add>
  KOKKOS_FUNCTION void write_changes(StartWindow<Real> const& s, std::size_t row, Real factor,
                                     int occupancy, Add const& add) const {
    Fixed before = 0;
    for (int t = s.first; t <= s.last + 1; t += lanes) {
      Real const from = s.offset(t);
      Share share[lanes];
      GAUS_LANE_LOOP
      for (int u = 0; u < lanes; ++u) {
        Real const c = normal_cdf_absolute((from + static_cast<Real>(u)) * s.inverse_spread);
        share[u] = static_cast<Share>(c * factor);
      }
      std::size_t const rise = row + static_cast<std::size_t>(t);
      for (int u = 0; u < lanes && t + u <= s.last + 1; ++u) {
        Fixed const now = t + u <= s.last ? Fixed(share[u]) : Fixed(static_cast<Share>(factor));
        add(rise + static_cast<std::size_t>(u), now - before);
        add(rise + static_cast<std::size_t>(u + occupancy), before - now);
        before = now;
      }
    }
  }
};

/// Usage with shares of the bits that a scalar of type Scale has.
template <class Scale, class ExecutionSpace, class G, class Real>
Profile<typename G::memory_space> scatter_usage(
    ExecutionSpace const& exec, Problem<G> const& problem,
    StartSteps<Real, typename G::memory_space> const& starts,
    Workspace<typename G::memory_space>& workspace, int rows, int only) {
  ProfileBuilder<ExecutionSpace, typename G::memory_space, Scale> const builder(
      exec, workspace, problem.graph.num_operations(), rows * problem.batch, problem.steps,
      2 * problem.total_units, problem.most_units, LocalValues::sums);
  builder.scatter(
      exec, "gaus::usage::scatter",
      UsageScatter<G, Real, FixedShare<Scale>>{problem, starts, builder.stride(), only, rows,
                                               one_unit_each(problem), builder.scale()});
  return builder.finish(exec, problem.initiation_interval);
}

/// The adjoint's differences q(t + o) - q(t) over unfolded time, for occupancies o up to few: taken in
/// double, read in Real, without a division or an end to look out for. A row for every class and o, of
/// whole lanes with zeros behind.
template <class MemorySpace, class Real>
struct UsageSlopes {
  Profile<MemorySpace> adjoint;
  Kokkos::View<Real*, MemorySpace> slopes;
  int steps;
  int few;
  int stride;
  KOKKOS_FUNCTION void operator()(int k) const {
    int const t = k % stride;
    int const row = k / stride / few;
    int const to = t + 1 + k / stride % few;
    int const slots = adjoint.slots;
    double slope = 0;
    if (slots == steps && to < steps)
      slope = adjoint(row, to) - adjoint(row, t);
    else if (slots != steps && t < steps)
      slope = adjoint(row, to % slots) - adjoint(row, t % slots);
    slopes(k) = static_cast<Real>(slope);
  }
};

template <class G, class Real>
struct UsagePullBack {
  using MemorySpace = typename G::memory_space;
  Problem<G> problem;
  StartSteps<Real, MemorySpace> starts;
  Profile<MemorySpace> adjoint;
  Kokkos::View<Real const*, MemorySpace> slopes;
  int few;
  int stride;
  int only;
  bool plain;
  double weight;
  Evaluation<Real, MemorySpace> result;
  static constexpr int lanes = lanes_of<MemorySpace>;

  KOKKOS_FUNCTION void operator()(int i) const {
    if (plain) {
      auto const s = start_window(problem, starts, i);
      Real const* const q = slopes.data() + static_cast<std::size_t>(problem.copy_of(i)) *
                                                static_cast<std::size_t>(stride);
      auto const m = window_moments<lanes>(s, 0, s.first, s.last, result.spreads,
                                           [=](int t, int u) { return q[t + u]; });
      Real const factor = static_cast<Real>(weight) * s.inverse_spread;
      result.add(i, factor * m.sum, factor * m.moment);
      return;
    }
    auto const demands = problem.graph.demands(i);
    int const occupancy = problem.graph.occupancy(i);
    int const count = demands.size();
    if (count == 0 || occupancy == 0) return;
    auto const s = start_window(problem, starts, i);
    Moments<Real> all{};
    int const first_row = problem.copy_of(i) * (only >= 0 ? 1 : problem.graph.num_resources());
    for (int k = 0; k < count; ++k) {
      Demand const d = demands[k];
      if (only >= 0 && d.resource != only) continue;
      int const row = first_row + (only >= 0 ? 0 : d.resource);
      Real const units = static_cast<Real>(d.units);
      if (occupancy <= few) {
        Real const* const q = slopes.data() + static_cast<std::size_t>(row * few + occupancy - 1) *
                                                  static_cast<std::size_t>(stride);
        all.add(units, window_moments<lanes>(s, 0, s.first, s.last, result.spreads,
                                             [=](int t, int u) { return q[t + u]; }));
      } else {
        all.add(units, long_moments(s, row, occupancy));
      }
    }
    Real const factor = static_cast<Real>(weight) * s.inverse_spread;
    result.add(i, factor * all.sum, factor * all.moment);
  }

 private:
  /// Of a long occupancy: the differences read one by one.
  KOKKOS_FUNCTION Moments<Real> long_moments(StartWindow<Real> const& s, int row,
                                             int occupancy) const {
    double const* const q = &adjoint(row, 0);
    int const slots = adjoint.slots;
    bool const folded = problem.pipelined();
    Moments<Real> all{};
    for (int t = s.first; t <= s.last; ++t) {
      int const to = t + occupancy;
      double const slope = folded ? q[to % slots] - q[t % slots] : q[to] - q[t];
      Real const z = s.z(t);
      Real const w = static_cast<Real>(slope) * window_pdf(z);
      all.sum += w;
      all.moment += w * z;
    }
    return all;
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
  // Shares of 32 bits as long as the smallest demand has twenty of them.
  if (sizeof(Real) < 8 && problem.most_units <= 1024 * problem.least_units)
    return detail::scatter_usage<Real>(exec, problem, starts, workspace, rows, only);
  return detail::scatter_usage<double>(exec, problem, starts, workspace, rows, only);
}

/// Adds weight * (gradient of sum adjoint * usage) to the result, whose workspace it needs. only: as in expected_usage.
template <class ExecutionSpace, class G, class Real>
void pull_back_usage(ExecutionSpace const& exec, Problem<G> const& problem,
                     StartSteps<Real, typename G::memory_space> const& starts,
                     Profile<typename G::memory_space> const& adjoint, double weight,
                     Evaluation<Real, typename G::memory_space> const& result, int only = -1) {
  using MemorySpace = typename G::memory_space;
  constexpr int lanes = detail::lanes_of<MemorySpace>;
  int const stride = (problem.steps + 2 * lanes - 1) / lanes * lanes;
  int few = std::max(1, std::min(problem.most_occupancy, detail::few_steps));
  if (static_cast<long long>(adjoint.rows) * stride * few > detail::most_profile_entries) few = 1;
  auto const entries = static_cast<std::size_t>(adjoint.rows) * static_cast<std::size_t>(few) *
                       static_cast<std::size_t>(stride);
  auto const slopes = result.workspace->template array<Real>("gaus::usage::slopes", entries);
  Kokkos::parallel_for(
      "gaus::usage::slopes",
      Kokkos::RangePolicy<ExecutionSpace>(exec, 0, static_cast<int>(entries)),
      detail::UsageSlopes<MemorySpace, Real>{adjoint, slopes, problem.steps, few, stride});
  detail::for_each_operation(
      "gaus::usage::pull_back", exec, problem.graph.num_operations(),
      detail::UsagePullBack<G, Real>{problem, starts, adjoint, slopes, few, stride, only,
                                     detail::one_unit_each(problem), weight, result});
}

}  // namespace gaus

#endif

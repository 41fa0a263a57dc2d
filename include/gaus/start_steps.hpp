// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_START_STEPS_HPP
#define GAUS_START_STEPS_HPP

#include <gaus/normal.hpp>
#include <gaus/problem.hpp>

#include <Kokkos_Core.hpp>

// The decision variables: a Gaussian start step per operation, X_i ~ N(mean_i, spread_i^2), and the
// random schedule S_i = clamp(round(X_i), earliest_i, latest_i) that it stands for.
//
//   C_i(t) = P(S_i <= t) = 0                                  t < earliest_i
//                          Phi((t + 1/2 - mean_i) / spread_i) earliest_i <= t < latest_i
//                          1                                  t >= latest_i
//   dC_i/dmean = -phi(z)/spread, dC_i/dspread = -z phi(z)/spread   inside, else 0
//
// C_i differs from 0 and 1 only inside a window of a few spreads; first and last name it. Below
// first C is taken as 0, above last as 1, so that kernels do work in proportion to windows.
namespace gaus {

/// Means and spreads of all operations, in steps.
template <class Real, class MemorySpace>
struct StartSteps {
  Kokkos::View<Real*, MemorySpace> mean;
  Kokkos::View<Real*, MemorySpace> spread;
};

/// One operation's clamped rounded Gaussian, with its window [first, last] of steps.
template <class Real>
struct StartStep {
  Real mean;
  Real spread;
  Real inverse_spread;
  int earliest;
  int latest;
  int first;  ///< C = 0 before
  int last;   ///< C = 1 after; last = first - 1 where the window is empty

  /// Steps from the mean to boundary t.
  [[nodiscard]] KOKKOS_FUNCTION Real offset(int t) const { return Real(t) + Real(0.5) - mean; }
  /// z and the distribution at boundary t; meaningful inside the window.
  [[nodiscard]] KOKKOS_FUNCTION Real z(int t) const { return offset(t) * inverse_spread; }
  /// C(t) = P(S <= t), any t.
  [[nodiscard]] KOKKOS_FUNCTION Real started_by(int t) const {
    return t < first ? Real(0) : t > last ? Real(1) : normal_cdf(z(t));
  }
  /// E S, with derivatives. Away from the clamps E round(X) = mean up to exp(-2 pi^2 spread^2).
  [[nodiscard]] KOKKOS_FUNCTION Term<Real> expectation() const {
    if (first > earliest && last < latest - 1 && spread > Real(sizeof(Real) == 4 ? 0.9 : 1.4))
      return {mean, Real(1), Real(0)};
    Real sum = 0;  // of 1 - C from first to last: E S = first + that
    Real density = 0;
    Real moment = 0;
    for (int t = first; t <= last; ++t) {
      Real const x = z(t);
      auto const p = normal_point(-x);  // the upper tail of x: no cancellation
      sum += p.cdf;
      density += p.pdf;
      moment += x * p.pdf;
    }
    return {Real(first) + sum, density * inverse_spread, moment * inverse_spread};
  }
};

namespace detail {

/// Largest integer <= x and smallest >= x, for |x| < 2^31; no library call.
template <class Real>
KOKKOS_INLINE_FUNCTION int floor_step(Real x) {
  int const t = static_cast<int>(x);
  return static_cast<Real>(t) > x ? t - 1 : t;
}
template <class Real>
KOKKOS_INLINE_FUNCTION int ceil_step(Real x) {
  int const t = static_cast<int>(x);
  return static_cast<Real>(t) < x ? t + 1 : t;
}

}  // namespace detail

/// Smallest spread that kernels work with: below it a start step is as good as certain.
template <class Real>
inline constexpr Real min_spread = Real(1e-4);

/// Reads one operation's distribution.
template <class Real>
KOKKOS_INLINE_FUNCTION StartStep<Real> make_start_step(Real mean, Real spread, int earliest,
                                                       int latest, Real window) {
  StartStep<Real> s;
  s.mean = mean;
  s.spread = spread > min_spread<Real> ? spread : min_spread<Real>;
  s.inverse_spread = Real(1) / s.spread;
  s.earliest = earliest;
  s.latest = latest;
  // Clamped before the cast: a mean of 1e30 must not overflow an int.
  Real const low = mean - Real(0.5) - window * s.spread;
  Real const high = mean - Real(0.5) + window * s.spread;
  s.first =
      low > Real(earliest) ? (low < Real(latest) ? detail::ceil_step(low) : latest) : earliest;
  s.last = high < Real(latest - 1)
               ? (high > Real(earliest - 1) ? detail::floor_step(high) : earliest - 1)
               : latest - 1;
  // Far from every boundary, rounding may leave a gap between the two.
  if (s.last < s.first - 1) s.last = s.first - 1;
  return s;
}

/// Reads the distribution of operation i.
template <class G, class Real, class MemorySpace>
KOKKOS_INLINE_FUNCTION StartStep<Real> start_step(Problem<G> const& problem,
                                                  StartSteps<Real, MemorySpace> const& starts,
                                                  int i) {
  return make_start_step(starts.mean(i), starts.spread(i), problem.earliest(i), problem.latest(i),
                         problem.template window_spreads<Real>());
}

}  // namespace gaus

#endif

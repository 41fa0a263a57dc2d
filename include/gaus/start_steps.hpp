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

/// What kernels that walk a window read of an operation.
template <class Real>
struct StartWindow {
  Real mean;            ///< in steps
  Real inverse_spread;  ///< of which steps
  int first;            ///< C = 0 before
  int last;             ///< C = 1 after; last = first - 1 where the window is empty

  /// Steps from the mean to boundary t.
  [[nodiscard]] KOKKOS_FUNCTION Real offset(int t) const { return Real(t) + Real(0.5) - mean; }
  /// z and the distribution at boundary t; meaningful inside the window.
  [[nodiscard]] KOKKOS_FUNCTION Real z(int t) const { return offset(t) * inverse_spread; }
  /// C(t) = P(S <= t), any t.
  [[nodiscard]] KOKKOS_FUNCTION Real started_by(int t) const {
    return t < first ? Real(0) : t > last ? Real(1) : normal_cdf(z(t));
  }
};

/// Means and spreads of all operations, in steps.
template <class Real, class MemorySpace>
struct StartSteps {
  Kokkos::View<Real*, MemorySpace> mean;    ///< in steps
  Kokkos::View<Real*, MemorySpace> spread;  ///< in steps
  /// Their windows, where whoever moves the means keeps them up to date (optimizer/adam.hpp): an
  /// iteration reads each several times. Empty: made wherever they are read. Whoever changes means,
  /// spreads, bounds or Problem::window of a copy must clear this.
  Kokkos::View<StartWindow<Real>*, MemorySpace> window{};
};

/// One operation's clamped rounded Gaussian, with its window [first, last] of steps.
template <class Real>
struct StartStep : StartWindow<Real> {
  Real spread;   ///< at least min_spread
  int earliest;  ///< first start step
  int latest;    ///< last start step

  /// Whether the clamps are out of reach and the spread is wide enough for E S to be the mean: E
  /// round(X) = mean up to exp(-2 pi^2 spread^2).
  [[nodiscard]] KOKKOS_FUNCTION bool unclamped() const {
    return this->first > earliest && this->last < latest - 1 &&
           this->inverse_spread * Real(sizeof(Real) == 4 ? 0.9 : 1.4) < Real(1);
  }
  /// E S, with derivatives.
  [[nodiscard]] KOKKOS_FUNCTION Term<Real> expectation() const {
    if (unclamped()) return {this->mean, Real(1), Real(0)};
    int const begin = this->first;
    int const end = this->last;
    Real sum = 0;  // of 1 - C from first to last: E S = first + that
    Real density = 0;
    Real moment = 0;
    for (int t = begin; t <= end; ++t) {
      Real const x = this->z(t);
      auto const p = normal_point(-x);  // the upper tail of x: no cancellation
      sum += p.cdf;
      density += p.pdf;
      moment += x * p.pdf;
    }
    return {Real(begin) + sum, density * this->inverse_spread, moment * this->inverse_spread};
  }
};

namespace detail {

/// Largest integer <= x and smallest >= x, for |x| < 2^31; no library call.
template <class Real>
KOKKOS_INLINE_FUNCTION int floor_step(Real x) {
  int const t = static_cast<int>(x);
  return t - int(static_cast<Real>(t) > x);
}
template <class Real>
KOKKOS_INLINE_FUNCTION int ceil_step(Real x) {
  int const t = static_cast<int>(x);
  return t + int(static_cast<Real>(t) < x);
}

}  // namespace detail

/// Smallest spread that kernels work with: below it a start step is as good as certain.
template <class Real>
inline constexpr Real min_spread = Real(1e-4);

/// The window of one operation.
template <class Real>
KOKKOS_INLINE_FUNCTION StartWindow<Real> make_start_window(Real mean, Real spread, int earliest,
                                                           int latest, Real window) {
  Real const width = spread > min_spread<Real> ? spread : min_spread<Real>;
  // Straight-line code, so that loops over operations become vector code. Clamped before the cast: a
  // mean of 1e30 must not overflow an int.
  Real const most = Real(2e9);
  Real low = mean - Real(0.5) - window * width;
  Real high = mean - Real(0.5) + window * width;
  low = low > -most ? low : -most;
  low = low < most ? low : most;
  high = high > -most ? high : -most;
  high = high < most ? high : most;
  int first = detail::ceil_step(low);
  int last = detail::floor_step(high);
  first = first > earliest ? first : earliest;
  first = first < latest ? first : latest;
  last = last > earliest - 1 ? last : earliest - 1;
  last = last < latest - 1 ? last : latest - 1;
  // Far from every boundary, rounding may leave a gap between the two.
  last = last > first - 1 ? last : first - 1;
  return {mean, Real(1) / width, first, last};
}

/// One operation's distribution.
template <class Real>
KOKKOS_INLINE_FUNCTION StartStep<Real> make_start_step(Real mean, Real spread, int earliest,
                                                       int latest, Real window) {
  return {make_start_window(mean, spread, earliest, latest, window),
          spread > min_spread<Real> ? spread : min_spread<Real>, earliest, latest};
}

/// Reads the window of operation i.
template <class G, class Real, class MemorySpace>
KOKKOS_INLINE_FUNCTION StartWindow<Real> start_window(Problem<G> const& problem,
                                                      StartSteps<Real, MemorySpace> const& starts,
                                                      int i) {
  if (starts.window.data()) return starts.window(i);
  return make_start_window(starts.mean(i), starts.spread(i), problem.earliest(i), problem.latest(i),
                           problem.template window_spreads<Real>());
}

/// Reads the distribution of operation i.
template <class G, class Real, class MemorySpace>
KOKKOS_INLINE_FUNCTION StartStep<Real> start_step(Problem<G> const& problem,
                                                  StartSteps<Real, MemorySpace> const& starts,
                                                  int i) {
  Real const spread = starts.spread(i);
  return {start_window(problem, starts, i), spread > min_spread<Real> ? spread : min_spread<Real>,
          problem.earliest(i), problem.latest(i)};
}

}  // namespace gaus

#endif

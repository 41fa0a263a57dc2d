// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_OPTIMIZER_ADAM_HPP
#define GAUS_OPTIMIZER_ADAM_HPP

#include <gaus/detail/arrays.hpp>
#include <gaus/detail/lanes.hpp>
#include <gaus/detail/launch.hpp>
#include <gaus/evaluation.hpp>
#include <gaus/start_steps.hpp>

#include <Kokkos_Core.hpp>
#include <cmath>

// Adam (Kingma and Ba, 2014) on the means of the start steps, projected on their windows.
//
//   m <- b1 m + (1 - b1) g,  v <- b2 v + (1 - b2) g^2
//   mean <- clamp(mean - rate * mobility * mhat / (sqrt(vhat) + eps), earliest, latest)
//
// A step is measured in mobilities (latest - earliest), so that one rate suits an operation that may
// move by 3 steps and one that may move by 4,000. Spreads are not learned but prescribed: they follow
// spread_i = clamp(scale * mobility_i, low, high) times an annealing factor; learned spreads collapse
// where the expected profile hides the peak (measured).
//
// One kernel, which also resets the gradient for the next iteration and brings the windows up to date.
// Settings (Adam) are apart from the state of one run (AdamState).
namespace gaus {

/// Settings.
struct Adam {
  double rate = 0.02;     ///< step in mobilities
  double beta1 = 0.9;     ///< decay of the first moment
  double beta2 = 0.95;    ///< decay of the second moment
  double epsilon = 1e-8;  ///< relative to the gradient's scale
};

/// How wide the Gaussians are: clamp(scale * mobility, low, high) * factor, at least floor. Steps.
struct SpreadRule {
  double scale = 0.1;  ///< on the mobility
  double low = 0.3;    ///< least, before the factor
  double high = 4;     ///< largest, before the factor
  double factor = 1;   ///< falls as the spreads are annealed
  double floor = 0.3;  ///< least in the end

  /// The spread of an operation that may start in mobility + 1 steps.
  template <class Real>
  [[nodiscard]] KOKKOS_FUNCTION Real operator()(int mobility) const {
    Real s = static_cast<Real>(scale) * static_cast<Real>(mobility);
    s = s < static_cast<Real>(low) ? static_cast<Real>(low) : s;
    s = s > static_cast<Real>(high) ? static_cast<Real>(high) : s;
    s *= static_cast<Real>(factor);
    return s < static_cast<Real>(floor) ? static_cast<Real>(floor) : s;
  }
};

/// Moments of one run.
template <class Real, class MemorySpace>
struct AdamState {
  Kokkos::View<Real*, MemorySpace> first;   ///< of the means' gradient
  Kokkos::View<Real*, MemorySpace> second;  ///< of its square
  int steps = 0;                            ///< taken so far
};

/// Zero moments for n operations.
template <class Real, class MemorySpace>
AdamState<Real, MemorySpace> make_adam_state(int operations) {
  auto const n = static_cast<std::size_t>(operations);
  return {detail::zeros<Kokkos::View<Real*, MemorySpace>>("gaus::adam::first", n),
          detail::zeros<Kokkos::View<Real*, MemorySpace>>("gaus::adam::second", n), 0};
}

namespace detail {

template <class G, class Real>
struct AdamStep {
  using MemorySpace = typename G::memory_space;
  Problem<G> problem;
  StartSteps<Real, MemorySpace> starts;
  Evaluation<Real, MemorySpace> result;
  AdamState<Real, MemorySpace> state;
  Real rate;  ///< bias corrections included
  Real beta1;
  Real beta2;
  double epsilon;
  Kokkos::View<double const*, MemorySpace> scale;  ///< factors on epsilon by copies; empty: none
  SpreadRule spread;

  /// Operations that are moved at once; on the host their arithmetic becomes vector code.
  static constexpr int lanes = host_readable<MemorySpace> ? 8 : 1;
  [[nodiscard]] static int blocks(int n) { return n / lanes + n % lanes; }

  /// Whole blocks, then what is left one by one.
  KOKKOS_FUNCTION void operator()(int k) const {
    int const whole = problem.graph.num_operations() / lanes;
    if (k < whole)
      move<lanes>(k * lanes);
    else
      move<1>(whole * lanes + (k - whole));
  }

 private:
  template <int Lanes>
  KOKKOS_FUNCTION void move(int i) const {
    Real g[Lanes], m[Lanes], v[Lanes], mean[Lanes], width[Lanes], least[Lanes];
    int earliest[Lanes], latest[Lanes];
    for (int u = 0; u < Lanes; ++u) g[u] = result.d_mean(i + u);
    for (int u = 0; u < Lanes; ++u) m[u] = state.first(i + u);
    for (int u = 0; u < Lanes; ++u) v[u] = state.second(i + u);
    for (int u = 0; u < Lanes; ++u) mean[u] = starts.mean(i + u);
    for (int u = 0; u < Lanes; ++u) earliest[u] = problem.earliest(i + u);
    for (int u = 0; u < Lanes; ++u) latest[u] = problem.latest(i + u);
    for (int u = 0; u < Lanes; ++u) least[u] = static_cast<Real>(epsilon);
    if (scale.extent(0) > 0)
      for (int u = 0; u < Lanes; ++u)
        least[u] = static_cast<Real>(epsilon * scale(problem.copy_of(i + u)));
    GAUS_LANE_LOOP
    for (int u = 0; u < Lanes; ++u) {
      m[u] = beta1 * m[u] + (Real(1) - beta1) * g[u];
      v[u] = beta2 * v[u] + (Real(1) - beta2) * g[u] * g[u];
    }
    Real root[Lanes];  // a loop of its own: the library call for negative values keeps it scalar
    for (int u = 0; u < Lanes; ++u) root[u] = Kokkos::sqrt(v[u]);
    GAUS_LANE_LOOP
    for (int u = 0; u < Lanes; ++u) {
      Real const mobility = static_cast<Real>(latest[u] - earliest[u]);
      Real const low = static_cast<Real>(earliest[u]);
      Real const high = static_cast<Real>(latest[u]);
      Real x = mean[u] - rate * mobility * m[u] / (root[u] + least[u]);
      x = x > low ? x : low;  // not a number: low
      mean[u] = x < high ? x : high;
      Real const wide = spread.template operator()<Real>(latest[u] - earliest[u]);
      width[u] = latest[u] > earliest[u] ? wide : Real(0);  // nothing is random about the others
    }
    for (int u = 0; u < Lanes; ++u) result.d_mean(i + u) = 0;
    if (result.spreads)
      for (int u = 0; u < Lanes; ++u) result.d_spread(i + u) = 0;
    for (int u = 0; u < Lanes; ++u) state.first(i + u) = m[u];
    for (int u = 0; u < Lanes; ++u) state.second(i + u) = v[u];
    for (int u = 0; u < Lanes; ++u) starts.mean(i + u) = mean[u];
    for (int u = 0; u < Lanes; ++u) starts.spread(i + u) = width[u];
    if (!starts.window.data()) return;
    StartWindow<Real> window[Lanes];
    Real const half = problem.template window_spreads<Real>();
    GAUS_LANE_LOOP
    for (int u = 0; u < Lanes; ++u)
      window[u] = make_start_window(mean[u], width[u], earliest[u], latest[u], half);
    for (int u = 0; u < Lanes; ++u) starts.window(i + u) = window[u];
  }
};

}  // namespace detail

/// One step along the gradient in result, which is reset. gradient_scale: typical size of an entry,
/// against which epsilon is measured. scale: factors on it, one a copy of a batch.
template <class ExecutionSpace, class G, class Real>
void adam_step(ExecutionSpace const& exec, Adam const& adam, Problem<G> const& problem,
               StartSteps<Real, typename G::memory_space> const& starts,
               Evaluation<Real, typename G::memory_space> const& result,
               AdamState<Real, typename G::memory_space>& state, SpreadRule const& spread,
               double gradient_scale = 1,
               Kokkos::View<double const*, typename G::memory_space> const& scale = {}) {
  ++state.steps;
  double const correct1 = 1 - std::pow(adam.beta1, state.steps);
  double const correct2 = std::sqrt(1 - std::pow(adam.beta2, state.steps));
  using Step = detail::AdamStep<G, Real>;
  detail::for_each_operation(
      "gaus::adam::step", exec, Step::blocks(problem.graph.num_operations()),
      Step{problem, starts, result, state, static_cast<Real>(adam.rate * correct2 / correct1),
           static_cast<Real>(adam.beta1), static_cast<Real>(adam.beta2),
           adam.epsilon * correct2 * gradient_scale, scale, spread});
}

}  // namespace gaus

#endif

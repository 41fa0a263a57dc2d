// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_OPTIMIZER_ADAM_HPP
#define GAUS_OPTIMIZER_ADAM_HPP

#include <gaus/detail/arrays.hpp>
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
// One kernel, which also resets the gradient for the next iteration. Settings (Adam) are apart from
// the state of one run (AdamState).
namespace gaus {

/// Settings.
struct Adam {
  double rate = 0.02;  ///< step in mobilities
  double beta1 = 0.9;
  double beta2 = 0.95;
  double epsilon = 1e-8;  ///< relative to the gradient's scale
};

/// How wide the Gaussians are: clamp(scale * mobility, low, high) * factor, at least floor. Steps.
struct SpreadRule {
  double scale = 0.1;
  double low = 0.3;
  double high = 4;
  double factor = 1;
  double floor = 0.3;

  template <class Real>
  [[nodiscard]] KOKKOS_FUNCTION Real operator()(int mobility) const {
    double s = scale * mobility;
    s = s < low ? low : s > high ? high : s;
    s *= factor;
    return static_cast<Real>(s < floor ? floor : s);
  }
};

/// Moments of one run.
template <class Real, class MemorySpace>
struct AdamState {
  Kokkos::View<Real*, MemorySpace> first;
  Kokkos::View<Real*, MemorySpace> second;
  int steps = 0;  ///< taken so far
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

  KOKKOS_FUNCTION void operator()(int i) const {
    int const earliest = problem.earliest(i);
    int const latest = problem.latest(i);
    Real const g = result.d_mean(i);
    result.d_mean(i) = 0;
    result.d_spread(i) = 0;
    if (earliest >= latest) return;
    Real const m = beta1 * state.first(i) + (Real(1) - beta1) * g;
    Real const v = beta2 * state.second(i) + (Real(1) - beta2) * g * g;
    state.first(i) = m;
    state.second(i) = v;
    Real const mobility = static_cast<Real>(latest - earliest);
    Real const least =
        static_cast<Real>(scale.extent(0) > 0 ? epsilon * scale(problem.copy_of(i)) : epsilon);
    Real const x = starts.mean(i) - rate * mobility * m / (Kokkos::sqrt(v) + least);
    Real const low = static_cast<Real>(earliest);
    Real const high = static_cast<Real>(latest);
    starts.mean(i) = x < low ? low : x > high ? high : x;
    starts.spread(i) = spread.template operator()<Real>(latest - earliest);
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
  Kokkos::parallel_for(
      "gaus::adam::step",
      Kokkos::RangePolicy<ExecutionSpace>(exec, 0, problem.graph.num_operations()),
      detail::AdamStep<G, Real>{problem, starts, result, state,
                                static_cast<Real>(adam.rate * correct2 / correct1),
                                static_cast<Real>(adam.beta1), static_cast<Real>(adam.beta2),
                                adam.epsilon * correct2 * gradient_scale, scale, spread});
}

}  // namespace gaus

#endif

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_PEAK_HPP
#define GAUS_PEAK_HPP

#include <gaus/detail/accessible.hpp>
#include <gaus/profile.hpp>

#include <Kokkos_Core.hpp>

// Smooth maxima of a profile: value and weights (the adjoint of the profile).
//
//   log-sum-exp at temperature tau     tau log sum_t exp(U(t) / tau),  q(t) = softmax(U / tau)(t)
//     between max U and max U + tau log(D); tau is absolute, in the profile's unit.
//   p-norm, the default                (sum_t U(t)^p)^(1/p),           q(t) = (U(t) / norm)^(p-1)
//     between max U and D^(1/p) max U; it needs no unit, so one p serves every graph and every term.
//     p = 1 / smoothing, smoothing being the temperature relative to the maximum.
//
// Both are evaluated relative to the maximum, which cannot overflow. An empty or all-zero profile
// has value 0 and weights 0 (p-norm). Two reductions and one pass; on the host one pass each.
namespace gaus {

/// Which smooth maximum a peak objective uses.
struct SmoothMaximum {
  double temperature = 0;  ///< > 0: log-sum-exp at this temperature; 0: the p-norm
};

namespace detail {

template <class MemorySpace>
struct PeakMaximum {
  Kokkos::View<double*, MemorySpace> values;
  KOKKOS_FUNCTION void operator()(int k, double& maximum) const {
    if (values(k) > maximum) maximum = values(k);
  }
};

template <class MemorySpace>
struct PeakSum {
  Kokkos::View<double*, MemorySpace> values;
  Kokkos::View<double, MemorySpace> maximum;
  double temperature;
  double exponent;
  double scale;

  /// The summand, in [0, 1], and up to a common factor the weight times U (p-norm) or the weight (softmax).
  KOKKOS_FUNCTION double term(int k) const {
    double const top = maximum();
    if (temperature > 0) return Kokkos::exp((values(k) - top) / temperature);
    double const x = top > 0 ? values(k) / top : 0;
    return x > 0 ? Kokkos::exp(exponent * Kokkos::log(x)) : 0;
  }
  /// Integers, so that the sum has the same bits on any number of threads.
  KOKKOS_FUNCTION void operator()(int k, Fixed& sum) const { sum += to_fixed(term(k), scale); }
};

template <class MemorySpace>
struct PeakWeights {
  PeakSum<MemorySpace> terms;
  Kokkos::View<Fixed, MemorySpace> sum;
  Kokkos::View<double*, MemorySpace> weights;
  Kokkos::View<double, MemorySpace> cost;

  KOKKOS_FUNCTION void operator()(int k) const {
    double const top = terms.maximum();
    double const total = double(sum()) / terms.scale;
    if (terms.temperature > 0) {
      weights(k) = terms.term(k) / total;
      if (k == 0) cost() = top + terms.temperature * Kokkos::log(total);
      return;
    }
    double const norm = top > 0 ? top * Kokkos::pow(total, 1 / terms.exponent) : 0;
    double const u = terms.values(k);
    // (U / norm)^(p-1) = (U / top)^p (top / U) (top / norm)^(p-1), and (norm / top)^p = sum
    weights(k) = u > 0 && top > 0 ? terms.term(k) * norm / (u * total) : 0;
    if (k == 0) cost() = norm;
  }
};

}  // namespace detail

/// Smooth maximum over all rows and slots of a profile: its value into cost, its weights returned
/// in a buffer of the workspace. smoothing: the problem's, used where maximum has no temperature.
template <class ExecutionSpace, class MemorySpace>
Profile<MemorySpace> smooth_maximum(ExecutionSpace const& exec, Profile<MemorySpace> const& profile,
                                    SmoothMaximum const& maximum, double smoothing,
                                    Workspace<MemorySpace>& workspace,
                                    Kokkos::View<double, MemorySpace> const& cost) {
  int const entries = profile.rows * profile.slots;
  Profile<MemorySpace> weights{
      workspace.template array<double>("gaus::peak::weights", static_cast<std::size_t>(entries)),
      profile.rows, profile.slots};
  auto const maxima = workspace.template array<double>("gaus::peak::maximum", 1);
  auto const sums = workspace.template array<detail::Fixed>("gaus::peak::sum", 1);
  if (entries == 0) {
    Kokkos::deep_copy(exec, cost, 0.0);
    return weights;
  }
  Kokkos::View<double, MemorySpace> const top(maxima.data());
  Kokkos::View<detail::Fixed, MemorySpace> const sum(sums.data());
  Kokkos::RangePolicy<ExecutionSpace> const range(exec, 0, entries);
  Kokkos::parallel_reduce("gaus::peak::maximum", range,
                          detail::PeakMaximum<MemorySpace>{profile.values},
                          Kokkos::Max<double, MemorySpace>(top));
  double const exponent = smoothing > 0 && smoothing < 1 ? 1 / smoothing : 1;
  detail::PeakSum<MemorySpace> const terms{profile.values, top, maximum.temperature, exponent,
                                           detail::fixed_scale(entries)};
  Kokkos::parallel_reduce("gaus::peak::sum", range, terms,
                          Kokkos::Sum<detail::Fixed, MemorySpace>(sum));
  Kokkos::parallel_for("gaus::peak::weights", range,
                       detail::PeakWeights<MemorySpace>{terms, sum, weights.values, cost});
  return weights;
}

}  // namespace gaus

#endif

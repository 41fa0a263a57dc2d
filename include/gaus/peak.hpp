// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_PEAK_HPP
#define GAUS_PEAK_HPP

#include <gaus/detail/accessible.hpp>
#include <gaus/detail/arrays.hpp>
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
//
// In a batch, groups of rows have a maximum each, and the value is their sum: a team a group makes
// both reductions in one launch.
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
  Kokkos::View<double*, MemorySpace> maxima;  ///< one a group
  double temperature;
  double exponent;
  double scale;

  /// The summand, in [0, 1], and up to a common factor the weight times U (p-norm) or the weight (softmax).
  KOKKOS_FUNCTION double term(int k, double top) const {
    if (temperature > 0) return Kokkos::exp((values(k) - top) / temperature);
    double const x = top > 0 ? values(k) / top : 0;
    return x > 0 ? Kokkos::exp(exponent * Kokkos::log(x)) : 0;
  }
  /// Integers, so that the sum has the same bits on any number of threads. One group.
  KOKKOS_FUNCTION void operator()(int k, Fixed& sum) const {
    sum += to_fixed(term(k, maxima(0)), scale);
  }
};

/// Maximum and sum of one group, by a team.
template <class ExecutionSpace, class MemorySpace>
struct PeakOfGroup {
  PeakSum<MemorySpace> terms;
  Kokkos::View<Fixed*, MemorySpace> sums;
  int entries;  ///< of a group

  KOKKOS_FUNCTION void operator()(
      typename Kokkos::TeamPolicy<ExecutionSpace>::member_type const& team) const {
    int const group = team.league_rank();
    int const first = group * entries;
    double top = 0;
    Kokkos::parallel_reduce(
        Kokkos::TeamThreadRange(team, entries),
        [&](int k, double& maximum) {
          double const u = terms.values(first + k);
          if (u > maximum) maximum = u;
        },
        Kokkos::Max<double>(top));
    Fixed sum = 0;
    Kokkos::parallel_reduce(
        Kokkos::TeamThreadRange(team, entries),
        [&](int k, Fixed& total) { total += to_fixed(terms.term(first + k, top), terms.scale); },
        Kokkos::Sum<Fixed>(sum));
    Kokkos::single(Kokkos::PerTeam(team), [&] {
      terms.maxima(group) = top;
      sums(group) = sum;
    });
  }
};

template <class MemorySpace>
struct PeakWeights {
  PeakSum<MemorySpace> terms;
  Kokkos::View<Fixed*, MemorySpace> sums;  ///< one a group
  Kokkos::View<double*, MemorySpace> weights;
  Kokkos::View<double, MemorySpace> cost;
  int entries;  ///< of a group

  KOKKOS_FUNCTION double value(int group) const {
    double const top = terms.maxima(group);
    double const total = double(sums(group)) / terms.scale;
    if (terms.temperature > 0) return top + terms.temperature * Kokkos::log(total);
    return top > 0 ? top * Kokkos::pow(total, 1 / terms.exponent) : 0;
  }
  KOKKOS_FUNCTION void operator()(int k) const {
    int const groups = static_cast<int>(sums.extent(0));
    int const group = groups > 1 ? k / entries : 0;
    if (k == 0) {
      double all = value(0);
      for (int g = 1; g < groups; ++g) all += value(g);
      cost() = all;
    }
    double const top = terms.maxima(group);
    double const total = double(sums(group)) / terms.scale;
    if (terms.temperature > 0) {
      weights(k) = terms.term(k, top) / total;
      return;
    }
    double const u = terms.values(k);
    // (U / norm)^(p-1) = (U / top)^p (top / U) (top / norm)^(p-1), and (norm / top)^p = sum
    weights(k) = u > 0 && top > 0 ? terms.term(k, top) * value(group) / (u * total) : 0;
  }
};

}  // namespace detail

/// Smooth maximum over all rows and slots of a profile: its value into cost, its weights returned
/// in a buffer of the workspace. smoothing: the problem's, used where maximum has no temperature.
/// groups: of as many rows each, whose smooth maxima are summed.
template <class ExecutionSpace, class MemorySpace>
Profile<MemorySpace> smooth_maximum(ExecutionSpace const& exec, Profile<MemorySpace> const& profile,
                                    SmoothMaximum const& maximum, double smoothing,
                                    Workspace<MemorySpace>& workspace,
                                    Kokkos::View<double, MemorySpace> const& cost, int groups = 1) {
  int const entries = profile.rows * profile.slots;
  Profile<MemorySpace> weights{
      workspace.template array<double>("gaus::peak::weights", static_cast<std::size_t>(entries)),
      profile.rows, profile.slots};
  auto const count = static_cast<std::size_t>(groups);
  auto const maxima = workspace.template array<double>("gaus::peak::maximum", count);
  auto const sums = workspace.template array<detail::Fixed>("gaus::peak::sum", count);
  if (entries == 0) {
    detail::zero_values(exec, cost);
    return weights;
  }
  Kokkos::RangePolicy<ExecutionSpace> const range(exec, 0, entries);
  int const each = entries / groups;
  double const exponent = smoothing > 0 && smoothing < 1 ? 1 / smoothing : 1;
  detail::PeakSum<MemorySpace> const terms{profile.values, maxima, maximum.temperature, exponent,
                                           detail::fixed_scale(each)};
  if (groups > 1) {
    Kokkos::parallel_for("gaus::peak::groups",
                         Kokkos::TeamPolicy<ExecutionSpace>(exec, groups, Kokkos::AUTO),
                         detail::PeakOfGroup<ExecutionSpace, MemorySpace>{terms, sums, each});
  } else {
    Kokkos::View<double, MemorySpace> const top(maxima.data());
    Kokkos::View<detail::Fixed, MemorySpace> const sum(sums.data());
    Kokkos::parallel_reduce("gaus::peak::maximum", range,
                            detail::PeakMaximum<MemorySpace>{profile.values},
                            Kokkos::Max<double, MemorySpace>(top));
    Kokkos::parallel_reduce("gaus::peak::sum", range, terms,
                            Kokkos::Sum<detail::Fixed, MemorySpace>(sum));
  }
  Kokkos::parallel_for("gaus::peak::weights", range,
                       detail::PeakWeights<MemorySpace>{terms, sums, weights.values, cost, each});
  return weights;
}

}  // namespace gaus

#endif

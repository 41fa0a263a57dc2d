// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_TESTS_SUPPORT_PLANTED_HPP
#define GAUS_TESTS_SUPPORT_PLANTED_HPP

#include <gaus/evaluation.hpp>
#include <gaus/normal.hpp>
#include <gaus/start_steps.hpp>

#include <Kokkos_Core.hpp>
#include <algorithm>
#include <cstddef>
#include <limits>
#include <span>

// Policies of a user, right or with one fault.
namespace gaus_test {

enum class Plant {
  none,
  sign,
  no_spread,
  half,
  nan_gradient,
  nan_value,
  jump,
  no_expectation,
  wrong_operation,
  overwrites,
  unweighted,
  weighs_value,
  adds_value,
};

/// A term with a fault. At 3 of anything it is not a number.
template <class Real>
KOKKOS_INLINE_FUNCTION gaus::Term<Real> planted(Plant plant, gaus::Term<Real> term, Real mean,
                                                int number) {
  Real const nan = Kokkos::Experimental::quiet_NaN_v<Real>;
  if (plant == Plant::sign) term.d_mean = -term.d_mean;
  if (plant == Plant::no_spread) term.d_spread = 0;
  if (plant == Plant::half) term.d_spread = term.d_spread / Real(2);
  if (plant == Plant::nan_gradient && number == 3) term.d_mean = nan;
  if (plant == Plant::nan_value && number == 3) term.value = nan;
  if (plant == Plant::no_expectation) term.value = term.value * Real(1.1);
  // A step of the value every few millionths: differences see it, whatever the start is.
  if (plant == Plant::jump) term.value += Real(1e-3) * Kokkos::floor(mean * Real(3e5));
  return term;
}

/// E max(0, X + latency - due).
struct PlantedLateness {
  static constexpr char const* name = "planted_lateness";
  Plant plant = Plant::none;
  double due = 4;

  template <class G, class Real>
  KOKKOS_FUNCTION gaus::Term<Real> operator()(gaus::Problem<G> const& problem, int i,
                                              gaus::StartStep<Real> const& s) const {
    Real const m = s.mean + Real(problem.graph.latency(i)) - Real(due);
    return planted(plant, gaus::normal_hinge(m, s.spread), m, i);
  }
  template <class G>
  double exact(gaus::Problem<G> const& problem, int i, int start) const {
    return std::max(0.0, start + problem.graph.latency(i) - due);
  }
};

/// E max(0, X_j - X_i - 2) over dependences.
struct PlantedDistance {
  static constexpr char const* name = "planted_distance";
  Plant plant = Plant::none;

  template <class G, class Real>
  KOKKOS_FUNCTION gaus::Term<Real> operator()(gaus::Problem<G> const&, gaus::Dependence const& d,
                                              Real mean, Real spread) const {
    return planted(plant, gaus::normal_hinge(mean - Real(2), spread), mean, d.index);
  }
  template <class G>
  double exact(gaus::Problem<G> const&, gaus::Dependence const&, int difference) const {
    return std::max(0, difference - 2);
  }
};

template <class G, class Real>
struct PlantedStartsKernel {
  using MemorySpace = typename G::memory_space;
  Plant plant;
  gaus::Problem<G> problem;
  gaus::StartSteps<Real, MemorySpace> starts;
  gaus::Evaluation<Real, MemorySpace> result;

  KOKKOS_FUNCTION void operator()(int) const {  // one after the other, so that it may add up
    int const n = problem.graph.num_operations();
    double sum = plant == Plant::adds_value ? double(result.cost()) : 0.0;
    for (int i = 0; i < n; ++i) {
      auto const e = gaus::start_step(problem, starts, i).expectation();
      Real const charge = Real(1 + i % 3);
      sum += double(charge * e.value);
      Real const weight = plant == Plant::unweighted ? charge : charge * Real(result.weight);
      int const to = plant == Plant::wrong_operation ? (i + 1) % n : i;
      if (plant == Plant::overwrites) result.d_mean(to) = result.d_spread(to) = 0;
      result.add(to, weight * e.d_mean, weight * e.d_spread);
    }
    result.cost() = plant == Plant::weighs_value ? result.weight * sum : sum;
  }
};

/// sum of (1 + i mod 3) E S_i, with a launch of its own.
struct PlantedStarts {
  static constexpr char const* name = "planted_starts";
  Plant plant = Plant::none;

  template <class ExecutionSpace, class G, class Real>
  void evaluate(ExecutionSpace const& exec, gaus::Problem<G> const& problem,
                gaus::StartSteps<Real, typename G::memory_space> const& starts,
                gaus::Evaluation<Real, typename G::memory_space> const& result) const {
    Kokkos::parallel_for("gaus_test::planted", Kokkos::RangePolicy<ExecutionSpace>(exec, 0, 1),
                         PlantedStartsKernel<G, Real>{plant, problem, starts, result});
  }
  template <class G>
  double exact(gaus::Problem<G> const&, std::span<int const> start_steps) const {
    double sum = 0;
    for (std::size_t i = 0; i < start_steps.size(); ++i)
      sum += static_cast<double>(1 + i % 3) * start_steps[i];
    return plant == Plant::no_expectation ? sum + 1 : sum;
  }
};

}  // namespace gaus_test

#endif

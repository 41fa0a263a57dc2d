// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/gaus.hpp>

#include <Kokkos_Core.hpp>
#include <algorithm>
#include <cstdio>

/// How late an operation ends, in steps, on average.
struct Lateness {
  static constexpr char const* name = "lateness";
  int due;

  /// On the device: the expectation and its two derivatives, of one operation.
  template <class Problem, class Real>
  KOKKOS_FUNCTION gaus::Term<Real> operator()(Problem const& problem, int i,
                                              gaus::StartStep<Real> const& start) const {
    int const from = due - problem.graph.latency(i);
    gaus::Term<Real> late{Real(start.first > from ? start.first - from : 0), Real(0), Real(0)};
    for (int t = start.first > from ? start.first : from; t <= start.last; ++t) {
      Real const z = start.z(t);                 // (t + 1/2 - mean) / spread
      auto const tail = gaus::normal_point(-z);  // Phi(-z) and phi(z)
      late.value += tail.cdf;
      late.d_mean += tail.pdf * start.inverse_spread;
      late.d_spread += z * tail.pdf * start.inverse_spread;
    }
    return late;
  }
  /// On the host: the cost of a start step.
  template <class Problem>
  double exact(Problem const& problem, int i, int start_step) const {
    return std::max(0, start_step + problem.graph.latency(i) - due);
  }
};

int main(int argc, char** argv) {
  Kokkos::ScopeGuard const kokkos(argc, argv);
  Kokkos::DefaultExecutionSpace const exec;

  // Six operations of one class, independent of each other.
  gaus::GraphDescription description;
  int const unit = description.add_resource("unit");
  for (int i = 0; i < 6; ++i) description.add_demand(description.add_operation({}), unit);
  auto const graph = gaus::build_graph<Kokkos::DefaultExecutionSpace::memory_space>(description);

  // First the tests of the policy: is the gradient right, and is the value the expectation?
  gaus::PerOperation const lateness{Lateness{.due = 3}};
  auto const problem = gaus::make_test_problem(exec, graph, 6);
  auto const starts = gaus::random_starts(problem);
  auto const gradient = gaus::check_gradient(exec, problem, lateness, starts);
  auto const expectation = gaus::check_expectation(exec, problem, lateness, starts);
  if (!gradient || !expectation) {
    std::printf("%s\n%s\n", gradient.text.c_str(), expectation.text.c_str());
    return 1;
  }
  std::printf("gradient and expectation hold\n");

  // One at a time would need the fewest units, but what ends after step 3 costs.
  auto const cost = 2.0 * gaus::PeakUsage{} + lateness;
  auto const result = gaus::schedule(exec, graph, cost, {.steps = 6, .iterations = 2000});
  auto steps = result.schedule.start_steps;
  std::sort(steps.begin(), steps.end());
  std::printf("cost %g, starts", result.value);
  for (int const s : steps) std::printf(" %d", s);
  std::printf("\n");
}

// prints:
// gradient and expectation hold
// cost 4, starts 0 0 1 1 2 2

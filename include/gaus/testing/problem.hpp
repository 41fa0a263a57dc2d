// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_TESTING_PROBLEM_HPP
#define GAUS_TESTING_PROBLEM_HPP

#include <gaus/detail/arrays.hpp>
#include <gaus/detail/host_graph.hpp>
#include <gaus/detail/policy_probe.hpp>
#include <gaus/detail/random_bits.hpp>
#include <gaus/problem.hpp>
#include <gaus/start_steps.hpp>

#include <cmath>
#include <cstdint>
#include <vector>

// What a test of a policy begins with: a problem over a graph, and a point of its relaxation.
namespace gaus {

/// A problem over a graph in any memory, with the step bounds of its dependences. steps: latency
/// bound D; interval 0: a plain schedule. Throws InvalidInput and Infeasible as schedule() does.
template <class ExecutionSpace, Graph G>
Problem<G> make_test_problem(ExecutionSpace const& exec, G const& graph, int steps,
                             int interval = 0, bool hold_outputs = false) {
  auto const host = detail::host_graph(exec, graph);
  auto const bounds = step_bounds(make_difference_system(host, interval), steps);
  return make_problem(graph, host, steps, bounds, interval, hold_outputs);
}

/// Where random_starts() puts means and spreads, in steps.
struct RandomStarts {
  std::uint64_t seed = 1;     ///< of the random numbers
  double least_spread = 0.3;  ///< > 0
  double most_spread = 3;     ///< >= least_spread
  double outside = 0.5;       ///< means lie up to this far outside the windows
};

/// Random means and spreads: means uniform over the window of each operation and a little beyond,
/// spreads uniform in their logarithm. No mean lies on a whole or half step, where costs may have
/// kinks. The same on every platform but for the last bits.
template <class G>
StartSteps<double, typename G::memory_space> random_starts(Problem<G> const& problem,
                                                           RandomStarts const& settings = {}) {
  auto const earliest = detail::values_of(problem.earliest);
  auto const latest = detail::values_of(problem.latest);
  detail::RandomBits random(settings.seed);
  std::vector<double> mean;
  std::vector<double> spread;
  for (std::size_t i = 0; i < earliest.size(); ++i) {
    double const width = latest[i] - earliest[i] + 2 * settings.outside;
    mean.push_back(earliest[i] - settings.outside + width * random.unit());
    spread.push_back(settings.least_spread *
                     std::pow(settings.most_spread / settings.least_spread, random.unit()));
  }
  using Array = Kokkos::View<double*, typename G::memory_space>;
  StartSteps<double, typename G::memory_space> const starts{
      detail::zeros<Array>("gaus::testing::mean", mean.size()),
      detail::zeros<Array>("gaus::testing::spread", mean.size())};
  detail::set_values(starts.mean, mean);
  detail::set_values(starts.spread, spread);
  return starts;
}

}  // namespace gaus

#endif

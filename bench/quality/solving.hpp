// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_BENCH_QUALITY_SOLVING_HPP
#define GAUS_BENCH_QUALITY_SOLVING_HPP

#include <gaus/constraint/resource_limit.hpp>
#include <gaus/graph/builder.hpp>
#include <gaus/graph/step_bounds.hpp>
#include <gaus/problem.hpp>
#include <gaus/schedule/verify.hpp>

#include <Kokkos_Core.hpp>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

// What all families do: solve on the default execution space, and judge on the host.
namespace gaus_quality {

using Space = Kokkos::DefaultExecutionSpace;
using Limits = std::vector<std::optional<double>>;

/// solve(graph), with the graph where the default execution space can read it.
template <class Solve>
auto with_graph(gaus::GraphDescription const& description, gaus::HostGraph const& graph,
                Solve const& solve) {
  if constexpr (std::is_same_v<Space::memory_space, Kokkos::HostSpace>)
    return solve(graph);
  else
    return solve(gaus::build_graph<Space::memory_space>(description));
}

/// A problem on the host with what it was made from, apart from any solver: whoever judges a schedule
/// builds it anew. interval 0: a plain schedule. Throws gaus::Infeasible when the steps are too few.
struct Judge {
  gaus::DifferenceSystem system;
  gaus::StepBounds bounds;
  gaus::Problem<gaus::HostGraph> problem;

  Judge(gaus::HostGraph const& graph, int steps, int interval = 0)
      : system(gaus::make_difference_system(graph, interval)),
        bounds(gaus::step_bounds(system, steps)),
        problem(gaus::make_problem(graph, graph, steps, bounds, interval)) {}

  /// What is illegal about a schedule, in one sentence; empty when nothing is.
  [[nodiscard]] std::string fault(std::vector<int> const& start, Limits const& limits,
                                  gaus::GraphDescription const* names) const {
    auto all = gaus::verify(problem, start);
    if (all.empty()) all = gaus::resource_violations(problem, start, limits, names);
    return all.empty() ? "" : "illegal: " + all.front().text;
  }
};

}  // namespace gaus_quality

#endif

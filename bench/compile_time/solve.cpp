// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// All headers and one solve, from the description of a graph to a schedule.
#include <gaus/gaus.hpp>

#include <Kokkos_Core.hpp>
#include <vector>

std::vector<int> solve(gaus::GraphDescription const& description, gaus::Options const& options) {
  Kokkos::DefaultExecutionSpace const exec;
  using MemorySpace = Kokkos::DefaultExecutionSpace::memory_space;
  auto const graph = gaus::build_graph<MemorySpace>(description);
  auto const cost = 10.0 * gaus::PeakUsage{} + gaus::Communication{};
  return gaus::schedule(exec, graph, cost, options).schedule.start_steps;
}

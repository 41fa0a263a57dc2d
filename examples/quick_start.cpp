// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/gaus.hpp>

#include <Kokkos_Core.hpp>
#include <cstdio>

int main(int argc, char** argv) {
  Kokkos::ScopeGuard const kokkos(argc, argv);
  Kokkos::DefaultExecutionSpace const exec;
  using MemorySpace = Kokkos::DefaultExecutionSpace::memory_space;

  // A small filter: five multiplications of two steps each, five additions.
  gaus::GraphDescription filter;
  int const multiplier = filter.add_resource("multiplier");
  int const adder = filter.add_resource("adder");
  for (int i = 0; i < 10; ++i) {
    bool const multiplies = i < 5;
    filter.add_operation({.latency = multiplies ? 2 : 1});
    filter.add_demand(i, multiplies ? multiplier : adder);
  }
  for (auto [from, to] :
       {std::pair{0, 5}, {1, 5}, {2, 6}, {3, 6}, {5, 7}, {6, 7}, {4, 8}, {7, 8}, {8, 9}})
    filter.add_dependence(from, to);
  auto const graph = gaus::build_graph<MemorySpace>(filter);

  auto const cost = 10.0 * gaus::PeakUsage{} + gaus::Communication{};
  auto const result = gaus::schedule(exec, graph, cost, {.steps = 8, .iterations = 2000});

  std::printf("cost %g in %d steps\n", result.value, result.schedule.steps);
  for (int i = 0; i < graph.num_operations(); ++i)
    std::printf("operation %d starts at step %d\n", i, result.schedule.start_step(i));
}

// prints:
// cost 35 in 8 steps
// operation 0 starts at step 0
// operation 1 starts at step 0
// operation 2 starts at step 1
// operation 3 starts at step 1
// operation 4 starts at step 3
// operation 5 starts at step 2
// operation 6 starts at step 3
// operation 7 starts at step 4
// operation 8 starts at step 5
// operation 9 starts at step 6

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What does a unit less cost, in communication and in steps? Two fronts of one butterfly of sixteen
// inputs.
#include <gaus/gaus.hpp>

#include <Kokkos_Core.hpp>
#include <cstdio>

int main(int argc, char** argv) {
  Kokkos::ScopeGuard const kokkos(argc, argv);
  Kokkos::DefaultExecutionSpace const exec;

  auto const graph =
      gaus::build_graph<Kokkos::DefaultExecutionSpace::memory_space>(gaus::butterfly(4));

  auto const front = gaus::pareto_front(exec, graph, gaus::PeakUsage{}, gaus::Communication{},
                                        {.slack = 2, .iterations = 6000});
  for (auto const& point : front.points)
    std::printf("%2g units, communication %g\n", point.first, point.second);

  auto const sweep =
      gaus::pareto_over_steps(exec, graph, gaus::PeakUsage{}, {.slack = 4, .iterations = 6000});
  for (auto const& point : sweep.points)
    std::printf("%2g units, %g steps\n", point.first, point.second);
}

// prints:
//  8 units, communication 192
//  9 units, communication 184
// 10 units, communication 176
// 11 units, communication 168
// 12 units, communication 160
// 13 units, communication 152
// 14 units, communication 144
// 15 units, communication 140
// 16 units, communication 128
//  4 units, 17 steps
//  5 units, 14 steps
//  6 units, 12 steps
//  7 units, 11 steps
//  8 units, 9 steps
// 10 units, 8 steps
// 11 units, 7 steps
// 13 units, 6 steps
// 16 units, 5 steps

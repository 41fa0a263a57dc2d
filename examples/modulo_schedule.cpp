// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A loop in hardware: a new iteration as often as the recurrences and the units allow, and then as
// few registers as possible. Four biquad filters in a row, on few multipliers and adders.
#include <gaus/gaus.hpp>
#include <gaus/graph/loops.hpp>

#include <Kokkos_Core.hpp>
#include <cstdio>

int main(int argc, char** argv) {
  Kokkos::ScopeGuard const kokkos(argc, argv);
  Kokkos::DefaultExecutionSpace const exec;

  auto const loop = gaus::biquad_cascade(4, 4);  // units are just enough for an interval of 4
  auto const graph = gaus::build_graph<Kokkos::DefaultExecutionSpace::memory_space>(loop);

  auto const result = gaus::pipeline(exec, graph, gaus::MemoryFootprint{}, loop.limits(),
                                     {.iterations = 3000, .names = &loop});
  std::printf("interval %d%s, resources need %d, recurrences %d\n",
              result.schedule.initiation_interval, result.interval_is_minimal ? " is minimal" : "",
              result.minimum.resources.interval, result.minimum.recurrences.interval);
  std::printf("%g registers, at least %g; %d iterations in flight\n", result.value,
              result.lower_bound, result.stages);

  // An iteration cannot start every two steps: the reason, as data; error.what() says it in words.
  try {
    gaus::pipeline(exec, graph, gaus::MemoryFootprint{}, loop.limits(),
                   {.initiation_interval = 2, .names = &loop});
  } catch (gaus::Infeasible const& error) {
    auto const& reason = error.reason();
    std::printf("not 2: the recurrence of %s and %s takes %lld steps\n",
                loop.call(reason.operations[0]).c_str(), loop.call(reason.operations[1]).c_str(),
                reason.required);
  }
}

// prints:
// interval 4 is minimal, resources need 4, recurrences 3
// 17 registers, at least 17; 7 iterations in flight
// not 2: the recurrence of 1 (w0) and 2 (a1_0) takes 3 steps

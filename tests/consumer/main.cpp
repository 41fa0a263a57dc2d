// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A program of somebody else: every public header, and a solve. Built without run-time type
// information, and with warnings as errors.
#include <every_header.hpp>

#include <Kokkos_Core.hpp>
#include <cstdio>
#include <string>

namespace {

/// Two multiplications of two steps on one class, and the addition that reads them.
gaus::GraphDescription product_sum() {
  gaus::GraphDescription description;
  description.add_resource("multiplier");
  for (int i = 0; i < 3; ++i) description.add_operation({.latency = i < 2 ? 2 : 1});
  for (int i = 0; i < 2; ++i) {
    description.add_demand(i, 0);
    description.add_dependence(i, 2);
  }
  return description;
}

/// A library without dynamic_cast and typeid still throws; what it throws is caught by its type.
bool refuses_a_cycle() {
  auto description = product_sum();
  description.add_dependence(2, 0);
  try {
    gaus::build_graph(description);
  } catch (gaus::InvalidInput const& error) {
    return std::string(error.what()).find("cycle") != std::string::npos;
  }
  return false;
}

}  // namespace

int main(int argc, char** argv) {
  Kokkos::ScopeGuard const kokkos(argc, argv);
  Kokkos::DefaultExecutionSpace const exec;
  using MemorySpace = Kokkos::DefaultExecutionSpace::memory_space;

  // At best one multiplication starts a step after the other: 10 * 1 unit + (3 + 2) step boundaries.
  auto const graph = gaus::build_graph<MemorySpace>(product_sum());
  auto const result = gaus::schedule(exec, graph, 10.0 * gaus::PeakUsage{} + gaus::Communication{},
                                     {.steps = 4, .iterations = 200});
  std::printf("gaus %s on %s: cost %g in %d steps\n", GAUS_VERSION_STRING,
              Kokkos::DefaultExecutionSpace::name(), result.value, result.schedule.steps);
  bool const good = result.feasible && result.value == 15;
  return good && refuses_a_cycle() ? 0 : 1;
}

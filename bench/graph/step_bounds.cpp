// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/graph/step_bounds.hpp>
#include <support/measure.hpp>

#include <benchmark/benchmark.h>

// From the graph to what every solve begins with: constraints, step bounds, problem.
namespace {

using namespace gaus_bench;

void bounds(benchmark::State& state, Instance const& instance) {
  measure_host(state, [&] {
    auto const system = gaus::make_difference_system(instance.graph);
    auto const windows = gaus::step_bounds(system, instance.steps());
    benchmark::DoNotOptimize(
        gaus::make_problem(instance.graph, instance.graph, instance.steps(), windows));
  });
  set_rates(state, instance);
}

[[maybe_unused]] bool const registered = [] {
  register_sizes("graph/step_bounds", bounds, 1000000);
  for_circuits([](std::string const& name) {
    benchmark::RegisterBenchmark(("graph/step_bounds/" + name).c_str(),
                                 [name](benchmark::State& state) { bounds(state, circuit(name)); })
        ->UseManualTime()
        ->Unit(benchmark::kMicrosecond);
  });
  return true;
}();

}  // namespace

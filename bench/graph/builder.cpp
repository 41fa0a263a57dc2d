// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/graph/builder.hpp>
#include <support/measure.hpp>

#include <benchmark/benchmark.h>

namespace {

using namespace gaus_bench;

void build(benchmark::State& state, Instance const& instance) {
  double const seconds = measure(state, [&] {
    benchmark::DoNotOptimize(gaus::build_graph<MemorySpace>(instance.description));
  });
  set_rates(state, instance, seconds);
}

[[maybe_unused]] bool const registered = [] {
  register_sizes("graph/builder", build, 1000000);
  for_circuits([](std::string const& name) {
    benchmark::RegisterBenchmark(("graph/builder/" + name).c_str(),
                                 [name](benchmark::State& state) { build(state, circuit(name)); })
        ->UseManualTime()
        ->Unit(benchmark::kMillisecond);
  });
  return true;
}();

}  // namespace

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/graph/builder.hpp>
#include <support/measure.hpp>

#include <benchmark/benchmark.h>
#include <string>

namespace {

using namespace gaus_bench;

void build(benchmark::State& state, gaus::GraphDescription const& description) {
  measure_host(state, [&] { benchmark::DoNotOptimize(gaus::build_graph(description)); });
  state.counters["operations/s"] = rate(static_cast<double>(description.operations.size()));
  state.counters["dependences/s"] = rate(static_cast<double>(description.dependences.size()));
}

[[maybe_unused]] bool const registered = [] {
  for (int n = 100; n <= 1000000; n *= 10)
    benchmark::RegisterBenchmark(
        ("graph/builder" + size_name(n)).c_str(),
        [n](benchmark::State& state) { build(state, describe(Shape::layered, n)); })
        ->UseManualTime()
        ->Unit(benchmark::kMicrosecond);
  for_circuits([](std::string const& name) {
    benchmark::RegisterBenchmark(("graph/builder/" + name).c_str(),
                                 [name](benchmark::State& state) { build(state, describe(name)); })
        ->UseManualTime()
        ->Unit(benchmark::kMicrosecond);
  });
  return true;
}();

}  // namespace

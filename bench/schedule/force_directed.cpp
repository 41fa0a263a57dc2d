// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/schedule/force_directed.hpp>
#include <support/measure.hpp>

#include <benchmark/benchmark.h>

namespace {

using namespace gaus_bench;

void force_directed(benchmark::State& state, Instance const& instance) {
  measure_host(state, [&] {
    benchmark::DoNotOptimize(gaus::force_directed_schedule(instance.graph, instance.system,
                                                           instance.bounds, instance.steps()));
  });
  set_rates(state, instance);
}

[[maybe_unused]] bool const registered = [] {
  register_sizes("schedule/force_directed", force_directed, 100000);
  return true;
}();

}  // namespace

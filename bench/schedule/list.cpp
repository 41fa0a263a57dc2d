// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/schedule/list.hpp>
#include <support/measure.hpp>

#include <benchmark/benchmark.h>

namespace {

using namespace gaus_bench;

void list(benchmark::State& state, Instance const& instance) {
  measure_host(state, [&] {
    benchmark::DoNotOptimize(
        gaus::list_schedule(instance.graph, instance.system, instance.bounds, instance.steps()));
  });
  set_rates(state, instance);
}

[[maybe_unused]] bool const registered = [] {
  register_sizes("schedule/list", list, 1000000);
  return true;
}();

}  // namespace

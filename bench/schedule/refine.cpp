// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/schedule/refine.hpp>
#include <support/measure.hpp>

#include <benchmark/benchmark.h>
#include <string>
#include <vector>

// Annealing from the earliest steps: proposed moves a second, for 100 * usage + communication (A) and
// for memory (B).
namespace {

using namespace gaus_bench;

void refine(benchmark::State& state, Instance const& instance, gaus::CostModel const& model) {
  gaus::Refiner<gaus::HostGraph> refiner(instance.problem, instance.system, instance.bounds, model);
  gaus::RefineOptions options;
  options.moves = 50000;
  measure_host(state, [&] {
    auto start = instance.bounds.earliest;
    ++options.seed;
    benchmark::DoNotOptimize(refiner.anneal(start, options, [] { return true; }));
  });
  state.counters["moves/s"] = rate(static_cast<double>(options.moves));
}

[[maybe_unused]] bool const registered = [] {
  gaus::CostModel a;
  a.usage = 100;
  a.communication = 1;
  gaus::CostModel b;
  b.memory = 1;
  for (bool const memory : {false, true})
    register_sizes(
        std::string("schedule/refine/") + (memory ? "B" : "A"),
        [=](benchmark::State& state, Instance const& instance) {
          refine(state, instance, memory ? b : a);
        },
        100000);
  return true;
}();

}  // namespace

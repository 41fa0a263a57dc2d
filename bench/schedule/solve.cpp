// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/graph/random.hpp>
#include <gaus/objective/communication.hpp>
#include <gaus/objective/memory_footprint.hpp>
#include <gaus/objective/peak_usage.hpp>
#include <gaus/objective/weighted_sum.hpp>
#include <gaus/schedule.hpp>
#include <support/measure.hpp>
#include <support/spaces.hpp>

#include <benchmark/benchmark.h>
#include <string>

// From the graph to a verified schedule: 100 iterations with all that goes with them; and about 100
// operations, within three milliseconds or until proven. The value that is reached stands beside the
// time.
//
// schedule/counted makes one solve, for bench/instructions.cmake, which counts its instructions.
namespace gaus_bench {

using Space = Kokkos::DefaultExecutionSpace;
using Graph = DeviceGraph<Space::memory_space>;

/// What is counted: by its name, so that it must neither be inlined nor hold a lambda, whose name
/// would contain its own. Iterations are limited, not time: the work repeats.
template <class Objective>
[[gnu::noinline]] double counted_solve(Space const& exec, Graph const& graph,
                                       Objective const& objective, gaus::Options const& options) {
  return gaus::schedule(exec, graph, objective, options).value;
}

namespace {

gaus::Options so_many(int iterations) {
  gaus::Options options;
  options.iterations = iterations;
  return options;
}

template <class Objective>
void solve(benchmark::State& state, Instance const& instance, Objective const& objective,
           gaus::Options options = so_many(100)) {
  Space const exec;
  auto const problem = problem_on<Space::memory_space>(instance);
  options.steps = instance.steps();
  double value = 0;
  measure(state, exec, [&] { value = counted_solve(exec, problem.graph, objective, options); });
  set_rates(state, instance);
  state.counters["value"] = value;
}

template <class Objective>
void register_solve(std::string const& name, Objective const& objective) {
  auto const run = [=](benchmark::State& state, Instance const& instance) {
    solve(state, instance, objective);
  };
  register_sizes("schedule/solve/" + name + "/" + Variant<Space, float>::name(), run, 100000);
  benchmark::RegisterBenchmark(("schedule/counted/" + name).c_str(),
                               [=](benchmark::State& state) { run(state, layered(300)); })
      ->Iterations(1)
      ->UseManualTime()
      ->Unit(benchmark::kMicrosecond);
}

[[maybe_unused]] bool const registered = [] {
  register_solve("A", 100.0 * gaus::PeakUsage{} + gaus::Communication{});
  register_solve("B", gaus::MemoryFootprint{});
  auto const small = [](std::string const& name, auto const& objective) {
    benchmark::RegisterBenchmark(("schedule/solve/3ms/" + name + "/operations:100").c_str(),
                                 [=](benchmark::State& state) {
                                   solve(state, layered(100), objective,
                                         gaus::Options{.time_limit = 3e-3});
                                 })
        ->UseManualTime()
        ->Unit(benchmark::kMicrosecond);
    benchmark::RegisterBenchmark(("schedule/solve/proven/" + name + "/fir").c_str(),
                                 [=](benchmark::State& state) {
                                   Instance const filter(gaus::fir_filter(33), 1.0);
                                   solve(state, filter, objective, gaus::Options{});
                                 })
        ->UseManualTime()
        ->Unit(benchmark::kMicrosecond);
  };
  small("A", 100.0 * gaus::PeakUsage{} + gaus::Communication{});
  small("B", gaus::MemoryFootprint{});
  return true;
}();

}  // namespace
}  // namespace gaus_bench

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/objective/communication.hpp>
#include <gaus/objective/memory_footprint.hpp>
#include <gaus/objective/peak_usage.hpp>
#include <gaus/objective/weighted_sum.hpp>
#include <gaus/schedule.hpp>
#include <support/measure.hpp>

#include <benchmark/benchmark.h>

// From the graph to a verified schedule: 100 iterations with all that goes with them. The value that
// is reached stands beside the time.
namespace {

using namespace gaus_bench;

template <class Objective>
void solve(benchmark::State& state, Instance const& instance, Objective const& objective) {
  Space const exec;
  gaus::Options options;
  options.steps = instance.steps();
  options.iterations = 100;
  double value = 0;
  double const seconds = measure(
      state, [&] { value = gaus::schedule(exec, instance.graph, objective, options).value; });
  set_rates(state, instance, seconds);
  state.counters["value"] = value;
}

[[maybe_unused]] bool const registered = [] {
  register_sizes(
      "schedule/solve/A",
      [](benchmark::State& state, Instance const& instance) {
        solve(state, instance, 100.0 * gaus::PeakUsage{} + gaus::Communication{});
      },
      100000);
  register_sizes(
      "schedule/solve/B",
      [](benchmark::State& state, Instance const& instance) {
        solve(state, instance, gaus::MemoryFootprint{});
      },
      100000);
  return true;
}();

}  // namespace

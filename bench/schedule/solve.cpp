// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/objective/communication.hpp>
#include <gaus/objective/memory_footprint.hpp>
#include <gaus/objective/peak_usage.hpp>
#include <gaus/objective/weighted_sum.hpp>
#include <gaus/schedule.hpp>
#include <support/measure.hpp>

#include <benchmark/benchmark.h>
#include <string>

// From the graph to a verified schedule: 100 iterations with all that goes with them; and about 100
// operations, within three milliseconds or until proven. The value that is reached stands beside the
// time.
namespace {

using namespace gaus_bench;

gaus::Options so_many(int iterations) {
  gaus::Options options;
  options.iterations = iterations;
  return options;
}

template <class Objective>
void solve(benchmark::State& state, Instance const& instance, Objective const& objective,
           gaus::Options options = so_many(100)) {
  Space const exec;
  options.steps = instance.steps();
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

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/graph/builder.hpp>
#include <gaus/graph/random.hpp>
#include <gaus/objective/communication.hpp>
#include <gaus/objective/memory_footprint.hpp>
#include <gaus/objective/peak_usage.hpp>
#include <gaus/objective/weighted_sum.hpp>
#include <gaus/problem.hpp>
#include <gaus/schedule/relaxation_run.hpp>
#include <support/measure.hpp>

#include <benchmark/benchmark.h>
#include <cmath>
#include <string>
#include <type_traits>
#include <vector>

#if __has_include(<sys/resource.h>)
#include <sys/resource.h>
#endif

// Ten million operations and twice as many dependences: the graph is built, and one iteration of a
// descent made. peak_bytes is the most host memory that the process has had so far: run these alone,
// --benchmark_filter=^memory/, or one of them.
namespace {

using namespace gaus_bench;

/// 0 where the system does not say.
double peak_bytes() {
#if __has_include(<sys/resource.h>)
  rusage usage{};
  if (getrusage(RUSAGE_SELF, &usage) == 0) return 1024.0 * static_cast<double>(usage.ru_maxrss);
#endif
  return 0;
}

template <class Objective>
void iterate(benchmark::State& state, int operations, Objective const& objective) {
  gaus::LayeredWorkload settings;
  settings.operations = operations;
  settings.layers = static_cast<int>(std::sqrt(operations));
  settings.dependences_per_operation = 2.05;  // some are drawn twice
  Space const exec;
  DeviceGraph graph;
  DeviceProblem problem;
  std::vector<double> means;
  {
    // What a descent does not need is given up before it: descriptions, systems, step bounds.
    gaus::HostGraph host;
    {
      auto const description = gaus::layered_workload(settings);
      host = gaus::build_graph(description);
      if constexpr (std::is_same_v<DeviceGraph, gaus::HostGraph>)
        graph = host;
      else
        graph = gaus::build_graph<MemorySpace>(description);
    }
    auto const system = gaus::make_difference_system(host);
    int const steps =
        static_cast<int>(1.2 * gaus::critical_path(system, gaus::earliest_steps(system)));
    auto const bounds = gaus::step_bounds(system, steps);
    problem = gaus::make_problem(graph, host, steps, bounds);
    for (std::size_t i = 0; i < bounds.earliest.size(); ++i)
      means.push_back(0.5 * (bounds.earliest[i] + bounds.latest[i]));
  }
  gaus::RelaxationRun<Space, DeviceGraph, float, Objective> run(exec, problem, objective,
                                                                gaus::Constraints<>{});
  run.begin(gaus::Recipe{}, means);
  for (auto _ : state) state.SetIterationTime(seconds_of(exec, [&] { run.step(); }));
  state.counters["operations"] = graph.num_operations();
  state.counters["dependences"] = graph.num_dependences();
  state.counters["operations/s"] = rate(graph.num_operations());
  state.counters["peak_bytes"] = peak_bytes();
}

[[maybe_unused]] bool const registered = [] {
  for (int const operations : {1000, 10000000}) {
    std::string const size =
        "/operations:" + std::to_string(operations) + (operations > 1000 ? "/large" : "");
    auto const add = [&](char const* name, auto const& objective) {
      benchmark::RegisterBenchmark(
          (name + size).c_str(),
          [=](benchmark::State& state) { iterate(state, operations, objective); })
          ->UseManualTime()
          ->Iterations(1)
          ->Unit(benchmark::kMillisecond);
    };
    add("memory/A", 100.0 * gaus::PeakUsage{} + gaus::Communication{});
    add("memory/B", gaus::MemoryFootprint{});
  }
  return true;
}();

}  // namespace

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/objective/communication.hpp>
#include <gaus/objective/memory_footprint.hpp>
#include <gaus/objective/peak_usage.hpp>
#include <gaus/objective/weighted_sum.hpp>
#include <gaus/schedule/batch.hpp>
#include <gaus/schedule/relaxation_run.hpp>
#include <support/measure.hpp>
#include <support/spaces.hpp>

#include <benchmark/benchmark.h>
#include <string>
#include <vector>

// One iteration of so many descents at once on small graphs, with the costs of bench/optimizer/
// iteration.cpp: A is 100 * usage + communication, B is memory. What counts is descents *
// iterations/s. batch:0 is one descent over the graph itself, without the wrapper, which must cost
// nothing on large graphs either.
namespace {

using namespace gaus_bench;

/// Iterations of a descent: spreads from wide to narrow.
constexpr int descent = 48;

using Space = Kokkos::DefaultExecutionSpace;
using MemorySpace = Space::memory_space;

template <class G, class Objective>
void iteration(benchmark::State& state, Instance const& instance, gaus::Problem<G> const& problem,
               Objective const& objective) {
  Space const exec;
  gaus::RelaxationRun<Space, G, float, Objective> run(exec, problem, objective,
                                                      gaus::Constraints<>{});
  gaus::Recipe recipe;
  recipe.iterations = descent;
  recipe.multiplier_updates = 4;
  std::vector<double> means;
  for (int k = 0; k < problem.batch; ++k)
    for (std::size_t i = 0; i < instance.bounds.earliest.size(); ++i)
      means.push_back(0.5 * (instance.bounds.earliest[i] + instance.bounds.latest[i]));
  run.begin(recipe, means);
  run.step();  // buffers are made on first use
  run.begin(recipe, means);
  for (auto _ : state) {
    if (run.done()) run.begin(recipe, means);
    state.SetIterationTime(seconds_of(exec, [&] { run.step(); }));
  }
  state.counters["steps"] = instance.steps();
  state.counters["descents*iterations/s"] = rate(problem.batch);
}

template <class Objective>
void register_batch(std::string const& name, Objective const& objective, int operations,
                    int batch) {
  std::string const full = "schedule/batch/" + name + "/" + Variant<Space, float>::name() +
                           "/operations:" + std::to_string(operations) +
                           "/batch:" + std::to_string(batch) + (operations > 1000 ? "/large" : "");
  auto* const entry = benchmark::RegisterBenchmark(full.c_str(), [=](benchmark::State& state) {
    auto const& instance = layered(operations);
    auto const problem = problem_on<MemorySpace>(instance);
    if (batch == 0)
      iteration(state, instance, problem, objective);
    else
      iteration(state, instance, gaus::make_batch(problem, batch), objective);
  });
  entry->UseManualTime()->Unit(benchmark::kMicrosecond);
  if (operations > 1000) entry->Iterations(descent);  // wide and narrow spreads count alike
}

[[maybe_unused]] bool const registered = [] {
  auto const both = [](int operations, int batch) {
    register_batch("A", 100.0 * gaus::PeakUsage{} + gaus::Communication{}, operations, batch);
    register_batch("B", gaus::MemoryFootprint{}, operations, batch);
  };
  for (int const operations : {100, 300, 1000})
    for (int const batch : {0, 1, 4, 16}) both(operations, batch);
  for (int const batch : {0, 1}) both(100000, batch);
  return true;
}();

}  // namespace

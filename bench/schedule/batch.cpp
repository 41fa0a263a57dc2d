// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/objective/communication.hpp>
#include <gaus/objective/peak_usage.hpp>
#include <gaus/objective/weighted_sum.hpp>
#include <gaus/schedule/batch.hpp>
#include <gaus/schedule/relaxation_run.hpp>
#include <support/measure.hpp>

#include <benchmark/benchmark.h>
#include <string>
#include <vector>

// One iteration of so many descents at once on small graphs, 100 * usage + communication. What
// counts is descents * iterations/s; batch:0 is one descent over the graph itself, without the
// wrapper.
namespace {

using namespace gaus_bench;

template <class G>
void iteration(benchmark::State& state, Instance const& instance, gaus::Problem<G> const& problem) {
  auto const objective = 100.0 * gaus::PeakUsage{} + gaus::Communication{};
  Space const exec;
  gaus::RelaxationRun<Space, G, float, std::remove_const_t<decltype(objective)>> run(
      exec, problem, objective, gaus::Constraints<>{});
  gaus::Recipe recipe;
  recipe.iterations = 48;  // whole descents: spreads from wide to narrow
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

[[maybe_unused]] bool const registered = [] {
  for (int const n : {100, 300, 1000})
    for (int const batch : {0, 1, 4, 16})
      benchmark::RegisterBenchmark(
          ("schedule/batch/operations:" + std::to_string(n) + "/batch:" + std::to_string(batch))
              .c_str(),
          [=](benchmark::State& state) {
            auto const& instance = layered(n);
            if (batch == 0)
              iteration(state, instance, instance.problem);
            else
              iteration(state, instance, gaus::make_batch(instance.problem, batch));
          })
          ->UseManualTime()
          ->Unit(benchmark::kMicrosecond);
  return true;
}();

}  // namespace

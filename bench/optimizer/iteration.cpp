// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <support/descent.hpp>
#include <support/measure.hpp>
#include <support/spaces.hpp>
#include <support/traffic.hpp>
#include <dense.hpp>

#include <benchmark/benchmark.h>
#include <map>
#include <string>
#include <utility>

// Whole iterations, as a solve makes them: objective, precedence penalty, Adam, now and then the
// multipliers.
//
//   iteration/A        100 * usage + communication
//   iteration/B        memory
//   /recipe            spreads of the default recipe, from wide to narrow over a descent
//   /spread1 /spread2  spreads of one or two steps throughout; of one on large graphs only,
//                      where little but memory counts
//   iteration/dense    the same costs summed over all steps, bench/dense.hpp, in float on one thread;
//                      the precedence penalty, Adam and the multipliers are left out of it
//   iteration/counted  one descent, for bench/instructions.cmake, which counts its instructions
//
// times_floor is the time over the least that the compulsory bytes take at a copy's bandwidth,
// 1 / of_copy. speedup_over_dense is the time of the dense sums over the time of the whole iteration,
// of one process. The claims are about one thread: OMP_NUM_THREADS=1.
namespace gaus_bench {

/// What is counted: by its name, so that it must neither be inlined nor hold a lambda, whose name
/// would contain its own.
[[gnu::noinline]] double counted_iterations(Descent& descent, int iterations) {
  double seconds = 0;
  for (int k = 0; k < iterations; ++k) seconds += descent.next();
  return seconds;
}

namespace {

/// Seconds of the dense sums, once: they take seconds. Kept for the whole process.
double dense_seconds(std::string const& name, Goal goal) {
  static std::map<std::pair<std::string, Goal>, double> kept;
  auto const [entry, fresh] = kept.emplace(std::pair(name, goal), 0.0);
  if (!fresh) return entry->second;
  Instance const& instance = circuit(name);
  auto const starts = middle<float, Kokkos::HostSpace>(instance);
  Dense<float> dense(instance.problem, {starts.mean.data(), starts.mean.extent(0)},
                     {starts.spread.data(), starts.spread.extent(0)});
  Kokkos::Timer const timer;
  if (goal == Goal::b) {
    benchmark::DoNotOptimize(dense.memory());
  } else {
    benchmark::DoNotOptimize(dense.peak_usage());
    benchmark::DoNotOptimize(dense.communication());
  }
  return entry->second = timer.seconds();
}

/// Seconds of an iteration, reported with all rates.
double iteration(benchmark::State& state, Instance const& instance, DescentVariant const& variant,
                 Goal goal, Spreads spreads) {
  auto const descent = variant.make(instance, goal, spreads);
  double total = 0;
  for (auto _ : state) {
    double const seconds = descent->next();
    total += seconds;
    state.SetIterationTime(seconds);
  }
  double const each = total / static_cast<double>(state.iterations());
  double const bytes = Traffic(instance, variant.real).iteration(goal == Goal::b);
  double const bandwidth = variant.copy_bandwidth();
  set_rates(state, instance);
  set_traffic(state, each, bytes, bandwidth);
  state.counters["times_floor"] = each * bandwidth / bytes;
  return each;
}

void register_iteration(DescentVariant const& variant, Goal goal, Spreads spreads) {
  std::string const name =
      std::string("iteration/") + name_of(goal) + "/" + name_of(spreads) + "/" + variant.name;
  auto const add = [&](std::string const& instance, int iterations, auto const& run) {
    benchmark::RegisterBenchmark((name + instance).c_str(), run)
        ->Iterations(iterations)
        ->UseManualTime()
        ->Unit(benchmark::kMicrosecond);
  };
  for (int n = spreads == Spreads::one ? 1000000 : 100; n <= 10000000; n *= 10)
    add(size_name(n), descent_length(n) * (n > 10000 ? 1 : 5),
        [=](benchmark::State& state) { iteration(state, layered(n), variant, goal, spreads); });
  for_circuits([&](std::string const& circuit_name) {
    add("/" + circuit_name + "/large", descent_length(0) * 5, [=](benchmark::State& state) {
      double const each = iteration(state, circuit(circuit_name), variant, goal, spreads);
      if (variant.real == sizeof(float))
        state.counters["speedup_over_dense"] = dense_seconds(circuit_name, goal) / each;
    });
  });
}

void register_counted(DescentVariant const& variant, Goal goal) {
  benchmark::RegisterBenchmark(
      (std::string("iteration/counted/") + name_of(goal)).c_str(),
      [=](benchmark::State& state) {
        auto const descent = variant.make(layered(300), goal, Spreads::recipe);
        for (auto _ : state)
          state.SetIterationTime(counted_iterations(*descent, descent_length(300)));
      })
      ->Iterations(1)
      ->UseManualTime()
      ->Unit(benchmark::kMicrosecond);
}

[[maybe_unused]] bool const registered = [] {
  for (Goal const goal : {Goal::a, Goal::b})
    for (auto const& variant : descent_variants())
      if (variant.name == Variant<Kokkos::DefaultHostExecutionSpace, float>::name())
        register_counted(variant, goal);
  for (Goal const goal : {Goal::a, Goal::b})
    for (Spreads const spreads : {Spreads::recipe, Spreads::one, Spreads::two})
      for (auto const& variant : descent_variants()) register_iteration(variant, goal, spreads);
  for (Goal const goal : {Goal::a, Goal::b})
    for_circuits([&](std::string const& name) {
      std::string const full = std::string("iteration/dense/") + name_of(goal) + "/" + name;
      benchmark::RegisterBenchmark((full + "/large").c_str(),
                                   [=](benchmark::State& state) {
                                     for (auto _ : state)
                                       state.SetIterationTime(dense_seconds(name, goal));
                                     set_rates(state, circuit(name));
                                   })
          ->Iterations(1)
          ->UseManualTime()
          ->Unit(benchmark::kMicrosecond);
    });
  return true;
}();

}  // namespace
}  // namespace gaus_bench

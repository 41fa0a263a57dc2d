// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/objective/communication.hpp>
#include <gaus/objective/memory_footprint.hpp>
#include <gaus/objective/peak_usage.hpp>
#include <gaus/objective/weighted_sum.hpp>
#include <gaus/schedule/relaxation_run.hpp>
#include <support/measure.hpp>
#include <dense.hpp>

#include <benchmark/benchmark.h>
#include <algorithm>
#include <map>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

// Whole iterations, as a solve makes them: objective, precedence penalty, Adam, now and then the
// multipliers.
//
//   iteration/A      100 * usage + communication
//   iteration/B      memory
//   /recipe          spreads of the default recipe, from wide to narrow over 48 iterations
//   /spread2         spreads of two steps throughout
//   iteration/dense  the same costs summed over all steps, bench/dense.hpp; the precedence penalty,
//                    Adam and the multipliers are left out of it
//
// speedup_over_dense is the time of those sums over the time of the whole iteration, of one process.
// The claim is about one thread: OMP_NUM_THREADS=1.
namespace {

using namespace gaus_bench;

auto cost_a() { return 100.0 * gaus::PeakUsage{} + gaus::Communication{}; }
auto cost_b() { return gaus::MemoryFootprint{}; }

/// Iterations of a descent; a benchmark makes whole descents, so that wide and narrow spreads count
/// alike.
constexpr int descent = 48;

gaus::Recipe recipe(bool fixed_spread) {
  gaus::Recipe r;
  r.iterations = descent;
  r.multiplier_updates = 4;  // every twelfth iteration, as in a solve
  if (!fixed_spread) return r;
  r.spread.low = r.spread.high = 2;
  r.spread_factor_last = 1;
  return r;
}

/// Every array once: means, spreads, gradients, moments read, all but the bounds written; the rows
/// of dependences with their multipliers; a profile's differences, values and weights.
double compulsory_bytes(Instance const& instance) {
  return 56.0 * instance.operations() + 20.0 * instance.dependences() +
         48.0 * instance.steps() * std::max(1, instance.host_graph.num_resources());
}

template <class Objective>
class Iterations {
 public:
  Iterations(Instance const& instance, Objective const& objective, bool fixed_spread)
      : run_(Space(), instance.problem, objective, gaus::Constraints<>{}),
        recipe_(recipe(fixed_spread)) {
    for (std::size_t i = 0; i < instance.bounds.earliest.size(); ++i)
      means_.push_back(0.5 * (instance.bounds.earliest[i] + instance.bounds.latest[i]));
    run_.begin(recipe_, means_);
    for (int k = 0; k < 3; ++k) run_.step();  // buffers are made on first use
    run_.begin(recipe_, means_);
  }
  /// Seconds of the next iteration.
  double next(Space const& exec) {
    if (run_.done()) run_.begin(recipe_, means_);
    return seconds_of(exec, [&] { run_.step(); });
  }

 private:
  gaus::RelaxationRun<Space, DeviceGraph, float, Objective> run_;
  gaus::Recipe recipe_;
  std::vector<double> means_;
};

/// Seconds of the dense sums, once: they take seconds. Kept for the whole process.
double dense_seconds(Instance const& instance, bool memory) {
  static std::map<std::pair<Instance const*, bool>, double> kept;
  auto const [entry, fresh] = kept.emplace(std::pair(&instance, memory), 0.0);
  if (!fresh) return entry->second;
  gaus::SpreadRule const rule;
  auto const starts = middle<float>(instance, rule);
  auto const mean = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), starts.mean);
  auto const spread = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), starts.spread);
  Dense<float> dense(instance.host_problem, {mean.data(), mean.extent(0)},
                     {spread.data(), spread.extent(0)});
  Kokkos::Timer const timer;
  if (memory) {
    benchmark::DoNotOptimize(dense.memory());
  } else {
    benchmark::DoNotOptimize(dense.peak_usage());
    benchmark::DoNotOptimize(dense.communication());
  }
  return entry->second = timer.seconds();
}

template <class Objective>
void iteration(benchmark::State& state, Instance const& instance, Objective const& objective,
               bool fixed_spread, bool compare) {
  Space const exec;
  Iterations<Objective> iterations(instance, objective, fixed_spread);
  double total = 0;
  for (auto _ : state) {
    double const seconds = iterations.next(exec);
    total += seconds;
    state.SetIterationTime(seconds);
  }
  double const each = total / static_cast<double>(state.iterations());
  set_rates(state, instance, each, compulsory_bytes(instance));
  if (compare)
    state.counters["speedup_over_dense"] =
        dense_seconds(instance, std::is_same_v<Objective, gaus::MemoryFootprint>) / each;
}

template <class Objective>
void register_iteration(std::string const& name, Objective const& objective) {
  for (bool const fixed : {false, true}) {
    std::string const full = "iteration/" + name + (fixed ? "/spread2" : "/recipe");
    for (int n = 1000; n <= 1000000; n *= 10) {
      std::string const size = "/operations:" + std::to_string(n) + (n > 1000 ? "/large" : "");
      benchmark::RegisterBenchmark(
          (full + size).c_str(),
          [=](benchmark::State& state) { iteration(state, layered(n), objective, fixed, false); })
          ->Iterations(descent * (n > 10000 ? 1 : 5))
          ->UseManualTime()
          ->Unit(benchmark::kMicrosecond);
    }
    for_circuits([&](std::string const& instance) {
      benchmark::RegisterBenchmark((full + "/" + instance + "/large").c_str(),
                                   [=](benchmark::State& state) {
                                     iteration(state, circuit(instance), objective, fixed, true);
                                   })
          ->Iterations(descent * 5)
          ->UseManualTime()
          ->Unit(benchmark::kMicrosecond);
    });
  }
}

void dense(benchmark::State& state, Instance const& instance, bool memory) {
  for (auto _ : state) state.SetIterationTime(dense_seconds(instance, memory));
  set_rates(state, instance, dense_seconds(instance, memory));
}

[[maybe_unused]] bool const registered = [] {
  register_iteration("A", cost_a());
  register_iteration("B", cost_b());
  for (bool const memory : {false, true})
    for_circuits([&](std::string const& instance) {
      std::string const name = std::string("iteration/dense/") + (memory ? "B/" : "A/") + instance;
      benchmark::RegisterBenchmark(
          (name + "/large").c_str(),
          [=](benchmark::State& state) { dense(state, circuit(instance), memory); })
          ->Iterations(1)
          ->UseManualTime()
          ->Unit(benchmark::kMicrosecond);
    });
  return true;
}();

}  // namespace

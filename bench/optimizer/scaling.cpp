// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <support/descent.hpp>
#include <support/measure.hpp>

#include <benchmark/benchmark.h>
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

// How the time of an iteration grows from 10^3 to 10^7 operations, spreads of two steps:
//
//   /layered  steps grow with the root of the operations
//   /deep     steps grow in proportion
//
// slope is that of the straight line fitted to log(time) over log(operations) by least squares: 1 is
// linear. The time of each size, the median of at least eleven iterations (five of 10^7), stands beside
// it, in nanoseconds an operation (at1000 .. at10000000). The benchmark's own time is that of the largest.
namespace {

using namespace gaus_bench;

/// The median of at least so many iterations and, where those are short, of a quarter of a second.
double median_seconds(Descent& descent, std::size_t least) {
  std::vector<double> seconds;
  double total = 0;
  while (seconds.size() < least || (total < 0.25 && seconds.size() < 2000)) {
    seconds.push_back(descent.next());
    total += seconds.back();
  }
  auto const middle = seconds.begin() + static_cast<std::ptrdiff_t>(seconds.size() / 2);
  std::nth_element(seconds.begin(), middle, seconds.end());
  return *middle;
}

void scaling(benchmark::State& state, DescentVariant const& variant, Goal goal, Shape shape) {
  double n = 0, x = 0, y = 0, xx = 0, xy = 0;
  for (auto _ : state) {
    double last = 0;
    for (int operations = 1000; operations <= 10000000; operations *= 10) {
      last = median_seconds(*variant.make(generated(shape, operations), goal, Spreads::two),
                            operations > 1000000 ? 5 : 11);
      state.counters["at" + std::to_string(operations)] = 1e9 * last / operations;
      double const log_size = std::log(operations);
      double const log_time = std::log(last);
      n += 1;
      x += log_size;
      y += log_time;
      xx += log_size * log_size;
      xy += log_size * log_time;
    }
    state.SetIterationTime(last);
  }
  state.counters["slope"] = (n * xy - x * y) / (n * xx - x * x);
}

[[maybe_unused]] bool const registered = [] {
  for (Goal const goal : {Goal::a, Goal::b})
    for (Shape const shape : {Shape::layered, Shape::deep})
      for (auto const& variant : descent_variants()) {
        std::string const name = std::string("iteration/") + name_of(goal) + "/scaling/" +
                                 variant.name + (shape == Shape::deep ? "/deep" : "/layered") +
                                 "/large";
        benchmark::RegisterBenchmark(
            name.c_str(), [=](benchmark::State& state) { scaling(state, variant, goal, shape); })
            ->Iterations(1)
            ->UseManualTime()
            ->Unit(benchmark::kMillisecond);
      }
  return true;
}();

}  // namespace

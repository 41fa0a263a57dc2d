// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/optimizer/adam.hpp>
#include <gaus/profile/liveness.hpp>
#include <support/measure.hpp>

#include <benchmark/benchmark.h>

// The curve of live sizes, and its gradient for a given adjoint. Spreads of two steps.
namespace {

using namespace gaus_bench;
constexpr gaus::SpreadRule two_steps{.low = 2, .high = 2};

void liveness_value(benchmark::State& state, Instance const& instance) {
  auto const starts = middle<float>(instance, two_steps);
  gaus::Workspace<MemorySpace> workspace;
  Space const exec;
  double const seconds = measure(state, [&] {
    workspace.rewind();
    benchmark::DoNotOptimize(gaus::expected_liveness(exec, instance.problem, starts, workspace));
  });
  set_rates(state, instance, seconds,
            20.0 * instance.operations() + 4.0 * instance.dependences() + 16.0 * instance.steps());
}

void liveness_gradient(benchmark::State& state, Instance const& instance) {
  auto const starts = middle<float>(instance, two_steps);
  gaus::Workspace<MemorySpace> curve;
  gaus::Workspace<MemorySpace> workspace;
  Space const exec;
  auto const adjoint = gaus::expected_liveness(exec, instance.problem, starts, curve);
  auto const result = gaus::make_evaluation<float>(instance.operations(), workspace);
  double const seconds = measure(state, [&] {
    workspace.rewind();
    gaus::pull_back_liveness(exec, instance.problem, starts, adjoint, 1.0, result);
  });
  set_rates(state, instance, seconds,
            40.0 * instance.operations() + 28.0 * instance.dependences() + 8.0 * instance.steps());
}

[[maybe_unused]] bool const registered = [] {
  register_sizes("profile/liveness/value", liveness_value, 1000000);
  register_sizes("profile/liveness/gradient", liveness_gradient, 1000000);
  return true;
}();

}  // namespace

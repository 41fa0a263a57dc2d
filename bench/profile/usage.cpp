// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/optimizer/adam.hpp>
#include <gaus/profile/usage.hpp>
#include <support/measure.hpp>

#include <benchmark/benchmark.h>

// The usage curve, and its gradient for a given adjoint. Spreads of two steps.
namespace {

using namespace gaus_bench;
constexpr gaus::SpreadRule two_steps{.low = 2, .high = 2};

void usage_value(benchmark::State& state, Instance const& instance) {
  auto const starts = middle<float>(instance, two_steps);
  gaus::Workspace<MemorySpace> workspace;
  Space const exec;
  double const seconds = measure(state, [&] {
    workspace.rewind();
    benchmark::DoNotOptimize(gaus::expected_usage(exec, instance.problem, starts, workspace));
  });
  set_rates(
      state, instance, seconds,
      16.0 * instance.operations() + 16.0 * instance.steps() * instance.host_graph.num_resources());
}

void usage_gradient(benchmark::State& state, Instance const& instance) {
  auto const starts = middle<float>(instance, two_steps);
  gaus::Workspace<MemorySpace> workspace;
  Space const exec;
  auto const adjoint = gaus::expected_usage(exec, instance.problem, starts, workspace);
  auto const result = gaus::make_evaluation<float>(instance.operations(), workspace);
  double const seconds = measure(
      state, [&] { gaus::pull_back_usage(exec, instance.problem, starts, adjoint, 1.0, result); });
  set_rates(
      state, instance, seconds,
      32.0 * instance.operations() + 8.0 * instance.steps() * instance.host_graph.num_resources());
}

[[maybe_unused]] bool const registered = [] {
  register_sizes("profile/usage/value", usage_value, 1000000);
  register_sizes("profile/usage/gradient", usage_gradient, 1000000);
  return true;
}();

}  // namespace

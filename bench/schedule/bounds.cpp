// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/schedule/bounds.hpp>
#include <gaus/schedule/list.hpp>
#include <gaus/schedule/min_lifetime.hpp>
#include <support/measure.hpp>

#include <benchmark/benchmark.h>
#include <limits>
#include <span>

namespace {

using namespace gaus_bench;

/// The exact minimum of communication.
void min_lifetime(benchmark::State& state, Instance const& instance) {
  measure_host(state, [&] {
    auto const least = gaus::min_lifetime(instance.problem, instance.system, instance.bounds,
                                          gaus::LinearWeights{0, 1, 0});
    benchmark::DoNotOptimize(least.value);
  });
  set_rates(state, instance);
}

/// The bounds term by term and three cuts for 100 * usage + communication.
void bounds(benchmark::State& state, Instance const& instance) {
  gaus::CostModel model;
  model.usage = 100;
  model.communication = 1;
  auto const always = [](auto...) { return true; };
  auto const start =
      gaus::list_schedule(instance.graph, instance.system, instance.bounds, instance.problem.steps);
  double const value = 100 * gaus::usage_profile(instance.problem, start).peak(0) +
                       gaus::communication(instance.problem, start);
  measure_host(state, [&] {
    gaus::LowerBound bound(instance.problem, instance.system, instance.bounds, model);
    bound.begin(always);
    for (int k = 0; k < 3; ++k) bound.improve(std::span<int const>(start), value, always);
    benchmark::DoNotOptimize(bound.value());
  });
  set_rates(state, instance);
}

[[maybe_unused]] bool const registered = [] {
  register_sizes("schedule/min_lifetime", min_lifetime, 100000);
  register_sizes("schedule/bounds", bounds, 10000);
  return true;
}();

}  // namespace

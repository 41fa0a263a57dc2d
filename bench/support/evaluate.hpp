// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_BENCH_SUPPORT_EVALUATE_HPP
#define GAUS_BENCH_SUPPORT_EVALUATE_HPP

#include <gaus/evaluation.hpp>
#include <gaus/optimizer/adam.hpp>
#include <support/measure.hpp>

#include <benchmark/benchmark.h>
#include <string>

namespace gaus_bench {

/// Value and gradient of an objective at spreads of two steps, under "objective/NAME".
template <class Objective>
bool register_objective(Objective const& objective, int largest = 1000000) {
  register_sizes(
      std::string("objective/") + Objective::name,
      [=](benchmark::State& state, Instance const& instance) {
        auto const starts = middle<float>(instance, gaus::SpreadRule{.low = 2, .high = 2});
        gaus::Workspace<MemorySpace> workspace;
        auto const result = gaus::make_evaluation<float>(instance.operations(), workspace);
        Space const exec;
        double const seconds = measure(state, [&] {
          workspace.rewind();
          objective.evaluate(exec, instance.problem, starts, result);
        });
        set_rates(state, instance, seconds);
      },
      largest);
  return true;
}

}  // namespace gaus_bench

#endif

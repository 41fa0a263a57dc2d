// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_OBJECTIVE_MEMORY_FOOTPRINT_HPP
#define GAUS_OBJECTIVE_MEMORY_FOOTPRINT_HPP

#include <gaus/objective.hpp>
#include <gaus/peak.hpp>
#include <gaus/profile/liveness.hpp>
#include <gaus/schedule/cost.hpp>

#include <span>

namespace gaus {

/// Peak of the live size over all steps (slots when pipelined): registers, buffers, memory.
/// Relaxed: the smooth maximum of the expected liveness. Unit: that of the sizes.
struct MemoryFootprint {
  static constexpr char const* name = "memory";
  static constexpr bool batches = true;
  SmoothMaximum maximum{};  ///< p-norm unless a temperature is given

  template <class ExecutionSpace, class G, class Real>
  void evaluate(ExecutionSpace const& exec, Problem<G> const& problem,
                StartSteps<Real, typename G::memory_space> const& starts,
                Evaluation<Real, typename G::memory_space> const& result) const {
    auto const live = expected_liveness(exec, problem, starts, *result.workspace);
    auto const weights = smooth_maximum(exec, live, maximum, problem.smoothing, *result.workspace,
                                        result.cost, problem.batch);
    pull_back_liveness(exec, problem, starts, weights, result.weight, result);
  }

  template <Graph G>
  double exact(Problem<G> const& problem, std::span<int const> start_steps) const {
    return live_profile(problem, start_steps).peak(0);
  }

  void describe(CostModel& model, double weight) const { model.memory += weight; }
};

}  // namespace gaus

#endif

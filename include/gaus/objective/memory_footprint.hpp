// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_OBJECTIVE_MEMORY_FOOTPRINT_HPP
#define GAUS_OBJECTIVE_MEMORY_FOOTPRINT_HPP

#include <gaus/objective.hpp>
#include <gaus/peak.hpp>
#include <gaus/profile/liveness.hpp>
#include <gaus/schedule/cost.hpp>

#include <span>

// Largest size of all values that are live across a step boundary. Relaxed, it is the smooth maximum
// (peak.hpp) of the expected liveness (profile/liveness.hpp),
//
//   E M(t) = sum_i size_i A_i(t) (1 - B_i(t))
//   A_i(t) = C_i(t - max(lat_i, 1) + 1)                   the value exists
//   B_i(t) = prod over consumers (i -> j, k) C_j(t - k II)  all consumers have started
//
// no expectation of the peak, as for PeakUsage. Idea: GauS, arXiv 2602.20427.
namespace gaus {

/// Peak of the live size over all steps (slots when pipelined): registers, buffers, memory.
/// Relaxed: the smooth maximum of the expected liveness. Unit: that of the sizes.
struct MemoryFootprint {
  static constexpr char const* name = "memory";  ///< in messages and reports
  static constexpr bool batches = true;  ///< whether it serves a batch of copies (objective.hpp)
  SmoothMaximum maximum{};               ///< p-norm unless a temperature is given

  /// Value and gradient, on the device, as objective.hpp asks. O(V + E + slots + sum over values of windows).
  template <class ExecutionSpace, class G, class Real>
  void evaluate(ExecutionSpace const& exec, Problem<G> const& problem,
                StartSteps<Real, typename G::memory_space> const& starts,
                Evaluation<Real, typename G::memory_space> const& result) const {
    auto const live = expected_liveness(exec, problem, starts, *result.workspace);
    auto const weights = smooth_maximum(exec, live, maximum, problem.smoothing, *result.workspace,
                                        result.cost, problem.batch);
    pull_back_liveness(exec, problem, starts, weights, result.weight, result);
  }

  /// The cost of a schedule, on the host. O(V + E + D).
  template <Graph G>
  double exact(Problem<G> const& problem, std::span<int const> start_steps) const {
    return live_profile(problem, start_steps).peak(0);
  }

  /// Tells discrete searches and bounds what it stands for.
  void describe(CostModel& model, double weight) const { model.memory += weight; }
};

}  // namespace gaus

#endif

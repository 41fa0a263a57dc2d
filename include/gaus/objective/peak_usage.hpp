// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_OBJECTIVE_PEAK_USAGE_HPP
#define GAUS_OBJECTIVE_PEAK_USAGE_HPP

#include <gaus/objective.hpp>
#include <gaus/peak.hpp>
#include <gaus/profile/usage.hpp>
#include <gaus/schedule/cost.hpp>

#include <algorithm>
#include <span>

// Largest number of units in use. Relaxed, it is the smooth maximum (peak.hpp) of the expected usage
// (profile/usage.hpp) of class r,
//
//   E U_r(t) = sum_i w_ir (C_i(t) - C_i(t - occ_i))                q_r(t) = d value / d E U_r(t)
//   d/dmean_i = 1/spread_i sum_r w_ir sum_t phi(z_i(t)) (q_r(t + occ_i) - q_r(t))   (times z: spread)
//
// which is no expectation of the peak: max_t E U <= E max_t U. As spreads fall, both meet. Idea: GauS,
// arXiv 2602.20427, whose sums over all steps run over windows here.
namespace gaus {

/// Peak of the units in use, over all steps (slots when pipelined) and all classes, or of one class.
/// Relaxed: the smooth maximum of the expected usage. Unit: units.
struct PeakUsage {
  static constexpr char const* name = "usage";  ///< in messages and reports
  static constexpr bool batches = true;  ///< whether it serves a batch of copies (objective.hpp)
  int resource = -1;                     ///< -1: the largest over classes
  SmoothMaximum maximum{};               ///< p-norm unless a temperature is given

  /// Value and gradient, on the device, as objective.hpp asks. O(V + sum of windows * demands + classes * slots).
  template <class ExecutionSpace, class G, class Real>
  void evaluate(ExecutionSpace const& exec, Problem<G> const& problem,
                StartSteps<Real, typename G::memory_space> const& starts,
                Evaluation<Real, typename G::memory_space> const& result) const {
    auto const usage = expected_usage(exec, problem, starts, *result.workspace, resource);
    auto const weights = smooth_maximum(exec, usage, maximum, problem.smoothing, *result.workspace,
                                        result.cost, problem.batch);
    pull_back_usage(exec, problem, starts, weights, result.weight, result, resource);
  }

  /// The cost of a schedule, on the host. O(V + E + D).
  template <Graph G>
  double exact(Problem<G> const& problem, std::span<int const> start_steps) const {
    auto const usage = usage_profile(problem, start_steps);
    if (resource >= 0) return usage.peak(resource);
    double peak = 0;
    for (int r = 0; r < usage.rows; ++r) peak = std::max(peak, usage.peak(r));
    return peak;
  }

  /// Tells discrete searches and bounds what it stands for.
  void describe(CostModel& model, double weight) const {
    if (resource >= 0)
      model.usage_of.emplace_back(resource, weight);
    else
      model.usage += weight;
  }
};

}  // namespace gaus

#endif

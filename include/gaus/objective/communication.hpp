// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_OBJECTIVE_COMMUNICATION_HPP
#define GAUS_OBJECTIVE_COMMUNICATION_HPP

#include <gaus/detail/lanes.hpp>
#include <gaus/detail/launch.hpp>
#include <gaus/objective.hpp>
#include <gaus/schedule/cost.hpp>

#include <Kokkos_Core.hpp>
#include <span>

namespace gaus {
namespace detail {

/// By operation: the expected start step times what it weighs, incoming minus outgoing.
template <class G, class Real>
struct CommunicationKernel {
  using MemorySpace = typename G::memory_space;
  Problem<G> problem;
  StartSteps<Real, MemorySpace> starts;
  Evaluation<Real, MemorySpace> result;

  KOKKOS_FUNCTION void operator()(int i, double& sum) const {
    if (i == 0) sum += problem.carried_weight;
    double const weight = problem.net_weight(i);
    if (weight == 0) return;
    auto const s = start_step(problem, starts, i);
    Term<Real> const e = s.unclamped() ? s.expectation() : clamped(s);
    sum += weight * double(e.value);
    double const factor = weight * result.weight;
    result.d_mean(i) += static_cast<Real>(factor * double(e.d_mean));
    if (result.spreads) result.d_spread(i) += static_cast<Real>(factor * double(e.d_spread));
  }

 private:
  /// The sums of StartStep::expectation, several boundaries at once.
  KOKKOS_FUNCTION Term<Real> clamped(StartStep<Real> const& s) const {
    constexpr int lanes = lanes_of<MemorySpace>;
    Real waiting[lanes] = {};  // 1 - C, as C of -z
    for (int t = s.first; t <= s.last; t += lanes) {
      Real const from = s.z(t);
      LaneEnd<lanes> const inside(s.last - t);
      GAUS_LANE_LOOP
      for (int u = 0; u < lanes; ++u)
        waiting[u] +=
            inside(u, normal_cdf_absolute(-(from + static_cast<Real>(u) * s.inverse_spread)));
    }
    Real sum = 0;
    for (int u = 0; u < lanes; ++u) sum += waiting[u];
    auto const m = window_moments<lanes>(StartWindow<Real>(s), 0, s.first, s.last, result.spreads,
                                         [](int, int) { return Real(1); });
    return {Real(s.first) + sum, m.sum * s.inverse_spread, m.moment * s.inverse_spread};
  }
};

}  // namespace detail

/// Sum over dependences of weight times step boundaries crossed, sum_e c_e (E S_j + k II - E S_i),
/// exact under the relaxation. One kernel: the sum is taken by operation. Unit: that of the weights.
struct Communication {
  static constexpr char const* name = "communication";  ///< in messages and reports
  static constexpr bool batches = true;  ///< whether it serves a batch of copies (objective.hpp)

  /// Value and gradient, on the device, as objective.hpp asks. O(V), and the windows of what is clamped.
  template <class ExecutionSpace, class G, class Real>
  void evaluate(ExecutionSpace const& exec, Problem<G> const& problem,
                StartSteps<Real, typename G::memory_space> const& starts,
                Evaluation<Real, typename G::memory_space> const& result) const {
    detail::check_accessible<ExecutionSpace, typename G::memory_space>();
    detail::sum_over_operations(
        "gaus::communication::evaluate", exec, problem.graph.num_operations(),
        detail::CommunicationKernel<G, Real>{problem, starts, result}, result.cost);
  }

  /// The cost of a schedule, on the host. O(V + E + D).
  template <Graph G>
  double exact(Problem<G> const& problem, std::span<int const> start_steps) const {
    return communication(problem, start_steps);
  }

  /// Tells discrete searches and bounds what it stands for.
  void describe(CostModel& model, double weight) const { model.communication += weight; }
};

}  // namespace gaus

#endif

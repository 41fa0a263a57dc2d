// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_DETAIL_POLICY_PROBE_HPP
#define GAUS_DETAIL_POLICY_PROBE_HPP

#include <gaus/constraint.hpp>
#include <gaus/detail/arrays.hpp>
#include <gaus/objective.hpp>

#include <Kokkos_Core.hpp>
#include <cstddef>
#include <utility>
#include <vector>

// Policies evaluated again and again at start steps that the host moves; for testing.hpp.
namespace gaus::detail {

/// All entries of a contiguous array, wherever it lies. Waits.
template <class Array>
auto values_of(Array const& array) {
  std::vector<typename Array::non_const_value_type> values(array.size());
  copy_bytes<Kokkos::HostSpace, typename Array::memory_space>(
      values.data(), array.data(), values.size() * sizeof(typename Array::value_type));
  return values;
}
/// Sets them. Waits.
template <class Array>
void set_values(Array const& array, std::vector<typename Array::value_type> const& values) {
  copy_bytes<typename Array::memory_space, Kokkos::HostSpace>(
      array.data(), values.data(), values.size() * sizeof(typename Array::value_type));
}

/// A value with its gradient, on the host.
struct HostEvaluation {
  double value = 0;
  std::vector<double> d_mean;
  std::vector<double> d_spread;
};

/// What a policy is tried as; some are both.
enum class PolicyKind { objective, constraint };

/// Evaluates a policy in double at means and spreads that the host moves. The value of a constraint
/// is the sum of its residuals, each times a weight.
template <PolicyKind kind, class ExecutionSpace, class G, class Policy>
class PolicyProbe {
  using MemorySpace = typename G::memory_space;
  using Array = Kokkos::View<double*, MemorySpace>;

 public:
  std::vector<double> mean;
  std::vector<double> spread;

  PolicyProbe(ExecutionSpace const& exec, Problem<G> const& problem, Policy const& policy,
              StartSteps<double, MemorySpace> const& starts, std::vector<double> weights = {})
      : mean(values_of(starts.mean)),
        spread(values_of(starts.spread)),
        exec_(exec),
        problem_(problem),
        policy_(policy),
        weights_(std::move(weights)),
        starts_{zeros<Array>("gaus::testing::mean", mean.size()),
                zeros<Array>("gaus::testing::spread", mean.size())},
        residual_(zeros<Array>("gaus::testing::residual", weights_.size())),
        weight_(zeros<Array>("gaus::testing::weight", weights_.size())),
        result_(make_evaluation<double, MemorySpace>(static_cast<int>(mean.size()), workspace_)) {}
  PolicyProbe(PolicyProbe const&) = delete;
  PolicyProbe& operator=(PolicyProbe const&) = delete;

  /// The value at the present means and spreads.
  double value() {
    if constexpr (kind == PolicyKind::objective) {
      return evaluate(1, 0).value;
    } else {
      auto const all = residuals();
      double sum = 0;
      for (std::size_t k = 0; k < all.size(); ++k) sum += weights_[k] * all[k];
      return sum;
    }
  }

  /// The residuals of a constraint there.
  std::vector<double> residuals() requires(kind == PolicyKind::constraint) {
    place();
    policy_.violation(exec_, problem_, starts_, residual_);
    exec_.fence("gaus::testing: residuals");
    return values_of(residual_);
  }

  /// Value and gradient there. weight: on the gradient; before: what the slots hold beforehand.
  HostEvaluation evaluate(double weight, double before) {
    set_values(result_.d_mean, std::vector<double>(mean.size(), before));
    set_values(result_.d_spread, std::vector<double>(mean.size(), before));
    HostEvaluation e;
    if constexpr (kind == PolicyKind::objective) {
      place();
      set_values(result_.cost, {before});
      result_.weight = weight;
      policy_.evaluate(exec_, problem_, starts_, result_);
      exec_.fence("gaus::testing: objective");
      e.value = values_of(result_.cost)[0];
    } else {
      e.value = value();
      auto scaled = weights_;
      for (double& w : scaled) w *= weight;
      set_values(weight_, scaled);
      result_.weight = 17;  // which no pull-back looks at
      Kokkos::View<double const*, MemorySpace> const weights = weight_;
      policy_.pull_back(exec_, problem_, starts_, weights, result_);
      exec_.fence("gaus::testing: pull-back");
    }
    e.d_mean = values_of(result_.d_mean);
    e.d_spread = values_of(result_.d_spread);
    return e;
  }

 private:
  void place() {
    set_values(starts_.mean, mean);
    set_values(starts_.spread, spread);
    workspace_.rewind();
  }

  ExecutionSpace exec_;
  Problem<G> problem_;
  Policy const& policy_;
  std::vector<double> weights_;
  StartSteps<double, MemorySpace> starts_;
  Array residual_;
  Array weight_;
  Workspace<MemorySpace> workspace_;
  Evaluation<double, MemorySpace> result_;
};

}  // namespace gaus::detail

#endif

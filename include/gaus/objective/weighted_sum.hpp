// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_OBJECTIVE_WEIGHTED_SUM_HPP
#define GAUS_OBJECTIVE_WEIGHTED_SUM_HPP

#include <gaus/error.hpp>
#include <gaus/objective.hpp>
#include <gaus/schedule/cost.hpp>

#include <Kokkos_Core.hpp>
#include <cmath>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

// Objectives with weights are an objective:
//
//   auto const cost = 100.0 * gaus::PeakUsage{} + gaus::Communication{};
//
// Each term evaluates with its weight folded into the gradient, so that a sum costs nothing beside
// its terms but one launch that adds up the values.
namespace gaus {

/// An objective times a weight.
template <class Policy>
struct Weighted {
  double weight = 1;
  Policy policy;
};

namespace detail {

template <class Policy>
inline constexpr bool is_weighted = false;
template <class Policy>
inline constexpr bool is_weighted<Weighted<Policy>> = true;

template <int Count, class MemorySpace>
struct SumCosts {
  Kokkos::View<double, MemorySpace> costs[Count];
  double weights[Count];
  Kokkos::View<double, MemorySpace> total;
  KOKKOS_FUNCTION void operator()(int) const {
    double sum = 0;
    for (int k = 0; k < Count; ++k) sum += weights[k] * costs[k]();
    total() = sum;
  }
};

/// Adds what a policy stands for to a cost model, or marks the model incomplete.
template <class Policy>
void describe(Policy const& policy, CostModel& model, double weight) {
  if constexpr (requires { policy.describe(model, weight); })
    policy.describe(model, weight);
  else
    model.complete = model.complete && weight == 0;
}

}  // namespace detail

/// Sum of weighted objectives. Made by * and +, or by weighted_sum().
template <class... Policies>
struct WeightedSum {
  static constexpr char const* name = "weighted_sum";
  static constexpr bool batches = (gaus::batches<Policies> && ...);
  std::tuple<Weighted<Policies>...> terms;

  template <class ExecutionSpace, class G, class Real>
  void evaluate(ExecutionSpace const& exec, Problem<G> const& problem,
                StartSteps<Real, typename G::memory_space> const& starts,
                Evaluation<Real, typename G::memory_space> const& result) const {
    using MemorySpace = typename G::memory_space;
    constexpr int count = static_cast<int>(sizeof...(Policies));
    auto const slots = result.workspace->template array<double>("gaus::weighted_sum::costs", count);
    detail::SumCosts<count, MemorySpace> sum;
    sum.total = result.cost;
    int k = 0;
    auto const one = [&](auto const& term) {
      auto own = result;
      own.cost = Kokkos::View<double, MemorySpace>(slots.data() + k);
      own.weight = result.weight * term.weight;
      term.policy.evaluate(exec, problem, starts, own);
      sum.costs[k] = own.cost;
      sum.weights[k] = term.weight;
      ++k;
    };
    std::apply([&](auto const&... term) { (one(term), ...); }, terms);
    Kokkos::parallel_for("gaus::weighted_sum::add", Kokkos::RangePolicy<ExecutionSpace>(exec, 0, 1),
                         sum);
  }

  template <Graph G>
  double exact(Problem<G> const& problem, std::span<int const> start_steps) const {
    double total = 0;
    std::apply(
        [&](auto const&... term) {
          ((total += term.weight * term.policy.exact(problem, start_steps)), ...);
        },
        terms);
    return total;
  }

  /// Name and exact value of every term, without its weight.
  template <Graph G>
  std::vector<std::pair<std::string, double>> exact_terms(Problem<G> const& problem,
                                                          std::span<int const> start_steps) const {
    std::vector<std::pair<std::string, double>> values;
    std::apply(
        [&](auto const&... term) {
          (values.emplace_back(term.policy.name, term.policy.exact(problem, start_steps)), ...);
        },
        terms);
    return values;
  }

  /// Throws InvalidInput for a weight that is no finite number.
  void describe(CostModel& model, double weight) const {
    auto const one = [&](auto const& term) {
      if (!std::isfinite(term.weight))
        throw InvalidInput(std::string("weighted sum: the weight ") + std::to_string(term.weight) +
                           " of " + term.policy.name + " is not a finite number");
      detail::describe(term.policy, model, weight * term.weight);
    };
    std::apply([&](auto const&... term) { (one(term), ...); }, terms);
  }
};

/// weight * objective.
template <Named Policy>
Weighted<Policy> weighted(double weight, Policy policy) {
  return {weight, std::move(policy)};
}
template <Named Policy>
Weighted<Policy> operator*(double weight, Policy policy) {
  return {weight, std::move(policy)};
}

/// The sum of weighted objectives.
template <class... Policies>
WeightedSum<Policies...> weighted_sum(Weighted<Policies>... terms) {
  return {std::tuple<Weighted<Policies>...>(std::move(terms)...)};
}
template <class A, class B>
WeightedSum<A, B> operator+(Weighted<A> a, Weighted<B> b) {
  return weighted_sum(std::move(a), std::move(b));
}
template <class A, Named B>
WeightedSum<A, B> operator+(Weighted<A> a, B b) {
  return weighted_sum(std::move(a), weighted(1.0, std::move(b)));
}
template <Named A, class B>
WeightedSum<A, B> operator+(A a, Weighted<B> b) {
  return weighted_sum(weighted(1.0, std::move(a)), std::move(b));
}
template <class... Policies, class B>
WeightedSum<Policies..., B> operator+(WeightedSum<Policies...> sum, Weighted<B> b) {
  return {std::tuple_cat(std::move(sum.terms), std::tuple(std::move(b)))};
}
template <class... Policies, Named B>
WeightedSum<Policies..., B> operator+(WeightedSum<Policies...> sum, B b) {
  return {std::tuple_cat(std::move(sum.terms), std::tuple(weighted(1.0, std::move(b))))};
}

}  // namespace gaus

#endif

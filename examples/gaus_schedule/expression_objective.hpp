// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_SCHEDULE_EXPRESSION_OBJECTIVE_HPP
#define GAUS_SCHEDULE_EXPRESSION_OBJECTIVE_HPP

#include "expression.hpp"
#include <gaus/objective/communication.hpp>
#include <gaus/objective/makespan.hpp>
#include <gaus/objective/memory_footprint.hpp>
#include <gaus/objective/peak_usage.hpp>
#include <gaus/objective/total_lifetime.hpp>
#include <gaus/objective/weighted_sum.hpp>

#include <Kokkos_Core.hpp>
#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

namespace gaus_schedule {

namespace detail {

/// Adds up to most weighted costs to a total, which the first of several begins.
template <class MemorySpace>
struct AddCosts {
  static constexpr int most = 8;
  Kokkos::View<double, MemorySpace> total;
  Kokkos::View<double const*, MemorySpace> costs;
  double weights[most];
  int first;
  int count;
  KOKKOS_FUNCTION void operator()(int) const {
    double sum = first == 0 ? 0.0 : total();
    for (int k = 0; k < count; ++k) sum += weights[k] * costs(first + k);
    total() = sum;
  }
};

}  // namespace detail

/// The terms of an expression as an objective: what gaus::WeightedSum is for terms that are known
/// when the program is compiled. Without the expression's constant, which moves no schedule.
class ExpressionObjective {
 public:
  static constexpr char const* name = "expression";
  static constexpr bool batches = true;  ///< as each of its terms

  /// resources: classes of the graph; without any the usage is 0 and no term.
  ExpressionObjective(Expression const& expression, int resources) {
    for (auto const& term : expression.terms)
      if (term.weight != 0 && (term.cost != Cost::usage || resources > 0)) terms_.push_back(term);
  }

  /// a times one objective and b times another, equal terms taken together.
  static ExpressionObjective sum(double a, ExpressionObjective const& x, double b,
                                 ExpressionObjective const& y) {
    ExpressionObjective both = x;
    for (auto& term : both.terms_) term.weight *= a;
    for (auto const& term : y.terms_) {
      auto const same = [&](Term const& t) { return t.name == term.name; };
      auto const place = std::find_if(both.terms_.begin(), both.terms_.end(), same);
      if (place != both.terms_.end()) {
        place->weight += b * term.weight;
      } else {
        both.terms_.push_back(term);
        both.terms_.back().weight *= b;
      }
    }
    return both;
  }

  template <class ExecutionSpace, class G, class Real>
  void evaluate(ExecutionSpace const& exec, gaus::Problem<G> const& problem,
                gaus::StartSteps<Real, typename G::memory_space> const& starts,
                gaus::Evaluation<Real, typename G::memory_space> const& result) const {
    using MemorySpace = typename G::memory_space;
    auto const slots = result.workspace->template array<double>("gaus_schedule::expression::costs",
                                                                terms_.size() + 1);
    int const count = static_cast<int>(terms_.size());
    for (int k = 0; k < count; ++k) {
      auto own = result;
      own.cost = Kokkos::View<double, MemorySpace>(slots.data() + k);
      own.weight = result.weight * term(k).weight;
      visit(term(k), [&](auto const& policy) { policy.evaluate(exec, problem, starts, own); });
    }
    detail::AddCosts<MemorySpace> add{result.cost, slots, {}, 0, 0};
    do {
      add.count = std::min(count - add.first, add.most);
      for (int k = 0; k < add.count; ++k) add.weights[k] = term(add.first + k).weight;
      Kokkos::parallel_for("gaus_schedule::expression::add",
                           Kokkos::RangePolicy<ExecutionSpace>(exec, 0, 1), add);
      add.first += add.count;
    } while (add.first < count);
  }

  template <gaus::Graph G>
  [[nodiscard]] double exact(gaus::Problem<G> const& problem,
                             std::span<int const> start_steps) const {
    double total = 0;
    for (auto const& term : terms_)
      visit(term,
            [&](auto const& policy) { total += term.weight * policy.exact(problem, start_steps); });
    return total;
  }

  /// Tells the discrete search what it minimises.
  void describe(gaus::CostModel& model, double weight) const {
    for (auto const& term : terms_)
      visit(term, [&](auto const& policy) { policy.describe(model, weight * term.weight); });
  }

 private:
  [[nodiscard]] Term const& term(int k) const { return terms_[static_cast<std::size_t>(k)]; }

  /// Calls use() with the policy that a term stands for.
  template <class Use>
  static void visit(Term const& term, Use const& use) {
    switch (term.cost) {
      case Cost::usage:
        return use(gaus::PeakUsage{term.resource});
      case Cost::memory:
        return use(gaus::MemoryFootprint{});
      case Cost::lifetime:
        return use(gaus::TotalLifetime{});
      case Cost::communication:
        return use(gaus::Communication{});
      case Cost::makespan:
        return use(gaus::Makespan{});
    }
  }

  std::vector<Term> terms_;
};

/// The sum that gaus::pareto_front() minimises: an expression again, so that the solver is compiled
/// once.
inline ExpressionObjective weighted_sum(gaus::Weighted<ExpressionObjective> const& x,
                                        gaus::Weighted<ExpressionObjective> const& y) {
  return ExpressionObjective::sum(x.weight, x.policy, y.weight, y.policy);
}

}  // namespace gaus_schedule

#endif

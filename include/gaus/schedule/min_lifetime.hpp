// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_SCHEDULE_MIN_LIFETIME_HPP
#define GAUS_SCHEDULE_MIN_LIFETIME_HPP

#include <gaus/detail/function_ref.hpp>
#include <gaus/detail/network_simplex.hpp>
#include <gaus/detail/separable.hpp>
#include <gaus/problem.hpp>
#include <gaus/schedule/cost.hpp>

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

// The exact minimum of the costs that are linear in the start steps: total lifetime, communication,
// makespan, and any non-negative combination of them,
//
//   min  b * sum_i size_i (last use_i - produced_i)  +  c * sum_e weight_e (s_j + k II - s_i)  +  ...
//
// over all difference constraints and step bounds, without resources. With one more node a value of
// several consumers (its last use) this is a linear programme over differences, totally unimodular:
// it has integral optima. Its dual is a min-cost flow, whose potentials are the start steps
// (Leiserson and Saxe, Retiming synchronous circuitry, 1991). Solved by the network simplex method;
// near-linear in practice. A strong start where communication rules, and a bound for every schedule.
namespace gaus {

/// Weights of the costs that are linear in the start steps, all non-negative.
struct LinearWeights {
  double lifetime = 1;       ///< on the sum of live sizes
  double communication = 0;  ///< on the weighted boundaries that dependences cross
  double makespan = 0;       ///< on the last finish, in steps
};

/// A minimum of linear costs.
struct LinearOptimum {
  std::vector<int> start;  ///< legal start steps
  double value = 0;        ///< their cost
  double bound = 0;        ///< no schedule costs less
  bool optimal = false;    ///< proven; false when keep_going() ended the search
};

/// Minimum of linear costs. keep_going() is asked often; when it returns false the answer is the
/// best legal schedule and the bound at hand. Plain and pipelined problems.
template <Graph H>
LinearOptimum min_lifetime(Problem<H> const& problem, DifferenceSystem const& system,
                           StepBounds const& bounds, LinearWeights const& weights,
                           detail::KeepGoing keep_going) {
  using detail::at;
  auto const form =
      detail::separable_form(problem, system, bounds, weights.lifetime != 0, weights.makespan != 0);
  std::vector<double> weight(at(form.nodes()), 0.0);
  double constant = weights.communication * problem.carried_weight;
  for (int i = 0; weights.communication != 0 && i < system.operations; ++i)
    weight[at(i)] += weights.communication * problem.net_weight(i);
  for (auto const& v : form.values) {
    double const w = weights.lifetime * v.size;
    weight[at(v.producer)] -= w;
    if (v.user >= 0) weight[at(v.user)] += w;
    constant += w * (v.offset - v.made);
  }
  if (form.makespan >= 0) weight[at(form.makespan)] += weights.makespan;

  // Amounts of flow are integers: weights times a power of two, exact for most graphs. What is lost
  // to rounding is taken off the bound.
  double total = 0;
  for (double const w : weight) total += std::abs(w);
  int exponent = 0;
  std::frexp(std::max(total, 1e-30), &exponent);
  double const scale = std::ldexp(1.0, 52 - exponent);
  detail::NetworkSimplex simplex(form.nodes());
  double rounding = 0;
  bool exact = true;
  for (int v = 0; v < form.nodes(); ++v) {
    double const rounded = std::round(weight[at(v)] * scale);
    double const rest = weight[at(v)] - rounded / scale;
    exact = exact && rest == 0;
    rounding += std::min(rest * form.low[at(v)], rest * form.high[at(v)]);
    simplex.add_weight(v, static_cast<detail::NetworkSimplex::Amount>(rounded));
  }
  for (auto const& r : form.rules) simplex.constrain(r.from, r.to, r.delta);

  LinearOptimum result;
  result.optimal = simplex.solve(form.low, form.high, keep_going);
  result.start.resize(at(system.operations));
  for (int i = 0; i < system.operations; ++i)
    result.start[at(i)] = static_cast<int>(std::clamp<std::int64_t>(
        simplex.potential(i), bounds.earliest[at(i)], bounds.latest[at(i)]));
  if (!result.optimal) raise(system, result.start);
  std::span<int const> const start(result.start);
  if (weights.lifetime != 0) result.value += weights.lifetime * total_lifetime(problem, start);
  if (weights.communication != 0)
    result.value += weights.communication * communication(problem, start);
  if (weights.makespan != 0) result.value += weights.makespan * makespan(problem, start);
  result.bound = result.optimal && exact
                     ? result.value
                     : std::min(result.value, simplex.flow_bound() / scale + constant + rounding);
  return result;
}

/// The minimum without a limit of time.
template <Graph H>
LinearOptimum min_lifetime(Problem<H> const& problem, DifferenceSystem const& system,
                           StepBounds const& bounds, LinearWeights const& weights = {}) {
  return min_lifetime(problem, system, bounds, weights, [] { return true; });
}

}  // namespace gaus

#endif

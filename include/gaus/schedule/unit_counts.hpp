// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_SCHEDULE_UNIT_COUNTS_HPP
#define GAUS_SCHEDULE_UNIT_COUNTS_HPP

#include <gaus/detail/function_ref.hpp>
#include <gaus/objective/communication.hpp>
#include <gaus/objective/makespan.hpp>
#include <gaus/objective/memory_footprint.hpp>
#include <gaus/objective/total_lifetime.hpp>
#include <gaus/objective/weighted_sum.hpp>
#include <gaus/problem.hpp>
#include <gaus/schedule/bounds.hpp>
#include <gaus/schedule/cost.hpp>
#include <gaus/schedule/makespan_search.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

// Allocation of units: where the objective is nothing but numbers of units, a schedule of fewer is a
// schedule of the same steps under limits, which the search for a short makespan decides
// (schedule/makespan_search.hpp). It tells packings apart that differ by a unit in a single step,
// where local search on smooth peaks sees a plateau.
namespace gaus::detail {

/// Whether an objective counts units alone, by class or the most of any class, in plain schedules.
inline bool counts_units(CostModel const& model) {
  bool const any = model.usage > 0 || !model.usage_of.empty();
  bool all = model.complete && any && model.memory == 0 && model.lifetime == 0 &&
             model.communication == 0 && model.makespan == 0 && model.usage >= 0;
  for (auto const& [r, weight] : model.usage_of) all = all && weight > 0;
  return all;
}

/// Whether a policy may be such an objective by its type: sums with another shipped cost are not.
template <class Policy>
inline constexpr bool may_count_units =
    !std::is_same_v<Policy, Communication> && !std::is_same_v<Policy, MemoryFootprint> &&
    !std::is_same_v<Policy, TotalLifetime> && !std::is_same_v<Policy, Makespan>;
template <class... Policies>
inline constexpr bool may_count_units<WeightedSum<Policies...>> = (may_count_units<Policies> &&
                                                                   ...);

/// Looks for schedules of fewer units than a given one has, a unit less at a time: of every class
/// that counts, with the others as they are or with one more where that pays. offer(start) takes a
/// schedule within the steps and returns whether it was better; then the search goes on from there.
/// Each try takes at most so many seconds. O(classes^2) tries a round.
template <Graph H>
void fewer_units(Problem<H> const& problem, DifferenceSystem const& system,
                 StepBounds const& bounds, CostModel const& model, std::vector<int> start,
                 double seconds, std::uint64_t seed,
                 FunctionRef<bool(std::vector<int> const&)> offer, KeepGoing keep_going) {
  int const classes = problem.graph.num_resources();
  std::vector<double> weight(at(classes), 0.0);
  for (auto const& [r, w] : model.usage_of) weight[at(r)] += w;
  std::vector<double> least(at(classes), 0.0);
  for (int r = 0; r < classes; ++r) least[at(r)] = peak_usage_bound(problem, bounds, r);
  auto const cost = [&](std::vector<double> const& units) {
    double value = model.usage * *std::max_element(units.begin(), units.end());
    for (std::size_t r = 0; r < units.size(); ++r) value += weight[r] * units[r];
    return value;
  };
  for (bool better = true; better && keep_going();) {
    better = false;
    std::vector<double> now(at(classes), 0.0);
    auto const usage = usage_profile(problem, std::span<int const>(start));
    for (int r = 0; r < classes; ++r) now[at(r)] = usage.peak(r);
    double const value = cost(now);
    std::vector<std::vector<double>> tries;
    auto const add = [&](std::vector<double> units) {
      for (std::size_t r = 0; r < units.size(); ++r)
        if (units[r] < least[r]) return;
      if (cost(units) < value - 1e-9 * std::abs(value)) tries.push_back(std::move(units));
    };
    if (model.usage > 0) {  // one unit less of every class that has the most
      auto units = now;
      double const top = *std::max_element(now.begin(), now.end());
      for (double& u : units) u = std::min(u, top - 1);
      add(units);
    }
    for (std::size_t r = 0; r < now.size(); ++r) {
      if (weight[r] == 0) continue;
      for (std::size_t other = 0; other < now.size(); ++other) {
        auto units = now;
        units[r] -= other == r ? 1 : 2;
        if (other != r) units[other] += 1;
        if (other == r || weight[other] > 0) add(units);
      }
    }
    for (auto const& units : tries) {
      if (!keep_going()) return;
      std::vector<std::optional<double>> const limits(units.begin(), units.end());
      MakespanOptions options;
      options.time_limit = seconds;
      options.seed = seed;
      options.enough = problem.steps;
      auto const found = minimize_makespan(problem.graph, system, limits, options, keep_going);
      if (!found.found || found.makespan > problem.steps) continue;
      if (!offer(found.start_steps)) continue;
      start = found.start_steps;
      better = true;
      break;
    }
  }
}

}  // namespace gaus::detail

#endif

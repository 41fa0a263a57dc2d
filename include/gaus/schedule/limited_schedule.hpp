// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_SCHEDULE_LIMITED_SCHEDULE_HPP
#define GAUS_SCHEDULE_LIMITED_SCHEDULE_HPP

#include <gaus/constraint.hpp>
#include <gaus/detail/message.hpp>
#include <gaus/error.hpp>
#include <gaus/graph/infeasible.hpp>
#include <gaus/graph/initiation_interval.hpp>
#include <gaus/graph/step_bounds.hpp>
#include <gaus/optimizer/observer.hpp>
#include <gaus/problem.hpp>
#include <gaus/schedule/cost.hpp>
#include <gaus/schedule/makespan_search.hpp>
#include <gaus/schedule/relaxation_run.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

// Plain schedules under resource limits: what schedule() does before its solver, and in its place
// where the makespan alone counts.
namespace gaus::detail {

/// Whether a schedule as short as possible is all that is asked for.
inline bool makespan_alone(CostModel const& model) {
  return model.complete && model.makespan > 0 && model.usage == 0 && model.usage_of.empty() &&
         model.memory == 0 && model.lifetime == 0 && model.communication == 0;
}

/// A schedule within limits, to begin with: the first one at hand where it keeps the steps (0: any
/// number) and is not to be short, else the shortest that a tenth of the time finds. Throws
/// Infeasible for an operation that takes more than there is, and where the search proves that no
/// schedule exists, or none of so many steps: with the interval that is overloaded, if there is one.
template <Graph H>
MakespanResult first_schedule(H const& graph, DifferenceSystem const& system,
                              std::vector<std::optional<double>> const& limits, int steps,
                              bool shorten, std::uint64_t seed, StopCondition const& clock,
                              bool by_the_clock) {
  resource_interval(graph, limits);
  MakespanOptions options;
  options.seed = seed;
  options.time_limit = 0;
  auto const go_on = [&] { return !clock.reached(); };
  auto result = minimize_makespan(graph, system, limits, options, go_on);
  // A given number of iterations must repeat: what is found without a search has to do, or the first
  // schedule of the search, which knows no chance.
  if (!by_the_clock && !result.found && !result.infeasible) {
    options.time_limit = 60;
    options.enough = std::numeric_limits<int>::max();
    result = minimize_makespan(graph, system, limits, options, go_on);
  }
  bool const enough = result.found && !shorten && (steps == 0 || result.makespan <= steps);
  if (by_the_clock && !enough && !result.optimal) {
    options.time_limit = clock.limit() > 0 ? 0.1 * clock.limit() : 1.0;
    options.start = result.start_steps;
    result = minimize_makespan(graph, system, limits, options, go_on);
  }
  if (result.infeasible)
    throw Infeasible(result.text, {InfeasibleReason::Kind::resource, {}, 0, 0});
  if (steps > 0 && result.lower_bound > steps) {
    if (auto const reason = overloaded_interval(graph, step_bounds(system, steps), steps, limits))
      throw Infeasible(reason_text(*reason), *reason);
    throw Infeasible(
        detail::message({"no schedule of ", steps,
                         " steps exists: within the resource limits none is shorter than ",
                         result.lower_bound, " steps"}),
        {InfeasibleReason::Kind::resource, {}, result.lower_bound, steps});
  }
  return result;
}

/// The means of one short descent of the relaxation under the limits: an order for the schedule
/// generation schemes. most: iterations, 0 for no limit. Empty when there is no time for it.
template <class Real, class ExecutionSpace, Graph G, class ObjectivePolicy, class... Policies>
std::vector<double> relaxed_order(ExecutionSpace const& exec, Problem<G> const& problem,
                                  StepBounds const& bounds, ObjectivePolicy const& objective,
                                  Constraints<Policies...> const& constraints,
                                  StopCondition const& clock, std::int64_t most,
                                  std::int64_t& iterations) {
  if (clock.reached() || bounds.earliest.empty()) return {};
  RelaxationRun<ExecutionSpace, G, Real, ObjectivePolicy, Policies...> run(exec, problem, objective,
                                                                           constraints);
  std::vector<double> means;
  for (std::size_t i = 0; i < bounds.earliest.size(); ++i)
    means.push_back(0.5 * (bounds.earliest[i] + bounds.latest[i]));
  constexpr std::int64_t usual = 200;
  run.begin({.iterations = static_cast<int>(most > 0 ? std::min(most, usual) : usual)}, means);
  double const until = clock.limit() > 0 ? clock.seconds() + 0.05 * clock.limit() : 0;
  while (!run.done() && !clock.reached() && (until <= 0 || clock.seconds() < until)) run.step();
  iterations += run.iteration();
  auto const found = run.means();
  return std::vector<double>(found.begin(), found.end());
}

/// The least makespan: schedule generation, exact and large neighbourhood search from a first
/// schedule and the order of the relaxation.
template <Graph H>
MakespanResult least_makespan(H const& graph, DifferenceSystem const& system,
                              std::vector<std::optional<double>> const& limits,
                              MakespanResult const& first, std::vector<double> order,
                              std::uint64_t seed, StopCondition const& clock, bool by_the_clock) {
  MakespanOptions options;
  options.seed = seed;
  options.time_limit = !by_the_clock       ? 0.0
                       : clock.limit() > 0 ? std::max(0.0, clock.limit() - clock.seconds())
                                           : 1e9;
  options.start = first.start_steps;
  options.priorities = std::move(order);
  auto result = minimize_makespan(graph, system, limits, options, [&] { return !clock.reached(); });
  result.lower_bound = std::max(result.lower_bound, first.lower_bound);
  result.optimal = result.found && result.makespan <= result.lower_bound;
  return result;
}

}  // namespace gaus::detail

#endif

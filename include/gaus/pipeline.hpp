// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_PIPELINE_HPP
#define GAUS_PIPELINE_HPP

#include <gaus/constraint/resource_limit.hpp>
#include <gaus/detail/host_graph.hpp>
#include <gaus/detail/message.hpp>
#include <gaus/graph/infeasible.hpp>
#include <gaus/graph/initiation_interval.hpp>
#include <gaus/graph/step_bounds.hpp>
#include <gaus/schedule/interval_search.hpp>
#include <gaus/schedule/limit_legalize.hpp>
#include <gaus/schedule/pipeline_result.hpp>
#include <gaus/schedule/solver.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

// Modulo scheduling: a new iteration of a loop starts every II steps.
//
//   auto const loop = gaus::pipeline(exec, graph, gaus::MemoryFootprint{}, {2.0, 1.0});
//   loop.schedule.initiation_interval   // the least that was found; loop.interval_text says why
//   loop.costs.memory                   // registers: the most values live at once, of all iterations
//
// First the interval: discrete schedulers from MII upward (schedule/interval_search.hpp). Then, at
// that interval, the objective: the relaxation over folded costs and limits from the schedule of
// least total lifetime, its means made legal slot by slot, and local search on folded costs.
namespace gaus {

namespace detail {

/// Throws Infeasible with the path that is too long for the steps of an iteration, at the interval
/// that was asked for, else whatever the interval.
template <Graph H>
void check_steps(H const& graph, PipelineOptions const& options) {
  try {
    step_bounds(make_difference_system(graph, options.initiation_interval), options.steps);
  } catch (Infeasible const& error) {
    if (options.names == nullptr) throw;
    throw with_names(error, *options.names);
  }
}

}  // namespace detail

/// Pipelines a loop: the least initiation interval, or the given one, and at that interval the least
/// objective that the time allows. limits: of the resource classes, one a class, none for unlimited
/// (GraphDescription::limits()). The search for the interval takes at most a third of the time.
/// Throws InvalidInput, and Infeasible with the recurrence or the class that rules out an interval,
/// or when no schedule of the interval, or within the steps, was found.
template <class Real = float, class ExecutionSpace, Graph G, class ObjectivePolicy>
PipelineResult pipeline(ExecutionSpace const& exec, G const& graph,
                        ObjectivePolicy const& objective,
                        std::vector<std::optional<double>> const& limits,
                        PipelineOptions const& options = {}) {
  using MemorySpace = typename G::memory_space;
  check_graph<G>();
  check_objective<ObjectivePolicy, ExecutionSpace, G, Real>();
  detail::check_accessible<ExecutionSpace, MemorySpace>();
  bool const limited = !(options.time_limit <= 0) || options.iterations > 0;
  StopCondition const clock(limited ? options.time_limit : 10, options.stop);
  auto const host = detail::host_graph(exec, graph);
  using H = std::remove_const_t<decltype(host)>;
  if (options.steps < 0 || options.steps > detail::max_steps)
    throw InvalidInput(
        detail::message({"steps ", options.steps, " is not within 0..", detail::max_steps}));
  if (options.initiation_interval < 0 || options.initiation_interval > detail::max_steps)
    throw InvalidInput(detail::message({"initiation interval ", options.initiation_interval,
                                        " is not within 0..", detail::max_steps}));

  IntervalSearchOptions search;
  search.time_limit = clock.limit() > 0 ? clock.limit() / 3 : 0;
  search.only = options.initiation_interval;
  search.steps = options.steps;
  search.seed = options.seed;
  search.names = options.names;
  search.stop = options.stop;
  if (options.initiation_interval > 0)
    check_interval(host, initiation_interval(host, limits, options.names),
                   options.initiation_interval, options.names);
  if (options.steps > 0) detail::check_steps(host, options);
  if (!options.start.empty() &&
      options.start.size() != static_cast<std::size_t>(host.num_operations()))
    throw InvalidInput(
        detail::message({"the start has ", options.start.size(), " start steps, the graph has ",
                         host.num_operations(), " operations"}));
  search.sequential = false;
  auto found = interval_search(host, limits, search);
  if (!found
           .found) {  // all the time, since nothing else is worth it; in the end any pipeline will do
    constexpr double none = 1e-9;
    search.time_limit =
        clock.limit() > 0 ? std::max(none, 0.9 * (clock.limit() - clock.seconds())) : 0;
    search.sequential = true;
    found = interval_search(host, limits, search);
  }
  if (!found.found) throw Infeasible(found.text, {});

  PipelineResult result;
  int const interval = found.interval;
  result.minimum = found.minimum;
  result.interval_is_minimal = found.proven;
  result.interval_text = found.text;
  auto const system = make_difference_system(host, interval);
  int const critical = critical_path(system, earliest_steps(system));
  int const steps = options.steps > 0 ? options.steps : std::max(found.length, critical + interval);
  auto const bounds = step_bounds(system, steps);
  auto const problem = make_problem(graph, host, steps, bounds, interval, options.hold_outputs);
  auto const host_problem = make_problem(host, host, steps, bounds, interval, options.hold_outputs);
  Constraints<ResourceLimit<MemorySpace>> const constraints{ResourceLimit<MemorySpace>(limits)};

  SolverOptions const settings{.seed = options.seed,
                               .time_limit = clock.limit(),
                               .iterations = options.iterations,
                               .stall = limited ? 0 : 24,
                               .recipe = {},
                               .observer = options.observer,
                               .stop = options.stop};
  detail::Solver<ExecutionSpace, Real, G, H, ObjectivePolicy, ResourceLimit<MemorySpace>> solver(
      exec, problem, host_problem, system, bounds, objective, constraints, settings, clock);
  auto first = found.start;
  if (!options.start.empty()) {  // or what is legal near the caller's schedule, if it costs less
    auto given = options.start;
    legalize(system, bounds, Direction::forward, given);
    detail::LimitLegalizer<H> legalizer(host_problem, system, bounds, limits, clock);
    std::span<int const> const near(given);
    auto const take = [&](std::vector<int> const& trial) {
      std::span<int const> const own(trial);
      if (resource_violations(host_problem, own, limits).empty() &&
          objective.exact(host_problem, own) <
              objective.exact(host_problem, std::span<int const>(first)))
        first = trial;
    };
    legalizer.candidates(near, take);
  }
  result.stopped_by = solver.solve(first);
  result.lower_bound = solver.final_bound();
  result.schedule = {solver.incumbent().best(), steps, interval};
  std::span<int const> const start(result.schedule.start_steps);
  result.value = objective.exact(host_problem, start);
  result.lower_bound = std::min(result.lower_bound, result.value);
  result.costs = exact_costs(host_problem, start);
  result.stages = number_of_stages(makespan(host_problem, start), interval);
  result.violations = verify(host_problem, start);
  auto excess = resource_violations(host_problem, start, limits, options.names);
  result.violations.insert(result.violations.end(), excess.begin(), excess.end());
  result.feasible = result.violations.empty();
  result.iterations = solver.iterations();
  result.trace = solver.incumbent().trace();
  result.bound_trace = solver.bound_trace();
  result.seconds = clock.seconds();
  return result;
}

}  // namespace gaus

#endif

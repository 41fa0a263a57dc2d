// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_SCHEDULE_HPP
#define GAUS_SCHEDULE_HPP

#include <gaus/constraint.hpp>
#include <gaus/detail/host_graph.hpp>
#include <gaus/detail/message.hpp>
#include <gaus/objective.hpp>
#include <gaus/schedule/limited_schedule.hpp>
#include <gaus/schedule/solver.hpp>
#include <gaus/schedule/verify.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

// The front door:
//
//   auto const result = gaus::schedule(exec, graph, 100.0 * gaus::PeakUsage{} + gaus::Communication{},
//                                      {.slack = 1.2, .time_limit = 5});
//   result.schedule.start_step(7)
//
// Every operation gets an integer start step such that all dependences hold within the steps, at the
// least objective that the time allows. The result is verified by definitions that share no code
// with the optimiser, and never worse than the start it was given.
namespace gaus {

/// Integer start steps of all operations.
struct Schedule {
  std::vector<int> start_steps;
  int steps = 0;                ///< latency bound that it keeps
  int initiation_interval = 0;  ///< 0: a plain schedule

  [[nodiscard]] int start_step(int operation) const {
    return start_steps[static_cast<std::size_t>(operation)];
  }
};

/// Options of schedule(). The defaults suit any graph.
struct Options {
  int steps = 0;       ///< latency bound D; 0: slack times the critical path, or under resource
                       ///< limits what the shortest schedule that is found takes
  double slack = 1.0;  ///< >= 1
  bool hold_outputs = false;  ///< values without consumers stay live to the end
  std::vector<int> start{};   ///< a schedule to improve on, legal or not; empty: none
  std::uint64_t seed = 0;
  double time_limit = 0;           ///< seconds; 0: until it stalls, at most 10
  std::int64_t iterations = 0;     ///< of the relaxation; 0: no limit. Repeats bit for bit
  std::optional<Recipe> recipe{};  ///< for experts
  bool bound = true;               ///< look for a lower bound, and search, in a host thread beside
  bool stop_when_proven = true;    ///< the value has met the lower bound; ties may still differ
  Observer observer{};
  std::atomic<bool> const* stop = nullptr;  ///< raised from outside to end the solve
  int batch = 0;  ///< descents at once (schedule/batch.hpp); 0: chosen, 1 on the host
};

/// What a solve returns.
struct SolveResult {
  Schedule schedule;
  double value = 0;  ///< exact objective of the schedule
  double lower_bound = -std::numeric_limits<double>::infinity();  ///< no schedule is below
  bool feasible = false;                                          ///< violations is empty
  std::vector<Violation> violations;  ///< by verify(); only of constraints beside dependences
  std::int64_t iterations = 0;        ///< of the relaxation
  double seconds = 0;                 ///< of wall time
  StopReason stopped_by = StopReason::iterations;
  std::vector<TracePoint> trace;  ///< improvements, in order
  PhaseTimes phases;
};

/// Steps that a graph gets: options.steps, or slack times the critical path, rounded up. Throws
/// InvalidInput for a slack below 1 or negative steps.
inline int latency_bound(Options const& options, int critical) {
  if (options.steps < 0)
    throw InvalidInput(detail::message({"steps ", options.steps, " is negative"}));
  if (options.steps > detail::max_steps)
    throw InvalidInput(detail::message({"steps ", options.steps, " is above ", detail::max_steps}));
  if (options.steps > 0) return options.steps;
  if (!(options.slack >= 1) || !(options.slack * critical <= detail::max_steps))
    throw InvalidInput(
        detail::message({"slack ", options.slack,
                         " must be at least 1 (times the critical path of ", critical, " steps)"}));
  return static_cast<int>(std::ceil(options.slack * critical - 1e-9));
}

/// Schedules a graph. Real: scalar type of the relaxation. Memory O(V + E) beside the profiles of
/// D entries a class. Throws InvalidInput, and Infeasible with the path or cycle that is in the way.
/// Under limits (constraint/resource_limit.hpp) of which no schedule is found in time, the result is
/// the one that passes them least, with its violations; where the makespan alone counts, Infeasible.
template <class Real = float, class ExecutionSpace, Graph G, class ObjectivePolicy,
          class... Policies>
SolveResult schedule(ExecutionSpace const& exec, G const& graph, ObjectivePolicy const& objective,
                     Constraints<Policies...> const& constraints, Options const& options = {}) {
  check_graph<G>();
  check_objective<ObjectivePolicy, ExecutionSpace, G, Real>();
  (check_constraint<Policies, ExecutionSpace, G, Real>(), ...);
  detail::check_accessible<ExecutionSpace, typename G::memory_space>();

  bool const limited = !(options.time_limit <= 0) || options.iterations > 0;
  StopCondition const clock(limited ? options.time_limit : 10, options.stop);
  auto const host = detail::host_graph(exec, graph);
  using H = std::remove_const_t<decltype(host)>;
  Problem<H> draft;
  draft.graph = host;
  auto const system =
      make_difference_system(host, 0, detail::declared_differences(draft, constraints));
  auto const limits = detail::declared_limits(constraints);
  auto const deadlines = detail::declared_deadlines(draft, constraints);
  CostModel model;
  detail::describe(objective, model, 1.0);
  bool const shortest = !limits.empty() && deadlines.empty() && detail::makespan_alone(model) &&
                        (detail::declared<H, Policies> && ...);
  MakespanResult first;
  int steps = latency_bound(options, critical_path(system, earliest_steps(system)));
  constexpr bool knows_limits = (detail::declares_limits<Policies> || ...);  // else not compiled
  if constexpr (knows_limits) {
    if (!limits.empty())
      first = detail::first_schedule(host, system, limits, options.steps,
                                     options.steps == 0 && !shortest, options.seed, clock,
                                     options.iterations == 0);
    if (options.steps == 0) steps = std::max(steps, first.makespan);
  }
  auto const bounds = step_bounds(system, steps, deadlines);
  auto const problem = make_problem(graph, host, steps, bounds, 0, options.hold_outputs);
  auto const host_problem = make_problem(host, host, steps, bounds, 0, options.hold_outputs);
  if (!options.start.empty() && options.start.size() != bounds.earliest.size())
    throw InvalidInput(
        detail::message({"the start has ", options.start.size(), " start steps, the graph has ",
                         bounds.earliest.size(), " operations"}));

  SolveResult result;
  auto const finish = [&](std::vector<int> start_steps) {
    result.schedule = {std::move(start_steps), steps, 0};
    std::span<int const> const start(result.schedule.start_steps);
    result.value = objective.exact(host_problem, start);
    // The sums of the two are rounded in different orders.
    result.lower_bound = std::min(result.lower_bound, result.value);
    result.violations = verify(host_problem, start, constraints);
    result.feasible = result.violations.empty();
    result.seconds = clock.seconds();
  };
  if constexpr (knows_limits) {
    if (shortest) {
      auto const kept = [&](std::vector<int> const& start) {  // a shorter schedule of the caller's
        return !start.empty() &&
               verify(host_problem, std::span<int const>(start), constraints).empty() &&
               (!first.found ||
                makespan(host_problem, std::span<int const>(start)) < first.makespan);
      };
      if (kept(options.start)) {
        first.start_steps = options.start;
        first.makespan = makespan(host_problem, std::span<int const>(options.start));
        first.found = true;
      }
      auto order = detail::relaxed_order<Real>(exec, problem, bounds, objective, constraints, clock,
                                               options.iterations, result.iterations);
      auto const least = detail::least_makespan(host, system, limits, first, std::move(order),
                                                options.seed, clock, options.iterations == 0);
      if (least.infeasible || !least.found)
        throw Infeasible(least.text, {InfeasibleReason::Kind::resource, {}, 0, 0});
      result.lower_bound = model.makespan * least.lower_bound;
      result.stopped_by = least.optimal            ? StopReason::optimal
                          : clock.requested()      ? StopReason::request
                          : options.iterations > 0 ? StopReason::iterations
                                                   : StopReason::time_limit;
      finish(least.start_steps);
      result.trace = {{result.seconds, static_cast<int>(result.iterations), result.value}};
      return result;
    }
  }

  SolverOptions const settings{.seed = options.seed,
                               .time_limit = clock.limit(),
                               .iterations = options.iterations,
                               .stall = limited ? 0 : 24,
                               .recipe = options.recipe,
                               .bound = options.bound,
                               .stop_when_proven = options.stop_when_proven,
                               .observer = options.observer,
                               .stop = options.stop,
                               .batch = options.batch};
  detail::Solver<ExecutionSpace, Real, G, H, ObjectivePolicy, Policies...> solver(
      exec, problem, host_problem, system, bounds, objective, constraints, settings, clock);
  if (first.found) solver.offer(first.start_steps);
  result.stopped_by = solver.solve(options.start);
  result.lower_bound = solver.final_bound();
  result.iterations = solver.iterations();
  result.trace = solver.incumbent().trace();
  result.phases = solver.times();
  finish(solver.incumbent().best());
  return result;
}

/// Schedules a graph under its dependences alone.
template <class Real = float, class ExecutionSpace, Graph G, class ObjectivePolicy>
SolveResult schedule(ExecutionSpace const& exec, G const& graph, ObjectivePolicy const& objective,
                     Options const& options = {}) {
  return schedule<Real>(exec, graph, objective, Constraints<>{}, options);
}

}  // namespace gaus

#endif

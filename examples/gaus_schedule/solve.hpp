// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_SCHEDULE_SOLVE_HPP
#define GAUS_SCHEDULE_SOLVE_HPP

#include "expression.hpp"
#include "expression_objective.hpp"
#include "instance.hpp"
#include "options.hpp"
#include "progress.hpp"
#include <gaus/constraint/resource_limit.hpp>
#include <gaus/io/file.hpp>
#include <gaus/io/schedule_json.hpp>
#include <gaus/schedule.hpp>
#include <gaus/schedule/force_directed.hpp>
#include <gaus/schedule/list.hpp>
#include <gaus/schedule/makespan_search.hpp>
#include <gaus/schedule/min_lifetime.hpp>
#include <gaus/schedule/refine.hpp>

#include <Kokkos_Core.hpp>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace gaus_schedule {

/// Seconds that annealing alone takes where no limit is given.
inline constexpr double default_annealing = 2;

/// What one method has found.
struct Outcome {
  std::string method;
  std::vector<int> start_steps;
  gaus::Costs costs;
  double value = 0;
  std::vector<std::string> violations;
  double seconds = 0;
  std::optional<double> lower_bound;    ///< no schedule is below; with the constant
  std::vector<int> given;               ///< the schedule of --start, if one was improved on
  std::vector<gaus::TracePoint> trace;  ///< values with the constant, as the next
  std::vector<gaus::TracePoint> bound_trace;
  std::optional<std::int64_t> iterations;  ///< of gaus, as the next
  std::optional<gaus::StopReason> stopped_by;
};

namespace detail {

inline std::atomic<bool> stop_request{false};
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler raises it");

/// The first signal raises stop_request, a later one ends the program as ever. One that comes at once
/// is the same again: a wrapper sends it to its child and to its group.
inline void on_signal(int signal) {
  static std::atomic<std::int64_t> first{0};
  constexpr std::int64_t same = 200'000'000;  // nanoseconds
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  std::int64_t const at = std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
  std::int64_t none = 0;
  if (!first.compare_exchange_strong(none, at) && at - none > same) {
    std::signal(signal, SIG_DFL);
    std::raise(signal);
  }
  stop_request = true;
}

/// From here on Ctrl-C and SIGTERM end the search, which is not begun where the input is still being
/// read, and the best schedule is written. A file that would grow beyond the limit of the shell is an
/// error of that file.
inline void stop_on_signals() {
  struct sigaction action {};
  action.sa_handler = on_signal;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  std::signal(SIGXFSZ, SIG_IGN);
}

inline std::vector<int> classical_schedule(std::string const& method, Options const& options,
                                           Instance const& instance, Expression const& expression,
                                           double annealing_limit);

inline void judge(Outcome& outcome, Instance const& instance, Expression const& expression,
                  gaus::GraphDescription const& description) {
  outcome.violations = violations_of(instance.problem, description, outcome.start_steps);
  outcome.costs = gaus::exact_costs(instance.problem, outcome.start_steps);
  outcome.value = value_of(expression, outcome.costs);
}

/// What the library's solvers return, a solve or a pipeline, judged.
template <class Result>
Outcome outcome_of(Result result, Instance const& instance, Expression const& expression,
                   gaus::GraphDescription const& description) {
  Outcome outcome;
  outcome.method = "gaus";
  outcome.start_steps = std::move(result.schedule.start_steps);
  outcome.seconds = result.seconds;
  outcome.iterations = result.iterations;
  outcome.stopped_by = result.stopped_by;
  if (std::isfinite(result.lower_bound))
    outcome.lower_bound = settle(result.lower_bound + expression.constant);
  outcome.trace = std::move(result.trace);
  outcome.bound_trace = std::move(result.bound_trace);
  for (auto* const points : {&outcome.trace, &outcome.bound_trace})
    for (auto& point : *points) point.value = settle(point.value + expression.constant);
  judge(outcome, instance, expression, description);
  return outcome;
}

inline gaus::CostModel cost_model(Instance const& instance, Expression const& expression) {
  gaus::CostModel model;
  ExpressionObjective(expression, instance.graph.num_resources()).describe(model, 1.0);
  return model;
}

/// The schedule of least lifetime, communication and makespan, each as the expression weighs it;
/// of least lifetime where it has none of them.
template <class KeepGoing>
std::vector<int> least_linear_schedule(Instance const& instance, Expression const& expression,
                                       KeepGoing const& go_on) {
  auto const model = cost_model(instance, expression);
  gaus::LinearWeights weights{model.lifetime, model.communication, model.makespan};
  if (weights.lifetime + weights.communication + weights.makespan <= 0) weights.lifetime = 1;
  return gaus::min_lifetime(instance.problem, instance.system, instance.bounds, weights, go_on)
      .start;
}

/// One simulated annealing as long as the limit, on the moves and the costs of the library's own
/// refinement, from the best of the other classical schedules.
inline std::vector<int> annealed_schedule(Options const& options, Instance const& instance,
                                          Expression const& expression, double limit) {
  auto const begin = std::chrono::steady_clock::now();
  auto const seconds = [&] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  };
  std::vector<int> start;
  double least = 0;
  for (std::string const other : {"asap", "alap", "list", "min-lifetime", "force-directed"}) {
    auto trial = classical_schedule(other, options, instance, expression, 0);
    double const value = value_of(expression, gaus::exact_costs(instance.problem, trial));
    if (!start.empty() && value >= least) continue;
    least = value;
    start = std::move(trial);
    if (seconds() > 0.5 * limit) break;
  }
  gaus::Refiner refiner(instance.problem, instance.system, instance.bounds,
                        cost_model(instance, expression));
  double const before = seconds();
  refiner.anneal_by(start, gaus::RefineOptions{.seed = options.seed}, [&] {
    return stop_request ? 1.0 : (seconds() - before) / std::max(1e-9, limit - before);
  });
  return start;
}

/// asap, alap, or the best schedule of all priorities of list or reductions of force-directed. A
/// signal cuts it short, the time limit force-directed and annealing.
inline std::vector<int> classical_schedule(std::string const& method, Options const& options,
                                           Instance const& instance, Expression const& expression,
                                           double annealing_limit) {
  auto const& graph = instance.graph;
  auto const& system = instance.system;
  auto const& bounds = instance.bounds;
  int const steps = instance.steps;
  if (method == "asap") return bounds.earliest;
  if (method == "alap") return bounds.latest;
  std::vector<int> best;
  double least = 0;
  auto const consider = [&](std::vector<int> start) {
    double const value = value_of(expression, gaus::exact_costs(instance.problem, start));
    if (!best.empty() && value >= least) return;
    least = value;
    best = std::move(start);
  };
  if (method == "list" && instance.limited()) {  // schedule generation by classical priorities
    gaus::MakespanOptions first;
    first.time_limit = 0;
    auto const result = gaus::minimize_makespan(graph, system, instance.limits, first,
                                                [] { return !stop_request; });
    if (!result.found) throw gaus::Infeasible(result.text, {});
    return result.start_steps;
  }
  if (method == "list") {
    auto const go_on = [] { return !stop_request; };
    for (auto const priority : gaus::list_priorities)
      consider(gaus::list_schedule(graph, system, bounds, steps, go_on, priority));
    return best;
  }
  constexpr double default_limit = 10;
  double const limit = options.time_limit > 0 ? options.time_limit : default_limit;
  auto const begin = std::chrono::steady_clock::now();
  auto const go_on = [&] {
    auto const now = std::chrono::steady_clock::now();
    return !stop_request && std::chrono::duration<double>(now - begin).count() < limit;
  };
  if (method == "min-lifetime") return least_linear_schedule(instance, expression, go_on);
  if (method == "annealing")
    return annealed_schedule(options, instance, expression,
                             options.time_limit > 0 ? limit : annealing_limit);
  for (auto const reduction : gaus::window_reductions)
    consider(gaus::force_directed_schedule(graph, system, bounds, steps, go_on, reduction));
  return best;
}

/// The start steps of a schedule file, one an operation.
inline std::vector<int> read_start(std::string const& name, std::size_t operations) {
  auto stream = gaus::open_input(name);
  auto start = gaus::read_schedule(stream, name).start_steps;
  if (start.size() != operations)
    gaus::detail::fail(name, std::to_string(start.size()) + " start steps, the input has " +
                                 std::to_string(operations) + " operations");
  return start;
}

}  // namespace detail

/// The schedule that --start names; empty when it names none. Throws gaus::InvalidInput.
inline std::vector<int> start_schedule(Options const& options, Instance const& instance,
                                       Expression const& expression) {
  auto const& name = options.start;
  if (name.empty()) return {};
  if (name == "midpoint") {
    auto start = instance.bounds.earliest;
    for (std::size_t i = 0; i < start.size(); ++i)
      start[i] = (start[i] + instance.bounds.latest[i]) / 2;
    return start;
  }
  if (name != "gaus" &&
      std::find(std::begin(method_names), std::end(method_names), name) != std::end(method_names))
    return detail::classical_schedule(name, options, instance, expression, default_annealing);
  return detail::read_start(name, instance.bounds.earliest.size());
}

/// Schedules by one of the classical methods. Under limits without --steps the instance gets the
/// steps that the schedule takes.
inline Outcome solve_classical(std::string const& method, Options const& options,
                               Instance& instance, Expression const& expression,
                               gaus::GraphDescription const& description,
                               double annealing_limit = default_annealing) {
  auto const begin = std::chrono::steady_clock::now();
  Outcome outcome;
  outcome.method = method;
  outcome.start_steps =
      detail::classical_schedule(method, options, instance, expression, annealing_limit);
  outcome.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  if (detail::stop_request) outcome.stopped_by = gaus::StopReason::request;
  int const taken = gaus::makespan(instance.problem, outcome.start_steps);
  if (method == "list" && instance.limited() && !options.steps && taken > instance.steps)
    instance = make_instance(description, taken, {});
  detail::judge(outcome, instance, expression, description);
  outcome.trace = {{outcome.seconds, 0, outcome.value}};
  return outcome;
}

/// Schedules by gaus, with a progress bar on a terminal, until a limit or a signal. Under limits
/// without --steps the instance gets the steps that the library chose.
inline Outcome solve_gaus(Options const& options, Instance& instance, Expression const& expression,
                          gaus::GraphDescription const& description) {
  using Space = Kokkos::DefaultExecutionSpace;
  gaus::Options settings;
  settings.steps = instance.limited() && !options.steps ? 0 : instance.steps;
  settings.slack = options.slack.value_or(1.0);
  settings.seed = options.seed;
  settings.time_limit = options.time_limit;
  settings.iterations = options.iterations;
  settings.start = start_schedule(options, instance, expression);
  settings.stop = &detail::stop_request;
  ProgressBar bar(!options.quiet, expression.constant);
  if (bar.shown())
    settings.observer = [&](gaus::Progress const& progress) {
      bar.update(progress);
      return false;
    };
  ExpressionObjective const objective(expression, instance.graph.num_resources());
  auto const solve = [&](auto const& graph) {
    gaus::Constraints const limits{
        gaus::ResourceLimit<typename Space::memory_space>(instance.limits)};
    return gaus::schedule<float>(Space{}, graph, objective, limits, settings);
  };
  gaus::SolveResult result = with_graph<Space>(instance, description, solve);
  bar.clear();
  if (result.schedule.steps != instance.steps)
    instance = make_instance(description, result.schedule.steps, {});

  auto outcome = detail::outcome_of(std::move(result), instance, expression, description);
  outcome.given = std::move(settings.start);
  return outcome;
}

}  // namespace gaus_schedule

#endif

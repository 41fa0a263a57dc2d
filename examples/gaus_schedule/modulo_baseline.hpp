// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_SCHEDULE_MODULO_BASELINE_HPP
#define GAUS_SCHEDULE_MODULO_BASELINE_HPP

#include "expression.hpp"
#include "instance.hpp"
#include "options.hpp"
#include "solve.hpp"
#include <gaus/error.hpp>
#include <gaus/graph/initiation_interval.hpp>
#include <gaus/schedule/cost.hpp>
#include <gaus/schedule/iterative_modulo.hpp>
#include <gaus/schedule/swing_modulo.hpp>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

// The classical modulo schedulers, as baselines of --initiation-interval.
namespace gaus_schedule {

/// A pipelined schedule and what is known of its interval.
struct PipelineOutcome {
  Outcome outcome;
  Instance instance;  ///< with the interval and the steps of the schedule
  gaus::InitiationInterval minimum;
  bool interval_is_minimal = false;
  std::string interval_text;  ///< why it cannot be smaller, or what stood in the way
};

namespace detail {

/// A graph with an interval and the steps of an iteration, for costs and verdicts. Bounds and the
/// critical path serve plain schedules alone.
inline Instance pipelined_instance(gaus::GraphDescription const& description, int steps,
                                   int interval) {
  Instance instance;
  instance.graph = gaus::build_graph<>(description);
  instance.limits = description.limits();
  instance.steps = steps;
  instance.problem =
      gaus::make_problem(instance.graph, instance.graph, steps, gaus::StepBounds{}, interval);
  return instance;
}

}  // namespace detail

/// Schedules a loop by one of the classical methods, at the interval of the options or at the least
/// one from MII upward at which the method succeeds; none where it does not, within the time limit
/// (10 s where none is given). Throws gaus::Infeasible for an interval below MII.
inline std::optional<PipelineOutcome> solve_modulo_baseline(
    std::string const& method, Options const& options, Expression const& expression,
    gaus::GraphDescription const& description) {
  auto const begin = std::chrono::steady_clock::now();
  auto const seconds = [&] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  };
  constexpr double default_limit = 10;
  double const limit = options.time_limit > 0 ? options.time_limit : default_limit;
  auto const go_on = [&] { return !detail::stop_request && seconds() < limit; };
  auto const graph = gaus::build_graph<>(description);
  auto const limits = description.limits();
  PipelineOutcome own;
  own.minimum = gaus::initiation_interval(graph, limits, &description);
  int const asked = *options.initiation_interval;
  if (asked > 0) gaus::check_interval(graph, own.minimum, asked, &description);
  if (options.steps) gaus::step_bounds(gaus::make_difference_system(graph, asked), *options.steps);

  // One iteration after another is a schedule, too: no search needs to go beyond.
  long long longest = own.minimum.interval;
  for (auto const& o : description.operations) longest += std::max(o.latency, o.occupancy);
  for (auto const& d : description.dependences) longest += std::max(0, d.delay);
  int const first = asked > 0 ? asked : own.minimum.interval;
  int const last =
      asked > 0 ? asked : static_cast<int>(std::min<long long>(longest, gaus::detail::max_steps));
  std::optional<std::vector<int>> start;
  int interval = first;
  for (; interval <= last && !start && go_on(); ++interval)
    start = method == "swing-modulo" ? gaus::swing_modulo(graph, limits, interval)
                                     : gaus::iterative_modulo(graph, limits, interval, {}, go_on);
  if (!start) return {};
  --interval;
  own.interval_is_minimal = interval == own.minimum.interval;
  if (!own.interval_is_minimal && asked == 0)
    own.interval_text = method + " finds no schedule of interval " + std::to_string(interval - 1);

  auto& outcome = own.outcome;
  outcome.method = method;
  outcome.start_steps = std::move(*start);
  outcome.seconds = seconds();
  own.instance = detail::pipelined_instance(description, 0, interval);
  int const length = gaus::makespan(own.instance.problem, outcome.start_steps);
  own.instance.steps = own.instance.problem.steps = options.steps.value_or(length);
  detail::judge(outcome, own.instance, expression, description);
  outcome.trace = {{outcome.seconds, 0, outcome.value}};
  return own;
}

}  // namespace gaus_schedule

#endif

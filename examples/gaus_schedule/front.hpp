// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_SCHEDULE_FRONT_HPP
#define GAUS_SCHEDULE_FRONT_HPP

#include "expression.hpp"
#include "expression_objective.hpp"
#include "input.hpp"
#include "instance.hpp"
#include "options.hpp"
#include "progress.hpp"
#include "report.hpp"
#include "solve.hpp"
#include <gaus/io/json_text.hpp>
#include <gaus/io/svg.hpp>
#include <gaus/schedule/pareto.hpp>

#include <Kokkos_Core.hpp>
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

// --pareto "A:B": the front between two goals, as a table, a file and a picture.
namespace gaus_schedule {

/// Two goals; the second may be the steps.
struct Goals {
  Expression first;
  std::optional<Expression> second;  ///< none: steps

  [[nodiscard]] std::string second_name() const { return second ? second->text : "steps"; }
};

/// Parses "A:B". Throws gaus::InvalidInput.
inline Goals parse_goals(std::string const& text, std::vector<std::string> const& classes) {
  auto const colon = text.find(':');
  if (colon == std::string::npos || text.find(':', colon + 1) != std::string::npos)
    gaus::detail::fail("--pareto", gaus::detail::in_quotes(text) +
                                       " is not two goals with a colon between them, such as "
                                       "\"usage:communication\" or \"memory:steps\"");
  Goals goals{parse_expression(text.substr(0, colon), classes), {}};
  check_minimisable(goals.first);
  std::string second = text.substr(colon + 1);
  second.erase(0, second.find_first_not_of(' '));
  second.erase(second.find_last_not_of(' ') + 1);
  if (second == "steps") return goals;
  goals.second = parse_expression(second, classes);
  check_minimisable(*goals.second);
  return goals;
}

/// A front with the values that the program reports, constants included, and what the classical
/// schedules cost.
struct FrontOutcome {
  struct Baseline {
    std::string method;
    double first = 0;
    double second = 0;
  };
  gaus::ParetoFront front;
  std::vector<Baseline> baselines;
  std::vector<std::string> violations;  ///< of a schedule, where none is legal
};

namespace detail {

inline std::pair<double, double> values_of(Goals const& goals, gaus::Costs const& costs) {
  return {value_of(goals.first, costs),
          goals.second ? value_of(*goals.second, costs) : costs.makespan};
}

}  // namespace detail

/// Searches for the front until a limit or a signal.
inline FrontOutcome solve_pareto(Options const& options, Goals const& goals,
                                 Instance const& instance,
                                 gaus::GraphDescription const& description) {
  using Space = Kokkos::DefaultExecutionSpace;
  gaus::ParetoOptions settings;
  settings.steps = instance.steps;
  settings.seed = options.seed;
  settings.time_limit = options.time_limit;
  settings.iterations = options.iterations;
  settings.stop = &detail::stop_request;
  ProgressBar bar(!options.quiet, 0);
  if (bar.shown())
    settings.observer = [&](gaus::ParetoProgress const& progress) {
      bar.update(progress.seconds, progress.fraction, std::to_string(progress.points) + " points");
      return false;
    };
  int const resources = instance.graph.num_resources();
  ExpressionObjective const first(goals.first, resources);
  auto const search = [&](auto const& graph) {
    gaus::Constraints const limits{
        gaus::ResourceLimit<typename Space::memory_space>(instance.limits)};
    if (!goals.second)
      return gaus::pareto_over_steps<float>(Space{}, graph, first, limits, settings);
    ExpressionObjective const second(*goals.second, resources);
    return gaus::pareto_front<float>(Space{}, graph, first, second, limits, settings);
  };
  FrontOutcome outcome;
  outcome.front = with_graph<Space>(instance, description, search);
  bar.clear();

  std::vector<gaus::ParetoPoint> legal;
  for (auto& point : outcome.front.points) {
    auto const& start = point.schedule.start_steps;
    auto violations = violations_of(instance.problem, description, start);
    std::tie(point.first, point.second) =
        detail::values_of(goals, gaus::exact_costs(instance.problem, start));
    if (violations.empty())
      legal.push_back(std::move(point));
    else
      outcome.violations = std::move(violations);
  }
  outcome.front.points = std::move(legal);
  for (std::string const method : {"asap", "alap", "list"}) {
    auto const start = detail::classical_schedule(method, options, instance, goals.first, 0);
    auto const [x, y] = detail::values_of(goals, gaus::exact_costs(instance.problem, start));
    outcome.baselines.push_back({method, x, y});
  }
  return outcome;
}

/// Writes the front; every point is what --verify reads, too, with the latency and the clock that it
/// was made with.
inline void write_front(std::ostream& stream, Input const& input, Instance const& instance,
                        Goals const& goals, Options const& options, FrontOutcome const& outcome) {
  Kokkos::DefaultExecutionSpace const space;
  gaus::detail::JsonWriter out(stream);
  auto const write_reading = [&] {
    out.raw(", \"default_latency\": ").integer(options.default_latency());
    if (!input.clock) return;
    out.raw(", \"clock_ns\": ").number(input.clock->period_ns, true);
    out.raw(", \"default_delay_ns\": ");
    if (auto const delay = input.clock->default_delay_ns)
      out.number(*delay, true);
    else
      out.raw("null");
  };
  out.raw("{ \"gaus\": \"" GAUS_VERSION_STRING "\", \"input\": ").text(input.name);
  out.raw(", \"operations\": ").integer(instance.graph.num_operations());
  out.raw(", \"dependences\": ").integer(input.dependences());
  out.raw(",\n  \"steps\": ").integer(instance.steps);
  write_reading();
  out.raw(", \"seed\": ").raw(std::to_string(options.seed));
  out.raw(",\n  \"pareto\": { \"first\": ").text(goals.first.text);
  out.raw(", \"second\": ").text(goals.second_name()).raw(" },\n  \"points\": [");
  auto const& points = outcome.front.points;
  for (std::size_t k = 0; k < points.size(); ++k) {
    auto const& point = points[k];
    out.raw(k == 0 ? "\n    " : ",\n    ").raw("{ \"first\": ").number(point.first);
    out.raw(", \"second\": ").number(point.second).raw(", \"lower_bound\": ");
    if (std::isnan(point.lower_bound)) {
      out.raw("null");
    } else {
      out.raw("{ \"first_weight\": ").number(point.first_weight);
      out.raw(", \"second_weight\": ").number(point.second_weight);
      out.raw(", \"value\": ").number(point.lower_bound).raw(" }");
    }
    out.raw(",\n      \"steps\": ").integer(point.schedule.steps);
    write_reading();
    out.raw(", \"start_steps\": [");
    for (std::size_t i = 0; i < point.schedule.start_steps.size(); ++i)
      out.raw(i == 0 ? "" : ", ").integer(point.schedule.start_steps[i]);
    out.raw("] }");
  }
  out.raw(points.empty() ? "]" : "\n  ]").raw(",\n  \"solves\": ").integer(outcome.front.solves);
  out.raw(", \"iterations\": ").integer(outcome.front.iterations);
  out.raw(", \"seconds\": ").number(outcome.front.seconds, true);
  out.raw(", \"stopped_by\": \"").raw(gaus::to_string(outcome.front.stopped_by));
  out.raw("\",\n  \"execution_space\": \"").raw(space.name());
  out.raw("\", \"concurrency\": ").integer(static_cast<std::int64_t>(space.concurrency()));
  out.raw(" }\n").flush();
}

namespace detail {

/// A goal with its unit, where it is a single cost.
inline std::string axis_label(Expression const& goal) {
  if (goal.terms.size() != 1 || goal.terms[0].weight != 1 || goal.constant != 0) return goal.text;
  switch (goal.terms[0].cost) {
    case Cost::usage:
      return goal.text + ", units";
    case Cost::memory:
      return goal.text + ", peak live size";
    case Cost::lifetime:
      return goal.text + ", size \u00d7 steps";
    case Cost::communication:
      return goal.text + ", weight \u00d7 steps";
    case Cost::makespan:
      break;
  }
  return goal.text + ", steps";
}

}  // namespace detail

/// The front as a chart, with the classical schedules.
inline gaus::Chart front_chart(Input const& input, Instance const& instance, Goals const& goals,
                               FrontOutcome const& outcome) {
  gaus::Chart chart;
  chart.title = goals.first.text + " against " + goals.second_name();
  chart.subtitle = input.name + ": " + number_text(instance.graph.num_operations()) +
                   " operations, " + (goals.second ? "" : "up to ") + number_text(instance.steps) +
                   " steps; " +
                   detail::count_text(static_cast<long long>(outcome.front.points.size()),
                                      "schedule, ", "schedules, ") +
                   "none better in both";
  chart.x_label = detail::axis_label(goals.first);
  chart.y_label = goals.second ? detail::axis_label(*goals.second) : "steps";
  gaus::ChartSeries front{"gaus"};
  front.line = gaus::ChartSeries::Line::staircase;
  front.mark = gaus::ChartSeries::Mark::circle;
  for (auto const& point : outcome.front.points)
    front.points.emplace_back(point.first, point.second);
  using Mark = gaus::ChartSeries::Mark;
  for (std::size_t k = 0; k < outcome.baselines.size(); ++k) {
    auto const& baseline = outcome.baselines[k];
    static constexpr Mark marks[] = {Mark::square, Mark::triangle, Mark::cross};
    gaus::ChartSeries series{baseline.method};
    series.line = gaus::ChartSeries::Line::none;
    series.mark = marks[k % 3];
    series.colour = "#767676";
    series.points = {{baseline.first, baseline.second}};
    chart.series.push_back(std::move(series));
  }
  chart.series.insert(chart.series.begin(), std::move(front));
  if (!goals.second) {  // steps are the independent variable: along the horizontal axis
    std::swap(chart.x_label, chart.y_label);
    for (auto& series : chart.series)
      for (auto& [x, y] : series.points) std::swap(x, y);
    auto& points = chart.series.front().points;
    std::reverse(points.begin(), points.end());
  }
  return chart;
}

/// The report of a front.
inline void print_front(std::ostream& out, Input const& input, Instance const& instance,
                        Goals const& goals, Options const& options, FrontOutcome const& outcome) {
  print_input(out, input);
  print_line(out, "steps",
             (goals.second ? "" : "up to ") + std::to_string(instance.steps) + ", critical path " +
                 std::to_string(instance.critical_path));
  print_line(out, "minimise", goals.first.text + " against " + goals.second_name());
  auto const& front = outcome.front;
  print_line(out, "method",
             "gaus, seed " + std::to_string(options.seed) + ", " +
                 detail::count_text(front.solves, "solve", "solves") + ", " +
                 detail::count_text(front.iterations, "iteration", "iterations"));
  Kokkos::DefaultExecutionSpace const space;
  print_line(out, "time",
             detail::seconds_text(front.seconds) + " s on " + space.name() + ", " +
                 detail::count_text(space.concurrency(), "thread", "threads"));
  if (front.stopped_by == gaus::StopReason::request) print_stop(out, front.stopped_by);
  print_line(
      out, "verified",
      detail::count_text(static_cast<long long>(front.points.size()), "schedule", "schedules") +
          ", none better in both than another");
  std::vector<std::vector<std::string>> rows{{"", goals.first.text, goals.second_name(), ""}};
  for (auto const& b : outcome.baselines)
    rows.push_back({b.method, number_text(b.first), number_text(b.second), ""});
  for (std::size_t k = 0; k < front.points.size(); ++k)
    rows.push_back({std::to_string(k), number_text(front.points[k].first),
                    number_text(front.points[k].second), ""});
  out << "\n";
  print_table(out, rows);
}

}  // namespace gaus_schedule

#endif

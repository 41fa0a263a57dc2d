// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_SCHEDULE_PIPELINE_HPP
#define GAUS_SCHEDULE_PIPELINE_HPP

#include "export.hpp"
#include "expression.hpp"
#include "expression_objective.hpp"
#include "input.hpp"
#include "instance.hpp"
#include "modulo_baseline.hpp"
#include "options.hpp"
#include "progress.hpp"
#include "report.hpp"
#include "solve.hpp"
#include <gaus/graph/initiation_interval.hpp>
#include <gaus/pipeline.hpp>
#include <gaus/schedule/pipeline_result.hpp>

#include <Kokkos_Core.hpp>
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <limits>
#include <optional>
#include <ostream>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

// --initiation-interval: schedules a loop of which an iteration starts every so many steps.
namespace gaus_schedule {

namespace detail {

/// The schedule of --start, which is a file here: the classical methods make no pipelines.
inline std::vector<int> pipeline_start(Options const& options, std::size_t operations) {
  auto const& name = options.start;
  if (name.empty()) return {};
  bool const named =
      std::find(std::begin(method_names), std::end(method_names), name) != std::end(method_names) ||
      name == "midpoint";
  if (named)
    gaus::detail::fail("--start", name + " makes no pipeline: a file of --output is expected");
  return read_start(name, operations);
}

inline PipelineOutcome solve_pipeline(Options const& options, Expression const& expression,
                                      gaus::GraphDescription const& description) {
  using Space = Kokkos::DefaultExecutionSpace;
  gaus::PipelineOptions settings;
  settings.initiation_interval = *options.initiation_interval;
  settings.steps = options.steps.value_or(0);
  settings.start = pipeline_start(options, description.operations.size());
  settings.seed = options.seed;
  settings.time_limit = options.time_limit;
  settings.iterations = options.iterations;
  settings.names = &description;
  settings.stop = &stop_request;
  ProgressBar bar(!options.quiet, expression.constant);
  if (bar.shown())
    settings.observer = [&](gaus::Progress const& progress) {
      bar.update(progress);
      return false;
    };
  auto const graph = gaus::build_graph<Space::memory_space>(description);
  ExpressionObjective const objective(expression, graph.num_resources());
  auto result = gaus::pipeline<float>(Space{}, graph, objective, description.limits(), settings);
  bar.clear();

  PipelineOutcome own;
  own.instance =
      pipelined_instance(description, result.schedule.steps, result.schedule.initiation_interval);
  own.minimum = std::move(result.minimum);
  own.interval_is_minimal = result.interval_is_minimal;
  own.interval_text = std::move(result.interval_text);
  own.outcome = outcome_of(std::move(result), own.instance, expression, description);
  own.outcome.given = std::move(settings.start);
  return own;
}

}  // namespace detail

/// Schedules a loop by one method; none where it finds no schedule. Throws gaus::InvalidInput, and
/// gaus::Infeasible with the reason in the names of the input.
inline std::optional<PipelineOutcome> solve_pipeline(std::string const& method,
                                                     Options const& options,
                                                     Expression const& expression,
                                                     gaus::GraphDescription const& description) {
  check_interval_size(description, *options.initiation_interval);
  if (method == "gaus") return detail::solve_pipeline(options, expression, description);
  return solve_modulo_baseline(method, options, expression, description);
}

/// The report of a run that made one pipeline.
inline void print_pipeline(std::ostream& out, Input const& input, Expression const& expression,
                           Options const& options, PipelineOutcome const& own) {
  auto const& outcome = own.outcome;
  auto const& instance = own.instance;
  int const interval = instance.problem.initiation_interval;
  int const length = static_cast<int>(outcome.costs.makespan);
  print_input(out, input);
  print_line(out, "interval",
             std::to_string(interval) + (own.interval_is_minimal
                                             ? ", no smaller one has a schedule"
                                             : ", MII " + std::to_string(own.minimum.interval)));
  // The sentences on MII have lines of their own.
  std::string why = own.interval_text;
  if (auto const place = why.find(own.minimum.text); place != std::string::npos)
    why.erase(place, own.minimum.text.size());
  why.erase(why.find_last_not_of(' ') + 1);
  if (!why.empty()) print_line(out, "", why);
  // "ResMII 3: an iteration takes ..."
  for (auto const& text : {own.minimum.resources.text, own.minimum.recurrences.text})
    print_line(out, text.substr(0, text.find(' ')), text.substr(text.find(' ') + 1));
  print_line(out, "iteration",
             detail::count_text(length, "step", "steps") + ", " +
                 detail::count_text(gaus::number_of_stages(length, interval), "stage", "stages") +
                 (options.steps ? ", at most " + detail::count_text(instance.steps, "step", "steps")
                                : ""));
  auto const& operations = input.graph.operations;
  bool const plain_values =
      std::all_of(operations.begin(), operations.end(), [](auto const& o) { return o.size == 1; });
  print_line(out, "registers",
             number_text(settle(outcome.costs.memory)) +
                 (plain_values ? " values live at once" : " is the size live at once"));
  print_clock(out, input, outcome.start_steps, interval);
  print_line(out, "minimise", expression.text);
  print_value(out, expression, outcome);
  print_run(out, options, outcome);
  print_verified(out, input, instance);
}

/// Interval, value, terms, stages and time of every method. found: by method, none where it found
/// no schedule.
inline void print_pipeline_comparison(
    std::ostream& out, Expression const& expression,
    std::vector<std::pair<std::string, std::optional<PipelineOutcome>>> const& found) {
  std::vector<std::vector<std::string>> rows;
  rows.push_back({"method", "interval", "value"});
  for (auto const& term : expression.terms) rows[0].push_back(term.name);
  rows[0].insert(rows[0].end(), {"stages", "seconds", ""});
  auto const rank = [](PipelineOutcome const& own) {
    return std::pair(own.instance.problem.initiation_interval, own.outcome.value);
  };
  std::pair best(std::numeric_limits<int>::max(), 0.0);
  for (auto const& [method, own] : found)
    if (own && own->outcome.violations.empty()) best = std::min(best, rank(*own));
  for (auto const& [method, own] : found) {
    rows.push_back({method});
    if (!own) {
      rows.back().resize(rows[0].size() - 1);
      rows.back().emplace_back("none found");
      continue;
    }
    auto const& outcome = own->outcome;
    int const interval = own->instance.problem.initiation_interval;
    rows.back().push_back(std::to_string(interval));
    rows.back().push_back(number_text(outcome.value));
    for (auto const& term : expression.terms)
      rows.back().push_back(number_text(value_of(term, outcome.costs)));
    rows.back().push_back(
        std::to_string(gaus::number_of_stages(static_cast<int>(outcome.costs.makespan), interval)));
    rows.back().push_back(detail::seconds_text(outcome.seconds));
    rows.back().push_back(!outcome.violations.empty() ? "illegal"
                          : rank(*own) <= best        ? "best"
                                                      : "");
  }
  out << "\n";
  print_table(out, rows);
}

}  // namespace gaus_schedule

#endif

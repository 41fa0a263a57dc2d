// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// gaus_schedule: reads a dependence graph, schedules it, verifies the result and says what came of
// it. --help lists the options; the parts lie in gaus_schedule/.
#include "gaus_schedule/explain.hpp"
#include "gaus_schedule/export.hpp"
#include "gaus_schedule/front.hpp"
#include "gaus_schedule/input.hpp"
#include "gaus_schedule/instance.hpp"
#include "gaus_schedule/judge.hpp"
#include "gaus_schedule/options.hpp"
#include "gaus_schedule/pipeline.hpp"
#include "gaus_schedule/plot.hpp"
#include "gaus_schedule/report.hpp"
#include "gaus_schedule/results.hpp"
#include "gaus_schedule/solve.hpp"
#include <gaus/error.hpp>
#include <gaus/io/file.hpp>

#include <fir16.hpp>  // generated: the text of fir16.json

#include <Kokkos_Core.hpp>
#include <algorithm>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <iostream>
#include <iterator>
#include <new>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace {

namespace fs = std::filesystem;
using namespace gaus_schedule;

enum ExitStatus { done = 0, bad_input = 1, infeasible = 2, not_verified = 3 };

/// Fails now rather than after the solve, when a file cannot be written or would replace the input.
void check_output(std::string const& path, Options const& options) {
  std::error_code error;
  if (options.input && fs::equivalent(path, *options.input, error))
    throw gaus::InvalidInput(path + ": would replace the input");
  if (!options.resources.empty() && fs::equivalent(path, options.resources, error))
    throw gaus::InvalidInput(path + ": would replace the resource model");
  auto const status = fs::status(path, error);
  // Opening a pipe or a device may have effects of its own.
  if (!fs::exists(status) || fs::is_regular_file(status) || fs::is_directory(status))
    gaus::OutputFile const probe(path);
}

/// Every file that the options ask for.
std::vector<std::string> output_files(Options const& options) {
  std::vector<std::string> all{options.output,    options.trace,   options.pipeline_listing,
                               options.lifetimes, options.buffers, options.convert};
  for (auto const& plot : options.plots) all.push_back(plot.file);
  auto const exports = export_files(options.export_model);
  all.insert(all.end(), exports.begin(), exports.end());
  std::erase(all, std::string());
  return all;
}

void print_written(Options const& options) {
  for (auto const& path : output_files(options))
    if (!is_lost(path)) print_line(std::cout, "written", path);
}

int print_violations(std::string const& method, std::vector<std::string> const& violations) {
  std::cerr << "gaus_schedule: the schedule by " << method << " is not legal, " << violations.size()
            << " violations:\n";
  gaus_schedule::detail::print_list(std::cerr, violations);
  return not_verified;
}

/// Judges the chains of a schedule, too.
void judge_chains(Outcome& outcome, Input const& input, int interval) {
  for (auto& text : chain_violations(input.clock, input.graph, outcome.start_steps, interval))
    outcome.violations.push_back(std::move(text));
}

/// A front instead of one schedule.
int run_pareto(Options const& options, Input const& input) {
  auto const goals = parse_goals(*options.pareto, input.classes());
  // Over steps there is something to sweep only beyond the critical path.
  auto slack = options.slack;
  if (!goals.second && !slack && !options.steps) slack = 2.0;
  auto const instance = make_instance(input.graph, options.steps, slack);
  auto const outcome = solve_pareto(options, goals, instance, input.graph);
  if (outcome.front.points.empty() && !outcome.violations.empty())
    return print_violations("gaus", outcome.violations);
  for (auto const& point : outcome.front.points)
    if (auto const chains =
            chain_violations(input.clock, input.graph, point.schedule.start_steps, 0);
        !chains.empty())
      return print_violations("gaus", chains);
  if (!options.output.empty())
    write_result(options.output, [&](std::ostream& out) {
      write_front(out, input, instance, goals, options, outcome);
    });
  for (auto const& plot : options.plots)
    write_result(plot.file, [&](std::ostream& out) {
      gaus::write_svg(out, front_chart(input, instance, goals, outcome));
    });
  if (options.quiet) return done;
  print_front(std::cout, input, instance, goals, options, outcome);
  print_written(options);
  return done;
}

/// A pipeline instead of a plain schedule.
int run_pipeline(Options const& options, Input const& input) {
  auto const expression =
      parse_expression(options.minimize.value_or(default_pipeline_objective), input.classes());
  check_minimisable(expression);
  std::vector<std::pair<std::string, std::optional<PipelineOutcome>>> found;
  PipelineOutcome const* chosen = nullptr;
  found.reserve(std::size(pipeline_method_names));
  for (std::string const method : pipeline_method_names) {
    if (method != options.method && !options.compare) continue;
    found.emplace_back(method, solve_pipeline(method, options, expression, input.graph));
    if (auto& own = found.back().second)
      judge_chains(own->outcome, input, own->instance.problem.initiation_interval);
    if (method == options.method && found.back().second) chosen = &*found.back().second;
  }
  if (chosen == nullptr)
    throw gaus::InvalidInput(
        options.method + " finds no schedule" +
        (*options.initiation_interval > 0
             ? " of initiation interval " + std::to_string(*options.initiation_interval)
             : "") +
        " in this time");
  auto const& outcome = chosen->outcome;
  if (!outcome.violations.empty()) return print_violations(outcome.method, outcome.violations);
  if (!options.output.empty())
    write_result(options.output, [&](std::ostream& out) {
      gaus::write_schedule(out,
                           schedule_file(input, chosen->instance, expression, options, outcome));
    });
  if (!options.trace.empty())
    write_result(options.trace, [&](std::ostream& out) { write_trace(out, outcome.trace); });
  write_schedule_views(options, input, chosen->instance, outcome);
  write_plots(options, input, chosen->instance, expression, outcome);
  if (options.quiet) return done;
  print_pipeline(std::cout, input, expression, options, *chosen);
  if (options.explain)
    print_explanation(std::cout, input, chosen->instance.problem, expression, outcome.start_steps,
                      outcome.lower_bound);
  print_written(options);
  if (options.compare) print_pipeline_comparison(std::cout, expression, found);
  return done;
}

/// One schedule, as the other two.
int run_plain(Options const& options, Input const& input) {
  auto const expression =
      parse_expression(options.minimize.value_or(default_objective), input.classes());
  check_minimisable(expression);
  auto instance = make_instance(input.graph, options.steps, options.slack);
  if (!options.export_model.empty() && instance.limited())
    throw gaus::InvalidInput(
        "--export: the models know no resource limits, and this input has some");

  if (!options.buffers.empty()) gaus::check_buffers(instance.problem, &input.graph);

  // gaus comes last in the table and is run first: annealing may take the time that it took.
  std::optional<Outcome> by_gaus;
  if (options.compare || options.method == "gaus")
    by_gaus = solve_gaus(options, instance, expression, input.graph);
  double const annealing_limit = by_gaus ? by_gaus->seconds : default_annealing;
  std::vector<Outcome> outcomes;
  std::size_t chosen = 0;
  for (std::string const method : method_names) {
    if (method != options.method && !options.compare) continue;
    if (method == options.method) chosen = outcomes.size();
    outcomes.push_back(method == "gaus" ? std::move(*by_gaus)
                                        : solve_classical(method, options, instance, expression,
                                                          input.graph, annealing_limit));
    judge_chains(outcomes.back(), input, 0);
  }
  auto const& outcome = outcomes[chosen];
  if (!outcome.violations.empty()) return print_violations(outcome.method, outcome.violations);

  if (!options.output.empty())
    write_result(options.output, [&](std::ostream& out) {
      gaus::write_schedule(out, schedule_file(input, instance, expression, options, outcome));
    });
  if (!options.trace.empty())
    write_result(options.trace, [&](std::ostream& out) { write_trace(out, outcome.trace); });
  write_schedule_views(options, input, instance, outcome);
  write_plots(options, input, instance, expression, outcome);
  if (!options.export_model.empty()) write_export(options, input, instance, expression, outcome);
  if (options.quiet) return done;
  print_report(std::cout, input, instance, expression, options, outcome);
  if (options.explain)
    print_explanation(std::cout, input, instance.problem, expression, outcome.start_steps,
                      outcome.lower_bound);
  print_written(options);
  if (options.compare) print_comparison(std::cout, expression, outcomes);
  return done;
}

int run(Options const& options) {
  if (!options.verify.empty())
    return judge_file(options, bundled_input, std::cout) ? done : not_verified;
  auto const outputs = output_files(options);
  for (auto const& path : outputs) {
    check_output(path, options);
    if (std::count(outputs.begin(), outputs.end(), path) > 1)
      throw gaus::InvalidInput(path + ": cannot be two outputs at once");
  }

  auto const input = read_input(options.input, bundled_input,
                                {options.default_latency(), options.resources, options.limits,
                                 options.clock_ns, parse_delays(options.delays),
                                 options.initiation_interval.has_value(), options.convert.empty()});
  if (!options.convert.empty()) {
    gaus::write_graph(options.convert, input.graph, input_formats());
    if (!options.quiet) print_written(options);
    return done;
  }
  return in_names(input.graph, [&] {
    if (options.pareto) return run_pareto(options, input);
    if (options.initiation_interval) return run_pipeline(options, input);
    return run_plain(options, input);
  });
}

/// One thread unless asked: graphs of this size gain little from more, and lose much when the
/// machine is busy.
Kokkos::InitializationSettings kokkos_settings(Options const& options) {
  Kokkos::InitializationSettings settings;
  settings.set_disable_warnings(true);
  bool const told = std::getenv("OMP_NUM_THREADS") || std::getenv("KOKKOS_NUM_THREADS");
  if (options.threads || !told) settings.set_num_threads(options.threads.value_or(1));
  return settings;
}

int fail(std::string const& text, int status) {
  std::cerr << "gaus_schedule: " << gaus::detail::one_line(text) << "\n";
  return status;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    auto const options = parse_options(argc, argv);
    int status = done;
    if (options) {
      if (options->verify.empty()) gaus_schedule::detail::stop_on_signals();
      Kokkos::ScopeGuard const kokkos(kokkos_settings(*options));
      status = run(*options);
      check_results();
    }
    if (!std::cout.flush()) return fail("the report cannot be written to stdout", bad_input);
    return status;
  } catch (gaus::Infeasible const& error) {
    return fail(error.what(), infeasible);
  } catch (std::bad_alloc const&) {
    return fail("the memory does not suffice for this graph and its steps", bad_input);
  } catch (std::exception const& error) {
    return fail(error.what(), bad_input);
  }
}

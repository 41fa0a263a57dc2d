// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_SCHEDULE_JUDGE_HPP
#define GAUS_SCHEDULE_JUDGE_HPP

#include "explain.hpp"
#include "expression.hpp"
#include "input.hpp"
#include "instance.hpp"
#include "options.hpp"
#include "report.hpp"
#include <gaus/io/file.hpp>
#include <gaus/io/schedule_json.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

// --verify: judges a schedule that anyone may have made. The steps, the initiation interval and the
// objective are those of the options, else those that the file names; limits are those of the input,
// of the resource model and of --limit.
namespace gaus_schedule {

/// What there is to say about a schedule file.
struct Verdict {
  std::vector<std::string> violations;
  std::vector<std::string> wrong_claims;
  std::vector<std::string> notes;
  std::vector<std::string> compared;  ///< names of the claims
  std::optional<gaus::Costs> costs;

  [[nodiscard]] bool good() const { return violations.empty() && wrong_claims.empty(); }
};

namespace detail {

/// Integers must agree exactly, other values to 1e-9.
inline bool agree(double claimed, double computed) {
  if (computed == std::floor(computed)) return claimed == computed;
  return std::abs(claimed - computed) <= 1e-9 * std::max(1.0, std::abs(computed));
}

/// Compares one claim, if it is made.
inline void compare_claim(Verdict& verdict, std::string const& name, std::optional<double> claimed,
                          double computed) {
  if (!claimed) return;
  verdict.compared.push_back(name);
  if (!agree(*claimed, computed))
    verdict.wrong_claims.push_back("the file claims " + name + " " + exact_text(*claimed) +
                                   ", it is " + exact_text(computed));
}

inline void compare_claims(Verdict& verdict, gaus::ScheduleFile const& file, Input const& input,
                           std::optional<Expression> const& expression) {
  compare_claim(verdict, "operations", file.operations,
                static_cast<double>(input.graph.operations.size()));
  if (file.dependences && *file.dependences != input.dependences())
    verdict.notes.push_back("the file says " + std::to_string(*file.dependences) +
                            " dependences, the input has " + std::to_string(input.dependences()));
  bool const legal = verdict.violations.empty();
  if (file.feasible) verdict.compared.emplace_back("feasible");
  if (file.feasible && *file.feasible != legal)
    verdict.wrong_claims.push_back(std::string("the file claims to be ") +
                                   (*file.feasible ? "feasible" : "infeasible") + ", it is " +
                                   (legal ? "legal" : "not"));
  if (!verdict.costs) return;
  for (auto const& [name, claimed] : file.terms) {
    try {
      auto const term = parse_expression(name, input.classes());
      compare_claim(verdict, name, claimed, value_of(term, *verdict.costs));
    } catch (gaus::InvalidInput const&) {
      verdict.notes.push_back("term \"" + name + "\" is not known here and not compared");
    }
  }
  if (!expression) {
    if (file.value)
      verdict.wrong_claims.push_back("the file claims value " + exact_text(*file.value) +
                                     " without an objective");
    return;
  }
  double const value = value_of(*expression, *verdict.costs);
  compare_claim(verdict, "value", file.value, value);
  if (!file.lower_bound || !legal) return;
  verdict.compared.emplace_back("lower_bound");
  if (*file.lower_bound > value + 1e-9 * std::max(1.0, std::abs(value)))
    verdict.wrong_claims.push_back("the file claims lower_bound " + exact_text(*file.lower_bound) +
                                   ", above the value " + exact_text(value) +
                                   " of a legal schedule");
}

/// Fills in violations and, where the steps are not absurd, costs.
inline void examine(Verdict& verdict, gaus::Problem<gaus::HostGraph> const& problem,
                    Input const& input, std::vector<int> const& start) {
  constexpr std::int64_t longest = std::int64_t{1} << 24;
  std::int64_t first = 0;
  std::int64_t last = 0;
  for (std::size_t i = 0; i < start.size(); ++i) {
    auto const& operation = input.graph.operations[i];
    first = std::min<std::int64_t>(first, start[i]);
    last = std::max<std::int64_t>(
        last, std::int64_t{start[i]} + std::max({1, operation.latency, operation.occupancy}));
  }
  bool const countable = first >= 0 && last <= std::max<std::int64_t>(longest, problem.steps);
  if (countable) {
    verdict.costs = gaus::exact_costs(problem, start);
  } else {
    verdict.notes.emplace_back("the costs of start steps so far outside are not computed");
  }
  verdict.violations = violations_of(problem, input.graph, start);
  for (auto& text : chain_violations(input.clock, input.graph, start, problem.initiation_interval))
    verdict.violations.push_back(std::move(text));
}

inline void print_list(std::ostream& out, std::vector<std::string> const& lines) {
  constexpr std::size_t most = 20;
  for (std::size_t k = 0; k < std::min(lines.size(), most); ++k)
    out << "  " << gaus::detail::one_line(lines[k]) << "\n";
  if (lines.size() > most) out << "  and " << lines.size() - most << " more\n";
}

}  // namespace detail

/// Judges options.verify and prints the verdict; true when it is legal and claims nothing wrong.
/// Throws gaus::InvalidInput when the file cannot be judged.
inline bool judge_file(Options const& options, char const* bundled, std::ostream& out) {
  auto stream = gaus::open_input(options.verify);
  auto const file = gaus::read_schedule(stream, options.verify);
  int const interval = options.initiation_interval.value_or(file.initiation_interval.value_or(0));
  InputOptions reading{
      options.latency.value_or(file.default_latency.value_or(options.default_latency())),
      options.resources,
      options.limits,
      options.clock_ns ? options.clock_ns : file.clock.clock_ns,
      parse_delays(options.delays),
      interval > 0};
  if (!reading.clock_ns && !options.delays.empty())
    gaus::detail::fail(
        "--delay", "has a meaning only beside --clock, and " + options.verify + " states no clock");
  if (!reading.delays.other) reading.delays.other = file.clock.default_delay_ns;
  auto const input = read_input(options.input, bundled, reading);
  auto const& start = file.start_steps;
  if (start.size() != input.graph.operations.size())
    gaus::detail::fail(options.verify,
                       std::to_string(start.size()) + " start steps, the input has " +
                           std::to_string(input.graph.operations.size()) + " operations");
  std::optional<Expression> expression;
  if (auto const& text = options.minimize ? options.minimize : file.expression)
    expression = parse_expression(*text, input.classes());

  auto const graph = gaus::build_graph<>(input.graph);
  check_interval_size(input.graph, interval);
  auto const system = gaus::make_difference_system(graph);
  int const critical = in_names(
      input.graph, [&] { return gaus::critical_path(system, gaus::earliest_steps(system)); });
  std::optional<int> steps = options.steps;
  if (options.slack) {
    gaus::Options bound;
    bound.slack = *options.slack;
    steps = gaus::latency_bound(bound, critical);
  }
  Verdict verdict;
  if (steps && file.steps && *steps != *file.steps)
    verdict.notes.push_back("the file says " + std::to_string(*file.steps) +
                            " steps, judged with " + std::to_string(*steps));
  if (!steps) steps = file.steps;
  if (options.initiation_interval && file.initiation_interval &&
      *options.initiation_interval != *file.initiation_interval)
    verdict.notes.push_back("the file says initiation interval " +
                            std::to_string(*file.initiation_interval) + ", judged with " +
                            std::to_string(interval));
  if (options.minimize && file.expression && *options.minimize != *file.expression)
    verdict.notes.push_back("the file's own objective is \"" + *file.expression + "\"");
  if (!steps) {
    verdict.notes.emplace_back("no number of steps is given: the latency bound is not checked");
    std::int64_t end = 0;
    for (std::size_t i = 0; i < start.size(); ++i)
      end = std::max<std::int64_t>(
          end, std::int64_t{start[i]} + std::max(input.graph.operations[i].latency,
                                                 input.graph.operations[i].occupancy));
    if (end > gaus::detail::max_steps)
      gaus::detail::fail(options.verify, "a start step ends at " + std::to_string(end) +
                                             ", give the steps by --steps");
    steps = static_cast<int>(end);
  }
  // The bounds serve the relaxation alone, which nothing here uses. Chains are judged by themselves,
  // not by their rules.
  auto const& judged = input.clock ? input.clock->graph : graph;
  auto const problem = gaus::make_problem(judged, judged, *steps, gaus::StepBounds{}, interval);
  detail::examine(verdict, problem, input, start);
  detail::compare_claims(verdict, file, input, expression);
  if (!verdict.costs && verdict.violations.empty())
    gaus::detail::fail(options.verify, "the start steps are too far apart to be judged");
  if (options.quiet) return verdict.good();

  print_line(out, "schedule", options.verify + (file.method.empty() ? "" : ", by " + file.method));
  print_input(out, input);
  print_line(out, "steps",
             std::to_string(*steps) + ", critical path " + std::to_string(critical) +
                 (interval > 0 ? ", initiation interval " + std::to_string(interval) : ""));
  print_clock(out, input, start, interval);
  if (expression) print_line(out, "objective", expression->text);
  if (expression && verdict.costs)
    print_line(out, "value", value_text(*expression, *verdict.costs));
  for (auto const& note : verdict.notes) print_line(out, "note", note);
  auto const count = static_cast<long long>(verdict.violations.size());
  print_line(
      out, "verdict",
      count == 0 ? "legal" : "ILLEGAL, " + detail::count_text(count, "violation:", "violations:"));
  detail::print_list(out, verdict.violations);
  print_line(out, "claims",
             !verdict.wrong_claims.empty() ? "WRONG:"
             : verdict.compared.empty()    ? "none"
                                           : "as computed: " + list_text(verdict.compared, ", "));
  detail::print_list(out, verdict.wrong_claims);
  // Of another objective, or other steps, the bound says nothing.
  bool const own_bound = expression && file.expression == expression->text && steps == file.steps &&
                         interval == file.initiation_interval.value_or(0);
  // What binds is with the rules of the clock, which a legal schedule keeps where they are exact.
  auto const explained =
      options.explain && input.clock && input.clock->exact
          ? gaus::make_problem(graph, graph, *steps, gaus::StepBounds{}, interval)
          : problem;
  if (options.explain && verdict.violations.empty())
    print_explanation(
        out, input, explained,
        expression ? *expression : parse_expression(default_objective, input.classes()), start,
        own_bound ? file.lower_bound : std::nullopt);
  return verdict.good();
}

}  // namespace gaus_schedule

#endif

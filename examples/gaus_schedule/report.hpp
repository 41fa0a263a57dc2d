// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_SCHEDULE_REPORT_HPP
#define GAUS_SCHEDULE_REPORT_HPP

#include "expression.hpp"
#include "input.hpp"
#include "instance.hpp"
#include "options.hpp"
#include "solve.hpp"
#include <gaus/io/file.hpp>
#include <gaus/io/schedule_json.hpp>
#include <gaus/version.hpp>

#include <Kokkos_Core.hpp>
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <limits>
#include <optional>
#include <ostream>
#include <span>
#include <string>
#include <vector>

namespace gaus_schedule {

namespace detail {

inline std::string seconds_text(double seconds) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f", seconds);
  return text;
}

inline std::string count_text(long long n, char const* one, char const* many) {
  return std::to_string(n) + " " + (n == 1 ? one : many);
}

}  // namespace detail

/// Prints rows in columns: the first and the last one to the left, numbers between to the right.
inline void print_table(std::ostream& out, std::vector<std::vector<std::string>> const& rows) {
  std::vector<std::size_t> width;
  for (auto const& row : rows) {
    width.resize(std::max(width.size(), row.size()), 0);
    for (std::size_t c = 0; c < row.size(); ++c) width[c] = std::max(width[c], row[c].size());
  }
  for (auto const& row : rows) {
    std::string line;
    for (std::size_t c = 0; c < row.size(); ++c) {
      std::string const blanks(width[c] - row[c].size(), ' ');
      bool const left = c == 0 || c + 1 == width.size();
      line += (c > 0 ? "  " : "") + (left ? row[c] + blanks : blanks + row[c]);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out << line << "\n";
  }
}

/// One line of a report: what it is about, then what there is to say.
inline void print_line(std::ostream& out, std::string const& about, std::string const& text) {
  constexpr std::size_t width = 11;
  out << about << std::string(width - std::min(width - 1, about.size()), ' ')
      << gaus::detail::one_line(text) << "\n";
}

/// What the report says about the input.
inline void print_input(std::ostream& out, Input const& input) {
  auto const& graph = input.graph;
  print_line(out, "input",
             input.name + (input.bundled ? " (bundled): " : ": ") +
                 detail::count_text(static_cast<long long>(graph.operations.size()), "operation",
                                    "operations") +
                 ", " + detail::count_text(input.dependences(), "dependence", "dependences"));
  std::vector<long long> users(graph.resources.size(), 0);
  for (auto const& demand : graph.demands)
    if (demand.units > 0) ++users[static_cast<std::size_t>(demand.resource)];
  std::vector<std::string> classes;
  for (std::size_t r = 0; r < users.size(); ++r)
    classes.push_back(std::to_string(users[r]) + " " + graph.resources[r].name +
                      (graph.resources[r].limit
                           ? " (limit " + number_text(*graph.resources[r].limit) + ")"
                           : ""));
  print_line(out, "classes", list_text(classes, ", "));
  for (auto const& note : input.notes) print_line(out, "note", note);
}

/// The value with its terms: "531 = 100 * 4 usage + 131 communication".
inline std::string value_text(Expression const& expression, gaus::Costs const& costs) {
  std::string text = number_text(value_of(expression, costs)) + " =";
  std::string plus = " ";
  for (auto const& term : expression.terms) {
    text += plus;
    if (term.weight != 1) text += number_text(term.weight) + " * ";
    text += number_text(value_of(term, costs)) + " " + term.name;
    plus = " + ";
  }
  if (expression.constant != 0) text += plus + number_text(expression.constant);
  return text;
}

/// How far a value lies above a bound, of the value: "0.94 %".
inline std::string gap_text(double value, double bound) {
  double const gap = value > bound ? 100 * (value - bound) / std::abs(value) : 0;
  char text[32];
  std::snprintf(text, sizeof text, gap > 0 && gap < 0.095 ? "%.1g %%" : "%.2f %%", gap);
  return text;
}

/// The value and how near it is to the bound.
inline void print_value(std::ostream& out, Expression const& expression, Outcome const& outcome) {
  print_line(out, "value", value_text(expression, outcome.costs));
  if (outcome.lower_bound)
    print_line(out, "bound",
               *outcome.lower_bound >= outcome.value - 1e-9 * std::abs(outcome.value)
                   ? "optimal: no schedule is below " + number_text(outcome.value)
                   : "no schedule is below " + number_text(*outcome.lower_bound) + ", gap " +
                         gap_text(outcome.value, *outcome.lower_bound));
}

/// Why a search stopped.
inline void print_stop(std::ostream& out, gaus::StopReason why) {
  std::string reason = gaus::to_string(why);
  std::replace(reason.begin(), reason.end(), '_', ' ');
  if (why == gaus::StopReason::request) reason += ": this is the best schedule so far";
  print_line(out, "stopped by", reason);
}

/// Which method made it, in which time, and why it stopped.
inline void print_run(std::ostream& out, Options const& options, Outcome const& outcome) {
  std::string how = outcome.method;
  if (outcome.iterations)
    how += ", seed " + std::to_string(options.seed) + ", " +
           detail::count_text(*outcome.iterations, "iteration", "iterations");
  print_line(out, "method", how);
  Kokkos::DefaultExecutionSpace const space;
  print_line(out, "time",
             detail::seconds_text(outcome.seconds) + " s on " + space.name() + ", " +
                 detail::count_text(space.concurrency(), "thread", "threads"));
  if (outcome.stopped_by) print_stop(out, *outcome.stopped_by);
}

/// What a clock asks, and the longest chain of a schedule under it; nothing without a clock.
inline void print_clock(std::ostream& out, Input const& input, std::span<int const> start_steps,
                        int interval) {
  if (!input.clock) return;
  auto const& clock = *input.clock;
  auto const longest = longest_chain(clock, start_steps, interval);
  std::string text =
      number_text(clock.period_ns) + " ns, longest chain " + number_text(longest.delay_ns) + " ns";
  if (!longest.operations.empty()) {
    text += ": " + detail::count_text(static_cast<long long>(longest.operations.size()),
                                      "operation", "operations");
    text += " in step " + std::to_string(longest.step) + ", " +
            input.graph.call(longest.operations.front());
    if (longest.operations.size() > 1) text += " .. " + input.graph.call(longest.operations.back());
  }
  print_line(out, "clock", text);
  print_line(out, "chaining",
             detail::count_text(static_cast<long long>(clock.rules), "rule", "rules") +
                 (clock.exact ? ", exact"
                              : ", one for each late dependence: some legal schedules "
                                "are left out"));
}

/// What the verifier has found to hold.
inline void print_verified(std::ostream& out, Input const& input, Instance const& instance) {
  print_line(out, "verified",
             "legal: " + detail::count_text(input.dependences(), "dependence", "dependences") +
                 (input.clock ? ", clock" : "") + (instance.limited() ? ", limits" : "") + " and " +
                 detail::count_text(instance.steps, "step", "steps") + " hold");
}

/// The report of a run that made one schedule.
inline void print_report(std::ostream& out, Input const& input, Instance const& instance,
                         Expression const& expression, Options const& options,
                         Outcome const& outcome) {
  print_input(out, input);
  print_line(
      out, "steps",
      std::to_string(instance.steps) + ", critical path " + std::to_string(instance.critical_path));
  print_clock(out, input, outcome.start_steps, 0);
  print_line(out, "minimise", expression.text);
  print_value(out, expression, outcome);
  print_run(out, options, outcome);
  print_verified(out, input, instance);
}

/// Every method's value, terms and time.
inline void print_comparison(std::ostream& out, Expression const& expression,
                             std::vector<Outcome> const& outcomes) {
  std::vector<std::vector<std::string>> rows;
  rows.push_back({"method", "value"});
  for (auto const& term : expression.terms) rows[0].push_back(term.name);
  double best = std::numeric_limits<double>::infinity();
  std::optional<double> bound;
  for (auto const& outcome : outcomes) {
    if (outcome.violations.empty()) best = std::min(best, outcome.value);
    if (outcome.lower_bound)
      bound = std::max(bound.value_or(*outcome.lower_bound), *outcome.lower_bound);
  }
  if (bound) rows[0].push_back("gap");
  rows[0].insert(rows[0].end(), {"seconds", ""});
  for (auto const& outcome : outcomes) {
    rows.push_back({outcome.method, number_text(outcome.value)});
    for (auto const& term : expression.terms)
      rows.back().push_back(number_text(value_of(term, outcome.costs)));
    if (bound) rows.back().push_back(gap_text(outcome.value, *bound));
    rows.back().push_back(detail::seconds_text(outcome.seconds));
    rows.back().push_back(!outcome.violations.empty() ? "illegal"
                          : outcome.value <= best     ? "best"
                                                      : "");
  }
  out << "\n";
  print_table(out, rows);
}

/// What --output holds.
inline gaus::ScheduleFile schedule_file(Input const& input, Instance const& instance,
                                        Expression const& expression, Options const& options,
                                        Outcome const& outcome) {
  gaus::ScheduleFile file;
  file.gaus = GAUS_VERSION_STRING;
  file.input = input.name;
  file.operations = instance.graph.num_operations();
  file.dependences = input.dependences();
  file.steps = instance.steps;
  if (instance.problem.pipelined()) file.initiation_interval = instance.problem.initiation_interval;
  file.default_latency = options.default_latency();
  file.method = outcome.method;
  file.expression = expression.text;
  file.value = outcome.value;
  for (auto const& term : expression.terms)
    file.terms.emplace_back(term.name, value_of(term, outcome.costs));
  file.feasible = outcome.violations.empty();
  file.violations = outcome.violations;
  file.start_steps = outcome.start_steps;
  file.seconds = outcome.seconds;
  if (outcome.stopped_by) {
    file.seed = options.seed;
    file.iterations = outcome.iterations;  // none of classical methods
    file.stopped_by = gaus::to_string(*outcome.stopped_by);
    // Settled sums may differ in the last digit.
    if (outcome.lower_bound) file.lower_bound = std::min(*outcome.lower_bound, outcome.value);
  }
  if (input.clock)
    file.clock = {
        input.clock->period_ns, input.clock->default_delay_ns, static_cast<int>(input.clock->rules),
        input.clock->exact,
        longest_chain(*input.clock, outcome.start_steps, file.initiation_interval.value_or(0))
            .delay_ns};
  Kokkos::DefaultExecutionSpace const space;
  file.execution_space = space.name();
  file.concurrency = static_cast<int>(space.concurrency());
  return file;
}

/// Writes the improvements of a run as comma-separated values.
inline void write_trace(std::ostream& out, std::vector<gaus::TracePoint> const& trace) {
  out << "seconds,iteration,value\n";
  for (auto const& point : trace) {
    char text[64];
    std::snprintf(text, sizeof text, "%.6f,%d,%.17g\n", point.seconds, point.iteration,
                  point.value);
    out << text;
  }
}

}  // namespace gaus_schedule

#endif

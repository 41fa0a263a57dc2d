// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_SCHEDULE_EXPLAIN_PROGRAM_HPP
#define GAUS_SCHEDULE_EXPLAIN_PROGRAM_HPP

#include "expression.hpp"
#include "expression_objective.hpp"
#include "input.hpp"
#include "report.hpp"
#include <gaus/io/explanation_text.hpp>
#include <gaus/schedule/explain.hpp>

#include <optional>
#include <ostream>
#include <span>
#include <vector>

// --explain: what binds the value, beside the report and aligned with it.
namespace gaus_schedule {

/// Prints why a legal schedule has its value. bound: no schedule is below, with the constant.
inline void print_explanation(std::ostream& out, Input const& input,
                              gaus::Problem<gaus::HostGraph> const& problem,
                              Expression const& expression, std::vector<int> const& start_steps,
                              std::optional<double> bound = {}) {
  gaus::ExplainOptions options;
  ExpressionObjective(expression, problem.graph.num_resources()).describe(options.costs, 1.0);
  options.limits = input.graph.limits();
  if (bound) options.lower_bound = *bound - expression.constant;
  out << "\n";
  auto const why = gaus::explain(problem, std::span<int const>(start_steps), options);
  for (auto const& line : gaus::explanation_lines(why, &input.graph))
    print_line(out, line.about, line.text);
}

}  // namespace gaus_schedule

#endif

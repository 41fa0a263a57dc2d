// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_SCHEDULE_EXPORT_HPP
#define GAUS_SCHEDULE_EXPORT_HPP

#include "expression.hpp"
#include "expression_objective.hpp"
#include "input.hpp"
#include "instance.hpp"
#include "options.hpp"
#include "results.hpp"
#include "solve.hpp"
#include <gaus/io/buffers_csv.hpp>
#include <gaus/io/cp_sat.hpp>
#include <gaus/io/lifetimes_csv.hpp>
#include <gaus/io/mip.hpp>
#include <gaus/io/pipeline_text.hpp>
#include <gaus/schedule/reservation.hpp>

#include <ostream>
#include <string>
#include <vector>

// --export: the problem for a solver that proves, with the schedule that was found as its start;
// --lifetimes, --buffers and --pipeline-listing: the schedule itself, for people and for what comes
// next.
namespace gaus_schedule {

/// The files that --export writes.
inline std::vector<std::string> export_files(std::string const& name) {
  if (name.empty()) return {};
  if (export_format(name) == ExportFormat::cp_sat) return {name};
  return {name, name.substr(0, name.size() - 3) + ".sol"};
}

/// Writes them. Throws gaus::InvalidInput.
inline void write_export(Options const& options, Input const& input, Instance const& instance,
                         Expression const& expression, Outcome const& outcome) {
  auto const files = export_files(options.export_model);
  gaus::CostModel costs;
  ExpressionObjective(expression, instance.graph.num_resources()).describe(costs, 1.0);
  gaus::ExportOptions settings;
  settings.constant = expression.constant;
  settings.comments = {"input " + input.name, "minimise " + expression.text,
                       "the start is by " + outcome.method};
  for (std::size_t r = 0; r < input.graph.resources.size(); ++r)
    settings.comments.push_back("class " + std::to_string(r) + ": " +
                                input.graph.resources[r].name);
  if (export_format(options.export_model) == ExportFormat::cp_sat) {
    auto const model = gaus::scheduling_cp(instance.problem, instance.system, instance.bounds,
                                           costs, outcome.start_steps, settings);
    write_result(files[0], [&](std::ostream& out) { gaus::write_cp_sat(out, model); });
    return;
  }
  auto const model = gaus::scheduling_mip(instance.problem, instance.system, instance.bounds, costs,
                                          outcome.start_steps, settings);
  write_result(files[0], [&](std::ostream& out) { gaus::write_lp(out, model); });
  write_result(files[1], [&](std::ostream& out) { gaus::write_highs_solution(out, model); });
}

/// Writes the lifetimes and the listing, each if it is wanted.
/// Throws gaus::InvalidInput.
inline void write_schedule_views(Options const& options, Input const& input,
                                 Instance const& instance, Outcome const& outcome) {
  auto const& problem = instance.problem;
  auto const& start = outcome.start_steps;
  if (!options.lifetimes.empty())
    write_result(options.lifetimes, [&](std::ostream& out) {
      gaus::write_lifetimes_csv(out, problem, start, &input.graph);
    });
  if (!options.buffers.empty())
    write_result(options.buffers, [&](std::ostream& out) {
      gaus::write_buffers_csv(out, problem, start, &input.graph);
    });
  if (!options.pipeline_listing.empty()) {
    auto const table = gaus::reservation_table(problem, start, instance.limits);
    write_result(options.pipeline_listing, [&](std::ostream& out) {
      gaus::write_pipeline(out, problem, start, &input.graph);
      out << "\n";
      gaus::write_reservation_table(out, table, start, &input.graph);
    });
  }
}

}  // namespace gaus_schedule

#endif

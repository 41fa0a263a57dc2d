// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_BENCH_QUALITY_CIRCUITS_HPP
#define GAUS_BENCH_QUALITY_CIRCUITS_HPP

#include <gaus/io/file.hpp>
#include <gaus/schedule.hpp>
#include <quality/arguments.hpp>
#include <quality/instances.hpp>
#include <quality/objective.hpp>
#include <quality/peers.hpp>
#include <quality/solving.hpp>
#include <quality/table.hpp>

#include <cmath>
#include <ostream>
#include <stdexcept>
#include <string>
#include <vector>

// --family circuits: epfl, rw and dfg at fixed latency, by gaus and by its peers.
namespace gaus_quality {

namespace detail {

/// A table of illegal schedules would be worth nothing.
inline void require_legal(Instance const& instance, std::string const& what,
                          std::vector<int> const& start) {
  auto const violations = gaus::verify(instance.problem, start);
  if (!violations.empty())
    throw std::runtime_error(what + ": the schedule is illegal: " + violations.front().text);
}

inline Row circuit_row(Source const& source, Instance const& instance, Goal const& goal,
                       Arguments const& arguments) {
  gaus::Options options;
  options.steps = instance.steps;
  options.seed = arguments.seed;
  options.time_limit = arguments.time_limit;
  auto const result = with_graph(instance.description, instance.graph, [&](auto const& graph) {
    return gaus::schedule<float>(Space{}, graph, goal.objective, options);
  });

  Row row;
  row.graph = source.name;
  row.operations = instance.graph.num_operations();
  row.steps = instance.steps;
  row.goal = goal.name;
  row.expression = goal.expression;
  row.lower_bound = result.lower_bound;
  row.seconds = result.seconds;
  std::string const what = row.graph + ", " + row.expression + ", ";
  require_legal(instance, what + "gaus", result.schedule.start_steps);
  row.value = goal.objective.exact(instance.problem, result.schedule.start_steps);
  row.peers =
      Peers(instance, goal.objective, arguments.time_limit, arguments.seed, row.lower_bound).run();
  for (auto const& peer : row.peers) {
    require_legal(instance, what + peer.name, peer.start);
    if (peer.value < row.lower_bound - 1e-6 * std::abs(row.lower_bound))
      throw std::runtime_error(what + peer.name + ": the value " + std::to_string(peer.value) +
                               " is below the lower bound " + std::to_string(row.lower_bound));
  }
  return row;
}

}  // namespace detail

/// Writes the table. Throws std::runtime_error at a schedule that is illegal.
inline void run_circuits(std::ostream& out, Arguments const& arguments) {
  std::vector<Row> rows;
  MarkdownTable table(out);
  for (auto const& source : find_sources(arguments.only)) {
    auto const instance = make_instance(source);
    for (auto const& goal : goals(source.family)) {
      rows.push_back(detail::circuit_row(source, instance, goal, arguments));
      table.add(rows.back());
      for (auto& peer : rows.back().peers) peer.start = {};
    }
  }
  write_summary(out, rows);
  out << "\nA = 100*usage + communication, B = memory, units = usage[MUL] + usage[ALU]. ";
  write_setting(out, arguments);
  if (arguments.csv.empty()) return;
  gaus::write_file_atomically(arguments.csv,
                              [&](std::ostream& stream) { write_csv(stream, rows); });
}

}  // namespace gaus_quality

#endif

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_SCHEDULE_INSTANCE_HPP
#define GAUS_SCHEDULE_INSTANCE_HPP

#include "expression.hpp"
#include <gaus/error.hpp>
#include <gaus/graph/builder.hpp>
#include <gaus/graph/step_bounds.hpp>
#include <gaus/problem.hpp>
#include <gaus/schedule.hpp>
#include <gaus/schedule/cost.hpp>
#include <gaus/schedule/verify.hpp>

#include <cctype>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace gaus_schedule {

/// A graph with its steps, ready for every method.
struct Instance {
  gaus::HostGraph graph;
  gaus::DifferenceSystem system;
  int critical_path = 0;
  int steps = 0;
  gaus::StepBounds bounds;
  gaus::Problem<gaus::HostGraph> problem;
};

namespace detail {

/// Rewrites "no schedule" so that it calls operations by name.
[[noreturn]] inline void rethrow_with_names(gaus::Infeasible const& error,
                                            gaus::GraphDescription const& description) {
  auto const& reason = error.reason();
  if (reason.kind != gaus::InfeasibleReason::Kind::window) throw error;
  constexpr std::size_t most = 12;
  std::string path;
  for (std::size_t k = 0; k < reason.operations.size(); ++k) {
    if (reason.operations.size() > most && k == most / 2) {
      path += " -> ...";
      k = reason.operations.size() - most / 2;
    }
    path += (k > 0 ? " -> " : "") + description.call(reason.operations[k]);
  }
  throw gaus::Infeasible("no schedule of " + std::to_string(reason.available) +
                             " steps exists: the longest path needs " +
                             std::to_string(reason.required) + " steps for its " +
                             std::to_string(reason.operations.size()) + " operations " + path,
                         reason);
}

/// "dependence 3 -> 7: ..." and "operation 3 starts ...", with the names of the operations.
inline std::string with_names(std::string const& text, gaus::GraphDescription const& description) {
  std::string named;
  std::size_t at = 0;
  auto const take_name = [&](std::string const& before) {
    if (text.compare(at, before.size(), before) != 0) return false;
    std::size_t end = at + before.size();
    while (end < text.size() && std::isdigit(static_cast<unsigned char>(text[end]))) ++end;
    std::string const digits = text.substr(at + before.size(), end - at - before.size());
    int operation = 0;
    if (!gaus::detail::parse_number(digits, operation)) return false;
    named += before + description.call(operation);
    at = end;
    return true;
  };
  if (take_name("dependence "))
    take_name(" -> ");
  else
    take_name("operation ");
  return named + text.substr(at);
}

}  // namespace detail

/// Puts an instance together. Throws gaus::InvalidInput, or gaus::Infeasible with the path that is
/// too long for the steps.
inline Instance make_instance(gaus::GraphDescription const& description, std::optional<int> steps,
                              std::optional<double> slack) {
  Instance instance;
  instance.graph = gaus::build_graph<>(description);
  instance.system = gaus::make_difference_system(instance.graph);
  auto const earliest = gaus::earliest_steps(instance.system);
  instance.critical_path = gaus::critical_path(instance.system, earliest);
  gaus::Options options;
  options.steps = steps.value_or(0);
  options.slack = slack.value_or(1.0);
  instance.steps = steps && *steps == 0 ? 0 : gaus::latency_bound(options, instance.critical_path);
  try {
    instance.bounds = gaus::step_bounds(instance.system, instance.steps);
  } catch (gaus::Infeasible const& error) {
    detail::rethrow_with_names(error, description);
  }
  instance.problem =
      gaus::make_problem(instance.graph, instance.graph, instance.steps, instance.bounds);
  return instance;
}

/// Every violation of a schedule in words: those that gaus::verify() finds, and classes above their
/// limit. usage: units in use, from gaus::usage_profile().
inline std::vector<std::string> violations_of(gaus::Problem<gaus::HostGraph> const& problem,
                                              gaus::GraphDescription const& description,
                                              std::span<int const> start_steps,
                                              gaus::DiscreteProfile const* usage) {
  std::vector<std::string> all;
  for (auto const& violation : gaus::verify(problem, start_steps))
    all.push_back(detail::with_names(violation.text, description));
  for (int r = 0; usage != nullptr && r < usage->rows; ++r) {
    auto const& resource = description.resources[static_cast<std::size_t>(r)];
    if (!resource.limit) continue;
    for (int t = 0; t < usage->slots; ++t)
      if (settle((*usage)(r, t)) > *resource.limit)
        all.push_back("class " + resource.name + ": " + number_text(settle((*usage)(r, t))) +
                      " units in use at " + (problem.pipelined() ? "slot " : "step ") +
                      std::to_string(t) + ", limit " + number_text(*resource.limit));
  }
  return all;
}

}  // namespace gaus_schedule

#endif

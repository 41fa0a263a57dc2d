// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_SCHEDULE_INSTANCE_HPP
#define GAUS_SCHEDULE_INSTANCE_HPP

#include "expression.hpp"
#include <gaus/constraint/resource_limit.hpp>
#include <gaus/error.hpp>
#include <gaus/graph/builder.hpp>
#include <gaus/graph/infeasible.hpp>
#include <gaus/graph/step_bounds.hpp>
#include <gaus/problem.hpp>
#include <gaus/schedule.hpp>
#include <gaus/schedule/verify.hpp>

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
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
  std::vector<std::optional<double>> limits{};  ///< of each class; none: unlimited

  [[nodiscard]] bool limited() const {
    return std::any_of(limits.begin(), limits.end(), [](auto const& l) { return l.has_value(); });
  }
};

namespace detail {

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

/// Steps that the options ask for: --steps, or --slack (1 where neither is given) times the critical
/// path. Limits may need more: then the methods that know them choose.
inline int default_steps(Instance const& instance, std::optional<int> steps,
                         std::optional<double> slack) {
  if (steps && *steps == 0) return 0;
  gaus::Options options;
  options.steps = steps.value_or(0);
  options.slack = slack.value_or(1.0);
  return gaus::latency_bound(options, instance.critical_path);
}

}  // namespace detail

/// Does work, and tells why there is no schedule in the names of the input.
template <class Work>
auto in_names(gaus::GraphDescription const& description, Work const& work) {
  try {
    return work();
  } catch (gaus::Infeasible const& error) {
    throw gaus::with_names(error, description);
  }
}

/// Throws gaus::InvalidInput for an interval whose slots no table could hold, or of which a distance
/// takes more than the library counts to.
inline void check_interval_size(gaus::GraphDescription const& description, int interval) {
  constexpr int most = 1 << 24;
  long long furthest = 0;
  for (auto const& d : description.dependences)
    furthest = std::max<long long>(furthest, d.distance);
  if (interval > most || furthest * interval > gaus::detail::max_steps)
    gaus::detail::fail("--initiation-interval",
                       std::to_string(interval) + " is too long" +
                           (interval > most ? ": at most " + std::to_string(most) + " is possible"
                                            : " for a distance of " + std::to_string(furthest)));
  gaus::detail::check_profile_size(static_cast<int>(description.resources.size()), interval);
}

/// Puts an instance together. Throws gaus::InvalidInput, or gaus::Infeasible with the path that is
/// too long for the steps.
inline Instance make_instance(gaus::GraphDescription const& description, std::optional<int> steps,
                              std::optional<double> slack) {
  Instance instance;
  instance.graph = gaus::build_graph<>(description);
  instance.limits = description.limits();
  instance.system = gaus::make_difference_system(instance.graph);
  auto const earliest = gaus::earliest_steps(instance.system);
  instance.critical_path = gaus::critical_path(instance.system, earliest);
  instance.steps = detail::default_steps(instance, steps, slack);
  instance.bounds = gaus::step_bounds(instance.system, instance.steps);
  instance.problem =
      gaus::make_problem(instance.graph, instance.graph, instance.steps, instance.bounds);
  return instance;
}

/// Calls use() with the graph where Space can read it: the instance's own, or one built in its memory.
template <class Space, class Use>
auto with_graph(Instance const& instance, gaus::GraphDescription const& description,
                Use const& use) {
  if constexpr (std::is_same_v<typename Space::memory_space, Kokkos::HostSpace>)
    return use(instance.graph);
  else
    return use(gaus::build_graph<typename Space::memory_space>(description));
}

/// Every violation of a schedule in words: those that gaus::verify() finds, and classes above their
/// limit.
inline std::vector<std::string> violations_of(gaus::Problem<gaus::HostGraph> const& problem,
                                              gaus::GraphDescription const& description,
                                              std::span<int const> start_steps) {
  std::vector<std::string> all;
  for (auto const& violation : gaus::verify(problem, start_steps))
    all.push_back(detail::with_names(violation.text, description));
  for (auto const& violation :
       gaus::resource_violations(problem, start_steps, description.limits(), &description))
    all.push_back(violation.text);
  return all;
}

}  // namespace gaus_schedule

#endif

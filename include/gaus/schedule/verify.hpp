// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_SCHEDULE_VERIFY_HPP
#define GAUS_SCHEDULE_VERIFY_HPP

#include <gaus/constraint.hpp>
#include <gaus/constraint/difference.hpp>
#include <gaus/detail/message.hpp>

#include <algorithm>
#include <span>
#include <string>
#include <vector>

namespace gaus {

/// Every violation of a schedule, each with its operations and numbers; empty means legal. Checks
/// the steps, all dependences that bind, and further constraints. Never throws on a bad schedule; a
/// wrong number of start steps is itself a violation. O(V + E).
template <Graph G, class... Policies>
std::vector<Violation> verify(Problem<G> const& problem, std::span<int const> start_steps,
                              Constraints<Policies...> const& constraints = Constraints<>{}) {
  int const n = problem.graph.num_operations();
  if (static_cast<long long>(start_steps.size()) != n)
    return {{"schedule",
             detail::message({"the schedule has ", start_steps.size(),
                              " start steps, the graph has ", n, " operations"}),
             1.0}};
  std::vector<Violation> all;
  for (int i = 0; i < n; ++i) {
    long long const start = start_steps[detail::at(i)];
    int const latency = problem.graph.latency(i);
    int const occupancy = problem.graph.occupancy(i);
    long long const end = start + std::max(latency, occupancy);
    if (start < 0)
      all.push_back(
          {"steps",
           detail::message({"operation ", i, " starts at step ", start, ", before step 0"}),
           static_cast<double>(-start)});
    if (end > problem.steps)
      all.push_back(
          {"steps",
           detail::message({"operation ", i, " starts at step ", start, " and takes ",
                            std::max(latency, occupancy), " (latency ", latency, ", occupancy ",
                            occupancy, "), so it ends at ", end, " > ", problem.steps, " steps"}),
           static_cast<double>(end - problem.steps)});
  }
  auto const append = [&](std::vector<Violation> own) {
    all.insert(all.end(), std::make_move_iterator(own.begin()), std::make_move_iterator(own.end()));
  };
  append(Precedence{}.violations(problem, start_steps));
  constraints.for_each(
      [&](auto const& policy) { append(policy.violations(problem, start_steps)); });
  return all;
}

}  // namespace gaus

#endif

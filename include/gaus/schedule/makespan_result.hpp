// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_SCHEDULE_MAKESPAN_RESULT_HPP
#define GAUS_SCHEDULE_MAKESPAN_RESULT_HPP

#include <gaus/detail/limited_project.hpp>
#include <gaus/detail/message.hpp>
#include <gaus/error.hpp>
#include <gaus/graph/step_bounds.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

// What minimize_makespan() is told and what it returns (schedule/makespan_search.hpp).
namespace gaus {

/// Options of minimize_makespan(). The defaults suit any project.
struct MakespanOptions {
  double time_limit = 10;            ///< seconds; it ends earlier when the makespan is proven least
  std::uint64_t seed = 0;            ///< of the random numbers
  std::vector<int> start{};          ///< a legal schedule to improve on; empty: none
  std::vector<double> priorities{};  ///< an order to try, the least first; empty: none
  int enough = 0;                    ///< a makespan that ends the search
};

/// What minimize_makespan() found.
struct MakespanResult {
  std::vector<int> start_steps;                ///< legal; empty when none was found
  bool found = false;                          ///< start_steps holds a schedule
  int makespan = 0;                            ///< of that schedule, in steps
  int lower_bound = 0;                         ///< no schedule is shorter
  bool optimal = false;                        ///< the makespan is proven least
  bool infeasible = false;                     ///< proven: no schedule exists
  std::optional<std::pair<int, int>> clash{};  ///< operations that prove it by themselves, if any
  std::string text;    ///< what was found and what is known, in one sentence
  double seconds = 0;  ///< of wall time
};

namespace detail {

/// Whether a schedule keeps constraints and limits; the sentence says what it does not, or is empty.
inline std::string fault_of(LimitedProject const& p, std::vector<int> const& start) {
  auto const& s = p.system;
  int const n = p.operations;
  for (int i = 0; i < n; ++i) {
    if (start[at(i)] < p.release[at(i)])
      return detail::message({"operation ", i, " starts at step ", start[at(i)]});
    for (int k = s.out_offset[at(i)]; k < s.out_offset[at(i) + 1]; ++k)
      if (start[at(s.out_to[at(k)])] - start[at(i)] < s.out_delta[at(k)])
        return detail::message(
            {"operation ", s.out_to[at(k)], " starts ", start[at(s.out_to[at(k)])] - start[at(i)],
             " steps after operation ", i, ", not at least ", s.out_delta[at(k)]});
  }
  struct Change {
    long long step;
    long long units;
  };
  std::vector<std::vector<Change>> changes(p.limit.size());
  for (int i = 0; i < n; ++i)
    for (int k = p.use_offset[at(i)]; k < p.use_offset[at(i) + 1]; ++k) {
      auto& own = changes[at(p.uses[at(k)].limited)];
      own.push_back({start[at(i)], p.uses[at(k)].units});
      own.push_back({static_cast<long long>(start[at(i)]) + p.busy[at(i)], -p.uses[at(k)].units});
    }
  for (std::size_t r = 0; r < changes.size(); ++r) {
    std::sort(changes[r].begin(), changes[r].end(), [](auto const& a, auto const& b) {
      return a.step != b.step ? a.step < b.step : a.units < b.units;
    });
    long long used = 0;
    for (auto const& c : changes[r]) {
      used += c.units;
      if (used > p.limit[r])
        return detail::message({"more units of resource class ", p.class_of[r],
                                " than its limit are in use at step ", c.step});
    }
  }
  return {};
}

inline void check_makespan_options(LimitedProject const& p, MakespanOptions const& options) {
  auto const expect = [&](std::size_t size, char const* what) {
    if (size != 0 && size != at(p.operations))
      throw InvalidInput(detail::message(
          {size, " ", what, " are given, the graph has ", p.operations, " operations"}));
  };
  expect(options.start.size(), "start steps");
  expect(options.priorities.size(), "priorities");
  for (std::size_t i = 0; i < options.priorities.size(); ++i)
    if (std::isnan(options.priorities[i]))
      throw InvalidInput(detail::message({"the priority of operation ", i, " is not a number"}));
  if (std::isnan(options.time_limit)) throw InvalidInput("the time limit is not a number");
  if (options.start.empty()) return;
  std::string const fault = fault_of(p, options.start);
  if (!fault.empty()) throw InvalidInput("the start is not a legal schedule: " + fault);
}

inline std::string makespan_text(MakespanResult const& result) {
  if (result.clash)
    return detail::message(
        {"no schedule exists: operations ", result.clash->first, " and ", result.clash->second,
         " take too many units to be busy at once, and the distances between their starts leave "
         "neither of them time to end before the other starts"});
  if (result.infeasible)
    return "no schedule exists: the limits and the maximum distances contradict one another "
           "(proven by exhaustive search)";
  if (!result.found)
    return detail::message(
        {"no schedule was found in time, nor a proof that none exists; none is shorter than ",
         result.lower_bound, " steps"});
  std::string const steps = detail::message({result.makespan, " steps"});
  if (result.optimal) return "makespan " + steps + ", proven least";
  return detail::message(
      {"makespan ", steps, "; no schedule is shorter than ", result.lower_bound});
}

}  // namespace detail

}  // namespace gaus

#endif

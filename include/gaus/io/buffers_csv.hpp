// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_IO_BUFFERS_CSV_HPP
#define GAUS_IO_BUFFERS_CSV_HPP

#include <gaus/detail/message.hpp>
#include <gaus/error.hpp>
#include <gaus/graph/builder.hpp>
#include <gaus/io/text.hpp>
#include <gaus/problem.hpp>
#include <gaus/schedule/cost.hpp>

#include <algorithm>
#include <cmath>
#include <ostream>
#include <span>
#include <string>

// The values of a schedule as buffers to be placed in memory, in the format of MiniMalloc (Moffitt,
// ASPLOS 2023; github.com/google/minimalloc):
//
//   id,lower,upper,size
//   0,1,7,32
//
//   id       number of the operation that makes the value: MiniMalloc gives it back with an offset
//   lower    first step boundary across which it is live
//   upper    first one across which it is not any more
//   size     of the value, an integer
//
// Values that are live across no boundary, or have size 0, need no buffer and are left out. The largest
// sum of sizes over the buffers at one time is memory_footprint: the least capacity that may suffice.
//
// Plain schedules only: in a pipeline the values of successive iterations live at once, in a time that
// is a circle, which the format cannot say. io/lifetimes_csv.hpp writes slot and copies of each.
namespace gaus {

/// Throws InvalidInput for a problem whose schedules cannot be written as buffers: it is pipelined, or
/// a size is no integer up to 2^53. names: the description of the graph, or null. O(V).
template <Graph G>
void check_buffers(Problem<G> const& problem, GraphDescription const* names = nullptr) {
  if (problem.initiation_interval > 0)
    throw InvalidInput(detail::message(
        {"buffers: the schedule is pipelined with the initiation interval ",
         problem.initiation_interval, "; a list of intervals cannot say that they come again"}));
  constexpr double most = 9007199254740992;  // 2^53
  for (int i = 0; i < problem.graph.num_operations(); ++i) {
    double const size = problem.graph.size(i);
    if (size != std::floor(size) || size > most)
      throw InvalidInput("buffers: operation " + detail::call_operation(names, i) + ": size " +
                         detail::shortest_text(size) + " is not an integer up to 2^53");
  }
}

/// Writes the buffers of a schedule, by the definitions of schedule/cost.hpp. O(V + E). Throws
/// InvalidInput as check_buffers() does and for another number of start steps, before the first byte.
template <Graph G>
void write_buffers_csv(std::ostream& out, Problem<G> const& problem,
                       std::span<int const> start_steps, GraphDescription const* names = nullptr) {
  detail::span_slots(problem, start_steps);  // for its checks
  check_buffers(problem, names);
  out << "id,lower,upper,size\n";
  for (int i = 0; i < problem.graph.num_operations(); ++i) {
    auto const [first, end] = detail::live_span(problem, start_steps, i, problem.steps);
    int const lower = std::max(0, first);  // as live_profile() counts
    int const upper = std::min(end, problem.steps);
    if (upper <= lower || problem.graph.size(i) == 0) continue;
    out << i << ',' << lower << ',' << upper << ',' << static_cast<long long>(problem.graph.size(i))
        << '\n';
  }
}

}  // namespace gaus

#endif

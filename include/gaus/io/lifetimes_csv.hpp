// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_IO_LIFETIMES_CSV_HPP
#define GAUS_IO_LIFETIMES_CSV_HPP

#include <gaus/error.hpp>
#include <gaus/graph/builder.hpp>
#include <gaus/io/text.hpp>
#include <gaus/problem.hpp>
#include <gaus/schedule/cost.hpp>

#include <algorithm>
#include <ostream>
#include <span>
#include <string>

// Lifetimes of values, for the allocation of registers: comma-separated values with a heading, a
// line an operation in the order of the graph.
//
//   value,name,size,first,last,length,slot,copies,stage
//   0,load,32,1,7,6,1,2,0
//
//   value    number of the operation that makes it
//   name     of the operation, empty where it has none
//   size     of the value
//   first    first step boundary across which it is live: the one after step first
//   last     the one before which it is last used; first <= t < last are the boundaries, of the
//            iteration that starts in cycle 0
//   length   last - first; 0: needs no register
//   slot     first modulo II; empty in a plain schedule
//   copies   ceil(length / II): instances of successive iterations live at once at most, each in a
//            register of its own (modulo variable expansion, Lam, PLDI 1988); 1 in a plain schedule
//   stage    start step / II of the operation; 0 in a plain schedule
//
// The sum over lines of size * boundaries in a slot is live_profile(); the sum of size * length is
// total_lifetime().
namespace gaus {

/// Writes the lifetimes under a schedule, by the definitions of schedule/cost.hpp. names: the
/// description that the graph was built from, or null. O(V + E). Throws InvalidInput for another
/// number of start steps, before the first byte.
template <Graph G>
void write_lifetimes_csv(std::ostream& out, Problem<G> const& problem,
                         std::span<int const> start_steps,
                         GraphDescription const* names = nullptr) {
  using detail::at;
  detail::span_slots(problem, start_steps);  // for its checks
  int const interval = problem.initiation_interval;
  out << "value,name,size,first,last,length,slot,copies,stage\n";
  for (int i = 0; i < problem.graph.num_operations(); ++i) {
    auto const [first, end] = detail::live_span(problem, start_steps, i, problem.steps);
    int const last = std::max(first, end);
    int const length = last - first;
    bool const named = names != nullptr && at(i) < names->names.size();
    out << i << ',' << (named ? detail::csv_field(names->names[at(i)]) : "") << ','
        << detail::shortest_text(problem.graph.size(i)) << ',' << first << ',' << last << ','
        << length << ',';
    if (interval > 0) {
      int const start = start_steps[at(i)];
      int const slot = ((first % interval) + interval) % interval;
      int const stage = (start - (((start % interval) + interval) % interval)) / interval;
      out << slot << ',' << (length + interval - 1) / interval << ',' << stage << '\n';
    } else {
      out << ',' << (length > 0 ? 1 : 0) << ",0\n";
    }
  }
}

}  // namespace gaus

#endif

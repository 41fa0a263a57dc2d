// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_SCHEDULE_CLASSICAL_STARTS_HPP
#define GAUS_SCHEDULE_CLASSICAL_STARTS_HPP

#include <gaus/schedule/cost.hpp>
#include <gaus/schedule/force_directed.hpp>
#include <gaus/schedule/list.hpp>

#include <vector>

namespace gaus::detail {

/// Offers every schedule that is to be had for next to nothing: as soon as possible, in the middle,
/// as late as possible, then what the list schedulers give and, where units count, the
/// force-directed ones. within(share) gives a keep_going() for a share of the time; more() is false
/// when the caller needs no more. offer takes a legal schedule. O((V + E) log V) but for the
/// force-directed ones.
template <Graph H, class Offer, class Within, class More>
void classical_starts(Problem<H> const& problem, DifferenceSystem const& system,
                      StepBounds const& bounds, CostModel const& model, Offer&& offer,
                      Within&& within, More&& more) {
  offer(bounds.earliest);
  std::vector<int> middle = bounds.earliest;
  for (std::size_t i = 0; i < middle.size(); ++i)
    middle[i] = (bounds.earliest[i] + bounds.latest[i]) >> 1;
  offer(middle);  // the average of two legal schedules is legal
  offer(bounds.latest);
  for (auto const priority : list_priorities)
    if (more())
      offer(list_schedule(problem.graph, system, bounds, problem.steps, within(0.02), priority));
  if (model.usage == 0 && model.usage_of.empty()) return;
  for (auto const reduction : window_reductions)
    if (more())
      offer(force_directed_schedule(problem.graph, system, bounds, problem.steps, within(0.02),
                                    reduction));
}

}  // namespace gaus::detail

#endif

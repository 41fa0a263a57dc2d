// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_SCHEDULE_LEGALIZE_HPP
#define GAUS_SCHEDULE_LEGALIZE_HPP

#include <gaus/graph/step_bounds.hpp>
#include <gaus/schedule/round.hpp>

#include <cstddef>
#include <span>
#include <vector>

// From any start steps to legal ones, near where they were.
//
// Clamped to the windows, a schedule becomes legal by pushing operations later (forward, the least
// schedule above it) or earlier (backward, the greatest below); both stay inside the windows
// (graph/step_bounds.hpp). Their average, rounded down, is legal too: with integer right-hand sides
// floor((a_j + b_j) / 2) - floor((a_i + b_i) / 2) >= delta follows from a_j - a_i >= delta and
// b_j - b_i >= delta. O(V + E) each.
namespace gaus {

/// Which way violations are resolved.
enum class Direction { forward, backward };

/// Makes start legal in place: clamped, then pushed one way. bounds: from step_bounds() of system.
inline void legalize(DifferenceSystem const& system, StepBounds const& bounds, Direction direction,
                     std::vector<int>& start) {
  for (std::size_t i = 0; i < start.size(); ++i)
    start[i] = std::min(std::max(start[i], bounds.earliest[i]), bounds.latest[i]);
  if (direction == Direction::forward)
    raise(system, start);
  else
    lower(system, start);
}

/// Calls visit(start_steps) with legal schedules near the means: for each of three common rounding
/// offsets forward, backward and average. When the rounded means are legal these are one and the
/// same schedule, and visit is called once.
template <class Real, class Visit>
void legal_candidates(DifferenceSystem const& system, StepBounds const& bounds,
                      std::span<Real const> means, Visit&& visit) {
  std::vector<int> rounded;
  std::vector<int> forward;
  std::vector<int> backward;
  for (double const offset : {0.5, 0.25, 0.75}) {
    round_means(means, offset, bounds, rounded);
    forward = rounded;
    raise(system, forward);
    visit(forward);
    if (forward == rounded) continue;
    backward = rounded;
    lower(system, backward);
    visit(backward);
    for (std::size_t i = 0; i < rounded.size(); ++i)
      forward[i] = (forward[i] + backward[i]) >> 1;  // both >= 0
    visit(forward);
  }
}

}  // namespace gaus

#endif

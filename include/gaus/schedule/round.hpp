// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_SCHEDULE_ROUND_HPP
#define GAUS_SCHEDULE_ROUND_HPP

#include <gaus/graph/step_bounds.hpp>

#include <cmath>
#include <span>
#include <vector>

namespace gaus {

/// Means to integer start steps: floor(mean + offset), clamped to the windows. One common offset for
/// all operations keeps every difference constraint that the means satisfy, since all right-hand
/// sides are integers; 1/2 rounds to nearest. A mean that is not a number gives the earliest step.
template <class Real>
void round_means(std::span<Real const> means, double offset, StepBounds const& bounds,
                 std::vector<int>& start) {
  start.resize(means.size());
  for (std::size_t i = 0; i < means.size(); ++i) {
    double const x = std::floor(static_cast<double>(means[i]) + offset);
    int const low = bounds.earliest[i];
    int const high = bounds.latest[i];
    start[i] = !(x > low) ? low : x >= high ? high : static_cast<int>(x);
  }
}

}  // namespace gaus

#endif

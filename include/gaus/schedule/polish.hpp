// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_SCHEDULE_POLISH_HPP
#define GAUS_SCHEDULE_POLISH_HPP

#include <gaus/detail/random_bits.hpp>
#include <gaus/graph/step_bounds.hpp>

#include <cstdint>
#include <utility>
#include <vector>

namespace gaus {

/// Random descent on any cost: moves one operation, with all those that it pushes, and keeps what is
/// not worse, so that it crosses plateaus. For objectives that the incremental search (refine.hpp)
/// does not know; every move evaluates the cost anew, O(V + E). cost(start_steps) returns anything
/// that < orders. start: legal, and legal afterwards. keep_going() is asked before every move.
template <class Cost, class KeepGoing>
auto polish(DifferenceSystem const& system, StepBounds const& bounds, std::vector<int>& start,
            std::int64_t moves, std::uint64_t seed, Cost&& cost, KeepGoing&& keep_going) {
  using detail::at;
  auto best = cost(start);
  std::vector<int> mobile;
  for (int i = 0; i < system.operations; ++i)
    if (bounds.earliest[at(i)] < bounds.latest[at(i)]) mobile.push_back(i);
  if (mobile.empty()) return best;
  detail::RandomBits random(seed);
  std::vector<int> trial;
  for (std::int64_t k = 0; k < moves && keep_going(); ++k) {
    int const i = mobile[at(random.below(static_cast<int>(mobile.size())))];
    int const low = bounds.earliest[at(i)];
    int const high = bounds.latest[at(i)];
    int const now = start[at(i)];
    int to = low + random.below(high - low);
    to += to >= now ? 1 : 0;
    if (random.below(2) == 0)
      to = now == high || (now > low && random.below(2)) ? now - 1 : now + 1;
    trial = start;
    trial[at(i)] = to;
    if (to > now)
      raise(system, trial);
    else
      lower(system, trial);
    auto const value = cost(trial);
    if (best < value) continue;
    best = value;
    std::swap(start, trial);
  }
  return best;
}

}  // namespace gaus

#endif

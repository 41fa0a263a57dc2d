// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_SCHEDULE_INTERVAL_RESULT_HPP
#define GAUS_SCHEDULE_INTERVAL_RESULT_HPP

#include <gaus/graph/builder.hpp>
#include <gaus/graph/initiation_interval.hpp>

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

// What interval_search() is told and what it returns (schedule/interval_search.hpp).
namespace gaus {

/// Settings of interval_search().
struct IntervalSearchOptions {
  double time_limit = 10;                   ///< seconds; 0: none
  int max_interval = 0;                     ///< the largest to look at; 0: no limit
  int only = 0;                             ///< this interval alone; 0: from MII upward
  int steps = 0;                            ///< latency bound of an iteration; 0: none
  bool sequential = true;                   ///< as a last resort: iterations one after another
  std::uint64_t seed = 0;                   ///< of the random numbers
  GraphDescription const* names = nullptr;  ///< whose names sentences use
  /// Raised from outside to end the search.
  std::atomic<bool> const* stop = nullptr;
};

/// The least interval that was found.
struct IntervalSearchResult {
  bool found = false;          ///< start holds a schedule
  int interval = 0;            ///< the least that was found
  std::vector<int> start;      ///< legal start steps, the first one 0
  int length = 0;              ///< steps of one iteration
  InitiationInterval minimum;  ///< MII with the reasons
  bool proven = false;         ///< no smaller interval has a schedule
  int open = 0;                ///< intervals from MII on that are neither refuted nor reached
  std::string text;            ///< why it cannot be smaller, or what stood in the way
  double seconds = 0;          ///< of wall time
};

}  // namespace gaus

#endif

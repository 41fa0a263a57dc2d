// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_SCHEDULE_SOLVER_OPTIONS_HPP
#define GAUS_SCHEDULE_SOLVER_OPTIONS_HPP

#include <gaus/optimizer/observer.hpp>
#include <gaus/schedule/relaxation_run.hpp>

#include <atomic>
#include <cstdint>
#include <optional>

namespace gaus {

/// What a solve may use, and how it is watched.
struct SolverOptions {
  std::uint64_t seed = 0;
  double time_limit = 0;         ///< seconds of wall time; 0: none
  std::int64_t iterations = 0;   ///< of the relaxation, over all descents; 0: no limit
  int stall = 0;                 ///< descents without improvement after which to stop; 0: never
  std::optional<Recipe> recipe;  ///< for experts: play this one alone
  int snapshot = 20;             ///< iterations between snapshots
  bool bound = true;             ///< look for a lower bound too
  bool stop_when_proven = true;  ///< the value has met that bound
  Observer observer;
  std::atomic<bool> const* stop = nullptr;  ///< raised from outside to end the solve
  int batch = 0;  ///< descents at once, where the policies serve a batch; 0: chosen
};

/// Seconds spent in each part of a solve.
struct PhaseTimes {
  double starts = 0;
  double iterations = 0;
  double snapshots = 0;
  double refinement = 0;
};

}  // namespace gaus

#endif

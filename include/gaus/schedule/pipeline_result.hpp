// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_SCHEDULE_PIPELINE_RESULT_HPP
#define GAUS_SCHEDULE_PIPELINE_RESULT_HPP

#include <gaus/constraint.hpp>
#include <gaus/graph/builder.hpp>
#include <gaus/graph/initiation_interval.hpp>
#include <gaus/optimizer/observer.hpp>
#include <gaus/schedule.hpp>
#include <gaus/schedule/cost.hpp>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

// What pipeline() is told and what it returns (gaus/pipeline.hpp), for those that print or export it.
namespace gaus {

/// Options of pipeline(). The defaults suit any loop.
struct PipelineOptions {
  int initiation_interval = 0;  ///< 0: the least that is found, from MII upward
  int steps = 0;                ///< latency bound of an iteration; 0: the critical path and one
                                ///< interval more, or what the interval was found with
  bool hold_outputs = false;    ///< values without consumers stay live to the end of the iteration
  std::vector<int> start{};     ///< a schedule to improve on, legal or not; empty: none
  std::uint64_t seed = 0;       ///< of all random numbers
  double time_limit = 0;        ///< seconds; 0: until it stalls, at most 10
  std::int64_t iterations = 0;  ///< of the relaxation; 0: no limit
  GraphDescription const* names = nullptr;  ///< whose names sentences use
  Observer observer{};                      ///< called at every snapshot
  /// Raised from outside to end the solve.
  std::atomic<bool> const* stop = nullptr;
};

/// What pipeline() returns. schedule.initiation_interval is the interval, schedule.steps the latency
/// bound of one iteration.
struct PipelineResult {
  Schedule schedule;                                              ///< of one iteration
  double value = 0;                                               ///< exact objective, folded
  double lower_bound = -std::numeric_limits<double>::infinity();  ///< no schedule of this interval
                                                                  ///< and these steps is below
  Costs costs;                        ///< all folded costs; costs.memory is the register peak
  int stages = 0;                     ///< iterations in flight: ceil(length of one / interval)
  InitiationInterval minimum;         ///< MII with the reasons
  bool interval_is_minimal = false;   ///< proven: no smaller interval has a schedule
  std::string interval_text;          ///< why it cannot be smaller, or what stood in the way
  bool feasible = false;              ///< violations is empty
  std::vector<Violation> violations;  ///< of the schedule: dependences, steps, limits
  std::int64_t iterations = 0;        ///< of the relaxation
  double seconds = 0;                 ///< of wall time
  StopReason stopped_by = StopReason::iterations;  ///< why it ended
  std::vector<TracePoint> trace;                   ///< improvements of the value, in order
  std::vector<TracePoint> bound_trace;             ///< those of the lower bound, without iterations
};

/// Stage of an operation: how many intervals after its iteration it starts.
inline int stage_of(Schedule const& schedule, int operation) {
  return schedule.initiation_interval > 0
             ? schedule.start_step(operation) / schedule.initiation_interval
             : 0;
}

/// Iterations in flight at once: the makespan of one in intervals, rounded up; 1 when not pipelined.
inline int number_of_stages(int makespan, int interval) {
  return interval > 0 ? std::max(1, (makespan + interval - 1) / interval) : 1;
}

}  // namespace gaus

#endif

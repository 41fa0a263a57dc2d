// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_OPTIMIZER_OBSERVER_HPP
#define GAUS_OPTIMIZER_OBSERVER_HPP

#include <gaus/error.hpp>

#include <atomic>
#include <chrono>
#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

// What a solve reports while it runs, and how it is told to stop.
namespace gaus {

/// State of a solve at a snapshot.
struct Progress {
  int iteration = 0;                                              ///< over all runs so far
  double seconds = 0;                                             ///< since the call
  double value = std::numeric_limits<double>::infinity();         ///< of the best legal schedule
  double lower_bound = -std::numeric_limits<double>::infinity();  ///< no schedule is below
  double fraction = 0;  ///< of the time or iteration limit
};

/// One improvement of the best schedule.
struct TracePoint {
  double seconds = 0;
  int iteration = 0;
  double value = 0;
};

/// Called at every snapshot from the solving thread; returning true stops the solve, which then
/// returns its best schedule. An empty one is never called.
using Observer = std::function<bool(Progress const&)>;

/// Why a solve ended.
enum class StopReason { iterations, time_limit, request, stalled, optimal };

/// The words for it, as the output file has them.
inline char const* to_string(StopReason reason) {
  switch (reason) {
    case StopReason::iterations:
      return "iterations";
    case StopReason::time_limit:
      return "time_limit";
    case StopReason::request:
      return "request";
    case StopReason::stalled:
      return "stalled";
    case StopReason::optimal:
      return "optimal";
  }
  return "unknown";
}

/// Limits of a solve: wall time from construction, and a flag that another thread or a signal
/// handler may raise.
class StopCondition {
 public:
  /// seconds <= 0: no limit. stop may be null; it must outlive the solve. Throws InvalidInput for a
  /// limit that is no finite number.
  explicit StopCondition(double seconds, std::atomic<bool> const* stop = nullptr)
      : limit_(seconds), stop_(stop), begin_(std::chrono::steady_clock::now()) {
    if (!std::isfinite(seconds))
      throw InvalidInput("the time limit " + std::to_string(seconds) +
                         " is not a finite number of seconds");
  }

  [[nodiscard]] double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
  }
  [[nodiscard]] bool requested() const {
    return stop_ != nullptr && stop_->load(std::memory_order_relaxed);
  }
  [[nodiscard]] bool out_of_time() const { return limit_ > 0 && seconds() >= limit_; }
  [[nodiscard]] bool reached() const { return requested() || out_of_time(); }
  [[nodiscard]] double limit() const { return limit_; }

 private:
  double limit_;
  std::atomic<bool> const* stop_;
  std::chrono::steady_clock::time_point begin_;
};

}  // namespace gaus

#endif

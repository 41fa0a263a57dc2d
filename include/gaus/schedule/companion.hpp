// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_SCHEDULE_COMPANION_HPP
#define GAUS_SCHEDULE_COMPANION_HPP

#include <gaus/detail/function_ref.hpp>
#include <gaus/optimizer/observer.hpp>
#include <gaus/schedule/bounds.hpp>

#include <atomic>
#include <cmath>
#include <exception>
#include <limits>
#include <mutex>
#include <optional>
#include <span>
#include <thread>
#include <utility>
#include <vector>

namespace gaus::detail {

/// Work beside a solve, in a host thread of its own: a search if the solve wants one, then a lower
/// bound that betters itself, then whatever else the solve has for it. It takes good schedules and
/// their values, and hands back the bound and legal schedules: those that are optimal for its prices,
/// and those of the searches. The thread touches no execution space. Ends with the object.
template <Graph H, bool Pipelines = true>
class Companion {
 public:
  Companion(Problem<H> const& problem, DifferenceSystem const& system, StepBounds const& bounds,
            CostModel const& model, std::vector<std::optional<double>> const& limits = {},
            StopCondition const* clock = nullptr)
      : bound_(problem, system, bounds, model, limits), clock_(clock) {}
  ~Companion() { end(); }
  Companion(Companion const&) = delete;
  Companion& operator=(Companion const&) = delete;

  /// The bounds by terms, in the calling thread; the schedule of least linear costs.
  LinearOptimum begin(KeepGoing keep_going) {
    auto linear = bound_.begin(keep_going);
    take_value();
    return linear;
  }

  /// Tells of a schedule; the best one is kept.
  void offer(std::vector<int> const& start, double value) {
    std::scoped_lock const lock(mutex_);
    if (value >= upper_) return;
    upper_ = value;
    start_ = start;
  }
  /// Starts the thread once there is a schedule: first(go_on), then the bound while bounding(), then
  /// then(go_on). go_on() is false when the object ends.
  template <class First, class Bounding, class Then>
  void launch(First first, Bounding bounding, Then then) {
    if (thread_.joinable() || start_.empty()) return;
    thread_ = std::thread([this, first, bounding, then] {
      auto const go_on = [&] { return !stop_.load(std::memory_order_relaxed); };
      auto const bound_on = [&] { return go_on() && bounding(); };
      try {
        first(go_on);
        while (bound_on() && step(bound_on)) {
        }
        if (go_on()) then(go_on);
      } catch (std::exception const&) {
        // Out of memory: the bound so far stands.
      }
    });
  }
  /// The same in the calling thread, for a number of steps: the same bound every time.
  void work(int steps, KeepGoing keep_going) {
    for (int k = 0; k < steps && keep_going() && step(keep_going);) ++k;
  }
  void end() {
    stop_ = true;
    if (thread_.joinable()) thread_.join();
  }

  /// No schedule has a smaller value.
  [[nodiscard]] double value() const { return value_; }
  [[nodiscard]] bool tight(double value) const {
    return LowerBound<H, Pipelines>::tight(value, value_);
  }
  /// The best schedule that it was told of.
  [[nodiscard]] std::vector<int> best() {
    std::scoped_lock const lock(mutex_);
    return start_;
  }
  /// From the thread: a schedule for the solve, if it is better than the best known.
  void hand_over(std::vector<int> const& start, double value) {
    std::scoped_lock const lock(mutex_);
    // The same cost, summed in another order, is no news.
    if (!(value < upper_ - 1e-9 * std::abs(upper_))) return;
    upper_ = value;
    start_ = start;
    found_ = start;
  }
  /// The best schedule that was handed over since the last call; empty when there is no new one.
  [[nodiscard]] std::vector<int> take_found() {
    std::scoped_lock const lock(mutex_);
    return std::exchange(found_, {});
  }
  /// A schedule that was optimal for the latest prices, each once; empty when there is no new one.
  [[nodiscard]] std::vector<int> take_minimiser() {
    std::scoped_lock const lock(mutex_);
    return std::exchange(minimiser_, {});
  }
  /// Improvements of the bound by the clock, in order; none without one. Of those that follow each
  /// other within a fiftieth of the time the last stands for all, so that they stay few.
  [[nodiscard]] std::vector<TracePoint> trace() {
    std::scoped_lock const lock(mutex_);
    return trace_;
  }

 private:
  void take_value() {
    double const value = bound_.value();
    value_ = value;
    if (clock_ == nullptr || !std::isfinite(value)) return;
    double const now = clock_->seconds();
    std::scoped_lock const lock(mutex_);
    auto const n = trace_.size();
    if (n > 0 && value <= trace_.back().value) return;
    if (n > 1 && now < 1.02 * trace_[n - 2].seconds)
      trace_.back() = {now, 0, value};
    else
      trace_.push_back({now, 0, value});
  }
  bool step(KeepGoing keep_going) {
    std::vector<int> start;
    double upper = 0;
    {
      std::scoped_lock const lock(mutex_);
      start = start_;
      upper = upper_;
    }
    bool const more = bound_.improve(std::span<int const>(start), upper, keep_going);
    take_value();
    if (more) {
      std::scoped_lock const lock(mutex_);
      minimiser_ = bound_.minimiser();
    }
    return more;
  }

  LowerBound<H, Pipelines> bound_;
  std::atomic<double> value_{-std::numeric_limits<double>::infinity()};
  std::atomic<bool> stop_{false};
  std::mutex mutex_;
  std::vector<int> start_;  ///< best schedule known
  double upper_ = std::numeric_limits<double>::infinity();
  std::vector<int> minimiser_;
  std::vector<int> found_;
  StopCondition const* clock_;
  std::vector<TracePoint> trace_;
  std::thread thread_;
};

}  // namespace gaus::detail

#endif

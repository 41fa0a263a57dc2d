// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_SCHEDULE_BOUND_SEARCH_HPP
#define GAUS_SCHEDULE_BOUND_SEARCH_HPP

#include <gaus/schedule/bounds.hpp>

#include <atomic>
#include <cstdint>
#include <exception>
#include <limits>
#include <mutex>
#include <span>
#include <thread>
#include <utility>
#include <vector>

namespace gaus::detail {

/// A lower bound that betters itself beside a solve, in a host thread of its own: it takes good
/// schedules and their values, and hands back the bound and legal schedules that are optimal for
/// its prices. The thread touches no execution space. Ends with the object.
template <Graph H>
class BoundSearch {
 public:
  BoundSearch(Problem<H> const& problem, DifferenceSystem const& system, StepBounds const& bounds,
              CostModel const& model)
      : bound_(problem, system, bounds, model) {}
  ~BoundSearch() { end(); }
  BoundSearch(BoundSearch const&) = delete;
  BoundSearch& operator=(BoundSearch const&) = delete;

  /// The bounds by terms, in the calling thread; the schedule of least linear costs.
  template <class KeepGoing>
  LinearOptimum begin(KeepGoing&& keep_going) {
    auto linear = bound_.begin(keep_going);
    value_ = bound_.value();
    return linear;
  }

  /// Tells of a schedule; the thread starts with the first.
  void offer(std::vector<int> const& start, double value) {
    std::scoped_lock const lock(mutex_);
    if (value >= upper_) return;
    upper_ = value;
    start_ = start;
  }
  /// Starts the thread once there is a schedule; until(): false when it shall end by itself.
  template <class KeepGoing>
  void launch(KeepGoing until) {
    if (thread_.joinable() || start_.empty()) return;
    thread_ = std::thread([this, until] {
      auto const go_on = [&] { return !stop_.load(std::memory_order_relaxed) && until(); };
      try {
        while (go_on() && step(go_on)) {
        }
      } catch (std::exception const&) {
        // Out of memory: the bound so far stands.
      }
    });
  }
  /// The same in the calling thread, for a number of steps: the same bound every time.
  template <class KeepGoing>
  void work(int steps, KeepGoing&& keep_going) {
    for (int k = 0; k < steps && keep_going() && step(keep_going);) ++k;
  }
  void end() {
    stop_ = true;
    if (thread_.joinable()) thread_.join();
  }

  /// No schedule has a smaller value.
  [[nodiscard]] double value() const { return value_; }
  [[nodiscard]] bool tight(double value) const {
    double const least = value_;
    return value <= least + 1e-9 * std::max(1.0, std::abs(least));
  }
  /// A schedule that was optimal for the latest prices, each once; false when there is no new one.
  bool take(std::vector<int>& start) {
    std::scoped_lock const lock(mutex_);
    if (minimiser_.empty()) return false;
    start = std::move(minimiser_);
    minimiser_.clear();
    return true;
  }

 private:
  template <class KeepGoing>
  bool step(KeepGoing&& keep_going) {
    std::vector<int> start;
    double upper = 0;
    {
      std::scoped_lock const lock(mutex_);
      start = start_;
      upper = upper_;
    }
    bool const more = bound_.improve(std::span<int const>(start), upper, keep_going);
    value_ = bound_.value();
    if (more) {
      std::scoped_lock const lock(mutex_);
      minimiser_ = bound_.minimiser();
    }
    return more;
  }

  LowerBound<H> bound_;
  std::atomic<double> value_{-std::numeric_limits<double>::infinity()};
  std::atomic<bool> stop_{false};
  std::mutex mutex_;
  std::vector<int> start_;  ///< best schedule known
  double upper_ = std::numeric_limits<double>::infinity();
  std::vector<int> minimiser_;
  std::thread thread_;
};

}  // namespace gaus::detail

#endif

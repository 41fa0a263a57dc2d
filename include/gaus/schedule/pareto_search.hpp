// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_SCHEDULE_PARETO_SEARCH_HPP
#define GAUS_SCHEDULE_PARETO_SEARCH_HPP

#include <gaus/detail/message.hpp>
#include <gaus/schedule.hpp>
#include <gaus/schedule/limited_schedule.hpp>
#include <gaus/schedule/pareto_archive.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

// What every search for a front is told, what it returns, and what they share. The front door is
// schedule/pareto.hpp.
namespace gaus {

/// State of a search for a front.
struct ParetoProgress {
  double seconds = 0;
  double fraction = 0;  ///< of the time limit, or of the solves
  int solves = 0;       ///< ended
  int points = 0;       ///< of the front so far
};

/// Options of pareto_front() and pareto_over_steps().
struct ParetoOptions {
  int steps = 0;  ///< latency bound (over steps: the largest); 0: slack times the critical path
  double slack = 1.0;  ///< >= 1
  bool hold_outputs = false;
  std::uint64_t seed = 0;
  double time_limit = 0;        ///< seconds for the front as a whole; 0 and no iterations: 30
  std::int64_t iterations = 0;  ///< of the relaxation, over all solves. Repeats bit for bit
  int solves = 10;   ///< weighted sums (half as many where one goal is a peak), or numbers
                     ///< of steps, that are solved
  int points = 100;  ///< most points of the front
  std::function<bool(ParetoProgress const&)> observer{};  ///< returning true ends the search
  std::atomic<bool> const* stop = nullptr;
};

/// One schedule of a front, verified.
struct ParetoPoint {
  Schedule schedule;
  double first = 0;   ///< exact value of the first goal
  double second = 0;  ///< of the second; over steps: the steps that the schedule takes
  /// first_weight * first + second_weight * second is at least lower_bound for every schedule: of
  /// the bounds that the search has proved, the tightest at this point. NaN: none was proved.
  double first_weight = 0;
  double second_weight = 0;
  double lower_bound = std::numeric_limits<double>::quiet_NaN();
};

/// What a search returns.
struct ParetoFront {
  std::vector<ParetoPoint> points;  ///< first rises, second falls; none dominates another
  int solves = 0;
  std::int64_t iterations = 0;  ///< of the relaxation
  double seconds = 0;
  StopReason stopped_by = StopReason::stalled;
};

namespace detail {

/// The bound of a solve; not a number where it has none.
inline double proved_bound(SolveResult const& result) {
  return std::isfinite(result.lower_bound) ? result.lower_bound
                                           : std::numeric_limits<double>::quiet_NaN();
}

/// What both searches share: the problem on the host, the clock, the archive, the solves.
template <class Real, class ExecutionSpace, Graph G, Graph H, class... Policies>
class ParetoSearch {
 public:
  ParetoSearch(ExecutionSpace const& exec, G const& graph, H host,
               Constraints<Policies...> const& constraints, ParetoOptions const& options)
      : exec_(exec),
        graph_(graph),
        host_(std::move(host)),
        constraints_(constraints),
        options_(options),
        limit_(!(options.time_limit <= 0) || options.iterations > 0 ? options.time_limit : 30),
        clock_(limit_, options.stop),
        archive_(options.points) {
    if (options.solves < 2)
      throw InvalidInput(
          detail::message({"solves = ", options.solves, ": a front takes at least 2"}));
    Problem<H> draft;
    draft.graph = host_;
    system_ = make_difference_system(host_, 0, declared_differences(draft, constraints));
    limits_ = declared_limits(constraints);
    critical_ = critical_path(system_, earliest_steps(system_));
    Options bound;
    bound.steps = options.steps;
    bound.slack = options.slack;
    steps_ = latency_bound(bound, critical_);
    if constexpr ((declares_limits<Policies> || ...)) {
      // Under limits no fewer steps than a short schedule takes, which is a point to begin with.
      if (!limits_.empty())
        short_ = first_schedule(host_, system_, limits_, options.steps, options.steps == 0,
                                options.seed, clock_, options.iterations == 0);
      critical_ = std::max(critical_, short_.makespan);
      if (options.steps == 0) steps_ = std::max(steps_, critical_);
    }
    bounds_ = bounds_of(steps_);
    problem_ = problem_of(steps_, bounds_);
  }

 protected:
  [[nodiscard]] StepBounds bounds_of(int steps) const {
    Problem<H> draft;
    draft.graph = host_;
    return step_bounds(system_, steps, declared_deadlines(draft, constraints_));
  }
  [[nodiscard]] Problem<H> problem_of(int steps, StepBounds const& bounds) const {
    return make_problem(host_, host_, steps, bounds, 0, options_.hold_outputs);
  }

  /// Takes a schedule into the archive if it adds to the front and passes verify(). From any thread.
  template <class Values>
  bool offer(Values const& values, std::vector<int> const& start, int steps,
             Problem<H> const& problem) {
    auto const [first, second] = values(start);
    std::scoped_lock const lock(archive_mutex_);
    if (archive_.covers(first, second)) return false;
    if (!verify(problem, std::span<int const>(start), constraints_).empty()) return false;
    return archive_.offer(first, second, start, steps);
  }

  /// One solve, with its share of the time and of the iterations; none when the search must end.
  template <class ObjectivePolicy>
  std::optional<SolveResult> solve(ObjectivePolicy const& objective, int steps,
                                   std::vector<int> const& start, double share_of_time) {
    if (ended()) return {};
    Options settings;
    settings.steps = steps;
    settings.hold_outputs = options_.hold_outputs;
    settings.start = start;
    settings.seed = options_.seed + static_cast<std::uint64_t>(front_.solves);
    if (options_.iterations > 0)
      settings.iterations = std::max<std::int64_t>(1, options_.iterations / options_.solves);
    if (limit_ > 0)
      settings.time_limit = std::max(1e-3, share_of_time * (limit_ - clock_.seconds()));
    settings.stop = options_.stop;
    settings.stop_when_proven = false;  // other points of the front may be as good by these weights
    settings.observer = [&](Progress const&) { return told_to_stop(); };
    auto result = gaus::schedule<Real>(exec_, graph_, objective, constraints_, settings);
    ++front_.solves;
    front_.iterations += result.iterations;
    return result;
  }

  /// Asks the observer; remembers its answer.
  bool told_to_stop() {
    if (!options_.observer || stopped_) return stopped_;
    ParetoProgress progress;
    progress.seconds = clock_.seconds();
    progress.solves = front_.solves;
    {
      std::scoped_lock const lock(archive_mutex_);
      progress.points = static_cast<int>(archive_.entries().size());
    }
    progress.fraction = limit_ > 0 ? progress.seconds / limit_
                                   : static_cast<double>(front_.solves) / options_.solves;
    return stopped_ = options_.observer(progress);
  }
  bool ended() {
    if (clock_.requested() || told_to_stop()) {
      front_.stopped_by = StopReason::request;
      return true;
    }
    if (!clock_.out_of_time()) return false;
    front_.stopped_by = StopReason::time_limit;
    return true;
  }

  void add_plane(double first_weight, double second_weight, double bound) {
    if (std::isfinite(bound)) planes_.push_back({first_weight, second_weight, bound});
  }

  /// The archive as points, each with the bound that is tightest there.
  ParetoFront finish() {
    for (auto const& e : archive_.entries()) {
      ParetoPoint point{{e.start, e.steps, 0}, e.first, e.second};
      double tightest = std::numeric_limits<double>::infinity();
      for (auto const& [first_weight, second_weight, bound] : planes_) {
        double const value = first_weight * e.first + second_weight * e.second;
        double const gap = (value - bound) / std::max(1e-300, std::abs(value));
        if (gap >= tightest) continue;
        tightest = gap;
        point.first_weight = first_weight;
        point.second_weight = second_weight;
        point.lower_bound = bound;
      }
      front_.points.push_back(std::move(point));
    }
    front_.seconds = clock_.seconds();
    return std::move(front_);
  }

  ExecutionSpace const& exec_;
  G const& graph_;
  H host_;
  Constraints<Policies...> const& constraints_;
  ParetoOptions const& options_;
  double limit_;
  StopCondition clock_;
  DifferenceSystem system_;
  std::vector<std::optional<double>> limits_;  ///< of the resource classes; empty: none
  int critical_ = 0;                           ///< the fewest steps
  MakespanResult short_;                       ///< within limits; without them none
  int steps_ = 0;
  StepBounds bounds_;
  Problem<H> problem_;
  ParetoArchive archive_;
  std::mutex archive_mutex_;
  ParetoFront front_;

 private:
  std::vector<std::array<double, 3>> planes_;
  bool stopped_ = false;
};

}  // namespace detail
}  // namespace gaus

#endif

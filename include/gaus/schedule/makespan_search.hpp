// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_SCHEDULE_MAKESPAN_SEARCH_HPP
#define GAUS_SCHEDULE_MAKESPAN_SEARCH_HPP

#include <gaus/detail/conflict_search.hpp>
#include <gaus/detail/function_ref.hpp>
#include <gaus/detail/limited_project.hpp>
#include <gaus/detail/order_neighbourhood.hpp>
#include <gaus/detail/population_search.hpp>
#include <gaus/error.hpp>
#include <gaus/graph.hpp>
#include <gaus/graph/step_bounds.hpp>
#include <gaus/schedule/makespan_bounds.hpp>
#include <gaus/schedule/makespan_result.hpp>
#include <gaus/schedule/time_lag_search.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

// Least makespan under resource limits, not pipelined: resource-constrained project scheduling
// (RCPSP), with minimum and maximum distances of any kind (RCPSP/max).
//
// Without maximum distances there is always a schedule, and four searches share the time, each
// continuing from the best of all: a genetic algorithm with two populations, forward and backward;
// large neighbourhoods of the order of the best schedule; a complete search that learns from
// conflicts and proves; and lower bounds. With maximum distances the complete search alone finds
// first schedules (schedule/time_lag_search.hpp). All is sequential and, for a number of rounds
// instead of a time, deterministic.
namespace gaus {

namespace detail {

/// Shares time between the searches of one project without maximum distances.
class MakespanSearch {
 public:
  /// Makes the schedules to begin with: the first one, and others while keep_going().
  MakespanSearch(LimitedProject const& project, MakespanOptions const& options,
                 KeepGoing keep_going)
      : p_(project),
        bounds_(p_),
        population_(p_, options.seed),
        neighbourhood_(p_, bounds_.head, bounds_.tail, options.seed + 1),
        bound_time_(0.1 * options.time_limit),
        enough_(options.enough) {
    lower_bound_ = bounds_.bound;
    if (!options.start.empty()) take(options.start, critical_path(p_.system, options.start));
    bool any = !options.start.empty();
    auto const wanted = [&] { return !std::exchange(any, true) || keep_going(); };
    if (!options.priorities.empty() && wanted())
      population_.offer_order(options.priorities, keep_going);
    if (!options.start.empty() && wanted()) population_.offer(options.start);
    // Latest starts, and earliest from the other end.
    std::vector<double> order(at(p_.operations));
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = -bounds_.tail[i];
    if (wanted()) population_.offer_order(order, keep_going);
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = bounds_.head[i];
    if (wanted()) population_.offer_order(order, keep_going);
    take_population();
  }

  [[nodiscard]] bool optimal() const { return makespan_ <= lower_bound_; }
  [[nodiscard]] bool done() const { return optimal() || makespan_ <= enough_; }
  [[nodiscard]] int makespan() const { return makespan_; }
  [[nodiscard]] int lower_bound() const { return lower_bound_; }
  [[nodiscard]] std::vector<int> const& best() const { return best_; }

  /// Searches until proven, short enough, or keep_going() is false. seconds(): since the beginning.
  template <class KeepGoing, class Seconds>
  void run(KeepGoing&& keep_going, Seconds&& seconds) {
    if (done()) return;
    double slice = first_slice;
    for (int round = 0; !done() && keep_going(); ++round) {
      double const begin = seconds();
      auto const within = [&] { return seconds() < begin + slice && keep_going(); };
      switch (round % 3) {
        case 0:  // first, since small projects take it no time
          exact(within);
          break;
        case 1:
          // Twice the time of the others: it makes most of the progress on large projects.
          while (!done() && seconds() < begin + 2 * slice && keep_going())
            population_.step(lower_bound_, keep_going);
          take_population();
          break;
        default:
          improve(within);
      }
      if (round == 1) {
        double const middle = seconds();
        auto const briefly = [&] { return seconds() < middle + bound_time_ && keep_going(); };
        lower_bound_ = destructive_makespan_bound(p_, bounds_, lower_bound_, makespan_, briefly);
      }
      if (round % 3 == 2) slice = std::min(slice * 1.5, last_slice);
    }
  }

 private:
  static constexpr double first_slice = 0.05;
  static constexpr double last_slice = 1.0;

  void take(std::vector<int> const& start, int makespan) {
    if (makespan >= makespan_) return;
    makespan_ = makespan;
    best_ = start;
  }
  void take_population() { take(population_.best(), population_.best_makespan()); }

  template <class KeepGoing>
  void exact(KeepGoing&& within) {
    if (!search_) {
      search_ = std::make_unique<ConflictSearch>(p_, bounds_.head, bounds_.tail, makespan_ - 1);
      search_->guide(best_);
    } else if (search_->best_makespan() > makespan_) {
      search_->offer(best_, makespan_);
    }
    auto const outcome = search_->run(std::numeric_limits<int>::max(), within);
    if (search_->found() && search_->best_makespan() < makespan_) {
      take(search_->best(), search_->best_makespan());
      population_.offer(best_);
    }
    if (outcome == ConflictSearch::Outcome::exhausted) lower_bound_ = makespan_;
  }
  template <class KeepGoing>
  void improve(KeepGoing&& within) {
    std::vector<int> start = best_;
    while (!done() && within()) {
      if (!neighbourhood_.step(start, makespan_ - 1, within)) continue;
      take(start, critical_path(p_.system, start));
      population_.offer(best_);
      take_population();
      start = best_;
    }
  }

  LimitedProject const& p_;
  MakespanBounds bounds_;
  PopulationSearch population_;
  OrderNeighbourhood neighbourhood_;
  double bound_time_;  ///< seconds
  int enough_;
  std::unique_ptr<ConflictSearch> search_;
  std::vector<int> best_;
  int makespan_ = max_steps_ahead;
  int lower_bound_ = 0;
};

}  // namespace detail

/// A schedule of least makespan, or the best that was found in time, with a lower bound.
///
/// graph: readable on the host. system: its difference constraints and any others
/// (make_difference_system). limits: one a class, none for unlimited. keep_going(): false to stop
/// before the time limit. One thread.
/// Throws Infeasible for a cycle of constraints that no schedule satisfies and for an operation that
/// takes more than a limit; InvalidInput for limits, a start or priorities of another size and for a
/// start that is not legal. With maximum distances a schedule may not exist: see found and
/// infeasible.
template <Graph H>
MakespanResult minimize_makespan(H const& graph, DifferenceSystem const& system,
                                 std::vector<std::optional<double>> const& limits,
                                 MakespanOptions const& options, detail::KeepGoing keep_going) {
  auto const begin = std::chrono::steady_clock::now();
  auto const seconds = [&] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  };
  auto const going = [&] { return seconds() < options.time_limit && keep_going(); };
  auto const project = detail::make_limited_project(graph, system, limits);
  detail::check_makespan_options(project, options);
  MakespanResult result;
  if (project.operations == 0) {
    result.found = result.optimal = true;
  } else if (project.system.acyclic) {
    auto const beginning = [&] { return options.time_limit > 0 ? going() : keep_going(); };
    detail::MakespanSearch search(project, options, beginning);
    search.run(going, seconds);
    result.found = true;
    result.start_steps = search.best();
    result.makespan = search.makespan();
    result.lower_bound = search.lower_bound();
    result.optimal = search.optimal();
  } else {
    detail::TimeLagSearch search(project, options);
    search.run(going, seconds);
    result.found = search.found();
    if (result.found) {
      result.start_steps = search.best();
      result.makespan = search.makespan();
    }
    result.lower_bound = search.lower_bound();
    result.optimal = search.optimal();
    result.infeasible = search.infeasible();
    result.clash = search.clash();
  }
  result.text = detail::makespan_text(result);
  result.seconds = seconds();
  return result;
}

/// The same, until the time limit.
template <Graph H>
MakespanResult minimize_makespan(H const& graph, DifferenceSystem const& system,
                                 std::vector<std::optional<double>> const& limits,
                                 MakespanOptions const& options = {}) {
  return minimize_makespan(graph, system, limits, options, [] { return true; });
}

}  // namespace gaus

#endif

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_SCHEDULE_TIME_LAG_SEARCH_HPP
#define GAUS_SCHEDULE_TIME_LAG_SEARCH_HPP

#include <gaus/detail/conflict_search.hpp>
#include <gaus/detail/limited_project.hpp>
#include <gaus/detail/order_neighbourhood.hpp>
#include <gaus/detail/pair_closure.hpp>
#include <gaus/graph/step_bounds.hpp>
#include <gaus/schedule/makespan_bounds.hpp>
#include <gaus/schedule/makespan_result.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

// Least makespan with maximum time lags as well (RCPSP/max), where already the question whether a
// schedule exists is NP-complete (Bartusch, Moehring and Radermacher 1988, Annals of Operations
// Research 16). The complete search decides it where it can; a schedule found is then improved by
// large neighbourhoods in turn with the complete search.
namespace gaus::detail {

/// No schedule of least makespan is longer: were a step covered by no operation, its lags included,
/// all that start behind it could start one step earlier.
inline long long time_lag_horizon(LimitedProject const& p) {
  auto const& s = p.system;
  long long sum = 0;
  for (int i = 0; i < p.operations; ++i) {
    int most = std::max(s.length[at(i)], p.busy[at(i)]);
    for (int k = s.out_offset[at(i)]; k < s.out_offset[at(i) + 1]; ++k)
      most = std::max(most, s.out_delta[at(k)]);
    sum += most;
  }
  return sum;
}

class TimeLagSearch {
 public:
  TimeLagSearch(LimitedProject const& project, MakespanOptions const& options)
      : p_(closed(project)),
        bounds_(p_),
        neighbourhood_(p_, bounds_.head, bounds_.tail, options.seed + 1),
        enough_(options.enough) {
    lower_bound_ = bounds_.bound;
    if (!options.start.empty()) {
      best_ = options.start;
      makespan_ = critical_path(p_.system, best_);
    }
  }
  TimeLagSearch(TimeLagSearch const&) = delete;
  TimeLagSearch& operator=(TimeLagSearch const&) = delete;

  /// Two operations that exclude one another, and whose distances leave neither order.
  [[nodiscard]] std::optional<std::pair<int, int>> clash() const { return clash_; }
  [[nodiscard]] bool found() const { return !best_.empty(); }
  [[nodiscard]] bool optimal() const { return found() && makespan_ <= lower_bound_; }
  [[nodiscard]] bool infeasible() const { return infeasible_; }
  [[nodiscard]] int makespan() const { return makespan_; }
  [[nodiscard]] int lower_bound() const { return lower_bound_; }
  [[nodiscard]] std::vector<int> const& best() const { return best_; }

  template <class KeepGoing, class Seconds>
  void run(KeepGoing&& keep_going, Seconds&& seconds) {
    if (optimal() || infeasible_) return;
    int const bound = found() ? makespan_ - 1 : static_cast<int>(time_lag_horizon(p_));
    ConflictSearch search(p_, bounds_.head, bounds_.tail, bound);
    if (found()) search.guide(best_);
    double slice = first_slice;
    bool bounded = false;
    while (!optimal() && !(found() && makespan_ <= enough_) && !infeasible_ && keep_going()) {
      double const begin = seconds();
      auto const within = [&] { return (!found() || seconds() < begin + slice) && keep_going(); };
      auto const outcome = search.run(std::numeric_limits<int>::max(), within);
      if (search.found() && search.best_makespan() < makespan_) {
        makespan_ = search.best_makespan();
        best_ = search.best();
      }
      if (outcome == ConflictSearch::Outcome::exhausted) {
        infeasible_ = !found();
        lower_bound_ = found() ? makespan_ : lower_bound_;
        return;
      }
      lower_bound_ = std::max(lower_bound_, std::min(search.root_bound(), makespan_));
      if (!found()) continue;
      if (!bounded) {
        lower_bound_ = destructive_makespan_bound(p_, bounds_, lower_bound_, makespan_, within);
        bounded = true;
      }
      double const middle = seconds();
      auto const rest = [&] { return seconds() < middle + slice && keep_going(); };
      while (!optimal() && rest()) {
        std::vector<int> start = best_;
        if (!neighbourhood_.step(start, makespan_ - 1, rest)) continue;
        best_ = start;
        makespan_ = critical_path(p_.system, best_);
      }
      if (search.best_makespan() > makespan_) search.offer(best_, makespan_);
      slice = std::min(2 * slice, last_slice);
    }
  }

 private:
  static constexpr double first_slice = 0.1;
  static constexpr double last_slice = 1.0;
  static constexpr int most_for_pairs =
      1000;  ///< operations: longest paths of all pairs take memory

  /// The project with the orders of pairs that its distances decide.
  LimitedProject closed(LimitedProject const& project) {
    earliest_steps(project.system);  // throws for a positive cycle
    LimitedProject p = project;
    if (p.operations > most_for_pairs) return p;
    auto const pairs = close_pairs(p);
    clash_ = pairs.clash;
    infeasible_ = clash_.has_value();
    if (!infeasible_) p.system = with_constraints(p.system, pairs.orders);
    return p;
  }

  std::optional<std::pair<int, int>> clash_;
  bool infeasible_ = false;
  LimitedProject p_;
  MakespanBounds bounds_;
  OrderNeighbourhood neighbourhood_;
  std::vector<int> best_;
  int makespan_ = max_steps_ahead;
  int lower_bound_ = 0;
  int enough_;
};

}  // namespace gaus::detail

#endif

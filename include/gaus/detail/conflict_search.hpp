// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_DETAIL_CONFLICT_SEARCH_HPP
#define GAUS_DETAIL_CONFLICT_SEARCH_HPP

#include <gaus/detail/limited_project.hpp>
#include <gaus/detail/project_propagation.hpp>

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

// Complete search for a schedule of least makespan under limits and difference constraints of any
// kind, maximum distances included, that learns a nogood from every conflict (Schutt, Feydy, Stuckey
// and Wallace 2011, Constraints 16; with time lags 2013, Journal of Scheduling 16).
//
// What follows from bounds is told by detail/project_propagation.hpp. Branches are on the literals that conflicts met most lately (Moskewicz et al. 2001), with the sense
// that the best schedule has, or in early restarts on the operation that can start first.
namespace gaus::detail {

class ConflictSearch : private ProjectPropagation {
 public:
  enum class Outcome { exhausted, open };

  /// bound: only schedules of at most this makespan are looked for. head: least start steps that any
  /// schedule has; tail: steps that follow every start in any schedule; as constraints have it, or
  /// more.
  ConflictSearch(LimitedProject const& project, std::vector<int> const& head,
                 std::vector<int> const& tail, int bound)
      : ProjectPropagation(project), tail_(tail), bound_(bound) {
    sound_ = begin(head, tail, bound);
    guide_ = head;
    if (sound_) settle_root();
  }
  ConflictSearch(ConflictSearch const&) = delete;
  ConflictSearch& operator=(ConflictSearch const&) = delete;

  [[nodiscard]] bool found() const { return found_; }
  [[nodiscard]] std::vector<int> const& best() const { return best_; }
  [[nodiscard]] int best_makespan() const { return makespan_; }
  [[nodiscard]] long long conflicts() const { return conflicts_; }
  /// No schedule is shorter than this; meaningful while sound.
  [[nodiscard]] int root_bound() const {
    int bound = 0;
    for (int i = 0; i < p_.operations; ++i)
      bound = std::max(bound, low(i) + p_.system.length[at(i)]);
    return bound;
  }

  /// A schedule of someone else: from now on only shorter ones are looked for, near this one.
  void offer(std::vector<int> const& start, int makespan) {
    guide(start);
    tighten(makespan - 1);
  }
  /// Looks for makespans up to this one from now on.
  void tighten(int bound) {
    if (bound >= bound_ || !sound_) return;
    bound_ = bound;
    backtrack(0);
    for (int i = 0; i < p_.operations && sound_; ++i)
      sound_ = set({2 * i + 1, tail_[at(i)] - bound}, {});
    sound_ = sound_ && propagate();
    if (sound_) settle_root();
  }

  /// Start steps near which to look.
  void guide(std::vector<int> const& start) {
    guide_ = start;
    offered_ = true;
  }
  /// As run(), but ends with the first schedule found.
  template <class KeepGoing>
  Outcome run_once(long long conflicts, KeepGoing&& keep_going) {
    once_ = true;
    return run(conflicts, keep_going);
  }

  /// Searches on for a number of conflicts. Exhausted: no schedule within the bound is left; the
  /// best found, or offered, is of least makespan. Every schedule found tightens the bound.
  template <class KeepGoing>
  Outcome run(long long conflicts, KeepGoing&& keep_going) {
    long long const last = conflicts_ + conflicts;
    while (sound_ && conflicts_ < last && keep_going()) {
      long long const budget = restart_budget();
      ++restarts_;
      by_start_ = !found_guide() ? restarts_ % 2 == 1 : restarts_ % 8 == 1;
      sound_ = dive(std::min(last, conflicts_ + budget), keep_going);
      if (!sound_ || (once_ && found_)) break;
      backtrack(0);
      if (nogoods_.size() > most_nogoods_) {
        settle_root_checked();
        if (sound_) reduce(most_nogoods_);
        most_nogoods_ += 200;
        for (auto const& l : root_) sound_ = sound_ && set(l, {});
        root_.clear();
      }
      settle_root_checked();
    }
    return sound_ ? Outcome::open : Outcome::exhausted;
  }

 private:
  [[nodiscard]] bool found_guide() const { return found_ || offered_; }
  long long restart_budget() {  // Luby, Sinclair and Zuckerman 1993
    long long k = restarts_ + 1;
    for (;;) {
      long long power = 1;
      while (2 * power - 1 < k) power *= 2;
      if (2 * power - 1 == k) return 128 * power;
      k -= power - 1;
    }
  }
  void settle_root_checked() {
    if (!sound_) return;
    sound_ = propagate();
    if (sound_) settle_root();
  }

  template <class KeepGoing>
  bool dive(long long last, KeepGoing&& keep_going) {
    for (;;) {
      if (!propagate()) {
        ++conflicts_;
        activity_.decay();
        if (level() == 0 || !resolve()) return false;
        if (level() == 0 && !propagate()) return false;
        if (conflicts_ >= last || (conflicts_ % 16 == 0 && !keep_going())) return true;
        continue;
      }
      if (++decisions_ % 64 == 0 && !keep_going()) return true;
      BoundLiteral const l = branch();
      if (l.bound >= 0) {
        decide(l);
        continue;
      }
      record();
      backtrack(0);
      if (once_) return true;
      tighten(makespan_ - 1);
      return sound_;
    }
  }

  void record() {
    best_.resize(at(p_.operations));
    makespan_ = 0;
    for (int i = 0; i < p_.operations; ++i) {
      best_[at(i)] = low(i);
      makespan_ = std::max(makespan_, low(i) + p_.system.length[at(i)]);
    }
    guide_ = best_;
    found_ = true;
  }

  // ---- branching ----

  BoundLiteral branch() {
    if (!by_start_) {
      while (!activity_.empty()) {
        auto const [i, v] = activity_.pop();
        if (v <= low(i) || v > high(i)) continue;
        return guide_[at(i)] >= v ? BoundLiteral{2 * i, v} : BoundLiteral{2 * i + 1, 1 - v};
      }
    }
    int best = -1;
    for (int i = 0; i < p_.operations; ++i) {
      if (low(i) == high(i)) continue;
      if (best < 0 || low(i) < low(best) || (low(i) == low(best) && high(i) < high(best))) best = i;
    }
    return best < 0 ? BoundLiteral{-1, 0} : BoundLiteral{2 * best + 1, -low(best)};
  }

  std::vector<int> tail_;
  int bound_;
  bool sound_ = true;
  bool found_ = false;
  bool offered_ = false;
  bool once_ = false;
  bool by_start_ = true;
  std::vector<int> best_;
  std::vector<int> guide_;  ///< start steps whose sense branches take
  int makespan_ = max_steps_ahead;
  long long conflicts_ = 0;
  long long restarts_ = 0;
  long long decisions_ = 0;
  std::size_t most_nogoods_ = 4000;
};

}  // namespace gaus::detail

#endif

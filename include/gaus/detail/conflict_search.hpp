// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_DETAIL_CONFLICT_SEARCH_HPP
#define GAUS_DETAIL_CONFLICT_SEARCH_HPP

#include <gaus/detail/activity_heap.hpp>
#include <gaus/detail/bound_clauses.hpp>
#include <gaus/detail/limited_project.hpp>
#include <gaus/detail/random_bits.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

// Complete search for a schedule of least makespan under limits and difference constraints of any
// kind, maximum distances included, that learns a nogood from every conflict (Schutt, Feydy, Stuckey
// and Wallace 2011, Constraints 16; with time lags 2013, Journal of Scheduling 16).
//
// Start steps are variables with bounds. Three propagators: difference constraints; limits by the
// time table of compulsory parts (steps in which an operation is busy wherever it starts), explained
// point by point; and pairs that cannot be busy together, of which one must end before the other.
// Branches are on the literals that conflicts met most lately (Moskewicz et al. 2001), with the sense
// that the best schedule has, or in early restarts on the operation that can start first.
namespace gaus::detail {

class ConflictSearch : private BoundClauses<ConflictSearch> {
  using Base = BoundClauses<ConflictSearch>;
  friend Base;

 public:
  enum class Outcome { exhausted, open };

  /// bound: only schedules of at most this makespan are looked for. head: least start steps that any
  /// schedule has; tail: steps that follow every start in any schedule; as constraints have it, or
  /// more.
  ConflictSearch(LimitedProject const& project, std::vector<int> const& head,
                 std::vector<int> const& tail, int bound, std::uint64_t seed)
      : p_(project), tail_(tail), random_(seed), bound_(bound) {
    int const n = p_.operations;
    std::vector<int> earliest = head;
    std::vector<int> latest(at(n));
    for (int i = 0; i < n; ++i) latest[at(i)] = bound - tail_[at(i)];
    sound_ = raise(p_.system, earliest) && lower(p_.system, latest);
    for (int i = 0; i < n; ++i) sound_ = sound_ && earliest[at(i)] <= latest[at(i)];
    if (!sound_) return;
    reset_bounds(earliest, latest);
    guide_ = earliest;
    activity_.reset(n, bound + 1);
    members_.resize(p_.limit.size());
    for (int i = 0; i < n; ++i)
      for (int k = p_.use_offset[at(i)]; k < p_.use_offset[at(i) + 1]; ++k)
        members_[at(p_.uses[at(k)].limited)].push_back({i, p_.uses[at(k)].units});
    for (auto& m : members_)
      std::sort(m.begin(), m.end(), [](auto const& a, auto const& b) { return a.units > b.units; });
    span_ = bound + 1;
    table_.assign(p_.limit.size() * at(span_), 0);
    grown_.assign(p_.limit.size(), {0, 0});
    touched_.assign(at(n), 1);
    for (int i = 0; i < n; ++i) {
      touched_list_.push_back(i);
      change_table(i, latest[at(i)], earliest[at(i)] + p_.busy[at(i)], 1);
    }
    rivals_.resize(at(n));
    for (int i = 0; i < n && n <= most_for_pairs; ++i)
      for (int j = 0; j < i; ++j)
        if (p_.busy[at(i)] > 0 && p_.busy[at(j)] > 0 && low(i) < high(j) + p_.busy[at(j)] &&
            low(j) < high(i) + p_.busy[at(i)] && p_.exclusive(i, j)) {
          rivals_[at(i)].push_back(j);
          rivals_[at(j)].push_back(i);
        }
    sound_ = propagate();
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
  /// Reasons of the three propagators.
  enum Kind { difference = 0, usage = 1, pair_low = 2, pair_high = 3 };
  static constexpr int most_for_pairs = 3000;  ///< operations; pairs take memory
  struct Stretch {
    int begin;
    int end;
  };
  struct Member {
    int operation;
    long long units;
  };

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
  /// A literal of a conflict: x >= v, or its opposite x <= v - 1, is one entry of the table.
  void bump(BoundLiteral l) {
    activity_.bump(l.bound / 2, l.bound % 2 == 0 ? l.value : 1 - l.value);
  }

  // ---- propagation ----

  /// Keeps the time table: the steps by which a compulsory part grew or shrank.
  void changed(int bound, int old, int value) {
    int const i = bound / 2;
    if (bound % 2 == 0)
      change_table(i, std::max(high(i), old + p_.busy[at(i)]), value + p_.busy[at(i)], 1);
    else
      change_table(i, -value, std::min(-old, low(i) + p_.busy[at(i)]), 1);
    if (touched_[at(i)]) return;
    touched_[at(i)] = 1;
    touched_list_.push_back(i);
  }
  void undone(int bound, int old, int value) {
    int const i = bound / 2;
    if (bound % 2 == 0) {
      change_table(i, std::max(high(i), old + p_.busy[at(i)]), value + p_.busy[at(i)], -1);
      activity_.restore(i, old + 1, value);
    } else {
      change_table(i, -value, std::min(-old, low(i) + p_.busy[at(i)]), -1);
      activity_.restore(i, 1 - value, -old);
    }
  }
  /// What waited for propagation was of levels that are gone.
  void backtracked() {
    for (auto& g : grown_) g = {0, 0};
    for (int const i : touched_list_) touched_[at(i)] = 0;
    touched_list_.clear();
  }
  void change_table(int i, int begin, int end, int sign) {
    if (begin >= end) return;
    for (int k = p_.use_offset[at(i)]; k < p_.use_offset[at(i) + 1]; ++k) {
      auto const& use = p_.uses[at(k)];
      long long* const row = table_.data() + at(use.limited) * at(span_);
      for (int t = begin; t < end; ++t) row[t] += sign * use.units;
      if (sign < 0) continue;
      auto& g = grown_[at(use.limited)];
      g = g.begin < g.end ? Stretch{std::min(g.begin, begin), std::max(g.end, end)}
                          : Stretch{begin, end};
    }
  }

  bool propagate() {
    for (;;) {
      while (queue_ < static_cast<int>(trail_.size())) {
        Entry const e = trail_[at(queue_++)];
        if (!propagate_differences(e.bound) || !propagate_nogoods(e)) return false;
      }
      if (!touched_list_.empty()) {
        int const i = touched_list_.back();
        touched_list_.pop_back();
        touched_[at(i)] = 0;
        if (!propagate_rivals(i)) return false;
        for (int k = p_.use_offset[at(i)]; k < p_.use_offset[at(i) + 1]; ++k) {
          Member const m{i, p_.uses[at(k)].units};
          if (!push_low(p_.uses[at(k)].limited, m) || !push_high(p_.uses[at(k)].limited, m))
            return false;
        }
        continue;
      }
      int r = 0;
      int const classes = static_cast<int>(grown_.size());
      while (r < classes && grown_[at(r)].begin >= grown_[at(r)].end) ++r;
      if (r == classes) return true;
      if (!propagate_usage(r)) return false;
    }
  }
  bool propagate_differences(int bound) {
    auto const& s = p_.system;
    int const i = bound / 2;
    int const value = value_[at(bound)];
    if (bound % 2 == 0) {
      for (int k = s.out_offset[at(i)]; k < s.out_offset[at(i) + 1]; ++k)
        if (!set({2 * s.out_to[at(k)], value + s.out_delta[at(k)]},
                 {difference, bound, s.out_delta[at(k)]}))
          return false;
    } else {
      for (int k = s.in_offset[at(i)]; k < s.in_offset[at(i) + 1]; ++k)
        if (!set({2 * s.in_from[at(k)] + 1, value + s.in_delta[at(k)]},
                 {difference, bound, s.in_delta[at(k)]}))
          return false;
    }
    return true;
  }
  bool propagate_rivals(int i) {
    for (int const j : rivals_[at(i)])
      if (!propagate_pair(i, j) || !propagate_pair(j, i)) return false;
    return true;
  }
  /// Where i cannot be done before j must start, j comes first.
  bool propagate_pair(int i, int j) {
    if (low(i) + p_.busy[at(i)] <= high(j)) return true;
    return set({2 * i, low(j) + p_.busy[at(j)]}, {pair_low, j, 0}) &&
           set({2 * j + 1, value_[at(2 * i + 1)] + p_.busy[at(j)]}, {pair_high, i, 0});
  }

  /// Where compulsory parts of a class have grown: too many, and who cannot be there any more.
  bool propagate_usage(int r) {
    Stretch const g = grown_[at(r)];
    grown_[at(r)] = {0, 0};
    long long const* const row = table_.data() + at(r) * at(span_);
    long long const limit = p_.limit[at(r)];
    int const worst = static_cast<int>(std::max_element(row + g.begin, row + g.end) - row);
    long long const most = row[worst];
    if (most > limit) {
      conflict_.clear();
      explain_usage(r, worst, -1, limit, static_cast<int>(trail_.size()), conflict_);
      return false;
    }
    for (auto const& m : members_[at(r)]) {
      if (most + m.units <= limit) break;
      int const i = m.operation;
      int const first = low(i);
      int const last = high(i);
      if (first == last) continue;
      int const busy = p_.busy[at(i)];
      if (first < g.end && g.begin < first + busy && !push_low(r, m)) return false;
      if (last < g.end && g.begin < last + busy && !push_high(r, m)) return false;
    }
    return true;
  }
  /// Moves the earliest start behind the steps in which others leave too little.
  bool push_low(int r, Member const& m) {
    int const i = m.operation;
    int const busy = p_.busy[at(i)];
    long long const* const row = table_.data() + at(r) * at(span_);
    long long const room = p_.limit[at(r)] - m.units;
    for (;;) {
      int const t = low(i);
      // Its own compulsory part is in the table: behind its begin nothing can be too much.
      int u = std::min(t + busy, high(i)) - 1;
      while (u >= t && row[u] <= room) --u;
      if (u < t) return true;
      if (!set({2 * i, u + 1}, {usage, r, u})) return false;
    }
  }
  bool push_high(int r, Member const& m) {
    int const i = m.operation;
    int const busy = p_.busy[at(i)];
    long long const* const row = table_.data() + at(r) * at(span_);
    long long const room = p_.limit[at(r)] - m.units;
    for (;;) {
      int const t = high(i);
      int u = std::max(t, low(i) + busy);
      while (u < t + busy && row[u] <= room) ++u;
      if (u >= t + busy) return true;
      if (!set({2 * i + 1, busy - u}, {usage, r, u})) return false;
    }
  }
  /// Operations that are busy in a step and together take more than `room`; all but one.
  void explain_usage(int r, int t, int but, long long room, int before, Literals& into) {
    long long sum = 0;
    for (int pass = 0; pass < 2; ++pass)
      for (auto const& m : members_[at(r)]) {
        if (m.operation == but || sum > room) continue;
        BoundLiteral const starts{2 * m.operation, t - p_.busy[at(m.operation)] + 1};
        BoundLiteral const begun{2 * m.operation + 1, -t};
        if (!is_true(starts) || !is_true(begun)) continue;  // before, even less
        if (value_before(starts.bound, before) < starts.value ||
            value_before(begun.bound, before) < begun.value)
          continue;
        bool const always = place_of(starts) < 0 && place_of(begun) < 0;
        if (always != (pass == 0)) continue;
        sum += m.units;
        if (always) continue;
        into.push_back(starts);
        into.push_back(begun);
      }
  }
  void explain(BoundLiteral l, BoundReason reason, int before, Literals& into) {
    int const x = l.bound / 2;
    switch (reason.kind) {
      case difference:
        into.push_back({reason.a, l.value - reason.b});
        return;
      case usage: {
        auto const& members = members_[at(reason.a)];
        auto const own = std::find_if(members.begin(), members.end(),
                                      [&](auto const& m) { return m.operation == x; });
        int const t = reason.b;
        into.push_back(l.bound % 2 == 0 ? BoundLiteral{l.bound, t - p_.busy[at(x)] + 1}
                                        : BoundLiteral{l.bound, -t});
        explain_usage(reason.a, t, x, p_.limit[at(reason.a)] - own->units, before, into);
        return;
      }
      case pair_low:
      case pair_high: {
        int const i = reason.kind == pair_low ? x : reason.a;
        int const j = reason.kind == pair_low ? reason.a : x;
        int const done = value_before(2 * i, before) + p_.busy[at(i)];
        into.push_back({2 * i, done - p_.busy[at(i)]});
        into.push_back({2 * j + 1, 1 - done});
        into.push_back(reason.kind == pair_low ? BoundLiteral{2 * j, l.value - p_.busy[at(j)]}
                                               : BoundLiteral{2 * i + 1, l.value - p_.busy[at(j)]});
        return;
      }
      default:
        return;
    }
  }

  LimitedProject const& p_;
  std::vector<int> tail_;
  RandomBits random_;
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
  std::size_t most_nogoods_ = 4000;
  ActivityHeap activity_;                     ///< of start_i >= v
  std::vector<std::vector<Member>> members_;  ///< by class, larger first
  std::vector<long long> table_;  ///< units that compulsory parts take, by class and step
  int span_ = 1;                  ///< steps of a row of it
  std::vector<Stretch> grown_;    ///< by class, steps where more is taken than was propagated
  std::vector<char> touched_;     ///< operations whose bounds have changed since
  std::vector<int> touched_list_;
  std::vector<std::vector<int>> rivals_;
};

}  // namespace gaus::detail

#endif

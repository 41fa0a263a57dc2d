// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_DETAIL_PROJECT_PROPAGATION_HPP
#define GAUS_DETAIL_PROJECT_PROPAGATION_HPP

#include <gaus/detail/activity_heap.hpp>
#include <gaus/detail/bound_clauses.hpp>
#include <gaus/detail/limited_project.hpp>

#include <algorithm>
#include <cstddef>
#include <vector>

// What the bounds of start steps imply under difference constraints and limits, with explanations for
// learned nogoods (Schutt, Feydy, Stuckey and Wallace 2011, Constraints 16). Three propagators:
//
//   differences   start_j >= start_i + delta
//   time table    steps in which an operation is busy wherever it starts are its compulsory part;
//                 where those of a class leave too few units, no other operation can be busy
//                 (explained step by step); more of them than there are units is a conflict
//   pairs         of two that cannot be busy together, one ends before the other starts
//
// The time table is kept by change, when a bound moves and when it moves back.
namespace gaus::detail {

class ProjectPropagation : protected BoundClauses<ProjectPropagation> {
  using Base = BoundClauses<ProjectPropagation>;
  friend Base;

 protected:
  explicit ProjectPropagation(LimitedProject const& project) : p_(project) {}

  /// Bounds by heads and tails for a makespan, propagated. False: there is no schedule.
  bool begin(std::vector<int> const& head, std::vector<int> const& tail, int makespan) {
    int const n = p_.operations;
    std::vector<int> earliest = head;
    std::vector<int> latest(at(n));
    for (int i = 0; i < n; ++i) latest[at(i)] = makespan - tail[at(i)];
    if (!raise(p_.system, earliest) || !lower(p_.system, latest)) return false;
    for (int i = 0; i < n; ++i)
      if (earliest[at(i)] > latest[at(i)]) return false;
    reset_bounds(earliest, latest);
    activity_.reset(n, makespan + 1);
    members_.resize(p_.limit.size());
    for (int i = 0; i < n; ++i)
      for (int k = p_.use_offset[at(i)]; k < p_.use_offset[at(i) + 1]; ++k)
        members_[at(p_.uses[at(k)].limited)].push_back({i, p_.uses[at(k)].units});
    for (auto& m : members_)
      std::sort(m.begin(), m.end(), [](auto const& a, auto const& b) { return a.units > b.units; });
    span_ = makespan + 1;
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
    return propagate();
  }

  /// Until nothing more follows. False: conflict_ holds literals that cannot all be true.
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
  LimitedProject const& p_;
  ActivityHeap activity_;  ///< of start_i >= v

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

  /// A literal of a conflict: x >= v, or its opposite x <= v - 1, is one entry of the table.
  void bump(BoundLiteral l) {
    activity_.bump(l.bound / 2, l.bound % 2 == 0 ? l.value : 1 - l.value);
  }

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

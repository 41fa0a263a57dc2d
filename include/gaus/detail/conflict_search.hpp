// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_DETAIL_CONFLICT_SEARCH_HPP
#define GAUS_DETAIL_CONFLICT_SEARCH_HPP

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

  /// bound: only schedules of at most this makespan are looked for. earliest: the least starts that
  /// satisfy all constraints.
  ConflictSearch(LimitedProject const& project, std::vector<int> const& earliest, int bound,
                 std::uint64_t seed)
      : p_(project), random_(seed), bound_(bound) {
    int const n = p_.operations;
    columns_ = std::min(bound + 1, std::max(64, most_entries / std::max(1, n)));
    std::vector<int> latest(at(n));
    for (int i = 0; i < n; ++i) latest[at(i)] = bound - p_.system.length[at(i)];
    sound_ = lower(p_.system, latest);
    for (int i = 0; i < n; ++i) sound_ = sound_ && earliest[at(i)] <= latest[at(i)];
    if (!sound_) return;
    reset_bounds(earliest, latest);
    guide_ = earliest;
    activity_.assign(at(n) * at(columns_), 0.0F);
    heap_place_.assign(activity_.size(), -1);
    step_of_.assign(activity_.size(), 0);
    members_.resize(p_.limit.size());
    for (int i = 0; i < n; ++i)
      for (int k = p_.use_offset[at(i)]; k < p_.use_offset[at(i) + 1]; ++k)
        members_[at(p_.uses[at(k)].limited)].push_back({i, p_.uses[at(k)].units});
    for (auto& m : members_)
      std::sort(m.begin(), m.end(), [](auto const& a, auto const& b) { return a.units > b.units; });
    dirty_.assign(p_.limit.size(), 1);
    used_.assign(at(bound) + 2, 0);
    rivals_.resize(at(n));
    for (int i = 0; i < n; ++i)
      for (int j = 0; j < i; ++j)
        if (p_.busy[at(i)] > 0 && p_.busy[at(j)] > 0 && p_.exclusive(i, j)) {
          rivals_[at(i)].push_back(j);
          rivals_[at(j)].push_back(i);
        }
    sound_ = pairs_at_root() && propagate();
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
      sound_ = set({2 * i + 1, p_.system.length[at(i)] - bound}, {});
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
  static constexpr int most_entries = 8000000;
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
        grow_ /= 0.95F;
        if (grow_ > 1e20F) rescale();
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
      while (!heap_.empty()) {
        int const top = heap_.front();
        int const i = top / columns_;
        int const v = step_of_[at(top)];
        pop_heap();
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
    int const i = l.bound / 2;
    int const v = l.bound % 2 == 0 ? l.value : 1 - l.value;
    int const entry = i * columns_ + v % columns_;
    step_of_[at(entry)] = v;
    activity_[at(entry)] += grow_;
    if (heap_place_[at(entry)] >= 0)
      sift_up(heap_place_[at(entry)]);
    else
      push_heap(entry);
  }
  /// Literals that a bound covered may be branched on again.
  void undone(int bound, int old, int value) {
    int const i = bound / 2;
    dirty_op(i);
    int const first = bound % 2 == 0 ? old + 1 : 1 - value;
    int const last = bound % 2 == 0 ? value : -old;
    for (int v = first; v <= std::min(last, first + columns_ - 1); ++v) {
      int const entry = i * columns_ + v % columns_;
      if (activity_[at(entry)] > 0 && heap_place_[at(entry)] < 0) push_heap(entry);
    }
  }
  void rescale() {
    for (float& a : activity_) a *= 1e-20F;
    grow_ *= 1e-20F;
  }
  void push_heap(int entry) {
    heap_place_[at(entry)] = static_cast<int>(heap_.size());
    heap_.push_back(entry);
    sift_up(heap_place_[at(entry)]);
  }
  void sift_up(int k) {
    int const entry = heap_[at(k)];
    for (; k > 0; k = (k - 1) / 2) {
      int const parent = heap_[at((k - 1) / 2)];
      if (activity_[at(parent)] >= activity_[at(entry)]) break;
      heap_[at(k)] = parent;
      heap_place_[at(parent)] = k;
    }
    heap_[at(k)] = entry;
    heap_place_[at(entry)] = k;
  }
  void pop_heap() {
    heap_place_[at(heap_.front())] = -1;
    int const entry = heap_.back();
    heap_.pop_back();
    if (heap_.empty()) return;
    int const size = static_cast<int>(heap_.size());
    int k = 0;
    for (;;) {
      int child = 2 * k + 1;
      if (child >= size) break;
      if (child + 1 < size && activity_[at(heap_[at(child + 1)])] > activity_[at(heap_[at(child)])])
        ++child;
      if (activity_[at(heap_[at(child)])] <= activity_[at(entry)]) break;
      heap_[at(k)] = heap_[at(child)];
      heap_place_[at(heap_[at(k)])] = k;
      k = child;
    }
    heap_[at(k)] = entry;
    heap_place_[at(entry)] = k;
  }

  // ---- propagation ----

  void dirty_op(int i) {
    for (int k = p_.use_offset[at(i)]; k < p_.use_offset[at(i) + 1]; ++k)
      dirty_[at(p_.uses[at(k)].limited)] = 1;
  }

  bool propagate() {
    for (;;) {
      while (queue_ < static_cast<int>(trail_.size())) {
        Entry const e = trail_[at(queue_++)];
        int const i = e.bound / 2;
        dirty_op(i);
        if (!propagate_differences(e.bound) || !propagate_nogoods(e) || !propagate_rivals(i))
          return false;
      }
      std::size_t r = 0;
      while (r < dirty_.size() && !dirty_[r]) ++r;
      if (r == dirty_.size()) return true;
      dirty_[r] = 0;
      if (!propagate_usage(static_cast<int>(r))) {
        dirty_[r] = 1;
        return false;
      }
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
  bool pairs_at_root() {
    for (int i = 0; i < p_.operations; ++i)
      if (!propagate_rivals(i)) return false;
    return true;
  }

  /// Time table of one class.
  bool propagate_usage(int r) {
    auto const& members = members_[at(r)];
    long long const limit = p_.limit[at(r)];
    int first = max_steps_ahead;
    int last = 0;
    for (auto const& m : members) {
      int const begin = high(m.operation);
      int const end = low(m.operation) + p_.busy[at(m.operation)];
      if (begin >= end) continue;
      used_[at(begin)] += m.units;
      used_[at(end)] -= m.units;
      first = std::min(first, begin);
      last = std::max(last, end);
    }
    if (first >= last) return true;
    long long sum = 0;
    long long most = 0;
    int over = -1;
    for (int t = first; t < last; ++t) {
      sum += used_[at(t)];
      used_[at(t)] = sum;
      if (sum > most) {
        most = sum;
        if (sum > limit) over = t;
      }
    }
    used_[at(last)] = 0;
    bool sound = over < 0;
    if (!sound) {
      conflict_.clear();
      explain_usage(r, over, -1, limit, static_cast<int>(trail_.size()), conflict_);
    }
    for (auto const& m : members) {
      if (!sound || most + m.units <= limit) break;
      if (low(m.operation) < high(m.operation))
        sound = push_low(r, m, first, last) && push_high(r, m, first, last);
    }
    std::fill(used_.begin() + first, used_.begin() + last, 0LL);
    return sound;
  }
  /// Use of others in a step, by the table as it was built.
  bool blocked(int r, Member const& m, int t, int begin, int end) const {
    long long const own = t >= begin && t < end ? m.units : 0;
    return used_[at(t)] - own + m.units > p_.limit[at(r)];
  }
  bool push_low(int r, Member const& m, int first, int last) {
    int const i = m.operation;
    int const busy = p_.busy[at(i)];
    int const begin = high(i);
    int const end = low(i) + busy;
    int t = low(i);
    int done = t;  // steps before it are known to be free
    for (;;) {
      int u = std::min(t + busy, last) - 1;
      int const from = std::max(done, first);
      while (u >= from && !blocked(r, m, u, begin, end)) --u;
      if (u < from) return true;
      done = t + busy;
      t = u + 1;
      if (!set({2 * i, t}, {usage, r, u})) return false;
    }
  }
  bool push_high(int r, Member const& m, int first, int last) {
    int const i = m.operation;
    int const busy = p_.busy[at(i)];
    int const begin = high(i);
    int const end = low(i) + busy;
    int t = high(i);
    for (;;) {
      int u = std::max(t, first);
      int const to = std::min(t + busy, last);
      while (u < to && !blocked(r, m, u, begin, end)) ++u;
      if (u >= to) return true;
      t = u - busy;
      if (!set({2 * i + 1, -t}, {usage, r, u})) return false;
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
  RandomBits random_;
  int columns_ = 1;  ///< entries an operation in the table of activities
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
  std::vector<float> activity_;  ///< of start_i >= v, by i and v modulo columns
  std::vector<int> step_of_;     ///< the v last met there
  float grow_ = 1;
  std::vector<int> heap_;
  std::vector<int> heap_place_;
  std::vector<std::vector<Member>> members_;  ///< by class, larger first
  std::vector<char> dirty_;
  std::vector<long long> used_;
  std::vector<std::vector<int>> rivals_;
};

}  // namespace gaus::detail

#endif

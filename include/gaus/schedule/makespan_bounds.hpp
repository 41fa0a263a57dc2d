// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_SCHEDULE_MAKESPAN_BOUNDS_HPP
#define GAUS_SCHEDULE_MAKESPAN_BOUNDS_HPP

#include <gaus/detail/limited_project.hpp>
#include <gaus/graph.hpp>
#include <gaus/graph/step_bounds.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

// Lower bounds on the makespan under resource limits.
//
//   critical path      the longest path of constraints
//   heads and tails    of a class, those operations that cannot start before step h and after whose
//                      start at least q steps follow: h + ceil(work / limit) + rest. h = q = 0 is the
//                      work of the class (Carlier 1982 for one unit, Carlier and Latapie 1991 for many)
//   destructive        a makespan T is refuted when the latest starts that it leaves force more work
//   improvement        into some stretch of steps than its units can do (energetic reasoning:
//                      Erschler and Lopez 1990; Baptiste, Le Pape and Nuijten 1999), after the bounds
//                      have been tightened by the same argument; then T + 1 is a bound (Klein and
//                      Scholl 1999, European Journal of Operational Research 112)
//
// All of them are read over the limited classes and over further ones that follow from them: those
// operations of which at most k can run together take one unit each of k (k = 1: pairs that exclude
// one another), and a greedy clique of operations that exclude one another, whatever the classes.
namespace gaus {

namespace detail {

/// A class of units, given or derived: at most limit units of the operations in use.
struct BoundClass {
  struct Use {
    int operation;
    long long units;
  };
  long long limit = 0;
  std::vector<Use> uses{};
};

/// Steps that must follow the start of every operation: longest path to an end.
inline std::vector<int> makespan_tails(LimitedProject const& p) {
  std::vector<int> latest(at(p.operations));
  for (int i = 0; i < p.operations; ++i) latest[at(i)] = -p.system.length[at(i)];
  lower(p.system, latest);
  for (int& t : latest) t = -t;
  return latest;
}

/// Limited classes and those derived from them.
inline std::vector<BoundClass> bound_classes(LimitedProject const& p) {
  std::vector<BoundClass> all;
  for (std::size_t r = 0; r < p.limit.size(); ++r) {
    BoundClass own{p.limit[r]};
    for (int i = 0; i < p.operations; ++i)
      for (int k = p.use_offset[at(i)]; k < p.use_offset[at(i) + 1]; ++k)
        if (at(p.uses[at(k)].limited) == r) own.uses.push_back({i, p.uses[at(k)].units});
    if (own.uses.empty()) continue;
    // More than limit / (k + 1) units: at most k together.
    long long last = -1;
    for (long long k = 1; k <= 8 && k < own.limit; ++k) {
      BoundClass few{k};
      for (auto const& u : own.uses)
        if (u.units > own.limit / (k + 1)) few.uses.push_back({u.operation, 1});
      auto const size = static_cast<long long>(few.uses.size());
      if (size > k && size != last) all.push_back(std::move(few));
      last = size;
    }
    all.push_back(std::move(own));
  }
  // A clique of operations that exclude one another, the longest first.
  std::vector<int> order;
  for (int i = 0; i < p.operations; ++i)
    if (p.busy[at(i)] > 0) order.push_back(i);
  std::stable_sort(order.begin(), order.end(),
                   [&](int a, int b) { return p.weight[at(a)] > p.weight[at(b)]; });
  constexpr std::size_t most_cliques = 4;
  std::size_t const seeds = std::min<std::size_t>(most_cliques, order.size());
  for (std::size_t s = 0; s < seeds; ++s) {
    BoundClass clique{1};
    clique.uses.push_back({order[s], 1});
    for (int const i : order) {
      bool together = false;
      for (auto const& u : clique.uses)
        together = together || u.operation == i || !p.exclusive(i, u.operation);
      if (!together) clique.uses.push_back({i, 1});
    }
    if (clique.uses.size() > 1) all.push_back(std::move(clique));
  }
  return all;
}

inline long long ceil_div(long long a, long long b) { return (a + b - 1) / b; }

/// Best h + ceil(work / limit) + rest of a class. O(U^2) for U uses, O(U log U + U * 64) beyond.
inline int head_tail_bound(LimitedProject const& p, BoundClass const& c,
                           std::vector<int> const& head, std::vector<int> const& tail) {
  if (c.limit <= 0) return 0;
  auto uses = c.uses;
  // rest: steps that must follow the end of its use of units.
  auto const rest = [&](auto const& u) { return tail[at(u.operation)] - p.busy[at(u.operation)]; };
  std::sort(uses.begin(), uses.end(),
            [&](auto const& a, auto const& b) { return rest(a) > rest(b); });
  std::vector<int> heads;
  for (auto const& u : uses) heads.push_back(head[at(u.operation)]);
  std::sort(heads.begin(), heads.end());
  heads.erase(std::unique(heads.begin(), heads.end()), heads.end());
  std::size_t const stride = heads.size() > 256 ? heads.size() / 64 : 1;
  long long best = 0;
  for (std::size_t k = 0; k < heads.size(); k += stride) {
    long long work = 0;
    for (auto const& u : uses) {
      if (head[at(u.operation)] < heads[k]) continue;
      work += u.units * p.busy[at(u.operation)];
      best = std::max(best, heads[k] + ceil_div(work, c.limit) + rest(u));
    }
  }
  return static_cast<int>(best);
}

/// Critical path, heads and tails of all classes.
inline int static_makespan_bound(LimitedProject const& p) {
  std::vector<int> head = earliest_steps(p.system);
  std::vector<int> const tail = makespan_tails(p);
  int best = critical_path(p.system, head);
  for (auto const& c : bound_classes(p)) best = std::max(best, head_tail_bound(p, c, head, tail));
  return best;
}

/// Tests of single makespans by energetic reasoning.
class EnergyTest {
 public:
  explicit EnergyTest(LimitedProject const& project)
      : p_(project), classes_(bound_classes(project)), head_(earliest_steps(project.system)) {}

  /// Whether no schedule of this makespan exists. False: not known.
  template <class KeepGoing>
  bool refutes(int makespan, KeepGoing&& keep_going) {
    earliest_ = head_;
    latest_.resize(head_.size());
    for (int i = 0; i < p_.operations; ++i) latest_[at(i)] = makespan - p_.system.length[at(i)];
    for (int pass = 0; pass < most_passes; ++pass) {
      raise(p_.system, earliest_);
      lower(p_.system, latest_);
      for (int i = 0; i < p_.operations; ++i)
        if (earliest_[at(i)] > latest_[at(i)]) return true;
      changed_ = false;
      for (auto const& c : classes_) {
        if (!keep_going()) return false;
        if (overloaded(c, makespan)) return true;
      }
      if (!changed_) return false;
    }
    return false;
  }

 private:
  static constexpr int most_passes = 6;
  static constexpr std::size_t most_for_pushes =
      200;  ///< uses of a class whose bounds are tightened

  /// Work that must fall into [a, b), whatever the start within the bounds.
  [[nodiscard]] int overlap(int i, int a, int b) const {
    int const busy = p_.busy[at(i)];
    int const left = earliest_[at(i)] + busy - a;
    int const right = b - latest_[at(i)];
    return std::max(0, std::min({busy, b - a, left, right}));
  }

  /// For every first step a, the work as a function of the last step is a sum of ramps.
  bool overloaded(BoundClass const& c, int makespan) {
    begins_.clear();
    for (auto const& u : c.uses) {
      begins_.push_back(earliest_[at(u.operation)]);
      begins_.push_back(latest_[at(u.operation)]);
    }
    std::sort(begins_.begin(), begins_.end());
    begins_.erase(std::unique(begins_.begin(), begins_.end()), begins_.end());
    work_.resize(at(makespan) + 2);
    for (int const a : begins_) {
      std::fill(work_.begin(), work_.end(), 0LL);
      for (auto const& u : c.uses) {
        int const i = u.operation;
        int const height = std::min(p_.busy[at(i)], earliest_[at(i)] + p_.busy[at(i)] - a);
        if (height <= 0) continue;
        int const from = std::max(a, latest_[at(i)]);
        if (from >= makespan) continue;
        work_[at(from)] += u.units;
        work_[at(std::min(from + height, makespan + 1))] -= u.units;
      }
      long long slope = 0;
      long long work = 0;
      for (int b = a; b <= makespan; ++b) {
        long long const room = c.limit * (b - a);
        if (work > room) return true;
        slope += work_[at(b)];
        work_[at(b)] = work;  // of [a, b)
        work += slope;
      }
      if (c.uses.size() <= most_for_pushes) push(c, a, makespan);
    }
    return false;
  }

  /// Where an operation that starts as early as it can, or as late, would overload [a, b). Bounds
  /// move at once: work counted with the bounds before is then less than it is, and still a bound.
  void push(BoundClass const& c, int a, int makespan) {
    long long most = 0;
    ends_.clear();
    for (auto const& u : c.uses) {
      int const busy = p_.busy[at(u.operation)];
      most = std::max(most, u.units);
      ends_.push_back(std::min(makespan, earliest_[at(u.operation)] + busy));
      ends_.push_back(std::min(makespan, latest_[at(u.operation)] + busy));
    }
    std::sort(ends_.begin(), ends_.end());
    ends_.erase(std::unique(ends_.begin(), ends_.end()), ends_.end());
    for (int const b : ends_)
      if (b > a && work_[at(b)] + most * (b - a) > c.limit * (b - a)) push_from(c, a, b);
  }
  void push_from(BoundClass const& c, int a, int b) {
    long long const room = c.limit * (b - a);
    long long const work = work_[at(b)];
    for (auto const& u : c.uses) {
      int const i = u.operation;
      int const busy = p_.busy[at(i)];
      long long const others = work - u.units * overlap(i, a, b);
      long long const left =
          std::max(0, std::min(earliest_[at(i)] + busy, b) - std::max(earliest_[at(i)], a));
      if (others + left * u.units > room) {
        long long const most = std::max(0LL, room - others) / u.units;
        raise_to(earliest_[at(i)], static_cast<int>(b - most));
      }
      long long const right =
          std::max(0, std::min(latest_[at(i)] + busy, b) - std::max(latest_[at(i)], a));
      if (others + right * u.units > room) {
        long long const most = std::max(0LL, room - others) / u.units;
        lower_to(latest_[at(i)], static_cast<int>(a + most - busy));
      }
    }
  }
  void raise_to(int& step, int value) {
    changed_ = changed_ || step < value;
    step = std::max(step, value);
  }
  void lower_to(int& step, int value) {
    changed_ = changed_ || step > value;
    step = std::min(step, value);
  }

  LimitedProject const& p_;
  std::vector<BoundClass> classes_;
  std::vector<int> head_;
  std::vector<int> earliest_;
  std::vector<int> latest_;
  std::vector<int> begins_;
  std::vector<int> ends_;
  std::vector<long long> work_;
  bool changed_ = false;
};

/// Raises a bound as long as makespans from it on are refuted, at most to `known`.
template <class KeepGoing>
int destructive_makespan_bound(LimitedProject const& p, int bound, int known,
                               KeepGoing&& keep_going) {
  EnergyTest test(p);
  // Least not refuted, by bisection: what is refuted is so for all smaller makespans.
  int high = known;
  while (bound < high && keep_going()) {
    int const middle = bound + (high - bound) / 2;
    if (test.refutes(middle, keep_going))
      bound = middle + 1;
    else
      high = middle;
  }
  return bound;
}

}  // namespace detail

}  // namespace gaus

#endif

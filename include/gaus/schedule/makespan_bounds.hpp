// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_SCHEDULE_MAKESPAN_BOUNDS_HPP
#define GAUS_SCHEDULE_MAKESPAN_BOUNDS_HPP

#include <gaus/detail/function_ref.hpp>
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
  constexpr std::size_t largest_clique = 2000;  // time grows with the square
  std::size_t const seeds = std::min<std::size_t>(most_cliques, order.size());
  for (std::size_t s = 0; s < seeds; ++s) {
    BoundClass clique{1};
    clique.uses.push_back({order[s], 1});
    for (int const i : order) {
      if (clique.uses.size() >= largest_clique) break;
      bool const together = std::any_of(clique.uses.begin(), clique.uses.end(), [&](auto const& u) {
        return u.operation == i || !p.exclusive(i, u.operation);
      });
      if (!together) clique.uses.push_back({i, 1});
    }
    if (clique.uses.size() > 1) all.push_back(std::move(clique));
  }
  return all;
}

inline long long ceil_div(long long a, long long b) { return (a + b - 1) / b; }

/// Heads and tails bound of those operations of a class whose head is not `none`: the best of
/// h + ceil(work / limit) + rest, where rest are the steps that must follow the end of a use. At most
/// `most` values of h are tried. O(U log U + min(H, most) * U) for U uses with H heads.
class HeadTailBound {
 public:
  static constexpr int none = std::numeric_limits<int>::min();

  explicit HeadTailBound(LimitedProject const& p) : p_(p) {}

  long long operator()(BoundClass const& c, std::vector<int> const& head,
                       std::vector<int> const& tail, std::size_t most) {
    uses_.clear();
    heads_.clear();
    for (auto const& u : c.uses) {
      int const h = head[at(u.operation)];
      if (h == none) continue;
      uses_.push_back({h, tail[at(u.operation)] - p_.busy[at(u.operation)],
                       u.units * p_.busy[at(u.operation)]});
      heads_.push_back(h);
    }
    if (uses_.empty() || c.limit <= 0) return 0;
    std::sort(uses_.begin(), uses_.end(),
              [](auto const& a, auto const& b) { return a.rest > b.rest; });
    std::sort(heads_.begin(), heads_.end());
    heads_.erase(std::unique(heads_.begin(), heads_.end()), heads_.end());
    std::size_t const stride = std::max<std::size_t>(1, heads_.size() / most);
    long long best = std::numeric_limits<long long>::min();
    for (std::size_t k = 0; k < heads_.size(); k += stride) {
      long long work = 0;
      for (auto const& u : uses_) {
        if (u.head < heads_[k]) continue;
        work += u.work;
        best = std::max(best, heads_[k] + ceil_div(work, c.limit) + u.rest);
      }
    }
    return best;
  }

 private:
  struct Use {
    int head;
    int rest;
    long long work;
  };
  LimitedProject const& p_;
  std::vector<Use> uses_;
  std::vector<int> heads_;
};

/// Tails by paths and by the work of what must follow: an operation is followed by all that its
/// constraints lead to, whose work takes its time (the deadline modification of Garey and Johnson
/// 1976, Journal of the ACM 23, for any classes and constraints). Paths alone beyond a size at which
/// this would take more than about a second.
inline std::vector<int> work_tails(LimitedProject const& p,
                                   std::vector<BoundClass> const& classes) {
  auto const& s = p.system;
  int const n = p.operations;
  std::vector<int> tail = makespan_tails(p);
  double const effort = static_cast<double>(n) * (static_cast<double>(s.out_to.size()) +
                                                  64.0 * n * static_cast<double>(classes.size()));
  if (!s.acyclic || effort > 5e8) return tail;
  HeadTailBound bound(p);
  std::size_t const most = n <= 300 ? 1000 : 16;
  std::vector<int> distance(at(n));
  for (auto v = s.order.rbegin(); v != s.order.rend(); ++v) {
    std::fill(distance.begin(), distance.end(), HeadTailBound::none);
    // Longest paths from here, along the order.
    distance[at(*v)] = 0;
    long long best = tail[at(*v)];
    for (auto w = v.base() - 1; w != s.order.end(); ++w) {
      if (distance[at(*w)] == HeadTailBound::none) continue;
      for (int k = s.out_offset[at(*w)]; k < s.out_offset[at(*w) + 1]; ++k)
        distance[at(s.out_to[at(k)])] =
            std::max(distance[at(s.out_to[at(k)])], distance[at(*w)] + s.out_delta[at(k)]);
      best = std::max<long long>(best, distance[at(*w)] + tail[at(*w)]);
    }
    tail[at(*v)] = static_cast<int>(best);
    for (auto const& c : classes) best = std::max(best, bound(c, distance, tail, most));
    tail[at(*v)] = static_cast<int>(best);
  }
  return tail;
}

/// Heads and tails of a project, made once, and what they bound.
struct MakespanBounds {
  std::vector<BoundClass> classes;
  std::vector<int> head;  ///< least start
  std::vector<int> tail;  ///< least number of steps from a start to the end
  int bound = 0;          ///< no makespan is below

  explicit MakespanBounds(LimitedProject const& p) : classes(bound_classes(p)) {
    tail = work_tails(p, classes);
    head = earliest_steps(p.system);
    if (p.system.acyclic) {
      // A head is the tail of the mirrored project, from the end of the use of units on.
      auto const mirror = mirrored(p);
      auto const turned = work_tails(mirror, bound_classes(mirror));
      for (int i = 0; i < p.operations; ++i)
        head[at(i)] = std::max(head[at(i)], turned[at(i)] - p.busy[at(i)]);
    }
    HeadTailBound over(p);
    for (int i = 0; i < p.operations; ++i) bound = std::max(bound, head[at(i)] + tail[at(i)]);
    for (auto const& c : classes)
      bound = std::max(bound, static_cast<int>(over(c, head, tail, 1000)));
  }
};

/// Tests of single makespans by energetic reasoning.
class EnergyTest {
 public:
  EnergyTest(LimitedProject const& project, MakespanBounds const& bounds)
      : p_(project), classes_(bounds.classes), head_(bounds.head), tail_(bounds.tail) {}

  /// Whether no schedule of this makespan exists. False: not known.
  template <class KeepGoing>
  bool refutes(int makespan, KeepGoing&& keep_going) {
    earliest_ = head_;
    latest_.resize(head_.size());
    for (int i = 0; i < p_.operations; ++i) latest_[at(i)] = makespan - tail_[at(i)];
    for (int pass = 0; pass < most_passes; ++pass) {
      raise(p_.system, earliest_);
      lower(p_.system, latest_);
      for (int i = 0; i < p_.operations; ++i)
        if (earliest_[at(i)] > latest_[at(i)]) return true;
      changed_ = false;
      for (auto const& c : classes_) {
        if (!keep_going()) return false;
        if (overloaded(c, makespan, keep_going)) return true;
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
  template <class KeepGoing>
  bool overloaded(BoundClass const& c, int makespan, KeepGoing&& keep_going) {
    begins_.clear();
    for (auto const& u : c.uses) {
      begins_.push_back(earliest_[at(u.operation)]);
      begins_.push_back(latest_[at(u.operation)]);
    }
    std::sort(begins_.begin(), begins_.end());
    begins_.erase(std::unique(begins_.begin(), begins_.end()), begins_.end());
    work_.resize(at(makespan) + 2);
    for (int const a : begins_) {
      if (!keep_going()) return false;
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
  std::vector<BoundClass> const& classes_;
  std::vector<int> const& head_;
  std::vector<int> const& tail_;
  std::vector<int> earliest_;
  std::vector<int> latest_;
  std::vector<int> begins_;
  std::vector<int> ends_;
  std::vector<long long> work_;
  bool changed_ = false;
};

/// Raises a bound as long as makespans from it on are refuted, at most to `known`.
template <class KeepGoing>
int destructive_makespan_bound(LimitedProject const& p, MakespanBounds const& bounds, int bound,
                               int known, KeepGoing&& keep_going) {
  EnergyTest test(p, bounds);
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

/// A number of steps that no schedule under limits is shorter than: the best of all bounds above.
/// graph: readable on the host. limits: one a class, none for unlimited. known: a makespan that is
/// possible. keep_going(): false to stop with what is known by then. For V operations, U uses of a
/// class and T steps O(V * U^2) for heads and tails and O(log T * U * (U + T)) a pass of energetic
/// reasoning; less is done on graphs where that would take long. Throws Infeasible and InvalidInput
/// as minimize_makespan() does.
template <Graph H>
int makespan_lower_bound(H const& graph, DifferenceSystem const& system,
                         std::vector<std::optional<double>> const& limits, int known,
                         detail::KeepGoing keep_going) {
  auto const project = detail::make_limited_project(graph, system, limits);
  detail::MakespanBounds const bounds(project);
  return detail::destructive_makespan_bound(project, bounds, bounds.bound, known, keep_going);
}

/// The same with as much time as it takes.
template <Graph H>
int makespan_lower_bound(H const& graph, DifferenceSystem const& system,
                         std::vector<std::optional<double>> const& limits, int known) {
  return makespan_lower_bound(graph, system, limits, known, [] { return true; });
}

}  // namespace gaus

#endif

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_SCHEDULE_FORCE_DIRECTED_HPP
#define GAUS_SCHEDULE_FORCE_DIRECTED_HPP

#include <gaus/graph/step_bounds.hpp>
#include <gaus/problem.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <queue>
#include <utility>
#include <vector>

// Force-directed scheduling (Paulin and Knight, IEEE TCAD 8(6), 1989): levels the units in use.
//
// An operation that is not fixed yet starts in each step of its window [a, b] with the same
// probability. The distribution graph q_r(t) is the expected number of units of class r in step t.
// With E(s) = sum over s <= t < s + occupancy of q_r(t), the force of starting at s is
//
//   units * (E(s) - mean of E over [a, b])                                             self force
//   + units_j * (mean of E_j over the window that j keeps - mean of E_j over [a_j, b_j])
//                                              for every direct predecessor and successor j
//
// summed over classes. The pair of operation and step with the least force is fixed, windows shrink
// along all constraints, and so on until every window is one step.
//
// Prefix sums of q give each term in O(1), and q itself takes four updates for a window that
// changed; in integers, so that nothing drifts. Where evaluating all pairs each round would take too
// long, a round evaluates only the operations that were best when last evaluated, as many as fit in
// the work allowed: a quarter of a billion terms in all, and no fewer than four operations a round.
// With m steps in the mean window and d constraints an operation this takes
// O(V * (4 m d + steps * classes)) at least; below about a thousand operations the rounds are
// complete, O(V^2 m d). Always legal, also with backward constraints. Not optimal; a baseline and a
// start.
namespace gaus {
namespace detail {

template <Graph G>
class ForceDirected {
 public:
  /// allowed: terms of forces that all rounds together may evaluate, about.
  ForceDirected(G const& graph, DifferenceSystem const& system, StepBounds const& bounds, int steps,
                double allowed = 2.5e8)
      : graph_(graph),
        system_(system),
        steps_(steps),
        allowed_(allowed),
        classes_(graph.num_resources()),
        earliest_(bounds.earliest),
        latest_(bounds.latest),
        queued_(at(system.operations), 0),
        touched_(at(system.operations), 0) {
    double total = 1;
    for (int i = 0; i < operations(); ++i) {
      auto const row = graph_.demands(i);
      for (int k = 0; k < row.size(); ++k) total += row[k].units;
    }
    // No sum of the second differences below leaves 64 bits.
    unit_ = std::exp2(std::floor(60 - std::log2(total)));
    std::size_t const width = at(steps_) + 2;
    bend_.assign(at(classes_) * width, 0);
    sum_.assign(at(classes_) * width, 0.0);
    sum_of_sums_.assign(at(classes_) * width, 0.0);
    changed_.assign(at(classes_), 1);
    for (int i = 0; i < operations(); ++i) distribute(i, 1);
    settle();
  }

  /// Windows as they are now.
  [[nodiscard]] StepBounds windows() const { return {earliest_, latest_}; }

  /// The force of starting operation i at each step of its window.
  std::vector<double> const& forces(int i) {
    int const a = earliest_[at(i)];
    int const b = latest_[at(i)];
    force_.assign(at(b - a) + 1, 0.0);
    auto const row = graph_.demands(i);
    int const occupancy = graph_.occupancy(i);
    for (int k = 0; k < row.size(); ++k) {
      Demand const d = row[k];
      double const mean = mean_load(d.resource, occupancy, a, b);
      double const* const sum = &sum_[place(d.resource, 0)];
      for (int t = a; t <= b; ++t)
        force_[at(t - a)] += d.units * (sum[t + occupancy] - sum[t] - mean);
    }
    for (int k = system_.out_offset[at(i)]; k < system_.out_offset[at(i) + 1]; ++k) {
      int const j = system_.out_to[at(k)];
      int const delta = system_.out_delta[at(k)];
      int const first = std::max(a, earliest_[at(j)] - delta + 1);
      if (j != i && first <= b)
        add_neighbour(j, first - a, b - a,
                      [&](int t) { return std::pair(t + a + delta, latest_[at(j)]); });
    }
    for (int k = system_.in_offset[at(i)]; k < system_.in_offset[at(i) + 1]; ++k) {
      int const j = system_.in_from[at(k)];
      int const delta = system_.in_delta[at(k)];
      int const last = std::min(b, latest_[at(j)] + delta - 1);
      if (j != i && a <= last)
        add_neighbour(j, 0, last - a,
                      [&](int t) { return std::pair(earliest_[at(j)], t + a - delta); });
    }
    return force_;
  }

  /// Fixes operation i at a step of its window and narrows all windows to what remains possible.
  void fix(int i, int t) {
    narrow(i, t, t);
    for (std::size_t done = 0; done < queue_.size(); ++done) {
      int const v = queue_[done];
      queued_[at(v)] = 0;
      for (int k = system_.out_offset[at(v)]; k < system_.out_offset[at(v) + 1]; ++k)
        narrow(system_.out_to[at(k)], earliest_[at(v)] + system_.out_delta[at(k)],
               std::numeric_limits<int>::max());
      for (int k = system_.in_offset[at(v)]; k < system_.in_offset[at(v) + 1]; ++k)
        narrow(system_.in_from[at(k)], std::numeric_limits<int>::min(),
               latest_[at(v)] - system_.in_delta[at(k)]);
    }
    queue_.clear();
    for (int const v : narrowed_) {
      distribute(v, 1);
      touched_[at(v)] = 0;
    }
    narrowed_.clear();
    settle();
  }

  template <class KeepGoing>
  std::vector<int> run(KeepGoing&& keep_going) {
    using Entry = std::pair<double, int>;  // force when last evaluated, operation
    std::priority_queue<Entry, std::vector<Entry>, std::greater<>> open;
    struct Candidate {
      double force;
      int step;
      int operation;
    };
    auto const evaluate = [&](int i) {
      auto const& force = forces(i);
      std::size_t best = 0;
      for (std::size_t t = 1; t < force.size(); ++t)
        if (force[t] < force[best] - tie) best = t;
      return Candidate{force[best], earliest_[at(i)] + static_cast<int>(best), i};
    };
    double work = 1;
    for (int i = 0; i < operations(); ++i) {
      if (earliest_[at(i)] == latest_[at(i)]) continue;
      if (!keep_going()) return place_rest();
      open.emplace(evaluate(i).force, i);
      work += effort(i);
    }
    auto const most =
        static_cast<std::size_t>(std::max<double>(fewest_candidates, allowed_ / work));
    std::vector<Candidate> candidates;
    while (!open.empty()) {
      if (!keep_going()) return place_rest();
      candidates.clear();
      for (; !open.empty() && candidates.size() < most; open.pop()) {
        int const i = open.top().second;
        if (earliest_[at(i)] < latest_[at(i)]) candidates.push_back(evaluate(i));
      }
      if (candidates.empty()) break;
      auto const best = std::min_element(
          candidates.begin(), candidates.end(), [](Candidate const& x, Candidate const& y) {
            return x.force != y.force ? x.force < y.force : x.operation < y.operation;
          });
      fix(best->operation, best->step);
      for (auto const& candidate : candidates)
        if (candidate.operation != best->operation)
          open.emplace(candidate.force, candidate.operation);
    }
    return earliest_;
  }

 private:
  static constexpr double fewest_candidates = 4;  ///< evaluated a round
  static constexpr double tie = 1e-9;             ///< of two equal steps the earlier one

  [[nodiscard]] int operations() const { return system_.operations; }
  [[nodiscard]] std::size_t place(int resource, int t) const {
    return at(resource) * (at(steps_) + 2) + at(t);
  }

  /// Terms that evaluating an operation in every round to come takes, about.
  [[nodiscard]] double effort(int i) const {
    double const neighbours = system_.out_offset[at(i) + 1] - system_.out_offset[at(i)] +
                              system_.in_offset[at(i) + 1] - system_.in_offset[at(i)];
    return (latest_[at(i)] - earliest_[at(i)] + 1) * (1 + neighbours);
  }

  /// Mean over the starts a .. b of the distribution over the steps that are then occupied.
  [[nodiscard]] double mean_load(int resource, int occupancy, int a, int b) const {
    double const* const s = &sum_of_sums_[place(resource, 0)];
    return (s[b + 1 + occupancy] - s[a + occupancy] - s[b + 1] + s[a]) / (b - a + 1);
  }

  /// Adds what becomes of operation j's window to the forces first .. last; kept(t) is the window
  /// that remains when the operation in question starts at its step t.
  template <class Kept>
  void add_neighbour(int j, int first, int last, Kept const& kept) {
    auto const row = graph_.demands(j);
    int const occupancy = graph_.occupancy(j);
    for (int k = 0; k < row.size(); ++k) {
      Demand const d = row[k];
      double const mean = mean_load(d.resource, occupancy, earliest_[at(j)], latest_[at(j)]);
      for (int t = first; t <= last; ++t) {
        auto const [from, to] = kept(t);
        force_[at(t)] += d.units * (mean_load(d.resource, occupancy, from, to) - mean);
      }
    }
  }

  /// Adds (sign 1) or takes away (-1) an operation's share of the distribution graphs. A window of
  /// starts times an occupancy is a trapezium: its slope bends in four places.
  void distribute(int i, int sign) {
    auto const row = graph_.demands(i);
    int const a = earliest_[at(i)];
    int const b = latest_[at(i)] + 1;
    int const occupancy = graph_.occupancy(i);
    for (int k = 0; k < row.size(); ++k) {
      Demand const d = row[k];
      auto const share = sign * std::llround(d.units * unit_ / (b - a));
      bend_[place(d.resource, a)] += share;
      bend_[place(d.resource, b)] -= share;
      bend_[place(d.resource, a + occupancy)] -= share;
      bend_[place(d.resource, b + occupancy)] += share;
      changed_[at(d.resource)] = 1;
    }
  }

  /// Brings the prefix sums of the distribution graphs that changed up to date.
  void settle() {
    for (int r = 0; r < classes_; ++r) {
      if (!changed_[at(r)]) continue;
      changed_[at(r)] = 0;
      std::int64_t slope = 0;
      std::int64_t level = 0;
      double sum = 0;
      double sum_of_sums = 0;
      for (int t = 0; t <= steps_ + 1; ++t) {
        sum_[place(r, t)] = sum;
        sum_of_sums_[place(r, t)] = sum_of_sums;
        sum_of_sums += sum;
        slope += bend_[place(r, t)];
        level += slope;
        sum += static_cast<double>(level) / unit_;
      }
    }
  }

  /// Cuts a window to [low, high].
  void narrow(int j, int low, int high) {
    int const a = std::max(low, earliest_[at(j)]);
    int const b = std::min(high, latest_[at(j)]);
    if (a == earliest_[at(j)] && b == latest_[at(j)]) return;
    if (!touched_[at(j)]) {
      touched_[at(j)] = 1;
      narrowed_.push_back(j);
      distribute(j, -1);
    }
    earliest_[at(j)] = a;
    latest_[at(j)] = b;
    if (queued_[at(j)]) return;
    queued_[at(j)] = 1;
    queue_.push_back(j);
  }

  /// Without further forces: one operation after the other in topological order, each at the step of
  /// its window where least is in use. Latest steps are consistent, so every schedule raised from
  /// within the windows is legal.
  std::vector<int> place_rest() {
    std::vector<double> used(bend_.size(), 0.0);
    auto const load = [&](int i, int t, double add) {
      double most = 0;
      auto const row = graph_.demands(i);
      for (int k = 0; k < row.size(); ++k)
        for (int u = t; u < t + graph_.occupancy(i); ++u)
          most = std::max(most, used[place(row[k].resource, u)] += add * row[k].units);
      return most;
    };
    for (int i = 0; i < operations(); ++i)
      if (earliest_[at(i)] == latest_[at(i)]) load(i, earliest_[at(i)], 1);
    auto start = earliest_;
    for (int const i : system_.order) {
      if (earliest_[at(i)] == latest_[at(i)]) continue;
      int best = start[at(i)];
      double least = std::numeric_limits<double>::infinity();
      for (int t = start[at(i)]; t <= latest_[at(i)]; ++t) {
        double const most = load(i, t, 0);
        if (most < least) {
          least = most;
          best = t;
        }
      }
      start[at(i)] = best;
      load(i, best, 1);
      for (int k = system_.out_offset[at(i)]; k < system_.out_offset[at(i) + 1]; ++k) {
        int& later = start[at(system_.out_to[at(k)])];
        later = std::max(later, best + system_.out_delta[at(k)]);
      }
    }
    raise(system_, start);
    return start;
  }

  G const& graph_;
  DifferenceSystem const& system_;
  int steps_;
  double allowed_;
  int classes_;
  std::vector<int> earliest_;  ///< windows as they are now
  std::vector<int> latest_;
  std::vector<char> queued_;
  std::vector<char> touched_;
  std::vector<int> queue_;           ///< operations whose narrower window is not yet passed on
  std::vector<int> narrowed_;        ///< operations whose share is to be distributed anew
  double unit_ = 1;                  ///< one unit in bend_
  std::vector<std::int64_t> bend_;   ///< second differences of the distribution graphs, by class
  std::vector<double> sum_;          ///< of the distribution before a step
  std::vector<double> sum_of_sums_;  ///< of sum_ before a step
  std::vector<char> changed_;        ///< classes whose sums are out of date
  std::vector<double> force_;
};

}  // namespace detail

/// Force-directed schedule of a host-readable graph that levels the units in use of every class.
/// bounds: from step_bounds(). keep_going() is asked before every operation; once it says no, the
/// remaining operations are placed greedily in one pass.
template <Graph G, class KeepGoing>
std::vector<int> force_directed_schedule(G const& graph, DifferenceSystem const& system,
                                         StepBounds const& bounds, int steps,
                                         KeepGoing&& keep_going) {
  return detail::ForceDirected<G>(graph, system, bounds, steps).run(keep_going);
}

/// The same for as long as it takes.
template <Graph G>
std::vector<int> force_directed_schedule(G const& graph, DifferenceSystem const& system,
                                         StepBounds const& bounds, int steps) {
  return force_directed_schedule(graph, system, bounds, steps, [] { return true; });
}

}  // namespace gaus

#endif

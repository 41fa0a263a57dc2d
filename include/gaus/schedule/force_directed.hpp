// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_SCHEDULE_FORCE_DIRECTED_HPP
#define GAUS_SCHEDULE_FORCE_DIRECTED_HPP

#include <gaus/detail/function_ref.hpp>
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
// With E(s) = sum over s <= t < s + occupancy of q_r(t), the force of keeping the starts [c, d] is
//
//   units * (mean of E over [c, d] - mean of E over [a, b])                            self force
//   + the same of every direct predecessor and successor, for the part of its window that it keeps
//
// summed over classes. At once: the pair of an operation and one step with the least force is fixed,
// windows shrink along all constraints, and so on until every window is one step. Gradually
// (Verhaegh et al., IEEE TCAD 14(8), 1995): the operation for which one end of the window is most
// worse than the other loses an eighth of its window there, at least a step. Forces see the direct
// neighbours alone; fixing at once may therefore push a whole cone of operations into one step where
// windows are wide and latencies zero. Gradual reduction does not, but spreads more than it needs.
//
// Prefix sums of q give each term in O(1), and q itself takes four updates for a window that
// changed; in integers, so that nothing drifts. A round does not evaluate all operations but those
// that were best when last evaluated: at once as many as a quarter of a billion terms in all admit
// (all of them up to some hundred operations), gradually and at least four. So a round takes
// O(4 m d + steps * classes) at least for d constraints an operation and m steps in its window
// (gradually 2); there are V rounds at once, about 8 V log m gradually. Always legal, also with
// backward constraints. Not optimal; a baseline and a start.
namespace gaus {

/// How a window becomes one step.
enum class WindowReduction { at_once, gradual };

/// Both, the default first.
inline constexpr WindowReduction window_reductions[] = {WindowReduction::at_once,
                                                        WindowReduction::gradual};

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

  /// The force of keeping the part [from, to] of the window of operation i. O(its constraints).
  [[nodiscard]] double force(int i, int from, int to) const {
    double sum = change(i, from, to);
    if (from > earliest_[at(i)])
      for (int k = system_.out_offset[at(i)]; k < system_.out_offset[at(i) + 1]; ++k) {
        int const j = system_.out_to[at(k)];
        if (j != i)
          sum += change(j, std::max(earliest_[at(j)], from + system_.out_delta[at(k)]),
                        latest_[at(j)]);
      }
    if (to < latest_[at(i)])
      for (int k = system_.in_offset[at(i)]; k < system_.in_offset[at(i) + 1]; ++k) {
        int const j = system_.in_from[at(k)];
        if (j != i)
          sum +=
              change(j, earliest_[at(j)], std::min(latest_[at(j)], to - system_.in_delta[at(k)]));
      }
    return sum;
  }

  /// Keeps the part [from, to] of the window of operation i, and of all windows what is then
  /// possible.
  void keep(int i, int from, int to) {
    narrow(i, from, to);
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

  std::vector<int> run(WindowReduction reduction, detail::KeepGoing keep_going) {
    bool const gradual = reduction == WindowReduction::gradual;
    using Entry = std::pair<double, int>;  // key when last evaluated, operation
    std::priority_queue<Entry, std::vector<Entry>, std::greater<>> open;
    double work = 1;
    for (int i = 0; i < operations(); ++i) {
      if (earliest_[at(i)] == latest_[at(i)]) continue;
      if (!keep_going()) return place_rest();
      open.emplace(gradual ? worse_end(i).key : best_step(i, keep_going).key, i);
      work += effort(i);
    }
    auto const most = static_cast<std::size_t>(
        gradual ? fewest_candidates : std::max<double>(fewest_candidates, allowed_ / work));
    std::vector<Candidate> candidates;
    while (!open.empty()) {
      if (!keep_going()) return place_rest();
      candidates.clear();
      for (; !open.empty() && candidates.size() < most; open.pop()) {
        int const i = open.top().second;
        if (earliest_[at(i)] < latest_[at(i)])
          candidates.push_back(gradual ? worse_end(i) : best_step(i, keep_going));
      }
      if (candidates.empty()) break;
      auto const best = std::min_element(candidates.begin(), candidates.end());
      keep(best->operation, best->from, best->to);
      for (auto const& candidate : candidates) open.emplace(candidate.key, candidate.operation);
    }
    return earliest_;
  }

 private:
  static constexpr int fewest_candidates = 4;  ///< evaluated a round
  static constexpr int parts = 8;              ///< of a window, one of which a gradual round takes
  static constexpr double tie = 1e-9;          ///< of two equal places the earlier one

  /// What a round may do to an operation.
  struct Candidate {
    double key;  ///< the least is done
    int operation;
    int from;  ///< the part of the window that is kept
    int to;

    bool operator<(Candidate const& other) const {
      return key != other.key ? key < other.key : operation < other.operation;
    }
  };

  /// Cut short by keep_going(), which is asked where a step of one operation takes long.
  [[nodiscard]] Candidate best_step(int i, KeepGoing keep_going) const {
    bool const slow = neighbours(i) > 10000;
    Candidate best{std::numeric_limits<double>::infinity(), i, 0, 0};
    for (int t = earliest_[at(i)]; t <= latest_[at(i)]; ++t) {
      double const f = force(i, t, t);
      if (f < best.key - tie) best = {f, i, t, t};
      if (slow && !keep_going()) break;
    }
    return best;
  }
  [[nodiscard]] Candidate worse_end(int i) const {
    int const a = earliest_[at(i)];
    int const b = latest_[at(i)];
    int const cut = std::max(1, (b - a + 1) / parts);
    double const early = force(i, a, b - cut);
    double const late = force(i, a + cut, b);
    if (early <= late + tie) return {early - late, i, a, b - cut};
    return {late - early, i, a + cut, b};
  }

  [[nodiscard]] int operations() const { return system_.operations; }
  [[nodiscard]] std::size_t place(int resource, int t) const {
    return at(resource) * (at(steps_) + 2) + at(t);
  }

  /// Terms that evaluating an operation in every round to come takes, about.
  [[nodiscard]] double effort(int i) const {
    return (latest_[at(i)] - earliest_[at(i)] + 1) * (1.0 + neighbours(i));
  }
  [[nodiscard]] int neighbours(int i) const {
    return system_.out_offset[at(i) + 1] - system_.out_offset[at(i)] +
           system_.in_offset[at(i) + 1] - system_.in_offset[at(i)];
  }

  /// Mean over the starts a .. b of the distribution over the steps that are then occupied.
  [[nodiscard]] double mean_load(int resource, int occupancy, int a, int b) const {
    double const* const s = &sum_of_sums_[place(resource, 0)];
    return (s[b + 1 + occupancy] - s[a + occupancy] - s[b + 1] + s[a]) / (b - a + 1);
  }

  /// What keeping the part [from, to] of its window changes for operation j alone.
  [[nodiscard]] double change(int j, int from, int to) const {
    int const a = earliest_[at(j)];
    int const b = latest_[at(j)];
    if (from == a && to == b) return 0;
    double sum = 0;
    auto const row = graph_.demands(j);
    int const occupancy = graph_.occupancy(j);
    for (int k = 0; k < row.size(); ++k) {
      Demand const d = row[k];
      sum += d.units *
             (mean_load(d.resource, occupancy, from, to) - mean_load(d.resource, occupancy, a, b));
    }
    return sum;
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
      auto const row = graph_.demands(i);
      // The usual case without a loop within the loop: windows may be very long.
      bool const one_step = row.size() == 1 && graph_.occupancy(i) == 1;
      double const* const in_use = one_step ? &used[place(row[0].resource, 0)] : nullptr;
      for (int t = start[at(i)]; t <= latest_[at(i)] && least > 0; ++t) {
        double const most = one_step ? in_use[t] : load(i, t, 0);
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
};

}  // namespace detail

/// Force-directed schedule of a host-readable graph that levels the units in use of every class.
/// bounds: from step_bounds(). keep_going() is asked before every round; once it says no, the
/// remaining operations are placed greedily in one pass.
template <Graph G>
std::vector<int> force_directed_schedule(G const& graph, DifferenceSystem const& system,
                                         StepBounds const& bounds, int steps,
                                         detail::KeepGoing keep_going,
                                         WindowReduction reduction = WindowReduction::at_once) {
  return detail::ForceDirected<G>(graph, system, bounds, steps).run(reduction, keep_going);
}

/// The same for as long as it takes.
template <Graph G>
std::vector<int> force_directed_schedule(G const& graph, DifferenceSystem const& system,
                                         StepBounds const& bounds, int steps,
                                         WindowReduction reduction = WindowReduction::at_once) {
  return force_directed_schedule(
      graph, system, bounds, steps, [] { return true; }, reduction);
}

}  // namespace gaus

#endif

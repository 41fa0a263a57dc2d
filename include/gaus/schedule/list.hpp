// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_SCHEDULE_LIST_HPP
#define GAUS_SCHEDULE_LIST_HPP

#include <gaus/detail/function_ref.hpp>
#include <gaus/graph/step_bounds.hpp>
#include <gaus/problem.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <queue>
#include <tuple>
#include <vector>

// List scheduling against a deadline: the classical way to level resources.
//
// For a cap on the units of every class, operations become ready in order of steps and start as
// early as the cap admits, in the order of a priority; of equals the one with the least latest start
// goes first, then the larger demand. An operation at its latest start must go, cap or not: then the
// cap has failed. The least cap that does not fail is found by bisection between the mean load and
// the peak of the first try. The result is always legal. O((V + E) log V) a cap, about 20 caps. Not
// optimal; a baseline, a start and a fallback. Which priority is best depends on the graph: try all.
// Only forward constraints are known to it: with backward ones (maximum distances) its answer is
// legalised.
namespace gaus {

/// Which operation a list schedule starts first.
enum class ListPriority {
  latest_start,     ///< least latest start; without deadlines that of the longest path to the end
  least_mobility,   ///< least latest start minus earliest start
  most_successors,  ///< most constraints that lead out of it
  most_demand       ///< most units of a class
};

/// All priorities, the default first.
inline constexpr ListPriority list_priorities[] = {
    ListPriority::latest_start, ListPriority::least_mobility, ListPriority::most_successors,
    ListPriority::most_demand};

namespace detail {

template <Graph G>
class ListScheduler {
 public:
  ListScheduler(G const& graph, DifferenceSystem const& system, StepBounds const& bounds, int steps,
                ListPriority priority = ListPriority::latest_start)
      : graph_(graph), system_(system), bounds_(bounds), steps_(steps) {
    int const n = graph.num_operations();
    demand_.resize(at(n), 0.0);
    load_.assign(at(graph.num_resources()), 0.0);
    for (int i = 0; i < n; ++i) {
      auto const row = graph.demands(i);
      for (int k = 0; k < row.size(); ++k) {
        Demand const d = row[k];
        demand_[at(i)] = std::max(demand_[at(i)], d.units);
        load_[at(d.resource)] += d.units * graph.occupancy(i);
      }
    }
    for (double& l : load_) l /= std::max(1, steps);
    for (int i = 1; uniform_ && i < n; ++i) uniform_ = same_demand(i - 1, i);
    rank_.resize(at(n));
    for (int i = 0; i < n; ++i) rank_[at(i)] = rank(i, priority);
  }

  /// Schedules under factor * mean load a class; returns the overshoot factor actually needed.
  double run(double factor, std::vector<int>& start) {
    int const n = graph_.num_operations();
    start.assign(at(n), 0);
    std::vector<int> waiting(at(n), 0);
    std::vector<int> ready_at(bounds_.earliest);
    for (int i = 0; i < n; ++i)
      waiting[at(i)] = system_.in_offset[at(i) + 1] - system_.in_offset[at(i)];
    if (!system_.acyclic) count_forward(waiting);
    used_.assign(load_.size() * at(steps_ + 1), 0.0);

    // Rank, latest start, -demand, operation: least first.
    using Entry = std::tuple<double, int, double, int>;
    std::priority_queue<Entry, std::vector<Entry>, std::greater<>> ready;
    std::vector<std::vector<int>> arrival(at(steps_) + 1);
    std::vector<std::vector<int>> due(at(steps_) + 1);  // ready ones by latest start
    std::vector<char> started(at(n), 0);
    auto const make_ready = [&](int i, int t) {
      int const latest = bounds_.latest[at(i)];
      if (latest > t) ready.emplace(rank_[at(i)], latest, -demand_[at(i)], i);
      due[at(std::min(std::max(latest, t), steps_))].push_back(i);
    };
    auto const place = [&](int i, int t) {
      take(i, t);
      start[at(i)] = t;
      started[at(i)] = 1;
      for (int k = system_.out_offset[at(i)]; k < system_.out_offset[at(i) + 1]; ++k) {
        int const j = system_.out_to[at(k)];
        if (waiting[at(j)] <= 0) continue;
        ready_at[at(j)] = std::max(ready_at[at(j)], t + system_.out_delta[at(k)]);
        if (--waiting[at(j)] > 0) continue;
        if (ready_at[at(j)] <= t)
          make_ready(j, t);
        else
          arrival[at(std::min(ready_at[at(j)], steps_))].push_back(j);
      }
    };
    for (int i = 0; i < n; ++i)
      if (waiting[at(i)] == 0) arrival[at(ready_at[at(i)])].push_back(i);
    std::vector<Entry> postponed;
    for (int t = 0; t <= steps_; ++t) {
      for (int const i : arrival[at(t)]) make_ready(i, t);
      std::size_t forced = 0;
      for (;;) {
        // Forced operations come first; placing one may make more of them ready.
        if (forced < due[at(t)].size()) {
          int const i = due[at(t)][forced++];
          if (!started[at(i)]) place(i, t);
          continue;
        }
        // What is left may wait, and on wide graphs must.
        if (ready.empty() || static_cast<int>(postponed.size()) >= most_postponed) break;
        Entry const entry = ready.top();
        ready.pop();
        int const i = std::get<3>(entry);
        if (started[at(i)]) continue;
        if (fits(i, t, factor)) {
          place(i, t);
          continue;
        }
        postponed.push_back(entry);
        if (uniform_) break;  // nor does any other
      }
      for (Entry const& entry : postponed) ready.push(entry);
      postponed.clear();
    }
    double worst = 0;
    for (std::size_t r = 0; r < load_.size(); ++r)
      for (int t = 0; t < steps_; ++t)
        if (load_[r] > 0) worst = std::max(worst, used_[r * at(steps_ + 1) + at(t)] / load_[r]);
    return worst;
  }

 private:
  static constexpr int most_postponed = 512;  ///< tries a step at operations that do not fit

  [[nodiscard]] double rank(int i, ListPriority priority) const {
    switch (priority) {
      case ListPriority::least_mobility:
        return bounds_.latest[at(i)] - bounds_.earliest[at(i)];
      case ListPriority::most_successors:
        return system_.out_offset[at(i)] - system_.out_offset[at(i) + 1];
      case ListPriority::most_demand:
        return -demand_[at(i)];
      case ListPriority::latest_start:
        break;
    }
    return bounds_.latest[at(i)];
  }
  void count_forward(std::vector<int>& waiting) {
    std::vector<int> rank(at(system_.operations));
    for (int k = 0; k < system_.operations; ++k) rank[at(system_.order[at(k)])] = k;
    for (int i = 0; i < system_.operations; ++i)
      for (int k = system_.in_offset[at(i)]; k < system_.in_offset[at(i) + 1]; ++k)
        if (rank[at(system_.in_from[at(k)])] >= rank[at(i)]) --waiting[at(i)];
  }
  /// Whether two operations take as many units of one and the same class for as long.
  [[nodiscard]] bool same_demand(int i, int j) const {
    auto const a = graph_.demands(i);
    auto const b = graph_.demands(j);
    if (a.size() != 1 || b.size() != 1 || graph_.occupancy(i) != graph_.occupancy(j)) return false;
    return Demand(a[0]).resource == Demand(b[0]).resource &&
           Demand(a[0]).units == Demand(b[0]).units;
  }
  [[nodiscard]] bool fits(int i, int t, double factor) const {
    auto const row = graph_.demands(i);
    int const last = std::min(t + graph_.occupancy(i), steps_);
    for (int k = 0; k < row.size(); ++k) {
      Demand const d = row[k];
      double const cap = std::max(factor * load_[at(d.resource)], d.units);
      for (int u = t; u < last; ++u)
        if (used_[at(d.resource) * at(steps_ + 1) + at(u)] + d.units > cap * (1 + 1e-12))
          return false;
    }
    return true;
  }
  void take(int i, int t) {
    auto const row = graph_.demands(i);
    int const last = std::min(t + graph_.occupancy(i), steps_);
    for (int k = 0; k < row.size(); ++k) {
      Demand const d = row[k];
      for (int u = t; u < last; ++u) used_[at(d.resource) * at(steps_ + 1) + at(u)] += d.units;
    }
  }

  G const& graph_;
  DifferenceSystem const& system_;
  StepBounds const& bounds_;
  int steps_;
  bool uniform_ = true;         ///< all operations ask for the same
  std::vector<double> demand_;  ///< largest of an operation, for ties
  std::vector<double> rank_;    ///< the least goes first
  std::vector<double> load_;    ///< mean units in use a class
  std::vector<double> used_;
};

}  // namespace detail

/// List schedule of a host-readable graph that levels the peak usage within the bounds.
/// keep_going() is asked before every cap but the first.
template <Graph G>
std::vector<int> list_schedule(G const& graph, DifferenceSystem const& system,
                               StepBounds const& bounds, int steps, detail::KeepGoing keep_going,
                               ListPriority priority = ListPriority::latest_start) {
  detail::ListScheduler<G> scheduler(graph, system, bounds, steps, priority);
  std::vector<int> best;
  std::vector<int> start;
  double high = scheduler.run(1.0, best);  // forced operations alone exceed the cap
  double low = 1.0;
  double best_factor = high;
  for (int round = 0; round < 20 && high > low * (1 + 1e-6) && keep_going(); ++round) {
    double const middle = 0.5 * (low + high);
    double const needed = scheduler.run(middle, start);
    if (needed < best_factor) {
      best_factor = needed;
      best = start;
    }
    if (needed <= middle * (1 + 1e-9))
      high = std::min(middle, needed);
    else
      low = middle;
  }
  for (std::size_t i = 0; i < best.size(); ++i)
    best[i] = std::min(std::max(best[i], bounds.earliest[i]), bounds.latest[i]);
  raise(system, best);
  return best;
}

/// The same with as many caps as it takes.
template <Graph G>
std::vector<int> list_schedule(G const& graph, DifferenceSystem const& system,
                               StepBounds const& bounds, int steps,
                               ListPriority priority = ListPriority::latest_start) {
  return list_schedule(
      graph, system, bounds, steps, [] { return true; }, priority);
}

}  // namespace gaus

#endif

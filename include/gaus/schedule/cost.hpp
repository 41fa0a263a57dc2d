// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_SCHEDULE_COST_HPP
#define GAUS_SCHEDULE_COST_HPP

#include <gaus/detail/message.hpp>
#include <gaus/error.hpp>
#include <gaus/problem.hpp>

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

// The exact discrete costs of a schedule s, nothing relaxed, over steps t = 0 .. D - 1:
//
//   usage U_r(t) = sum of units over operations with s_i <= t < s_i + occ_i
//   live  M(t)   = sum of sizes over values with s_i + max(lat_i, 1) - 1 <= t < last use: those that
//                  need a place across the boundary after step t. Last use: the largest start of a
//                  consumer, s_j + distance * II; D of a value without any if outputs are held
//   lifetime     = sum over t of M(t); memory = max of M(t)
//   communication = sum of weight * (s_j + distance * II - s_i)
//   makespan     = max of s_i + max(lat_i, occ_i)
//
// Host code over a host-readable graph; O(V + E + D) each. Any start steps are welcome, legal or
// not (steps outside the schedule count where they fall, folded when pipelined); only a span that
// would not fit into memory throws InvalidInput.
namespace gaus {

/// Weights of the shipped costs in an objective: what a discrete search needs to know of it.
struct CostModel {
  double usage = 0;                                ///< peak over classes and steps
  std::vector<std::pair<int, double>> usage_of{};  ///< peak of single classes: (class, weight)
  double memory = 0;                               ///< peak live size
  double lifetime = 0;                             ///< sum of live sizes
  double communication = 0;                        ///< weighted boundaries that dependences cross
  double makespan = 0;                             ///< steps until everything has finished
  bool complete = true;  ///< false: the objective holds a cost that is not listed here
};

/// The shipped costs of one schedule.
struct Costs {
  double usage = 0;              ///< peak over classes and steps
  std::vector<double> usage_of;  ///< by class
  double memory = 0;             ///< peak live size
  double lifetime = 0;           ///< sum of live sizes
  double communication = 0;      ///< weighted boundaries that dependences cross
  double makespan = 0;           ///< steps until everything has finished
};

/// Rows of a discrete profile.
struct DiscreteProfile {
  int rows = 0;                ///< classes, or one
  int slots = 0;               ///< steps, or slots of an interval
  std::vector<double> values;  ///< rows one after the other
  /// The entry of a row.
  [[nodiscard]] double operator()(int row, int slot) const {
    return values[detail::at(row) * detail::at(slots) + detail::at(slot)];
  }
  /// The largest entry of a row, at least 0.
  [[nodiscard]] double peak(int row) const {
    auto const first = values.begin() + static_cast<std::ptrdiff_t>(row) * slots;
    return slots == 0 ? 0 : std::max(0.0, *std::max_element(first, first + slots));
  }
};

namespace detail {

/// Adds boxes height x [first, last) as differences; folded modulo interval when that is > 0.
class BoxSum {
 public:
  BoxSum(int rows, int slots, int interval) : interval_(interval) {
    profile_.rows = rows;
    profile_.slots = slots;
    profile_.values.assign(at(rows) * (at(slots) + 1), 0.0);
    base_.assign(at(rows), 0.0);
  }
  void add(int row, int first, int last, double height) {
    if (last <= first) return;
    double* const line = profile_.values.data() + at(row) * (at(profile_.slots) + 1);
    if (interval_ > 0) {
      base_[at(row)] += height * ((last - first) / interval_);
      int const rest = (last - first) % interval_;
      if (rest == 0) return;
      first = ((first % interval_) + interval_) % interval_;
      last = first + rest;
      if (last > interval_) {
        line[0] += height;
        last -= interval_;
      }
    }
    line[first] += height;
    line[last] -= height;
  }
  DiscreteProfile finish() {
    for (int r = 0; r < profile_.rows; ++r) {
      double sum = base_[at(r)];
      for (int t = 0; t < profile_.slots; ++t) {
        sum += profile_.values[at(r) * (at(profile_.slots) + 1) + at(t)];
        profile_.values[at(r) * at(profile_.slots) + at(t)] = sum;
      }
    }
    profile_.values.resize(at(profile_.rows) * at(profile_.slots));
    return std::move(profile_);
  }

 private:
  int interval_;
  DiscreteProfile profile_;
  std::vector<double> base_;
};

/// Slots that hold every box of a schedule; throws when they would not fit into memory.
template <Graph G>
int span_slots(Problem<G> const& problem, std::span<int const> start_steps) {
  if (static_cast<int>(start_steps.size()) != problem.graph.num_operations())
    throw InvalidInput(
        detail::message({"the schedule has ", start_steps.size(), " start steps, the graph has ",
                         problem.graph.num_operations(), " operations"}));
  if (problem.pipelined()) return problem.initiation_interval;
  std::int64_t last = problem.steps;
  for (int i = 0; i < problem.graph.num_operations(); ++i)
    last = std::max<std::int64_t>(
        last, std::int64_t{start_steps[at(i)]} +
                  std::max({1, problem.graph.latency(i), problem.graph.occupancy(i)}));
  std::int64_t const rows = std::max(1, problem.graph.num_resources());
  if (last >= (std::int64_t{1} << 30) / rows)
    throw InvalidInput(detail::message(
        {"the schedule ends at step ", last, ", too far for a profile of ", rows, " rows"}));
  return static_cast<int>(last);
}

/// Calls use(first, last) for the boundaries across which value i is live: first <= t < last.
template <Graph G>
std::pair<int, int> live_span(Problem<G> const& problem, std::span<int const> start_steps, int i,
                              int end) {
  bool used = false;
  int last = 0;
  auto const row = problem.graph.outgoing(i);
  for (int k = 0; k < row.size(); ++k) {
    Dependence const d = row[k];
    if (!problem.uses(d)) continue;
    int const use = start_steps[at(d.operation)] + problem.shift(d);
    last = used ? std::max(last, use) : use;
    used = true;
  }
  int const produced = start_steps[at(i)] + std::max(problem.graph.latency(i), 1) - 1;
  if (!used) last = problem.hold_outputs ? end : produced;
  return {produced, last};
}

}  // namespace detail

/// Units in use: a row a class, a column a step or slot.
template <Graph G>
DiscreteProfile usage_profile(Problem<G> const& problem, std::span<int const> start_steps) {
  using detail::at;
  detail::BoxSum sum(problem.graph.num_resources(), detail::span_slots(problem, start_steps),
                     problem.initiation_interval);
  for (int i = 0; i < problem.graph.num_operations(); ++i) {
    auto const demands = problem.graph.demands(i);
    int const first = problem.pipelined() ? start_steps[at(i)] : std::max(0, start_steps[at(i)]);
    for (int k = 0; k < demands.size(); ++k)
      sum.add(Demand(demands[k]).resource, first, start_steps[at(i)] + problem.graph.occupancy(i),
              Demand(demands[k]).units);
  }
  return sum.finish();
}

/// Live size: one row, a column a step or slot.
template <Graph G>
DiscreteProfile live_profile(Problem<G> const& problem, std::span<int const> start_steps) {
  int const slots = detail::span_slots(problem, start_steps);
  detail::BoxSum sum(1, slots, problem.initiation_interval);
  for (int i = 0; i < problem.graph.num_operations(); ++i) {
    auto const [first, last] = detail::live_span(problem, start_steps, i, problem.steps);
    sum.add(0, problem.pipelined() ? first : std::max(0, first), last, problem.graph.size(i));
  }
  return sum.finish();
}

/// Sum over values of size * steps live.
template <Graph G>
double total_lifetime(Problem<G> const& problem, std::span<int const> start_steps) {
  double total = 0;
  for (int i = 0; i < problem.graph.num_operations(); ++i) {
    auto const [first, last] = detail::live_span(problem, start_steps, i, problem.steps);
    if (last > first) total += problem.graph.size(i) * (last - first);
  }
  return total;
}

/// Sum over dependences of weight * boundaries crossed.
template <Graph G>
double communication(Problem<G> const& problem, std::span<int const> start_steps) {
  using detail::at;
  double total = 0;
  for (int i = 0; i < problem.graph.num_operations(); ++i) {
    auto const row = problem.graph.outgoing(i);
    for (int k = 0; k < row.size(); ++k) {
      Dependence const d = row[k];
      if (problem.binds(d))
        total += d.weight * (start_steps[at(d.operation)] + problem.shift(d) - start_steps[at(i)]);
    }
  }
  return total;
}

/// Steps until everything has finished.
template <Graph G>
int makespan(Problem<G> const& problem, std::span<int const> start_steps) {
  int last = 0;
  for (int i = 0; i < problem.graph.num_operations(); ++i)
    last = std::max(last, start_steps[detail::at(i)] +
                              std::max(problem.graph.latency(i), problem.graph.occupancy(i)));
  return last;
}

/// All shipped costs at once.
template <Graph G>
Costs exact_costs(Problem<G> const& problem, std::span<int const> start_steps) {
  Costs costs;
  auto const usage = usage_profile(problem, start_steps);
  for (int r = 0; r < usage.rows; ++r) costs.usage_of.push_back(usage.peak(r));
  for (double const u : costs.usage_of) costs.usage = std::max(costs.usage, u);
  costs.memory = live_profile(problem, start_steps).peak(0);
  costs.lifetime = total_lifetime(problem, start_steps);
  costs.communication = communication(problem, start_steps);
  costs.makespan = makespan(problem, start_steps);
  return costs;
}

}  // namespace gaus

#endif

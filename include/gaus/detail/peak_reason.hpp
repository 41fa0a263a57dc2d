// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_DETAIL_PEAK_REASON_HPP
#define GAUS_DETAIL_PEAK_REASON_HPP

#include <gaus/graph/step_bounds.hpp>
#include <gaus/problem.hpp>
#include <gaus/schedule/cost.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

// Why a peak is as high as it is: where it is reached, who is there, and what of it no schedule
// moves away (schedule/explain.hpp).
namespace gaus {

/// Steps (slots, boundaries) first..last, both included.
struct StepRange {
  int first = 0;
  int last = 0;
};

/// What an operation takes, or a value occupies, at one step.
struct PeakShare {
  int operation = 0;
  double amount = 0;
  double fixed = 0;  ///< of it in every schedule
};

/// Why a peak of units in use or of live size is what it is.
struct PeakReason {
  int resource = -1;      ///< the class; -1: live size
  std::vector<int> also;  ///< further classes of the same peak, where the largest counts
  double weight = 0;
  double peak = 0;
  std::vector<StepRange> where;   ///< the peak is reached there
  int steps_at_peak = 0;          ///< in all
  int slots = 0;                  ///< of how many steps, slots or boundaries
  int step = 0;                   ///< of these the one where most is fixed, the first of equal ones
  std::vector<PeakShare> shares;  ///< who is there, largest first
  double fixed = 0;               ///< sum of the shares' fixed
  double total = 0;               ///< units times steps in use, size times boundaries live
  double average = 0;             ///< total / slots: usage no schedule is below it
  double least = 0;               ///< no schedule has a lower peak
  std::optional<double> limit{};  ///< of the class
};

namespace detail {

/// How often a box of steps first .. last - 1 covers a slot.
inline int times_at(int first, int last, int slot, int interval) {
  if (interval == 0) return first <= slot && slot < last ? 1 : 0;
  auto const floor_div = [&](long long x) {
    return x >= 0 ? x / interval : -((-x + interval - 1) / interval);
  };
  auto const before = [&](long long t) { return floor_div(t - 1 - slot); };
  return last > first ? static_cast<int>(before(last) - before(first)) : 0;
}

/// A box of a profile as it is, and the part that it has in every schedule (empty: last <= first).
struct SharedBox {
  int operation;
  double height;
  int first, last;
  int fixed_first, fixed_last;
};

/// each(visit): calls visit(SharedBox) for every box of the curve.
template <Graph H, class Each>
PeakReason peak_reason(Problem<H> const& problem, std::span<int const> start, Each const& each) {
  PeakReason reason;
  int const slots = span_slots(problem, start);
  int const interval = problem.initiation_interval;
  BoxSum sum(1, slots, interval);
  BoxSum fixed_sum(1, slots, interval);
  each([&](SharedBox const& box) {
    sum.add(0, box.first, box.last, box.height);
    fixed_sum.add(0, box.fixed_first, box.fixed_last, box.height);
    reason.total += box.height * std::max(0, box.last - box.first);
  });
  auto const profile = sum.finish();
  auto const fixed = fixed_sum.finish();
  reason.slots = slots;
  reason.peak = profile.peak(0);
  reason.average = reason.total / std::max(1, slots);
  reason.least = std::max(reason.average, fixed.peak(0));
  // Sums of fractions reach the same height by different roundings.
  double const high = reason.peak - 1e-12 * reason.peak;
  bool found = false;
  for (int t = 0; t < slots && reason.peak > 0; ++t) {
    if (profile(0, t) < high) continue;
    ++reason.steps_at_peak;
    if (!reason.where.empty() && reason.where.back().last == t - 1)
      reason.where.back().last = t;
    else
      reason.where.push_back({t, t});
    if (!found || fixed(0, t) > fixed(0, reason.step)) reason.step = t;
    found = true;
  }
  if (!found) return reason;
  each([&](SharedBox const& box) {
    int const times = times_at(box.first, box.last, reason.step, interval);
    if (times == 0 || box.height == 0) return;
    double const own =
        box.height * times_at(box.fixed_first, box.fixed_last, reason.step, interval);
    reason.shares.push_back({box.operation, box.height * times, own});
    reason.fixed += own;
  });
  std::stable_sort(reason.shares.begin(), reason.shares.end(),
                   [](auto const& a, auto const& b) { return a.amount > b.amount; });
  return reason;
}

template <Graph H>
PeakReason usage_reason(Problem<H> const& problem, std::span<int const> start,
                        StepBounds const& bounds, int resource,
                        std::vector<std::optional<double>> const& limits) {
  auto const& graph = problem.graph;
  auto reason = peak_reason(problem, start, [&](auto const& visit) {
    for (int i = 0; i < graph.num_operations(); ++i) {
      auto const demands = graph.demands(i);
      int const busy = graph.occupancy(i);
      double units = 0;
      for (int k = 0; k < demands.size(); ++k)
        if (Demand const d = demands[k]; d.resource == resource) units += d.units;
      if (units > 0)
        visit(SharedBox{i, units, start[at(i)], start[at(i)] + busy, bounds.latest[at(i)],
                        bounds.earliest[at(i)] + busy});
    }
  });
  reason.resource = resource;
  if (!limits.empty()) reason.limit = limits[at(resource)];
  return reason;
}

template <Graph H>
PeakReason memory_reason(Problem<H> const& problem, std::span<int const> start,
                         StepBounds const& bounds) {
  auto const& graph = problem.graph;
  auto reason = peak_reason(problem, start, [&](auto const& visit) {
    for (int i = 0; i < graph.num_operations(); ++i) {
      auto const [first, last] = live_span(problem, start, i, problem.steps);
      if (last <= first) continue;
      int const fixed_first = bounds.latest[at(i)] + std::max<int>(graph.latency(i), 1) - 1;
      // The last use of the earliest starts: hold_outputs where there is none.
      int const fixed_last = live_span(problem, bounds.earliest, i, problem.steps).second;
      visit(SharedBox{i, graph.size(i), first, last, fixed_first, fixed_last});
    }
  });
  reason.average = reason.total / std::max(1, reason.slots);
  reason.least = reason.fixed;  // the average is that of this schedule alone
  return reason;
}

}  // namespace detail

}  // namespace gaus

#endif

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_CONSTRAINT_RESOURCE_LIMIT_HPP
#define GAUS_CONSTRAINT_RESOURCE_LIMIT_HPP

#include <gaus/constraint.hpp>
#include <gaus/error.hpp>
#include <gaus/graph/builder.hpp>
#include <gaus/problem.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

// Resource limits, the exact side: U_r(t) <= limit_r in every step, or in every slot t mod II of a
// pipelined schedule. An operation is busy for its occupancy, whatever its latency is.
namespace gaus {

namespace detail {

/// Units of one class over time, as changes at steps. Holds for any start steps: before step 0 and
/// beyond the last step too, since what is judged need not be legal.
class UnitsInUse {
 public:
  explicit UnitsInUse(int interval) : interval_(interval) {}

  void add(long long first, long long last, double units) {
    if (last <= first) return;
    if (interval_ > 0) {
      base_ += units * static_cast<double>((last - first) / interval_);
      long long const rest = (last - first) % interval_;
      if (rest == 0) return;
      first = ((first % interval_) + interval_) % interval_;
      last = first + rest;
      if (last > interval_) {
        changes_.emplace_back(0, units);
        last -= interval_;
      }
    }
    changes_.emplace_back(first, units);
    if (interval_ == 0 || last < interval_) changes_.emplace_back(last, -units);
  }

  /// A stretch of steps in which more units are in use than there are.
  struct Excess {
    long long first;
    long long last;   ///< first step after it
    long long worst;  ///< first step with the most units
    double units;     ///< in use there
  };

  /// All stretches, in order. Sums of fractions may pass the limit by rounding.
  std::vector<Excess> above(double limit) {
    double const tolerance = 1e-9 * std::max(1.0, limit);
    if (interval_ > 0) {  // slots 0 .. II - 1, even where nothing changes
      changes_.emplace_back(0, 0.0);
      changes_.emplace_back(interval_, 0.0);
    }
    std::stable_sort(changes_.begin(), changes_.end(),
                     [](auto const& a, auto const& b) { return a.first < b.first; });
    std::vector<Excess> all;
    double units = base_;
    for (std::size_t k = 0; k < changes_.size();) {
      long long const step = changes_[k].first;
      for (; k < changes_.size() && changes_[k].first == step; ++k) units += changes_[k].second;
      if (k == changes_.size() || units <= limit + tolerance) continue;
      long long const end = changes_[k].first;
      if (all.empty() || all.back().last != step) all.push_back({step, end, step, units});
      auto& own = all.back();
      own.last = end;
      if (units <= own.units + tolerance) continue;
      own.worst = step;
      own.units = units;
    }
    return all;
  }

 private:
  int interval_;
  double base_ = 0;  ///< of boxes that cover every slot
  std::vector<std::pair<long long, double>> changes_;
};

/// Whether a box [first, last) covers a step, or a slot of an interval.
inline bool covers(long long first, long long last, long long step, int interval) {
  if (interval == 0) return first <= step && step < last;
  long long const ahead = (((step - first) % interval) + interval) % interval;
  return first + ahead < last;
}

}  // namespace detail

/// Where a schedule takes more units of a class than there are: one violation a stretch of steps or
/// slots, with the most units in use, the step, and the operations that are busy there. limits: one
/// a class, none for unlimited. names: the description that the graph was built from, or null. A
/// wrong number of start steps is itself a violation. O(D log D) for D demands, and V for each
/// violation. Throws InvalidInput for another number of limits.
template <Graph G>
std::vector<Violation> resource_violations(Problem<G> const& problem,
                                           std::span<int const> start_steps,
                                           std::vector<std::optional<double>> const& limits,
                                           GraphDescription const* names = nullptr) {
  using detail::at;
  auto const& graph = problem.graph;
  constexpr char const* name = "resource_limit";
  int const n = graph.num_operations();
  int const classes = graph.num_resources();
  int const interval = problem.initiation_interval;
  if (limits.size() != at(classes))
    throw InvalidInput(std::to_string(limits.size()) +
                       " resource limits are given, the graph has " + std::to_string(classes) +
                       " resource classes");
  if (static_cast<long long>(start_steps.size()) != n)
    return {{name,
             "the schedule has " + std::to_string(start_steps.size()) +
                 " start steps, the graph has " + std::to_string(n) + " operations",
             1.0}};
  std::vector<detail::UnitsInUse> use(at(classes), detail::UnitsInUse(interval));
  auto const each_demand = [&](auto&& visit) {
    for (int i = 0; i < n; ++i) {
      auto const row = graph.demands(i);
      long long const start = start_steps[at(i)];
      for (int k = 0; k < row.size(); ++k)
        visit(i, Demand(row[k]), start, start + graph.occupancy(i));
    }
  };
  each_demand([&](int, Demand const& d, long long first, long long last) {
    if (limits[at(d.resource)]) use[at(d.resource)].add(first, last, d.units);
  });
  std::vector<Violation> all;
  for (int r = 0; r < classes; ++r) {
    if (!limits[at(r)]) continue;
    double const limit = *limits[at(r)];
    for (auto const& excess : use[at(r)].above(limit)) {
      std::string const what = interval > 0 ? "slot" : "step";
      std::string text = "resource " + detail::call_class(names, r) + ": " +
                         detail::units_text(excess.units) + " in use at " + what + " " +
                         std::to_string(excess.worst) + ", limit " + detail::text_of(limit);
      if (excess.last > excess.first + 1)
        text += " (passed at " + what + "s " + std::to_string(excess.first) + ".." +
                std::to_string(excess.last - 1) + ")";
      constexpr int most = 8;
      int shown = 0;
      each_demand([&](int i, Demand const& d, long long first, long long last) {
        if (d.resource != r || d.units <= 0 || !detail::covers(first, last, excess.worst, interval))
          return;
        if (shown < most)
          text += (shown == 0 ? "; busy: " : ", ") + detail::call_operation(names, i);
        if (shown++ == most) text += ", ...";
      });
      all.push_back({name, std::move(text), excess.units - limit});
    }
  }
  return all;
}

}  // namespace gaus

#endif

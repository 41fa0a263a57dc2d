// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_SCHEDULE_BOUNDS_HPP
#define GAUS_SCHEDULE_BOUNDS_HPP

#include <gaus/detail/anchored_bound.hpp>
#include <gaus/detail/function_ref.hpp>
#include <gaus/detail/price_bound.hpp>
#include <gaus/problem.hpp>
#include <gaus/schedule/cost.hpp>
#include <gaus/schedule/min_lifetime.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

// Lower bounds: what no schedule can undercut, so that an answer can carry its gap.
//
// - usage: work that must be done within an interval of steps, over its length; operations without
//   slack are the intervals of one step
// - memory: values live across a boundary whatever the schedule; the operands of one operation;
//   the least total lifetime over the number of boundaries
// - lifetime, communication, makespan: their exact minimum, jointly (schedule/min_lifetime.hpp)
// - weighted sums: the sum of these, and a Lagrangian bound with prices on the peaks
//   (detail/price_bound.hpp), by far the best where peaks and linear costs pull against each other
namespace gaus {

/// Peak units of one class: O(V + E + min(D, 2048)^2) for unit occupancies. Plain schedules bound
/// each interval of steps, pipelined ones the average.
template <Graph H>
double peak_usage_bound(Problem<H> const& problem, StepBounds const& bounds, int resource) {
  using detail::at;
  struct Piece {  // one step of one operation's occupancy, and the window it falls into
    int first, last;
    double units;
  };
  auto const& graph = problem.graph;
  std::vector<Piece> pieces;
  double work = 0;
  bool integral = true;
  std::int64_t longest = std::int64_t{1} << 26;  // occupancies beyond memory are left out: valid
  for (int i = 0; i < graph.num_operations(); ++i) {
    auto const demands = graph.demands(i);
    for (int k = 0; k < demands.size(); ++k) {
      Demand const d = demands[k];
      if (d.resource != resource) continue;
      int const busy = graph.occupancy(i);
      work += d.units * busy;
      integral = integral && d.units == std::floor(d.units);
      if ((longest -= busy) < 0) continue;
      for (int j = 0; j < busy && !problem.pipelined(); ++j)
        pieces.push_back({bounds.earliest[at(i)] + j, bounds.latest[at(i)] + j, d.units});
    }
  }
  double best = work / std::max(1, problem.slots());
  // Intervals between grid lines; every step where there are few.
  int const steps = problem.steps;
  int const lines = std::min(steps, 2048);
  auto const line = [&](int k) {
    return static_cast<int>(std::int64_t{k} * steps / std::max(1, lines));
  };
  std::vector<std::vector<std::pair<int, double>>> by_first(at(lines));
  for (Piece const& p : pieces) {
    int const a = static_cast<int>((std::int64_t{p.first} * lines) / std::max(1, steps));
    // The line before the window begins, the first line after it ends.
    int first = std::clamp(a, 0, lines - 1);
    while (line(first) > p.first) --first;
    int until = std::clamp(static_cast<int>((std::int64_t{p.last} * lines) / std::max(1, steps)), 0,
                           lines - 1);
    while (until < lines && line(until) <= p.last) ++until;
    by_first[at(first)].push_back({until, p.units});
  }
  std::vector<double> ending(at(lines) + 1, 0.0);
  for (int a = lines - 1; a >= 0 && !pieces.empty(); --a) {
    for (auto const& [until, units] : by_first[at(a)]) ending[at(until)] += units;
    double inside = 0;
    for (int b = a + 1; b <= lines; ++b) {
      inside += ending[at(b)];
      int const length = (b == lines ? steps : line(b)) - line(a);
      best = std::max(best, inside / std::max(1, length));
    }
  }
  return integral ? std::ceil(best - 1e-9) : best * (1 - 1e-12);
}

/// Peak live size, given the least total lifetime. O(V + E + D).
template <Graph H>
double peak_memory_bound(Problem<H> const& problem, StepBounds const& bounds,
                         double least_lifetime) {
  using detail::at;
  auto const& graph = problem.graph;
  detail::BoxSum forced(1, problem.slots(), problem.initiation_interval);
  double operands = 0;
  bool integral = true;
  std::vector<double> needed(bounds.earliest.size(), 0.0);
  std::vector<int> counted(bounds.earliest.size(), -1);  // the last value that an operation needs
  for (int i = 0; i < graph.num_operations(); ++i) {
    double const size = graph.size(i);
    integral = integral && size == std::floor(size);
    int const made = std::max(graph.latency(i), 1) - 1;
    int last_use = problem.hold_outputs ? problem.steps : 0;
    auto const row = graph.outgoing(i);
    bool used = false;
    for (int k = 0; k < row.size(); ++k) {
      Dependence const d = row[k];
      if (!problem.uses(d)) continue;
      int const use = bounds.earliest[at(d.operation)] + problem.shift(d);
      last_use = used ? std::max(last_use, use) : use;
      used = true;
      // Live at the boundary before its consumer starts; several dependences are one need.
      if (d.distance != 0 || graph.latency(i) + d.delay <= made || counted[at(d.operation)] == i)
        continue;
      counted[at(d.operation)] = i;
      needed[at(d.operation)] += size;
    }
    int const first = bounds.latest[at(i)] + made;
    if ((used || problem.hold_outputs) && first < last_use) forced.add(0, first, last_use, size);
  }
  for (double const n : needed) operands = std::max(operands, n);
  double const best =
      std::max({operands, forced.finish().peak(0), least_lifetime / std::max(1, problem.slots())});
  // least_lifetime may have been divided by a weight: what that rounds grows with the value.
  return integral ? std::ceil(best - 1e-9 * std::max(1.0, best)) : best * (1 - 1e-12);
}

/// The best known lower bound of a weighted sum of shipped costs, and how to better it. Pipelines:
/// whether to compile what makes it strong for pipelined problems; it holds for them either way.
template <Graph H, bool Pipelines = true>
class LowerBound {
 public:
  /// Whether a weighted sum has such a bound: shipped costs alone, none with a negative weight.
  [[nodiscard]] static bool applies(CostModel const& model) {
    bool all = model.complete && model.usage >= 0 && model.memory >= 0 && model.lifetime >= 0 &&
               model.communication >= 0 && model.makespan >= 0;
    for (auto const& [r, w] : model.usage_of) all = all && w >= 0;
    return all;
  }

  /// References are kept. model must be complete, with weights >= 0. limits: one a class, none for
  /// unlimited; empty: no limits.
  LowerBound(Problem<H> const& problem, DifferenceSystem const& system, StepBounds const& bounds,
             CostModel const& model, std::vector<std::optional<double>> limits = {})
      : problem_(problem),
        system_(system),
        bounds_(bounds),
        model_(model),
        limits_(std::move(limits)) {
    integral_ = all_integral();
  }

  /// The bounds term by term. keep_going() false: those at hand. Returns the schedule of least
  /// linear costs, a good start; empty when there are no operations.
  LinearOptimum begin(detail::KeepGoing keep_going) {
    LinearOptimum linear;
    double value = 0;
    LinearWeights weights{model_.lifetime, model_.communication, model_.makespan};
    if (weights.lifetime + weights.communication + weights.makespan > 0) {
      linear = min_lifetime(problem_, system_, bounds_, weights, keep_going);
      value += linear.bound;
    }
    if (model_.usage > 0) {
      double top = 0;
      for (int r = 0; r < problem_.graph.num_resources(); ++r)
        top = std::max(top, peak_usage_bound(problem_, bounds_, r));
      value += model_.usage * top;
    }
    for (auto const& [r, weight] : model_.usage_of)
      value += weight * peak_usage_bound(problem_, bounds_, r);
    if (model_.memory > 0) {
      LinearOptimum lives;
      bool const same = weights.lifetime > 0 && weights.communication + weights.makespan == 0;
      lives = same ? linear : min_lifetime(problem_, system_, bounds_, LinearWeights{}, keep_going);
      double const least = same ? lives.bound / weights.lifetime : lives.bound;
      value += model_.memory * peak_memory_bound(problem_, bounds_, least);
      if (linear.start.empty()) linear = lives;
    }
    raise_to(value);
    return linear;
  }

  /// One step of the Lagrangian bound. start: a good schedule, which gives the first prices; value:
  /// the best one known. False when nothing more is to be had.
  bool improve(std::span<int const> start, double value, detail::KeepGoing keep_going) {
    bool const peaks = model_.usage > 0 || !model_.usage_of.empty() || model_.memory > 0 ||
                       std::any_of(limits_.begin(), limits_.end(),
                                   [](auto const& limit) { return limit.has_value(); });
    if (!peaks || tight(value)) return false;
    if constexpr (Pipelines) {
      // The sizes differ with the anchor, which looks to that itself.
      if (!prices_ && !anchored_ && detail::AnchoredBound<H>::applies(problem_, model_))
        anchored_ = std::make_unique<detail::AnchoredBound<H>>(problem_, system_, bounds_, model_,
                                                               limits_, start);
      if (anchored_) return step(*anchored_, value, keep_going);
    }
    if (!prices_) {
      if (!detail::PriceBound<H>::worthwhile(problem_, system_, bounds_, model_)) return false;
      prices_ =
          std::make_unique<detail::PriceBound<H>>(problem_, system_, bounds_, model_, limits_);
      prices_->set_prices(start);
    }
    return step(*prices_, value, keep_going);
  }

  /// No schedule has a smaller value.
  [[nodiscard]] double value() const { return value_; }
  /// Whether a schedule of this value is proven to be optimal.
  [[nodiscard]] bool tight(double value) const { return tight(value, value_); }
  /// The same for a bound that is known elsewhere. More than the bound was lowered by for rounding:
  /// else it would be up to rounding whether an optimum is recognised.
  [[nodiscard]] static bool tight(double value, double bound) {
    return value <= bound + 3e-9 * std::max(1.0, std::abs(bound));
  }
  /// The schedule of the last step's prices: legal, and often a good start.
  [[nodiscard]] std::vector<int> const& minimiser() const {
    if constexpr (Pipelines)
      if (anchored_) return anchored_->minimiser();
    return prices_->minimiser();
  }

 private:
  struct Nothing {};

  bool step(auto& own, double value, detail::KeepGoing keep_going) {
    bool const more = own.step(value, keep_going);
    raise_to(own.bound());
    return more && !tight(value);
  }
  void raise_to(double bound) {
    if (!std::isfinite(bound)) return;
    double const slack = 1e-9 * std::max(1.0, std::abs(bound));
    double const least = integral_ ? std::ceil(bound - std::max(slack, 1e-6)) : bound - slack;
    value_ = std::max(value_, least + 0.0);  // no minus zero
  }
  /// Whether every schedule has an integral value.
  [[nodiscard]] bool all_integral() const {
    auto const whole = [](double x) { return x == std::floor(x) && std::abs(x) < 1e12; };
    bool all = whole(model_.usage) && whole(model_.memory) && whole(model_.lifetime) &&
               whole(model_.communication) && whole(model_.makespan);
    for (auto const& [r, w] : model_.usage_of) all = all && whole(w);
    auto const& graph = problem_.graph;
    for (int i = 0; all && i < graph.num_operations(); ++i) {
      all = whole(graph.size(i));
      auto const demands = graph.demands(i);
      for (int k = 0; k < demands.size(); ++k) all = all && whole(Demand(demands[k]).units);
      auto const row = graph.outgoing(i);
      for (int k = 0; k < row.size(); ++k) all = all && whole(Dependence(row[k]).weight);
    }
    return all;
  }

  Problem<H> const& problem_;
  DifferenceSystem const& system_;
  StepBounds const& bounds_;
  CostModel model_;
  std::vector<std::optional<double>> limits_;
  bool integral_ = false;
  double value_ = -std::numeric_limits<double>::infinity();
  std::unique_ptr<detail::PriceBound<H>> prices_;  ///< of plain problems
  std::unique_ptr<std::conditional_t<Pipelines, detail::AnchoredBound<H>, Nothing>>
      anchored_;  ///< of pipelined ones
};

}  // namespace gaus

#endif

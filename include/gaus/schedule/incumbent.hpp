// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_SCHEDULE_INCUMBENT_HPP
#define GAUS_SCHEDULE_INCUMBENT_HPP

#include <gaus/constraint.hpp>
#include <gaus/objective.hpp>
#include <gaus/objective/weighted_sum.hpp>
#include <gaus/optimizer/observer.hpp>
#include <gaus/schedule/cost.hpp>

#include <cmath>
#include <limits>
#include <span>
#include <utility>
#include <vector>

namespace gaus::detail {

/// The best schedule so far by the exact objective, with the history of improvements. Schedules that
/// violate a constraint which the legaliser does not know rank after all that violate none, and
/// among each other by how much they violate.
template <Graph H, class ObjectivePolicy, class ConstraintList>
class Incumbent {
 public:
  Incumbent(Problem<H> const& problem, ObjectivePolicy const& objective,
            ConstraintList const& constraints, StopCondition const& clock)
      : problem_(problem), objective_(objective), constraints_(constraints), clock_(clock) {
    describe(objective, model_, 1.0);
  }

  /// Exact value of a schedule; only the shipped costs that the objective holds are computed.
  [[nodiscard]] double value_of(std::span<int const> start) const {
    if (!model_.complete) return objective_.exact(problem_, start);
    double value = 0;
    if (model_.usage != 0 || !model_.usage_of.empty()) {
      auto const usage = usage_profile(problem_, start);
      double top = 0;
      for (int r = 0; r < usage.rows; ++r) top = std::max(top, usage.peak(r));
      value += model_.usage * top;
      for (auto const& [r, weight] : model_.usage_of) value += weight * usage.peak(r);
    }
    if (model_.memory != 0) value += model_.memory * live_profile(problem_, start).peak(0);
    if (model_.lifetime != 0) value += model_.lifetime * total_lifetime(problem_, start);
    if (model_.communication != 0) value += model_.communication * communication(problem_, start);
    if (model_.makespan != 0) value += model_.makespan * makespan(problem_, start);
    return value;
  }

  /// Sum of the excesses over constraints beside the dependences.
  [[nodiscard]] double excess_of(std::span<int const> start) const {
    double total = 0;
    constraints_.for_each([&](auto const& policy) {
      for (auto const& v : policy.violations(problem_, start)) total += v.excess;
    });
    return total;
  }

  /// Takes a legal schedule if it is better; returns its value.
  double offer(std::vector<int> const& start, int iteration) {
    double const value = value_of(start);
    double const excess = excess_of(start);
    bool const better = value < value_ || (std::isnan(value_) && !std::isnan(value));
    if (trace_.empty() || excess < excess_ || (excess == excess_ && better)) {
      excess_ = excess;
      value_ = value;
      best_ = start;
      iteration_ = iteration;
      trace_.push_back({clock_.seconds(), iteration, value});
    }
    return excess > 0 ? std::numeric_limits<double>::infinity() : value;
  }

  [[nodiscard]] std::vector<int> const& best() const { return best_; }
  [[nodiscard]] double value() const { return value_; }
  [[nodiscard]] bool feasible() const { return excess_ == 0; }
  [[nodiscard]] int iteration() const { return iteration_; }
  [[nodiscard]] CostModel const& model() const { return model_; }
  [[nodiscard]] std::vector<TracePoint> const& trace() const { return trace_; }

 private:
  Problem<H> const& problem_;
  ObjectivePolicy const& objective_;
  ConstraintList const& constraints_;
  StopCondition const& clock_;
  CostModel model_;
  std::vector<int> best_;
  double value_ = std::numeric_limits<double>::infinity();
  double excess_ = std::numeric_limits<double>::infinity();
  int iteration_ = 0;
  std::vector<TracePoint> trace_;
};

}  // namespace gaus::detail

#endif

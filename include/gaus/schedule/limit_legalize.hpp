// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_SCHEDULE_LIMIT_LEGALIZE_HPP
#define GAUS_SCHEDULE_LIMIT_LEGALIZE_HPP

#include <gaus/graph/step_bounds.hpp>
#include <gaus/optimizer/observer.hpp>
#include <gaus/problem.hpp>
#include <gaus/schedule/legalize.hpp>
#include <gaus/schedule/modulo_legalize.hpp>
#include <gaus/schedule/resource_table.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace gaus::detail {

/// Legal schedules near the means of a descent without resource limits.
template <Graph H>
class FreeLegalizer {
 public:
  FreeLegalizer(Problem<H> const&, DifferenceSystem const& system, StepBounds const& bounds,
                std::vector<std::optional<double>> const&, StopCondition const&)
      : system_(system), bounds_(bounds) {}

  [[nodiscard]] static bool limited() { return false; }
  [[nodiscard]] static int failures() { return 0; }
  template <class Real, class Visit>
  void candidates(std::span<Real const> means, Visit&& visit) {
    legal_candidates(system_, bounds_, means, visit);
  }

 private:
  DifferenceSystem const& system_;
  StepBounds const& bounds_;
};

/// Legal schedules near the means of a descent, under resource limits or none, plain or pipelined.
/// The constraints, the bounds and the clock are kept by reference.
template <Graph H>
class LimitLegalizer {
 public:
  /// limits: one a class, none for unlimited; empty: no limits.
  LimitLegalizer(Problem<H> const& problem, DifferenceSystem const& system,
                 StepBounds const& bounds, std::vector<std::optional<double>> const& limits,
                 StopCondition const& clock)
      : system_(system), bounds_(bounds), clock_(clock) {
    if (limits.empty()) return;
    table_.emplace(problem.graph, limits, problem.steps, problem.initiation_interval);
    legalizer_.emplace(problem.graph, system, bounds, *table_, problem.initiation_interval);
  }
  LimitLegalizer(LimitLegalizer const&) = delete;
  LimitLegalizer& operator=(LimitLegalizer const&) = delete;

  [[nodiscard]] bool limited() const { return legalizer_.has_value(); }
  /// Since the last success.
  [[nodiscard]] int failures() const { return failures_; }

  /// Calls visit(start_steps) with schedules that keep the constraints and bounds, and the limits
  /// where the legaliser finds how in time.
  template <class Real, class Visit>
  void candidates(std::span<Real const> means, Visit&& visit) {
    if (!limited()) {
      legal_candidates(system_, bounds_, means, visit);
      return;
    }
    target_.assign(means.begin(), means.end());
    // Where it is hard to place all, most of the time is left to searches that begin at a schedule.
    double const share = turn_ < 3 ? 0.02 : 0.005;
    double const until = clock_.seconds() + share * clock_.limit();
    ModuloLegalizeOptions options{.seed = turn_++};
    if (failures_ > 2) options.attempts = 2;
    bool const legal = legalizer_->run(target_, start_, options, [&] {
      return !clock_.reached() && (clock_.limit() <= 0 || clock_.seconds() < until);
    });
    failures_ = legal ? 0 : failures_ + 1;
    if (!legal) {
      round_means(means, 0.5, bounds_, start_);
      raise(system_, start_);
    }
    visit(start_);
  }

 private:
  DifferenceSystem const& system_;
  StepBounds const& bounds_;
  StopCondition const& clock_;
  std::optional<ResourceTable<H>> table_;
  std::optional<ModuloLegalizer<H>> legalizer_;
  std::vector<double> target_;
  std::vector<int> start_;
  std::uint64_t turn_ = 0;
  int failures_ = 0;
};

}  // namespace gaus::detail

#endif

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_SCHEDULE_RELAXATION_RUN_HPP
#define GAUS_SCHEDULE_RELAXATION_RUN_HPP

#include <gaus/constraint/difference.hpp>
#include <gaus/optimizer/adam.hpp>
#include <gaus/optimizer/augmented_lagrangian.hpp>

#include <Kokkos_Core.hpp>
#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

namespace gaus {

/// How one descent of the relaxation goes. Everything is relative (to mobilities, to the objective's
/// own gradient, to the maximum of a profile), so that one recipe serves 20 operations and millions.
struct Recipe {
  int iterations = 1000;
  double rate_first = 0.02;  ///< Adam step in mobilities, geometric from first to last
  double rate_last = 5e-4;
  double beta2 = 0.95;
  double penalty = 1;           ///< of a step of violation, in units of the objective's gradient
  double penalty_growth = 10;   ///< factor over the run
  int multiplier_updates = 50;  ///< over the run
  SpreadRule spread{};
  double spread_factor_last = 0.1;  ///< annealing of the spreads over the first 60 %
  double smoothing_first = 0.2;     ///< of maxima, geometric from first to last
  double smoothing_last = 0.01;
  Residual residual = Residual::mean;
};

namespace detail {

/// Operations that may move.
template <class G>
struct MobileCount {
  Problem<G> problem;
  KOKKOS_FUNCTION void operator()(int i, int& sum) const {
    if (problem.earliest(i) < problem.latest(i)) ++sum;
  }
};

}  // namespace detail

/// The device side of a solve: buffers, and one descent at a time.
template <class ExecutionSpace, class G, class Real, class ObjectivePolicy, class... Policies>
class RelaxationRun {
 public:
  using MemorySpace = typename G::memory_space;

  RelaxationRun(ExecutionSpace const& exec, Problem<G> const& problem,
                ObjectivePolicy const& objective, Constraints<Policies...> const& constraints)
      : exec_(exec),
        problem_(problem),
        objective_(objective),
        lagrangian_(problem, std::apply(
                                 [](auto const&... policy) {
                                   return Constraints<Precedence, Policies...>(Precedence{},
                                                                               policy...);
                                 },
                                 constraints.policies)),
        result_(make_evaluation<Real>(problem.graph.num_operations(), workspace_)),
        adam_(make_adam_state<Real, MemorySpace>(problem.graph.num_operations())) {
    auto const n = static_cast<std::size_t>(problem.graph.num_operations());
    starts_ = {Kokkos::View<Real*, MemorySpace>("gaus::start_steps::mean", n),
               Kokkos::View<Real*, MemorySpace>("gaus::start_steps::spread", n)};
    host_mean_ = Kokkos::create_mirror_view(starts_.mean);
    Kokkos::parallel_reduce("gaus::solve::mobile", operations(), detail::MobileCount<G>{problem},
                            mobile_);
  }
  RelaxationRun(RelaxationRun const&) = delete;
  RelaxationRun& operator=(RelaxationRun const&) = delete;

  /// Begins a descent at the given means. Waits once, to measure the objective's gradient.
  void begin(Recipe const& recipe, std::vector<double> const& means) {
    recipe_ = recipe;
    iteration_ = 0;
    for (std::size_t i = 0; i < means.size(); ++i) host_mean_(i) = static_cast<Real>(means[i]);
    Kokkos::deep_copy(exec_, starts_.mean, host_mean_);
    Kokkos::deep_copy(exec_, adam_.first, Real(0));
    Kokkos::deep_copy(exec_, adam_.second, Real(0));
    Kokkos::deep_copy(exec_, result_.d_mean, Real(0));
    Kokkos::deep_copy(exec_, result_.d_spread, Real(0));
    lagrangian_.reset(exec_);
    adam_.steps = 0;
    scale_ = 1;
    set_schedule();
    Adam still;
    still.rate = 0;  // sets the spreads and nothing else
    adam_step(exec_, still, problem_, starts_, result_, adam_, spread_);
    adam_.steps = 0;
    workspace_.rewind();
    objective_.evaluate(exec_, problem_, starts_, result_);
    // Summed on the host, in one order: the scale must not depend on the number of threads.
    exec_.fence("gaus::solve: the penalty is measured against the gradient");
    auto const gradient = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace{}, result_.d_mean);
    double norm = 0;
    for (std::size_t i = 0; i < gradient.extent(0); ++i) norm += std::abs(double(gradient(i)));
    if (mobile_ > 0 && norm > 0 && std::isfinite(norm)) scale_ = norm / mobile_;
    Kokkos::deep_copy(exec_, result_.d_mean, Real(0));
    Kokkos::deep_copy(exec_, result_.d_spread, Real(0));
    Kokkos::deep_copy(exec_, adam_.first, Real(0));
    Kokkos::deep_copy(exec_, adam_.second, Real(0));
  }

  /// One iteration: gradient of constraints and objective, one Adam step. Nothing waits.
  void step() {
    set_schedule();
    int const every = std::max(1, recipe_.iterations / std::max(1, recipe_.multiplier_updates));
    double const rho = rho_ * scale_;
    if (iteration_ > 0 && iteration_ % every == 0)
      lagrangian_.update(exec_, problem_, starts_, rho);
    workspace_.rewind();
    objective_.evaluate(exec_, problem_, starts_, result_);
    lagrangian_.add_gradient(exec_, problem_, starts_, rho, result_);
    adam_step(exec_, settings_, problem_, starts_, result_, adam_, spread_, scale_);
    ++iteration_;
  }

  [[nodiscard]] bool done() const { return iteration_ >= recipe_.iterations; }
  /// Changes the length of the descent under way.
  void shorten(int iterations) { recipe_.iterations = std::min(recipe_.iterations, iterations); }
  [[nodiscard]] int iteration() const { return iteration_; }
  [[nodiscard]] double gradient_scale() const { return scale_; }

  /// The means at present, on the host. Waits.
  std::span<Real const> means() {
    Kokkos::deep_copy(exec_, host_mean_, starts_.mean);
    exec_.fence("gaus::solve: the legaliser reads the means");
    return {host_mean_.data(), host_mean_.extent(0)};
  }

  [[nodiscard]] Workspace<MemorySpace> const& workspace() const { return workspace_; }

 private:
  [[nodiscard]] Kokkos::RangePolicy<ExecutionSpace> operations() const {
    return Kokkos::RangePolicy<ExecutionSpace>(exec_, 0, problem_.graph.num_operations());
  }
  /// Everything that follows the iteration: geometric between first and last.
  void set_schedule() {
    double const x = static_cast<double>(iteration_) / std::max(1, recipe_.iterations);
    auto const between = [](double a, double b, double y) { return a * std::pow(b / a, y); };
    settings_.rate = between(recipe_.rate_first, recipe_.rate_last, x);
    settings_.beta2 = recipe_.beta2;
    rho_ = recipe_.penalty * std::pow(recipe_.penalty_growth, x);
    problem_.smoothing = between(recipe_.smoothing_first, recipe_.smoothing_last, x);
    spread_ = recipe_.spread;
    spread_.factor = between(1.0, recipe_.spread_factor_last, std::min(1.0, x / 0.6));
  }

  ExecutionSpace exec_;
  Problem<G> problem_;
  ObjectivePolicy objective_;
  Workspace<MemorySpace> workspace_;
  AugmentedLagrangian<Real, MemorySpace, Precedence, Policies...> lagrangian_;
  Evaluation<Real, MemorySpace> result_;
  AdamState<Real, MemorySpace> adam_;
  StartSteps<Real, MemorySpace> starts_;
  typename Kokkos::View<Real*, MemorySpace>::host_mirror_type host_mean_;
  Recipe recipe_;
  Adam settings_;
  SpreadRule spread_;
  int iteration_ = 0;
  double rho_ = 1;
  double scale_ = 1;
  int mobile_ = 0;
};

}  // namespace gaus

#endif

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_SCHEDULE_RELAXATION_RUN_HPP
#define GAUS_SCHEDULE_RELAXATION_RUN_HPP

#include <gaus/constraint/difference.hpp>
#include <gaus/detail/arrays.hpp>
#include <gaus/detail/launch.hpp>
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
  int iterations = 1000;        ///< of Adam
  double rate_first = 0.02;     ///< Adam step in mobilities, geometric from first to last
  double rate_last = 5e-4;      ///< the last one
  double beta2 = 0.95;          ///< of Adam's second moment
  double penalty = 1;           ///< of a step of violation, in units of the objective's gradient
  double penalty_growth = 10;   ///< factor over the run
  int multiplier_updates = 50;  ///< over the run
  SpreadRule spread{};          ///< of the Gaussians, at first
  double spread_factor_last = 0.1;     ///< annealing of the spreads over the first 60 %
  double smoothing_first = 0.2;        ///< of maxima, geometric from first to last
  double smoothing_last = 0.01;        ///< the last one
  Residual residual = Residual::mean;  ///< of the dependences
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

/// The device side of a solve: buffers, and one descent at a time. Over a batch (schedule/batch.hpp)
/// it makes the descents of all copies at once, each bit for bit as it would be alone.
template <class ExecutionSpace, class G, class Real, class ObjectivePolicy, class... Policies>
class RelaxationRun {
 public:
  using MemorySpace = typename G::memory_space;  ///< of the graph

  /// Allocates all buffers; start() begins a descent.
  RelaxationRun(ExecutionSpace const& exec, Problem<G> const& problem,
                ObjectivePolicy const& objective, Constraints<Policies...> const& constraints)
      : exec_(detail::fitting_instance(exec, problem.graph.num_operations())),
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
    starts_ = {detail::zeros<Kokkos::View<Real*, MemorySpace>>("gaus::start_steps::mean", n),
               detail::zeros<Kokkos::View<Real*, MemorySpace>>("gaus::start_steps::spread", n),
               detail::zeros<Kokkos::View<StartWindow<Real>*, MemorySpace>>(
                   "gaus::start_steps::window", n)};
    result_.spreads = false;  // they are prescribed
    host_mean_ = Kokkos::create_mirror_view(starts_.mean);
    Kokkos::parallel_reduce("gaus::solve::mobile", operations(), detail::MobileCount<G>{problem},
                            mobile_);
    mobile_ /= problem.batch;
    scale_.resize(static_cast<std::size_t>(problem.batch));
    if (problem.batch > 1) {
      scales_ =
          detail::zeros<Kokkos::View<double*, MemorySpace>>("gaus::solve::scales", scale_.size());
      host_scales_ = Kokkos::create_mirror_view(scales_);
    }
  }
  RelaxationRun(RelaxationRun const&) = delete;
  RelaxationRun& operator=(RelaxationRun const&) = delete;

  /// Begins a descent at the given means, in a batch those of one copy after the other. Waits once,
  /// to measure the objective's gradient.
  void begin(Recipe const& recipe, std::vector<double> const& means) {
    recipe_ = recipe;
    iteration_ = 0;
    for (std::size_t i = 0; i < means.size(); ++i) host_mean_(i) = static_cast<Real>(means[i]);
    detail::copy_values(exec_, starts_.mean, host_mean_);
    detail::zero_values(exec_, adam_.first);
    detail::zero_values(exec_, adam_.second);
    detail::zero_values(exec_, result_.d_mean);
    lagrangian_.reset(exec_);
    adam_.steps = 0;
    set_schedule();
    Adam still;
    still.rate = 0;  // sets the spreads and nothing else
    adam_step(exec_, still, problem_, starts_, result_, adam_, spread_);
    adam_.steps = 0;
    workspace_.rewind();
    objective_.evaluate(exec_, problem_, starts_, result_);
    measure_scales();
    detail::zero_values(exec_, result_.d_mean);
    detail::zero_values(exec_, adam_.first);
    detail::zero_values(exec_, adam_.second);
  }

  /// One iteration: gradient of constraints and objective, one Adam step. Nothing waits.
  void step() {
    set_schedule();
    int const every = std::max(1, recipe_.iterations / std::max(1, recipe_.multiplier_updates));
    double const scale = problem_.batch > 1 ? 1 : scale_[0];  // a batch has one a copy in scales_
    double const rho = rho_ * scale;
    if (iteration_ > 0 && iteration_ % every == 0)
      lagrangian_.update(exec_, problem_, starts_, rho, scales_);
    workspace_.rewind();
    objective_.evaluate(exec_, problem_, starts_, result_);
    lagrangian_.add_gradient(exec_, problem_, starts_, rho, result_, scales_);
    adam_step(exec_, settings_, problem_, starts_, result_, adam_, spread_, scale, scales_);
    ++iteration_;
  }

  /// Whether the descent has had its iterations.
  [[nodiscard]] bool done() const { return iteration_ >= recipe_.iterations; }
  /// Changes the length of the descent under way.
  void shorten(int iterations) { recipe_.iterations = std::min(recipe_.iterations, iterations); }
  /// Iterations of the descent so far.
  [[nodiscard]] int iteration() const { return iteration_; }
  /// Size of the objective's gradient, which penalties are relative to.
  [[nodiscard]] double gradient_scale(int copy = 0) const {
    return scale_[static_cast<std::size_t>(copy)];
  }
  /// Descents that are made at once.
  [[nodiscard]] int batch() const { return problem_.batch; }

  /// The means at present, on the host, one copy after the other. Waits.
  std::span<Real const> means() {
    detail::copy_values(exec_, host_mean_, starts_.mean);
    exec_.fence("gaus::solve: the legaliser reads the means");
    return {host_mean_.data(), host_mean_.extent(0)};
  }

  /// Its buffers, for those that count bytes.
  [[nodiscard]] Workspace<MemorySpace> const& workspace() const { return workspace_; }

 private:
  [[nodiscard]] Kokkos::RangePolicy<ExecutionSpace> operations() const {
    return Kokkos::RangePolicy<ExecutionSpace>(exec_, 0, problem_.graph.num_operations());
  }
  /// The mean size of the objective's gradient, of each copy. Summed on the host, in one order: it
  /// must not depend on the number of threads.
  void measure_scales() {
    auto const gradient = Kokkos::create_mirror_view(Kokkos::HostSpace{}, result_.d_mean);
    detail::copy_values(exec_, gradient, result_.d_mean);
    exec_.fence("gaus::solve: the penalty is measured against the gradient");
    std::size_t const each = gradient.extent(0) / scale_.size();
    for (std::size_t copy = 0; copy < scale_.size(); ++copy) {
      double norm = 0;
      for (std::size_t i = copy * each; i < (copy + 1) * each; ++i)
        norm += std::abs(double(gradient(i)));
      bool const measured = mobile_ > 0 && norm > 0 && std::isfinite(norm);
      scale_[copy] = measured ? norm / mobile_ : 1;
      if (problem_.batch > 1) host_scales_(copy) = scale_[copy];
    }
    if (problem_.batch > 1) detail::copy_values(exec_, scales_, host_scales_);
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
  std::vector<double> scale_;                  ///< of the gradient, one a copy
  Kokkos::View<double*, MemorySpace> scales_;  ///< the same for kernels, in a batch
  typename Kokkos::View<double*, MemorySpace>::host_mirror_type host_scales_;
  int mobile_ = 0;  ///< operations of a copy
};

}  // namespace gaus

#endif

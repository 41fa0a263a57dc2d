// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/optimizer/augmented_lagrangian.hpp>

#include <gaus/constraint/deadline.hpp>
#include <gaus/constraint/difference.hpp>
#include <support/policies.hpp>
#include <support/spaces.hpp>

namespace {

using namespace gaus_test;

/// A precedence that hides its fused form.
struct Unfused {
  static constexpr char const* name = "unfused";
  gaus::Precedence rule;

  template <class G>
  int size(gaus::Problem<G> const& problem) const {
    return rule.size(problem);
  }
  template <class ExecutionSpace, class G, class Real>
  void violation(ExecutionSpace const& exec, gaus::Problem<G> const& problem,
                 gaus::StartSteps<Real, typename G::memory_space> const& starts,
                 Kokkos::View<Real*, typename G::memory_space> const& residual) const {
    rule.violation(exec, problem, starts, residual);
  }
  template <class ExecutionSpace, class G, class Real>
  void pull_back(ExecutionSpace const& exec, gaus::Problem<G> const& problem,
                 gaus::StartSteps<Real, typename G::memory_space> const& starts,
                 Kokkos::View<Real const*, typename G::memory_space> const& weight,
                 gaus::Evaluation<Real, typename G::memory_space> const& result) const {
    rule.pull_back(exec, problem, starts, weight, result);
  }
  template <class G>
  std::vector<gaus::Violation> violations(gaus::Problem<G> const& problem,
                                          std::span<int const> start_steps) const {
    return rule.violations(problem, start_steps);
  }
};

/// Multipliers after one update at p with rho0, then the gradient at q with rho.
template <class Real = double, class Space, class... Policies>
std::pair<std::vector<std::vector<double>>, Result> run(
    Space const& exec, gaus::Constraints<Policies...> const& constraints, TestProblem const& p,
    double rho0, TestProblem const& q, double rho, bool reset = false) {
  using MemorySpace = typename Space::memory_space;
  auto const problem = make_problem<MemorySpace>(p);
  gaus::AugmentedLagrangian<Real, MemorySpace, Policies...> lagrangian(problem, constraints);
  lagrangian.update(exec, problem, make_starts<Real, MemorySpace>(p), rho0);
  if (reset) lagrangian.reset(exec);
  gaus::Workspace<MemorySpace> workspace;
  auto const result = gaus::make_evaluation<Real, MemorySpace>(p.operations(), workspace);
  lagrangian.add_gradient(exec, problem, make_starts<Real, MemorySpace>(q), rho, result);
  exec.fence("gaus_test: augmented Lagrangian");
  std::vector<std::vector<double>> multipliers;
  for (std::size_t k = 0; k < sizeof...(Policies); ++k)
    multipliers.push_back(to_host(lagrangian.multipliers(k)));
  return {multipliers, to_host_result(result)};
}

TEST_CASE_TEMPLATE("augmented Lagrangian: by hand", Space, GAUS_TEST_SPACES) {
  Space const exec;
  TestProblem p;
  p.steps = 20;
  p.graph.add_operation({.latency = 3});
  p.graph.add_operation({.latency = 2});
  p.graph.add_dependence(0, 1);
  find_bounds(p);
  p.mean = {5, 6};  // the dependence is violated by 2, the deadline 9 of operation 0 by -1
  p.spread = {1, 1};
  auto q = p;
  q.mean = {5, 9};  // slack 1; operation 1 ends at 11, 2 after the deadline
  gaus::Constraints const rules{gaus::Precedence{}, gaus::Deadline{.step = 9}};
  auto const [multipliers, gradient] = run(exec, rules, p, 4, q, 5);
  CHECK(multipliers[0] == std::vector<double>{4 * 2});
  CHECK(multipliers[1] == std::vector<double>{0, 0});
  // max(0, 8 + 5 * -1) = 3 for the dependence; max(0, 5 * -1) and 5 * 2 for the deadlines.
  CHECK(gradient.d_mean == std::vector<double>{3, -3 + 10});
  CHECK(gradient.d_spread == std::vector<double>{0, 0});
  auto const [none, plain] = run(exec, rules, p, 4, q, 5, true);
  CHECK(none[0] == std::vector<double>{0});
  CHECK(plain.d_mean == std::vector<double>{0, 10});
  CHECK(run(exec, gaus::Constraints{}, p, 4, q, 5).second.d_mean == std::vector<double>{0, 0});
}

TEST_CASE_TEMPLATE("augmented Lagrangian: gradient of the penalty", Space, GAUS_TEST_SPACES) {
  Space const exec;
  for (auto const form :
       {gaus::Residual::mean, gaus::Residual::expected, gaus::Residual::probability}) {
    auto const p = random_problem({.interval = 6, .seed = 30});
    auto q = p;
    Random random(4);
    for (Number& x : q.mean) x += random.between(-2, 2);
    gaus::Constraints const rules{gaus::Precedence{form}, gaus::Deadline{.step = p.steps - 6}};
    auto const [multipliers, gradient] = run(exec, rules, p, 0.7, q, 1.3);

    auto const residuals = [form](TestProblem const& at_point) {
      std::vector<Number> g;
      for (auto const& d : at_point.graph.dependences) {
        Number const delta = at_point.graph.operations[at(d.from)].latency + d.delay -
                             d.distance * at_point.interval;
        Number const m = at_point.mean[at(d.from)] + delta - at_point.mean[at(d.to)];
        Number const s = std::hypot(at_point.spread[at(d.from)], at_point.spread[at(d.to)]);
        g.push_back(form == gaus::Residual::mean       ? m
                    : form == gaus::Residual::expected ? m * Phi(m / s) + s * phi(m / s)
                                                       : Phi(m / s));
      }
      for (int i = 0; i < at_point.operations(); ++i)
        g.push_back(at_point.mean[at(i)] + at_point.length(i) - (at_point.steps - 6));
      return g;
    };
    std::vector<Number> lambda;
    for (Number const g : residuals(p)) lambda.push_back(std::max<Number>(0, 0.7L * g));
    // Sums do not depend on how the dependences are numbered.
    double got = 0;
    for (auto const& of_one : multipliers)
      for (double const x : of_one) got += x;
    CHECK(got == doctest::Approx(static_cast<double>(sum(lambda))).epsilon(1e-12));
    auto const penalty = [&](TestProblem const& at_point) {
      auto const g = residuals(at_point);
      Number total = 0;
      for (std::size_t k = 0; k < g.size(); ++k) {
        Number const w = std::max<Number>(0, lambda[k] + 1.3L * g[k]);
        total += (w * w - lambda[k] * lambda[k]) / (2 * 1.3L);
      }
      return total;
    };
    CHECK(relative_error(gradient, central_differences(q, penalty)) < 1e-6);

    // The fused form does what residual, multiplier and pull-back do one after the other.
    gaus::Constraints const apart{Unfused{{form}}, gaus::Deadline{.step = p.steps - 6}};
    auto const [same, twin] = run(exec, apart, p, 0.7, q, 1.3);
    CHECK(same == multipliers);
    CHECK(relative_error(twin.d_mean, gradient.d_mean) < 1e-12);
    CHECK(relative_error(twin.d_spread, gradient.d_spread) < 1e-12);

    auto const narrow = run<float>(exec, rules, p, 0.7, q, 1.3).second;
    for (std::size_t i = 0; i < narrow.d_mean.size(); ++i)
      CHECK(std::abs(narrow.d_mean[i] - gradient.d_mean[i]) < 2e-3);
  }
}

TEST_CASE("augmented Lagrangian: loop-carried dependences of a plain schedule have no weight") {
  Kokkos::DefaultExecutionSpace const exec;
  TestProblem p;
  p.steps = 20;
  for (int i = 0; i < 2; ++i) p.graph.add_operation({});
  p.graph.add_dependence({.from = 1, .to = 0, .distance = 1});
  find_bounds(p);
  p.mean = {0, 19};
  p.spread = {1, 1};
  auto const [multipliers, gradient] = run(exec, gaus::Constraints{gaus::Precedence{}}, p, 4, p, 5);
  CHECK(multipliers[0] == std::vector<double>{0});
  CHECK(gradient.d_mean == std::vector<double>{0, 0});
}

}  // namespace

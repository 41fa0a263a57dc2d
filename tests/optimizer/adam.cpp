// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/optimizer/adam.hpp>

#include <support/problems.hpp>
#include <support/spaces.hpp>
#include <cmath>

namespace {

using namespace gaus_test;

/// Three operations that may start at 0 .. 10, 0 .. 100 and only at 4.
TestProblem three() {
  TestProblem p;
  for (int i = 0; i < 3; ++i) p.graph.add_operation({});
  p.steps = 101;
  p.earliest = {0, 0, 4};
  p.latest = {10, 100, 4};
  p.mean = {5, 50, 4};
  p.spread = {7, 7, 7};
  return p;
}

template <class Space, class Real>
struct Run {
  using MemorySpace = typename Space::memory_space;
  Space exec;
  gaus::Problem<gaus::DependenceGraph<MemorySpace>> problem = make_problem<MemorySpace>(three());
  gaus::StartSteps<Real, MemorySpace> starts = make_starts<Real, MemorySpace>(three());
  gaus::Workspace<MemorySpace> workspace;
  gaus::Evaluation<Real, MemorySpace> result =
      gaus::make_evaluation<Real, MemorySpace>(3, workspace);
  gaus::AdamState<Real, MemorySpace> state = gaus::make_adam_state<Real, MemorySpace>(3);

  std::vector<double> step(std::vector<Number> const& gradient, gaus::Adam const& adam,
                           gaus::SpreadRule const& rule = {}, double scale = 1) {
    Kokkos::deep_copy(result.d_mean, to_device<Real, MemorySpace>(gradient));
    Kokkos::deep_copy(result.d_spread, Real(3));
    gaus::adam_step(exec, adam, problem, starts, result, state, rule, scale);
    exec.fence("gaus_test: adam step");
    return to_host(starts.mean);
  }
};

TEST_CASE_TEMPLATE("adam: the first step goes by the rate, whatever the gradient", Space,
                   GAUS_TEST_SPACES) {
  Run<Space, double> run;
  auto const mean = run.step({1e-3, -1e6, 1}, {.rate = 0.02, .epsilon = 1e-12});
  CHECK(mean[0] == doctest::Approx(5 - 0.02 * 10));
  CHECK(mean[1] == doctest::Approx(50 + 0.02 * 100));
  CHECK(mean[2] == 4);  // no mobility
  CHECK(run.state.steps == 1);
  // The gradient is reset for the next iteration.
  CHECK(to_host(run.result.d_mean) == std::vector<double>{0, 0, 0});
  CHECK(to_host(run.result.d_spread) == std::vector<double>{0, 0, 0});
  // Spreads follow the rule: a tenth of the mobility, at least 0.3, at most 4.
  CHECK(to_host(run.starts.spread)[0] == doctest::Approx(1));
  CHECK(to_host(run.starts.spread)[1] == doctest::Approx(4));
}

TEST_CASE_TEMPLATE("adam: several steps against Kingma and Ba", Space, GAUS_TEST_SPACES) {
  for (double const scale : {1.0, 0.01}) {
    gaus::Adam const adam{.rate = 0.01, .beta1 = 0.8, .beta2 = 0.9, .epsilon = 0.1};
    Run<Space, double> run;
    double m = 0;
    double v = 0;
    double mean = 50;
    double const gradients[] = {0.3, -2, 0.01, 0, 5, -0.2};
    for (int t = 1; t <= 6; ++t) {
      double const g = gradients[t - 1];
      m = 0.8 * m + 0.2 * g;
      v = 0.9 * v + 0.1 * g * g;
      double const corrected_m = m / (1 - std::pow(0.8, t));
      double const corrected_v = v / (1 - std::pow(0.9, t));
      mean -= 0.01 * 100 * corrected_m / (std::sqrt(corrected_v) + 0.1 * scale);
      CHECK(run.step({0, static_cast<Number>(g), 0}, adam, {}, scale)[1] == doctest::Approx(mean));
    }
  }
}

TEST_CASE_TEMPLATE("adam: means stay within their bounds", Space, GAUS_TEST_SPACES) {
  Run<Space, float> run;
  std::vector<double> mean;
  for (int k = 0; k < 100; ++k) mean = run.step({1, -1, 1}, {.rate = 0.3});
  CHECK(mean == std::vector<double>{0, 100, 4});
  for (int k = 0; k < 100; ++k) mean = run.step({0, 0, 0}, {.rate = 0.3});
  for (double const x : mean) CHECK(std::isfinite(x));
}

TEST_CASE("adam: spread rule by hand") {
  gaus::SpreadRule rule{.scale = 0.25, .low = 0.5, .high = 3, .factor = 1, .floor = 0.2};
  CHECK(rule.operator()<double>(1) == 0.5);
  CHECK(rule.operator()<double>(8) == 2);
  CHECK(rule.operator()<double>(1000) == 3);
  rule.factor = 0.1;
  CHECK(rule.operator()<double>(1000) == doctest::Approx(0.3));
  CHECK(rule.operator()<double>(8) == doctest::Approx(0.2));
  CHECK(rule.operator()<float>(0) == 0.2f);
}

}  // namespace

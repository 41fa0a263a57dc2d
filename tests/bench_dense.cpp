// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "../bench/dense.hpp"

#include <gaus/objective/communication.hpp>
#include <gaus/objective/memory_footprint.hpp>
#include <gaus/objective/peak_usage.hpp>
#include <support/problems.hpp>

#include <doctest/doctest.h>
#include <Kokkos_Core.hpp>
#include <algorithm>
#include <cmath>
#include <vector>

// The reference that the benchmarks compare with computes what the library computes.
namespace {

using Space = Kokkos::DefaultHostExecutionSpace;

template <class Real>
std::vector<Real> narrowed(std::vector<gaus_test::Number> const& values) {
  std::vector<Real> out;
  for (auto const x : values) out.push_back(static_cast<Real>(x));
  return out;
}

/// Largest difference relative to the largest entry.
double difference(std::vector<double> const& a, std::vector<double> const& b) {
  double top = 1e-30;
  double worst = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    top = std::max(top, std::abs(b[i]));
    worst = std::max(worst, std::abs(a[i] - b[i]));
  }
  return worst / top;
}

/// Value and gradient of an objective with windows so wide that they leave nothing out.
template <class Real, class Policy>
gaus_test::Result windows(Policy const& objective, gaus_test::TestProblem const& p) {
  Space const exec;
  auto problem = gaus_test::make_problem<Kokkos::HostSpace>(p);
  problem.window = 9;
  gaus::Workspace<Kokkos::HostSpace> workspace;
  auto const result = gaus::make_evaluation<Real>(p.operations(), workspace);
  objective.evaluate(exec, problem, gaus_test::make_starts<Real, Kokkos::HostSpace>(p), result);
  exec.fence("gaus_test: objective evaluated");
  return gaus_test::to_host_result(result);
}

template <class Dense>
void check_agreement(gaus_test::Result const& windows, Dense const& dense, double tolerance) {
  CHECK(std::abs(windows.cost - dense.cost) <= tolerance * std::abs(dense.cost));
  CHECK(difference(windows.d_mean, dense.d_mean) < tolerance);
  CHECK(difference(windows.d_spread, dense.d_spread) < tolerance);
}

template <class Real>
void check_all(double tolerance) {
  for (unsigned seed = 1; seed <= 6; ++seed)
    for (bool const hold : {false, true}) {
      CAPTURE(seed);
      CAPTURE(hold);
      auto const p = gaus_test::random_problem(
          {.operations = 40, .slack = 12, .hold_outputs = hold, .seed = seed});
      auto const mean = narrowed<Real>(p.mean);
      auto const spread = narrowed<Real>(p.spread);
      gaus_bench::Dense<Real> dense(gaus_test::make_problem<Kokkos::HostSpace>(p), mean, spread);
      gaus::SmoothMaximum const half{0.5};
      check_agreement(windows<Real>(gaus::PeakUsage{}, p), dense.peak_usage(), tolerance);
      check_agreement(windows<Real>(gaus::PeakUsage{-1, half}, p), dense.peak_usage(0.5),
                      tolerance);
      check_agreement(windows<Real>(gaus::Communication{}, p), dense.communication(), tolerance);
      check_agreement(windows<Real>(gaus::MemoryFootprint{}, p), dense.memory(), tolerance);
      check_agreement(windows<Real>(gaus::MemoryFootprint{half}, p), dense.memory(0.5), tolerance);
    }
}

}  // namespace

TEST_CASE("the dense reference agrees with the windows: double") { check_all<double>(1e-12); }

TEST_CASE("the dense reference agrees with the windows: float") { check_all<float>(1e-4); }

// The violation has no counterpart among the library's costs, which take the Gaussians unrounded and
// unclamped: against all pairs of steps, and its gradient against central differences.
TEST_CASE("the dense violation is the expectation over all pairs of steps") {
  auto const p = gaus_test::random_problem({.operations = 15, .slack = 6, .seed = 4});
  auto const problem = gaus_test::make_problem<Kokkos::HostSpace>(p);
  auto const value = [&](std::vector<double> const& mean, std::vector<double> const& spread) {
    auto const probability = [&](int i, int d) {
      auto const by = [&](int t) {
        auto const k = gaus_test::at(i);
        if (t < p.earliest[k]) return 0.0;
        if (t >= p.latest[k]) return 1.0;
        return 0.5 * std::erfc(-(t + 0.5 - mean[k]) / spread[k] / std::sqrt(2.0));
      };
      return by(d) - by(d - 1);
    };
    double total = 0;
    for (auto const& e : p.graph.dependences)
      for (int a = 0; a <= p.steps; ++a)
        for (int b = 0; b <= p.steps; ++b) {
          int const late = a + p.graph.operations[gaus_test::at(e.from)].latency + e.delay - b;
          if (late > 0) total += late * probability(e.from, a) * probability(e.to, b);
        }
    return total;
  };
  auto mean = narrowed<double>(p.mean);
  auto spread = narrowed<double>(p.spread);
  auto const got = gaus_bench::Dense<double>(problem, mean, spread).violation();
  CHECK(got.cost == doctest::Approx(value(mean, spread)).epsilon(1e-12));
  auto const slope = [&](double& x) {
    double const x0 = x;
    double const h = 1e-5;
    x = x0 + h;
    double const high = value(mean, spread);
    x = x0 - h;
    double const low = value(mean, spread);
    x = x0;
    return (high - low) / (2 * h);
  };
  for (std::size_t i = 0; i < mean.size(); ++i) {
    CHECK(got.d_mean[i] == doctest::Approx(slope(mean[i])).epsilon(1e-6));
    CHECK(got.d_spread[i] == doctest::Approx(slope(spread[i])).epsilon(1e-6));
  }
}

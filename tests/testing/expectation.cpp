// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/testing/expectation.hpp>

#include <gaus/objective/communication.hpp>
#include <gaus/objective/makespan.hpp>
#include <gaus/objective/memory_footprint.hpp>
#include <gaus/objective/peak_usage.hpp>
#include <gaus/objective/per_dependence.hpp>
#include <gaus/objective/per_operation.hpp>
#include <gaus/objective/total_lifetime.hpp>
#include <gaus/objective/weighted_sum.hpp>
#include <gaus/testing/problem.hpp>
#include <support/planted.hpp>
#include <support/problems.hpp>
#include <support/spaces.hpp>

#include <doctest/doctest.h>
#include <Kokkos_Core.hpp>
#include <cmath>
#include <string>

namespace {

using namespace gaus_test;

template <class Space>
struct Setting {
  using MemorySpace = typename Space::memory_space;
  Space exec{};
  gaus::Problem<gaus::DependenceGraph<MemorySpace>> problem;
  gaus::StartSteps<double, MemorySpace> starts;

  explicit Setting(int interval = 0)
      : problem(make_problem<MemorySpace>(
            random_problem({.operations = 9, .interval = interval, .seed = 4}))),
        starts(gaus::random_starts(problem, {.seed = 2})) {}

  template <class Policy>
  gaus::ExpectationCheck operator()(Policy const& objective,
                                    gaus::ExpectationOptions options = {}) const {
    if (options.samples == 0 && options.expectation != gaus::Expectation::certain)
      options.samples = 20000;
    auto check = gaus::check_expectation(exec, problem, objective, starts, options);
    CHECK(check.text.find('\n') == std::string::npos);
    return check;
  }
};

TEST_CASE_TEMPLATE("check expectation: right objectives pass, each by its own meaning", Space,
                   GAUS_TEST_SPACES) {
  for (int const interval : {0, 5}) {
    Setting<Space> const check(interval);
    auto const pass = [](gaus::ExpectationCheck const& found) {
      CAPTURE(found.text);
      CHECK(found);
    };
    pass(check(gaus::Communication{} + gaus::TotalLifetime{}));
    pass(check(gaus::Makespan{}));
    pass(check(PlantedStarts{}));
    gaus::ExpectationOptions const unrounded{.expectation = gaus::Expectation::unrounded};
    pass(check(gaus::PerOperation{PlantedLateness{}}, unrounded));
    pass(check(gaus::PerDependence{PlantedDistance{}}, unrounded));
  }
}

TEST_CASE_TEMPLATE("check expectation: a value that is no expectation is found", Space,
                   GAUS_TEST_SPACES) {
  Setting<Space> const check;
  gaus::ExpectationOptions const unrounded{.expectation = gaus::Expectation::unrounded};
  auto const operation =
      check(gaus::PerOperation{PlantedLateness{Plant::no_expectation}}, unrounded);
  CHECK_FALSE(operation);
  CHECK(operation.value == doctest::Approx(1.1 * operation.sampled).epsilon(0.03));
  CHECK(operation.deviation > 4);
  CHECK(operation.text.find("is not the mean of exact()") != std::string::npos);
  CHECK_FALSE(check(gaus::PerDependence{PlantedDistance{Plant::no_expectation}}, unrounded));
  CHECK_FALSE(check(PlantedStarts{Plant::no_expectation}));
  CHECK_FALSE(check(PlantedStarts{Plant::weighs_value}, {.bias = -1}));
  auto const nan = check(gaus::PerOperation{PlantedLateness{Plant::nan_value}}, unrounded);
  CHECK_FALSE(nan);
  CHECK(nan.text.find("the value nan") != std::string::npos);
  // A tenth more is within a fifth.
  CHECK(check(gaus::PerOperation{PlantedLateness{Plant::no_expectation}},
              {.expectation = gaus::Expectation::unrounded, .bias = 0.2}));
}

TEST_CASE("check expectation: says when another meaning fits") {
  Setting<Kokkos::DefaultExecutionSpace> const check;
  auto const closed = check(gaus::PerDependence{PlantedDistance{}}, {.samples = 200000});
  CHECK_FALSE(closed);
  CHECK(closed.text.find("(it is, with Expectation::unrounded)") != std::string::npos);
}

TEST_CASE_TEMPLATE("check expectation: smooth maxima where nothing is uncertain", Space,
                   GAUS_TEST_SPACES) {
  Setting<Space> check;
  gaus::ExpectationOptions const certain{.expectation = gaus::Expectation::certain};
  auto const peaks = gaus::PeakUsage{} + gaus::weighted(2.0, gaus::MemoryFootprint{});
  // A p-norm of n equal entries is n^(1/p) times the maximum: p = 20, then p = 2000.
  auto const blunt = check(peaks, certain);
  CHECK_FALSE(blunt);
  CHECK(blunt.value > blunt.sampled);
  CHECK(blunt.text.find("is not exact()") != std::string::npos);
  check.problem.smoothing = 5e-4;
  auto const sharp = check(peaks, {.expectation = gaus::Expectation::certain, .bias = 5e-3});
  CAPTURE(sharp.text);
  CHECK(sharp);
  CHECK(check(gaus::TotalLifetime{}, certain));
  CHECK_FALSE(check(PlantedStarts{Plant::no_expectation}, certain));
  CHECK_FALSE(check(gaus::PerOperation{PlantedLateness{Plant::nan_value}}, certain));
}

TEST_CASE("check expectation: repeats, and follows the seed") {
  Setting<Kokkos::DefaultExecutionSpace> const check;
  auto const once = check(gaus::Makespan{});
  CHECK(once.sampled == check(gaus::Makespan{}).sampled);
  CHECK(once.sampled != check(gaus::Makespan{}, {.seed = 1}).sampled);
  CHECK(std::abs(once.sampled - check(gaus::Makespan{}, {.seed = 1}).sampled) <
        8 * once.standard_error);
}

TEST_CASE("check expectation: an empty problem, and a batch") {
  using Space = Kokkos::DefaultExecutionSpace;
  auto const graph = gaus::build_graph<Space::memory_space>(gaus::GraphDescription{});
  auto const problem = gaus::make_test_problem(Space(), graph, 4);
  CHECK(gaus::check_expectation(Space(), problem, gaus::Makespan{}, gaus::random_starts(problem)));
  auto batch = problem;
  batch.batch = 2;
  CHECK_THROWS_WITH_AS(
      gaus::check_expectation(Space(), batch, gaus::Makespan{}, gaus::random_starts(problem)),
      "check_expectation: a batch of 2 copies has no schedule of its own", gaus::InvalidInput);
}

}  // namespace

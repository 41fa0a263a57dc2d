// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/testing/gradient.hpp>

#include <gaus/constraint/deadline.hpp>
#include <gaus/constraint/difference.hpp>
#include <gaus/constraint/resource_limit.hpp>
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
#include <string>

namespace {

using namespace gaus_test;

/// A problem and a smooth point of it.
template <class Space>
struct Setting {
  using MemorySpace = typename Space::memory_space;
  Space exec{};
  TestProblem test;
  gaus::Problem<gaus::DependenceGraph<MemorySpace>> problem;
  gaus::StartSteps<double, MemorySpace> starts;

  explicit Setting(int interval = 0, int operations = 12)
      : test(random_problem({.operations = operations, .interval = interval, .seed = 4})),
        problem(make_problem<MemorySpace>(test)),
        starts(gaus::random_starts(problem)) {}
};

bool says(gaus::GradientCheck const& check, std::string const& words) {
  CAPTURE(check.text);
  CHECK(check.text.find(words) != std::string::npos);
  CHECK(check.text.find('\n') == std::string::npos);
  return check.text.find(words) != std::string::npos;
}

TEST_CASE_TEMPLATE("check gradient: shipped objectives pass", Space, GAUS_TEST_SPACES) {
  for (int const interval : {0, 5}) {
    Setting<Space> const s(interval);
    auto const pass = [&](auto const& objective) {
      auto const check = gaus::check_gradient(s.exec, s.problem, objective, s.starts);
      CAPTURE(check.text);
      CHECK(check);
      CHECK(check.entries > 10);
      CHECK(check.error < 1e-6);
      CHECK(says(check, "the gradient is right in "));
    };
    pass(gaus::TotalLifetime{});
    pass(100.0 * gaus::PeakUsage{} + gaus::MemoryFootprint{} + gaus::Communication{} +
         2.0 * gaus::Makespan{});
    pass(gaus::PerOperation{PlantedLateness{}});
    pass(gaus::PerDependence{PlantedDistance{}});
  }
}

TEST_CASE_TEMPLATE("check gradient: shipped constraints pass", Space, GAUS_TEST_SPACES) {
  using MemorySpace = typename Space::memory_space;
  Setting<Space> const s;
  auto const pass = [&](gaus::GradientCheck const& check) {
    CAPTURE(check.text);
    CHECK(check);
    CHECK(check.entries > 5);
  };
  for (auto const form :
       {gaus::Residual::mean, gaus::Residual::expected, gaus::Residual::probability})
    pass(gaus::check_gradient(s.exec, s.problem, gaus::Precedence{form}, s.starts));
  pass(gaus::check_gradient(s.exec, s.problem, gaus::Deadline{.step = 5}, s.starts));
  pass(gaus::check_gradient(s.exec, s.problem, gaus::ResourceLimit<MemorySpace>({1.0, {}, 2.0}),
                            s.starts));
  pass(gaus::check_pull_back(s.exec, s.problem, gaus::PerOperation{PlantedLateness{}}, s.starts));
  pass(gaus::check_pull_back(s.exec, s.problem, gaus::PerDependence{PlantedDistance{}}, s.starts));
}

TEST_CASE_TEMPLATE("check gradient: faults of a term are found and named", Space,
                   GAUS_TEST_SPACES) {
  Setting<Space> const s;
  auto const both = [&](Plant plant, gaus::GradientFault fault, char const* words) {
    CAPTURE(words);
    auto const see = [&](gaus::GradientCheck const& check) {
      CHECK_FALSE(check);
      CHECK(check.fault == fault);
      CHECK(says(check, words));
    };
    gaus::PerOperation const one{PlantedLateness{plant}};
    gaus::PerDependence const pair{PlantedDistance{plant}};
    see(gaus::check_gradient(s.exec, s.problem, one, s.starts));
    see(gaus::check_pull_back(s.exec, s.problem, one, s.starts));
    see(gaus::check_gradient(s.exec, s.problem, pair, s.starts));
    see(gaus::check_pull_back(s.exec, s.problem, pair, s.starts));
  };
  both(Plant::sign, gaus::GradientFault::wrong, "the sign is wrong");
  both(Plant::no_spread, gaus::GradientFault::wrong, "it is missing");
  both(Plant::half, gaus::GradientFault::wrong, "0.5 times as much");
  both(Plant::nan_gradient, gaus::GradientFault::not_finite, "d/dmean of operation ");
  both(Plant::jump, gaus::GradientFault::not_smooth, "a kink, a jump or noise");

  auto const check = gaus::check_gradient(
      s.exec, s.problem, gaus::PerOperation{PlantedLateness{Plant::no_spread}}, s.starts);
  CHECK(check.of_spread);
  CHECK(check.gradient == 0);
  CHECK(check.difference > 0);
  CHECK(check.error == doctest::Approx(1).epsilon(1e-3));
  CHECK(says(check, "d/dspread of operation " + std::to_string(check.operation) + " is 0"));

  gaus::PerOperation const nan{PlantedLateness{Plant::nan_value}};
  CHECK(says(gaus::check_gradient(s.exec, s.problem, nan, s.starts), "the value is nan"));
  CHECK(says(gaus::check_pull_back(s.exec, s.problem, nan, s.starts), "residual 3 is nan"));
}

TEST_CASE_TEMPLATE("check gradient: faults of a whole objective are found and named", Space,
                   GAUS_TEST_SPACES) {
  Setting<Space> const s;
  auto const check = [&](Plant plant) {
    return gaus::check_gradient(s.exec, s.problem, PlantedStarts{plant}, s.starts);
  };
  CHECK(check(Plant::none));
  auto const neighbour = check(Plant::wrong_operation);
  CHECK(neighbour.fault == gaus::GradientFault::wrong);
  CHECK(says(neighbour, "that is the entry of operation "));
  CHECK(says(check(Plant::overwrites), "gradients are added, times the weight"));
  CHECK(says(check(Plant::unweighted), "gradients are added, times the weight"));
  CHECK(says(check(Plant::weighs_value), "it must overwrite and not be weighted"));
  CHECK(says(check(Plant::adds_value), "it must overwrite and not be weighted"));
  for (auto const plant :
       {Plant::overwrites, Plant::unweighted, Plant::weighs_value, Plant::adds_value})
    CHECK(check(plant).fault == gaus::GradientFault::contract);
}

TEST_CASE("check gradient: some operations of many, none, and a value that stands still") {
  using Space = Kokkos::DefaultExecutionSpace;
  Setting<Space> const many(0, 60);
  gaus::PerOperation const wrong{PlantedLateness{Plant::sign}};
  auto const few = gaus::check_gradient(many.exec, many.problem, wrong, many.starts,
                                        {.operations = 10, .seed = 3});
  CHECK_FALSE(few);
  CHECK(few.entries <= 20);
  CHECK(few.entries > 0);
  auto const all =
      gaus::check_gradient(many.exec, many.problem, wrong, many.starts, {.operations = 0});
  CHECK(all.entries > 60);
  CHECK(gaus::check_gradient(many.exec, many.problem, wrong, many.starts, {.tolerance = 3}));

  // Nobody can be late: nothing is wrong, and the check says that it has seen nothing.
  gaus::PerOperation const late{PlantedLateness{Plant::none, 1e6}};
  auto const still = gaus::check_gradient(many.exec, many.problem, late, many.starts);
  CHECK(still);
  CHECK(still.entries == 0);
  CHECK(says(still, "do not depend on the start steps here"));

  Setting<Space> const none(0, 0);
  auto const empty = gaus::check_gradient(none.exec, none.problem, wrong, none.starts);
  CHECK(empty);
  CHECK(empty.entries == 0);
}

}  // namespace

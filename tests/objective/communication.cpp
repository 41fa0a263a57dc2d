// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/objective/communication.hpp>

#include <support/policies.hpp>
#include <support/spaces.hpp>

namespace {

using namespace gaus_test;

/// a -> b (weight 2), a -> c (weight 3), c -> a two iterations later (weight 5).
TestProblem loop(int interval) {
  TestProblem p;
  p.interval = interval;
  p.steps = 12;
  for (int i = 0; i < 3; ++i) p.graph.add_operation({.latency = 2});
  p.graph.add_dependence({.from = 0, .to = 1, .weight = 2});
  p.graph.add_dependence({.from = 0, .to = 2, .weight = 3});
  p.graph.add_dependence({.from = 2, .to = 0, .distance = 2, .weight = 5});
  find_bounds(p);
  p.mean = {1, 5, 7};
  p.spread = {1e-3, 1e-3, 1e-3};
  return p;
}

TEST_CASE_TEMPLATE("communication: worked by hand", Space, GAUS_TEST_SPACES) {
  Space const exec;
  // 2 * (5 - 1) + 3 * (7 - 1); the loop-carried dependence is no use in a plain schedule.
  CHECK(evaluate(exec, gaus::Communication{}, loop(0)).cost == doctest::Approx(26));
  // ... + 5 * (1 + 2 * 4 - 7)
  auto p = loop(4);
  CHECK(evaluate(exec, gaus::Communication{}, p).cost == doctest::Approx(36));
  // b at 5 or 6, half and half; a, which weighs 5 - 2 - 3 = 0, anywhere.
  p.mean = {3.25, 5.5, 7};
  auto const result = evaluate(exec, gaus::Communication{}, p);
  CHECK(result.cost == doctest::Approx(2 * 5.5 + 3 * 7 + 5 * (8 - 7)));
  CHECK(result.d_mean[0] == 0);
  // Away from the bounds a wide Gaussian has E S = mean.
  p.mean[1] = 5.75;
  p.spread[1] = 0.5;
  CHECK(evaluate(exec, gaus::Communication{}, p).d_mean[1] == doctest::Approx(2).epsilon(0.02));
}

TEST_CASE_TEMPLATE("communication: value and gradient", Space, GAUS_TEST_SPACES) {
  check_against_reference<Space>(gaus::Communication{}, expected_communication);
  check_float<Space>(gaus::Communication{});
  check_accumulation<Space>(gaus::Communication{});
  check_small_graphs<Space>(gaus::Communication{}, expected_communication);
}

TEST_CASE("communication: the expectation of sampled schedules") {
  for (int const interval : {0, 4}) {
    auto const p = random_problem({.operations = 7, .slack = 6, .interval = interval, .seed = 4});
    auto const got = evaluate(Kokkos::DefaultExecutionSpace(), gaus::Communication{}, p);
    CHECK(sampled_deviation(p, {got.cost}, [](auto const& q, auto const& s) {
            return std::vector<Number>{discrete_communication(q, s)};
          }) < 4);
  }
}

TEST_CASE("communication: threads, exact cost") {
  check_threads(gaus::Communication{});
  check_exact(gaus::Communication{}, discrete_communication);
}

}  // namespace

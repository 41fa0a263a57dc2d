// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/objective/total_lifetime.hpp>

#include <support/hand.hpp>
#include <support/policies.hpp>
#include <support/spaces.hpp>

namespace {

using namespace gaus_test;

Number discrete_lifetime(TestProblem const& p, std::vector<int> const& s) {
  return sum(discrete_liveness(p, s));
}

TEST_CASE_TEMPLATE("total lifetime: worked by hand", Space, GAUS_TEST_SPACES) {
  Space const exec;
  CHECK(evaluate(exec, gaus::TotalLifetime{}, liveness_by_hand()).cost == doctest::Approx(13));
  CHECK(evaluate(exec, gaus::TotalLifetime{}, liveness_by_hand(0, true)).cost ==
        doctest::Approx(13 + 1 * 3 + 4 * 4));
  CHECK(evaluate(exec, gaus::TotalLifetime{}, liveness_by_hand(8)).cost ==
        doctest::Approx(13 + 4 * 3));
  auto const problem = make_problem<Kokkos::HostSpace>(liveness_by_hand(8));
  CHECK(gaus::TotalLifetime{}.exact(problem, std::vector<int>{1, 5, 7, 6}) == 25);
  // A wide consumer far from its bounds, a certain producer: one step later costs the size.
  auto p = liveness_by_hand();
  p.mean[2] = 7.25;
  p.spread[2] = 0.4;
  CHECK(evaluate(exec, gaus::TotalLifetime{}, p).d_mean[2] == doctest::Approx(2).epsilon(0.05));
}

TEST_CASE_TEMPLATE("total lifetime: value and gradient", Space, GAUS_TEST_SPACES) {
  check_against_reference<Space>(gaus::TotalLifetime{}, expected_lifetime);
  check_float<Space>(gaus::TotalLifetime{});
  check_accumulation<Space>(gaus::TotalLifetime{});
  check_small_graphs<Space>(gaus::TotalLifetime{}, expected_lifetime);
}

TEST_CASE("total lifetime: the expectation of sampled schedules") {
  for (int const interval : {0, 4})
    for (bool const hold : {false, true}) {
      auto const p = random_problem(
          {.operations = 7, .slack = 5, .interval = interval, .hold_outputs = hold, .seed = 14});
      auto const got = evaluate(Kokkos::DefaultExecutionSpace(), gaus::TotalLifetime{}, p);
      CHECK(sampled_deviation(p, {got.cost}, [](auto const& q, auto const& s) {
              return std::vector<Number>{discrete_lifetime(q, s)};
            }) < 4);
    }
}

TEST_CASE("total lifetime: threads, exact cost") {
  check_threads(gaus::TotalLifetime{});
  check_exact(gaus::TotalLifetime{}, discrete_lifetime);
}

}  // namespace

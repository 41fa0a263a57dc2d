// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/objective/makespan.hpp>

#include <support/policies.hpp>
#include <support/spaces.hpp>

namespace {

using namespace gaus_test;

TEST_CASE_TEMPLATE("makespan: worked by hand", Space, GAUS_TEST_SPACES) {
  Space const exec;
  TestProblem p;
  p.steps = 10;
  p.graph.add_operation({.latency = 1, .occupancy = 4});  // ends at start + 4
  p.graph.add_operation({.latency = 3, .occupancy = 0});  // ends at start + 3
  find_bounds(p);
  p.spread = {1e-3, 1e-3};
  p.mean = {2, 1};
  CHECK(evaluate(exec, gaus::Makespan{}, p).cost == doctest::Approx(6));
  p.mean = {2, 5};
  CHECK(evaluate(exec, gaus::Makespan{}, p).cost == doctest::Approx(8));
  // Ends at 6 or 7, and at 6 or 7: the larger is 6 once in four times.
  p.mean = {2.5, 3.5};
  auto const result = evaluate(exec, gaus::Makespan{}, p);
  CHECK(result.cost == doctest::Approx(6.75));
  // A later mean of one matters when the other has ended at 6: half the density.
  CHECK(result.d_mean[0] == doctest::Approx(0.5 * 0.3989422804 / 1e-3));
  CHECK(result.d_mean[1] == doctest::Approx(0.5 * 0.3989422804 / 1e-3));
}

TEST_CASE_TEMPLATE("makespan: value and gradient", Space, GAUS_TEST_SPACES) {
  check_against_reference<Space>(gaus::Makespan{}, expected_makespan);
  check_float<Space>(gaus::Makespan{});
  check_accumulation<Space>(gaus::Makespan{});
  check_small_graphs<Space>(gaus::Makespan{}, expected_makespan);
}

TEST_CASE("makespan: the expectation of sampled schedules") {
  auto const p = random_problem({.operations = 7, .slack = 6, .seed = 4});
  auto const got = evaluate(Kokkos::DefaultExecutionSpace(), gaus::Makespan{}, p);
  CHECK(sampled_deviation(p, {got.cost}, [](auto const& q, auto const& s) {
          return std::vector<Number>{static_cast<Number>(discrete_makespan(q, s))};
        }) < 4);
}

TEST_CASE("makespan: threads, exact cost") {
  check_threads(gaus::Makespan{});
  check_exact(gaus::Makespan{}, discrete_makespan);
}

}  // namespace

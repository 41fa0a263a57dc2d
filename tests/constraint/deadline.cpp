// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/constraint/deadline.hpp>

#include <support/policies.hpp>
#include <support/spaces.hpp>
#include <string>

namespace {

using namespace gaus_test;

TestProblem three() {
  TestProblem p;
  p.steps = 20;
  p.graph.add_operation({.latency = 3, .occupancy = 1});
  p.graph.add_operation({.latency = 1, .occupancy = 4});
  p.graph.add_operation({.latency = 0, .occupancy = 0});
  find_bounds(p);
  p.mean = {2.5, 7, 9};
  p.spread = {1, 0.001, 100};
  return p;
}

TEST_CASE_TEMPLATE("deadline: residuals and pull-back", Space, GAUS_TEST_SPACES) {
  Space const exec;
  auto const all = evaluate_constraint(exec, gaus::Deadline{.step = 10}, three(), {1, -2, 3}, 5);
  CHECK(all.residual == std::vector<double>{2.5 + 3 - 10, 7 + 4 - 10, 9 - 10});
  CHECK(all.gradient.d_mean == std::vector<double>{5 + 1, 5 - 2, 5 + 3});
  CHECK(all.gradient.d_spread == std::vector<double>{5, 5, 5});
  auto const one =
      evaluate_constraint<float>(exec, gaus::Deadline{.step = 10, .operation = 1}, three(), {4});
  CHECK(one.residual == std::vector<double>{1});
  CHECK(one.gradient.d_mean == std::vector<double>{0, 4, 0});
  auto const none = evaluate_constraint(exec, gaus::Deadline{.step = 10}, TestProblem{}, {});
  CHECK(none.residual.empty());
}

TEST_CASE("deadline: violations and tightened bounds") {
  auto const problem = make_problem<Kokkos::HostSpace>(three());
  std::vector<int> const s{7, 7, 11};
  auto const violations = gaus::Deadline{.step = 10}.violations(problem, s);
  REQUIRE(violations.size() == 2);
  CHECK(violations[0].text == "operation 1: start 7 + 4 steps = 11 > deadline 10");
  CHECK(violations[0].excess == 1);
  CHECK(violations[1].text == "operation 2: start 11 + 0 steps = 11 > deadline 10");
  gaus::Deadline const one{.step = 10, .operation = 1};
  CHECK(one.size(problem) == 1);
  CHECK(one.violations(problem, s).size() == 1);
  CHECK(one.violations(problem, s)[0].constraint == "deadline");
  // Of several, the earliest holds.
  auto const latest = gaus::detail::declared_deadlines(
      problem, gaus::Constraints{gaus::Deadline{.step = 12}, one, gaus::Deadline{.step = 15}});
  CHECK(latest == std::vector<int>{9, 6, 12});
  CHECK(gaus::detail::declared_deadlines(problem, gaus::Constraints{}).empty());
}

TEST_CASE("deadline: of an operation that does not exist") {
  auto const problem = make_problem<Kokkos::HostSpace>(three());
  gaus::Deadline const bad{.step = 10, .operation = 3};
  CHECK_THROWS_WITH_AS(bad.size(problem), "deadline of operation 3: the graph has operations 0..2",
                       gaus::InvalidInput);
}

}  // namespace

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/constraint/resource_limit.hpp>

#include <support/hand.hpp>
#include <support/problems.hpp>
#include <support/reference.hpp>
#include <doctest/doctest.h>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace {

using gaus_test::at;
using Vector = std::vector<int>;
using Limits = std::vector<std::optional<double>>;

gaus::Problem<gaus::HostGraph> problem_of(gaus_test::TestProblem const& p) {
  return gaus_test::make_problem<Kokkos::HostSpace>(p);
}

}  // namespace

TEST_CASE("resource limit: worked by hand") {
  auto const p = gaus_test::usage_by_hand();  // X: 0 1.5 3.5 2 2 0 0 0, Y: 0 0 1 1 1 0 0 0
  auto const problem = problem_of(p);
  Vector const start{1, 2, 4};
  CHECK(gaus::resource_violations(problem, start, {3.5, 1.0}).empty());
  CHECK(gaus::resource_violations(problem, start, {{}, {}}).empty());
  auto const v = gaus::resource_violations(problem, start, {1.75, {}});
  REQUIRE(v.size() == 1);
  CHECK(v[0].constraint == "resource_limit");
  CHECK(v[0].text ==
        "resource 0: 3.500000 units in use at step 2, limit 1.750000 (passed at steps 2..4); "
        "busy: 0, 1");
  CHECK(v[0].excess == 1.75);
  auto const both = gaus::resource_violations(problem, start, {2.0, 0.0}, &p.graph);
  REQUIRE(both.size() == 2);
  CHECK(both[0].text == "resource X: 3.500000 units in use at step 2, limit 2; busy: 0, 1");
  CHECK(both[1].text ==
        "resource Y: 1 unit in use at step 2, limit 0 (passed at steps 2..4); busy: 1");
}

TEST_CASE("resource limit: modulo the interval") {
  auto const problem = problem_of(gaus_test::usage_by_hand(3));  // X: 2 3.5 3.5, Y: 1 1 1
  Vector const start{1, 2, 4};
  CHECK(gaus::resource_violations(problem, start, {3.5, 1.0}).empty());
  auto const v = gaus::resource_violations(problem, start, {3.0, 0.5});
  REQUIRE(v.size() == 2);
  CHECK(v[0].text ==
        "resource 0: 3.500000 units in use at slot 1, limit 3 (passed at slots 1..2); busy: 0, 1");
  CHECK(v[1].text ==
        "resource 1: 1 unit in use at slot 0, limit 0.500000 (passed at slots 0..2); busy: 1");
}

TEST_CASE("resource limit: a box longer than the interval, steps that no schedule has") {
  gaus_test::TestProblem p;
  p.interval = 2;
  p.steps = 20;
  p.graph.add_resource("port");
  for (int i = 0; i < 10; ++i) {
    p.graph.add_operation({.latency = 1, .occupancy = i == 0 ? 5 : 1}, "op" + std::to_string(i));
    p.graph.add_demand(i, 0);
  }
  gaus_test::find_bounds(p);
  auto const problem = problem_of(p);
  // Operation 0 takes slots 1 0 1 0 1; the others slot 1, from steps before 0 and far away.
  constexpr int far = std::numeric_limits<int>::max();
  Vector const start{-3, 1, -1, far, -far, 3, 5, 7, 9, 11};
  auto const v = gaus::resource_violations(problem, start, {2.0}, &p.graph);
  REQUIRE(v.size() == 1);
  CHECK(v[0].text ==
        "resource port: 12 units in use at slot 1, limit 2; busy: 0 (op0), 1 (op1), 2 (op2), "
        "3 (op3), 4 (op4), 5 (op5), 6 (op6), 7 (op7), ...");
  CHECK(v[0].excess == 10);
  p.interval = 0;
  auto const plain = gaus::resource_violations(problem_of(p), Vector(10, far), {9.0});
  REQUIRE(plain.size() == 1);
  CHECK(plain[0].text.starts_with("resource 0: 10 units in use at step 2147483647, limit 9;"));
}

TEST_CASE("resource limit: rounding is no violation") {
  gaus_test::TestProblem p;
  p.steps = 5;
  p.graph.add_resource("bus");
  for (int i = 0; i < 3; ++i) {
    p.graph.add_operation({});
    p.graph.add_demand(i, 0, 0.1);
  }
  gaus_test::find_bounds(p);
  CHECK(gaus::resource_violations(problem_of(p), Vector{0, 0, 0}, {0.3}).empty());
  CHECK(gaus::resource_violations(problem_of(p), Vector{0, 0, 0}, {0.2999}).size() == 1);
}

TEST_CASE("resource limit: wrong numbers of things") {
  auto const problem = problem_of(gaus_test::usage_by_hand());
  CHECK_THROWS_WITH_AS(gaus::resource_violations(problem, Vector{1, 2, 4}, {1.0}),
                       "1 resource limits are given, the graph has 2 resource classes",
                       gaus::InvalidInput);
  auto const v = gaus::resource_violations(problem, Vector{1, 2}, {1.0, 1.0});
  REQUIRE(v.size() == 1);
  CHECK(v[0].text == "the schedule has 2 start steps, the graph has 3 operations");
  gaus_test::TestProblem none;
  none.steps = 1;
  CHECK(gaus::resource_violations(problem_of(none), Vector{}, {}).empty());
}

TEST_CASE("resource limit: against usage counted step by step") {
  gaus_test::Random random(31);
  int violated = 0;
  for (unsigned seed = 1; seed <= 60; ++seed) {
    auto const p = gaus_test::random_problem(
        {.operations = 12, .interval = seed % 3 == 0 ? 0 : 1 + random.below(6), .seed = seed});
    auto const problem = problem_of(p);
    Vector start;
    for (int i = 0; i < p.operations(); ++i)
      start.push_back(p.earliest[at(i)] + random.below(p.latest[at(i)] - p.earliest[at(i)] + 1));
    auto const usage = gaus_test::discrete_usage(p, start);
    int const slots = gaus_test::slots(p);
    Limits limits;
    int stretches = 0;
    double excess = 0;
    for (int r = 0; r < p.resources(); ++r) {
      double const limit = random.below(5) + 0.25;
      limits.emplace_back(limit);
      bool before = false;
      for (int t = 0; t < slots; ++t) {
        double const over = static_cast<double>(usage[at(r) * at(slots) + at(t)]) - limit;
        stretches += over > 0 && !before ? 1 : 0;
        before = over > 0;
        excess = std::max(excess, over);
      }
    }
    CAPTURE(seed);
    auto const v = gaus::resource_violations(problem, start, limits);
    CHECK(static_cast<int>(v.size()) == stretches);
    double worst = 0;
    for (auto const& one : v) worst = std::max(worst, one.excess);
    CHECK(worst == doctest::Approx(excess));
    violated += stretches;
  }
  CHECK(violated > 50);
}

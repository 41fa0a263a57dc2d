// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/problem.hpp>

#include <support/hand.hpp>
#include <support/spaces.hpp>

namespace {

using namespace gaus_test;

TEST_CASE("problem: a plain schedule") {
  auto const p = liveness_by_hand();
  auto const problem = make_problem<Kokkos::HostSpace>(p);
  CHECK(problem.steps == 10);
  CHECK_FALSE(problem.pipelined());
  CHECK(problem.slots() == 10);
  CHECK(problem.horizon() == 10);
  CHECK(problem.max_distance == 0);
  CHECK(problem.total_size == 7);  // nobody waits for the values of 2 and 3, of sizes 1 and 4
  CHECK(problem.most_size == 5);
  CHECK(problem.binds({.index = 0, .operation = 1, .distance = 0, .delay = 0, .weight = 1}));
  CHECK_FALSE(problem.binds({.index = 0, .operation = 1, .distance = 1, .delay = 0, .weight = 1}));
}

TEST_CASE("problem: a pipelined one") {
  auto p = liveness_by_hand(4, true);
  p.graph.add_dependence({.from = 2, .to = 2, .distance = 3});
  auto const problem = make_problem<Kokkos::HostSpace>(p);
  CHECK(problem.pipelined());
  CHECK(problem.hold_outputs);
  CHECK(problem.total_size == 12);
  CHECK(problem.most_size == 5);
  CHECK(problem.slots() == 4);
  CHECK(problem.max_distance == 3);
  CHECK(problem.horizon() == 10 + 3 * 4);
  gaus::Dependence const carried{
      .index = 0, .operation = 1, .distance = 2, .delay = 0, .weight = 1};
  CHECK(problem.binds(carried));
  CHECK(problem.shift(carried) == 8);
}

TEST_CASE("problem: a distance that takes more steps than can be counted") {
  auto p = liveness_by_hand(4);
  p.graph.add_dependence({.from = 2, .to = 2, .distance = 300000000});
  CHECK_THROWS_WITH_AS(make_problem<Kokkos::HostSpace>(p),
                       "distance 300000000 times interval 4 is beyond step 1073741824",
                       gaus::InvalidInput);
}

TEST_CASE("problem: totals") {
  // 1.5 units for 2 steps, 2 + 1 units for 3 steps.
  CHECK(make_problem<Kokkos::HostSpace>(usage_by_hand()).total_units == 12);
}

TEST_CASE("problem: half-widths of windows") {
  auto problem = make_problem<Kokkos::HostSpace>(usage_by_hand());
  CHECK(problem.window_spreads<float>() == 4);
  CHECK(problem.window_spreads<double>() == 9);
  problem.window = 2.5;
  CHECK(problem.window_spreads<float>() == 2.5f);
  CHECK(problem.window_spreads<double>() == 2.5);
  problem.window = 7;
  CHECK(problem.window_spreads<float>() == 5);
  CHECK(problem.window_spreads<double>() == 7);
}

TEST_CASE_TEMPLATE("problem: bounds lie where the graph lies", Space, GAUS_TEST_SPACES) {
  using MemorySpace = typename Space::memory_space;
  auto const p = liveness_by_hand(5);
  auto const problem = make_problem<MemorySpace>(p);
  auto const earliest = to_host(problem.earliest);
  auto const latest = to_host(problem.latest);
  for (int i = 0; i < p.operations(); ++i) {
    CHECK(earliest[at(i)] == p.earliest[at(i)]);
    CHECK(latest[at(i)] == p.latest[at(i)]);
  }
}

TEST_CASE("problem: the short form finds its bounds") {
  auto const p = random_problem({.operations = 14, .interval = 6, .seed = 3});
  auto const problem =
      gaus::make_problem(gaus::build_graph(p.graph), p.steps, p.interval, p.hold_outputs);
  for (int i = 0; i < p.operations(); ++i) {
    CHECK(problem.earliest(i) == p.earliest[at(i)]);
    CHECK(problem.latest(i) == p.latest[at(i)]);
  }
  CHECK_THROWS_AS(gaus::make_problem(gaus::build_graph(p.graph), 1), gaus::Infeasible);
}

}  // namespace

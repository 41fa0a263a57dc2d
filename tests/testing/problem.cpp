// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/testing/problem.hpp>

#include <gaus/graph/builder.hpp>
#include <support/problems.hpp>
#include <support/spaces.hpp>

#include <doctest/doctest.h>
#include <Kokkos_Core.hpp>
#include <vector>

namespace {

using namespace gaus_test;

TEST_CASE_TEMPLATE("test problem: bounds of a graph in any memory", Space, GAUS_TEST_SPACES) {
  gaus::GraphDescription chain;
  for (int i = 0; i < 3; ++i) chain.add_operation({.latency = 2});
  chain.add_dependence(0, 1);
  chain.add_dependence(1, 2);
  chain.add_dependence({.from = 2, .to = 0, .distance = 1});
  auto const graph = gaus::build_graph<typename Space::memory_space>(chain);
  auto const problem = gaus::make_test_problem(Space(), graph, 9);
  CHECK(problem.steps == 9);
  CHECK_FALSE(problem.pipelined());
  CHECK(to_host(problem.earliest) == std::vector<double>{0, 2, 4});
  CHECK(to_host(problem.latest) == std::vector<double>{3, 5, 7});
  auto const loop = gaus::make_test_problem(Space(), graph, 9, 7, true);
  CHECK(loop.initiation_interval == 7);
  CHECK(loop.hold_outputs);
  CHECK_THROWS_AS(gaus::make_test_problem(Space(), graph, 5), gaus::Infeasible);
  CHECK_THROWS_AS(gaus::make_test_problem(Space(), graph, 9, 5), gaus::Infeasible);
}

TEST_CASE_TEMPLATE("random starts: within the windows and the spreads, by the seed", Space,
                   GAUS_TEST_SPACES) {
  auto const problem = make_problem<typename Space::memory_space>(
      random_problem({.operations = 200, .slack = 4, .seed = 6}));
  auto const starts = gaus::random_starts(
      problem, {.seed = 5, .least_spread = 0.5, .most_spread = 2, .outside = 1});
  auto const mean = to_host(starts.mean);
  auto const spread = to_host(starts.spread);
  auto const earliest = to_host(problem.earliest);
  auto const latest = to_host(problem.latest);
  int before = 0;
  int after = 0;
  for (std::size_t i = 0; i < mean.size(); ++i) {
    CHECK(mean[i] >= earliest[i] - 1);
    CHECK(mean[i] <= latest[i] + 1);
    CHECK(spread[i] >= 0.5);
    CHECK(spread[i] <= 2);
    before += mean[i] < earliest[i];
    after += mean[i] > latest[i];
  }
  CHECK(before > 0);
  CHECK(after > 0);
  CHECK(to_host(gaus::random_starts(problem, {.seed = 5}).mean) ==
        to_host(gaus::random_starts(problem, {.seed = 5}).mean));
  CHECK(to_host(gaus::random_starts(problem, {.seed = 6}).mean) !=
        to_host(gaus::random_starts(problem, {.seed = 5}).mean));
}

}  // namespace

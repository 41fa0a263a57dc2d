// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/schedule/critical.hpp>

#include <support/svg.hpp>

#include <doctest/doctest.h>
#include <optional>
#include <vector>

namespace {

using Limits = std::vector<std::optional<double>>;
using Steps = std::vector<int>;
using Marks = std::vector<char>;

}  // namespace

TEST_CASE("critical operations: the critical path, and none where there is room") {
  // 0 (2 steps) -> 1 -> 3 and 2 -> 3: the path 0 1 3 takes four steps.
  gaus::GraphDescription g;
  g.add_operation({.latency = 2});
  for (int i = 0; i < 3; ++i) g.add_operation({});
  g.add_dependence(0, 1);
  g.add_dependence(1, 3);
  g.add_dependence(2, 3);
  auto const problem = gaus_test::host_problem(g, 9);
  CHECK(gaus::critical_operations(problem, Steps{0, 2, 0, 3}) == Marks{1, 1, 0, 1});
  CHECK(gaus::critical_operations(problem, Steps{0, 2, 2, 3}) == Marks{1, 1, 0, 1});
  CHECK(gaus::critical_operations(problem, Steps{1, 3, 1, 4}) == Marks{1, 1, 0, 1});
  CHECK(gaus::critical_operations(problem, Steps{0, 2, 0, 4}) == Marks{0, 0, 0, 0});
  CHECK(gaus::critical_operations(gaus_test::host_problem({}, 0), Steps{}).empty());
  CHECK_THROWS_AS(gaus::critical_operations(problem, Steps{0}), gaus::InvalidInput);
  CHECK_THROWS_AS(gaus::critical_operations(problem, Steps{0, 2, 0, 3}, Limits{1.0}),
                  gaus::InvalidInput);
}

TEST_CASE("critical operations: units that are handed on") {
  // Three independent operations of two steps on one unit, and one on another class.
  gaus::GraphDescription g;
  int const r = g.add_resource("r");
  int const other = g.add_resource("other");
  for (int i = 0; i < 4; ++i)
    g.add_demand(g.add_operation({.latency = 2, .occupancy = 2}), i < 3 ? r : other);
  auto const problem = gaus_test::host_problem(g, 12);
  Steps const packed{4, 0, 2, 2};
  CHECK(gaus::critical_operations(problem, packed, Limits{1.0, {}}) == Marks{1, 1, 1, 0});
  // Nobody waits for units of which there are enough, or none at all is limited.
  CHECK(gaus::critical_operations(problem, packed, Limits{2.0, {}}) == Marks{0, 0, 0, 0});
  CHECK(gaus::critical_operations(problem, packed) == Marks{0, 0, 0, 0});
  // A pause breaks the chain.
  CHECK(gaus::critical_operations(problem, Steps{5, 0, 2, 2}, Limits{1.0, {}}) ==
        Marks{0, 0, 0, 0});
}

TEST_CASE("critical operations: a unit that is handed on at each of many steps") {
  constexpr int n = 100000;
  gaus::GraphDescription g;
  int const r = g.add_resource("r");
  Steps start;
  for (int i = 0; i < n; ++i) {
    g.add_demand(g.add_operation({}), r);
    start.push_back(i);
  }
  auto const problem = gaus_test::host_problem(g, n);
  CHECK(gaus::critical_operations(problem, start, Limits{1.0}) == Marks(n, 1));
}

TEST_CASE("critical operations: a pipeline, along dependences that distances shorten") {
  gaus::GraphDescription g;
  for (int i = 0; i < 3; ++i) g.add_operation({.latency = 2});
  g.add_dependence(0, 1);
  g.add_dependence({.from = 1, .to = 2, .distance = 1});
  // At interval 3, 2 may start a step before 1 ends: at 2 + 2 - 3 = 1.
  auto const problem = gaus_test::host_problem(g, 9, 3);
  CHECK(gaus::critical_operations(problem, Steps{0, 2, 1}) == Marks{1, 1, 0});
  CHECK(gaus::critical_operations(problem, Steps{0, 3, 2}) == Marks{0, 0, 0});
}

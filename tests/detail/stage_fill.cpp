// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/detail/stage_fill.hpp>

#include <gaus/graph/builder.hpp>
#include <gaus/schedule/iterative_modulo.hpp>
#include <support/loops.hpp>
#include <doctest/doctest.h>
#include <vector>

namespace {

using Vector = std::vector<int>;

}  // namespace

TEST_CASE("stage fill: recurrences move by whole intervals, others start early") {
  // 0 -> {1 <-> 2} -> 3 -> 4, one unit for 1, 2 and 4; II 4.
  gaus::GraphDescription g;
  g.add_resource("unit", 1);
  for (int i = 0; i < 5; ++i) g.add_operation({.latency = i == 0 ? 6 : 1});
  for (int i = 1; i < 5; ++i) g.add_dependence(i - 1, i);
  g.add_dependence({.from = 2, .to = 1, .distance = 1});
  for (int const i : {1, 2, 4}) g.add_demand(i, 0);
  auto const graph = gaus::build_graph(g);
  gaus::detail::ModuloProblem<gaus::HostGraph> problem(graph, g.limits(), 4);
  auto const start =
      gaus::detail::fill_stages(problem.system, *problem.distances, problem.table, {1, 2}, {0, 2});
  // 1 waits for 0 to step 6: its slot 0 comes at 8. 3 at 11; 4 at 12 has slot 0, so 13.
  CHECK(start == Vector{0, 8, 10, 11, 13});
  CHECK(gaus_test::legal_loop(g, 4, start));
}

TEST_CASE("stage fill: no slot is left") {
  gaus::GraphDescription g;
  g.add_resource("unit", 1);
  for (int i = 0; i < 3; ++i) {
    g.add_operation({});
    g.add_demand(i, 0);
  }
  auto const graph = gaus::build_graph(g);
  gaus::detail::ModuloProblem<gaus::HostGraph> problem(graph, g.limits(), 2);
  CHECK(
      gaus::detail::fill_stages(problem.system, *problem.distances, problem.table, {}, {}).empty());
  gaus::detail::ModuloProblem<gaus::HostGraph> wider(graph, g.limits(), 3);
  auto const start =
      gaus::detail::fill_stages(wider.system, *wider.distances, wider.table, {2}, {0});
  CHECK(gaus_test::legal_loop(g, 3, start));
  CHECK(start[2] == 0);
}

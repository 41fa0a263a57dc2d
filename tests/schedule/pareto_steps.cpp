// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/schedule/pareto_steps.hpp>

#include <gaus/objective/peak_usage.hpp>
#include <gaus/schedule/pareto.hpp>
#include <support/schedules.hpp>

#include <doctest/doctest.h>
#include <Kokkos_Core.hpp>
#include <algorithm>

using namespace gaus_test;

TEST_CASE("pareto steps: independent operations, units against steps by hand") {
  gaus::GraphDescription g;
  g.add_resource("R");
  for (int i = 0; i < 6; ++i) g.add_demand(g.add_operation({}), 0);
  auto const c = make_case(g, 0);
  auto const front = gaus::pareto_over_steps(Kokkos::DefaultHostExecutionSpace(), c.host,
                                             gaus::PeakUsage{}, {.slack = 6, .iterations = 1200});
  // In s steps ceil(6 / s) units: 4 and 5 steps need no fewer than 3.
  REQUIRE(front.points.size() == 4);
  double const expected[4][2] = {{1, 6}, {2, 3}, {3, 2}, {6, 1}};
  for (std::size_t k = 0; k < 4; ++k) {
    CHECK(front.points[k].first == expected[k][0]);
    CHECK(front.points[k].second == expected[k][1]);
  }
}

// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/detail/open_interval.hpp>

#include <gaus/graph/builder.hpp>

#include <doctest/doctest.h>
#include <string>
#include <vector>

TEST_CASE("open interval: numbers as ranges") {
  using gaus::detail::number_ranges;
  CHECK(number_ranges({}).empty());
  CHECK(number_ranges({7}) == "7");
  CHECK(number_ranges({24, 25, 27}) == "24..25, 27");
  CHECK(number_ranges({1, 3, 4, 5}) == "1, 3..5");
}

TEST_CASE("open interval: length, the largest interval, what stands in the way") {
  gaus::GraphDescription g;
  int const port = g.add_resource("port", 1);
  g.add_operation({.latency = 2, .occupancy = 3}, "a");
  g.add_operation({.latency = 1}, "b");
  g.add_demand(0, port);
  g.add_dependence({.from = 0, .to = 1, .delay = -1});
  g.add_dependence({.from = 1, .to = 0, .distance = 1, .delay = 2});
  auto const graph = gaus::build_graph(g);
  CHECK(gaus::detail::length_of(graph, {1, 5}) == 6);
  CHECK(gaus::detail::length_of(graph, {4, 5}) == 7);
  CHECK(gaus::detail::largest_interval(graph, 3, 0) == 3 + 3 + 1 + 1 + 2);
  CHECK(gaus::detail::largest_interval(graph, 3, 5) == 5);
  auto const limits = g.limits();
  // 2 - 1 + 1 + 2 = 4 steps round the cycle.
  gaus::detail::OpenInterval<gaus::HostGraph> const none(graph, limits, 3);
  CHECK(none.obstacle(nullptr) == "At 3 dependences alone allow no schedule.");
  gaus::detail::OpenInterval<gaus::HostGraph> const some(graph, limits, 4);
  CHECK(some.obstacle(&g).find("the recurrence of 2 operations with 0 (a), 1 (b)") !=
        std::string::npos);
}
